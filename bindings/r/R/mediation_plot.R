# The picture of a mediation.
# SPDX-License-Identifier: GPL-3.0-only

#' @rdname mediation
#' @export
plot.steelyard_mediation <- function(x, ...) draw_scene(mediation_drawn(x))

#' @rdname mediation
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_mediation <- function(object, ...) gg_scene(mediation_drawn(object))

# A row a part; several answers of an ordered outcome side by side.
mediation_drawn <- function(x) {
  p <- x$provenance
  drawn <- x$effects[x$effects$part != "without mediators", ]
  rows <- limit_rows(drawn, drawn$part)
  if (!is.null(x$answers)) rows$series <- factor(drawn$answer[!is.na(drawn$estimate)], x$answers)
  what <- sprintf("difference in %s%s", if (p$kind == "linear") "" else "probability, ", p$outcome)
  dot_chart(rows, sprintf("%s: %s to %s", p$treatment, x$contrast[1L], x$contrast[2L]),
            if (p$interval == "none") what else with_limits(what, p$level),
            "Effects only as far as the printed assumptions hold.", drawn = drawn,
            style = if (!is.null(x$answers)) series_of(x$answers))
}
