# Tables of what is asked of a fit by maximum likelihood: their cells.
# SPDX-License-Identifier: GPL-3.0-only

noted <- function(columns, class, heading, foot, remarks = no_remarks, caption = NULL) {
  out <- frame(columns)
  remarks <- remarks_frame(frame(remarks))
  made <- noted_cells[[class]](out)
  told_table(out, c(heading, "", tabled(made$cells, made$left, caption), "", foot, shown_remarks(remarks)), class = class,
             remarks = remarks)
}

effect_cells <- function(x) {
  words <- intersect(c("variable", "contrast", "category"), names(x))
  list(cells = estimate_cells(unclass(x)[words], x), left = length(words))
}

risk_cells <- function(x) {
  risk <- ratio_form(x$difference_low, x$difference_high)
  ratio <- ratio_form(x$conf.low, x$conf.high)
  cells <- c(list(variable = x$variable, contrast = x$contrast),
             lapply(list(before = x$before, after = x$after), number_text, risk),
             lapply(list(ratio = x$ratio, low = x$conf.low, high = x$conf.high), number_text, ratio),
             list(p = p_text(x$p.value)),
             lapply(list(difference = x$difference, `diff low` = x$difference_low, `diff high` = x$difference_high),
                    number_text, risk))
  list(cells = cells, left = 2L)
}

ratio_cells <- function(x) {
  form <- ratio_form(x$conf.low, x$conf.high)
  list(cells = c(list(term = x$term),
                 lapply(list(ratio = x$ratio, low = x$conf.low, high = x$conf.high), number_text, form)), left = 1L)
}

term_test_cells <- function(x) {
  some <- any(is.finite(x$df.residual))
  list(cells = c(list(term = x$term, df = df_text(x$df)), if (some) list(`df resid` = df_text(x$df.residual)),
                 list(chi2 = statistic_text(x$statistic), p = p_text(x$p.value))), left = 1L)
}

proportional_cells <- function(x) {
  list(cells = list(term = x$term, chi2 = statistic_text(x$statistic), df = df_text(x$df), p = p_text(x$p.value)),
       left = 1L)
}

explained_cells <- function(x) {
  some <- !is.na(x$value)
  list(cells = list(measure = x$measure[some], value = r2_text(x$value[some])), left = 1L)
}

noted_cells <- list(effects = effect_cells, risks = risk_cells, ratios = ratio_cells, term_tests = term_test_cells,
                    proportional = proportional_cells, explained = explained_cells)

response_limits <- function(fit) limits_by(fit$df, fit$covariance)
