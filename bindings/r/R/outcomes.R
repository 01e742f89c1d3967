# Outcomes as people answer them: two answers, counts, ordered answers.
# SPDX-License-Identifier: GPL-3.0-only

outcome_kinds <- c("binary", "poisson", "negative_binomial", "ordinal")
links <- c("logit", "probit", "cloglog", "log")
threshold_kinds <- c("free", "symmetric", "equidistant")

# The outcome of read_model() with its column as the kind of model needs it.
with_outcome <- function(outcome, kind, data, trials = FALSE) {
  variable <- c(outcome$variables[[1L]], argument = "formula")
  values <- read_values(variable, data, rows_of(data))
  made <- variable$kind == "factor"
  name <- outcome$label
  given <- if (kind == "ordinal") ordered_column(name, values, made)
  else if (is.factor(values) || made) {
    if (kind != "binary" || trials)
      invalid("formula: the outcome %s is a factor; %s", name,
              if (kind == "binary") "successes are numbers" else "counts are whole numbers")
    c(list(name), factor_codes(values))
  } else plain_column("formula", name, values)
  outcome$variables[[1L]]$given <- given
  outcome
}

# An ordered factor as it is, whole numbers by size.
ordered_column <- function(name, values, made) {
  if (is.ordered(values) && !made) return(list(name, values, levels(values)))
  if (is.factor(values) || made) refuse_unordered(name, "an unordered factor", values)
  if (is.character(values)) refuse_unordered(name, "text", values)
  plain_column("formula", name, values)
  broken <- values[is.finite(values) & values != floor(values)]
  if (length(broken))
    invalid("formula: the outcome %s holds %.15g; ordered answers are whole numbers or an ordered factor", name, broken[1L])
  c(list(name), factor_codes(values))
}

refuse_unordered <- function(name, what, values) {
  levels <- paste0("\"", factor_codes(values)[[2L]], "\"")
  invalid("formula: the outcome %s is %s; put its levels in order, lowest first: factor(data$%s, c(%s), ordered = TRUE)",
          name, what, name, some_of(levels))
}
