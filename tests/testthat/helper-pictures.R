# SPDX-License-Identifier: GPL-3.0-only
# What a picture of either engine says and where, read from the page as it was laid out.

# One row a line of text: text, size in points, and its box in inches from the lower left corner.
text_boxes <- function(draw, width = 7, height = 7) {
  file <- tempfile(fileext = ".pdf")
  grDevices::pdf(file, width, height, compress = FALSE, useKerning = FALSE)
  tryCatch(draw(), finally = grDevices::dev.off())
  page <- readLines(file, warn = FALSE, encoding = "latin1")
  shape <- "^/F[0-9]+ 1 Tf +(-?[0-9.]+) (-?[0-9.]+) (-?[0-9.]+) (-?[0-9.]+) (-?[0-9.]+) (-?[0-9.]+) Tm \\((.*)\\) Tj$"
  found <- regmatches(page, regexec(shape, page, useBytes = TRUE))
  found <- do.call(rbind, found[lengths(found) == 8L])
  text <- gsub("\\\\([()\\\\])", "\\1", found[, 8L])
  numbers <- matrix(as.numeric(found[, 2:7]), ncol = 6L)
  turned <- numbers[, 2L] > 0
  size <- pmax(abs(numbers[, 1L]), abs(numbers[, 2L]))
  grDevices::pdf(NULL, pointsize = 12)
  on.exit(grDevices::dev.off())
  graphics::plot.new()
  long <- mapply(function(one, points) graphics::strwidth(one, units = "inches", cex = points / 12), text, size)
  # a letter reaches from a fifth of its size below the line to seven tenths above
  x <- numbers[, 5L] / 72
  y <- numbers[, 6L] / 72
  data.frame(text = text, size = size, turned = turned,
             left = ifelse(turned, x - 0.7 * size / 72, x), right = ifelse(turned, x + 0.2 * size / 72, x + long),
             low = ifelse(turned, y, y - 0.2 * size / 72), high = ifelse(turned, y + long, y + 0.7 * size / 72))
}

# Texts that touch, leave the page, or are smaller than 7 points: none, in a picture that is fit to be seen.
picture_faults <- function(draw, width = 7, height = 7) {
  boxes <- text_boxes(draw, width, height)
  boxes <- boxes[nzchar(trimws(boxes$text)), ]
  near <- 0.005 # inches
  overlap <- function(low, high) outer(high, low, `>`) & t(outer(high, low, `>`))
  touch <- overlap(boxes$left + near, boxes$right - near) & overlap(boxes$low + near, boxes$high - near)
  touch[lower.tri(touch, TRUE)] <- FALSE
  pairs <- which(touch, arr.ind = TRUE)
  out <- boxes$left < 0 | boxes$right > width | boxes$low < 0 | boxes$high > height
  c(sprintf("\"%s\" touches \"%s\"", boxes$text[pairs[, 1L]], boxes$text[pairs[, 2L]]),
    sprintf("\"%s\" is cut off", boxes$text[out]), sprintf("\"%s\" has %.1f points", boxes$text, boxes$size)[boxes$size < 6.9])
}

# The faults of a picture in both engines, at the size it asks for.
faults_of <- function(drawn) {
  size <- scene_inches(drawn)
  found <- picture_faults(function() draw_scene(drawn), size[1L], size[2L])
  if (!requireNamespace("ggplot2", quietly = TRUE)) return(found)
  c(found, paste(rep("ggplot2:", length(gg <- picture_faults(function() print(gg_scene(drawn)), size[1L], size[2L]))), gg))
}
