# SPDX-License-Identifier: GPL-3.0-only

test_that("columns are described as base R describes them", {
  data <- transform(mtcars, hp = replace(hp, 3, NA))
  d <- describe(data, ~ mpg + hp + log(wt), lags = 2)
  expect_equal(names(d), c("term", "level", "n", "missing", "mean", "sd", "lowest", "median", "highest",
                           "autocorrelation_1", "autocorrelation_2"))
  expect_equal(d$term, c("mpg", "hp", "log(wt)"))
  expect_equal(d$n, c(32, 31, 32))
  expect_equal(d$missing, c(0, 1, 0))
  expect_equal(d$mean, c(mean(data$mpg), mean(data$hp, na.rm = TRUE), mean(log(data$wt))), tolerance = 1e-14)
  expect_equal(d$sd, c(sd(data$mpg), sd(data$hp, na.rm = TRUE), sd(log(data$wt))), tolerance = 1e-14)
  expect_equal(d$median, c(median(data$mpg), median(data$hp, na.rm = TRUE), median(log(data$wt))), tolerance = 1e-14)
  expect_equal(d$autocorrelation_1[1], acf(mtcars$mpg, plot = FALSE)$acf[2], tolerance = 1e-12)
})

test_that("a factor has one row a level, a product of factors one a cell", {
  d <- describe(mtcars, ~ factor(cyl) + factor(am):factor(gear), lags = 0)
  expect_equal(d$level[1:3], c("4", "6", "8"))
  expect_equal(d$mean[1:3], as.vector(table(mtcars$cyl)) / 32)
  cells <- d[-(1:3), ]
  expect_equal(cells$level, c("0:3", "1:3", "0:4", "1:4", "0:5", "1:5"))
  expect_equal(cells$mean, as.vector(table(mtcars$am, mtcars$gear)) / 32)
  expect_false("autocorrelation_1" %in% names(d))
})

test_that("lags out of range are refused", {
  expect_error(describe(mtcars, ~ mpg, lags = -1), class = "steelyard_error_invalid", "lags")
  expect_error(describe(mtcars, ~ mpg, lags = 40), class = "steelyard_error")
})

test_that("cells of a product bear their own names", {
  d <- data.frame(a = factor(c("x", "y", "x", "y", "x", "x")), b = factor(c("u", "u", "v", "v", "v", "w")))
  t <- describe(d, "a:b", lags = 0)
  cell <- strsplit(t$level, ":")
  expect_equal(t$mean, vapply(cell, function(k) mean(d$a == k[1] & d$b == k[2]), 0))
})
