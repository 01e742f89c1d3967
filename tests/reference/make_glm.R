# Answers of R's glm and MASS's glm.nb, to which tests/core/test_response_binary.c and test_response_count.c hold:
#   Rscript tests/reference/make_glm.R > tests/reference/glm.csv
# glm stops when the deviance moves by 1e-15 of itself at best, and its standard errors belong to the step before; glm.nb
# alternates between coefficients and theta. Here Newton steps on the log-likelihood, its derivatives written out below and
# the densities R's own, carry the fit on until nothing moves; standard errors are those of the observed information (for
# logit and Poisson the expected one, glm's), theta among the parameters. That leaves coefficients and errors 10 digits or
# more, log-likelihoods and deviances 12. glm's and glm.nb's own numbers must agree to what they are good for. Parameters are
# numbered in R's order, log(theta) last. The table has the layout of cases.csv; tolerances are relative.
# quine and insurance are the data sets of MASS.
# SPDX-License-Identifier: GPL-3.0-only
suppressPackageStartupMessages(library(MASS))
read <- function(name) read.csv(sprintf("tests/reference/data/%s.csv", name))
in_order <- function(frame, columns) {
  for (c in columns) frame[[c]] <- factor(frame[[c]], unique(frame[[c]]))
  frame
}
mtcars <- read("mtcars")
housing <- in_order(read("housing"), c("Sat", "Infl", "Type", "Cont"))
cbpp <- in_order(read("cbpp"), c("herd", "period"))
quine <- in_order(read("quine"), c("Eth", "Sex", "Age", "Lrn"))
insurance <- in_order(read("insurance"), c("District", "Group", "Age"))
exact <- glm.control(epsilon = 1e-15, maxit = 60)

# s successes, f failures: log density without constants, d/deta, -d2/deta2
binary <- list(
  logit = function(s, f, e) list(
    value = s * plogis(e, log.p = TRUE) + f * plogis(-e, log.p = TRUE),
    score = s * plogis(-e) - f * plogis(e),
    curve = (s + f) * plogis(e) * plogis(-e)),
  probit = function(s, f, e) {
    h <- exp(dnorm(e, log = TRUE) - pnorm(e, log.p = TRUE))
    g <- exp(dnorm(e, log = TRUE) - pnorm(-e, log.p = TRUE))
    list(value = s * pnorm(e, log.p = TRUE) + f * pnorm(-e, log.p = TRUE), score = s * h - f * g,
         curve = s * h * (h + e) + f * g * (g - e))
  },
  cloglog = function(s, f, e) {
    w <- exp(e)
    g <- w / expm1(w)
    list(value = s * log(-expm1(-w)) - f * w, score = s * g - f * w, curve = s * g * (w / -expm1(-w) - 1) + f * w)
  })
poisson_rows <- function(y, e) list(value = y * e - exp(e), score = y - exp(e), curve = exp(e))

newton <- function(b, rows, x) {
  for (i in 1:30) {
    r <- rows(drop(x %*% b))
    step <- solve(crossprod(x, r$curve * x), crossprod(x, r$score))
    b <- b + drop(step)
    if (max(abs(step) / abs(b)) < 1e-14) break
  }
  stopifnot(max(abs(step) / abs(b)) < 1e-11)
  r <- rows(drop(x %*% b))
  list(b = b, v = solve(crossprod(x, r$curve * x)), e = drop(x %*% b), r = r)
}

version <- paste(R.version.string, "glm; polished")
put <- function(case, family, data, model, quantity, expected, tolerance, source = version)
  cat(sprintf("%s,%s,%s,\"%s\",%s,%.17g,%g,,%s,\n", case, family, data, model, quantity, expected, tolerance, source))
put_fit <- function(case, family, data, model, b, v, more, source = version) {
  for (j in seq_along(b)) put(case, family, data, model, sprintf("coef[%d]", j), b[[j]], 1e-10, source)
  for (j in seq_along(b)) put(case, family, data, model, sprintf("se[%d]", j), sqrt(v[j, j]), 1e-9, source)
  for (q in names(more)) put(case, family, data, model, q, more[[q]], 1e-11, source)
}

# the weighted log-likelihood of a polished fit with its constants; `saturated` likewise
criteria <- function(loglik, null, saturated, pearson, k, n)
  list(loglik = loglik, loglik_null = null, deviance = 2 * (saturated - loglik), deviance_null = 2 * (saturated - null),
       aic = -2 * loglik + 2 * k, bic = -2 * loglik + log(n) * k, pearson = pearson)

# link by link: y with trials, weights w, offset o, n by the weight rule
binaries <- function(case, data, model, formula, y, trials, w, o, n, links = names(binary)) for (link in links) {
  frame <- get(data)
  frame$y. <- y / pmax(trials, 1)
  frame$w. <- w * trials
  frame$o. <- o
  # from glm's own start cloglog runs away on some of these data
  start <- c(binomial(link)$linkfun(sum(w * y) / sum(w * trials)) - mean(o), rep(0, ncol(model.matrix(formula, frame)) - 1))
  fit <- suppressWarnings(glm(update(formula, y. ~ .), binomial(link), frame, weights = w., offset = o., start = start,
                              control = exact))
  rows <- function(x_b) {
    r <- binary[[link]](y, trials - y, x_b + o)
    lapply(r, `*`, w)
  }
  x <- model.matrix(fit)
  p <- newton(coef(fit), rows, x)
  stopifnot(max(abs(p$b - coef(fit)) / abs(p$b)) < 1e-6)
  one <- matrix(1, nrow(x), 1)
  null <- newton(start[1], rows, one)
  mu <- binomial(link)$linkinv(p$e + o)
  choose <- sum(w * lchoose(trials, y))
  part <- function(a, b) ifelse(a > 0, a * log(a / b), 0)
  more <- criteria(sum(p$r$value) + choose, sum(null$r$value) + choose,
                   sum(w * (part(y, trials) + part(trials - y, trials))) + choose,
                   sum((w * (y - trials * mu)^2 / (trials * mu * (1 - mu)))[trials > 0]), ncol(x), n)
  stopifnot(abs(more$deviance / deviance(fit) - 1) < 1e-8)
  put_fit(paste(case, link, sep = "_"), "binary", data, sprintf("%s; %s", model, link), p$b, p$v, more)
}

poissons <- function(case, data, model, formula, w, o, n) {
  frame <- get(data)
  frame$w. <- w
  frame$o. <- o
  fit <- glm(formula, poisson, frame, weights = w., offset = o., control = exact)
  y <- fit$y
  rows <- function(x_b) lapply(poisson_rows(y, x_b + o), `*`, w)
  x <- model.matrix(fit)
  p <- newton(coef(fit), rows, x)
  stopifnot(max(abs(p$b - coef(fit)) / abs(p$b)) < 1e-6)
  null <- newton(coef(glm(update(formula, . ~ 1), poisson, frame, weights = w., offset = o.)), rows, matrix(1, nrow(x), 1))
  mu <- exp(p$e + o)
  more <- criteria(sum(w * dpois(y, mu, log = TRUE)), sum(w * dpois(y, exp(null$e + o), log = TRUE)),
                   sum(w * dpois(y, y, log = TRUE)), sum(w * (y - mu)^2 / mu), ncol(x), n)
  stopifnot(abs(more$loglik / c(logLik(fit)) - 1) < 1e-10)
  put_fit(case, "poisson", data, model, p$b, p$v, more)
}

# b and log(theta) by Newton steps on both
newton_nb <- function(b, x, y, w, o) {
  k <- length(b)
  for (i in 1:60) {
    th <- exp(b[k])
    mu <- exp(drop(x %*% b[-k]) + o)
    q <- th / (mu + th)
    own <- th * (digamma(y + th) - digamma(th) + log(q) + 1 - (y + th) / (mu + th))
    second <- own + th^2 * (trigamma(y + th) - trigamma(th) + 1 / th - 2 / (mu + th) + (y + th) / (mu + th)^2)
    cross <- -(y - mu) * mu * th / (mu + th)^2
    score <- c(crossprod(x, w * (y - mu) * q), sum(w * own))
    h <- rbind(cbind(crossprod(x, w * (y + th) * mu * th / (mu + th)^2 * x), crossprod(x, w * cross)),
               c(crossprod(x, w * cross), -sum(w * second)))
    step <- drop(solve(h, score))
    b <- b + step
    if (max(abs(step) / abs(b)) < 1e-13) break
  }
  stopifnot(max(abs(step) / abs(b)) < 1e-10)
  list(b = b, v = solve(h), mu = exp(drop(x %*% b[-k]) + o), theta = exp(b[k]))
}

negatives <- function(case, data, model, formula, w, o, n) {
  frame <- get(data)
  frame$w. <- w
  frame$o. <- o
  fit <- suppressWarnings(glm.nb(update(formula, . ~ . + offset(o.)), frame, weights = w., control = exact))
  y <- fit$y
  x <- model.matrix(fit)
  p <- newton_nb(c(coef(fit), log(fit$theta)), x, y, w, o)
  stopifnot(abs(p$theta / fit$theta - 1) < 1e-6, max(abs(p$b[-length(p$b)] - coef(fit)) / abs(coef(fit))) < 1e-5)
  one <- matrix(1, nrow(x), 1)
  alone <- suppressWarnings(glm.nb(update(formula, . ~ 1 + offset(o.)), frame, weights = w., control = exact))
  null <- newton_nb(c(coef(alone), log(alone$theta)), one, y, w, o)
  ll <- function(mu, theta) sum(w * dnbinom(y, theta, mu = mu, log = TRUE))
  more <- criteria(ll(p$mu, p$theta), ll(null$mu, null$theta), ll(pmax(y, 1e-300), p$theta),
                   sum(w * (y - p$mu)^2 / (p$mu + p$mu^2 / p$theta)), length(p$b), n)
  # MASS's null deviance: the intercept alone, theta as it is in the fit
  fixed <- newton(coef(alone), function(x_b) {
    mu <- exp(x_b + o)
    list(score = w * (y - mu) * p$theta / (mu + p$theta), curve = w * (y + p$theta) * mu * p$theta / (mu + p$theta)^2)
  }, one)
  more$deviance_null <- 2 * (ll(pmax(y, 1e-300), p$theta) - ll(exp(fixed$e + o), p$theta))
  stopifnot(abs(more$deviance / fit$deviance - 1) < 1e-5, abs(more$loglik / c(logLik(fit)) - 1) < 1e-10)
  more$theta <- p$theta
  put_fit(case, "negative_binomial", data, model, p$b, p$v, more, paste("MASS", packageVersion("MASS"), "glm.nb; polished"))
}

cat("case,family,data,model,quantity,expected,tol_rel,published,source,note\n")
cars <- rep(1, nrow(mtcars))
herds <- rep(1, nrow(cbpp))
school <- rep(1, nrow(quine))
policies <- rep(1, nrow(insurance))
binaries("cars", "mtcars", "am ~ wt + hp", ~ wt + hp, mtcars$am, cars, cars, 0 * cars, 32)
binaries("cars_offset", "mtcars", "am ~ wt; offset drat", ~ wt, mtcars$am, cars, cars, mtcars$drat, 32)
binaries("cars_weighted", "mtcars", "am ~ wt + hp; analytic carb", ~ wt + hp, mtcars$am, cars, mtcars$carb, 0 * cars, 32)
binaries("contact", "housing", "Cont ~ Infl + Type; frequency Freq", ~ Infl + Type, as.integer(housing$Cont) - 1,
         0 * housing$Freq + 1, housing$Freq, 0 * housing$Freq, sum(housing$Freq))
binaries("cows", "cbpp", "incidence ~ period; trials size", ~ period, cbpp$incidence, cbpp$size, herds, 0 * herds, 56)
binaries("cows_herds", "cbpp", "incidence ~ period + herd; trials size", ~ period + herd, cbpp$incidence, cbpp$size, herds,
         0 * herds, 56)
poissons("carburettors", "mtcars", "carb ~ wt + hp", carb ~ wt + hp, cars, 0 * cars, 32)
poissons("power", "mtcars", "hp ~ wt + qsec; frequency gear", hp ~ wt + qsec, mtcars$gear, 0 * cars, sum(mtcars$gear))
poissons("days", "quine", "Days ~ Eth + Sex + Age + Lrn", Days ~ Eth + Sex + Age + Lrn, school, 0 * school, 146)
poissons("claims", "insurance", "Claims ~ District + Group + Age; offset exposure", Claims ~ District + Group + Age, policies,
         insurance$exposure, 64)
negatives("days_nb", "quine", "Days ~ Eth + Sex + Age + Lrn", Days ~ Eth + Sex + Age + Lrn, school, 0 * school, 146)
negatives("days_cross_nb", "quine", "Days ~ Eth + Sex + Age + Eth:Sex", Days ~ Eth + Sex + Age + Eth:Sex, school, 0 * school,
          146)
negatives("power_nb", "mtcars", "hp ~ wt + qsec; frequency gear", hp ~ wt + qsec, mtcars$gear, 0 * cars, sum(mtcars$gear))
negatives("days_offset_nb", "quine", "Days ~ Eth + Lrn; offset length", Days ~ Eth + Lrn, school, quine$length, 146)
