# Pictures of what a confounder leaves.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot what a confounder leaves
#'
#' Contours of the estimate, or of t, over the strengths of a confounder, with the benchmarks.
#' \code{plot} draws with base graphics, \code{autoplot} (of ggplot2) makes the same picture as a ggplot.
#'
#' @param x,object a result of \code{\link{confounding}}.
#' @param kind \code{"estimate"} or \code{"t"}.
#' @param ... ignored.
#' @return \code{plot}: the data frame that was drawn (\code{part}: \code{"contour"}, \code{"overturned"} or
#'   \code{"benchmark"}; \code{name}, \code{level}, \code{x}, \code{y}), invisibly. \code{autoplot}: the ggplot.
#' @section Errors:
#' \code{steelyard_error_invalid}: another kind; \code{autoplot} without ggplot2.
#' @examples
#' fit <- fit_linear(Fertility ~ Education + Catholic + Agriculture, swiss)
#' plot(confounding(fit, "Education", benchmarks = "Agriculture"))
#' @export
plot.steelyard_confounding <- function(x, kind = "estimate", ...) draw_scene(confounding_drawn(x, kind))

#' @rdname plot.steelyard_confounding
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_confounding <- function(object, kind = "estimate", ...) gg_scene(confounding_drawn(object, kind))

contour_inches <- c(4, 3.9) # of the panel, without the names beside it
confounding_grid <- 80L

confounding_drawn <- function(x, kind) {
  kind <- choice("kind", kind, c("estimate", "t"))
  limits <- unname(confounding_reach(x))
  r <- x$robustness
  found <- if (kind == "t") r$statistic else if (is.na(r$estimate)) 1 else r$estimate
  edge <- if (kind == "t") sign(found) * settle(.Call(C_t_quantile, 1 - r$alpha / 2, r$df - 1)) else found * (1 - r$q)
  marks <- benchmark_rays(x$bounds)
  limits <- pmin(0.995, pmax(limits, vapply(marks[c("x", "y")], function(at) max(0, 1.03 * at), 0)))
  surface <- contour_grid(x, confounding_grid, limits)
  z <- matrix(if (kind == "t") surface$statistic else surface$estimate, confounding_grid, byrow = TRUE)
  named <- beside_panel(outermost_marks(marks), limits)
  at <- list(x = c(0, marks$x), y = c(0, marks$y))
  places <- lapply(limits, function(limit) seq(0, limit, length.out = confounding_grid))
  lines_of <- function(levels, avoid) labelled_contours(places[[1L]], places[[2L]], z, levels, avoid, c(0, limits[1L]),
                                                        c(0, limits[2L]), contour_inches)
  own <- lines_of(edge, at)
  others <- lines_of(round_levels(z, edge), list(x = c(at$x, own$labels$x), y = c(at$y, own$labels$y)))
  layers <- c(contour_layers(others, house$zero, 0.8), contour_layers(own, house$orange, 2, "dashed"),
              mark_layers(marks, named, house$blue),
              list(dot_layer(frame(list(x = 0, y = 0)), 7, house$text, 24L)))
  what <- if (is.na(r$estimate) && kind == "estimate") "part of the estimate that is left" else kind
  scene(contour_rows(others, own, marks), layers, sprintf("What a confounder leaves of %s: %s %s without one", r$term, what,
                                                          signed_number(found)),
        "part of what is left of the term that the confounder explains", "part of what is left of the outcome that it explains",
        paste0(sprintf("Thin lines: %s that is left. Dashed: %s. Triangle: no confounder.", kind,
                       if (kind == "estimate" && edge == 0) "nothing is left" else paste(kind, signed_number(edge))),
               named_note(named, marks)),
        grid = "none", vline = NULL, xlim = limits[1L] * c(-0.02, names_room(named)), ylim = limits[2L] * c(-0.02, 1.02),
        x_ticks = ticks_within(c(0, limits[1L])), span = limits[1L] * c(-0.02, 1), tall = contour_inches[2L])
}

ticks_within <- function(range) {
  at <- pretty(range, 5L)
  at <- at[at >= range[1L] & at <= range[2L]]
  frame(list(at = at, label = signed_number(at)))
}

# How much wider the picture is for names beside the panel.
names_room <- function(named) {
  if (!nrow(named)) return(1.02)
  1.1 + max(name_sizes(named$label)$width) / contour_inches[1L]
}

# Bounds that exist, in the order of their strength.
benchmark_rays <- function(bounds) {
  rows <- bounds[!is.na(bounds$r2_treatment), ]
  times <- ifelse(rows$kd == rows$ky, sprintf("%.3g", rows$kd), sprintf("%.3g/%.3g", rows$kd, rows$ky))
  rows <- frame(list(name = as.character(rows$benchmark), times = times, x = rows$r2_treatment, y = rows$r2_outcome))
  rows[order(match(rows$name, rows$name), rows$x + rows$y), ]
}

# One name a benchmark, at its outermost point.
outermost_marks <- function(marks) {
  each <- split(marks, factor(marks$name, unique(marks$name)))
  frame(list(x = vapply(each, function(one) one$x[nrow(one)], 0, USE.NAMES = FALSE),
             y = vapply(each, function(one) one$y[nrow(one)], 0, USE.NAMES = FALSE),
             label = vapply(each, function(one) sprintf("%s x %s", paste(one$times, collapse = ", "), one$name[1L]), "",
                            USE.NAMES = FALSE),
             weight = vapply(each, function(one) max(pmin(one$x, one$y)), 0, USE.NAMES = FALSE)))
}

# Marks (x, y, label, weight) with names in a column right of the panel: edge, where leads bend.
beside_panel <- function(marks, limits) {
  if (!nrow(marks)) return(cbind(marks, frame(list(at = double(), edge = double()))))
  marks <- column_of_names(marks, c(0, limits[2L]), contour_inches[2L])
  marks$edge <- rep(1.03 * limits[1L], nrow(marks))
  marks
}

named_note <- function(named, marks) {
  all <- length(unique(marks$name))
  if (!all) return("")
  paste0(" Diamonds: confounders as strong as benchmarks.",
         if (nrow(named) < all) sprintf(" %d of %d benchmarks are not named.", all - nrow(named), all))
}

contour_layers <- function(found, colour, width, line = "solid") {
  if (is.null(found$lines)) return(NULL)
  list(path_layer(found$lines, width, colour, line),
       if (!is.null(found$labels))
         text_layer(found$labels, size = contour_points, colour = if (width > 1) colour else house$quiet))
}

# Benchmarks, those of one name joined, and their names with leads; of one panel or several.
mark_layers <- function(marks, named, colour) {
  if (!nrow(marks)) return(NULL)
  rows <- function(...) frame(c(list(...), if (!is.null(named$panel)) list(panel = named$panel)))
  joined <- if (is.null(marks$panel)) marks[marks$name %in% marks$name[duplicated(marks$name)], ] else marks[0L, ]
  list(segment_layer(rows(x = named$x, y = named$y, xend = named$edge, yend = named$at), 0.4, house$zero),
       path_layer(cbind(joined, group = joined$name), 0.8, colour, "solid"), dot_layer(marks, 5, colour, 23L),
       text_layer(rows(x = named$edge, y = named$at, label = named$label), hjust = 0, size = name_points, dx = 3))
}

contour_rows <- function(others, own, marks) {
  part <- function(what, lines) if (!is.null(lines)) frame(list(
    part = rep(what, nrow(lines)), name = lines$group, level = lines$level, x = lines$x, y = lines$y))
  rbind(part("contour", others$lines), part("overturned", own$lines),
        frame(list(part = rep("benchmark", nrow(marks)), name = sprintf("%s x %s", marks$times, marks$name),
                   level = rep(NA_real_, nrow(marks)), x = marks$x, y = marks$y)))
}
