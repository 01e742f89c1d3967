# Correlations of the normal variables behind ordered answers.
# SPDX-License-Identifier: GPL-3.0-only

polychoric_kinds <- c("Pearson", "polyserial", "polychoric") # by how many of the two are ordered
rows_as_units <- 20000 # up to here each row is a set of its own, which limits of shares rest on

#' Polychoric and polyserial correlations
#'
#' Correlations of the normal variables behind ordered answers, and moments made of them for
#' \code{\link{shares}}.
#'
#' @details
#' Two steps: thresholds, means and standard deviations from the margins, then each correlation by
#' maximum likelihood. Standard errors count the first step and do not take the normal distribution
#' for granted (influence functions); limits are symmetric on Fisher's z. A bivariate normal
#' distribution behind each pair is an assumption that two answers cannot test.
#'
#' @param data a data frame.
#' @param columns names of two or more columns: a character vector or a one-sided formula. An ordered
#'   factor is read in its order, a logical or a factor of two levels as two answers, a number as it is.
#' @param ordered names of columns of whole numbers that are ordered answers too.
#' @param weights,weight_kind,cluster as for \code{\link{moments}}; analytic weights are refused. With
#'   clusters standard errors and moments are by cluster.
#' @param smooth \code{TRUE}: correlations found pair by pair that make no correlation matrix are moved to
#'   one near them, with a remark, instead of an error.
#' @param level of limits, between 0 and 1.
#' @param missing \code{"complete"} or \code{"error"}.
#' @param threads number of threads; see \code{\link{moments}}.
#' @param x the result.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_polychoric}: \code{r} and \code{std.error} (square matrices),
#'   \code{moments} for \code{\link{shares}}, whose limits then rest on clusters or rows by the infinitesimal
#'   jackknife, \code{kinds}, \code{level} and \code{remarks}. \code{as.data.frame} and \code{tidy} give one row a
#'   pair: \code{first}, \code{second}, \code{kind}, \code{estimate}, \code{std.error}, \code{conf.low},
#'   \code{conf.high}.
#' @section Errors:
#' \code{steelyard_error_invalid} for unknown columns, text, unordered factors, analytic weights;
#' \code{steelyard_error_data} for a column with one value and a matrix that is no correlation matrix.
#' @references
#' Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
#' \emph{Psychometrika} 44, 443-460. \doi{10.1007/BF02296207}
#'
#' Olsson, U., Drasgow, F. and Dorans, N. J. (1982). The polyserial correlation coefficient.
#' \emph{Psychometrika} 47, 337-347. \doi{10.1007/BF02294164}
#' @examples
#' cars <- data.frame(gear = ordered(mtcars$gear), cyl = ordered(mtcars$cyl), mpg = mtcars$mpg)
#' p <- polychoric(cars, c("gear", "cyl", "mpg"))
#' p
#' shares(p$moments, "mpg", c("gear", "cyl"))
#' @export
polychoric <- function(data, columns, ordered = NULL, weights = NULL, weight_kind = NULL, cluster = NULL,
                       smooth = FALSE, level = 0.95, missing = "complete", threads = NULL) {
  env <- parent.frame()
  check_frame(data)
  names <- column_names(columns, "columns", data, env)
  as_ordered <- if (!is.null(ordered)) column_names(ordered, "ordered", data, env)
  held <- lapply(names, latent_column, data, as_ordered)
  terms <- Map(function(name, column) list(label = name, argument = "columns", variables = list(
    list(label = name, column = name, kind = "column", power = 1L, given = column))), names, held)
  missing <- choice("missing", missing, c("complete", "error"))
  design <- make_design(data, terms, weights, weight_kind, cluster, missing, env)
  unit <- if (!is.null(cluster)) "cluster" else if (rows_of(data) <= rows_as_units) "row" else "none"
  progress <- progress_teller("polychoric correlations")
  on.exit(progress$finish())
  made <- settle(.Call(C_latent, design, match(unit, unit_names) - 1L, check_level(level), isTRUE(smooth),
                       check_threads(threads), progress$tell))
  m <- new_moments(made)
  warn_of(m$remarks)
  tables <- lapply(made$tables, function(table) structure(table, dimnames = list(names, names)))
  is_ordered <- vapply(held, function(column) !is.null(column[[3L]]), NA)
  structure(class = c("steelyard_polychoric", "steelyard_result"), c(tables, list(
    kinds = stats::setNames(is_ordered, names), moments = m, level = level, remarks = m$remarks)))
}

column_names <- function(given, argument, data, env) {
  if (inherits(given, "formula")) given <- labels_of(read_terms(given, argument, names(data), env))
  if (!is.character(given) || !length(given)) invalid("%s: names of columns are needed", argument)
  for (name in given) place_column(argument, name, data)
  if (anyDuplicated(given)) invalid("%s: %s is named twice", argument, given[anyDuplicated(given)])
  given
}

# list(name, values, levels); levels are NULL for a number.
latent_column <- function(name, data, as_ordered) {
  values <- .subset2(data, name)
  if (is.logical(values) || (is.factor(values) && !is.ordered(values) && nlevels(values) == 2L))
    return(c(list(name), factor_codes(values)))
  if (!name %in% as_ordered && !is.factor(values) && !is.character(values))
    return(plain_column("columns", name, values))
  tryCatch(ordered_column(name, values, FALSE), steelyard_error = function(e) {
    e$message <- sub("formula: the outcome ", "columns: ", conditionMessage(e), fixed = TRUE)
    stop(e)
  })
}

#' @rdname polychoric
#' @export
as.data.frame.steelyard_polychoric <- function(x, row.names = NULL, optional = FALSE, ...) {
  at <- which(upper.tri(x$r), arr.ind = TRUE)
  names <- colnames(x$r)
  data.frame(first = names[at[, 1L]], second = names[at[, 2L]],
             kind = polychoric_kinds[x$kinds[at[, 1L]] + x$kinds[at[, 2L]] + 1L], estimate = x$r[at],
             std.error = x$std.error[at], conf.low = x$conf.low[at], conf.high = x$conf.high[at])
}

document_of.steelyard_polychoric <- function(x, whole = FALSE) {
  m <- x$moments
  frame <- as.data.frame(x)
  head <- c(sprintf("Correlations of %s, %s: pairs of ordered columns polychoric,", counted(ncol(x$r), "column"),
                    counted(as.integer(m$n), "row")), "of an ordered one and a number polyserial, of numbers Pearson's", "")
  cells <- c(unclass(frame)[1:3], lapply(list(
    estimate = frame$estimate, `std. error` = frame$std.error, `conf. low` = frame$conf.low,
    `conf. high` = frame$conf.high), point, frame$std.error, more_of(whole)))
  units <- if (m$unit == "cluster") counted(as.integer(m$units), "cluster") else "rows"
  foot <- c("", sprintf("Standard errors by influence functions of %s; limits (%s %%) on Fisher's z.", units,
                        percent_of(x$level)))
  if (m$rows_dropped > 0)
    foot <- c(foot, sprintf("%s of %.0f dropped: a value is missing.", counted(as.integer(m$rows_dropped), "row"),
                            m$rows_read))
  c(head, tabled(cells, 3L, limited("Correlations", x$level)), foot, shown_remarks(x$remarks), "A normal variable behind each ordered column is assumed.")
}
