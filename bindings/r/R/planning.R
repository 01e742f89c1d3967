# How large a sample shows a difference of shares, and what this one would show.
# SPDX-License-Identifier: GPL-3.0-only

#' How many units would show a difference of shares
#'
#' \code{units_needed}: how many clusters, or rows where there are none, would show a
#' difference between two blocks with a given power; \code{power_of_difference}: the power
#' of so many.
#'
#' @details
#' The pilot is the result: its standard error falls as the root of the number of
#' clusters or rows, and the power is that of non-central t. For a guess, ask it of
#' \code{\link{moments_from_correlation}}. A difference picked for being large in the
#' pilot is too large on average.
#'
#' @inheritParams compare_shares
#' @param power probability that the two-sided test shows the difference.
#' @param difference points of variance; by default the one found in each outcome.
#' @param level the test is at 1 - level; by default that of the result.
#' @param units clusters or rows; by default as many as here.
#' @return A data frame of class \code{steelyard_table}, one row an outcome:
#'   \code{outcome}, \code{first}, \code{second}, \code{metric}, \code{difference},
#'   \code{std.error}, \code{units_now}, \code{units}, \code{power}. It prints a sentence an
#'   outcome.
#' @section Errors:
#' \code{steelyard_error_invalid}: a result without standard errors, a power at or below 1 -
#' level, fewer than 2 units. \code{steelyard_error_limit}: more than 1e9 units.
#' @references
#' Cohen, J. (1988). \emph{Statistical Power Analysis for the Behavioral Sciences},
#' chapter 2. Erlbaum.
#'
#' Gelman, A. and Carlin, J. (2014). Beyond power calculations: assessing type S (sign)
#' and type M (magnitude) errors. \emph{Perspectives on Psychological Science} 9, 641-651.
#' \doi{10.1177/1745691614551642}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' units_needed(s, "Education", "Catholic", difference = 0.1)
#' power_of_difference(s, "Education", "Catholic", units = 200, difference = 0.1)
#' @export
units_needed <- function(s, first, second, power = 0.8, difference = NULL, level = NULL, metric = "share") {
  power <- number("power", power)
  pilots <- pilots_of(s, first, second, difference, level, metric)
  level <- shares_level(s, level)
  pilots$units <- planned(function(numbers) .Call(C_units_needed, numbers), pilots, power, level)
  pilots$power <- rep(power, nrow(pilots))
  told_table(pilots, plan_lines(pilots, s, difference, level, sprintf(
    "about %.0f %s would show a difference of %s with %s %% power; this sample has %.0f.", pilots$units, unit_word(s),
    planned_text(pilots, difference), percent_of(power), pilots$units_now)))
}

#' @rdname units_needed
#' @export
power_of_difference <- function(s, first, second, units = NULL, difference = NULL, level = NULL, metric = "share") {
  pilots <- pilots_of(s, first, second, difference, level, metric)
  level <- shares_level(s, level)
  pilots$units <- if (is.null(units)) pilots$units_now else rep(number("units", units), nrow(pilots))
  pilots$power <- planned(function(numbers) .Call(C_power, numbers), pilots, pilots$units, level)
  told_table(pilots, plan_lines(pilots, s, difference, level, sprintf(
    "%.0f %s show a difference of %s with %.1f %% power; this sample has %.0f.", pilots$units, unit_word(s),
    planned_text(pilots, difference), 100 * pilots$power, pilots$units_now)))
}

# A difference that was found, by its error; one that was given, as it is.
planned_text <- function(pilots, given) {
  if (is.null(given)) point(pilots$difference, pilots$std.error) else sprintf("%.6g", pilots$difference)
}

planned <- function(ask, pilots, wanted, level) {
  as.double(unlist(Map(function(difference, error, now, wanted)
    settle(ask(as.double(c(difference, error, now, wanted, level)))),
    pilots$difference, pilots$std.error, pilots$units_now, wanted)))
}

# One row an outcome with its difference, standard error and units.
pilots_of <- function(s, first, second, difference, level, metric) {
  check_shares(s)
  metric <- choice("metric", metric, metric_names)
  level <- shares_level(s, level)
  if (!is.null(difference)) difference <- number("difference", difference)
  found <- vapply(unname(s$parts), function(part) {
    pair <- pair_of(part, rows_of_pair(part, first, second), match(metric, metric_names))
    settle(.Call(C_difference, pair$estimate, pair$covariance, part$summary$df, level))[1:2]
  }, double(2L))
  n <- length(s$parts)
  frame(list(outcome = unname(s$outcomes), first = rep(first, n), second = rep(second, n), metric = rep(metric, n),
             difference = if (is.null(difference)) found[1L, ] else rep(difference, n), std.error = found[2L, ],
             units_now = unname(vapply(s$parts, function(part) part$summary$units, 0))))
}

unit_word <- function(s) unit_words(s$parts[[1L]])

plan_lines <- function(pilots, s, difference, level, sentences) {
  c(sprintf("%s less %s, %s, two-sided test at %s %%:", pilots$first[1L], pilots$second[1L],
            gsub("_", " ", pilots$metric[1L], fixed = TRUE), percent_of(1 - level)),
    sprintf("%s: %s", pilots$outcome, sentences),
    if (is.null(difference))
      paste("The difference is the one found here, which is itself uncertain and tends to be too large where it was",
            "picked for its size; give difference to plan for another.")
    else sprintf("The standard error is the one found here; it falls as the root of the number of %s.", unit_word(s)))
}
