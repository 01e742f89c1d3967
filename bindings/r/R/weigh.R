# The whole question: funding or process, what money goes with, what would overturn it.
# SPDX-License-Identifier: GPL-3.0-only

#' Weigh funding against process
#'
#' The whole question over all outcomes: shares of funding and process with limits, what a sum of money goes with,
#' and what would overturn the answer, with a verdict in three sentences.
#'
#' @details
#' The rules, D being process less funding (Shapley shares of the outcome's variance) and alpha 1 - level:
#' \enumerate{
#' \item In one outcome by one source: supported when D > 0, contradicted when D < 0, where the p value of D, stepped
#'   down over the outcomes of that source (Romano and Wolf 2005), is at most alpha; else undecided.
#' \item In every outcome by one source: supported when the limits of D, one outcome at a time, lie above zero in
#'   every outcome (Berger 1982); contradicted when one outcome is contradicted by rule 1; else undecided.
#' \item In every outcome by every source: supported when every source is supported by rule 2; contradicted when in
#'   one outcome and source D < 0 with p, stepped down over all outcomes and sources, at most alpha; else undecided.
#' \item \dQuote{Funding explains more}: the same with the sign turned.
#' \item \dQuote{Funding alone explains at most c in every outcome}: supported when the largest one-sided upper limit
#'   is below c, contradicted when the largest simultaneous lower limit is above it; else undecided.
#' }
#' Points are coefficients times \code{unit_pounds}, with CR2 errors over clusters, HC3 over rows.
#'
#' @param data a data frame, one row a person (or an area: say so by \code{areas}).
#' @param outcomes names, or a one-sided formula.
#' @param blocks the terms of each block, as in \code{\link{shares}}.
#' @param funding,process names of the blocks whose shares are compared.
#' @param need names of blocks that are forced in first, beside the order-free answer, since money is given for need.
#'   Default the block called \code{need} where there is one.
#' @param adjust terms forced in before everything, as in \code{\link{shares}}.
#' @param process_sources a named list: who was asked about process. The terms of each source replace those of the
#'   process block; the name (or the very terms) of another block lets that block stand for process. The first
#'   source is the one that the tables of single outcomes are about.
#' @param cluster,weights,weight_kind,strata as in \code{\link{shares}}.
#' @param group a column with two levels, such as payment types: the gap between them in each outcome, divided by block
#'   (Gelbach).
#' @param by a column: the question in each of its levels, with the change from the first.
#' @param population the question again with rows re-weighted; see \code{\link{shares}}.
#' @param label a column or vector of names of rows. Default row names that were given.
#' @param one_source \code{TRUE}, or names of process sources: outcomes and process come from one questionnaire.
#' @param areas \code{TRUE}: rows are averages over areas. Both are said among the limits.
#' @param outcome_type \code{"auto"}, \code{"number"}, \code{"binary"} or \code{"ordinal"}, or a named list of them. Auto:
#'   factors are ordinal (binary with two levels), truth values binary, all else numbers. Binary and ordinal: shares of
#'   McFadden's R2 of a (cumulative) logit, without points, orders and flips; \code{"number"} scores ordered answers
#'   1, 2, 3 and so on.
#' @param unit_pounds the sum whose points are given.
#' @param at_most the bound of the claim that funding alone explains at most so much in every outcome.
#' @param interval \code{"auto"}, \code{"jackknife"}, \code{"influence"} or \code{"none"}, as in \code{\link{shares}}.
#' @param level of limits, between 0 and 1.
#' @param replicates,seed of the signs that are drawn in stepping p values down.
#' @param missing \code{"per-outcome"} or \code{"complete"} (over all outcomes and sources together).
#' @param left_out how many units at most are left out of everything and the whole judged again.
#' @param threads number of threads; see \code{\link{moments}}.
#' @param x the result.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_evidence}: \code{verdict} (three sentences; every number in them is a row of
#'   \code{numbers}), data frames \code{table} (one row an outcome), \code{differences} (one row a source and outcome),
#'   \code{sources}, \code{claims}, \code{money}, \code{league}, \code{leave_one_out}, \code{by}, \code{population},
#'   \code{missing}, \code{gaps} and \code{numbers}, \code{limits} (what the data cannot say), \code{remarks}, \code{provenance}.
#'   \code{as.data.frame} and \code{tidy} give the differences in broom's names, \code{glance} one row.
#' @section Errors:
#' \code{steelyard_error_invalid}: funding, process or need not among the blocks (the nearest is named), a source
#' whose terms stand in another block, and what \code{\link{shares}} refuses. \code{steelyard_error_data}: a constant
#' outcome, funding or process with the same value in every row, a level of \code{by} without rows.
#' @references
#' Romano, J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for multiple hypothesis testing.
#' \emph{Journal of the American Statistical Association} 100, 94-108. \doi{10.1198/016214504000000539}
#'
#' Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. \emph{Technometrics} 24, 295-300.
#' \doi{10.1080/00401706.1982.10487790}
#' @seealso \code{\link{report}}, \code{\link{specification_curve}}
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' evidence <- weigh(councils, c("control", "satisfaction"),
#'                   list(funding = ~ spend_per_adult_gbp, process = ~ easy_information,
#'                        need = ~ deprivation_rank),
#'                   label = "council", areas = TRUE, left_out = 1)
#' evidence$table[c("outcome", "difference", "answer")]
#' evidence$verdict[1]
#' @export
weigh <- function(data, outcomes, blocks, funding = "funding", process = "process", need = NULL, adjust = NULL,
                  process_sources = NULL, cluster = NULL, weights = NULL, weight_kind = NULL, strata = NULL,
                  group = NULL, by = NULL, population = NULL, label = NULL, one_source = FALSE, areas = FALSE, outcome_type = "auto",
                  unit_pounds = 1000, at_most = 0.07, interval = "auto", level = 0.95, replicates = 2000, seed = 1,
                  missing = "per-outcome", left_out = 3, threads = NULL) {
  env <- parent.frame()
  if (inherits(data, "steelyard_moments")) invalid("data: weigh() needs rows; moments hold only sums")
  check_frame(data)
  asked <- read_outcomes(outcomes, outcome_type, data, env)
  blocks <- read_blocks(blocks, names(data), env)
  roles <- c(place_of("funding", funding, names(blocks)), place_of("process", process, names(blocks)))
  need <- need_of(need, names(blocks), roles)
  question <- absorb_clusters(list(adjust = if (!is.null(adjust)) read_terms(adjust, "adjust", names(data), env)
                                            else list()), clusters_named(cluster, names(data)), data)
  sources <- read_sources(process_sources, blocks, one_source, data, env)
  options <- weigh_options(unit_pounds, at_most, interval, level, replicates, seed, missing, left_out)
  terms <- c(asked$terms, tag(unlist(unname(blocks), recursive = FALSE), "blocks"), tag(question$adjust, "adjust"),
             unlist(sources$terms, recursive = FALSE))
  plain <- make_design(data, terms, weights, weight_kind, cluster, "complete", env, strata)
  margins <- read_margins(population, data, env)
  n <- rows_of(data)
  sided <- with_sides(plain, c(list(side_column("by", by, data, n, env), side_column("group", group, data, n, env),
                                   unit_labels(label, data, env)), margins$columns))
  at <- term_places(sided$design)
  role <- as.integer(c(roles, !length(sources$names) && truth("one_source", one_source), sided$places[1:3], truth("areas", areas),
                       match(options$missing, missing_rules) - 1L, is.null(label) && sided$places[3L] > 0L))
  wanted <- list(at(asked$terms), asked$types, placed_blocks(blocks, at), at(question$adjust),
                 as.integer(!is.null(question$absorbed)), role, as.integer(need), placed_sources(sources, at),
                 sided$places[-(1:3)], margins$shares, dataset_of(sided$design, data))
  numbers <- as.double(c(options$level, match(options$interval, interval_names) - 1, options$replicates, options$seed,
                         options$at_most, options$unit_pounds, options$left_out))
  progress <- progress_teller("weighing")
  on.exit(progress$finish())
  raw <- settle(.Call(C_weigh, sided$design, wanted, numbers, check_threads(threads), progress$tell))
  options <- c(options, list(weight_kind = weight_kind, threads = threads, funding = funding, process = process,
                             blocks = lapply(blocks, labels_of), sources = sources$names))
  result <- new_evidence(raw, options)
  warn_of(result$remarks)
  result
}

weigh_options <- function(unit_pounds, at_most, interval, level, replicates, seed, missing, left_out) {
  list(level = check_level(level),
       interval = if (is.null(interval)) "none" else choice("interval", interval, weigh_intervals),
       replicates = whole("replicates", replicates, 100L, 1e6), seed = whole("seed", seed, 0L, 2^53),
       at_most = number("at_most", at_most), unit_pounds = number("unit_pounds", unit_pounds),
       left_out = whole("left_out", left_out, 0L, 1000), missing = choice("missing", missing, missing_rules))
}

# list(columns, shares by level) of a population.
read_margins <- function(population, data, env) {
  if (is.null(population)) return(list(columns = list(), shares = list()))
  if (!is.list(population) || is.null(names(population)) || any(names(population) == ""))
    invalid("population: a list is needed, such as list(payment_type = c(direct_payment = 0.24))")
  columns <- lapply(names(population), function(name) side_column("population", name, data, rows_of(data), env))
  list(columns = columns, shares = Map(stated_shares, population, columns, names(population)))
}

new_evidence <- function(raw, options) {
  frames <- tidy_frames(raw$tables)
  table <- frames$outcomes
  provenance <- c(list(version = .Call(C_version)), options, list(
    outcomes = table$outcome, n = stats::setNames(table$n, table$outcome), units = raw$units,
    unit = if (raw$clustered) "cluster" else if (raw$units > 0) "row" else "none", how = raw$how))
  structure(class = c("steelyard_evidence", "steelyard_result"), list(
    verdict = raw$verdict, table = table, differences = frames$differences, sources = frames$sources,
    claims = frames$claims, money = frames$money, league = frames$league, leave_one_out = frames$left_out,
    by = frames$levels, gaps = frames$gaps, population = frames$population, missing = frames$missing, numbers = frames$numbers,
    limits = raw$limits, remarks = remarks_frame(raw$remarks), provenance = provenance, text = raw$text,
    pieces = raw$pieces, page = raw$page, body = raw$body, picture = raw$picture))
}

#' @rdname weigh
#' @export
as.data.frame.steelyard_evidence <- function(x, row.names = NULL, optional = FALSE, ...) {
  d <- x$differences
  frame(list(source = d$source, outcome = d$outcome, estimate = d$difference, std.error = d$std_error, df = d$df,
             p.value = d$p_value, p_stepped = d$p_stepped, conf.low = d$conf_low, conf.high = d$conf_high,
             answer = d$answer))
}

glance.steelyard_evidence <- function(x, ...) {
  frame(list(outcomes = as.integer(x$sources$outcomes[1L]), sources = nrow(x$sources),
             positive_least = as.integer(min(x$sources$positive)), positive_most = as.integer(max(x$sources$positive)),
             process_ahead = x$claims$answer[1L], funding_ahead = x$claims$answer[2L], at_most = x$claims$answer[3L],
             largest_alone = x$claims$largest[3L], units = x$provenance$units))
}

document_of.steelyard_evidence <- function(x, whole = FALSE) {
  c(core_document(x$pieces), if (whole) told_provenance(x$provenance))
}
