# lme4's bar notation, as R reads it. Python reads the same to the same text
# (tests/python/test_bars.py).
# SPDX-License-Identifier: GPL-3.0-only

known <- data.frame(y = 1, x = 1, z = 1, g = 1, h = 1, council = 1, `a b` = 1, check.names = FALSE)
read_text_of <- function(formula) {
  read <- read_mixed(formula, known, globalenv())
  paste(c(formula_text(read$outcome$label, labels_of(read$terms), read$intercept), vapply(read$bars, bar_text, "")),
        collapse = " + ")
}

test_that("bar terms are read as lme4 reads them", {
  reads <- function(typed, text) {
    expect_equal(read_text_of(typed), text)
    expect_equal(read_text_of(stats::as.formula(typed)), text)
  }
  reads("y ~ x + (1 | council)", "y ~ x + (1 | council)")
  reads("y~(x||g)", "y ~ 1 + (1 + x || g)")
  reads("y ~ 0 + x + (0 + x | g)", "y ~ x - 1 + (0 + x | g)")
  reads("y ~ x*z + (1 + x*z | g/h) - 1", "y ~ x + z + x:z - 1 + (1 + x + z + x:z | g) + (1 + x + z + x:z | g:h)")
  reads("log(y) ~ x + (1 | C(g):h)", "log(y) ~ x + (1 | g:h)")
  reads("y ~ (1 | g/h/council)", "y ~ 1 + (1 | g) + (1 | g:h) + (1 | g:h:council)")
  reads("y ~ x + (1 | g) + I(x^2) + (x - 1 | g)", "y ~ x + x^2 + (1 | g) + (0 + x | g)")
  reads("y ~ C(x) + (C(x) | g)", "y ~ factor(x) + (1 + factor(x) | g)")
  reads("y ~ `a b` + (1 | `a b`)", "y ~ a b + (1 | a b)")
})

test_that("a bar term in the wrong place is refused in words", {
  refuses <- function(typed, message)
    expect_error(read_text_of(typed), message, fixed = TRUE, class = "steelyard_error_invalid")
  refuses("y ~ 1 | g", "formula: \"1 | g\": a bar term stands in brackets, as (1 | council)")
  refuses("y ~ x * (1 | g)", "formula: \"x * (1 | g)\": a bar term stands by itself, added with +")
  refuses("y ~ x - (1 | g)", "formula: \"(1 | g)\": a bar term stands by itself, added with +")
  refuses("y ~ (x + (1 | g))", "formula: \"(x + (1 | g))\": a bar term stands by itself, added with +")
  refuses("(1 | g) ~ x", "formula: \"(1 | g)\": a bar term stands on the right of ~")
  refuses("y ~ x", "formula: \"y ~ x\" has no bar term; write one such as (1 | council), or fit without groups")
  refuses("y ~ (1 | g) + x + (1 | g)", "formula: the bar term (1 | g) is there twice")
  refuses("y ~ (1 | g * h)", "formula: \"(1 | g * h)\": a group is a column, a:b or a/b")
  refuses("y ~ (0 | g)", "formula: \"(0 | g)\" has no effects; write (1 | council) for an intercept a council")
  refuses("y ~ (1 | g | h)", "formula: \"(1 | g | h)\" cannot be read as (effects | group)")
  refuses("y ~ (1 | g", "formula: \"y ~ (1 | g\" cannot be read")
  refuses("x + (1 | g)", "formula: \"x + (1 | g)\" has no outcome; write outcome ~ terms")
})

test_that("bar terms belong to fit_mixed", {
  councils <- load_dataset("councils_2018_19")
  message <- "holds a bar term; those belong in the formula of fit_mixed()"
  expect_error(fit_linear(control ~ (1 | region), councils), paste("formula: \"1 | region\"", message), fixed = TRUE)
  expect_error(shares(councils, "control", list(funding = ~ spend_per_adult_gbp + (1 | region))),
               paste("blocks: \"1 | region\"", message), fixed = TRUE)
})

test_that("nested groups are cells in the order of their parts", {
  frame <- data.frame(a = c("x", "y", NA, "x", "y"), b = c(2, 1, 1, 2, 10))
  expect_equal(bar_column(list(group = c("a", "b")), frame),
               list("a:b", c(1L, 2L, NA, 1L, 3L), c("x:2", "y:1", "y:10")))
})
