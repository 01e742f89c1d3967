# What every fit answers, whatever its model. A fit is a list with coefficients,
# vcov, df, table, std_error, pvalues, n, rows_used, df_resid, parameters, loglik,
# aic, bic, formula, outcome, called, covariance, level, remarks, provenance.
# SPDX-License-Identifier: GPL-3.0-only

#' What every fit answers
#'
#' R's own generics for the results of \code{\link{fit_linear}},
#' \code{\link{fit_binary}}, \code{\link{fit_count}} and
#' \code{\link{fit_ordinal}}.
#'
#' @param x,object a fit.
#' @param parm coefficients, by name or place.
#' @param level of the limits; \code{NULL}: the fit's.
#' @param complete whether aliased coefficients are kept, as missing values.
#' @param k as in \code{\link[stats]{AIC}}.
#' @param row.names,optional,... ignored.
#' @return As R's own for its models: \code{coef} a named vector, \code{vcov} and
#'   \code{confint} matrices by coefficient, \code{logLik} with its degrees of
#'   freedom, \code{as.data.frame} (and broom's \code{tidy}) one row a coefficient:
#'   \code{term}, \code{estimate}, \code{std.error}, \code{statistic}, \code{df},
#'   \code{p.value}, \code{conf.low}, \code{conf.high}. \code{df} is infinite where
#'   the test is normal.
#' @section Errors:
#' \code{steelyard_error_invalid}: a level outside 0 to 1, a coefficient that is not
#' there.
#' @examples
#' fit <- fit_linear(mpg ~ wt, mtcars)
#' confint(fit)
#' @name steelyard_fit
NULL

#' @rdname steelyard_fit
#' @importFrom stats coef
#' @export
coef.steelyard_fit <- function(object, complete = TRUE, ...) {
  if (complete) object$coefficients else object$coefficients[!is.na(object$coefficients)]
}

#' @rdname steelyard_fit
#' @importFrom stats vcov
#' @export
vcov.steelyard_fit <- function(object, complete = TRUE, ...) {
  used <- if (complete) TRUE else !is.na(object$coefficients)
  object$vcov[used, used, drop = FALSE]
}

#' @rdname steelyard_fit
#' @export
confint.steelyard_fit <- function(object, parm = NULL, level = NULL, ...) {
  level <- level_of(object, level)
  labels <- names(object$coefficients)
  at <- if (is.null(parm)) seq_along(labels) else find_coefficients(object, parm, "parm")
  table <- combined(object, diag(length(labels))[at, , drop = FALSE], labels[at], level)
  limits <- paste(format(100 * c((1 - level) / 2, (1 + level) / 2), trim = TRUE, digits = 3), "%")
  matrix(c(table$conf.low, table$conf.high), ncol = 2L, dimnames = list(labels[at], limits))
}

#' @rdname steelyard_fit
#' @export
summary.steelyard_fit <- function(object, ...) {
  table <- as.matrix(object$table[-1L])
  rownames(table) <- object$table$term
  structure(list(fit = object, coefficients = table), class = c("summary.steelyard_fit", "steelyard_result"))
}

# coef(summary(fit)) is the table of coefficients, as it is for lm and glm
#' @export
coef.summary.steelyard_fit <- function(object, ...) object$coefficients

#' @rdname steelyard_fit
#' @importFrom stats logLik
#' @export
logLik.steelyard_fit <- function(object, ...) {
  structure(object$loglik, df = object$parameters, nobs = object$n, class = "logLik")
}

#' @rdname steelyard_fit
#' @importFrom stats nobs
#' @export
nobs.steelyard_fit <- function(object, ...) object$n

#' @rdname steelyard_fit
#' @importFrom stats df.residual
#' @export
df.residual.steelyard_fit <- function(object, ...) object$df_resid

#' @rdname steelyard_fit
#' @importFrom stats formula
#' @export
formula.steelyard_fit <- function(x, ...) x$formula

#' @rdname steelyard_fit
#' @importFrom stats AIC
#' @export
AIC.steelyard_fit <- function(object, ..., k = 2) {
  if (...length() || k != 2) return(NextMethod())
  object$aic
}

#' @rdname steelyard_fit
#' @importFrom stats BIC
#' @export
BIC.steelyard_fit <- function(object, ...) {
  if (...length()) return(NextMethod())
  object$bic
}

#' @rdname steelyard_fit
#' @export
as.data.frame.steelyard_fit <- function(x, row.names = NULL, optional = FALSE, ...) tidy.steelyard_fit(x)

document_of.summary.steelyard_fit <- function(x, whole = FALSE) document_of(x$fit, TRUE)

find_coefficients <- function(fit, which, argument) {
  labels <- names(fit$coefficients)
  if (is.character(which)) return(vapply(which, function(name) place(argument, name, labels), 1L, USE.NAMES = FALSE))
  vapply(which, function(i) {
    if (!is.numeric(i) || !i %in% seq_along(labels))
      invalid("%s: %s is not one of %d coefficients", argument, shown(i), length(labels))
    as.integer(i)
  }, 1L)
}

# broom's verbs are registered for the generics package when it is there.
tidy.steelyard_fit <- function(x, conf.int = TRUE, conf.level = NULL, ...) {
  table <- if (is.null(conf.level)) x$table
           else combined(x, diag(length(x$coefficients)), names(x$coefficients), number("conf.level", conf.level))
  attr(table, "joint") <- NULL
  if (conf.int) table else table[setdiff(names(table), c("conf.low", "conf.high"))]
}

# The coefficients picked by the rows of `c`, each with its own degrees of freedom; those that are
# aliased are missing.
combined <- function(fit, c, names, level) {
  used <- !is.na(fit$coefficients)
  rows <- which(rowSums(c[, !used, drop = FALSE] != 0) == 0)
  made <- settle(.Call(C_vcov_contrasts, unname(fit$coefficients[used]), fit$vcov[used, used],
                       unname(fit$df[used]), t(c[rows, used, drop = FALSE]), level))
  column <- function(values) replace(rep(NA_real_, nrow(c)), rows, blank(values))
  out <- frame(c(list(term = names), lapply(made[1:7], column)))
  attr(out, "joint") <- unlist(made$joint)
  out
}

join_remarks <- function(a, b) {
  both <- frame(Map(c, a, b))
  both[!duplicated(both), ]
}

# Rows that count, by the fitted values or the linear predictor.
rows_in_use <- function(fit) !is.na(if (is.null(fit$linear)) fit$fitted else fit$linear)

cluster_counts <- function(fit) {
  used <- rows_in_use(fit)
  count <- function(column) length(unique(as.integer(column[[2L]])[used]))
  c(if (!is.null(fit$design[[6L]])) count(fit$design[[6L]]), if (!is.null(fit$second)) count(fit$second))
}

# Row names that are not just numbers.
row_labels <- function(data) if (.row_names_info(data, 1L) > 0L) row.names(data)

level_of <- function(fit, level) if (is.null(level)) fit$level else number("level", level)

with_row_names <- function(fit, values) if (is.null(fit$names)) values else structure(values, names = fit$names)

covariance_of <- function(covariance, weight_kind, clusters, allowed = vcov_kinds) {
  if (is.null(covariance)) {
    if (clusters) return("CR2")
    return(if (identical(weight_kind, "sampling")) "HC1" else "classical")
  }
  covariance <- choice("covariance", covariance, allowed)
  robust <- startsWith(covariance, "CR")
  if (robust && !clusters) invalid("covariance: \"%s\" needs clusters; name them in cluster", covariance)
  if (!robust && clusters)
    invalid("covariance: \"%s\" does not use the clusters; leave cluster out or ask for \"CR2\"", covariance)
  covariance
}

# The variable behind each column of the design, for new rows.
design_variables <- function(terms) {
  variables <- unlist(lapply(terms, `[[`, "variables"), recursive = FALSE)
  variables[!duplicated(vapply(variables, variable_key, ""))]
}
