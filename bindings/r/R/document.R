# What is shown of a result: lines and pieces, and how text is made of them.
# A document is a list. A text in it is a line, "" an empty one, the first line is the heading; a piece is a table, a
# list of remarks or a caution. The Python package makes the same documents.
# SPDX-License-Identifier: GPL-3.0-only

# The document of a result; `whole` is for its summary. NULL where it has none (any more).
document_of <- function(x, whole = FALSE) UseMethod("document_of")

piece <- function(kind, ...) list(structure(list(kind = kind, ...), class = "steelyard_piece"))

# Cells by column, as text; the first columns (`left` of them) are words.
tabled <- function(cells, left = 1L) piece("table", cells = lapply(unclass(cells), as.character), left = as.integer(left))

# A list under its title, nothing where it is empty.
listed <- function(title, items) if (length(items)) piece("list", title = title, items = as.character(items))

caution <- function(line) piece("caution", line = line)

is_piece <- function(x) inherits(x, "steelyard_piece")

# Documents one after another; `apart` by an empty line.
together <- function(documents) do.call(c, unname(documents))
apart <- function(documents) {
  together(Map(function(one, i) c(if (i > 1L) "", one), unname(documents), seq_along(documents)))
}

# Text ------------------------------------------------------------------------

text_of <- function(document) {
  unlist(lapply(document, function(part) if (is_piece(part)) piece_text(part) else part), use.names = FALSE)
}

piece_text <- function(part) {
  switch(part$kind, table = table_text(part$cells, part$left),
         list = c(part$title, paste("-", part$items)), caution = part$line)
}

# Words left-aligned, the others right-aligned, two blanks between.
table_text <- function(cells, left) {
  cells <- Map(function(header, cell) c(header, cell), names(cells), cells)
  widths <- vapply(cells, function(cell) max(nchar(cell, "width")), 1L)
  pad <- function(cell, width, left) {
    blanks <- strrep(" ", width - nchar(cell, "width"))
    if (left) paste0(cell, blanks) else paste0(blanks, cell)
  }
  sub(" +$", "", do.call(paste, c(unname(Map(pad, cells, widths, seq_along(cells) <= left)), sep = "  ")))
}
