# SPDX-License-Identifier: GPL-3.0-only

three <- c("Education", "Catholic", "Examination")
table <- matrix(c(1, .5, .4, .5, 1, .3, .4, .3, 1), 3, dimnames = list(c("y", "a", "b"), NULL))
cars <- transform(mtcars, kind = ifelse(am == 1, "manual", "automatic"), place = rep(1:8, 4))

test_that("two groups agree with all their divisions", {
  # Efron and Tibshirani 1993, table 2.1: survival of 7 treated and 9 control mice
  days <- c(94, 197, 16, 38, 99, 141, 23, 52, 104, 146, 10, 51, 30, 40, 27, 46)
  gaps <- combn(16, 7, function(set) abs(mean(days[set]) - mean(days[-set])))
  exact <- mean(gaps >= abs(mean(days[1:7]) - mean(days[8:16])) - 1e-9)
  d <- data.frame(days = days, treated = rep(1:0, c(7, 9)))
  found <- permutation_test(d, "days", "treated", block = "treated", permutations = 20000)
  # four standard errors of 20,000 permutations are .013
  expect_lt(abs(found$p.value - exact), 0.013)
})

test_that("clusters move whole, rows within them, and the print is Python's", {
  d <- transform(cars, money = (place * place) %% 7)
  whole <- suppressWarnings(permutation_test(d, "mpg", c("money", "wt"), block = "money", cluster = "place",
                                             permutations = 199))
  inner <- permutation_test(d, "mpg", c("money", "wt"), block = "wt", cluster = "place", permutations = 199)
  expect_equal(c(whole$moved, inner$moved), c("the block, whole clusters", "residuals of the outcome, row to row"))
  expect_equal(c(whole$units, inner$units), c(8, 32))
  expect_true(inner$within)
  expect_equal(capture.output(permutation_test(swiss, "Fertility", three, block = "Examination", permutations = 999)),
               paste0("Permutation test of Examination for Fertility: unique 0.0003, p = 0.866 (865 of 999 as large; ",
                      "residuals of the outcome, row to row, 47 moved, seed 1)"))
  s <- shares(swiss, "Fertility", three, interval = "none")
  expect_equal(permutation_test(s, "Examination", permutations = 999)$exceeding, 865)
})

test_that("permutation tests refuse in words", {
  expect_error(permutation_test(swiss, "Fertility", three, block = "Educaton"), "^block: .*Education")
  expect_error(permutation_test(swiss, "Fertility", three, block = "Education", metric = "lowest"), "^metric: ")
  expect_error(permutation_test(swiss, "Fertility", three, block = "Education", permutations = 0), "^permutations: 0 ")
  expect_error(permutation_test(cars, "mpg", "wt", block = "wt", weights = "gear", weight_kind = "frequency"),
               "^weights: rows of different frequency", class = "steelyard_error_invalid")
  s <- suppressWarnings(shares(cars, "mpg", c("wt", "hp"), cluster = "place", interval = "none"))
  expect_error(permutation_test(s, block = "wt"), "varies within clusters; give the data frame")
})

test_that("a population is weights", {
  share <- mean(cars$am)
  d <- transform(cars, w = ifelse(am == 1, 0.2 / share, 0.8 / (1 - share)))
  wanted <- shares(d, "mpg", c("wt", "hp"), weights = "w", weight_kind = "sampling")
  s <- shares(cars, "mpg", c("wt", "hp"), population = list(kind = c(manual = 0.2)))
  expect_equal(s$total, wanted$total, tolerance = 1e-13)
  expect_equal(s$blocks$std.error, wanted$blocks$std.error, tolerance = 1e-9)
  change <- population_change(s)
  expect_equal(change$sample[1], shares(cars, "mpg", c("wt", "hp"), interval = "none")$total, tolerance = 1e-13)
  expect_true(any(grepl("^Re-weighted to a population: kind automatic 80.0 % \\(sample 59.4 %\\), kind manual 20.0 %",
                        format(s))))
  expect_error(shares(cars, "mpg", "wt", population = list(kind = c(manual = 0.7, automatic = 0.7))),
               "^population: kind: the shares add to 1.4", class = "steelyard_error_invalid")
  expect_error(shares(cars, "mpg", "wt", population = list(kind = c(manul = 0.7))), "^population: .*manual")
  expect_error(shares(moments(cars, c("mpg", "wt")), "mpg", "wt", population = list(kind = c(manual = 0.7))),
               "^population: re-weighting needs the rows")
})

test_that("rounding agrees with a grid, and impossible tables are flagged", {
  s <- shares(moments_from_correlation(table, 100, decimals = 1), "y", c("a", "b"))
  g <- expand.grid(ya = seq(.45, .55, length.out = 21), yb = seq(.35, .45, length.out = 21),
                   ab = seq(.25, .35, length.out = 21))
  total <- with(g, (ya^2 + yb^2 - 2 * ya * yb * ab) / (1 - ab^2))
  a <- (g$ya^2 + total - g$yb^2) / 2
  found <- rounding(s)
  expect_equal(found$low_rounding[1:2], c(min(total), min(a)), tolerance = 1e-11)
  expect_equal(found$high_rounding[c(1, 3)], c(max(total), max(total - a)), tolerance = 1e-11)
  impossible <- function(r) matrix(c(1, .95, r, .95, 1, .95, r, .95, 1), 3)
  expect_error(moments_from_correlation(impossible(.7), 50, decimals = 2), "^r: an impossible table",
               class = "steelyard_error_data")
  m <- moments_from_correlation(impossible(.79), 50, decimals = 2)
  expect_equal(m$remarks$code, "boundary")
  expect_error(rounding(shares(moments_from_correlation(table, 50), "y", "a")), "^decimals: these moments do not come")
})
