# Mediation: by hand, planted truth, print, refusals; numbers are those of Python.
# SPDX-License-Identifier: GPL-3.0-only

people <- simulate_poet(seed = 4, people = 2000, councils = 60, hidden = TRUE, strengths = c(direct_outcome = 0.1))
people$direct <- people$payment_type == "direct_payment"
ask <- function(d = people, outcome = "hidden_outcome", ...) {
  mediation(d, outcome, "direct", list(funding = ~ hidden_funding, process = ~ hidden_process), confounders = ~ need,
            cluster = "council", ...)
}
estimates <- function(m) stats::setNames(m$effects$estimate, m$effects$part)

test_that("eight rows by hand", {
  # y = 1 + 2 t + 3 m + 4 v + t m / 2 + m v / 4 exactly; see tests/core/test_mediation.c
  d <- data.frame(t = rep(0:1, each = 4), m = c(0, 1, 0, 1, 1, 3, 1, 3), v = c(0, 0, 1, 1, 2, 2, 4, 6))
  d$y <- with(d, 1 + 2 * t + 3 * m + 4 * v + t * m / 2 + m * v / 4)
  m <- mediation(d, "y", "t", list(m = ~ m, v = ~ v), interval = NULL)
  expect_equal(unname(estimates(m)), c(2.25, 5.4375, 13.5, 0.125, 21.3125, 21.3125), tolerance = 1e-12)
  expect_equal(m$means$mean, c(4.5625, 25.875), tolerance = 1e-12)
  expect_null(m$covariance)
})

test_that("planted truth is within the limits, parts add", {
  m <- ask()
  e <- m$effects
  expect_identical(e$part, c("direct", "through funding", "through process", "mutual dependence", "total",
                             "without mediators"))
  truth <- attr(people, "truth")
  truth <- stats::setNames(truth$value, truth$name)
  planted <- truth[c("direct_outcome", "direct_by_funding", "direct_by_process")]
  expect_true(all(abs(e$estimate[1:3] - planted) < 3 * e$std.error[1:3]))
  expect_equal(sum(e$estimate[1:4]), e$estimate[5], tolerance = 1e-12)
  joint <- ask(effects = "natural_joint")
  expect_equal(joint$effects$estimate[2], sum(e$estimate[2:4]), tolerance = 1e-12)
  expect_match(joint$assumptions, "cross-world", all = FALSE)
  expect_equal(dimnames(m$covariance)[[1L]], e$part)
})

test_that("without products the total is one regression's", {
  m <- ask(interactions = FALSE)
  fit <- fit_linear(hidden_outcome ~ direct + need, people)
  expect_equal(estimates(m)[["total"]], coef(fit)[["direct"]], tolerance = 1e-10)
})

test_that("ordered answers have parts each", {
  m <- ask(outcome = "quality_of_life", draws = 5, interval = "none")
  expect_identical(unique(m$effects$answer), levels(people$quality_of_life))
  expect_equal(as.vector(tapply(m$effects$estimate, m$effects$part, sum)), rep(0, 5), tolerance = 1e-12)
  expect_output(print(m), "quality_of_life: a lot better", fixed = TRUE)
})

test_that("print says what is taken for granted", {
  i <- 0:11
  d <- data.frame(t = i %% 2, f = i %% 2 + (i * 7) %% 5, q = (i * i) %% 7 + 0.5 * (i %% 2))
  d$y <- d$t + 0.5 * d$f + d$q + (i * 3) %% 4
  m <- mediation(d, "y", "t", list(money = ~ f, care = ~ q))
  text <- format(m)
  expect_identical(text[1:3], c("Mediation of t (0 to 1) and y, 12 rows",
                                "Interventional effects through money (f); care (q).", "Confounders: none."))
  expect_true("Limits (95 %): jackknife over 12 rows, t with 11 degrees of freedom." %in% text)
  expect_true("- Nothing moves both t and y (no confounders are given)." %in% text)
  expect_output(print(summary(m)), "covariance")
  expect_identical(as.data.frame(m), m$effects)
})

test_that("it can be drawn", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  m <- ask()
  expect_equal(plot(m)$estimate, m$effects$estimate[m$effects$part != "without mediators"])
})

test_that("bad arguments are named", {
  expect_error(ask(effects = "natural"), "effects: \"natural\" is not one of", fixed = TRUE,
               class = "steelyard_error_invalid")
  expect_error(ask(interactions = "all"), "interactions: all is not one of TRUE, FALSE", fixed = TRUE)
  expect_error(ask(interval = "bca"), "interval: mediation has \"auto\"", fixed = TRUE)
  expect_error(ask(contrast = c(0, 0)), "contrast: direct is compared with itself at 0", fixed = TRUE)
  expect_error(mediation(people, "need", "payment_type", list(a = ~ hidden_funding)),
               "treatment: payment_type has 3 levels with rows (direct_payment: ", fixed = TRUE)
  expect_error(mediation(people, "need", "direct", "hidden_funding"), "mediators: a named list is needed", fixed = TRUE)
  expect_error(mediation(people, "hidden_outcome", "direct", list(a = ~ need), confounders = ~ need),
               "confounders: need is there twice", fixed = TRUE)
  expect_error(ask(transform(people, same = 1), "same"), "outcome: same is the same in all rows",
               class = "steelyard_error_data")
})
