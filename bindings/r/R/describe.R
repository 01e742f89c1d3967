# SPDX-License-Identifier: GPL-3.0-only

#' One column at a time: count, mean, spread, range, autocorrelation
#'
#' @inheritParams moments
#' @param lags how many lags of autocorrelation to give (0 for none), of the
#'   values present in the order of the rows.
#' @return A data frame with one row a column (a factor has one a level):
#'   \code{term}, \code{level}, \code{n} (values present), \code{missing},
#'   \code{mean}, \code{sd} (denominator n - 1), \code{lowest}, \code{median}
#'   (type 7 of \code{\link[stats]{quantile}}), \code{highest}, all in the column's
#'   units, and \code{autocorrelation_1} and so on. Rows missing in one term count in
#'   the others.
#' @section Errors:
#' \code{steelyard_error_invalid}: no such column (the nearest name is told), a column
#' of text, a lag under 0.
#' @references
#' Hyndman, R. J. and Fan, Y. (1996). Sample quantiles in statistical packages.
#' \emph{The American Statistician} 50, 361-365. \doi{10.2307/2684934}
#'
#' Chan, T. F., Golub, G. H. and LeVeque, R. J. (1983). Algorithms for computing the
#' sample variance. \emph{The American Statistician} 37, 242-247.
#' \doi{10.1080/00031305.1983.10483115}
#' @examples
#' describe(swiss, ~ Fertility + Education)
#' describe(iris, ~ Sepal.Length + Species, lags = 0)
#' @export
describe <- function(data, terms, lags = 1, threads = NULL) {
  check_frame(data)
  lags <- as.integer(whole("lags", lags, 0L, max(rows_of(data), 1)))
  read <- tag(read_terms(terms, "terms", names(data), parent.frame()), "terms")
  if (!length(read)) invalid("terms: at least one term is needed")
  design <- make_design(data, read)
  count <- settle(.Call(C_describe_columns, design))
  progress <- progress_teller("describe")
  on.exit(progress$finish())
  found <- settle(.Call(C_describe, design, sum(count), lags, check_threads(threads), progress$tell))
  values <- found$values
  out <- c(list(term = rep(vapply(design[[3L]], `[[`, "", 1L), count), level = cell_levels(design)),
           lapply(structure(seq_len(7L), names = c("n", "missing", "mean", "sd", "lowest", "median", "highest")),
                  function(i) values[i, ]),
           lapply(structure(seq_len(lags), names = paste0("autocorrelation_", seq_len(lags))[seq_len(lags)]),
                  function(i) found$autocorrelation[i, ]))
  frame(lapply(out, function(x) replace(x, is.nan(x), NA)))
}

# The level behind each design column: "" for numbers, "a:b" for a cell; the
# first factor's levels run fastest.
cell_levels <- function(design) {
  columns <- design[[2L]]
  unlist(lapply(design[[3L]], function(term) {
    levels <- Filter(Negate(is.null), lapply(columns[term[[2L]]], `[[`, 3L))
    if (!length(levels)) return("")
    Reduce(function(a, b) paste(a, rep(b, each = length(a)), sep = ":"), levels)
  }))
}
