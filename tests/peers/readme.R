# SPDX-License-Identifier: GPL-3.0-only
# The table of times in README.md: the same task on the same data by the package that people would take
# otherwise, how far apart the answers are, and both times. One thread each.
# Usage: OPENBLAS_NUM_THREADS=1 scripts/with-steelyard Rscript tests/peers/readme.R
suppressMessages(library(steelyard))
set.seed(20111006)
n <- 2700L
d <- data.frame(council = factor(rep_len(seq_len(150L), n)))
for (j in 1:15) d[[paste0("x", j)]] <- rnorm(n) + if (j > 1L) 0.5 * d[[paste0("x", j - 1L)]] else 0
x <- function(p) paste0("x", seq_len(p))
eta <- drop(as.matrix(d[x(10L)]) %*% rep(c(.3, .15, 0, -.2, .1), 2)) + rnorm(150L, sd = .6)[d$council]
d$y <- eta + rnorm(n)
d$event <- as.numeric(eta + rlogis(n) > 0)
d$answer <- cut(eta + rlogis(n), c(-Inf, -2, -.7, .5, 1.8, Inf), labels = 1:5, ordered_result = TRUE)
model <- function(y, p, more = "") stats::as.formula(paste(y, "~", paste(x(p), collapse = " + "), more))
slopes <- function(b) unname(b[grepl("^x", names(b))])

timed <- function(expr) {
  code <- substitute(expr)
  from <- parent.frame()
  once <- function() system.time(value <<- suppressWarnings(suppressMessages(eval(code, from))))[["elapsed"]]
  value <- NULL
  first <- once()
  seconds <- if (first > 2) first else stats::median(c(first, once(), once(), once(), once()))
  list(value = value, seconds = seconds)
}

line <- function(task, package, theirs, ours) {
  if (!requireNamespace(package, quietly = TRUE)) return(message(package, " is not installed: left out"))
  their <- timed(theirs())
  our <- timed(ours())
  apart <- max(abs(as.numeric(their$value) - as.numeric(our$value)))
  cat(sprintf("| %s | %s %s | %s | %s | %s |\n", task, package, utils::packageVersion(package),
              format(signif(their$seconds, 2), scientific = FALSE), format(signif(our$seconds, 2), scientific = FALSE),
              if (is.finite(apart)) sprintf("%.0e", apart) else "-"))
}

ours <- function(p) shares(d, "y", x(p), interval = "none", bounds = FALSE)$blocks$share
cat("| task, 2,700 rows | the other package | its seconds | steelyard's | answers differ by |\n| --- | --- | --- | --- | --- |\n")
line("shares of 10 terms", "relaimpo", function() relaimpo::calc.relimp(model("y", 10L), d, type = "lmg")@lmg,
     function() ours(10L))
line("shares of 15 terms", "relaimpo", function() relaimpo::calc.relimp(model("y", 15L), d, type = "lmg")@lmg,
     function() ours(15L))
line("shares of 10 terms", "domir", function() domir::domir(model("y", 10L), function(f) summary(lm(f, d))$r.squared)$General_Dominance,
     function() ours(10L))
line("their bootstrap, 1,000 samples", "relaimpo", function() {
  relaimpo::boot.relimp(model("y", 10L), d, b = 1000L, type = "lmg")
  NA
}, function() {
  shares(d, "y", x(10L), interval = "percentile", replicates = 1000L)
  NA
})
line("shares in an ordinal logit", "domir", function() {
  null <- stats::logLik(ordinal::clm(answer ~ 1, data = d))
  domir::domir(model("answer", 8L), function(f) 1 - as.numeric(stats::logLik(ordinal::clm(f, data = d)) / null))$General_Dominance
}, function() shares(fit_ordinal(model("answer", 8L), d), stats::setNames(as.list(x(8L)), x(8L)), interval = "none")$blocks$share)
line("ordinal logit, 10 terms", "ordinal", function() slopes(stats::coef(ordinal::clm(model("answer", 10L), data = d))),
     function() slopes(coef(fit_ordinal(model("answer", 10L), d))))
line("random intercept, REML", "lme4", function() slopes(lme4::fixef(lme4::lmer(model("y", 10L, "+ (1 | council)"), d))),
     function() slopes(coef(fit_mixed(model("y", 10L, "+ (1 | council)"), d))))
line("binary mixed, Laplace", "lme4",
     function() slopes(lme4::fixef(lme4::glmer(model("event", 10L, "+ (1 | council)"), d, stats::binomial()))),
     function() slopes(coef(fit_mixed(model("event", 10L, "+ (1 | council)"), d, family = "binary"))))
line("ordinal mixed, Laplace", "ordinal",
     function() slopes(stats::coef(ordinal::clmm(model("answer", 10L, "+ (1 | council)"), data = d))),
     function() slopes(coef(fit_mixed(model("answer", 10L, "+ (1 | council)"), d, family = "ordinal"))))
