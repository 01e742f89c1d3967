# What holds for every class: it can be saved, shown in every form, and asked in R's own terms.
# SPDX-License-Identifier: GPL-3.0-only

people <- function(n = 240) {
  k <- seq_len(n)
  wave <- function(a, b = 0) sin(a * k + b)
  d <- data.frame(g = sprintf("c%02d", (k - 1L) %% 12L + 1L), f = exp(wave(1.7)), q = wave(2.3, 1), m = wave(0.9, 2))
  d$t <- rep(0:1, length.out = n)
  d$y <- d$f + d$q + 0.5 * d$m + 0.3 * d$t + wave(5.1, 0.3)
  d$y2 <- d$q + wave(3.3, 0.7)
  d$i1 <- d$q + wave(7.1)
  d$i2 <- d$q + wave(8.3)
  d$o <- cut(d$y, c(-Inf, 0.8, 2, Inf), labels = c("low", "mid", "high"), ordered_result = TRUE)
  d$yes <- factor(ifelse(d$y2 > 0, "yes", "no"))
  d$side <- rep(c("left", "right"), each = n / 2L)
  d
}

blocks <- list(process = ~q, funding = ~f)

# One result of each class.
every <- function(d = people()) {
  s <- shares(d, c("y", "y2"), blocks)
  one <- shares(d, "y", blocks, cluster = "g")
  fit <- fit_linear(y ~ f + q + factor(side), d, cluster = "g")
  plain <- fit_linear(y ~ f + q + factor(side), d)
  odds <- fit_binary(yes ~ f + q, d)
  order <- fit_ordinal(o ~ f + q, d)
  mixed <- fit_mixed(y ~ f + (1 | g), d)
  list(
    moments = moments(d, ~ y + f, cluster = "g"), shares = s, by = shares(d, "y", blocks, by = "side"),
    fitted = shares(odds), corrected = corrected_shares(one, c(q = 0.9)),
    population = shares(d, "y", blocks, population = list(side = c(left = 0.3, right = 0.7))),
    simex = simex_shares(one, c(q = 0.9)), crossvalidated = crossvalidated(one), first = if_first(one), league = league(s, "alone"),
    ranks = share_ranks(one), at_most = at_most(s, "funding", 0.5, "share"), in_all = above_in_all(s, "process", "funding"),
    compared = compare_all_shares(s), ratio = ratio_shares(s, "process", "funding"),
    needed = units_needed(one, "process", "funding"), submodels = submodels(one), commonality = commonality(one),
    dominance = dominance(one), other = other_metrics(one), flip = share_flip(one), turn = reliability_to_flip(one),
    permutation = permutation_test(s, "process", permutations = 99), linear = fit, anova = anova(plain),
    means = marginal_means(plain, "side"), pairs = pairwise(plain, "side"),
    contrasts = linear_contrasts(fit, list(q = c(q = 1))), wild = wild_test(fit, "q", replicates = 99),
    diagnostics = diagnostics(plain), oneway = oneway(d, "y", "side"), components = variance_components(d, "y", "g"),
    binary = odds, odds = odds_ratios(odds), risks = risk_ratios(odds, "q"), effects = effects(odds),
    explained = explained(odds), ordinal = order, proportional = proportional(order),
    count = fit_count(t ~ q, d), mixed = mixed, icc = icc(mixed), ranef = random_effects(mixed),
    gap = gap(d, "y", "side", blocks), mediation = mediation(d, "y", "t", list(money = ~m)),
    balance = balance(d, "t", ~ f + q, outcome = "y"), confounding = confounding(plain, "q", benchmarks = "f"),
    reliability = reliability(d, c("i1", "i2", "q")), of_means = reliability_of_means(d, "y", cluster = "g"),
    polychoric = polychoric(d, c("o", "q")), overview = overview(d, "yes", better = "yes", by = "side"),
    evidence = weigh(d, c("y", "y2"), blocks), curve = specification_curve(d, "y", blocks),
    counts = counts_by_chance(c(a = 1, b = 5), of = 14, chance = 0.05), allowed = gap_allowed(r2 = 0.07, share = 0.8),
    values = unit_values(c(a = 100, b = 90), list(year = c(a = 10, b = 12))))
}

results <- suppressWarnings(every())

forms <- function(x) c(utils::capture.output(print(x)), utils::capture.output(print(summary(x))), to_markdown(x), to_latex(x),
                       to_csv(x))

test_that("a result that was saved and read is the same, with nothing of the session in it", {
  held <- function(x) {
    if (is.environment(x)) return(!identical(x, topenv(x)))
    if (typeof(x) %in% c("externalptr", "weakref", "closure")) return(TRUE)
    parts <- c(if (is.list(x)) unclass(x), attributes(x))
    any(vapply(parts, held, NA))
  }
  for (name in names(results)) {
    expect_false(held(results[[name]]), info = name)
    expect_identical(forms(unserialize(serialize(results[[name]], NULL))), forms(results[[name]]), info = name)
  }
})

test_that("a fit carries what its terms need of the function it was made in, and nothing else", {
  made <- function() {
    big <- double(1e5)
    twice <- 2
    fit_linear(y ~ log(twice * f), people())
  }
  fit <- made()
  expect_lt(length(serialize(fit, NULL)), 1e5)
  expect_equal(predict(unserialize(serialize(fit, NULL)), people(10)), predict(fit)[1:10])
})

test_that("another session reads what was saved", {
  files <- tempfile(fileext = c(".rds", ".txt"))
  on.exit(unlink(files))
  saveRDS(results, files[1L])
  code <- sprintf(paste0(".libPaths(%s); library(steelyard); x <- readRDS('%s'); ",
                         "writeLines(unlist(lapply(x, function(one) utils::capture.output(print(one)))), '%s')"),
                  paste(deparse(.libPaths()), collapse = ""), files[1L], files[2L])
  run <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", "-e", shQuote(code)), stdout = FALSE, stderr = FALSE)
  expect_equal(run, 0L)
  expect_identical(readLines(files[2L]), unlist(lapply(results, function(one) utils::capture.output(print(one))), use.names = FALSE))
})

test_that("every class is shown in every form, each table with a caption and as many cells in every row", {
  for (name in names(results)) {
    x <- results[[name]]
    markdown <- strsplit(to_markdown(x), "\n")[[1L]]
    tables <- which(startsWith(markdown, "Table: "))
    expect_true(all(nchar(markdown[tables]) > 10L), info = name)
    pipes <- grepl("^\\|", markdown)
    runs <- split(nchar(gsub("[^|]", "", gsub("\\\\\\|", "", markdown[pipes]))), cumsum(c(TRUE, diff(which(pipes)) > 1L)))
    if (any(pipes)) expect_true(all(vapply(runs, function(run) length(unique(run)) == 1L, NA)), info = name)
    expect_equal(sum(gregexpr("\\begin{tabular}", to_latex(x), fixed = TRUE)[[1L]] > 0), length(tables), info = name)
    csv <- utils::read.csv(text = to_csv(x), check.names = FALSE)
    expect_identical(dim(csv), dim(as.data.frame(x)), info = name)
  }
})

test_that("a summary says more than the print", {
  for (name in names(results)) {
    if (is.data.frame(results[[name]])) next
    expect_gte(length(utils::capture.output(print(summary(results[[name]])))), length(format(results[[name]])))
  }
  expect_true("- interval: jackknife" %in% utils::capture.output(print(summary(results$shares))))
  expect_true("- formula: y ~ f + q + factor(side)" %in% utils::capture.output(print(summary(results$linear))))
})

test_that("broom's verbs know every class", {
  skip_if_not_installed("generics")
  for (name in names(results)) {
    expect_s3_class(generics::tidy(results[[name]]), "data.frame")
    if (!is.data.frame(results[[name]]) && name != "values") expect_s3_class(generics::glance(results[[name]]), "data.frame")
  }
  rows <- generics::tidy(results$shares, metric = "share")
  expect_equal(rows$term, c("y: process", "y: funding", "y2: process", "y2: funding"))
  expect_equal(rows$estimate, results$shares$blocks$share)
  explained <- generics::tidy(results$gap, part = "explained")
  expect_equal(explained$estimate, results$gap$parts$explained[match(explained$term, results$gap$parts$block)])
  expect_error(generics::tidy(results$shares, metric = "some"), class = "steelyard_error_invalid")
  weighted <- generics::augment(results$balance, people())
  expect_equal(weighted$.weight, results$balance$weights)
  expect_error(generics::augment(results$balance, people(10)), class = "steelyard_error_invalid")
  expect_identical(generics::augment(results$diagnostics), results$diagnostics$rows)
})

test_that("coef, confint, vcov and nobs answer for results that are no fits", {
  m <- results$mediation
  expect_equal(unname(coef(m)), m$effects$estimate)
  expect_equal(unname(confint(m)), cbind(m$effects$conf.low, m$effects$conf.high))
  expect_equal(unname(confint(m, "total")), unname(confint(m)[m$effects$part == "total", , drop = FALSE]))
  expect_error(confint(m, level = 0.9), "level: these limits are at 95 %", class = "steelyard_error_invalid")
  expect_error(confint(m, "nothing"), "parm: there is no nothing", class = "steelyard_error_invalid")
  expect_identical(vcov(m), m$covariance)
  expect_equal(coef(results$shares), structure(results$shares$blocks$share, names = c("y: process", "y: funding", "y2: process",
                                                                                      "y2: funding")))
  expect_error(confint(results$oneway), "has no estimates", class = "steelyard_error_invalid")
  for (name in c("moments", "shares", "linear", "mixed", "gap", "mediation", "balance", "reliability", "oneway", "diagnostics",
                 "polychoric", "evidence"))
    expect_equal(nobs(results[[name]]), 240, info = name)
  expect_equal(nobs(results$by), 120)
  expect_error(nobs(results$at_most), "does not say how many rows", class = "steelyard_error_invalid")
})
