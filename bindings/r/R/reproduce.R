# Published findings, recomputed: an interpreter of datasets/published_findings.
# Every row of that table is a recipe; nothing here knows a single finding.
# SPDX-License-Identifier: GPL-3.0-only

#' Published findings beside what comes out here
#'
#' Recomputes the table of published findings from the data that travel with the
#' package, and the answer for the councils of England, and writes the report on them.
#'
#' @param report where the councils' report is written, one HTML page (see \code{\link{report}}). Default a file in the
#'   session's temporary folder; the attribute \code{report} of the result and its print say where.
#' @return A data frame of class \code{steelyard_findings}, one row a finding, with
#'   the columns \code{id}, \code{claim}, \code{finding}, \code{source},
#'   \code{published} (as printed), \code{published_value}, \code{recomputed},
#'   \code{recomputed_text}, \code{tolerance}, \code{status}, \code{note}.
#'   \code{status} is \code{"reproduced"}, \code{"bounded"} (only an inequality was
#'   published, and it holds), \code{"differs"} or \code{"not reproducible"} (no data
#'   are public; none are simulated). It prints as the whole table with the answer
#'   for the councils.
#' @section Errors:
#' \code{steelyard_error_invalid}: never of the findings that travel with the package.
#' @references
#' Each finding is a row of \code{load_dataset("published_findings")} with its own
#' source; the oldest is of 1966.
#' @examples
#' found <- reproduce()
#' table(found$status)
#' @export
reproduce <- function(report = NULL) {
  book <- finding_book(load_dataset("published_findings"))
  # few groups and the like: said in the notes of the findings they concern
  whole <- progress_teller("reproduce", 2)
  on.exit(whole$finish())
  rows <- withCallingHandlers(lapply_told("reproduce", names(book$recipes), function(id) finding_row(id, book = book)),
                              steelyard_warning = function(w) invokeRestart("muffleWarning"))
  found <- do.call(rbind, lapply(rows, as.data.frame))
  answer <- councils_answer(book)
  path <- suppressWarnings(write_councils_report(book, report), classes = "steelyard_warning")
  told_table(found, c(findings_text(found, answer), "", paste("The report on the councils:", path)), class = "findings",
             answer = answer, report = path)
}

# Recipes -----------------------------------------------------------------

finding_book <- function(table) {
  texts <- setdiff(names(table), c("published_value", "published_upper", "tolerance", "digits"))
  table[texts] <- lapply(table[texts], function(x) ifelse(is.na(x), "", as.character(x)))
  book <- new.env(parent = emptyenv())
  book$recipes <- stats::setNames(lapply(seq_len(nrow(table)), function(i) as.list(table[i, ])), table$id)
  book$values <- list()
  book$fits <- list()
  book
}

# "a=b; c=d" as a named list, in order
finding_pairs <- function(text) {
  parts <- strsplit(text, ";", fixed = TRUE)[[1L]]
  at <- regexpr("=", parts, fixed = TRUE)
  stats::setNames(as.list(trimws(substring(parts, at + 1L))), trimws(substr(parts, 1L, at - 1L)))
}

finding_words <- function(text) strsplit(text, " ", fixed = TRUE)[[1L]]

# named blocks as a list, bare terms one block each
finding_blocks <- function(text) {
  if (grepl("=", text, fixed = TRUE)) finding_pairs(text) else strsplit(text, " + ", fixed = TRUE)[[1L]]
}

# the rows that meet every "column = value", "column != value" and "column > number"
finding_rows <- function(data, conditions) {
  for (condition in trimws(strsplit(conditions, ";", fixed = TRUE)[[1L]])) {
    if (grepl(">", condition, fixed = TRUE)) {
      part <- trimws(strsplit(condition, ">", fixed = TRUE)[[1L]])
      data <- data[data[[part[1L]]] > as.numeric(part[2L]) & !is.na(data[[part[1L]]]), , drop = FALSE]
      next
    }
    unequal <- grepl("!=", condition, fixed = TRUE)
    part <- trimws(strsplit(condition, if (unequal) "!=" else "=", fixed = TRUE)[[1L]])
    data <- data[(as.character(data[[part[1L]]]) == part[2L]) != unequal, , drop = FALSE]
  }
  rownames(data) <- NULL
  data
}

finding_number <- function(value, digits) formatC(value, format = "f", digits = digits, big.mark = ",")

finding_value <- function(book, id) {
  if (is.null(book$values[[id]])) {
    recipe <- book$recipes[[id]]
    work <- finding_operations()[[if (nzchar(recipe$operation)) recipe$operation else "none"]]
    book$values[[id]] <- work(book, recipe)
  }
  book$values[[id]]
}

finding_fit <- function(book, data, rows, outcome, blocks, interval = "none") {
  key <- paste(data, rows, outcome, blocks, interval, sep = "|")
  if (is.null(book$fits[[key]]))
    book$fits[[key]] <- shares(finding_rows(load_dataset(data), rows), finding_words(outcome),
                               finding_blocks(blocks), interval = interval)
  book$fits[[key]]
}

recipe_fit <- function(book, recipe, interval = "none") {
  finding_fit(book, recipe$data, recipe$rows, recipe$outcome, recipe$blocks, interval)
}

finding_row <- function(id, book) {
  recipe <- book$recipes[[id]]
  values <- finding_value(book, id)
  shown <- paste(finding_number(values, recipe$digits), collapse = " to ")
  note <- paste(Filter(nzchar, c(recipe$reason, recipe$note)), collapse = " ")
  status <- finding_status(recipe, values)
  missing <- status == "not reproducible"
  unit <- if (nzchar(recipe$unit) && !missing) paste0(" (", recipe$unit, ")") else ""
  list(id = id, claim = recipe$claim, finding = paste0(recipe$finding, unit), source = recipe$source,
       published = recipe$published, published_value = recipe$published_value,
       recomputed = if (missing) NA_real_ else values[1L], recomputed_text = if (missing) "" else shown,
       tolerance = recipe$tolerance, status = status,
       note = gsub("{recomputed}", shown, note, fixed = TRUE))
}

finding_status <- function(recipe, values) {
  if (nzchar(recipe$reason)) return("not reproducible")
  published <- recipe$published_value
  if (recipe$relation == "at_most") return(if (max(values) <= published) "bounded" else "differs")
  agrees <- if (recipe$relation == "sign") all(values * published > 0) else {
    upper <- if (recipe$relation == "range") recipe$published_upper else published
    # a hair beyond half a unit of the last digit: decimal ties in binary
    slack <- sum(recipe$tolerance, 1e-12, na.rm = TRUE)
    all(published - slack <= values & values <= upper + slack)
  }
  if (agrees) "reproduced" else "differs"
}

# Operations --------------------------------------------------------------

finding_metric <- function(result, block, metric) {
  if (metric == "total") return(as.numeric(result$total))
  blocks <- result$blocks
  as.numeric(blocks[[metric]][blocks$block == block])
}

finding_operand <- function(book, recipe, text) {
  values <- vapply(strsplit(text, " - ", fixed = TRUE)[[1L]], finding_cell, 0, book = book, recipe = recipe)
  if (length(values) == 1L) values[[1L]] else values[[1L]] - values[[2L]]
}

finding_cell <- function(text, book, recipe) {
  if (startsWith(text, "@")) return(finding_value(book, substring(text, 2L))[1L])
  part <- strsplit(text, ":", fixed = TRUE)[[1L]]
  data <- load_dataset(recipe$data)
  as.numeric(data[[part[2L]]][data[[1L]] == part[1L]])
}

finding_quotient <- function(book, recipe) {
  extra <- finding_pairs(recipe$extra)
  value <- finding_operand(book, recipe, extra$top) / finding_operand(book, recipe, extra$bottom)
  if (is.null(extra$over)) value else value / as.numeric(extra$over)
}

finding_range <- function(book, recipe) {
  of <- substring(finding_words(finding_pairs(recipe$extra)$of), 2L)
  range(unlist(lapply(of, finding_value, book = book)))
}

finding_compared <- function(book, recipe) {
  extra <- finding_pairs(recipe$extra)
  compare_shares(recipe_fit(book, recipe, "auto"), extra$first, extra$second)
}

finding_upper <- function(book, recipe) {
  extra <- finding_pairs(recipe$extra)
  fit <- recipe_fit(book, recipe, extra$interval)
  at_most(fit, recipe$block, as.numeric(extra$bound), metric = recipe$metric)$upper
}

finding_correlation <- function(book, recipe) {
  data <- load_dataset(recipe$data)
  r <- as.matrix(data[data[[1L]]])
  dimnames(r) <- list(data[[1L]], data[[1L]])
  made <- moments_from_correlation(r, n = as.numeric(finding_pairs(recipe$extra)$n))
  fit <- shares(made, recipe$outcome, finding_blocks(recipe$blocks), interval = "none")
  finding_metric(fit, recipe$block, recipe$metric)
}

# from the spread of a sum and a difference, which describe() measures
finding_covariance <- function(data, a, b) {
  both <- data.frame(sum = data[[a]] + data[[b]], difference = data[[a]] - data[[b]])
  sd <- describe(both, c("sum", "difference"))$sd
  (sd[1L]^2 - sd[2L]^2) / 4
}

finding_slope <- function(book, recipe) {
  data <- finding_rows(load_dataset(recipe$data), recipe$rows)
  covariance <- function(a, b) finding_covariance(data, a, b)
  y <- recipe$outcome
  x <- recipe$block
  z <- recipe$adjust
  xx <- covariance(x, x)
  xy <- covariance(x, y)
  if (!nzchar(z)) return(xy / xx)
  zz <- covariance(z, z)
  xz <- covariance(x, z)
  zy <- covariance(z, y)
  (xy * zz - zy * xz) / (xx * zz - xz * xz)
}

finding_operations <- function() {
  one <- function(book, recipe) finding_metric(recipe_fit(book, recipe), recipe$block, recipe$metric)
  list(
    none = function(book, recipe) numeric(),
    quotient = finding_quotient, range = finding_range, metric = one,
    largest = function(book, recipe) max(one(book, recipe)),
    largest_upper = finding_upper,
    count_positive = function(book, recipe) sum(finding_compared(book, recipe)$estimate > 0),
    count_above_zero = function(book, recipe) sum(finding_compared(book, recipe)$conf.low > 0),
    correlation_metric = finding_correlation, slope = finding_slope, coefficient = finding_coefficient,
    fit_value = finding_fit_value, fitted_metric = finding_fitted_metric, call = finding_call,
    shares_call = finding_shares_call
  )
}

# The answer for the councils ---------------------------------------------

councils_answer <- function(book) {
  recipe <- book$recipes[["councils_alone"]]
  outcomes <- finding_words(recipe$outcome)
  council <- telling_council(outcomes, finding_pairs(recipe$blocks)$funding)
  of <- c("users", "carers", "included", "delivery")
  count <- function(kind) vapply(paste0(kind, "_", of), finding_value, 0, book = book, USE.NAMES = FALSE)
  list(range = finding_value(book, "process_range"),
       sources = data.frame(key = paste0("source.positive_", of), positive = count("positive"),
                            above = count("above")),
       shares = council_shares(recipe_fit(book, recipe, "auto"), outcomes),
       largest = largest_alone(book, "", recipe), council = council,
       leave = largest_alone(book, paste("council !=", council), recipe))
}

council_shares <- function(fit, outcomes) {
  pick <- function(block, column) {
    of <- fit$blocks[fit$blocks$block == block, ]
    of[[column]][match(outcomes, of$outcome)]
  }
  three <- function(block) cbind(pick(block, "share"), pick(block, "conf.low"), pick(block, "conf.high"))
  list(outcome = outcomes, total = as.numeric(fit$total), funding = three("funding"),
       process = three("process"), alone = pick("funding", "alone"))
}

# the largest R2 of funding alone with two upper limits and the answer to the claim
largest_alone <- function(book, rows, recipe) {
  fit <- function(kind) finding_fit(book, recipe$data, rows, recipe$outcome, recipe$blocks, kind)
  said <- lapply(c(auto = "auto", normal = "normal"),
                 function(kind) at_most(fit(kind), "funding", 0.07, metric = "alone"))
  values <- finding_metric(fit("auto"), "funding", "alone")
  list(value = max(values), outcome = finding_words(recipe$outcome)[which.max(values)],
       upper = said$auto$upper, normal = said$normal$upper, answer = said$auto$answer)
}

# the council without which the largest R2 of funding alone moves most
telling_council <- function(outcomes, funding) {
  data <- load_dataset("councils_2018_19")
  largest <- function(frame)
    max(shares(frame, outcomes, list(funding = funding), interval = "none", bounds = FALSE)$total)
  whole <- largest(data)
  moved <- vapply(seq_len(nrow(data)), function(i) abs(largest(data[-i, ]) - whole), 0)
  data$council[which.max(moved)]
}
