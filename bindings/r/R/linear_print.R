# What is printed of a linear model; the Python package prints the same text.
# SPDX-License-Identifier: GPL-3.0-only

no_minus_zero <- function(text) sub("^-(0(\\.0*)?)$", "\\1", text)
or_dash <- function(x, text) ifelse(is.na(x), "-", ifelse(is.infinite(x), ifelse(x < 0, "-inf", "inf"), text))

# A number with as many decimals as its standard error can bear: four figures
# of the error.
by_error <- function(x, s) {
  mapply(function(x, s) {
    if (is.na(x) || is.infinite(x)) return(or_dash(x, ""))
    if (!is.finite(s) || s == 0) return(no_minus_zero(sprintf("%.6g", x)))
    d <- 3 - floor(log10(s))
    if (d > 9) return(no_minus_zero(sprintf("%.4e", x)))
    if (abs(x) >= 1e15) return(sprintf("%.6g", x))
    no_minus_zero(sprintf("%.*f", as.integer(max(d, 0)), x))
  }, x, s, USE.NAMES = FALSE)
}

statistic_text <- function(x) {
  or_dash(x, ifelse(abs(x) >= 1e5, sprintf("%.4g", x), no_minus_zero(sprintf("%.2f", x))))
}
p_text <- function(x) ifelse(is.na(x), "-", ifelse(x < 1e-4, "<0.0001", sprintf("%.4f", x)))
df_text <- function(x) or_dash(x, ifelse(x == round(x), sprintf("%.0f", x), sprintf("%.1f", x)))
r2_text <- function(x) or_dash(x, no_minus_zero(sprintf("%.4f", x)))
sum_text <- function(x) or_dash(x, no_minus_zero(sprintf("%.6g", x)))

count_text <- function(fit) {
  if (fit$n == fit$rows_used) sprintf("%.0f rows", fit$n)
  else sprintf("n = %.0f from %.0f rows", fit$n, fit$rows_used)
}

freedom <- function(df) sprintf("%s degree%s of freedom", df_text(df), if (isTRUE(df == 1)) "" else "s")

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

# A table of estimates with their errors: `first` names the rows.
estimate_cells <- function(first, table, test = TRUE) {
  s <- table$std.error
  c(first, list(estimate = by_error(table$estimate, s), `std error` = by_error(s, s)),
    if (test) list(t = statistic_text(table$statistic)), list(df = df_text(table$df)),
    if (test) list(p = p_text(table$p.value)),
    list(low = by_error(table$conf.low, s), high = by_error(table$conf.high, s)))
}

covariance_line <- function(fit) {
  df <- fit$df[!is.na(fit$df) & fit$df > 0]
  how <- if (!length(df)) "no limits"
         else sprintf("limits (%s %%): t with %s", percent_of(fit$level),
                      if (fit$covariance %in% c("CR2", "CR3")) "Satterthwaite degrees of freedom" else freedom(df[[1L]]))
  clusters <- fit$provenance$clusters
  names <- fit$provenance$cluster
  of <- if (length(clusters)) sprintf(", %d clusters of %s", clusters[1L], names[1L])
  if (length(clusters) > 1L) of <- sprintf("%s and %d of %s", of, clusters[2L], names[2L])
  sprintf("Covariance: %s%s; %s.", fit$covariance, if (is.null(of)) "" else of, how)
}

sample_lines <- function(fit) {
  s <- fit$provenance
  c(if (s$rows_dropped > 0) sprintf("Rows: %.0f read, %.0f used, %.0f dropped for missing values.", s$rows_read,
                                    s$rows_used, s$rows_dropped),
    if (s$weight_kind != "none") sprintf("Weights: %s, sum %.6g.", s$weight_kind, s$sum_w))
}

shown_remarks <- function(remarks, hidden = "rows_dropped") {
  lines <- unique(remark_lines(remarks[!remarks$code %in% hidden, ]))
  if (length(lines)) c("Remarks:", paste("-", lines))
}

linear_lines <- function(fit) {
  table <- if (nrow(fit$table))
    c("", table_lines(estimate_cells(list(term = fit$table$term), fit$table)), "")
  c(linear_head(fit), table, if (nrow(fit$table)) covariance_line(fit),
    sprintf("Precision: %s, condition %s, %s digits left.", fit$method, sprintf("%.3g", fit$condition),
            sprintf("%.1f", fit$digits)),
    sample_lines(fit),
    if (length(fit$aliased)) sprintf("Aliased, without a coefficient: %s.", paste(fit$aliased, collapse = ", ")),
    shown_remarks(fit$remarks, c("rows_dropped", "aliased")),
    "Coefficients are associations given the other terms, not effects.")
}

#' @rdname fit_linear
#' @export
format.steelyard_linear <- function(x, ...) linear_lines(x)

#' @rdname fit_linear
#' @export
print.steelyard_linear <- function(x, ...) {
  writeLines(linear_lines(x))
  invisible(x)
}

#' @export
print.summary.steelyard_linear <- function(x, ...) {
  writeLines(linear_lines(x$fit))
  invisible(x)
}
