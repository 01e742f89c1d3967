# The first look: shares of people better, the same and worse.
# SPDX-License-Identifier: GPL-3.0-only

proportion_methods <- c(auto = 0, wilson = 1, exact = 2)

#' Share of people better, the same and worse on each indicator, with limits
#'
#' @details
#' Each indicator counts all who answered it. Without clusters and sampling
#' weights limits are Wilson's or, on demand, Clopper and Pearson's. With them the
#' standard error is the linearised one of a ratio over clusters (Binder 1983) and
#' limits are symmetric on the logit scale with t of clusters - 1 degrees of freedom;
#' where fewer than five effective people are on one side, Clopper-Pearson limits
#' with an effective number of people (Korn and Graubard 1998). A group inside one
#' cluster is a council's own share: its people are the units.
#'
#' With \code{threshold} each indicator is surely above, surely below or unsure by
#' simultaneous limits (Bonferroni) and by Holm's steps; both hold whatever the
#' dependence between indicators, and bound the true number of indicators at or
#' above the threshold with joint confidence \code{level}.
#'
#' @param data a data frame: one row a person; or, with \code{n}, one row a council
#'   (or group) with its shares; or one row an indicator.
#' @param outcomes names of the indicators: factors, texts or numbers. With
#'   \code{n}: columns of shares, or one column with the names of indicators, their
#'   shares in the column \code{share}.
#' @param better,worse the levels that count as better and as worse; all others are
#'   the same. One number stands for a threshold: at least (better), at most (worse).
#'   A list named by indicator says it for each. A column of 0 and 1 needs no
#'   \code{better}. Without \code{worse} only the share better is told.
#' @param by groups, such as councils: a column's name, a formula or a vector.
#' @param threshold a share, 0 to 1: on how many indicators are at least so many
#'   better?
#' @param weights,cluster a column's name, a one-sided formula or a vector.
#' @param weight_kind \code{"frequency"} or \code{"sampling"}; needed with weights.
#' @param level of all limits, and of joint statements.
#' @param n the number of people behind each share: a column, one for each
#'   indicator, or a number; \code{data} then hold shares, not people.
#' @param hide_below groups with fewer answers are hidden: \code{people} reads
#'   \code{"<10"}, all else is missing. 0 hides none.
#' @param share with \code{n} and one column of names: the column of shares.
#' @param percent are shares percentages? Default: if any is above 1.
#' @param interval \code{"auto"}, \code{"wilson"} or \code{"exact"}.
#' @param threads number of threads; the bits do not depend on it.
#' @param x a result of \code{overview}.
#' @param row.names,optional,... ignored.
#' @return An object of class \code{steelyard_overview}, a list: \code{table}, one
#'   row an indicator (\code{indicator}, \code{n}, \code{missing}, \code{better},
#'   \code{better_low}, \code{better_high}, with \code{worse} the same for same and
#'   worse; \code{std_error}, \code{df}, \code{n_effective}, \code{clusters},
#'   \code{limits} of the share better), all shares parts of 1; \code{groups}, the
#'   same by group with \code{people} and \code{hidden}; with a threshold
#'   \code{claim} (simultaneous limits, one-sided p values, verdicts) and
#'   \code{counts} (\code{surely_above}, \code{unsure}, \code{surely_below},
#'   \code{lowest} and \code{highest} by Bonferroni and Holm); \code{remarks};
#'   \code{provenance}. \code{as.data.frame} and \code{tidy} give one row a share
#'   with \code{estimate}, \code{std.error}, \code{conf.low}, \code{conf.high}. The
#'   object holds the data, for \code{\link{difficult_steps}}.
#' @section Errors:
#' \code{steelyard_error_invalid}: unknown column or level (the nearest is named), a
#' threshold not between 0 and 1, weights without their kind.
#' \code{steelyard_error_data}: an indicator all missing, a share outside 0 to 1, an
#' n that is missing or not above 0, bad weights.
#' @references
#' Wilson, E. B. (1927). Probable inference. \emph{JASA} 22, 209-212.
#' \doi{10.1080/01621459.1927.10502953}
#'
#' Clopper, C. J. and Pearson, E. S. (1934). \emph{Biometrika} 26, 404-413.
#' \doi{10.1093/biomet/26.4.404}
#'
#' Binder, D. A. (1983). On the variances of asymptotically normal estimators from
#' complex surveys. \emph{International Statistical Review} 51, 279-292.
#' \doi{10.2307/1402588}
#'
#' Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with
#' small expected number of positive counts. \emph{Survey Methodology} 24, 193-201.
#' @seealso \code{\link{difficult_steps}}, \code{\link{rank_intervals}},
#'   \code{\link{funnel_limits}}
#' @examples
#' people <- data.frame(control = c("better", "same", "worse", "better"),
#'                      safe = c("same", "same", "better", "better"))
#' overview(people, c("control", "safe"), better = "better", threshold = 0.5)
#' poet <- data.frame(item = c("dignity", "paid job"), share = c(0.74, 0.21), n = c(2679, 1810))
#' overview(poet, "item", n = "n", threshold = 2 / 3)$counts
#' @export
overview <- function(data, outcomes, better = NULL, worse = NULL, by = NULL, threshold = NULL, weights = NULL,
                     weight_kind = NULL, cluster = NULL, level = 0.95, n = NULL, hide_below = 10, share = NULL,
                     percent = NULL, interval = "auto", threads = NULL) {
  env <- parent.frame()
  choice("interval", interval, names(proportion_methods))
  check_frame(data)
  options <- list(level = number("level", level), hide_below = number("hide_below", hide_below), interval = interval,
                  threads = check_threads(threads), threshold = check_threshold(threshold))
  check_weights(weights, weight_kind)
  if (is.null(n)) {
    leave_out(list(share = share, percent = percent), "goes with n, the number of people behind each share")
    asked <- ask_people(data, outcomes, better, worse, by)
  } else {
    leave_out(list(better = better, worse = worse, weights = weights),
              "shares with their n leave nothing to it; leave it out")
    asked <- if (is_long(data, outcomes, share)) long_shares(data, outcomes, n, by, share, percent, env)
             else wide_shares(data, outcomes, n, by, percent)
  }
  ask_overview(data, asked, list(weights = weights, weight_kind = weight_kind, cluster = cluster), options, env)
}

check_threshold <- function(threshold) {
  if (is.null(threshold)) return(NULL)
  threshold <- number("threshold", threshold)
  if (is.na(threshold) || threshold <= 0 || threshold >= 1)
    invalid("threshold = %.6g: a share between 0 and 1, both excluded, is needed", threshold)
  threshold
}

leave_out <- function(given, why) {
  some <- names(Filter(Negate(is.null), given))
  if (length(some)) invalid("%s: %s", some[1L], why)
}

ask_people <- function(data, outcomes, better, worse, by) {
  names <- some_names(outcomes, "outcomes")
  graded <- grade(data, names, better, worse)
  list(names = names, columns = Map(list, names, graded$codes, list(answer_names)), worse = graded$worse, by = by,
       proportions = FALSE, rows = rows_of(data))
}

is_long <- function(data, outcomes, share) {
  if (!is.null(share)) return(TRUE)
  if (!is.character(outcomes) || length(outcomes) != 1L || !outcomes %in% names(data)) return(FALSE)
  !is.null(read_answers(data, outcomes, "outcomes")$levels)
}

# Shares of 0 to 1, and the remark when they were read as percentages.
read_shares <- function(tables, percent) {
  values <- unlist(tables)
  largest <- if (all(is.na(values))) 0 else max(values, na.rm = TRUE)
  guessed <- is.null(percent) && largest > 1 && largest <= 100
  if (!guessed && !isTRUE(percent)) return(list(tables = tables, notes = NULL))
  notes <- list(code = "percent", term = "", value = largest,
                text = "shares above 1 are read as percentages")
  list(tables = lapply(tables, `/`, 100), notes = if (guessed) notes)
}

numbers_of <- function(data, name, argument) {
  answers <- read_answers(data, name, argument)
  refuse_levels(argument, name, .subset2(data, name))
  answers$numbers
}

wide_shares <- function(data, outcomes, n, by, percent) {
  names <- some_names(outcomes, "outcomes")
  read <- read_shares(lapply(names, function(name) numbers_of(data, name, "outcomes")), percent)
  if (length(n) == 1L) n <- rep(n, length(names))
  if (length(n) != length(names)) invalid("n: %d columns were given for %d indicators", length(n), length(names))
  people <- lapply(n, function(one)
    if (is.character(one)) numbers_of(data, one, "n") else rep(number("n", one), rows_of(data)))
  as_shares(names, read$tables, people, by, read$notes, rows_of(data))
}

as_shares <- function(names, shares, people, by, notes, rows) {
  list(names = names, columns = c(Map(list, names, shares, list(NULL)),
                                  Map(list, paste("n of", names), people, list(NULL))),
       worse = rep(FALSE, length(names)), by = by, proportions = TRUE, notes = notes, rows = rows)
}

# One row an indicator (and group): turned so that a row is a group.
long_shares <- function(data, outcomes, n, by, share, percent, env) {
  column <- some_names(outcomes, "outcomes")
  if (length(column) != 1L || !is.character(n) || length(n) != 1L)
    invalid("outcomes: one column of names, with share and n as columns, is needed")
  answers <- as_levels(read_answers(data, column, "outcomes"))
  read <- read_shares(list(numbers_of(data, if (is.null(share)) "share" else share, "share")), percent)
  people <- numbers_of(data, n, "n")
  group <- if (is.null(by)) list(rep(1L, rows_of(data)), "") else group_column(by, data, env)$codes
  seen <- unique(answers$codes[!is.na(answers$codes)])
  at <- cbind(match(answers$codes, seen), as.integer(group[[1L]]))
  lost <- which(is.na(answers$codes) | is.na(at[, 2L]))
  if (length(lost))
    invalid("%s: row %d is missing", if (is.na(answers$codes[lost[1L]])) "outcomes" else "by", lost[1L])
  twice <- anyDuplicated(at)
  if (twice)
    invalid("outcomes: \"%s\" stands twice%s", answers$levels[answers$codes[twice]],
            if (is.null(by)) "; by tells groups apart" else paste(" in", group[[2L]][at[twice, 2L]]))
  shares <- numbers <- matrix(NA_real_, length(seen), length(group[[2L]]))
  shares[at] <- read$tables[[1L]]
  numbers[at] <- people
  rows_as_list <- function(m) lapply(seq_len(nrow(m)), function(i) m[i, ])
  asked <- as_shares(answers$levels[seen], rows_as_list(shares), rows_as_list(numbers), NULL, read$notes,
                     length(group[[2L]]))
  if (!is.null(by)) asked$groups <- list(label = group_column(by, data, env)$label,
                                         codes = list(seq_along(group[[2L]]), group[[2L]]))
  asked$long <- TRUE
  asked
}

# list(label, list(codes, levels)) of the groups.
group_column <- function(by, data, env) {
  if (inherits(by, "formula")) {
    side <- side_column("cluster", by, data, rows_of(data), env)
    return(list(label = side[[1L]], codes = side[2:3]))
  }
  if (is.character(by) && length(by) == 1L)
    return(list(label = by, codes = factor_codes(.subset2(data, place_column("by", by, data)))))
  list(label = "by", codes = factor_codes(check_length("by", by, rows_of(data))))
}

# One call of the core.
ask_overview <- function(data, asked, sides, options, env) {
  if (isTRUE(asked$long) && !is.null(sides$cluster))
    invalid("cluster: with one row an indicator the groups of by are what there is; leave it out")
  kind <- check_weights(sides$weights, sides$weight_kind)
  rows <- rows_of(data)
  source <- list(weights = side_column("weights", sides$weights, data, rows, env), kind = kind,
                 cluster = side_column("cluster", sides$cluster, data, rows, env))
  groups <- if (!is.null(asked$by)) group_column(asked$by, data, env) else asked$groups
  columns <- unname(asked$columns)
  if (!is.null(groups)) columns <- c(columns, list(c(list(paste("by", groups$label)), groups$codes)))
  design <- overview_design(asked$rows, columns, source)
  question <- c(length(asked$names), asked$proportions, !is.null(groups), proportion_methods[[options$interval]],
                options$level, options$hide_below)
  progress <- progress_teller("overview")
  on.exit(progress$finish())
  found <- settle(.Call(C_overview, design, as.double(question), options$threads, progress$tell))
  sets <- 1L + length(groups$codes[[2L]])
  record <- list(names = asked$names, worse = asked$worse, by = if (is.null(groups)) "" else groups$label,
                 groups = as.character(groups$codes[[2L]]), rows = asked$rows, proportions = asked$proportions,
                 shares = array(found$shares, c(8L, 3L, length(asked$names), sets)),
                 whom = array(found$whom, c(5L, length(asked$names), sets)), clustered = !is.null(source$cluster),
                 weight_kind = c("", "frequency", "", "sampling")[kind + 1L], threshold = options$threshold)
  remarks <- remarks_frame(found$remarks)
  if (!is.null(asked$notes)) remarks <- rbind(frame(asked$notes), remarks)
  warn_of(remarks)
  new_overview(record, options, remarks, if (!asked$proportions) c(source, list(data = data)))
}

overview_design <- function(rows, columns, source) {
  terms <- Map(function(column, i) list(column[[1L]], i, 1L), columns, seq_along(columns))
  list(as.double(rows), columns, terms, source$weights, source$kind, source$cluster, 0L)
}
