# Robust and clustered covariances, their tests, the wild bootstrap.
# SPDX-License-Identifier: GPL-3.0-only

data <- transform(mtcars, council = rep_len(sprintf("c%02d", 1:8), 32), region = rep(1:6, length.out = 32))
fit <- function(kind, ...) fit_linear(mpg ~ wt + hp, data, covariance = kind, ...)
quiet <- function(code) suppressWarnings(code)

twin <- lm(mpg ~ wt + hp, data)
x <- model.matrix(twin)
bread <- solve(crossprod(x))
h <- hatvalues(twin)
e <- residuals(twin)

# White's covariance and its corrections, term by term [MacKinnon & White 1985;
# Cribari-Neto 2004; Cribari-Neto, Souza & Vasconcellos 2007; Cribari-Neto & da
# Silva 2011].
test_that("HC0 to HC5 are what their papers say", {
  n <- 32
  r <- n * h / 3
  omega <- list(HC0 = e^2, HC1 = e^2 * n / (n - 3), HC2 = e^2 / (1 - h), HC3 = e^2 / (1 - h)^2,
                HC4 = e^2 / (1 - h)^pmin(4, r), HC4m = e^2 / (1 - h)^(pmin(1, r) + pmin(1.5, r)),
                HC5 = e^2 / sqrt((1 - h)^pmin(r, max(4, 0.7 * max(r)))))
  for (kind in names(omega)) {
    ours <- fit(kind)
    expect_equal(unname(vcov(ours)), unname(bread %*% crossprod(x, omega[[kind]] * x) %*% bread), tolerance = 1e-10,
                 info = kind)
    expect_equal(unname(ours$df), rep(29, 3))
  }
})

power <- function(a, k) {
  s <- eigen(a, symmetric = TRUE)
  s$vectors %*% (s$values^k * t(s$vectors))
}

# The slow twin, by matrices of rows by rows [Pustejovsky & Tipton 2018].
clustered <- function(cluster, exponent) {
  residual_maker <- diag(nrow(x)) - x %*% bread %*% t(x)
  groups <- split(seq_len(nrow(x)), cluster)
  halves <- lapply(groups, function(i) bread %*% t(x[i, , drop = FALSE]) %*% power(residual_maker[i, i], exponent))
  scores <- Map(function(half, i) half %*% e[i], halves, groups)
  df <- vapply(1:3, function(k) {
    g <- Map(function(half, i) residual_maker[, i] %*% half[k, ], halves, groups)
    p <- crossprod(do.call(cbind, g))
    sum(diag(p))^2 / sum(p^2)
  }, 0)
  list(v = Reduce(`+`, lapply(scores, tcrossprod)), df = df)
}

test_that("CR0 to CR3 with Satterthwaite's degrees of freedom agree with matrices of rows by rows", {
  plain <- clustered(data$council, 0)$v
  wanted <- list(CR0 = plain, CR1 = plain * 8 / 7, CR1S = plain * 8 * 31 / (7 * 29), CR2 = clustered(data$council, -0.5)$v,
                 CR3 = clustered(data$council, -1)$v)
  for (kind in names(wanted))
    expect_equal(unname(vcov(quiet(fit(kind, cluster = "council")))), unname(wanted[[kind]]), tolerance = 1e-9,
                 info = kind)
  ours <- quiet(fit("CR2", cluster = "council"))
  expect_equal(unname(ours$df), clustered(data$council, -0.5)$df, tolerance = 1e-9)
  expect_equal(ours$pvalues, 2 * pt(-abs(coef(ours) / ours$std_error), ours$df), tolerance = 1e-9)
  expect_equal(unname(quiet(fit("CR1", cluster = "council"))$df), rep(7, 3))
})

test_that("the default covariance follows the data", {
  expect_equal(fit(NULL)$covariance, "classical")
  expect_equal(quiet(fit(NULL, cluster = ~ council))$covariance, "CR2")
  expect_equal(quiet(fit(NULL, cluster = data$council))$provenance$cluster, "cluster")
})

test_that("two-way clusters add and take away", {
  two <- quiet(fit("CR1", cluster = c("council", "region")))
  one <- vcov(quiet(fit("CR1", cluster = "council")))
  other <- vcov(quiet(fit("CR1", cluster = "region")))
  both <- vcov(quiet(fit("CR1", cluster = paste(data$council, data$region))))
  sum <- one + other - both
  skip_if(min(eigen(sum)$values) < 0)
  expect_equal(vcov(two), sum, tolerance = 1e-10)
  expect_equal(two$provenance$clusters, c(8L, 6L))
  expect_match(format(two), "8 clusters of council and 6 of region", fixed = TRUE, all = FALSE)
  expect_identical(vcov(quiet(fit("CR1", cluster = ~ council + region))), vcov(two))
  expect_identical(vcov(quiet(fit("CR1", cluster = list(data$council, data$region)))), vcov(two))
})

test_that("two-way clusters nested in each other are the outer ones", {
  nested <- transform(data, inner = paste(council, gear))
  two <- quiet(fit_linear(mpg ~ wt + hp, nested, cluster = c("council", "inner"), covariance = "CR0"))
  one <- quiet(fit_linear(mpg ~ wt + hp, nested, cluster = "council", covariance = "CR0"))
  expect_equal(vcov(two), vcov(one), tolerance = 1e-10)
})

# Their residuals add up to zero in each cluster: the variance is rounding, and t would be 1e15.
test_that("dummies of the clusters have no test", {
  expect_warning(fit <- fit_linear(mpg ~ factor(council), data, cluster = "council"),
                 "and 7 others: the clusters that decide them leave no residuals")
  expect_true(all(fit$std_error == 0) && all(is.na(fit$pvalues)))
  printed <- format(fit)
  expect_true("Covariance: CR2, 8 clusters of council; no limits." %in% printed)
  expect_true(is.na(anova(fit)$p.value))
  expect_output(print(linear_contrasts(fit, list(a = c("council[c02]" = 1, "council[c03]" = -1)))),
                "All together: no test.", fixed = TRUE)
  limits <- predict(fit, data[1:2, ], interval = "confidence", se.fit = TRUE)
  expect_true(all(is.na(limits$fit[, "lwr"])) && all(limits$se.fit == 0))
  expect_true(all(is.na(marginal_means(fit, "council")$conf.low)))
  expect_true(all(is.na(pairwise(fit, "council")$p.value)))
  expect_error(wild_test(fit, "council[c02]", replicates = 99), "the residuals of every cluster are zero")
})

test_that("the mean of a level in one cluster has no limits", {
  one <- transform(data, first = ifelse(council == "c01", "yes", "no"))
  fit <- quiet(fit_linear(mpg ~ factor(first), one, cluster = "council"))
  expect_true(all(fit$std_error > 0))
  limits <- predict(fit, one[1:2, ], interval = "confidence")
  expect_equal(unname(is.na(limits[, "lwr"])), c(TRUE, FALSE))
  expect_equal(is.na(marginal_means(fit, "first")$conf.low), c(FALSE, TRUE))
})

test_that("a cluster a row is the robust covariance", {
  each <- quiet(fit("CR0", cluster = seq_len(32)))
  expect_equal(vcov(each), vcov(fit("HC0")), tolerance = 1e-11)
  each <- quiet(fit("CR2", cluster = seq_len(32)))
  expect_equal(vcov(each), vcov(fit("HC2")), tolerance = 1e-11)
})

test_that("few clusters are warned of", {
  warning <- expect_warning(fit("CR2", cluster = "cyl"), class = "steelyard_warning")
  expect_match(conditionMessage(warning), "degrees of freedom; below 4")
})

test_that("contrasts: estimates, errors and the joint test", {
  plain <- fit("classical")
  one <- linear_contrasts(plain, c(0, 1, -1))
  b <- coef(plain)
  v <- vcov(plain)
  expect_equal(one$estimate, b[["wt"]] - b[["hp"]], tolerance = 1e-14)
  expect_equal(one$std.error, sqrt(v["wt", "wt"] + v["hp", "hp"] - 2 * v["wt", "hp"]), tolerance = 1e-12)
  expect_equal(one$p.value, 2 * pt(-abs(one$statistic), 29), tolerance = 1e-12)
  both <- linear_contrasts(plain, list(heavy = c(wt = 1), strong = c(hp = 1)))
  expect_equal(both$contrast, c("heavy", "strong"))
  expect_equal(unname(attr(both, "joint")), unname(c(plain$f, 2, 29, plain$f_p)), tolerance = 1e-10)
  expect_identical(linear_contrasts(plain, rbind(heavy = c(0, 1, 0), strong = c(0, 0, 1))), both)
  expect_output(print(both), "Contrasts of the linear model of mpg, 32 rows")
  expect_error(linear_contrasts(plain, matrix(1, 1, 2)), "c: 2 columns were given for 3 coefficients", fixed = TRUE)
  expect_error(linear_contrasts(plain, list(c(wtt = 1))), "wtt", class = "steelyard_error_invalid")
  expect_error(linear_contrasts(plain, "wt"), class = "steelyard_error_invalid")
})

test_that("with clusters a contrast has degrees of freedom of its own", {
  robust <- quiet(fit("CR2", cluster = "council"))
  single <- linear_contrasts(robust, diag(3))
  expect_equal(single$df, unname(robust$df), tolerance = 1e-10)
  expect_equal(single$p.value, unname(robust$pvalues), tolerance = 1e-9)
  # the slow twin in a basis where the contrast is a coefficient
  moved <- transform(data, both = wt + hp)
  turned <- quiet(fit_linear(mpg ~ both + hp, moved, cluster = "council"))
  difference <- linear_contrasts(robust, c(0, -1, 1))
  expect_equal(c(difference$estimate, difference$std.error, difference$df),
               c(coef(turned)[["hp"]], turned$std_error[["hp"]], turned$df[["hp"]]), tolerance = 1e-9)
  expect_lt(attr(linear_contrasts(robust, diag(3)[2:3, ]), "joint")[["df2"]], 7)
})

test_that("the wild bootstrap of eight clusters walks all 256 patterns", {
  clustered <- quiet(fit("CR2", cluster = "council"))
  all <- quiet(wild_test(clustered, "wt", replicates = 9999))
  expect_identical(quiet(wild_test(clustered, "wt", replicates = 9999, seed = 7))$p.value, all$p.value)
  expect_equal(all$p.value * 256, round(all$p.value * 256), tolerance = 1e-9)
  expect_true(all$conf.low < all$estimate && all$estimate < all$conf.high)
  at_limit <- quiet(wild_test(clustered, "wt", null = all$conf.high + 1e-6 * abs(all$conf.high), replicates = 9999))
  expect_lte(at_limit$p.value, 0.05)
  webb <- quiet(wild_test(clustered, "hp", kind = "webb", replicates = 499, seed = 3))
  expect_identical(quiet(wild_test(clustered, "hp", kind = "webb", replicates = 499, seed = 3)), webb)
  expect_output(print(webb), "^Wild cluster bootstrap of hp \\(null 0\\): p .* Webb weights, 499 replicates, seed 3\\.")
  expect_error(wild_test(fit("HC1"), "wt"), "cluster: the wild bootstrap draws signs for clusters; this fit has none",
               fixed = TRUE)
  expect_error(wild_test(clustered, "wtt"), "coefficient", class = "steelyard_error_invalid")
  expect_error(wild_test(clustered, "wt", kind = "mammen"), "kind", class = "steelyard_error_invalid")
})
