# Pictures of linear fits, and what those of all fits have in common.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot a linear model
#'
#' \code{plot} draws with base graphics, \code{autoplot} (of ggplot2) makes the same picture as a ggplot.
#'
#' @param x,object a result of \code{\link{fit_linear}}.
#' @param kind \code{"coefficients"}: coefficients with their limits, the intercept left out unless it is
#'   alone; \code{"residuals"}: residuals against fitted values, where unequal variance and curves show;
#'   \code{"qq"}: standardised residuals against what normal ones would be.
#' @param ... ignored.
#' @return \code{plot}: the data frame that was drawn, invisibly. \code{autoplot}: the ggplot.
#' @section Errors:
#' \code{steelyard_error_invalid}: another kind; \code{autoplot} without ggplot2.
#' @examples
#' fit <- fit_linear(Fertility ~ Education + Catholic + Agriculture, swiss)
#' plot(fit)
#' plot(fit, "residuals")
#' @export
plot.steelyard_linear <- function(x, kind = "coefficients", ...) draw_scene(linear_drawn(x, kind))

#' @rdname plot.steelyard_linear
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_linear <- function(object, kind = "coefficients", ...) gg_scene(linear_drawn(object, kind))

linear_drawn <- function(x, kind) {
  kind <- choice("kind", kind, c("coefficients", "residuals", "qq"))
  switch(kind, coefficients = coefficients_drawn(x), residuals = residuals_drawn(x), qq = linear_quantiles(x))
}

# "Linear model of Fertility"
fit_title <- function(fit) sprintf("%s of %s", capital(fit$called), fit$outcome)

capital <- function(text) paste0(toupper(substr(text, 1L, 1L)), substring(text, 2L))

with_limits <- function(what, level) sprintf("%s, with %s %% limits", what, percent_of(level))

# Rows of a dot chart from a table of estimates: the term is the name.
limit_rows <- function(table, name) {
  frame(list(name = name, value = table$estimate, low = table$conf.low, high = table$conf.high))[!is.na(table$estimate), ]
}

given_others <- "Association given the other terms, not effect."

coefficients_drawn <- function(fit) {
  rows <- fit$table
  part <- if (identical(fit$kind, "ordinal")) seq_len(nrow(rows)) > fit$shape$n_thresholds else rows$term != "(Intercept)"
  rows <- if (any(part)) rows[part, ] else rows
  how <- if (is.null(fit$covariance)) "" else sprintf(" (%s covariance)", fit$covariance)
  dot_chart(limit_rows(rows, rows$term), fit_title(fit), paste0(with_limits("coefficient", fit$level), how), given_others)
}

residuals_drawn <- function(fit) {
  rows <- frame(list(fitted = fit$fitted, residual = fit$residual))
  rows <- rows[!is.na(rows$fitted), ]
  points <- frame(list(x = rows$fitted, y = rows$residual))
  scene(rows, list(dot_layer(points, cloud_size(nrow(points)), house$blue)), fit_title(fit), paste("fitted", fit$outcome),
        "residual", grid = "y", vline = NULL, hline = 0)
}

# Dots of a cloud of n, so that many can be told apart.
cloud_size <- function(n) if (n > 5000L) 1.5 else if (n > 500L) 2.5 else 4

linear_quantiles <- function(fit) {
  values <- rstandard.steelyard_linear(fit)
  quantiles_drawn(sort(values[is.finite(values)]), fit_title(fit), "standardised residual", "Line: normal residuals.")
}

# Values, ascending, against what normal ones would be: of variance 1, or with the same quartiles.
quantiles_drawn <- function(values, title, up, caption, name = NULL, quartiles = FALSE) {
  n <- length(values)
  normal <- vapply(seq_len(n), function(i) settle(.Call(C_t_quantile, (i - 0.5) / n, Inf)), 0)
  rows <- frame(c(if (!is.null(name)) list(level = name), list(normal = normal, value = values)))
  ends <- range(normal)
  level <- ends
  if (quartiles) {
    at <- stats::quantile(values, c(0.25, 0.75), names = FALSE)
    level <- mean(at) + diff(at) / 2 / settle(.Call(C_t_quantile, 0.75, Inf)) * ends
  }
  line <- segment_layer(frame(list(x = ends[1L], y = level[1L], xend = ends[2L], yend = level[2L])), 1, house$zero, "dashed")
  dots <- dot_layer(frame(list(x = normal, y = values)), cloud_size(n), house$blue)
  scene(rows, list(line, dots), title, "normal quantile", up, caption, grid = "y", vline = NULL, hline = 0)
}
