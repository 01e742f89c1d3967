# Drawings of blocks over many outcomes.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot a league of blocks, or their ranks
#'
#' \code{plot} draws in base graphics, \code{autoplot} the same picture with ggplot2.
#'
#' @param x,object a result of \code{\link{league}} (in so many outcomes a block matters, with confidence
#'   and one by one, and a line where chance expects it) or of \code{\link{share_ranks}} (ranks within
#'   the ranges that hold the true ones, a panel an outcome).
#' @param ... ignored.
#' @return As that of \code{\link{plot.steelyard_shares}}.
#' @section Errors:
#' \code{steelyard_error_invalid}: a device that is too small, and for \code{autoplot} no package ggplot2.
#' @references
#' Cleveland, W. S. and McGill, R. (1984). Graphical perception: theory, experimentation, and application
#' to the development of graphical methods. \emph{Journal of the American Statistical Association} 79,
#' 531-554. \doi{10.1080/01621459.1984.10478080}
#' @examples
#' s <- shares(swiss, c("Fertility", "Examination"), c("Education", "Catholic", "Agriculture"))
#' plot(league(s, by = "coefficient"))
#' plot(share_ranks(s))
#' @export
plot.steelyard_league <- function(x, ...) draw_scene(block_league_drawn(x))

#' @rdname plot.steelyard_league
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_league <- function(object, ...) gg_scene(block_league_drawn(object))

#' @rdname plot.steelyard_league
#' @export
plot.steelyard_ranks <- function(x, ...) draw_scene(block_ranks_drawn(x))

#' @rdname plot.steelyard_league
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_ranks <- function(object, ...) gg_scene(block_ranks_drawn(object))

block_league_drawn <- function(x) {
  rows <- plain_frame(x)
  n <- nrow(rows)
  y <- n:1
  counts <- c(sprintf("found with %s %% confidence", percent_of(attr(x, "level"))), "one by one")
  style <- series_of(counts, counts[1L], "")
  style[2L, c("colour", "fill")] <- c(house$quiet, house$ground)
  style$shape[2L] <- 22L
  all <- rows$outcomes[1L]
  at <- pretty(c(0, all), min(all, 6L))
  at <- at[at == round(at) & at <= all]
  wide <- frame(list(x = rep(0, n), xend = pmax(rows$found, rows$unadjusted), y = y, yend = y))
  chance <- frame(list(x = rows$expected_by_chance, xend = rows$expected_by_chance, y = y - 0.3, yend = y + 0.3))
  dots <- function(column, series) dot_layer(frame(list(x = rows[[column]], y = y, series = rep(series, n))), if (series == counts[1L]) 6 else 9)
  scene(rows, list(segment_layer(wide, 0.8, house$zero), segment_layer(chance, 1.6, house$text), dots("unadjusted", counts[2L]),
                   dots("found", counts[1L])),
        "In how many outcomes each block matters", sprintf("outcomes, of %d; upright line: as many as chance finds one by one", all),
        caption = shares_caution, names = frame(list(y = y, label = rows$block)), series = style, legend = counts,
        keys = "point", xlim = c(-0.03, 1.04) * all, x_ticks = frame(list(at = at, label = tick_labels(at))))
}

block_ranks_drawn <- function(x) {
  found <- plain_frame(x)
  rows <- frame(list(name = found$block, value = found$rank, low = found$lowest, high = found$highest, series = found$block))
  if (!is.null(found$outcome)) rows$panel <- as.character(found$outcome)
  count <- length(unique(rows$name))
  at <- unique(round(pretty(c(1, count), min(count - 1L, 8L))))
  at <- at[at >= 1 & at <= count]
  made <- dot_chart(rows, "Ranks of the blocks by share",
                    sprintf("rank, 1 the largest share, with %s %% limits of all ranks together", percent_of(attr(x, "level"))),
                    shares_caution, zero = NULL, xlim = c(0.7, count + 0.3), style = series_of(unique(rows$name), plain = TRUE))
  made$x_ticks <- frame(list(at = at, label = tick_labels(at)))
  made
}
