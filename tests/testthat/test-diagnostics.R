# Influence, collinearity and clusters against stats, determinants and refits.
# SPDX-License-Identifier: GPL-3.0-only

data <- transform(mtcars, council = rep_len(sprintf("c%02d", 1:8), 32), w = rep_len(c(1, 2.5, 0.5), 32))
fit <- fit_linear(mpg ~ wt + hp + factor(cyl), data)
twin <- lm(mpg ~ wt + hp + factor(cyl), data)

test_that("rows: leverage, studentised residuals, Cook, DFFITS and DFBETAS are stats'", {
  weighted <- fit_linear(mpg ~ wt + hp + factor(cyl), data, weights = "w", weight_kind = "analytic")
  pairs <- list(list(fit, twin), list(weighted, lm(mpg ~ wt + hp + factor(cyl), data, weights = w)))
  for (pair in pairs) {
    fit <- pair[[1L]]
    twin <- pair[[2L]]
    rows <- diagnostics(fit)$rows
    expect_equal(rows$row, row.names(data))
    expect_equal(rows$leverage, unname(hatvalues(twin)), tolerance = 1e-11)
    expect_equal(rows$standardised, unname(rstandard(twin)), tolerance = 1e-10)
    expect_equal(rows$studentised, unname(rstudent(twin)), tolerance = 1e-10)
    expect_equal(rows$sigma, unname(influence(twin)$sigma), tolerance = 1e-10)
    expect_equal(rows$cook, unname(cooks.distance(twin)), tolerance = 1e-9)
    expect_equal(rows$dffits, unname(dffits(twin)), tolerance = 1e-9)
    expect_equal(unname(diagnostics(fit)$dfbetas), unname(dfbetas(twin)), tolerance = 1e-8)
  }
  expect_equal(hatvalues(weighted), hatvalues(twin), tolerance = 1e-11)
  expect_equal(rstudent(weighted), residuals(weighted, "studentised"))
})

test_that("rows that were not used stay in place", {
  holes <- transform(data, wt = replace(wt, c(2, 5), NA))
  rows <- diagnostics(fit_linear(mpg ~ wt + hp, holes))$rows
  expect_equal(which(is.na(rows$cook)), c(2L, 5L))
  expect_equal(rows$cook[-c(2, 5)], unname(cooks.distance(lm(mpg ~ wt + hp, holes))), tolerance = 1e-9)
})

test_that("variance inflation is a ratio of determinants", {
  r <- cor(model.matrix(twin)[, -1L])
  gvif <- function(at) det(r[at, at, drop = FALSE]) * det(r[-at, -at, drop = FALSE]) / det(r)
  ours <- vif(fit)
  expect_equal(names(ours), c("term", "df", "gvif", "gvif_root", "tolerance"))
  expect_equal(ours$gvif, c(gvif(1L), gvif(2L), gvif(3:4)), tolerance = 1e-10)
  expect_equal(ours$gvif_root, ours$gvif^(1 / (2 * c(1, 1, 2))), tolerance = 1e-12)
  expect_equal(1 / ours$tolerance, ours$gvif, tolerance = 1e-13)
})

test_that("condition indices are those of the scaled columns, proportions sum to one", {
  d <- diagnostics(fit)
  x <- model.matrix(twin)
  singular <- svd(scale(x, center = FALSE, scale = sqrt(colSums(x^2))))$d
  expect_equal(d$condition$index, singular[1L] / singular, tolerance = 1e-10)
  expect_equal(unname(colSums(d$condition[-1L])), rep(1, 5), tolerance = 1e-11)
})

test_that("a cluster's influence is the change of a refit without it", {
  clustered <- suppressWarnings(fit_linear(mpg ~ wt + hp, data, cluster = "council"))
  d <- diagnostics(clustered)$clusters
  expect_equal(d$cluster, sprintf("c%02d", 1:8))
  for (name in d$cluster[c(1, 5)]) {
    without <- coef(lm(mpg ~ wt + hp, data[data$council != name, ]))
    expect_equal(unlist(d[d$cluster == name, -(1:3)]), coef(clustered) - without, tolerance = 1e-9, ignore_attr = TRUE)
  }
  expect_null(diagnostics(fit)$clusters)
})

test_that("alone and unique are shares', and suppression is named", {
  d <- diagnostics(fit)
  s <- shares(data, "mpg", c("wt", "hp", "factor(cyl)"), interval = "none")$blocks
  expect_equal(d$terms$alone, s$alone, tolerance = 1e-12)
  expect_equal(d$terms$unique, s$unique, tolerance = 1e-12)
  set.seed(7)
  n <- 200
  noise <- rnorm(n)
  signal <- rnorm(n)
  masked <- data.frame(y = signal + rnorm(n, sd = 0.1), measure = signal + noise, noise = noise + rnorm(n, sd = 0.1))
  expect_equal(diagnostics(fit_linear(y ~ measure + noise, masked))$suppression, c("measure", "noise"))
  expect_length(d$suppression, 0L)
})

test_that("suppression is what the remarks of shares say", {
  set.seed(8)
  white <- qr.Q(qr(scale(matrix(rnorm(1200), 400), scale = FALSE)))
  for (between in c(-1e-3, -5e-3)) { # unique - alone is about -between / 2; a column of noise gets .0013
    wanted <- matrix(c(1, between, 0.5, between, 1, 0.5, 0.5, 0.5, 1), 3)
    found <- stats::setNames(as.data.frame(white %*% chol(wanted)), c("x1", "x2", "y"))
    fit <- fit_linear(y ~ x1 + x2, found)
    remarks <- shares(fit, interval = "none")$remarks
    expect_equal(diagnostics(fit)$suppression, remarks$term[remarks$code == "suppression"])
    expect_length(diagnostics(fit)$suppression, if (between < -2e-3) 2L else 0L)
  }
})

test_that("the print names the rows and clusters that move the fit most", {
  lines <- capture.output(print(diagnostics(fit)))
  expect_equal(lines[1L], "Diagnostics of the linear model of mpg, 32 rows")
  expect_match(lines[3L], "^term +columns +VIF +root +alone +unique$")
  expect_match(lines, "^Condition index: [0-9.]+\\.$", all = FALSE)
  at <- grep("^row ", lines)
  expect_match(lines[at + 1L], names(which.max(cooks.distance(twin))), fixed = TRUE)
  clustered <- suppressWarnings(fit_linear(mpg ~ wt + hp, data, cluster = "council"))
  expect_match(capture.output(print(diagnostics(clustered))), "^cluster +rows +Cook +moves most$", all = FALSE)
})
