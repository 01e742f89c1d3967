# Recipes of published findings that fit a model or call a verb by its name.
# SPDX-License-Identifier: GPL-3.0-only

finding_models <- c(linear = "fit_linear", binary = "fit_binary", count = "fit_count", ordinal = "fit_ordinal",
                    mixed = "fit_mixed")

# numbers as numbers, words as words, yes as TRUE; several, parted by blanks, as a vector
finding_argument <- function(text) {
  if (text == "yes") return(TRUE)
  parts <- finding_words(text)
  numbers <- suppressWarnings(as.numeric(parts))
  if (anyNA(numbers)) parts else numbers
}

finding_data <- function(recipe) finding_rows(load_dataset(recipe$data), recipe$rows)

# the columns that recipes name as Python does
finding_column <- function(frame, name) {
  if (name %in% names(frame)) frame[[name]] else frame[[gsub("_", ".", name, fixed = TRUE)]]
}

model_fit <- function(book, recipe) {
  extra <- finding_pairs(recipe$extra)
  verb <- finding_models[[extra$model]]
  extra$model <- NULL
  key <- paste(verb, recipe$data, recipe$rows, recipe$outcome, paste(names(extra), extra, collapse = ";"), sep = "|")
  if (is.null(book$fits[[key]]))
    book$fits[[key]] <- do.call(verb, c(list(stats::as.formula(recipe$outcome), finding_data(recipe)),
                                        lapply(extra, finding_argument)))
  book$fits[[key]]
}

finding_coefficient <- function(book, recipe) {
  fit <- model_fit(book, recipe)
  frame <- if (recipe$metric == "ratio") as.data.frame(odds_ratios(fit)) else tidy.steelyard_fit(fit)
  finding_column(frame, recipe$metric)[frame$term == recipe$block]
}

finding_fit_value <- function(book, recipe) {
  fit <- model_fit(book, recipe)
  if (recipe$metric == "icc") return(icc(fit)$estimate[1L])
  if (recipe$metric != "variance") return(as.numeric(fit[[recipe$metric]]))
  fit$variance$variance[fit$variance$group == recipe$block][1L]
}

finding_fitted_metric <- function(book, recipe) {
  fit <- shares(model_fit(book, recipe), finding_pairs(recipe$blocks), interval = "none")
  finding_metric(fit, recipe$block, recipe$metric)
}

# verb(data, outcome, ..., name = value) and what `take` names: a field, or
# field.column in the rows where `block` stands in the first column
finding_call <- function(book, recipe) {
  extra <- finding_pairs(recipe$extra)
  verb <- extra$verb
  take <- extra$take
  extra <- extra[setdiff(names(extra), c("verb", "take"))]
  key <- paste(verb, recipe$data, recipe$rows, recipe$outcome, recipe$blocks,
               paste(names(extra), extra, collapse = ";"), sep = "|")
  if (is.null(book$fits[[key]])) {
    given <- c(if (nzchar(recipe$data)) list(finding_data(recipe)), if (nzchar(recipe$outcome)) list(recipe$outcome))
    named <- lapply(extra, finding_argument)
    if (nzchar(recipe$blocks)) named$blocks <- finding_blocks(recipe$blocks)
    book$fits[[key]] <- do.call(verb, c(given, named))
  }
  finding_taken(book$fits[[key]], take, recipe)
}

# `metric` holds conditions on the rows; what is missing does not count in a fold
finding_taken <- function(found, take, recipe) {
  parts <- strsplit(take, ".", fixed = TRUE)[[1L]]
  if (nzchar(parts[1L])) {
    kept <- attr(found, parts[1L])
    found <- if (is.null(kept)) found[[parts[1L]]] else kept
  }
  if (length(parts) == 1L) return(as.numeric(found))
  last <- strsplit(parts[2L], ":", fixed = TRUE)[[1L]]
  if (!is.data.frame(found)) return(as.numeric(finding_column(as.list(found), last[1L])))
  found <- finding_rows(as.data.frame(found), recipe$metric)
  if (nzchar(recipe$block)) found <- found[as.character(found[[1L]]) == recipe$block, , drop = FALSE]
  values <- as.numeric(finding_column(found, last[1L]))
  if (length(last) == 1L) return(values)
  values <- values[!is.na(values)]
  switch(last[2L], count = length(values), least = min(values), most = max(values))
}

# what a verb says of the shares of the recipe
finding_shares_call <- function(book, recipe) {
  extra <- finding_pairs(recipe$extra)
  verb <- extra$verb
  take <- extra$take
  extra <- extra[setdiff(names(extra), c("verb", "take"))]
  key <- paste(verb, recipe$data, recipe$rows, recipe$outcome, recipe$blocks,
               paste(names(extra), extra, collapse = ";"), sep = "|")
  if (is.null(book$fits[[key]]))
    book$fits[[key]] <- do.call(verb, c(list(recipe_fit(book, recipe)), lapply(extra, finding_argument)))
  finding_taken(book$fits[[key]], take, recipe)
}
