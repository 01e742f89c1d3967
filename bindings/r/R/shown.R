# How results are shown: every class makes one document, and all that shows it is here.
# SPDX-License-Identifier: GPL-3.0-only

# A data frame that is shown as a document; a selection from it is a plain one.
told_table <- function(columns, document, ..., class = NULL) {
  out <- structure(columns, document = document, ...)
  attr(out, "told") <- list(nrow(columns), names(columns))
  class(out) <- c(if (!is.null(class)) paste0("steelyard_", class), "steelyard_table", "steelyard_result", "data.frame")
  out
}

# Gone once rows or columns are others than those it was made of.
document_of.steelyard_table <- function(x, whole = FALSE) {
  if (identical(attr(x, "told"), list(nrow(x), names(x)))) attr(x, "document")
}

document_of.steelyard_summary <- function(x, whole = FALSE) x$document

# A frame without what its print needs.
plain_frame <- function(x) {
  if (!is.data.frame(x)) return(x)
  for (name in setdiff(names(attributes(x)), c("names", "row.names", "class"))) attr(x, name) <- NULL
  class(x) <- "data.frame"
  x
}

#' @export
`[.steelyard_table` <- function(x, ...) plain_frame(NextMethod())

#' @export
as.data.frame.steelyard_table <- function(x, row.names = NULL, optional = FALSE, ...) plain_frame(x)

#' @export
format.steelyard_result <- function(x, ...) {
  if (is.data.frame(x)) return(NextMethod())
  text_of(document_of(x))
}

#' @export
print.steelyard_result <- function(x, ...) {
  document <- document_of(x)
  if (is.null(document)) return(NextMethod())
  writeLines(text_of(document))
  invisible(x)
}

#' @export
summary.steelyard_result <- function(object, ...) {
  if (is.data.frame(object)) return(NextMethod())
  structure(list(result = object, document = document_of(object, whole = TRUE)),
            class = c("steelyard_summary", "steelyard_result"))
}
