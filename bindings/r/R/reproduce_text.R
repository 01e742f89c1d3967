# How the table of findings reads: the same text as in Python.
# SPDX-License-Identifier: GPL-3.0-only

findings_width <- 100L
findings_columns <- c(16L, 40L, 14L, 10L, 10L) # status, finding, published, recomputed, tolerance
findings_statuses <- c("reproduced", "bounded", "differs", "not reproducible")

findings_phrases <- function() {
  table <- read_table_of("published_findings", "texts.csv")
  stats::setNames(table$text, table$key)
}

# lines of at most `width` characters, broken at blanks
wrap_words <- function(text, width) {
  lines <- character()
  line <- ""
  for (word in if (nzchar(text)) finding_words(text) else "") {
    if (nzchar(line) && nchar(line) + 1L + nchar(word) > width) {
      lines <- c(lines, line)
      line <- word
    } else {
      line <- if (nzchar(line)) paste(line, word) else word
    }
  }
  c(lines, line)
}

plain_tolerance <- function(value) {
  if (is.na(value)) "" else sub("\\.$", "", sub("0+$", "", sprintf("%.7f", value)))
}

# one row of a table: every cell wrapped, the columns side by side
table_cells <- function(texts, widths) {
  wrapped <- Map(wrap_words, texts, widths)
  rows <- seq_len(max(lengths(wrapped)))
  columns <- Map(function(lines, width) formatC(ifelse(is.na(lines[rows]), "", lines[rows]), width = -width),
                 wrapped, widths)
  sub(" +$", "", do.call(paste, c(unname(columns), sep = "  ")))
}

indented <- function(text, indent) {
  paste0(strrep(" ", indent), wrap_words(text, findings_width - indent))
}

findings_counts <- function(found) {
  of <- vapply(findings_statuses, function(s) paste(sum(found$status == s), s), "")
  paste0(nrow(found), " findings: ", paste(of, collapse = ", "))
}

findings_text <- function(found, answer) {
  say <- findings_phrases()
  lines <- c(say[["title"]], findings_counts(found),
             sprintf("  %-18s%s", paste0(findings_statuses, ":"), say[paste0("status.", findings_statuses)]))
  for (claim in unique(found$claim))
    lines <- c(lines, "", claim_text(found[found$claim == claim, ], say[[paste0("claim.", claim)]]))
  unname(c(lines, "", answer_text(answer, say)))
}

claim_text <- function(rows, title) {
  lines <- c(title, table_cells(c("", "", "published", "recomputed", "tolerance"), findings_columns),
             strrep("-", findings_width))
  source <- ""
  for (i in seq_len(nrow(rows))) {
    row <- rows[i, ]
    if (row$source != source) lines <- c(lines, indented(paste0("from: ", row$source), 2L))
    source <- row$source
    lines <- c(lines, table_cells(c(row$status, row$finding, row$published, row$recomputed_text,
                                    plain_tolerance(row$tolerance)), findings_columns))
    if (nzchar(row$note)) lines <- c(lines, indented(row$note, 20L))
  }
  lines
}

fill_in <- function(text, values) {
  for (name in names(values)) text <- gsub(paste0("{", name, "}"), values[[name]], text, fixed = TRUE)
  text
}

largest_words <- function(part) {
  list(largest = sprintf("%.4f", part$value), outcome = gsub("_", " ", part$outcome),
       upper = sprintf("%.4f", part$upper), normal = sprintf("%.4f", part$normal), answer = part$answer)
}

share_cells <- function(shares) {
  interval <- function(three) sprintf("%.4f [%.4f, %.4f]", three[, 1L], three[, 2L], three[, 3L])
  list(outcome = gsub("_", " ", shares$outcome), total = sprintf("%.4f", shares$total), funding = interval(shares$funding),
       process = interval(shares$process), `funding alone` = sprintf("%.4f", shares$alone))
}

source_cells <- function(sources, say) {
  list(`source of the process measure` = unname(say[sources$key]), `share above funding` = paste(sources$positive, "of 7"),
       `interval above zero` = paste(sources$above, "of 7"))
}

wrapped_cells <- function(cells, widths) {
  rows <- rbind(names(cells), do.call(cbind, unname(cells)))
  unlist(apply(rows, 1L, table_cells, widths, simplify = FALSE))
}

caution_lines <- function(say) {
  wrapped <- lapply(say[startsWith(names(say), "caution.")], wrap_words, findings_width - 2L)
  unlist(lapply(wrapped, function(lines) paste0(c("- ", rep("  ", length(lines) - 1L)), lines)))
}

# The sentences on the range, the largest share and the council left out.
answer_sentences <- function(answer, say) {
  leave <- c(list(council = answer$council), largest_words(answer$leave))
  c(range = fill_in(say[["answer.range"]], list(low = answer$range[1L], high = answer$range[2L])),
    largest = fill_in(say[["answer.largest"]], largest_words(answer$largest)),
    leave = fill_in(say[["answer.leave"]], leave))
}

answer_text <- function(answer, say) {
  wrapped <- function(text) wrap_words(text, findings_width)
  sentences <- answer_sentences(answer, say)
  c(say[["answer.title"]], strrep("=", findings_width), wrapped(say[["answer.question"]]), "", wrapped(sentences[["range"]]),
    wrapped_cells(source_cells(answer$sources, say), c(48L, 20L, 20L)), "", wrapped(say[["answer.shares"]]), wrapped_cells(share_cells(answer$shares), c(25L, 6L, 23L, 23L, 13L)),
    "", wrapped(sentences[["largest"]]),
    "", wrapped(sentences[["leave"]]),
    "", say[["cautions.title"]], caution_lines(say), "", wrapped(say[["attribution"]]))
}

# The same as tables, for pages: a table for each claim and source.
shown_document.steelyard_findings <- function(x) {
  answer <- attr(x, "answer")
  if (is.null(answer) || is.null(document_of(x))) return(NextMethod())
  say <- findings_phrases()
  sentences <- answer_sentences(answer, say)
  groups <- split(seq_len(nrow(x)), factor(paste(x$claim, x$source, sep = "\r"), unique(paste(x$claim, x$source, sep = "\r"))))
  c(headed(say[["title"]]), findings_counts(x),
    listed(NULL, sprintf("%s: %s", findings_statuses, say[paste0("status.", findings_statuses)])),
    together(lapply(groups, function(rows) claim_table(lapply(unclass(x), `[`, rows), say))),
    headed(say[["answer.title"]]), say[["answer.question"]], sentences[["range"]],
    tabled(source_cells(answer$sources, say), caption = "How often the share of process is above that of funding"),
    say[["answer.shares"]], tabled(share_cells(answer$shares), caption = "Shares of the explained parts, with 95 % limits"),
    sentences[["largest"]], sentences[["leave"]],
    listed(say[["cautions.title"]], say[startsWith(names(say), "caution.")]), say[["attribution"]])
}

claim_table <- function(rows, say) {
  tabled(list(finding = ifelse(nzchar(rows$note), paste0(rows$finding, " (", rows$note, ")"), rows$finding),
              status = rows$status, published = rows$published, recomputed = rows$recomputed_text,
              tolerance = vapply(rows$tolerance, plain_tolerance, "")), 2L,
         sprintf("%s (from %s)", say[[paste0("claim.", rows$claim[1L])]], rows$source[1L]))
}
