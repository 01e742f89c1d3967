# Colours, shapes and letters of all pictures; every series differs from the next without its colour too.
# SPDX-License-Identifier: GPL-3.0-only

house <- list(
  text = "#222222", quiet = "#5b6670", grid = "#e3e6e8", zero = "#8a8f94", ground = "white",
  blue = "#2a5d84", orange = "#c8702a", pale = "#c3d3df", mild = "#9dbbd1",
  title = 11, base = 10, strip = 10, small = 9, caption = 8) # sizes in points

house_order <- data.frame(
  colour = c(house$blue, house$orange, "#3b7a57", "#8a4f9e", "#6b7075", "#b0413e"),
  shape = c(21L, 23L, 22L, 24L, 25L, 3L),
  line = c("solid", "dashed", "dotted", "dotdash", "longdash", "twodash"))

name_width <- 28L

# One row a level: process and funding look the same in every picture, the others take what is next.
# plain: all other levels are squares of one colour, where their names stand beside them.
series_of <- function(levels, process = "process", funding = "funding", plain = FALSE) {
  own <- match(levels, c(process[1L], funding[1L]))
  free <- setdiff(seq_len(nrow(house_order)), own)
  others <- which(is.na(own))
  turn <- (seq_along(others) - 1L) %/% length(free)
  place <- free[(seq_along(others) - 1L) %% length(free) + 1L]
  style <- house_order[ifelse(is.na(own), 1L, own), ]
  style[others, ] <- house_order[place, ]
  style$line[others] <- house_order$line[(place + turn - 1L) %% nrow(house_order) + 1L]
  if (plain) {
    style$colour[others] <- house$quiet
    style$shape[others] <- 22L
    style$line[others] <- "solid"
  }
  row.names(style) <- NULL
  cbind(level = as.character(levels), style, fill = style$colour)
}

# Lines of at most width letters; a word is broken only when it is longer than that.
wrapped <- function(text, width = name_width) {
  vapply(as.character(text), function(one) paste(wrapped_lines(one, width), collapse = "\n"), "", USE.NAMES = FALSE)
}

wrapped_lines <- function(text, width) {
  words <- unlist(lapply(strsplit(text, "[[:space:]]+")[[1L]], function(word) {
    starts <- seq.int(1L, max(nchar(word), 1L), by = width)
    substring(word, starts, starts + width - 1L)
  }))
  words <- words[nzchar(words)]
  lines <- character()
  for (word in words) {
    last <- length(lines)
    joined <- if (last) paste(lines[last], word)
    if (last && nchar(joined) <= width) lines[last] <- joined else lines <- c(lines, word)
  }
  if (length(lines)) lines else ""
}

lines_in <- function(text) lengths(regmatches(text, gregexpr("\n", text, fixed = TRUE))) + 1L

# Places nearest to those asked for (least squares) at which neighbours of heights `gap`, one or one each, do not
# touch; centres from low to high.
spread_out <- function(y, gap, low = -Inf, high = Inf) {
  order <- order(y)
  n <- length(y)
  gap <- rep_len(gap, n)[order]
  before <- c(0, cumsum((gap[-1L] + gap[-n]) / 2))[seq_len(n)]
  free <- if (n) stats::isoreg(y[order] - before)$yf
  out <- double(n)
  out[order] <- pmin(pmax(free, low), max(low, high - before[n])) + before
  out
}

need_ggplot2 <- function() {
  if (!requireNamespace("ggplot2", quietly = TRUE))
    raise("invalid", paste("autoplot: the package ggplot2 is needed; install.packages(\"ggplot2\"), or plot(), which",
                           "needs nothing"))
}

#' The house style of the pictures, for ggplot2
#'
#' The theme that all pictures of this package bear: white ground, no frame, a quiet grid across the
#' axis of values only.
#'
#' @param grid which lines of a grid are drawn: \code{"x"} (vertical, for a horizontal axis of values),
#'   \code{"y"}, \code{"xy"} or \code{"none"}.
#' @param size of the letters, in points.
#' @return A theme of ggplot2, to be added to any picture.
#' @section Errors:
#' \code{steelyard_error_invalid}: without the package ggplot2, or with another grid.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   ggplot2::ggplot(swiss, ggplot2::aes(Education, Fertility)) +
#'     ggplot2::geom_point() + theme_house("xy")
#' }
#' @export
theme_house <- function(grid = "x", size = 10) {
  need_ggplot2()
  grid <- choice("grid", grid, c("x", "y", "xy", "none"))
  line <- function(way) if (grepl(way, grid, fixed = TRUE) && grid != "none") ggplot2::element_line(colour = house$grid, linewidth = 0.3)
                        else ggplot2::element_blank()
  words <- function(...) ggplot2::element_text(colour = house$text, ...)
  ggplot2::theme_minimal(base_size = size) + ggplot2::theme(
    text = words(), axis.text = words(size = size * 0.9), axis.title = words(size = size * 0.9),
    axis.title.x = words(size = size * 0.9, margin = ggplot2::margin(t = 6)),
    panel.grid.major.x = line("x"), panel.grid.major.y = line("y"), panel.grid.minor = ggplot2::element_blank(),
    plot.background = ggplot2::element_rect(fill = house$ground, colour = NA),
    plot.title = words(size = size * 1.1, face = "plain", margin = ggplot2::margin(b = 8)),
    plot.title.position = "plot", plot.caption.position = "plot",
    plot.caption = words(size = size * 0.8, hjust = 0, margin = ggplot2::margin(t = 8)),
    strip.text = words(size = size, hjust = 0), panel.spacing = ggplot2::unit(1.4, "lines"),
    legend.position = "bottom", legend.title = ggplot2::element_blank(), legend.text = words(size = size * 0.9),
    plot.margin = ggplot2::margin(8, 14, 8, 8))
}

# The pronoun of ggplot2's aes(), known to the checker without an import.
utils::globalVariables(".data")
