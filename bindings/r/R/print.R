# What is printed; the Python package prints the same text.
# SPDX-License-Identifier: GPL-3.0-only

percent_of <- function(level) sprintf("%.6g", 100 * level)
counted <- function(n, noun) sprintf("%d %s%s", n, noun, if (n == 1L) "" else "s")

rows_text <- function(m) {
  if (m$from_correlation) return(sprintf("n = %.0f (correlation matrix)", m$n))
  if (m$n == m$rows_used) return(sprintf("%.0f rows", m$n))
  sprintf("n = %.0f from %.0f rows", m$n, m$rows_used)
}

dropped_line <- function(m) {
  if (!m$rows_dropped > 0) return(NULL)
  some <- m$missing[m$missing > 0]
  where <- if (length(some)) sprintf(" (%s)", paste(sprintf("%s %.0f", names(some), some), collapse = ", ")) else ""
  sprintf("Rows: %.0f read, %.0f used, %.0f dropped for missing values%s.", m$rows_read, m$rows_used, m$rows_dropped,
          where)
}

weights_line <- function(m) {
  if (m$weight_kind != "none") sprintf("Weights: %s, sum %.6g.", m$weight_kind, m$sum_w)
}

# Standard errors of the total and of each block's share.
errors_of <- function(part) {
  c(part$summary$std_error, part$std_error[(seq_along(part$block) - 1L) * length(metric_names) + 1L])
}

# Columns of the table of shares; those in the shares' unit have as many decimals as the row's error says.
block_cells <- function(values, first, more = 0L) {
  some <- function(...) any(!is.na(unlist(unclass(values)[c(...)])))
  shared <- function(...) lapply(unclass(values)[c(...)], point, values$std.error, more)
  renamed <- function(cells, names) structure(cells, names = names)
  c(first, shared("share"), if (some("one_step")) renamed(shared("one_step"), "one step"),
    list(percent = digits1(values$percent_of_explained)),
    if (!is.null(values$mc_error)) list(`mc error` = sprintf("%.5f", values$mc_error)),
    if (some("conf.low", "conf.high")) renamed(shared("conf.low", "conf.high"), c("low", "high")),
    if (some("between")) shared("within", "between"), shared("alone", "unique"),
    if (some("lowest", "highest")) shared("lowest", "highest"), if (some("adjusted")) shared("adjusted"),
    if (some("by_chance")) renamed(shared("by_chance"), "by chance"),
    if (some("crossvalidated")) renamed(shared("crossvalidated"), "cross-validated"))
}

# What was left out one by one, or drawn.
unit_words <- function(part) switch(part$m$unit, cluster = "clusters", group = "groups of rows", "rows")

limits_line <- function(part, level, seed) {
  s <- part$summary
  kind <- interval_of(part)
  units <- sprintf("%.0f %s", s$units, unit_words(part))
  if (s$n_strata > 0) units <- sprintf("%s in %.0f strata", units, s$n_strata)
  freedom <- sprintf("t with %.6g degrees of freedom", s$df)
  if (kind == "normal" && !is.finite(s$df)) freedom <- "normal quantiles"
  drawn <- sprintf("%.0f bootstrap samples of %s, seed %.0f", s$replicates, units, seed)
  how <- switch(kind, jackknife = sprintf("jackknife over %s, %s", units, freedom),
                influence = sprintf("influence function over %s, %s", units, freedom),
                normal = sprintf("normal theory from the moments, %s", freedom),
                percentile = paste("percentiles of", drawn), expanded = paste("expanded percentiles of", drawn),
                basic = paste("basic, from", drawn), bca = paste("BCa percentiles of", drawn),
                studentised = paste("studentised, from", drawn),
                bayes = sprintf("percentiles under Dirichlet weights of %s, %.0f draws, seed %.0f", units,
                                s$replicates, seed))
  if (is.null(how)) "Limits: none." else sprintf("Limits (%s %%): %s.", percent_of(level), how)
}

# What limits of the kind asked for covered in simulation.
coverage_line <- function(part) {
  s <- part$summary
  if (!is.nan(s$coverage_least))
    sprintf("Measured coverage of such limits of a share (nominal 95 %%): %.0f to %.0f %% with %.0f %s.",
            s$coverage_least, s$coverage_most, s$coverage_units, if (part$m$unit == "cluster") "clusters" else "rows")
}

sampled_line <- function(part, seed) {
  if (part$summary$orders > 0) sprintf("Sampled: %.0f orders of entry, seed %.0f.", part$summary$orders, seed)
}

head_lines <- function(part, level, more) {
  s <- part$summary
  beyond <- if (length(part$adjust)) paste0(" beyond ", paste(part$adjust, collapse = ", ")) else ""
  near <- function(x) point(x, s$std_error, more)
  limits <- if (is.nan(s$low)) "" else sprintf(" (%s %% limits %s to %s)", percent_of(level), near(s$low), near(s$high))
  found <- part$crossvalidated
  predicted <- if (is.null(found)) "" else sprintf(", cross-validated %s (%.0f folds)", near(found$total), found$folds)
  text <- measure_texts[[part$measure]]
  c(headed(sprintf("Shares of %s for %s%s: %s, %s", text, part$outcome, beyond, counted(length(part$block), "block"),
                   rows_text(part$m))),
    if (part$measure == "r2") sprintf("Total %s%s, adjusted %s%s", near(s$total), limits, near(s$total_adjusted), predicted)
    else sprintf("Total %s %s%s", text, near(s$total), limits),
    if (length(part$adjust))
      sprintf("Adjusting terms: %s %.4f; the total is %s of what they leave", text, s$r2_adjust,
              number_text(if (s$r2_adjust < 1) s$total / (1 - s$r2_adjust) else NaN, "%.4f")),
    order_line(part$order))
}

# What the table of shares holds, for those who read the table alone.
shares_table_caption <- function(part, level, of) {
  caption <- sprintf("Shares of %s for %s by %s, points of %s", measure_texts[[part$measure]], part$outcome, of,
                     whole_of(part$measure))
  if (interval_of(part) == "none") caption else limited(caption, level)
}

part_lines <- function(part, x, whole) {
  level <- x$provenance$level
  more <- more_of(whole)
  remarks <- part_remarks(part)
  remarks <- remarks[remarks$code != "rows_dropped", ]
  inner <- part_frame(part, TRUE)
  c(head_lines(part, level, more), "",
    tabled(block_cells(part_frame(part, FALSE), list(block = part$block), more), caption = shares_table_caption(part, level, "block")),
    "",
    if (whole) c(tabled(block_cells(inner, list(block = part$of, term = part$term), more), 2L,
                        shares_table_caption(part, level, "term")), ""),
    population_lines(part, more), corrected_lines(part, more), parts_lines(part), how_lines(part, level, x$provenance$seed),
    dropped_line(part$m), weights_line(part$m), listed("Remarks:", unique(remark_lines(remarks))))
}

# How shares and their limits were made.
how_lines <- function(part, level, seed) {
  if (part$measure != "r2") return(fitted_foot(part, level, seed))
  c(sampled_line(part, seed), limits_line(part, level, seed), coverage_line(part))
}

shares_sections <- function(x, whole = FALSE) apart(lapply(x$parts, part_lines, x, whole))

document_of.steelyard_shares <- function(x, whole = FALSE) {
  c(shares_sections(x, whole), caution(caution_of(x$measure)),
    if (whole) c(shares_by_first(x), told_provenance(x$provenance)))
}

# What the summary adds: the shares if one block comes first.
shares_by_first <- function(x) {
  if (x$measure != "r2" || length(x$parts[[1L]]$block) < 2L) return(NULL)
  tryCatch(c("", attr(if_first(x), "document")), steelyard_error_limit = function(e) NULL)
}

document_of.steelyard_moments <- function(x, whole = FALSE) {
  count <- lengths(x$levels)[x$labels]
  labels <- ifelse(is.na(count), x$labels, sprintf("%s (%d levels)", x$labels, count))
  sets <- switch(x$unit, none = "one for all rows", cluster = sprintf("one a cluster (%.0f)", x$units),
                 row = sprintf("one a row (%.0f)", x$units))
  if (length(x$strata)) sets <- sprintf("%s, strata %d", sets, length(x$strata))
  decimal <- if (length(x$decimal)) paste0("; read as decimals: ", paste(x$decimal, collapse = ", ")) else ""
  c(sprintf("Moments of %s, %s", counted(length(x$labels), "term"), rows_text(x)),
    paste0("Terms: ", paste(labels, collapse = ", ")), dropped_line(x), paste0("Sets: ", sets), weights_line(x),
    paste0("Precision: ", x$precision, decimal), paste0("Hash: ", x$hash))
}
