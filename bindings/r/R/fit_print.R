# What the prints of fits have in common; the Python package prints the same text.
# SPDX-License-Identifier: GPL-3.0-only

fit_caution <- "Coefficients are associations given the other terms, not effects."

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
estimate_cells <- function(first, table, test = TRUE, more = 0L) {
  s <- table$std.error
  tested <- table$df[!is.na(table$df) & table$df > 0]
  normal <- test && length(tested) > 0L && all(is.infinite(tested))
  statistic <- if (test) structure(list(statistic_text(table$statistic)), names = if (normal) "z" else "t")
  c(first, list(estimate = by_error(table$estimate, s, more), `std error` = by_error(s, s, more)), statistic,
    if (!normal) list(df = df_text(table$df)), if (test) list(p = p_text(table$p.value)),
    list(low = by_error(table$conf.low, s, more), high = by_error(table$conf.high, s, more)))
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

# How many values each column lacks, where any does.
missing_text <- function(fit) {
  mixed <- inherits(fit, "steelyard_mixed")
  model <- if (mixed) fit$model[[2L]] else fit$model
  columns <- c(fit$design[[2L]], if (mixed) lapply(fit$model[[3L]], `[[`, 3L),
               Filter(is.list, list(model[[5L]], if (length(model) > 5L) model[[6L]], fit$second, fit$design[[4L]], fit$design[[6L]])))
  counts <- vapply(columns, function(column) sum(is.na(column[[2L]])), 1L)
  names(counts) <- vapply(columns, `[[`, "", 1L)
  counts <- counts[counts > 0L & !duplicated(names(counts))]
  if (length(counts)) sprintf(" (%s)", paste(names(counts), counts, collapse = ", ")) else ""
}

# Rows left out (at length: by column), weights, aliased columns, remarks, the caution.
sample_lines <- function(fit, whole = FALSE) {
  s <- fit$provenance
  c(if (s$rows_dropped > 0)
      sprintf("Rows: %.0f read, %.0f used, %.0f dropped for missing values%s.", s$rows_read, s$rows_used, s$rows_dropped,
              if (whole) missing_text(fit) else ""),
    if (s$weight_kind != "none") sprintf("Weights: %s, sum %.6g.", s$weight_kind, s$sum_w),
    if (length(fit$aliased)) sprintf("Aliased, without a coefficient: %s.", paste(fit$aliased, collapse = ", ")),
    shown_remarks(fit$remarks, c("rows_dropped", "aliased")), caution(fit_caution))
}

shown_remarks <- function(remarks, hidden = "rows_dropped") {
  listed("Remarks:", unique(remark_lines(remarks[!remarks$code %in% hidden, ])))
}
