# Answers of R's WeightIt, PSweight, ebal and cobalt, and of estimating equations solved and differentiated by
# numbers alone, to which tests/core/test_balance.c holds:
#   Rscript tests/reference/make_balance.R > tests/reference/balance.csv
# Standard errors are theirs times sqrt(n / (n - 1)), the factor that steelyard has and they have not (clusters: G in place
# of n). PSweight's augmented ATT averages the regressions over the score, steelyard's over the treated: with least squares
# these are the same number, with logits they are not, and only least squares is held to. WeightIt's errors of entropy
# balancing take the means aimed at as known and are not used; "stacked" is all equations together, the means aimed at
# among them, with numDeriv's Jacobian. ebal is run to 1e-10 of its moments.
# The table has the layout of cases.csv; tolerances are relative to the value, or to 0.01 where that is larger.
# SPDX-License-Identifier: GPL-3.0-only
suppressPackageStartupMessages({
  library(WeightIt)
  library(PSweight)
  library(cobalt)
})
d <- read.csv("tests/reference/data/darfur.csv")
d$sampled <- 1 + (seq_len(nrow(d)) * 7) %% 5 / 2
x <- c("age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur", "female")
f <- reformulate(x, "directlyharmed")
n <- nrow(d)
villages <- length(unique(d$village))
version <- function(p) paste(p, packageVersion(p))
put <- function(case, quantity, expected, tolerance, source)
  cat(sprintf("%s,balance,darfur,\"%s\",%s,%.17g,%g,,%s,\n", case, deparse1(f), quantity, expected, tolerance, source))
cat("case,family,data,model,quantity,expected,tol_rel,published,source,note\n")

for (e in c("ATE", "ATT", "ATO")) {
  w <- weightit(f, d, method = "glm", estimand = e, control = list(epsilon = 1e-14, maxit = 100))
  ess <- summary(w)$effective.sample.size["Weighted", ]
  put(e, "effective[0]", ess[[1]], 1e-8, version("WeightIt"))
  put(e, "effective[1]", ess[[2]], 1e-8, version("WeightIt"))
  for (y in c("peacefactor", "wouldvote")) {
    m <- lm_weightit(reformulate("directlyharmed", y), d, weightit = w, vcov = "asympt")
    put(e, sprintf("weighted[%s]", y), coef(m)[[2]], 1e-8, version("WeightIt"))
    put(e, sprintf("weighted_se[%s]", y), sqrt(vcov(m)[2, 2] * n / (n - 1)), 1e-8, version("WeightIt"))
  }
  # cobalt's yardstick for ATO is another one: the sd of everybody, weighted
  b <- bal.tab(w, un = TRUE, stats = c("m", "v", "ks"), binary = "std")$Balance
  for (r in rownames(b)) {
    name <- if (r == "prop.score") "propensity score" else r
    if (e != "ATO") {
      put(e, sprintf("before[%s]", name), b[r, "Diff.Un"], 1e-8, version("cobalt"))
      put(e, sprintf("after[%s]", name), b[r, "Diff.Adj"], 1e-8, version("cobalt"))
    }
    if (!is.na(b[r, "V.Ratio.Adj"])) put(e, sprintf("ratio[%s]", name), b[r, "V.Ratio.Adj"], 1e-8, version("cobalt"))
    put(e, sprintf("ks[%s]", name), b[r, "KS.Adj"], 1e-8, version("cobalt"))
  }
}
for (e in c("IPW", "treated", "overlap")) for (y in c("peacefactor", "wouldvote")) {
  logit <- y == "wouldvote"
  if (e == "treated" && logit) next
  o <- PSweight(ps.formula = f, yname = y, data = d, weight = e, augmentation = TRUE, out.formula = reformulate(x, y),
                family = if (logit) "binomial" else "gaussian")
  s <- summary(o)$estimates
  case <- c(IPW = "ATE", treated = "ATT", overlap = "ATO")[[e]]
  put(case, sprintf("aipw[%s]", y), s[1, 1], 1e-7, version("PSweight"))
  put(case, sprintf("aipw_se[%s]", y), s[1, 2] * sqrt(n / (n - 1)), 1e-6, version("PSweight"))
}
sink(stderr())
eb <- ebal::ebalance(d$directlyharmed, as.matrix(d[x]), constraint.tolerance = 1e-10, max.iterations = 2000)
sink()
put("entropy_ATT", "weight[first]", eb$w[1] / sum(eb$w) * sum(d$directlyharmed == 0), 1e-8, version("ebal"))
put("entropy_ATT", "largest", max(eb$w) / sum(eb$w), 1e-8, version("ebal"))
for (y in c("peacefactor", "wouldvote"))
  put("entropy_ATT", sprintf("weighted[%s]", y),
      mean(d[[y]][d$directlyharmed == 1]) - weighted.mean(d[[y]][d$directlyharmed == 0], eb$w), 1e-8, version("ebal"))

# All equations stacked: row i gives psi_i(theta), theta solves their sum, the influence of a row is
# -(sum of dpsi)^-1 psi_i, and the last element is the difference.
X <- cbind(1, scale(as.matrix(d[x])))
A <- d$directlyharmed
k <- ncol(X)
solve_stack <- function(psi, start) {
  theta <- start
  for (i in 1:50) {
    step <- solve(numDeriv::jacobian(function(t) colSums(psi(t)), theta), colSums(psi(theta)))
    theta <- theta - step
    if (max(abs(step) / (1 + abs(theta))) < 1e-12) break
  }
  influence <- -psi(theta) %*% t(solve(numDeriv::jacobian(function(t) colSums(psi(t)), theta)))
  last <- influence[, ncol(influence)]
  by_village <- c(tapply(last, d$village, sum))
  c(theta[length(theta)], sqrt(sum(last^2) * n / (n - 1)), sqrt(sum(by_village^2) * villages / (villages - 1)))
}
stacked <- function(case, estimand, method, y, logit, link = "logit", s = rep(1, n)) {
  Y <- d[[y]]
  F <- make.link(link)
  h <- if (logit) plogis else identity
  entropy <- method == "entropy"
  # theta: weights (score: k; entropy: goal k - 1, lambda of each group k - 1), regressions 2 k, and four ratios
  nw <- if (entropy) 3 * (k - 1) else k
  Z <- X[, -1]
  parts <- function(t) {
    if (entropy) {
      goal <- t[1:(k - 1)]
      l0 <- t[(k - 1) + 1:(k - 1)]
      l1 <- t[2 * (k - 1) + 1:(k - 1)]
      C <- sweep(Z, 2, goal)
      u <- exp(ifelse(A == 1, if (estimand == "ATT") 0 else C %*% l1, C %*% l0))
      aims <- if (estimand == "ATT") A else 1
      psi <- cbind(s * aims * C, s * (1 - A) * u * C, if (estimand == "ATT") matrix(l1, n, k - 1, TRUE) else s * A * u * C)
      tilt <- aims * rep(1, n)
    } else {
      eta <- drop(X %*% t[1:k])
      e <- F$linkinv(eta)
      psi <- s * (A - e) * F$mu.eta(eta) / (e * (1 - e)) * X
      u <- switch(estimand, ATE = ifelse(A == 1, 1 / e, 1 / (1 - e)), ATT = ifelse(A == 1, 1, e / (1 - e)),
                  ATO = ifelse(A == 1, 1 - e, e))
      tilt <- switch(estimand, ATE = rep(1, n), ATT = A, ATO = e * (1 - e))
    }
    list(psi = psi, u = u, tilt = tilt)
  }
  weighting <- function(t) {
    p <- parts(t)
    m <- t[nw + 1:2]
    cbind(p$psi, s * A * p$u * (Y - m[1]), s * (1 - A) * p$u * (Y - m[2]), t[nw + 3] - (m[1] - m[2]))
  }
  aipw <- function(t) {
    p <- parts(t)
    b1 <- t[nw + 1:k]
    b0 <- t[nw + k + 1:k]
    r <- t[nw + 2 * k + 1:4]
    m1 <- h(drop(X %*% b1))
    m0 <- h(drop(X %*% b0))
    cbind(p$psi, s * A * (Y - m1) * X, s * (1 - A) * (Y - m0) * X, s * p$tilt * (m1 - r[1]), s * p$tilt * (m0 - r[2]),
          s * A * p$u * (Y - m1 - r[3]), s * (1 - A) * p$u * (Y - m0 - r[4]),
          t[nw + 2 * k + 5] - (r[1] + r[3] - r[2] - r[4]))
  }
  begin <- rep(0, nw)
  if (entropy && estimand == "ATT") begin[1:(k - 1)] <- colMeans(Z[A == 1, ])
  if (!entropy) begin <- suppressWarnings(coef(glm(A ~ X - 1, binomial(link), weights = s)))
  fit <- function(a) suppressWarnings(coef(glm(Y ~ X - 1, if (logit) binomial else gaussian, subset = A == a, weights = s)))
  source <- paste("stacked equations with numDeriv", packageVersion("numDeriv"))
  a <- solve_stack(weighting, c(begin, mean(Y), mean(Y), 0))
  b <- solve_stack(aipw, c(begin, fit(1), fit(0), mean(Y), mean(Y), 0, 0, 0))
  for (i in 1:3) {
    what <- c("", "_se", "_cluster_se")[i]
    put(case, sprintf("weighted%s[%s]", what, y), a[i], 1e-7, source)
    put(case, sprintf("aipw%s[%s]", what, y), b[i], 1e-7, source)
  }
}
for (e in c("ATE", "ATT", "ATO")) {
  stacked(paste0("stacked_", e), e, "score", "peacefactor", FALSE)
  stacked(paste0("stacked_", e), e, "score", "wouldvote", TRUE)
}
for (e in c("ATE", "ATT")) {
  stacked(paste0("stacked_entropy_", e), e, "entropy", "peacefactor", FALSE)
  stacked(paste0("stacked_entropy_", e), e, "entropy", "wouldvote", TRUE)
}
stacked("stacked_probit_ATE", "ATE", "score", "wouldvote", TRUE, link = "probit")
stacked("stacked_cloglog_ATO", "ATO", "score", "wouldvote", TRUE, link = "cloglog")
stacked("stacked_sampled_ATE", "ATE", "score", "wouldvote", TRUE, s = d$sampled)
stacked("stacked_sampled_entropy_ATE", "ATE", "entropy", "peacefactor", FALSE, s = d$sampled)
