# SPDX-License-Identifier: GPL-3.0-only

three <- c("Agriculture", "Education", "Catholic")

test_that("one row a fold is what boot's cv.glm says", {
  # boot 1.3-28.1: cv.glm(swiss, glm(Fertility ~ Agriculture + Education + Catholic, data = swiss))$delta[1], and
  # of Fertility ~ 1
  s <- shares(swiss, "Fertility", three, interval = "none")
  found <- crossvalidated(s, folds = 47)
  expect_equal(found$total[1], 1 - 65.0293424440413 / 159.434725897921, tolerance = 1e-13)
  expect_equal(sum(found$crossvalidated), found$total[1], tolerance = 1e-14)
})

test_that("leaving out clusters is refitting without them", {
  d <- transform(mtcars, place = rep(1:8, 4))
  s <- shares(d, "mpg", c("wt", "hp"), cluster = "place", interval = "none")
  error <- function(formula) sum(vapply(1:8, function(g) {
    held <- d$place == g
    sum((d$mpg[held] - predict(lm(formula, d[!held, ]), d[held, ]))^2)
  }, 0))
  none <- error(mpg ~ 1)
  wt <- error(mpg ~ wt)
  hp <- error(mpg ~ hp)
  both <- error(mpg ~ wt + hp)
  expect_equal(s$total_crossvalidated, 1 - both / none, tolerance = 1e-12)
  expect_equal(s$blocks$crossvalidated, c(none - wt + hp - both, none - hp + wt - both) / 2 / none, tolerance = 1e-12)
})

test_that("it prints as in Python", {
  s <- shares(swiss, "Fertility", list(people = ~ Education + Catholic, farmland = ~ Agriculture))
  expect_equal(capture.output(crossvalidated(s, folds = 47)), c(
    "Cross-validated shares for Fertility: total 0.59 of 0.64, 47 folds", "",
    "block     share  adjusted  by chance  cross-validated",
    "people    0.546     0.534      0.016            0.524",
    "farmland  0.096     0.084      0.008            0.068", "",
    "Each model is judged on rows it was not fitted to; a share below zero spoils prediction."))
  expect_equal(class(crossvalidated(s)[1, ]), "data.frame")
})

test_that("rows of a large frame are dealt to ten folds", {
  d <- swiss[rep(1:47, 30), ]
  d$Education <- d$Education + seq_len(nrow(d)) %% 7
  s <- shares(d, c("Fertility", "Examination"), c("Education", "Catholic"), interval = "none")
  expect_equal(crossvalidated(s)$folds, rep(10, 4))
  expect_true(all(s$total_crossvalidated < s$total))
  expect_error(crossvalidated(s, folds = 5), "^folds: these moments are one sum over all rows",
               class = "steelyard_error_invalid")
})

test_that("where it cannot be had there is none, and folds out of range are refused", {
  s <- shares(moments(swiss, c("Fertility", three)), "Fertility", three)
  expect_true(is.na(s$total_crossvalidated) && all(is.na(s$blocks$crossvalidated)))
  s <- shares(swiss, "Fertility", three, interval = "none")
  expect_error(crossvalidated(s, folds = 48), "^folds: 48; 2 to 47 are possible with 47 rows")
  expect_error(crossvalidated(s, folds = 1), "^folds: 1 is not a whole number of 2 or more")
  expect_error(crossvalidated(swiss), "^s: a result of shares\\(\\) is needed")
})
