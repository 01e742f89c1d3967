# A planted hidden cause: unadjusted, adjusted and bounded slopes land where theory says.
# Python runs the same (tests/python/test_planted.py).
# SPDX-License-Identifier: GPL-3.0-only

seen <- hidden_outcome ~ hidden_funding + hidden_process + need + payment_type
whole <- update(seen, . ~ . + hidden_powerfulness)
partial_r2 <- function(fit, term) {
  row <- as.data.frame(fit)
  row <- row[row$term == term, ]
  row$statistic^2 / (row$statistic^2 + fit$df_resid)
}

test_that("a planted cause is found by adjusting and by bounds", {
  people <- simulate_poet(3, people = 30000, councils = 150, hidden = TRUE, amount_missing = "none", strengths = list(
    powerfulness_payment = 0.3, powerfulness_funding = 0.3, powerfulness_process = 0.2, powerfulness_outcome = 0.3))
  truth <- attr(people, "truth")
  planted <- truth$value[truth$name == "funding_outcome"]
  people <- as.data.frame(people)
  without <- fit_linear(seen, people)
  with <- fit_linear(whole, people)
  error <- fit_linear(whole, people, cluster = "council")$std_error[["hidden_funding"]]
  expect_lt(abs(coef(with)[["hidden_funding"]] - planted), 4 * error)
  expect_gt(coef(without)[["hidden_funding"]], planted + 8 * without$std_error[["hidden_funding"]])
  money <- fit_linear(hidden_funding ~ hidden_process + need + payment_type + hidden_powerfulness, people)
  strengths <- c(partial_r2(money, "hidden_powerfulness"), partial_r2(with, "hidden_powerfulness"))
  bounded <- confounding(without, "hidden_funding")
  # algebra, to the rounding of 30,000 rows
  expect_equal(confounding_adjusted(bounded, strengths[1L], strengths[2L])$estimate, coef(with)[["hidden_funding"]],
               tolerance = 1e-9)
  expect_lt(max(strengths), bounded$robustness$robustness_value)
})
