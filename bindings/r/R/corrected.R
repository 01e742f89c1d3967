# Shares corrected for errors of measurement.
# SPDX-License-Identifier: GPL-3.0-only

#' Shares corrected for errors of measurement
#'
#' The same shares from moments without the errors of measurement in their columns.
#'
#' @details
#' Shares of M - E, the moments less those of the errors (Fuller 1987). Limits are made as for
#' the shares themselves, over clusters or rows that are left out in turn, with the
#' reliabilities taken as known; shares of more than 1,000 rows without clusters need
#' \code{interval = "jackknife"} for that. Errors on process alone favour process: see also
#' the remark.
#'
#' @param s a result of \code{\link{shares}}.
#' @param reliability named numbers above 0, at most 1: the part of a column's variance that is
#'   not error, such as \code{c(easy_information = 0.8)}; the outcome may be named. Errors of two
#'   columns then have nothing in common.
#' @param error_covariance instead: a square matrix of variances and covariances of the errors in
#'   the columns' own units, with names of rows and columns.
#' @return \code{corrected_shares}: a result as that of \code{\link{shares}}. \code{correction}: a data frame
#'   with \code{block} (the total is called \code{(total)}), \code{uncorrected}, \code{corrected}, \code{change}.
#'   \code{measurement_errors}: a data frame with \code{term}, \code{reliability}, \code{lowest} (the least it
#'   may be with the others as stated). \code{outcome} comes first when there are several.
#' @section Errors:
#' \code{steelyard_error_invalid}: a reliability outside (0, 1], a term that is not in the question,
#' a factor, a product of columns beside one of them, fixed effects. \code{steelyard_error_data}: so
#' much error that the matrix is not definite; the limit is named.
#' @references
#' Fuller, W. A. (1987). \emph{Measurement Error Models}. Wiley. \doi{10.1002/9780470316665}
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' s <- shares(councils, "control", c(funding = "spend_per_adult_gbp", process = "easy_information"))
#' k <- corrected_shares(s, c(easy_information = 0.8))
#' correction(k)
#' measurement_errors(k)
#' @export
corrected_shares <- function(s, reliability = NULL, error_covariance = NULL) {
  check_shares(s)
  known <- read_errors(reliability, error_covariance)
  parts <- lapply_told("corrected shares", s$parts, function(part)
    correct_part(s, part, own_errors(known, part, s$outcomes)))
  result <- new_shares(unname(parts), NULL, s$options, s$provenance$missing)
  warn_of(result$remarks)
  result
}

#' @rdname corrected_shares
#' @export
correction <- function(s) {
  check_corrected(s)
  stack_frames(lapply(s$parts, correction_frame), length(s$parts) > 1L)
}

#' @rdname corrected_shares
#' @export
measurement_errors <- function(s) {
  check_corrected(s)
  stack_frames(lapply(s$parts, function(part) part$corrected$errors), length(s$parts) > 1L)
}

check_corrected <- function(s) {
  check_shares(s)
  if (is.null(s$parts[[1L]]$corrected))
    invalid("corrected: these shares were not corrected; use corrected_shares(s, reliability) first")
}

# list(terms, reliability or NULL, covariance or NULL)
read_errors <- function(reliability, covariance) {
  if (is.null(reliability) == is.null(covariance))
    invalid("reliability: give either reliability or error_covariance")
  if (is.null(covariance)) {
    reliability <- unlist(reliability)
    if (!is.numeric(reliability) || !length(reliability) || is.null(names(reliability)))
      invalid("reliability: named numbers are needed, such as c(easy_information = 0.8)")
    return(list(terms = names(reliability), reliability = unname(as.double(reliability)), covariance = NULL,
                argument = "reliability"))
  }
  covariance <- as.matrix(covariance)
  terms <- colnames(covariance)
  if (!is.numeric(covariance) || is.null(terms) || nrow(covariance) != ncol(covariance))
    invalid("error_covariance: a square matrix with names is needed")
  if (!is.null(rownames(covariance)) && !identical(rownames(covariance), terms))
    invalid("error_covariance: rows and columns must have the same names")
  list(terms = terms, reliability = NULL, covariance = as.double(covariance), argument = "error_covariance")
}

# What is given without the other outcomes.
own_errors <- function(known, part, outcomes) {
  kept <- which(known$terms == part$outcome | !known$terms %in% outcomes)
  if (length(kept) == length(known$terms)) return(known)
  size <- length(known$terms)
  if (!is.null(known$covariance)) known$covariance <- as.double(matrix(known$covariance, size)[kept, kept])
  known$reliability <- known$reliability[kept]
  known$terms <- known$terms[kept]
  known
}

# The part asked again of corrected moments; it keeps the answer as measured.
correct_part <- function(s, part, known) {
  blob <- blob_of(s, part, "corrected")
  if (!is.null(part$corrected))
    invalid("corrected: these shares are corrected already; start from those as measured")
  at <- settle(.Call(C_find_term, blob, known$argument, known$terms))
  made <- settle(.Call(C_corrected, blob, part$asked, at, known$reliability, known$covariance))
  m <- new_moments(made)
  options <- s$options
  if (m$unit == "none") options$interval <- "none"
  after <- ask_again(part, m, options)
  kept <- part_remarks(part)
  kept <- kept[kept$code %in% c("rows_dropped", "few_clusters"), ]
  both <- frame(Map(c, kept, m$remarks))
  after$m$remarks <- frame(lapply(both, `[`, !duplicated(both)))
  after$corrected <- list(errors = frame(list(term = known$terms, reliability = made$reliability,
                                              lowest = made$lowest)), multiple = made$multiple,
                          total = part$summary$total, share = block_shares(part))
  after
}

block_shares <- function(part) part$estimate[(seq_along(part$block) - 1L) * length(metric_names) + 1L]

# The core's tables of the same question over other moments; nothing is predicted from them.
ask_again <- function(part, m, options) {
  wanted <- list(match(options$bounds, c("auto", "no", "yes")) - 1L, 0L, match(options$interval, interval_names) - 1L,
                 options$level, options$replicates, options$seed, 60,
                 match(options$method, c("auto", "exact", "sampled")) - 1L, options$tolerance, options$permutations)
  progress <- progress_teller("shares")
  on.exit(progress$finish())
  raw <- settle(.Call(C_shares, m$blob, NULL, part$asked, wanted, NULL, progress$tell))
  c(raw, part[c("measure", "outcome", "block", "term", "of", "terms", "adjust", "order", "asked")],
    list(blob = m$blob, m = facts(m)))
}

correction_frame <- function(part) {
  before <- c(part$corrected$total, part$corrected$share)
  after <- c(part$summary$total, block_shares(part))
  frame(list(block = c("(total)", part$block), uncorrected = before, corrected = after, change = after - before))
}

corrected_lines <- function(part, more = 0L) {
  if (is.null(part$corrected)) return(NULL)
  change <- correction_frame(part)
  c(plain_line("Corrected for errors of measurement:"), "",
    tabled(c(list(block = change$block), lapply(list(
      `as measured` = change$uncorrected, corrected = change$corrected, change = change$change), point, errors_of(part), more)),
      caption = sprintf("Shares for %s as measured and corrected", part$outcome)), "")
}

#' Simulation extrapolation of shares
#'
#' A check of \code{\link{corrected_shares}}: more error of measurement is added and the shares
#' are extrapolated to none (Cook and Stefanski 1994).
#'
#' @param s,reliability,error_covariance as for \code{\link{corrected_shares}}.
#' @param lambdas three numbers or more, rising from above 0: how many times the error is added.
#' @param replicates 0: the moments that the mean of ever more replicates comes to when errors are
#'   normal, M + lambda E; there is nothing to simulate then. Else normal errors are drawn so many
#'   times, which adds their sampling noise.
#' @param seed of the draws.
#' @return A data frame of class \code{steelyard_simex}, one row a block, then the terms, then
#'   \code{(total)}: \code{outcome} when there are several, \code{block}, \code{term}, \code{measured},
#'   \code{quadratic}, \code{rational} (a + b / (c + lambda); \code{NA} where that has no such limit),
#'   \code{corrected}; attribute \code{added} has the shares at each \code{lambda} with their Monte Carlo error.
#' @references
#' Cook, J. R. and Stefanski, L. A. (1994). Simulation-extrapolation estimation in parametric
#' measurement error models. \emph{Journal of the American Statistical Association} 89, 1314-1328.
#' \doi{10.1080/01621459.1994.10476871}
#' @section Errors:
#' \code{steelyard_error_invalid}: reliabilities outside 0 to 1 or of terms that are
#' not there, a lambda of 0 or less.
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' s <- shares(councils, "control", c(funding = "spend_per_adult_gbp", process = "easy_information"))
#' simex_shares(s, c(easy_information = 0.8))
#' @export
simex_shares <- function(s, reliability = NULL, error_covariance = NULL, lambdas = c(0.5, 1, 1.5, 2), replicates = 0,
                         seed = 1) {
  check_shares(s)
  known <- read_errors(reliability, error_covariance)
  if (!is.numeric(lambdas)) invalid("lambdas: numbers are needed")
  options <- list(as.double(lambdas), as.integer(whole("replicates", replicates, 0L, 1e6)),
                  whole("seed", seed, 0L, 2^53))
  answers <- lapply_told("simulation extrapolation", s$parts, function(part)
    simex_part(s, part, own_errors(known, part, s$outcomes), options))
  several <- length(answers) > 1L
  out <- stack_frames(lapply(answers, `[[`, "table"), several)
  told_table(out, simex_lines(s$parts, answers, options), class = "simex",
             added = stack_frames(lapply(answers, `[[`, "added"), several))
}

simex_part <- function(s, part, known, options) {
  blob <- blob_of(s, part, "simex")
  at <- settle(.Call(C_find_term, blob, known$argument, known$terms))
  progress <- progress_teller("simulation extrapolation")
  on.exit(progress$finish())
  raw <- settle(.Call(C_simex, blob, part$asked, list(at, known$reliability, known$covariance), options, NULL,
                      progress$tell))
  labels <- list(block = c(part$block, part$of, "(total)"), term = c(rep("", length(part$block)), part$term, ""))
  points <- options[[1L]]
  list(table = frame(c(labels, lapply(raw[c("measured", "quadratic", "rational", "corrected")], blank))),
       added = frame(c(lapply(labels, rep, times = length(points)),
                       list(lambda = rep(points, each = length(labels$block)), share = raw$added,
                            mc_error = raw$mc_error))),
       remarks = remarks_frame(raw$remarks))
}

simex_lines <- function(parts, answers, options) {
  sections <- Map(function(part, answer) {
    rows <- answer$table[answer$table$term == "", ]
    what <- sprintf("Shares of R2 for %s extrapolated to no error of measurement", part$outcome)
    errors <- errors_of(part)
    c(headed(what), "",
      tabled(c(list(block = rows$block), lapply(list(measured = rows$measured, quadratic = rows$quadratic,
                                                     rational = rows$rational, exact = rows$corrected), point,
                                                c(errors[-1L], errors[1L]))), caption = what), "")
  }, unname(parts), unname(answers))
  remarks <- unique(unlist(lapply(answers, function(answer) remark_lines(answer$remarks)), use.names = FALSE))
  c(together(sections),
    if (options[[2L]] > 0L) sprintf("Errors added: %.0f draws, seed %.0f.", options[[2L]], options[[3L]])
    else "Errors added: expected moments of normal errors, no draws.",
    "exact: the moments less the errors, as corrected() takes them.", listed(NULL, remarks))
}
