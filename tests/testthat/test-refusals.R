# Every bad input ends in a classed error that names argument and value.
# SPDX-License-Identifier: GPL-3.0-only

data <- transform(mtcars, region = rep_len(c("north", "south"), 32), flat = 1, w = 1)

refuses <- function(code, class, ...) {
  error <- expect_error(code, class = paste0("steelyard_error_", class))
  expect_s3_class(error, "steelyard_error")
  for (text in c(...)) expect_match(conditionMessage(error), text, fixed = TRUE)
  expect_equal(.Call(steelyard:::C_live_bytes), 0)
}

test_that("an unknown column is named, with the nearest", {
  refuses(shares(data, "mgp", c("wt", "hp")), "invalid", "outcome", "mgp", "mpg")
  refuses(shares(data, "mpg", c("wt", "hpp")), "invalid", "blocks", "hpp", "hp")
  refuses(shares(data, "mpg", "wt", adjust = "cyll"), "invalid", "adjust", "cyll", "cyl")
  refuses(shares(data, "mpg", "wt", weights = "ww", weight_kind = "analytic"), "invalid", "weights", "ww")
  refuses(shares(data, "mpg", "wt", cluster = ~ gears), "invalid", "cluster", "gears", "gear")
  refuses(shares(data, "mpg", list(a = ~ log(wtt))), "invalid", "blocks", "wtt", "wt")
  refuses(moments(data, ~ wt + no_such), "invalid", "terms", "no_such")
})

test_that("an absent term of moments lists those present", {
  m <- moments(data, ~ mpg + wt + hp)
  refuses(shares(m, "mpg", c("wt", "cyl")), "invalid", "blocks", "cyl", "wt")
})

test_that("a text column is told to become a factor", {
  refuses(shares(data, "mpg", c("wt", "region")), "invalid",
          "blocks: column \"region\" holds text; write factor(region) to use it as a factor")
})

test_that("unusable columns are named with what they hold", {
  odd <- data.frame(y = c(1, 3, 2), d = as.Date("2020-01-01") + 0:2, z = 1:3 + 1i)
  odd$l <- list(1, 2, 3)
  odd$m <- matrix(1:6, 3)
  for (name in c("d", "z", "l", "m")) refuses(shares(odd, "y", name), "invalid", "blocks", name)
  big <- data.frame(y = c(1, 3, 2))
  big$i <- structure(c(1, 2, 3), class = "integer64")
  refuses(shares(big, "y", "i"), "invalid", "integer64")
})

test_that("a constant outcome, too few rows and missing rows are refused", {
  refuses(shares(data, "flat", c("wt", "hp")), "data", "flat")
  refuses(shares(data[1:3, ], "mpg", c("wt", "hp", "qsec", "disp")), "data")
  refuses(shares(transform(data, wt = NA_real_), "mpg", c("wt", "hp")), "data", "wt")
  refuses(shares(data[0, ], "mpg", c("wt", "hp")), "data")
  refuses(shares(transform(data, wt = replace(wt, 3, Inf)), "mpg", c("wt", "hp")), "data", "wt")
})

test_that("impossible weights are refused", {
  with <- function(value, kind) shares(transform(data, w = replace(w, 5, value)), "mpg", c("wt", "hp"), weights = "w",
                                       weight_kind = kind)
  refuses(with(-1, "analytic"), "data", "w", "-1")
  refuses(with(NaN, "sampling"), "data", "w")
  refuses(with(Inf, "analytic"), "data", "w")
  refuses(with(1.5, "frequency"), "data", "w", "1.5")
})

test_that("weights need their kind, and a kind its weights", {
  refuses(shares(data, "mpg", "wt", weights = "w"), "invalid", "frequency", "analytic", "sampling",
          "one over the chance of selection")
  refuses(shares(data, "mpg", "wt", weight_kind = "analytic"), "invalid", "weights", "without weights")
  refuses(shares(data, "mpg", "wt", weights = "w", weight_kind = "exact"), "invalid", "weight_kind", "exact")
  refuses(shares(data, "mpg", "wt", weights = 1:10, weight_kind = "analytic"), "invalid",
          "weights: a vector of 10 values was given for 32 rows")
  refuses(shares(data, "mpg", "wt", weights = "region", weight_kind = "analytic"), "invalid",
          "weights: column \"region\" holds text; numbers are needed")
})

test_that("one cluster is refused", {
  refuses(shares(data, "mpg", c("wt", "hp"), cluster = rep("a", 32)), "data", "cluster")
})

test_that("blocks that overlap, are empty, nameless or none are refused", {
  refuses(shares(data, "mpg", list(a = ~ wt, b = ~ wt + hp)), "invalid", "wt")
  refuses(shares(data, "mpg", list(a = ~ mpg, b = ~ wt)), "invalid", "mpg")
  refuses(shares(data, "mpg", list(a = ~ wt, money = ~ 1)), "invalid", "blocks: block \"money\" holds no term")
  refuses(shares(data, "mpg", list(a = ~ wt, money = character())), "invalid", "block \"money\" holds no term")
  refuses(shares(data, "mpg", list()), "invalid", "blocks: at least one block is needed")
  refuses(shares(data, "mpg", list(a = ~ wt, ~ hp)), "invalid", "block 2 has no name")
  refuses(shares(data, "mpg", list(a = ~ wt, a = ~ hp)), "invalid", "\"a\"")
  refuses(shares(data, "mpg", 3), "invalid", "blocks")
})

test_that("the intercept cannot be removed", {
  text <- "blocks: the intercept cannot be removed; shares of R2 need it"
  refuses(shares(data, "mpg", list(a = ~ wt - 1, b = ~ hp)), "invalid", text)
  refuses(shares(data, "mpg", "wt + 0 + hp"), "invalid", text)
})

test_that("40 one-term blocks are past the limit, at once", {
  wide <- as.data.frame(matrix(sin(seq_len(60 * 41)^2), 60))
  began <- proc.time()[[3]]
  refuses(shares(wide, "V1", names(wide)[-1], method = "exact"), "limit", "40", "30")
  expect_lt(proc.time()[[3]] - began, 2)
})

test_that("what is no correlation matrix is refused", {
  r <- diag(3)
  dimnames(r) <- list(c("y", "a", "b"), NULL)
  refuses(moments_from_correlation(`[<-`(r, 1, 2, 0.5), 100), "data")
  refuses(moments_from_correlation(`[<-`(r, 2, 2, 2), 100), "data", "a")
  r[] <- c(1, .9, -.9, .9, 1, .9, -.9, .9, 1)
  refuses(moments_from_correlation(r, 100), "data")
  refuses(moments_from_correlation(1:3, 100), "invalid", "r:")
  refuses(moments_from_correlation(diag(2), 100, c("a", "b", "c")), "invalid", "names: 3 names")
  refuses(moments_from_correlation(diag(2), "x", c("a", "b")), "invalid", "n:")
})

test_that("words and numbers out of range are named with what is allowed", {
  ask <- function(...) shares(data, "mpg", c("wt", "hp"), ...)
  refuses(ask(interval = "magic"), "invalid", "interval: \"magic\" is not one of", "jackknife")
  refuses(ask(measure = "tjur"), "invalid", "measure: \"tjur\" is not one of \"r2\"")
  refuses(ask(method = "guess"), "invalid", "method")
  refuses(ask(missing = "drop"), "invalid", "missing: \"drop\" is not one of \"complete\", \"per-outcome\", \"error\"")
  refuses(ask(precision = "quad"), "invalid", "precision")
  refuses(ask(bounds = "maybe"), "invalid", "bounds")
  refuses(ask(level = 1.2), "invalid", "level", "1.2")
  refuses(ask(level = "high"), "invalid", "level")
  refuses(ask(threads = 0), "invalid", "threads: 0 is not a whole number of 1 or more")
  refuses(ask(replicates = 0), "invalid", "replicates: 0 is not a whole number of 1 or more")
  refuses(ask(replicates = 1e7), "invalid", "replicates: 10000000 is more than 1000000")
  refuses(ask(seed = -1), "invalid", "seed: -1 is not a whole number of 0 or more")
})

test_that("moments take no weights, clusters or rules again", {
  m <- moments(data, ~ mpg + wt)
  refuses(shares(m, "mpg", "wt", weights = "w", weight_kind = "analytic"), "invalid", "weights: moments already hold")
  refuses(moments(m, ~ wt), "invalid", "data: moments were given already")
  refuses(shares(m, "mpg", "wt", cluster = "gear"), "invalid", "cluster: moments already hold their clusters")
  refuses(shares(m, "mpg", "wt", missing = "error"), "invalid", "missing: moments already hold their missing rule")
})

test_that("data that are neither frame nor moments are refused", {
  refuses(shares(as.matrix(mtcars), "mpg", "wt"), "invalid", "data", "matrix")
  refuses(moments(1:3, ~ x), "invalid", "data")
  refuses(describe(NULL, ~ x), "invalid", "data")
  twice <- structure(list(1:3, 2:4, c(1, 5, 2)), names = c("a", "a", "y"), class = "data.frame", row.names = 1:3)
  refuses(shares(twice, "y", "a"), "invalid", "\"a\"")
})

test_that("claims and comparisons name what is wrong", {
  s <- shares(data, "mpg", c("wt", "hp"))
  refuses(compare_shares(s, "wt", "hpp"), "invalid", "second", "hpp", "hp")
  refuses(compare_shares(s, "w", "hp"), "invalid", "first")
  refuses(compare_shares(s, "wt", "hp", metric = "best"), "invalid", "metric")
  refuses(at_most(s, "wt", 0.1), "invalid",
          "metric: say which: \"share\", \"alone\", \"unique\", \"adjusted\" or \"highest\"")
  refuses(at_most(s, "wt", 0.1, metric = "alone", of = "explained variance"), "invalid",
          "of: \"explained variance\" goes with metric = \"share\" only")
  refuses(at_most(s, "wt", 0.1, metric = "share", of = "it"), "invalid", "of: \"it\" is not one of")
  refuses(at_most(s, "money", 0.1, metric = "share"), "invalid", "block", "money")
  without <- shares(data, "mpg", c("wt", "hp"), interval = "none")
  text <- "interval: this result has no standard errors; ask shares() for an interval"
  refuses(compare_shares(without, "wt", "hp"), "invalid", text)
  refuses(at_most(without, "wt", 0.1, metric = "share"), "invalid", text)
  refuses(confint(without), "invalid", text)
})

test_that("a call that fails says which and why", {
  refuses(shares(data, "mpg", list(a = ~ stop_here(wt))), "invalid", "blocks: \"stop_here(wt)\" cannot be computed")
  refuses(shares(data, "mpg", list(a = ~ head(wt, 3))), "invalid", "3", "32")
  refuses(shares(data, "mpg", list(a = ~ poly(wt, 2))), "invalid", "poly(wt,2)", "2 columns")
  refuses(shares(data, "mpg", list(a = mpg ~ wt)), "invalid", "has an outcome in it")
  refuses(shares(data, "mpg", list(a = ~ .)), "invalid", "blocks")
})
