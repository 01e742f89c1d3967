# SPDX-License-Identifier: GPL-3.0-only

#' Plot a mixed model
#'
#' @param x a result of \code{\link{fit_mixed}}.
#' @param kind \code{"league"}: effects of the groups in order with their limits, named
#'   while there is room; \code{"coefficients"}; \code{"effects"}: the effects against
#'   what normal ones would be.
#' @param group,effect which; \code{NULL}: the first.
#' @param ... ignored.
#' @return The ggplot object, invisibly, after drawing it. The package ggplot2 is
#'   needed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   plot(fit_mixed(weight ~ Time + (1 | Chick), ChickWeight))
#' }
#' @export
plot.steelyard_mixed <- function(x, kind = "league", group = NULL, effect = NULL, ...) {
  kind <- choice("kind", kind, c("league", "coefficients", "effects"))
  if (!requireNamespace("ggplot2", quietly = TRUE))
    raise("invalid", "plot: the package ggplot2 is needed; install.packages(\"ggplot2\")")
  drawn <- if (kind == "coefficients") plot_coefficients(x) else plot_groups(x, kind, group, effect)
  print(drawn)
  invisible(drawn)
}

plot_groups <- function(fit, kind, group, effect) {
  names <- vapply(fit$bars, `[[`, "", "group")
  group <- if (is.null(group)) names[1L] else names[place("group", group, names)]
  effects <- unlist(lapply(fit$bars[names == group], `[[`, "effects"))
  effect <- if (is.null(effect)) effects[1L] else effects[place("effect", effect, effects)]
  rows <- plain_frame(random_effects(fit))
  rows <- rows[rows$group == group & rows$effect == effect, ]
  rows <- rows[order(rows$estimate), ]
  of <- if (effect == "(Intercept)") "effects" else paste("effects of", effect)
  title <- sprintf("%s: %s on %s", group, of, fit$outcome)
  if (kind == "league") plot_league(rows, title, fit$level) else plot_normal(rows, title)
}

most_named <- 60L # more names than this would lie on one another

plot_league <- function(rows, title, level) {
  rows$place <- seq_len(nrow(rows))
  named <- nrow(rows) <= most_named
  drawn <- plot_canvas(rows, title, sprintf("shrunken effect, with %s %% limits", percent_of(level)),
                       if (!named) sprintf("%d levels in order", nrow(rows))) +
    ggplot2::geom_vline(xintercept = 0, colour = "grey70") +
    ggplot2::geom_segment(ggplot2::aes(x = .data$conf.low, xend = .data$conf.high, y = .data$place, yend = .data$place),
                          linewidth = if (named) 0.8 else 0.3, colour = "#33608c") +
    ggplot2::geom_point(ggplot2::aes(x = .data$estimate, y = .data$place), size = if (named) 2 else 0.8,
                        colour = "#33608c") +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
  if (named) {
    size <- if (nrow(rows) > 30L) 6 else 9
    return(drawn + ggplot2::scale_y_continuous(breaks = rows$place, labels = rows$level) +
             ggplot2::theme(axis.text.y = ggplot2::element_text(size = size)))
  }
  drawn + ggplot2::scale_y_continuous(breaks = NULL)
}

plot_normal <- function(rows, title) {
  n <- nrow(rows)
  rows$normal <- vapply(seq_len(n), function(i) settle(.Call(C_t_quantile, (i - 0.5) / n, Inf)), 0)
  plot_canvas(rows, title, "normal quantile", "shrunken effect") +
    ggplot2::geom_hline(yintercept = 0, colour = "grey70") +
    ggplot2::geom_point(ggplot2::aes(x = .data$normal, y = .data$estimate), size = 1.8, colour = "#33608c")
}
