# An overview as text; the Python package prints the same lines.
# SPDX-License-Identifier: GPL-3.0-only

overview_caution <- "Percent of those who answered; limits speak of chance in sampling, not of who chose to answer."
overview_units <- c(better = "%", low = "%", high = "%", same = "%", worse = "%")
most_groups <- 12
most_indicators <- 6

percents <- function(x) ifelse(is.na(x), "-", sprintf("%.1f", 100 * x))

overview_head <- function(record) {
  sprintf("Overview of %s%s", counted(length(record$names), "indicator"),
          if (record$proportions) " from shares with their n" else sprintf(", %.0f rows", record$rows))
}

overview_cells <- function(table) {
  cells <- list(indicator = table$indicator, n = sprintf("%.0f", table$n), missing = sprintf("%.0f", table$missing))
  if (any(table$clusters > 0)) cells$clusters <- sprintf("%.0f", table$clusters)
  cells <- c(cells, list(better = percents(table$better), low = percents(table$better_low),
                         high = percents(table$better_high)))
  for (name in c("same", "worse")) if (!is.null(table[[name]])) cells[[name]] <- percents(table[[name]])
  cells
}

# Share better by group and indicator, when that is few enough to print.
overview_group_cells <- function(x) {
  record <- x$record
  if (!length(record$groups) || length(record$groups) > most_groups || length(record$names) > most_indicators)
    return(NULL)
  cells <- lapply(seq_along(record$names), function(i)
    ifelse(record$whom[5L, i, -1L] > 0, hidden_text(x), percents(record$shares[1L, 3L, i, -1L])))
  structure(c(list(record$groups), cells), names = c(record$by, record$names))
}

overview_groups_line <- function(x) {
  record <- x$record
  if (!length(record$groups)) return(NULL)
  hidden <- sum(apply(record$whom[5L, , -1L, drop = FALSE] > 0, 3L, any))
  few <- if (hidden) sprintf(", %d hidden in part or whole (under %.6g people)", hidden, x$provenance$hide_below) else ""
  sprintf("Groups by %s: %d%s.", record$by, length(record$groups), few)
}

overview_limits_line <- function(x) {
  few <- "Korn-Graubard where fewer than 5 effective people are on one side"
  how <- if (x$record$clustered) sprintf("by clusters, logit scale, t with clusters - 1 degrees of freedom; %s.", few)
         else if (x$record$weight_kind == "sampling")
           sprintf("by sampling weights, logit scale, t with people - 1 degrees of freedom; %s.", few)
         else if (x$provenance$interval == "exact") "Clopper-Pearson." else "Wilson."
  sprintf("Limits (%s %%): %s", percent_of(x$provenance$level), how)
}

overview_claim_lines <- function(x) {
  if (is.null(x$counts)) return(NULL)
  bonferroni <- x$counts[1L, ]
  holm <- x$counts[2L, ]
  c(sprintf("At least %.4g %% better on %d of %d indicators: surely on %d, surely not on %d, unsure on %d.",
            100 * holm$threshold, holm$observed, holm$indicators, holm$surely_above, holm$surely_below, holm$unsure),
    sprintf("With %s %% joint confidence on %d to %d of %d (Holm; Bonferroni %d to %d).", percent_of(holm$level),
            holm$lowest, holm$highest, holm$indicators, bonferroni$lowest, bonferroni$highest))
}

document_of.steelyard_overview <- function(x, whole = FALSE) {
  groups <- overview_group_cells(x)
  c(overview_head(x$record), "", tabled(overview_cells(x$table), caption = limited("Better, the same and worse", x$provenance$level),
                                          units = overview_units), "",
    if (!is.null(groups)) c(plain_line("Better by group:"), "", tabled(groups, caption = "Better by group, percent"), ""),
    overview_limits_line(x), overview_claim_lines(x), overview_groups_line(x),
    if (nzchar(x$record$weight_kind)) sprintf("Weights: %s.", x$record$weight_kind),
    listed("Remarks:", unique(remark_lines(x$remarks))), caution(overview_caution), if (whole) told_provenance(x$provenance))
}
