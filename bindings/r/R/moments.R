# Moments: sums and cross-products, read once from the rows.
# SPDX-License-Identifier: GPL-3.0-only

unit_names <- c("none", "cluster", "row")
precisions <- c("auto", "double", "double-double")

#' Moments: the sums from which everything else is computed
#'
#' Weighted sums and cross-products of the terms, with one set a cluster where
#' clusters are given. The rows are read once; shares, intervals and merging
#' never look at them again. Columns are read in place, whatever kind of data
#' frame holds them.
#'
#' @param data a data frame (also a tibble or data.table).
#' @param terms a one-sided formula such as \code{~ a + b + factor(g)}, or a
#'   character vector of names and formula texts. A factor is one term with all
#'   its levels; \code{I(x^2)} and \code{a:b} are formed by the core; any other
#'   call is evaluated here.
#' @param weights a column's name, a one-sided formula or a vector with one
#'   number a row.
#' @param weight_kind needed with weights: \code{"frequency"} (the row stands for
#'   that many equal rows), \code{"analytic"} (the row's variance is one over the
#'   weight, as in \code{\link[stats]{lm}}) or \code{"sampling"} (one over the chance
#'   of selection).
#' @param cluster the clusters: a column's name, a one-sided formula or a vector.
#' @param strata the strata in which clusters, or rows without clusters, were drawn:
#'   a column's name, a one-sided formula or a vector. Resampling and standard
#'   errors stay within them. A cluster lies in one stratum; without clusters one
#'   set of sums is kept for each row.
#' @param missing \code{"complete"}: rows complete over all terms, weights, clusters
#'   and strata are used, and the others counted; \code{"error"}: a missing value is
#'   an error.
#' @param precision \code{"double"}, \code{"double-double"} (31 digits; columns
#'   whose values are decimals are read as those decimals), or \code{"auto"}:
#'   double-double while rows times squared columns are below 4e7.
#' @param threads number of threads; \code{NULL}: the environment variable
#'   \code{STEELYARD_NUM_THREADS}, else 1. The bits do not depend on it.
#' @param e1,e2 moments.
#' @return An object of class \code{steelyard_moments}, a list: \code{labels} of
#'   the terms, \code{n} (rows by the weight rule), \code{rows_read},
#'   \code{rows_used}, \code{rows_dropped}, \code{missing} (rows in which each
#'   term was missing), \code{levels} (of each factor), \code{clusters} and
#'   \code{strata} (labels),
#'   \code{unit}, \code{units}, \code{weight_kind}, \code{sum_w}, \code{precision},
#'   \code{decimal} (terms read as decimals), \code{hash} (16 hex digits, the same
#'   in every language), \code{remarks} and \code{blob} (the bytes themselves). It can
#'   be kept by \code{\link{saveRDS}}. \code{m1 + m2} sums two over the same terms.
#' @section Errors:
#' \code{steelyard_error_invalid} for unknown columns (the nearest name is
#' suggested), text columns, weights without their kind;
#' \code{steelyard_error_data} for infinite values, all rows missing, a single
#' cluster, a cluster in two strata, weights that are negative, missing or (frequency) fractional;
#' \code{steelyard_error_limit} when the sums would not fit in memory.
#' @references
#' Chan, T. F., Golub, G. H. and LeVeque, R. J. (1983). Algorithms for computing
#' the sample variance. \emph{The American Statistician} 37, 242-247.
#' \doi{10.1080/00031305.1983.10483115}
#' @seealso \code{\link{shares}}, \code{\link{save_moments}},
#'   \code{\link{moments_from_correlation}}
#' @examples
#' m <- moments(swiss, ~ Fertility + Agriculture + Education + I(Education^2))
#' m
#' shares(m, "Fertility", c("Agriculture", "Education"), interval = "none")
#' @export
moments <- function(data, terms, weights = NULL, weight_kind = NULL, cluster = NULL, strata = NULL,
                    missing = "complete", precision = "auto", threads = NULL) {
  env <- parent.frame()
  if (inherits(data, "steelyard_moments")) invalid("data: moments were given already; ask shares() of them")
  check_frame(data)
  read <- tag(read_terms(terms, "terms", names(data), env), "terms")
  if (!length(read)) invalid("terms: at least one term is needed")
  missing <- choice("missing", missing, c("complete", "error"))
  design <- make_design(data, read, weights, weight_kind, cluster, missing, env, strata)
  unit <- if (!is.null(cluster)) "cluster" else if (is.null(strata)) "none" else "row"
  compute_moments(design, unit, precision, check_threads(threads))
}

compute_moments <- function(design, unit, precision, threads) {
  precision <- match(choice("precision", precision, precisions), precisions) - 1L
  progress <- progress_teller("moments")
  on.exit(progress$finish())
  made <- .Call(C_moments, design, match(unit, unit_names) - 1L, precision, threads, progress$tell)
  new_moments(settle(made))
}

new_moments <- function(made) {
  info <- settle(.Call(C_info, made$blob))
  factor <- info$is_factor == 1L
  levels <- Map(function(first, count) info$levels[first + seq_len(count)], info$first[factor], info$columns[factor])
  structure(class = c("steelyard_moments", "steelyard_result"), list(
    labels = info$labels, n = info$counts$n, rows_read = info$counts$rows_read, rows_used = info$counts$rows_used,
    rows_dropped = info$counts$rows_dropped, missing = structure(info$missing, names = info$labels),
    levels = structure(levels, names = info$labels[factor]), clusters = info$clusters, strata = info$strata,
    unit = unit_names[info$unit + 1L], units = info$counts$n_units,
    weight_kind = c("none", weight_kinds)[info$weight_kind + 1L], sum_w = info$counts$sum_w,
    precision = if (info$twofold) "double-double" else "double",
    decimal = info$labels[info$is_decimal == 1L], from_correlation = info$from_correlation, hash = info$hash,
    remarks = remarks_frame(made$remarks), blob = made$blob))
}

no_remarks <- list(code = integer(), term = character(), value = double(), text = character())

#' @rdname moments
#' @export
`+.steelyard_moments` <- function(e1, e2) {
  if (missing(e2) || !inherits(e1, "steelyard_moments") || !inherits(e2, "steelyard_moments"))
    invalid("+: moments are added to moments only")
  new_moments(settle(.Call(C_merge, e1$blob, e2$blob)))
}

#' Keep moments in a file
#'
#' The file holds the bytes of the moments with a checksum. It is the same file
#' that the Python package writes and reads. No rows are in it: sums, counts,
#' labels of terms, levels and clusters. It is written whole or not at all.
#'
#' @param m moments.
#' @param path a file's name.
#' @return \code{save_moments}: \code{path}, invisibly. \code{load_moments}: the
#'   moments; \code{steelyard_error_data} when the file is damaged or something
#'   else.
#' @section Errors:
#' \code{steelyard_error_invalid}: the file cannot be written or is not there (the
#' nearest one in its folder is named). \code{steelyard_error_data}: it is empty,
#' damaged or something else.
#' @examples
#' file <- tempfile(fileext = ".moments")
#' save_moments(moments(swiss, ~ Fertility + Education), file)
#' load_moments(file)
#' @export
save_moments <- function(m, path) {
  if (!inherits(m, "steelyard_moments")) invalid("m: moments are needed; this is %s", class(m)[1L])
  path <- check_target("path", path)
  beside <- sprintf("%s.%d.part", path, Sys.getpid())
  on.exit(unlink(beside))
  written <- tryCatch({
    writeBin(m$blob, beside)
    file.rename(beside, path)
  }, error = function(e) FALSE, warning = function(w) FALSE)
  if (!written) invalid("path: %s cannot be written", shown(path))
  invisible(path)
}

#' @rdname save_moments
#' @export
load_moments <- function(path) {
  if (!is.character(path) || length(path) != 1L || is.na(path)) invalid("path: %s is not a file's name", shown(path))
  check_file("path", path)
  blob <- readBin(path, "raw", file.size(path))
  settle(.Call(C_verify, blob))
  new_moments(list(blob = blob, remarks = no_remarks))
}

#' Moments from a printed correlation matrix
#'
#' For results of which only a correlation matrix was published. Limits of
#' shares then rest on normal theory.
#'
#' @param r a square correlation matrix.
#' @param n the number of rows it was computed from.
#' @param names the terms' names; by default the matrix's own, else \code{x1}, \code{x2}, ...
#' @param decimals to how many places the table was printed: its entries then stand for
#'   all values that round to them, and \code{\link{rounding}} gives the range of each share.
#' @return moments, as \code{\link{moments}} gives them.
#' @section Errors:
#' \code{steelyard_error_data} when \code{r} is not a correlation matrix: not
#' symmetric to 1e-8, a diagonal other than 1, an entry outside -1 to 1, or not
#' positive semi-definite (the least eigenvalue is named). With \code{decimals}: an
#' impossible table, one to which no correlation matrix rounds; where only the table as
#' printed is none, one near it that rounds to it is used, and a remark says so.
#' @references
#' Higham, N. J. (2002). Computing the nearest correlation matrix: a problem from
#' finance. \emph{IMA Journal of Numerical Analysis} 22, 329-343.
#' \doi{10.1093/imanum/22.3.329}
#' @examples
#' r <- matrix(c(1, .5, .4, .5, 1, .3, .4, .3, 1), 3, dimnames = list(c("y", "a", "b"), NULL))
#' shares(moments_from_correlation(r, 100), "y", c("a", "b"))
#' @export
moments_from_correlation <- function(r, n, names = NULL, decimals = NULL) {
  if (is.data.frame(r)) r <- as.matrix(r)
  if (!is.matrix(r) || !is.numeric(r) || nrow(r) != ncol(r)) {
    size <- if (is.matrix(r)) sprintf("%d by %d", nrow(r), ncol(r)) else class(r)[1L]
    invalid("r: a square matrix of numbers is needed, not %s", size)
  }
  if (is.null(names)) names <- if (is.null(rownames(r))) colnames(r) else rownames(r)
  if (is.null(names)) names <- paste0("x", seq_len(nrow(r)))
  if (!is.character(names) || length(names) != nrow(r))
    invalid("names: %d names were given for %d rows of r", length(names), nrow(r))
  storage.mode(r) <- "double"
  places <- if (is.null(decimals)) -1L else as.integer(whole("decimals", decimals, 0L, 15))
  new_moments(settle(.Call(C_from_correlation, r, number("n", n), names, places)))
}
