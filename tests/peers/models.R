# SPDX-License-Identifier: GPL-3.0-only
# Binary, count, ordinal and mixed models against glm, MASS, ordinal, lme4 and glmmTMB: the log likelihood of
# each, the largest difference of a coefficient, and both times. The peers stop at their own tolerances: a log
# likelihood of ours that is lower than theirs would be a fault.
# Usage: scripts/with-steelyard Rscript tests/peers/models.R
suppressMessages(library(steelyard))
set.seed(20111006)
councils <- 150
n <- 2700
d <- data.frame(council = factor(rep_len(seq_len(councils), n)))
for (j in 1:10) d[[paste0("x", j)]] <- rnorm(n)
terms <- paste0("x", 1:10)
eta <- drop(as.matrix(d[terms]) %*% rep(c(.3, .15, 0, -.2, .1), 2)) + rnorm(councils, sd = .6)[d$council]
d$latent <- eta + rlogis(n)
d$event <- as.numeric(d$latent > 0)
d$visits <- rnbinom(n, mu = exp(.5 * eta), size = 2)
d$answer <- cut(d$latent, c(-Inf, -2, -.7, .5, 1.8, Inf), labels = 1:5, ordered_result = TRUE)
right <- paste(terms, collapse = " + ")
fixed <- function(y) stats::as.formula(paste(y, "~", right))
mixed <- function(y) stats::as.formula(paste(y, "~", right, "+ (1 | council)"))

timed <- function(expr) {
  seconds <- system.time(value <- suppressWarnings(suppressMessages(force(expr))))[["elapsed"]]
  list(value = value, seconds = seconds)
}

compare <- function(what, peer, package, theirs, ours, coefficients) {
  if (!requireNamespace(package, quietly = TRUE)) {
    cat(sprintf("%-22s %-16s not installed: skipped\n", what, peer))
    return(invisible())
  }
  a <- timed(theirs)
  b <- timed(ours)
  theta <- coefficients(a$value)
  cat(sprintf("%-22s %-16s log likelihood %.6f, ours %.6f; coefficients within %.1e; %.3f s, ours %.4f s\n", what, peer,
              as.numeric(stats::logLik(a$value)), as.numeric(stats::logLik(b$value)),
              max(abs(theta - coef(b$value)[names(theta)])), a$seconds, b$seconds))
}

slopes <- function(b) b[grepl("^x", names(b))]
compare("binary logit", "stats::glm", "stats", stats::glm(fixed("event"), stats::binomial(), d),
        fit_binary(fixed("event"), d), function(f) slopes(stats::coef(f)))
compare("negative binomial", "MASS::glm.nb", "MASS", MASS::glm.nb(fixed("visits"), d),
        fit_count(fixed("visits"), d, family = "negative_binomial"), function(f) slopes(stats::coef(f)))
compare("ordinal logit", "MASS::polr", "MASS", MASS::polr(fixed("answer"), d, Hess = TRUE),
        fit_ordinal(fixed("answer"), d), function(f) slopes(stats::coef(f)))
compare("ordinal logit", "ordinal::clm", "ordinal", ordinal::clm(fixed("answer"), data = d),
        fit_ordinal(fixed("answer"), d), function(f) slopes(stats::coef(f)))
compare("random intercept", "lme4::lmer", "lme4", lme4::lmer(mixed("latent"), d), fit_mixed(mixed("latent"), d),
        function(f) slopes(lme4::fixef(f)))
compare("binary mixed, Laplace", "lme4::glmer", "lme4", lme4::glmer(mixed("event"), d, stats::binomial()),
        fit_mixed(mixed("event"), d, family = "binary"), function(f) slopes(lme4::fixef(f)))
compare("binary mixed, Laplace", "glmmTMB::glmmTMB", "glmmTMB",
        glmmTMB::glmmTMB(mixed("event"), d, family = stats::binomial()),
        fit_mixed(mixed("event"), d, family = "binary"), function(f) slopes(glmmTMB::fixef(f)$cond))
compare("ordinal mixed, Laplace", "ordinal::clmm", "ordinal", ordinal::clmm(mixed("answer"), data = d),
        fit_mixed(mixed("answer"), d, family = "ordinal"), function(f) slopes(stats::coef(f)))
