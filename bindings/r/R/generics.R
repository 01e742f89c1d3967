# What R's generics and broom's verbs get from results that are no fits.
# SPDX-License-Identifier: GPL-3.0-only

#' Results in R's own terms
#'
#' Coefficients, limits, covariances and numbers of rows of results that are no fits, and their frames
#' for \pkg{broom}'s verbs.
#'
#' @details
#' With the package \pkg{generics} (or \pkg{broom}) \code{tidy} gives one row a number, led by
#' \code{term} where the result's own columns do not name rows one by one; \code{glance} one row a
#' result (or outcome), \code{augment} the rows of the data with what was found for each.
#' \code{tidy(s)} of shares holds every metric and is the same as \code{as.data.frame(s)};
#' \code{tidy(s, metric = "share")} has one row a block, and \code{tidy(g, part = "explained")} of a gap
#' likewise, which is what \pkg{modelsummary} needs: \code{modelsummary(s, metric = "share")}.
#' Tables print themselves, and are plain data frames to \pkg{gt} and others.
#'
#' @param object,x a result.
#' @param parm names of rows; all of them by default.
#' @param level the limits' level: that of the result, as they are computed with it.
#' @param row.names,optional,... ignored.
#' @return \code{coef}: named estimates, in the result's unit. \code{confint}: a matrix of limits, one row a
#'   name. \code{vcov}: the covariance of a mediation's parts, \code{NULL} without limits. \code{nobs}: rows,
#'   or their weights' worth, that were used; by outcome when outcomes rest on different rows.
#'   \code{as.data.frame}: the numbers.
#' @section Errors:
#' \code{steelyard_error_invalid}: a result without limits, another level than its own.
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' s <- shares(councils, "control", c(funding = "spend_per_adult_gbp", process = "easy_information"))
#' coef(s)
#' confint(s)
#' nobs(s)
#' @name steelyard_result
NULL

# The frame of a result's own estimates, led by what names them.
led_by <- function(term, columns) frame(c(list(term = as.character(term)), unclass(columns)))

# What tells rows apart: words that are not the same in all, or the one that is always said.
row_words <- function(columns, words, always = NULL) {
  words <- Filter(function(name) name %in% always || length(unique(columns[[name]])) > 1L, intersect(words, names(columns)))
  if (!length(words)) return(rep("estimate", nrow(columns)))
  do.call(paste, c(unname(unclass(columns)[words]), sep = ": "))
}

# Named estimates with limits: what coef and confint of a result are about.
estimates_of <- function(object) {
  columns <- tidy_of(object)
  if (is.null(columns$estimate)) invalid("object: %s has no estimates", class(object)[1L])
  if (!is.null(columns$term)) return(columns)
  led_by(row_words(columns, names(columns)[!vapply(columns, is.numeric, NA)]), columns)
}

tidy_of <- function(x, ...) UseMethod("tidy_of")
tidy_of.default <- function(x, ...) as.data.frame(x)
tidy_of.steelyard_shares <- function(x, ...) tidy.steelyard_shares(x, metric = "share")
tidy_of.steelyard_gap <- function(x, ...) tidy.steelyard_gap(x, part = "explained")
tidy_of.steelyard_mediation <- function(x, ...) tidy.steelyard_mediation(x)
tidy_of.steelyard_reliability <- function(x, ...) tidy.steelyard_reliability(x)
tidy_of.steelyard_balance <- function(x, ...) tidy.steelyard_balance(x)
tidy_of.steelyard_evidence <- function(x, ...) tidy.steelyard_evidence(x)

#' @rdname steelyard_result
#' @importFrom stats coef
#' @export
coef.steelyard_result <- function(object, ...) {
  columns <- estimates_of(object)
  structure(columns$estimate, names = columns$term)
}

level_held <- function(object) {
  for (level in list(attr(object, "level"), object$provenance$level, object$level))
    if (is.numeric(level) && length(level) == 1L) return(level)
  0.95
}

#' @rdname steelyard_result
#' @importFrom stats confint
#' @export
confint.steelyard_result <- function(object, parm = NULL, level = NULL, ...) {
  columns <- estimates_of(object)
  if (is.null(columns$conf.low)) invalid("object: this result has no limits")
  held <- level_held(object)
  if (!is.null(level) && !identical(number("level", level), as.double(held)))
    invalid("level: these limits are at %s %%; ask for the result with level = %.6g", percent_of(held), level)
  rows <- if (is.null(parm)) seq_len(nrow(columns))
          else vapply(parm, function(name) place("parm", name, columns$term), 1L, USE.NAMES = FALSE)
  limits <- paste(format(100 * c((1 - held) / 2, (1 + held) / 2), trim = TRUE, digits = 3), "%")
  matrix(c(columns$conf.low[rows], columns$conf.high[rows]), ncol = 2L, dimnames = list(columns$term[rows], limits))
}

#' @rdname steelyard_result
#' @importFrom stats vcov
#' @export
vcov.steelyard_mediation <- function(object, ...) object$covariance

#' @rdname steelyard_result
#' @importFrom stats nobs
#' @export
nobs.steelyard_result <- function(object, ...) {
  n <- rows_behind(object)
  if (is.null(n)) invalid("object: %s does not say how many rows it rests on", class(object)[1L])
  if (length(unique(n)) == 1L) unname(n[1L]) else n
}

rows_behind <- function(x) UseMethod("rows_behind")
rows_behind.default <- function(x) {
  for (n in list(x$n, x$provenance$n, x$provenance$rows_used)) if (is.numeric(n) && length(n)) return(n)
}
rows_behind.steelyard_shares_by <- function(x) {
  each <- lapply(x$levels, function(level) rows_behind(level))
  if (all(lengths(each) == 1L)) unlist(each) else do.call(rbind, each)
}
rows_behind.steelyard_polychoric <- function(x) x$moments$n
rows_behind.steelyard_diagnostics <- function(x) nrow(x$rows)
rows_behind.steelyard_reliability <- function(x) {
  vapply(x$parts, function(part) as.double(part$summary$n), 0)
}
rows_behind.data.frame <- function(x) NULL

#' @rdname steelyard_result
#' @export
as.data.frame.steelyard_at_most <- function(x, row.names = NULL, optional = FALSE, ...) x$outcomes

#' @rdname steelyard_result
#' @export
as.data.frame.steelyard_in_all <- function(x, row.names = NULL, optional = FALSE, ...) x$outcomes

#' @rdname steelyard_result
#' @export
as.data.frame.steelyard_oneway <- function(x, row.names = NULL, optional = FALSE, ...) x$groups

#' @rdname steelyard_result
#' @export
as.data.frame.steelyard_diagnostics <- function(x, row.names = NULL, optional = FALSE, ...) x$rows

#' @rdname steelyard_result
#' @export
as.data.frame.steelyard_moments <- function(x, row.names = NULL, optional = FALSE, ...) {
  levels <- lengths(x$levels)[x$labels]
  frame(list(term = x$labels, levels = unname(ifelse(is.na(levels), 0L, levels)), missing = unname(as.double(x$missing))))
}

# broom's verbs, registered for the generics package when it is there ----------

tidy.steelyard_result <- function(x, ...) as.data.frame(x)

tidy.steelyard_shares <- function(x, metric = NULL, conf.int = TRUE, ...) {
  columns <- as.data.frame(x)
  if (is.null(metric)) return(columns)
  choice("metric", metric, metric_names)
  rows <- plain_frame(columns[columns$metric == metric & columns$term == "", ])
  out <- led_by(row_words(rows, c("outcome", "block"), "block"), rows[c("estimate", "std.error", "conf.low", "conf.high")])
  if (conf.int) out else out[c("term", "estimate", "std.error")]
}

tidy.steelyard_gap <- function(x, part = NULL, ...) {
  if (is.null(part)) return(x$long)
  known <- unique(x$long$part[x$long$kind == "block"])
  choice("part", part, known)
  rows <- x$long[x$long$part == part & x$long$kind != "gap" & x$long$term == "", ]
  led_by(row_words(rows, c("category", "block"), "block"),
         rows[c("estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high")])
}

tidy.steelyard_mediation <- function(x, ...) led_by(row_words(x$effects, c("answer", "part"), "part"), x$effects)

tidy.steelyard_reliability <- function(x, ...) led_by(row_words(x$table, c("scale", "kind"), "kind"), x$table)

tidy.steelyard_balance <- function(x, ...) {
  led_by(row_words(x$estimates, c("outcome", "method"), "method"), x$estimates)
}

tidy.steelyard_evidence <- function(x, ...) {
  columns <- as.data.frame(x)
  led_by(row_words(columns, c("source", "outcome"), "outcome"), columns)
}

glance.steelyard_shares_by <- function(x, ...) {
  rows <- lapply(x$levels, glance.steelyard_shares)
  do.call(rbind, c(Map(function(level, one) cbind(level = level, one), names(rows), unname(rows)), list(make.row.names = FALSE)))
}

glance.steelyard_at_most <- function(x, ...) {
  frame(list(answer = x$answer, block = x$block, metric = x$metric, bound = x$bound, upper = x$upper, lower = x$lower,
             outcomes = nrow(x$outcomes)))
}

glance.steelyard_in_all <- function(x, ...) {
  frame(list(answer = x$answer, first = x$first, second = x$second, metric = x$metric, p.value = x$p.value,
             outcomes = nrow(x$outcomes)))
}

glance.steelyard_oneway <- function(x, ...) {
  frame(list(groups = nrow(x$groups), icc1 = x$icc1, conf.low = x$conf.low, conf.high = x$conf.high, nobs = x$n))
}

glance.steelyard_confounding <- function(x, ...) {
  x$robustness[c("partial_r2", "robustness_value", "robustness_value_alpha", "extreme", "extreme_alpha", "df")]
}

glance.steelyard_polychoric <- function(x, ...) {
  m <- x$moments
  frame(list(columns = ncol(x$r), nobs = m$n, rows_dropped = m$rows_dropped, units = m$units))
}

glance.steelyard_overview <- function(x, ...) {
  frame(list(indicators = length(x$record$names), groups = length(x$record$groups), rows = as.double(x$record$rows)))
}

glance.steelyard_diagnostics <- function(x, ...) {
  frame(list(condition = max(x$condition$index, na.rm = TRUE), cook_max = max(x$rows$cook, na.rm = TRUE),
             nobs = nrow(x$rows)))
}

glance.steelyard_moments <- function(x, ...) {
  frame(list(terms = length(x$labels), nobs = x$n, rows_dropped = x$rows_dropped, units = x$units,
             precision = x$precision, hash = x$hash))
}

augment.steelyard_diagnostics <- function(x, ...) x$rows

augment.steelyard_balance <- function(x, data, ...) {
  if (missing(data) || !is.data.frame(data) || rows_of(data) != length(x$weights))
    invalid("data: the %d rows that were balanced are needed", length(x$weights))
  data$.weight <- x$weights
  if (!all(is.na(x$propensity))) data$.propensity <- x$propensity
  data
}
