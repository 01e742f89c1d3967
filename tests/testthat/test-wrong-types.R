# SPDX-License-Identifier: GPL-3.0-only
# An argument of a kind that nobody meant is refused by its name, whatever it is.
wide <- function() {
  set.seed(1)
  data <- data.frame(x = rnorm(80), z = rnorm(80), t = rep(0:1, 40))
  data$y <- data$x + data$z + rnorm(80)
  data$b <- as.integer(data$y > 0)
  data
}
split_of <- list(funding = "x", process = "z")
refuses <- function(argument, call) {
  expect_error(call, paste0("^", argument, ": "), class = "steelyard_error")
}

test_that("what is neither TRUE nor FALSE is refused", {
  data <- wide()
  for (value in list(NULL, NA, "yes", 1, c(TRUE, FALSE), Sys.Date())) {
    refuses("areas", weigh(data, "y", split_of, areas = value))
    refuses("adjusted", risk_ratio_from_odds(3, 0.5, 0.4, adjusted = value))
    refuses("at_most", r2_interval(0.07, 1114, at_most = value))
    refuses("trend", counts_by_chance(c(6, 9), of = c(9, 14), trend = value))
    refuses("hidden", simulate_poet(1, hidden = value))
    if (!is.character(value)) refuses("one_source", weigh(data, "y", split_of, one_source = value))
  }
})

test_that("functions, environments, calls and lists are no names", {
  data <- wide()
  s <- shares(data, "y", split_of, interval = NULL)
  for (value in list(sum, new.env(), list(), NA_character_)) {
    refuses("first", gap(data, "y", "t", "x", first = value))
    refuses("treated", balance(data, "t", "x", treated = value))
    refuses("term", confounding(t = 4.184, df = 783, term = value))
  }
  for (value in list(NULL, sum, Sys.Date(), list("x", "z"))) {
    refuses("first", share_flip(s, first = value))
    refuses("second", reliability_to_flip(s, second = value))
  }
  for (value in list(~x, quote(a), NA, list(a = NULL), Sys.Date())) {
    refuses("benchmarks", share_flip(s, benchmarks = value))
    refuses("source", shared_source_to_flip(s, source = value))
  }
  refuses("outcome_type", weigh(data, "y", split_of, outcome_type = new.env()))
  refuses("interactions", mediation(data, "y", "t", split_of, interactions = sum))
})
