# Differences of shares, limits at another level, claims.
# SPDX-License-Identifier: GPL-3.0-only

row_names_of <- function(part) c(part$block, part$term)

need_limits <- function(part) {
  if (interval_of(part) == "none")
    invalid("interval: this result has no standard errors; ask shares() for an interval")
}

check_shares <- function(s) {
  if (!inherits(s, "steelyard_shares")) invalid("s: a result of shares() is needed, found %s", class(s)[1L])
}

# The kept replicates of one row's metric.
replicates_of <- function(part, row, metric) {
  rows <- length(part$block) + length(part$term)
  kept <- part$summary$replicates
  part$replicates[(seq_len(kept) - 1) * rows * length(metric_names) + (row - 1) * length(metric_names) + metric]
}

percentile_limits <- function(part, values, level) {
  settle(.Call(C_percentile, values, level, interval_of(part) == "expanded", part$summary$units))
}

# Two-sided limits of some rows' metric: a matrix [rows, 2].
limits_of <- function(part, rows, metric, level) {
  at <- (rows - 1) * length(metric_names) + metric
  if (is_resampled(part))
    return(t(vapply(rows, function(row) percentile_limits(part, replicates_of(part, row, metric), level), c(0, 0))))
  settle(.Call(C_limits, metric, interval_of(part) == "normal", part$estimate[at], part$std_error_scaled[at],
               part$summary$df, level))
}

# The same for people to read: the kinds that rest on more than percentiles have
# limits at the level they were asked at.
shown_limits <- function(part, rows, metric, level, made_at) {
  if (!interval_of(part) %in% c("basic", "bca", "studentised")) return(limits_of(part, rows, metric, level))
  if (level != made_at)
    invalid("level: limits of interval = \"%s\" were made at level %.6g; ask shares() for another", interval_of(part),
            made_at)
  at <- (rows - 1) * length(metric_names) + metric
  cbind(part$low[at], part$high[at])
}

#' Limits of shares at any level
#'
#' @param object a result of \code{\link{shares}}.
#' @param parm names of blocks or terms; all blocks by default.
#' @param level of the limits, two-sided; by default that of the result.
#' @param metric which column: \code{"share"}, \code{"alone"}, \code{"unique"},
#'   \code{"adjusted"} and so on.
#' @param ... ignored.
#' @return A matrix with one row a block or term and two columns (with several
#'   outcomes the rows are named \code{outcome:block}).
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic"))
#' confint(s, level = 0.9)
#' @export
confint.steelyard_shares <- function(object, parm = NULL, level = NULL, metric = "share", ...) {
  level <- if (is.null(level)) object$provenance$level else number("level", level)
  metric <- match(choice("metric", metric, metric_names), metric_names)
  pieces <- lapply(object$parts, function(part) {
    need_limits(part)
    rows <- if (is.null(parm)) seq_along(part$block)
            else vapply(parm, function(name) place("parm", name, row_names_of(part)), 1L)
    out <- shown_limits(part, rows, metric, level, object$provenance$level)
    rownames(out) <- paste0(if (length(object$parts) > 1L) paste0(part$outcome, ":"), row_names_of(part)[rows])
    out
  })
  out <- do.call(rbind, unname(pieces))
  colnames(out) <- paste(format(100 * c((1 - level) / 2, (1 + level) / 2), trim = TRUE, digits = 3), "%")
  blank(out)
}

#' The difference of two shares
#'
#' First less second, with the standard error from their joint covariance; t
#' limits on the plain scale, or percentiles of the paired differences where the
#' result was made by bootstrap.
#'
#' @param s a result of \code{\link{shares}} with an interval.
#' @param first,second names of blocks (or terms).
#' @param metric what to compare: \code{"share"}, \code{"alone"}, \code{"unique"},
#'   \code{"adjusted"} and so on.
#' @param level of the limits; by default that of the result.
#' @return A data frame with one row an outcome: \code{outcome}, \code{first},
#'   \code{second}, \code{metric}, \code{estimate}, \code{std.error},
#'   \code{statistic}, \code{df}, \code{p.value}, \code{conf.low},
#'   \code{conf.high}; points of all outcome variance. By bootstrap
#'   \code{statistic}, \code{df} and \code{p.value} are missing. With
#'   \code{interval = "bayes"} also \code{probability}: that the first is above the
#'   second.
#' @references
#' MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023). Cluster-robust
#' inference: a guide to empirical practice. \emph{Journal of Econometrics} 232,
#' 272-299. \doi{10.1016/j.jeconom.2022.04.001}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' compare_shares(s, "Education", "Catholic")
#' @export
compare_shares <- function(s, first, second, metric = "share", level = NULL) {
  check_shares(s)
  level <- if (is.null(level)) s$provenance$level else number("level", level)
  metric <- choice("metric", metric, metric_names)
  pieces <- lapply(unname(s$parts), compare_part, first, second, match(metric, metric_names), level)
  values <- blank(matrix(unlist(pieces), nrow = 7L))
  column <- function(i) values[i, ]
  above <- if (all(vapply(s$parts, interval_of, "") == "bayes"))
    list(probability = vapply(unname(s$parts), above_of, 0, first, second, match(metric, metric_names)))
  frame(c(list(outcome = s$outcomes, first = rep(first, length(pieces)), second = rep(second, length(pieces)),
             metric = rep(metric, length(pieces)), estimate = column(1L), std.error = column(2L),
             statistic = column(3L), df = column(4L), p.value = column(5L), conf.low = column(6L),
             conf.high = column(7L)), above))
}

above_of <- function(part, first, second, metric) {
  known <- row_names_of(part)
  settle(.Call(C_above, replicates_of(part, place("first", first, known), metric),
               replicates_of(part, place("second", second, known), metric)))
}

compare_part <- function(part, first, second, metric, level) {
  need_limits(part)
  known <- row_names_of(part)
  rows <- c(place("first", first, known), place("second", second, known))
  size <- length(known)
  estimate <- part$estimate[(rows - 1) * length(metric_names) + metric]
  start <- (metric - 1) * size^2
  covariance <- part$covariance[start + c((rows[1L] - 1) * size + rows, (rows[2L] - 1) * size + rows)]
  if (!is_resampled(part)) return(settle(.Call(C_difference, estimate, covariance, part$summary$df, level)))
  drawn <- replicates_of(part, rows[1L], metric) - replicates_of(part, rows[2L], metric)
  plain <- settle(.Call(C_difference, estimate, covariance, Inf, level))
  c(plain[1:2], NaN, NaN, NaN, percentile_limits(part, drawn, level))
}

#' Is a share at most so large?
#'
#' Answers a claim such as "funding explains at most 7 per cent of the variance":
#' supported when the upper one-sided limit is below the bound, contradicted when
#' the lower one is above it, else undecided. With several outcomes the claim is
#' about the largest: the upper limit is the largest of the outcomes'
#' (intersection-union), the lower one the largest at a level corrected for their
#' number.
#'
#' @param s a result of \code{\link{shares}} with an interval.
#' @param block the name of a block (or term).
#' @param bound the claim's bound, a part of 1.
#' @param metric must be said: \code{"share"}, \code{"alone"}, \code{"unique"} or
#'   \code{"adjusted"}; published claims rarely say which.
#' @param of \code{"all variance"}, or \code{"explained variance"} (with
#'   \code{metric = "share"}): the share as a part of the total.
#' @param level one-sided.
#' @return An object of class \code{steelyard_at_most}, a list: \code{answer}
#'   (\code{"supported"}, \code{"contradicted"} or \code{"undecided"}),
#'   \code{block}, \code{metric}, \code{of}, \code{bound}, \code{level},
#'   \code{upper}, \code{lower} and \code{outcomes}, a data frame with each
#'   outcome's estimate and one-sided limits. It prints as one sentence.
#' @references
#' Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance
#' sampling. \emph{Technometrics} 24, 295-300. \doi{10.1080/00401706.1982.10487790}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' at_most(s, "Agriculture", 0.2, metric = "share")
#' @export
at_most <- function(s, block, bound, metric = NULL, of = "all variance", level = 0.95) {
  check_shares(s)
  claims <- c("share", "alone", "unique", "adjusted")
  if (length(metric) != 1L || !metric %in% claims)
    invalid("metric: say which: \"share\", \"alone\", \"unique\" or \"adjusted\"")
  of <- choice("of", of, c("all variance", "explained variance"))
  explained <- of == "explained variance"
  if (explained && metric != "share") invalid("of: \"explained variance\" goes with metric = \"share\" only")
  bound <- number("bound", bound)
  level <- number("level", level)
  column <- if (explained) 2L else match(metric, metric_names)
  rows <- vapply(s$parts, function(part) {
    need_limits(part)
    place("block", block, row_names_of(part))
  }, 1L)
  unit <- if (explained) 100 else 1
  resampled <- is_resampled(s$parts[[1L]])
  judge <- function(parts, rows)
    (if (resampled) claim_by_replicates else claim_by_error)(parts, rows, column, unit, bound, level)
  whole <- judge(s$parts, rows)
  each <- Map(function(part, row) judge(list(part), row), s$parts, rows)
  structure(class = "steelyard_at_most", list(
    answer = answer_word(whole[1L]), block = block, metric = metric, of = of, bound = bound, level = level,
    upper = whole[2L], lower = whole[3L],
    outcomes = frame(list(outcome = s$outcomes, estimate = estimates_of(s$parts, rows, column) / unit,
                          upper = unname(vapply(each, `[`, 0, 2L)), lower = unname(vapply(each, `[`, 0, 3L))))))
}

answer_word <- function(code) c("contradicted", "undecided", "supported")[code + 2]

estimates_of <- function(parts, rows, metric, table = "estimate") {
  unname(mapply(function(part, row) part[[table]][(row - 1) * length(metric_names) + metric], parts, rows))
}

claim_by_error <- function(parts, rows, metric, unit, bound, level) {
  value <- estimates_of(parts, rows, metric) / unit
  error <- estimates_of(parts, rows, metric, "std_error_scaled") / unit
  df <- unname(vapply(parts, function(part) part$summary$df, 0))
  settle(.Call(C_at_most, metric, interval_of(parts[[1L]]) == "normal", value, error, df, bound, level))
}

claim_by_replicates <- function(parts, rows, metric, unit, bound, level) {
  largest <- function(level, side)
    max(mapply(function(part, row) limits_of(part, row, metric, level)[1L, side], parts, rows)) / unit
  upper <- largest(2 * level - 1, 2L)
  lower <- largest(1 - 2 * (1 - level) / length(parts), 1L)
  c(if (upper < bound) 1 else if (lower > bound) -1 else 0, upper, lower)
}
