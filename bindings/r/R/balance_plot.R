# Drawings of a balance.
# SPDX-License-Identifier: GPL-3.0-only

#' @rdname balance
#' @export
plot.steelyard_balance <- function(x, kind = "love", ...) {
  kind <- choice("kind", kind, c("love", "overlap"))
  if (kind == "overlap" && x$provenance$method == "entropy")
    invalid("kind: entropy balancing has no score whose overlap could be drawn")
  need_ggplot2()
  drawn <- if (kind == "love") plot_love(x) else plot_overlap(x)
  print(drawn)
  invisible(drawn)
}

balance_canvas <- function(rows, axis, up = NULL) {
  ggplot2::ggplot(rows) + ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid.minor = ggplot2::element_blank(), legend.position = "top",
                   plot.margin = ggplot2::margin(6, 24, 6, 6)) +
    ggplot2::labs(x = axis, y = up, colour = NULL, fill = NULL)
}

balance_uneven <- 0.1 # beyond it the core's remark calls groups not alike

plot_love <- function(x) {
  table <- x$table
  table$covariate <- factor(table$covariate, rev(table$covariate))
  long <- rbind(data.frame(covariate = table$covariate, when = "before", value = table$difference),
                data.frame(covariate = table$covariate, when = "weighted", value = table$weighted_difference))
  balance_canvas(long, "standardised difference, treated less control") +
    ggplot2::geom_vline(xintercept = c(-balance_uneven, 0, balance_uneven), colour = "grey60",
                        linetype = c("dotted", "solid", "dotted")) +
    ggplot2::geom_segment(ggplot2::aes(x = .data$difference, xend = .data$weighted_difference, y = .data$covariate,
                                       yend = .data$covariate), data = table, colour = "grey85") +
    ggplot2::geom_point(ggplot2::aes(x = .data$value, y = .data$covariate, colour = .data$when), size = 2.6) +
    ggplot2::scale_colour_manual(values = c(before = "#c8702a", weighted = "#33608c"))
}

# The treated upwards, the control downwards; weighted ones filled.
plot_overlap <- function(x) {
  bins <- x$bins
  width <- 1 / nrow(bins)
  at <- bins$score_from + width / 2
  level <- x$overlap$level
  part <- function(column, sign, name) data.frame(score = at, percent = 100 * sign * column, group = name)
  weighted <- rbind(part(bins$weighted_treated, 1, level[2L]), part(bins$weighted_control, -1, level[1L]))
  before <- rbind(part(bins$treated, 1, level[2L]), part(bins$control, -1, level[1L]))
  weighted$group <- factor(weighted$group, rev(level))
  before$group <- factor(before$group, rev(level))
  colours <- structure(c("#33608c", "#c8702a"), names = rev(level))
  balance_canvas(weighted, sprintf("propensity score of %s", level[2L]), "percent of the group") +
    ggplot2::geom_col(ggplot2::aes(x = .data$score, y = .data$percent, fill = .data$group), width = width, alpha = 0.55) +
    ggplot2::geom_col(ggplot2::aes(x = .data$score, y = .data$percent, colour = .data$group), data = before, width = width,
                      fill = NA, linewidth = 0.6) +
    ggplot2::scale_fill_manual(values = colours, labels = paste0(rev(level), ", weighted")) +
    ggplot2::scale_colour_manual(values = colours, labels = paste0(rev(level), ", before")) +
    ggplot2::geom_hline(yintercept = 0, colour = "grey50") +
    ggplot2::scale_y_continuous(labels = function(value) sprintf("%g", abs(value))) +
    ggplot2::coord_cartesian(xlim = c(0, 1))
}
