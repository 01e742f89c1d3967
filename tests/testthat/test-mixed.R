# fit_mixed: the reference cases S15 to S22, published fits (T11 to T16), questions
# asked of a fit, prints, refusals. Python runs the same (tests/python/test_mixed.py).
# SPDX-License-Identifier: GPL-3.0-only

reference <- test_path("..", "reference")
need_reference <- function() skip_if_not(file.exists(file.path(reference, "cases.csv")), "tests/reference is not here")
kept <- new.env()
keep <- function(key, make) {
  if (is.null(kept[[key]])) kept[[key]] <- make()
  kept[[key]]
}
read_data <- function(name) keep(name, function() {
  frame <- read.csv(file.path(reference, "data", paste0(name, ".csv")))
  if (name == "wine") {
    frame$temp <- factor(frame$temp, c("cold", "warm"))
    frame$contact <- factor(frame$contact, c("no", "yes"))
  }
  if (name == "mathachieve") frame$within <- frame$SES - frame$MEANSES
  frame
})
fitted_to <- function(name, formula, ...) {
  options <- list(...)
  keep(paste(c(name, deparse(formula), names(options), unlist(options)), collapse = "\r"), function()
    suppressWarnings(fit_mixed(formula, read_data(name), ...), classes = "steelyard_warning")) # few groups
}
inside <- function(quantity) sub(".*\\[(.*)\\]", "\\1", quantity)
outside <- function(quantity) sub("\\[.*", "", quantity)

sd_of <- function(fit, group, effect = "(Intercept)") {
  v <- fit$variance
  v$sd[v$group == group & v$effect == (if (group == "Residual") "" else effect) & v$effect_2 == ""]
}
std_error <- function(fit) sqrt(diag(vcov(fit)))

# What a quantity such as "sd[Subject:Days]" is in the fit.
answer_of <- function(fit, kind, what) {
  parts <- strsplit(what, ":", fixed = TRUE)[[1L]]
  effects <- random_effects(fit)
  switch(kind, fixef = , coef = , threshold = coef(fit)[[what]], se = std_error(fit)[[what]],
         sd = sd_of(fit, parts[1L], if (length(parts) > 1L) parts[2L] else "(Intercept)"),
         cor = fit$variance$correlation[!is.na(fit$variance$correlation)],
         ranef_int = effects$estimate[effects$effect == "(Intercept)" & effects$level == what],
         loglik = , loglik_reml = as.double(logLik(fit)), aic = AIC(fit), bic = BIC(fit), deviance = deviance(fit),
         reml_criterion = , criterion = fit$criterion)
}

runners <- list(
  S15 = function(case) {
    names <- c(tempwarm = "temp[warm]", contactyes = "contact[yes]")
    what <- inside(case$quantity)
    answer_of(fitted_to("wine", rating ~ temp + contact + (1 | judge), family = "ordinal"), outside(case$quantity),
              if (what %in% names(names)) names[[what]] else what)
  },
  S16 = function(case) answer_of(fitted_to("sleepstudy", Reaction ~ Days + (Days | Subject)), outside(case$quantity),
                                 inside(case$quantity)),
  S17 = function(case) answer_of(fitted_to("sleepstudy", Reaction ~ Days + (Days | Subject), reml = FALSE),
                                 outside(case$quantity), inside(case$quantity)),
  S18 = function(case) {
    kind <- outside(case$quantity)
    fit <- fitted_to("dyestuff", Yield ~ 1 + (1 | Batch), reml = !startsWith(kind, "ml"))
    kind <- sub("^(re)?ml_", "", kind)
    if (kind == "icc") icc(fit)$estimate else answer_of(fit, kind, inside(case$quantity))
  },
  S19 = function(case) answer_of(fitted_to("penicillin", diameter ~ 1 + (1 | plate) + (1 | sample), reml = FALSE),
                                 outside(case$quantity), inside(case$quantity)),
  S20 = function(case) answer_of(fitted_to("cbpp", incidence ~ factor(period) + (1 | herd), family = "binary",
                                           trials = "size"), outside(case$quantity),
                                 sub("^period(.)", "period[\\1]", inside(case$quantity))),
  S21 = function(case) {
    kind <- strsplit(outside(case$quantity), "_")[[1L]]
    fit <- fitted_to("sleepstudy", Reaction ~ Days + (Days | Subject),
                     df = c(satt = "satterthwaite", kr = "kenward-roger")[[kind[1L]]])
    switch(kind[2L], df = fit$df, p = fit$pvalues, se = fit$std_error)[[inside(case$quantity)]]
  },
  S22 = function(case) r2(fitted_to("sleepstudy", Reaction ~ Days + (Days | Subject)))[[sub("r2_", "", case$quantity)]])

# lmerTest differences the Hessian numerically, which leaves five digits; in balanced data its degrees of freedom are
# the 17 of 18 subjects, and p follows by R's pt().
exact <- c("satt_df[(Intercept)]" = 17, "satt_df[Days]" = 17, "satt_p[(Intercept)]" = 1.1708875409156e-17,
           "satt_p[Days]" = 3.2637880713318e-06)

test_that("all 112 reference numbers come out", {
  need_reference()
  cases <- read.csv(file.path(reference, "cases.csv"), check.names = FALSE)
  cases <- cases[cases$family %in% c("ordinal_mixed", "lmm", "lmm_ddf", "lmm_r2", "glmm"), ]
  expect_equal(nrow(cases), 112)
  for (i in seq_len(nrow(cases))) {
    case <- cases[i, ]
    found <- runners[[substr(case$case, 1L, 3L)]](case)
    sure <- case$quantity %in% names(exact)
    expected <- if (sure) exact[[case$quantity]] else case$expected
    expect_lte(abs(found - expected), (if (sure) 1e-9 else case$tol_rel) * abs(expected),
               label = paste(case$case, case$quantity))
  }
})

# Half a unit of the last place that a printed number has.
half <- function(value) 0.5000001 * 10^-nchar(sub("^[^.]*\\.?", "", format(value, scientific = FALSE)))

published <- function(fit, fixed = list(), variance = list(), criterion = NULL, loglik = NULL) {
  near <- function(found, value, halves = 1) expect_lte(abs(found - value), halves * half(value))
  for (what in names(fixed)) {
    near(coef(fit)[[what]], fixed[[what]][1L])
    if (length(fixed[[what]]) > 1L) near(std_error(fit)[[what]], fixed[[what]][2L], 2)
  }
  for (what in names(variance)) near(sd_of(fit, what)^2, variance[[what]])
  if (!is.null(criterion)) near(fit$criterion, criterion)
  if (!is.null(loglik)) near(fit$loglik, loglik)
}

test_that("published fits come out", {
  need_reference()
  wine <- rating ~ temp + contact + (1 | judge)
  published(fitted_to("wine", wine, family = "ordinal"),
            list("temp[warm]" = c(3.063, .595), "contact[yes]" = c(1.835, .513)), list(judge = 1.279), loglik = -81.57)
  published(fitted_to("wine", wine, family = "ordinal", nodes = 10),
            list("temp[warm]" = c(3.062, .595), "contact[yes]" = c(1.833, .512)), list(judge = 1.288), loglik = -81.532)
  published(fitted_to("mathachieve", MathAch ~ 1 + (1 | School)), list("(Intercept)" = c(12.64, .24)),
            list(School = 8.61, Residual = 39.15), 47116.793)
  published(fitted_to("mathachieve", MathAch ~ within + (within | School)),
            list("(Intercept)" = c(12.65, .24), within = c(2.19, .13)), list(School = 8.68), 46714.235)
  published(fitted_to("sleepstudy", Reaction ~ Days + (1 | Subject)), criterion = 1786.465)
  published(fitted_to("exam", normexam ~ standLRT + (1 | school), reml = FALSE),
            list("(Intercept)" = c(.002, .04), standLRT = c(.563, .012)), list(school = .092, Residual = .566), 9357.24)
  published(fitted_to("exam", normexam ~ standLRT + (standLRT | school), reml = FALSE),
            list("(Intercept)" = c(-.012, .04), standLRT = c(.557, .02)), list(Residual = .554), 9316.87)
})

test_that("cross-classified schools come out as published (ScotsSec)", {
  skip_if_not_installed("mlmRev")
  schools <- getExportedValue("mlmRev", "ScotsSec")
  fit <- fit_mixed(attain ~ 1 + (1 | primary) + (1 | second), schools)
  published(fit, list("(Intercept)" = 5.5017), list(primary = 1.13, second = .3722, Residual = 8.1107))
  published(fit_mixed(attain ~ verbal + (1 | primary) + (1 | second), schools, reml = FALSE), list(verbal = .1601),
            list(primary = .2719, second = .0110, Residual = 4.2542))
})

test_that("73,421 ratings crossed by students and lecturers come out as lme4's (InstEval)", {
  skip_if_not_installed("lme4")
  ratings <- getExportedValue("lme4", "InstEval")
  fit <- fit_mixed(y ~ service + (1 | s) + (1 | d), ratings, df = "normal")
  published(fit, list("(Intercept)" = c(3.2833, .0188), "service[1]" = c(-.0911, .0133)), criterion = 237743.6)
  expect_equal(c(sd_of(fit, "s"), sd_of(fit, "d"), sigma(fit)), c(.3251, .5210, 1.1776), tolerance = 2e-4)
  fit <- fit_mixed(y ~ service + (1 | s) + (1 | d) + (1 | dept), ratings, reml = FALSE, df = "normal")
  published(fit, criterion = 237721.7688)
  expect_equal(c(sd_of(fit, "s"), sd_of(fit, "d"), sd_of(fit, "dept"), sigma(fit)), c(.3255, .5150, .0785, 1.1775),
               tolerance = 5e-4)
})

sleep <- function() fitted_to("sleepstudy", Reaction ~ Days + (Days | Subject))

test_that("a fit says what was fitted before the numbers", {
  need_reference()
  lines <- format(sleep())
  expect_match(lines[16L], "^Converged after ")
  expect_equal(lines[-16L], c(
    "Linear mixed model of Reaction: Days + (1 + Days | Subject), 180 rows",
    "Groups: 18 levels of Subject",
    "Restricted maximum likelihood: criterion 1743.628, log likelihood -871.814, 6 parameters, AIC 1755.63",
    "Intraclass correlation 0.7217; R2 marginal 0.2787, conditional 0.7992",
    "",
    "random effect         variance       sd  correlation",
    "Subject: (Intercept)    612.09  24.7405            -",
    "Subject: Days          35.0717  5.92213       0.0656",
    "Residual               654.941  25.5918            -",
    "",
    "term         estimate  std error      t    df        p    low   high",
    "(Intercept)     251.4        6.8  36.84  17.0  <0.0001  237.0  265.8",
    "Days             10.5        1.5   6.77  17.0  <0.0001    7.2   13.7",
    "",
    "Limits (95 %): t with Satterthwaite degrees of freedom.",
    "Coefficients are associations given the other terms, not effects."))
  expect_output(print(summary(sleep())), "Linear mixed model of Reaction")
  lines <- format(fitted_to("wine", rating ~ temp + contact + (1 | judge), family = "ordinal"))
  expect_equal(lines[1:4], c(
    "Ordinal mixed model of rating: temp + contact + (1 | judge), 72 rows", "Levels: 1 < 2 < 3 < 4 < 5",
    "Groups: 9 levels of judge",
    "Laplace approximation, logit link: criterion 163.131, log likelihood -81.565, 7 parameters, AIC 177.13"))
  expect_match(lines, "^threshold  estimate  std error +z +p +low +high$", all = FALSE)
})

test_that("effects of groups add up to the fitted values", {
  need_reference()
  fit <- sleep()
  data <- read_data("sleepstudy")
  u <- random_effects(fit)
  of <- function(effect) u$estimate[u$effect == effect][match(data$Subject, u$level[u$effect == effect])]
  fixed <- coef(fit)[[1L]] + coef(fit)[[2L]] * data$Days
  by_hand <- fixed + of("(Intercept)") + of("Days") * data$Days
  expect_equal(fitted(fit), by_hand, tolerance = 1e-12)
  expect_equal(residuals(fit), data$Reaction - by_hand, tolerance = 1e-10)
  expect_identical(predict(fit), fitted(fit))
  expect_equal(predict(fit, data), fitted(fit), tolerance = 1e-12)
  expect_equal(predict(fit, data, effects = FALSE), fixed, tolerance = 1e-14)
  rows <- data.frame(Days = c(3, 3, NA), Subject = c("308", "new", "308"), row.names = c("a", "b", "c"))
  found <- predict(fit, rows)
  expect_named(found, c("a", "b", "c"))
  expect_true(is.na(found[["c"]]))
  expect_equal(found[["b"]], predict(fit, rows, effects = FALSE)[["b"]], tolerance = 1e-15)
  expect_equal(found[["a"]], fitted(fit)[4L], tolerance = 1e-12)
})

test_that("predictions of other families come back too", {
  need_reference()
  fit <- fitted_to("wine", rating ~ temp + contact + (1 | judge), family = "ordinal")
  expect_equal(unname(predict(fit, read_data("wine"))), unname(fitted(fit)), tolerance = 1e-10)
  expect_equal(colnames(fitted(fit)), c("1", "2", "3", "4", "5"))
  fit <- fitted_to("cbpp", incidence ~ factor(period) + (1 | herd), family = "binary", trials = "size")
  cows <- read_data("cbpp")
  expect_equal(predict(fit, cows), fitted(fit), tolerance = 1e-10)
  expect_equal(predict(fit, cows, type = "linear"), stats::qlogis(fitted(fit)), tolerance = 1e-9)
  expect_equal(residuals(fit), cows$incidence / cows$size - fitted(fit), tolerance = 1e-10)
})

test_that("limits by Wald, profile and bootstrap", {
  need_reference()
  fit <- sleep()
  expect_equal(rownames(confint(fit)), c("(Intercept)", "Days"))
  found <- confint(fit, method = "profile")
  # lme4 1.1-31: confint(lmer(Reaction ~ Days + (Days | Subject))), printed to these digits
  expected <- rbind("sd[Subject:(Intercept)]" = c(14.3814, 37.7159), "sd[Subject:Days]" = c(3.8012, 8.7534),
                    "cor[Subject:(Intercept),Days]" = c(-.4815, .6850), "sd[Residual]" = c(22.8983, 28.8580),
                    "(Intercept)" = c(237.6807, 265.1295), "Days" = c(7.3587, 13.5759))
  expect_lte(max(abs(found[rownames(expected), ] - expected)), 2e-3)
  expect_equal(profile(fit, parameters = "sd[Residual]")$parameter, "sd[Residual]")
  boot <- parametric_bootstrap(fit, 200, seed = 3)
  expect_equal(dim(attr(boot, "replicates")), c(200L, 6L))
  expect_true(all(boot$conf.low < boot$estimate & boot$std.error > 0))
  expect_output(print(boot), "200 parametric bootstrap fits, seed 3", fixed = TRUE)
})

test_that("ranks are the order of the effects", {
  need_reference()
  league <- random_effects(sleep(), ranks = TRUE, top = 0.2, draws = 2000)
  first <- league[league$effect == "(Intercept)", ]
  expect_equal(rank(first$expected_rank), rank(first$estimate))
  expect_equal(sum(first$expected_rank), 18 * 19 / 2)
  expect_equal(sum(first$p_top), 4)
  expect_output(print(league), "the 20 % largest, smallest (2000 draws, seed 1)", fixed = TRUE)
})

test_that("tests of terms and combinations", {
  need_reference()
  fit <- sleep()
  table <- anova(fit)
  expect_equal(table$term, "Days")
  expect_equal(table$statistic, fit$table$statistic[2L]^2, tolerance = 1e-9)
  expect_equal(table$df.residual, 17, tolerance = 1e-9)
  joint <- linear_contrasts(fit, list(week = c(Days = 7)))
  expect_equal(joint$estimate, 7 * coef(fit)[["Days"]])
  expect_error(anova(fitted_to("sleepstudy", Reaction ~ Days + (Days | Subject), reml = FALSE), df = "kenward-roger"),
               "kenward-roger")
})

test_that("generics of nlme, lme4 and broom answer", {
  need_reference()
  skip_if_not_installed("nlme")
  skip_if_not_installed("generics")
  fit <- sleep()
  expect_identical(getExportedValue("nlme", "fixef")(fit), coef(fit))
  expect_equal(nrow(getExportedValue("nlme", "ranef")(fit)), 36)
  expect_identical(getExportedValue("nlme", "VarCorr")(fit), fit$variance)
  expect_equal(generics::tidy(fit)$term, c("sd__(Intercept)", "sd__Days", "cor__(Intercept).Days", "sd__Observation",
                                           "(Intercept)", "Days"))
  expect_equal(nrow(generics::tidy(fit, effects = "ran_vals")), 36)
  expect_equal(generics::glance(fit)$nobs, 180)
  expect_equal(generics::augment(fit)$.fitted, fitted(fit))
  expect_equal(sigma(fit), sd_of(fit, "Residual"))
  expect_equal(attr(logLik(fit), "df"), 6)
  expect_equal(nobs(fit), 180)
})

test_that("a variance of nothing is exactly zero and said", {
  g <- rep(1:12, each = 10)
  x <- sin(1:120 * 2.7)
  e <- cos((1:120)^2)
  data <- data.frame(y = x + e - stats::ave(e, g), x, g)
  fit <- fit_mixed(y ~ x + (1 | g), data)
  expect_identical(sd_of(fit, "g"), 0)
  expect_true(all(random_effects(fit)$estimate == 0))
  expect_equal(fit$remarks$code, "boundary")
  expect_true("Remarks:" %in% format(fit))
})

test_that("a fit outlives the session; threads change nothing; nested groups are two terms", {
  need_reference()
  path <- tempfile()
  saveRDS(sleep(), path)
  again <- readRDS(path)
  expect_identical(format(again), format(sleep()))
  expect_identical(random_effects(again)$estimate, random_effects(sleep())$estimate)
  one <- fit_mixed(normexam ~ standLRT + (standLRT | school), read_data("exam"), threads = 1)
  two <- fit_mixed(normexam ~ standLRT + (standLRT | school), read_data("exam"), threads = 2)
  expect_identical(list(coef(one), one$theta, vcov(one)), list(coef(two), two$theta, vcov(two)))
  a <- fit_mixed(angle ~ temp + (1 | recipe / batch), read_data("cake"))
  b <- fit_mixed(angle ~ temp + (1 | recipe) + (1 | recipe:batch), read_data("cake"))
  expect_identical(a$variance, b$variance)
  expect_named(a$groups, c("recipe", "recipe:batch"))
})

test_that("a group may be a term and an offset too", {
  need_reference()
  data <- read_data("exam")
  fit <- fit_mixed(normexam ~ school + schavg + (1 | school), data, offset = "schavg")
  plain <- fit_mixed(normexam ~ school + schavg + (1 | school), data)
  expect_equal(coef(fit)[["schavg"]], coef(plain)[["schavg"]] - 1, tolerance = 1e-9)
  expect_equal(predict(fit, data), predict(plain, data), tolerance = 1e-9)
  expect_match(format(fit)[1L], ", offset schavg, 4059 rows", fixed = TRUE)
})

test_that("weights and lost rows are said", {
  need_reference()
  data <- transform(read_data("exam"), w = 0:4058 %% 3 + 1)
  data$standLRT[c(1, 10)] <- NA
  lines <- format(fit_mixed(normexam ~ standLRT + (1 | school), data, weights = "w", weight_kind = "analytic"))
  expect_true("Rows: 4059 read, 4057 used, 2 dropped for missing values." %in% lines)
  expect_true("Weights: analytic, sum 8116." %in% lines)
  lines <- format(fit_mixed(normexam ~ standLRT + (1 + standLRT + schavg | school), read_data("exam")))
  expect_match(lines[6L], "^random effect +variance +sd +cor 1 +cor 2$")
})

test_that("intraclass correlations of several groups", {
  need_reference()
  fit <- fitted_to("penicillin", diameter ~ 1 + (1 | plate) + (1 | sample))
  table <- icc(fit)
  v <- fit$variance$variance
  expect_equal(table$group, c("plate", "sample", "all"))
  expect_equal(table$estimate, c(v[1], v[2], v[1] + v[2]) / sum(v), tolerance = 1e-12)
})

test_that("it draws", {
  need_reference()
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  for (kind in c("league", "coefficients", "qq")) expect_s3_class(plot(sleep(), kind), "data.frame")
  expect_false(is.unsorted(-plot(sleep(), effect = "Days")$estimate))
  expect_error(plot(sleep(), "funnel"), "shrunken together ((Intercept), Days)", fixed = TRUE)
  expect_error(plot(sleep(), group = "Subjekt"), "Subject")
})

test_that("what cannot be is refused in words", {
  rows <- data.frame(y = sin(1:60), x = cos(1:60), g = rep(1:12, each = 5), one = "only", each = 1:60,
                     w = 1 + (1:60) / 60, b = rep(0:1, 30), k = rep(0:4, 12),
                     o = factor(rep(c("low", "mid", "high"), 20)), t = "text")
  refuses <- function(formula, message, ..., kind = "invalid")
    expect_error(fit_mixed(formula, rows, ...), message, fixed = TRUE, class = paste0("steelyard_error_", kind))
  refuses(y ~ x + (1 | one), "formula: one has rows in one level only (only); a grouping factor needs two")
  refuses(y ~ x + (1 | each), "each", kind = "data")
  refuses(y ~ x + (1 + x + I(x^2) + I(x^3) + I(x^4) | g), "effects", kind = "data")
  refuses(y ~ x + (1 | g), "weights: w are sampling weights; a mixed model needs those of each stage of selection",
          weights = "w", weight_kind = "sampling")
  refuses(y ~ x + (1 | gg), "formula: there is no gg; the nearest name is g")
  refuses(y ~ x * (1 | g), "formula: \"x * (1 | g)\": a bar term stands by itself, added with +")
  refuses(y ~ x + (1 | g) + (x | g), "formula: two bar terms on g have an effect in common")
  refuses(o ~ x + (1 | g), "formula: the outcome o is an unordered factor; put its levels in order, lowest first",
          family = "ordinal")
  refuses(o ~ x + (1 | g), "formula: the outcome must be one numeric column")
  refuses(k ~ x - 1 + (1 | g), "formula: \"- 1\" has no meaning here; the thresholds are the intercepts",
          family = "ordinal")
  refuses(y ~ x + (t | g), "formula: column \"t\" holds text; write factor(t) to use it as a factor")
  refuses(y ~ x + (1 | g), "y", family = "count", kind = "data")
  refuses(y ~ x + (1 | g), "family: \"gauss\" is not one of \"linear\", \"binary\"", family = "gauss")
  refuses(y ~ x + (1 | g), "link: \"logit\" was given; a linear model has none", link = "logit")
  refuses(b ~ x + (1 | g), "link: \"log\" is not one of \"logit\"", family = "binary", link = "log")
  refuses(b ~ x + (1 | g), "df: \"satterthwaite\" is for linear models; the tests of others are normal",
          family = "binary", df = "satterthwaite")
  refuses(y ~ x + (1 | g), "df: \"kenward-roger\" rests on restricted maximum likelihood; ask for reml = TRUE",
          df = "kenward-roger", reml = FALSE)
  refuses(y ~ x + (1 | g), "nodes: 5 were given; a linear model needs no quadrature", nodes = 5)
  refuses(y ~ x + (1 | g), "trials: only outcomes of family = \"binary\" have them", trials = "k")
  refuses(y ~ x + (1 | g), "reml: 1 is neither TRUE nor FALSE", reml = 1)
  refuses(y ~ x + (1 | g), "weight_kind: weights need their kind", weights = "w")
  fit <- suppressWarnings(fit_mixed(b ~ x + (1 | g), rows, family = "binary"))
  for (ask in list(stats::profile, parametric_bootstrap, anova))
    expect_error(ask(fit), "linear models; this is a binary mixed model")
  ordinal <- suppressWarnings(fit_mixed(o ~ x + (1 | g), transform(rows, o = cut(x + y, 3, ordered_result = TRUE)),
                                        family = "ordinal"))
  expect_error(anova(ordinal), "this is an ordinal mixed model")
  expect_error(random_effects(fit, top = 0.9), "top: 0.9 is not above 0 and at most 0.5")
  expect_equal(.Call(steelyard:::C_live_bytes), 0)
})

test_that("an intraclass correlation outside its exact limits says so", {
  # five blanks written as noughts, one of them the only row of its council
  panel <- load_dataset("councils_panel_2015_2023")
  panel <- panel[!is.na(panel$adjusted_quality_of_life), ]
  found <- icc(fit_mixed(adjusted_quality_of_life ~ factor(year) + (1 | council), panel))
  expect_lt(found$estimate[1L], found$conf.low[1L])
  expect_match(capture.output(print(found)), "lies outside its exact limits", all = FALSE)
  rest <- panel[panel$adjusted_quality_of_life > 0, ]
  without <- icc(fit_mixed(adjusted_quality_of_life ~ factor(year) + (1 | council), rest))
  expect_false(any(grepl("outside", capture.output(print(without)))))
})
