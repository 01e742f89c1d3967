# Linear mixed models with several grouping factors by lme4: writes crossed.csv and the data sets it holds
# (ScotsSec of mlmRev, GPL >= 2; Pastes of lme4, GPL >= 2). With a file name as argument it writes InstEval of lme4
# there instead, for test_mixed_insteval.c. Run in the root of the repository.
# SPDX-License-Identifier: GPL-3.0-only
library(lme4)
file <- commandArgs(trailingOnly = TRUE)
if (length(file) == 1) {
    with(InstEval, write.csv(data.frame(y = as.integer(as.character(y)), s = as.integer(s), d = as.integer(d),
                                        dept = as.integer(dept), service = as.integer(service) - 1L),
                             file, row.names = FALSE, quote = FALSE))
    quit()
}
data(ScotsSec, package = "mlmRev")
scots <- data.frame(attain = ScotsSec$attain, verb = ScotsSec$verb, primary = paste0("p", ScotsSec$primary),
                    second = paste0("s", ScotsSec$second))
pastes <- with(Pastes, data.frame(strength, batch, sample = gsub(":", "", as.character(sample))))
write.csv(scots, "tests/reference/data/scotssec.csv", row.names = FALSE, quote = FALSE)
write.csv(pastes, "tests/reference/data/pastes.csv", row.names = FALSE, quote = FALSE)
# as in make_lmm.R: polished by Newton's method on numDeriv's derivatives of lme4's own criterion
polished <- function(formula, data, reml) {
    parts <- lFormula(formula, data, REML = reml)
    criterion <- do.call(mkLmerDevfun, parts)
    theta <- optimizeLmer(criterion, optimizer = "bobyqa", control = list(rhoend = 1e-9))$par
    wide <- list(d = 0.03, r = 6)
    for (k in 1:6)
        theta <- theta - solve(numDeriv::hessian(criterion, theta, method.args = wide),
                               numDeriv::grad(criterion, theta, method.args = wide))
    value <- criterion(theta)
    mkMerMod(environment(criterion), list(par = theta, fval = value, conv = 0, message = ""), parts$reTrms, parts$fr,
             mc = call("lmer", formula, data = data, REML = reml))
}
lines <- list()
hold <- function(name, formula, data, reml) {
    fit <- polished(formula, data, reml)
    value <- c(criterion = if (reml) REMLcrit(fit) else deviance(fit), fixef(fit), sqrt(diag(as.matrix(vcov(fit)))),
               unlist(lapply(VarCorr(fit), function(v) attr(v, "stddev"))), sigma(fit))
    names(value) <- c("criterion", paste0("fixef.", names(fixef(fit))), paste0("se.", names(fixef(fit))),
                      paste0("sd.", names(VarCorr(fit))), "sd.Residual")
    lines[[name]] <<- data.frame(model = name, quantity = names(value), value = sprintf("%.15g", value))
}
hold("scotssec_reml", attain ~ 1 + (1 | primary) + (1 | second), scots, TRUE)
hold("scotssec_ml", attain ~ verb + (1 | primary) + (1 | second), scots, FALSE)
hold("pastes_reml", strength ~ 1 + (1 | sample) + (1 | batch), pastes, TRUE)
hold("pastes_ml", strength ~ 1 + (1 | sample) + (1 | batch), pastes, FALSE)
write.csv(do.call(rbind, lines), "tests/reference/crossed.csv", row.names = FALSE, quote = FALSE)
