# Shares of what is predicted: every submodel judged on rows it was not fitted to.
# SPDX-License-Identifier: GPL-3.0-only

seconds_unasked <- 1 # past this it is computed only when asked for

# One outcome: list(total, r2_adjust, folds, share).
crossvalidate <- function(blob, design, asked, folds, seed, seconds, threads) {
  progress <- progress_teller("cross-validation")
  on.exit(progress$finish())
  raw <- settle(.Call(C_crossvalidate, blob, design, asked, as.double(c(folds, seed, seconds)), threads,
                      progress$tell))
  list(total = raw$summary[1L], r2_adjust = raw$summary[2L], folds = raw$summary[3L], share = raw$share)
}

# What shares() gives by itself: NULL where it cannot be had or would take long.
crossvalidated_unasked <- function(m, design, asked, seed, threads) {
  if (m$unit == "none" && is.null(design)) return(NULL)
  found <- tryCatch(crossvalidate(m$blob, design, asked, 0, seed, seconds_unasked, threads),
                    steelyard_error = function(e) NULL)
  if (!is.null(found) && found$folds > 0) found
}

crossvalidated_total <- function(part) if (is.null(part$crossvalidated)) NA_real_ else part$crossvalidated$total

#' Cross-validated shares
#'
#' Shares of what is predicted: each submodel is judged on rows it was not fitted
#' to.
#'
#' @details
#' The value of a set of blocks is the squared error of prediction it takes off,
#' summed over the folds, over that of the mean of the other folds; it is shared
#' out among the blocks as R2 is. With clusters each is a fold of its own, so that
#' rows of one cluster are never on both sides; rows without clusters are dealt to
#' 10 folds. \code{\link{shares}} computes it by itself where that takes less than
#' a second.
#'
#' @param s a result of \code{\link{shares}}.
#' @param folds how many; by default one a cluster, or 10 of rows.
#' @param seed which row or cluster goes to which fold; by default that of the
#'   result.
#' @return A data frame of class \code{steelyard_crossvalidated}, one row a block:
#'   \code{outcome} when there are several, \code{block}, \code{share},
#'   \code{adjusted}, \code{by_chance}, \code{crossvalidated} (below zero: the
#'   block spoils prediction), and for all blocks together \code{total} and
#'   \code{folds}.
#' @section Errors:
#' \code{steelyard_error_invalid}: moments that are one sum over all rows, folds out
#' of range, fixed effects of clusters. \code{steelyard_error_limit}: more than 18
#' blocks.
#' @references
#' Stone, M. (1974). Cross-validatory choice and assessment of statistical
#' predictions. \emph{Journal of the Royal Statistical Society B} 36, 111-147.
#' \doi{10.1111/j.2517-6161.1974.tb00994.x}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' crossvalidated(s)
#' crossvalidated(s, folds = 47)
#' @export
crossvalidated <- function(s, folds = NULL, seed = NULL) {
  check_shares(s)
  if (!is.null(s$parts[[1L]]$corrected))
    invalid("crossvalidated: corrected shares predict no observed values; ask the shares as measured")
  own <- s$provenance$seed
  seed <- if (is.null(seed)) own else whole("seed", seed, 0L, 2^53)
  count <- if (is.null(folds)) 0L else whole("folds", folds, 2L)
  kept <- is.null(folds) && seed == own
  results <- lapply(s$parts, function(part) {
    if (kept && !is.null(part$crossvalidated)) part$crossvalidated
    else crossvalidate(blob_of(s, part, "crossvalidated"), NULL, part$asked, count, seed, 0, NULL)
  })
  frames <- Map(function(part, found) {
    n <- length(part$block)
    at <- (seq_len(n) - 1L) * length(metric_names)
    metric <- function(name) blank(part$estimate[at + match(name, metric_names)])
    frame(list(block = part$block, share = metric("share"), adjusted = metric("adjusted"),
               by_chance = metric("by_chance"), crossvalidated = found$share, total = rep(found$total, n),
               folds = rep(found$folds, n)))
  }, s$parts, results)
  out <- stack_frames(frames, length(frames) > 1L)
  told_table(out, crossvalidated_lines(s$parts, results, frames), class = "crossvalidated")
}

crossvalidated_lines <- function(parts, results, frames) {
  section <- function(part, found, values) {
    errors <- errors_of(part)
    c(headed(sprintf("Cross-validated shares for %s: total %s of %s, %.0f folds", part$outcome, point(found$total, errors[1L]),
                     point(part$summary$total, errors[1L]), found$folds)), "",
      tabled(c(list(block = values$block), lapply(list(
        share = values$share, adjusted = values$adjusted, `by chance` = values$by_chance,
        `cross-validated` = values$crossvalidated), point, errors[-1L])),
        caption = sprintf("Cross-validated shares for %s, points of all outcome variance", part$outcome)), "")
  }
  c(together(Map(section, unname(parts), unname(results), unname(frames))),
    "Each model is judged on rows it was not fitted to; a share below zero spoils prediction.")
}
