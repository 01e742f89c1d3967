# Where names stand in a picture so that none lies on another one, or on a point. Letters are not measured: they are
# taken as wide as those of a common sans serif, so that both engines place alike.
# SPDX-License-Identifier: GPL-3.0-only

name_points <- 8    # size of the letters
name_letter <- 0.56 # width of a letter, in parts of their size
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
# yend, lead): x where the name begins, y of its middle, the point, and whether a line must lead there.
names_beside <- function(marks, points, xlim, ylim, inches) {
  unit <- inches / c(diff(xlim), diff(ylim))
  in_inches <- function(x, y) cbind((x - xlim[1L]) * unit[1L], (y - ylim[1L]) * unit[2L])
  dots <- in_inches(points$x, points$y)
  at <- in_inches(marks$x, marks$y)
  marks$label <- wrapped(marks$label)
  marks$xend <- marks$x
  marks$yend <- marks$y
  marks$lead <- rep(FALSE, nrow(marks))
  size <- name_sizes(marks$label)
  taken <- matrix(0, 0L, 4L)
  for (i in seq_len(nrow(marks))) {
    box <- free_box(at[i, ], size$width[i], size$height[i], dots, taken, inches)
    marks$x[i] <- if (is.null(box)) NA else xlim[1L] + box[1L] / unit[1L]
    marks$y[i] <- if (is.null(box)) NA else ylim[1L] + (box[2L] + box[4L]) / 2 / unit[2L]
    marks$lead[i] <- !is.null(box) && box[5L] > 1
    taken <- rbind(taken, box[seq_len(min(4L, length(box)))])
  }
  marks[!is.na(marks$x), ]
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
    on_dots <- any(dots[, 1L] > box[1L] - 0.04 & dots[, 1L] < box[3L] + 0.04 & dots[, 2L] > box[2L] - 0.03 & dots[, 2L] < box[4L] + 0.03)
    on_names <- any(taken[, 1L] < box[3L] & taken[, 3L] > box[1L] & taken[, 2L] < box[4L] & taken[, 4L] > box[2L])
    if (inside && !on_dots && !on_names) return(c(box, ring))
  }
  NULL
}
