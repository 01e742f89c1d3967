# What is printed of a linear model; the Python package prints the same text.
# SPDX-License-Identifier: GPL-3.0-only

linear_head <- function(fit) {
  absorbed <- fit$model[[5L]]
  labels <- if (length(fit$terms)) paste(fit$terms, collapse = " + ") else "intercept only"
  if (!fit$intercept && is.null(absorbed)) labels <- paste0(labels, ", without intercept")
  if (!is.null(absorbed)) labels <- sprintf("%s, intercepts of %d %s absorbed", labels, absorbed_count(fit),
                                            absorbed[[1L]])
  about <- if (!is.null(absorbed)) "R2 (within levels)" else if (fit$intercept) "R2" else "R2 (about zero)"
  together <- if (!is.na(fit$f))
    sprintf("All terms together: F %s on %s and %s, p %s%s", statistic_text(fit$f), df_text(fit$f_df1),
            df_text(fit$df_resid), p_text(fit$f_p),
            if (fit$covariance == "classical") "" else " (classical covariance)")
  c(sprintf("Linear model of %s: %s, %s", fit$outcome, labels, count_text(fit)),
    sprintf("%s %s, adjusted %s; sigma %s, %s", about, r2_text(fit$r2), r2_text(fit$r2_adjusted), sum_text(fit$sigma),
            freedom(fit$df_resid)), together)
}

absorbed_count <- function(fit) {
  length(unique(as.integer(fit$model[[5L]][[2L]])[!is.na(fit$fitted)]))
}

document_of.steelyard_linear <- function(x, whole = FALSE) {
  fit <- x
  table <- if (nrow(fit$table))
    c("", tabled(estimate_cells(list(term = fit$table$term), fit$table, more = more_of(whole)),
                 caption = limited(paste("Coefficients of", fit$outcome), fit$level)), "")
  c(linear_head(fit), table, if (nrow(fit$table)) covariance_line(fit),
    sprintf("Precision: %s, condition %s, %s digits left.", fit$method, sprintf("%.3g", fit$condition),
            sprintf("%.1f", fit$digits)),
    sample_lines(fit, whole), if (whole) fit_provenance(fit))
}
