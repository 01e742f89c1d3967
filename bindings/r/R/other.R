# The older metrics of single predictors.
# SPDX-License-Identifier: GPL-3.0-only

other_names <- c("first", "last", "beta_squared", "pratt", "relative_weight", "genizi", "car", "independent", "joint")

#' Older metrics of the same predictors
#'
#' For comparison with published tables: none has an interval here. Every term
#' must be one column (numbers, or a factor of two levels).
#'
#' @details
#' Relative weights are given because many tables were published with them; their
#' derivation is flawed and they can distort what general dominance, which is the
#' share of a single term, says (Thomas and others 2014); the print says so.
#'
#' With adjusting terms the predictors are what those leave of them, and the sums
#' are R2 beyond the adjusting terms.
#'
#' @param s a result of \code{\link{shares}}.
#' @return A data frame of class \code{steelyard_other_metrics}, one row a term:
#'   \code{term}, \code{block}, \code{first} (R2 alone), \code{last} (what R2 loses
#'   without the term), \code{beta_squared} (squared standardised coefficient),
#'   \code{pratt} (coefficient times correlation; may be negative),
#'   \code{relative_weight} (Johnson 2000), \code{genizi} (Genizi 1993, the same
#'   number), \code{car} (squared correlation-adjusted correlation; Zuber and
#'   Strimmer 2011), \code{independent} and \code{joint} (hierarchical partitioning: the
#'   average increment over all orders of the single terms, and R2 alone less that;
#'   Chevan and Sutherland 1991; missing past 30 terms); \code{outcome} first when there
#'   are several. All in points of all outcome variance; \code{pratt},
#'   \code{relative_weight}, \code{genizi}, \code{car} and \code{independent} sum to the
#'   total.
#' @section Errors:
#' \code{steelyard_error_invalid}: a term of several columns.
#' \code{steelyard_error_data}: a term that is constant or follows from the others.
#' @references
#' Chevan, A. and Sutherland, M. (1991). Hierarchical partitioning. \emph{The American
#' Statistician} 45, 90-96. \doi{10.1080/00031305.1991.10475776}
#'
#' Darlington, R. B. (1968). Multiple regression in psychological research and
#' practice. \emph{Psychological Bulletin} 69, 161-182. \doi{10.1037/h0025471}
#'
#' Genizi, A. (1993). Decomposition of R2 in multiple regression with correlated
#' regressors. \emph{Statistica Sinica} 3, 407-420.
#'
#' Johnson, J. W. (2000). A heuristic method for estimating the relative weight of
#' predictor variables in multiple regression. \emph{Multivariate Behavioral
#' Research} 35, 1-19. \doi{10.1207/S15327906MBR3501_1}
#'
#' Pratt, J. W. (1987). Dividing the indivisible: using simple symmetry to
#' partition variance explained. In \emph{Proceedings of the Second International
#' Tampere Conference in Statistics}, 245-260.
#'
#' Thomas, D. R., Zumbo, B. D., Kwan, E. and Schweitzer, L. (2014). On Johnson's
#' (2000) relative weights method for assessing variable importance: a reanalysis.
#' \emph{Multivariate Behavioral Research} 49, 329-338.
#' \doi{10.1080/00273171.2014.905766}
#'
#' Zuber, V. and Strimmer, K. (2011). High-dimensional regression and variable
#' selection using CAR scores. \emph{Statistical Applications in Genetics and
#' Molecular Biology} 10, 34. \doi{10.2202/1544-6115.1730}
#' @seealso \code{\link{shares}}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' other_metrics(s)
#' @export
other_metrics <- function(s) {
  check_shares(s)
  out <- stack_frames(lapply(s$parts, function(part) {
    values <- settle(.Call(C_relative_weights, blob_of(s, part, "other_metrics"), part$asked))
    columns <- lapply(seq_along(other_names), function(i) values[i, ])
    frame(c(list(term = part$term, block = part$of), structure(columns, names = other_names)))
  }), length(s$parts) > 1L)
  told_table(out, other_lines(out), class = "other_metrics")
}

other_caution <- paste(
  "Relative weights (Genizi's are the same) are for comparison only: their derivation is flawed and they can",
  "distort what shares say (Thomas, Zumbo, Kwan & Schweitzer 2014, doi:10.1080/00273171.2014.905766).")

other_lines <- function(x) {
  cells <- Map(function(column) if (is.character(column)) column else digits4(column), unclass(x))
  words <- names(cells) %in% c("outcome", "term", "block")
  names(cells)[!words] <- gsub("_", " ", names(cells)[!words], fixed = TRUE)
  c("Other metrics, in points of all outcome variance:", "", tabled(cells, sum(words), "Other metrics, points of all outcome variance"), "", caution(other_caution))
}
