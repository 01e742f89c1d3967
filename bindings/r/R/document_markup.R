# Documents as Markdown with pipe tables, and as LaTeX with the rules of booktabs.
# SPDX-License-Identifier: GPL-3.0-only

# Text without meaning for Markdown.
marked <- function(text) {
  text <- gsub("([]\\\\`*_[<>|#~$^])", "\\\\\\1", text, perl = TRUE)
  text <- sub("^(\\s*)([-+])(?=\\s)", "\\1\\\\\\2", text, perl = TRUE)
  sub("^(\\s*[0-9]+)([.)])(?=\\s)", "\\1\\\\\\2", text, perl = TRUE)
}

markdown_of <- function(document) paste0(paste(rendered(document, markdown_writers), collapse = "\n\n"), "\n")

markdown_list <- function(part) {
  paste0(if (!is.null(part$title)) paste0(marked(part$title), "\n\n"),
         paste0("- ", marked(part$items), collapse = "\n"))
}

markdown_table <- function(part) {
  columns <- Map(function(header, cell) marked(c(header, cell)), headers_of(part), part$cells)
  widths <- vapply(columns, function(column) max(4L, nchar(column, "chars")), 1L)
  rule <- ifelse(part$words, paste0(":", strrep("-", widths - 1L)), paste0(strrep("-", widths - 1L), ":"))
  columns <- Map(function(column, width, word, rule) {
    column <- aligned(column, width, word, "chars")
    c(column[1L], rule, column[-1L])
  }, columns, widths, part$words, rule)
  lines <- paste0("| ", do.call(paste, c(unname(columns), sep = " | ")), " |")
  paste0("Table: ", marked(part$caption), "\n\n", paste(lines, collapse = "\n"))
}

markdown_writers <- list(heading = function(line) paste0("**", marked(line), "**"), line = marked,
                         caution = function(line) paste0("*", marked(line), "*"), list = markdown_list,
                         table = markdown_table)

tex_signs <- c("\\" = "\\textbackslash{}", "{" = "\\{", "}" = "\\}", "&" = "\\&", "%" = "\\%", "$" = "\\$", "#" = "\\#",
               "_" = "\\_", "~" = "\\textasciitilde{}", "^" = "\\textasciicircum{}", "<" = "\\textless{}",
               ">" = "\\textgreater{}", "|" = "\\textbar{}")

# Sign by sign, because what replaces one holds others.
tex_text <- function(text) {
  vapply(strsplit(text, ""), function(letters) {
    special <- letters %in% names(tex_signs)
    letters[special] <- tex_signs[letters[special]]
    paste(letters, collapse = "")
  }, "", USE.NAMES = FALSE)
}

# The minus of a number is a minus.
tex_cell <- function(cell) {
  ifelse(grepl("^-[0-9.i]", cell), paste0("$-$", tex_text(substring(cell, 2L))), tex_text(cell))
}

latex_of <- function(document) paste0(paste(rendered(document, latex_writers), collapse = "\n\n"), "\n")

latex_list <- function(part) {
  paste0(if (!is.null(part$title)) paste0(tex_text(part$title), "\n"), "\\begin{itemize}\n",
         paste0("\\item ", tex_text(part$items), "\n", collapse = ""), "\\end{itemize}")
}

latex_table <- function(part) {
  row <- function(cells) paste(paste(cells, collapse = " & "), "\\\\")
  body <- apply(matrix(tex_cell(rows_of_cells(part)), ncol = length(part$cells)), 1L, row)
  paste(c("\\begin{table}", "\\centering", paste0("\\caption{", tex_text(part$caption), "}"),
          paste0("\\begin{tabular}{", paste(ifelse(part$words, "l", "r"), collapse = ""), "}"),
          "\\toprule", row(tex_text(headers_of(part))), "\\midrule", body, "\\bottomrule", "\\end{tabular}",
          "\\end{table}"), collapse = "\n")
}

latex_writers <- list(heading = function(line) paste0("\\textbf{", tex_text(line), "}"), line = tex_text,
                      caution = function(line) paste0("\\emph{", tex_text(line), "}"), list = latex_list,
                      table = latex_table)
