# Lines of equal height with their heights written into them.
# SPDX-License-Identifier: GPL-3.0-only

# list(lines = frame(level, group, x, y), labels = frame(x, y, label)): lines of the heights `z` [x, y] at `levels`, each
# opened where its height stands, as far as can be from other heights and from what is to be `avoid`ed (x, y). `map`
# takes places of the grid to those of the picture.
labelled_contours <- function(x, y, z, levels, avoid, xlim, ylim, inches, map = identity) {
  unit <- inches / c(diff(xlim), diff(ylim))
  taken <- cbind(avoid$x * unit[1L], avoid$y * unit[2L])
  lines <- labels <- NULL
  for (level in levels) {
    pieces <- lapply(grDevices::contourLines(x, y, z, levels = level), function(piece) map(list(x = piece$x, y = piece$y)))
    lengths <- vapply(pieces, function(piece) line_length(piece, unit), 0)
    text <- signed_number(level)
    for (k in seq_along(pieces)) {
      piece <- pieces[[k]]
      if (k == which.max(lengths) && lengths[k] > 0.9) {
        at <- label_place(piece, taken, xlim, ylim, unit)
        taken <- rbind(taken, c(piece$x[at] * unit[1L], piece$y[at] * unit[2L]))
        labels <- rbind(labels, data.frame(x = piece$x[at], y = piece$y[at], label = text))
        size <- name_sizes(text, contour_points)
        open <- abs(piece$x - piece$x[at]) * unit[1L] < size$width / 2 + 0.02 &
          abs(piece$y - piece$y[at]) * unit[2L] < size$height / 2
        piece$x[open] <- NA
      }
      lines <- rbind(lines, data.frame(level = level, group = paste(text, k), x = piece$x, y = piece$y))
    }
  }
  list(lines = lines, labels = labels)
}

contour_points <- 7.5 # size of the heights

signed_number <- function(value) no_minus_zero(sprintf("%.3g", value))

line_length <- function(piece, unit) sum(sqrt((diff(piece$x) * unit[1L])^2 + (diff(piece$y) * unit[2L])^2))

# The point of a line farthest from all that is taken, not near the picture's edges.
label_place <- function(piece, taken, xlim, ylim, unit) {
  edge <- pmin(pmin(piece$x - xlim[1L], xlim[2L] - piece$x) * unit[1L], pmin(piece$y - ylim[1L], ylim[2L] - piece$y) * unit[2L])
  near <- rep(Inf, length(piece$x))
  for (i in seq_len(nrow(taken)))
    near <- pmin(near, sqrt((piece$x * unit[1L] - taken[i, 1L])^2 + (piece$y * unit[2L] - taken[i, 2L])^2))
  which.max(pmin(near, 0.8, 2 * edge))
}

# Round levels over heights, but for those next to one that is drawn on its own.
round_levels <- function(z, own, about = 8L) {
  at <- pretty(stats::quantile(z[is.finite(z)], c(0.02, 0.98)), about)
  at[abs(at - own) > 0.3 * (at[2L] - at[1L])]
}
