# The drawing of a gap.
# SPDX-License-Identifier: GPL-3.0-only

# One row a step from the second group's mean to the first's: means, then parts.
gap_steps <- function(x, category) {
  gap <- x$gap
  parts <- x$parts
  if (!is.null(category)) {
    if (is.null(gap$category)) invalid("category: only ordered answers have categories")
    choice("category", category, gap$category)
    gap <- gap[gap$category == category, ]
    parts <- x$categories[x$categories$category == category, ]
  }
  last <- gap[nrow(gap), ]
  total <- parts[nrow(parts), ]
  inside <- parts[-nrow(parts), ]
  inside <- inside[!is.na(inside$explained), ]
  fit <- if (is.null(last$fit) || abs(last$fit) <= 1e-9) 0 else last$fit
  group <- paste(x$provenance$group, "=", c(x$provenance$second, x$provenance$first))
  value <- c(inside$explained, last$gap - total$explained - fit, if (fit != 0) fit)
  end <- last$second + cumsum(value)
  none <- rep(NA_real_, length(value) - nrow(inside))
  own <- if (fit == 0) c(total$unexplained.conf.low, total$unexplained.conf.high)
  rest <- if (length(own) == 2L) own else c(NA_real_, NA_real_)
  limits <- function(part, side) {
    known <- if (is.null(inside[[part]])) rep(NA_real_, nrow(inside)) else inside[[part]]
    c(NA, known, replace(none, 1L, rest[side]), NA)
  }
  rows <- frame(list(
    step = c(group[1L], inside$block, "unexplained", if (fit != 0) "fit", group[2L]),
    start = c(last$second, c(last$second, end[-length(end)]), last$first), end = c(last$second, end, last$first),
    kind = c("mean", rep("explained", nrow(inside)), "unexplained", if (fit != 0) "unexplained", "mean"),
    text = c(sprintf("%.4g", last$second), sprintf("%+.3g", value), sprintf("%.4g", last$first))))
  rows$low <- limits("conf.low", 1L)
  rows$high <- limits("conf.high", 2L)
  rows$place <- rev(seq_len(nrow(rows)))
  rows
}

#' Plot a gap
#'
#' From the second group's mean to the first's, a bar a part: what goes with each block, and what is
#' not explained. \code{plot} draws in base graphics, \code{autoplot} the same picture with ggplot2.
#'
#' @param x,object a result of \code{\link{gap}}.
#' @param category of ordered answers: the gap in the chance of that answer; default the mean answer.
#' @param ... ignored.
#' @return As that of \code{\link{plot.steelyard_shares}}: one row a step.
#' @section Errors:
#' \code{steelyard_error_invalid}: a category that is not among the answers, or of an outcome without
#' answers; a device that is too small, and for \code{autoplot} no package ggplot2.
#' @references
#' Jann, B. (2008). The Blinder-Oaxaca decomposition for linear regression models. \emph{The Stata Journal}
#' 8, 453-479. \doi{10.1177/1536867X0800800401}
#' @examples
#' d <- transform(swiss, faith = ifelse(Catholic > 50, "catholic", "protestant"))
#' plot(gap(d, "Fertility", "faith", c("Education", "Agriculture")))
#' @export
plot.steelyard_gap <- function(x, category = NULL, ...) draw_scene(gap_drawn(x, category))

#' @rdname plot.steelyard_gap
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_gap <- function(object, category = NULL, ...) gg_scene(gap_drawn(object, category))

gap_parts <- c(explained = "goes with the blocks", unexplained = "not explained")

gap_drawn <- function(x, category = NULL) {
  p <- x$provenance
  rows <- gap_steps(x, category)
  style <- series_of(gap_parts)
  style$fill <- c("#7fa3c0", "#ecc9ae")
  limited <- any(!is.na(rows$low))
  unit <- if (!is.null(category) && category != "mean") "chance" else gap_what[[p$outcome_type]]
  scene(rows, gap_layers(rows), paste0(sprintf("Gap in %s by %s", p$outcome, p$group), if (!is.null(category)) paste0(": ", category)),
        paste0(sprintf("%s of %s", unit, p$outcome),
               if (limited) sprintf("; lines: %s %% limits of the parts", percent_of(p$level))),
        caption = "A difference that goes with a block is no effect of it.",
        names = frame(list(y = rows$place, label = rows$step)), series = style,
        legend = unname(gap_parts[names(gap_parts) %in% rows$kind]), keys = "box", vline = NULL, room = c(0.06, 0.2))
}

# Bars hanging between the means, links from each to the next, numbers right of all.
gap_layers <- function(rows) {
  bars <- rows[rows$kind != "mean", ]
  bars[c("xmin", "xmax")] <- list(pmin(bars$start, bars$end), pmax(bars$start, bars$end))
  bars[c("ymin", "ymax")] <- list(bars$place - 0.3, bars$place + 0.3)
  bars$series <- unname(gap_parts[bars$kind])
  means <- rows[rows$kind == "mean", ]
  links <- rows[-nrow(rows), ]
  limits <- rows[!is.na(rows$low), ]
  reach <- pmax(rows$start, rows$end, rows$start + rows$high, na.rm = TRUE)
  list(segment_layer(frame(list(x = links$end, xend = links$end, y = links$place, yend = links$place - 1)), 0.6, house$zero),
       box_layer(bars, colour = house$zero),
       segment_layer(frame(list(x = limits$start + limits$low, xend = limits$start + limits$high, y = limits$place,
                                yend = limits$place)), 1.2, house$text),
       dot_layer(frame(list(x = means$end, y = means$place)), 6.5, house$text, 23L),
       text_layer(frame(list(x = reach, y = rows$place, label = rows$text)), hjust = 0, size = NULL, dx = 6))
}
