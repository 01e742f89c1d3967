# Draws a scene in base graphics: all places are measured in inches of the figure region, so that a picture
# takes one place of par(mfrow) like any other and nothing is cut.
# SPDX-License-Identifier: GPL-3.0-only

inch <- 72.27 # points
name_choices <- list(c(28, 10), c(28, 9), c(28, 8), c(44, 8), c(28, 7), c(44, 7), c(64, 8), c(64, 7)) # letters a line, points

# The rows of the scene, invisibly. Without an open device one is opened that is large enough.
draw_scene <- function(s) {
  wanted <- scene_inches(s)
  if (grDevices::dev.cur() == 1L) open_device(wanted)
  old <- graphics::par("mar", "xpd", "lheight", "xaxs", "yaxs", "lend")
  on.exit(graphics::par(old))
  graphics::par(mar = rep(0, 4L), xpd = NA, lheight = 0.92, xaxs = "i", yaxs = "i", lend = "butt")
  graphics::plot.new()
  graphics::plot.window(c(0, 1), c(0, 1))
  plan <- page_plan(s, graphics::par("fin"), wanted)
  for (k in seq_len(plan$count)) draw_panel(s, plan, k)
  draw_words(s, plan)
  rows <- s$rows
  attr(rows, "inches") <- wanted
  invisible(rows)
}

# In a script that is the file that plot() of R itself writes, and no numbered one beside it.
open_device <- function(wanted) {
  own <- getOption("device")
  if (identical(own, "pdf") || identical(own, grDevices::pdf)) grDevices::pdf(width = wanted[1L], height = wanted[2L])
  else grDevices::dev.new(width = wanted[1L], height = wanted[2L])
}

letter_cex <- function(points) points / (graphics::par("ps") * graphics::par("cex"))

wide <- function(text, points) {
  if (!length(text)) return(0)
  max(0, graphics::strwidth(text, units = "inches", cex = letter_cex(points)))
}

high <- function(text, points) if (length(text)) max(lines_in(text)) * points * 1.2 / inch else 0

# Lines no wider than so many inches.
fitted_lines <- function(text, inches, points) {
  if (!length(text)) return(text)
  letters <- max(12, floor(inches / wide("explained in the", points) * 16))
  vapply(text, function(one) {
    made <- wrapped(one, letters)
    while (wide(made, points) > inches && letters > 12) made <- wrapped(one, letters <- letters - 2)
    made
  }, "", USE.NAMES = FALSE)
}

# Where everything goes, in inches from the lower left corner of the region.
page_plan <- function(s, region, wanted) {
  count <- max(1L, length(s$panels))
  plan <- list(region = region, count = count, columns = s$columns, rows = ceiling(count / s$columns),
               limits = lapply(seq_len(count), function(k) scene_limits(s, s$panels[k])))
  inside <- region[1L] - 0.25
  plan$title <- fitted_lines(s$title, inside, house$title)
  plan$caption <- fitted_lines(s$caption, inside, house$caption)
  plan$axis <- fitted_lines(s$axis, inside, house$small)
  plan$keys <- legend_plan(s, inside)
  plan$top <- 0.12 + high(plan$title, house$title) + if (length(s$title)) 0.1 else 0
  plan$foot <- 0.1 + high(plan$caption, house$caption) + if (length(s$caption)) 0.06 else 0
  plan$foot <- plan$foot + plan$keys$height
  plan$ticks <- if (is.null(s$x_ticks) || nrow(s$x_ticks)) 0.24 else 0.06
  plan$under <- plan$foot + high(plan$axis, house$small) + if (length(s$axis)) 0.06 else 0
  plan$right <- if (is.null(s$right)) 0.2 else wide(right_labels(s), house$small) + 0.3
  plan$gap <- 0.25
  if (is.null(s$names)) return(with_values(s, plan, wanted))
  with_names(s, plan, wanted)
}

# The rest of the plan, once the width left of the panels is known.
with_panels <- function(s, plan, left) {
  plan$up <- if (length(s$up)) fitted_lines(s$up, turned_room(s, plan), house$small)
  left <- left + if (length(s$up)) high(plan$up, house$small) + 0.06 else 0
  plan$left <- left
  plan$width <- (plan$region[1L] - left - plan$right - (plan$columns - 1L) * plan$gap) / plan$columns
  plan$strips <- fitted_lines(s$strips, max(plan$width, 0.3), house$strip)
  plan$strip <- if (length(s$strips)) high(plan$strips, house$strip) + 0.08 else 0
  between <- plan$ticks + plan$strip
  plan$height <- (plan$region[2L] - plan$top - plan$under - plan$rows * between - (plan$rows - 1L) * 0.12) / plan$rows
  plan
}

# Inches along the axis that its words may take about their middle.
turned_room <- function(s, plan) {
  panel <- (plan$region[2L] - plan$top - plan$under) / plan$rows - plan$ticks - if (length(s$strips)) 0.3 else 0
  max(panel, 0.5) * 2 * min(s$up_at, 1 - s$up_at) + 0.2
}

with_values <- function(s, plan, wanted) {
  plan$y <- lapply(plan$limits, function(one) {
    if (!is.null(s$y_ticks)) return(s$y_ticks)
    at <- pretty(one$y, 5)
    list(at = at, label = tick_labels(at))
  })
  plan$label_width <- max(vapply(plan$y, function(one) wide(one$label, house$small), 0))
  checked(with_panels(s, plan, 0.23 + plan$label_width), wanted)
}

# The largest letters and the narrowest lines at which no name touches the next.
with_names <- function(s, plan, wanted) {
  for (try in name_choices) {
    plan$labels <- wrapped(s$names$label, try[1L])
    plan$points <- try[2L]
    plan <- with_panels(s, plan, 0.22 + wide(plan$labels, try[2L]))
    room <- plan$height / diff(plan$limits[[1L]]$y)
    if (names_fit(s$names$y, plan$labels, try[2L], room)) return(checked(plan, wanted))
  }
  checked(plan, wanted)
  message(sprintf("plot: the names need a picture about %.1f inches high; this one has %.1f", wanted[2L],
                  plan$region[2L]))
  plan
}

# room: inches a unit of y.
names_fit <- function(y, labels, points, room) {
  if (length(y) < 2L) return(TRUE)
  order <- order(y)
  each <- lines_in(labels)[order] * points * 1.1 / inch
  all(diff(y[order]) * room >= (each[-1L] + each[-length(each)]) / 2)
}

checked <- function(plan, wanted) {
  if (plan$height < 0.3 || plan$width < 0.5)
    invalid("plot: the device is too small, %.1f by %.1f inches; this picture asks for %.1f by %.1f", plan$region[1L],
            plan$region[2L], wanted[1L], wanted[2L])
  plan
}

tick_labels <- function(at) {
  text <- format(at, trim = TRUE, scientific = max(abs(at)) >= 1e6 || (any(at != 0) && max(abs(at)) < 1e-4))
  ifelse(at == 0, "0", text)
}

# Legend entries in lines, each with its place: x in inches from the left, line from the top.
legend_plan <- function(s, inside) {
  if (!length(s$legend)) return(list(height = 0))
  labels <- wrapped(s$legend, 34L)
  widths <- vapply(labels, wide, 0, points = house$small) + 0.62
  n <- length(labels)
  if (sum(widths) <= inside) {
    x <- cumsum(widths) - widths
    line <- rep(0, n)
  } else {
    columns <- max(1, floor(inside / max(widths)))
    x <- (seq_len(n) - 1) %% columns * max(widths)
    line <- (seq_len(n) - 1) %/% columns
  }
  tall <- tapply(lines_in(labels), line, max) * house$small * 1.3 / inch
  list(labels = labels, x = x, y = (cumsum(tall) - tall / 2)[line + 1L], height = sum(tall) + 0.2)
}

panel_box <- function(plan, k) {
  column <- (k - 1L) %% plan$columns
  row <- (k - 1L) %/% plan$columns
  left <- plan$left + column * (plan$width + plan$gap)
  top <- plan$region[2L] - plan$top - row * (plan$height + plan$ticks + plan$strip + 0.12) - plan$strip
  c(left, left + plan$width, top - plan$height, top)
}

draw_panel <- function(s, plan, k) {
  panel <- s$panels[k]
  box <- panel_box(plan, k)
  limits <- plan$limits[[k]]
  if (s$equal) limits <- as_equal(limits, box)
  graphics::par(plt = c(box[1:2] / plan$region[1L], box[3:4] / plan$region[2L]))
  graphics::plot.window(limits$x, limits$y)
  ticks <- x_ticks_of(s, limits$x, plan$width)
  draw_grid(s, plan, k, limits, ticks, panel)
  for (layer in s$layers) {
    graphics::par(xpd = if (layer$geom == "text") NA else FALSE)
    if (layer$geom == "text" && is.null(layer$size)) layer$size <- min(plan$points, house$small)
    draw_layer(layer, in_panel(layer$rows, panel, s$panels), s$series)
  }
  graphics::par(xpd = NA)
  per_inch <- c(diff(limits$x) / diff(box[1:2]), diff(limits$y) / diff(box[3:4]))
  span <- if (is.null(s$span)) limits$x else s$span
  if (nrow(ticks)) graphics::segments(span[1L], limits$y[1L], span[2L], limits$y[1L], col = house$zero, lwd = 0.8)
  draw_ticks(ticks, limits$y[1L], per_inch[2L])
  if ((k - 1L) %% plan$columns == 0L) draw_left(s, plan, k, limits, per_inch)
  if (length(plan$strips))
    graphics::text(limits$x[1L], limits$y[2L] + 0.07 * per_inch[2L], plan$strips[k], adj = c(0, 0),
                   cex = letter_cex(house$strip), col = house$text)
  if (!is.null(s$right)) draw_right(s, limits, per_inch)
}

draw_ticks <- function(ticks, y, per_inch) {
  if (!nrow(ticks)) return(invisible())
  graphics::segments(ticks$at, y, ticks$at, y - 0.05 * per_inch, col = house$zero, lwd = 0.8)
  graphics::text(ticks$at, y - 0.14 * per_inch, ticks$label, cex = letter_cex(house$small), col = house$text)
}

# The narrower way keeps its limits, the other is widened about its middle.
as_equal <- function(limits, box) {
  unit <- c(diff(limits$x) / diff(box[1:2]), diff(limits$y) / diff(box[3:4]))
  list(x = mean(limits$x) + c(-0.5, 0.5) * max(unit) * diff(box[1:2]),
       y = mean(limits$y) + c(-0.5, 0.5) * max(unit) * diff(box[3:4]))
}

x_ticks_of <- function(s, x, width) {
  if (!is.null(s$x_ticks)) return(s$x_ticks)
  for (many in max(2L, min(6L, floor(width / 0.65))):1) {
    at <- pretty(x, many)
    at <- at[at >= x[1L] - 1e-9 * diff(x) & at <= x[2L] + 1e-9 * diff(x)]
    label <- tick_labels(at)
    if (length(at) < 2L || wide(label, house$small) + 0.08 <= width * (at[2L] - at[1L]) / diff(x)) break
  }
  frame(list(at = at, label = label))
}

draw_grid <- function(s, plan, k, limits, ticks, panel) {
  rule <- function(x0, y0, x1, y1, colour, lwd) graphics::segments(x0, y0, x1, y1, col = colour, lwd = lwd)
  inside <- function(at, ends) at[at >= ends[1L] & at <= ends[2L]]
  if (s$grid %in% c("x", "xy") && nrow(ticks)) rule(ticks$at, limits$y[1L], ticks$at, limits$y[2L], house$grid, 0.8)
  if (s$grid %in% c("y", "xy") && is.null(s$names)) {
    at <- inside(plan$y[[k]]$at, limits$y)
    rule(limits$x[1L], at, limits$x[2L], at, house$grid, 0.8)
  }
  if (length(s$rules)) rule(limits$x[1L], s$rules, limits$x[2L], s$rules, house$grid, 0.8)
  at <- inside(line_places(s$vline, panel), limits$x)
  if (length(at)) rule(at, limits$y[1L], at, limits$y[2L], house$zero, ifelse(at == 0, 1.1, 0.8))
  at <- inside(line_places(s$hline, panel), limits$y)
  if (length(at)) rule(limits$x[1L], at, limits$x[2L], at, house$zero, ifelse(at == 0, 1.1, 0.8))
}

draw_left <- function(s, plan, k, limits, per_inch) {
  edge <- limits$x[1L] - 0.08 * per_inch[1L]
  if (!is.null(s$names)) {
    if (length(s$names$y))
      graphics::text(edge, s$names$y, plan$labels, adj = c(1, 0.5), cex = letter_cex(plan$points), col = house$text)
  } else {
    at <- plan$y[[k]]$at
    seen <- at >= limits$y[1L] & at <= limits$y[2L]
    graphics::text(edge, at[seen], plan$y[[k]]$label[seen], adj = c(1, 0.5), cex = letter_cex(house$small), col = house$text)
  }
  if (length(s$up))
    graphics::text(limits$x[1L] - (plan$left - 0.1) * per_inch[1L], limits$y[1L] + s$up_at * diff(limits$y), plan$up, srt = 90,
                   adj = c(0.5, 1), cex = letter_cex(house$small), col = house$text)
}

# Direct labels, spread apart, each joined to the end of its line.
draw_right <- function(s, limits, per_inch) {
  labels <- right_labels(s)
  gap <- lines_in(labels) * house$small * 1.15 / inch * per_inch[2L]
  y <- spread_out(s$right$y, gap, limits$y[1L], limits$y[2L])
  x <- limits$x[2L] + 0.18 * per_inch[1L]
  style <- s$series[match(s$right$series, s$series$level), ]
  graphics::segments(s$right$x, s$right$y, x - 0.03 * per_inch[1L], y, col = style$colour, lwd = 0.7)
  graphics::text(x, y, labels, adj = c(0, 0.5), cex = letter_cex(house$small), col = house$text)
}

draw_words <- function(s, plan) {
  region <- plan$region
  graphics::par(plt = c(0, 1, 0, 1))
  graphics::plot.window(c(0, region[1L]), c(0, region[2L]))
  words <- function(x, y, text, points, adj) if (length(text))
    graphics::text(x, y, text, adj = adj, cex = letter_cex(points), col = house$text)
  words(0.12, region[2L] - 0.12, plan$title, house$title, c(0, 1))
  words(0.12, 0.09, plan$caption, house$caption, c(0, 0))
  middle <- plan$left + (region[1L] - plan$left - plan$right) / 2
  half <- wide(plan$axis, house$small) / 2
  words(min(max(middle, 0.1 + half), region[1L] - 0.1 - half), plan$foot + high(plan$axis, house$small) / 2, plan$axis,
        house$small, c(0.5, 0.5))
  if (length(s$legend)) draw_legend(s, plan$keys, plan$foot - 0.1)
}

draw_legend <- function(s, keys, top) {
  style <- s$series[match(s$legend, s$series$level), ]
  y <- top - keys$y
  x <- 0.15 + keys$x
  if (s$keys == "box") {
    graphics::rect(x + 0.1, y - 0.055, x + 0.3, y + 0.055, col = style$fill, border = house$zero, lwd = 0.5)
  } else {
    dashed <- any(vapply(s$layers, function(layer) layer$geom == "path" && is.null(layer$line), NA))
    if (s$keys != "point") graphics::segments(x, y, x + 0.34, y, col = style$colour, lty = if (dashed) style$line else "solid",
                                              lwd = 1.6 * 96 / 72)
    draw_dots(x + 0.17, y, style$shape, style$colour, style$fill, 6)
  }
  graphics::text(x + 0.4, y, keys$labels, adj = c(0, 0.5), cex = letter_cex(house$small), col = house$text)
}

draw_dots <- function(x, y, shape, colour, fill, size) {
  lined <- shape == 3L | fill == house$ground
  graphics::points(x, y, pch = shape, col = colour, bg = fill, cex = letter_cex(size / 0.52), lwd = ifelse(lined, 1.6, 0.6))
}

draw_layer <- function(layer, rows, series) {
  if (!nrow(rows)) return(invisible())
  own <- if (!is.null(rows$series) && !is.null(series)) series[match(as.character(rows$series), series$level), ]
  or <- function(name, key = name) if (is.null(own)) layer[[key]] else own[[name]]
  line <- if (!is.null(layer$line)) layer$line else if (is.null(own)) "solid" else own$line
  lwd <- if (!is.null(layer$width)) layer$width * 96 / 72
  switch(layer$geom,
    dot = draw_dots(rows$x, rows$y, or("shape"), or("colour"), or("fill"), layer$size),
    segment = graphics::segments(rows$x, rows$y, rows$xend, rows$yend, col = or("colour"), lwd = lwd, lty = line),
    box = graphics::rect(rows$xmin, rows$ymin, rows$xmax, rows$ymax, col = or("fill"), border = layer$colour, lwd = 0.6),
    text = graphics::text(rows$x + layer$dx / inch / graphics::par("pin")[1L] * diff(graphics::par("usr")[1:2]),
                          rows$y + layer$dy / inch / graphics::par("pin")[2L] * diff(graphics::par("usr")[3:4]),
                          rows$label, adj = c(layer$hjust, layer$vjust), cex = letter_cex(layer$size), col = layer$colour),
    path = draw_groups(rows, function(at) graphics::lines(rows$x[at], rows$y[at], lwd = lwd, lty = rep(line, length.out = nrow(rows))[at[1L]],
                                                          col = rep(or("colour"), length.out = nrow(rows))[at[1L]])),
    area = draw_groups(rows, function(at) draw_area(rows[at, ], rep(or("fill"), length.out = nrow(rows))[at[1L]])))
}

draw_groups <- function(rows, draw) {
  group <- if (is.null(rows$group)) rep(1L, nrow(rows)) else rows$group
  for (at in split(seq_len(nrow(rows)), factor(group, unique(group)))) draw(at)
}

# Rings within a ring are holes.
draw_area <- function(rows, fill) {
  rings <- if (is.null(rows$subgroup)) list(rows) else split(rows, rows$subgroup)
  one <- function(name) utils::head(unlist(lapply(rings, function(ring) c(ring[[name]], NA)), use.names = FALSE), -1L)
  graphics::polypath(one("x"), one("y"), col = fill, border = NA, rule = "evenodd")
}
