# Tables with a heading and a foot: what is asked of a fit by maximum likelihood.
# SPDX-License-Identifier: GPL-3.0-only

noted <- function(columns, class, heading, foot, remarks = no_remarks) {
  out <- frame(columns)
  attr(out, "heading") <- heading
  attr(out, "foot") <- foot
  attr(out, "remarks") <- remarks_frame(frame(remarks))
  class(out) <- c(paste0("steelyard_", class), "steelyard_noted", "data.frame")
  out
}

# list(cells, left): the table as text, of which the first `left` columns are words.
noted_cells <- function(x) UseMethod("noted_cells")

#' @export
print.steelyard_noted <- function(x, ...) {
  if (is.null(attr(x, "heading"))) return(NextMethod())
  made <- noted_cells(x)
  text <- c(attr(x, "foot"), shown_remarks(attr(x, "remarks")))
  writeLines(c(attr(x, "heading"), "", table_lines(made$cells, made$left), if (length(text)) "", text))
  invisible(x)
}

#' @export
`[.steelyard_noted` <- function(x, ...) plain_frame(NextMethod())

noted_cells.steelyard_effects <- function(x) {
  words <- intersect(c("variable", "contrast", "category"), names(x))
  list(cells = estimate_cells(unclass(x)[words], x), left = length(words))
}

noted_cells.steelyard_risks <- function(x) {
  cells <- c(list(variable = x$variable, contrast = x$contrast), lapply(
    list(before = x$before, after = x$after, ratio = x$ratio, low = x$conf.low, high = x$conf.high), r2_text),
    list(p = p_text(x$p.value)),
    lapply(list(difference = x$difference, `diff low` = x$difference_low, `diff high` = x$difference_high), r2_text))
  list(cells = cells, left = 2L)
}

noted_cells.steelyard_ratios <- function(x) {
  list(cells = c(list(term = x$term), lapply(list(ratio = x$ratio, low = x$conf.low, high = x$conf.high), r2_text)),
       left = 1L)
}

noted_cells.steelyard_term_tests <- function(x) {
  some <- any(is.finite(x$df.residual))
  list(cells = c(list(term = x$term, df = df_text(x$df)), if (some) list(`df resid` = df_text(x$df.residual)),
                 list(chi2 = statistic_text(x$statistic), p = p_text(x$p.value))), left = 1L)
}

noted_cells.steelyard_proportional <- function(x) {
  list(cells = list(term = x$term, chi2 = statistic_text(x$statistic), df = df_text(x$df), p = p_text(x$p.value)),
       left = 1L)
}

noted_cells.steelyard_explained <- function(x) {
  some <- !is.na(x$value)
  list(cells = list(measure = x$measure[some], value = r2_text(x$value[some])), left = 1L)
}

response_limits <- function(fit) limits_by(fit$df, fit$covariance)
