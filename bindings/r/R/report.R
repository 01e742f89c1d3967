# The answer as a page and as a picture, as the core made them.
# SPDX-License-Identifier: GPL-3.0-only

#' Evidence as one HTML page, and its picture
#'
#' \code{report} writes a page for readers who never open a terminal: the question, three sentences, a picture, the
#' tables, what would overturn the answer, what the data cannot say, how to run it again in Python and in R. The page
#' needs no other file and no network, and prints on A4. \code{picture} writes its picture alone, as SVG.
#'
#' @param x a result of \code{\link{weigh}}.
#' @param path the file to be written.
#' @param data the CSV file that the rows came from, for the code on the page. Rows of a data set of the package are
#'   recognised by themselves.
#' @return \code{path}, invisibly.
#' @section Errors:
#' \code{steelyard_error_invalid}: \code{x} is no result of \code{weigh}; \code{data} is no text; the folder of
#' \code{path} is not there. An error of R when
#' the file cannot be written.
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' evidence <- weigh(councils, "control",
#'                   list(funding = ~ spend_per_adult_gbp, process = ~ easy_information),
#'                   left_out = 0)
#' report(evidence, tempfile(fileext = ".html"))
#' picture(evidence, tempfile(fileext = ".svg"))
#' @export
report <- function(x, path, data = NULL) {
  check_evidence(x)
  write_bytes(named_page(x$page, data), path)
}

#' @rdname report
#' @export
picture <- function(x, path) {
  check_evidence(x)
  write_bytes(x$picture, path)
}

check_evidence <- function(x) {
  if (!inherits(x, "steelyard_evidence")) invalid("x: a result of weigh() is needed, found %s", class(x)[1L])
}

# The page with the file of the rows called by its name.
named_page <- function(page, data) {
  if (is.null(data)) return(page)
  if (!is.character(data) || length(data) != 1L || is.na(data) || !nzchar(data))
    invalid("data: the name of a CSV file is needed, found %s", shown(data))
  quoted <- gsub("\"", "\\\"", gsub("\\", "\\\\", enc2utf8(data), fixed = TRUE), fixed = TRUE)
  for (one in list(c("&", "&amp;"), c("<", "&lt;"), c(">", "&gt;"), c("\"", "&quot;"), c("'", "&#x27;")))
    quoted <- gsub(one[1L], one[2L], quoted, fixed = TRUE)
  gsub("&quot;your-data.csv&quot;", paste0("&quot;", quoted, "&quot;"), page, fixed = TRUE)
}

write_bytes <- function(text, path) {
  out <- file(check_target("path", path), open = "wb")
  on.exit(close(out))
  writeBin(charToRaw(enc2utf8(text)), out)
  invisible(path)
}

# The part for notebooks, as it stands: pandoc must not read it as Markdown.
knit_print.steelyard_evidence <- function(x, options = NULL, ...) {
  if (knitr::is_html_output()) knitr::raw_html(x$body) else NextMethod()
}

repr_html.steelyard_evidence <- function(obj, ...) obj$body
