# How far the rounding of a printed correlation table moves shares.
# SPDX-License-Identifier: GPL-3.0-only

#' The range of shares that a printed table's rounding allows
#'
#' An entry printed to two decimals stands for all numbers that round to it. Over
#' all correlation matrices that round to the table, the least and greatest
#' share.
#'
#' @details
#' The search looks at corners, at single entries and, where some tables that
#' round to the printed one are no correlation matrices, along the edge of what is
#' one, from several starts. Every value is reached by a matrix; the true range can
#' be wider only where all searches missed a better one.
#'
#' @param s a result of \code{\link{shares}} from \code{\link{moments_from_correlation}}
#'   with \code{decimals}.
#' @param starts how many searches for each end.
#' @return A data frame of class \code{steelyard_rounding}: \code{block} (the
#'   total is called \code{(total)}), \code{term} (empty for blocks), \code{share},
#'   \code{low_rounding}, \code{high_rounding}; \code{outcome} first when there
#'   are several.
#' @section Errors:
#' \code{steelyard_error_invalid}: moments without stated decimals.
#' \code{steelyard_error_limit}: more than 12 blocks or 40 columns.
#' @references
#' Higham, N. J. (2002). Computing the nearest correlation matrix: a problem from
#' finance. \emph{IMA Journal of Numerical Analysis} 22, 329-343.
#' \doi{10.1093/imanum/22.3.329}
#' @examples
#' r <- matrix(c(1, .5, .4, .5, 1, .3, .4, .3, 1), 3, dimnames = list(c("y", "a", "b"), NULL))
#' rounding(shares(moments_from_correlation(r, 100, decimals = 1), "y", c("a", "b")))
#' @export
rounding <- function(s, starts = 4) {
  check_shares(s)
  starts <- whole("starts", starts, 1L, 1e4)
  results <- lapply(s$parts, function(part) {
    progress <- progress_teller("rounding")
    on.exit(progress$finish())
    settle(.Call(C_rounding, blob_of(s, part, "rounding"), part$asked, c(starts, 1), NULL, progress$tell))
  })
  frames <- Map(function(part, found) {
    rows <- length(part$block) + length(part$term)
    frame(list(block = c("(total)", part$block, part$of), term = c("", rep("", length(part$block)), part$term),
               share = c(part$summary$total, part$estimate[(seq_len(rows) - 1L) * length(metric_names) + 1L]),
               low_rounding = c(found$summary[1L], found$low), high_rounding = c(found$summary[2L], found$high)))
  }, s$parts, results)
  lines <- together(Map(rounding_lines, unname(s$parts), unname(results), unname(frames)))
  told_table(stack_frames(frames, length(frames) > 1L),
             c(lines, "Each limit is reached by a table that rounds to the printed one; it is no interval of sampling."),
             class = "rounding")
}

rounding_lines <- function(part, found, values) {
  blocks <- values[values$term == "", ]
  cut <- if (found$summary[4L] == 1) "; some that round to it are no correlation matrices and do not count" else ""
  what <- sprintf("Shares of R2 for %s over all tables that round to this one", part$outcome)
  c(headed(sprintf("%s (%.0f decimal%s%s)", what, found$summary[3L], if (found$summary[3L] == 1) "" else "s", cut)), "",
    tabled(list(block = blocks$block, share = digits4(blocks$share), low = digits4(blocks$low_rounding),
                     high = digits4(blocks$high_rounding)), caption = what), "")
}
