# Pictures of a balance.
# SPDX-License-Identifier: GPL-3.0-only

#' @rdname balance
#' @export
plot.steelyard_balance <- function(x, kind = "love", ...) draw_scene(balance_drawn(x, kind))

#' @rdname balance
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_balance <- function(object, kind = "love", ...) gg_scene(balance_drawn(object, kind))

balance_drawn <- function(x, kind) {
  kind <- choice("kind", kind, c("love", "overlap"))
  if (kind == "overlap" && x$provenance$method == "entropy")
    invalid("kind: entropy balancing has no score whose overlap could be drawn")
  if (kind == "love") love_drawn(x) else overlap_drawn(x)
}

balance_uneven <- 0.1 # beyond it the core's remark calls groups not alike

# Standardised differences before and after, on one row.
love_drawn <- function(x) {
  table <- x$table
  n <- nrow(table)
  place <- n - seq_len(n) + 1
  rows <- frame(list(covariate = rep(table$covariate, 2L), when = rep(c("before", "weighted"), each = n),
                     difference = c(table$difference, table$weighted_difference)))
  points <- frame(list(x = rows$difference, y = rep(place, 2L), series = rows$when))
  links <- frame(list(x = table$difference, xend = table$weighted_difference, y = place, yend = place))
  style <- data.frame(level = c("before", "weighted"), colour = c(house$orange, house$blue), shape = c(23L, 21L),
                      line = c("dashed", "solid"), fill = c(house$ground, house$blue))
  edge <- c(-1, 1) * balance_uneven
  edges <- frame(list(x = edge, xend = edge, y = rep(0.4, 2L), yend = rep(n + 0.6, 2L)))
  scene(rows, list(segment_layer(edges, 1, house$zero, "dotted"),
                   segment_layer(links[!is.na(links$x + links$xend), ], 0.8, house$zero),
                   dot_layer(points[!is.na(points$x), ], 6)),
        sprintf("%s and %s before and after weighting", x$provenance$treated, x$provenance$control),
        sprintf("standardised difference, %s less %s", x$provenance$treated, x$provenance$control),
        caption = sprintf("Dotted: %s either side.", balance_uneven),
        names = frame(list(y = place, label = table$covariate)), series = style, legend = style$level, keys = "point")
}

# The treated upwards, the control downwards; weighted ones filled, outlines as they were.
overlap_drawn <- function(x) {
  bins <- x$bins
  level <- x$overlap$level
  width <- 1 / nrow(bins)
  boxes <- function(column, sign) frame(list(
    xmin = bins$score_from, xmax = bins$score_from + width, ymin = pmin(0, 100 * sign * column),
    ymax = pmax(0, 100 * sign * column)))
  steps <- function(column, sign, name) {
    edges <- c(bins$score_from, 1)
    named <- rep(name, 2L * length(edges))
    frame(list(x = rep(edges, each = 2L), y = 100 * sign * c(0, rep(column, each = 2L), 0), series = named, group = named))
  }
  style <- data.frame(level = rev(level), colour = c(house$blue, house$orange), shape = c(21L, 23L),
                      line = c("solid", "dashed"), fill = c("#9fbdd6", "#f0d2b8"))
  high <- 105 * max(bins$weighted_treated, bins$treated)
  low <- 105 * max(bins$weighted_control, bins$control)
  at <- pretty(c(-low, high), 6L)
  at <- at[at >= -low & at <= high]
  words <- frame(list(x = c(1, 1), y = c(high, -low), label = rev(level)))
  drawn <- scene(bins, list(
    box_layer(boxes(bins$weighted_treated, 1), style$fill[1L]), box_layer(boxes(bins$weighted_control, -1), style$fill[2L]),
    path_layer(steps(bins$treated, 1, level[2L]), 1.4), path_layer(steps(bins$control, -1, level[1L]), 1.4),
    text_layer(words[1L, ], 1, 1), text_layer(words[2L, ], 1, 0)),
    sprintf("Do %s and %s overlap?", level[2L], level[1L]), sprintf("propensity score of %s", level[2L]),
    "percent of the group", sprintf("%s upwards, %s downwards; filled: weighted, line: before.", capital(level[2L]), level[1L]),
    grid = "y", series = style, vline = NULL, hline = 0, xlim = c(0, 1), ylim = c(-low, high))
  drawn$y_ticks <- frame(list(at = at, label = sprintf("%g", abs(at))))
  drawn
}
