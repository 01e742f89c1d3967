# SPDX-License-Identifier: GPL-3.0-only

#' Plot a binary, count or ordinal fit
#'
#' @param x a result of \code{\link{fit_binary}}, \code{\link{fit_count}} or
#'   \code{\link{fit_ordinal}}.
#' @param kind \code{"coefficients"}: coefficients with their limits;
#'   \code{"effects"}: average marginal effects; \code{"probabilities"}: predictions
#'   averaged over the rows, with everybody at each value of a variable in turn.
#' @param variable for \code{"probabilities"}; \code{NULL}: the model's first.
#' @param at_least an answer of an ordinal outcome: the probability of it or a
#'   higher one.
#' @param ... ignored.
#' @return The ggplot object, invisibly, after drawing it. The package ggplot2 is
#'   needed.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   fit <- fit_binary(am ~ wt + factor(vs), mtcars)
#'   plot(fit, "effects")
#'   plot(fit, "probabilities", "wt")
#' }
#' @export
plot.steelyard_response <- function(x, kind = "coefficients", variable = NULL, at_least = NULL, ...) {
  kind <- choice("kind", kind, c("coefficients", "effects", "probabilities"))
  need_ggplot2()
  drawn <- switch(kind, coefficients = plot_coefficients(x), effects = plot_effects(x, at_least),
                  probabilities = plot_averages(x, variable, at_least))
  print(drawn)
  invisible(drawn)
}

plot_effects <- function(fit, at_least) {
  rows <- plain_frame(effects.steelyard_response(fit, at_least = at_least))
  words <- rows[intersect(c("variable", "contrast", "category"), names(rows))]
  rows$term <- do.call(paste, c(unname(words), sep = ": "))
  dots_with_limits(rows, sprintf("Average marginal effects on %s", fit$outcome), scale_of(fit, NULL, at_least)[[3L]])
}

# Average predictions with everybody at each value of a variable: values and answers.
averages_of <- function(fit, variable, at_least) {
  known <- variables_of(fit)
  if (!length(known)) invalid("variable: the model has none")
  if (is.null(variable)) variable <- names(known)[1L]
  at <- place_of_variable(fit, variable, "variable")
  column <- fit$design[[2L]][[at]]
  scale <- scale_of(fit, NULL, at_least)
  if (is.null(column[[3L]])) {
    range <- range(as.double(column[[2L]]), na.rm = TRUE)
    values <- seq(range[1L], range[2L], length.out = 21L)
    asked <- Map(c, values[-21L], values[-1L])
  } else {
    values <- used_levels(fit)[[at]]
    asked <- list(NULL)
  }
  width <- if (scale[[4L]]) length(fit$answers) else 1L
  averages <- NULL
  for (change in asked) {
    made <- compute_effects(fit, variable, scale, if (!is.null(change)) structure(list(change), names = variable), NULL,
                            FALSE, 0.95, "-")
    if (is.null(averages)) averages <- made$numbers$before[seq_len(width)]
    averages <- c(averages, made$numbers$after)
  }
  answer <- if (scale[[4L]]) factor(rep(fit$answers, length(values)), fit$answers)
  list(rows = c(list(value = rep(values, each = width), average = averages), list(answer = answer)), what = scale[[3L]],
       variable = variable)
}

plot_averages <- function(fit, variable, at_least) {
  made <- averages_of(fit, variable, at_least)
  rows <- made$rows
  words <- !is.numeric(rows$value)
  if (words) rows$value <- factor(rows$value, unique(rows$value))
  rows$answer <- if (is.null(rows$answer)) factor(rep("", length(rows$average))) else rows$answer
  drawn <- plot_canvas(frame(rows), sprintf("%s, averaged over the rows", fit$outcome), made$variable, made$what) +
    ggplot2::geom_line(ggplot2::aes(x = .data$value, y = .data$average, colour = .data$answer, group = .data$answer)) +
    ggplot2::labs(colour = NULL)
  if (words) drawn <- drawn + ggplot2::geom_point(ggplot2::aes(x = .data$value, y = .data$average,
                                                               colour = .data$answer), size = 2)
  if (nlevels(rows$answer) < 2L) drawn + ggplot2::theme(legend.position = "none") else drawn
}
