# SPDX-License-Identifier: GPL-3.0-only

r5 <- matrix(c(1, .6, .3, .4, .5, .6, 1, .8, .1, .3, .3, .8, 1, .1, .1, .4, .1, .1, 1, .5, .5, .3, .1, .5, 1), 5,
             dimnames = rep(list(c("y", "a", "b", "c", "d")), 2))
printed <- function() suppressWarnings(shares(moments_from_correlation(r5, 100), "y", c("a", "b", "c", "d")))

test_that("limits at any level are those of the result's own kind", {
  jackknife <- shares(swiss, "Fertility", c("Education", "Catholic"))
  cases <- list(list(printed(), "b", "normal"), list(jackknife, "Catholic", "jackknife"))
  for (case in cases) for (metric in c("share", "alone", "unique", "adjusted")) {
    s <- case[[1]]
    expect_equal(s$provenance$interval, case[[3]])
    d <- as.data.frame(s)
    row <- d[d$block == case[[2]] & d$term == "" & d$metric == metric, ]
    claim <- at_most(s, case[[2]], 0.5, metric = metric, level = 0.975)
    expect_equal(c(claim$lower, claim$upper), c(row$conf.low, row$conf.high), tolerance = 1e-14)
    expect_equal(as.vector(confint(s, case[[2]], 0.95, metric)), c(row$conf.low, row$conf.high), tolerance = 1e-14)
  }
})

three <- c("Education", "Catholic", "Agriculture")
several <- function() shares(swiss, c("Fertility", "Examination", "Infant.Mortality"), three)
made_up <- function() {
  set.seed(5)
  d <- as.data.frame(matrix(rnorm(900), 300, dimnames = list(NULL, c("a", "b", "c"))))
  d$y <- d$a + 0.2 * d$b + rnorm(300)
  d$z <- d$a - 0.2 * d$b + rnorm(300)
  d
}

test_that("adjusting by the p values is what p.adjust does", {
  s <- several()
  plain <- as.data.frame(compare_shares(s, "Education", "Agriculture"))
  for (method in c("bonferroni", "holm", "bh")) {
    found <- compare_shares(s, "Education", "Agriculture", adjust = method)
    expect_equal(found[names(plain)], plain)
    expect_equal(found$adj.p.value, p.adjust(plain$p.value, if (method == "bh") "BH" else method), tolerance = 1e-14)
  }
  all <- compare_all_shares(s, adjust = "holm")
  expect_equal(nrow(all), 9L)
  expect_equal(all$adj.p.value, p.adjust(all$p.value, "holm"), tolerance = 1e-14)
  own <- all[all$first == "Education" & all$second == "Agriculture", names(plain)]
  expect_equal(own$estimate, plain$estimate)
})

test_that("the joint law keeps the order of the tests and depends on the seed alone", {
  s <- several()
  for (method in c("romano-wolf", "westfall-young")) {
    found <- compare_shares(s, "Education", "Agriculture", adjust = method)
    expect_false(is.unsorted(found$adj.p.value[order(found$p.value)]))
    expect_identical(compare_shares(s, "Education", "Agriculture", adjust = method), found)
    expect_false(identical(compare_shares(s, "Education", "Agriculture", adjust = method, seed = 2), found))
  }
})

test_that("a ratio is taken on logarithms", {
  s <- several()
  found <- ratio_shares(s, "Education", "Agriculture")
  expect_equal(sqrt(found$conf.low * found$conf.high), found$estimate, tolerance = 1e-13)
  expect_equal(found$statistic, log(found$estimate) / (found$std.error / found$estimate), tolerance = 1e-13)
  value <- function(block) s$blocks$share[s$blocks$block == block]
  expect_equal(found$estimate, value("Education") / value("Agriculture"), tolerance = 1e-14)
})

test_that("there is no ratio to what is not above zero", {
  r <- matrix(c(1, .5, 0, .5, 1, .5, 0, .5, 1), 3, dimnames = rep(list(c("y", "a", "b")), 2))
  s <- suppressWarnings(shares(moments_from_correlation(r, 100), "y", c("a", "b")))
  expect_warning(found <- ratio_shares(s, "a", "b", metric = "common"),
                 "^no ratio for y: common is -0\\.\\d{4} for a and -0\\.\\d{4} for b; both must be above 0$",
                 class = "steelyard_warning")
  expect_true(all(is.na(found[c("estimate", "std.error", "p.value", "conf.low")])))
})

test_that("above in all is the largest one-sided p", {
  s <- several()
  plain <- compare_shares(s, "Education", "Agriculture")
  found <- above_in_all(s, "Education", "Agriculture")
  expect_equal(found$p.value, max(ifelse(plain$estimate > 0, plain$p.value / 2, 1 - plain$p.value / 2)), tolerance = 1e-14)
  expect_output(print(found), paste("^Claim: the share of Education is above that of Agriculture, in each of 3 outcomes:",
                                    "undecided\\. Largest one-sided p 0\\.\\d{4} \\(95 %\\)\\.$"))
  expect_equal(above_in_all(shares(made_up(), "y", c("a", "b")), "a", "b")$answer, "supported")
})

test_that("coefficients in the league are those of lm", {
  d <- made_up()
  s <- shares(moments(d, c("y", "z", "a", "b", "c")), c("y", "z"), c("a", "b", "c"))
  tests <- attr(league(s, "coefficient"), "tests")
  for (outcome in c("y", "z")) {
    p <- coef(summary(lm(reformulate(c("a", "b", "c"), outcome), d)))[-1, 4]
    expect_equal(tests$p.value[tests$outcome == outcome], unname(p), tolerance = 1e-9)
  }
  alone <- attr(league(s, "alone"), "tests")
  expect_equal(alone$p.value[1], coef(summary(lm(y ~ a, d)))[2, 4], tolerance = 1e-9)
  expect_equal(tests$p.holm, unlist(lapply(c("a", "b", "c"), function(b) p.adjust(tests$p.value[tests$block == b]))),
               tolerance = 1e-14)
})

test_that("the league prints what matters means, as in Python", {
  s <- shares(made_up(), c("y", "z"), c("a", "b", "c"))
  found <- league(s, by = "coefficient")
  tests <- attr(found, "tests")
  expect_equal(found$found, vapply(c("a", "b", "c"), function(b) sum(tests$p.holm[tests$block == b] <= 0.05), 1L,
                                   USE.NAMES = FALSE))
  lines <- capture.output(found)
  expect_equal(lines[c(1, 3, 8:10)], c(
    "League of 3 blocks over 2 outcomes", "block  found  unadjusted  by chance",
    paste("A block matters to an outcome when its coefficients, beside those of all other blocks, are not all zero (F,",
          "leaving out one row at a time)."),
    "found: in so many outcomes at least, with 95 % confidence for each block (Holm).",
    "unadjusted: p at most 0.05 one by one; by chance: so many of those where the block matters nowhere."))
  expect_equal(class(found[1, ]), "data.frame")
  low <- at_most(s, "b", 0.5, metric = "share")$outcomes$lower[1]
  tests <- attr(league(s, sprintf("share>=%.17g", low)), "tests")
  expect_equal(tests$p.value[tests$block == "b" & tests$outcome == "y"], 0.05, tolerance = 1e-9)
})

test_that("ranks are sure where shares lie apart", {
  found <- share_ranks(shares(made_up(), c("y", "z"), c("a", "b", "c")))
  expect_equal(unlist(found[found$block == "a", c("rank", "lowest", "highest")], use.names = FALSE), rep(1L, 6))
  expect_match(tail(capture.output(found), 1), "with 95 % probability \\(2000 draws of signs of 300 rows, seed 1\\)\\.$")
})

test_that("the highest is bounded by what each set of the others leaves", {
  claim <- at_most(shares(swiss, "Fertility", three), "Catholic", 0.5, metric = "highest")
  sets <- list(NULL, "Education", "Agriculture", c("Education", "Agriculture"))
  upper <- vapply(sets, function(set)
    at_most(shares(swiss, "Fertility", "Catholic", adjust = set), "Catholic", 0.5, metric = "share")$upper, 0)
  expect_equal(claim$upper, max(upper), tolerance = 1e-12)
  expect_output(print(claim), "^Claim: Catholic adds at most 0.5 of all variance to any set of the others, in Fertility")
})

test_that("a claim over several results is about the largest", {
  forms <- list(level = ~ Agriculture, log = ~ log(Agriculture))
  results <- lapply(forms, function(form) shares(swiss, "Fertility", list(land = form, school = ~ Education)))
  claim <- at_most(results, "land", 0.2, metric = "share")
  expect_equal(claim$upper, max(vapply(results, function(s) at_most(s, "land", 0.2, metric = "share")$upper, 0)))
  expect_equal(claim$outcomes$result, c("level", "log"))
  expect_output(print(claim), ", in Fertility, in each of 2 results: ")
})

test_that("units needed are those of power.t.test", {
  s <- printed()
  se <- compare_shares(s, "a", "b")$std.error
  found <- units_needed(s, "a", "b", difference = 0.1)
  exact <- power.t.test(delta = 0.1, sd = se * sqrt(100), power = 0.8, type = "one.sample", strict = TRUE)$n
  expect_equal(found$units, ceiling(exact))
  expect_equal(found$units_now, 100)
  power <- power_of_difference(s, "a", "b", units = 60, difference = 0.1)$power
  expect_equal(power, power.t.test(60, 0.1, se * 10, type = "one.sample", strict = TRUE)$power, tolerance = 1e-8)
  expect_equal(capture.output(units_needed(several(), "Education", "Agriculture"))[1:2], c(
    "Education less Agriculture, share, two-sided test at 5 %:",
    "Fertility: about 51 rows would show a difference of 0.32 with 80 % power; this sample has 47."))
})

test_that("what cannot be asked is refused in words", {
  s <- shares(made_up(), c("y", "z"), c("a", "b", "c"))
  n <- printed()
  refuses <- function(expr, words) expect_error(expr, words, class = "steelyard_error_invalid")
  refuses(compare_shares(n, "a", "b", adjust = "romano-wolf"), "^adjust: this result has neither clusters nor rows")
  refuses(share_ranks(n), "^ranks: this result has neither clusters nor rows")
  refuses(at_most(n, "a", 0.1, metric = "highest"), "^metric: this result has neither clusters nor rows")
  refuses(compare_shares(s, "a", "b", adjust = "tukey"), "^adjust: \"tukey\" is not one of \"bonferroni\"")
  refuses(compare_shares(s, "a", "b", adjust = "holm", replicates = 1), "^replicates: 1 is not a whole number of 100")
  refuses(above_in_all(s, "a", "b", level = 1), "^level: 1 is not between 0 and 1")
  refuses(league(s), "^by: say what matters means: \"coefficient\", \"alone\" or \"share>=0.02\"")
  refuses(league(s, "share>=2"), "^by: 2 is not between 0 and 1")
  refuses(league(s, "share>=e"), "^by: say what matters means")
  refuses(at_most(list(), "a", 0.1, metric = "share"), "^s: a result of shares\\(\\), or several")
  refuses(at_most(list(s, n), "a", 0.1, metric = "share"), "^s: the results have limits of different kinds")
  refuses(units_needed(s, "a", "b", power = 0.01), "^power: 0.01 is not between 0.05 and 1")
  refuses(units_needed(s, "a", "b", difference = 0), "^difference: 0; a number other than 0")
  refuses(power_of_difference(s, "a", "b", units = 1), "^units: 1; at least 2")
  d <- made_up()
  d$place <- rep(1:10, 30)
  few <- suppressWarnings(shares(d, c("y", "z"), c("a", "b"), cluster = "place"))
  refuses(compare_shares(few, "a", "b", adjust = "westfall-young"),
          "^adjust: \"westfall-young\" needs at least 11 units, there are 10: .* 2\\^9")
  drawn <- shares(d, "y", c("a", "b"), interval = "percentile", replicates = 200)
  refuses(compare_shares(drawn, "a", "b", adjust = "holm"), "^adjust: \"holm\" needs p values")
  d$y[3] <- d$z[7] <- NA
  apart <- shares(d, c("y", "z"), c("a", "b"), missing = "per-outcome")
  refuses(compare_shares(apart, "a", "b", adjust = "romano-wolf"), "^adjust: with missing = \"per-outcome\"")
})
