# From a formula to labelled columns: what is read, and what is refused.
# SPDX-License-Identifier: GPL-3.0-only

labels <- function(...) names(coef(suppressWarnings(fit_linear(...))))
data <- transform(mtcars, g = factor(rep_len(c("a", "b", "c"), 32)), h = factor(rep(c("u", "v"), each = 16)),
                  text = rep_len(c("north", "south"), 32), w = 1)

test_that("columns bear the labels of both languages", {
  expect_equal(labels(mpg ~ wt + I(hp^2) + log(disp), data), c("(Intercept)", "wt", "hp^2", "log(disp)"))
  expect_equal(labels(mpg ~ g, data), c("(Intercept)", "g[b]", "g[c]"))
  expect_equal(labels(mpg ~ factor(cyl), data), c("(Intercept)", "cyl[6]", "cyl[8]"))
  expect_equal(labels(mpg ~ g:wt, data), c("(Intercept)", "g[a]:wt", "g[b]:wt", "g[c]:wt"))
  expect_equal(labels(mpg ~ wt * g, data), c("(Intercept)", "wt", "g[b]", "g[c]", "g[b]:wt", "g[c]:wt"))
  expect_equal(labels(mpg ~ factor(text), data), c("(Intercept)", "text[south]"))
})

test_that("a factor without its margin stands with all its levels, as in R", {
  for (f in list(mpg ~ g - 1, mpg ~ g:h, mpg ~ g + g:h, mpg ~ g * h - 1, mpg ~ wt:g, mpg ~ wt + wt:g, mpg ~ h + g:h)) {
    ours <- suppressWarnings(fit_linear(f, data))
    theirs <- lm(f, data)
    expect_equal(ours$rank, theirs$rank, info = deparse(f))
    expect_equal(unname(fitted(ours)), unname(fitted(theirs)), tolerance = 1e-12, info = deparse(f))
  }
})

test_that("a text, a formula, a dot and C() are the same question", {
  plain <- coef(fit_linear(mpg ~ wt + factor(cyl), data))
  expect_identical(coef(fit_linear("mpg ~ wt + factor(cyl)", data)), plain)
  expect_identical(coef(fit_linear(mpg ~ wt + C(cyl), data)), plain)
  expect_identical(coef(fit_linear(mpg ~ wt + as.factor(cyl), data)), plain)
  small <- mtcars[c("mpg", "wt", "hp")]
  expect_identical(coef(fit_linear(mpg ~ ., small)), coef(fit_linear(mpg ~ wt + hp, small)))
  expect_identical(coef(fit_linear(mpg ~ . - hp, small)), coef(fit_linear(mpg ~ wt, small)))
})

test_that("the outcome may be a call or a power", {
  expect_equal(unname(coef(fit_linear(log(mpg) ~ wt, data))), unname(coef(lm(log(mpg) ~ wt, data))), tolerance = 1e-13)
  expect_equal(unname(coef(fit_linear(I(mpg^2) ~ wt, data))), unname(coef(lm(I(mpg^2) ~ wt, data))), tolerance = 1e-13)
  expect_equal(fit_linear(log(mpg) ~ wt, data)$outcome, "log(mpg)")
})

test_that("variables of the caller are found", {
  shift <- 3
  inner <- function() {
    scale <- 2
    fit_linear(mpg ~ I(wt * scale + shift), data)
  }
  expect_equal(unname(coef(inner())[2L]), unname(coef(lm(mpg ~ wt, data))[2L]) / 2, tolerance = 1e-12)
})

test_that("the host's contrasts are not looked at", {
  plain <- fit_linear(mpg ~ g * h + wt, data)
  old <- options(contrasts = c("contr.sum", "contr.poly"))
  on.exit(options(old))
  expect_identical(coef(fit_linear(mpg ~ g * h + wt, data)), coef(plain))
  expect_identical(anova(fit_linear(mpg ~ g * h + wt, data), type = 3), anova(plain, type = 3))
  odd <- data
  contrasts(odd$g) <- contr.helmert(3)
  expect_identical(coef(fit_linear(mpg ~ g * h + wt, odd)), coef(plain))
  ordered <- transform(data, g = factor(g, ordered = TRUE))
  expect_identical(coef(fit_linear(mpg ~ g * h + wt, ordered)), coef(plain))
})

test_that("coding = \"sum\" is contr.sum", {
  ours <- fit_linear(mpg ~ g * h + wt, data, coding = "sum")
  theirs <- lm(mpg ~ g * h + wt, data, contrasts = list(g = "contr.sum", h = "contr.sum"))
  expect_equal(sort(unname(coef(ours))), sort(unname(coef(theirs))), tolerance = 1e-12)
  expect_equal(fitted(ours), fitted(theirs), tolerance = 1e-12)
})

test_that("formulas that ask for something else are refused in words", {
  refuses <- function(formula, ...) {
    error <- expect_error(fit_linear(formula, data), class = "steelyard_error_invalid")
    for (text in c(...)) expect_match(conditionMessage(error), text, fixed = TRUE)
    expect_equal(.Call(steelyard:::C_live_bytes), 0)
  }
  refuses(~ wt, "formula: \"~wt\" has no outcome; write outcome ~ terms")
  refuses("wt + hp", "formula: \"wt + hp\" has no outcome")
  refuses("mpg ~", "formula")
  refuses(42, "formula: \"42\" has no outcome")
  refuses(mpg ~ wt + mpg, "formula: mpg is both the outcome and a term")
  refuses(mpg + hp ~ wt, "formula: the outcome must be one numeric column")
  refuses(g ~ wt, "formula: the outcome must be one numeric column")
  refuses(factor(cyl) ~ wt, "formula: the outcome must be one numeric column")
  refuses(mpg ~ wt + offset(hp), "formula: offset() is not supported")
  refuses(mpg ~ C(g, contr.sum), "formula: \"C(g, contr.sum)\"", "use coding = \"sum\"")
  refuses(mpg ~ wt + (1 | g), "holds a bar term")
  refuses(mpg ~ wtt, "formula", "wtt", "wt")
  refuses(mgp ~ wt, "formula", "mgp", "mpg")
  refuses(mpg ~ text, "formula: column \"text\" holds text; write factor(text) to use it as a factor")
  refuses(mpg ~ poly(wt, 2), "poly(wt,2)", "2 columns")
  refuses(mpg ~ log(wt, base = "x"), "cannot be computed")
})
