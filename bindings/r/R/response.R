# Fitting by maximum likelihood: binary, count and ordinal outcomes.
# SPDX-License-Identifier: GPL-3.0-only

response_covariances <- c("classical", "HC0", "HC1", "CR0", "CR1", "CR1S", "CR2", "CR3")

#' Models of binary, count and ordinal outcomes
#'
#' Maximum likelihood by Newton's method on exact derivatives, with errors that
#' respect clusters, effects on the scale people ask about, and every measure of
#' what is explained under its own name.
#'
#' @details
#' Binary: logit, probit or complementary log-log. Counts: Poisson or negative
#' binomial (variance mu + mu^2 / theta), with the logarithm as link. Ordinal:
#' P(y <= j) = F((threshold_j - x'b) / exp(s'c)), so that a positive coefficient
#' goes with higher answers; \code{nominal} terms have another effect at each
#' threshold (partial proportional odds), \code{scale} terms move the spread.
#'
#' Newton's steps go on to a relative size of 1e-10. Where a column tells the
#' outcome without error (separation) its coefficient runs to infinity: the fit
#' stops, and a warning names the column.
#'
#' Factors are coded by \code{coding} alone, as in \code{\link{fit_linear}}.
#'
#' @param formula \code{outcome ~ terms}, as in \code{\link{fit_linear}}. The
#'   outcome of \code{fit_binary}: 0 and 1, truth values, or a factor of two
#'   levels, of which the second is the event; with \code{trials}, the number of
#'   successes. Of \code{fit_count}: whole numbers from 0. Of \code{fit_ordinal}:
#'   an ordered factor, lowest first, or whole numbers.
#' @param data a data frame (also a tibble or data.table).
#' @param link \code{"logit"}, \code{"probit"} or \code{"cloglog"}.
#' @param trials how many answers each row stands for: a column's name, a
#'   one-sided formula or a vector.
#' @param family \code{"poisson"} or \code{"negative_binomial"}.
#' @param thresholds \code{"free"}, \code{"symmetric"} about their middle, or
#'   \code{"equidistant"}: one first threshold and one spacing.
#' @param nominal,scale one-sided formulas; terms in \code{nominal} are not in
#'   \code{formula}.
#' @param offset a term whose coefficient is 1: a column's name, a one-sided
#'   formula or a vector.
#' @param weights,weight_kind,threads as in \code{\link{moments}}.
#' @param cluster a column's name, a one-sided formula or a vector.
#' @param covariance \code{"classical"} (inverse information), \code{"HC0"},
#'   \code{"HC1"}, \code{"CR0"}, \code{"CR1"}, \code{"CR1S"}, \code{"CR2"},
#'   \code{"CR3"}. \code{NULL}: with clusters \code{"CR2"}, with sampling weights
#'   \code{"HC1"}, else \code{"classical"}.
#' @param coding \code{"treatment"} or \code{"sum"}.
#' @param level of the limits, two-sided.
#' @param missing \code{"complete"} or \code{"error"}.
#' @return An object of class \code{steelyard_response}, which answers what
#'   \link[=steelyard_fit]{every fit} answers, and
#'   \code{\link[=predict.steelyard_response]{predict}}, \code{fitted},
#'   \code{residuals}, \code{deviance},
#'   \code{\link[=anova.steelyard_response]{anova}}, \code{\link[=effects.steelyard_response]{effects}},
#'   \code{\link{risk_ratios}}, \code{\link{odds_ratios}}, \code{\link{explained}},
#'   \code{\link{proportional}}, \code{\link{linear_contrasts}},
#'   \code{\link[=plot.steelyard_response]{plot}}, broom's \code{glance} and
#'   \code{augment}. It is a list with, among others, \code{coefficients} (of ordinal
#'   fits the thresholds first), \code{std_error}, \code{df} (infinite where the test
#'   is normal), \code{n}, \code{rank}, \code{loglik}, \code{loglik_null}, \code{lr},
#'   \code{lr_df}, \code{lr_p}, \code{theta}, \code{iterations}, \code{last_step},
#'   \code{converged}, \code{separated}, \code{answers}, \code{linear}, \code{remarks}
#'   and \code{provenance}.
#' @section Errors:
#' \code{steelyard_error_invalid}: as \code{\link{fit_linear}}; an ordinal outcome
#' that is text or an unordered factor. \code{steelyard_error_data}: an outcome with
#' one level, counts that are negative or not whole, successes above trials, one
#' cluster.
#' @references
#' McCullagh, P. and Nelder, J. A. (1989). \emph{Generalized Linear Models}, 2nd ed.
#' Chapman and Hall. \doi{10.1201/9780203753736}
#'
#' McCullagh, P. (1980). Regression models for ordinal data. \emph{Journal of the
#' Royal Statistical Society B} 42, 109-127.
#' \doi{10.1111/j.2517-6161.1980.tb01109.x}
#'
#' Peterson, B. and Harrell, F. E. (1990). Partial proportional odds models for
#' ordinal response variables. \emph{Applied Statistics} 39, 205-217.
#' \doi{10.2307/2347760}
#'
#' Lawless, J. F. (1987). Negative binomial and mixed Poisson regression.
#' \emph{The Canadian Journal of Statistics} 15, 209-225. \doi{10.2307/3314912}
#'
#' Albert, A. and Anderson, J. A. (1984). On the existence of maximum likelihood
#' estimates in logistic regression models. \emph{Biometrika} 71, 1-10.
#' \doi{10.1093/biomet/71.1.1}
#' @examples
#' fit <- fit_binary(am ~ wt, mtcars)
#' fit
#' odds_ratios(fit)
#' fit_count(carb ~ wt + factor(gear), mtcars, family = "poisson")
#' cylinders <- transform(mtcars, gear = factor(gear, ordered = TRUE))
#' ordinal <- fit_ordinal(gear ~ mpg, cylinders)
#' predict(ordinal, data.frame(mpg = c(15, 25)))
#' @name fit_response
NULL

#' @rdname fit_response
#' @export
fit_binary <- function(formula, data, link = "logit", trials = NULL, offset = NULL, weights = NULL, weight_kind = NULL,
                       cluster = NULL, covariance = NULL, coding = "treatment", level = 0.95, missing = "complete",
                       threads = NULL) {
  link <- choice("link", link, links[1:3])
  fit_response(formula, data, list(kind = "binary", link = link, thresholds = "free"), list(trials, offset),
               list(NULL, NULL), list(weights, weight_kind, cluster, covariance), coding, level, missing, threads,
               parent.frame())
}

#' @rdname fit_response
#' @export
fit_count <- function(formula, data, family = "poisson", offset = NULL, weights = NULL, weight_kind = NULL,
                      cluster = NULL, covariance = NULL, coding = "treatment", level = 0.95, missing = "complete",
                      threads = NULL) {
  family <- choice("family", family, outcome_kinds[2:3])
  fit_response(formula, data, list(kind = family, link = "log", thresholds = "free"), list(NULL, offset),
               list(NULL, NULL), list(weights, weight_kind, cluster, covariance), coding, level, missing, threads,
               parent.frame())
}

#' @rdname fit_response
#' @export
fit_ordinal <- function(formula, data, link = "logit", thresholds = "free", nominal = NULL, scale = NULL, offset = NULL,
                        weights = NULL, weight_kind = NULL, cluster = NULL, covariance = NULL, coding = "treatment",
                        level = 0.95, missing = "complete", threads = NULL) {
  link <- choice("link", link, links[1:3])
  thresholds <- choice("thresholds", thresholds, threshold_kinds)
  fit_response(formula, data, list(kind = "ordinal", link = link, thresholds = thresholds), list(NULL, offset),
               list(nominal, scale), list(weights, weight_kind, cluster, covariance), coding, level, missing, threads,
               parent.frame())
}

fit_response <- function(formula, data, what, sides, split, common, coding, level, missing, threads, env) {
  if (inherits(data, "steelyard_moments")) invalid("data: a data frame is needed, this model has no moments")
  check_frame(data)
  read <- read_model(formula, data, env, factor_outcome = TRUE)
  if (what$kind == "ordinal" && !read$intercept)
    invalid("formula: \"- 1\" has no meaning here; the thresholds are the intercepts")
  level <- check_level(level)
  coding <- choice("coding", coding, codings)
  missing <- choice("missing", missing, c("complete", "error"))
  covariance <- covariance_of(common[[4L]], common[[2L]], as.integer(!is.null(common[[3L]])), response_covariances)
  read$outcome <- with_outcome(read$outcome, what$kind, data, !is.null(sides[[1L]]))
  extra <- Map(side_terms, c("nominal", "scale"), split, list(read), list(names(data)), list(env))
  terms <- c(tag(c(list(read$outcome), read$terms), "formula"), tag(extra$nominal, "nominal"),
             tag(extra$scale, "scale"))
  design <- make_design(data, terms, common[[1L]], common[[2L]], common[[3L]], missing, env)
  labels <- vapply(design[[3L]], `[[`, "", 1L)
  at <- lapply(c(list(read$terms), extra), function(part) match(labels_of(part), labels))
  columns <- Map(side_column, c("trials", "offset"), sides, list(data), rows_of(data), list(env), TRUE)
  linear <- list(1L, at[[1L]], as.integer(read$intercept), match(coding, codings) - 1L, NULL)
  model <- list(linear, match(what$kind, outcome_kinds) - 1L, match(what$link, links) - 1L,
                match(what$thresholds, threshold_kinds) - 1L, columns[[1L]], columns[[2L]], at[[2L]], at[[3L]])
  asked <- c(what, list(read = read, terms = terms, design = design, model = model, covariance = covariance,
                        coding = coding, level = level, missing = missing, threads = check_threads(threads),
                        names = row_labels(data)))
  fit <- new_response(asked)
  warn_of(fit$remarks)
  fit
}

# The terms of a one-sided formula; nominal ones stand nowhere else.
side_terms <- function(argument, given, read, known, env) {
  if (is.null(given)) return(list())
  terms <- read_terms(given, argument, known, env)
  elsewhere <- c(read$outcome$label, if (argument == "nominal") labels_of(read$terms))
  both <- sort(intersect(labels_of(terms), elsewhere), method = "radix")
  if (length(both)) invalid("%s: %s is in the formula too; leave it out of one of them", argument, both[1L])
  terms
}

# The fit -------------------------------------------------------------------

called_kinds <- c(binary = "binary model", poisson = "Poisson model", negative_binomial = "negative binomial model",
                  ordinal = "ordinal model")

new_response <- function(asked) {
  design <- asked$design
  model <- asked$model
  shape <- settle(.Call(C_response_shape, design, model))
  labels <- settle(.Call(C_response_labels, design, model, shape$k))
  progress <- progress_teller(called_kinds[[asked$kind]])
  on.exit(progress$finish())
  raw <- settle(.Call(C_response, design, model, shape$k, NULL, asked$threads, progress$tell))
  estimate <- raw$estimate
  spread <- response_vcov(design, model, raw, asked$covariance, asked$threads, progress$tell)
  s <- raw$summary
  remarks <- join_remarks(raw$remarks, spread$remarks)
  fit <- list(
    coefficients = structure(blank(estimate), names = labels), covariance = asked$covariance,
    called = called_kinds[[asked$kind]], parameters = s$rank,
    vcov = structure(blank(spread$covariance), dim = c(shape$k, shape$k), dimnames = list(labels, labels)),
    df = structure(blank(spread$df), names = labels), n = s$n, rows_used = s$rows_used, df_resid = s$df_resid,
    rank = as.integer(s$rank), loglik = s$loglik, loglik_null = s$loglik_null, aic = s$aic, bic = s$bic,
    deviance = blank(s$deviance), pearson = blank(s$pearson), lr = blank(s$lr), lr_df = s$lr_df, lr_p = blank(s$lr_p),
    theta = blank(s$theta), theta_std_error = blank(s$theta_std_error), condition = s$condition,
    iterations = as.integer(s$iterations), last_step = s$last_step, converged = s$converged == 1,
    separated = s$separated == 1, kind = asked$kind, link = asked$link, thresholds = asked$thresholds,
    formula = light_formula(asked$read$formula), outcome = asked$read$outcome$label, terms = labels_of(asked$read$terms),
    intercept = asked$read$intercept, aliased = labels[raw$aliased != 0L], level = asked$level,
    linear = blank(raw$linear), variables = design_variables(asked$terms), design = design, model = model,
    shape = shape, names = asked$names, threads = asked$threads, coding = asked$coding, summary = s,
    remarks = remarks_frame(remarks))
  fit$answers <- answers_of(fit)
  table <- combined(fit, diag(shape$k), labels, asked$level)
  fit$std_error <- structure(table$std.error, names = labels)
  fit$pvalues <- structure(table$p.value, names = labels)
  fit$table <- table
  fit$mcfadden <- explained_of(fit)$mcfadden
  fit$provenance <- response_provenance(fit, asked)
  structure(fit, class = c(paste0("steelyard_", switch(asked$kind, poisson = , negative_binomial = "count", asked$kind)),
                           "steelyard_response", "steelyard_fit", "steelyard_result"))
}

# The covariance of a kind; the fit has that of the information already.
response_vcov <- function(design, model, raw, kind, threads, tell = NULL) {
  if (kind == "classical" && design[[5L]] != 3L)
    return(list(covariance = raw$covariance, df = ifelse(is.na(raw$estimate), NA_real_, Inf), remarks = no_remarks))
  settle(.Call(C_response_vcov, design, model, raw$estimate, match(kind, vcov_kinds) - 1L, threads, tell))
}

# The outcome's answers that are in use, lowest first; none for counts.
answers_of <- function(fit) {
  if (!fit$kind %in% c("binary", "ordinal")) return(character())
  if (!is.null(fit$model[[5L]])) return(c("failure", "success"))
  levels <- used_levels(fit)[[fit$design[[3L]][[1L]][[2L]]]]
  if (is.null(levels)) c("0", "1") else levels
}

explained_of <- function(fit) {
  settle(.Call(C_response_explained, fit$design, fit$model, fit$summary, unname(fit$coefficients), fit$threads))
}

response_provenance <- function(fit, asked) {
  s <- fit$summary
  list(version = .Call(C_version), formula = formula_text(fit$outcome, fit$terms, fit$intercept), kind = fit$kind,
       link = fit$link, thresholds = if (fit$kind == "ordinal") fit$thresholds, covariance = fit$covariance,
       coding = asked$coding, level = asked$level, weight_kind = c("none", weight_kinds)[fit$design[[5L]] + 1L],
       sum_w = s$sum_w, missing = asked$missing, cluster = fit$design[[6L]][[1L]], clusters = cluster_counts(fit),
       iterations = fit$iterations, last_step = fit$last_step, condition = fit$condition, n = s$n,
       rows_read = s$rows_read, rows_used = s$rows_used, rows_dropped = s$rows_dropped)
}

check_response <- function(fit) {
  if (!inherits(fit, "steelyard_response"))
    invalid("fit: a result of fit_binary(), fit_count() or fit_ordinal() is needed, not %s", class(fit)[1L])
}
