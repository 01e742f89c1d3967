# Numbers that R says of fitted binary, count and ordinal models: covariances (sandwich, clubSandwich), tests of terms
# (car, stats), what is explained (pscl; formulas written out), risk ratios and average effects (written out with numDeriv).
# Rscript tests/reference/make_after_fit.R > tests/reference/after_fit.csv
# SPDX-License-Identifier: GPL-3.0-only
suppressMessages({
  library(sandwich); library(clubSandwich); library(car); library(ordinal); library(numDeriv); library(MASS)
})
out <- data.frame()
put <- function(case, quantity, value)
  cat(sprintf('%s,%s,%.17g\n', case, quantity, as.numeric(value)), sep = "")
cat("case,quantity,expected\n")
put_all <- function(case, name, values) for (i in seq_along(values)) put(case, sprintf("%s[%d]", name, i - 1), values[i])
tight <- glm.control(epsilon = 1e-15, maxit = 200)
# weights and residuals that a glm keeps are those of the step before the last: run on from its end
polished <- function(formula, family, data) {
  fit <- NULL
  for (i in 1:3)
    fit <- do.call(glm, list(formula, family, data, control = tight, start = if (is.null(fit)) NULL else coef(fit)))
  fit$call$start <- NULL # others update the call
  fit
}

robust <- function(case, fit, cluster = NULL, cr2 = FALSE) {
  put_all(case, "b", coef(fit))
  put_all(case, "HC0", sqrt(diag(vcovHC(fit, "HC0"))))
  put_all(case, "HC1", sqrt(diag(vcovHC(fit, "HC1"))))
  if (is.null(cluster)) return(invisible())
  put_all(case, "CL", sqrt(diag(vcovCL(fit, cluster = cluster, type = "HC0", cadj = FALSE))))
  for (type in c("CR0", "CR1", "CR1S", if (cr2) "CR2", "CR3")) {
    v <- vcovCR(fit, cluster = cluster, type = type)
    put_all(case, type, sqrt(diag(as.matrix(v))))
    if (type %in% c("CR2", "CR3"))
      put_all(case, paste0(type, "df"), coef_test(fit, vcov = v, test = "Satterthwaite")$df_Satt)
  }
}

cbpp <- read.csv("tests/reference/data/cbpp.csv"); cbpp$period <- factor(cbpp$period)
herd <- polished(cbind(incidence, size - incidence) ~ period, family = binomial, data = cbpp)
robust("cbpp_logit", herd, cbpp$herd)

wine <- read.csv("tests/reference/data/wine.csv")
cups <- polished(rating ~ temp + contact, family = poisson, data = wine)
robust("wine_poisson_judge", cups, wine$judge)
robust("wine_poisson_bottle", cups, wine$bottle, cr2 = TRUE)
wine$high <- as.integer(wine$rating >= 4)
robust("wine_logit_bottle", polished(high ~ temp + contact, family = binomial, data = wine), wine$bottle, cr2 = TRUE)

wine$rating <- factor(wine$rating)
tasted <- clm(rating ~ temp + contact, data = wine, control = clm.control(gradTol = 1e-12))
put_all("wine_clm", "b", coef(tasted))
scores <- function(theta) { # of each row, by differences of the log density
  tau <- c(-Inf, theta[1:4], Inf); eta <- theta[5] * (wine$temp == "warm") + theta[6] * (wine$contact == "yes")
  y <- as.integer(wine$rating)
  log(plogis(tau[y + 1] - eta) - plogis(tau[y] - eta))
}
s <- jacobian(scores, coef(tasted))
bread <- solve(-hessian(function(t) sum(scores(t)), coef(tasted)))
put_all("wine_clm", "HC0", sqrt(diag(bread %*% crossprod(s) %*% bread)))
sj <- rowsum(s, wine$judge)
put_all("wine_clm", "CR0", sqrt(diag(bread %*% crossprod(sj) %*% bread)))

moore <- read.csv("tests/reference/data/moore.csv")
moore$high <- as.integer(moore$conformity > 12)
moore$partner <- factor(moore$partner, c("low", "high")); moore$fcat <- factor(moore$fcat, c("low", "high", "medium"))
m <- polished(high ~ partner + fcat + fscore + partner:fscore, family = binomial, data = moore)
robust("moore_logit", m)
lr <- Anova(m, type = 2, test = "LR")
put_all("moore_logit", "LR2", lr[["LR Chisq"]]); put_all("moore_logit", "LR2p", lr[["Pr(>Chisq)"]])
w <- Anova(m, type = 2, test = "Wald")
put_all("moore_logit", "Wald2", w[["Chisq"]])
additive <- polished(high ~ partner + fcat + fscore, family = binomial, data = moore)
put_all("moore_additive", "Rao", drop1(additive, test = "Rao")[["Rao score"]][-1])
put_all("moore_additive", "Raop", drop1(additive, test = "Rao")[["Pr(>Chi)"]][-1])
put_all("moore_additive", "LR", drop1(additive, test = "LRT")[["LRT"]][-1])

explained <- function(case, fit, null, n, k, y = NULL) {
  l <- as.numeric(logLik(fit)); l0 <- as.numeric(logLik(null))
  put(case, "mcfadden", 1 - l / l0)
  put(case, "mcfadden_adjusted", 1 - (l - k) / l0)
  put(case, "cox_snell", 1 - exp(2 * (l0 - l) / n))
  put(case, "nagelkerke", (1 - exp(2 * (l0 - l) / n)) / (1 - exp(2 * l0 / n)))
  put(case, "estrella", 1 - (l / l0)^(-2 * l0 / n))
}
explained("moore_additive", additive, glm(high ~ 1, binomial, moore), 45, 5)
p <- fitted(additive)
put("moore_additive", "tjur", mean(p[moore$high == 1]) - mean(p[moore$high == 0]))
put("moore_additive", "efron", 1 - sum((moore$high - p)^2) / sum((moore$high - mean(moore$high))^2))
eta <- predict(additive); v <- mean((eta - mean(eta))^2)
put("moore_additive", "mckelvey_zavoina", v / (v + pi^2 / 3))
silent <- utils::capture.output(pr2 <- pscl::pR2(additive))
put("moore_additive", "pscl_mcfadden", pr2[["McFadden"]])
put("moore_additive", "pscl_cox_snell", pr2[["r2ML"]])
put("moore_additive", "pscl_nagelkerke", pr2[["r2CU"]])
explained("wine_clm", tasted, clm(rating ~ 1, data = wine), 72, 6)
eta <- coef(tasted)[5] * (wine$temp == "warm") + coef(tasted)[6] * (wine$contact == "yes")
v <- mean((eta - mean(eta))^2)
put("wine_clm", "mckelvey_zavoina", v / (v + pi^2 / 3))

# standardised risks: everybody at each level of the partner, and one more point of fscore
risk <- function(b, data) mean(plogis(model.matrix(delete.response(terms(m)), data) %*% b))
at <- function(level) { d <- moore; d$partner <- factor(level, c("low", "high")); d }
g <- function(f) { j <- grad(f, coef(m)); c(f(coef(m)), sqrt(drop(j %*% vcov(m) %*% j))) }
both <- g(function(b) risk(b, at("high")) - risk(b, at("low")))
put_all("moore_logit", "difference", both)
put_all("moore_logit", "log_ratio", g(function(b) log(risk(b, at("high"))) - log(risk(b, at("low")))))
more <- moore; more$fscore <- more$fscore + 1
put_all("moore_logit", "step", g(function(b) risk(b, more) - risk(b, moore)))
put_all("moore_logit", "log_step", g(function(b) log(risk(b, more)) - log(risk(b, moore))))

# P(rating >= 4) of everybody served warm against cold, and the levels' probabilities
share <- function(theta, temp, at) {
  eta <- theta[5] * temp + theta[6] * (wine$contact == "yes")
  mean(1 - plogis(theta[at] - eta))
}
gt <- function(f) { j <- grad(f, coef(tasted)); c(f(coef(tasted)), sqrt(drop(j %*% bread %*% j))) }
put_all("wine_clm", "at_least", gt(function(t) share(t, 1, 3) - share(t, 0, 3)))
put_all("wine_clm", "log_at_least", gt(function(t) log(share(t, 1, 3)) - log(share(t, 0, 3))))
for (j in 1:5) {
  level <- function(t, temp) (if (j == 1) 1 else share(t, temp, j - 1)) - (if (j == 5) 0 else share(t, temp, j))
  put_all("wine_clm", sprintf("level%d", j), gt(function(t) level(t, 1) - level(t, 0)))
}
