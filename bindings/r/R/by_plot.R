# SPDX-License-Identifier: GPL-3.0-only

#' Plot shares by level
#'
#' The shares inside each level of a column, the levels beneath each other within each block.
#' \code{plot} draws in base graphics, \code{autoplot} the same picture with ggplot2.
#'
#' @param x,object a result of \code{\link{shares}} with \code{by}.
#' @param kind \code{"shares"}: with their limits; \code{"bounds"}: within their range over orderings.
#' @param ... ignored.
#' @return As that of \code{\link{plot.steelyard_shares}}.
#' @section Errors:
#' \code{steelyard_error_invalid}: another kind, bounds that were not asked for.
#' @references
#' Cleveland, W. S. and McGill, R. (1984). Graphical perception: theory, experimentation, and application
#' to the development of graphical methods. \emph{Journal of the American Statistical Association} 79,
#' 531-554. \doi{10.1080/01621459.1984.10478080}
#' @examples
#' d <- transform(swiss, faith = ifelse(Catholic > 50, "catholic", "protestant"))
#' plot(shares(d, "Fertility", c("Education", "Agriculture"), by = "faith"))
#' @export
plot.steelyard_shares_by <- function(x, kind = "shares", ...) draw_scene(by_drawn(x, kind))

#' @rdname plot.steelyard_shares_by
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_shares_by <- function(object, kind = "shares", ...) gg_scene(by_drawn(object, kind))

by_drawn <- function(x, kind) {
  kind <- choice("kind", kind, c("shares", "bounds"))
  first <- x$levels[[1L]]
  ends <- if (kind == "shares") c("conf.low", "conf.high") else c("lowest", "highest")
  rows <- do.call(rbind, Map(function(level, one)
    cbind(block_rows(one, ends[1L], ends[2L]), level = level), names(x$levels), unname(x$levels)))
  rows$series <- sprintf("%s = %s", x$by, rows$level)
  if (kind == "bounds") rows <- with_bounds(rows)
  made <- dot_chart(rows, if (length(x$outcomes) == 1L) sprintf("%s by %s", x$outcomes, x$by) else sprintf("By %s", x$by),
                    if (kind == "bounds") bounds_axis(first) else shares_axis(first, rows$low), shares_caution,
                    legend = unique(rows$series))
  if (kind == "bounds") banded(made) else made
}
