# Tibbles and data.tables are data frames to every verb; tables of results go into other packages' tables.
# SPDX-License-Identifier: GPL-3.0-only

survey <- function(n = 120) {
  k <- seq_len(n)
  d <- data.frame(g = sprintf("c%02d", (k - 1L) %% 12L + 1L), f = exp(sin(1.7 * k)), q = sin(2.3 * k + 1), w = 1 + (k %% 3))
  d$t <- rep(0:1, length.out = n)
  d$y <- d$f + d$q + 0.3 * d$t + sin(5.1 * k)
  d$y2 <- d$q + sin(3.3 * k)
  d$y2[c(4, 50)] <- NA
  d$o <- cut(d$y, c(-Inf, 0.8, 2, Inf), labels = c("low", "mid", "high"), ordered_result = TRUE)
  d$yes <- factor(ifelse(is.na(d$y2) | d$y2 > 0, "yes", "no"))
  d$side <- rep(c("left", "right"), each = n / 2L)
  d
}

blocks <- list(process = ~q, funding = ~f)

# What each verb gives of the data, as numbers; predictions and rows with what was found for each.
asked <- function(d) {
  quiet <- function(x) suppressWarnings(x)
  fit <- fit_linear(y ~ f + q + factor(side), d, cluster = "g")
  odds <- fit_binary(yes ~ f + q, d)
  mixed <- quiet(fit_mixed(y ~ f + (1 | g), d))
  some <- d[3:9, ]
  list(
    moments = moments(d, ~ y + f, cluster = "g")$hash, describe = describe(d, ~ y + factor(side)),
    shares = quiet(shares(d, c("y", "y2"), blocks, weights = "w", weight_kind = "sampling", cluster = "g")),
    vectors = quiet(shares(d, "y", blocks, weights = d$w, weight_kind = "frequency", cluster = d$g)),
    by = shares(d, "y", blocks, by = "side"), permutation = permutation_test(d, "y", blocks, "process", permutations = 99),
    population = shares(d, "y", blocks, population = list(side = c(left = 0.3, right = 0.7))),
    linear = fit, predicted = predict(fit, some), augmented = unclass(generics::augment(fit, d)),
    binary = odds, chances = predict(odds, some), ordinal = fit_ordinal(o ~ f + q, d), count = fit_count(t ~ q, d),
    mixed = mixed, mixed_predicted = predict(mixed, some), oneway = oneway(d, "y", "side"),
    components = variance_components(d, "y", "g"), gap = gap(d, "y", "side", blocks),
    mediation = mediation(d, "y", "t", list(money = ~f)), balance = balance(d, "t", ~ f + q, outcome = "y"),
    reliability = reliability(d, c("y", "q", "f")), of_means = reliability_of_means(d, "y", cluster = "g"),
    polychoric = polychoric(d, c("o", "q")), overview = overview(d, "yes", better = "yes", by = "side"),
    evidence = quiet(weigh(d, c("y", "y2"), blocks)), curve = specification_curve(d, "y", blocks))
}

numbers <- function(one) {
  if (inherits(one, "steelyard_result")) return(c(format(as.data.frame(one), digits = 17), print = list(utils::capture.output(print(one)))))
  lapply(unname(one), as.vector)
}

test_that("a tibble gives each verb what the data frame gives", {
  skip_if_not_installed("tibble")
  skip_if_not_installed("generics")
  plain <- asked(survey())
  from <- asked(getExportedValue("tibble", "as_tibble")(survey()))
  for (name in names(plain)) expect_identical(numbers(from[[name]]), numbers(plain[[name]]), info = name)
})

test_that("a data.table gives each verb what the data frame gives, and is left as it was", {
  skip_if_not_installed("data.table")
  skip_if_not_installed("generics")
  plain <- asked(survey())
  data <- getExportedValue("data.table", "as.data.table")(survey())
  before <- serialize(as.list(data), NULL)
  from <- asked(data)
  for (name in names(plain)) expect_identical(numbers(from[[name]]), numbers(plain[[name]]), info = name)
  expect_identical(serialize(as.list(data), NULL), before)
})

test_that("rows with what was found for each keep the kind of frame", {
  skip_if_not_installed("tibble")
  skip_if_not_installed("generics")
  d <- getExportedValue("tibble", "as_tibble")(survey())
  fit <- fit_linear(y ~ f, d)
  expect_s3_class(generics::augment(fit, d), "tbl_df")
  expect_equal(generics::augment(fit, d)$.fitted, unname(fitted(fit)))
})

test_that("modelsummary tabulates fits and shares", {
  skip_if_not_installed("modelsummary")
  table <- function(...) suppressWarnings(getExportedValue("modelsummary", "modelsummary")(..., output = "data.frame"))
  d <- survey()
  fits <- table(list(a = fit_linear(y ~ f + q, d), b = fit_binary(yes ~ f, d)))
  expect_true(all(c("(Intercept)", "f", "q", "Num.Obs.") %in% fits$term))
  expect_match(fits$a[fits$term == "f" & fits$statistic == "estimate"], sprintf("%.3f", coef(fit_linear(y ~ f + q, d))[["f"]]), fixed = TRUE)
  s <- shares(d, "y", blocks)
  shown <- table(s, metric = "share")
  expect_equal(shown$term[shown$part == "estimates" & shown$statistic == "estimate"], c("process", "funding"))
  expect_equal(shown[shown$part == "estimates" & shown$statistic == "estimate", 4L], sprintf("%.3f", s$blocks$share))
  expect_true("total" %in% table(mediation(d, "y", "t", list(money = ~f)))$term)
})

test_that("gt makes a table of a result's numbers", {
  skip_if_not_installed("gt")
  d <- survey()
  for (one in list(as.data.frame(shares(d, "y", blocks)), anova(fit_linear(y ~ f + q, d)), shares(d, "y", blocks)$blocks)) {
    made <- getExportedValue("gt", "gt")(one)
    expect_s3_class(made, "gt_tbl")
    expect_equal(dim(made[["_data"]]), dim(one))
  }
})
