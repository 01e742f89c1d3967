# What generics and questions get from a mixed model.
# SPDX-License-Identifier: GPL-3.0-only

#' @rdname fit_mixed
#' @param object a result of \code{fit_mixed}.
#' @param ... ignored.
#' @export
fitted.steelyard_mixed <- function(object, ...) {
  if (is.matrix(object$fitted)) {
    rownames(object$fitted) <- object$names
    return(object$fitted)
  }
  with_row_names(object, object$fitted)
}

#' @rdname fit_mixed
#' @export
residuals.steelyard_mixed <- function(object, ...) {
  if (object$family == "ordinal") invalid("residuals: ordered answers have none; see fitted() for their probabilities")
  outcome <- object$design[[2L]][[object$design[[3L]][[1L]][[2L]]]]
  values <- if (is.null(outcome[[3L]])) outcome[[2L]] else match(outcome[[3L]], object$answers)[outcome[[2L]]] - 1
  trials <- object$model[[2L]][[5L]]
  if (!is.null(trials)) values <- values / trials[[2L]]
  with_row_names(object, as.double(values) - object$fitted)
}

#' @rdname fit_mixed
#' @importFrom stats sigma
#' @export
sigma.steelyard_mixed <- function(object, ...) object$sigma

#' @rdname fit_mixed
#' @export
deviance.steelyard_mixed <- function(object, ...) -2 * object$loglik

test_rows.steelyard_mixed <- function(fit, rows, level, tell) {
  if (fit$family == "linear")
    return(settle(.Call(C_mixed_contrasts, fit$design, fit$model, fit$rules,
                        list(match(fit$freedom, mixed_freedoms) - 1L, level), fit$raw$theta, t(rows), fit$threads,
                        tell)))
  used <- !is.na(fit$coefficients)
  if (any(rows[, !used] != 0)) invalid("c: a combination has weight on an aliased coefficient")
  settle(.Call(C_vcov_contrasts, unname(fit$coefficients[used]), unname(fit$vcov[used, used]), unname(fit$df[used]),
               t(rows[, used, drop = FALSE]), level))
}

#' Tests of the terms of a linear mixed model
#'
#' @param object a result of \code{\link{fit_mixed}}, linear.
#' @param type 1: each term after those before it; 2: after all that do not contain it;
#'   3: each beside all others, sum to zero.
#' @param df as in \code{\link{fit_mixed}}; \code{NULL}: the fit's.
#' @param ... ignored.
#' @return A data frame of class \code{steelyard_table}: \code{term}, \code{sumsq},
#'   \code{meansq}, \code{df}, \code{df.residual}, \code{statistic} (F), \code{p.value}.
#' @references
#' Fai, A. H. T. and Cornelius, P. L. (1996). Approximate F-tests of multiple degree of
#' freedom hypotheses. \emph{Journal of Statistical Computation and Simulation} 54,
#' 363-378. \doi{10.1080/00949659608811740}
#' @section Errors:
#' \code{steelyard_error_invalid}: another type, unknown degrees of freedom.
#' @examples
#' anova(fit_mixed(weight ~ Time * Diet + (1 | Chick), ChickWeight))
#' @export
anova.steelyard_mixed <- function(object, type = 2, df = NULL, ...) {
  type <- anova_type(type)
  if (object$family != "linear")
    invalid("anova: F tests are for linear models; this is %s: test its coefficients by linear_contrasts()",
            with_article(object$called))
  df <- if (is.null(df)) object$freedom else check_roger(choice("df", df, mixed_freedoms), object$reml)
  progress <- progress_teller("anova")
  on.exit(progress$finish())
  made <- settle(.Call(C_mixed_anova, object$design, object$model, object$rules,
                       list(match(df, mixed_freedoms) - 1L, type), object$raw$theta, object$threads, progress$tell))
  columns <- c(list(object$terms), lapply(seq_len(6L), function(i) blank(made$table[i, ])))
  names(columns) <- c("term", "sumsq", "meansq", "df", "df.residual", "statistic", "p.value")
  columns <- frame(columns)
  remarks <- shown_remarks(remarks_frame(frame(made$remarks)))
  how <- c(satterthwaite = "Satterthwaite degrees of freedom", `kenward-roger` = "Kenward-Roger",
           normal = "chi-squared by degrees of freedom")
  told_table(columns, c(
    sprintf("Tests of terms of %s, type %s, %s, %s", object$outcome, strrep("I", type), how[[df]], count_text(object)),
    "", tabled(list(term = columns$term, df = df_text(columns$df), `df resid` = df_text(columns$df.residual),
                    F = statistic_text(columns$statistic), p = p_text(columns$p.value)),
               caption = sprintf("Tests of terms of %s, type %s", object$outcome, strrep("I", type))), "", remarks))
}

#' Predictions of a mixed model
#'
#' @param object a result of \code{\link{fit_mixed}}.
#' @param newdata a data frame of new rows; \code{NULL}: the rows of the fit.
#' @param effects whether the groups' effects are in it; those of levels that the fit
#'   has not seen are 0.
#' @param type \code{"response"}: means (ordinal: probabilities of the answers);
#'   \code{"linear"}: the linear predictor.
#' @param ... ignored.
#' @return A vector; for the probabilities of ordered answers a matrix.
#' @section Errors:
#' \code{steelyard_error_invalid}: a missing column, a level of a factor that the fit
#' has not seen.
#' @references
#' Henderson, C. R. (1975). Best linear unbiased estimation and prediction under a
#' selection model. \emph{Biometrics} 31, 423-447. \doi{10.2307/2529430}
#' @examples
#' fit <- fit_mixed(weight ~ Time + (Time | Chick), ChickWeight)
#' predict(fit, data.frame(Time = 21, Chick = c("1", "new")))
#' @export
predict.steelyard_mixed <- function(object, newdata = NULL, effects = TRUE, type = "response", ...) {
  type <- choice("type", type, c("response", "linear"))
  effects <- truth("effects", effects)
  many <- object$family == "ordinal" && type == "response"
  if (is.null(newdata) && effects)
    return(if (type == "linear") with_row_names(object, object$linear) else fitted.steelyard_mixed(object))
  design <- if (is.null(newdata)) own_rows(object) else read_new_rows(object, newdata)
  names <- if (is.null(newdata)) object$names else row_labels(newdata)
  model <- new_groups(object, newdata, effects)
  how <- c(if (type == "linear") 0L else if (many) 2L else 1L, if (many) as.integer(object$shape$n_levels) else 1L)
  made <- settle(.Call(C_mixed_predict, design, model, as.double(unlist(object$shape)), how, object$raw$estimate,
                       if (effects) object$raw$modes, object$threads, NULL))
  value <- blank(made$value)
  if (is.null(newdata)) value[, !rows_in_use(object)] <- NA_real_
  if (many) return(matrix(t(value), ncol = nrow(value), dimnames = list(names, object$answers)))
  structure(as.double(value), names = names)
}

# The model over new rows: groups with the levels of the fit and, last, what it has not seen; trials and offset.
new_groups <- function(fit, newdata, effects) {
  model <- fit$model
  n <- if (is.null(newdata)) fit$design[[1L]] else rows_of(newdata)
  model[[3L]] <- Map(function(bar, at) {
    found <- if (!effects) list("", rep(1L, n), at$levels[1L])
             else if (is.null(newdata)) bar[[3L]] else bar_column(list(group = at$columns), newdata, "newdata")
    codes <- match(found[[3L]], at$levels, nomatch = length(at$levels) + 1L)[as.integer(found[[2L]])]
    bar[[3L]] <- list(at$group, codes, c(at$levels, "(not seen)"))
    bar
  }, model[[3L]], fit$bars)
  model[[2L]][5L] <- list(NULL)
  offset <- model[[2L]][[6L]]
  if (!is.null(offset) && !is.null(newdata))
    model[[2L]][[6L]] <- side_column("newdata", offset[[1L]], newdata, n, environment(), TRUE)
  model
}

# broom's verbs, and those of nlme and lme4 ----------------------------------

tidy.steelyard_mixed <- function(x, effects = c("ran_pars", "fixed"), conf.int = TRUE, conf.level = NULL, ...) {
  for (effect in effects) choice("effects", effect, c("fixed", "ran_pars", "ran_vals"))
  parts <- lapply(effects, function(effect) switch(effect, fixed = {
    table <- tidy.steelyard_fit(x, conf.int, conf.level)
    frame(c(list(effect = rep("fixed", nrow(table)), group = rep(NA_character_, nrow(table))), unclass(table)))
  }, ran_pars = {
    v <- x$variance
    sd <- v$effect_2 == ""
    inside <- ifelse(v$effect == "", "Observation", v$effect)
    frame(list(effect = rep("ran_pars", nrow(v)), group = v$group,
               term = ifelse(sd, paste0("sd__", inside), paste0("cor__", v$effect, ".", v$effect_2)),
               estimate = ifelse(sd, v$sd, v$correlation)))
  }, ran_vals = {
    v <- plain_frame(random_effects(x, level = conf.level))
    frame(c(list(effect = rep("ran_vals", nrow(v)), group = v$group, level = v$level, term = v$effect),
            unclass(v)[c("estimate", "std.error", "conf.low", "conf.high")]))
  }))
  names <- unique(unlist(lapply(parts, names)))
  do.call(rbind, lapply(parts, function(part) {
    for (name in setdiff(names, names(part))) part[[name]] <- if (name == "level") NA_character_ else NA_real_
    part[names]
  }))
}

glance.steelyard_mixed <- function(x, ...) {
  frame(list(sigma = x$sigma, logLik = x$loglik, criterion = x$criterion, AIC = x$aic, BIC = x$bic,
             df.residual = x$df_resid, nobs = x$n))
}

augment.steelyard_mixed <- function(x, data = NULL, ...) {
  if (is.null(data)) data <- model_rows(x)
  if (!is.data.frame(data) || rows_of(data) != length(x$linear))
    invalid("data: the %d rows of the fit are needed", length(x$linear))
  data$.fitted <- x$fitted
  if (x$family != "ordinal") data$.resid <- unname(residuals.steelyard_mixed(x))
  type <- if (x$family == "linear") "response" else "linear"
  data$.fixed <- unname(predict.steelyard_mixed(x, effects = FALSE, type = type))
  data
}

fixef.steelyard_mixed <- function(object, ...) object$coefficients

ranef.steelyard_mixed <- function(object, ...) random_effects(object, ...)

VarCorr.steelyard_mixed <- function(x, ...) x$variance
