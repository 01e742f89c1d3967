# The gap between two groups: the question, read and handed to the core.
# SPDX-License-Identifier: GPL-3.0-only

gap_methods <- c("oaxaca", "kitagawa", "gelbach")
gap_references <- c("first", "second", "equal", "size", "pooled", "pooled_without")
gap_by <- c("first", "second", "pooled", "pooled_without", "order_free")

#' The gap between two groups
#'
#' Splits the gap between two groups' means into what goes with blocks of terms and what does not.
#'
#' @details
#' Explained and unexplained add up to the gap. Detail does not change with the base level of a factor (Yun 2005).
#' With \code{"oaxaca"} the unexplained parts of single blocks depend on where their numbers have their zero, their sum
#' does not (Jones and Kelley 1984); with \code{"shapley"} columns count from their means over all rows, and no part does.
#' Of binary and ordered answers each group has a model of its own; rows of the two groups are paired by rank of the
#' pooled index with all rows and weights, which is what matching at random tends to (Fairlie 2005); what predicted
#' means are short of observed ones is a part of its own, \code{fit}. What goes with a block need not be caused by it.
#'
#' @param data a data frame.
#' @param outcome a numeric column, two answers (logical, 0 and 1, or a factor of two levels), or ordered answers (an
#'   ordered factor): its name or a one-sided formula.
#' @param group a column with exactly two levels in use: its name, a one-sided formula, or a vector.
#' @param blocks the terms of each block, as in \code{\link{shares}}. Factors are allowed.
#' @param method \code{"oaxaca"}: differences in means valued at reference coefficients, twofold and threefold;
#'   \code{"kitagawa"}: blocks of factors, the cells of which have shares (composition) and means (rate);
#'   \code{"gelbach"}: what the coefficient of the group loses when the blocks join one model; \code{"shapley"}: of two
#'   answers or ordered answers, for each answer, every block's part averaged over all orders in which columns and
#'   coefficients of the groups can be exchanged. \code{"auto"}: \code{"shapley"} of two or ordered answers, else
#'   \code{"oaxaca"}.
#' @param reference whose coefficients value the differences: \code{"first"}, \code{"second"}, \code{"equal"} (half and
#'   half), \code{"size"}, \code{"pooled"} (one model of all rows with the group in it), \code{"pooled_without"}, or a
#'   weight from 0 to 1 of the first. It decides the detail that is shown; all stand beside each other in
#'   \code{references}. \code{"auto"}: \code{"pooled"}. With \code{"shapley"}: \code{"order_free"} (auto),
#'   \code{"first"}, \code{"second"}, \code{"pooled"}, \code{"pooled_without"}.
#' @param first level of \code{group}: the gap is the mean of this group less that of the other; default the first
#'   level in order.
#' @param outcome_type \code{"auto"} (by the column; numbers that are all 0 or 1 are binary), \code{"numeric"},
#'   \code{"binary"} or \code{"ordinal"}.
#' @param link \code{"logit"}, \code{"probit"} or \code{"cloglog"}, of \code{"shapley"}.
#' @param adjust terms held in every model; their part is a block called \code{adjust}.
#' @param weights,weight_kind,cluster,strata as for \code{\link{moments}}.
#' @param interval \code{"auto"}: delete-one-cluster jackknife with clusters, delete-one-row up to 400 rows, else
#'   influence functions of the rows; \code{"jackknife"}, \code{"influence"}, \code{"percentile"}, \code{"expanded"},
#'   \code{"basic"}; \code{"none"} or \code{NULL}. \code{"shapley"} has the jackknife, over clusters or 100 groups of rows.
#' @param level of limits, between 0 and 1.
#' @param replicates,seed of bootstrap limits; the seed also deals rows into groups.
#' @param missing \code{"complete"} or \code{"error"}.
#' @param threads number of threads; see \code{\link{moments}}.
#' @param x the result.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_gap} with data frames \code{gap} (means, gap and limits; of ordered answers
#'   one row an answer), \code{parts} (one row a block, the constant and the total: \code{explained},
#'   \code{std.error}, \code{conf.low}, \code{conf.high}, \code{percent}, \code{unexplained} and its own; with
#'   \code{"oaxaca"} \code{endowments}, \code{coefficients}, \code{interaction}), \code{terms}, \code{levels},
#'   \code{references} and \code{categories}, further \code{explained}, \code{unexplained}, \code{sentences},
#'   \code{method}, \code{reference}, \code{n}, \code{remarks} and \code{provenance}. \code{as.data.frame} and
#'   \code{tidy} give every part in one row.
#' @section Errors:
#' \code{steelyard_error_invalid} for a group that stands in a block and a method that the outcome does not go with;
#' \code{steelyard_error_data} for a group with one level or three, with fewer rows than its model has coefficients, a
#' column that adds nothing within one group, a level without rows in one group.
#' @references
#' Oaxaca, R. (1973). \doi{10.2307/2525981}. Blinder, A. S. (1973). \doi{10.2307/144855}.
#'
#' Kitagawa, E. M. (1955). \doi{10.1080/01621459.1955.10501299}
#'
#' Jones, F. L. and Kelley, J. (1984). \doi{10.1177/0049124184012003004}
#'
#' Gelbach, J. B. (2016). \doi{10.1086/683668}
#'
#' Jann, B. (2008). \doi{10.1177/1536867X0800800401}. Yun, M.-S. (2005). \doi{10.1093/ei/cbi053}
#'
#' Shorrocks, A. F. (2013). \doi{10.1007/s10888-011-9214-z}. Fairlie, R. W. (2005). \doi{10.3233/JEM-2005-0259}
#' @examples
#' chicago <- load_dataset("chicago_wages")
#' g <- gap(chicago, "log_wage", "foreign_born", list(age = ~ age, sex = ~ female))
#' g$parts
#' low <- transform(chicago, low = log_wage < 2.2)
#' gap(low, "low", "foreign_born", c("age", "female"))$references
#' @export
gap <- function(data, outcome, group, blocks, method = "auto", reference = "auto", first = NULL, outcome_type = "auto",
                link = "logit", adjust = NULL, weights = NULL, weight_kind = NULL, cluster = NULL, strata = NULL,
                interval = "auto", level = 0.95, replicates = 2000, seed = 1, missing = "complete", threads = NULL) {
  env <- parent.frame()
  if (inherits(data, "steelyard_moments")) invalid("data: gap() needs rows; moments hold only sums")
  check_frame(data)
  options <- gap_options(method, reference, interval, level, replicates, seed, link)
  known <- names(data)
  outcome <- gap_outcome(outcome, known, env)
  options$type <- gap_type(outcome, data, choice("outcome_type", outcome_type, c("auto", "numeric", "binary", "ordinal")))
  options <- settle_gap(options)
  question <- gap_question(outcome, read_blocks(blocks, known, env),
                           if (is.null(adjust)) list() else read_terms(adjust, "adjust", known, env), data, options)
  if (is.null(group)) invalid("group: the name of a column or a vector is needed")
  column <- side_column("group", group, data, rows_of(data), env)
  options$first <- gap_level(column, first)
  missing <- choice("missing", missing, c("complete", "error"))
  design <- make_design(data, question$terms, weights, weight_kind, cluster, missing, env, strata)
  raw <- ask_gap(design, column, question, options, check_threads(threads))
  result <- new_gap(raw, question, options, column, weight_kind)
  warn_of(result$remarks)
  result
}

gap_options <- function(method, reference, interval, level, replicates, seed, link) {
  weight <- 0
  if (is.numeric(reference) && length(reference) == 1L && !is.na(reference)) {
    weight <- as.double(reference)
    if (weight < 0 || weight > 1) invalid("reference: %.15g is not between 0 and 1", weight)
    reference <- sprintf("%.15g", weight)
  } else {
    if (!is.character(reference))
      invalid("reference: %s is neither a word nor a number from 0 to 1", shown(reference))
    choice("reference", reference, c("auto", gap_references, "order_free"))
  }
  list(method = choice("method", method, c("auto", gap_methods, "shapley")), reference = reference, weight = weight,
       interval = if (is.null(interval)) "none" else choice("interval", interval, interval_names),
       level = check_level(level), replicates = whole("replicates", replicates, 1L, 1e6),
       seed = whole("seed", seed, 0L, 2^53), link = choice("link", link, links[1:3]))
}

gap_outcome <- function(outcome, known, env) {
  terms <- read_terms(outcome, "outcome", known, env)
  if (length(terms) != 1L || length(terms[[1L]]$variables) != 1L) invalid("outcome: one column is needed")
  terms[[1L]]
}

# What the outcome is, by what was said or by its column.
gap_type <- function(outcome, data, asked) {
  if (asked != "auto") return(asked)
  variable <- c(outcome$variables[[1L]], argument = "outcome")
  values <- read_values(variable, data, rows_of(data))
  if (is.factor(values)) return(if (is.ordered(values) && nlevels(values) > 2L) "ordinal" else "binary")
  if (is.logical(values)) return("binary")
  if (!is.numeric(values)) return("numeric")
  present <- values[!is.na(values)]
  if (length(present) && all(present %in% c(0, 1))) "binary" else "numeric"
}

# Method and reference for the outcome, or an error that says what goes with what.
settle_gap <- function(options) {
  answers <- options$type %in% c("binary", "ordinal")
  if (options$method == "auto") options$method <- if (answers) "shapley" else "oaxaca"
  method <- options$method
  if (method == "shapley" && !answers)
    invalid("method: \"shapley\" is of a binary or ordinal outcome; a numeric one has \"oaxaca\", \"kitagawa\" and \"gelbach\"")
  if (method != "shapley" && options$type == "ordinal")
    invalid("method: \"%s\" is of a numeric outcome; an ordinal one has \"shapley\"", method)
  if (options$link != "logit" && method != "shapley") invalid("link: \"%s\" has none; leave it out", method)
  if (options$reference == "auto") {
    options$reference <- if (method == "shapley") "order_free" else "pooled"
    return(options)
  }
  if (method %in% c("kitagawa", "gelbach")) invalid("reference: \"%s\" has none; leave it out", method)
  allowed <- if (method == "shapley") gap_by else gap_references
  if (!options$reference %in% allowed && (method == "shapley" || options$reference == "order_free"))
    choice("reference", options$reference, allowed)
  options
}

# The outcome with its column as the method needs it, terms in order, and where they stand.
gap_question <- function(outcome, blocks, adjust, data, options) {
  seen <- stats::setNames("", outcome$label)
  for (name in c(names(blocks), "adjust")) {
    held <- name == "adjust" && is.null(blocks[[name]])
    for (label in labels_of(if (held) adjust else blocks[[name]])) {
      if (label %in% names(seen))
        invalid("%s: %s is %s", if (held) "adjust" else "blocks", label,
                if (nzchar(seen[[label]])) sprintf("in block %s too", seen[[label]]) else "the outcome")
      seen[[label]] <- name
    }
  }
  answers <- NULL
  if (options$method == "shapley") {
    outcome <- tryCatch(with_outcome(outcome, options$type, data), steelyard_error = function(e) {
      e$message <- sub("formula: the outcome ", "outcome: ", conditionMessage(e), fixed = TRUE)
      stop(e)
    })
    answers <- outcome$variables[[1L]]$given[[3L]]
    if (length(adjust)) {
      blocks$adjust <- adjust
      adjust <- list()
    }
  }
  terms <- c(tag(list(outcome), "outcome"), tag(unlist(unname(blocks), recursive = FALSE), "blocks"),
             tag(adjust, "adjust"))
  labels <- labels_of(terms)
  list(outcome = outcome$label, terms = terms, answers = answers, block = names(blocks),
       labels = lapply(blocks, labels_of), adjust = labels_of(adjust),
       asked = list(1L, names(blocks), lapply(unname(blocks), function(b) match(labels_of(b), labels)),
                    match(labels_of(adjust), labels)))
}

gap_level <- function(column, first) {
  if (is.null(first)) return(0L)
  text <- one_text("first", first)
  at <- match(text, column[[3L]])
  if (is.na(at)) invalid("first: \"%s\" is not a level of %s (%s)", shown(text), column[[1L]],
                                             some_of(column[[3L]]))
  at
}

ask_gap <- function(design, column, question, options, threads) {
  interval <- match(options$interval, interval_names) - 1L
  progress <- progress_teller(sprintf("gap in %s", question$outcome))
  on.exit(progress$finish())
  if (options$method == "shapley") {
    asked <- list(match(options$type, outcome_kinds) - 1L, match(options$link, links) - 1L, options$first, interval,
                  options$level, as.double(options$seed), 60, match(options$reference, gap_by) - 1L)
    return(settle(.Call(C_gap_response, design, column, question$asked, asked, threads, progress$tell)))
  }
  reference <- match(options$reference, gap_references, nomatch = length(gap_references) + 1L) - 1L
  asked <- list(match(options$method, gap_methods) - 1L, reference, options$weight, options$first, interval,
                options$level, as.integer(options$replicates), as.double(options$seed))
  settle(.Call(C_gap, design, column, question$asked, asked, threads, progress$tell))
}
