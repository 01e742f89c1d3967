# SPDX-License-Identifier: GPL-3.0-only

#' Plot an overview
#'
#' @param x a result of \code{\link{overview}}.
#' @param kind \code{"shares"}: bars of better, the same and worse with limits of
#'   better and the threshold; \code{"ranks"}: ranges of ranks; \code{"funnel"}.
#' @param outcome the indicator of ranks and funnel.
#' @param ... ignored.
#' @return The ggplot object, invisibly, after drawing it. The package ggplot2 is
#'   needed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   areas <- data.frame(area = c("a", "b", "c"), share = c(0.5, 0.9, 0.48), n = 100)
#'   x <- overview(areas, "share", by = "area", n = "n")
#'   plot(x)
#'   plot(x, "funnel")
#' }
#' @export
plot.steelyard_overview <- function(x, kind = "shares", outcome = NULL, ...) {
  kind <- choice("kind", kind, c("shares", "ranks", "funnel"))
  if (!requireNamespace("ggplot2", quietly = TRUE))
    raise("invalid", "plot: the package ggplot2 is needed; install.packages(\"ggplot2\")")
  drawn <- switch(kind, shares = overview_bars(x), ranks = overview_rank_plot(x, outcome),
                  funnel = overview_funnel_plot(x, outcome))
  print(drawn)
  invisible(drawn)
}

overview_theme <- function() {
  ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(), panel.grid.minor = ggplot2::element_blank(),
                   legend.position = "top", plot.margin = ggplot2::margin(6, 24, 6, 6))
}

overview_bars <- function(x) {
  table <- x$table
  table$indicator <- factor(table$indicator, rev(table$indicator))
  answers <- intersect(c("better", "same", "worse"), names(table))
  long <- do.call(rbind, lapply(answers, function(answer)
    data.frame(indicator = table$indicator, answer = answer, percent = 100 * table[[answer]])))
  long <- long[!is.na(long$percent), ]
  long$answer <- factor(long$answer, rev(answers))
  axis <- sprintf("percent of those who answered; dot and line: better with %s %% limits",
                  percent_of(x$provenance$level))
  drawn <- ggplot2::ggplot(table) +
    ggplot2::geom_col(ggplot2::aes(x = .data$percent, y = .data$indicator, fill = .data$answer), data = long,
                      width = 0.62, orientation = "y") +
    ggplot2::geom_segment(ggplot2::aes(x = 100 * .data$better_low, xend = 100 * .data$better_high,
                                       y = .data$indicator, yend = .data$indicator),
                          data = table[!is.na(table$better_low), ], linewidth = 0.9, colour = "#2a5d84") +
    ggplot2::geom_point(ggplot2::aes(x = 100 * .data$better, y = .data$indicator), size = 2, colour = "#2a5d84") +
    ggplot2::scale_fill_manual(values = c(better = "#9fbdd6", same = "#e3e6e8", worse = "#c8702a"), breaks = answers,
                               name = NULL, guide = if (length(answers) > 1L) "legend" else "none") +
    ggplot2::coord_cartesian(xlim = c(0, 100)) + ggplot2::labs(x = axis, y = NULL) + overview_theme()
  if (is.null(x$provenance$threshold)) return(drawn)
  drawn + ggplot2::geom_vline(xintercept = 100 * x$provenance$threshold, linetype = "dashed")
}

overview_rank_plot <- function(x, outcome) {
  table <- rank_intervals(x, outcome)
  table$group <- factor(table$group, rev(table$group))
  axis <- sprintf("rank by share better, with ranges that hold together (%s %%)", percent_of(x$provenance$level))
  many <- nrow(table) > 60
  ggplot2::ggplot(table) +
    ggplot2::geom_segment(ggplot2::aes(x = .data$lowest, xend = .data$highest, y = .data$group, yend = .data$group),
                          linewidth = if (many) 0.4 else 1.6, colour = "#9fbdd6") +
    ggplot2::geom_point(ggplot2::aes(x = .data$rank, y = .data$group), size = if (many) 0.7 else 2.2,
                        colour = "#2a5d84") +
    ggplot2::scale_x_continuous(breaks = function(ends) unique(round(pretty(ends)))) +
    ggplot2::labs(x = axis, y = if (many) sprintf("%d groups, by rank", nrow(table))) + overview_theme() +
    if (many) ggplot2::theme(axis.text.y = ggplot2::element_blank())
}

overview_funnel_plot <- function(x, outcome) {
  table <- funnel_limits(x, outcome)
  table$out <- table$outside != "inside"
  worst <- table[table$out, ]
  worst <- utils::head(worst[order(-abs(worst$z)), ], 8L)
  table <- table[order(table$n), ]
  lines <- lapply(c("low_95", "high_95", "low_998", "high_998"), function(limit)
    ggplot2::geom_line(ggplot2::aes(x = .data$n, y = 100 * .data[[limit]]), colour = "#8a8f94",
                       linetype = if (endsWith(limit, "95")) "dashed" else "solid"))
  ggplot2::ggplot(table) + lines +
    ggplot2::geom_hline(yintercept = 100 * attr(funnel_limits(x, outcome), "overall")) +
    ggplot2::geom_point(ggplot2::aes(x = .data$n, y = 100 * .data$better, colour = .data$out), size = 1.6) +
    ggplot2::geom_text(ggplot2::aes(x = .data$n, y = 100 * .data$better, label = .data$group), data = worst,
                       hjust = -0.1, vjust = 0.4, size = 3, check_overlap = TRUE) +
    ggplot2::scale_colour_manual(values = c(`FALSE` = "#2a5d84", `TRUE` = "#c8702a"), guide = "none") +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(c(0.05, 0.25))) +
    ggplot2::labs(x = "people", y = "percent better",
                  caption = sprintf("dashed 95 %%, solid 99.8 %% limits; dispersion %.2f",
                                    attr(funnel_limits(x, outcome), "dispersion"))) + overview_theme()
}
