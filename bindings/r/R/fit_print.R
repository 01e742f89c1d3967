# What the prints of fits have in common; the Python package prints the same text.
# SPDX-License-Identifier: GPL-3.0-only

fit_caution <- "Coefficients are associations given the other terms, not effects."

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

# A table of estimates with their errors: `first` names the rows. Without degrees
# of freedom where all tests are normal.
estimate_cells <- function(first, table, test = TRUE) {
  s <- table$std.error
  tested <- table$df[!is.na(table$df) & table$df > 0]
  normal <- test && length(tested) > 0L && all(is.infinite(tested))
  statistic <- if (test) structure(list(statistic_text(table$statistic)), names = if (normal) "z" else "t")
  c(first, list(estimate = by_error(table$estimate, s), `std error` = by_error(s, s)), statistic,
    if (!normal) list(df = df_text(table$df)), if (test) list(p = p_text(table$p.value)),
    list(low = by_error(table$conf.low, s), high = by_error(table$conf.high, s)))
}

# How limits were made from degrees of freedom, NULL where none has any.
limits_by <- function(df, kind) {
  tested <- df[!is.na(df) & df > 0]
  if (!length(tested)) return(NULL)
  if (kind %in% c("CR2", "CR3")) return("t with Satterthwaite degrees of freedom")
  if (is.infinite(tested[[1L]])) "normal" else paste("t with", freedom(tested[[1L]]))
}

covariance_line <- function(fit) {
  how <- limits_by(fit$df, fit$covariance)
  how <- if (is.null(how)) "no limits" else sprintf("limits (%s %%): %s", percent_of(fit$level), how)
  clusters <- fit$provenance$clusters
  names <- fit$provenance$cluster
  of <- if (length(clusters)) sprintf(", %d clusters of %s", clusters[1L], names[1L])
  if (length(clusters) > 1L) of <- sprintf("%s and %d of %s", of, clusters[2L], names[2L])
  sprintf("Covariance: %s%s; %s.", fit$covariance, if (is.null(of)) "" else of, how)
}

# Rows left out, weights, aliased columns, remarks, the caution.
sample_lines <- function(fit) {
  s <- fit$provenance
  c(if (s$rows_dropped > 0) sprintf("Rows: %.0f read, %.0f used, %.0f dropped for missing values.", s$rows_read,
                                    s$rows_used, s$rows_dropped),
    if (s$weight_kind != "none") sprintf("Weights: %s, sum %.6g.", s$weight_kind, s$sum_w),
    if (length(fit$aliased)) sprintf("Aliased, without a coefficient: %s.", paste(fit$aliased, collapse = ", ")),
    shown_remarks(fit$remarks, c("rows_dropped", "aliased")), caution(fit_caution))
}

shown_remarks <- function(remarks, hidden = "rows_dropped") {
  listed("Remarks:", unique(remark_lines(remarks[!remarks$code %in% hidden, ])))
}
