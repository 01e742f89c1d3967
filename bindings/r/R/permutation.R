# Is a block's part more than chance gives?
# SPDX-License-Identifier: GPL-3.0-only

permuted_what <- c("residuals of the outcome, row to row", "the block, row to row", "the block, whole clusters")

#' Permutation test of a block
#'
#' The null hypothesis is, for \code{"unique"}, that the block adds nothing to all
#' the others and the adjusting terms; for \code{"alone"}, nothing to the adjusting
#' terms; for \code{"share"}, that it has nothing to do with the outcome in any order.
#'
#' @details
#' Unique: residuals of the outcome on everything else are permuted (Freedman and
#' Lane 1983), within clusters where there are clusters. A block that is constant
#' within clusters is moved as whole clusters (within strata), by what is left of it
#' over the means of everything else. Alone and share: the block itself is moved. The
#' statistic is the F ratio, where whole clusters are moved that of the clusters'
#' means, studentised so that clusters may differ in size (DiCiccio and Romano 2017),
#' for share the share. p is (b + 1) / (m + 1) for b of m permutations with a statistic
#' as large. In simulation at 5 per cent 4.5 to 5.3 per cent of true hypotheses were
#' rejected (\file{tests/reference/coverage}).
#'
#' @param data a data frame, or a result of \code{\link{shares}} whose moments are by
#'   row (up to 1,000 rows without clusters), or by cluster for a block that is
#'   constant within them; the block may then stand second.
#' @param block the name of the block; needed where there are several.
#' @param metric \code{"unique"}, \code{"alone"} or \code{"share"}.
#' @param permutations,seed how many, and which.
#' @param outcome,blocks,adjust,weights,weight_kind,cluster,strata,missing,threads as in
#'   \code{\link{shares}}; not with a result of it. Weights are analytic or sampling.
#' @return A data frame of class \code{steelyard_permutation}, one row an outcome:
#'   \code{outcome}, \code{block}, \code{metric}, \code{estimate}, \code{p.value},
#'   \code{exceeding}, \code{permutations}, \code{moved} (what was), \code{units} (rows or
#'   clusters), \code{within} (whether within clusters or strata only).
#' @section Errors:
#' \code{steelyard_error_invalid}: an unknown block, frequency weights, fixed effects of
#' clusters, a result without the rows that the test needs. \code{steelyard_error_data}:
#' too few rows or clusters for the columns.
#' @references
#' Anderson, M. J. and Robinson, J. (2001). Permutation tests for linear models.
#' \emph{Australian & New Zealand Journal of Statistics} 43, 75-88.
#' \doi{10.1111/1467-842X.00156}
#'
#' DiCiccio, C. J. and Romano, J. P. (2017). Robust permutation tests for correlation
#' and regression coefficients. \emph{Journal of the American Statistical Association}
#' 112, 1211-1220. \doi{10.1080/01621459.2016.1202117}
#'
#' Freedman, D. and Lane, D. (1983). A nonstochastic interpretation of reported
#' significance levels. \emph{Journal of Business & Economic Statistics} 1, 292-298.
#' \doi{10.1080/07350015.1983.10509354}
#'
#' Phipson, B. and Smyth, G. K. (2010). Permutation p-values should never be zero.
#' \emph{Statistical Applications in Genetics and Molecular Biology} 9, 39.
#' \doi{10.2202/1544-6115.1585}
#' @examples
#' permutation_test(swiss, "Fertility", c("Education", "Catholic", "Examination"),
#'                  block = "Examination", permutations = 999)
#' @export
permutation_test <- function(data, outcome = NULL, blocks = NULL, block = NULL, metric = "unique", adjust = NULL,
                             weights = NULL, weight_kind = NULL, cluster = NULL, strata = NULL, permutations = 9999,
                             seed = 1, missing = "complete", threads = NULL) {
  env <- parent.frame()
  if (inherits(data, "steelyard_shares") && is.null(block)) {
    block <- outcome
    outcome <- NULL
  }
  metric <- choice("metric", metric, c("unique", "alone", "share"))
  permutations <- whole("permutations", permutations, 1L, 1e8)
  seed <- whole("seed", seed, 0L, 2^53)
  threads <- check_threads(threads)
  whole <- progress_teller("permutation test", 2)
  on.exit(whole$finish())
  if (inherits(data, "steelyard_shares")) {
    given <- c(outcome = !is.null(outcome), blocks = !is.null(blocks), adjust = !is.null(adjust),
               weights = !is.null(weights), weight_kind = !is.null(weight_kind), cluster = !is.null(cluster),
               strata = !is.null(strata))
    if (any(given)) invalid("%s: the result already holds it; leave it out", names(given)[given][1L])
    parts <- lapply(data$parts, function(part) c(part, list(blob = blob_of(data, part, "permutation_test"))))
  } else {
    check_frame(data)
    missing <- choice("missing", missing, c("complete", "per-outcome", "error"))
    options <- c(read_options(FALSE, "none", 0.95, 1, seed), keep = TRUE)
    question <- absorb_clusters(read_question(outcome, blocks, adjust, NULL, names(data), env),
                                clusters_named(cluster, names(data)), data)
    parts <- ask_frame(data, question, options, weights, weight_kind, cluster, strata, missing, "auto", threads, env)
  }
  block <- one_block(block, parts[[1L]]$block)
  rows <- lapply_told("permutation test", unname(parts), function(part)
    permute_part(part, block, metric, permutations, seed, threads))
  remarks <- do.call(rbind, lapply(rows, function(row) remarks_frame(row$remarks)))
  values <- vapply(rows, `[[`, numeric(7L), "values")
  out <- frame(list(outcome = vapply(unname(parts), `[[`, "", "outcome"), block = rep(block, length(rows)),
                    metric = rep(metric, length(rows)), estimate = values[1L, ], p.value = values[2L, ],
                    exceeding = values[3L, ], permutations = values[4L, ], moved = permuted_what[values[5L, ] + 1],
                    units = values[6L, ], within = values[7L, ] == 1))
  warn_of(remarks)
  told_table(out, permutation_lines(out, seed), class = "permutation", seed = seed)
}

one_block <- function(block, names) {
  if (is.null(block) && length(names) > 1L) invalid("block: name one of %s", paste(names, collapse = ", "))
  if (is.null(block)) names else block
}

permute_part <- function(part, block, metric, permutations, seed, threads) {
  at <- place("block", block, part$block)
  progress <- progress_teller("permutations")
  on.exit(progress$finish())
  given <- as.double(c(at, match(metric, metric_names), permutations, seed))
  settle(.Call(C_permutation, part$blob, part$design, part$asked, given, threads, progress$tell))
}

permutation_lines <- function(x, seed) {
  sprintf("Permutation test of %s for %s: %s %.4f, p = %.6g (%.0f of %.0f as large; %s%s, %.0f moved, seed %.0f)", x$block,
          x$outcome, x$metric, x$estimate, x$p.value, x$exceeding, x$permutations, x$moved,
          ifelse(x$within, ifelse(x$moved == permuted_what[3L], " within strata", " within clusters"), ""), x$units,
          seed)
}
