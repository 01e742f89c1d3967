# Which data set of the package the rows are, so that a report can say how to run it again.
# SPDX-License-Identifier: GPL-3.0-only

# Columns of the data that a design is made of; NULL where one is not of the data.
columns_used <- function(design, data) {
  names_in <- c(vapply(design[[2L]], `[[`, "", 1L), unlist(lapply(design[c(4L, 6L, 8L)], function(side) side[[1L]])))
  used <- character()
  for (name in names_in) {
    inside <- if (name %in% names(data)) name else intersect(all_words(name), names(data))
    if (!length(inside)) return(NULL)
    used <- c(used, inside)
  }
  unique(used)
}

all_words <- function(text) regmatches(text, gregexpr("[[:alpha:]_.][[:alnum:]_.]*", text))[[1L]]

# The name of the data set whose columns the used ones are, value for value; NULL where there is none.
dataset_of <- function(design, data) {
  used <- columns_used(design, data)
  if (!length(used)) return(NULL)
  for (name in dataset_names()) {
    if (!all(used %in% dataset_header(name))) next
    own <- load_dataset(name)
    same <- nrow(own) == nrow(data) &&
      all(vapply(used, function(column) identical(data[[column]], own[[column]]), NA))
    if (same) return(name)
  }
  NULL
}

dataset_header <- function(name) {
  names(utils::read.csv(dataset_file(name, "data.csv"), encoding = "UTF-8", nrows = 1L, check.names = FALSE))
}
