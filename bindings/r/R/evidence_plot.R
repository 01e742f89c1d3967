# Drawings of evidence and specification curves.
# SPDX-License-Identifier: GPL-3.0-only

need_ggplot <- function() {
  if (!requireNamespace("ggplot2", quietly = TRUE))
    raise("invalid", "plot: the package ggplot2 is needed; install.packages(\"ggplot2\")")
}

#' Plot evidence
#'
#' @param x a result of \code{\link{weigh}} (process less funding by outcome, with funding and process beside it) or of
#'   \code{\link{specification_curve}} (the sorted differences and, beneath, the options of each).
#' @param ... ignored.
#' @return The ggplot object, invisibly, after drawing it. The package ggplot2 is needed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   councils <- load_dataset("councils_2018_19")
#'   plot(weigh(councils, c("control", "satisfaction"),
#'              list(funding = ~ spend_per_adult_gbp, process = ~ easy_information), left_out = 0))
#' }
#' @export
plot.steelyard_evidence <- function(x, ...) {
  need_ggplot()
  roles <- c(process = x$provenance$process, funding = x$provenance$funding)
  panels <- c(sprintf("%s less %s", roles[[1L]], roles[[2L]]), "part of the variance")
  table <- x$table
  of <- function(name, panel, what) data.frame(
    outcome = factor(table$outcome, rev(table$outcome)), panel = factor(panels[panel], panels), what = what,
    value = table[[name]], low = table[[paste0(name, "_low")]], high = table[[paste0(name, "_high")]])
  rows <- rbind(of("difference", 1L, "difference"), of("process", 2L, roles[[1L]]), of("funding", 2L, roles[[2L]]))
  rows$what <- factor(rows$what, c("difference", roles))
  side <- ggplot2::position_dodge(width = 0.45)
  drawn <- ggplot2::ggplot(rows, ggplot2::aes(x = .data$value, y = .data$outcome, colour = .data$what)) +
    ggplot2::geom_vline(ggplot2::aes(xintercept = .data$at), data.frame(panel = factor(panels[1L], panels), at = 0),
                        colour = "grey70") +
    ggplot2::geom_linerange(ggplot2::aes(xmin = .data$low, xmax = .data$high), position = side, linewidth = 0.7,
                            na.rm = TRUE) +
    ggplot2::geom_point(position = side, size = 2.2) + ggplot2::facet_wrap("panel", scales = "free_x") +
    ggplot2::scale_colour_manual(values = stats::setNames(c("black", "#2a5d84", "#c8702a"), c("difference", roles)),
                                 breaks = unname(roles), name = NULL) +
    ggplot2::labs(x = NULL, y = NULL, caption = "Points of all outcome variance; association, not effect.") +
    ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid.minor = ggplot2::element_blank(), legend.position = "bottom",
                   panel.spacing = ggplot2::unit(1.5, "lines"))
  print(drawn)
  invisible(drawn)
}

#' @rdname plot.steelyard_evidence
#' @export
plot.steelyard_curve <- function(x, ...) {
  need_ggplot()
  table <- x$table
  n <- nrow(table)
  texts <- names(table)[seq_len(match("answer", names(table)) - 1L)]
  varied <- texts[vapply(table[texts], function(column) length(unique(column)) > 1L, NA)]
  curve <- data.frame(place = seq_len(n), value = table$difference, low = table$conf_low, high = table$conf_high,
                      answer = factor(table$answer, c("supported", "undecided", "contradicted")), panel = "process less funding")
  spread <- diff(range(c(curve$value, curve$low, curve$high), na.rm = TRUE))
  placed <- option_rows(table, varied, spread)
  panels <- c("process less funding", "options")
  dots <- do.call(rbind, lapply(seq_along(placed$label), function(k)
    data.frame(place = which(table[[placed$choice[k]]] == placed$option[k]), value = placed$y[k])))
  curve$panel <- factor(curve$panel, panels)
  drawn <- ggplot2::ggplot(curve, ggplot2::aes(x = .data$place, y = .data$value)) +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data$low, ymax = .data$high, colour = .data$answer), alpha = 0.5,
                            linewidth = max(0.2, min(1, 100 / n)), na.rm = TRUE) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$answer), size = max(0.4, min(1.6, 200 / n))) +
    ggplot2::geom_hline(ggplot2::aes(yintercept = .data$at), data.frame(panel = factor(panels[1L], panels), at = 0)) +
    ggplot2::scale_colour_manual(values = c(supported = "#2a5d84", undecided = "#8a8f94", contradicted = "#c8702a"),
                                 name = NULL) +
    ggplot2::labs(x = sprintf("%d specifications, by difference", n), y = NULL) + ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid.minor = ggplot2::element_blank(), panel.grid.major.x = ggplot2::element_blank(),
                   legend.position = "top", strip.text = ggplot2::element_blank(),
                   axis.text.y = ggplot2::element_text(size = 7))
  if (length(placed$label)) {
    dots$panel <- factor("options", panels)
    drawn <- drawn + ggplot2::geom_point(data = dots, shape = 15, size = max(0.3, min(1.4, 150 / n)), colour = "#2a5d84") +
      ggplot2::facet_grid(rows = "panel", scales = "free_y", space = "free_y") +
      ggplot2::scale_y_continuous(
        breaks = function(limits) if (max(limits) < placed$top) placed$y else pretty(limits, 4),
        labels = function(at) ifelse(is.na(at) | at > placed$top, format(at), placed$label[match(at, placed$y)]))
  }
  print(drawn)
  invisible(drawn)
}

# Where each option's dots lie: far below the differences, as high together as their number asks.
option_rows <- function(table, varied, spread) {
  options <- lapply(varied, function(name) unique(table[[name]]))
  choice <- rep(varied, lengths(options))
  option <- unlist(options)
  step <- 0.09 * spread
  top <- -1e3 * spread
  gap <- match(choice, varied) - 1L
  list(choice = choice, option = option, label = paste0(choice, ": ", shortened(option)),
       y = top - step * (seq_along(option) + 0.6 * gap), top = top)
}

shortened <- function(text, most = 34L) ifelse(nchar(text) <= most, text, paste0(substr(text, 1L, most - 1L), "\u2026"))
