# Standard errors of Oaxaca-Blinder and Gelbach parts, by the influence functions that survey 4.1.1 and sandwich 3.0.2 give
# of means and coefficients, put together by the delta method and summed by survey's own svyrecvar.
# Rscript tests/reference/make_gap.R   (survey, sandwich, AER installed; R 4.2.2)
# SPDX-License-Identifier: GPL-3.0-only
suppressMessages({library(survey); library(sandwich)})
options(digits = 17, OutDec = ".")
folder <- "tests/reference"
rows <- list()
add <- function(case, quantity, value) rows[[length(rows) + 1]] <<- data.frame(case, quantity, value = format(unname(value), digits = 17))

# Influence of every row on the weighted means of `columns` in one group, and on the coefficients of a weighted fit there.
mean_influence <- function(x, w, own) {
  m <- colSums(x[own, , drop = FALSE] * w[own]) / sum(w[own])
  out <- matrix(0, nrow(x), ncol(x))
  out[own, ] <- sweep(x[own, , drop = FALSE], 2, m) * w[own] / sum(w[own])
  list(value = m, influence = out)
}
fit_influence <- function(formula, data, own) {
  data$.w <- data$w
  fit <- lm(formula, data[own, ], weights = .w)
  out <- matrix(0, nrow(data), length(coef(fit)))
  out[own, ] <- estfun(fit) %*% bread(fit) / sum(own)
  list(value = coef(fit), influence = out)
}

# explained[reference] and unexplained[reference], threefold, and the explained part of each column at the pooled one.
oaxaca <- function(case, data, y, group, x, design) {
  g1 <- data[[group]] == 0; g2 <- !g1
  all <- rep(TRUE, nrow(data))
  columns <- cbind(1, as.matrix(data[x]))
  m1 <- mean_influence(columns, data$w, g1); m2 <- mean_influence(columns, data$w, g2)
  formula <- reformulate(x, y)
  b1 <- fit_influence(formula, data, g1); b2 <- fit_influence(formula, data, g2)
  without <- fit_influence(formula, data, all)
  with <- fit_influence(reformulate(c(x, group), y), data, all)
  with$value <- with$value[seq_along(b1$value)]; with$influence <- with$influence[, seq_along(b1$value)]
  share <- mean_influence(cbind(as.numeric(g1)), data$w, all)
  mix <- function(p, dp) list(value = p * b1$value + (1 - p) * b2$value,
                              influence = p * b1$influence + (1 - p) * b2$influence + outer(dp, b1$value - b2$value))
  none <- numeric(nrow(data))
  references <- list(first = b1, second = b2, equal = mix(.5, none), size = mix(share$value, drop(share$influence)), pooled = with,
                     without = without)
  less <- function(a, b) list(value = a$value - b$value, influence = a$influence - b$influence)
  # by column
  times <- function(a, b) list(value = a$value * b$value,
                               influence = sweep(a$influence, 2, b$value, "*") + sweep(b$influence, 2, a$value, "*"))
  total <- function(a) list(value = sum(a$value), influence = cbind(rowSums(a$influence)))
  put <- function(quantity, part) {
    v <- svyrecvar(part$influence, design$cluster, design$strata, design$fpc)
    add(case, quantity, sum(part$value)); add(case, paste0("se ", quantity), sqrt(diag(as.matrix(v)))[1])
  }
  d <- less(m1, m2); db <- less(b1, b2)
  gap <- less(total(times(m1, b1)), total(times(m2, b2)))
  put("gap", gap)
  for (name in names(references)) {
    explained <- total(times(d, references[[name]]))
    put(paste0("explained ", name), explained)
    put(paste0("unexplained ", name), less(gap, explained))
  }
  put("endowments", total(times(d, b2))); put("coefficients", total(times(m2, db))); put("interaction", total(times(d, db)))
  detail <- times(d, with)
  for (j in seq_along(x))
    put(paste0("explained pooled ", x[j]), list(value = detail$value[j + 1], influence = detail$influence[, j + 1, drop = FALSE]))
}

for (name in c("apistrat", "apiclus1")) {
  data <- read.csv(file.path(folder, "data", paste0(name, ".csv")))
  data$w <- data$pw
  data$large <- as.integer(data$enroll >= 500)
  design <- if (name == "apistrat") svydesign(~1, strata = ~stype, weights = ~pw, data = data) else svydesign(~dnum, weights = ~pw, data = data)
  oaxaca(name, data, "api00", "large", c("ell", "meals", "mobility"), design)
}

# Gelbach: wages of 1976 to 1982; errors by person, G / (G - 1) as svyrecvar has it. The part of a term is sum of its columns'
# (their coefficient on the group beside ethnicity) times (their coefficient in the full model).
gelbach <- function(case, data, y, group, terms, adjust, design) {
  data$w <- 1
  all <- rep(TRUE, nrow(data))
  full <- fit_influence(reformulate(c(group, adjust, terms), y), data, all)
  base <- fit_influence(reformulate(c(group, adjust), y), data, all)
  put <- function(quantity, value, influence) {
    v <- svyrecvar(cbind(influence), design$cluster, design$strata, design$fpc)
    add(case, quantity, value); add(case, paste0("se ", quantity), sqrt(drop(as.matrix(v))))
  }
  put("base", base$value[group], base$influence[, 2])
  put("unexplained", full$value[group], full$influence[, 2])
  put("explained", base$value[group] - full$value[group], base$influence[, 2] - full$influence[, 2])
  X <- model.matrix(reformulate(c(group, adjust, terms), y), data)
  for (term in terms) {
    columns <- grep(paste0("^", term), colnames(X), value = TRUE)
    value <- 0; influence <- numeric(nrow(data))
    for (column in columns) {
      data$.x <- X[, column]
      aside <- fit_influence(reformulate(c(group, adjust), ".x"), data, all)
      at <- match(column, names(full$value))
      value <- value + aside$value[group] * full$value[at]
      influence <- influence + aside$influence[, 2] * full$value[at] + full$influence[, at] * aside$value[group]
    }
    put(term, value, influence)
  }
}
data("PSID7682", package = "AER")
wages <- data.frame(logwage = log(PSID7682$wage), female = as.integer(PSID7682$gender == "female"), ethnicity = PSID7682$ethnicity,
                    education = PSID7682$education, experience = factor(PSID7682$experience), occupation = PSID7682$occupation,
                    industry = PSID7682$industry, year = PSID7682$year, id = PSID7682$id)
people <- svydesign(~id, weights = ~1, data = wages)
gelbach("wages", wages, "logwage", "female", c("ethnicity", "education", "experience", "occupation", "industry", "year"), NULL, people)
gelbach("wages adjusted", wages, "logwage", "female", c("education", "experience", "occupation", "industry"), c("ethnicity", "year"), people)
write.csv(do.call(rbind, rows), file.path(folder, "gap.csv"), row.names = FALSE, quote = FALSE)
