# A data frame's columns handed to the core as they are: nothing is copied but
# what a formula computes.
# SPDX-License-Identifier: GPL-3.0-only

weight_kinds <- c("frequency", "analytic", "sampling")

check_frame <- function(data) {
  if (inherits(data, "formula") || (is.character(data) && length(data) == 1L && !is.na(data))) refuse_text(data)
  if (!is.data.frame(data))
    invalid("data: a data frame or moments are needed, found %s", class(data)[1L])
  if (!length(data)) invalid("data: there are no columns")
  check_names(names(data))
}

rows_of <- function(data) .row_names_info(data, 2L)

# list(n, columns, terms, weights, weight_kind, cluster, missing, strata), as the
# glue reads it. `terms` is a list of (argument, term); each label goes in once.
make_design <- function(data, terms, weights = NULL, weight_kind = NULL, cluster = NULL, missing = "complete",
                        env = parent.frame(), strata = NULL) {
  check_frame(data)
  n <- rows_of(data)
  if (n == 0) raise("data", "data: there are no rows")
  terms <- terms[!duplicated(labels_of(terms))]
  variables <- unlist(lapply(terms, function(term) lapply(term$variables, c, list(argument = term$argument))),
                      recursive = FALSE)
  keys <- vapply(variables, variable_key, "")
  columns <- lapply(variables[!duplicated(keys)], read_column, data, n)
  at <- match(keys, unique(keys))
  power <- vapply(variables, `[[`, 1L, "power")
  last <- cumsum(lengths(lapply(terms, `[[`, "variables")))
  terms <- Map(function(term, to) {
    from <- to - length(term$variables) + 1L
    list(term$label, at[from:to], power[from:to])
  }, terms, last)
  kind <- check_weights(weights, weight_kind)
  list(as.double(n), columns, terms, side_column("weights", weights, data, n, env), kind,
       side_column("cluster", cluster, data, n, env), if (missing == "error") 1L else 0L,
       side_column("strata", strata, data, n, env))
}

variable_key <- function(variable) {
  if (variable$kind == "factor") paste0("factor\r", variable$column) else paste0("\r", variable$column)
}

# list(name, values, levels); a variable may bring its own.
read_column <- function(variable, data, n) {
  if (!is.null(variable$given)) return(variable$given)
  values <- read_values(variable, data, n)
  if (variable$kind == "factor") return(c(list(variable$column), factor_codes(values)))
  plain_column(variable$argument, variable$column, values)
}

# What a variable holds, as the data have it.
read_values <- function(variable, data, n) {
  if (variable$kind == "call") compute(variable, data, n)
  else .subset2(data, place_column(variable$argument, variable$column, data))
}

place_column <- function(argument, name, data) {
  at <- match(name, names(data))
  if (!length(data)) invalid("data: there are no columns")
  if (is.na(at)) place(argument, name, names(data)) else at
}

plain_column <- function(argument, name, values) {
  if (is.factor(values)) return(list(name, values, levels(values)))
  if (is.character(values)) refuse_column(argument, name, values)
  usable <- (is.numeric(values) || is.logical(values)) && length(dim(values)) < 2L && !inherits(values, "integer64")
  if (!usable)
    invalid("%s: column \"%s\" holds %s; numbers, truth values or a factor are needed", argument, name,
            class(values)[1L])
  list(name, values, NULL)
}

compute <- function(variable, data, n) {
  unknown <- setdiff(all.vars(variable$expr), names(data))
  unknown <- unknown[!vapply(unknown, exists, NA, envir = variable$env)]
  if (length(unknown)) place(variable$argument, unknown[1L], names(data))
  values <- tryCatch(eval(variable$expr, data, variable$env), error = function(e)
    invalid("%s: \"%s\" cannot be computed: %s", variable$argument, variable$label, conditionMessage(e)))
  if (length(dim(values)) > 1L)
    invalid("%s: \"%s\" gives %d columns; a term needs one value a row", variable$argument, variable$label,
            ncol(values))
  check_length(variable$label, values, n)
}

check_length <- function(argument, values, n) {
  if (length(values) != n) invalid("%s: a vector of %d values was given for %.0f rows", argument, length(values), n)
  values
}

# list(codes, levels): numbers in their order, text by code point, a factor in
# its own order without unused levels.
factor_codes <- function(x) {
  if (is.factor(x)) {
    x <- droplevels(x)
    return(list(x, levels(x)))
  }
  if (!is.numeric(x) && !is.logical(x)) x <- enc2utf8(as.character(x))
  values <- sort(unique(x), method = "radix")
  levels <- if (is.double(x)) sprintf("%.15g", values) else if (is.integer(x)) sprintf("%d", values)
            else as.character(values)
  codes <- match(x, values)
  if (anyDuplicated(levels)) {
    codes <- match(levels, unique(levels))[codes]
    levels <- unique(levels)
  }
  list(codes, levels)
}

check_weights <- function(weights, weight_kind) {
  if (is.null(weights) && is.null(weight_kind)) return(0L)
  if (!is.null(weight_kind)) choice("weight_kind", weight_kind, weight_kinds)
  if (is.null(weights)) invalid("weights: weight_kind = \"%s\" was given without weights", weight_kind)
  if (is.null(weight_kind))
    invalid(paste0("weight_kind: weights need their kind: \"frequency\" (the row stands for that many equal rows), ",
                   "\"analytic\" (the row's variance is one over the weight) or \"sampling\" (one over the chance ",
                   "of selection)"))
  match(weight_kind, weight_kinds)
}

# Weights, clusters, absorbed levels: a column's name, a one-sided formula or a
# vector. All but weights are made factors, or numbers where `numbers` is set.
side_column <- function(argument, given, data, n, env, numbers = argument == "weights") {
  if (is.null(given)) return(NULL)
  if (inherits(given, "formula")) {
    terms <- read_formula(given, argument)
    if (length(terms) != 1L || length(terms[[1L]]$variables) != 1L)
      invalid("%s: one column is needed, not %s", argument, shown(given))
    variable <- terms[[1L]]$variables[[1L]]
    name <- variable$column
    values <- read_values(c(variable, argument = argument), data, n)
  } else if (is.character(given) && length(given) == 1L) {
    name <- given
    values <- .subset2(data, place_column(argument, name, data))
  } else {
    name <- argument
    values <- check_length(argument, given, n)
  }
  if (!numbers) return(c(list(name), factor_codes(values)))
  refuse_levels(argument, name, values)
  plain_column(argument, name, values)
}

tag <- function(terms, argument) lapply(terms, c, list(argument = argument))
