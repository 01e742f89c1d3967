# Blocks over many outcomes: in how many each matters, and its rank in each.
# SPDX-License-Identifier: GPL-3.0-only

matters <- c(coefficient = "its coefficients, beside those of all other blocks, are not all zero",
             alone = "its coefficients, without the other blocks, are not all zero")

# c of "share>=c", or NULL.
share_threshold <- function(by) {
  if (!is.character(by) || length(by) != 1L) return(NULL)
  text <- gsub(" ", "", by, fixed = TRUE)
  found <- regmatches(text, regexec("^share>=([0-9.eE+-]+)$", text))[[1L]]
  least <- if (length(found)) suppressWarnings(as.double(found[2L])) else NA
  if (!is.na(least)) least
}

#' In how many outcomes each block matters
#'
#' A league of blocks over all outcomes of a result.
#'
#' @details
#' Coefficients are tested by F with their covariance by leaving out one cluster or row
#' at a time, or by the classical F where there are none; a share by one-sided t on the
#' scale of its limits.
#'
#' @param s a result of \code{\link{shares}}.
#' @param by what "matters" means; there is no default: the claim must say which.
#'   \code{"coefficient"}: the block's coefficients are not all zero beside all other
#'   blocks; \code{"alone"}: without them; \code{"share>=0.02"}: its share is above that
#'   part of all variance (any number from 0 to 1).
#' @param level confidence of each block's count.
#' @return A data frame of class \code{steelyard_table}, one row a block: \code{block},
#'   \code{outcomes} (how many there are), \code{found} (in so many it matters at least,
#'   with confidence \code{level}: Holm's rejections over the outcomes),
#'   \code{unadjusted} (p values at most 1 - level one by one),
#'   \code{expected_by_chance} (of those, where the block matters nowhere). Its attribute
#'   \code{"tests"} is a data frame: \code{block}, \code{outcome}, \code{statistic},
#'   \code{df1}, \code{df2}, \code{p.value}, \code{p.holm}.
#' @section Errors:
#' \code{steelyard_error_invalid}: \code{by} left out; for shares a result without
#' standard errors; sampling weights with neither clusters nor rows to leave out.
#' @references
#' Benjamini, Y. and Heller, R. (2008). Screening for partial conjunction hypotheses.
#' \emph{Biometrics} 64, 1215-1222. \doi{10.1111/j.1541-0420.2007.00984.x}
#'
#' Holm, S. (1979). A simple sequentially rejective multiple test procedure.
#' \emph{Scandinavian Journal of Statistics} 6, 65-70.
#' @seealso \code{\link{share_ranks}}, \code{\link{above_in_all}}, \code{\link{plot.steelyard_league}}
#' @examples
#' s <- shares(swiss, c("Fertility", "Examination"), c("Education", "Catholic", "Agriculture"))
#' league(s, by = "coefficient")
#' attr(league(s, by = "share>=0.02"), "tests")
#' @export
league <- function(s, by = NULL, level = 0.95) {
  check_shares(s)
  least <- share_threshold(by)
  if (is.null(least) && !(length(by) == 1L && by %in% names(matters)))
    invalid("by: say what matters means: \"coefficient\", \"alone\" or \"share>=0.02\" (any part of 1)")
  if (!is.null(least) && !isTRUE(least >= 0 && least <= 1)) invalid("by: %.6g is not between 0 and 1, as a share is", least)
  level <- check_level(level)
  found <- lapply_told("tests of blocks", unname(s$parts), function(part)
    if (is.null(least)) coefficient_tests(part, s, by == "alone") else share_tests(part, least))
  names <- s$parts[[1L]]$block
  each <- length(found)
  tests <- do.call(rbind, lapply(seq_along(names), function(b)
    do.call(rbind, lapply(found, function(one) one[b, , drop = FALSE]))))
  group <- rep(seq_along(names), each = each)
  p <- tests[, 4L]
  holm <- unlist(lapply(seq_along(names), function(b) adjust_by_rule("holm", p[group == b])))
  count <- function(p) unname(vapply(seq_along(names), function(b) sum(p[group == b] <= 1 - level, na.rm = TRUE), 1L))
  tests <- frame(list(block = rep(names, each = each), outcome = rep(unname(s$outcomes), length(names)),
                      statistic = blank(tests[, 1L]), df1 = blank(tests[, 2L]), df2 = blank(tests[, 3L]),
                      p.value = blank(p), p.holm = blank(holm)))
  columns <- frame(list(block = names, outcomes = rep(each, length(names)), found = count(holm), unadjusted = count(p),
                        expected_by_chance = rep(each * (1 - level), length(names))))
  told_table(columns, league_lines(columns, s, by, least, level), tests = tests, level = level,
             class = "league")
}

# One row a block: F, df1, df2, p.
coefficient_tests <- function(part, s, alone) {
  progress <- progress_teller("tests of blocks")
  on.exit(progress$finish())
  raw <- settle(.Call(C_block_tests, blob_of(s, part, "by"), part$asked, alone, threads_of(s), progress$tell))
  t(raw$table)
}

share_tests <- function(part, least) {
  need_limits(part)
  at <- (seq_along(part$block) - 1L) * length(metric_names) + 1L
  t(vapply(at, function(i) {
    test <- settle(.Call(C_above_bound, 1L, interval_of(part) == "normal", part$estimate[i], part$std_error_scaled[i],
                         part$summary$df, least))
    c(test[1L], part$summary$df, NaN, test[2L])
  }, double(4L)))
}

league_lines <- function(columns, s, by, least, level) {
  unit <- s$parts[[1L]]$m$unit
  how <- if (!is.null(least)) "one-sided t" else if (unit == "none") "classical F"
         else sprintf("F, leaving out one %s at a time", unit)
  meaning <- if (is.null(least)) matters[[by]] else sprintf("its share is above %.6g %s", least,
                                                            points_of(s$measure, FALSE))
  head <- sprintf("League of %s over %s", counted(nrow(columns), "block"), counted(length(s$parts), "outcome"))
  c(head, "",
    tabled(list(block = columns$block, found = as.character(columns$found),
                     unadjusted = as.character(columns$unadjusted),
                     `by chance` = sprintf("%.2f", columns$expected_by_chance)), caption = head), "",
    sprintf("A block matters to an outcome when %s (%s).", meaning, how),
    sprintf("found: in so many outcomes at least, with %s %% confidence for each block (Holm).", percent_of(level)),
    sprintf("unadjusted: p at most %.6g one by one; by chance: so many of those where the block matters nowhere.",
            1 - level))
}

#' Ranks of the blocks by share
#'
#' Ranks in each outcome, with the ranges that hold the true ones.
#'
#' @details
#' One-sided tests of all ordered pairs, stepped down by their joint law: blocks surely
#' above and surely below bound the rank.
#'
#' @param s a result of \code{\link{shares}}.
#' @param level probability that all true ranks of an outcome lie in their ranges.
#' @param replicates,seed of the signs that are drawn, 100 or more.
#' @return A data frame of class \code{steelyard_table}: \code{outcome} when there are
#'   several, \code{block}, \code{share}, \code{rank} (1 the largest), \code{lowest},
#'   \code{highest}.
#' @section Errors:
#' \code{steelyard_error_invalid}: one block only; neither clusters nor rows to leave out.
#' @references
#' Mogstad, M., Romano, J. P., Shaikh, A. M. and Wilhelm, D. (2024). Inference for ranks
#' with applications to mobility across neighbourhoods and academic achievement across
#' countries. \emph{Review of Economic Studies} 91, 476-518. \doi{10.1093/restud/rdad006}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' share_ranks(s)
#' @export
share_ranks <- function(s, level = 0.95, replicates = 2000, seed = 1) {
  check_shares(s)
  level <- check_level(level)
  family <- check_family(replicates, seed)
  need_units(s$parts, "ranks")
  joint <- join_shares(s)
  frames <- lapply(seq_along(s$parts), function(ask) {
    part <- s$parts[[ask]]
    at <- place_in(joint, ask, seq_along(part$block), 1L)
    progress <- progress_teller("ranks")
    on.exit(progress$finish())
    ranks <- settle(.Call(C_joint_ranks, joint$estimate[at], joint$moved[at, , drop = FALSE], as.double(c(level, family)),
                          threads_of(s), progress$tell))
    frame(list(block = part$block, share = joint$estimate[at], rank = as.integer(ranks[1L, ]),
               lowest = as.integer(ranks[2L, ]), highest = as.integer(ranks[3L, ])))
  })
  names(frames) <- s$outcomes
  told_table(stack_frames(frames, length(frames) > 1L), rank_lines(frames, s$parts, level, family), level = level,
             class = "ranks")
}

rank_lines <- function(frames, parts, level, family) {
  section <- function(columns, outcome, part)
    c(headed(sprintf("Ranks of blocks for %s:", outcome)), "",
      tabled(list(block = columns$block, share = point(columns$share, errors_of(part)[-1L]), rank = as.character(columns$rank),
                       lowest = as.character(columns$lowest), highest = as.character(columns$highest)),
             caption = paste("Ranks of blocks for", outcome)), "")
  part <- parts[[1L]]
  c(together(Map(section, unname(frames), names(frames), unname(parts))),
    sprintf(paste0("Ranks by share, 1 the largest; all true ranks of an outcome lie from lowest to highest with %s %% ",
                   "probability (%.0f draws of signs of %.0f %s, seed %.0f)."), percent_of(level), family[1L],
            part$summary$units, if (part$m$unit == "cluster") "clusters" else "rows", family[2L]))
}
