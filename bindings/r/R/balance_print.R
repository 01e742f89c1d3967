# A balance as text; the Python package prints the same lines.
# SPDX-License-Identifier: GPL-3.0-only

balance_whom <- c(ATE = "everybody (ATE)", ATT = "the treated (ATT)",
                  overlap = "those who could be in either group (overlap)")

document_of.steelyard_balance <- function(x, whole = FALSE) {
  groups <- sprintf("%s and %s", x$provenance$treated, x$provenance$control)
  lines <- c(balance_head(x), "", tabled(balance_cells(x$table), caption = sprintf(
    "Covariates of %s, before and after weighting", groups)), "", balance_overlap(x))
  if (nrow(x$estimates))
    lines <- c(lines, "", tabled(balance_estimate_cells(x$estimates, more_of(whole)), 2L, limited(
      paste("Differences between", groups), x$provenance$level, x$provenance$interval)), "", balance_limits(x))
  c(lines, balance_foot(x), if (whole) told_provenance(x$provenance))
}

people_text <- function(x) or_dash(x, sprintf("%.0f", x))

balance_head <- function(x) {
  p <- x$provenance
  how <- if (p$method == "entropy") "entropy balancing" else sprintf("a propensity score (%s)", p$link)
  how <- paste0(how, switch(p$clusters, none = "", fixed = sprintf(" with an effect of each %s", p$cluster),
                            random = sprintf(" with random effects of %s", p$cluster)))
  c(sprintf("Balance of %s: %s (%s) against %s (%s), %s", p$treatment, p$treated, people_text(x$overlap$people[2L]),
            p$control, people_text(x$overlap$people[1L]), counted(as.integer(p$rows_used), "row")),
    sprintf("Weights by %s, for %s", how, balance_whom[[p$estimand]]))
}

balance_cells <- function(table) {
  mean <- function(v) or_dash(v, no_minus_zero(sprintf("%.4g", v)))
  three <- function(v) or_dash(v, no_minus_zero(sprintf("%.3f", v)))
  list(covariate = table$covariate, control = mean(table$mean_control), treated = mean(table$mean_treated),
       difference = three(table$difference), weighted = three(table$weighted_difference),
       `variance ratio` = three(table$variance_ratio), weighted = three(table$weighted_variance_ratio),
       KS = three(table$ks), weighted = three(table$weighted_ks))
}

balance_overlap <- function(x) {
  o <- x$overlap
  one <- function(v) or_dash(v, no_minus_zero(sprintf("%.1f", v)))
  three <- function(v) or_dash(v, no_minus_zero(sprintf("%.3f", v)))
  joined <- function(...) paste(sprintf(...), collapse = ", ")
  c(sprintf("Effective number: %s; largest weight %s.",
            joined("%s of %s in %s", one(o$effective_after), one(o$effective_before), o$level),
            joined("%s %% in %s", one(100 * o$largest_weight), o$level)),
    if (x$provenance$method == "propensity")
      sprintf("Scores: %s; beyond the other group's: %s.",
              joined("%s %s to %s", o$level, three(o$score_low), three(o$score_high)),
              joined("%s of %s", people_text(o$outside), o$level)))
}

balance_estimate_cells <- function(e, more) {
  s <- e$std.error
  list(outcome = e$outcome, method = e$method, control = by_error(e$mean_control, s, more), treated = by_error(e$mean_treated, s, more),
       estimate = by_error(e$estimate, s, more), `std error` = by_error(s, s, more), t = statistic_text(e$statistic),
       df = df_text(e$df), p = p_text(e$p.value), low = by_error(e$conf.low, s, more), high = by_error(e$conf.high, s, more))
}

balance_limits <- function(x) {
  p <- x$provenance
  if (p$interval == "none") return("Limits: none.")
  over <- sprintf("%.0f %s", p$units, if (is.null(p$cluster)) "rows" else paste("clusters of", p$cluster))
  if (!is.null(p$strata)) over <- sprintf("%s in strata of %s", over, p$strata)
  how <- switch(p$interval,
                influence = sprintf("influence functions over %s, score and regressions counted as estimated", over),
                jackknife = sprintf("jackknife over %s", over))
  sprintf("Limits (%s %%): %s, t with %s.", percent_of(p$level), how, freedom(p$df))
}

balance_foot <- function(x) {
  p <- x$provenance
  r <- x$remarks
  remarks <- unique(remark_lines(r[r$code != "rows_dropped" | r$term == "trim", ]))
  c(if (p$rows_dropped > 0) sprintf("Rows: %.0f read, %.0f used, %.0f dropped for missing values.", p$rows_read,
                                    p$rows_used, p$rows_dropped),
    if (!is.null(p$weight_kind)) sprintf("Weights of the data: %s.", p$weight_kind),
    listed("Remarks:", remarks), listed("Assumed:", x$assumptions))
}
