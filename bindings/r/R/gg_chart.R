# The same scene as a ggplot, to which anything can be added.
# SPDX-License-Identifier: GPL-3.0-only

gg_scene <- function(s) {
  need_ggplot2()
  limits <- scene_limits(s)
  if (!is.null(s$rows$panel) && !is.null(s$panels)) s$rows$panel <- factor(as.character(s$rows$panel), s$panels)
  drawn <- ggplot2::ggplot(s$rows)
  for (piece in c(gg_lines(s), unlist(lapply(s$layers, gg_layer, s = s), recursive = FALSE))) drawn <- drawn + piece
  drawn <- drawn + gg_axes(s, limits) + gg_words(s)
  if (!is.null(s$right)) drawn <- drawn + gg_right(s, limits)
  if (!is.null(s$strips)) {
    strips <- strip_words(s)
    drawn <- drawn + ggplot2::facet_wrap("panel", ncol = s$columns, scales = if (s$free) "free_x" else "fixed",
                                         labeller = ggplot2::as_labeller(stats::setNames(strips, s$panels)))
  }
  drawn <- drawn + theme_house(if (s$grid == "y" && !is.null(s$names)) "none" else s$grid) + gg_styles(s)
  if (s$up_at != 0.5) drawn <- drawn + ggplot2::theme(axis.title.y = ggplot2::element_text(hjust = s$up_at))
  if (!is.null(s$names)) drawn <- drawn + gg_names(s)
  if (!is.null(s$right)) drawn <- drawn + ggplot2::theme(plot.margin = ggplot2::margin(8, 24 + 5.2 * longest(right_labels(s)), 8, 8))
  drawn
}

longest <- function(lines) max(nchar(unlist(strsplit(lines, "\n", fixed = TRUE))))
widest <- function(labels, width = name_width) longest(wrapped(labels, width))

gg_axes <- function(s, limits) {
  x <- if (is.null(s$x_ticks)) ggplot2::scale_x_continuous(expand = if (s$free && is.null(s$xlim)) ggplot2::expansion(mult = s$room)
                                                                     else c(0, 0), labels = tick_words)
       else ggplot2::scale_x_continuous(breaks = s$x_ticks$at, labels = s$x_ticks$label, expand = c(0, 0))
  y <- if (!is.null(s$y_ticks)) ggplot2::scale_y_continuous(breaks = s$y_ticks$at, labels = s$y_ticks$label, expand = c(0, 0))
       else if (is.null(s$names)) ggplot2::scale_y_continuous(expand = c(0, 0), labels = tick_words)
       else ggplot2::scale_y_continuous(breaks = s$names$y, labels = wrapped(s$names$label, gg_choice(s)[1L]), expand = c(0, 0))
  across <- if (!s$free || !is.null(s$xlim)) limits$x
  list(x, y, if (s$equal) ggplot2::coord_equal(xlim = across, ylim = limits$y, clip = "off")
             else ggplot2::coord_cartesian(xlim = across, ylim = limits$y, clip = "off"))
}

tick_words <- function(at) {
  out <- rep(NA_character_, length(at))
  out[!is.na(at)] <- tick_labels(at[!is.na(at)])
  out
}

# Letters a line and points at which names fit a panel of the likely height.
gg_choice <- function(s) {
  rows <- max(1L, ceiling(length(s$panels) / s$columns))
  room <- min(panel_inches(s), 4.4 / rows) / diff(scene_limits(s)$y)
  for (try in name_choices) if (names_fit(s$names$y, wrapped(s$names$label, try[1L]), try[2L], room)) break
  try
}

gg_names <- function(s) {
  ggplot2::theme(axis.text.y = ggplot2::element_text(size = gg_choice(s)[2L], lineheight = 0.92, colour = house$text, hjust = 1))
}

# Letters a line below the panels, which the names leave less room.
gg_across <- function(s) {
  names <- if (is.null(s$names) || !nrow(s$names)) 0 else {
    try <- gg_choice(s)
    widest(s$names$label, try[1L]) * try[2L] * 0.5 / inch
  }
  max(30L, floor((scene_inches(s)[1L] - names - 0.6) * 15))
}

gg_words <- function(s) {
  folded <- function(text, width) if (length(text)) wrapped(text, width)
  ggplot2::labs(title = folded(s$title, 78L), x = folded(s$axis, gg_across(s)), y = folded(s$up, 56L), caption = folded(s$caption, 92L))
}

gg_lines <- function(s) {
  rule <- function(lines, geom, what) {
    if (is.data.frame(lines)) {
      lines$panel <- factor(lines$panel, s$panels)
      return(list(geom(ggplot2::aes(!!!stats::setNames(list(quote(.data$at)), what)), lines, colour = house$zero, linewidth = 0.4)))
    }
    if (length(lines)) list(do.call(geom, c(stats::setNames(list(lines), what), list(colour = house$zero, linewidth = 0.4))))
  }
  c(if (length(s$rules)) list(ggplot2::geom_hline(yintercept = s$rules, colour = house$grid, linewidth = 0.3)), rule(s$vline, ggplot2::geom_vline, "xintercept"), rule(s$hline, ggplot2::geom_hline, "yintercept"))
}

# Colours, shapes, lines and fills by series, and the legend of those that are named below.
gg_styles <- function(s) {
  if (is.null(s$series)) return(list(ggplot2::theme(legend.position = "none")))
  of <- function(key) stats::setNames(s$series[[key]], s$series$level)
  named <- if (length(s$legend)) s$legend else ggplot2::waiver()
  labels <- if (length(s$legend)) wrapped(s$legend, 34L) else ggplot2::waiver()
  list(ggplot2::scale_colour_manual(values = of("colour"), breaks = named, labels = labels, name = NULL),
       ggplot2::scale_fill_manual(values = of("fill"), breaks = named, labels = labels, name = NULL),
       ggplot2::scale_shape_manual(values = of("shape"), breaks = named, labels = labels, name = NULL),
       ggplot2::scale_linetype_manual(values = of("line"), breaks = named, labels = labels, name = NULL),
       if (length(s$legend)) gg_guide(s),
       if (!length(s$legend)) ggplot2::theme(legend.position = "none")
       else ggplot2::theme(legend.key.width = ggplot2::unit(if (s$keys == "box") 1 else 2, "lines")))
}

gg_guide <- function(s) {
  choice <- if (NROW(s$names)) gg_choice(s)
  left <- if (is.null(choice)) 0.7 else 0.2 + 0.6 / 72 * choice[2L] * widest(s$names$label, choice[1L])
  inches <- scene_inches(s)[1L] - left - 0.4 # ggplot2 centres a legend below the panel, which is no wider than this
  entries <- 0.5 + 0.52 / 72 * house$small * vapply(s$legend, widest, 1L, width = 34L)
  needs <- function(columns) sum(tapply(entries, (seq_along(entries) - 1L) %% columns, max))
  columns <- max(1L, Filter(function(columns) needs(columns) <= inches, seq_along(entries)))
  guide <- function(...) ggplot2::guide_legend(ncol = columns, byrow = TRUE, ...)
  ggplot2::guides(colour = if (s$keys == "box") guide() else guide(override.aes = list(size = 2.4)), fill = guide(),
                  shape = guide(), linetype = guide())
}

gg_layer <- function(layer, s) {
  rows <- layer$rows
  if (!is.null(s$panels) && !is.null(rows$panel)) rows$panel <- factor(as.character(rows$panel), s$panels)
  by <- !is.null(rows$series) && !is.null(s$series)
  if (by) rows$series <- factor(as.character(rows$series), s$series$level)
  switch(layer$geom, dot = gg_dots(rows, layer, by, s), segment = gg_segments(rows, layer, by), path = gg_paths(rows, layer, by),
         box = gg_boxes(rows, layer, by), area = gg_areas(rows, layer, by), text = gg_texts(rows, layer, s))
}

gg_dots <- function(rows, layer, by, s) {
  size <- layer$size / 2.7
  if (by) {
    hollow <- s$series$fill[match(as.character(rows$series), s$series$level)] == house$ground
    return(list(ggplot2::geom_point(ggplot2::aes(.data$x, .data$y, colour = .data$series, fill = .data$series, shape = .data$series),
                                    rows, size = size, stroke = ifelse(hollow, 0.9, 0.3))))
  }
  list(ggplot2::geom_point(ggplot2::aes(.data$x, .data$y), rows, size = size, stroke = 0.6, colour = layer$colour, fill = layer$fill,
                           shape = layer$shape))
}

gg_segments <- function(rows, layer, by) {
  width <- layer$width * 96 / 72 / 2.845
  map <- ggplot2::aes(.data$x, .data$y, xend = .data$xend, yend = .data$yend)
  fixed <- list(data = rows, linewidth = width, lineend = "butt")
  if (by) map <- utils::modifyList(map, ggplot2::aes(colour = .data$series)) else fixed$colour <- layer$colour
  if (!is.null(layer$line)) fixed$linetype <- layer$line
  else if (by) map <- utils::modifyList(map, ggplot2::aes(linetype = .data$series))
  list(do.call(ggplot2::geom_segment, c(list(mapping = map), fixed)))
}

gg_paths <- function(rows, layer, by) {
  if (is.null(rows$group)) rows$group <- 1L
  rows$group <- factor(rows$group, unique(rows$group))
  map <- ggplot2::aes(.data$x, .data$y, group = .data$group)
  fixed <- list(data = rows, linewidth = layer$width * 96 / 72 / 2.845)
  if (by) map <- utils::modifyList(map, ggplot2::aes(colour = .data$series)) else fixed$colour <- layer$colour
  if (!is.null(layer$line)) fixed$linetype <- layer$line
  else if (by) map <- utils::modifyList(map, ggplot2::aes(linetype = .data$series))
  list(do.call(ggplot2::geom_path, c(list(mapping = map, na.rm = TRUE), fixed)))
}

gg_boxes <- function(rows, layer, by) {
  map <- ggplot2::aes(xmin = .data$xmin, xmax = .data$xmax, ymin = .data$ymin, ymax = .data$ymax)
  fixed <- list(data = rows, colour = layer$colour, linewidth = 0.2)
  if (by) map <- utils::modifyList(map, ggplot2::aes(fill = .data$series)) else fixed$fill <- layer$fill
  list(do.call(ggplot2::geom_rect, c(list(mapping = map), fixed)))
}

gg_areas <- function(rows, layer, by) {
  rows$group <- factor(if (is.null(rows$group)) 1L else rows$group)
  map <- ggplot2::aes(.data$x, .data$y, group = .data$group)
  if (!is.null(rows$subgroup)) map <- utils::modifyList(map, ggplot2::aes(subgroup = .data$subgroup))
  if (by) return(list(ggplot2::geom_polygon(utils::modifyList(map, ggplot2::aes(fill = .data$series)), rows)))
  list(ggplot2::geom_polygon(map, rows, fill = layer$fill))
}

# Points away from a place are parts of the range, taking a panel for some five by four inches.
gg_texts <- function(rows, layer, s) {
  limits <- scene_limits(s, if (!is.null(rows$panel)) as.character(rows$panel[1L]))
  rows$x <- rows$x + layer$dx / inch / (5 / s$columns) * diff(limits$x)
  rows$y <- rows$y + layer$dy / inch / 4 * diff(limits$y)
  size <- if (is.null(layer$size)) min(gg_choice(s)[2L], house$small) else layer$size
  list(ggplot2::geom_text(ggplot2::aes(.data$x, .data$y, label = .data$label), rows, hjust = layer$hjust, vjust = layer$vjust,
                          size = size / 2.845, colour = layer$colour, lineheight = 1))
}

# Direct labels right of the panel, spread apart.
gg_right <- function(s, limits) {
  labels <- right_labels(s)
  rows <- s$right
  rows$y_label <- spread_out(rows$y, lines_in(labels) * house$small * 1.15 / inch / panel_inches(s) * diff(limits$y), limits$y[1L], limits$y[2L])
  rows$x_label <- limits$x[2L] + 0.035 * diff(limits$x)
  rows$label <- labels
  rows$series <- factor(rows$series, s$series$level)
  list(ggplot2::geom_segment(ggplot2::aes(.data$x, .data$y, xend = .data$x_label, yend = .data$y_label, colour = .data$series), rows,
                             linewidth = 0.3, show.legend = FALSE),
       ggplot2::geom_text(ggplot2::aes(.data$x_label, .data$y_label, label = .data$label), rows, hjust = 0, nudge_x = 0.01 * diff(limits$x),
                          size = house$small / 2.845, colour = house$text, lineheight = 1))
}
