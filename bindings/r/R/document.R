# What is shown of a result: lines and pieces, and the text made of them.
# A document is a list. A text in it is a line, "" an empty one that only text shows; a piece is a heading, a table, a
# list, a caution or a line for text alone. The first line is the heading where none is named. The Python package makes
# the same documents.
# SPDX-License-Identifier: GPL-3.0-only

# The document of a result; `whole` is for its summary. NULL where it has none (any more).
document_of <- function(x, whole = FALSE) UseMethod("document_of")

piece <- function(kind, ...) list(structure(list(kind = kind, ...), class = "steelyard_piece"))

headed <- function(line) piece("heading", line = line)

# A line that plain text alone shows, such as what other forms have in a caption.
plain_line <- function(line) piece("plain", line = line)

# Cells by column, as text; the first columns (`left` of them) are words, or those with an "l" in a text of "l" and "r".
# Units by header.
tabled <- function(cells, left = 1L, caption = NULL, units = NULL) {
  cells <- lapply(unclass(cells), as.character)
  words <- if (is.character(left)) strsplit(left, "")[[1L]] == "l" else seq_along(cells) <= left
  piece("table", cells = cells, words = words, caption = caption, units = units)
}

# A list under its title, nothing where it is empty.
listed <- function(title, items) if (length(items)) piece("list", title = title, items = as.character(items))

caution <- function(line) piece("caution", line = line)

is_piece <- function(x) inherits(x, "steelyard_piece")
kind_of <- function(part) if (is_piece(part)) part$kind else if (identical(part, "")) "empty" else "line"
line_of <- function(part) if (is_piece(part)) part$line else part

# Documents one after another; `apart` by an empty line.
together <- function(documents) do.call(c, unname(documents))
apart <- function(documents) {
  together(Map(function(one, i) c(if (i > 1L) "", one), unname(documents), seq_along(documents)))
}

# Without empty lines at its end, with a heading and a caption for each table.
settled <- function(document) {
  document <- as.list(document)
  while (length(document) && identical(document[[length(document)]], "")) document <- document[-length(document)]
  kinds <- vapply(document, kind_of, "")
  if (length(document) && kinds[1L] == "line" && !"heading" %in% kinds) document[1L] <- headed(document[[1L]])
  for (i in which(kinds == "table"))
    if (is.null(document[[i]]$caption)) document[[i]]$caption <- caption_before(document, i)
  document
}

# The line before that announces the table, else the first line.
caption_before <- function(document, i) {
  before <- Filter(function(part) kind_of(part) %in% c("line", "plain", "heading"), document[seq_len(i - 1L)])
  if (!length(before)) return("steelyard")
  last <- line_of(before[[length(before)]])
  if (grepl(":$", last)) sub(":$", "", last) else line_of(before[[1L]])
}

# One text of each part that is not an empty line, by what makes it.
rendered <- function(document, writers) {
  document <- settled(document)
  kinds <- vapply(document, kind_of, "")
  unlist(lapply(which(!kinds %in% c("empty", "plain")), function(i) {
    writer <- writers[[kinds[i]]]
    part <- document[[i]]
    if (kinds[i] %in% c("table", "list")) writer(part) else writer(line_of(part))
  }), use.names = FALSE)
}

# Text ------------------------------------------------------------------------

text_of <- function(document) {
  unlist(lapply(settled(document), function(part)
    switch(kind_of(part), table = table_text(part$cells, part$words), list = c(part$title, paste("-", part$items)),
           line_of(part))), use.names = FALSE)
}

# Words to the left, the others to the right, in the width of the widest.
aligned <- function(cell, width, word, type) {
  blanks <- strrep(" ", width - nchar(cell, type))
  if (word) paste0(cell, blanks) else paste0(blanks, cell)
}

table_text <- function(cells, words) {
  cells <- Map(function(header, cell) c(header, cell), names(cells), cells)
  widths <- vapply(cells, function(cell) max(nchar(cell, "width")), 1L)
  columns <- Map(aligned, cells, widths, words, "width")
  sub(" +$", "", do.call(paste, c(unname(columns), sep = "  ")))
}

# Header cells with their units.
headers_of <- function(part) {
  names <- names(part$cells)
  unit <- unlist(part$units)[names]
  if (is.null(unit)) names else ifelse(is.na(unit), names, sprintf("%s (%s)", names, unit))
}

rows_of_cells <- function(part) do.call(cbind, unname(part$cells))

# A document of the pieces that the core hands out: lines led by a letter, cells parted by byte 31.
core_document <- function(text) {
  lines <- strsplit(text, "\n", fixed = TRUE)[[1L]]
  kinds <- substr(lines, 1L, 1L)
  rest <- substring(lines, 2L)
  starts <- which(!kinds %in% c("I", "R"))
  ends <- c(starts[-1L] - 1L, length(lines))
  together(Map(function(from, to) core_piece(kinds[from], rest[from], rest[seq_len(to - from) + from]), starts, ends))
}

core_piece <- function(kind, text, inner) {
  switch(kind, H = headed(text), T = text, P = if (nzchar(text)) plain_line(text) else "", C = caution(text),
         L = listed(if (nzchar(text)) text, inner), G = core_table(text, inner))
}

core_table <- function(text, rows) {
  parted <- function(line) strsplit(paste0(line, "\037"), "\037", fixed = TRUE)[[1L]]
  asked <- parted(text)
  cells <- do.call(rbind, lapply(rows, parted))
  columns <- lapply(seq_len(ncol(cells)), function(j) cells[-1L, j])
  tabled(structure(columns, names = cells[1L, ]), asked[1L], asked[2L])
}
