# The question of weigh() and specification_curve(): names found, terms read, one design of everything.
# SPDX-License-Identifier: GPL-3.0-only

outcome_types <- c("number", "binary", "ordinal")
weigh_intervals <- c("auto", "jackknife", "influence", "none")
missing_rules <- c("complete", "per-outcome") # places less 1 are the core's numbers

place_of <- function(argument, name, names) {
  if (is.character(name) && length(name) == 1L && name %in% names) return(match(name, names))
  place(argument, name, names)
}

# Places of the need blocks: those named, else the block called need where there is one.
need_of <- function(need, names, taken) {
  if (is.null(need)) return(if ("need" %in% names && !match("need", names) %in% taken) match("need", names) else integer())
  vapply(need, function(name) place_of("need", name, names), 1L, USE.NAMES = FALSE)
}

# list(terms, types): each outcome's column read as its type needs it.
read_outcomes <- function(outcomes, outcome_type, data, env) {
  terms <- tag(read_terms(outcomes, "outcomes", names(data), env), "outcomes")
  if (!length(terms)) invalid("outcomes: name at least one outcome")
  asked <- lapply(labels_of(terms), function(label)
    if ((is.list(outcome_type) || is.character(outcome_type)) && !is.null(names(outcome_type))) {
      if (label %in% names(outcome_type)) outcome_type[[label]] else "auto"
    } else outcome_type)
  types <- mapply(outcome_type_of, terms, asked, MoreArgs = list(data = data))
  list(terms = Map(typed_outcome, terms, types, MoreArgs = list(data = data)), types = match(types, outcome_types) - 1L)
}

outcome_type_of <- function(term, asked, data) {
  choice("outcome_type", asked, c("auto", outcome_types))
  if (asked != "auto") return(asked)
  values <- read_values(c(term$variables[[1L]], argument = "outcomes"), data, rows_of(data))
  if (is.logical(values)) return("binary")
  if (!is.factor(values)) return("number")
  if (nlevels(droplevels(values)) == 2L) "binary" else "ordinal"
}

typed_outcome <- function(term, type, data) {
  if (type != "number") return(with_outcome(term, type, data))
  values <- read_values(c(term$variables[[1L]], argument = "outcomes"), data, rows_of(data))
  if (is.ordered(values)) # answers as numbers: 1 for the lowest
    term$variables[[1L]]$given <- list(term$label, as.double(as.integer(droplevels(values))), NULL)
  term
}

# Sources of the process measure: list(names, terms, blocks, one_source); a source that is a block has no terms.
read_sources <- function(given, blocks, one_source, data, env) {
  if (is.null(given)) return(list(names = character(), terms = list(), block = integer(), one_source = integer()))
  called <- names(given)
  if (!length(given) || is.null(called) || any(called == "") || !(is.list(given) || is.character(given)))
    invalid("process_sources: a named list is needed, such as list(users = ~ easy_information)")
  if (!is.logical(one_source)) for (name in one_source) place_of("one_source", name, called)
  own <- lapply(blocks, labels_of)
  read <- lapply(given, function(source) {
    named <- is.character(source) && length(source) == 1L && source %in% names(blocks) && !source %in% names(data)
    if (named) return(list(terms = list(), block = match(source, names(blocks))))
    terms <- tag(read_terms(source, "process_sources", names(data), env), "process_sources")
    same <- which(vapply(own, setequal, NA, labels_of(terms)))
    if (length(same)) list(terms = list(), block = same[[1L]]) else list(terms = terms, block = 0L)
  })
  list(names = called, terms = unname(lapply(read, `[[`, "terms")),
       block = vapply(read, function(one) as.integer(one$block), 1L, USE.NAMES = FALSE),
       one_source = if (is.logical(one_source)) rep(as.integer(isTRUE(one_source)), length(called))
                    else as.integer(called %in% one_source))
}

# A design with further columns at its end; their places, 0 for NULL.
with_sides <- function(design, sides) {
  here <- !vapply(sides, is.null, NA)
  places <- integer(length(sides))
  places[here] <- length(design[[2L]]) + seq_len(sum(here))
  design[[2L]] <- c(design[[2L]], unname(sides[here]))
  list(design = design, places = places)
}

# Where terms stand in a design.
term_places <- function(design) {
  labels <- vapply(design[[3L]], `[[`, "", 1L)
  function(terms) match(labels_of(terms), labels)
}

placed_blocks <- function(blocks, at) list(names(blocks), unname(lapply(blocks, at)))
placed_sources <- function(sources, at) list(sources$names, lapply(sources$terms, at), sources$block, sources$one_source)

# Names of rows: a column, a vector, or row names that were given.
unit_labels <- function(label, data, env) {
  if (!is.null(label)) return(side_column("label", label, data, rows_of(data), env))
  if (.row_names_info(data) > 0L) c(list("rows"), factor_codes(attr(data, "row.names")))
}

# Tables of the core as data frames by name.
tidy_frames <- function(tables) {
  frames <- lapply(tables, function(table) {
    columns <- c(table$texts, lapply(table$numbers, blank))
    frame(columns)
  })
  names(frames) <- vapply(tables, `[[`, "", "name")
  frames
}
