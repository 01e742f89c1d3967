# Failures of the core come back as values; here they become conditions.
# SPDX-License-Identifier: GPL-3.0-only

error_kind <- function(status) {
  switch(as.character(status), `-1` = , `-2` = "invalid", `-3` = , `-4` = "data", `-5` = "limit",
         `-6` = "memory", `-7` = "interrupted", "internal")
}

raise <- function(kind, message) {
  stop(structure(class = c(paste0("steelyard_error_", kind), "steelyard_error", "error", "condition"),
                 list(message = message, call = NULL)))
}

invalid <- function(...) raise("invalid", sprintf(...))

settle <- function(value) {
  if (inherits(value, "steelyard_failure")) raise(error_kind(value$status), value$message)
  value
}

remark_names <- c("suppression", "marginality", "zero_weights", "empty_level", "hidden", "rows_dropped", "precision",
                  "no_fma", "assumes_normal", "sampled", "bounds_skipped", "terms_skipped", "interval_skipped",
                  "one_unit", "few_clusters", "aliased", "boundary", "separated", "not_converged", "overlap", "reversed",
                  "corrected")

# What nobody should overlook becomes one warning a call.
warn_of <- function(remarks) {
  serious <- remarks$code %in% c("interval_skipped", "few_clusters", "aliased", "separated", "not_converged", "overlap",
                                  "reversed")
  if (!any(serious)) return(invisible())
  warning(structure(class = c("steelyard_warning", "warning", "condition"),
                    list(message = paste(unique(remark_lines(remarks[serious, ])), collapse = "\n"),
                         call = NULL)))
}

remark_lines <- function(remarks) {
  if (!length(remarks$code)) return(character())
  bare <- remarks$term == "" | mapply(grepl, remarks$term, remarks$text, MoreArgs = list(fixed = TRUE))
  ifelse(bare, remarks$text, paste0(remarks$term, ": ", remarks$text))
}

remarks_frame <- function(remarks) {
  remarks$code <- remark_names[remarks$code]
  frame(remarks)
}

# A data frame from columns of equal length, without the cost of data.frame().
frame <- function(columns) {
  attr(columns, "row.names") <- .set_row_names(length(columns[[1L]]))
  class(columns) <- "data.frame"
  columns
}

# Arguments ---------------------------------------------------------------

shown <- function(value) {
  if (is.numeric(value) && length(value) == 1L) return(sprintf("%.15g", value))
  if (is.character(value) && length(value) == 1L) return(value)
  text <- paste(deparse(value, nlines = 2L), collapse = " ")
  if (nchar(text) > 60L) paste0(substr(text, 1L, 57L), "...") else text
}

choice <- function(argument, value, allowed) {
  if (is.character(value) && length(value) == 1L && value %in% allowed) return(value)
  invalid("%s: \"%s\" is not one of %s", argument, shown(value), paste0("\"", allowed, "\"", collapse = ", "))
}

whole <- function(argument, value, least, most = .Machine$integer.max) {
  fits <- is.numeric(value) && length(value) == 1L && is.finite(value) && value == round(value) && value >= least
  if (!fits) invalid("%s: %s is not a whole number of %d or more", argument, shown(value), least)
  if (value > most) invalid("%s: %s is more than %.15g", argument, shown(value), most)
  value
}

check_threads <- function(threads) {
  if (!is.null(threads)) as.integer(whole("threads", threads, 1L, 64L)) else NULL
}

number <- function(argument, value) {
  if (!is.numeric(value) || length(value) != 1L)
    invalid("%s: %s is not a number", argument, shown(value))
  as.double(value)
}

truth <- function(argument, value) {
  if (!isTRUE(value) && !isFALSE(value)) invalid("%s: %s is neither TRUE nor FALSE", argument, shown(value))
  value
}

# A level, a term, a name: text, or a number as text.
one_text <- function(argument, value) {
  if (!is.atomic(value) || length(value) != 1L || is.na(value))
    invalid("%s: one name is needed, not %s", argument, shown(value))
  if (is.double(value) && !is.object(value)) sprintf("%.15g", value) else as.character(value)
}

# Names, in a vector or a list of texts.
texts <- function(argument, value) {
  known <- (is.character(value) || is.list(value)) && all(vapply(value, function(one)
    is.character(one) && length(one) == 1L && !is.na(one), NA))
  if (!known) invalid("%s: names are needed, not %s", argument, shown(value))
  unlist(value)
}

place <- function(argument, typed, names) {
  if (!is.character(typed) || length(typed) != 1L || is.na(typed))
    invalid("%s: one name is needed, not %s", argument, shown(typed))
  settle(.Call(C_find, argument, typed, names))
}
