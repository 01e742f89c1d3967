# Two blocks beside each other: ratios, and claims over all outcomes.
# SPDX-License-Identifier: GPL-3.0-only

#' The ratio of two shares
#'
#' How many times a metric of one block is that of another.
#'
#' @details
#' The logarithm of the ratio has its standard error from the covariance of the two by
#' the delta method; its t limits are carried back. \code{statistic} and
#' \code{p.value} test a ratio of 1.
#'
#' @inheritParams compare_shares
#' @return A data frame as \code{\link{compare_shares}} gives it. Where one of the two is
#'   not above 0 there is no ratio: all is missing, and a warning says so.
#' @section Errors:
#' \code{steelyard_error_invalid}: an unknown block, a result without standard errors.
#' @references
#' Oehlert, G. W. (1992). A note on the delta method. \emph{The American Statistician}
#' 46, 27-29. \doi{10.1080/00031305.1992.10475842}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' ratio_shares(s, "Education", "Catholic")
#' @export
ratio_shares <- function(s, first, second, metric = "share", level = NULL) {
  check_shares(s)
  metric <- choice("metric", metric, metric_names)
  level <- shares_level(s, level)
  values <- lapply(unname(s$parts), function(part) {
    pair <- pair_of(part, rows_of_pair(part, first, second), match(metric, metric_names))
    if (!isTRUE(min(pair$estimate) > 0))
      warning(structure(class = c("steelyard_warning", "warning", "condition"), list(
        message = sprintf("no ratio for %s: %s is %.4f for %s and %.4f for %s; both must be above 0", part$outcome,
                          metric, pair$estimate[1L], first, pair$estimate[2L], second), call = NULL)))
    settle(.Call(C_ratio, pair$estimate, pair$covariance, part$summary$df, level))
  })
  found <- pairs_table(s$outcomes, list(c(first, second)), metric, matrix(unlist(values), nrow = length(compared)))
  comparison(found, s, "ratio", level)
}

#' Is one block above another in every outcome?
#'
#' Supported when the largest of the one-sided p values is below 1 - level; that needs
#' no correction for the number of outcomes (intersection-union).
#'
#' @inheritParams compare_shares
#' @param level confidence of the claim.
#' @return An object of class \code{steelyard_in_all}, a list: \code{answer}
#'   (\code{"supported"} or \code{"undecided"}), \code{first}, \code{second},
#'   \code{metric}, \code{level}, \code{p.value} (the largest) and \code{outcomes}, a data
#'   frame of each outcome's difference and one-sided test. It prints as one sentence.
#' @section Errors:
#' \code{steelyard_error_invalid}: an unknown block, a result without standard errors.
#' @references
#' Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance
#' sampling. \emph{Technometrics} 24, 295-300. \doi{10.1080/00401706.1982.10487790}
#' @examples
#' s <- shares(swiss, c("Fertility", "Examination"), c("Education", "Catholic", "Agriculture"))
#' above_in_all(s, "Education", "Agriculture")
#' @export
above_in_all <- function(s, first, second, metric = "share", level = 0.95) {
  check_shares(s)
  metric <- choice("metric", metric, metric_names)
  level <- check_level(level)
  values <- vapply(unname(s$parts), function(part) {
    pair <- pair_of(part, rows_of_pair(part, first, second), match(metric, metric_names))
    found <- settle(.Call(C_difference, pair$estimate, pair$covariance, part$summary$df, level))
    test <- settle(.Call(C_above_bound, 0L, FALSE, found[1L], found[2L], found[4L], 0))
    c(found[1:2], test[1L], found[4L], test[2L])
  }, double(5L))
  values <- blank(values)
  outcomes <- frame(c(list(outcome = s$outcomes), structure(lapply(1:5, function(i) values[i, ]), names = compared[1:5])))
  largest <- if (anyNA(outcomes$p.value)) NA_real_ else max(outcomes$p.value)
  structure(class = c("steelyard_in_all", "steelyard_result"), list(
    answer = if (isTRUE(largest < 1 - level)) "supported" else "undecided", first = first, second = second,
    metric = metric, level = level, p.value = largest, outcomes = outcomes))
}

document_of.steelyard_in_all <- function(x, whole = FALSE) {
  whom <- if (nrow(x$outcomes) == 1L) x$outcomes$outcome else sprintf("each of %d outcomes", nrow(x$outcomes))
  sprintf("Claim: the %s of %s is above that of %s, in %s: %s. Largest one-sided p %s (%s %%).",
          gsub("_", " ", x$metric, fixed = TRUE), x$first, x$second, whom, x$answer, p_text(x$p.value),
          percent_of(x$level))
}
