# SPDX-License-Identifier: GPL-3.0-only

labels_in <- function(x, known = names(mtcars))
  steelyard:::labels_of(steelyard:::read_terms(x, "terms", known, environment()))

test_that("labels are host-neutral", {
  expect_equal(labels_in(~ wt), "wt")
  expect_equal(labels_in(~ factor(cyl) + as.factor(gear)), c("factor(cyl)", "factor(gear)"))
  expect_equal(labels_in(~ I(wt^2) + I(wt^1) + I(hp)), c("wt^2", "wt", "hp"))
  expect_equal(labels_in(~ wt:hp), "hp:wt")
  expect_equal(labels_in(~ wt:factor(cyl)), "factor(cyl):wt")
  expect_equal(labels_in(~ log( wt ) + log(hp, base = 2)), c("log(wt)", "log(hp,base=2)"))
  expect_equal(labels_in(~ I(wt * hp)), "I(wt*hp)")
})

test_that("products expand, main effects first", {
  expect_equal(labels_in(~ wt * hp), c("wt", "hp", "hp:wt"))
  expect_equal(labels_in("wt:hp + qsec"), c("qsec", "hp:wt"))
})

test_that("texts and formulas are read alike", {
  expect_equal(labels_in("I(wt^2) + log(hp)"), labels_in(~ I(wt^2) + log(hp)))
  expect_equal(labels_in("~ wt + hp"), c("wt", "hp"))
  expect_equal(labels_in(c("wt", "log(hp)")), c("wt", "log(hp)"))
})

test_that("names that are no R names need no quoting", {
  data <- data.frame(y = mtcars$mpg, `a b` = mtcars$wt, `c+d` = mtcars$hp, check.names = FALSE)
  expect_equal(labels_in(c("a b", "c+d"), names(data)), c("a b", "c+d"))
  expect_equal(labels_in(~ `a b`, names(data)), "a b")
  s <- shares(data, "y", c("a b", "c+d"), interval = "none")
  expect_equal(s$blocks$block, c("a b", "c+d"))
})

test_that("a factor of numbers is ordered as numbers, of text by code point", {
  data <- data.frame(n = c(10, 9, 2.5, 10, 100000), t = c("b", "Z", "a", "b", "a"), i = c(1L, 100000L, 2L, 1L, 2L))
  m <- moments(data, ~ factor(n) + factor(t) + factor(i))
  expect_equal(m$levels$`factor(n)`, c("2.5", "9", "10", "100000"))
  expect_equal(m$levels$`factor(t)`, c("Z", "a", "b"))
  expect_equal(m$levels$`factor(i)`, c("1", "2", "100000"))
})

test_that("a factor keeps its own order of levels", {
  f <- factor(c("low", "high", "mid", "low"), c("low", "mid", "high", "never"))
  expect_equal(moments(data.frame(x = 1:4, f = f), ~ x + factor(f))$levels$`factor(f)`, c("low", "mid", "high"))
  m <- moments(data.frame(x = 1:4, f = f), ~ x + f)
  expect_equal(m$labels, c("x", "f"))
  expect_true("empty_level" %in% m$remarks$code)
})

test_that("a call may use what stands around the formula", {
  shift <- 3
  s <- shares(mtcars, "mpg", list(a = ~ log(wt + shift), b = ~ hp), interval = "none")
  wanted <- summary(lm(mpg ~ log(wt + 3) + hp, mtcars))$r.squared
  expect_equal(s$total, wanted, tolerance = 1e-12)
})

test_that("a bare name finds the factor of that name in moments", {
  m <- moments(mtcars, ~ mpg + wt + factor(cyl))
  s <- shares(m, "mpg", c("wt", "cyl"), interval = "none")
  expect_equal(s$terms$term, c("wt", "factor(cyl)"))
})
