# How far averages of clusters, such as councils, tell them apart.
# SPDX-License-Identifier: GPL-3.0-only

mean_numbers <- c("size", "icc", "reliability", "conf.low", "conf.high", "lowest", "highest")

#' Reliability of averages
#'
#' How far averages of clusters, such as councils, differ by more than chance.
#'
#' @details
#' Analysis of variance: 1 - W / B with the mean squares within and between clusters, ICC(1, k) of
#' Shrout and Fleiss (1979); limits by F, exact for normal values and clusters of one size. A cluster
#' of n people: Spearman and Brown's formula. The reliability is what \code{\link{corrected_shares}}
#' asks for when a council-level column is an average of its people.
#'
#' @param data a data frame, or \code{\link{moments}} by cluster.
#' @param columns names of columns of numbers: a character vector or a one-sided formula.
#' @param cluster,weights,weight_kind as for \code{\link{moments}}; needed with rows; frequency weights
#'   or none.
#' @param level of the limits, between 0 and 1.
#' @param missing \code{"complete"} or \code{"error"}.
#' @return A data frame of class \code{steelyard_mean_reliability}, one row a column: \code{column},
#'   \code{size} (the number of people that stands for all clusters), \code{icc}, \code{reliability} of an
#'   average of that size, its \code{conf.low} and \code{conf.high}, \code{lowest} and \code{highest}: of the
#'   smallest and the largest cluster; attribute \code{remarks}.
#' @section Errors:
#' \code{steelyard_error_invalid}: no clusters, sampling or analytic weights, a factor.
#' \code{steelyard_error_data}: one row a cluster, a column with one value in all rows or in each cluster.
#' @references
#' Shrout, P. E. and Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater
#' reliability. \emph{Psychological Bulletin} 86, 420-428. \doi{10.1037/0033-2909.86.2.420}
#' @examples
#' poet <- simulate_poet(1)
#' poet$easy <- as.integer(poet$easy_information)
#' reliability_of_means(poet, "easy", "council")
#' @export
reliability_of_means <- function(data, columns, cluster = NULL, weights = NULL, weight_kind = NULL, level = 0.95,
                                 missing = "complete") {
  env <- parent.frame()
  level <- check_level(level)
  known <- if (inherits(data, "steelyard_moments")) data$labels else names(data)
  if (inherits(columns, "formula")) columns <- labels_of(read_terms(columns, "columns", known, env))
  if (!is.character(columns) || !length(columns)) invalid("columns: names of columns are needed")
  if (inherits(data, "steelyard_moments")) {
    if (!is.null(cluster) || !is.null(weights))
      invalid("cluster: moments already hold their clusters and weights; leave them out")
    m <- data
  } else {
    if (is.null(cluster)) invalid("cluster: none given; averages are those of clusters")
    for (name in columns) place_column("columns", name, data)
    design <- make_design(data, lapply(columns, function(name) list(label = name, argument = "columns", variables = list(
      list(label = name, column = name, kind = "column", power = 1L)))), weights, weight_kind, cluster,
      choice("missing", missing, c("complete", "error")), env)
    m <- compute_moments(design, "cluster", "auto", NULL)
  }
  raw <- settle(.Call(C_reliability_of_means, m$blob, settle(.Call(C_find_term, m$blob, "columns", columns)), level))
  table <- lapply(seq_along(mean_numbers), function(k) raw$table[k, ])
  out <- frame(c(list(column = columns), stats::setNames(table, mean_numbers)))
  remarks <- frame(Map(c, m$remarks, remarks_frame(raw$remarks)))
  remarks <- frame(lapply(remarks, `[`, !duplicated(remarks)))
  told_table(out, mean_lines(out, m, level, remarks), class = "mean_reliability", remarks = remarks)
}

mean_lines <- function(out, m, level, remarks) {
  told <- remark_lines(remarks[remarks$code != "rows_dropped", ])
  c(sprintf("Reliability of averages of %s, %s", counted(as.integer(m$units), "cluster"), rows_text(m)), "",
    tabled(list(column = out$column, size = sprintf("%.1f", out$size), icc = r2_text(out$icc),
                     reliability = r2_text(out$reliability), low = r2_text(out$conf.low),
                     high = r2_text(out$conf.high), lowest = r2_text(out$lowest),
                     highest = r2_text(out$highest)),
           caption = limited("Reliability of averages", level)), "",
    sprintf(paste("Limits (%s %%): by F, exact for normal values and clusters of one size; lowest and highest: of the",
                  "smallest and largest cluster."), percent_of(level)),
    listed("Remarks:", told))
}
