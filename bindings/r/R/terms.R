# From formulas to terms with labels that every host shares: a bare name is
# "x", factor(x) is "factor(x)", I(x^2) is "x^2", a product "a:b" with its
# factors in order of code points, any other call its own text without blanks.
# SPDX-License-Identifier: GPL-3.0-only

bare_variable <- function(name) list(list(label = name, column = name, kind = "column", power = 1L))

# `known`: what may be typed as it is (columns of a frame, labels of moments).
read_terms <- function(x, argument, known, env) {
  if (inherits(x, "formula")) return(read_formula(x, argument))
  if (is.name(x) || is.call(x)) return(read_formula(stats::as.formula(call("~", x), env), argument))
  if (is.list(x)) return(unlist(lapply(x, read_terms, argument, known, env), recursive = FALSE))
  if (!is.character(x) || anyNA(x))
    invalid("%s: names of terms or a formula are needed, not %s", argument, shown(x))
  if (all(x %in% known)) return(lapply(x, function(name) list(label = name, variables = bare_variable(name))))
  unlist(lapply(x, read_text, argument, known, env), recursive = FALSE)
}

read_text <- function(text, argument, known, env) {
  parts <- strsplit(text, " + ", fixed = TRUE)[[1L]]
  if (length(parts) && all(parts %in% known))
    return(lapply(unique(parts), function(name) list(label = name, variables = bare_variable(name))))
  if (!nzchar(trimws(text))) return(list())
  parsed <- tryCatch(str2lang(sub("^[[:space:]]*~", "", text)), error = function(e) NULL)
  # a misspelt column with blanks in its name is no formula: the nearest name is the better answer
  if (is.null(parsed)) place(argument, text, known)
  read_formula(stats::as.formula(call("~", parsed), env), argument)
}

read_formula <- function(formula, argument) {
  if (length(formula) != 2L)
    invalid("%s: \"%s\" has an outcome in it; write terms only", argument, shown(formula))
  read <- tryCatch(stats::terms(formula), error = function(e)
    invalid("%s: \"%s\" cannot be read as terms: %s", argument, shown(formula), conditionMessage(e)))
  if (attr(read, "intercept") == 0L)
    invalid("%s: the intercept cannot be removed; shares of R2 need it", argument)
  if (length(attr(read, "offset"))) invalid("%s: an offset cannot be a term", argument)
  typed <- as.list(attr(read, "variables"))[-1L]
  for (expr in typed) refuse_bar(expr, argument)
  variables <- lapply(typed, read_variable, environment(formula))
  pattern <- attr(read, "factors")
  lapply(seq_along(attr(read, "term.labels")), function(j) join_variables(variables[pattern[, j] > 0L]))
}

# Bar terms cannot stand in blocks or in a model without groups.
refuse_bar <- function(expr, argument) {
  if (has_bar(expr))
    invalid("%s: \"%s\" holds a bar term; those belong in the formula of fit_mixed()", argument, shown(expr))
}

join_variables <- function(variables) {
  labels <- vapply(variables, `[[`, "", "label")
  sorted <- order(labels, method = "radix")
  list(label = paste(labels[sorted], collapse = ":"), variables = variables[sorted])
}

read_variable <- function(expr, env) {
  if (is.name(expr)) return(bare_variable(as.character(expr))[[1L]])
  one <- if (is.call(expr) && length(expr) == 2L) expr[[2L]]
  name <- if (is.call(expr) && is.name(expr[[1L]])) as.character(expr[[1L]]) else ""
  if (is.name(one) && name %in% c("factor", "as.factor"))
    return(list(label = paste0("factor(", one, ")"), column = as.character(one), kind = "factor", power = 1L))
  power <- if (name == "I") read_power(one)
  if (!is.null(power)) return(power)
  text <- gsub("[[:space:]]+", "", paste(deparse(expr, width.cutoff = 500L), collapse = ""))
  list(label = text, column = text, kind = "call", power = 1L, expr = expr, env = kept_env(expr, env))
}

# What an expression needs of the functions it was written in, and nothing else of them: a result that is saved carries it.
kept_env <- function(expr, env) {
  top <- topenv(env)
  kept <- list()
  while (!identical(env, top) && !identical(env, emptyenv())) {
    for (name in setdiff(all.names(expr, unique = TRUE), names(kept)))
      if (exists(name, envir = env, inherits = FALSE)) kept[[name]] <- get(name, envir = env, inherits = FALSE)
    env <- parent.env(env)
  }
  if (length(kept)) list2env(kept, parent = top) else top
}

# The formula without the function it was written in.
light_formula <- function(formula) {
  environment(formula) <- topenv(environment(formula))
  formula
}

# I(x) and I(x^2): whole powers of a column, which the core forms itself.
read_power <- function(expr) {
  if (is.name(expr)) return(bare_variable(as.character(expr))[[1L]])
  if (!is.call(expr) || !identical(expr[[1L]], quote(`^`)) || !is.name(expr[[2L]])) return(NULL)
  power <- expr[[3L]]
  if (!is.numeric(power) || power < 1 || power > 15 || power != round(power)) return(NULL)
  name <- as.character(expr[[2L]])
  label <- if (power == 1) name else sprintf("%s^%d", name, as.integer(power))
  list(label = label, column = name, kind = "column", power = as.integer(power))
}

# Blocks: named ones as they are; without names, one block a term.
read_blocks <- function(blocks, known, env) {
  if (inherits(blocks, "formula") || is.call(blocks)) return(one_each(read_terms(blocks, "blocks", known, env)))
  if (!is.character(blocks) && !is.list(blocks))
    invalid("blocks: a named list of formulas is needed, such as list(money = ~ spend); this is %s", shown(blocks))
  if (!length(blocks)) invalid("blocks: at least one block is needed")
  called <- names(blocks)
  if (is.null(called)) return(one_each(read_terms(blocks, "blocks", known, env)))
  nameless <- which(is.na(called) | called == "")
  if (length(nameless)) invalid("blocks: block %d has no name; name all blocks or none", nameless[1L])
  if (anyDuplicated(called)) invalid("blocks: two blocks are called \"%s\"", called[anyDuplicated(called)])
  read <- lapply(blocks, read_terms, "blocks", known, env)
  empty <- which(lengths(read) == 0L)
  if (length(empty)) invalid("blocks: block \"%s\" holds no term", called[empty[1L]])
  read
}

one_each <- function(terms) {
  if (!length(terms)) invalid("blocks: at least one block is needed")
  structure(lapply(terms, list), names = labels_of(terms))
}

labels_of <- function(terms) vapply(terms, `[[`, "", "label")
