# From a formula with an outcome to the terms of a model. The parts of a
# formula that shares() and this have in common are in terms.R.
# SPDX-License-Identifier: GPL-3.0-only

# list(formula, outcome, terms, intercept): formula as R's own, terms as
# read_terms() gives them.
read_model <- function(formula, data, env, factor_outcome = FALSE) {
  formula <- as_model_formula(formula, env)
  read <- tryCatch(stats::terms(formula, data = data), error = function(e)
    invalid("formula: \"%s\" cannot be read as terms: %s", shown(formula), conditionMessage(e)))
  if (length(attr(read, "offset"))) invalid("formula: offset() is not supported")
  variables <- lapply(as.list(attr(read, "variables"))[-1L], model_variable, environment(formula))
  pattern <- attr(read, "factors")
  terms <- lapply(seq_along(attr(read, "term.labels")), function(j) join_variables(variables[pattern[, j] > 0L]))
  outcome <- read_outcome(formula[[2L]], environment(formula), factor_outcome)
  if (outcome$label %in% labels_of(terms)) invalid("formula: %s is both the outcome and a term", outcome$label)
  list(formula = formula, outcome = outcome, terms = terms[!duplicated(labels_of(terms))],
       intercept = attr(read, "intercept") == 1L)
}

as_model_formula <- function(formula, env) {
  if (is.character(formula) && length(formula) == 1L && !is.na(formula)) {
    text <- formula
    parsed <- tryCatch(str2lang(text), error = function(e)
      invalid("formula: \"%s\" cannot be read: %s", text, sub("^[^:]*:", "", conditionMessage(e))))
    formula <- if (is.call(parsed) && identical(parsed[[1L]], quote(`~`))) stats::as.formula(parsed, env) else parsed
  }
  if (!inherits(formula, "formula") || length(formula) != 3L || is.null(formula[[2L]]))
    invalid("formula: \"%s\" has no outcome; write outcome ~ terms", shown(formula))
  formula
}

# The outcome is a term of one column; sums and products of columns are not.
read_outcome <- function(expr, env, factor_outcome) {
  several <- is.call(expr) && is.name(expr[[1L]]) && as.character(expr[[1L]]) %in% c("+", "*", ":", "|")
  if (several || is.numeric(expr)) refuse_outcome()
  variable <- model_variable(expr, env)
  if (variable$kind == "factor" && !factor_outcome) refuse_outcome()
  list(label = variable$label, variables = list(variable))
}

refuse_outcome <- function(factor = NULL) {
  invalid("formula: the outcome must be one numeric column%s",
          if (is.null(factor)) "" else paste0("; ", factor, " is a factor"))
}

# Besides what shares() reads: C(x), as it is written in Python.
model_variable <- function(expr, env) {
  name <- if (is.call(expr) && is.name(expr[[1L]])) as.character(expr[[1L]]) else ""
  if (name == "C") {
    if (length(expr) != 2L || !is.name(expr[[2L]]))
      invalid("formula: \"%s\": a factor is made of one column and nothing else; use coding = \"sum\"", shown(expr))
    expr[[1L]] <- quote(factor)
  }
  refuse_bar(expr, "formula")
  read_variable(expr, env)
}

# "y ~ a + b - 1"
formula_text <- function(outcome, labels, intercept) {
  right <- if (length(labels)) paste(labels, collapse = " + ") else if (intercept) "1" else "0"
  paste0(outcome, " ~ ", right, if (!intercept && length(labels)) " - 1")
}

# Rows for predictions: the core codes factors by the levels it is given, which
# must be those the fit used. What only the outcome needs is zero.
read_new_rows <- function(fit, newdata) {
  if (!is.data.frame(newdata)) invalid("newdata: a data frame is needed, found %s", class(newdata)[1L])
  n <- rows_of(newdata)
  levels <- used_levels(fit)
  needed <- columns_of_terms(fit)
  columns <- lapply(seq_along(levels), function(i) {
    if (!i %in% needed) list(fit$variables[[i]]$label, double(n), NULL)
    else new_column(fit$variables[[i]], levels[[i]], newdata, n)
  })
  list(as.double(n), columns, fit$design[[3L]], NULL, 0L, NULL, 0L)
}

# The fit's own rows in the same form.
own_rows <- function(fit) {
  needed <- columns_of_terms(fit)
  columns <- Map(function(column, levels, i) {
    if (!i %in% needed) return(list(column[[1L]], double(fit$design[[1L]]), NULL))
    if (is.null(levels)) return(column)
    list(column[[1L]], match(column[[3L]], levels)[as.integer(column[[2L]])], levels)
  }, fit$design[[2L]], used_levels(fit), seq_along(fit$design[[2L]]))
  list(fit$design[[1L]], unname(columns), fit$design[[3L]], NULL, 0L, NULL, 0L)
}

columns_of_terms <- function(fit) unlist(lapply(fit$design[[3L]][places_of_terms(fit)], `[[`, 2L))

# The model's terms in the design: of the location, nominal and of the scale.
places_of_terms <- function(fit) {
  if (inherits(fit, "steelyard_response")) return(c(fit$model[[1L]][[2L]], fit$model[[7L]], fit$model[[8L]]))
  if (inherits(fit, "steelyard_mixed")) return(unlist(c(fit$model[[2L]][[1L]][2L], lapply(fit$model[[3L]], `[[`, 2L))))
  fit$model[[2L]]
}

# Of each column the levels with rows in the fit, NULL for numbers.
used_levels <- function(fit) {
  used <- rows_in_use(fit)
  lapply(fit$design[[2L]], function(column) {
    if (is.null(column[[3L]])) NULL else column[[3L]][sort(unique(as.integer(column[[2L]])[used]))]
  })
}

new_column <- function(variable, levels, newdata, n) {
  variable$argument <- "newdata"
  values <- if (variable$kind == "call") compute(variable, newdata, n)
            else .subset2(newdata, place_column("newdata", variable$column, newdata))
  if (is.null(levels)) {
    if (is.factor(values))
      invalid("newdata: column \"%s\" holds a factor; the fit was made with numbers", variable$column)
    return(plain_column("newdata", variable$column, values))
  }
  coded <- factor_codes(values)
  codes <- match(coded[[2L]], levels)
  unknown <- coded[[2L]][is.na(codes)]
  if (length(unknown))
    invalid("newdata: %s \"%s\" is not a level of the fit (%s)", variable$column, unknown[1L], some_of(levels))
  list(variable$column, codes[as.integer(coded[[1L]])], levels)
}

some_of <- function(names, most = 8L) {
  paste(c(names[seq_len(min(length(names), most))], if (length(names) > most) "..."), collapse = ", ")
}
