# submodels(), commonality() and dominance() of a result.
# SPDX-License-Identifier: GPL-3.0-only

reference <- function(...) test_path("..", "reference", ...)
swiss_terms <- c("Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality")

found_number <- function(s, quantity) {
  what <- sub("\\[.*", "", quantity)
  inside <- sub("\\]$", "", sub("^[^[]*\\[", "", quantity))
  if (what == "common") {
    all <- commonality(s)
    return(all$coefficient[all$players == gsub("+", " + ", inside, fixed = TRUE)])
  }
  if (what == "r2") {
    all <- submodels(s)
    wanted <- names(all) %in% strsplit(inside, "+", fixed = TRUE)[[1L]]
    players <- vapply(all, is.logical, TRUE)
    hit <- apply(as.matrix(all[players]), 1L, function(row) all(row == wanted[players]))
    return(all$r2[hit])
  }
  parts <- strsplit(inside, ",", fixed = TRUE)[[1L]]
  if (what == "complete") {
    d <- dominance(s)
    straight <- d$first == parts[1L] & d$second == parts[2L]
    return(if (any(straight)) d$value[straight] else 1 - d$value[d$first == parts[2L] & d$second == parts[1L]])
  }
  c <- attr(dominance(s, "conditional"), "contributions")
  if (what == "general") return(c$general[c$player == inside][1L])
  c$contribution[c$player == parts[2L] & c$others == as.integer(parts[1L])]
}

test_that("other programs' numbers are met", {
  skip_if_not(file.exists(reference("cases.csv")), "the reference cases are not here")
  cases <- read.csv(reference("cases.csv"), colClasses = "character")
  for (asked in list(list("commonality", "mtcars", "mpg", c("wt", "hp", "qsec"), 7L),
                     list("dominance", "swiss", "Fertility", swiss_terms, 50L),
                     list("all_subsets", "swiss", "Fertility", swiss_terms, 31L))) {
    data <- read.csv(reference("data", paste0(asked[[2L]], ".csv")))
    s <- shares(data, asked[[3L]], asked[[4L]], interval = "none")
    lines <- cases[cases$family == asked[[1L]], ]
    expect_identical(nrow(lines), asked[[5L]])
    expected <- as.numeric(lines$expected)
    found <- vapply(lines$quantity, function(q) found_number(s, q), 0)
    allowed <- as.numeric(lines$tol_rel) * ifelse(expected == 0, 1, abs(expected))
    expect_true(all(abs(found - expected) <= allowed), asked[[1L]])
  }
})

test_that("printed tables are met to their digits", {
  skip_if_not(file.exists(reference("printed.csv")), "the reference cases are not here")
  r <- matrix(c(1, .6, .3, .4, .5, .6, 1, .8, .1, .3, .3, .8, 1, .1, .1, .4, .1, .1, 1, .5, .5, .3, .1, .5, 1), 5L)
  m <- moments_from_correlation(r, 100, c("y", "x1", "x2", "x3", "x4"))
  tables <- list(T19_azen_budescu_2003 = shares(m, "y", c("x1", "x2", "x3", "x4"), interval = "none"),
                 T20_domir_mtcars = shares(mtcars, "mpg", c("am", "cyl", "carb"), interval = "none"))
  rows <- read.csv(reference("printed.csv"), colClasses = "character")
  rows <- rows[rows$table %in% names(tables), ]
  expect_identical(nrow(rows), 48L)
  for (i in seq_len(nrow(rows))) {
    half <- 0.5 * 10^-nchar(sub(".*\\.", "", rows$printed[i]))
    off <- abs(found_number(tables[[rows$table[i]]], rows$quantity[i]) - as.numeric(rows$printed[i]))
    expect_lte(off, half * (1 + 1e-9))
  }
  expect_identical(dominance(tables[[1L]])$dominates, c("x1", "x1", "x1", "", "", ""))
})

test_that("submodels are lm's, with factors and beyond adjusting terms", {
  d <- transform(swiss, region = factor(rep(c("n", "s", "w"), length.out = 47)))
  s <- shares(d, "Fertility", list(place = ~ region, school = ~ Education + Examination), adjust = "Catholic",
              interval = "none")
  t <- submodels(s, "terms")
  expect_identical(nrow(t), 8L)
  for (i in seq_len(8L)) {
    terms <- c("Catholic", names(t)[1:3][unlist(t[i, 1:3])])
    fit <- summary(lm(reformulate(terms, "Fertility"), d))
    expect_equal(t$r2[i], fit$r.squared, tolerance = 1e-12)
    expect_equal(t$adjusted_r2[i], fit$adj.r.squared, tolerance = 1e-11)
    expect_identical(t$n_columns[i], nrow(fit$coefficients) - 1L)
  }
  expect_equal(t$beyond_adjust, t$r2 - summary(lm(Fertility ~ Catholic, d))$r.squared, tolerance = 1e-12)
})

test_that("coefficients add up to the total, those of one block are unique", {
  s <- shares(swiss, "Fertility", swiss_terms, interval = "none")
  all <- commonality(s)
  expect_identical(nrow(all), 31L)
  expect_equal(sum(all$coefficient), s$total, tolerance = 1e-14)
  expect_equal(commonality(s, 1)$coefficient, s$blocks$unique, tolerance = 1e-13)
  expect_identical(commonality(s, 2)$players, all$players[all$order <= 2])
})

test_that("general contributions are the shares", {
  s <- shares(swiss, c("Fertility", "Infant.Mortality"), c("Education", "Catholic", "Examination"), interval = "none")
  d <- dominance(s, "general")
  expect_identical(unique(d$outcome), s$outcomes)
  c <- attr(d, "contributions")
  expect_equal(c$general[c$others == 0], s$blocks$share, tolerance = 1e-13)
})

test_that("replicates go by the seed", {
  s <- shares(swiss, "Fertility", c("Education", "Catholic", "Examination"))
  one <- dominance(s, replicates = 200)
  expect_identical(one, dominance(s, replicates = 200, seed = 1))
  expect_false(identical(one$mean, dominance(s, "general", replicates = 200, seed = 2)$mean))
  expect_equal(one$p_first + one$p_second + one$p_neither, rep(1, 3))
  expect_identical(one$replicates, rep(200L, 3))
})

test_that("it prints what Python prints", {
  s <- shares(swiss, "Fertility", c("Education", "Catholic"), interval = "none")
  expect_identical(capture.output(print(commonality(s))), c(
    "Commonality for Fertility: 2 blocks, 47 rows", "",
    "players               coefficient  percent",
    "Education                  0.3595     62.6",
    "Catholic                   0.1339     23.3",
    "Education + Catholic       0.0811     14.1", "",
    paste("Of one block: what it explains uniquely; of several: what they explain in common, negative under",
          "suppression."),
    "The coefficients of all sets add up to the total, 0.5745."))
  expect_identical(capture.output(print(dominance(s)))[3:4], c(
    "first      second    dominates  first above  second above   tied",
    "Education  Catholic  Education        1.000         0.000  0.000"))
  expect_identical(class(submodels(s)["r2"]), "data.frame")
})

test_that("what cannot be is refused in words", {
  s <- shares(swiss, "Fertility", c("Education", "Catholic"), interval = "none")
  refused <- function(call, text) expect_error(call, text, class = "steelyard_error_invalid", fixed = TRUE)
  refused(commonality(s, 0), "order: 0 is not a whole number of 1 or more")
  refused(submodels(s, "columns"), 'players: "columns" is not one of "blocks", "terms"')
  refused(dominance(s, "total"), 'kind: "total" is not one of "complete", "conditional", "general"')
  refused(dominance(s, tolerance = -1), "tolerance: -1 is not between 0 and 1")
  refused(dominance(s, replicates = 1), "replicates: 1 is not a whole number of 2 or more")
  names <- paste0("v", 0:19)
  wide <- shares(moments_from_correlation(diag(20), 100, names), "v0", names[-1], interval = "none", bounds = FALSE)
  for (call in list(submodels, dominance, commonality))
    expect_error(call(wide), "19 blocks have 2^19 submodels", class = "steelyard_error_limit", fixed = TRUE)
})

test_that("contributions are drawn, a line a block", {
  skip_if_not_installed("ggplot2")
  s <- shares(swiss, "Fertility", c("Education", "Catholic", "Examination"), interval = "none")
  drawn <- ggplot2::autoplot(s, "dominance")
  built <- ggplot2::layer_data(drawn, 3L)
  expect_identical(nrow(built), 9L)
  expect_equal(sort(built$y), sort(attr(dominance(s), "contributions")$contribution))
})
