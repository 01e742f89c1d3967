# What is printed of fits by maximum likelihood; the Python package prints the
# same text.
# SPDX-License-Identifier: GPL-3.0-only

response_title <- function(fit) {
  labels <- if (length(fit$terms)) paste(fit$terms, collapse = " + ")
            else if (fit$kind == "ordinal") "thresholds only" else "intercept only"
  if (!fit$intercept) labels <- paste0(labels, ", without intercept")
  for (part in 1:2) {
    at <- fit$model[[6L + part]]
    if (length(at))
      labels <- sprintf("%s; %s %s", labels, c("nominal", "scale")[part],
                        paste(vapply(fit$design[[3L]][at], `[[`, "", 1L), collapse = " + "))
  }
  if (!is.null(fit$model[[6L]])) labels <- sprintf("%s, offset %s", labels, fit$model[[6L]][[1L]])
  sprintf("%s%s of %s: %s%s%s, %s", toupper(substr(fit$called, 1L, 1L)), substring(fit$called, 2L), fit$outcome, labels,
          if (fit$link == "log") "" else sprintf(", %s link", fit$link),
          if (fit$kind == "ordinal") sprintf(", %s thresholds", fit$thresholds) else "", count_text(fit))
}

answers_line <- function(fit) {
  if (!is.null(fit$model[[5L]])) return(sprintf("Successes: %s, of %s", fit$outcome, fit$model[[5L]][[1L]]))
  switch(fit$kind, binary = sprintf("Event: %s = %s", fit$outcome, fit$answers[length(fit$answers)]),
         ordinal = paste("Levels:", paste(fit$answers, collapse = " < ")),
         negative_binomial = sprintf("Theta %s (std error %s); variance mu + mu^2 / theta",
                                     by_error(fit$theta, fit$theta_std_error),
                                     by_error(fit$theta_std_error, fit$theta_std_error)))
}

response_head <- function(fit) {
  together <- if (fit$lr_df > 0)
    sprintf("All terms together: likelihood ratio %s on %s, p %s%s", statistic_text(fit$lr), df_text(fit$lr_df),
            p_text(fit$lr_p), if (fit$covariance == "classical") "" else " (rows taken as independent)")
  c(response_title(fit), answers_line(fit),
    sprintf("Log likelihood %s, %d parameters, AIC %s; McFadden R2 %s", or_dash(fit$loglik, no_minus_zero(sprintf("%.3f", fit$loglik))),
            fit$rank, or_dash(fit$aic, no_minus_zero(sprintf("%.2f", fit$aic))), r2_text(blank(fit$mcfadden))), together)
}

# Coefficients, then thresholds.
response_tables <- function(fit, more = 0L) {
  split <- if (fit$kind == "ordinal") fit$shape$n_thresholds else 0
  part <- function(rows, name, called) {
    if (!nrow(rows)) return(NULL)
    c("", tabled(estimate_cells(structure(list(rows$term), names = name), rows, more = more),
                 caption = limited(paste(called, "of", fit$outcome), fit$level)))
  }
  above <- seq_len(nrow(fit$table)) > split
  c(part(fit$table[above, ], "term", "Coefficients"), part(fit$table[!above, ], "threshold", "Thresholds"), "")
}

grouped <- function(fit) fit$kind %in% c("poisson", "negative_binomial") || !is.null(fit$model[[5L]])

document_of.steelyard_response <- function(x, whole = FALSE) {
  fit <- x
  c(response_head(fit), response_tables(fit, more_of(whole)), covariance_line(fit),
    sprintf("Newton's method: %s, last relative step %s.",
            paste0(if (!fit$converged) "not converged after ", counted(fit$iterations, "step")),
            or_dash(fit$last_step, sprintf("%.1e", fit$last_step))),
    if (grouped(fit)) sprintf("Deviance %s, Pearson %s, %s degrees of freedom.", sum_text(fit$deviance),
                              sum_text(fit$pearson), df_text(fit$df_resid)),
    sample_lines(fit, whole), if (whole) fit_provenance(fit))
}
