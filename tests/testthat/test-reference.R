# tests/reference/cases.csv: each number of the families that shares(),
# other_metrics(), fit_linear() and fit_ordinal() answer, to the tolerance of its line. Python
# runs the same.
# SPDX-License-Identifier: GPL-3.0-only

reference <- test_path("..", "reference")
read_reference <- function(...) read.csv(file.path(reference, ...), check.names = FALSE)
need_reference <- function() skip_if_not(file.exists(file.path(reference, "cases.csv")), "tests/reference is not here")

later <- c("bootstrap", "commonality", "dominance", "mi_pool", "oaxaca", "sensitivity", "survey")
mixed <- c("glmm", "lmm", "lmm_ddf", "lmm_r2", "ordinal_mixed") # test-mixed.R
shares_columns <- c(lmg = "share", last = "unique", first = "alone")
other_columns <- c(last = "last", first = "first", betasq = "beta_squared", pratt = "pratt", genizi = "genizi",
                   car = "car")

# One set of moments a file, one answer a model.
kept <- new.env()
keep <- function(key, make) {
  if (is.null(kept[[key]])) kept[[key]] <- make()
  kept[[key]]
}
sums <- function(name) keep(name, function() {
  frame <- read_reference("data", paste0(name, ".csv"))
  moments(frame, names(frame))
})
answer <- function(name, outcome, predictors) keep(paste(name, outcome, predictors), function()
  shares(sums(name), outcome, strsplit(predictors, "+", fixed = TRUE)[[1L]], interval = "none"))

# model: "y ~ a+b+c; remark"; quantity: "lmg[a]" or "r2"
shapley <- function(case) {
  model <- strsplit(sub(";.*", "", case$model), " ~ ", fixed = TRUE)[[1L]]
  s <- answer(case$data, model[1L], model[2L])
  if (case$quantity == "r2") return(s$total)
  metric <- sub("\\[.*", "", case$quantity)
  term <- sub(".*\\[(.*)\\]", "\\1", case$quantity)
  other <- other_metrics(s)
  c(if (metric %in% names(shares_columns)) s$blocks[[shares_columns[[metric]]]][s$blocks$block == term],
    if (metric %in% names(other_columns)) other[[other_columns[[metric]]]][other$term == term])
}

# quantity: "r2[a+b]"; the outcome is the column that is in no subset
all_subsets <- function(case, cases) {
  inside <- function(quantity) sub("^r2\\[(.*)\\]$", "\\1", quantity)
  used <- unlist(strsplit(inside(cases$quantity[cases$case == case$case]), "+", fixed = TRUE))
  answer(case$data, setdiff(sums(case$data)$labels, used), inside(case$quantity))$total
}

# A fit a model, fitted once.
quietly <- function(key, make) keep(key, function() suppressWarnings(make()))
inside <- function(quantity) sub(".*\\[(.*)\\]", "\\1", quantity)
outside <- function(quantity) sub("\\[.*", "", quantity)

moore_fit <- function() quietly("moore", function() {
  frame <- read_reference("data", "moore.csv")
  fit_linear(conformity ~ factor(fcat) * factor(partner), frame)
})
moore_label <- function(name) {
  labels <- c(fcat = "factor(fcat)", partner = "factor(partner)", `fcat:partner` = "factor(fcat):factor(partner)",
              Residuals = "Residuals")
  labels[[name]]
}

# quantity: "II_ss[fcat]"
anova_case <- function(case, cases) {
  what <- strsplit(outside(case$quantity), "_", fixed = TRUE)[[1L]]
  table <- anova(moore_fit(), type = what[1L])
  table[[c(ss = "sumsq", F = "statistic", p = "p.value", df = "df")[[what[2L]]]]][
    table$term == moore_label(inside(case$quantity))]
}

effect_columns <- c(peta2 = "partial_eta_squared", pomega2 = "partial_omega_squared",
                    pepsilon2 = "partial_epsilon_squared", peta2_lo = "conf.low", peta2_hi = "conf.high")
# The source reports negative values as 0.
effect_case <- function(case, cases) {
  table <- anova(moore_fit(), type = 3)
  max(table[[effect_columns[[outside(case$quantity)]]]][table$term == moore_label(inside(case$quantity))], 0)
}

# A case's coefficient by our label.
our_label <- function(name) {
  renamed <- c(typeprof = "type[prof]", typewc = "type[wc]", `I(Income^2)` = "Income^2")
  if (name %in% names(renamed)) renamed[[name]] else name
}

of_whole <- c(sigma = "sigma", r2 = "r2", adj_r2 = "r2_adjusted", F = "f", loglik = "loglik", aic = "aic", bic = "bic")

coefficient_of <- function(fit, what, name) {
  label <- our_label(name)
  switch(what, coef = coef(fit)[[label]], se = , const = fit$std_error[[label]])
}

ols_case <- function(case, cases) {
  fit <- quietly("duncan", function() {
    frame <- read_reference("data", "duncan.csv")
    frame$type <- factor(frame$type)
    list(fit = fit_linear(prestige ~ income + education + type, frame), rows = frame[[1L]])
  })
  what <- outside(case$quantity)
  name <- inside(case$quantity)
  if (what %in% names(of_whole)) return(fit$fit[[of_whole[[what]]]])
  if (what == "gvif") return(vif(fit$fit)$gvif[fit$fit$terms == name])
  column <- c(hat = "leverage", cook = "cook", rstudent = "studentised")
  if (what %in% names(column)) return(diagnostics(fit$fit)$rows[[column[[what]]]][fit$rows == name])
  coefficient_of(fit$fit, what, name)
}

wls_case <- function(case, cases) {
  fit <- function(kind) quietly(paste("prestige", kind), function() {
    frame <- read_reference("data", "prestige.csv")
    fit_linear(prestige ~ education + income + women, frame[!is.na(frame$type) & frame$type != "", ],
               weights = "census", weight_kind = "analytic", covariance = kind)
  })
  what <- outside(case$quantity)
  if (what %in% names(of_whole)) return(fit("classical")[[of_whole[[what]]]])
  if (what == "HC3") return(fit("HC3")$std_error[[inside(case$quantity)]])
  coefficient_of(fit("classical"), what, inside(case$quantity))
}

robust_case <- function(case, cases) {
  what <- outside(case$quantity)
  kind <- if (startsWith(what, "HC")) what else "classical"
  fit <- quietly(paste("schools", kind), function() {
    frame <- read_reference("data", "publicschools.csv")
    fit_linear(Expenditure ~ Income + I(Income^2), frame, covariance = kind)
  })
  coefficient_of(fit, if (kind == what) "se" else what, inside(case$quantity))
}

cluster_case <- function(case, cases) {
  what <- outside(case$quantity)
  kind <- if (startsWith(what, "CR")) what else "CR2"
  fit <- quietly(paste("grunfeld", kind), function()
    fit_linear(inv ~ value + capital, read_reference("data", "grunfeld.csv"), cluster = "firm", covariance = kind))
  name <- inside(case$quantity)
  switch(what, df_satt_CR2 = fit$df[[name]], p_satt_CR2 = fit$pvalues[[name]],
         coefficient_of(fit, if (kind == what) "se" else what, name))
}

# quantity: "threshold[Low|Medium]", "coef[InflHigh]", "se[tempwarm]", "loglik"
ordinal_case <- function(case, cases) {
  fit <- quietly(paste("ordinal", case$data), function() {
    rows <- read_reference("data", paste0(case$data, ".csv"))
    if (case$data == "wine") return(fit_ordinal(rating ~ factor(temp) + factor(contact), rows))
    rows$Sat <- factor(rows$Sat, c("Low", "Medium", "High"), ordered = TRUE)
    rows$Infl <- factor(rows$Infl, c("Low", "Medium", "High"))
    rows$Type <- factor(rows$Type, c("Tower", "Apartment", "Atrium", "Terrace"))
    rows$Cont <- factor(rows$Cont, c("Low", "High"))
    fit_ordinal(Sat ~ Infl + Type + Cont, rows, weights = "Freq", weight_kind = "frequency")
  })
  what <- outside(case$quantity)
  if (what %in% c("loglik", "aic")) return(fit[[what]])
  label <- sub("^(Infl|Type|Cont|temp|contact)([A-Za-z]+)$", "\\1[\\2]", inside(case$quantity))
  if (what == "se") fit$std_error[[label]] else coef(fit)[[label]]
}

runners <- list(shapley = function(case, cases) shapley(case), all_subsets = all_subsets, anova = anova_case,
                effect_size = effect_case, ols = ols_case, wls = wls_case, robust_se = robust_case,
                cluster_se = cluster_case, ordinal = ordinal_case)

# R's pf(ncp =) ends its sum at 1e-9, so the source's lower limits are good to 6e-8
# only; these two are held to roots of 50-digit sums (mpmath 1.2.1).
apart <- c(`peta2_lo[partner]` = 0.037464854326185377, `peta2_lo[fcat:partner]` = 0.0014660095272058348)

test_that("every family has a runner or belongs to a later version", {
  need_reference()
  expect_length(intersect(later, names(runners)), 0L)
  expect_setequal(unique(read_reference("cases.csv")$family), c(later, mixed, names(runners)))
})

test_that("all 240 numbers of these families are met", {
  need_reference()
  cases <- read_reference("cases.csv")
  run <- which(cases$family %in% names(runners))
  expect_length(run, 240L)
  for (i in run) {
    case <- cases[i, ]
    found <- runners[[case$family]](case, cases)
    expect_true(case$tol_rel > 0 && case$tol_rel <= 1e-7)
    allowed <- case$tol_rel * if (case$expected == 0) 1 else abs(case$expected)
    if (case$quantity %in% names(apart)) {
      exact <- apart[[case$quantity]]
      expect_lt(abs(found / exact - 1), 1e-12)
      expect_lt(abs(exact / case$expected - 1), 6e-8)
      next
    }
    expect_true(length(found) > 0L && all(abs(found - case$expected) <= allowed),
                info = sprintf("%s %s: found %s", case$case, case$quantity, paste(found, collapse = " ")))
  }
})
