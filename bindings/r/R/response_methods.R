# What R's generics ask of a fit by maximum likelihood.
# SPDX-License-Identifier: GPL-3.0-only

prediction_numbers <- c("linear", "mean", "probabilities", "cumulative", "at_least")
residual_kinds <- c("response", "pearson", "deviance", "probability")

prediction_kinds <- function(fit) {
  c("response", "linear",
    switch(fit$kind, binary = c("probabilities", "category"),
           ordinal = c("probabilities", "cumulative", "category", "mean")))
}

# The least degrees of freedom of a coefficient.
least_df <- function(fit) if (all(is.na(fit$df))) Inf else min(fit$df, na.rm = TRUE)

#' Predictions of binary, count and ordinal fits
#'
#' @param object a result of \code{\link{fit_binary}}, \code{\link{fit_count}} or
#'   \code{\link{fit_ordinal}}.
#' @param newdata a data frame of new rows, with the fit's offset if it has one;
#'   \code{NULL}: the rows of the fit.
#' @param kind \code{"response"}: probability of the event, expected count, or
#'   ordinal probabilities; \code{"linear"}: the linear predictor;
#'   \code{"probabilities"} of each answer; \code{"cumulative"}: of each answer or a
#'   lower one; \code{"category"}: the likeliest answer; \code{"mean"}: the mean
#'   place of ordered answers. Of \code{residuals}: \code{"response"}: the outcome
#'   less its mean (of ordered answers: of their places); \code{"pearson"}: that over
#'   its standard deviation; \code{"deviance"}: the signed root of the row's part in
#'   the deviance (binary and counts); \code{"probability"}: P(Y < y) - P(Y > y)
#'   (ordinal; Li and Shepherd 2012).
#' @param interval \code{"none"} or \code{"confidence"}.
#' @param level of the limits; \code{NULL}: the fit's.
#' @param ... ignored.
#' @return A vector, or a matrix with one column an answer. With an interval a
#'   matrix \code{fit}, \code{std.error}, \code{lwr}, \code{upr}, or of several
#'   answers a data frame with one row for each: \code{row}, \code{category} and
#'   these. Errors by the delta method; limits of probabilities stay between 0 and 1.
#' @references
#' Oehlert, G. W. (1992). A note on the delta method. \emph{The American
#' Statistician} 46, 27-29. \doi{10.1080/00031305.1992.10475842}
#'
#' Li, C. and Shepherd, B. E. (2012). A new residual for ordinal outcomes.
#' \emph{Biometrika} 99, 473-480. \doi{10.1093/biomet/asr073}
#' @section Errors:
#' \code{steelyard_error_invalid}: a missing column, a level that the fit has not seen,
#' a kind that the outcome does not have.
#' @examples
#' fit <- fit_binary(am ~ wt, mtcars)
#' predict(fit, data.frame(wt = c(2, 3)), interval = "confidence")
#' @export
predict.steelyard_response <- function(object, newdata = NULL, kind = "response", interval = "none", level = NULL, ...) {
  kind <- choice("kind", kind, prediction_kinds(object))
  interval <- choice("interval", interval, c("none", "confidence"))
  level <- level_of(object, level)
  if (kind == "category" && interval != "none")
    invalid("interval: an answer has no limits; ask for kind = \"probabilities\"")
  what <- if (kind == "category" || (kind == "response" && object$kind == "ordinal")) "probabilities"
          else if (kind == "response") "mean" else kind
  design <- if (is.null(newdata)) own_rows(object) else read_new_rows(object, newdata)
  model <- prediction_model(object, newdata)
  how <- c(match(what, prediction_numbers) - 1, 0, level, least_df(object))
  made <- settle(.Call(C_response_predict, design, model, object$shape, how, unname(object$coefficients),
                       if (interval != "none") unname(object$vcov), object$threads))
  tables <- lapply(made[seq_len(if (interval == "none") 1L else 4L)], function(table) {
    if (is.null(newdata)) table[, is.na(object$linear)] <- NA
    t(blank(table))
  })
  rows <- if (is.null(newdata)) object$names else row_labels(newdata)
  shape_predictions(object, tables, kind, rows)
}

# The model over rows to be predicted: no outcome, no trials, the offset of these rows.
prediction_model <- function(fit, newdata) {
  model <- fit$model
  model[[1L]][[1L]] <- 0L
  model[5L] <- list(NULL)
  if (!is.null(model[[6L]]) && !is.null(newdata))
    model[[6L]] <- side_column("newdata", model[[6L]][[1L]], newdata, rows_of(newdata), NULL, TRUE)
  model
}

shape_predictions <- function(fit, tables, kind, rows) {
  value <- tables[[1L]]
  width <- ncol(value)
  answers <- fit$answers[seq_len(width)]
  if (kind == "category") {
    likeliest <- apply(value, 1L, function(p) if (anyNA(p)) NA_integer_ else which.max(p))
    return(structure(factor(fit$answers[likeliest], fit$answers, ordered = fit$kind == "ordinal"), names = rows))
  }
  if (length(tables) == 1L) {
    if (width == 1L) return(structure(value[, 1L], names = rows))
    dimnames(value) <- list(rows, answers)
    return(value)
  }
  names(tables) <- c("fit", "std.error", "lwr", "upr")
  if (width == 1L) {
    out <- vapply(tables, function(table) table[, 1L], double(nrow(value)))
    out <- matrix(out, nrow(value), dimnames = list(rows, names(tables)))
    return(out)
  }
  n <- nrow(value)
  frame(c(list(row = rep(if (is.null(rows)) seq_len(n) else rows, each = width), category = rep(answers, n)),
          lapply(tables, function(table) as.vector(t(table)))))
}

#' @rdname predict.steelyard_response
#' @export
fitted.steelyard_response <- function(object, ...) predict.steelyard_response(object)

#' @rdname predict.steelyard_response
#' @export
residuals.steelyard_response <- function(object, kind = "response", ...) {
  kind <- choice("kind", kind, residual_kinds[if (object$kind == "ordinal") c(1, 2, 4) else 1:3])
  made <- settle(.Call(C_response_residuals, object$design, object$model, unname(object$coefficients),
                       match(kind, residual_kinds) - 1L, object$threads))
  with_row_names(object, blank(made))
}

#' @export
deviance.steelyard_response <- function(object, ...) object$deviance

# broom's verbs, registered for the generics package when it is there ---------

glance.steelyard_response <- function(x, ...) {
  frame(list(logLik = x$loglik, logLik.null = x$loglik_null, AIC = x$aic, BIC = x$bic, deviance = x$deviance,
             df.residual = x$df_resid, statistic = x$lr, df = x$lr_df, p.value = x$lr_p, nobs = x$n))
}

augment.steelyard_response <- function(x, data = NULL, ...) {
  if (is.null(data)) data <- model_rows(x)
  if (!is.data.frame(data) || rows_of(data) != length(x$linear))
    invalid("data: the %d rows of the fit are needed", length(x$linear))
  fitted <- predict.steelyard_response(x, kind = if (x$kind == "ordinal") "mean" else "response")
  data$.fitted <- unname(fitted)
  data$.resid <- unname(residuals.steelyard_response(x))
  data
}

# Combinations of coefficients, a row each.
test_rows.steelyard_response <- function(fit, rows, level, tell) {
  aliased <- names(fit$coefficients)[is.na(fit$coefficients) & colSums(rows != 0) > 0]
  if (length(aliased)) invalid("c: %s is aliased, it has no coefficient", aliased[1L])
  used <- !is.na(fit$coefficients)
  settle(.Call(C_vcov_contrasts, unname(fit$coefficients[used]), fit$vcov[used, used], unname(fit$df[used]),
               t(rows[, used, drop = FALSE]), level))
}

# Tests of terms ------------------------------------------------------------

term_tests <- c("lr", "wald", "score")

#' Tests of the terms of binary, count and ordinal fits
#'
#' @param object a result of \code{\link{fit_binary}}, \code{\link{fit_count}} or
#'   \code{\link{fit_ordinal}}.
#' @param type 2 (each term given those that do not contain it) or 3 (each given
#'   all others, with sum-to-zero coding whatever the fit's).
#' @param test \code{"lr"}: twice the gain in log-likelihood; \code{"wald"}: by the
#'   covariance; \code{"score"}: derivatives at the fit without the term (Rao 1948).
#'   \code{NULL}: \code{"lr"} with the classical covariance, else \code{"wald"}.
#' @param covariance of Wald tests; \code{NULL}: the fit's.
#' @param ... ignored.
#' @return A data frame of class \code{steelyard_term_tests}: \code{term},
#'   \code{df}, \code{df.residual} (infinite where the test is chi squared),
#'   \code{statistic} on the scale of chi squared, \code{p.value}.
#' @references
#' Rao, C. R. (1948). Large sample tests of statistical hypotheses concerning
#' several parameters. \emph{Mathematical Proceedings of the Cambridge
#' Philosophical Society} 44, 50-57. \doi{10.1017/S0305004100023987}
#' @section Errors:
#' \code{steelyard_error_invalid}: another type or test, a likelihood ratio with a
#' covariance that is not classical.
#' @examples
#' fit <- fit_binary(am ~ wt + factor(cyl), mtcars)
#' anova(fit)
#' anova(fit, test = "score")
#' @export
anova.steelyard_response <- function(object, type = 2, test = NULL, covariance = NULL, ...) {
  at <- which(vapply(list(2, 3, "II", "III"), function(one)
    length(type) == 1L && identical(as.character(one), as.character(type)), NA))
  if (!length(at)) invalid("type: %s is not one of 2, 3", shown(type))
  type <- (at - 1L) %% 2L + 2L
  own <- object$covariance
  test <- choice("test", if (is.null(test)) (if (own == "classical") "lr" else "wald") else test, term_tests)
  if (!is.null(covariance)) {
    if (test != "wald") invalid("covariance: test = \"%s\" uses none; ask for test = \"wald\"", test)
    choice("covariance", covariance, response_covariances)
    if (startsWith(covariance, "CR") && is.null(object$design[[6L]]))
      invalid("covariance: \"%s\" needs clusters; name them in cluster", covariance)
  }
  covariance <- if (is.null(covariance)) own else covariance
  made <- compute_term_tests(object, type, test, covariance)
  kinds <- rep(c("", "nominal: ", "scale: "), c(length(object$model[[1L]][[2L]]), lengths(object$model[7:8])))
  labels <- vapply(object$design[[3L]][places_of_terms(object)], `[[`, "", 1L)
  how <- if (test == "wald") sprintf(", covariance %s", covariance)
         else if (own != "classical") ", rows taken as independent" else ""
  noted(c(list(term = paste0(kinds, labels)), lapply(made[c("df", "df.residual", "statistic", "p.value")], blank)),
        "term_tests",
        sprintf("%s tests of %s, type %s%s, %s", c(lr = "Likelihood ratio", wald = "Wald", score = "Score")[[test]],
                object$outcome, c("", "II", "III")[type], how, count_text(object)), NULL, made$remarks,
        sprintf("%s tests of %s, type %s", c(lr = "Likelihood ratio", wald = "Wald", score = "Score")[[test]],
                object$outcome, c("", "II", "III")[type]))
}

compute_term_tests <- function(fit, type, test, covariance) {
  progress <- progress_teller("anova")
  on.exit(progress$finish())
  model <- fit$model
  if (type == 3L) model[[1L]][[4L]] <- 1L
  raw <- list(estimate = unname(fit$coefficients))
  if (!identical(model, fit$model))
    raw <- settle(.Call(C_response, fit$design, model, fit$shape$k, NULL, fit$threads, progress$tell))
  spread <- list(remarks = no_remarks)
  if (test == "wald") {
    same <- identical(model, fit$model) && covariance == fit$covariance
    spread <- if (same) list(covariance = unname(fit$vcov), df = unname(fit$df), remarks = no_remarks)
              else settle(.Call(C_response_vcov, fit$design, model, raw$estimate, match(covariance, vcov_kinds) - 1L,
                                fit$threads, progress$tell))
  }
  made <- settle(.Call(C_response_tests, fit$design, model, c(match(test, term_tests) - 1L, type), raw$estimate,
                       spread$covariance, spread$df, fit$threads, progress$tell))
  made$remarks <- frame(join_remarks(spread$remarks, made$remarks))
  made$remarks <- made$remarks[!made$remarks$text %in% fit$remarks$text, ]
  made
}
