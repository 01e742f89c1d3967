# SPDX-License-Identifier: GPL-3.0-only
# The package as installed: how long it takes to load, what it cites.

test_that("library() takes less than three tenths of a second", {
  script <- 'start <- sum(proc.time()[1:2]); library(steelyard); cat(sum(proc.time()[1:2]) - start)'
  run <- function(i) {
    said <- system2(file.path(R.home("bin"), "Rscript"), c("-e", shQuote(script)), stdout = TRUE)
    as.numeric(said[length(said)])
  }
  # some .07; processor time, so that a busy machine does not decide
  expect_lt(min(vapply(1:3, run, 0)), 0.3)
})

test_that("coef of a fit's summary is the table of coefficients", {
  fit <- fit_linear(Fertility ~ Examination, load_dataset("swiss_1888"))
  expect_identical(coef(summary(fit)), summary(fit)$coefficients)
  expect_identical(rownames(coef(summary(fit))), names(coef(fit)))
})
