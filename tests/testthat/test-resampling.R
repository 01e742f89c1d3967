# Strata, and the kinds of interval that rest on replicates.
# SPDX-License-Identifier: GPL-3.0-only

drawn <- c("percentile", "expanded", "basic", "bca", "studentised", "bayes")
set.seed(3)
sampled <- local({
  region <- rep(0:29, length.out = 600)
  a <- rnorm(600)
  b <- rnorm(600) + 0.3 * a
  data.frame(y = 0.6 * a - 0.4 * b + rnorm(600) + 0.3 * rnorm(30)[region + 1], a = a, b = b,
             region = paste0("r", region), part = c("hills", "coast", "plain")[region %% 3 + 1])
})

test_that("strata leave units less strata degrees of freedom", {
  for (kind in c("jackknife", "influence")) {
    s <- shares(sampled, "y", c("a", "b"), cluster = "region", strata = "part", interval = kind)
    plain <- shares(sampled, "y", c("a", "b"), cluster = "region", interval = kind)
    expect_equal(c(s$provenance$df, s$provenance$units, plain$provenance$df), c(27, 30, 29))
    expect_match(format(s), "over 30 clusters in 3 strata, t with 27 degrees of freedom.", fixed = TRUE, all = FALSE)
    expect_identical(s$blocks$share, plain$blocks$share)
    expect_true(all(s$blocks$std.error != plain$blocks$std.error))
  }
})

test_that("the jackknife within strata is its definition", {
  s <- shares(sampled, "y", c("a", "b"), cluster = "region", strata = ~part, interval = "jackknife")
  moves <- vapply(unique(sampled$region), function(region) {
    part <- sampled$part[match(region, sampled$region)]
    weight <- ifelse(sampled$part == part, 10 / 9, 1) * (sampled$region != region)
    shares(sampled, "y", c("a", "b"), weights = weight, weight_kind = "analytic", interval = NULL)$blocks$share[1] -
      s$blocks$share[1]
  }, 0)
  # errors of 30 refits add up
  expect_equal(s$blocks$std.error[1], sqrt(sum(0.9 * moves^2)), tolerance = 1e-9)
})

test_that("every kind draws within strata and has limits at its own level", {
  for (kind in drawn) {
    s <- shares(sampled, "y", c("a", "b"), cluster = "region", strata = "part", interval = kind, replicates = 400)
    expect_true(all(s$blocks$conf.low < s$blocks$share & s$blocks$share < s$blocks$conf.high))
    what <- if (kind == "bayes") "400 draws, seed 1." else "400 bootstrap samples of 30 clusters in 3 strata, seed 1."
    expect_match(format(s), what, fixed = TRUE, all = FALSE)
    expect_match(format(s), "^Measured coverage of such limits of a share .* % with 20 clusters\\.$", all = FALSE)
    expect_equal(unname(confint(s)), cbind(s$blocks$conf.low, s$blocks$conf.high))
    if (kind %in% c("basic", "bca", "studentised"))
      expect_error(confint(s, level = 0.9), "were made at level 0.95; ask shares() for another", fixed = TRUE)
  }
})

test_that("rows may lie in strata without clusters", {
  s <- shares(sampled, "y", c("a", "b"), strata = "part", interval = "influence")
  expect_equal(s$provenance$df, 597)
  m <- moments(sampled, c("y", "a", "b"), strata = "part")
  expect_identical(c(m$unit, m$strata), c("row", "coast", "hills", "plain"))
  expect_match(format(m), "Sets: one a row (600), strata 3", fixed = TRUE, all = FALSE)
  expect_equal(shares(m, "y", c("a", "b"), interval = "influence")$blocks$std.error, s$blocks$std.error)
})

test_that("strata that cannot be are refused", {
  half <- seq_len(600) %% 60 < 30
  moved <- transform(sampled, part = ifelse(region == "r4" & !half, "hills", part))
  expect_error(shares(moved, "y", "a", cluster = "region", strata = "part"), "strata: cluster r4 lies in two strata",
               class = "steelyard_error_data")
  parts <- lapply(list(moved[half, ], moved[!half, ]), moments, c("y", "a"), cluster = "region", strata = "part")
  expect_error(parts[[1]] + parts[[2]], "strata: cluster r4 lies in two strata, coast and hills; it must lie in one",
               class = "steelyard_error_data")
  lonely <- transform(sampled, part = ifelse(region == "r4", "alone", part))
  expect_error(shares(lonely, "y", "a", cluster = "region", strata = "part"),
               "strata: stratum alone holds one cluster", class = "steelyard_error_data")
  m <- moments(sampled, c("y", "a"), cluster = "region")
  expect_error(shares(m, "y", "a", strata = "part"), "strata: moments already hold their strata; leave it out")
  for (kind in drawn) {
    expect_error(shares(sampled, "y", "a", interval = kind, replicates = 1), "replicates: 1, at least 100 are needed")
    expect_error(shares(sampled, "y", "a", interval = kind, level = 1), "level")
  }
})

test_that("Bayesian replicates give the probability of a difference", {
  s <- shares(sampled, "y", c("a", "b"), cluster = "region", interval = "bayes", replicates = 500)
  forth <- compare_shares(s, "a", "b")$probability
  expect_equal(forth + compare_shares(s, "b", "a")$probability, 1)
  expect_gt(forth, 0.5)
  expect_false("probability" %in% names(compare_shares(shares(sampled, "y", c("a", "b")), "a", "b")))
})

test_that("the jackknife of the city ratio is the published one (reference case S27)", {
  folder <- file.path("..", "reference")
  skip_if_not(file.exists(file.path(folder, "cases.csv")), "the reference cases are not in the package")
  cases <- utils::read.csv(file.path(folder, "cases.csv"))
  cases <- cases[cases$case == "S27_city_jackknife", ]
  city <- utils::read.csv(file.path(folder, "data", "city.csv"))
  theta <- sum(city$x) / sum(city$u)
  jackknife <- jackknife_summary((sum(city$x) - city$x) / (sum(city$u) - city$u), theta)
  linear <- influence_summary((city$x - theta * city$u) / mean(city$u))
  found <- c(theta = theta, jack_bias = jackknife[["bias"]], jack_se = jackknife[["std.error"]],
             accel_jack = jackknife[["acceleration"]], infl_se = linear[["std.error"]],
             accel_inf = linear[["acceleration"]])
  expect_setequal(names(found), cases$quantity)
  for (i in seq_len(nrow(cases)))
    expect_lte(abs(found[[cases$quantity[i]]] / cases$expected[i] - 1), cases$tol_rel[i])
  expect_error(jackknife_summary(1, 1), "left_out = 1 values: 2 or more are needed", class = "steelyard_error_invalid")
})
