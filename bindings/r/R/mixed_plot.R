# Pictures of mixed models.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot a mixed model
#'
#' \code{plot} draws with base graphics, \code{autoplot} (of ggplot2) makes the same picture as a ggplot.
#'
#' @param x,object a result of \code{\link{fit_mixed}}.
#' @param kind \code{"league"}: effects of the groups in order with their limits; \code{"funnel"}: effects
#'   against their precision before they were shrunken, with limits of 95 and 99.8 percent about 0;
#'   \code{"coefficients"}; \code{"qq"}: the effects against what normal ones
#'   would be.
#' @param group,effect which; \code{NULL}: the first.
#' @param named groups whose names are written where there are more than 40 (\code{"league"}) or always
#'   (\code{"funnel"}); \code{NULL}: the three outermost at each end, and those outside the funnel.
#' @param ... ignored.
#' @return \code{plot}: the data frame that was drawn, invisibly. \code{autoplot}: the ggplot.
#' @section Errors:
#' \code{steelyard_error_invalid}: another kind; a group, an effect or a name that is not there (the nearest is
#' said); \code{autoplot} without ggplot2.
#' @seealso \code{\link{random_effects}}
#' @examples
#' fit <- fit_mixed(weight ~ Time + (1 | Chick), ChickWeight)
#' plot(fit)
#' plot(fit, "funnel")
#' @export
plot.steelyard_mixed <- function(x, kind = "league", group = NULL, effect = NULL, named = NULL, ...)
  draw_scene(mixed_drawn(x, kind, group, effect, named))

#' @rdname plot.steelyard_mixed
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_mixed <- function(object, kind = "league", group = NULL, effect = NULL, named = NULL, ...)
  gg_scene(mixed_drawn(object, kind, group, effect, named))

mixed_drawn <- function(x, kind, group = NULL, effect = NULL, named = NULL) {
  kind <- choice("kind", kind, c("league", "funnel", "coefficients", "qq"))
  if (kind == "coefficients") return(coefficients_drawn(x))
  rows <- one_effect(x, group, effect)
  of <- if (rows$effect[1L] == "(Intercept)") "effects" else paste("effects of", rows$effect[1L])
  title <- sprintf("%s: %s on %s", rows$group[1L], of, x$outcome)
  if (!is.null(named)) for (name in texts("named", named)) if (!name %in% rows$level) place("named", name, rows$level)
  switch(kind, league = league_drawn(rows[rev(seq_len(nrow(rows))), ], title, with_limits("shrunken effect", x$level), named,
                                     caption = not_of_group),
         funnel = effects_funnel(rows, effect_variance(x, rows), title, named),
         qq = quantiles_drawn(rows$estimate, title, "shrunken effect", "Line: normal effects with these quartiles.", rows$level, TRUE))
}

# The effects of one kind of one group, ascending.
one_effect <- function(fit, group, effect) {
  names <- vapply(fit$bars, `[[`, "", "group")
  group <- if (is.null(group)) names[1L] else names[place("group", group, names)]
  effects <- unlist(lapply(fit$bars[names == group], `[[`, "effects"))
  effect <- if (is.null(effect)) effects[1L] else effects[place("effect", effect, effects)]
  rows <- plain_frame(random_effects(fit))
  rows <- rows[rows$group == group & rows$effect == effect, ]
  rows[order(rows$estimate), ]
}

not_of_group <- "Association, not effect of the group on its members."

# Rows (level, estimate, conf.low, conf.high) in order, the first on top.
league_drawn <- function(rows, title, axis, named, noun = "levels", zero = 0, caption = NULL) {
  row.names(rows) <- NULL
  drawn <- dot_chart(limit_rows(rows, rows$level), title, axis, caption, zero = zero, named = named, drawn = rows)
  if (nrow(rows) > most_names) drawn$up <- sprintf("%d %s in order", nrow(rows), noun)
  drawn
}

funnel_named <- 8L # outside the limits, the outermost

# The variance of an effect whose groups a funnel can show: one effect a group, so that it is shrunken by itself.
effect_variance <- function(fit, rows) {
  group <- rows$group[1L]
  bar <- Find(function(bar) bar$group == group && rows$effect[1L] %in% bar$effects, fit$bars)
  if (length(bar$effects) > 1L)
    invalid("kind: effects of %s are shrunken together (%s); a funnel shows groups with one effect each", group,
            paste(bar$effects, collapse = ", "))
  variance <- bar_block(fit, bar)[1L, 1L]
  if (!(variance > 0)) invalid("kind: the variance of %s is 0; a funnel has nothing to show", group)
  variance
}

# Each group's own effect, which shrinkage pulled to zero, against its precision.
effects_funnel <- function(rows, variance, title, named) {
  limits <- vapply(c(0.975, 0.999), function(p) settle(.Call(C_t_quantile, p, Inf)), 0)
  found <- .Call(C_own_effects, as.double(rows$estimate), as.double(rows$std.error), as.double(variance))
  kept <- !is.na(found[[1L]])
  lost <- sum(!kept)
  rows <- rows[kept, ]
  rows$own <- found[[1L]][kept]
  rows$precision <- 1 / found[[2L]][kept]
  x <- seq(0.9 * min(rows$precision), 1.04 * max(rows$precision), length.out = 200L)
  lines <- lapply(c(-limits, limits), function(limit)
    path_layer(frame(list(x = x, y = limit / x)), 1, house$zero, if (abs(limit) == limits[1L]) "dashed" else "solid"))
  z <- abs(rows$own) * rows$precision
  outside <- z > limits[2L]
  marked <- if (is.null(named)) order(-z)[seq_len(min(funnel_named, sum(outside)))] else match(named, rows$level)
  points <- frame(list(x = rows$precision, y = rows$own, label = rows$level))
  caption <- paste0("Limits about 0: dashed 95 %, solid 99.8 %. ",
                    if (lost) sprintf("%d without an effect of their own are left out. ", lost), not_of_group)
  funnel_scene(rows, points, outside, lines, marked[!is.na(marked)], range(x),
               range(rows$own, limits[2L] / x, -limits[2L] / x), 0,
               list(title = title, axis = "precision: 1 / standard error of the group's own effect",
                    up = "the group's own effect, not shrunken", caption = caption))
}

# A cloud of groups in a funnel: those outside are diamonds, those `marked` named.
funnel_scene <- function(rows, points, outside, lines, marked, xlim, ylim, middle, words) {
  inches <- c(5.9, 3.9)
  room <- diff(ylim) * 0.05
  ylim <- ylim + c(-room, room)
  xlim <- xlim + c(-0.03, 0.06) * diff(xlim)
  marks <- names_beside(points[marked, ], points, xlim, ylim, inches)
  size <- cloud_size(nrow(points)) + 1
  leads <- frame(list(x = marks$x_lead, y = marks$y_lead, xend = marks$xend, yend = marks$yend))[marks$lead, ]
  names_at <- function(side) text_layer(marks[marks$hjust == side, ], hjust = side, size = name_points)
  layers <- c(lines, list(
    segment_layer(leads, 0.4, house$zero),
    dot_layer(points[!outside, ], size, house$blue), dot_layer(points[outside, ], size + 1.5, house$orange, 23L),
    names_at(0), names_at(1)))
  scene(rows, layers, words$title, words$axis, words$up, words$caption, grid = "y", vline = NULL, hline = middle, xlim = xlim,
        ylim = ylim, tall = inches[2L])
}
