# fit_binary and fit_count: estimates, tests, effects, prints, refusals. Numbers are of R
# 4.2.2's glm (run on to the last digit) and MASS 7.3's glm.nb; Python runs the same.
# SPDX-License-Identifier: GPL-3.0-only

cars <- mtcars
looms <- warpbreaks
manual <- fit_binary(am ~ wt + factor(cyl), cars)
breaks <- fit_count(breaks ~ wool * tension, looms)
people <- local({
  i <- 0:599
  data.frame(a = sqrt((i * 7) %% 101 + 1) - 5, b = i %% 17 * 0.5, kind = factor(c("own", "managed", "direct")[i %% 3 + 1]),
             count = 1 + i %% 3, weight = 1 + i %% 4 / 2, region = sprintf("r%02d", (i * i) %% 23))
})
people$hit <- people$a + 0.3 * people$b + 3 * sin(seq_len(600)) > 1

test_that("a logit is right by hand", {
  # two groups of 10 with 2 and 5 events: log odds log(2/8) and log(5/5)
  data <- data.frame(y = rep(c(1, 0, 1, 0), c(2, 8, 5, 5)), g = rep(0:1, each = 10))
  fit <- fit_binary(y ~ g, data)
  expect_equal(unname(coef(fit)), c(log(0.25), log(4)), tolerance = 1e-13)
  expect_equal(unname(fit$std_error), sqrt(c(1 / 2 + 1 / 8, 1 / 2 + 1 / 8 + 2 / 5)), tolerance = 1e-12)
  expect_equal(risk_ratios(fit, "g")$contrast, "+1")
  between <- risk_ratios(fit, "g", change = list(g = c(0, 1)))
  expect_equal(unlist(between[c("before", "after", "ratio", "difference")], use.names = FALSE), c(0.2, 0.5, 2.5, 0.3),
               tolerance = 1e-12)
  expect_equal(odds_ratios(fit)$ratio, 4, tolerance = 1e-12)
  truth <- effects(fit_binary(y ~ g, transform(data, g = g == 1)))
  expect_equal(truth$contrast, "1 - 0")
  expect_equal(truth$estimate, 0.3, tolerance = 1e-12)
})

test_that("a logit is glm's", {
  expect_equal(coef(manual), c(`(Intercept)` = 20.8527831377274886, wt = -7.8593426370056285, `cyl[6]` = 3.1046264320824042,
                               `cyl[8]` = 5.3794209245255757), tolerance = 1e-10)
  expect_equal(unname(manual$std_error), c(8.0318641471495269, 3.0550167624096876, 2.4248499994850903, 3.2006576056559477),
               tolerance = 1e-9)
  expect_equal(manual$loglik, -7.3305297268114806, tolerance = 1e-12)
  expect_true(manual$converged && manual$last_step < 1e-10)
  other <- glm(am ~ wt + factor(cyl), binomial, cars, control = glm.control(1e-15, 100))
  expect_equal(unname(residuals(manual, "deviance")), unname(residuals(other, "deviance")), tolerance = 1e-8)
  expect_equal(unname(residuals(manual, "pearson")), unname(residuals(other, "pearson")), tolerance = 1e-8)
  expect_equal(unname(residuals(manual)), unname(residuals(other, "response")), tolerance = 1e-8)
  expect_equal(unname(fitted(manual)), unname(fitted(other)), tolerance = 1e-8)
  expect_equal(AIC(manual), AIC(other), tolerance = 1e-11)
  expect_equal(BIC(manual), BIC(other), tolerance = 1e-11)
  expect_equal(deviance(manual), deviance(other), tolerance = 1e-11)
  expect_equal(attr(logLik(manual), "df"), 4)
  expect_equal(names(fitted(manual)), rownames(cars))
})

test_that("predictions are glm's", {
  new <- data.frame(wt = c(2.5, 3), cyl = c(4, 8))
  linear <- predict(manual, new, "linear", interval = "confidence")
  expect_equal(unname(linear[, "fit"]), c(1.2044265452134191, 2.6541761512361788), tolerance = 1e-9)
  expect_equal(unname(linear[, "std.error"]), c(1.4470139131408715, 1.7302668310121181), tolerance = 1e-8)
  mean <- predict(manual, new, interval = "confidence")
  expect_equal(mean[, c("fit", "lwr", "upr")], plogis(linear[, c("fit", "lwr", "upr")]), tolerance = 1e-12)
  expect_equal(colnames(predict(manual, new, "probabilities")), c("0", "1"))
  expect_equal(as.character(predict(manual, new, "category")), c("1", "1"))
  expect_equal(unname(predict(manual, cars)), unname(fitted(manual)), tolerance = 1e-13)
})

test_that("trials are rows of single answers", {
  grouped <- aggregate(cbind(am, n = 1) ~ cyl, cars, sum)
  fit <- fit_binary(am ~ factor(cyl), grouped, trials = "n")
  single <- fit_binary(am ~ factor(cyl), cars)
  expect_equal(coef(fit), coef(single), tolerance = 1e-10)
  expect_equal(fit$std_error, single$std_error, tolerance = 1e-9)
  expect_equal(format(fit)[2L], "Successes: am, of n")
  expect_identical(coef(fit_binary(am ~ factor(cyl), grouped, trials = ~n)), coef(fit))
  expect_identical(coef(fit_binary(am ~ factor(cyl), grouped, trials = grouped$n)), coef(fit))
})

# model: "incidence ~ period; trials size; logit"; factors in the order in which their levels come
of_reference <- function(family, name, model) {
  rows <- read.csv(test_path("..", "reference", "data", paste0(name, ".csv")))
  for (column in intersect(c("Sat", "Infl", "Type", "Cont", "herd", "period", "Eth", "Sex", "Age", "Lrn", "District",
                             "Group"), names(rows)))
    rows[[column]] <- factor(rows[[column]], unique(rows[[column]]))
  parts <- strsplit(model, "; ", fixed = TRUE)[[1L]]
  options <- list()
  for (part in parts[-1L]) {
    kind <- sub(" .*", "", part)
    column <- sub("^[a-z]+ ?", "", part)
    if (kind %in% c("frequency", "analytic")) options[c("weights", "weight_kind")] <- c(column, kind)
    else if (nzchar(column)) options[[kind]] <- column
    else options$link <- kind
  }
  if (family != "binary") options$family <- family
  do.call(if (family == "binary") fit_binary else fit_count, c(list(as.formula(parts[1L]), rows), options))
}

test_that("fits are glm's to the last of its digits", {
  skip_if_not(file.exists(test_path("..", "reference", "glm.csv")), "tests/reference is not here")
  lines <- read.csv(test_path("..", "reference", "glm.csv"))
  for (case in unique(lines$case)) {
    own <- lines[lines$case == case, ]
    fit <- of_reference(own$family[1L], own$data[1L], own$model[1L])
    expect_equal(sum(startsWith(own$quantity, "coef")), length(coef(fit)))
    for (i in seq_len(nrow(own))) {
      kind <- sub("\\[.*", "", own$quantity[i])
      place <- as.integer(sub(".*\\[(.*)\\]", "\\1", own$quantity[i][grepl("[", own$quantity[i], fixed = TRUE)]))
      found <- switch(kind, coef = coef(fit)[[place]], se = fit$std_error[[place]], fit$summary[[kind]])
      expect_lte(abs(found - own$expected[i]), own$tol_rel[i] * abs(own$expected[i]), label = paste(case, own$quantity[i]))
    }
  }
})

test_that("the second level is the event", {
  named <- transform(cars, gears = ifelse(am == 1, "manual", "automatic"))
  fit <- fit_binary(factor(gears) ~ wt, named)
  plain <- fit_binary(am ~ wt, cars)
  expect_identical(coef(fit), coef(plain))
  expect_equal(format(fit)[1:2], c("Binary model of factor(gears): wt, logit link, 32 rows",
                                   "Event: factor(gears) = manual"))
  turned <- transform(named, gears = factor(gears, c("manual", "automatic")))
  expect_equal(coef(fit_binary(gears ~ wt, turned)), -coef(fit), tolerance = 1e-9)
  expect_identical(coef(fit_binary(am ~ wt, transform(cars, am = am == 1))), coef(plain))
})

test_that("counts are glm's and MASS's", {
  expect_equal(unname(coef(breaks)), c(3.79673684997035021, -0.45662716028803302, -0.61868301962240468, -0.59579872578881654,
                                       0.63817681430340589, 0.18836317369335337), tolerance = 1e-10)
  expect_equal(c(breaks$loglik, breaks$deviance, breaks$pearson), c(-228.48460447067527, 182.30513128584676,
                                                                    180.66630380779645), tolerance = 1e-11)
  expect_true("Deviance 182.305, Pearson 180.666, 48 degrees of freedom." %in% format(breaks))
  fit <- fit_count(breaks ~ wool * tension, looms, family = "negative_binomial")
  expect_equal(c(fit$theta, fit$loglik), c(12.082164620640466, -195.56239921803598), tolerance = 1e-8)
  expect_match(format(fit)[2L], "^Theta 12.1 \\(std error 3.3\\)")
  expect_equal(sum(residuals(breaks, "deviance")^2), breaks$deviance, tolerance = 1e-12)
})

test_that("an offset is a coefficient of one", {
  shifted <- transform(looms, yards = log(1:54))
  fit <- fit_count(breaks ~ wool, shifted, offset = "yards")
  rate <- predict(fit, transform(shifted, yards = 0))
  expect_equal(unname(predict(fit, shifted)), unname(rate) * 1:54, tolerance = 1e-12)
  expect_match(format(fit)[1L], ", offset yards, 54 rows")
  expect_error(predict(fit, looms), "newdata: there is no yards", class = "steelyard_error_invalid")
  expect_equal(rate_ratios(fit)$ratio, unname(exp(coef(fit)[-1L])), tolerance = 1e-14)
})

test_that("frequency weights are repeated rows", {
  counted <- fit_binary(hit ~ a + kind, people, weights = "count", weight_kind = "frequency")
  repeated <- fit_binary(hit ~ a + kind, people[rep(seq_len(600), people$count), ])
  expect_equal(coef(counted), coef(repeated), tolerance = 1e-10)
  expect_equal(counted$std_error, repeated$std_error, tolerance = 1e-10)
  expect_equal(explained(counted)$value, explained(repeated)$value, tolerance = 1e-9)
  expect_equal(effects(counted)$std.error, effects(repeated)$std.error, tolerance = 1e-9)
})

test_that("defaults of the covariance follow the rows", {
  expect_equal(fit_binary(hit ~ a, people)$covariance, "classical")
  expect_equal(fit_binary(hit ~ a, people, weights = "weight", weight_kind = "sampling")$covariance, "HC1")
  clustered <- fit_binary(hit ~ a + b, people, cluster = "region")
  expect_equal(clustered$covariance, "CR2")
  joint <- linear_contrasts(clustered, list(a = c(a = 1), b = c(b = 1)))
  expect_equal(joint$statistic, unname((coef(clustered) / clustered$std_error)[c("a", "b")]), tolerance = 1e-12)
  expect_match(capture.output(print(joint))[1L], "^Contrasts of the binary model of hit, 600 rows")
  expect_true(all(effects(clustered)$df == min(clustered$df)))
})

test_that("a cluster a row is a sandwich", {
  expect_warning(rows <- fit_binary(am ~ wt, cars, cluster = 1:32, covariance = "CR0"), "32 clusters",
                 class = "steelyard_warning")
  expect_equal(rows$std_error, fit_binary(am ~ wt, cars, covariance = "HC0")$std_error, tolerance = 1e-10)
  expect_true(all(rows$df == 31))
})

test_that("tests agree about one coefficient", {
  of <- function(test) anova(manual, test = test)$statistic[1L]
  expect_equal(of("wald"), unname((coef(manual) / manual$std_error)["wt"]^2), tolerance = 1e-10)
  expect_true(of("wald") < of("score") && of("score") < of("lr"))
  other <- glm(am ~ wt + factor(cyl), binomial, cars, control = glm.control(1e-15, 100))
  expect_equal(anova(manual)$statistic, drop1(other, test = "LRT")$LRT[-1L], tolerance = 1e-10)
  expect_equal(anova(manual, test = "score")$statistic, drop1(other, test = "Rao")$`Rao score`[-1L], tolerance = 1e-8)
})

test_that("a separating column is named", {
  expect_warning(fit <- fit_binary(am ~ heavy, transform(cars, heavy = as.double(am == 0))), "heavy",
                 class = "steelyard_warning")
  expect_true(fit$separated && "separated" %in% fit$remarks$code)
})

test_that("fits are saved, and broom's verbs know them", {
  path <- tempfile(fileext = ".rds")
  on.exit(unlink(path))
  saveRDS(manual, path)
  again <- readRDS(path)
  expect_equal(format(again), format(manual))
  expect_identical(predict(again, cars), predict(manual, cars))
  expect_named(as.data.frame(manual), c("term", "estimate", "std.error", "statistic", "df", "p.value", "conf.low",
                                        "conf.high"))
  skip_if_not_installed("generics")
  expect_named(generics::glance(manual), c("logLik", "logLik.null", "AIC", "BIC", "deviance", "df.residual", "statistic",
                                           "df", "p.value", "nobs"))
  expect_equal(generics::tidy(manual), as.data.frame(manual))
  expect_equal(generics::augment(manual)$.fitted, unname(fitted(manual)))
})

test_that("missing values are left out and said", {
  holes <- cars
  holes$wt[1:3] <- NA
  fit <- fit_binary(am ~ wt, holes)
  expect_true("Rows: 32 read, 29 used, 3 dropped for missing values." %in% format(fit))
  expect_equal(unname(is.na(fitted(fit))[1:4]), c(TRUE, TRUE, TRUE, FALSE))
  expect_error(fit_binary(am ~ wt, holes, missing = "error"), "missing", class = "steelyard_error_data")
})

refuses <- function(call, text, kind = "invalid") {
  error <- tryCatch(call, error = identity)
  expect_s3_class(error, paste0("steelyard_error_", kind))
  expect_match(conditionMessage(error), text, fixed = TRUE)
}

test_that("what cannot be fitted is refused", {
  data <- transform(cars, one = 1, minus = -carb, name = "car", kind = factor(gear))
  data$name <- "car"
  refuses(fit_binary(gear ~ wt, data), "gear", "data")
  refuses(fit_binary(name ~ wt, data), "formula: column \"name\" holds text; write factor(name)")
  refuses(fit_binary(factor(gear) ~ wt, data), "factor(gear)", "data")
  refuses(fit_binary(one ~ wt, data), "one", "data")
  refuses(fit_binary(am ~ wt, data, link = "log"), "link: \"log\" is not one of \"logit\", \"probit\", \"cloglog\"")
  refuses(fit_binary(factor(am) ~ wt, data, trials = "gear"),
          "formula: the outcome factor(am) is a factor; successes are numbers")
  refuses(fit_binary(carb ~ wt, data, trials = "am"), "a", "data")
  refuses(fit_binary(am ~ wt, data, trials = 1:2), "trials: a vector of 2 values was given for 32 rows")
  refuses(fit_binary(am ~ wt, data, offset = "kind"), "offset: column \"kind\" is a factor; numbers are needed")
  refuses(fit_binary(am ~ am, data), "formula: am is both the outcome and a term")
  refuses(fit_binary(am ~ wt, data, weights = "carb"), "weight_kind: weights need their kind")
  refuses(fit_binary(am ~ wt, data, covariance = "CR2"), "covariance: \"CR2\" needs clusters")
  refuses(fit_binary(am ~ wt, data, covariance = "HC3"), "covariance: \"HC3\" is not one of")
  refuses(fit_binary(am ~ wt, data, cluster = "one"), "one", "data")
  refuses(fit_binary(am ~ wt, data, level = 1), "level: 1 is not between 0 and 1")
  refuses(fit_count(carb ~ wt, data, family = "gamma"), "family: \"gamma\" is not one of \"poisson\"")
  refuses(fit_count(wt ~ am, data), "wt", "data")
  refuses(fit_count(minus ~ am, data), "minus", "data")
  refuses(fit_count(factor(carb) ~ am, data), "formula: the outcome factor(carb) is a factor; counts are whole")
  refuses(fit_binary(am ~ wt, moments(data, c("am", "wt"))), "data: a data frame is needed, this model has no moments")
})

test_that("questions of another model are refused", {
  refuses(effects(manual, at_least = "1"), "at_least: only ordinal outcomes")
  refuses(effects(manual, kind = "cumulative"), "kind: \"cumulative\" is not one of \"response\"")
  refuses(effects(manual, at = list(weight = 3)), "at: there is no weight")
  refuses(effects(manual, change = list(wt = "more")), "change: more is not a step or c(from, to)")
  refuses(residuals(manual, "probability"), "kind: \"probability\" is not one of \"response\", \"pearson\"")
  refuses(predict(breaks, kind = "probabilities"), "kind: \"probabilities\" is not one of \"response\", \"linear\"")
  refuses(predict(manual, interval = "prediction"), "interval: \"prediction\" is not one of \"none\", \"confidence\"")
  refuses(plot(manual, "residuals"), "kind: \"residuals\" is not one of \"coefficients\", \"effects\"")
  refuses(odds_ratios(breaks), "fit: a count has no odds; ask for rate_ratios()")
  refuses(rate_ratios(manual), "fit: only counts have rates; ask for odds_ratios()")
  refuses(proportional(manual), "fit: a result of fit_ordinal() is needed, not a binary model")
  refuses(vif(manual), "fit: a result of fit_linear() is needed")
})

test_that("effects at values and means differ", {
  held <- effects(manual, "wt", at = list(cyl = 4))$estimate
  means <- effects(manual, "wt", at_means = TRUE)$estimate
  expect_length(unique(c(held, means, effects(manual, "wt")$estimate)), 3L)
  stepped <- effects(manual, "wt", change = list(wt = 1))
  expect_equal(stepped$contrast, "+1")
  expect_equal(stepped$estimate, risk_ratios(manual, "wt")$difference, tolerance = 1e-12)
})

test_that("drawings are drawn", {
  pdf(NULL)
  on.exit(dev.off())
  expect_equal(plot(manual)$name, c("wt", "cyl[6]", "cyl[8]"))
  expect_equal(plot(manual, "effects")$name, c("wt: slope", "cyl: 6 - 4", "cyl: 8 - 4"))
  expect_equal(nrow(plot(manual, "probabilities")), 21L)
  expect_equal(plot(manual, "probabilities", "cyl")$value, c("4", "6", "8"))
})
