# What R's generics ask of a fit.
# SPDX-License-Identifier: GPL-3.0-only

#' @rdname fit_linear
#' @importFrom stats fitted
#' @export
fitted.steelyard_linear <- function(object, ...) with_row_names(object, object$fitted)

#' @rdname fit_linear
#' @importFrom stats residuals
#' @export
residuals.steelyard_linear <- function(object, type = "response", ...) {
  type <- choice("type", type, c("response", "pearson", "standardised", "studentised"))
  values <- switch(type, response = object$residual, pearson = object$residual * sqrt(weights_of(object)),
                   row_diagnostics(object)[[type]])
  with_row_names(object, values)
}

weights_of <- function(fit) if (is.null(fit$design[[4L]])) 1 else as.double(fit$design[[4L]][[2L]])

#' @rdname fit_linear
#' @importFrom stats deviance
#' @export
deviance.steelyard_linear <- function(object, ...) object$rss

#' @rdname fit_linear
#' @importFrom stats predict
#' @export
predict.steelyard_linear <- function(object, newdata = NULL, interval = "none", level = NULL, se.fit = FALSE, ...) {
  interval <- choice("interval", interval, c("none", "confidence", "prediction"))
  level <- level_of(object, level)
  names <- if (is.null(newdata)) object$names else if (is.data.frame(newdata)) row_labels(newdata)
  if (is.null(newdata) && interval == "none" && !se.fit) return(fitted.steelyard_linear(object))
  if (!is.null(object$model[[5L]]))
    invalid("newdata: a fit with absorbed levels predicts its own rows only, without limits")
  design <- if (is.null(newdata)) own_rows(object) else read_new_rows(object, newdata)
  model <- object$model
  model[[1L]] <- 0L
  spread <- if (interval != "none" || se.fit) unname(object$vcov)
  made <- settle(.Call(C_linear_predict, design, model, unname(object$coefficients), spread, object$threads))
  out <- if (is.null(newdata)) is.na(object$fitted) else FALSE
  fit <- structure(replace(blank(made$fitted), out, NA), names = names)
  if (is.null(spread)) return(fit)
  variance <- replace(blank(made$variance), out, NA)
  df <- if (all(is.na(object$df))) NA_real_ else min(object$df, na.rm = TRUE)
  if (interval != "none") {
    spread <- variance + if (interval == "prediction") object$sigma^2 else 0
    half <- if (is.na(df)) NA_real_ else settle(.Call(C_t_quantile, (1 + level) / 2, df)) * sqrt(spread)
    if (object$covariance != "classical") half <- ifelse(variance == 0, NA_real_, half)
    fit <- cbind(fit = fit, lwr = fit - half, upr = fit + half)
    rownames(fit) <- names
  }
  if (!se.fit) return(fit)
  list(fit = fit, se.fit = structure(sqrt(variance), names = names), df = df, residual.scale = object$sigma)
}

# broom's verbs, registered for the generics package when it is there ---------

glance.steelyard_linear <- function(x, ...) {
  frame(list(r.squared = x$r2, adj.r.squared = x$r2_adjusted, sigma = x$sigma, statistic = x$f, p.value = x$f_p,
             df = x$f_df1, df.residual = x$df_resid, logLik = x$loglik, AIC = x$aic, BIC = x$bic, deviance = x$rss,
             nobs = x$n))
}

augment.steelyard_linear <- function(x, data = NULL, ...) {
  if (is.null(data)) data <- model_rows(x)
  if (!is.data.frame(data) || rows_of(data) != length(x$fitted))
    invalid("data: the %d rows of the fit are needed", length(x$fitted))
  rows <- row_diagnostics(x)
  data$.fitted <- x$fitted
  data$.resid <- x$residual
  data$.hat <- rows$leverage
  data$.sigma <- rows$sigma
  data$.cooksd <- rows$cook
  data$.std.resid <- rows$standardised
  data
}

# The columns of the design as a frame.
model_rows <- function(fit) {
  columns <- lapply(fit$design[[2L]], function(column) {
    if (is.null(column[[3L]])) column[[2L]] else factor(column[[3L]][as.integer(column[[2L]])], column[[3L]])
  })
  names(columns) <- make.unique(vapply(fit$design[[2L]], `[[`, "", 1L))
  out <- frame(columns)
  if (!is.null(fit$names)) attr(out, "row.names") <- fit$names
  out
}
