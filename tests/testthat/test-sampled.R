# SPDX-License-Identifier: GPL-3.0-only
# Shares where all submodels are too many: sampled orders; lowest and highest by leaf tables.

wide <- local({
  set.seed(11)
  common <- rnorm(300)
  data <- as.data.frame(matrix(rnorm(300 * 40), 300) + 0.6 * common)
  names(data) <- paste0("x", 0:39)
  data$place <- factor(sample(c("north", "south", "west"), 300, TRUE))
  data$y <- data$x0 + data$x1 + data$x2 + 2 * rnorm(300) + (data$place == "west")
  data
})
some <- function(count) paste0("x", seq_len(count) - 1L)

test_that("past the exact limit shares are sampled and say so", {
  expect_warning(s <- shares(wide, "y", some(40)), "no intervals: the shares are sampled", class = "steelyard_warning")
  expect_identical(s$provenance$method, "sampled")
  expect_identical(s$provenance$mc_error, max(s$blocks$mc_error))
  expect_lte(s$provenance$mc_error, 0.001)
  expect_lt(abs(sum(s$blocks$share) - s$total), 1e-12)
  expect_true(all(is.na(s$blocks$std.error)) && all(is.na(s$blocks$lowest)))
  expect_identical(s$remarks$code, c("bounds_skipped", "sampled", "interval_skipped"))
  expect_true(sprintf("Sampled: %.0f orders of entry, seed 1.", s$provenance$orders) %in% format(s))
})

test_that("sampled shares agree with exact ones", {
  blocks <- list(some = ~ x0 + x1 + place, more = ~ x2 + x3, one = ~ x4)
  exact <- shares(wide, "y", blocks, interval = NULL)
  s <- shares(wide, "y", blocks, interval = NULL, method = "sampled", tolerance = 2e-4, seed = 4)
  expect_null(exact$blocks$mc_error)
  for (part in c("blocks", "terms")) {
    expect_true(all(abs(s[[part]]$share - exact[[part]]$share) <= 5 * s[[part]]$mc_error + 1e-12))
    expect_lt(max(abs(s[[part]]$alone - exact[[part]]$alone)), 1e-12)
    expect_lt(max(abs(s[[part]]$unique - exact[[part]]$unique)), 1e-12)
  }
})

test_that("an interval by name takes the same orders again", {
  few <- wide[1:100, ]
  s <- shares(few, "y", some(5), method = "sampled", interval = "jackknife", permutations = 1024)
  exact <- shares(few, "y", some(5), interval = "jackknife")
  expect_lt(max(abs(s$blocks$std.error / exact$blocks$std.error - 1)), 0.05)
})

test_that("bits do not depend on threads", {
  first <- shares(wide, "y", some(35), interval = NULL, threads = 1, tolerance = 3e-4)
  expect_identical(first$blocks, shares(wide, "y", some(35), interval = NULL, threads = 3, tolerance = 3e-4)$blocks)
})

test_that("what cannot be asked is refused", {
  ask <- function(...) shares(wide, "y", some(3), interval = NULL, ...)
  for (tolerance in c(0, -1, 1, NaN))
    expect_error(ask(method = "sampled", tolerance = tolerance), "^tolerance: ", class = "steelyard_error_invalid")
  for (permutations in c(99, 1.5))
    expect_error(ask(method = "sampled", permutations = permutations), "^permutations: ",
                 class = "steelyard_error_invalid")
  expect_error(ask(method = "guess"), "^method: ", class = "steelyard_error_invalid")
  expect_error(ask(method = "sampled", bounds = TRUE), "^bounds: ", class = "steelyard_error_limit")
})

test_that("bounds of twenty blocks hold alone, unique and share", {
  plain <- shares(wide, "y", some(20), interval = NULL)
  expect_true(all(is.na(plain$blocks$lowest)))
  s <- shares(wide, "y", some(20), interval = NULL, bounds = TRUE)
  for (metric in c("alone", "unique", "share")) {
    expect_true(all(s$blocks$lowest <= s$blocks[[metric]] + 1e-14))
    expect_true(all(s$blocks[[metric]] <= s$blocks$highest + 1e-14))
  }
})
