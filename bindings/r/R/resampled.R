# Summaries of the leave-one-out or influence values of any statistic.
# SPDX-License-Identifier: GPL-3.0-only

#' Summaries of leave-one-out and of influence values
#'
#' Bias, standard error and acceleration of any statistic from its values without
#' each unit in turn, or from the units' influence values.
#'
#' @param left_out the statistic without each unit in turn.
#' @param estimate the statistic of all units.
#' @param influence the influence of each unit on the statistic; they sum to zero.
#' @return A named vector: \code{bias}, (n - 1) (mean - estimate) (not from influence
#'   values); \code{std.error}, the root of (n - 1) / n times the squares about the
#'   mean, or of the squared influence values over n squared; \code{acceleration},
#'   sum L^3 / (6 (sum L^2)^1.5) with L = mean - left_out or the influence values,
#'   which BCa limits take.
#' @section Errors:
#' \code{steelyard_error_invalid}: fewer than two values, no numbers.
#' @references
#' Efron, B. and Tibshirani, R. J. (1993). \emph{An Introduction to the Bootstrap},
#' ch. 11 and 14. Chapman and Hall.
#'
#' Efron, B. (1987). Better bootstrap confidence intervals. \emph{Journal of the
#' American Statistical Association} 82, 171-185. \doi{10.1080/01621459.1987.10478410}
#' @examples
#' x <- c(2, 4, 9)
#' jackknife_summary((sum(x) - x) / 2, mean(x))
#' influence_summary(x - mean(x))
#' @export
jackknife_summary <- function(left_out, estimate) {
  values <- settle(.Call(C_resampled, line_of_numbers("left_out", left_out), number("estimate", estimate)))
  structure(values, names = c("bias", "std.error", "acceleration"))
}

#' @rdname jackknife_summary
#' @export
influence_summary <- function(influence) {
  values <- settle(.Call(C_resampled, line_of_numbers("influence", influence), NULL))
  structure(values[2:3], names = c("std.error", "acceleration"))
}

line_of_numbers <- function(argument, values) {
  if (!is.numeric(values)) invalid("%s: numbers are needed", argument)
  as.double(values)
}
