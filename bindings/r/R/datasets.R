# SPDX-License-Identifier: GPL-3.0-only

#' The data sets that travel with the package
#'
#' Public council data, published findings and worked examples, each with a
#' codebook and a note on its origin, licence and limits.
#'
#' @param name one of \code{dataset_names()}.
#' @return \code{load_dataset}: a data frame, an empty cell being \code{NA};
#'   \code{codebook}: a data frame with the columns \code{column},
#'   \code{meaning}, \code{unit}, \code{source_measure}, \code{year};
#'   \code{dataset_source}: the note, a string that prints as it stands;
#'   \code{dataset_names}: the names, sorted.
#' @section Errors:
#' \code{steelyard_error_invalid}: no such data set; the nearest name is told.
#' @examples
#' dataset_names()
#' head(load_dataset("sat_1995"))
#' codebook("sat_1995")
#' @export
load_dataset <- function(name) read_table_of(name, "data.csv")

#' @rdname load_dataset
#' @export
codebook <- function(name) {
  book <- read_table_of(name, "codebook.csv", colClasses = "character")
  book[is.na(book)] <- ""
  book
}

#' @rdname load_dataset
#' @export
dataset_source <- function(name) {
  text <- readLines(dataset_file(name, "SOURCE.md"), encoding = "UTF-8")
  structure(paste0(text, "\n", collapse = ""), class = "steelyard_source")
}

#' @rdname load_dataset
#' @export
dataset_names <- function() {
  root <- system.file("datasets", package = "steelyard")
  found <- list.files(root)
  sort(found[file.exists(file.path(root, found, "data.csv"))], method = "radix")
}

#' @export
print.steelyard_source <- function(x, ...) {
  cat(x)
  invisible(x)
}

dataset_file <- function(name, file) {
  known <- dataset_names()
  system.file("datasets", known[place("name", name, known)], file, package = "steelyard", mustWork = TRUE)
}

# only an empty cell is missing: no word in a text is taken for it
read_table_of <- function(name, file, ...) {
  utils::read.csv(dataset_file(name, file), encoding = "UTF-8", na.strings = "", check.names = FALSE, ...)
}
