# What an overview found.
# SPDX-License-Identifier: GPL-3.0-only

limits_names <- c("", "wilson", "clopper-pearson", "logit", "korn-graubard", "none")
verdict_names <- c("surely below", "unsure", "surely above")
outside_names <- c("below 99.8 %", "below 95 %", "inside", "above 95 %", "above 99.8 %")
answer_order <- c(better = 3L, same = 2L, worse = 1L)

limits_name <- function(method) limits_names[ifelse(is.na(method), 0, method) + 1]
no_nan <- function(columns) frame(lapply(columns, function(x) if (is.double(x)) replace(x, is.nan(x), NA) else x))
hidden_text <- function(x) sprintf("<%.6g", x$provenance$hide_below)

# Columns of shares for one set: 1 the whole, then the groups.
set_rows <- function(record, set) {
  shares <- array(record$shares[, , , set], dim(record$shares)[1:3])
  whom <- matrix(record$whom[, , set], 5L)
  out <- list(indicator = record$names, n = whom[1L, ], missing = whom[2L, ])
  for (name in names(answer_order)[seq_len(if (any(record$worse)) 3L else 1L)]) {
    known <- record$worse | name == "better"
    for (part in 1:3)
      out[[paste0(name, c("", "_low", "_high")[part])]] <-
        ifelse(known, shares[c(1L, 3L, 4L)[part], answer_order[[name]], ], NA)
  }
  better <- matrix(shares[, 3L, ], 8L)
  c(out, list(std_error = better[2L, ], df = better[5L, ], n_effective = better[6L, ], clusters = whom[3L, ],
              limits = limits_name(better[8L, ])))
}

group_rows <- function(record, hide_below) {
  parts <- lapply(seq_along(record$groups), function(g) {
    rows <- set_rows(record, 1L + g)
    hidden <- record$whom[5L, , 1L + g] > 0
    people <- ifelse(hidden, sprintf("<%.6g", hide_below), sprintf("%.0f", rows$n))
    no_nan(c(list(group = rep(record$groups[g], length(hidden))), rows[1:2], list(people = people, hidden = hidden),
             rows[-(1:2)]))
  })
  if (length(parts)) return(do.call(rbind, parts))
  rows <- no_nan(set_rows(record, 1L))
  frame(c(list(group = character()), as.list(rows[0L, 1:2]), list(people = character(), hidden = logical()),
          as.list(rows[0L, -(1:2)])))
}

new_overview <- function(record, options, remarks, source) {
  x <- list(table = no_nan(set_rows(record, 1L)), groups = group_rows(record, options$hide_below), remarks = remarks)
  better <- record$shares[, 3L, , 1L]
  if (!is.null(record$threshold)) {
    found <- settle(.Call(C_overview_claim, as.double(better), record$threshold, options$level))
    x <- c(x, claim_frames(found, record, options$level, matrix(better, 8L)[1L, ]))
  }
  x$provenance <- list(
    version = .Call(C_version), indicators = record$names, rows = record$rows, by = record$by,
    proportions = record$proportions, clustered = record$clustered, weight_kind = record$weight_kind,
    interval = options$interval, level = options$level, hide_below = options$hide_below,
    threshold = record$threshold, threads = options$threads)
  x$record <- record
  x$source <- source
  structure(x, class = c("steelyard_overview", "steelyard_result"))
}

claim_frames <- function(found, record, level, better) {
  claims <- found$claims
  counts <- found$counts
  verdict <- function(row) verdict_names[claims[row, ] + 2]
  list(claim = no_nan(list(indicator = record$names, better = better, low = claims[1L, ], high = claims[2L, ],
                           p_above = claims[3L, ], p_below = claims[4L, ], bonferroni = verdict(5L),
                           holm = verdict(6L))),
       counts = frame(list(
         method = c("bonferroni", "holm"), indicators = rep(length(better), 2L), threshold = rep(record$threshold, 2L),
         level = rep(level, 2L), observed = rep(sum(better >= record$threshold), 2L),
         surely_above = as.integer(counts[1L, ]), unsure = as.integer(counts[2L, ]),
         surely_below = as.integer(counts[3L, ]), lowest = as.integer(counts[1L, ]),
         highest = as.integer(counts[1L, ] + counts[2L, ]))))
}

#' @rdname overview
#' @export
as.data.frame.steelyard_overview <- function(x, row.names = NULL, optional = FALSE, ...) {
  record <- x$record
  each <- expand.grid(answer = seq_along(answer_order), indicator = seq_along(record$names),
                      set = seq_along(c("", record$groups)))
  each <- each[each$answer == 1L | record$worse[each$indicator], ]
  place <- function(row) record$shares[cbind(row, answer_order[each$answer], each$indicator, each$set)]
  no_nan(list(indicator = record$names[each$indicator], group = c("", record$groups)[each$set],
              answer = names(answer_order)[each$answer], estimate = place(1L), std.error = place(2L),
              conf.low = place(3L), conf.high = place(4L), df = place(5L), n = place(7L), n_effective = place(6L),
              limits = limits_name(place(8L))))
}

check_overview <- function(x) {
  if (!inherits(x, "steelyard_overview")) invalid("x: a result of overview() is needed, found %s", class(x)[1L])
}

#' How many people found how many steps difficult
#'
#' @param x a result of \code{\link{overview}} from rows of people.
#' @param columns the steps: columns of the same data.
#' @param difficult what counts as difficult: levels, a number (at least so much), or
#'   a list of either named by column.
#' @param k only the row of k or more.
#' @return A data frame, one row a number of difficult steps: \code{difficult},
#'   \code{n} (people who answered every step), \code{missing} (who did not),
#'   \code{exactly} and \code{or_more} (shares of n) with limits, made as those of the
#'   overview, weights and clusters included.
#' @section Errors:
#' \code{steelyard_error_invalid}: no such column or level, an overview without its
#' rows.
#' @references
#' Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
#' inference. \emph{Journal of the American Statistical Association} 22, 209-212.
#' \doi{10.1080/01621459.1927.10502953}
#' @examples
#' d <- data.frame(a = c(0, 1, 0, 1), b = c(0, 0, 1, 1), y = c(1, 1, 0, 1))
#' difficult_steps(overview(d, "y"), c("a", "b"), difficult = 1)
#' @export
difficult_steps <- function(x, columns, difficult, k = NULL) {
  check_overview(x)
  if (is.null(x$source)) invalid("steps: shares with their n hold no people; give the rows of people")
  names <- some_names(columns, "columns")
  if (!is.null(k)) whole("k", k, 0L, length(names))
  data <- x$source$data
  graded <- grade(data, names, difficult, NULL, "difficult", "columns")
  design <- overview_design(rows_of(data), unname(Map(list, names, graded$codes, list(answer_names))), x$source)
  question <- c(length(names), 0, 0, proportion_methods[[x$provenance$interval]], x$provenance$level, 0)
  found <- settle(.Call(C_overview_steps, design, as.double(question), x$provenance$threads, NULL))
  warn_of(remarks_frame(found$remarks))
  shares <- array(found$shares, c(8L, 3L, length(names) + 1L))
  rows <- rep(1L, length(names) + 1L)
  out <- no_nan(list(
    difficult = seq_along(rows) - 1L, n = found$whom[1L, rows], missing = found$whom[2L, rows],
    exactly = shares[1L, 2L, ], exactly_low = shares[3L, 2L, ], exactly_high = shares[4L, 2L, ],
    or_more = shares[1L, 3L, ], or_more_low = shares[3L, 3L, ], or_more_high = shares[4L, 3L, ]))
  if (is.null(k)) out else structure(out[k + 1L, ], row.names = 1L)
}

# list(place of the indicator, groups that are shown, their shares better)
shown_groups <- function(x, outcome) {
  check_overview(x)
  record <- x$record
  if (!length(record$groups)) invalid("by: this overview has no groups; ask overview() for by")
  if (is.null(outcome) && length(record$names) > 1L) invalid("outcome: say which of %s", quoted(record$names))
  at <- if (is.null(outcome)) 1L else match(outcome, record$names)
  if (is.na(at)) at <- place("outcome", outcome, record$names)
  shares <- matrix(record$shares[, 3L, at, -1L], 8L)
  shown <- which(!is.na(shares[1L, ]) & shares[8L, ] != 5)
  if (!length(shown)) invalid("by: no group of \"%s\" has a share to show", record$names[at])
  list(at = at, groups = record$groups[shown], shares = shares[, shown, drop = FALSE])
}

#' Ranks of groups by share better, with simultaneous ranges
#'
#' All ranges hold together with probability \code{level}: Bonferroni over all pairs
#' (Mogstad and others 2024), each pair's difference from the limits of both (Zou and
#' Donner 2008). Hidden groups are left out.
#'
#' @param x a result of \code{\link{overview}} with groups.
#' @param outcome the indicator; needed when there are several.
#' @param level default that of the overview.
#' @return A data frame, first rank first: \code{group}, \code{n}, \code{better},
#'   \code{rank}, \code{lowest}, \code{highest}.
#' @references
#' Mogstad, M., Romano, J. P., Shaikh, A. M. and Wilhelm, D. (2024). Inference for
#' ranks with applications to mobility across neighbourhoods and academic achievement
#' across countries. \emph{Review of Economic Studies} 91, 476-518.
#' \doi{10.1093/restud/rdad006}
#'
#' Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect
#' measures. \emph{Statistics in Medicine} 27, 1693-1702. \doi{10.1002/sim.3095}
#' @section Errors:
#' \code{steelyard_error_invalid}: an overview without groups, an indicator that is not
#' there.
#' @examples
#' areas <- data.frame(area = c("a", "b", "c"), share = c(0.5, 0.9, 0.48), n = 100)
#' rank_intervals(overview(areas, "share", by = "area", n = "n"))
#' @export
rank_intervals <- function(x, outcome = NULL, level = NULL) {
  shown <- shown_groups(x, outcome)
  level <- if (is.null(level)) x$provenance$level else number("level", level)
  ranks <- settle(.Call(C_overview_ranks, as.double(shown$shares), level))
  out <- frame(list(group = shown$groups, n = shown$shares[7L, ], better = shown$shares[1L, ],
                    rank = as.integer(ranks[1L, ]), lowest = as.integer(ranks[2L, ]),
                    highest = as.integer(ranks[3L, ])))
  out <- out[order(out$rank), ]
  structure(out, row.names = seq_len(nrow(out)))
}

#' Funnel limits: exact binomial limits for each group about the overall share
#'
#' @param x a result of \code{\link{overview}} with groups.
#' @param outcome the indicator; needed when there are several.
#' @return A data frame: \code{group}, \code{n} (effective, where limits are of the
#'   design), \code{better}, \code{low_95}, \code{high_95}, \code{low_998},
#'   \code{high_998}, \code{z}, \code{outside}. Attributes: \code{overall}, and
#'   \code{dispersion}, the mean of z squared with the outer tenths drawn in; well
#'   above 1, groups differ by more than chance.
#' @references
#' Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance.
#' \emph{Statistics in Medicine} 24, 1185-1202. \doi{10.1002/sim.1970}
#' @section Errors:
#' \code{steelyard_error_invalid}: an overview without groups, an indicator that is not
#' there.
#' @examples
#' areas <- data.frame(area = c("a", "b", "c"), share = c(0.5, 0.9, 0.48), n = 100)
#' funnel_limits(overview(areas, "share", by = "area", n = "n"))
#' @export
funnel_limits <- function(x, outcome = NULL) {
  shown <- shown_groups(x, outcome)
  overall <- x$record$shares[1L, 3L, shown$at, 1L]
  found <- settle(.Call(C_overview_funnel, as.double(shown$shares), overall))
  limits <- found$funnel
  out <- frame(list(group = shown$groups, n = shown$shares[6L, ], better = shown$shares[1L, ], low_95 = limits[1L, ],
                    high_95 = limits[2L, ], low_998 = limits[3L, ], high_998 = limits[4L, ], z = limits[5L, ],
                    outside = outside_names[limits[6L, ] + 3]))
  structure(out, overall = overall, dispersion = found$dispersion)
}
