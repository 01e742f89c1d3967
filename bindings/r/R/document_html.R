# Documents as HTML, to be read in a notebook, light or dark.
# SPDX-License-Identifier: GPL-3.0-only

html_style <- paste0(
  ".steelyard{font-variant-numeric:tabular-nums;max-width:100%;margin:.4em 0 1em}.steelyard p{margin:.4em 0}",
  ".steelyard div{overflow-x:auto}.steelyard table{border-collapse:collapse;margin:.6em 0}",
  ".steelyard caption{caption-side:top;text-align:left;padding:.2em 0}",
  ".steelyard th,.steelyard td{padding:.15em .6em;text-align:right;white-space:nowrap;font-weight:normal}",
  ".steelyard thead th{border-bottom:1px solid currentColor;font-weight:bold;vertical-align:bottom}",
  ".steelyard .word{text-align:left;white-space:normal}.steelyard ul{margin:.2em 0 .4em;padding-left:1.4em}")

html_signs <- c("&" = "&amp;", "<" = "&lt;", ">" = "&gt;", "\"" = "&quot;", "'" = "&#x27;")

replaced <- function(text, signs) {
  for (sign in names(signs)) text <- gsub(sign, signs[[sign]], text, fixed = TRUE)
  text
}

html_text <- function(text) replaced(text, html_signs)

html_of <- function(document) {
  document <- settled(document)
  headings <- Filter(function(part) kind_of(part) == "heading", document)
  label <- if (length(headings)) headings[[1L]]$line else "steelyard"
  paste0("<div class=\"steelyard\" role=\"group\" aria-label=\"", html_text(label), "\">\n<style>", html_style,
         "</style>\n", paste(rendered(document, html_writers), collapse = "\n"), "\n</div>\n")
}

html_list <- function(part) {
  paste0(if (!is.null(part$title)) paste0("<p>", html_text(part$title), "</p>\n"), "<ul>\n",
         paste0("<li>", html_text(part$items), "</li>\n", collapse = ""), "</ul>")
}

html_table <- function(part) {
  caption <- html_text(part$caption)
  word <- ifelse(part$words, " class=\"word\" style=\"text-align:left\"", "")
  head <- paste0("<th scope=\"col\"", word, ">", html_text(headers_of(part)), "</th>", collapse = "")
  first <- seq_along(part$cells) == 1L & part$words
  tag <- ifelse(first, "th", "td")
  columns <- Map(function(cell, tag, scope, word) paste0("<", tag, scope, word, ">", html_text(cell), "</", tag, ">"),
                 part$cells, tag, ifelse(first, " scope=\"row\"", ""), word)
  paste0("<div role=\"region\" aria-label=\"", caption, "\" tabindex=\"0\">\n<table>\n<caption>", caption,
         "</caption>\n<thead>\n<tr>", head, "</tr>\n</thead>\n<tbody>\n",
         paste0("<tr>", do.call(paste0, unname(columns)), "</tr>\n", collapse = ""), "</tbody>\n</table>\n</div>")
}

html_writers <- list(heading = function(line) paste0("<p><strong>", html_text(line), "</strong></p>"),
                     line = function(line) paste0("<p>", html_text(line), "</p>"),
                     caution = function(line) paste0("<p><em>", html_text(line), "</em></p>"), list = html_list,
                     table = html_table)
