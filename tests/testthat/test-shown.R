# SPDX-License-Identifier: GPL-3.0-only
test_that("an error is shown in two digits, and none gives no decimals", {
  decimals <- function(x) .Call(steelyard:::C_shown_decimals, x)
  expect_identical(decimals(c(0.027, 0.0996, 12.3, 1e-12)), c(3L, 2L, 0L, 8L))
  expect_identical(decimals(c(NaN, 0, Inf, -0.1, NA)), rep(-1L, 5))
})
