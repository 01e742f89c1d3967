# The same question inside each level of a column, and whether the levels differ.
# SPDX-License-Identifier: GPL-3.0-only

# ask: makes the parts of some rows, given the frame of them and a cutter of vectors.
split_by <- function(data, by, question, env, ask) {
  column <- side_column("by", by, data, rows_of(data), env)
  name <- column[[1L]]
  terms <- c(question$outcomes, unlist(unname(question$blocks), recursive = FALSE), question$adjust)
  sources <- unlist(lapply(terms, function(term) lapply(term$variables, `[[`, "column")))
  if (name %in% sources) invalid("by: \"%s\" is also among the terms; it does not vary within its levels", name)
  codes <- as.integer(column[[2L]])
  levels <- column[[3L]]
  if (length(levels) < 2L) {
    found <- if (length(levels)) sprintf("the same %s, %s", name, levels) else paste("no", name)
    invalid("by: every row has %s; at least two levels are needed", found)
  }
  results <- lapply_told("shares", seq_along(levels), function(i) {
    rows <- which(codes == i)
    cut <- function(given, argument) {
      named <- is.null(given) || inherits(given, "formula") || (is.character(given) && length(given) == 1L)
      if (named) given else check_length(argument, given, rows_of(data))[rows]
    }
    tryCatch(ask(rows_part(data, rows), cut), steelyard_error_data = function(e) conditionMessage(e))
  })
  failed <- vapply(results, is.character, NA)
  if (any(failed))
    raise("data", paste0("by: ", paste(sprintf("%s = %s: %s", name, levels[failed], unlist(results[failed])),
                                       collapse = "; ")))
  names(results) <- levels
  new_shares_by(name, results, sum(is.na(codes)))
}

rows_part <- function(data, rows) {
  part <- lapply(as.list(data), function(x) if (is.null(dim(x))) x[rows] else x[rows, , drop = FALSE])
  structure(part, row.names = .set_row_names(length(rows)), class = "data.frame")
}

new_shares_by <- function(by, results, dropped) {
  labelled <- Map(function(level, result) {
    remarks <- result$remarks
    frame(list(code = remarks$code, term = rep("", nrow(remarks)), value = remarks$value,
               text = sprintf("%s = %s: %s", rep(by, nrow(remarks)), level, remark_lines(remarks))))
  }, names(results), unname(results))
  warn_of(do.call(rbind, unname(labelled)))
  stacked <- function(what) {
    frames <- lapply(results, `[[`, what)
    columns <- do.call(Map, c(list(c), unname(lapply(frames, unclass))))
    frame(c(list(level = rep(names(results), vapply(frames, nrow, 1L))), lapply(columns, unname)))
  }
  first <- results[[1L]]
  structure(class = c("steelyard_shares_by", "steelyard_result"), list(
    by = by, levels = results, outcomes = first$outcomes, blocks = stacked("blocks"), terms = stacked("terms"),
    total = if (length(first$outcomes) > 1L) t(vapply(results, `[[`, first$total, "total"))
            else vapply(results, `[[`, 0, "total"),
    rows_without_level = dropped, level = first$provenance$level))
}

#' @rdname compare_levels
#' @export
`[[.steelyard_shares_by` <- function(x, i, ...) {
  plain <- unclass(x)
  if (!is.character(i) || length(i) != 1L || i %in% names(plain)) return(plain[[i]])
  plain$levels[[place("level", i, names(plain$levels))]]
}

#' @rdname compare_levels
#' @export
as.data.frame.steelyard_shares_by <- function(x, row.names = NULL, optional = FALSE, ...) {
  frames <- lapply(x$levels, as.data.frame)
  do.call(rbind, c(Map(function(level, one) cbind(level = level, one), names(frames), unname(frames)),
                   list(make.row.names = FALSE)))
}

by_clusters <- function(sb) sb$levels[[1L]]$parts[[1L]]$m$unit == "cluster"

# Contrasts of all other levels with the first, block by block, and the least df.
level_contrasts <- function(sb, outcome, metric, level, joint) {
  parts <- unname(lapply(sb$levels, function(s) s$parts[[outcome]]))
  for (i in seq_along(parts))
    if (interval_of(parts[[i]]) == "none")
      invalid("interval: %s = %s has no standard errors; ask shares() for an interval", sb$by, names(sb$levels)[i])
  n <- length(parts[[1L]]$block)
  if (is.null(joint)) {
    at <- (seq_len(n) - 1L) * length(metric_names) + metric
    each <- function(table) unlist(lapply(parts, function(part) part[[table]][at]))
    df <- vapply(parts, function(part) part$summary$df, 0)
    error <- each("std_error")
    moved <- matrix(0, length(error), length(error))
    diag(moved) <- error
    joint <- list(estimate = each("estimate"), moved = moved, df = rep(df, each = n))
    place <- function(k) (k - 1L) * n + seq_len(n)
    least <- min(df)
  } else {
    count <- length(sb$outcomes)
    place <- function(k) place_in(joint, (k - 1L) * count + outcome, seq_len(n), metric)
    least <- min(joint$df_of_ask[(seq_along(parts) - 1L) * count + outcome])
  }
  others <- seq_along(parts)[-1L]
  plus <- matrix(vapply(others, place, double(n)), nrow = n)
  found <- contrasts_of(joint, t(plus), rep(place(1L), each = length(others)), level)
  c(found, list(least = least))
}

# All levels with clusters move together; NULL where rows keep them apart.
join_levels <- function(sb) {
  if (!by_clusters(sb) || interval_of(sb$levels[[1L]]$parts[[1L]]) == "none") return(NULL)
  parts <- unlist(lapply(unname(sb$levels), function(s) unname(s$parts)), recursive = FALSE)
  blobs <- unlist(lapply(unname(sb$levels), function(s) lapply(unname(s$parts), function(p) s$moments[[p$m$hash]])),
                  recursive = FALSE)
  join(blobs, parts, threads_of(sb$levels[[1L]]))
}

check_by <- function(sb) {
  if (!inherits(sb, "steelyard_shares_by"))
    invalid("sb: a result of shares() with by is needed, found %s", class(sb)[1L])
}

#' Do the levels of a column differ in their shares?
#'
#' With \code{by}, \code{\link{shares}} asks its question inside each level of a column.
#' \code{compare_levels} gives the differences of each block between the levels,
#' \code{test_levels} whether a block's part is the same in all of them.
#'
#' @details
#' With clusters the levels' answers move together where they share one: all are
#' resampled by leaving it out of every level. Without, the levels are independent samples
#' and their variances add up. \code{test_levels} has Hotelling's factor for the least of
#' the levels' degrees of freedom.
#'
#' @param sb,x a result of \code{\link{shares}} with \code{by}, a list: \code{by},
#'   \code{levels} (a list of the results by level), \code{outcomes}, \code{blocks} and
#'   \code{terms} (with the level first), \code{total}, \code{rows_without_level}.
#'   \code{sb[["direct"]]} is the result of the level \code{direct}.
#' @param metric what to compare: \code{"share"}, \code{"alone"}, \code{"unique"},
#'   \code{"adjusted"} and so on.
#' @param level of the limits; by default that of the result.
#' @param i a level, or the name of an element.
#' @param row.names,optional,... ignored.
#' @return \code{compare_levels}: a data frame, one row a block and level: \code{outcome}
#'   when there are several, \code{block}, \code{first} and \code{second} (the levels; the
#'   second is always the first of them), \code{estimate}, \code{std.error},
#'   \code{statistic}, \code{df}, \code{p.value}, \code{conf.low}, \code{conf.high}.
#'   \code{test_levels}: one row a block: \code{statistic} (F that all differences are
#'   zero), \code{df1}, \code{df2}, \code{p.value}.
#' @section Errors:
#' \code{steelyard_error_invalid}: a level without standard errors.
#' @references
#' Hotelling, H. (1931). The generalization of Student's ratio. \emph{Annals of
#' Mathematical Statistics} 2, 360-378. \doi{10.1214/aoms/1177732979}
#'
#' MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023). Fast and reliable jackknife
#' and bootstrap methods for cluster-robust inference. \emph{Journal of Applied
#' Econometrics} 38, 671-694. \doi{10.1002/jae.2969}
#' @examples
#' d <- transform(swiss, faith = ifelse(Catholic > 50, "catholic", "protestant"))
#' sb <- shares(d, "Fertility", c("Education", "Agriculture"), by = "faith")
#' sb
#' sb[["catholic"]]
#' compare_levels(sb)
#' test_levels(sb)
#' @export
compare_levels <- function(sb, metric = "share", level = NULL) {
  check_by(sb)
  levels_compared(sb, metric, if (is.null(level)) sb$level else number("level", level), join_levels(sb))
}

levels_compared <- function(sb, metric, level, joint) {
  metric <- match(choice("metric", metric, metric_names), metric_names)
  names <- sb$levels[[1L]]$parts[[1L]]$block
  others <- names(sb$levels)[-1L]
  frames <- lapply(seq_along(sb$outcomes), function(outcome) {
    values <- blank(level_contrasts(sb, outcome, metric, level, joint)$table)
    numbers <- structure(lapply(seq_along(compared), function(i) values[i, ]), names = compared)
    frame(c(list(block = rep(names, each = length(others)), first = rep(others, length(names)),
                 second = rep(names(sb$levels)[1L], length(names) * length(others))), numbers))
  })
  stack_frames(structure(frames, names = sb$outcomes), length(frames) > 1L)
}

#' @rdname compare_levels
#' @export
test_levels <- function(sb, metric = "share") {
  check_by(sb)
  levels_tested(sb, metric, join_levels(sb))
}

levels_tested <- function(sb, metric, joint) {
  metric <- match(choice("metric", metric, metric_names), metric_names)
  names <- sb$levels[[1L]]$parts[[1L]]$block
  each <- length(sb$levels) - 1L
  frames <- lapply(seq_along(sb$outcomes), function(outcome) {
    found <- level_contrasts(sb, outcome, metric, 0.95, joint)
    tests <- vapply(seq_along(names), function(b) {
      own <- (b - 1L) * each + seq_len(each)
      settle(.Call(C_joint_all_zero, found$table[1L, own], found$covariance[own, own], found$least))
    }, double(4L))
    tests <- blank(tests)
    frame(list(block = names, statistic = tests[1L, ], df1 = tests[2L, ], df2 = tests[3L, ], p.value = tests[4L, ]))
  })
  stack_frames(structure(frames, names = sb$outcomes), length(frames) > 1L)
}

document_of.steelyard_shares_by <- function(x, whole = FALSE) {
  sections <- Map(function(level, one)
    c("", headed(sprintf("%s = %s", x$by, level)), "", shares_sections(one, whole)), names(x$levels), unname(x$levels))
  c(headed(sprintf("Shares by %s: %d levels", x$by, length(x$levels))), together(unname(sections)),
    if (x$rows_without_level > 0) sprintf("Rows without %s: %d, in no level.", x$by, x$rows_without_level), "",
    tryCatch(level_lines(x), steelyard_error = function(e)
      paste("No test of the levels' differences:", conditionMessage(e))),
    caution(caution_of("r2")))
}

level_lines <- function(x) {
  joint <- join_levels(x)
  compared <- levels_compared(x, "share", x$level, joint)
  tested <- levels_tested(x, "share", joint)
  keys <- intersect(c("outcome", "block"), names(compared))
  rows <- c(unclass(compared)[keys], structure(list(compared$first), names = x$by),
            lapply(list(difference = compared$estimate, `std error` = compared$std.error, low = compared$conf.low,
                        high = compared$conf.high), point, compared$std.error), list(p = p_text(compared$p.value)))
  equal <- c(unclass(tested)[keys], list(F = statistic_text(tested$statistic), df1 = df_text(tested$df1),
                                         df2 = df_text(tested$df2), p = p_text(tested$p.value)))
  how <- if (by_clusters(x)) "the same clusters are left out of all levels"
         else "the levels are independent samples, their variances add up"
  c(sprintf("Differences of shares, each level less %s (%s %% limits; %s):", names(x$levels)[1L], percent_of(x$level),
            how), "", tabled(rows, length(keys) + 1L, limited(paste("Differences of shares, each level less", names(x$levels)[1L]),
                                                      x$level)), "", plain_line("All levels equal:"), "",
    tabled(equal, length(keys), sprintf("Tests that all levels of %s are equal", x$by)), "")
}
