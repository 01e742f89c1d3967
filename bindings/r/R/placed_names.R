# Where names stand in a picture so that none lies on another one, or on a point. Letters are not measured: they are
# taken as wide as those of a common sans serif, so that both engines place alike.
# SPDX-License-Identifier: GPL-3.0-only

name_points <- 8    # size of the letters
name_letter <- 0.6 # width of a letter, in parts of their size
name_line <- 1.25   # height of a line, in parts of their size
name_rings <- c(0.09, 0.3, 0.6) # inches from the point
name_places <- cbind(x = c(1, -1, 1, 1, -1, -1, 0, 0), y = c(0, 0, 1, -1, 1, -1, 1, -1)) # about the point, as tried

# Widths and heights of names in inches.
name_sizes <- function(label, points = name_points) {
  lines <- strsplit(label, "\n", fixed = TRUE)
  list(width = name_letter * points / 72 * vapply(lines, function(one) max(nchar(one), 1L), 1L),
       height = name_line * points / 72 * pmax(lengths(lines), 1L))
}

# Names in a column beside a panel of `inches`, as many as fit, those with the largest `weight` first: marks(y, label,
# weight) with `at`, where the name stands, in the order of their heights.
column_of_names <- function(marks, ylim, inches) {
  marks$label <- wrapped(marks$label)
  need <- 1.15 * name_sizes(marks$label)$height / inches * diff(ylim)
  ranked <- order(-marks$weight)
  kept <- sort(ranked[cumsum(need[ranked]) <= diff(ylim)])
  kept <- kept[order(marks$y[kept])]
  marks <- marks[kept, ]
  need <- need[kept]
  marks$at <- spread_out(marks$y, need, ylim[1L] + need[1L] / 2, ylim[2L] - need[length(need)] / 2)
  marks
}

# Names beside their points, the first ones first; one for which there is no room is left out. marks(x, y, label, xend,
# yend, x_lead, y_lead, hjust, lead): x where the name begins (hjust 0) or ends (1) and y of its middle, the point, where a
# line to it begins, and whether one is needed.
names_beside <- function(marks, points, xlim, ylim, inches) {
  unit <- inches / c(diff(xlim), diff(ylim))
  in_inches <- function(x, y) cbind((x - xlim[1L]) * unit[1L], (y - ylim[1L]) * unit[2L])
  dots <- in_inches(points$x, points$y)
  at <- in_inches(marks$x, marks$y)
  marks$label <- wrapped(marks$label)
  marks$xend <- marks$x
  marks$yend <- marks$y
  marks$x_lead <- marks$x
  marks$y_lead <- marks$y
  marks$hjust <- double(nrow(marks))
  marks$lead <- rep(FALSE, nrow(marks))
  size <- name_sizes(marks$label)
  taken <- matrix(0, 0L, 4L)
  for (i in seq_len(nrow(marks))) {
    box <- free_box(at[i, ], size$width[i], size$height[i], dots, taken, inches)
    if (is.null(box)) {
      marks$x[i] <- NA
      next
    }
    left <- at[i, 1L] >= box[3L]
    marks$x[i] <- xlim[1L] + box[if (left) 3L else 1L] / unit[1L]
    marks$hjust[i] <- as.numeric(left)
    marks$y[i] <- ylim[1L] + (box[2L] + box[4L]) / 2 / unit[2L]
    nearest <- pmin(pmax(at[i, ], box[1:2]), box[3:4])
    marks$x_lead[i] <- xlim[1L] + nearest[1L] / unit[1L]
    marks$y_lead[i] <- ylim[1L] + nearest[2L] / unit[2L]
    marks$lead[i] <- box[5L] > 1
    taken <- rbind(taken, box[1:4])
    if (marks$lead[i]) dots <- rbind(dots, along_lead(nearest, at[i, ])) # later names keep off the line too
  }
  marks[!is.na(marks$x), ]
}

# Places along a line from a name to its point.
along_lead <- function(from, to) {
  part <- seq(0, 1, length.out = 12L)
  cbind(from[1L] + part * (to[1L] - from[1L]), from[2L] + part * (to[2L] - from[2L]))
}

# The first box c(left, low, right, high, ring) about a point that is free of dots and of other boxes, tried nearby
# and then farther away.
free_box <- function(at, width, height, dots, taken, inches) {
  for (ring in seq_along(name_rings)) for (k in seq_len(nrow(name_places))) {
    side <- name_places[k, ]
    off <- name_rings[ring]
    left <- at[1L] + c(-off - width, -width / 2, off)[side[["x"]] + 2]
    low <- at[2L] - height / 2 + side[["y"]] * (height / 2 + if (side[["x"]] == 0 || ring > 1L) off else 0.02)
    box <- c(left, low, left + width, low + height)
    inside <- all(box[1:2] >= 0) && all(box[3:4] <= inches)
    on_dots <- any(dots[, 1L] > box[1L] - 0.04 & dots[, 1L] < box[3L] + 0.04 & dots[, 2L] > box[2L] - 0.03 &
                     dots[, 2L] < box[4L] + 0.03)
    on_names <- any(taken[, 1L] < box[3L] & taken[, 3L] > box[1L] & taken[, 2L] < box[4L] & taken[, 4L] > box[2L])
    lead <- along_lead(pmin(pmax(at, box[1:2]), box[3:4]), at)
    crossed <- ring > 1L && any(vapply(seq_len(nrow(taken)), function(i) any(
      lead[, 1L] > taken[i, 1L] & lead[, 1L] < taken[i, 3L] & lead[, 2L] > taken[i, 2L] & lead[, 2L] < taken[i, 4L]), NA))
    if (inside && !on_dots && !on_names && !crossed) return(c(box, ring))
  }
  NULL
}

outermost <- 3L      # at each end are named where not all can be
league_inches <- 5.5 # of a panel across

# A dot chart of many rows with names of some, by default the outermost, in a column beside the limits, where the picture
# is empty: left of them in the upper half and right in the lower one, the other way round where values grow downwards.
named_beside <- function(drawn, dots, named) {
  n <- nrow(dots)
  dots$low <- pmin(dots$x, dots$low, na.rm = TRUE)
  dots$high <- pmax(dots$x, dots$high, na.rm = TRUE)
  ranked <- order(dots$x)
  some <- if (is.null(named)) dots[ranked[c(seq_len(outermost), n + 1L - seq_len(outermost))], ]
          else dots[dots$name %in% named, ]
  if (!nrow(some)) return(drawn)
  upper <- some$y > mean(drawn$ylim)
  rising <- stats::cor(dots$x, dots$y) >= 0
  parts <- lapply(split(some, upper), name_column, dots, drawn, rising)
  marked <- frame(list(x = some$low, xend = some$high, y = some$y, yend = some$y))
  words <- lapply(parts, function(part) text_layer(part$words, part$left, size = name_points, dx = if (part$left) -2 else 2))
  drawn$layers <- c(drawn$layers, list(
    segment_layer(do.call(rbind, lapply(parts, `[[`, "leads")), 0.4, house$zero), segment_layer(marked, 1.4, house$blue),
    dot_layer(frame(list(x = some$x, y = some$y)), 4, house$blue)), unname(words))
  ends <- range(dots$low, dots$high, drawn$vline)
  drawn$span <- ends + c(-0.03, 0.03) * diff(ends)
  wide <- drawn$span
  at <- vapply(parts, `[[`, 0, "at")
  inches <- vapply(parts, `[[`, 0, "inches")
  for (turn in 1:8) wide <- range(wide, at + inches / league_inches * diff(wide))
  drawn$xlim <- wide
  drawn
}

# list(words, leads, left, at, inches): names of some dots of one half in a column, and how far it goes (below 0: left).
name_column <- function(some, dots, drawn, rising) {
  some <- some[order(some$y), ]
  left <- (some$y[1L] > mean(drawn$ylim)) == rising
  label <- wrapped(some$name)
  size <- name_sizes(label)
  need <- 1.15 * size$height / drawn$tall * diff(drawn$ylim)
  at <- spread_out(some$y, need, drawn$ylim[1L] + need[1L] / 2, drawn$ylim[2L] - need[length(need)] / 2)
  near <- vapply(dots$y, function(y) any(abs(y - at) <= need / 2 + 1), NA)
  gap <- 0.03 * diff(range(dots$low, dots$high))
  from <- if (left) min(dots$low[near]) - gap else max(dots$high[near]) + gap
  end <- rep(from, nrow(some))
  list(words = frame(list(x = end, y = at, label = label)), left = as.numeric(left), at = from,
       leads = frame(list(x = if (left) some$low else some$high, y = some$y, xend = end, yend = at)),
       inches = (if (left) -1 else 1) * max(size$width))
}
