# Answers sorted into worse, the same, better, as the user groups the levels.
# SPDX-License-Identifier: GPL-3.0-only

answer_names <- c("worse", "same", "better")

# One indicator: list(name, levels, codes) or list(name, numbers).
read_answers <- function(data, name, argument) {
  values <- .subset2(data, place_column(argument, name, data))
  if (is.factor(values)) return(list(name = name, levels = levels(values), codes = as.integer(values)))
  if (is.character(values)) {
    coded <- factor_codes(values)
    return(list(name = name, levels = coded[[2L]], codes = as.integer(coded[[1L]])))
  }
  list(name = name, levels = NULL, numbers = as.double(plain_column(argument, name, values)[[2L]]))
}

# Numbers told apart as levels: for better = c(4, 5).
as_levels <- function(answers) {
  if (!is.null(answers$levels)) return(answers)
  coded <- factor_codes(answers$numbers)
  c(answers[c("name", "numbers")], list(levels = coded[[2L]], codes = as.integer(coded[[1L]]), counted = TRUE))
}

# What was said of one indicator.
said_of <- function(spec, name, outcomes, argument) {
  if (!is.list(spec)) return(spec)
  if (is.null(names(spec))) invalid("%s: a list needs the names of indicators", argument)
  for (key in names(spec)) if (!key %in% outcomes) place(argument, key, outcomes)
  spec[[name]]
}

is_threshold <- function(given) is.numeric(given) && length(given) == 1L
level_texts <- function(given) if (is.numeric(given)) sprintf("%.15g", given) else as.character(given)
quoted <- function(levels) paste0("\"", levels, "\"", collapse = ", ")

# Every level that was named is one of some indicator.
check_known <- function(everyone, specs, argument) {
  asked <- !vapply(specs, function(s) is.null(s) || is_threshold(s), NA)
  if (!any(asked)) return(invisible())
  known <- unique(unlist(lapply(everyone[asked], function(a) as_levels(a)$levels)))
  for (level in unique(unlist(lapply(specs[asked], level_texts)))) if (!level %in% known) place(argument, level, known)
}

# TRUE where an answer counts as better (or worse).
marks_of <- function(answers, spec, argument, above) {
  if (!is_threshold(spec)) {
    answers <- as_levels(answers)
    given <- level_texts(spec)
    chosen <- which(answers$levels %in% given)
    if (!length(chosen))
      invalid("%s: no level of \"%s\" is among %s; its levels are %s", argument, answers$name, quoted(given),
              quoted(answers$levels))
    return(answers$codes %in% chosen)
  }
  if (!is.null(answers$levels))
    invalid("%s: \"%s\" holds levels, not numbers; name some of %s", argument, answers$name, quoted(answers$levels))
  marked <- if (above) answers$numbers >= spec else answers$numbers <= spec
  marked & !is.na(marked)
}

# Better when nothing was said: 1 of a column of 0 and 1.
marks_without_words <- function(answers, argument) {
  if (!is.null(answers$levels))
    invalid("%s: say which levels of \"%s\" count; its levels are %s", argument, answers$name, quoted(answers$levels))
  if (!all(answers$numbers[!is.na(answers$numbers)] %in% c(0, 1)))
    invalid(paste0("%s: \"%s\" holds numbers other than 0 and 1; give the least that counts, or the levels in a ",
                   "vector"), argument, answers$name)
  answers$numbers %in% 1
}

grade_one <- function(answers, better, worse, argument) {
  good <- if (is.null(better)) marks_without_words(answers, argument) else marks_of(answers, better, argument, TRUE)
  missing <- if (is.null(answers$levels)) is.na(answers$numbers) else is.na(answers$codes)
  codes <- ifelse(good, 3L, 2L)
  if (!is.null(worse)) {
    bad <- marks_of(answers, worse, "worse", FALSE)
    if (any(good & bad & !missing))
      invalid("worse: some answers of \"%s\" would be better and worse at once", answers$name)
    codes[bad] <- 1L
  }
  codes[missing] <- NA
  codes
}

# list(codes, worse): a vector of 1 worse, 2 same, 3 better for each indicator.
grade <- function(data, names, better, worse, argument = "better", column_argument = "outcomes") {
  everyone <- lapply(names, function(name) read_answers(data, name, column_argument))
  goods <- lapply(names, function(name) said_of(better, name, names, argument))
  bads <- lapply(names, function(name) said_of(worse, name, names, "worse"))
  check_known(everyone, goods, argument)
  check_known(everyone, bads, "worse")
  list(codes = Map(grade_one, everyone, goods, bads, argument), worse = !vapply(bads, is.null, NA))
}

some_names <- function(given, argument) {
  if (!length(given)) invalid("%s: name at least one column", argument)
  if (!is.character(given) || anyNA(given)) invalid("%s: %s is not the name of a column", argument, shown(given))
  if (anyDuplicated(given)) invalid("%s: \"%s\" is given twice", argument, given[anyDuplicated(given)])
  unname(given)
}
