# Answers of psych (alpha, polychoric) and lavaan (one factor by maximum likelihood, robust standard errors), to which
# tests/core/test_reliability.c holds, and the data they are of:
#   Rscript tests/reference/make_reliability.R > tests/reference/reliability.csv
# attitude: R's own data set [Chatterjee & Price 1977]; lsat6: five answers right or wrong of 1000 people, by pattern
# [Bock & Lieberman 1970]. psych's standard error takes n where the moments of normal items have n - 1: turned here.
# Distribution-free standard errors of alpha are written out from the fourth moments [Maydeu-Olivares, Coffman & Hartmann
# 2007], and of omega by numerical derivatives of factanal's answer for the same. The table has the layout
# of cases.csv; tolerances are relative: lavaan stops its search at about 1e-7 of the parameters, correlations of ordered
# answers stop at about 1e-5 in both, and derivatives of factanal carry its last step (1e-8) over theirs.
# SPDX-License-Identifier: GPL-3.0-only
suppressPackageStartupMessages({
  library(psych)
  library(lavaan)
})
if (length(commandArgs(TRUE))) {
  data(bock, package = "psych")
  patterns <- as.data.frame(table(as.data.frame(lsat6)))
  write.csv(patterns[patterns$Freq > 0, ], "tests/reference/data/lsat6.csv", row.names = FALSE, quote = FALSE)
  write.csv(attitude, "tests/reference/data/attitude.csv", row.names = FALSE, quote = FALSE)
}
patterns <- read.csv("tests/reference/data/lsat6.csv")
lsat <- patterns[rep(seq_len(nrow(patterns)), patterns$Freq), 1:5]

put <- function(case, data, quantity, expected, tolerance, source)
  cat(sprintf("%s,reliability,%s,all items,%s,%.17g,%g,,%s,\n", case, data, quantity, expected, tolerance, source))
psych_version <- paste("psych", packageVersion("psych"))
lavaan_version <- paste("lavaan", packageVersion("lavaan"))

one_factor <- function(x, covariance = NULL, n = NULL) {
  model <- paste("f =~", paste(names(x), collapse = " + "))
  if (is.null(covariance)) covariance <- cov(x) * (nrow(x) - 1) / nrow(x)
  fit <- cfa(model, sample.cov = covariance, sample.nobs = if (is.null(n)) nrow(x) else n, std.lv = TRUE,
             sample.cov.rescale = FALSE, se = "none",
             test = "standard")
  k <- ncol(x)
  b <- coef(fit)
  list(fit = fit, loading = b[1:k], unique = b[k + 1:k], omega = sum(b[1:k])^2 / (sum(b[1:k])^2 + sum(b[k + 1:k])))
}

# factanal's search of the same maximum can be told to go on to the last digits
to_the_end <- function(s, n)
  factanal(covmat = list(cov = s, n.obs = n), factors = 1, control = list(nstart = 4, opt = list(factr = 10, maxit = 1000)))
omega_of <- function(s, n) {
  f <- to_the_end(s, n)
  common <- sum(sqrt(diag(s)) * f$loadings[, 1])^2
  common / (common + sum(diag(s) * f$uniquenesses))
}

# n times the variance of a function of the covariances whose gradient by its lower triangle is d, without the normal law
free_error <- function(x, d) {
  n <- nrow(x)
  z <- scale(x, scale = FALSE)
  pairs <- which(lower.tri(diag(ncol(x)), diag = TRUE), arr.ind = TRUE)
  products <- sapply(seq_len(nrow(pairs)), function(p) z[, pairs[p, 1]] * z[, pairs[p, 2]])
  sqrt(drop(t(d) %*% cov(products) %*% d) / n)
}

numbers <- function(case, data, x) {
  k <- ncol(x)
  n <- nrow(x)
  a <- suppressWarnings(alpha(x, warnings = FALSE))
  put(case, data, "alpha", a$total$raw_alpha, 1e-12, paste(psych_version, "alpha"))
  put(case, data, "alpha_standardised", a$total$std.alpha, 1e-12, paste(psych_version, "alpha"))
  put(case, data, "se_normal", a$total$ase * sqrt(n / (n - 1)), 1e-10, paste(psych_version, "alpha"))
  feldt <- a$feldt
  put(case, data, "feldt_low", feldt$lower.ci[[1]], 1e-10, paste(psych_version, "alpha.ci"))
  put(case, data, "feldt_high", feldt$upper.ci[[1]], 1e-10, paste(psych_version, "alpha.ci"))
  for (i in seq_len(k)) {
    put(case, data, sprintf("alpha_without[%d]", i), a$alpha.drop$raw_alpha[i], 1e-12, paste(psych_version, "alpha"))
    put(case, data, sprintf("item_rest[%d]", i), a$item.stats$r.drop[i], 1e-12, paste(psych_version, "alpha"))
  }
  s <- cov(x) * (n - 1) / n
  lower <- which(lower.tri(s, diag = TRUE), arr.ind = TRUE)
  once <- ifelse(lower[, 1] == lower[, 2], 1, 2)
  total <- sum(s)
  trace <- sum(diag(s))
  by_alpha <- k / (k - 1) * (once * trace / total^2 - (once == 1) / total)
  put(case, data, "se_free_alpha", free_error(x, by_alpha), 1e-10, "fourth moments, R")
  f <- one_factor(x)
  put(case, data, "omega", f$omega, 2e-7, paste(lavaan_version, "cfa"))
  put(case, data, "chi2", fitMeasures(f$fit, "chisq")[[1]], 1e-8, paste(lavaan_version, "cfa"))
  exact <- to_the_end(s, n)
  for (i in seq_len(k)) {
    put(case, data, sprintf("uniqueness[%d]", i), exact$uniquenesses[[i]], 1e-7, paste("R", getRversion(), "factanal"))
    put(case, data, sprintf("loading[%d]", i), abs(exact$loadings[i, 1]), 1e-7, paste("R", getRversion(), "factanal"))
  }
  by_omega <- apply(lower, 1, function(at) {
    h <- 2e-3 * sqrt(s[at[1], at[1]] * s[at[2], at[2]])
    moved <- function(by) {
      t <- s
      t[at[1], at[2]] <- t[at[2], at[1]] <- s[at[1], at[2]] + by
      omega_of(t, n)
    }
    (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h)
  })
  put(case, data, "se_free_omega", free_error(x, by_omega), 2e-5, paste("R", getRversion(), "factanal, differentiated"))
  # Wishart: cov(S_ab, S_cd) = (S_ac S_bd + S_ad S_bc) / (n - 1)
  wishart <- outer(seq_len(nrow(lower)), seq_len(nrow(lower)), Vectorize(function(p, q) {
    a <- lower[p, 1]; b <- lower[p, 2]; c <- lower[q, 1]; d <- lower[q, 2]
    s[a, c] * s[b, d] + s[a, d] * s[b, c]
  }))
  put(case, data, "se_normal_omega", sqrt(drop(t(by_omega) %*% wishart %*% by_omega) / (n - 1)), 2e-5,
      paste("R", getRversion(), "factanal, differentiated"))
}

cat("case,family,data,model,quantity,expected,tol_rel,published,source,note\n")
numbers("attitude", "attitude", attitude)
numbers("lsat6", "lsat6", lsat)
told <- alpha.ci(.79, n.obs = 41, n.var = 26, p.val = .1)
put("feldt", "none", "low", told$lower.ci[[1]], 1e-10, paste(psych_version, "alpha.ci"))
put("feldt", "none", "high", told$upper.ci[[1]], 1e-10, paste(psych_version, "alpha.ci"))
r <- polychoric(lsat, correct = 0, global = FALSE)$rho
put("lsat6_ordinal", "lsat6", "alpha", 5 / 4 * (1 - 5 / sum(r)), 3e-5, paste(psych_version, "polychoric"))
lat <- lavCor(lsat, ordered = names(lsat))
put("lsat6_ordinal_lavaan", "lsat6", "alpha", 5 / 4 * (1 - 5 / sum(lat)), 3e-5, paste(lavaan_version, "lavCor"))
put("lsat6_ordinal_lavaan", "lsat6", "omega", one_factor(lsat, unclass(lat))$omega, 1e-4, paste(lavaan_version, "lavCor, cfa"))
