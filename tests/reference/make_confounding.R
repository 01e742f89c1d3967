# SPDX-License-Identifier: GPL-3.0-only
# Writes confounding.csv: robustness values, group benchmarks, E-values, Oster's delta by R's packages.
# Made with R 4.2.2, sensemakr 0.1.6, robomit 1.0.7 (installed), EValue 4.1.4 (read from its sources, because it
# imports much that these functions do not need). Run in tests/reference:
#   R_LIBS=where/the/two/are Rscript make_confounding.R where/EValue/is
suppressPackageStartupMessages({
  library(sensemakr)
  library(robomit)
})
sources <- commandArgs(TRUE)[1]
evalue <- new.env()
for (file in c("utils.R", "effect_measures.R", "EValue.R")) sys.source(file.path(sources, "R", file), evalue)

rows <- list()
put <- function(case, quantity, value, tolerance, source)
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, expected = sprintf("%.17g", as.numeric(value)),
                                          tolerance, source)

# Robustness from a printed t; the last two are cases in which the extreme one binds.
for (one in list(c(4.184, 783, 1, 0.05), c(4.184, 783, 0.5, 0.05), c(-2.5, 40, 1, 0.1), c(1.2, 30, 1, 0.05),
                 c(60, 12, 1, 0.05), c(35, 8, 1.5, 0.01))) {
  case <- paste(one, collapse = " ")
  rv <- function(...) as.numeric(robustness_value(t_statistic = one[1], dof = one[2], q = one[3], ...))
  put(case, "value", rv(alpha = 1), 1e-12, "sensemakr")
  put(case, "value_alpha", rv(alpha = one[4]), 1e-10, "sensemakr")
  put(case, "extreme", extreme_robustness_value(t_statistic = one[1], dof = one[2], q = one[3], alpha = 1), 1e-12, "sensemakr")
  put(case, "extreme_alpha", extreme_robustness_value(t_statistic = one[1], dof = one[2], q = one[3], alpha = one[4]), 1e-10,
      "sensemakr")
}

# Groups of columns as benchmarks, the factor of villages among them, and ky other than kd.
darfur <- read.csv("data/darfur.csv")
darfur$village <- factor(darfur$village)
fit <- lm(peacefactor ~ directlyharmed + age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female + village, darfur)
village <- grep("^village", names(coef(fit)), value = TRUE)
with_treatment <- lm(directlyharmed ~ age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female + village, darfur)
put("darfur village", "r2_treatment", group_partial_r2(with_treatment, covariates = village), 1e-9, "sensemakr")
put("darfur village", "r2_outcome", group_partial_r2(fit, covariates = village), 1e-9, "sensemakr")
groups <- list(female = "female", work = c("farmer_dar", "herder_dar"), person = c("age", "female", "hhsize_darfur"))
for (pair in list(c(1, 1), c(2, 2), c(1, 3))) {
  b <- suppressWarnings(ovb_bounds(fit, "directlyharmed", groups, kd = pair[1], ky = pair[2]))
  for (i in seq_along(groups)) {
    case <- sprintf("darfur %s %g %g", names(groups)[i], pair[1], pair[2])
    put(case, "r2_treatment", b$r2dz.x[i], 1e-9, "sensemakr")
    put(case, "r2_outcome", b$r2yz.dx[i], 1e-9, "sensemakr")
    put(case, "estimate", b$adjusted_estimate[i], 1e-9, "sensemakr")
    put(case, "std_error", b$adjusted_se[i], 1e-9, "sensemakr")
    put(case, "t", b$adjusted_t[i], 1e-9, "sensemakr")
  }
}

# measure, estimate, low, high, std_error, true
e <- function(measure, x, ratio) {
  case <- paste(c(measure, x), collapse = " ")
  x[x == -1] <- NA
  out <- suppressMessages(switch(measure,
    rr = evalue$evalues.RR(x[1], x[2], x[3], true = x[5]),
    or_common = evalue$evalues.OR(x[1], x[2], x[3], rare = FALSE, true = x[5]),
    or_rare = evalue$evalues.OR(x[1], x[2], x[3], rare = TRUE, true = x[5]),
    hr_common = evalue$evalues.HR(x[1], x[2], x[3], rare = FALSE, true = x[5]),
    hr_rare = evalue$evalues.HR(x[1], x[2], x[3], rare = TRUE, true = x[5]),
    difference = evalue$evalues.MD(x[1], x[4], true = x[5])))
  out <- unclass(out)
  put(case, "ratio", out[1, 1], 1e-12, "EValue")
  put(case, "value", out[2, 1], 1e-12, "EValue")
  limit <- out[2, 2:3]
  if (any(!is.na(limit))) put(case, "value_limit", limit[!is.na(limit)][1], 1e-12, "EValue")
}
e("rr", c(3.9, 1.8, 8.7, -1, 1))
e("rr", c(0.8, 0.71, 0.91, -1, 1))
e("rr", c(1.3, 0.9, 1.9, -1, 1))
e("rr", c(3.9, 1.8, 8.7, -1, 1.5))
e("rr", c(0.8, 0.71, 0.91, -1, 1.2))
e("or_common", c(0.86, 0.75, 0.99, -1, 1))
e("or_rare", c(3, 2.1, 4.4, -1, 1))
e("or_common", c(3, 2.1, 4.4, -1, 1))
e("hr_common", c(0.56, 0.46, 0.69, -1, 1))
e("hr_rare", c(0.56, 0.46, 0.69, -1, 1))
e("difference", c(0.25, -1, -1, 0.08, 0))
e("difference", c(-0.4, -1, -1, 0.1, 0.1))

# robomit rounds delta and beta to six decimals: absolute 5e-7.
take <- function(frame, name) frame$Value[frame$Name == name]
for (one in list(list("wt", "hp + qsec", 0.9), list("hp", "wt", 0.95), list("hp", "wt + cyl + am", 1))) {
  case <- sprintf("oster mtcars mpg %s | %s | %g", one[[1]], one[[2]], one[[3]])
  for (beta in c(0, -1))
    put(paste(case, "|", beta), "delta_star",
        take(o_delta("mpg", one[[1]], one[[2]], beta = beta, R2max = one[[3]], type = "lm", data = mtcars), "delta*"),
        5e-7, "robomit")
  for (delta in c(1, 0.5, 1.5, 2)) {
    b <- o_beta("mpg", one[[1]], one[[2]], delta = delta, R2max = one[[3]], type = "lm", data = mtcars)
    put(paste(case, "|", delta), "beta_star", take(b, "beta*"), 5e-7, "robomit")
  }
}
write.csv(do.call(rbind, rows), "confounding.csv", row.names = FALSE, quote = FALSE)
