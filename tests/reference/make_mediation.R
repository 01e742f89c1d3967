# Products of coefficients with their sandwich errors as lavaan has them (all equations at once, mediators'
# residuals free to covary): the mediation of parallel blocks without products. Chicago wages; exam scores.
# Rscript tests/reference/make_mediation.R > tests/reference/mediation.csv     (lavaan 0.6-14)
# SPDX-License-Identifier: GPL-3.0-only
suppressMessages(library(lavaan))
cat("case,quantity,expected\n")
put <- function(case, quantity, value) cat(sprintf("%s,%s,%.15g\n", case, quantity, value))

# blocks: list(name = mediators); confounders: columns of numbers
mediate <- function(case, data, outcome, treatment, blocks, confounders) {
  data <- data[stats::complete.cases(data[c(outcome, treatment, unlist(blocks), confounders)]), ]
  mediators <- unlist(blocks)
  a <- paste0("a", seq_along(mediators))
  b <- paste0("b", seq_along(mediators))
  beside <- paste(c("", confounders), collapse = " + ")
  through <- vapply(blocks, function(own) paste(sprintf("%s*%s", a, b)[mediators %in% own], collapse = " + "), "")
  model <- c(sprintf("%s ~ direct*%s + %s%s", outcome, treatment, paste(sprintf("%s*%s", b, mediators), collapse = " + "),
                     beside),
             sprintf("%s ~ %s*%s%s", mediators, a, treatment, beside),
             if (length(mediators) > 1) utils::combn(mediators, 2, paste, collapse = " ~~ "),
             sprintf("through_%s := %s", names(blocks), through),
             sprintf("total := direct + %s", paste(sprintf("through_%s", names(blocks)), collapse = " + ")))
  fit <- sem(model, data, estimator = "ML", se = "robust.huber.white", meanstructure = TRUE, fixed.x = TRUE,
             control = list(rel.tol = 1e-15, iter.max = 2000))
  e <- parameterEstimates(fit)
  for (part in c("direct", paste0("through_", names(blocks)), "total")) {
    own <- e[e$label == part, ][1L, ]
    put(case, paste0("estimate[", part, "]"), own$est)
    # lavaan divides by n; ours by n - 1 units
    put(case, paste0("std_error[", part, "]"), own$se * sqrt(nrow(data) / (nrow(data) - 1)))
  }
}

chicago <- read.csv("tests/reference/data/chicago.csv")
names(chicago) <- gsub(".", "_", names(chicago), fixed = TRUE)
chicago$age10 <- chicago$age / 10
mediate("chicago", chicago, "ln_real_wage", "foreign_born", list(schooling = c("some_college", "college"), age = "age10"),
        c("female", "LTHS"))
mtcars <- read.csv("tests/reference/data/mtcars.csv")
mtcars$power <- mtcars$hp / 100
mediate("mtcars", mtcars, "mpg", "am", list(weight = "wt", power = "power"), "gear")
