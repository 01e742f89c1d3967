# The gap between two groups, as an object.
# SPDX-License-Identifier: GPL-3.0-only

new_gap <- function(raw, question, options, column, weight_kind) {
  answers <- options$method == "shapley"
  tables <- if (answers) answer_gap_tables(raw, question, options) else linear_gap_tables(raw, question, options)
  s <- raw$summary
  total <- tables$parts[nrow(tables$parts), ]
  levels <- column[[3L]]
  structure(class = c("steelyard_gap", "steelyard_result"), c(tables[names(tables) != "long"], list(
    long = tables$long, explained = total$explained, unexplained = total$unexplained, sentences = raw$sentences,
    method = options$method, reference = options$reference, n = s$n_first + s$n_second,
    remarks = remarks_frame(raw$remarks),
    provenance = list(
      version = .Call(C_version), method = options$method, reference = options$reference, outcome = question$outcome,
      outcome_type = options$type, link = if (answers) options$link, group = column[[1L]],
      first = levels[s$level_first], second = levels[s$level_second], blocks = question$labels[names(question$labels) != "adjust" | !answers],
      adjust = if (answers) question$labels$adjust else question$adjust,
      weight_kind = if (is.null(weight_kind)) "none" else weight_kind,
      interval = interval_names[s$interval + 1L], level = options$level, seed = options$seed,
      replicates = options$replicates, threads = s$threads, n = s$n_first + s$n_second, rows_read = s$rows_read,
      rows_dropped = s$rows_dropped, units = s$units, df = blank(s$df)),
    summary = s)))
}

#' @rdname gap
#' @export
as.data.frame.steelyard_gap <- function(x, row.names = NULL, optional = FALSE, ...) x$long

glance.steelyard_gap <- function(x, ...) {
  last <- x$gap[nrow(x$gap), ]
  frame(list(first = last$first, second = last$second, gap = last$gap, explained = x$explained,
             unexplained = x$unexplained, n = x$n, df = x$provenance$df))
}

# Lines of the print -----------------------------------------------------------

gap_names <- c(oaxaca = "Oaxaca-Blinder", kitagawa = "Kitagawa", gelbach = "Gelbach", shapley = "Shapley")
gap_what <- c(numeric = "mean", binary = "chance", ordinal = "mean answer")

document_of.steelyard_gap <- function(x, whole = FALSE) {
  references <- x$references
  if (!is.null(references$category)) references <- references[references$category == "mean", ]
  p <- x$provenance
  more <- more_of(whole)
  what <- sprintf("Parts of the gap in %s by %s", p$outcome, p$group)
  table <- function(rows, first, of) c(tabled(gap_cells(rows, first, more), caption = limited(paste0(what, of), p$level, p$interval)), "")
  c(gap_heads(x), "", gap_means_lines(x, more), "", table(x$parts, "block", ""),
    if (whole && NROW(x$terms)) table(x$terms, "term", ", term by term"),
    if (nrow(references)) table(references, "reference", " by reference"), gap_more(x, more), gap_limits_line(x),
    gap_coverage(x),
    if (p$rows_dropped > 0) sprintf("Rows: %.0f read, %.0f used, %.0f dropped for missing values.", p$rows_read,
                                    p$rows_read - p$rows_dropped, p$rows_dropped),
    if (p$weight_kind != "none") sprintf("Weights: %s.", p$weight_kind), shown_remarks(x$remarks), x$sentences,
    if (whole) told_provenance(p))
}

gap_heads <- function(x) {
  p <- x$provenance
  s <- x$summary
  beyond <- if (length(p$adjust)) paste(" beyond", paste(p$adjust, collapse = ", ")) else ""
  used <- s$rows_first + s$rows_second
  rows <- if (x$n == used) counted(as.integer(x$n), "row") else sprintf("n = %.0f from %.0f rows", x$n, used)
  c(sprintf("Gap in %s by %s%s: %s less %s, %s", p$outcome, p$group, beyond, p$first, p$second, rows), gap_method_line(x))
}

gap_method_line <- function(x) {
  name <- gap_names[[x$method]]
  if (x$method == "kitagawa") return(sprintf("%s: %s, composition and rate", name,
                                             counted(as.integer(x$summary$cells), "cell")))
  if (x$method == "gelbach")
    return(sprintf("%s: the coefficient of %s without the blocks less that with them", name, x$provenance$group))
  blocks <- length(x$provenance$blocks) + (length(x$provenance$adjust) > 0L)
  over <- if (x$method == "shapley") sprintf(" over %s, %s", counted(blocks, "block"), x$provenance$link) else ""
  sprintf("%s%s, reference %s", name, over, x$reference)
}

# The two means and their difference; of ordered answers a table.
gap_means_lines <- function(x, more) {
  g <- x$gap
  p <- x$provenance
  if (!is.null(g$category)) return(tabled(gap_answer_cells(x, more), caption = limited(
    sprintf("Gap in %s by %s, answer by answer", p$outcome, p$group), p$level, p$interval)))
  groups <- sprintf("%s = %s: %s %s, %s", p$group, c(p$first, p$second), gap_what[[p$outcome_type]],
                    by_error(c(g$first, g$second), rep(g$std.error, 2L), more),
                    vapply(c(x$summary$rows_first, x$summary$rows_second), function(n) counted(as.integer(n), "row"), ""))
  near <- by_error(c(g$gap, g$conf.low, g$conf.high), rep(g$std.error, 3L), more)
  limits <- if (is.na(g$conf.low)) "" else sprintf(" (%s %% limits %s to %s)", percent_of(p$level), near[2L], near[3L])
  c(groups, sprintf("Gap %s%s", near[1L], limits))
}

gap_answer_cells <- function(x, more) {
  g <- x$gap
  total <- x$categories[x$categories$block == "total", ]
  near <- function(values) by_error(values, g$std.error, more)
  structure(list(g$category, near(g$first), near(g$second), near(g$gap), near(g$conf.low), near(g$conf.high),
                 near(total$explained), near(total$unexplained), near(g$fit)),
            names = c("answer", x$provenance$first, x$provenance$second, "gap", "low", "high", "explained", "unexplained",
                      "fit"))
}

# Parts as cells: explained with limits and percent, unexplained with limits.
gap_cells <- function(rows, first, more) {
  some <- function(column) !all(is.na(rows[[column]]))
  s <- rows$std.error
  u <- rows$unexplained.std.error
  c(structure(list(rows[[first]], by_error(rows$explained, s, more)), names = c(first, "explained")),
    if (some("conf.low")) list(low = by_error(rows$conf.low, s, more), high = by_error(rows$conf.high, s, more)),
    list(percent = or_dash(rows$percent, no_minus_zero(sprintf("%.1f", rows$percent)))),
    if (some("unexplained")) list(unexplained = by_error(rows$unexplained, u, more)),
    if (some("unexplained.conf.low")) list(low = by_error(rows$unexplained.conf.low, u, more),
                                           high = by_error(rows$unexplained.conf.high, u, more)))
}

# Base coefficient, threefold, fit: what the parts do not show.
gap_more <- function(x, more) {
  if (x$method == "gelbach") return(sprintf("Coefficient that is split: %s.", sum_text(x$gap$base)))
  total <- x$parts[nrow(x$parts), ]
  if (x$method == "oaxaca")
    return(sprintf("Threefold: endowments %s, coefficients %s, interaction %s.", by_error(total$endowments, total$std.error, more),
                   by_error(total$coefficients, total$std.error, more), by_error(total$interaction, total$std.error, more)))
  fit <- if (x$method == "shapley") x$gap$fit[nrow(x$gap)] else 0
  if (abs(fit) > 1e-9)
    sprintf("Fit: %s of the gap is what predicted means are short of observed ones.", no_minus_zero(sprintf("%.4g", fit)))
}

gap_limits_line <- function(x) {
  s <- x$summary
  p <- x$provenance
  if (p$interval == "none") return("Limits: none.")
  answers <- x$method == "shapley"
  clustered <- if (answers) s$grouped == 0 else s$clustered == 1
  over <- sprintf("%.0f %s%s", s$units, if (clustered) "clusters" else if (answers) "groups of rows" else "rows",
                  if (answers || s$n_strata == 0) "" else sprintf(" in %.0f strata", s$n_strata))
  t <- sprintf("t with %.6g degrees of freedom", s$df)
  dealt <- if (answers && !clustered) sprintf(" (seed %.0f)", p$seed) else ""
  drawn <- if (answers) "" else sprintf("%.0f bootstrap samples of %s, seed %.0f", s$kept, over, p$seed)
  how <- switch(p$interval, jackknife = sprintf("jackknife over %s%s, %s", over, dealt, t),
                influence = sprintf("influence function over %s, %s", over, t), percentile = paste("percentiles of", drawn),
                expanded = paste("expanded percentiles of", drawn), basic = paste("basic, from", drawn))
  sprintf("Limits (%s %%): %s.", percent_of(p$level), how)
}

gap_coverage <- function(x) {
  s <- x$summary
  if (is.null(s$coverage_least) || is.nan(s$coverage_least)) return(NULL)
  sprintf("Measured coverage of such limits of a part (nominal 95 %%): %.0f to %.0f %% with %.0f %s.", s$coverage_least,
          s$coverage_most, s$coverage_units, if (s$clustered == 1) "clusters" else "rows")
}
