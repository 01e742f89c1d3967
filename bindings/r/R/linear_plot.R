# SPDX-License-Identifier: GPL-3.0-only

#' Plot a linear model
#'
#' @param x a result of \code{\link{fit_linear}}.
#' @param kind \code{"coefficients"}: coefficients with their limits, the intercept
#'   left out unless it is alone; \code{"residuals"}: residuals against fitted values,
#'   where unequal variance and curves show.
#' @param ... ignored.
#' @return The ggplot object, invisibly, after drawing it. The package ggplot2 is
#'   needed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   fit <- fit_linear(Fertility ~ Education + Catholic + Agriculture, swiss)
#'   plot(fit)
#'   plot(fit, "residuals")
#' }
#' @export
plot.steelyard_linear <- function(x, kind = "coefficients", ...) {
  kind <- choice("kind", kind, c("coefficients", "residuals"))
  need_ggplot2()
  drawn <- if (kind == "residuals") plot_residuals(x) else plot_coefficients(x)
  print(drawn)
  invisible(drawn)
}

plot_canvas <- function(rows, title, axis, up = NULL) {
  theme <- ggplot2::theme_minimal() +
    ggplot2::theme(panel.grid.minor = ggplot2::element_blank(), plot.title.position = "plot",
                   plot.caption.position = "plot", plot.margin = ggplot2::margin(6, 24, 6, 6))
  ggplot2::ggplot(rows) + theme + ggplot2::labs(title = title, x = axis, y = up,
                                                caption = "Associations given the other terms, not effects.")
}

plot_residuals <- function(fit) {
  rows <- data.frame(fitted = fit$fitted, residual = fit$residual)[!is.na(fit$fitted), ]
  plot_canvas(rows, sprintf("Residuals of %s", fit$outcome), "fitted value", "residual") +
    ggplot2::geom_hline(yintercept = 0, colour = "grey70") +
    ggplot2::geom_point(ggplot2::aes(x = .data$fitted, y = .data$residual), size = 1.6, alpha = 0.7,
                        colour = "#33608c")
}

plot_coefficients <- function(fit) {
  rows <- fit$table
  part <- if (identical(fit$kind, "ordinal")) seq_len(nrow(rows)) > fit$shape$n_thresholds else rows$term != "(Intercept)"
  dots_with_limits(if (any(part)) rows[part, ] else rows, sprintf("Coefficients for %s", fit$outcome),
                   sprintf("estimate, with %s %% limits (%s)", percent_of(fit$level), fit$covariance))
}

# A dot with its limits a row, named by the column term, the first on top.
dots_with_limits <- function(rows, title, axis) {
  rows <- rows[!is.na(rows$estimate), ]
  rows$term <- factor(rows$term, rev(rows$term))
  with_limits <- rows[!is.na(rows$conf.low), ]
  plot_canvas(rows, title, axis) +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank()) +
    ggplot2::geom_vline(xintercept = 0, colour = "grey70") +
    ggplot2::geom_segment(ggplot2::aes(x = .data$conf.low, xend = .data$conf.high, y = .data$term, yend = .data$term),
                          data = with_limits, linewidth = 0.8, colour = "#33608c") +
    ggplot2::geom_point(ggplot2::aes(x = .data$estimate, y = .data$term), size = 2.6, colour = "#33608c")
}
