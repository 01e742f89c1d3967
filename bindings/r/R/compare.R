# Limits at another level, differences of shares one by one or as a family.
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
#' @section Errors:
#' \code{steelyard_error_invalid}: a result without standard errors, a level outside 0
#' to 1, no such block.
#' @references
#' MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023). Fast and reliable
#' jackknife and bootstrap methods for cluster-robust inference. \emph{Journal of
#' Applied Econometrics} 38, 671-694. \doi{10.1002/jae.2969}
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
#' @param adjust for testing all outcomes (\code{compare_all_shares}: all pairs in
#'   all outcomes): \code{"bonferroni"}, \code{"holm"}, \code{"bh"} by the p values
#'   alone, or stepped down by the joint law of the statistics, which takes account of
#'   how they hang together: \code{"romano-wolf"}, \code{"westfall-young"}.
#' @param replicates,seed of the signs that are drawn for the joint law, 100 or more.
#' @return A data frame of class \code{steelyard_comparison} with one row an outcome: \code{outcome}, \code{first},
#'   \code{second}, \code{metric}, \code{estimate}, \code{std.error},
#'   \code{statistic}, \code{df}, \code{p.value}, \code{conf.low},
#'   \code{conf.high}; points of all outcome variance. By bootstrap
#'   \code{statistic}, \code{df} and \code{p.value} are missing. With
#'   \code{interval = "bayes"} also \code{probability}: that the first is above the
#'   second. With \code{adjust} also \code{adj.p.value}. \code{compare_all_shares}: one row
#'   a pair of blocks and outcome.
#' @section Errors:
#' \code{steelyard_error_invalid}: an unknown block, a result without standard errors;
#' for the joint law a result with neither clusters nor rows to leave out, and for
#' \code{"westfall-young"} under 11 of them (2^10 patterns of signs).
#' @references
#' MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023). Cluster-robust
#' inference: a guide to empirical practice. \emph{Journal of Econometrics} 232,
#' 272-299. \doi{10.1016/j.jeconom.2022.04.001}
#'
#' Romano, J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for
#' multiple hypothesis testing. \emph{Journal of the American Statistical Association}
#' 100, 94-108. \doi{10.1198/016214504000000539}
#'
#' Westfall, P. H. and Young, S. S. (1993). \emph{Resampling-Based Multiple Testing}.
#' Wiley.
#' @seealso \code{\link{ratio_shares}}, \code{\link{above_in_all}}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' compare_shares(s, "Education", "Catholic")
#' two <- shares(swiss, c("Fertility", "Examination"), c("Education", "Catholic", "Agriculture"))
#' compare_shares(two, "Education", "Agriculture", adjust = "romano-wolf")
#' compare_all_shares(two)
#' @export
compare_shares <- function(s, first, second, metric = "share", level = NULL, adjust = NULL, replicates = 2000,
                           seed = 1) {
  check_shares(s)
  metric <- choice("metric", metric, metric_names)
  if (!is.null(adjust)) choice("adjust", adjust, adjust_methods)
  family <- check_family(replicates, seed)
  pairs <- list(c(first, second))
  level <- shares_level(s, level)
  out <- compare_pairs(s, pairs, metric, level)
  if (all(vapply(s$parts, interval_of, "") == "bayes"))
    out$probability <- vapply(unname(s$parts), above_of, 0, first, second, match(metric, metric_names))
  if (!is.null(adjust)) out$adj.p.value <- adjust_pairs(s, out, pairs, metric, adjust, family)
  comparison(out, s, "difference", level, adjust)
}

#' @rdname compare_shares
#' @export
compare_all_shares <- function(s, metric = "share", adjust = "holm", level = NULL, replicates = 2000, seed = 1) {
  check_shares(s)
  metric <- choice("metric", metric, metric_names)
  choice("adjust", adjust, adjust_methods)
  family <- check_family(replicates, seed)
  names <- s$parts[[1L]]$block
  if (length(names) < 2L) invalid("blocks: there is one only; a difference needs two")
  pairs <- unlist(lapply(seq_along(names)[-1L], function(i) lapply(names[i:length(names)], c, names[i - 1L])),
                  recursive = FALSE)
  pairs <- lapply(pairs, rev)
  level <- shares_level(s, level)
  out <- compare_pairs(s, pairs, metric, level)
  out$adj.p.value <- adjust_pairs(s, out, pairs, metric, adjust, family)
  comparison(out, s, "difference", level, adjust)
}

shares_level <- function(s, level) if (is.null(level)) s$provenance$level else number("level", level)

# The seven numbers of each pair as columns of a data frame.
pairs_table <- function(outcomes, pairs, metric, values) {
  values <- blank(values)
  columns <- lapply(seq_along(compared), function(i) values[i, ])
  frame(c(list(outcome = rep(outcomes, each = length(pairs)),
               first = rep(vapply(pairs, `[`, "", 1L), length(outcomes)),
               second = rep(vapply(pairs, `[`, "", 2L), length(outcomes)),
               metric = rep(metric, length(outcomes) * length(pairs))), structure(columns, names = compared)))
}

# One row an outcome and pair of names.
compare_pairs <- function(s, pairs, metric, level) {
  values <- lapply(unname(s$parts), function(part)
    lapply(pairs, function(pair) compare_part(part, pair[1L], pair[2L], match(metric, metric_names), level)))
  pairs_table(s$outcomes, pairs, metric, matrix(unlist(values), nrow = length(compared)))
}

# Over all rows of the table, which are one family.
adjust_pairs <- function(s, table, pairs, metric, method, family) {
  if (method %in% names(by_rule)) {
    if (any(vapply(s$parts, is_resampled, NA)))
      invalid(paste0("adjust: \"%s\" needs p values, and limits by percentiles have none; use \"romano-wolf\", or ask ",
                     "shares() for interval = \"jackknife\""), method)
    return(blank(adjust_by_rule(method, table$p.value)))
  }
  need_units(s$parts, "adjust")
  joint <- join_shares(s)
  at <- unlist(lapply(seq_along(s$parts), function(ask) lapply(pairs, function(pair)
    place_in(joint, ask, rows_of_pair(s$parts[[ask]], pair[1L], pair[2L]), match(metric, metric_names)))))
  at <- matrix(at, nrow = 2L)
  blank(step_down(method, contrasts_of(joint, at[1L, ], at[2L, ], 0.95, FALSE), family, threads_of(s)))
}

rows_of_pair <- function(part, first, second) {
  known <- row_names_of(part)
  c(place("first", first, known), place("second", second, known))
}

# Estimates of two rows and their covariance.
pair_of <- function(part, rows, metric) {
  need_limits(part)
  size <- length(row_names_of(part))
  start <- (metric - 1) * size^2
  list(estimate = part$estimate[(rows - 1) * length(metric_names) + metric],
       covariance = part$covariance[start + c((rows[1L] - 1) * size + rows, (rows[2L] - 1) * size + rows)])
}

above_of <- function(part, first, second, metric) {
  known <- row_names_of(part)
  settle(.Call(C_above, replicates_of(part, place("first", first, known), metric),
               replicates_of(part, place("second", second, known), metric)))
}

compare_part <- function(part, first, second, metric, level) {
  rows <- rows_of_pair(part, first, second)
  pair <- pair_of(part, rows, metric)
  if (!is_resampled(part)) return(settle(.Call(C_difference, pair$estimate, pair$covariance, part$summary$df, level)))
  drawn <- replicates_of(part, rows[1L], metric) - replicates_of(part, rows[2L], metric)
  plain <- settle(.Call(C_difference, pair$estimate, pair$covariance, Inf, level))
  c(plain[1:2], NaN, NaN, NaN, percentile_limits(part, drawn, level))
}
