# Tables of what is asked of a fit by maximum likelihood: their cells.
# SPDX-License-Identifier: GPL-3.0-only

noted <- function(columns, class, heading, foot, remarks = no_remarks) {
  out <- frame(columns)
  remarks <- remarks_frame(frame(remarks))
  text <- c(foot, shown_remarks(remarks))
  told_table(out, c(heading, "", noted_cells[[class]](out), if (length(text)) "", text), class = class, remarks = remarks)
}

effect_cells <- function(x) {
  words <- intersect(c("variable", "contrast", "category"), names(x))
  tabled(estimate_cells(unclass(x)[words], x), length(words))
}

risk_cells <- function(x) {
  tabled(c(list(variable = x$variable, contrast = x$contrast), lapply(
    list(before = x$before, after = x$after, ratio = x$ratio, low = x$conf.low, high = x$conf.high), r2_text),
    list(p = p_text(x$p.value)),
    lapply(list(difference = x$difference, `diff low` = x$difference_low, `diff high` = x$difference_high), r2_text)), 2L)
}

ratio_cells <- function(x) {
  tabled(c(list(term = x$term), lapply(list(ratio = x$ratio, low = x$conf.low, high = x$conf.high), r2_text)))
}

term_test_cells <- function(x) {
  some <- any(is.finite(x$df.residual))
  tabled(c(list(term = x$term, df = df_text(x$df)), if (some) list(`df resid` = df_text(x$df.residual)),
           list(chi2 = statistic_text(x$statistic), p = p_text(x$p.value))))
}

proportional_cells <- function(x) {
  tabled(list(term = x$term, chi2 = statistic_text(x$statistic), df = df_text(x$df), p = p_text(x$p.value)))
}

explained_cells <- function(x) {
  some <- !is.na(x$value)
  tabled(list(measure = x$measure[some], value = r2_text(x$value[some])))
}

noted_cells <- list(effects = effect_cells, risks = risk_cells, ratios = ratio_cells, term_tests = term_test_cells,
                    proportional = proportional_cells, explained = explained_cells)

response_limits <- function(fit) limits_by(fit$df, fit$covariance)
