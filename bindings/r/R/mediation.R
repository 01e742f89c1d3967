# What of a treatment's effect goes through which mediators.
# SPDX-License-Identifier: GPL-3.0-only

mediation_types <- c("linear", "binary", "ordinal")
mediation_parts <- c("direct", "through", "mutual dependence", "through all mediators", "total", "without mediators")
mediation_ways <- c(jackknife = "jackknife", influence = "influence function", percentile = "percentiles")

#' How much of a treatment's effect goes through each block of mediators
#'
#' @details
#' Interventional effects: the direct effect leaves all mediators as they are without the treatment; "through" a
#' block is what changes when that block is drawn as it is with the treatment; "mutual dependence" is what the mediators'
#' going together adds. They add to the total, and need no assumption on how mediators move each other. The joint
#' natural effect needs one more, which no data can check. Linear outcomes are exact: coefficients, means of
#' confounders and the mediators' residual covariances at both treatments. Binary and ordinal outcomes are averages
#' over rows and draws of residuals, in points of probability. A proportion is given only where the total is clear of
#' zero and all parts have its sign. A part that is a product of two numbers near zero has no normal limit;
#' \code{"percentile"} does not lean on one.
#'
#' @param data a data frame.
#' @param outcome,treatment one column each; the treatment has two levels in use or is a number.
#' @param mediators blocks by name, such as \code{list(funding = ~ weekly_amount, process = ~ easy_planning +
#'   views_included)}, in the order in which they are moved.
#' @param confounders terms that may move treatment, mediators and outcome; factors too.
#' @param contrast two levels, or two values of a number: the effect of going from one to the other. By default the
#'   two levels in use, the first one first.
#' @param interactions \code{TRUE}, \code{FALSE}, \code{"treatment"} or \code{"mediators"}: products in the outcome's
#'   model, of treatment and mediators and of mediators of different blocks.
#' @param effects \code{"interventional"}, or \code{"natural_joint"}: direct, and through all mediators together.
#' @param outcome_type \code{"auto"}: ordinal for an ordered factor, binary for two levels or truth values, else linear.
#' @param link \code{"logit"}, \code{"probit"} or \code{"cloglog"}, of a binary or ordinal outcome.
#' @param draws draws of the mediators' residuals for each row; binary and ordinal outcomes.
#' @param weights,weight_kind,cluster,strata,missing as for \code{\link{shares}}.
#' @param interval \code{"auto"}: below 200 clusters (or rows) the jackknife, else the influence function (binary
#'   and ordinal outcomes: always the jackknife), both by t with clusters less strata as degrees of freedom;
#'   \code{"jackknife"}, \code{"influence"}, \code{"percentile"} or \code{"none"}.
#' @param level of limits.
#' @param replicates,seed of \code{"percentile"}; the seed also of draws.
#' @param threads number of threads; see \code{\link{moments}}.
#' @param x,object the result.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_mediation}: \code{effects} (a data frame: answer for ordinal outcomes, part,
#'   estimate, std.error, statistic, df, p.value, conf.low, conf.high, proportion; the last part of a linear outcome,
#'   \code{without mediators}, is the treatment's coefficient beside the confounders alone), \code{means},
#'   \code{covariance}, \code{assumptions}, \code{remarks} and \code{provenance}.
#' @section Errors:
#' \code{steelyard_error_invalid} for a term in two places and a treatment that has not two levels;
#' \code{steelyard_error_data} for a constant outcome and a mediator that follows from treatment and confounders.
#' @references
#' Vansteelandt, S. and Daniel, R. M. (2017). Interventional effects for mediation analysis with multiple mediators.
#' \emph{Epidemiology} 28, 258-265. \doi{10.1097/EDE.0000000000000596}
#' @examples
#' d <- simulate_poet(seed = 1, hidden = TRUE)
#' d$direct <- d$payment_type == "direct_payment"
#' m <- mediation(d, "hidden_outcome", "direct",
#'                list(funding = ~ hidden_funding, process = ~ hidden_process),
#'                confounders = ~ need, cluster = "council")
#' m$effects
#' @export
mediation <- function(data, outcome, treatment, mediators, confounders = NULL, contrast = NULL, interactions = TRUE,
                      effects = "interventional", outcome_type = "auto", link = "logit", draws = 50, weights = NULL,
                      weight_kind = NULL, cluster = NULL, strata = NULL, interval = "auto", level = 0.95,
                      replicates = 2000, seed = 1, missing = "complete", threads = NULL) {
  env <- parent.frame()
  check_frame(data)
  known <- names(data)
  y <- one_term(outcome, "outcome", known, env)
  kind <- mediation_kind(y, outcome_type, data)
  if (kind != "linear") y <- mediation_outcome(y, kind, data)
  t <- one_term(treatment, "treatment", known, env)
  blocks <- mediator_blocks(mediators, known, env)
  beside <- if (is.null(confounders)) list() else read_terms(confounders, "confounders", known, env)
  missing <- choice("missing", missing, c("complete", "error"))
  terms <- c(tag(list(y), "outcome"), tag(list(t), "treatment"),
             tag(unlist(unname(blocks), recursive = FALSE), "mediators"), tag(beside, "confounders"))
  design <- make_design(data, terms, weights, weight_kind, cluster, missing, env, strata)
  labels <- vapply(design[[3L]], `[[`, "", 1L)
  at <- function(terms) match(labels_of(terms), labels)
  levels <- design_levels(design, at(list(t)))
  interval <- if (is.null(interval)) "none" else choice("interval", interval, interval_names)
  effects <- choice("effects", effects, c("interventional", "natural_joint"))
  link <- choice("link", link, links[1:3])
  options <- c(match(interval, interval_names) - 1, check_level(level), whole("replicates", replicates, 20L, 1e6),
               whole("seed", seed, 0L, 2^53))
  model <- c(at(list(t)), mediation_contrast(contrast, levels), mediation_products(interactions),
             match(effects, c("interventional", "natural_joint")) - 1, match(kind, mediation_types) - 1,
             match(link, links) - 1, whole("draws", draws, 1L, 1e5))
  question <- list(at(list(y)), names(blocks), unname(lapply(blocks, at)), at(beside))
  progress <- progress_teller("mediation")
  on.exit(progress$finish())
  raw <- settle(.Call(C_mediation, design, question, as.double(model), as.double(options), check_threads(threads),
                      progress$tell))
  asked <- list(outcome = y$label, treatment = t$label, blocks = lapply(blocks, labels_of), confounders = labels_of(beside),
                effects = effects, kind = kind, link = link, draws = draws, weight_kind = weight_kind, missing = missing,
                level = level, seed = seed, replicates = replicates, levels = levels,
                answers = design_levels(design, at(list(y))))
  m <- new_mediation(raw, asked)
  warn_of(m$remarks)
  m
}

one_term <- function(given, argument, known, env) {
  terms <- if (inherits(given, "formula") || (is.character(given) && length(given) == 1L))
    read_terms(given, argument, known, env)
  if (length(terms) != 1L) invalid("%s: one column is needed, not %s", argument, shown(given))
  terms[[1L]]
}

mediator_blocks <- function(mediators, known, env) {
  called <- names(mediators)
  if (is.null(called) || any(is.na(called) | called == "") || !(is.list(mediators) || is.character(mediators)))
    invalid("mediators: a named list is needed, such as list(funding = ~ weekly_amount, process = ~ easy_planning)")
  if (anyDuplicated(called)) invalid("mediators: two blocks are called \"%s\"", called[anyDuplicated(called)])
  lapply(as.list(mediators), read_terms, "mediators", known, env)
}

mediation_kind <- function(term, asked, data) {
  asked <- choice("outcome_type", asked, c("auto", mediation_types))
  if (asked != "auto") return(asked)
  if (length(term$variables) > 1L) return("linear")
  values <- read_values(c(term$variables[[1L]], argument = "outcome"), data, rows_of(data))
  if (is.ordered(values)) "ordinal"
  else if (is.logical(values) || is.factor(values) || is.character(values) || term$variables[[1L]]$kind == "factor") "binary"
  else "linear"
}

mediation_outcome <- function(term, kind, data) {
  tryCatch(with_outcome(term, kind, data, FALSE), steelyard_error = function(e) {
    e$message <- sub("formula: the outcome ", "outcome: ", conditionMessage(e), fixed = TRUE)
    stop(e)
  })
}

# Levels of a term of one factor; NULL for a number.
design_levels <- function(design, term) {
  columns <- design[[3L]][[term]][[2L]]
  if (length(columns) == 1L) design[[2L]][[columns]][[3L]]
}

mediation_contrast <- function(given, levels) {
  if (is.null(given)) return(c(NaN, NaN))
  if (length(given) != 2L) invalid("contrast: two levels or values are needed, c(from, to)")
  if (is.null(levels)) return(vapply(given, function(value) number("contrast", value), 0))
  vapply(as.character(given), function(level) place("contrast", level, levels), 1L) - 1
}

mediation_products <- function(given) {
  fits <- is.atomic(given) && length(given) == 1L && !is.na(given) && (is.logical(given) || given %in% c("treatment", "mediators"))
  if (!fits) invalid("interactions: %s is not one of TRUE, FALSE, \"treatment\", \"mediators\"", shown(given))
  c(isTRUE(given) || given == "treatment", isTRUE(given) || given == "mediators")
}

new_mediation <- function(raw, asked) {
  numbers <- stats::setNames(as.list(raw$numbers), c("from", "to", "level_from", "level_to", "n", "rows_read",
    "rows_used", "rows_dropped", "n_products", "r2", "interval", "df", "units", "clustered", "n_strata", "kept",
    "rows_from", "rows_to"))
  numbers$interval <- interval_names[numbers$interval + 1]
  parts <- ifelse(raw$parts == 1L, paste("through", names(asked$blocks)[pmax(raw$blocks, 0L) + 1L]),
                  mediation_parts[raw$parts + 1L])
  answers <- if (asked$kind == "ordinal") asked$answers[raw$answers + 1L]
  count <- max(1L, length(answers))
  table <- lapply(raw[c("estimate", "std.error", "statistic")], as.double)
  effects <- no_nan(c(if (!is.null(answers)) list(answer = rep(answers, each = length(parts))),
                      list(part = rep(parts, count)), table,
                      list(df = rep(if (numbers$interval == "none") NaN else numbers$df, length(parts) * count)),
                      raw[c("p.value", "conf.low", "conf.high", "proportion")]))
  contrast <- if (is.null(asked$levels)) sprintf("%.6g", c(numbers$from, numbers$to))
              else asked$levels[c(numbers$level_from, numbers$level_to) + 1]
  names <- if (is.null(answers)) parts else paste(effects$answer, parts, sep = ": ")
  covariance <- if (length(raw$covariance))
    matrix(raw$covariance, length(names), dimnames = list(names, names), byrow = TRUE)
  means <- frame(c(if (!is.null(answers)) list(answer = rep(answers, each = 2L)),
                   list(treatment = rep(contrast, count), mean = raw$mean)))
  kept <- asked[setdiff(names(asked), c("levels", "answers"))]
  structure(class = c("steelyard_mediation", "steelyard_result"), list(
    effects = effects, means = means, covariance = covariance, assumptions = raw$assumptions,
    remarks = remarks_frame(raw$remarks), contrast = contrast, answers = answers,
    provenance = c(list(version = .Call(C_version)), kept, numbers)))
}

#' @rdname mediation
#' @export
as.data.frame.steelyard_mediation <- function(x, row.names = NULL, optional = FALSE, ...) x$effects

glance.steelyard_mediation <- function(x, ...) {
  p <- x$provenance
  frame(list(n = p$n, r.squared = if (is.nan(p$r2)) NA_real_ else p$r2, clusters = p$units, df = p$df,
             interval = p$interval))
}

document_of.steelyard_mediation <- function(x, whole = FALSE) {
  p <- x$provenance
  foot <- c(mediation_limits(p), if (p$rows_dropped > 0)
    sprintf("%s of %.0f dropped: a value is missing.", counted(as.integer(p$rows_dropped), "row"), p$rows_read))
  more <- more_of(whole)
  c(mediation_head(x), mediation_tables(x, more), mediation_means(x, more), foot, shown_remarks(x$remarks),
    listed("Effects only as far as this holds:", x$assumptions), if (whole) c(mediation_covariance(x), told_provenance(mediation_provenance(x))))
}

mediation_covariance <- function(x) {
  if (is.null(x$covariance)) return(NULL)
  cells <- lapply(seq_len(ncol(x$covariance)), function(k) sprintf("%.4g", x$covariance[, k]))
  names(cells) <- colnames(x$covariance)
  c("", tabled(c(list(covariance = rownames(x$covariance)), cells), caption = "Covariances of the parts"))
}

mediation_head <- function(x) {
  p <- x$provenance
  rows <- if (p$n == p$rows_used) counted(as.integer(p$n), "row") else sprintf("n = %.0f from %.0f rows", p$n, p$rows_used)
  blocks <- paste(sprintf("%s (%s)", names(p$blocks), vapply(p$blocks, paste, "", collapse = ", ")), collapse = "; ")
  products <- counted(as.integer(p$n_products), "product")
  c(sprintf("Mediation of %s (%s to %s) and %s, %s", p$treatment, x$contrast[1L], x$contrast[2L], p$outcome, rows),
    sprintf("%s effects through %s.", if (p$effects == "interventional") "Interventional" else "Natural", blocks),
    if (length(p$confounders)) sprintf("Confounders: %s.", paste(p$confounders, collapse = ", ")) else "Confounders: none.",
    if (p$kind == "linear")
      sprintf("Outcome's model: linear, with %s; R2 %s.", products, digits4(p$r2))
    else sprintf("Outcome's model: %s, %s, with %s; %s a row. Parts are points of probability.", p$kind, p$link, products,
                 counted(as.integer(p$draws), "draw")))
}

mediation_tables <- function(x, more) {
  shown <- x$effects[x$effects$part != "without mediators", ]
  some <- any(!is.na(shown$proportion))
  together(lapply(if (is.null(x$answers)) list(NULL) else as.list(x$answers), function(answer) {
    own <- if (is.null(answer)) shown else shown[shown$answer == answer, ]
    cells <- estimate_cells(list(part = own$part), own, more = more)
    called <- if (is.null(answer)) x$provenance$outcome else sprintf("%s: %s", x$provenance$outcome, answer)
    cells$df <- NULL
    c("", if (!is.null(answer)) called,
      tabled(c(cells, if (some) list(percent = digits1(100 * own$proportion))), caption = limited(
        sprintf("Parts of the effect of %s on %s", x$provenance$treatment, called), x$provenance$level, x$provenance$interval)))
  }))
}

mediation_means <- function(x, more) {
  of <- if (is.null(x$answers)) x$provenance$outcome else paste("share of", x$answers)
  at <- 2L * seq_along(of)
  without <- x$effects[x$effects$part == "without mediators", ]
  error <- by_error(without$std.error, without$std.error, more)
  c("", sprintf("Expected %s: %.6g with %s, %.6g with %s.", of, x$means$mean[at - 1L], x$contrast[1L], x$means$mean[at],
                x$contrast[2L]),
    if (nrow(without)) sprintf("Without mediators in the model: %s%s.", by_error(without$estimate, without$std.error, more),
                               if (error == "-") "" else sprintf(" (std error %s)", error)))
}

mediation_limits <- function(p) {
  if (p$interval == "none") return("Limits: none.")
  units <- if (p$clustered) counted(as.integer(p$units), "cluster")
           else if (p$units >= p$rows_used) counted(as.integer(p$units), "row")
           else sprintf("%.0f groups of rows", p$units)
  strata <- if (p$n_strata > 0) sprintf(" in %.0f strata", p$n_strata) else ""
  tail <- if (p$interval == "percentile") sprintf("%s, seed %.0f", counted(as.integer(p$kept), "replicate"), p$seed)
          else paste("t with", freedom(p$df))
  sprintf("Limits (%s %%): %s over %s%s, %s.", percent_of(p$level), mediation_ways[[p$interval]], units, strata, tail)
}
