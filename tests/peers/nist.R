# SPDX-License-Identifier: GPL-3.0-only
# Called by nist.py in a folder with sets.txt: R's lm, aov, mean, sd and acf on
# NIST's sets; prints kind,set,quantity,value.
tolerance <- commandArgs(trailingOnly = TRUE)[1L]

say <- function(kind, name, values) {
  cat(sprintf("%s,%s,%s,%s\n", kind, name, names(values), sprintf("%.17g", unname(values))), sep = "")
}

fit <- function(formula, data) {
  if (tolerance == "default") lm(formula, data) else lm(formula, data, tol = as.numeric(tolerance))
}

linear <- function(name, data, first, p) {
  x <- if (name == "Longley") names(data)[-1L] else sprintf("I(V2^%d)", seq(max(first, 1), length.out = p - (first == 0)))
  f <- fit(as.formula(paste("V1 ~", paste(x, collapse = " + "), if (first) "- 1")), data)
  s <- suppressWarnings(summary(f))
  b <- coef(f)
  se <- rep(NA_real_, length(b))
  se[!is.na(b)] <- s$coefficients[, 2L]
  table <- suppressWarnings(anova(f))
  terms <- seq_len(nrow(table) - 1L)
  ssr <- sum(table[["Sum Sq"]][terms])
  sse <- table[["Sum Sq"]][nrow(table)]
  at <- seq_along(b) - 1L + first
  say("lls", name, c(setNames(b, paste0("B", at)), setNames(se, paste0("SE", at)), rsd = s$sigma, r2 = s$r.squared,
    ssr = ssr, msr = ssr / sum(table$Df[terms]), sse = sse, mse = sse / f$df.residual, F = unname(s$fstatistic[1L])))
}

groups <- function(name, data) {
  f <- if (tolerance == "default") aov(V1 ~ factor(V2), data) else aov(V1 ~ factor(V2), data, tol = as.numeric(tolerance))
  s <- summary.lm(f)
  table <- summary(f)[[1L]]
  say("anova", name, c(ssb = table[["Sum Sq"]][1L], msb = table[["Mean Sq"]][1L], ssw = table[["Sum Sq"]][2L],
    msw = table[["Mean Sq"]][2L], F = table[["F value"]][1L], r2 = s$r.squared, rsd = s$sigma))
}

sets <- read.table("sets.txt", col.names = c("kind", "name", "n", "columns", "first", "p"))
for (i in seq_len(nrow(sets))) {
  set <- sets[i, ]
  data <- read.table(paste0(set$name, ".txt"), colClasses = "numeric")
  if (set$kind == "lls") linear(set$name, data, set$first, set$p)
  else if (set$kind == "anova") groups(set$name, data)
  else say("univ", set$name, c(mean = mean(data$V1), sd = sd(data$V1),
    r1 = acf(data$V1, lag.max = 1L, plot = FALSE)$acf[2L]))
}
