# The drawing of a gap.
# SPDX-License-Identifier: GPL-3.0-only

# One row a step from the second group's mean to the first's: means, then parts.
gap_steps <- function(x, category) {
  gap <- x$gap
  parts <- x$parts
  if (!is.null(category)) {
    if (is.null(gap$category)) invalid("category: only ordered answers have categories")
    choice("category", category, gap$category)
    gap <- gap[gap$category == category, ]
    parts <- x$categories[x$categories$category == category, ]
  }
  last <- gap[nrow(gap), ]
  total <- parts[nrow(parts), ]
  inside <- parts[-nrow(parts), ]
  inside <- inside[!is.na(inside$explained), ]
  fit <- if (is.null(last$fit) || abs(last$fit) <= 1e-9) 0 else last$fit
  group <- paste(x$provenance$group, "=", c(x$provenance$second, x$provenance$first))
  value <- c(inside$explained, last$gap - total$explained - fit, if (fit != 0) fit)
  end <- last$second + cumsum(value)
  rows <- frame(list(
    step = c(group[1L], inside$block, "unexplained", if (fit != 0) "fit", group[2L]),
    start = c(last$second, c(last$second, end[-length(end)]), last$first), end = c(last$second, end, last$first),
    kind = c("mean", rep("explained", nrow(inside)), "unexplained", if (fit != 0) "unexplained", "mean"),
    text = c(sprintf("%.4g", last$second), sprintf("%+.4g", value), sprintf("%.4g", last$first))))
  rows$place <- rev(seq_len(nrow(rows)))
  rows
}

#' @rdname gap
#' @export
plot.steelyard_gap <- function(x, category = NULL, ...) {
  need_ggplot2()
  rows <- gap_steps(x, category)
  drawn <- plot_gap(x, rows, category)
  print(drawn)
  invisible(drawn)
}

plot_gap <- function(x, rows, category) {
  p <- x$provenance
  bars <- rows[rows$kind != "mean", ]
  dots <- rows[rows$kind == "mean", ]
  links <- rows[-nrow(rows), ]
  chance <- !is.null(category) && category != "mean"
  title <- paste0(sprintf("Gap in %s by %s", p$outcome, p$group), if (!is.null(category)) paste0(": ", category))
  theme <- ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(), panel.grid.minor = ggplot2::element_blank(),
                   plot.title.position = "plot", plot.margin = ggplot2::margin(6, 24, 6, 6), legend.position = "bottom")
  ggplot2::ggplot(rows) + theme +
    ggplot2::labs(title = title, x = if (chance) "chance" else gap_what[[p$outcome_type]], y = NULL) +
    ggplot2::geom_segment(ggplot2::aes(x = .data$end, xend = .data$end, y = .data$place, yend = .data$place - 1),
                          data = links, colour = "grey60", linewidth = 0.3) +
    ggplot2::geom_rect(ggplot2::aes(xmin = .data$start, xmax = .data$end, ymin = .data$place - 0.3,
                                    ymax = .data$place + 0.3, fill = .data$kind), data = bars) +
    ggplot2::geom_point(ggplot2::aes(x = .data$end, y = .data$place), data = dots, shape = 18, size = 3.4,
                        colour = "grey50") +
    ggplot2::geom_text(ggplot2::aes(x = pmax(.data$start, .data$end), y = .data$place, label = .data$text), hjust = 0,
                       nudge_x = 0.025 * diff(range(rows$start, rows$end)), size = 3.2) +
    ggplot2::scale_fill_manual(values = c(explained = "#33608c", unexplained = "#c8702a"), name = NULL) +
    ggplot2::scale_y_continuous(breaks = rows$place, labels = rows$step) +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(mult = c(0.06, 0.25)))
}
