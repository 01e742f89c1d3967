# From the core's numbers of a gap to frames, for means and for answers alike.
# SPDX-License-Identifier: GPL-3.0-only

gap_kinds <- c("total", "block", "adjust", "constant", "rest", "term", "level")
gap_statistics <- c("estimate", "std_error", "statistic", "p_value", "low", "high")
gap_threefold <- c("explained", "unexplained", "endowments", "coefficients", "interaction")
gap_of_columns <- c(0L, 2L, 4L) # explained, endowments, interaction: a constant has no columns to differ

# Numbers at places counted from 0; NA where a place is missing.
gap_cell <- function(raw, place, key = "estimate") blank(raw[[key]][place + 1L])

# explained, std.error ... of the first; other parts bear their name before.
gap_four <- function(raw, name, place) {
  before <- if (name == "explained") "" else paste0(name, ".")
  made <- lapply(c("estimate", "std_error", "low", "high"), function(key) gap_cell(raw, place, key))
  structure(made, names = c(name, paste0(before, c("std.error", "conf.low", "conf.high"))))
}

gap_split <- function(raw, explained, unexplained, whole) {
  total <- gap_cell(raw, whole)
  percent <- 100 * gap_cell(raw, explained) / (if (total == 0) NA_real_ else total)
  c(gap_four(raw, "explained", explained), list(percent = percent), gap_four(raw, "unexplained", unexplained))
}

gap_means <- function(raw, first, second, gap) {
  list(first = gap_cell(raw, first), second = gap_cell(raw, second), gap = gap_cell(raw, gap),
       std.error = gap_cell(raw, gap, "std_error"), conf.low = gap_cell(raw, gap, "low"),
       conf.high = gap_cell(raw, gap, "high"))
}

gap_long <- function(raw, words, place) {
  numbers <- lapply(gap_statistics, function(key) gap_cell(raw, place, key))
  names(numbers) <- c("estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high")
  frame(c(words, numbers))
}

# Of means: Oaxaca-Blinder, Kitagawa, Gelbach.
linear_gap_tables <- function(raw, question, options) {
  rows <- raw$rows
  columns <- raw$summary$columns
  kind <- gap_kinds[rows$kind + 1L]
  ends <- length(raw$estimate) - 4L
  whole <- ends + if (options$method == "gelbach") 3L else 2L
  rest <- match("rest", kind)
  place <- function(i, part) {
    at <- if (part < columns) (i - 1L) * columns + part
          else ifelse(part == 1L & kind[i] == "total" & !is.na(rest), (rest - 1L) * columns, NA)
    ifelse(kind[i] == "constant" & part %in% gap_of_columns, NA, at)
  }
  split <- function(i) {
    made <- gap_split(raw, place(i, 0L), place(i, 1L), whole)
    if (options$method != "oaxaca") return(made)
    c(made, structure(lapply(2:4, function(part) gap_cell(raw, place(i, part))), names = gap_threefold[3:5]))
  }
  block <- ifelse(rows$block < 0L, "adjust", question$block[pmax(rows$block, 0L) + 1L])
  term <- gap_terms_of(kind, rows$label)
  detail <- function(which, words) {
    i <- base::which(kind == which)
    frame(c(lapply(words, `[`, i), lapply(rows[5:9], function(column) blank(column[i])), split(i)))
  }
  order <- unlist(lapply(c("block", "adjust", "constant", "total"), function(one) which(kind == one)))
  gap <- gap_means(raw, ends, ends + 1L, ends + 2L)
  if (options$method == "gelbach") gap$base <- gap_cell(raw, ends + 3L)
  list(gap = frame(gap), parts = frame(c(list(block = rows$label[order]), split(order))),
       terms = detail("term", list(block = block, term = term)),
       levels = detail("level", list(block = block, term = term, level = rows$label)),
       references = linear_references(raw, options, length(kind) * columns, whole),
       categories = frame(list(category = character(), block = character())),
       long = linear_long(raw, options, kind, block, term, place, ends))
}

# The term that each line of a term or level is of.
gap_terms_of <- function(kind, label) {
  inside <- kind %in% c("term", "level")
  last <- cummax(ifelse(kind == "term", seq_along(kind), 0L))
  ifelse(inside, label[pmax(last, 1L)], "")
}

linear_references <- function(raw, options, base, whole) {
  names <- c(gap_references, if (!options$reference %in% gap_references) options$reference)
  names <- names[seq_len(raw$summary$references)]
  at <- base + (seq_along(names) - 1L) * 4L
  if (!length(names)) return(frame(list(reference = character())))
  frame(c(list(reference = names), gap_split(raw, at, at + 1L, whole),
          list(first = gap_cell(raw, at + 2L), second = gap_cell(raw, at + 3L))))
}

linear_long <- function(raw, options, kind, block, term, place, ends) {
  parts <- switch(options$method, oaxaca = gap_threefold, kitagawa = "composition", "explained")
  i <- rep(seq_along(kind), each = length(parts))
  c <- rep(seq_along(parts) - 1L, length(kind))
  at <- mapply(place, i, c)
  inside <- kind %in% c("term", "level")
  label <- raw$rows$label
  words <- list(kind = kind[i], block = ifelse(inside, block, label)[i], term = term[i],
                level = ifelse(kind == "level", label, "")[i], part = ifelse(kind[i] == "rest", label[i], parts[c + 1L]))
  known <- !is.na(at)
  rbind(gap_long(raw, lapply(words, `[`, known), at[known]),
        gap_long(raw, list(kind = rep("gap", 3L), block = rep("", 3L), term = rep("", 3L), level = rep("", 3L),
                           part = c("first", "second", "gap")), ends + 0:2))
}

# Of two answers or ordered answers: parts free of the order, and by reference.
answer_gap_tables <- function(raw, question, options) {
  k <- length(question$block)
  s <- raw$summary
  by <- match(options$reference, gap_by[1:4])
  measures <- if (length(raw$outcome_level)) c(question$answers[raw$outcome_level], "mean")
  start <- function(m) (m - 1L) * s$values
  reference <- function(by) 6L + 2L * k + 1L + (by - 1L) * (2L + k)
  rows <- function(m) answer_rows(start(m), k, question$block, if (!is.na(by)) reference(by), s$separate == 1)
  worded <- function(m, columns) {
    if (is.null(measures)) columns
    else c(list(category = rep(measures[m], length(columns[[1L]]))), columns)
  }
  parts <- function(m) {
    one <- rows(m)
    c(list(block = one$block), gap_split(raw, one$explained, one$unexplained, start(m) + 2L))
  }
  every <- function(one) do.call(rbind, lapply(seq_len(s$measures), function(m) frame(worded(m, one(m)))))
  references <- function(m) {
    at <- start(m) + c(3L, reference(1:4))
    c(list(reference = c("order_free", gap_by[1:4])), gap_split(raw, at, at + 1L, start(m) + 2L))
  }
  list(gap = every(function(m) c(gap_means(raw, start(m), start(m) + 1L, start(m) + 2L),
                                 list(fit = gap_cell(raw, start(m) + 5L)))),
       parts = frame(parts(s$measures)), terms = frame(list(block = character(), term = character())),
       levels = frame(list(block = character(), term = character(), level = character())),
       references = every(references),
       categories = if (is.null(measures)) frame(list(category = character(), block = character())) else every(parts),
       long = do.call(rbind, lapply(seq_len(s$measures), function(m) answer_long(raw, rows(m), start(m), function(words)
         worded(m, words)))))
}

# Blocks with the places of their parts.
answer_rows <- function(start, k, block, reference, separate) {
  of <- seq_len(k) - 1L
  if (!is.null(reference)) {
    at <- start + reference
    return(list(block = c(block, "total"), explained = c(at + 2L + of, at), unexplained = c(rep(NA, k), at + 1L)))
  }
  at <- start + 6L
  list(block = c(block, if (separate) "(Intercept)" else "coefficients", "total"),
       explained = c(at + of, NA, start + 3L),
       unexplained = c(if (separate) at + k + of else rep(NA, k), at + 2L * k, start + 4L))
}

answer_long <- function(raw, rows, start, worded) {
  n <- length(rows$block)
  place <- c(rbind(rows$explained, rows$unexplained))
  name <- rep(rows$block, each = 2L)
  special <- c(total = "total", `(Intercept)` = "constant", coefficients = "constant", adjust = "adjust")
  kind <- ifelse(name %in% names(special), special[name], "block")
  known <- !is.na(place)
  first <- list(kind = unname(kind)[known], block = name[known], part = rep(c("explained", "unexplained"), n)[known])
  last <- list(kind = rep("gap", 4L), block = rep("", 4L), part = c("fit", "first", "second", "gap"))
  rbind(gap_long(raw, worded(first), place[known]), gap_long(raw, worded(last), start + c(5L, 0:2)))
}
