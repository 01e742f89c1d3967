# SPDX-License-Identifier: GPL-3.0-only
# Every number of every case as hexadecimal; parity.c and parity.py print the same.
library(steelyard)
show <- function(case, ...) {
  v <- c(...)
  cat(case, ifelse(is.na(v), "NA", tolower(sprintf("%a", v))), sep = " ")
  cat("\n")
}
show_shares <- function(case, s) {
  d <- as.data.frame(s)
  for (k in seq_len(nrow(d)))
    show(paste(case, d$metric[k]), d$estimate[k], d$std.error[k], d$conf.low[k], d$conf.high[k])
}
show_plain <- function(case, s) {
  show_shares(case, s)
  o <- other_metrics(s)
  for (k in seq_len(nrow(o))) show(paste(case, o$term[k]), unlist(o[k, -(1:2)]))
  if (nrow(s$blocks) < 20L) show_submodels(case, s)
}
show_submodels <- function(case, s) {
  a <- submodels(s)
  for (k in seq_len(nrow(a))) show(paste(case, "submodel"), a$n_columns[k], a$r2[k], a$adjusted_r2[k], a$beyond_adjust[k])
  a <- commonality(s)
  for (k in seq_len(nrow(a))) show(paste(case, "common"), a$coefficient[k], a$percent_of_explained[k])
  a <- attr(dominance(s), "contributions")
  for (k in seq_len(nrow(a))) show(paste(case, "contribution"), a$contribution[k], a$general[k])
  units <- s$provenance$unit != "none"
  for (kind in c("complete", "conditional", "general")) {
    a <- dominance(s, kind, replicates = if (units) 50, seed = 5)
    for (k in seq_len(nrow(a))) {
      show(paste(case, kind), a$first_above[k], a$second_above[k], a$tied[k], a$value[k])
      if (units) show(paste(case, "reproduced"), a$mean[k], a$std.error[k], a$p_first[k], a$p_second[k],
                      a$p_neither[k], a$reproducibility[k])
    }
  }
  show_flips(case, s)
}
show_flips <- function(case, s) {
  names <- s$blocks$block
  for (pair in list(names[1:2], names[2:1])) {
    flip <- share_flip(s, pair[1L], pair[2L], rays = c(-1, 0.5, 1), benchmarks = s$terms$term[3L])
    for (k in 1:7) show(paste(case, "flip"), unlist(flip$needed[k, -(1:2)]))
    show(paste(case, "flip low"), flip$nearest$distance_low)
    if (flip$nearest$reversed) next
    show(paste(case, "flip ray"), unlist(flip$rays[1L, 5:8]))
    show(paste(case, "flip like"), unlist(flip$benchmarks[1L, -(1:3)]))
    show(paste(case, "flip grid"), flip_contours(flip, "a", "c", third = 0.25, points = 3, reach = 0.9)$difference)
    for (turn in list(reliability_to_flip(s, pair[1L], pair[2L]), shared_source_to_flip(s, pair[1L], pair[2L])))
      show(paste(case, "flip turn"), unlist(as.data.frame(turn)[1L, 7:10]))
  }
}
quiet <- function(expr) withCallingHandlers(expr, steelyard_warning = function(w) invokeRestart("muffleWarning"))

make_sample <- function(n) {
  i <- seq_len(n) - 1
  d <- as.data.frame(lapply(0:19, function(j) sqrt((i * (7 + 4 * j) + j) %% 101 + 1) - 5))
  names(d) <- paste0("x", 0:19)
  d$half <- i %% 17 * 0.5 + (i * 3) %% 5 * 0.1
  d$y <- (d$x0 + 0.5 * d$x1) + (0.25 * d$x2 + sqrt((i * 37) %% 211 + 2))
  d$z <- d$y * 0.5 + d$x3
  d$x1[c(6, 51)] <- NA
  d$w <- 1 + i %% 4
  d$area <- factor(c("north", "south", "west")[i %% 3 + 1], levels = c("north", "south", "west"))
  d$council <- factor(sprintf("c%02d", (i * i) %% 23), levels = sprintf("c%02d", 0:22))
  d
}

small <- make_sample(600)
large <- make_sample(2500)
blocks <- list(money = ~x0, process = ~ x1 + half, place = ~area, bend = ~ I(x2^2) + x0:x3)
cases <- list(
  rows = list(small), clusters = list(small, cluster = "council"), double = list(small, precision = "double"),
  adjust = list(small, adjust = ~ x4 + x5, cluster = "council"), influence = list(large),
  frequency = list(small, weights = "w", weight_kind = "frequency", cluster = "council"),
  analytic = list(large, weights = "w", weight_kind = "analytic"),
  sampling = list(small, weights = "w", weight_kind = "sampling", cluster = "council"),
  percentile = list(small, interval = "percentile", replicates = 200, seed = 11, cluster = "council"),
  expanded = list(small, interval = "expanded", replicates = 200, seed = 12, cluster = "council"))
for (name in names(cases)) {
  s <- quiet(do.call(shares, c(cases[[name]], list(outcome = "y", blocks = blocks))))
  show_shares(name, s)
  cat(name, s$provenance$hash)
  cat("\n")
  k <- compare_shares(s, "money", "process")
  show(paste(name, "difference"), k$estimate, k$std.error, k$conf.low, k$conf.high)
  show(paste(name, "crossvalidated"), s$total_crossvalidated, s$blocks$crossvalidated)
}
split <- list(money = ~ x0 + x1, process = ~ half + area)
bent <- c(split, last = ~ I(x2^2))
order <- list("last", c("money", "process"))
show_shares("ordered", quiet(shares(small, "y", bent, order = order, cluster = "council")))
show_shares("marginal", quiet(shares(small, "y", c(split, last = ~ x0:x3))))
show_shares("absorbed", quiet(shares(small, "y", bent, adjust = ~ factor(council) + x4, order = order,
                                     cluster = "council")))
small$part <- factor(c("even", "odd")[(as.integer(small$council) - 1L) %% 2L + 1L], levels = c("even", "odd"))
for (kind in c("jackknife", "influence", "percentile", "expanded", "basic", "bca", "studentised", "bayes")) {
  s <- quiet(shares(small, "y", blocks, cluster = "council", strata = "part", interval = kind, replicates = 200,
                    seed = 21))
  show_shares(paste("strata", kind), s)
  if (kind == "bayes") show("strata bayes above", compare_shares(s, "process", "money")$probability)
}
show_shares("strata rows", quiet(shares(small, "y", blocks, strata = "part", interval = "influence")))
a <- at_most(quiet(shares(small, c("y", "z"), blocks, cluster = "council")), "money", 0.07, metric = "share")
show(paste("at_most", a$answer), a$upper, a$lower)
compared <- c("estimate", "std.error", "statistic", "df", "p.value", "conf.low", "conf.high")
s <- quiet(shares(small, c("y", "z"), blocks, cluster = "council"))
for (method in c("romano-wolf", "westfall-young"))
  show(paste("joint", method), compare_all_shares(s, adjust = method, replicates = 500, seed = 3)$adj.p.value)
ways <- c("coefficient", "alone", "share>=0.02")
leagues <- lapply(ways, function(by) attr(league(s, by), "tests"))
ranks <- share_ranks(s, replicates = 500, seed = 3)
above <- above_in_all(s, "money", "process")$outcomes
for (i in 1:2) {
  own <- ranks[ranks$outcome == c("y", "z")[i], ]
  show("joint ranks", as.double(rbind(own$rank, own$lowest, own$highest)))
  show("joint ratio", unlist(ratio_shares(s, "money", "process")[i, compared]))
  show("joint above", above$statistic[i], above$p.value[i])
  show("joint planning", units_needed(s, "money", "process", difference = 0.05)$units[i],
       power_of_difference(s, "money", "process", units = 100, difference = 0.05)$power[i])
  for (way in 1:3) {
    tests <- leagues[[way]][leagues[[way]]$outcome == c("y", "z")[i], ]
    for (k in seq_len(nrow(tests)))
      show(paste("joint", ways[way]), unlist(tests[k, if (way == 3) c("statistic", "p.value")
                                                      else c("statistic", "df1", "df2", "p.value")]))
  }
}
a <- at_most(s, "money", 0.07, metric = "highest")
show("joint highest", a$upper, a$lower)
sb <- quiet(shares(small, "y", list(money = ~x0, process = ~ x1 + half), by = "area", cluster = "council"))
d <- compare_levels(sb)
for (k in seq_len(nrow(d))) show("joint levels", unlist(d[k, compared]))
d <- test_levels(sb)
for (k in seq_len(nrow(d))) show("joint all equal", unlist(d[k, -1]))

items <- c("y", "z", "x0", "x1")
show_reliability <- function(case, r) {
  for (k in seq_len(nrow(r$table))) show(paste(case, "kind"), unlist(r$table[k, -(1:2)]))
  for (k in seq_len(nrow(r$items))) show(paste(case, "item"), unlist(r$items[k, -(1:3)]))
}
show_reliability("reliability", quiet(reliability(small, items, cluster = "council")))
show_reliability("reliability rows", quiet(reliability(large, items, weights = "w", weight_kind = "frequency")))
s <- quiet(shares(small, "y", list(money = ~x0, process = ~ x1 + half), cluster = "council"))
known <- c(x1 = 0.8, half = 0.9)
k <- quiet(corrected_shares(s, known))
show_shares("corrected", k)
show("corrected lowest", measurement_errors(k)$lowest)
x <- simex_shares(s, known, replicates = 20, seed = 4)
for (k in seq_len(nrow(x))) show("simex row", x$measured[k], x$quadratic[k], x$rational[k], x$corrected[k])
x <- attr(x, "added")
for (k in seq_len(nrow(x))) show("simex added", x$share[k], x$mc_error[k])
i <- 0:599
two <- transform(small, treated = as.integer((i * 11) %% 7 + x0 > 3), high = as.integer(y > 9))
hows <- list(
  ate = list(), entropy = list(estimand = "ATT", method = "entropy", interval = "influence", weights = "w",
                               weight_kind = "sampling"),
  overlap = list(estimand = "overlap", link = "probit", interval = "influence", weights = "w", weight_kind = "frequency"),
  random = list(estimand = "ATT", clusters = "random", interval = "jackknife"))
for (name in names(hows)) {
  b <- quiet(do.call(balance, c(list(two, "treated", c("x0", "area"), c("y", "high"), cluster = "council"), hows[[name]])))
  show(paste("balance weights", name), b$weights[1:40])
  for (k in seq_len(nrow(b$table))) {
    show(paste("balance", name), unlist(b$table[k, 3:9]))
    show(paste("balance", name), unlist(b$table[k, 10:16]))
  }
  for (k in seq_len(nrow(b$estimates))) show(paste("balance", name), unlist(b$estimates[k, -(1:2)]))
}

d <- simulate_poet(seed = 7, people = 1100, strengths = c(powerfulness_payment = 0.3), hidden = TRUE)
for (name in names(d)) {
  values <- utils::tail(d[[name]], 40)
  show(paste("poet", name), as.double(if (is.factor(values)) as.integer(values) - 1L else values))
}
m <- attr(d, "marginals")
for (k in seq_len(nrow(m))) show(paste("poet", m$kind[k]), m$planted[k], m$found[k])
truth <- attr(d, "truth")
for (k in seq_len(nrow(truth))) show(paste("poet", truth$name[k]), truth$value[k])
d <- simulate_poet(people = 900, councils = 30, hidden = TRUE)
d$direct <- d$payment_type == "direct_payment"
for (interval in c("jackknife", "influence", "percentile", "ordinal")) {
  ordinal <- interval == "ordinal"
  m <- mediation(d, if (ordinal) "quality_of_life" else "hidden_outcome", "direct",
                 list(funding = ~ hidden_funding, process = ~ hidden_process), confounders = ~ need + client_group,
                 cluster = "council", interval = if (ordinal) "none" else interval, replicates = 100, draws = 10,
                 seed = if (interval %in% c("percentile", "ordinal")) 5 else 1)
  e <- m$effects[setdiff(names(m$effects), c("df", "part", "answer"))]
  for (k in seq_len(nrow(e))) show(paste("mediation", interval), unlist(e[k, ]))
  show(paste("mediation means", interval), m$means$mean)
  if (!is.null(m$covariance)) show(paste("mediation covariance", interval), t(m$covariance))
}
for (metric in c("unique", "alone", "share")) {
  k <- quiet(permutation_test(small, "y", blocks, block = "bend", metric = metric, cluster = "council",
                              permutations = 99, seed = 3))
  show(paste("permutation", metric), k$estimate, k$p.value, k$units)
}
k <- population_change(quiet(shares(small, "y", blocks, population = list(area = c(north = 0.5)), interval = "none")))
for (i in seq_len(nrow(k))) show(paste("population", gsub("[()]", "", k$block[i])), k$population[i])
printed <- matrix(c(1, .5, .4, .3, .5, 1, .3, .2, .4, .3, 1, .6, .3, .2, .6, 1), 4,
                  dimnames = rep(list(c("y", "a", "b", "c")), 2))
k <- rounding(quiet(shares(moments_from_correlation(printed, 100, decimals = 1), "y", c("a", "b", "c"))))
for (i in seq_len(nrow(k))) show(paste("rounding", k$block[i]), k$low_rounding[i], k$high_rounding[i])
show_plain("wide", quiet(shares(large, "y", paste0("x", 0:19), interval = "none")))
show_plain("sampled", quiet(shares(large, "y", paste0("x", 0:19), interval = "none", method = "sampled")))
terms <- c("y", "x0", "x1", "half")
m <- moments(small, terms, cluster = "council") + moments(large, terms, cluster = "council")
cat("merged", m$hash)
cat("\n")
show_plain("moments", quiet(shares(m, "y", c("x0", "x1", "half"))))
r <- matrix(c(1, .6, .3, .4, .5, .6, 1, .8, .1, .3, .3, .8, 1, .1, .1, .4, .1, .1, 1, .5, .5, .3, .1, .5, 1), 5,
            dimnames = rep(list(c("y", "a", "b", "c", "d")), 2))
show_plain("normal", quiet(shares(moments_from_correlation(r, 100), "y", c("a", "b", "c", "d"))))
for (kind in c("classical", "HC3", "CR2")) {
  f <- quiet(fit_linear(y ~ x0 + half + area + area:half, small, covariance = kind,
                        cluster = if (kind == "CR2") "council"))
  show(paste("fit", kind), f$r2, f$sigma, f$loglik, f$condition)
  for (label in names(coef(f)))
    show(paste("fit", kind, label), coef(f)[[label]], sqrt(vcov(f)[label, label]), f$df[[label]])
}
responses <- list(
  list("logit", "binary", list(), 9, 50, 2, "classical"), list("probit", "binary", list(link = "probit"), 9, 50, 2, "HC1"),
  list("cloglog", "binary", list(link = "cloglog"), 9, 50, 2, "CR2"), list("poisson", "count", list(), 3, 3, 9, "CR1"),
  list("ordinal", "ordinal", list(), 4, 4, 5, "CR2"),
  list("nominal", "ordinal", list(link = "probit", nominal = "half"), 4, 4, 5, "classical"),
  list("even", "ordinal", list(link = "cloglog", thresholds = "equidistant"), 4, 4, 5, "classical"))
for (a in responses) {
  spot <- transform(small, spot = pmin(pmax(floor((y - a[[4]]) / a[[5]]) + 1, 0), a[[6]] - 1))
  formula <- if (is.null(a[[3]]$nominal)) spot ~ x0 + half + area else spot ~ x0 + area
  f <- quiet(do.call(paste0("fit_", a[[2]]), c(list(formula, spot, covariance = a[[7]]), a[[3]],
                                               if (startsWith(a[[7]], "CR")) list(cluster = "council"))))
  show(paste(a[[1]], "whole"), f$loglik, f$loglik_null, f$deviance, f$pearson, f$lr, f$aic, f$condition)
  for (label in names(coef(f)))
    show(paste(a[[1]], label), coef(f)[[label]], sqrt(vcov(f)[label, label]), f$df[[label]])
  k <- effects(f, c("x0", "area"))
  for (i in seq_len(nrow(k))) show(paste(a[[1]], "effect"), k$estimate[i], k$std.error[i], k$conf.low[i], k$conf.high[i])
  show(paste(a[[1]], "explained"), explained(f)$value)
}
mixed_models <- list(
  list("mixed", spot ~ x0 + half + (x0 | council), list(), NULL),
  list("crossed", spot ~ x0 + half + (1 | council) + (1 | area), list(reml = FALSE), NULL),
  list("mixed binary", spot ~ x0 + half + (1 | council), list(family = "binary", link = "probit"), c(13, 50, 2)),
  list("mixed ordinal", spot ~ x0 + half + (1 | council), list(family = "ordinal", nodes = 7), c(7, 4, 5)))
for (a in mixed_models) {
  code <- as.integer(small$council) - 1
  cut <- a[[4]]
  spot <- transform(small, spot = y + (2 * sqrt(code %% 5 + 1) + 0.5 * (code %% 3) * x0))
  if (!is.null(cut)) spot$spot <- pmin(pmax(floor((spot$spot - cut[1]) / cut[2]) + 1, 0), cut[3] - 1)
  f <- quiet(do.call(fit_mixed, c(list(a[[2]], spot), a[[3]])))
  show(paste(a[[1]], "whole"), f$loglik, f$criterion, f$aic, f$bic, f$sigma)
  for (label in names(coef(f))) show(paste(a[[1]], label), coef(f)[[label]], sqrt(vcov(f)[label, label]))
  show(paste(a[[1]], "theta"), f$theta)
  k <- random_effects(f, ranks = TRUE, draws = 500)
  first <- if (a[[1]] == "mixed") k[order(k$level, k$effect, method = "radix"), ] else k
  show(paste(a[[1]], "first"), first$estimate[1:12])
  show(paste(a[[1]], "rows"), unname(predict(f, type = "linear"))[1:5])
  if (is.null(a[[4]])) {
    show(paste(a[[1]], "df"), f$df)
    if (f$reml) {
      g <- fit_mixed(a[[2]], spot, df = "kenward-roger")
      for (label in names(coef(g))) show(paste(a[[1]], "kenward-roger"), g$std_error[[label]], g$df[[label]])
    }
    g <- anova(f)
    for (i in seq_len(nrow(g)))
      show(paste(a[[1]], "anova"), g$sumsq[i], g$df[i], g$df.residual[i], g$statistic[i], g$p.value[i])
  }
  show(paste(a[[1]], "explained"), r2(f)[c("marginal", "conditional", "icc_adjusted", "icc_unadjusted", "variance fixed",
                                           "variance council", "variance residual")])
  g <- icc(f, method = "delta")
  show(paste(a[[1]], "icc"), g$estimate[1], g$std.error[1], g$conf.low[1], g$conf.high[1])
  k <- k[k$group == "council" & k$effect == "(Intercept)", ]
  for (i in seq_len(nrow(k)))
    show(paste(a[[1]], "rank"), k$expected_rank[i], k$rank.low[i], k$rank.high[i], k$p_top[i], k$p_bottom[i],
         k$reliability[i])
}
fitted_shares <- list(
  list("fitted binary", "binary", c(9, 50, 2), list(), list(measure = "nagelkerke")),
  list("fitted ordinal", "ordinal", c(4, 4, 5), list(cluster = "council"), list(measure = "latent")),
  list("fitted step", "ordinal", c(4, 4, 5), list(cluster = "council"), list(method = "one-step")),
  list("fitted mixed", NULL, NULL, NULL, NULL))
for (a in fitted_shares) {
  cut <- a[[3]]
  s <- if (!is.null(cut)) {
    spot <- transform(small, spot = pmin(pmax(floor((y - cut[1]) / cut[2]) + 1, 0), cut[3] - 1))
    f <- quiet(do.call(paste0("fit_", a[[2]]), c(list(spot ~ x0 + half + area, spot), a[[4]])))
    quiet(do.call(shares, c(list(f, blocks = list(first = ~ x0 + half, area = ~ area)), a[[5]])))
  } else {
    code <- as.integer(small$council) - 1
    spot <- transform(small, spot = y + (2 * sqrt(code %% 5 + 1) + 0.5 * (code %% 3) * x0))
    quiet(shares(quiet(fit_mixed(spot ~ x0 + half + (1 | council), spot))))
  }
  show_shares(a[[1]], s)
  for (d in list(s$blocks, s$terms)) for (k in seq_len(nrow(d)))
    show(paste(a[[1]], "parts"), d$one_step[k], d$within[k], d$between[k])
  parts <- share_parts(s)
  of <- function(name) if (name %in% parts$part) parts$share[parts$part == name] else NA
  show(paste(a[[1]], "made"), s$gap, s$provenance$submodels, s$provenance$df, of("effects of council"), of("residual"))
}
spot <- transform(small, spot = pmin(pmax(floor((y - 4) / 4) + 1, 0), 4))
d <- as.data.frame(quiet(polychoric(spot, c("spot", "x0", "half"), ordered = "spot", cluster = "council")))
for (k in seq_len(nrow(d))) show("polychoric", d$estimate[k], d$std.error[k], d$conf.low[k], d$conf.high[k])
u <- unit_values(c(direct = 992849000, managed = 5.2e9), list(`in the year` = c(direct = 135245, managed = 1337000),
                                                             `on one day` = c(direct = 114090, managed = 980000)), 1.6e9)
show("printed units", u$values$value)
show("printed ratios", u$ratios$ratio)
show("printed claimed", u$claimed_users)
g <- gap_allowed(0.07, 0.8, 1.3, 0.9, 0.3, 2)
show("printed allowed", g$slope[1], g$gap[1], g$predictor_gap[1], g$slope[2], g$gap[2], slope_allowed(0.4, 3, 0.0025)$slope)
show("printed risks", unlist(as.data.frame(risk_ratio_from_odds(3, 0.7, 0.6))))
show("printed r2", unlist(as.data.frame(r2_interval(0.07, 1114, 2, rounding = 0.005))[-(1:3)]))
a <- counts_by_chance(c(6, 9, 11), c(9, 14, 15), chance = 0.5, correlation = 0.3, trend = TRUE)
show("printed difference", unlist(as.data.frame(detectable_difference(170, 169))[-(1:2)]), attr(a, "trend")[["p.value"]])
for (k in 1:3) show("printed count", unlist(as.data.frame(a)[k, -(1:2)]))
held <- fit_linear(y ~ x0 + half + area, small)
a <- confounding(held, "half", benchmarks = c("x0", "area"), kd = 2)
show("confounding values", unlist(a$robustness[c("estimate", "std.error", "partial_r2", "robustness_value",
                                                 "robustness_value_alpha", "extreme")]))
for (k in 1:2) show("confounding bound", unlist(a$bounds[k, 4:11]))
show("confounding oster", unlist(as.data.frame(oster(held, "half", kept = "x0", r_max = 0.9))[
  c("estimate_short", "delta_star", "beta_star")]), unlist(as.data.frame(e_value(3, 2.1, 4.4, "or_common", true = 1.2))[
    c("ratio", "e_value", "e_value_limit")]))
sides <- transform(small, side = c("even", "odd")[(as.integer(council) - 1) %% 2 + 1],
                   two = pmin(pmax(floor((y - 9) / 50) + 1, 0), 1), five = pmin(pmax(floor((y - 4) / 4) + 1, 0), 4))
both <- list(first = ~ x0 + half, area = ~ area)
for (a in list(list("gap oaxaca", "oaxaca"), list("gap drawn", "oaxaca", interval = "percentile", replicates = 100),
               list("gap kitagawa", "kitagawa", interval = "influence"), list("gap gelbach", "gelbach"))) {
  g <- quiet(do.call(gap, c(list(sides, "y", "side", if (a[[2]] == "kitagawa") both["area"] else both, a[[2]],
                                 cluster = "council"), a[-(1:2)])))
  d <- as.data.frame(g)
  for (k in seq_len(nrow(d))) show(a[[1]], d$estimate[k], d$std.error[k], d$p.value[k], d$conf.low[k], d$conf.high[k])
}
for (a in list(list("gap binary", "two", cluster = "council"),
               list("gap ordinal", "five", outcome_type = "ordinal", link = "probit"))) {
  d <- as.data.frame(quiet(do.call(gap, c(list(sides, a[[2]], "side", both), a[-(1:2)]))))
  for (k in which(d$part != "fit")) show(a[[1]], d$estimate[k], d$std.error[k], d$conf.low[k], d$conf.high[k])
}
d <- describe(small, c("y", "x1", "half", "area"), lags = 2)
for (k in seq_len(nrow(d)))
  show(paste("describe", d$term[k]), d$n[k], d$missing[k], d$mean[k], d$sd[k], d$lowest[k], d$median[k], d$highest[k],
       d$autocorrelation_1[k], d$autocorrelation_2[k])
asked <- c("x0", "x1", "x2", "x3")
sampling <- list(weights = "w", weight_kind = "sampling")
cases <- list(overview = list(), `overview clusters` = list(cluster = "council"), `overview sampling` = sampling,
              `overview both` = c(sampling, cluster = "council"))
for (name in names(cases)) {
  o <- quiet(do.call(overview, c(list(small, asked, better = 1, worse = -1, by = "area", threshold = 0.4),
                                 cases[[name]])))
  d <- as.data.frame(o)
  for (k in seq_len(nrow(d))) show(name, d$estimate[k], d$std.error[k], d$conf.low[k], d$conf.high[k])
  for (k in 1:4) show(paste(name, "claim"), unlist(o$claim[k, c("low", "high", "p_above", "p_below")]))
  ranks <- rank_intervals(o, "x1")
  funnel <- funnel_limits(o, "x1")
  for (area in c("north", "south", "west")) {
    show(paste(name, "rank"), as.double(unlist(ranks[ranks$group == area, c("rank", "lowest", "highest")])))
    show(paste(name, "funnel"),
         unlist(funnel[funnel$group == area, c("low_95", "high_95", "low_998", "high_998", "z")]))
  }
  show(paste(name, "dispersion"), attr(funnel, "dispersion"))
  d <- quiet(difficult_steps(o, asked, difficult = 1))
  for (k in seq_len(nrow(d))) show(paste(name, "steps"), unlist(d[k, 4:9]))
}

blocks <- list(funding = ~ x0, process = ~ x1, need = ~ x2)
sources <- list(users = "process", others = ~ x4)
show_numbers <- function(case, d) for (k in seq_len(nrow(d))) show(case, unlist(d[k, vapply(d, is.numeric, NA)]))
e <- quiet(weigh(small, c("y", "z"), blocks, cluster = "council", process_sources = sources, by = "area",
                 group = "part", replicates = 200, left_out = 1))
for (name in c("table", "differences", "sources", "claims", "money", "league", "leave_one_out", "by", "population",
               "missing", "numbers", "gaps")) {
  title <- switch(name, table = "outcomes", leave_one_out = "left_out", by = "levels", name)
  show_numbers(paste("weigh", title), e[[name]])
}
k <- quiet(specification_curve(small, c("y", "z"), blocks, cluster = "council", choices = list(
  funding = c("level", "rank"), source = sources, missing = c("complete", "per-outcome"))))
show_numbers("curve specifications", k$table)
show_numbers("curve summary", k$summary_table)
show_numbers("curve choices", k$choices)
