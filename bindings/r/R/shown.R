# How results are shown: every class makes one document, and all that shows it is here.
# SPDX-License-Identifier: GPL-3.0-only

# A data frame that is shown as a document; a selection from it is a plain one.
told_table <- function(columns, document, ..., class = NULL) {
  out <- structure(columns, document = document, ...)
  attr(out, "told") <- mark_of(columns)
  class(out) <- c(if (!is.null(class)) paste0("steelyard_", class), "steelyard_table", "steelyard_result", "data.frame")
  out
}

# What tells whether rows or columns were added, taken out, put in another order or changed.
mark_of <- function(x) {
  list(nrow(x), names(x), vapply(unclass(x), function(column) {
    values <- if (is.character(column) || is.factor(column)) match(column, sort(unique(as.character(column)), method = "radix"))
              else as.double(column)
    sum(values * seq_along(values), na.rm = TRUE)
  }, 0, USE.NAMES = FALSE))
}

# Gone once the table is another than the one it was made of.
document_of.steelyard_table <- function(x, whole = FALSE) {
  if (isTRUE(all.equal(attr(x, "told"), mark_of(x), tolerance = 1e-9))) attr(x, "document")
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

#' Results as Markdown, LaTeX and CSV
#'
#' What a result prints, as Markdown or LaTeX; its numbers as CSV.
#'
#' @details
#' \code{to_markdown} and \code{to_latex} write down what \code{print} shows: the heading, the tables with
#' their captions, the lines below and the remarks. Python writes the same. In a document made by
#' \pkg{knitr} results show themselves so: as HTML tables in HTML, as LaTeX in PDF, as Markdown elsewhere;
#' the PDF needs the LaTeX package \code{booktabs}. Jupyter shows the HTML. \code{to_csv} writes
#' \code{as.data.frame(x)} with all digits, which read back as the same numbers.
#'
#' @param x a result of any function of the package.
#' @param file where to write; without it the text is returned.
#' @param ... ignored.
#' @return A text: \code{to_markdown} and \code{to_latex} end with a line break. \code{to_csv} returns the
#'   file's name invisibly when there is one; a missing value is an empty cell.
#' @section Errors:
#' \code{steelyard_error_invalid}: something that is no result of the package; the folder of \code{file} is not
#' there.
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic"))
#' cat(to_markdown(s))
#' cat(to_latex(s))
#' head(strsplit(to_csv(s), "\n")[[1]], 3)
#' @export
to_markdown <- function(x, ...) UseMethod("to_markdown")

#' @rdname to_markdown
#' @export
to_latex <- function(x, ...) UseMethod("to_latex")

#' @rdname to_markdown
#' @export
to_csv <- function(x, file = NULL, ...) UseMethod("to_csv")

#' @export
to_markdown.default <- function(x, ...) no_result(x)

#' @export
to_latex.default <- function(x, ...) no_result(x)

#' @export
to_csv.default <- function(x, file = NULL, ...) no_result(x)

no_result <- function(x) invalid("x: a result of this package is needed, not %s", class(x)[1L])

# What pages show, which is what is printed.
shown_document <- function(x) UseMethod("shown_document")

# A table that was changed has no document: it is shown as its numbers.
shown_document.default <- function(x) {
  document <- document_of(x)
  if (!is.null(document)) return(document)
  plain <- plain_frame(x)
  cells <- lapply(plain, function(column) if (is.numeric(column)) or_dash(column, sprintf("%.6g", column))
                                          else as.character(column))
  words <- vapply(plain, is.numeric, NA)
  left <- if (any(words)) which(words)[1L] - 1L else ncol(plain)
  tabled(cells, left, paste(names(plain), collapse = ", "))
}

#' @export
to_markdown.steelyard_result <- function(x, ...) markdown_of(shown_document(x))

#' @export
to_latex.steelyard_result <- function(x, ...) latex_of(shown_document(x))

#' @export
to_csv.steelyard_result <- function(x, file = NULL, ...) {
  text <- csv_of(as.data.frame(x))
  if (is.null(file)) return(text)
  con <- file(check_target("file", file), "wb")
  on.exit(close(con))
  writeLines(enc2utf8(text), con, sep = "", useBytes = TRUE)
  invisible(file)
}

csv_of <- function(columns) {
  quoted <- function(text) ifelse(grepl("[\",\r\n]", text), paste0("\"", gsub("\"", "\"\"", text, fixed = TRUE), "\""), text)
  cells <- lapply(columns, function(column) {
    text <- if (is.double(column)) shortest(column) else quoted(as.character(column))
    ifelse(is.na(column), "", text)
  })
  lines <- c(paste(quoted(names(columns)), collapse = ","), if (nrow(columns)) do.call(paste, c(unname(cells), sep = ",")))
  paste0(lines, "\n", collapse = "")
}

# Numbers with as few digits as read back to the same.
shortest <- function(x) {
  text <- sprintf("%.15g", x)
  left <- which(is.finite(x))
  for (form in c("%.16g", "%.17g")) {
    left <- left[as.double(text[left]) != x[left]]
    text[left] <- sprintf(form, x[left])
  }
  text
}

# Late, for packages that need not be there: knitr, and repr in Jupyter.
knit_print.steelyard_result <- function(x, options = NULL, ...) {
  document <- shown_document(x)
  if (knitr::is_html_output()) return(knitr::raw_html(html_of(document))) # pandoc must not read it as Markdown
  if (!knitr::is_latex_output()) return(knitted(markdown_of(document)))
  rules <- if (requireNamespace("rmarkdown", quietly = TRUE)) list(rmarkdown::latex_dependency("booktabs"))
  knitted(latex_of(document), rules)
}

knitted <- function(text, meta = NULL) knitr::asis_output(paste0("\n", text, "\n"), meta = meta)

repr_text.steelyard_result <- function(obj, ...) paste(text_of(shown_document(obj)), collapse = "\n")

repr_html.steelyard_result <- function(obj, ...) html_of(shown_document(obj))

repr_markdown.steelyard_result <- function(obj, ...) markdown_of(shown_document(obj))

repr_latex.steelyard_result <- function(obj, ...) latex_of(shown_document(obj))
