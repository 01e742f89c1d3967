# SPDX-License-Identifier: GPL-3.0-only

#' Plot shares
#'
#' @param x a result of \code{\link{shares}}.
#' @param kind \code{"shares"}: each block's share with its limits;
#'   \code{"bounds"}: the share within its range over orderings, from lowest to
#'   highest; \code{"common"}: what each block explains uniquely and in common with
#'   others, which add up to what it explains alone; \code{"dominance"}: the average
#'   contribution of each block by how many others are in the submodel already.
#' @param ... ignored.
#' @return The ggplot object, invisibly, after drawing it. The package ggplot2 is
#'   needed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#'   plot(s)
#'   plot(s, "bounds")
#' }
#' @export
plot.steelyard_shares <- function(x, kind = "shares", ...) {
  kind <- choice("kind", kind, c("shares", "bounds", "common", "dominance"))
  if (!requireNamespace("ggplot2", quietly = TRUE))
    raise("invalid", "plot: the package ggplot2 is needed; install.packages(\"ggplot2\")")
  drawn <- switch(kind, shares = plot_limits(x), bounds = plot_bounds(x), common = plot_common(x),
                  dominance = plot_dominance(x))
  print(drawn)
  invisible(drawn)
}

# The blocks from top to bottom as given, with outcome always there.
plot_rows <- function(x) {
  rows <- x$blocks
  if (is.null(rows$outcome)) rows$outcome <- x$outcomes
  rows$outcome <- factor(rows$outcome, x$outcomes)
  rows$block <- factor(rows$block, rev(unique(rows$block)))
  rows
}

plot_base <- function(x, rows, title, axis) {
  theme <- ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(), panel.grid.minor = ggplot2::element_blank(),
                   plot.title.position = "plot", plot.caption.position = "plot", legend.position = "bottom",
                   panel.spacing = ggplot2::unit(1.5, "lines"), plot.margin = ggplot2::margin(6, 24, 6, 6))
  pieces <- ggplot2::ggplot(rows) + theme + ggplot2::labs(
    title = title, x = axis, y = NULL, caption = sprintf("Points of %s; association, not effect.", whole_of(x$measure)))
  if (length(x$outcomes) > 1L) pieces <- pieces + ggplot2::facet_wrap("outcome")
  pieces
}

heading <- function(x, more = "") {
  paste0("Shares of R2", if (length(x$outcomes) == 1L) paste(" for", x$outcomes), more)
}

plot_limits <- function(x) {
  rows <- plot_rows(x)
  with_limits <- rows[!is.na(rows$conf.low), ]
  axis <- if (nrow(with_limits)) sprintf("share, with %s %% limits", percent_of(x$provenance$level)) else "share"
  plot_base(x, rows, heading(x), axis) +
    ggplot2::geom_vline(xintercept = 0, colour = "grey70") +
    ggplot2::geom_segment(ggplot2::aes(x = .data$conf.low, xend = .data$conf.high, y = .data$block,
                                       yend = .data$block), data = with_limits, linewidth = 0.8, colour = "#33608c") +
    ggplot2::geom_point(ggplot2::aes(x = .data$share, y = .data$block), size = 2.6, colour = "#33608c")
}

plot_bounds <- function(x) {
  rows <- plot_rows(x)
  if (all(is.na(rows$lowest))) invalid("kind: this result has no bounds; ask shares() for bounds = TRUE")
  plot_base(x, rows, heading(x, ", and their range over orderings"), "lowest, share (dot), highest") +
    ggplot2::geom_vline(xintercept = 0, colour = "grey70") +
    ggplot2::geom_segment(ggplot2::aes(x = .data$lowest, xend = .data$highest, y = .data$block, yend = .data$block),
                          linewidth = 3.5, colour = "#c9d8e6") +
    ggplot2::geom_point(ggplot2::aes(x = .data$share, y = .data$block), size = 2.6, colour = "#33608c")
}

plot_common <- function(x) {
  rows <- plot_rows(x)
  parts <- c(alone = "alone", unique = "unique", common = "common")
  long <- do.call(rbind, lapply(parts, function(part)
    data.frame(outcome = rows$outcome, block = rows$block, part = part, value = rows[[part]])))
  long$part <- factor(long$part, c("common", "unique", "alone"))
  plot_base(x, long, heading(x, ": alone, unique, common"), "alone = unique + common") +
    ggplot2::geom_col(ggplot2::aes(x = .data$value, y = .data$block, fill = .data$part), width = 0.7,
                      position = ggplot2::position_dodge(width = 0.75), orientation = "y") +
    ggplot2::geom_vline(xintercept = 0, colour = "grey70") +
    ggplot2::scale_fill_manual(values = c(alone = "#33608c", unique = "#7fa6c9", common = "#d9a441"),
                               breaks = c("alone", "unique", "common"), name = NULL)
}

plot_dominance <- function(x) {
  rows <- attr(dominance(x, "conditional"), "contributions")
  if (is.null(rows$outcome)) rows$outcome <- x$outcomes
  rows$outcome <- factor(rows$outcome, x$outcomes)
  rows$player <- factor(rows$player, unique(rows$player))
  plot_base(x, rows, heading(x, ": average contribution of each block"), "other blocks in the submodel") +
    ggplot2::geom_hline(yintercept = 0, colour = "grey70") +
    ggplot2::geom_line(ggplot2::aes(x = .data$others, y = .data$contribution, colour = .data$player)) +
    ggplot2::geom_point(ggplot2::aes(x = .data$others, y = .data$contribution, colour = .data$player), size = 2) +
    ggplot2::scale_x_continuous(breaks = unique(rows$others)) + ggplot2::labs(colour = NULL, y = "average contribution")
}

# The pronoun of ggplot2's aes(), known to the checker without an import.
utils::globalVariables(".data")
