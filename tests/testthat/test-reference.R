# tests/reference/cases.csv: each number of the families that shares() and
# other_metrics() answer, to the tolerance of its line. Python runs the same.
# SPDX-License-Identifier: GPL-3.0-only

reference <- test_path("..", "reference")
read_reference <- function(...) read.csv(file.path(reference, ...), check.names = FALSE)
need_reference <- function() skip_if_not(file.exists(file.path(reference, "cases.csv")), "tests/reference is not here")

later <- c("anova", "bootstrap", "cluster_se", "commonality", "dominance", "effect_size", "glmm", "lmm",
           "lmm_ddf", "lmm_r2", "mi_pool", "oaxaca", "ols", "ordinal", "ordinal_mixed", "robust_se", "sensitivity",
           "survey", "wls")
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

runners <- list(shapley = function(case, cases) shapley(case), all_subsets = all_subsets)

test_that("every family has a runner or belongs to a later version", {
  need_reference()
  expect_length(intersect(later, names(runners)), 0L)
  expect_setequal(unique(read_reference("cases.csv")$family), c(later, names(runners)))
})

test_that("all 67 numbers of shapley and all_subsets are met", {
  need_reference()
  cases <- read_reference("cases.csv")
  run <- which(cases$family %in% names(runners))
  expect_length(run, 67L)
  for (i in run) {
    case <- cases[i, ]
    found <- runners[[case$family]](case, cases)
    expect_true(case$tol_rel > 0 && case$tol_rel <= 1e-10)
    allowed <- case$tol_rel * if (case$expected == 0) 1 else abs(case$expected)
    expect_true(length(found) > 0L && all(abs(found - case$expected) <= allowed),
                info = sprintf("%s %s: found %s", case$case, case$quantity, paste(found, collapse = " ")))
  }
})
