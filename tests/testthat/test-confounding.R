# Confounding. Darfur with its villages as a factor of 486 levels: cases.csv and confounding.csv (sensemakr 0.1.6).
# Python runs the same (tests/python/test_confounding.py).
# SPDX-License-Identifier: GPL-3.0-only

reference <- function(...) {
  file <- test_path("..", "reference", ...)
  skip_if_not(file.exists(file), "tests/reference is not here")
  read.csv(file)
}
formula <- peacefactor ~ directlyharmed + age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female
villages <- NULL
fitted_darfur <- function() {
  if (is.null(villages)) villages <<- fit_linear(update(formula, . ~ . + factor(village)), reference("data", "darfur.csv"))
  villages
}
cars <- fit_linear(mpg ~ wt + hp + qsec, mtcars)

test_that("Darfur is as published", {
  c1 <- confounding(fitted_darfur(), "directlyharmed", benchmarks = "female")
  cases <- reference("cases.csv")
  cases <- cases[cases$case == "S24_darfur_sensemakr", ]
  r <- c1$robustness
  single <- list(estimate = r$estimate, se = r$std.error, t = r$statistic, dof = r$df, partial_r2 = r$partial_r2, f2 = r$f2,
                 rv_q = r$robustness_value, rv_qa = r$robustness_value_alpha)
  columns <- c(bound_r2dz = "r2_treatment", bound_r2yz = "r2_outcome", adj_estimate = "estimate", adj_se = "std.error",
               adj_t = "statistic")
  for (i in seq_len(nrow(cases))) {
    name <- cases$quantity[i]
    bare <- sub("\\[.*", "", name)
    found <- if (bare == name) single[[name]] else c1$bounds[[columns[[bare]]]][as.integer(gsub("[^0-9]", "", sub(".*\\[", "", name)))]
    expect_lt(abs(found / cases$expected[i] - 1), cases$tol_rel[i])
  }
  expect_identical(nrow(cases), 23L)
})

test_that("groups of terms and whole factors count together", {
  c1 <- confounding(fitted_darfur(), "directlyharmed", kd = 1, ky = 3, benchmarks = list(
    work = c("farmer_dar", "herder_dar"), person = ~ age + female + hhsize_darfur, village = "factor(village)"))
  expected <- reference("confounding.csv")
  value <- function(case, quantity) as.double(expected$expected[expected$case == case & expected$quantity == quantity])
  for (name in c("work", "person")) {
    row <- c1$bounds[c1$bounds$benchmark == name, ]
    expect_equal(c(row$r2_treatment, row$r2_outcome, row$estimate, row$statistic), vapply(
      c("r2_treatment", "r2_outcome", "estimate", "t"), function(q) value(paste("darfur", name, "1 3"), q), 0,
      USE.NAMES = FALSE), tolerance = 1e-9)
  }
  village <- c1$benchmarks[3L, ]
  expect_identical(village$columns, 485L)
  expect_equal(c(village$r2_treatment, village$r2_outcome),
               c(value("darfur village", "r2_treatment"), value("darfur village", "r2_outcome")), tolerance = 1e-9)
  expect_identical(c1$remarks$code, "boundary")
})

test_that("a printed t is enough", {
  c1 <- confounding(t = 4.184, df = 783)
  expect_equal(round(c(c1$robustness$robustness_value, c1$robustness$robustness_value_alpha), 4), c(0.1388, 0.0762))
  expect_match(c1$text, "13.9 % of what is left of both the term and the outcome", fixed = TRUE)
  expect_true(is.na(confounding_adjusted(c1, 0.1, 0.1)$estimate) && nrow(c1$bounds) == 0L)
  expect_identical(confounding_contours(c1, 3)$estimate[1L], 1)
  full <- confounding(t = 4.184, df = 783, estimate = 0.0973)
  expect_equal(full$robustness$std.error, 0.0973 / 4.184)
  expect_identical(nrow(confounding_adjusted(full, c(0.1, 0.2), 0.3)), 2L)
})

test_that("a clustered fit keeps the classical t and says so", {
  clustered <- suppressWarnings(fit_linear(mpg ~ wt + hp + qsec, mtcars, cluster = "carb", covariance = "CR1"))
  a <- confounding(cars, "wt", benchmarks = "hp")
  b <- confounding(clustered, "wt", benchmarks = "hp")
  expect_identical(a$robustness$robustness_value, b$robustness$robustness_value)
  expect_true(is.na(a$robustness$robustness_value_robust) && b$robustness$robustness_value_robust > 0)
  expect_match(b$text, "By the fit's own CR1 error")
  expect_output(print(b), "classical ones, whatever the fit's covariance")
  expect_equal(b$bounds$robust.std.error, b$bounds$std.error * clustered$std_error[["wt"]] / cars$std_error[["wt"]])
})

test_that("strengths that are needed do what they say", {
  c1 <- confounding(cars, "wt", q = 0.5, alpha = 0.1)
  e <- confounding_extreme(c1, c(1, 0.4))
  expect_equal(confounding_adjusted(c1, e$needed, e$r2_outcome)$remaining, c(0.5, 0.5))
  grid <- confounding_contours(c1, 4, limit = 0.3)
  one <- confounding_adjusted(c1, 0.3, 0.1)
  at <- abs(grid$r2_treatment - 0.3) < 1e-12 & abs(grid$r2_outcome - 0.1) < 1e-12
  expect_equal(grid$estimate[at], one$estimate)
  expect_equal(grid$statistic[at], one$statistic)
})

test_that("questions are checked", {
  expect_error(confounding(cars, "wtt"), "term: there is no wtt; the nearest name is wt", class = "steelyard_error_invalid")
  three <- fit_linear(mpg ~ wt + factor(cyl), mtcars)
  expect_error(confounding(three, "factor(cyl)"), "term: factor(cyl) has 2 columns; name one of them", fixed = TRUE)
  expect_error(confounding(cars), "term: name the term in question")
  expect_error(confounding(cars, "wt", "wt"), "benchmarks: wt holds wt, the term itself")
  expect_error(confounding(cars, "wt", list(none = character())), "benchmarks: \"none\" holds no term")
  expect_error(confounding(cars, "wt", kd = 1:2, ky = 1:3), "ky: 3 numbers were given for 2 of kd")
  expect_error(confounding(cars, "wt", t = 3), "t: a fit has its own")
  expect_error(confounding(cars, "wt", q = 0), "q: 0;")
  expect_error(confounding(t = 3), "df: give a fit and a term")
  expect_error(confounding(3, "x"), "fit: a result of fit_linear")
  expect_error(confounding(t = 2, df = 20, estimate = 3, std_error = 1), "t: 2 is not estimate over std_error, 3")
  expect_error(confounding(t = 2, df = 20, benchmarks = "x"), "benchmarks: they need a fit")
  expect_error(confounding_adjusted(confounding(cars, "wt"), 1, 0.5), "r2_treatment: 1; a strength from 0 to below 1")
  expect_error(confounding_contours(confounding(cars, "wt"), 3, limit = 1), "limit: 1 is not between 0 and 1")
})

test_that("E-values", {
  e <- e_value(3.9, 1.8, 8.7)
  expect_equal(round(c(e$e_value, e$e_value_limit), 2), c(7.26, 3))
  expect_equal(e_value(0.25, measure = "difference", std_error = 0.08)$e_value_limit, 1.39981789, tolerance = 1e-8)
  expect_identical(e_value(3.9, true = 3.9)$e_value, 1)
  expect_error(e_value(3, measure = "or"), "measure: \"or\" is not one of")
  expect_error(e_value(3.9, 4, 8), "low: 4 is above the estimate, 3.9")
})

test_that("Oster's delta from a fit and from print", {
  a <- oster(cars, "wt", r_max = 0.9)
  expect_lt(abs(a$delta_star - 1.151136), 5e-7) # robomit 1.0.7, six decimals
  expect_lt(abs(a$beta_star + 2.000185), 5e-7)
  short <- fit_linear(mpg ~ wt, mtcars)
  left <- fit_linear(wt ~ hp + qsec, mtcars)
  b <- oster(estimate_short = short$coefficients[["wt"]], r2_short = short$r2, estimate = cars$coefficients[["wt"]],
             r2 = cars$r2, var_outcome = short$tss, var_treatment = left$tss, var_left = left$rss, r_max = 0.9)
  expect_equal(b$delta_star, a$delta_star, tolerance = 1e-10)
  kept <- oster(cars, "wt", kept = "hp", r_max = 0.9)
  expect_equal(kept$estimate_short, fit_linear(mpg ~ wt + hp, mtcars)$coefficients[["wt"]])
  expect_error(oster(cars, "wt", r_max = 0.5), "r_max: 0.5;")
  expect_error(oster(estimate_short = 1), "r2_short: give a fit and a term, or all of")
  expect_error(oster(cars, "wt", kept = "wt"), "kept: wt is the term itself")
})

test_that("the picture has the bounds", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  c1 <- confounding(cars, "wt", benchmarks = c("hp", "qsec"), kd = 1:2)
  for (kind in c("estimate", "t")) {
    drawn <- plot(c1, kind)
    expect_equal(drawn$name[drawn$part == "benchmark"], c("1 x qsec", "2 x qsec")) # hp tells too much of wt
  }
  plot(confounding(t = 3, df = 50))
  expect_error(plot(c1, "x"), "kind: \"x\" is not one of")
})
