# SPDX-License-Identifier: GPL-3.0-only

#' Plot what a confounder leaves
#'
#' Contours of the estimate, or of t, over the strengths of a confounder, with the benchmarks.
#'
#' @param x a result of \code{\link{confounding}}.
#' @param kind \code{"estimate"} or \code{"t"}.
#' @param ... ignored.
#' @return The ggplot object, invisibly, after drawing it. The package ggplot2 is
#'   needed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   fit <- fit_linear(Fertility ~ Education + Catholic + Agriculture, swiss)
#'   plot(confounding(fit, "Education", benchmarks = "Agriculture"))
#' }
#' @export
plot.steelyard_confounding <- function(x, kind = "estimate", ...) {
  kind <- choice("kind", kind, c("estimate", "t"))
  need_ggplot2()
  limits <- confounding_reach(x)
  surface <- contour_grid(x, 80L, limits)
  surface$height <- if (kind == "t") surface$statistic else surface$estimate
  r <- x$robustness
  found <- if (kind == "t") r$statistic else if (is.na(r$estimate)) 1 else r$estimate
  edge <- if (kind == "t") sign(found) * settle(.Call(C_t_quantile, 1 - r$alpha / 2, r$df - 1)) else found * (1 - r$q)
  at <- pretty(surface$height, 9L)
  at <- at[abs(at - edge) > 0.3 * (at[2L] - at[1L])]
  named <- level_names(surface, c(at, edge), if (nrow(x$bounds)) 0.2 else 0)
  drawn <- plot_canvas(surface, sprintf("What a confounder leaves of %s\n%s %s without one", r$term, kind,
                                        format(found, digits = 3L)),
                       "part of what is left of the term that the confounder explains", "part of what is left of the outcome") +
    ggplot2::labs(caption = NULL) +
    ggplot2::geom_contour(ggplot2::aes(x = .data$r2_treatment, y = .data$r2_outcome, z = .data$height), breaks = at,
                          colour = "grey60", linewidth = 0.4) +
    ggplot2::geom_contour(ggplot2::aes(x = .data$r2_treatment, y = .data$r2_outcome, z = .data$height), breaks = edge,
                          colour = "#a8323e", linewidth = 0.8) +
    ggplot2::geom_label(ggplot2::aes(x = .data$x, y = .data$y, label = .data$text), data = named, size = 2.7,
                        colour = "grey40", fill = "white", label.size = 0, label.padding = ggplot2::unit(1, "pt"))
  drawn <- confounding_marks(drawn, x$bounds, limits)
  print(drawn)
  invisible(drawn)
}

# Where each contour is labelled: where it crosses the diagonal of the picture, beyond a part `free` of it that the
# names of the bounds need, labels kept apart.
level_names <- function(surface, levels, free) {
  n <- as.integer(round(sqrt(nrow(surface))))
  across <- surface[(seq_len(n) - 1L) * n + seq_len(n), ]
  points <- lapply(levels, function(level) {
    above <- across$height > level
    at <- which(above[-1L] != above[-n])[1L]
    if (is.na(at)) return(NULL)
    part <- (level - across$height[at]) / (across$height[at + 1L] - across$height[at])
    data.frame(x = across$r2_treatment[at] + part * across$r2_treatment[2L],
               y = across$r2_outcome[at] + part * across$r2_outcome[2L], text = format(level, digits = 3L))
  })
  points <- do.call(rbind, points)
  points <- points[order(points$x), ]
  points <- points[points$x > free * max(across$r2_treatment), ]
  points[c(TRUE, diff(points$x) > 0.03 * max(across$r2_treatment)), ]
}

# The bounds as points; a name that would touch the one below stands higher, with a line to its point.
confounding_marks <- function(drawn, bounds, limits) {
  drawn <- drawn + ggplot2::geom_point(ggplot2::aes(x = .data$x, y = .data$y), data = data.frame(x = 0, y = 0), shape = 17,
                                       size = 3, colour = "#33608c")
  rows <- bounds[!is.na(bounds$r2_treatment), ]
  if (!nrow(rows)) return(drawn)
  rows <- rows[order(rows$r2_outcome, rows$r2_treatment), ]
  heights <- Reduce(function(last, y) max(y + 0.015 * limits[[2L]], last + 0.045 * limits[[2L]]), rows$r2_outcome, -Inf,
                    accumulate = TRUE)[-1L]
  times <- ifelse(rows$kd == rows$ky, sprintf("%.3g", rows$kd), sprintf("%.3g/%.3g", rows$kd, rows$ky))
  marks <- data.frame(x = rows$r2_treatment, y = rows$r2_outcome, to = rows$r2_treatment + 0.03 * limits[[1L]],
                      height = heights, name = sprintf(" %s x %s", times, rows$benchmark))
  drawn + ggplot2::geom_segment(ggplot2::aes(x = .data$x, y = .data$y, xend = .data$to, yend = .data$height), data = marks,
                                colour = "grey60", linewidth = 0.3) +
    ggplot2::geom_label(ggplot2::aes(x = .data$to, y = .data$height, label = .data$name), data = marks, hjust = 0, size = 3,
                        fill = "white", alpha = 0.7, label.size = 0, label.padding = ggplot2::unit(1, "pt")) +
    ggplot2::geom_point(ggplot2::aes(x = .data$x, y = .data$y), data = marks, shape = 18, size = 3, colour = "#33608c") +
    ggplot2::expand_limits(x = 1.15 * limits[[1L]])
}
