# balance(): other programs' numbers, prints, weights that shares() takes, refusals. Python
# runs the same (tests/python/test_balance.py).
# SPDX-License-Identifier: GPL-3.0-only

reference_file <- function(...) {
  file <- test_path("..", "reference", ...)
  skip_if_not(file.exists(file), "tests/reference is not here")
  file
}
darfur <- function() read.csv(reference_file("data", "darfur.csv"))
covariates <- ~ age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female
printed <- c(
  "Balance of directlyharmed: 1 (529) against 0 (747), 1276 rows",
  "Weights by a propensity score (logit), for those who could be in either group (overlap)",
  "",
  "covariate         control  treated  difference  weighted  variance ratio  weighted     KS  weighted",
  "propensity score   0.4084   0.4234       0.248     0.000           1.270     1.010  0.101     0.034",
  "age                 37.67    37.08      -0.040     0.000           0.908     0.943  0.035     0.042",
  "farmer_dar         0.8273   0.8185      -0.023     0.000               -         -  0.009     0.000",
  "herder_dar         0.1205    0.189       0.190     0.000               -         -  0.069     0.000",
  "pastvoted          0.6332   0.6578       0.052     0.000               -         -  0.025     0.000",
  "hhsize_darfur       8.925    9.302       0.067     0.000           0.905     0.767  0.071     0.048",
  "female             0.4726   0.4329      -0.080     0.000               -         -  0.040     0.000",
  "",
  "Effective number: 732.8 of 747.0 in 0, 522.6 of 529.0 in 1; largest weight 0.2 % in 0, 0.2 % in 1.",
  "Scores: 0 0.276 to 0.607, 1 0.271 to 0.622; beyond the other group's: 0 of 0, 4 of 1.",
  "",
  "outcome      method      control  treated  estimate  std error     t   df       p    low   high",
  "peacefactor  unadjusted    0.297    0.361     0.063      0.024  2.67  485  0.0079  0.017  0.110",
  "peacefactor  weighting     0.303    0.352     0.049      0.018  2.65  485  0.0083  0.013  0.085",
  "peacefactor  aipw          0.303    0.352     0.049      0.019  2.66  485  0.0081  0.013  0.086",
  "",
  paste("Limits (95 %): influence functions over 486 clusters of village, score and regressions counted as estimated,",
        "t with 485 degrees of freedom."),
  "Assumed:",
  paste("- No unmeasured confounding: given the 6 covariates listed, nothing else bears on both directlyharmed and the",
        "outcome; no data can show that."),
  "- Overlap: whatever the covariates, people of both groups are found; see the effective numbers.",
  paste("- One version, no interference: directlyharmed means the same for all who have it, and one person's does not",
        "change another's outcome."),
  paste("- Weighting is right when the score is; AIPW when that or the regressions of the outcome are. The difference is",
        "that of those who could be in either group."))

test_that("estimates are those of other programs", {
  cases <- read.csv(reference_file("balance.csv"))
  data <- darfur()
  data$sampled <- 1 + (seq_len(nrow(data)) * 7) %% 5 / 2
  pattern <- "^(weighted|aipw)(_cluster_se|_se|)\\[(\\w+)\\]$"
  cases <- cases[grepl(pattern, cases$quantity), ]
  expect_equal(nrow(cases), 108)
  of <- function(group) sub(pattern, paste0("\\", group), cases$quantity)
  key <- paste(cases$case, of(2) == "_cluster_se")
  for (one in unique(key)) {
    mine <- cases[key == one, ]
    case <- mine$case[1L]
    arguments <- list(data, "directlyharmed", covariates, c("peacefactor", "wouldvote"), interval = "influence",
                      estimand = if (grepl("ATT", case)) "ATT" else if (grepl("ATO", case)) "overlap" else "ATE",
                      method = if (grepl("entropy", case)) "entropy" else "propensity",
                      link = if (grepl("probit", case)) "probit" else if (grepl("cloglog", case)) "cloglog" else "logit")
    if (grepl("sampled", case)) arguments[c("weights", "weight_kind")] <- c("sampled", "sampling")
    if (grepl("TRUE", one)) arguments$cluster <- "village"
    e <- do.call(balance, arguments)$estimates
    row <- match(paste(of(3), ifelse(of(1) == "aipw", "aipw", "weighting"))[key == one], paste(e$outcome, e$method))
    value <- ifelse(of(2)[key == one] == "", e$estimate[row], e$std.error[row])
    expect_true(all(abs(value / mine$expected - 1) <= mine$tol_rel), info = one)
  }
})

test_that("the print is that of Python", {
  b <- balance(darfur(), "directlyharmed", covariates, "peacefactor", estimand = "overlap", cluster = "village")
  expect_equal(format(b), printed)
  expect_output(print(summary(b)), printed[1L], fixed = TRUE)
  expect_equal(format(unserialize(serialize(b, NULL))), printed)
})

test_that("frames have their columns", {
  b <- balance(darfur(), "directlyharmed", list(covariates, ~ I(age^2)), c("peacefactor", "wouldvote"))
  expect_named(b$estimates, c("outcome", "method", "mean_control", "mean_treated", "estimate", "std.error", "statistic",
                              "df", "p.value", "conf.low", "conf.high"))
  expect_equal(b$estimates$method, rep(c("unadjusted", "weighting", "aipw"), 2))
  expect_equal(b$table$covariate, c("propensity score", "age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur",
                                    "female", "age^2"))
  expect_identical(as.data.frame(b), b$estimates)
  expect_identical(as.data.frame(b, what = "table"), b$table)
  expect_equal(b$overlap$people, c(747, 529))
  expect_equal(b$overlap$level, c("0", "1"))
  expect_equal(b$provenance$interval, "influence")
  expect_equal(sum(b$bins$control), 1)
  expect_length(b$assumptions, 4L)
  skip_if_not_installed("generics")
  expect_identical(generics::tidy(b)[-1], b$estimates)
  expect_identical(generics::tidy(b)$term, paste(b$estimates$outcome, b$estimates$method, sep = ": "))
  expect_equal(generics::glance(b)$n, 1276)
})

test_that("weights go into shares", {
  data <- darfur()
  data$age[4] <- NA
  b <- balance(data, "directlyharmed", covariates, estimand = "ATT", method = "entropy")
  expect_identical(which(is.na(b$weights)), 4L)
  expect_true(all(is.na(b$propensity)))
  expect_equal(nrow(b$estimates), 0L)
  expect_true(all(b$weights[data$directlyharmed == 1 & !is.na(b$weights)] == 1))
  data$w <- b$weights
  data <- stats::na.omit(data)
  s <- shares(data, "peacefactor", c("directlyharmed", "age"), weights = "w", weight_kind = "sampling")
  expect_gt(s$total, 0)
  fit <- fit_linear(update(covariates, directlyharmed ~ .), data, weights = "w", weight_kind = "sampling")
  expect_lt(fit$r2, 1e-20) # who was treated no longer depends on the covariates
})

test_that("groups may be words and covariates factors", {
  data <- darfur()
  data$harmed <- ifelse(data$directlyharmed == 1, "yes", "no")
  data$work <- ifelse(data$farmer_dar == 1, "farmer", "other")
  b <- balance(data, "harmed", ~ age + factor(work), "peacefactor")
  expect_equal(c(b$provenance$control, b$provenance$treated), c("no", "yes"))
  expect_equal(b$table$covariate, c("propensity score", "age", "work[farmer]", "work[other]"))
  turned <- balance(data, "harmed", ~ age + factor(work), "peacefactor", treated = "no")
  expect_equal(turned$estimates$estimate, -b$estimates$estimate, tolerance = 1e-12)
  data$harmed <- data$harmed == "yes"
  truth <- balance(data, "harmed", c("age", "factor(work)"), "peacefactor")
  expect_equal(truth$provenance$treated, "TRUE")
  expect_identical(truth$estimates$estimate, b$estimates$estimate)
})

test_that("few units are left out one by one", {
  some <- darfur()[1:49, ]
  few <- suppressWarnings(balance(some, "directlyharmed", c("age", "female"), "peacefactor"))
  expect_equal(few$provenance$interval, "jackknife")
  expect_equal(few$provenance$df, 48)
  none <- suppressWarnings(balance(some, "directlyharmed", c("age", "female"), "peacefactor", interval = NULL))
  expect_true(all(is.na(none$estimates$std.error)))
  expect_true("Limits: none." %in% format(none))
})

test_that("thin overlap warns", {
  data <- darfur()
  far <- data$directlyharmed == 1 & (seq_len(nrow(data)) - 1) %% 40 != 0
  data$age[far] <- data$age[far] + 60
  expect_warning(b <- balance(data, "directlyharmed", covariates, "peacefactor"),
                 "of 529 people in 1 weighting leaves an effective number of", class = "steelyard_warning")
  expect_equal(unique(b$remarks$code), "overlap")
  trimmed <- balance(darfur(), "directlyharmed", covariates, "peacefactor", trim = 0.37)
  expect_gt(trimmed$provenance$rows_trimmed, 0)
  expect_true(any(startsWith(format(trimmed), "- trim: ")))
})

test_that("what cannot be asked is refused", {
  data <- darfur()
  refused <- function(message, ..., class = "steelyard_error_invalid") {
    arguments <- utils::modifyList(list(data = data, treatment = "directlyharmed", covariates = covariates,
                                        outcome = "peacefactor"), list(...))
    expect_error(do.call(balance, arguments), message, fixed = TRUE, class = class)
  }
  refused("estimand: \"ATC\" is not one of \"ATE\", \"ATT\", \"overlap\"", estimand = "ATC")
  refused("method: \"matching\" is not one of \"propensity\", \"entropy\"", method = "matching")
  refused("clusters: the score can know the clusters when they are named in cluster", clusters = "fixed")
  refused("covariates: directlyharmed is the treatment", covariates = c("age", "directlyharmed"))
  refused("covariates: there is no agee; the nearest name is age", covariates = "agee")
  refused("treatment: village has 486 levels in use: ", treatment = "village", class = "steelyard_error_data")
  refused("treatment: there is no harmed; the nearest name is age", treatment = "harmed")
  refused("treated: there is no 2; the nearest name is 0", treated = 2)
  refused("covariates: age is an outcome", outcome = "age")
  refused("weight_kind: weights need their kind", weights = "age")
  refused("weights: age are analytic; groups of people are balanced with", weights = "age", weight_kind = "analytic")
  refused("trim: 0.7; it must lie between 0 and 0.5", trim = 0.7)
  refused("trim: x is not a number", trim = "x")
  refused("level: 95 is not between 0 and 1", level = 95)
  refused("outcome: peacefactor is 0.706830720721758 in row 2; a logit regression needs 0 and 1",
          outcome_type = "binary", class = "steelyard_error_data")
  data$age <- ifelse(data$directlyharmed == 1, 60, 30) + seq_len(nrow(data)) %% 7
  refused("covariates: age tells 0 and 1 apart without error; people on one side", class = "steelyard_error_data")
  refused("give them the means aimed at; age stands out most: groups without overlap", method = "entropy",
          class = "steelyard_error_data")
})

test_that("plots draw", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  b <- balance(darfur(), "directlyharmed", covariates)
  love <- plot(b)
  expect_equal(love$covariate, rep(b$table$covariate, 2))
  expect_equal(love$difference, c(b$table$difference, b$table$weighted_difference))
  expect_equal(plain_frame(plot(b, "overlap"))$score_from, b$bins$score_from)
  entropy <- balance(darfur(), "directlyharmed", covariates, method = "entropy")
  expect_error(plot(entropy, "overlap"), "kind: entropy balancing has no score", class = "steelyard_error_invalid")
})
