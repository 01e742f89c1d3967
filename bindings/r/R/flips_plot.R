# Contours of share-flips.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot the difference of two shares over two strengths of a hidden confounder
#'
#' Contours of the difference, shaded where the order is turned; the heavy line is where both
#' share alike, the round point the nearest flip, the diamonds are what observed terms have,
#' grey is where there is no such confounder.
#'
#' @param x a result of \code{\link{share_flip}}.
#' @param across,along,third,points,reach as in \code{\link{flip_contours}}.
#' @param ... ignored.
#' @return The ggplot object, invisibly, after drawing it. The package ggplot2 is needed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   s <- shares(swiss, "Fertility", list(process = ~ Education, funding = ~ Catholic,
#'               need = ~ Agriculture))
#'   plot(share_flip(s), points = 30)
#' }
#' @export
plot.steelyard_share_flip <- function(x, across = "a", along = "c", third = NULL, points = 60, reach = 0.98, ...) {
  if (!requireNamespace("ggplot2", quietly = TRUE))
    raise("invalid", "plot: the package ggplot2 is needed; install.packages(\"ggplot2\")")
  grids <- lapply(x$parts, flip_grid, across, along, third, points, reach, x$threads)
  drawn <- plot_flip(x, grids, across, along)
  print(drawn)
  invisible(drawn)
}

flip_axis <- function(x, letter) {
  names <- x$parts[[1L]]$names
  switch(letter, a = sprintf("a: correlation with %s", names[2L]), b = sprintf("b: with %s, given %s", names[1L], names[2L]),
         "c: with the outcome, given both")
}

# The panel of each outcome says what the third strength is there.
flip_panels <- function(grids) {
  structure(sprintf("%s (%s = %.3f)", names(grids), vapply(grids, `[[`, "", "other"), vapply(grids, `[[`, 0, "value")),
            names = names(grids))
}

# Names of benchmarks in a column beside them, in the order of their heights.
flip_labels <- function(marks, reach) {
  marks <- marks[order(marks$y, marks$x), ]
  n <- nrow(marks)
  step <- min(0.13, 1.8 / n) * reach
  low <- max(min(mean(marks$y) - step * (n - 1) / 2, reach - step * n), -reach)
  marks$label_y <- low + (seq_len(n) - 1) * step
  right <- max(marks$x) < 0.25 * reach
  marks$label_x <- if (right) max(marks$x) + 0.1 * reach else min(marks$x) - 0.1 * reach
  marks$side <- if (right) 0 else 1
  marks$shown <- ifelse(nchar(marks$term) > 19L, paste0(substr(marks$term, 1L, 17L), "..."), marks$term)
  marks
}

plot_flip <- function(x, grids, across, along) {
  panels <- flip_panels(grids)
  in_panel <- function(outcome) factor(panels[outcome], panels)
  cells <- stack_frames(lapply(grids, `[[`, "frame"), TRUE)
  cells <- data.frame(panel = in_panel(cells$outcome), x = cells[[across]], y = cells[[along]], difference = cells$difference)
  reach <- max(cells$x)
  marks <- x$benchmarks[!is.na(x$benchmarks[[across]]), ]
  marks <- data.frame(panel = in_panel(marks$outcome), x = marks[[across]], y = marks[[along]], term = marks$term)
  marks <- do.call(rbind, lapply(split(marks, marks$panel, drop = TRUE), flip_labels, reach))
  near <- x$nearest[vapply(seq_along(grids), function(i)
    isTRUE(abs(x$nearest[[grids[[i]]$other]][i] - grids[[i]]$value) < 1e-9), NA), ]
  near <- data.frame(panel = in_panel(near$outcome), x = near[[across]], y = near[[along]])
  shown <- cells[!is.na(cells$difference), ]
  breaks <- setdiff(pretty(shown$difference, 7), 0)
  names <- x$parts[[1L]]$names
  piece <- ggplot2::ggplot(shown, ggplot2::aes(x = .data$x, y = .data$y)) +
    ggplot2::geom_raster(ggplot2::aes(fill = .data$difference > 0), show.legend = FALSE) +
    ggplot2::scale_fill_manual(values = c(`FALSE` = "#f3d9c6", `TRUE` = "white")) +
    ggplot2::geom_contour(ggplot2::aes(z = .data$difference), breaks = breaks, colour = "#8a8f94", linewidth = 0.3) +
    ggplot2::geom_contour(ggplot2::aes(z = .data$difference), breaks = 0, colour = "#33608c", linewidth = 0.9) +
    ggplot2::annotate("point", x = 0, y = 0, shape = 3, size = 2)
  if (NROW(marks)) piece <- piece + flip_marks(marks)
  if (nrow(near)) piece <- piece + ggplot2::geom_point(data = near, colour = "#33608c", size = 2.6)
  if (length(panels) > 1L) piece <- piece + ggplot2::facet_wrap("panel")
  piece + ggplot2::coord_equal(xlim = c(-reach, reach), ylim = c(-reach, reach), expand = FALSE) +
    ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid = ggplot2::element_blank(), panel.background = ggplot2::element_rect(fill = "#d9dcde", colour = NA),
                   panel.spacing = ggplot2::unit(1.5, "lines"), plot.title.position = "plot") +
    ggplot2::labs(x = flip_axis(x, across), y = flip_axis(x, along),
                  title = if (length(panels) == 1L) panels[[1L]] else "Share-flips",
                  subtitle = sprintf("shaded: %s above %s", names[2L], names[1L]))
}

flip_marks <- function(marks) {
  list(ggplot2::geom_segment(ggplot2::aes(xend = .data$label_x, yend = .data$label_y), data = marks, colour = "#c8702a",
                             linewidth = 0.25),
       ggplot2::geom_point(data = marks, shape = 18, colour = "#c8702a", size = 2.6),
       ggplot2::geom_text(ggplot2::aes(x = .data$label_x + (0.5 - .data$side) * 0.04, y = .data$label_y, hjust = .data$side,
                                       label = .data$shown), data = marks, size = 2.5, colour = "#7a3d10"))
}
