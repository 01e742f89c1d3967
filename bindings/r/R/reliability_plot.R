# The picture of a reliability.
# SPDX-License-Identifier: GPL-3.0-only

#' @rdname reliability
#' @export
plot.steelyard_reliability <- function(x, ...) draw_scene(reliability_drawn(x))

#' @rdname reliability
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_reliability <- function(object, ...) gg_scene(reliability_drawn(object))

# On the whole range that a reliability has; a scale has one panel of rows.
reliability_drawn <- function(x) {
  drawn <- x$table
  several <- length(unique(drawn$scale)) > 1L
  rows <- limit_rows(drawn, if (several) paste0(drawn$scale, ": ", drawn$kind) else drawn$kind)
  limits <- any(!is.na(rows$low))
  least <- min(0, rows$value, rows$low, na.rm = TRUE)
  axis <- paste0(if (limits) with_limits("reliability", x$level) else "reliability", "; 1 is without error")
  dot_chart(rows, if (several) "Reliability" else paste("Reliability of", drawn$scale[1L]), axis,
            xlim = c(least, 1) + c(-0.03, 0.03) * (1 - least), drawn = drawn)
}
