# other_metrics(): sums, Johnson's own algorithm, prints, refusals.
# SPDX-License-Identifier: GPL-3.0-only

metrics <- c("first", "last", "beta_squared", "pratt", "relative_weight", "genizi", "car", "independent", "joint")
cars <- transform(mtcars, gears = factor(gear), both = wt + hp, twin = factor(vs))

test_that("one row a term and one column a metric", {
  o <- other_metrics(shares(cars, "mpg", list(one = ~ wt + hp, two = ~ qsec), interval = "none"))
  expect_s3_class(o, "data.frame")
  expect_named(o, c("term", "block", metrics))
  expect_equal(o$term, c("wt", "hp", "qsec"))
  expect_equal(o$block, c("one", "one", "two"))
  expect_identical(class(o[1:2, ]), "data.frame")
})

test_that("four sum to the total and two are columns of shares", {
  for (adjust in list(NULL, ~ gears + drat)) {
    s <- shares(cars, "mpg", c("wt", "hp", "qsec"), adjust = adjust, interval = "none")
    o <- other_metrics(s)
    # the plain tree that gives shares is right to some 1e-16
    for (metric in c("pratt", "relative_weight", "genizi", "car", "independent"))
      expect_lt(abs(sum(o[[metric]]) - s$total), 1e-15)
    expect_lt(max(abs(o$first - s$blocks$alone)), 1e-15)
    expect_lt(max(abs(o$last - s$blocks$unique)), 1e-15)
    expect_identical(o$relative_weight, o$genizi)
    expect_true(all(o$genizi >= 0))
  }
})

test_that("relative weights are those of Johnson's own algorithm", {
  # Johnson 2000, doi:10.1207/S15327906MBR3501_1: X = P D Q', Z = P Q', squared correlations of X and of y with Z
  x <- scale(as.matrix(mtcars[c("wt", "hp", "qsec", "drat")])) / sqrt(31)
  parts <- svd(x)
  z <- parts$u %*% t(parts$v)
  weights <- drop(crossprod(x, z)^2 %*% drop(crossprod(z, scale(mtcars$mpg) / sqrt(31)))^2)
  found <- other_metrics(shares(mtcars, "mpg", c("wt", "hp", "qsec", "drat"), interval = "none"))$relative_weight
  expect_lt(max(abs(found - weights)), 1e-14) # a few roundings of 32 rows in double
})

test_that("several outcomes stand under each other, whether they share their rows or not", {
  gaps <- transform(mtcars, mpg = replace(mpg, 3, NA))
  for (missing in c("complete", "per-outcome")) {
    s <- shares(gaps, c("mpg", "qsec"), c("wt", "hp"), interval = "none", missing = missing)
    o <- other_metrics(s)
    expect_equal(o$outcome, rep(c("mpg", "qsec"), each = 2L))
    rows <- if (missing == "complete") gaps[-3, ] else gaps
    for (outcome in c("mpg", "qsec")) {
      each <- other_metrics(shares(rows, outcome, c("wt", "hp"), interval = "none"))
      expect_equal(as.matrix(o[o$outcome == outcome, metrics]), as.matrix(each[metrics]), tolerance = 1e-15,
                   ignore_attr = TRUE)
    }
  }
})

test_that("it prints the table and the caution", {
  o <- other_metrics(shares(swiss, "Fertility", list(people = c("Education", "Catholic"), knowledge = "Examination"),
                            interval = "none"))
  expect_identical(capture.output(print(o)), c(
    "Other metrics, in points of all outcome variance:", "",
    "term         block       first    last  beta squared   pratt  relative weight  genizi     car  independent   joint",
    "Education    people     0.4406  0.1446        0.3426  0.3885           0.2859  0.2859  0.3127       0.2697  0.1709",
    "Catholic     people     0.2150  0.0694        0.1253  0.1641           0.1285  0.1285  0.1278       0.1193  0.0957",
    "Examination  knowledge  0.4172  0.0003        0.0012  0.0222           0.1605  0.1605  0.1344       0.1859  0.2313", "",
    paste("Relative weights (Genizi's are the same) are for comparison only: their derivation is flawed and they can",
          "distort what shares say (Thomas, Zumbo, Kwan & Schweitzer 2014, doi:10.1080/00273171.2014.905766).")))
})

test_that("a saved result still answers, and keeps the bytes of its moments once", {
  s <- shares(mtcars, c("mpg", "qsec"), c("wt", "hp"))
  expect_length(s$moments, 1L)
  path <- tempfile()
  on.exit(unlink(path))
  saveRDS(s, path)
  expect_identical(other_metrics(readRDS(path)), other_metrics(s))
})

test_that("what has several columns or no coefficient of its own is refused", {
  expect_error(other_metrics(shares(cars, "mpg", c("wt", "gears"), interval = "none")), "gears has 2 columns",
               class = "steelyard_error_invalid")
  s <- suppressWarnings(shares(cars, "mpg", c("wt", "hp", "both"), interval = "none"), "steelyard_warning")
  expect_error(other_metrics(s), "both is constant or follows from", class = "steelyard_error_data")
  expect_error(other_metrics(mtcars), "a result of shares", class = "steelyard_error_invalid")
  two <- other_metrics(shares(cars, "mpg", c("wt", "twin"), interval = "none"))
  number <- other_metrics(shares(cars, "mpg", c("wt", "vs"), interval = "none"))
  expect_equal(two$car, number$car, tolerance = 1e-15)
  expect_equal(.Call(steelyard:::C_live_bytes), 0)
})
