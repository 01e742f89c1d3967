# Frozen answers of lme4, lmerTest and pbkrtest for linear mixed models, and the data they are about.
# Rscript tests/reference/make_lmm.R   (lme4, lmerTest, pbkrtest, nlme, mlmRev, numDeriv installed)
# theta is polished by Newton's method on numDeriv's derivatives of lme4's own criterion, beyond its default optimum.
# SPDX-License-Identifier: GPL-3.0-only
suppressMessages({library(lmerTest); library(pbkrtest)})
options(digits = 17, OutDec = ".")
folder <- "tests/reference"
put <- function(frame, name) write.csv(frame, file.path(folder, "data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)

exam <- mlmRev::Exam[c("school", "normexam", "standLRT", "sex", "type", "schavg", "intake")]
exam$intake <- factor(exam$intake, labels = c("low", "mid", "top"))
math <- as.data.frame(nlme::MathAchieve)[c("School", "Minority", "Sex", "SES", "MathAch", "MEANSES")]
math$School <- factor(as.character(math$School))
math$Sector <- factor(nlme::MathAchSchool$Sector[match(as.character(math$School), as.character(nlme::MathAchSchool$School))])
math$CSES <- round(math$SES - ave(math$SES, math$School), 12)
machines <- as.data.frame(nlme::Machines)
machines <- data.frame(Worker = factor(as.character(machines$Worker)), Machine = machines$Machine, score = machines$score)
machines <- machines[-c(2, 3, 6, 9, 10, 17, 25, 31, 44, 53), ]
orthodont <- as.data.frame(nlme::Orthodont)
orthodont <- data.frame(distance = orthodont$distance, age = orthodont$age, Subject = factor(as.character(orthodont$Subject)),
                        Sex = orthodont$Sex)
cake <- lme4::cake
cake <- data.frame(batch = factor(paste0(cake$recipe, cake$replicate)), recipe = cake$recipe, temp = cake$temp, angle = cake$angle)
cake <- cake[-c(3, 17, 44, 45, 46, 120, 199, 230), ]
for (name in c("exam", "machines", "orthodont", "cake")) put(get(name), name)
put(math, "mathachieve")

# Levels in the order of the alphabet, as the tests read the files; all numbers as the files have them.
again <- function(name, factors) {
  frame <- read.csv(file.path(folder, "data", paste0(name, ".csv")), colClasses = setNames(rep("character", length(factors)), factors))
  for (f in factors) frame[[f]] <- factor(frame[[f]], levels = sort(unique(frame[[f]]), method = "radix"))
  frame
}
exam <- again("exam", c("school", "sex", "type", "intake"))
math <- again("mathachieve", c("School", "Minority", "Sex", "Sector"))
machines <- again("machines", c("Worker", "Machine"))
orthodont <- again("orthodont", c("Subject", "Sex"))
cake <- again("cake", c("batch", "recipe"))

polished <- function(formula, data, reml, ..., test = FALSE) {
  parts <- do.call(lFormula, list(formula, data, REML = reml, control = control, ...))
  criterion <- do.call(mkLmerDevfun, parts)
  theta <- optimizeLmer(criterion, optimizer = "bobyqa", control = list(rhoend = 1e-9))$par
  wide <- list(d = 0.03, r = 6) # wide steps, high order: the criterion's rounding counts for less
  for (k in 1:8)
    theta <- theta - solve(numDeriv::hessian(criterion, theta, method.args = wide),
                           numDeriv::grad(criterion, theta, method.args = wide))
  value <- criterion(theta)
  fit <- mkMerMod(environment(criterion), list(par = theta, fval = value, conv = 0, message = ""), parts$reTrms, parts$fr,
                  mc = call("lmer", formula, data = data, REML = reml))
  if (test) lmerTest:::as_lmerModLT(fit, criterion) else fit
}

lines <- NULL
say <- function(case, quantity, value, tolerance) {
  lines <<- rbind(lines, data.frame(case, family = "lmm_lme4", data = "", model = "", quantity, expected = sprintf("%.17g", value),
                                    tol_rel = tolerance))
}

fit_lines <- function(case, fit) {
  for (name in names(fixef(fit))) {
    error <- sqrt(vcov(fit)[name, name])
    # what is left to polish in theta moves a coefficient by parts of its error
    say(case, paste0("coef[", name, "]"), fixef(fit)[[name]], 1e-9 * max(1, 10 * error / abs(fixef(fit)[[name]])))
    say(case, paste0("se[", name, "]"), error, 1e-8)
  }
  say(case, "criterion", if (isREML(fit)) lme4::REMLcrit(fit) else deviance(fit), 1e-10)
  say(case, "loglik", as.numeric(logLik(fit)), 1e-10)
  say(case, "aic", AIC(fit), 1e-10)
  say(case, "bic", BIC(fit), 1e-10)
  say(case, "sigma", sigma(fit), 1e-8)
  v <- VarCorr(fit)
  for (g in names(v)) for (i in seq_len(nrow(v[[g]]))) for (j in seq_len(i))
    say(case, paste0("var[", g, ":", i, ",", j, "]"), v[[g]][i, j], 1e-7)
  modes <- ranef(fit)[[1]]
  for (i in c(1, 2, nrow(modes))) for (j in seq_len(ncol(modes)))
    say(case, paste0("mode[", i, ",", j, "]"), modes[i, j], 2e-7)
  kept <- attr(ranef(fit, condVar = TRUE)[[1]], "postVar")
  if (is.list(kept)) kept <- kept[[1]]
  say(case, "condvar[1]", kept[1, 1, 1], 2e-7)
  say(case, "fitted[3]", fitted(fit)[[3]], 1e-8)
}

anova_lines <- function(case, fit, ways = c("Satterthwaite", "Kenward-Roger"), types = c("I", "II", "III")) {
  for (way in ways) for (type in types) {
    table <- anova(fit, type = type, ddf = way)
    for (term in rownames(table)) for (column in c("Sum Sq", "DenDF", "F value", "Pr(>F)"))
      say(case, paste0(way, "[", type, ",", term, ",", column, "]"), table[term, column], 2e-5)
  }
  for (way in ways) {
    table <- coef(summary(fit, ddf = way))
    for (name in rownames(table)) {
      say(case, paste0(way, "[df,", name, "]"), table[name, "df"], 2e-5)
      say(case, paste0(way, "[se,", name, "]"), table[name, "Std. Error"], 2e-5)
    }
  }
}

control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 2e-3, rhoend = 1e-9, maxfun = 1e5), calc.derivs = FALSE)
whole <- function(case, formula, data, reml, ...) {
  fit_lines(case, polished(formula, data, reml, ...))
}
whole("L01", normexam ~ standLRT + (standLRT | school), exam, FALSE)
whole("L02", normexam ~ standLRT + sex + type + (standLRT | school), exam, TRUE)
whole("L03", MathAch ~ MEANSES + Sector + CSES + MEANSES:CSES + Sector:CSES + (CSES | School), math, TRUE)
exam$w <- 1 + (seq_len(nrow(exam)) - 1) %% 3 / 2
exam$o <- ((seq_len(nrow(exam)) - 1) %% 5) / 10
whole("L04", normexam ~ standLRT + intake + (1 | school), exam, TRUE, weights = exam$w, offset = exam$o)
whole("L05", score ~ Machine + (Machine | Worker), machines, TRUE)
whole("L06", distance ~ age * Sex + (age || Subject), orthodont, FALSE)

tests <- function(case, formula, data) anova_lines(case, polished(formula, data, TRUE, test = TRUE))
tests("L07", distance ~ age * Sex + (age | Subject), orthodont)
tests("L08", score ~ Machine + (1 | Worker), machines)
tests("L09", angle ~ recipe * temp + (1 | batch), cake)
tests("L10", score ~ Machine + (1 | Worker) + (1 | Worker:Machine), machines)
write.csv(lines, file.path(folder, "lmm.csv"), row.names = FALSE)
