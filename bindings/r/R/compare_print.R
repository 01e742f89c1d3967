# Differences and ratios of blocks as documents; the Python package prints the same lines.
# SPDX-License-Identifier: GPL-3.0-only

family_words <- c(bonferroni = "Bonferroni", holm = "Holm", bh = "Benjamini and Hochberg", `romano-wolf` = "Romano and Wolf",
                  `westfall-young` = "Westfall and Young")

comparison_cells <- function(x, what) {
  s <- x$std.error
  some <- function(column) !is.null(column) && !all(is.na(column))
  words <- c(if (length(unique(x$outcome)) > 1L) "outcome", "first", "second")
  near <- function(column) point(column, s)
  columns <- list(`std error` = x$std.error, t = x$statistic, df = x$df, p = x$p.value, `p adjusted` = x$adj.p.value,
                  low = x$conf.low, high = x$conf.high, probability = x$probability)
  forms <- list(near, statistic_text, df_text, p_text, p_text, near, near, digits4)
  keep <- vapply(columns, some, NA)
  numbers <- Map(function(column, form) form(column), columns[keep], forms[keep])
  list(cells = c(unclass(x)[words], structure(list(near(x$estimate)), names = what), numbers), left = length(words))
}

# The frame with its print; `what` is "difference" or "ratio".
comparison <- function(x, s, what, level, adjust = NULL) {
  part <- s$parts[[1L]]
  text <- measure_texts[[part$measure]]
  metric <- x$metric[1L]
  of <- if (metric == "share") paste("shares of", text) else sprintf("%s (%s)", gsub("_", " ", metric, fixed = TRUE), text)
  whom <- if (length(s$parts) == 1L) part$outcome else sprintf("%d outcomes", length(s$parts))
  head <- sprintf("%s%ss of %s for %s", toupper(substr(what, 1L, 1L)), substring(what, 2L), of, whom)
  made <- comparison_cells(x, what)
  told_table(x, c(
    sprintf("%s, %s", head, rows_text(part$m)), "", tabled(made$cells, made$left, limited(head, level)), "",
    if (!is.null(adjust)) sprintf("p adjusted for %s (%s).", counted(nrow(x), what), family_words[[adjust]]),
    if (part$measure == "r2") limits_line(part, level, s$provenance$seed) else fitted_limits_line(part, level, s$provenance$seed),
    caution(caution_of(part$measure))), class = "comparison")
}
