# All submodels by name: their R2, what sets of players have in common, who dominates whom.
# SPDX-License-Identifier: GPL-3.0-only

players_names <- c("blocks", "terms")
dominance_kinds <- c("complete", "conditional", "general")
submodel_numbers <- c("n_columns", "r2", "adjusted_r2", "beyond_adjust")
most_players <- 18L
again_names <- c("mean", "std.error", "p_first", "p_second", "p_neither", "reproducibility")

player_names <- function(part, players) if (players == "blocks") part$block else part$term

# Several outcomes' frames as one, which prints a section an outcome.
told_frame <- function(s, frames, texts) {
  told_table(stack_frames(frames, length(frames) > 1L), apart(texts), class = "submodels")
}

#' All submodels, and what sets of blocks explain in common
#'
#' \code{submodels} gives R2 of every submodel, to be looked up, filtered and sorted;
#' \code{commonality} what sets of blocks explain in common and each uniquely.
#'
#' @details
#' The players are the blocks, or each term by itself, up to 18. Every subset of them
#' is a submodel, beside the adjusting terms, whatever order was asked for.
#'
#' The explained variance is a sum of parts, one for each set of players: what exactly
#' those have in common. Of one player the coefficient is what it explains uniquely; of
#' several what they explain in common and no other has. It is negative under
#' suppression. All 2^players - 1 of them add up to the total.
#'
#' @param s a result of \code{\link{shares}}.
#' @param players \code{"blocks"} or \code{"terms"}: what comes and goes.
#' @param order sets of up to so many players; all when \code{NULL}.
#' @return A data frame of class \code{steelyard_submodels}, with \code{outcome} first
#'   when there are several. \code{submodels}: one row a submodel, by number of players
#'   and the highest R2 first; a column of \code{TRUE} and \code{FALSE} a player,
#'   \code{n_columns} (predictor columns by rank, adjusting ones included), \code{r2}
#'   (adjusting terms included), \code{adjusted_r2}, \code{beyond_adjust} (r2 less that of
#'   the adjusting terms alone). \code{commonality}: one row a set; \code{players} (such as
#'   \code{"money + process"}), \code{order} (how many), \code{coefficient} (points of all
#'   outcome variance), \code{percent_of_explained}.
#' @section Errors:
#' \code{steelyard_error_invalid}: an order below 1. \code{steelyard_error_limit}: more
#' than 18 players.
#' @references
#' Mood, A. M. (1971). Partitioning variance in multiple regression analyses as a tool
#' for developing learning models. \emph{American Educational Research Journal} 8,
#' 191-202. \doi{10.2307/1162175}
#'
#' Seibold, D. R. and McPhee, R. D. (1979). Commonality analysis: a method for
#' decomposing explained variance in multiple regression analyses. \emph{Human
#' Communication Research} 5, 355-365. \doi{10.1111/j.1468-2958.1979.tb00649.x}
#' @seealso \code{\link{dominance}}, \code{\link{shares}}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' all <- submodels(s)
#' all[all$Education & !all$Catholic, ]
#' commonality(s)
#' commonality(s, order = 1)
#' @export
submodels <- function(s, players = "blocks") {
  check_shares(s)
  players <- choice("players", players, players_names)
  frames <- lapply(s$parts, function(part) submodels_frame(blob_of(s, part, "submodels"), part, players))
  told_frame(s, frames, Map(submodels_lines, s$parts, frames, players))
}

submodels_frame <- function(blob, part, players) {
  names <- player_names(part, players)
  taken <- intersect(names, c(submodel_numbers, "outcome"))
  if (length(taken)) invalid("players: one is called %s, as a column of the table is; give its block another name",
                             taken[1L])
  raw <- settle(.Call(C_submodels, blob, part$asked, match(players, players_names) - 1L))
  there <- lapply(seq_along(names), function(i) bitwAnd(raw$set, bitwShiftL(1L, i - 1L)) > 0L)
  numbers <- lapply(seq_along(submodel_numbers), function(i) raw$table[, i])
  numbers[[1L]] <- as.integer(numbers[[1L]])
  frame(structure(c(there, numbers), names = c(names, submodel_numbers)))
}

#' @rdname submodels
#' @export
commonality <- function(s, order = NULL, players = "blocks") {
  check_shares(s)
  players <- choice("players", players, players_names)
  most <- if (is.null(order)) most_players else min(whole("order", order, 1L), most_players)
  frames <- lapply(s$parts, function(part) commonality_frame(blob_of(s, part, "commonality"), part, most, players))
  told_frame(s, frames, Map(commonality_lines, s$parts, frames, players))
}

# The label of every set of players, by its number.
set_labels <- function(names) {
  labels <- ""
  for (name in names) labels <- c(labels, name, if (length(labels) > 1L) paste(labels[-1L], name, sep = " + "))
  labels
}

commonality_frame <- function(blob, part, most, players) {
  names <- player_names(part, players)
  raw <- settle(.Call(C_commonality, blob, part$asked, match(players, players_names) - 1L, as.integer(most)))
  sizes <- 0L
  for (i in seq_along(names)) sizes <- c(sizes, sizes + 1L)
  frame(list(players = set_labels(names)[raw$set + 1L], order = sizes[raw$set + 1L], coefficient = raw$table[, 1L],
             percent_of_explained = blank(raw$table[, 2L])))
}

#' Dominance of one block over another
#'
#' Which of two blocks explains more beside the same others: in every submodel, on
#' average by size, or on the average of those.
#'
#' @details
#' One player dominates another completely when it adds at least as much to every
#' submodel that lacks both; conditionally when it does so on average over the submodels
#' of each size; generally on the average of those averages, which is the share of single
#' players. In each case it must add more at least once. Complete dominance holds
#' whatever the order, so lead with it, and with the interval of a difference
#' (\code{\link{compare_shares}}), rather than with ranks.
#'
#' @param s a result of \code{\link{shares}}.
#' @param kind \code{"complete"}, \code{"conditional"} or \code{"general"}.
#' @param players \code{"blocks"} or \code{"terms"}: from 2 to 18 of them.
#' @param tolerance contributions to R2 that differ by no more are ties.
#' @param replicates,seed with \code{replicates} every pair is judged anew in so many
#'   bootstrap samples of the rows or clusters (within strata); \code{seed} is by
#'   default that of the result.
#' @return A data frame of class \code{steelyard_submodels}, one row a pair:
#'   \code{first}, \code{second}, \code{dominates} (the name of the one that does, or
#'   \code{""}), \code{value} (1 first, 0 second, 0.5 neither), \code{first_above},
#'   \code{second_above} and \code{tied} (the parts of the comparisons, which are
#'   submodels, sizes or the one average, that each wins); \code{outcome} first when there
#'   are several. With replicates also \code{mean} and \code{std.error} of \code{value} over
#'   them, \code{p_first}, \code{p_second}, \code{p_neither}, \code{reproducibility} (the
#'   part of them that says the same as the sample) and \code{replicates}, those with an
#'   answer. Its attribute \code{"contributions"} is a data frame: \code{player},
#'   \code{others} (how many are in the submodel already), \code{contribution} (average)
#'   and \code{general}, the average of those.
#' @section Errors:
#' \code{steelyard_error_invalid}: one player only, a tolerance outside 0 to 1, fewer
#' than 2 replicates, or moments of all rows together, which cannot be resampled.
#' \code{steelyard_error_limit}: more than 18 players.
#' @references
#' Azen, R. and Budescu, D. V. (2003). The dominance analysis approach for comparing
#' predictors in multiple regression. \emph{Psychological Methods} 8, 129-148.
#' \doi{10.1037/1082-989X.8.2.129}
#'
#' Budescu, D. V. (1993). Dominance analysis: a new approach to the problem of relative
#' importance of predictors in multiple regression. \emph{Psychological Bulletin} 114,
#' 542-551. \doi{10.1037/0033-2909.114.3.542}
#' @seealso \code{\link{submodels}}, \code{\link{compare_shares}}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' dominance(s)
#' dominance(s, "conditional")
#' @export
dominance <- function(s, kind = "complete", players = "blocks", tolerance = 1e-10, replicates = NULL, seed = NULL) {
  check_shares(s)
  kind <- choice("kind", kind, dominance_kinds)
  players <- choice("players", players, players_names)
  tolerance <- number("tolerance", tolerance)
  found <- lapply(s$parts, function(part) dominance_found(blob_of(s, part, "dominance"), part, players, tolerance))
  if (!is.null(replicates)) {
    replicates <- whole("replicates", replicates, 2L, 1e6)
    seed <- if (is.null(seed)) s$provenance$seed else whole("seed", seed, 0L, 2^53)
    found <- Map(judged_again, s$parts, found, MoreArgs = list(s, players, c(tolerance, replicates, seed)))
  }
  frames <- lapply(found, pairs_frame, kind)
  texts <- Map(dominance_lines, s$parts, found, frames, kind, players, tolerance)
  out <- told_frame(s, frames, texts)
  attr(out, "contributions") <- stack_frames(lapply(found, contributions_frame), length(found) > 1L)
  out
}

dominance_found <- function(blob, part, players, tolerance) {
  raw <- settle(.Call(C_dominance, blob, part$asked, match(players, players_names) - 1L, tolerance))
  c(list(names = player_names(part, players)), raw)
}

judged_again <- function(part, found, s, players, numbers) {
  progress <- progress_teller("dominance")
  on.exit(progress$finish())
  c(found, seed = numbers[3L], again = list(settle(.Call(
    C_dominance_reproduced, blob_of(s, part, "dominance"), part$asked, match(players, players_names) - 1L,
    as.double(numbers), as.integer(s$provenance$threads), progress$tell))))
}

pairs_frame <- function(found, kind) {
  names <- found$names
  n <- length(names)
  at <- rep(seq_len(n - 1L), rev(seq_len(n - 1L)))
  first <- names[at]
  second <- names[unlist(lapply(seq_len(n - 1L), function(i) seq.int(i + 1L, n)))]
  numbers <- matrix(found$pairs[, match(kind, dominance_kinds), ], nrow = 4L)
  value <- numbers[4L, ]
  columns <- list(first = first, second = second,
                  dominates = ifelse(value == 1, first, ifelse(value == 0, second, "")), value = value,
                  first_above = numbers[1L, ], second_above = numbers[2L, ], tied = numbers[3L, ])
  if (is.null(found$again)) return(frame(columns))
  again <- matrix(found$again$table[, match(kind, dominance_kinds), ], nrow = length(again_names))
  frame(c(columns, structure(lapply(seq_along(again_names), function(i) blank(again[i, ])), names = again_names),
          list(replicates = rep(found$again$kept, length(first)))))
}

contributions_frame <- function(found) {
  n <- length(found$names)
  frame(list(player = rep(found$names, each = n), others = rep(seq_len(n) - 1L, n),
             contribution = as.vector(t(found$by_size)), general = rep(found$general, each = n)))
}
