# Pictures of binary, count and ordinal fits.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot a binary, count or ordinal fit
#'
#' \code{plot} draws with base graphics, \code{autoplot} (of ggplot2) makes the same picture as a ggplot.
#'
#' @param x,object a result of \code{\link{fit_binary}}, \code{\link{fit_count}} or
#'   \code{\link{fit_ordinal}}.
#' @param kind \code{"coefficients"}: coefficients with their limits;
#'   \code{"effects"}: average marginal effects; \code{"probabilities"}: predictions
#'   averaged over the rows, with everybody at each value of a variable in turn, and their limits.
#' @param variable for \code{"probabilities"}; \code{NULL}: the model's first.
#' @param at_least an answer of an ordinal outcome: the probability of it or a
#'   higher one.
#' @param ... ignored.
#' @return \code{plot}: the data frame that was drawn, invisibly. \code{autoplot}: the ggplot.
#' @section Errors:
#' \code{steelyard_error_invalid}: another kind; a variable or an answer that is not there (the nearest is
#' said); \code{autoplot} without ggplot2.
#' @examples
#' fit <- fit_binary(am ~ wt + factor(vs), mtcars)
#' plot(fit, "effects")
#' plot(fit, "probabilities", "wt")
#' @export
plot.steelyard_response <- function(x, kind = "coefficients", variable = NULL, at_least = NULL, ...)
  draw_scene(response_drawn(x, kind, variable, at_least))

#' @rdname plot.steelyard_response
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_response <- function(object, kind = "coefficients", variable = NULL, at_least = NULL, ...)
  gg_scene(response_drawn(object, kind, variable, at_least))

response_drawn <- function(x, kind, variable = NULL, at_least = NULL) {
  kind <- choice("kind", kind, c("coefficients", "effects", "probabilities"))
  switch(kind, coefficients = coefficients_drawn(x), effects = effects_drawn(x, at_least),
         probabilities = averages_drawn(x, variable, at_least))
}

effects_drawn <- function(fit, at_least) {
  rows <- plain_frame(effects.steelyard_response(fit, at_least = at_least))
  words <- rows[intersect(c("variable", "contrast", "category"), names(rows))]
  dot_chart(limit_rows(rows, do.call(paste, c(unname(words), sep = ": "))),
            sprintf("Average marginal effects on %s", fit$outcome),
            with_limits(paste("change in", scale_of(fit, NULL, at_least)[[3L]]), fit$level),
            "Averaged over the rows; only as causal as the model.")
}

average_columns <- c(average = "", conf.low = "_low", conf.high = "_high")

# Average predictions with everybody at each value of a variable: values and answers, with limits.
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
  side <- function(numbers, name) frame(structure(numbers[paste0(name, average_columns)], names = names(average_columns)))
  averages <- NULL
  for (change in asked) {
    made <- compute_effects(fit, variable, scale, if (!is.null(change)) structure(list(change), names = variable), NULL,
                            FALSE, fit$level, "-")
    if (is.null(averages)) averages <- side(made$numbers, "before")[seq_len(width), ]
    averages <- rbind(averages, side(made$numbers, "after"))
  }
  answer <- if (scale[[4L]]) factor(rep(fit$answers, length(values)), fit$answers)
  list(rows = frame(c(list(value = rep(values, each = width)), unclass(averages)[names(average_columns)], list(answer = answer))),
       what = with_limits(scale[[3L]], fit$level), variable = variable)
}

# Over numbers a line an answer, its limits a band, named at its end; for words a row a level with a dot an answer.
averages_drawn <- function(fit, variable, at_least) {
  made <- averages_of(fit, variable, at_least)
  rows <- made$rows
  title <- sprintf("%s by %s", fit$outcome, made$variable)
  caption <- paste("Everybody at each value in turn, averaged over the rows.", given_others)
  several <- !is.null(rows$answer)
  answers <- if (several) as.character(rows$answer) else rep("", nrow(rows))
  style <- series_of(unique(answers), plain = !several)
  if (!is.numeric(rows$value)) {
    parts <- list(name = rows$value, value = rows$average, low = rows$conf.low, high = rows$conf.high)
    if (several) parts$series <- rows$answer
    return(dot_chart(frame(parts), title, made$what, caption, drawn = rows, style = if (several) style))
  }
  drawn <- line_chart(frame(list(x = rows$value, y = rows$average, series = answers)), title, made$variable, made$what,
                      caption, style = style, dots = FALSE, drawn = rows)
  bands <- lapply(split(rows, factor(answers, unique(answers))), function(one) frame(list(
    x = c(one$value, rev(one$value)), y = c(one$conf.low, rev(one$conf.high)), group = rep("limits", 2L * nrow(one)))))
  drawn$layers <- c(Map(function(band, colour) area_layer(band[!is.na(band$y), ], paste0(colour, band_strength)), unname(bands),
                        style$colour), drawn$layers)
  if (!several) drawn["right"] <- list(NULL)
  drawn
}

band_strength <- "22" # of 255, over the ground
