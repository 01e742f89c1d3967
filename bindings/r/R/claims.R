# Claims "at most": of a share, over outcomes, over all orders, over several results.
# SPDX-License-Identifier: GPL-3.0-only

claims <- c(share = "the share of %s is at most %s", alone = "%s alone explains at most %s",
            unique = "%s adds at most %s to all the others", adjusted = "the adjusted share of %s is at most %s",
            highest = "%s adds at most %s to any set of the others")

#' Is a share at most so large?
#'
#' Answers a claim such as "funding explains at most 7 per cent of the variance":
#' supported when the upper one-sided limit is below the bound, contradicted when
#' the lower one is above it, else undecided. With several outcomes, and with several
#' results, the claim is about the largest: the upper limit is the largest of theirs
#' (intersection-union), the lower one the largest at a level corrected for their
#' number.
#'
#' @param s a result of \code{\link{shares}} with an interval, or a list of several that
#'   have the block, such as with funding as a level, as a logarithm and as a rank.
#' @param block the name of a block (or term).
#' @param bound the claim's bound, a part of 1.
#' @param metric must be said: \code{"share"}, \code{"alone"}, \code{"unique"},
#'   \code{"adjusted"} or \code{"highest"}, the most that the block adds to any set of
#'   the other blocks (up to 11), each with its error by leaving out one unit at a time;
#'   published claims rarely say which.
#' @param of \code{"all variance"}, or \code{"explained variance"} (with
#'   \code{metric = "share"}): the share as a part of the total.
#' @param level one-sided.
#' @return An object of class \code{steelyard_at_most}, a list: \code{answer}
#'   (\code{"supported"}, \code{"contradicted"} or \code{"undecided"}),
#'   \code{block}, \code{metric}, \code{of}, \code{bound}, \code{level},
#'   \code{upper}, \code{lower} and \code{outcomes}, a data frame with each
#'   outcome's estimate and one-sided limits (with several results \code{result}, its
#'   name or number, comes first). It prints as one sentence.
#' @references
#' Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance
#' sampling. \emph{Technometrics} 24, 295-300. \doi{10.1080/00401706.1982.10487790}
#' @section Errors:
#' \code{steelyard_error_invalid}: no such block, no metric (there is no default), a
#' result without standard errors, \code{"explained variance"} with another metric than
#' the share.
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' at_most(s, "Agriculture", 0.2, metric = "share")
#' at_most(s, "Agriculture", 0.5, metric = "highest")
#' logs <- shares(swiss, "Fertility",
#'                list(Education = ~ Education, Catholic = ~ Catholic,
#'                     Agriculture = ~ log(Agriculture)))
#' at_most(list(level = s, log = logs), "Agriculture", 0.2, metric = "share")
#' @export
at_most <- function(s, block, bound, metric = NULL, of = "all variance", level = 0.95) {
  named <- results_of(s)
  if (length(metric) != 1L || !metric %in% names(claims))
    invalid("metric: say which: \"share\", \"alone\", \"unique\", \"adjusted\" or \"highest\"")
  of <- choice("of", of, c("all variance", "explained variance"))
  if (of == "explained variance" && metric != "share")
    invalid("of: \"explained variance\" goes with metric = \"share\" only")
  bound <- number("bound", bound)
  if (bound < 0 || bound > 1) invalid("bound = %g: a part of the variance lies between 0 and 1", bound)
  level <- number("level", level)
  measures <- unique(unlist(lapply(named, `[[`, "measure"), use.names = FALSE))
  if (length(measures) > 1L)
    invalid("s: the results are shares of %s; a claim is about one measure",
            paste(measure_texts[measures], collapse = " and of "))
  quantities <- unlist(lapply(unname(named), function(one) lapply(unname(one$parts), claimed, one, block, metric, of)),
                       recursive = FALSE)
  kinds <- vapply(quantities, function(q) paste(is.null(q$drawn), q$normal), "")
  if (length(unique(kinds)) > 1L)
    invalid("s: the results have limits of different kinds; ask shares() for one interval in all")
  whole <- judge(quantities, bound, level)
  each <- lapply(quantities, function(q) judge(list(q), bound, level))
  outcomes <- list(outcome = unlist(lapply(unname(named), `[[`, "outcomes"), use.names = FALSE),
                   estimate = vapply(quantities, function(q) max(q$estimate), 0),
                   upper = vapply(each, `[`, 0, 2L), lower = vapply(each, `[`, 0, 3L))
  if (length(named) > 1L)
    outcomes <- c(list(result = rep(names(named), lengths(lapply(named, `[[`, "outcomes")))), outcomes)
  structure(class = c("steelyard_at_most", "steelyard_result"), list(
    answer = answer_word(whole[1L]), block = block, metric = metric, of = of, measure = measures, bound = bound, level = level,
    upper = whole[2L], lower = whole[3L], outcomes = frame(outcomes)))
}

# The results by name or number.
results_of <- function(s) {
  if (inherits(s, "steelyard_shares")) return(list(s))
  fine <- is.list(s) && length(s) && all(vapply(s, inherits, NA, "steelyard_shares"))
  if (!fine) invalid("s: a result of shares(), or several in a list, are needed")
  if (is.null(names(s))) names(s) <- as.character(seq_along(s))
  s
}

answer_word <- function(code) c("contradicted", "undecided", "supported")[code + 2]

# One answer's quantities: estimates, their standard errors on their scale, df, replicates.
claimed <- function(part, s, block, metric, of) {
  need_limits(part)
  row <- place("block", block, row_names_of(part))
  if (metric == "highest") return(increments(part, s, row))
  explained <- of == "explained variance"
  column <- if (explained) 2L else match(metric, metric_names)
  unit <- if (explained) 100 else 1
  at <- (row - 1) * length(metric_names) + column
  list(estimate = part$estimate[at] / unit, error = part$std_error_scaled[at] / unit, df = part$summary$df,
       column = column, normal = interval_of(part) == "normal", part = part,
       drawn = if (is_resampled(part)) replicates_of(part, row, column) / unit)
}

# What the block adds to each set of the others, on the scale of shares.
increments <- function(part, s, row) {
  if (row > length(part$block)) invalid("block: \"highest\" is of a block, not of a term")
  need_units(list(part), "metric")
  progress <- progress_teller("highest")
  on.exit(progress$finish())
  table <- settle(.Call(C_envelope, blob_of(s, part, "metric"), part$asked, row, threads_of(s), progress$tell))
  list(estimate = table[, 1L], error = table[, 2L], df = table[, 3L], column = 1L, normal = FALSE, part = part)
}

# c(answer, upper, lower) over all of them.
judge <- function(quantities, bound, level) {
  first <- quantities[[1L]]
  if (!is.null(first$drawn)) return(judge_drawn(quantities, bound, level))
  together <- function(name) unlist(lapply(quantities, `[[`, name))
  settle(.Call(C_at_most, first$column, first$normal, together("estimate"), together("error"), together("df"), bound,
               level))
}

judge_drawn <- function(quantities, bound, level) {
  largest <- function(level, side)
    max(vapply(quantities, function(q) percentile_limits(q$part, q$drawn, level)[side], 0))
  upper <- largest(2 * level - 1, 2L)
  lower <- largest(1 - 2 * (1 - level) / length(quantities), 1L)
  c(if (upper < bound) 1 else if (lower > bound) -1 else 0, upper, lower)
}

document_of.steelyard_at_most <- function(x, whole = FALSE) {
  names <- unique(x$outcomes$outcome)
  whom <- if (length(names) == 1L) names else sprintf("each of %d outcomes", length(names))
  if (!is.null(x$outcomes$result))
    whom <- sprintf("%s, in each of %d results", whom, length(unique(x$outcomes$result)))
  points <- points_of(x$measure, x$of == "explained variance")
  what <- sprintf(claims[[x$metric]], x$block, sprintf("%.6g %s", x$bound, points))
  sprintf("Claim: %s, in %s: %s. Upper limit %.4f, lower limit %.4f (one-sided, %.6g %%).", what, whom, x$answer,
          x$upper, x$lower, 100 * x$level)
}
