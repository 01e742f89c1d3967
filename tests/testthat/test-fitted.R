# Shares over binary, count, ordinal and mixed fits: the published decomposition of the
# Copenhagen housing data (T10), totals that are the fits' own, prints, refusals. Python
# runs the same (tests/python/test_fitted.py).
# SPDX-License-Identifier: GPL-3.0-only

printed <- c(
  "Shares of McFadden's R2 for Sat: 3 blocks, n = 1681 from 72 rows",
  "Total McFadden's R2 0.0465 (95 % limits 0.0341 to 0.0617)",
  "",
  "block   share  one step  percent     low    high   alone  unique  lowest  highest  adjusted  by chance",
  "Infl   0.0292    0.0292     62.8  0.0198  0.0412  0.0289  0.0297  0.0278   0.0303    0.0281     0.0005",
  "Type   0.0150    0.0149     32.2  0.0085  0.0242  0.0148  0.0153  0.0137   0.0160    0.0133     0.0008",
  "Cont   0.0023    0.0024      5.0  0.0004  0.0070  0.0009  0.0039  0.0009   0.0039    0.0018     0.0003",
  "",
  paste0("Submodels: 8 values of McFadden's R2, each by a fit of its own; by one step from the full fit ",
         "shares differ by at most 0.0001 (Type)."),
  "Limits (95 %): jackknife of one-step shares over 100 groups of rows (seed 1), t with 99 degrees of freedom.",
  "Weights: frequency, sum 1681.",
  "Shares are points of McFadden's R2; association, not effect.")

kept <- new.env()
housing <- function() {
  file <- test_path("..", "reference", "data", "housing.csv")
  skip_if_not(file.exists(file), "tests/reference is not here")
  frame <- read.csv(file, stringsAsFactors = TRUE)
  frame$Sat <- factor(frame$Sat, c("Low", "Medium", "High"), ordered = TRUE)
  frame
}
satisfied <- function() {
  if (is.null(kept$fit))
    kept$fit <- fit_ordinal(Sat ~ Infl + Type + Cont, housing(), weights = "Freq", weight_kind = "frequency")
  kept$fit
}
asked <- local({ # 720 made-up answers in 24 councils: a and b vary within, d does not
  i <- 0:719
  council <- i %% 24
  frame <- data.frame(a = sqrt((i * 7) %% 101 + 1) - 6, b = (i * 13) %% 37 / 12 - 1.5, d = council %% 5 - 2, council)
  level <- 0.4 * frame$a + 0.3 * frame$b + 0.2 * frame$d + ((council * 7) %% 24) / 12 + (i * 37) %% 211 / 60
  transform(frame, level = level, event = as.integer(level > 3.2), visits = floor(pmax(level, 0)),
            step = floor(pmin(pmax(level, 0), 5.99) / 1.5), spread = floor(pmax(level, 0)) * (i %% 3))
})
quietly <- function(expr) suppressWarnings(expr, classes = "steelyard_warning") # few groups
text_of <- function(x) paste(format(x), collapse = "\n")

test_that("the housing data divide as published", {
  s <- shares(satisfied(), method = "exact")
  expect_lt(abs(s$total - 0.04652), 6e-6)
  expect_lt(max(abs(s$blocks$share - c(0.02920, 0.01499, 0.00233))), 6e-6)
  expect_equal(s$measure, "mcfadden")
  expect_equal(s$n, 1681)
})

test_that("the print is that of Python", {
  s <- shares(satisfied())
  expect_equal(format(s), printed)
  expect_output(print(s), printed[1L], fixed = TRUE)
  expect_equal(format(unserialize(serialize(s, NULL))), printed)
  expect_s3_class(s, c("steelyard_fitted_shares", "steelyard_shares"))
  lines <- format(shares(satisfied(), measure = "latent", method = "one-step", interval = NULL))
  expect_equal(lines[1:2], c("Shares of latent R2 for Sat: 3 blocks, n = 1681 from 72 rows", "Total latent R2 0.1028"))
  expect_true(all(c("Submodels: 8 values of latent R2, by one step from the full fit.", "Limits: none.") %in% lines))
  expect_false(any(grepl("one step  percent|adjusted|by chance", lines)))
})

test_that("totals are those of the fit", {
  own <- explained(satisfied())
  for (measure in c("mcfadden", "nagelkerke", "latent")) {
    s <- shares(satisfied(), measure = measure, interval = NULL)
    name <- if (measure == "latent") "mckelvey_zavoina" else measure
    expect_equal(s$total, own$value[own$measure == name], tolerance = 1e-9)
    expect_equal(sum(s$blocks$share), s$total, tolerance = 1e-12)
  }
  fits <- quietly(list(fit_mixed(level ~ a + b + d + (a | council), asked),
                       fit_mixed(event ~ a + b + (1 | council), asked, family = "binary")))
  for (fit in fits) {
    s <- quietly(shares(fit, interval = NULL))
    expect_equal(s$total, r2(fit)[["marginal"]], tolerance = 1e-7)
    expect_equal(sum(share_parts(s)$share), 1, tolerance = 1e-12)
    expect_equal(share_parts(s)$part, c("blocks", "effects of council", "residual"))
  }
})

test_that("the parts of a mixed model are printed", {
  fit <- quietly(fit_mixed(level ~ a + b + d + (1 | council), asked))
  s <- quietly(shares(fit, blocks = list(people = ~ a + b), adjust = ~ d))
  expect_equal(share_parts(s)$part, c("blocks", "adjusting terms", "effects of council", "residual"))
  expect_equal(sum(share_parts(s)$share), 1, tolerance = 1e-12)
  expect_equal(s$terms$term, c("a", "b"))
  lines <- format(s)
  expect_equal(lines[1L], "Shares of marginal R2 for level beyond d: 1 block, 720 rows")
  expect_match(lines[2L], "^Total marginal R2 0\\.")
  expect_match(lines[3L], "^Adjusting terms: marginal R2 0\\.")
  expect_true(any(grepl("^effects of council  0\\.", lines)))
  expect_true(all(c("Limits (95 %): jackknife of one-step shares over 24 clusters, t with 23 degrees of freedom.",
                    "The part between clusters holds the sampling noise of the clusters' means.",
                    "Shares are points of marginal R2; association, not effect.") %in% lines))
})

test_that("shares split within and between clusters", {
  fit <- fit_ordinal(step ~ a + b + d, asked, cluster = "council")
  s <- quietly(shares(fit, measure = "latent"))
  expect_equal(s$blocks$within + s$blocks$between, s$blocks$share, tolerance = 1e-12)
  expect_gt(s$blocks$between[3L], s$blocks$within[3L]) # d is the council's alone
  expect_true(all(is.na(shares(fit, interval = NULL)$blocks$within))) # McFadden's R2 is no variance
  expect_equal(s$provenance[c("unit", "units", "df")], list(unit = "cluster", units = 24, df = 23))
})

test_that("what rests on the table works as ever", {
  s <- shares(satisfied())
  k <- compare_shares(s, "Infl", "Type")
  expect_equal(k$estimate, s$blocks$share[1L] - s$blocks$share[2L], tolerance = 1e-12)
  expect_true(k$p.value > 0 && k$p.value < 0.1 && k$conf.low < k$estimate && k$estimate < k$conf.high && k$df == 99)
  expect_equal(nrow(compare_all_shares(s)), 3L)
  expect_gt(ratio_shares(s, "Infl", "Cont")$estimate, 5)
  claim <- at_most(s, "Cont", 0.01, metric = "share")
  expect_equal(claim$answer, "supported")
  expect_match(format(claim), "^Claim: the share of Cont is at most 0\\.01 points of McFadden's R2, in Sat: supported\\.")
  expect_match(format(at_most(s, "Cont", 0.5, metric = "share", of = "explained variance")),
               "of all McFadden's R2 together")
  expect_output(print(power_of_difference(s, "Infl", "Type")), "groups of rows")
  expect_output(print(league(s, by = "share>=0.01")), "its share is above 0.01 points of McFadden's R2", fixed = TRUE)
  expect_equal(above_in_all(s, "Infl", "Cont")$answer, "supported")
  expect_equal(as.data.frame(s)$metric[1:2], c("total", "share"))
  expect_equal(dim(confint(s)), c(3L, 2L))
  expect_output(print(summary(s)), "block  term")
  expect_equal(s$provenance$method, "exact")
  expect_equal(s$provenance$submodels, 8)
  expect_true(s$gap > 0 && s$gap < 5e-4)
  expect_error(at_most(list(one = s, other = shares(satisfied(), measure = "latent")), "Cont", 0.01, metric = "share"),
               "shares of McFadden's R2 and of latent R2; a claim is about one measure")
})

test_that("drawings name the measure", {
  skip_if_not_installed("ggplot2")
  s <- shares(satisfied())
  expect_equal(ggplot2::autoplot(s)$labels$x, "share of McFadden's R2, points, with 95 % limits")
  expect_equal(ggplot2::autoplot(s, "common")$labels$x, "points of McFadden's R2")
  expect_match(ggplot2::autoplot(s, "bounds")$labels$caption, "^All blocks together 0\\.\\d+ of McFadden's R2, n = ")
})

test_that("blocks, adjusting terms and order", {
  two <- list(home = ~ Type + Cont, say = ~ Infl)
  s <- shares(satisfied(), blocks = two, interval = NULL)
  expect_equal(s$blocks$block, c("home", "say"))
  expect_equal(s$terms$term, c("Type", "Cont", "Infl"))
  expect_equal(sum(s$terms$share[1:2]), s$blocks$share[1L], tolerance = 1e-12)
  first <- shares(satisfied(), blocks = two, order = list("say", "home"), interval = NULL)
  expect_equal(first$blocks$share[2L], s$blocks$alone[2L], tolerance = 1e-12)
  expect_true("Order: say, then home" %in% format(first))
  expect_equal(shares(satisfied(), blocks = "Infl", adjust = ~ Type + Cont, interval = NULL)$total, s$blocks$unique[2L],
               tolerance = 1e-9)
  expect_equal(shares(satisfied(), blocks = "Infl", interval = NULL)$total, s$blocks$alone[2L], tolerance = 1e-9)
})

test_that("each kind of fit has shares", {
  fits <- quietly(list(fit_binary(event ~ a + b, asked), fit_binary(event ~ a + b, asked, link = "probit"),
                       fit_count(visits ~ a + b, asked), fit_count(visits ~ a + b, asked, family = "negative_binomial"),
                       fit_count(spread ~ a + b, asked, family = "negative_binomial")))
  for (fit in fits) {
    s <- quietly(shares(fit))
    expect_equal(s$total, 1 - fit$loglik / fit$loglik_null, tolerance = 1e-9)
    own <- explained(fit)
    expect_equal(shares(fit, measure = "nagelkerke", interval = NULL)$total, own$value[own$measure == "nagelkerke"],
                 tolerance = 1e-9)
    expect_true(all(s$blocks$conf.low < s$blocks$share & s$blocks$share < s$blocks$conf.high))
  }
  few <- format(shares(fit_binary(event ~ a + b, asked[1:60, ])))
  expect_true(any(grepl("jackknife of one-step shares over 60 rows, t with 59", few, fixed = TRUE)))
})

test_that("rows with missing values are told", {
  holes <- asked
  holes$a[1:3] <- NA
  lines <- format(shares(fit_binary(event ~ a + b, holes), blocks = "b", interval = NULL))
  expect_match(lines[1L], "1 block, 717 rows")
  expect_true("Rows: 720 read, 717 used, 3 dropped for missing values." %in% lines)
})

test_that("the bits do not depend on threads", {
  expect_identical(as.data.frame(shares(satisfied(), threads = 1)), as.data.frame(shares(satisfied(), threads = 3)))
})

test_that("bad questions are refused in words", {
  fit <- satisfied()
  refuses <- function(message, ...)
    expect_error(shares(fit, ...), message, fixed = TRUE, class = "steelyard_error_invalid")
  refuses(paste0("measure: \"r2\" is of data, moments and linear models; this ordinal model has \"mcfadden\", ",
                 "\"nagelkerke\" or \"latent\""), measure = "r2")
  refuses("measure: \"marginal\" is of mixed models; this ordinal model has \"mcfadden\"", measure = "marginal")
  refuses("measure: \"cox\" is not one of \"r2\", \"mcfadden\", \"nagelkerke\", \"latent\", \"marginal\"", measure = "cox")
  refuses("holds a bar term; those belong in the formula of fit_mixed()", blocks = list(home = ~ Type + (1 | Infl)))
  refuses("blocks: there is no Typ; the nearest name is Type", blocks = "Typ")
  refuses("blocks: there is no Sat", blocks = "Sat")
  refuses("adjust: Infl is in a block too; leave it out of one of them", blocks = "Infl", adjust = "Infl")
  refuses("the term Infl is already used in a", blocks = list(a = "Infl", b = "Infl"))
  refuses("method: \"sampled\" is not one of \"auto\", \"exact\", \"one-step\"", method = "sampled")
  refuses("interval: \"bca\" is not one of \"auto\", \"jackknife\", \"none\"", interval = "bca")
  refuses("level: 2 is not between 0 and 1", level = 2)
  refuses("outcome: the fit already holds its outcome; leave it out", outcome = "Sat")
  refuses("weights: the fit already holds its weights; leave it out", weights = "Freq")
  refuses("by: shares over a fitted model do not use it; leave it out", by = "Type")
  refuses("bounds: shares over a fitted model do not use it; leave it out", bounds = TRUE)
  refuses("permutations: shares over a fitted model do not use it; leave it out", permutations = 200)
  expect_equal(.Call(steelyard:::C_live_bytes), 0)
})

test_that("measures belong to their models", {
  message <- "measure: \"latent\" is of binary and ordinal models without groups, nominal or scale terms; data, moments"
  for (data in list(asked, moments(asked, c("level", "a"))))
    expect_error(shares(data, "level", "a", measure = "latent"), message, fixed = TRUE)
  expect_error(shares(fit_linear(level ~ a, asked), measure = "latent"), message, fixed = TRUE)
  expect_equal(shares(asked, "level", "a", measure = "r2")$measure, "r2")
  expect_error(shares(quietly(fit_mixed(level ~ a + (1 | council), asked)), measure = "mcfadden"),
               "this linear mixed model has \"marginal\"", fixed = TRUE)
  expect_error(shares(fit_ordinal(step ~ a, asked, scale = ~ b), measure = "latent"),
               "this ordinal model has \"mcfadden\" or \"nagelkerke\"", fixed = TRUE)
  beyond <- shares(fit_ordinal(step ~ a, asked, nominal = ~ b), interval = NULL)
  expect_equal(format(beyond)[1L], "Shares of McFadden's R2 for step beyond nominal: b: 1 block, 720 rows")
  expect_error(shares(fit_binary(event ~ 1, asked)), "blocks: the fit has no terms", fixed = TRUE)
})

test_that("what needs moments says so", {
  s <- shares(satisfied())
  calls <- list(crossvalidated = crossvalidated, submodels = submodels, commonality = commonality,
                dominance = dominance, if_first = if_first, other_metrics = other_metrics, ranks = share_ranks,
                rounding = rounding, population_change = population_change,
                by = function(s) league(s, by = "coefficient"),
                metric = function(s) at_most(s, "Infl", 0.1, metric = "highest"),
                adjust = function(s) compare_all_shares(s, adjust = "romano-wolf"),
                permutation_test = function(s) permutation_test(s, "Infl"))
  for (what in names(calls))
    expect_error(calls[[what]](s), paste0("^", what, ": this needs the moments of a linear model; these are shares of ",
                                          "McFadden's R2$"))
})

test_that("a fit and its blocks may stand alone", {
  fit <- satisfied()
  blocks <- list(influence = ~ Infl, dwelling = ~ Type + Cont)
  named <- shares(fit, blocks = blocks, interval = "none")
  expect_identical(shares(fit, blocks, interval = "none")$blocks, named$blocks)
  cars <- fit_linear(mpg ~ wt + hp, mtcars)
  expect_identical(shares(cars, list(weight = ~ wt, power = ~ hp), interval = "none")$total,
                   shares(cars, interval = "none")$total)
  expect_error(shares(fit, "Sat"), "outcome: the fit already holds its outcome", class = "steelyard_error_invalid")
})
