# Mixed models of binary, count and ordered outcomes by other programs, for
# tests/core/test_glmm_reference.c: writes tests/reference/glmm.csv and the data
# it rests on that are not there yet. Needs glmmTMB, numDeriv, MASS and lme4.
# Run in the root of the tree: Rscript tests/reference/make_glmm.R
#
# Laplace's approximation of binary and count models: glmmTMB's objective, whose
# gradient is by automatic differentiation, brought to its optimum by Newton
# steps (gradient below 1e-9); Hessian by Richardson differences of that gradient.
# Ordered answers and quadrature: the likelihood written out here, level by level,
# modes by Newton's method, optimum by Newton steps on Richardson differences.
suppressMessages({library(glmmTMB); library(numDeriv)})
options(digits = 17)
out <- list()
put <- function(case, quantity, value)
  out[[length(out) + 1]] <<- data.frame(case, quantity, value = sprintf("%.15g", value))

frozen <- function(data, name) {
  path <- file.path("tests/reference/data", paste0(name, ".csv"))
  write.csv(data, path, row.names = FALSE, quote = FALSE)
  read.csv(path, stringsAsFactors = TRUE)
}
cbpp <- read.csv("tests/reference/data/cbpp.csv", stringsAsFactors = TRUE)
cbpp <- transform(cbpp, herd = factor(herd), period = factor(period), obs = factor(seq_len(nrow(cbpp))))
wine <- read.csv("tests/reference/data/wine.csv", stringsAsFactors = TRUE)
bacteria <- frozen(with(MASS::bacteria, data.frame(y = as.integer(y == "y"), trt = gsub("+", "p", trt, fixed = TRUE), week, ID)),
                   "bacteria")
epil <- frozen(with(MASS::epil, data.frame(y, lbase, trt, lage, V4, period, subject = paste0("s", subject))), "epil")
ticks <- frozen(with(lme4::grouseticks, data.frame(ticks = TICKS, year = paste0("y", YEAR), height = cHEIGHT,
                                                   brood = paste0("b", BROOD), location = paste0("l", LOCATION))), "grouseticks")

# ---- Laplace by glmmTMB
laplace <- function(case, formula, data, family, weights = NULL) {
  fit <- if (is.null(weights)) glmmTMB(formula, data, family) else glmmTMB(formula, data, family, weights = weights)
  obj <- fit$obj
  p <- fit$fit$par
  gradient <- function(p) as.numeric(obj$gr(p))
  for (i in 1:8) {
    H <- jacobian(gradient, p)
    H <- (H + t(H)) / 2
    p <- p - solve(H, gradient(p))
  }
  stopifnot(max(abs(gradient(p))) < 1e-7)
  H <- jacobian(gradient, p); H <- (H + t(H)) / 2
  se <- sqrt(diag(solve(H)))
  put(case, "loglik", -obj$fn(p))
  names <- names(fixef(fit)$cond)
  at <- which(names(p) == "beta")
  for (j in seq_along(at)) {
    put(case, paste0("coef[", names[j], "]"), p[at[j]])
    put(case, paste0("se[", names[j], "]"), se[at[j]])
  }
  if (any(names(p) == "betad")) put(case, "log(theta)", p[names(p) == "betad"])
  obj$fn(p)
  report <- obj$env$report(obj$env$last.par)
  for (k in seq_along(report$sd)) {
    s <- report$sd[[k]]
    R <- as.matrix(report$corr[[k]])
    V <- if (length(R) == length(s)^2 && length(s) > 1) R * outer(s, s) else diag(s^2, length(s))
    for (a in seq_along(s)) for (b in seq_len(a)) put(case, sprintf("variance[%d.%d.%d]", k, a, b), V[a, b])
  }
}
laplace("cbpp_probit", cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial("probit"))
laplace("cbpp_cloglog", cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial("cloglog"))
laplace("cbpp_nested", cbind(incidence, size - incidence) ~ period + (1 | herd) + (1 | obs), cbpp, binomial)
laplace("bacteria", y ~ trt + week + (1 | ID), bacteria, binomial)
laplace("epil_poisson", y ~ lbase * trt + lage + V4 + (1 | subject), epil, poisson)
laplace("epil_slope", y ~ lbase + trt + lage + (1 + period | subject), epil, poisson)
laplace("epil_diagonal", y ~ lbase + trt + lage + diag(1 + period | subject), epil, poisson)
laplace("epil_nbinom", y ~ lbase + trt + lage + (1 | subject), epil, nbinom2)
laplace("ticks", ticks ~ year + height + (1 | location) + (1 | brood), ticks, poisson)
laplace("ticks_nbinom", ticks ~ year + height + (1 | location) + (1 | brood), ticks, nbinom2)

# ---- one random intercept, written out: n nodes (1 is Laplace)
rule <- function(n) {
  J <- matrix(0, n, n)
  for (i in seq_len(n - 1)) J[i, i + 1] <- J[i + 1, i] <- sqrt(i / 2)
  e <- eigen(J, symmetric = TRUE)
  list(x = e$values, w = sqrt(pi) * e$vectors[1, ]^2)
}
marginal <- function(density, groups, n) function(p) { # density: sum of log densities, its slope and curvature in u
  r <- rule(n)
  total <- 0
  for (rows in groups) {
    u <- 0
    for (i in 1:60) {
      d <- density(p, u, rows)
      if (anyNA(d)) return(-1e10)
      step <- (d[2] - u) / (1 + d[3])
      u <- u + step
      if (abs(step) < 1e-13) break
    }
    D <- 1 + density(p, u, rows)[3]
    v <- sapply(r$x, function(x) { t <- u + sqrt(2 / D) * x; density(p, t, rows)[1] - t^2 / 2 + x^2 }) + log(r$w)
    total <- total + max(v) + log(sum(exp(v - max(v)))) - log(pi) / 2 - log(D) / 2
  }
  if (is.na(total)) -1e10 else total
}
polish <- function(f, p) {
  p <- optim(p, function(p) -f(p), method = "BFGS", control = list(reltol = 1e-14, maxit = 500))$par
  for (i in 1:4) p <- p - solve(hessian(f, p), grad(f, p))
  p
}
written <- function(case, f, p, labels) {
  p <- polish(f, p)
  se <- sqrt(diag(solve(-hessian(f, p))))
  put(case, "loglik", f(p))
  for (j in seq_along(labels)) {
    put(case, labels[j], p[j])
    if (grepl("coef", labels[j])) put(case, sub("coef", "se", labels[j]), se[j])
  }
  k <- length(p)
  put(case, "sd", abs(p[k]))
}
x <- with(wine, cbind(temp == "warm", contact == "yes")) + 0
ordered <- function(F, f, f1) function(p, u, rows) {
  eta <- x[rows, ] %*% p[5:6] + p[7] * u
  up <- c(p[1:4], 1e3)[wine$rating[rows]] - eta
  low <- c(-1e3, p[1:4])[wine$rating[rows]] - eta
  P <- suppressWarnings(ifelse(up + low > 0, F(-low, TRUE) - F(-up, TRUE), F(up, FALSE) - F(low, FALSE)))
  g <- (f(low) - f(up)) / P
  c(suppressWarnings(sum(log(P))), p[7] * sum(g), p[7]^2 * sum(g^2 - (f1(up) - f1(low)) / P))
}
logistic <- ordered(function(x, upper) plogis(x), dlogis, function(x) dlogis(x) * (1 - 2 * plogis(x)))
normal <- ordered(function(x, upper) pnorm(x), dnorm, function(x) -x * dnorm(x))
gompertz <- ordered(function(x, upper) if (upper) exp(-exp(-x)) else -expm1(-exp(x)),
                    function(x) exp(x - exp(pmin(x, 50))), function(x) (1 - exp(pmin(x, 50))) * exp(x - exp(pmin(x, 50))))
judges <- split(seq_len(nrow(wine)), wine$judge)
labels <- c("coef[1|2]", "coef[2|3]", "coef[3|4]", "coef[4|5]", "coef[temp]", "coef[contact]")
start <- c(-1.62, 1.51, 4.23, 6.09, 3.06, 1.83, 1.13)
written("wine_agq10", marginal(logistic, judges, 10), start, labels)
written("wine_probit", marginal(normal, judges, 1), start / 1.7, labels)
written("wine_cloglog", marginal(gompertz, judges, 1), start / 1.5, labels)
herds <- split(seq_len(nrow(cbpp)), cbpp$herd)
X <- model.matrix(~ period, cbpp)
answers <- function(p, u, rows) {
  m <- plogis(X[rows, , drop = FALSE] %*% p[1:4] + p[5] * u)
  n <- cbpp$size[rows]
  c(sum(dbinom(cbpp$incidence[rows], n, m, log = TRUE)), p[5] * sum(cbpp$incidence[rows] - n * m),
    p[5]^2 * sum(n * m * (1 - m)))
}
written("cbpp_agq10", marginal(answers, herds, 10), c(-1.4, -1, -1.1, -1.6, .64), paste0("coef[", colnames(X), "]"))

write.csv(do.call(rbind, out), "tests/reference/glmm.csv", row.names = FALSE, quote = FALSE)
