# Printed totals and counts: costs a user of two groups, indicators that passed beside chance.
# SPDX-License-Identifier: GPL-3.0-only

#' Costs a user of two groups
#'
#' Costs a user, their ratio, and how it hangs on whom one counts.
#'
#' @details
#' Users in the year and users on one day give other ratios where one group comes and goes more than the
#' other; the range over denominators used alike for both groups is what the print bears.
#'
#' @param costs total costs of two groups, by name; the ratio is of the first to the second.
#' @param users numbers of users by group; or, counted in several ways, a list of such, by the name of
#'   the denominator.
#' @param claimed a total said to be saved: how many users the gap would need for it.
#' @param x the result.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_unit_values}: \code{values} (\code{denominator}, \code{group},
#'   \code{cost}, \code{users}, \code{value}), \code{ratios} (\code{first}, \code{second}: the denominators of
#'   the two groups, \code{ratio}, \code{gap}, \code{alike}), \code{ratio} and \code{gap} by the first
#'   denominator, \code{range} (one denominator for both groups) and \code{range_any} (over all pairs) of the
#'   ratio, \code{claimed_users}, \code{text}. \code{as.data.frame} gives the values.
#' @section Errors:
#' \code{steelyard_error_invalid}: other than two groups, a group that is missing, a total that is not
#' above 0.
#' @references
#' Slasberg, C., \emph{Community Care}, 6 October 2011, whose quotients are the ones
#' published.
#' @examples
#' unit_values(c(`direct payment` = 992849000, managed = 5.2e9),
#'             list(`in the year` = c(`direct payment` = 135245, managed = 1337000),
#'                  `on one day` = c(`direct payment` = 114090, managed = 980000)))
#' @export
unit_values <- function(costs, users, claimed = NULL) {
  costs <- unlist(costs)
  names <- names(costs)
  if (!is.numeric(costs) || length(costs) != 2L || is.null(names))
    invalid("costs: two totals named by their groups are needed")
  costs <- totals_of("costs", costs, names)
  several <- if (is.list(users) && any(lengths(users) > 1L)) users else list(users = unlist(users))
  if (!length(users)) invalid("users: numbers of users named by group, or a list of such, are needed")
  counts <- vapply(several, function(given) totals_of("users", unlist(given), names), double(2L))
  made <- settle(.Call(C_unit_values, names, costs, names(several), as.double(counts),
                       if (is.null(claimed)) NaN else number("claimed", claimed)))
  n <- length(several)
  labels <- names(several)
  s <- made$summary
  structure(class = c("steelyard_unit_values", "steelyard_result"), list(
    values = frame(list(denominator = rep(labels, each = 2L), group = rep(names, n), cost = rep(unname(costs), n),
                        users = as.double(counts), value = made$value)),
    ratios = frame(list(first = rep(labels, each = n), second = rep(labels, n), ratio = made$ratio, gap = made$gap,
                        alike = as.vector(diag(n)) == 1)),
    ratio = s[1L], gap = s[2L], range = s[3:4], range_any = s[5:6], claimed_users = blank(s[7L]), text = made$text))
}

totals_of <- function(argument, given, names) {
  if (!is.numeric(given) || is.null(names(given))) invalid("%s: totals named by group are needed", argument)
  for (name in names(given)) if (!name %in% names) place(argument, name, names)
  for (name in names) if (!name %in% names(given)) invalid("%s: %s is missing", argument, name)
  as.double(given[names])
}

#' @rdname unit_values
#' @export
as.data.frame.steelyard_unit_values <- function(x, row.names = NULL, optional = FALSE, ...) x$values

document_of.steelyard_unit_values <- function(x, whole = FALSE) {
  v <- x$values
  c(tabled(list(denominator = v$denominator, group = v$group, cost = sprintf("%.10g", v$cost),
                     users = sprintf("%.10g", v$users), value = sprintf("%.2f", v$value)), 2L,
           "Costs a user"), "", x$text)
}

#' Counts of indicators beside chance
#'
#' How many of a number of indicators passed: limits, and what chance gives.
#'
#' @details
#' Indicators answered by the same people move together, and prints seldom tell how much. Over all
#' dependence P(X >= k) is at most m chance / k, which some dependence reaches. The trend is exact given
#' the total (Cochran-Armitage), for independent indicators; dependence makes it less certain.
#'
#' @param counts indicators that passed; names become labels.
#' @param of indicators there were: one number, or one a count.
#' @param chance probability that one indicator passes by chance, such as .05 for a test at 5 \%; without
#'   it only limits are told.
#' @param level of the limits.
#' @param correlation between indicators, for the limits: m of them are worth m / (1 + (m - 1)
#'   correlation).
#' @param trend whether the counts are in an order that may have a trend.
#' @return A data frame of class \code{steelyard_table}, one row a count: \code{label} where there are
#'   names, \code{count}, \code{of}, \code{share}, \code{conf.low}, \code{conf.high} (Clopper and Pearson),
#'   \code{worst_low}, \code{worst_high} (all move together: one indicator's worth), \code{expected},
#'   \code{p_independent} (this many or more if the indicators are independent), \code{p_worst} (the most
#'   it can be, however they move together). Attribute \code{trend}: \code{statistic} and exact
#'   \code{p.value}.
#' @section Errors:
#' \code{steelyard_error_invalid}: counts outside 0 to \code{of}, parts outside 0 to 1.
#' \code{steelyard_error_limit}: a trend over too many indicators to be enumerated.
#' @references
#' Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the
#' case of the binomial. \emph{Biometrika} 26, 404-413. \doi{10.1093/biomet/26.4.404}
#'
#' Armitage, P. (1955). Tests for linear trends in proportions and frequencies. \emph{Biometrics} 11,
#' 375-386. \doi{10.2307/3001775}
#' @examples
#' counts_by_chance(c(budget = 1, `help to plan` = 7, views = 5), of = 14, chance = 0.05)
#' attr(counts_by_chance(c(6, 9, 11), of = c(9, 14, 15), trend = TRUE), "trend")
#' @export
counts_by_chance <- function(counts, of, chance = NULL, level = 0.95, correlation = 0, trend = FALSE) {
  labels <- names(counts)
  counts <- line_of_numbers("counts", unlist(counts))
  of <- line_of_numbers("of", unlist(of))
  if (length(of) == 1L) of <- rep(of, length(counts))
  if (length(of) != length(counts)) invalid("of: %d numbers were given for %d counts", length(of), length(counts))
  level <- number("level", level)
  made <- settle(.Call(C_counts, counts, of, as.double(c(optional_number("chance", chance), level,
                                                         number("correlation", correlation), truth("trend", trend)))))
  names <- c("share", "conf.low", "conf.high", "worst_low", "worst_high", "expected", "p_independent", "p_worst")
  rows <- structure(lapply(seq_along(names), function(j) blank(made$rows[, j])), names = names)
  columns <- frame(c(if (!is.null(labels)) list(label = labels), list(count = as.integer(counts), of = as.integer(of)), rows))
  out <- told_table(columns, c(tabled(count_cells(columns, names), length(labels) > 0L, "Counts beside chance"), "",
                               sprintf("Limits: %s %%.", percent_of(level)), made$text))
  if (isTRUE(trend)) attr(out, "trend") <- c(statistic = made$trend[1L], p.value = made$trend[2L])
  out
}

count_cells <- function(columns, names) {
  headers <- c("share", "low", "high", "worst low", "worst high", "expected", "p independent", "p at most")
  keep <- !vapply(columns[names], function(column) all(is.na(column)), NA)
  texts <- lapply(names[keep], function(name) if (startsWith(name, "p_")) p_text(columns[[name]]) else r2_text(columns[[name]]))
  c(if (!is.null(columns$label)) list(label = columns$label),
    list(count = as.character(columns$count), of = as.character(columns$of)), structure(texts, names = headers[keep]))
}
