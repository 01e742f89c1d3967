# lme4's bar notation: the terms in brackets with a bar taken out of a formula,
# what is left being the fixed part.
# SPDX-License-Identifier: GPL-3.0-only

# What read_model() gives of the fixed part, with its bar terms:
# list(terms, intercept, group (names of columns, the outermost first), diagonal).
read_mixed <- function(formula, data, env, factor_outcome = FALSE) {
  formula <- as_model_formula(formula, env)
  if (has_bar(formula[[2L]])) invalid("formula: \"%s\": a bar term stands on the right of ~", shown(formula[[2L]]))
  pieces <- added(formula[[3L]])
  barred <- vapply(pieces, function(piece) has_bar(piece$expr), NA)
  if (!any(barred))
    invalid("formula: \"%s\" has no bar term; write one such as (1 | council), or fit without groups", shown(formula))
  if (any(vapply(pieces[barred], function(piece) is_bar(piece$expr), NA)))
    invalid("formula: \"%s\": a bar term stands in brackets, as (1 | council)", shown(formula[[3L]]))
  bars <- unlist(lapply(pieces[barred], read_bar, data, environment(formula)), recursive = FALSE)
  formula_fixed <- formula
  formula_fixed[[3L]] <- summed(pieces[!barred])
  read <- read_model(formula_fixed, data, env, factor_outcome)
  read$formula <- formula
  texts <- vapply(bars, bar_text, "")
  if (anyDuplicated(texts)) invalid("formula: the bar term %s is there twice", texts[anyDuplicated(texts)])
  read$bars <- bars
  read
}

call_name <- function(expr) if (is.call(expr) && is.name(expr[[1L]])) as.character(expr[[1L]]) else ""
is_bar <- function(expr) call_name(expr) %in% c("|", "||")
has_bar <- function(expr) is.call(expr) && (is_bar(expr) || any(vapply(as.list(expr), has_bar, NA)))

# list(sign, expr) of what is added or taken away.
added <- function(expr, sign = "+") {
  name <- call_name(expr)
  if (!name %in% c("+", "-")) return(list(list(sign = sign, expr = expr)))
  last <- if (name == sign) "+" else "-"
  if (length(expr) == 2L) return(added(expr[[2L]], last))
  c(added(expr[[2L]], sign), added(expr[[3L]], last))
}

summed <- function(pieces) {
  if (!length(pieces)) return(1)
  first <- pieces[[1L]]
  Reduce(function(sum, piece) call(piece$sign, sum, piece$expr), pieces[-1L],
         if (first$sign == "+") first$expr else call("-", first$expr))
}

# The bar terms one piece stands for: a / b stands for a and a:b.
read_bar <- function(piece, data, env) {
  expr <- piece$expr
  inside <- if (call_name(expr) == "(") expr[[2L]]
  if (!is_bar(inside) || piece$sign == "-")
    invalid("formula: \"%s\": a bar term stands by itself, added with +", shown(expr))
  if (has_bar(inside[[2L]]) || has_bar(inside[[3L]]))
    invalid("formula: \"%s\" cannot be read as (effects | group)", shown(expr))
  read <- tryCatch(stats::terms(stats::as.formula(call("~", inside[[2L]]), env)), error = function(e)
    invalid("formula: \"%s\" cannot be read as terms: %s", shown(inside[[2L]]), conditionMessage(e)))
  variables <- lapply(as.list(attr(read, "variables"))[-1L], model_variable, env)
  terms <- lapply(seq_along(attr(read, "term.labels")), function(j)
    join_variables(variables[attr(read, "factors")[, j] > 0L]))
  intercept <- attr(read, "intercept") == 1L
  if (!length(terms) && !intercept)
    invalid("formula: \"%s\" has no effects; write (1 | council) for an intercept a council", shown(expr))
  lapply(read_groups(inside[[3L]], expr), function(group)
    list(terms = terms, intercept = intercept, group = group, diagonal = call_name(inside) == "||"))
}

read_groups <- function(group, expr) {
  if (call_name(group) != "/") return(list(crossed_group(group, expr)))
  outer <- read_groups(group[[2L]], expr)
  c(outer, list(c(outer[[length(outer)]], crossed_group(group[[3L]], expr))))
}

# C(g) and factor(g) are g, as all groups are factors.
crossed_group <- function(group, expr) {
  if (is.name(group)) return(as.character(group))
  name <- call_name(group)
  if (name == ":") return(c(crossed_group(group[[2L]], expr), crossed_group(group[[3L]], expr)))
  if (name %in% c("C", "factor", "as.factor") && length(group) == 2L && is.name(group[[2L]]))
    return(as.character(group[[2L]]))
  invalid("formula: \"%s\": a group is a column, a:b or a/b", shown(expr))
}

group_name <- function(bar) paste(bar$group, collapse = ":")

bar_text <- function(bar) {
  effects <- labels_of(bar$terms)
  effects <- if (length(effects)) c(if (bar$intercept) "1" else "0", effects) else "1"
  sprintf("(%s %s %s)", paste(effects, collapse = " + "), if (bar$diagonal) "||" else "|", group_name(bar))
}

# list(name, codes, levels) of the group: a column made a factor, or the cells of several, the first varying slowest.
bar_column <- function(bar, data, argument = "formula") {
  columns <- lapply(bar$group, function(name) factor_codes(.subset2(data, place_column(argument, name, data))))
  codes <- Reduce(function(codes, column) (codes - 1) * length(column[[2L]]) + as.integer(column[[1L]]), columns[-1L],
                  as.double(as.integer(columns[[1L]][[1L]])))
  if (length(columns) == 1L) return(c(list(group_name(bar)), columns[[1L]]))
  cells <- sort(unique(codes))
  first <- match(cells, codes)
  levels <- do.call(paste, c(lapply(columns, function(column) column[[2L]][as.integer(column[[1L]])[first]]),
                             list(sep = ":")))
  list(group_name(bar), match(codes, cells), levels)
}
