# Answers of R's ordinal package (clm, nominal_test, scale_test) and of Brant's formula written out, to which
# tests/core/test_response_ordinal.c and tests/core/test_proportional.c hold:
#   Rscript tests/reference/make_clm.R > tests/reference/clm.csv
# Newton's method is run on until the gradient is below 1e-12, which leaves coefficients 10 digits and log-likelihoods 12;
# standard errors are 8 digits: with scale columns clm's Hessian is that of finite differences of its gradient. Parameters
# are numbered in clm's order. The table has the layout of cases.csv; tolerances are relative.
# SPDX-License-Identifier: GPL-3.0-only
suppressPackageStartupMessages(library(ordinal))
exact <- clm.control(gradTol = 1e-12, maxIter = 200L, maxLineIter = 50L)
housing <- read.csv("tests/reference/data/housing.csv")
housing$Sat <- factor(housing$Sat, c("Low", "Medium", "High"), ordered = TRUE)
housing$Infl <- factor(housing$Infl, c("Low", "Medium", "High"))
housing$Type <- factor(housing$Type, c("Tower", "Apartment", "Atrium", "Terrace"))
housing$Cont <- factor(housing$Cont, c("Low", "High"))
wine <- read.csv("tests/reference/data/wine.csv")
wine$rating <- factor(wine$rating, ordered = TRUE)
wine$temp <- factor(wine$temp, c("cold", "warm"))
wine$contact <- factor(wine$contact, c("no", "yes"))
wine$shift <- wine$bottle / 10

put <- function(case, data, model, quantity, expected, tolerance, source)
  cat(sprintf("%s,ordinal_clm,%s,\"%s\",%s,%.17g,%g,,%s,\n", case, data, model, quantity, expected, tolerance, source))
clm_version <- paste("ordinal", packageVersion("ordinal"), "clm")
frozen <- function(case, data, model, fit) {
  stopifnot(fit$maxGradient < 1e-10)
  b <- coef(fit)
  se <- sqrt(diag(vcov(fit)))
  for (j in seq_along(b)) put(case, data, model, sprintf("coef[%d]", j), b[[j]], 1e-10, clm_version)
  for (j in seq_along(se)) put(case, data, model, sprintf("se[%d]", j), se[[j]], 1e-8, clm_version)
  put(case, data, model, "loglik", c(logLik(fit)), 1e-12, clm_version)
}
wines <- function(case, model, ...) frozen(case, "wine", model, clm(..., data = wine, control = exact))
houses <- function(case, model, ...) frozen(case, "housing", model, clm(..., weights = Freq, data = housing, control = exact))

# twice the gain in log-likelihood of the larger model
ratios <- function(case, data, model, small, large) for (term in names(large)) {
  lr <- 2 * c(logLik(large[[term]]) - logLik(small))
  put(case, data, model, sprintf("lr[%s]", term), lr, 1e-9, clm_version)
  put(case, data, model, sprintf("df[%s]", term), attr(logLik(large[[term]]), "df") - attr(logLik(small), "df"), 1e-12,
      clm_version)
}

# Brant 1990, section 3: binary logits of y > j; their joint covariance is A_j^-1 X'(pi_l - pi_j pi_l)X A_l^-1 for l > j,
# at the binary fits' own probabilities, as the packages brant and car (poTest) have it. Frequencies multiply each row.
brant <- function(case, data, model, formula, frame, frequency) {
  y <- as.integer(frame[[all.vars(formula)[1]]])
  x <- model.matrix(formula, frame)
  levels <- max(y)
  frame$frequency <- frequency
  pi <- a <- list()
  slopes <- NULL
  for (j in seq_len(levels - 1)) {
    frame$above <- as.integer(y > j)
    fit <- glm(update(formula, above ~ .), binomial, frame, weights = frequency, control = glm.control(1e-15, 100))
    pi[[j]] <- fitted(fit)
    a[[j]] <- solve(crossprod(x, x * (frequency * pi[[j]] * (1 - pi[[j]]))))
    slopes <- c(slopes, coef(fit)[-1])
  }
  p <- ncol(x) - 1
  v <- matrix(0, (levels - 1) * p, (levels - 1) * p)
  for (j in seq_len(levels - 1)) for (l in j:(levels - 1)) {
    cross <- (a[[j]] %*% crossprod(x, x * (frequency * (pi[[l]] - pi[[j]] * pi[[l]]))) %*% a[[l]])[-1, -1]
    v[(j - 1) * p + 1:p, (l - 1) * p + 1:p] <- cross
    v[(l - 1) * p + 1:p, (j - 1) * p + 1:p] <- t(cross)
  }
  wald <- function(columns) {
    d <- do.call(rbind, lapply(2:(levels - 1), function(l) {
      m <- matrix(0, length(columns), (levels - 1) * p)
      m[cbind(seq_along(columns), columns)] <- 1
      m[cbind(seq_along(columns), (l - 1) * p + columns)] <- -1
      m
    }))
    e <- d %*% slopes
    c(crossprod(e, solve(d %*% v %*% t(d), e)))
  }
  assign <- attr(x, "assign")[-1]
  for (t in unique(assign))
    put(case, data, model, sprintf("wald[%d]", t), wald(which(assign == t)), 1e-9, "R glm and the formula")
  put(case, data, model, "wald[all]", wald(seq_len(p)), 1e-9, "R glm and the formula")
}

cat("case,family,data,model,quantity,expected,tol_rel,published,source,note\n")
wines("wine_logit", "rating ~ temp + contact", rating ~ temp + contact)
wines("wine_probit", "rating ~ temp + contact; probit", rating ~ temp + contact, link = "probit")
wines("wine_cloglog", "rating ~ temp + contact; cloglog", rating ~ temp + contact, link = "cloglog")
wines("wine_symmetric", "rating ~ temp + contact; symmetric", rating ~ temp + contact, threshold = "symmetric")
wines("wine_equidistant", "rating ~ temp + contact; equidistant", rating ~ temp + contact, threshold = "equidistant")
wines("wine_nominal", "rating ~ temp; nominal contact", rating ~ temp, nominal = ~ contact)
wines("wine_nominal_equidistant", "rating ~ temp; nominal contact; equidistant", rating ~ temp, nominal = ~ contact,
      threshold = "equidistant")
wines("wine_nominal_symmetric", "rating ~ temp; nominal contact; symmetric; probit", rating ~ temp, nominal = ~ contact,
      threshold = "symmetric", link = "probit")
wines("wine_scale", "rating ~ temp + contact; scale temp + contact", rating ~ temp + contact, scale = ~ temp + contact)
wines("wine_scale_cloglog", "rating ~ temp + contact; scale contact; cloglog", rating ~ temp + contact, scale = ~ contact,
      link = "cloglog")
wines("wine_offset", "rating ~ temp + contact; offset bottle / 10; probit", rating ~ temp + contact + offset(shift),
      link = "probit")
houses("housing_logit", "Sat ~ Infl + Type + Cont", Sat ~ Infl + Type + Cont)
houses("housing_probit", "Sat ~ Infl + Type + Cont; probit", Sat ~ Infl + Type + Cont, link = "probit")
houses("housing_cloglog", "Sat ~ Infl + Type + Cont; cloglog", Sat ~ Infl + Type + Cont, link = "cloglog")
houses("housing_nominal", "Sat ~ Infl + Type; nominal Cont", Sat ~ Infl + Type, nominal = ~ Cont)
houses("housing_both", "Sat ~ Infl + Type; nominal Cont; scale Type; probit", Sat ~ Infl + Type, nominal = ~ Cont,
       scale = ~ Type, link = "probit")
small <- clm(Sat ~ Infl + Type + Cont, weights = Freq, data = housing, control = exact)
larger <- function(...) clm(..., weights = Freq, data = housing, control = exact)
ratios("housing_nominal_test", "housing", "Sat ~ Infl + Type + Cont", small,
       list("1" = larger(Sat ~ Type + Cont, nominal = ~ Infl), "2" = larger(Sat ~ Infl + Cont, nominal = ~ Type),
            "3" = larger(Sat ~ Infl + Type, nominal = ~ Cont), all = larger(Sat ~ 1, nominal = ~ Infl + Type + Cont)))
ratios("housing_scale_test", "housing", "Sat ~ Infl + Type + Cont", small,
       list("1" = larger(Sat ~ Infl + Type + Cont, scale = ~ Infl), "2" = larger(Sat ~ Infl + Type + Cont, scale = ~ Type),
            "3" = larger(Sat ~ Infl + Type + Cont, scale = ~ Cont),
            all = larger(Sat ~ Infl + Type + Cont, scale = ~ Infl + Type + Cont)))
brant("housing_brant", "housing", "Sat ~ Infl + Type + Cont", Sat ~ Infl + Type + Cont, housing, housing$Freq)
# levels 1 and 2, and 4 and 5, made one: no binary logit is separated
wine$three <- factor(pmin(pmax(as.integer(wine$rating), 2), 4), ordered = TRUE)
brant("wine_brant", "wine", "rating in three levels ~ temp + contact", three ~ temp + contact, wine, rep(1, nrow(wine)))
