# Fits against lm, which nobody here wrote, and what R's generics give.
# SPDX-License-Identifier: GPL-3.0-only

data <- transform(mtcars, g = factor(rep_len(c("a", "b", "c"), 32)), w = rep_len(1:4, 32),
                  council = rep_len(sprintf("c%02d", 1:8), 32))
models <- list(mpg ~ wt + hp, mpg ~ wt * g, mpg ~ I(wt^2) + factor(cyl), mpg ~ wt + hp - 1, mpg ~ 1, mpg ~ g - 1,
               log(mpg) ~ sqrt(disp) + am)

# Doubles of lm lose digits by their own QR: 1e-10 relative to the largest.
expect_near <- function(found, wanted, tolerance = 1e-10, ...)
  expect_equal(unname(c(found)), unname(c(wanted)), tolerance = tolerance, ...)

test_that("coefficients, covariance and sums are lm's", {
  for (f in models) {
    ours <- fit_linear(f, data)
    theirs <- lm(f, data)
    s <- summary(theirs)
    expect_near(sort(coef(ours)), sort(coef(theirs)))
    expect_near(sort(diag(vcov(ours))), sort(diag(vcov(theirs))))
    expect_near(c(ours$sigma, ours$r2, ours$r2_adjusted, ours$rss, df.residual(ours)),
                c(s$sigma, s$r.squared, s$adj.r.squared, deviance(theirs), df.residual(theirs)))
    if (!is.null(s$fstatistic)) expect_near(c(ours$f, ours$f_df1), s$fstatistic[1:2])
    expect_near(as.numeric(logLik(ours)), as.numeric(logLik(theirs)))
    expect_near(c(AIC(ours), BIC(ours)), c(AIC(theirs), BIC(theirs)))
    expect_near(residuals(ours), residuals(theirs), 1e-9)
    expect_equal(names(residuals(ours)), row.names(data))
  }
})

test_that("R's generics give what their names say", {
  fit <- fit_linear(mpg ~ wt + g, data)
  twin <- lm(mpg ~ wt + g, data)
  expect_s3_class(fit, "steelyard_linear")
  expect_near(confint(fit), confint(twin))
  expect_equal(colnames(confint(fit)), colnames(confint(twin)))
  expect_near(confint(fit, "wt", level = 0.9), confint(twin, "wt", level = 0.9))
  expect_near(confint(fit, 2), confint(twin, 2))
  expect_near(deviance(fit), deviance(twin))
  expect_equal(nobs(fit), 32)
  expect_equal(attributes(logLik(fit))[c("df", "nobs")], list(df = 5, nobs = 32))
  expect_equal(formula(fit), mpg ~ wt + g, ignore_formula_env = TRUE)
  expect_near(summary(fit)$coefficients[, c("estimate", "std.error", "statistic", "p.value")],
              summary(twin)$coefficients)
  expect_equal(AIC(fit, twin)$AIC, c(AIC(twin), AIC(twin)), tolerance = 1e-10)
})

test_that("frames bear broom's names and numbers", {
  skip_if_not_installed("generics")
  fit <- fit_linear(mpg ~ wt + hp, data)
  tidied <- generics::tidy(fit)
  expect_equal(names(tidied), c("term", "estimate", "std.error", "statistic", "df", "p.value", "conf.low", "conf.high"))
  expect_equal(tidied, as.data.frame(fit))
  expect_equal(nrow(generics::glance(fit)), 1L)
  twin <- lm(mpg ~ wt + hp, data)
  s <- summary(twin)
  expect_near(as.matrix(tidied[c("estimate", "std.error", "statistic", "p.value")]), s$coefficients)
  expect_near(as.matrix(tidied[c("conf.low", "conf.high")]), confint(twin))
  expect_equal(names(generics::tidy(fit, conf.int = FALSE)), names(tidied)[1:6])
  expect_near(as.matrix(generics::tidy(fit, conf.level = 0.9)[7:8]), confint(twin, level = 0.9))
  glanced <- generics::glance(fit)
  expect_equal(names(glanced), c("r.squared", "adj.r.squared", "sigma", "statistic", "p.value", "df", "df.residual",
                                 "logLik", "AIC", "BIC", "deviance", "nobs"))
  expect_near(unlist(glanced), c(s$r.squared, s$adj.r.squared, s$sigma, s$fstatistic[1L], fit$f_p, 2, 29, logLik(twin),
                                 AIC(twin), BIC(twin), deviance(twin), 32))
  augmented <- generics::augment(fit, data)
  expect_equal(names(augmented), c(names(data), ".fitted", ".resid", ".hat", ".sigma", ".cooksd", ".std.resid"))
  expect_near(as.matrix(augmented[ncol(data) + 1:6]),
              cbind(fitted(twin), resid(twin), hatvalues(twin), influence(twin)$sigma, cooks.distance(twin),
                    rstandard(twin)))
  expect_equal(names(generics::augment(fit))[1:3], c("mpg", "wt", "hp"))
})

test_that("predictions with their limits are predict.lm's", {
  fit <- fit_linear(mpg ~ wt * g + I(hp^2), data)
  twin <- lm(mpg ~ wt * g + I(hp^2), data)
  new <- data[c(3, 9, 4), ]
  expect_near(predict(fit, new), predict(twin, new))
  expect_equal(predict(fit), fitted(fit))
  for (interval in c("confidence", "prediction")) {
    ours <- predict(fit, new, interval = interval, level = 0.9)
    expect_near(ours, predict(twin, new, interval = interval, level = 0.9))
    expect_equal(dimnames(ours), list(row.names(new), c("fit", "lwr", "upr")))
    expect_near(predict(fit, interval = interval), suppressWarnings(predict(twin, interval = interval)))
  }
  expect_near(predict(fit, new, se.fit = TRUE)$se.fit, predict(twin, new, se.fit = TRUE)$se.fit)
  one <- predict(fit, data[data$g == "c", ][2, ])
  expect_near(one, predict(twin, data[data$g == "c", ][2, ]))
})

test_that("new rows: levels by name, missing values, unknown levels and columns", {
  fit <- fit_linear(mpg ~ wt + g + factor(cyl), data)
  twin <- lm(mpg ~ wt + g + factor(cyl), data)
  new <- data.frame(wt = c(2, NA, 3), g = c("c", "a", "b"), cyl = c(8L, 4L, 6L))
  expect_near(predict(fit, new), predict(twin, new))
  expect_true(is.na(predict(fit, new)[2L]))
  expect_near(predict(fit, transform(new, g = factor(g, levels = c("c", "b", "a")))), predict(twin, new))
  expect_error(predict(fit, transform(new, g = "z")), "newdata: g \"z\" is not a level of the fit (a, b, c)", fixed = TRUE)
  expect_error(predict(fit, transform(new, cyl = 5)), "newdata: cyl \"5\" is not a level of the fit (4, 6, 8)", fixed = TRUE)
  expect_error(predict(fit, new["wt"]), "newdata", class = "steelyard_error_invalid")
  expect_error(predict(fit, transform(new, wt = "x")), "holds text", class = "steelyard_error_invalid")
  spare <- transform(data, g = factor(g, levels = c("none", "c", "a", "spare", "b")))
  unused <- fit_linear(mpg ~ wt + g + factor(cyl), spare)
  expect_near(predict(unused, new), predict(twin, new))
  expect_near(predict(unused, interval = "confidence"), predict(twin, interval = "confidence"))
  expect_error(predict(unused, transform(new, g = "spare")), "is not a level of the fit (c, a, b)", fixed = TRUE)
  own <- fit_linear(mpg ~ wt + I(wt^2) + log(hp), data)
  expect_near(predict(own, data[3:1, ], se.fit = TRUE)$se.fit,
              predict(lm(mpg ~ wt + I(wt^2) + log(hp), data), data[3:1, ], se.fit = TRUE)$se.fit)
  square <- fit_linear(mpg ~ I(mpg^2), data)
  expect_near(predict(square, data[1:5, ]), fitted(square)[1:5])
  expect_error(predict(fit, 1:3), "newdata: a data frame is needed", class = "steelyard_error_invalid")
})

test_that("weights of each kind follow their rule", {
  twice <- data[rep(seq_len(32), data$w), ]
  frequency <- fit_linear(mpg ~ wt + hp, data, weights = "w", weight_kind = "frequency")
  repeated <- fit_linear(mpg ~ wt + hp, twice)
  expect_near(coef(frequency), coef(repeated), 1e-12)
  expect_near(vcov(frequency), vcov(repeated), 1e-12)
  expect_near(c(frequency$n, frequency$loglik), c(sum(data$w), repeated$loglik), 1e-12)
  analytic <- fit_linear(mpg ~ wt + hp, data, weights = ~ w, weight_kind = "analytic")
  twin <- lm(mpg ~ wt + hp, data, weights = w)
  expect_near(vcov(analytic), vcov(twin))
  expect_near(c(analytic$loglik, analytic$r2, analytic$sigma), c(logLik(twin), summary(twin)$r.squared, sigma(twin)))
  expect_near(residuals(analytic, "pearson"), residuals(twin, "pearson"))
  sampling <- fit_linear(mpg ~ wt + hp, data, weights = data$w, weight_kind = "sampling")
  expect_equal(sampling$covariance, "HC1")
  expect_near(coef(sampling), coef(twin))
  expect_error(fit_linear(mpg ~ wt, data, weights = "w", weight_kind = "sampling", covariance = "classical"),
               "sampling", class = "steelyard_error_invalid")
})

test_that("rows with missing values stay in place, as missing", {
  holes <- data
  holes$wt[3] <- NA
  holes$g[7] <- NA
  holes$mpg[1] <- NaN
  fit <- fit_linear(mpg ~ wt + g, holes)
  twin <- lm(mpg ~ wt + g, holes, na.action = na.exclude)
  expect_equal(fit$n, 29)
  expect_equal(which(is.na(fitted(fit))), which(is.na(fitted(twin))))
  expect_near(residuals(fit), residuals(twin))
  expect_match(format(fit), "Rows: 32 read, 29 used, 3 dropped for missing values.", fixed = TRUE, all = FALSE)
  expect_error(fit_linear(mpg ~ wt, holes, missing = "error"), class = "steelyard_error_data")
})

test_that("aliased columns are named, missing in place, and warned of once", {
  more <- transform(data, wt2 = 2 * wt + 1)
  warning <- expect_warning(fit <- fit_linear(mpg ~ wt + wt2 + hp, more), class = "steelyard_warning")
  expect_match(conditionMessage(warning), "wt2")
  expect_equal(fit$aliased, "wt2")
  expect_equal(which(is.na(coef(fit))), c(wt2 = 3L))
  expect_equal(names(coef(fit, complete = FALSE)), c("(Intercept)", "wt", "hp"))
  expect_near(coef(fit)[-3L], coef(lm(mpg ~ wt + hp, more)))
  expect_equal(dim(vcov(fit, complete = FALSE)), c(3L, 3L))
  expect_near(predict(fit, more[1:4, ], interval = "confidence"),
              predict(lm(mpg ~ wt + hp, more), more[1:4, ], interval = "confidence"))
  expect_match(format(fit), "Aliased, without a coefficient: wt2.", fixed = TRUE, all = FALSE)
})

test_that("an interaction with an empty cell names the aliased cell", {
  hollow <- data.frame(y = c(1, 3, 2, 5, 4, 7, 6, 9), a = factor(rep(c("p", "q"), each = 4)),
                       b = factor(c("u", "u", "v", "v", "u", "u", "u", "u")))
  fit <- suppressWarnings(fit_linear(y ~ a * b, hollow))
  expect_near(fit$rank, lm(y ~ a * b, hollow)$rank)
  expect_equal(fit$aliased, "a[q]:b[v]")
})

test_that("absorbed levels are as good as a factor of them", {
  within <- fit_linear(mpg ~ wt + hp, data, absorb = "council")
  dummies <- fit_linear(mpg ~ wt + hp + factor(council), data)
  expect_equal(names(coef(within)), c("wt", "hp"))
  expect_near(coef(within), coef(dummies)[2:3], 1e-12)
  expect_near(diag(vcov(within)), diag(vcov(dummies))[2:3], 1e-12)
  expect_near(c(within$df_resid, within$rss), c(dummies$df_resid, dummies$rss), 1e-12)
  expect_match(format(within)[1L], "intercepts of 8 council absorbed", fixed = TRUE)
  expect_error(predict(within, data), "absorbed levels predicts its own rows only", class = "steelyard_error_invalid")
  expect_error(fit_linear(mpg ~ wt - 1, data, absorb = "council"), "\"- 1\" and absorb", class = "steelyard_error_invalid")
})

test_that("a billion added to a column costs no digit", {
  plain <- fit_linear(mpg ~ wt + hp, data)
  moved <- fit_linear(mpg ~ wt + hp, transform(data, hp = hp + 2^30))
  expect_near(coef(moved)[-1L], coef(plain)[-1L], 1e-12)
  expect_near(moved$r2, plain$r2, 1e-12)
  expect_near(fit_linear(I(mpg + 2^30) ~ wt + hp, data)$rss, plain$rss, 1e-9)
})

test_that("bits do not depend on threads or on the kind of frame", {
  one <- fit_linear(mpg ~ wt * g + hp, data, threads = 1)
  many <- fit_linear(mpg ~ wt * g + hp, data, threads = 3)
  expect_identical(coef(many), coef(one))
  expect_identical(vcov(many), vcov(one))
  tibble <- structure(data, class = c("tbl_df", "tbl", "data.frame"))
  expect_identical(coef(fit_linear(mpg ~ wt * g + hp, tibble)), coef(one))
})

test_that("a fit survives saveRDS and still answers", {
  fit <- fit_linear(mpg ~ wt + g, data, cluster = "council")
  file <- tempfile(fileext = ".rds")
  saveRDS(fit, file)
  again <- readRDS(file)
  expect_identical(format(again), format(fit))
  expect_identical(anova(again), anova(fit))
  expect_identical(predict(again, data[1:2, ], interval = "prediction"), predict(fit, data[1:2, ], interval = "prediction"))
})

test_that("data that cannot bear a fit are refused in words", {
  refuses <- function(code, class, ...) {
    error <- expect_error(code, class = paste0("steelyard_error_", class))
    for (text in c(...)) expect_match(conditionMessage(error), text, fixed = TRUE)
    expect_equal(.Call(steelyard:::C_live_bytes), 0)
  }
  refuses(fit_linear(mpg ~ wt, transform(data, mpg = 1)), "data", "mpg")
  refuses(fit_linear(mpg ~ wt, transform(data, wt = NA_real_)), "data", "wt")
  refuses(fit_linear(mpg ~ wt, transform(data, wt = replace(wt, 2, Inf))), "data", "wt")
  refuses(fit_linear(mpg ~ factor(flat), transform(data, flat = 1)), "invalid", "flat")
  refuses(fit_linear(mpg ~ wt, data[0, ]), "data")
  refuses(fit_linear(mpg ~ wt, as.list(data)), "invalid", "data: a data frame")
  refuses(fit_linear(mpg ~ wt, moments(data, ~ mpg + wt)), "invalid", "data: fit_linear() needs rows; moments hold only sums")
  refuses(fit_linear(mpg ~ wt, data, covariance = "hc3"), "invalid", "covariance: \"hc3\" is not one of")
  refuses(fit_linear(mpg ~ wt, data, covariance = "CR2"), "invalid", "covariance: \"CR2\" needs clusters; name them in cluster")
  refuses(fit_linear(mpg ~ wt, data, cluster = "gear", covariance = "HC1"), "invalid",
          "covariance: \"HC1\" does not use the clusters; leave cluster out or ask for \"CR2\"")
  refuses(fit_linear(mpg ~ wt, data, cluster = rep("a", 32)), "data", "cluster")
  refuses(fit_linear(mpg ~ wt, data, cluster = list("gear", "cyl", "am")), "invalid", "cluster: one or two are needed, not 3")
  refuses(fit_linear(mpg ~ wt, data, cluster = "gears"), "invalid", "cluster", "gears", "gear")
  refuses(fit_linear(mpg ~ wt, data, weights = "w"), "invalid", "weight_kind")
  refuses(fit_linear(mpg ~ wt, data, coding = "helmert"), "invalid", "coding: \"helmert\"")
  refuses(fit_linear(mpg ~ wt, data, level = 1.5), "invalid", "level")
  refuses(fit_linear(mpg ~ wt, data, threads = 0), "invalid", "threads")
  refuses(confint(fit_linear(mpg ~ wt, data), "wtt"), "invalid", "parm", "wtt", "wt")
  refuses(linear_contrasts(1, diag(2)), "invalid", "fit: a fit such as that of fit_linear() is needed")
})

test_that("a saturated fit has no errors, and says so", {
  warning <- expect_warning(fit <- fit_linear(mpg ~ wt + hp, data[c(1, 4, 9), ]), class = "steelyard_warning")
  expect_match(conditionMessage(warning), "the fit is exact")
  expect_near(coef(fit), coef(lm(mpg ~ wt + hp, data[c(1, 4, 9), ])), 1e-9)
  expect_true(all(is.na(fit$std_error)))
  expect_equal(df.residual(fit), 0)
  expect_match(format(fit), "none over for the errors", all = FALSE)
})

test_that("the print says what was computed before the numbers", {
  lines <- format(fit_linear(mpg ~ wt + g, data))
  expect_equal(lines[1L], "Linear model of mpg: wt + g, 32 rows")
  expect_match(lines[2L], "^R2 0\\.[0-9]{4}, adjusted 0\\.[0-9]{4}; sigma [0-9.]+, 28 degrees of freedom$")
  expect_match(lines[3L], "^All terms together: F [0-9.]+ on 3 and 28, p <0.0001$")
  expect_match(lines[5L], "^term +estimate +std error +t +df +p +low +high$")
  expect_equal(lines[11L], "Covariance: classical; limits (95 %): t with 28 degrees of freedom.")
  expect_match(lines[12L], "^Precision: QR in double-double, condition [0-9.]+, [0-9.]+ digits left\\.$")
  expect_equal(lines[length(lines)], "Coefficients are associations given the other terms, not effects.")
  expect_output(print(fit_linear(mpg ~ wt, data)), "Linear model of mpg: wt, 32 rows")
  long <- capture.output(print(summary(fit_linear(mpg ~ wt, data))))
  expect_true("- formula: mpg ~ wt" %in% long)
  expect_match(long, "^wt +-5\\.3445 +0\\.5591 ", all = FALSE)
  expect_match(format(fit_linear(mpg ~ wt - 1, data))[1:2], "without intercept|R2 \\(about zero\\)")
})

test_that("a fit can be shared out", {
  fit <- fit_linear(mpg ~ wt + hp + factor(cyl), data)
  s <- shares(fit)
  expect_equal(s$blocks$block, c("wt", "hp", "factor(cyl)"))
  expect_near(s$total, fit$r2, 1e-12)
  expect_identical(s$blocks, shares(data, "mpg", c("wt", "hp", "factor(cyl)"))$blocks)
  two <- shares(fit, blocks = list(size = ~ wt + hp, engine = ~ factor(cyl)), interval = "none")
  expect_near(sum(two$blocks$share), fit$r2, 1e-12)
  expect_error(shares(fit, "mpg"), "outcome: the fit already holds its outcome; leave it out", class = "steelyard_error_invalid")
  expect_error(shares(fit, cluster = "gear"), "its clusters; leave it out", class = "steelyard_error_invalid")
  expect_error(shares(fit_linear(mpg ~ wt - 1, data)), "intercept", class = "steelyard_error_invalid")
})

test_that("plots draw", {
  pdf(NULL)
  on.exit(dev.off())
  fit <- fit_linear(mpg ~ wt + g, data)
  expect_equal(plot(fit)$value, unname(coef(fit)[-1]))
  expect_equal(plot(fit, "residuals")$residual, unname(residuals(fit)))
  expect_equal(unname(plot(fit, "qq")$value), unname(sort(rstandard(fit))))
  expect_error(plot(fit, "leverage"), class = "steelyard_error_invalid")
})

test_that("no exported name masks base R, dplyr or testthat, describe() apart", {
  ours <- setdiff(getNamespaceExports("steelyard"), "describe")
  for (package in c("base", "stats", "utils", "graphics", "grDevices", "methods", "dplyr", "testthat")) {
    if (!requireNamespace(package, quietly = TRUE)) next
    expect_equal(intersect(ours, getNamespaceExports(package)), character(), info = package)
  }
})

test_that("long fits and bootstraps stop within a moment and leave nothing", {
  old <- options(steelyard.progress = FALSE)
  on.exit(options(old))
  large <- as.data.frame(lapply(1:51, function(j) sqrt((seq_len(3e5) * (7 + 4 * j)) %% 10007)))
  names(large) <- c("y", paste0("x", 1:50))
  large$council <- rep_len(sprintf("c%03d", 1:150), 3e5)
  stops <- function(code) {
    began <- sum(proc.time()[1:2])
    told <- tryCatch({
      setTimeLimit(elapsed = 0.3, transient = TRUE)
      code
      setTimeLimit()
      "work that ended in time"
    }, error = conditionMessage, finally = setTimeLimit())
    expect_match(told, "time limit")
    # 0.1 s is the promise; R looks at its limit only now and then. CPU time: other work on the machine does not count
    expect_lt(sum(proc.time()[1:2]) - began, 1.5)
    expect_equal(.Call(steelyard:::C_live_bytes), 0)
  }
  stops(fit_linear(reformulate(names(large)[2:51], "y"), large, precision = "double-double"))
  few <- suppressWarnings(fit_linear(y ~ x1 + x2, large[1:3000, ], cluster = "council"))
  stops(wild_test(few, "x1", replicates = 1e7))
})
