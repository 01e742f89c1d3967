# Pictures of share-flips.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot the difference of two shares over two strengths of a hidden confounder
#'
#' Contours of the difference, shaded where the order is turned; the heavy line is where both
#' share alike, the round point the nearest flip, the diamonds are what observed terms have,
#' the triangle is no confounder; grey is where there is no such confounder.
#' \code{plot} draws with base graphics, \code{autoplot} (of ggplot2) makes the same picture as a ggplot.
#'
#' @param x,object a result of \code{\link{share_flip}}.
#' @param across,along,third,reach as in \code{\link{flip_contours}}.
#' @param points a side of the grid over the confounders that there are.
#' @param ... ignored.
#' @return \code{plot}: the data frame that was drawn (\code{panel}; \code{part}: \code{"contour"},
#'   \code{"alike"}, \code{"turned"}, \code{"benchmark"} or \code{"nearest"}; \code{name}, \code{level},
#'   \code{x}, \code{y}), invisibly. \code{autoplot}: the ggplot.
#' @section Errors:
#' \code{steelyard_error_invalid}: a strength of 1 or more; \code{autoplot} without ggplot2.
#' @examples
#' s <- shares(swiss, "Fertility", list(process = ~ Education, funding = ~ Catholic,
#'             need = ~ Agriculture))
#' plot(share_flip(s), points = 30)
#' @export
plot.steelyard_share_flip <- function(x, across = "a", along = "c", third = NULL, points = 60, reach = 0.98, ...)
  draw_scene(share_flip_drawn(x, across, along, third, points, reach))

#' @rdname plot.steelyard_share_flip
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_share_flip <- function(object, across = "a", along = "c", third = NULL, points = 60, reach = 0.98, ...)
  gg_scene(share_flip_drawn(object, across, along, third, points, reach))

flip_nowhere <- "#b4babe"     # where there is no such confounder; lighter, also in grey:
flip_turned_fill <- "#f3d9c6" # where the order is turned

flip_axis <- function(x, letter) {
  names <- x$parts[[1L]]$names
  switch(letter, a = sprintf("a: correlation with %s", names[2L]), b = sprintf("b: with %s, given %s", names[1L], names[2L]),
         "c: with the outcome, given both")
}

share_flip_drawn <- function(x, across, along, third, points, reach) {
  grids <- lapply(x$parts, flip_grid, across, along, third, points, reach, x$threads)
  fields <- lapply(seq_along(grids), function(i)
    flip_field(x$parts[[i]], grids[[i]], across, along, as.integer(points), number("reach", reach)))
  panels <- flip_panels(x, grids)
  found <- lapply(seq_along(grids), function(i) flip_panel(x, names(grids)[i], grids[[i]], fields[[i]], across, along, reach))
  of <- function(part) {
    rows <- do.call(rbind, lapply(seq_along(found), function(i)
      if (NROW(found[[i]][[part]])) cbind(found[[i]][[part]], panel = rep(panels[i], nrow(found[[i]][[part]])))))
    if (is.null(rows)) frame(list(x = double(), y = double())) else rows
  }
  named <- of("named")
  layers <- c(list(box_layer(of("ground"), flip_nowhere), area_layer(of("possible"), house$ground),
                   area_layer(of("turned"), flip_turned_fill), path_layer(of("lines"), 0.6, house$zero, "solid"),
                   text_layer(of("labels"), size = contour_points, colour = house$quiet),
                   path_layer(of("alike"), 2, house$blue, "solid")),
              mark_layers(of("marks"), named, house$orange),
              list(dot_layer(of("none"), 7, house$text, 24L), dot_layer(of("nearest"), 7, house$blue, 21L)))
  words <- x$parts[[1L]]$names
  several <- length(panels) > 1L
  question <- sprintf("hat would put %s above %s", words[2L], words[1L])
  scene(of("rows"), layers, paste0(if (several) "W" else paste0(names(grids), ": w"), question),
        flip_axis(x, across), flip_axis(x, along),
        paste0(sprintf("Lines: %s less %s, points. Shaded: %s is above. Grey: no such confounder. Triangle: none.", words[1L],
                       words[2L], words[2L]),
               named_note(named, of("marks")), " Dot: the least that turns the order.",
               if (!several) sprintf(" %s = %.3f.", grids[[1L]]$other, grids[[1L]]$value)),
        panels = if (several) panels, grid = "none", vline = NULL,
        xlim = c(-reach, reach * (2 * names_room(named) - 1)), ylim = c(-reach, reach),
        x_ticks = ticks_within(c(-reach, reach)), span = c(-reach, reach), columns = 1L, tall = contour_inches[2L])
}

# The panel of each outcome says what the third strength is there.
flip_panels <- function(x, grids) {
  sprintf("%s (%s = %.3f)", names(grids), vapply(grids, `[[`, "", "other"), vapply(grids, `[[`, 0, "value"))
}

# What is drawn of one outcome, by name: areas, lines, marks.
flip_panel <- function(x, outcome, grid, field, across, along, reach) {
  ends <- c(-reach, reach)
  marks <- x$benchmarks[x$benchmarks$outcome == outcome & !is.na(x$benchmarks[[across]]) & !is.na(x$benchmarks[[along]]), ]
  marks <- frame(list(x = marks[[across]], y = marks[[along]], label = marks$term, name = marks$term,
                      weight = pmax(abs(marks[[across]]), abs(marks[[along]]))))
  marks <- marks[abs(marks$x) <= reach & abs(marks$y) <= reach, ]
  named <- column_of_names(marks, ends, contour_inches[2L])
  named$edge <- rep(1.04 * reach, nrow(named))
  near <- x$nearest[x$nearest$outcome == outcome, ]
  near <- near[!is.na(near[[across]]) & isTRUE(abs(near[[grid$other]] - grid$value) < 1e-9), ]
  near <- frame(list(x = near[[across]], y = near[[along]]))
  avoid <- list(x = c(0, near$x, marks$x), y = c(0, near$y, marks$y))
  lines_at <- function(levels) if (!is.null(field))
    labelled_contours(field$x, field$t, field$difference, levels, avoid, ends, ends, contour_inches, field$map)
  own <- lines_at(0)$lines
  others <- lines_at(round_levels(field$difference, 0, 7L))
  turned <- if (!is.null(field)) turned_area(field)
  row <- function(part, rows, name = rep(NA_character_, NROW(rows)), level = rep(NA_real_, NROW(rows)))
    if (NROW(rows)) frame(list(part = rep(part, nrow(rows)), name = name, level = level, x = rows$x, y = rows$y))
  if (!is.null(own)) own <- whole_lines(field, 0)
  list(ground = frame(list(xmin = -reach, xmax = reach, ymin = -reach, ymax = reach)), possible = possible_area(field),
       turned = turned, lines = others$lines, labels = others$labels, alike = own, marks = marks, named = named,
       none = frame(list(x = 0, y = 0)), nearest = near,
       rows = rbind(row("contour", others$lines, others$lines$group, others$lines$level),
                    row("alike", own, own$group, own$level), row("turned", turned, turned$subgroup),
                    row("benchmark", marks, marks$name), row("nearest", near)))
}
