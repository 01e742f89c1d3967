# What is printed; the Python package prints the same text.
# SPDX-License-Identifier: GPL-3.0-only

digits4 <- function(x) ifelse(is.na(x), "-", sprintf("%.4f", x))
digits1 <- function(x) ifelse(is.na(x), "-", sprintf("%.1f", x))
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


block_cells <- function(values, first) {
  some <- function(column) !all(is.na(values[[column]]))
  cells <- c(first, list(share = digits4(values$share)), if (some("one_step")) list(`one step` = digits4(values$one_step)),
             list(percent = digits1(values$percent_of_explained)))
  if (!is.null(values$mc_error)) cells <- c(cells, list(`mc error` = sprintf("%.5f", values$mc_error)))
  if (!all(is.na(values$conf.low) & is.na(values$conf.high)))
    cells <- c(cells, list(low = digits4(values$conf.low), high = digits4(values$conf.high)))
  if (some("between")) cells <- c(cells, list(within = digits4(values$within), between = digits4(values$between)))
  cells <- c(cells, list(alone = digits4(values$alone), unique = digits4(values$unique)))
  if (!all(is.na(values$lowest) & is.na(values$highest)))
    cells <- c(cells, list(lowest = digits4(values$lowest), highest = digits4(values$highest)))
  if (some("adjusted")) cells <- c(cells, list(adjusted = digits4(values$adjusted)))
  if (some("by_chance")) cells <- c(cells, list(`by chance` = digits4(values$by_chance)))
  predicted <- values$crossvalidated
  c(cells, if (!all(is.na(predicted))) list(`cross-validated` = digits4(predicted)))
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

head_lines <- function(part, level) {
  s <- part$summary
  beyond <- if (length(part$adjust)) paste0(" beyond ", paste(part$adjust, collapse = ", ")) else ""
  limits <- if (is.nan(s$low)) "" else
    sprintf(" (%s %% limits %.4f to %.4f)", percent_of(level), s$low, s$high)
  found <- part$crossvalidated
  predicted <- if (is.null(found)) "" else sprintf(", cross-validated %.4f (%.0f folds)", found$total, found$folds)
  text <- measure_texts[[part$measure]]
  c(sprintf("Shares of %s for %s%s: %s, %s", text, part$outcome, beyond, counted(length(part$block), "block"),
            rows_text(part$m)),
    if (part$measure == "r2")
      sprintf("Total %.4f%s, adjusted %s%s", s$total, limits, digits4(blank(s$total_adjusted)), predicted)
    else sprintf("Total %s %.4f%s", text, s$total, limits),
    if (length(part$adjust)) sprintf("Adjusting terms: %s %.4f; the total is %.4f of what they leave", text, s$r2_adjust,
                                     s$total / (1 - s$r2_adjust)),
    order_line(part$order))
}

part_lines <- function(part, x, terms = FALSE) {
  values <- part_frame(part, FALSE)
  remarks <- part_remarks(part)
  remarks <- remarks[remarks$code != "rows_dropped", ]
  inner <- part_frame(part, TRUE)
  c(head_lines(part, x$provenance$level), "", tabled(block_cells(values, list(block = part$block))), "",
    if (terms) c(tabled(block_cells(inner, list(block = part$of, term = part$term))), ""),
    population_lines(part), corrected_lines(part), parts_lines(part), how_lines(part, x$provenance$level, x$provenance$seed),
    dropped_line(part$m), weights_line(part$m),
    listed("Remarks:", remark_lines(remarks)))
}

# How shares and their limits were made.
how_lines <- function(part, level, seed) {
  if (part$measure != "r2") return(fitted_foot(part, level, seed))
  c(sampled_line(part, seed), limits_line(part, level, seed), coverage_line(part))
}

shares_sections <- function(x, terms = FALSE) apart(lapply(x$parts, part_lines, x, terms))

document_of.steelyard_shares <- function(x, whole = FALSE) {
  c(shares_sections(x, whole), caution(caution_of(x$measure)), if (whole) shares_by_first(x))
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
