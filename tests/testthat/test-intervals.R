# SPDX-License-Identifier: GPL-3.0-only

test_that("the kind of limits follows the rule", {
  kind <- function(data, ...)
    suppressWarnings(shares(data, "mpg", c("wt", "hp"), ...))$provenance[c("interval", "unit", "df")]
  expect_equal(kind(mtcars), list(interval = "jackknife", unit = "row", df = 31))
  clusters <- transform(mtcars, g = rep_len(1:8, 32))
  s <- suppressWarnings(shares(clusters, "mpg", c("wt", "hp"), cluster = "g"))
  expect_equal(s$provenance$units, 8)
  expect_equal(s$provenance$df, 7)
  many <- mtcars[rep(seq_len(32), 40), ]
  many$mpg <- many$mpg + sin(seq_len(nrow(many)))
  expect_equal(kind(many)[c("interval", "unit")], list(interval = "influence", unit = "none"))
  expect_equal(kind(mtcars, interval = "influence")[c("interval", "unit")], list(interval = "influence", unit = "none"))
  expect_equal(kind(many, interval = "jackknife")[c("interval", "unit")], list(interval = "jackknife", unit = "row"))
  expect_equal(kind(moments(mtcars, ~ mpg + wt + hp))$interval, "normal")
})

test_that("the jackknife is the jackknife", {
  s <- shares(mtcars, "mpg", c("wt", "hp"))
  left_out <- vapply(1:32, function(i)
    shares(mtcars[-i, ], "mpg", c("wt", "hp"), interval = "none")$blocks$share, c(0, 0))
  # on the cube root of the share, about the full estimate
  z <- function(share) share^(1 / 3)
  whole <- z(s$blocks$share)
  error <- sqrt(31 / 32 * rowSums((z(left_out) - whole)^2))
  wanted <- (whole + qt(0.975, 31) * error)^3
  expect_equal(s$blocks$conf.high, wanted, tolerance = 1e-8)
})

test_that("the influence function agrees with the jackknife on many rows", {
  many <- mtcars[rep(seq_len(32), 30), ]
  many$mpg <- many$mpg + 3 * sin(seq_len(nrow(many))^2)
  errors <- function(kind) shares(many, "mpg", c("wt", "hp", "qsec"), interval = kind)$blocks$std.error
  # both are first-order; they differ by terms of order 1 / n, here 960 rows
  expect_equal(errors("influence") / errors("jackknife"), c(1, 1, 1), tolerance = 0.02)
})

test_that("comparing gives the difference and its jackknife error", {
  s <- shares(mtcars, "mpg", c("wt", "hp"))
  d <- compare_shares(s, "wt", "hp")
  expect_equal(names(d), c("outcome", "first", "second", "metric", "estimate", "std.error", "statistic", "df",
                           "p.value", "conf.low", "conf.high"))
  left_out <- vapply(1:32, function(i) {
    share <- shares(mtcars[-i, ], "mpg", c("wt", "hp"), interval = "none")$blocks$share
    share[1] - share[2]
  }, 0)
  expect_equal(d$estimate, s$blocks$share[1] - s$blocks$share[2], tolerance = 1e-14)
  expect_equal(d$std.error, sqrt(31 / 32 * sum((left_out - d$estimate)^2)), tolerance = 1e-8)
  expect_equal(d$p.value, 2 * pt(-abs(d$statistic), d$df), tolerance = 1e-10)
  expect_equal(c(d$conf.low, d$conf.high), d$estimate + c(-1, 1) * qt(0.975, 31) * d$std.error, tolerance = 1e-10)
  turned <- compare_shares(s, "hp", "wt", level = 0.9)
  expect_equal(turned$estimate, -d$estimate)
  expect_lt(turned$conf.high, -d$conf.low)
})

test_that("confint gives the result's own limits at its level and others at others", {
  s <- shares(mtcars, "mpg", c("wt", "hp"))
  own <- confint(s)
  expect_equal(unname(own), unname(as.matrix(s$blocks[, c("conf.low", "conf.high")])), tolerance = 1e-12,
               ignore_attr = TRUE)
  expect_equal(dimnames(own), list(c("wt", "hp"), c("2.5 %", "97.5 %")))
  narrow <- confint(s, "hp", level = 0.5)
  expect_equal(dim(narrow), c(1L, 2L))
  expect_true(narrow[1] > own["hp", 1] && narrow[2] < own["hp", 2])
  expect_equal(rownames(confint(shares(mtcars, c("mpg", "disp"), c("wt", "hp")))),
               c("mpg:wt", "mpg:hp", "disp:wt", "disp:hp"))
})

test_that("bootstrap limits repeat with their seed and lie round the estimate", {
  draw <- function(...) shares(mtcars, "mpg", c("wt", "hp"), interval = "percentile", replicates = 400, ...)
  a <- draw(seed = 7)
  expect_identical(a$blocks, draw(seed = 7, threads = 2)$blocks)
  expect_false(identical(a$blocks, draw(seed = 8)$blocks))
  expect_true(all(a$blocks$conf.low < a$blocks$share & a$blocks$share < a$blocks$conf.high))
  expect_equal(confint(a), as.matrix(a$blocks[, c("conf.low", "conf.high")]), tolerance = 1e-12, ignore_attr = TRUE)
  wider <- shares(mtcars, "mpg", c("wt", "hp"), interval = "expanded", replicates = 400, seed = 7)$blocks
  expect_true(all(wider$conf.low <= a$blocks$conf.low & wider$conf.high >= a$blocks$conf.high))
  d <- compare_shares(a, "wt", "hp")
  expect_true(is.na(d$p.value) && d$conf.low < d$estimate && d$estimate < d$conf.high)
  expect_match(format(a), "percentiles of 400 bootstrap samples of 32 rows, seed 7", all = FALSE)
})

test_that("claims are supported, contradicted or undecided", {
  s <- shares(mtcars, "mpg", c("wt", "hp"))
  answers <- vapply(c(0.99, 0.4, 0.001), function(bound) at_most(s, "wt", bound, metric = "share")$answer, "")
  expect_equal(answers, c("supported", "undecided", "contradicted"))
  a <- at_most(s, "wt", 0.99, metric = "share")
  # one-sided 95 per cent is two-sided 90 per cent
  expect_equal(c(a$lower, a$upper), unname(confint(s, "wt", level = 0.9)[1, ]), tolerance = 1e-10)
  expect_equal(format(a), sprintf(paste("Claim: the share of wt is at most 0.99 of all variance, in mpg: supported.",
    "Upper limit %.4f, lower limit %.4f (one-sided, 95 %%)."), a$upper, a$lower))
  e <- at_most(s, "wt", 0.99, metric = "share", of = "explained variance")
  expect_equal(e$outcomes$estimate, s$blocks$percent_of_explained[1] / 100)
  expect_output(print(e), "of the explained variance, in mpg: supported")
})

test_that("a claim about several outcomes is about the largest", {
  s <- shares(mtcars, c("mpg", "disp", "qsec"), c("wt", "hp"))
  a <- at_most(s, "wt", 0.5, metric = "alone")
  expect_equal(a$upper, max(a$outcomes$upper))
  expect_lt(a$lower, max(a$outcomes$lower))
  expect_match(format(a), "in each of 3 outcomes: ", fixed = TRUE)
  b <- shares(mtcars, c("mpg", "disp"), c("wt", "hp"), interval = "percentile", replicates = 300)
  expect_match(at_most(b, "wt", 0.5, metric = "share")$answer, "supported|undecided|contradicted")
})

test_that("few clusters warn once, with class, and the remark stays", {
  clusters <- transform(mtcars, g = rep_len(1:8, 32))
  expect_warning(s <- shares(clusters, "mpg", c("wt", "hp"), cluster = "g"), class = "steelyard_warning")
  expect_true("few_clusters" %in% s$remarks$code)
  expect_warning(none <- shares(transform(mtcars, g = rep_len(1:4, 32)), "mpg", c("wt", "hp"), cluster = "g"),
                 class = "steelyard_warning")
  expect_equal(none$provenance$interval, "none")
  expect_true(all(is.na(none$blocks$conf.low)))
})

test_that("an interval that rests on one row says so, without a warning", {
  expect_silent(s <- shares(mtcars, c("mpg", "disp"), c("wt", "hp")))
  expect_true("one_unit" %in% s$remarks$code)
  expect_false(anyNA(s$remarks$code))
  expect_match(format(s), "^- the interval of hp rests on one unit", all = FALSE)
})

test_that("suppression is named without a warning", {
  # need does not go with y, but with funding, which does
  r <- matrix(c(1, .5, 0, .5, 1, .5, 0, .5, 1), 3L)
  m <- moments_from_correlation(r, n = 100, names = c("need", "funding", "y"))
  expect_silent(s <- shares(m, "y", c("need", "funding"), interval = "none"))
  expect_equal(s$remarks$text[s$remarks$code == "suppression"],
    c("need explains more beside the others (unique .0833) than alone (.0000): suppression",
      "funding explains more beside the others (unique .3333) than alone (.2500): suppression"))
})

test_that("an aliased column warns and is named", {
  data <- transform(mtcars, heavy = 2 * wt)
  expect_warning(s <- shares(data, "mpg", c("wt", "heavy", "hp")), class = "steelyard_warning")
  expect_true("aliased" %in% s$remarks$code)
  expect_equal(s$blocks$share[1], s$blocks$share[2], tolerance = 1e-10)
})

test_that("a bound is a part of the variance", {
  s <- shares(mtcars, "mpg", c("wt", "hp"))
  expect_error(at_most(s, "wt", 1.5, metric = "share"), "^bound = 1.5: a part of the variance lies between 0 and 1")
  expect_error(at_most(s, "wt", -0.1, metric = "share"), "^bound = -0.1: ")
})
