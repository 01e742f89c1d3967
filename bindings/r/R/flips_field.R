# Differences of two shares over the confounders that there are: a grid whose columns end where these end, so that
# lines and shades have no steps.
# SPDX-License-Identifier: GPL-3.0-only

flip_halvings <- 24L # of the gap in which an end is sought

# difference(x, y) at single points, missing where there is no such confounder.
flip_differences <- function(f, across, along, value) {
  places <- match(f$names, f$blocks)
  function(x, y) {
    point <- matrix(value, length(flip_letters), length(x), dimnames = list(flip_letters, NULL))
    point[across, ] <- x
    point[along, ] <- y
    shares <- settle(.Call(C_share_flip_at, f$blob, f$asked, f$options, f$direction, unname(point)))
    blank(shares[places[1L], ] - shares[places[2L], ])
  }
}

# list(x, t, difference [x, t], low, high, map): t from 0, the low end of a column, to 1, its high end. NULL where
# there is hardly a confounder at all.
flip_field <- function(f, grid, across, along, points, reach) {
  at <- flip_differences(f, across, along, grid$value)
  cells <- grid$frame[!grid$frame$impossible, ]
  if (!nrow(cells)) return(NULL)
  columns <- sort(unique(cells[[across]]))
  inside <- vapply(columns, function(x) stats::median(cells[[along]][cells[[across]] == x]), 0)
  n <- length(columns)
  left <- end_of_possible(function(x) at(x, inside[1L]), columns[1L], -reach)
  right <- end_of_possible(function(x) at(x, inside[n]), columns[n], reach)
  points <- max(points, 90L)
  x <- (left + right) / 2 - (right - left) / 2 * cos(seq(0, pi, length.out = points))
  middle <- stats::approx(columns, inside, x, rule = 2)$y
  low <- end_of_possible(function(y) at(x, y), middle, rep(-reach, points))
  high <- end_of_possible(function(y) at(x, y), middle, rep(reach, points))
  t <- seq(0, 1, length.out = points)
  y <- low + outer(high - low, t)
  difference <- matrix(at(rep(x, points), as.vector(y)), points)
  kept <- rowSums(is.na(difference)) == 0L
  if (sum(kept) < 2L) return(NULL)
  x <- x[kept]
  low <- low[kept]
  high <- high[kept]
  map <- function(piece) {
    ends <- vapply(list(low, high), function(end) stats::approx(x, end, piece$x, rule = 2)$y, double(length(piece$x)))
    ends <- matrix(ends, ncol = 2L)
    list(x = pmin(pmax(piece$x, x[1L]), x[length(x)]), y = ends[, 1L] + pmin(pmax(piece$y, 0), 1) * (ends[, 2L] - ends[, 1L]))
  }
  list(x = x, t = t, difference = difference[kept, , drop = FALSE], low = low, high = high, map = map)
}

# The last places with a difference on the way from the inside to the outside, by halves; the outside where it has one.
end_of_possible <- function(difference, inside, outside) {
  fits <- function(part) !is.na(difference(inside + part * (outside - inside)))
  found <- ifelse(fits(1), 1, 0)
  step <- 0.5
  for (k in seq_len(flip_halvings)) {
    tried <- pmin(found + step, 1)
    found <- ifelse(fits(tried), tried, found)
    step <- step / 2
  }
  inside + found * (outside - inside)
}

possible_area <- function(field) {
  if (is.null(field)) return(NULL)
  n <- length(field$x)
  frame(list(x = c(field$x, rev(field$x)), y = c(field$low, rev(field$high)), group = rep("possible", 2L * n)))
}

# Where the difference is below zero: lines of zero of a field with a rim above zero close around it.
turned_area <- function(field) {
  z <- field$difference
  if (!any(z < 0)) return(NULL)
  rim <- 1e6 * max(abs(z))
  beyond <- function(places) c(places[1L] - 1e-6, places, places[length(places)] + 1e-6)
  wide <- matrix(rim, nrow(z) + 2L, ncol(z) + 2L)
  wide[seq_len(nrow(z)) + 1L, seq_len(ncol(z)) + 1L] <- z
  rings <- grDevices::contourLines(beyond(field$x), beyond(field$t), wide, levels = 0)
  do.call(rbind, lapply(seq_along(rings), function(k) {
    ring <- field$map(rings[[k]])
    n <- length(ring$x)
    frame(list(x = ring$x, y = ring$y, group = rep("turned", n), subgroup = rep(sprintf("ring %d", k), n)))
  }))
}

# Lines of a height without the gap for their numbers.
whole_lines <- function(field, level) {
  pieces <- grDevices::contourLines(field$x, field$t, field$difference, levels = level)
  do.call(rbind, lapply(seq_along(pieces), function(k) {
    piece <- field$map(pieces[[k]])
    n <- length(piece$x)
    frame(list(level = rep(level, n), group = rep(sprintf("alike %d", k), n), x = piece$x, y = piece$y))
  }))
}
