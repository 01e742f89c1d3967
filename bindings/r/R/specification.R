# Specification curves: the question asked in every way that could be defended.
# SPDX-License-Identifier: GPL-3.0-only

funding_forms <- c("level", "log", "rank")
fixed_choices <- c("funding", "blocks", "source", "weights", "missing")
most_row_choices <- 4L
most_options <- 256L

#' Specification curve
#'
#' Process less funding in every combination of choices, sorted, and how much of the spread each choice makes.
#'
#' @details
#' Every combination is asked; limits are those of the single specification (Simonsohn, Simmons and Nelson 2020). The
#' part of the spread that a choice makes is the Shapley share of R2 of the differences on the choices as factors
#' (compare Patel, Burford and Ioannidis 2015). The combinations are not a sample: nothing is said of the curve as a
#' whole.
#'
#' @param data,outcomes,blocks,funding,process,adjust,cluster,strata as in \code{\link{weigh}}; outcomes are numbers.
#' @param choices a named list of what could have been decided otherwise; default
#'   \code{list(funding = c("level", "log", "rank"))}. \code{funding}: forms of the funding block's numbers;
#'   \code{blocks}: a named list of other ways to put terms into blocks, beside those \dQuote{as asked}; \code{source}: a
#'   named list of terms, sources of the process measure; \code{weights}: a named list of \code{NULL} or
#'   \code{c(column, kind)}; \code{missing}: \code{"complete"} (over everything that any specification asks) and
#'   \code{"per-outcome"}; any other name, up to four: a column (one option a level, such as a year), or a named list of
#'   \code{NULL} (all rows), a truth value a row, or a function of the data that gives one.
#' @param interval,level,seed,threads as in \code{\link{weigh}}.
#' @param x the result.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_curve}: \code{table} (one row a specification by rising difference),
#'   \code{summary_table}, \code{choices} (one row a choice: \code{medians}, \code{options}, \code{share} of the differences'
#'   variance), \code{verdict}, \code{remarks}, \code{provenance}. \code{as.data.frame} and \code{tidy} give the table,
#'   \code{glance} the summary as one row.
#' @section Errors:
#' \code{steelyard_error_invalid}: a choice without options, an unknown form, block or column, weights without their
#' kind; \code{steelyard_error_data}: a specification without an answer, its options named;
#' \code{steelyard_error_limit}: more than 100,000 combinations.
#' @references
#' Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020). Specification curve analysis. \emph{Nature Human Behaviour}
#' 4, 1208-1214. \doi{10.1038/s41562-020-0912-z}
#'
#' Patel, C. J., Burford, B. and Ioannidis, J. P. A. (2015). Assessment of vibration of effects due to model
#' specification. \emph{Journal of Clinical Epidemiology} 68, 1046-1058. \doi{10.1016/j.jclinepi.2015.05.029}
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' curve <- specification_curve(
#'   councils, c("control", "satisfaction"),
#'   list(funding = ~ spend_per_adult_gbp, process = ~ easy_information, need = ~ deprivation_rank),
#'   choices = list(
#'     funding = c("level", "log"),
#'     source = list(users = ~ easy_information, carers = ~ carer_easy_information),
#'     rows = list(all = NULL, `without City of London` = councils$council != "City of London")))
#' curve$choices
#' @export
specification_curve <- function(data, outcomes, blocks, funding = "funding", process = "process", choices = NULL,
                                adjust = NULL, cluster = NULL, strata = NULL, interval = "auto", level = 0.95, seed = 1,
                                threads = NULL) {
  env <- parent.frame()
  if (inherits(data, "steelyard_moments"))
    invalid("data: specification_curve() needs rows; moments hold only sums")
  check_frame(data)
  if (is.null(choices)) choices <- list(funding = funding_forms)
  if (!is.list(choices) || !length(choices) || is.null(names(choices)) || any(names(choices) == ""))
    invalid("choices: a named list is needed, such as list(funding = c(\"level\", \"log\"))")
  asked <- read_outcomes(outcomes, "number", data, env)
  members <- read_memberships(blocks, choices$blocks, funding, process, data, env)
  adjust <- if (!is.null(adjust)) tag(read_terms(adjust, "adjust", names(data), env), "adjust") else list()
  sources <- read_sources(choices$source, members[[1L]]$blocks, FALSE, data, env)
  forms <- vapply(options_of("funding", choices$funding, "level"), choice, "", argument = "choices", allowed = funding_forms)
  rules <- vapply(options_of("missing", choices$missing, "per-outcome"), choice, "", argument = "choices",
                  allowed = missing_rules)
  weightings <- read_weightings(choices, data, env)
  rows <- read_row_choices(choices[setdiff(names(choices), fixed_choices)], data, env)
  terms <- c(asked$terms, tag(unlist(lapply(members, function(m) unlist(unname(m$blocks), recursive = FALSE)),
                                     recursive = FALSE), "blocks"), adjust, unlist(sources$terms, recursive = FALSE))
  sided <- with_sides(make_design(data, terms, NULL, NULL, cluster, "complete", env, strata), weightings$columns)
  at <- term_places(sided$design)
  wanted <- list(at(asked$terms), lapply(members, function(m) list(m$name, placed_blocks(m$blocks, at), m$funding, m$process)),
                 placed_sources(sources, at), match(forms, funding_forms) - 1L,
                 list(weightings$names, sided$places, weightings$kinds), match(rules, missing_rules) - 1L, rows, at(adjust))
  interval <- if (is.null(interval)) "none" else choice("interval", interval, weigh_intervals)
  level <- check_level(level)
  seed <- whole("seed", seed, 0L, 2^53)
  progress <- progress_teller("specifications")
  on.exit(progress$finish())
  raw <- settle(.Call(C_specifications, sided$design, wanted,
                      as.double(c(level, match(interval, interval_names) - 1, seed)), check_threads(threads), progress$tell))
  frames <- tidy_frames(raw$tables)
  result <- structure(class = c("steelyard_curve", "steelyard_result"), list(
    table = frames$specifications, summary_table = frames$summary, choices = frames$choices, verdict = raw$verdict,
    remarks = remarks_frame(raw$remarks), provenance = list(
      version = .Call(C_version), funding = funding, process = process, level = level, interval = interval, seed = seed,
      threads = threads, specifications = nrow(frames$specifications)), text = raw$text, pieces = raw$pieces))
  warn_of(result$remarks)
  result
}

options_of <- function(name, given, default) {
  given <- if (is.null(given)) default else unlist(given)
  if (!length(given) || anyDuplicated(given)) invalid("choices: %s needs options, each once", name)
  given
}

# Blocks as asked, then the other ways, each with the places of funding and process.
read_memberships <- function(blocks, others, funding, process, data, env) {
  if (!is.null(others) && (!is.list(others) || is.null(names(others))))
    invalid("choices: blocks are a named list of blocks")
  Map(function(given, name) {
    read <- read_blocks(given, names(data), env)
    list(name = name, blocks = read, funding = place_of("funding", funding, names(read)),
         process = place_of("process", process, names(read)))
  }, unname(c(list(blocks), others)), c("as asked", names(others)))
}

read_weightings <- function(choices, data, env) {
  given <- choices$weights
  if (is.null(given)) return(list(names = "none", columns = list(NULL), kinds = 0L))
  if (!is.list(given) || !length(given) || is.null(names(given)))
    invalid("choices: weights are a named list, such as list(none = NULL, people = c(\"population\", \"analytic\"))")
  columns <- lapply(given, function(one)
    if (!is.null(one)) side_column("choices", one[[1L]], data, rows_of(data), env, numbers = TRUE))
  kinds <- vapply(given, function(one)
    if (is.null(one)) 0L else check_weights(one[[1L]], if (length(one) > 1L) one[[2L]]), 1L)
  list(names = names(given), columns = unname(columns), kinds = unname(kinds))
}

# list of list(name, options, masks)
read_row_choices <- function(given, data, env) {
  if (length(given) > most_row_choices)
    invalid("choices: %d choices of rows; at most %d are taken", length(given), most_row_choices)
  n <- rows_of(data)
  unname(Map(function(value, name) {
    if (is.character(value) && length(value) == 1L) {
      column <- side_column("choices", value, data, n, env)
      codes <- as.integer(column[[2L]])
      options <- column[[3L]]
      masks <- lapply(seq_along(options), function(code) !is.na(codes) & codes == code)
    } else if (is.list(value) && length(value) && !is.null(names(value))) {
      options <- names(value)
      masks <- unname(Map(row_mask, value, options, MoreArgs = list(name = name, data = data, n = n)))
    } else invalid("choices: %s is neither a column nor a named list of rows", name)
    if (length(options) > most_options)
      invalid("choices: %s has %d options; at most %d are taken", name, length(options), most_options)
    list(name, options, lapply(masks, function(mask) if (!is.null(mask)) as.raw(mask)))
  }, given, names(given)))
}

row_mask <- function(mask, option, name, data, n) {
  if (is.null(mask)) return(NULL)
  values <- if (is.function(mask)) mask(data) else mask
  if (!is.logical(values) || length(values) != n || anyNA(values))
    invalid("choices: %s, %s: a truth value for each of %.0f rows is needed", name, option, n)
  values
}

#' @rdname specification_curve
#' @export
as.data.frame.steelyard_curve <- function(x, row.names = NULL, optional = FALSE, ...) x$table

tidy.steelyard_curve <- function(x, ...) {
  columns <- x$table
  shown <- c(difference = "estimate", std_error = "std.error", conf_low = "conf.low", conf_high = "conf.high",
             p_value = "p.value")
  names(columns) <- ifelse(names(columns) %in% names(shown), shown[names(columns)], names(columns))
  columns
}

glance.steelyard_curve <- function(x, ...)
  frame(stats::setNames(as.list(x$summary_table$value), gsub(" ", "_", x$summary_table$what)))

document_of.steelyard_curve <- function(x, whole = FALSE) {
  c(core_document(x$pieces), if (whole) told_provenance(x$provenance))
}
