#' The data sets that travel with the package
#'
#' @param name one of \code{dataset_names()}.
#' @return \code{load_dataset} and \code{codebook}: a data frame;
#'   \code{dataset_names}: their names.
#' @examples
#' dataset_names()
#' head(load_dataset("sat_1995"))
#' @export
load_dataset <- function(name) read_dataset(name, "data.csv")

#' @rdname load_dataset
#' @export
codebook <- function(name) read_dataset(name, "codebook.csv")

#' @rdname load_dataset
#' @export
dataset_names <- function() sort(list.files(system.file("datasets", package = "steelyard")))

read_dataset <- function(name, file) {
  known <- dataset_names()
  if (!is.character(name) || length(name) != 1L || !name %in% known)
    stop("name: no data set ", deparse(name), "; there are ", toString(known), call. = FALSE)
  utils::read.csv(system.file("datasets", name, file, package = "steelyard", mustWork = TRUE),
                  encoding = "UTF-8")
}
