# A picture described once, in rows and layers, for both engines: base_chart.R and gg_chart.R draw it.
# SPDX-License-Identifier: GPL-3.0-only

# rows: what the picture shows, for the reader of the result.
# names: frame(y, label): an axis of names instead of numbers. right: frame(y, label, series): direct labels.
# legend: series named below the picture. keys: what stands for a series there, "dot" or "box".
# free: each panel has its own x scale. vline, hline: reference lines; of one panel only as frame(panel, at).
# rules: heights of thin lines between rows. up_at: where along the axis its words are centred. tall: inches of a panel at which nothing is cramped.
# span: the part of the horizontal axis that is a scale, where names stand beyond it.
# x_ticks, y_ticks: frame(at, label). room: parts of the x range kept free on both sides.
scene <- function(rows, layers, title = NULL, axis = NULL, up = NULL, caption = NULL, names = NULL, series = NULL,
                  legend = character(), keys = "dot", panels = NULL, free = FALSE, grid = "x", vline = 0, hline = NULL,
                  xlim = NULL, ylim = NULL, equal = FALSE, right = NULL, x_ticks = NULL, y_ticks = NULL, room = c(0.04, 0.04),
                  columns = 3L, strips = panels, tall = NULL, up_at = 0.5, rules = numeric(), span = NULL) {
  structure(class = "steelyard_scene", list(
    rows = rows, layers = Filter(function(layer) !is.null(layer) && nrow(layer$rows) > 0L, layers), title = title,
    axis = axis, up = up, caption = caption, names = names, series = series, legend = legend, keys = keys,
    panels = panels, free = free, grid = grid, vline = vline, hline = hline, xlim = xlim, ylim = ylim, equal = equal,
    right = right, x_ticks = x_ticks, y_ticks = y_ticks, room = room, columns = if (length(panels)) min(columns, length(panels)) else 1L,
    strips = strips, tall = tall, up_at = up_at, rules = rules, span = span))
}

layer_of <- function(geom, rows, style) {
  structure(c(list(geom = geom, rows = as.data.frame(rows)), style))
}

# rows with x, y; size in points across.
dot_layer <- function(rows, size = 6, colour = house$quiet, shape = 21L, fill = colour)
  layer_of("dot", rows, list(size = size, colour = colour, shape = shape, fill = fill))

# rows with x, y, xend, yend; width in points. With series the line follows it unless line is given.
segment_layer <- function(rows, width = 1.6, colour = house$quiet, line = NULL)
  layer_of("segment", rows, list(width = width, colour = colour, line = line))

# rows with x, y, group: one line a group, broken where x or y is NA.
path_layer <- function(rows, width = 1.6, colour = house$quiet, line = NULL)
  layer_of("path", rows, list(width = width, colour = colour, line = line))

# rows with xmin, xmax, ymin, ymax; fill by series or constant.
box_layer <- function(rows, fill = house$quiet, colour = house$ground)
  layer_of("box", rows, list(fill = fill, colour = colour))

# rows with x, y, group: one filled area a group; with subgroup its rings, of which inner ones are holes.
area_layer <- function(rows, fill = house$grid) layer_of("area", rows, list(fill = fill))

# rows with x, y, label; hjust, vjust as in ggplot2; dx, dy in points away from the place.
# size: NULL for letters no larger than those of the names.
text_layer <- function(rows, hjust = 0.5, vjust = 0.5, size = house$small, colour = house$text, dx = 0, dy = 0)
  layer_of("text", rows, list(hjust = hjust, vjust = vjust, size = size, colour = colour, dx = dx, dy = dy))

layer_range <- function(layer, way, panel, panels) {
  rows <- in_panel(layer$rows, panel, panels)
  values <- unlist(rows[intersect(paste0(way, c("", "end", "min", "max")), names(rows))])
  values <- values[is.finite(values)]
  if (length(values)) range(values)
}

in_panel <- function(rows, panel, panels) {
  if (is.null(panels) || is.null(rows$panel)) return(rows)
  rows[as.character(rows$panel) == panel, , drop = FALSE]
}

line_places <- function(lines, panel) {
  if (!is.data.frame(lines)) return(lines)
  lines$at[as.character(lines$panel) == panel]
}

# Limits of a panel's axes; those of all panels together unless they are free.
scene_limits <- function(s, panel = NULL) {
  each <- if (s$free || is.null(s$panels)) panel else s$panels
  spread <- function(way, given, lines) {
    if (!is.null(given)) return(given)
    found <- unlist(lapply(s$layers, function(layer)
      if (is.null(each)) layer_range(layer, way, NULL, NULL)
      else lapply(each, function(one) layer_range(layer, way, one, s$panels))))
    found <- c(found, unlist(lapply(if (is.null(each)) NA else each, function(one) line_places(lines, one))))
    if (!length(found)) found <- c(0, 1)
    found <- range(found)
    if (diff(found) <= 0) found <- found + c(-0.5, 0.5) * max(abs(found[1L]), 1)
    found
  }
  x <- spread("x", s$xlim, s$vline)
  if (is.null(s$xlim)) x <- x + diff(x) * c(-1, 1) * s$room
  y <- if (is.null(s$names)) spread("y", s$ylim, s$hline) else if (!nrow(s$names)) s$ylim else range(s$names$y) + c(-0.6, 0.6)
  if (is.null(s$names) && is.null(s$ylim)) y <- y + diff(y) * c(-0.04, 0.04)
  if (!is.null(s$names) && !is.null(s$ylim)) y <- s$ylim
  list(x = x, y = y)
}

# Inches across and high at which nothing is cramped.
scene_inches <- function(s) {
  rows <- max(1L, ceiling(length(s$panels) / s$columns))
  across <- if (s$columns > 1L) 2.6 * s$columns + 2 else 7
  beside <- max(1L, min(4L, floor(90 / (max(0L, nchar(s$legend)) + 9))))
  strip <- if (length(s$strips)) 0.08 + 0.167 * max(lines_in(strip_words(s))) else 0
  c(across, (panel_inches(s) + 0.36 + strip) * rows + 1.04 + 0.28 * ceiling(length(s$legend) / beside))
}

strip_words <- function(s) wrapped(s$strips, if (s$columns > 2L) 26L else 34L)

# Direct labels, on fewer and longer lines where there are many.
right_labels <- function(s) {
  narrow <- wrapped(s$right$label)
  if (sum(lines_in(narrow)) > 20L) wrapped(s$right$label, 44L) else narrow
}

panel_inches <- function(s) {
  if (!is.null(s$tall)) return(s$tall)
  if (!is.null(s$right)) return(max(3.6, 0.15 * sum(lines_in(right_labels(s)))))
  if (is.null(s$names)) return(if (s$columns > 1L) 2.8 else 3.6)
  many <- length(s$names$y) > 12L
  lines <- lines_in(wrapped(s$names$label, if (many) 44L else name_width))
  pitch <- max(if (many) 0.22 else 0.34, 0.11 * max(lines, 1L), if (!many) 0.17 * max(lines, 1L))
  max(pitch * (diff(range(s$names$y)) + 1), 0.8)
}

# A dot with its limits a row: name, value, low, high; with series side by side, with panels beside each other.
# Over 40 names only those in named are written, beside their dots; by default the three outermost at each end.
# A column shift says how far above its row a dot stands, where the series are not all in each panel.
# Names appear in the order given, the first on top.
dot_chart <- function(rows, title = NULL, axis = NULL, caption = NULL, zero = 0, marks = NULL, named = NULL, xlim = NULL,
                      style = NULL, up = NULL, free = FALSE, drawn = rows, legend = NULL, strips = NULL) {
  labels <- as.character(unique(rows$name))
  panels <- if (!is.null(rows$panel)) as.character(unique(rows$panel))
  series <- if (!is.null(rows$series)) as.character(unique(rows$series))
  if (is.null(style) && length(series)) style <- series_of(series)
  sides <- rows[intersect(c("name", "panel"), names(rows))]
  dodged <- if (length(series) > 1L && anyDuplicated(sides)) length(series) else 1L
  placed <- dot_places(rows, labels, series, dodged)
  many <- length(labels) > most_names
  size <- if (many) 2.5 else if (length(labels) * dodged > 24L) 4.5 else 6
  shown <- if (many) character() else labels
  made <- scene(
    drawn, list(segment_layer(placed$limits, if (many) 0.6 else 1.6, line = "solid"), dot_layer(placed$dots, size)),
    title, axis, up, caption,
    names = frame(list(y = length(labels) + 1 - match(shown, labels), label = shown)), series = style,
    legend = if (!is.null(legend)) legend else if (dodged > 1L) series else character(),
    keys = if (nrow(placed$limits)) "dot" else "point", panels = panels, free = free,
    vline = c(zero, marks), xlim = xlim, ylim = c(0.4, length(labels) + 0.6),
    strips = if (is.null(strips)) panels else strips, rules = if (dodged > 1L) seq_along(labels[-1L]) + 0.5,
    tall = dot_inches(length(labels), if (is.null(rows$shift)) dodged else length(unique(rows$shift)), labels))
  if (many && is.null(panels) && dodged == 1L) named_beside(made, placed$dots, named) else made
}

dot_inches <- function(count, dodged, labels) {
  if (count > most_names) return(5)
  if (dodged < 2L) return(NULL)
  pitch <- if (count > 12L) max(0.22, 0.1 * dodged + 0.08) else 0.17 * dodged + 0.14
  max(count * max(pitch, 0.122 * max(lines_in(wrapped(labels, if (count > 12L) 44L else name_width)))), 1)
}

# Dots and limits with their places, series of one name side by side.
dot_places <- function(rows, labels, series, dodged) {
  place <- length(labels) + 1 - match(as.character(rows$name), labels)
  if (!is.null(rows$shift)) place <- place + rows$shift
  else if (dodged > 1L) place <- place + ((dodged + 1) / 2 - match(as.character(rows$series), series)) * min(0.26, 0.76 / dodged)
  rows$x <- rows$value
  rows$y <- rows$yend <- place
  limits <- rows[!is.na(rows$low) & !is.na(rows$high), ]
  limits$x <- limits$low
  limits$xend <- limits$high
  list(dots = rows[!is.na(rows$x), ], limits = limits)
}

most_names <- 40L # more would lie on one another

# A line a series over x; named at their right ends where there is one panel and room, else below.
line_chart <- function(rows, title = NULL, axis = NULL, up = NULL, caption = NULL, style = NULL, hline = 0, vline = NULL,
                       dots = TRUE, drawn = rows, x_ticks = NULL, ylim = NULL, direct = 18L) {
  series <- as.character(unique(rows$series))
  panels <- if (!is.null(rows$panel)) as.character(unique(rows$panel))
  if (is.null(style)) style <- series_of(series)
  rows$group <- rows$series
  last <- rows[rows$x == max(rows$x), ]
  direct <- is.null(panels) && length(series) <= direct && nrow(last) == length(series)
  scene(drawn, list(path_layer(rows), if (dots) dot_layer(rows, 5)), title, axis, up, caption, series = style,
        legend = if (direct) character() else series, panels = panels, grid = "y", vline = vline, hline = hline,
        x_ticks = x_ticks, ylim = ylim,
        right = if (direct) frame(list(y = last$y, x = last$x, label = as.character(last$series), series = as.character(last$series))))
}
