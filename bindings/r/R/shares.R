# From the user's question to the core's, and from its tables to frames.
# SPDX-License-Identifier: GPL-3.0-only

replicated <- c("percentile", "expanded", "basic", "bca", "studentised", "bayes")
interval_names <- c("auto", "none", "jackknife", "influence", "normal", replicated)
metric_names <- c("share", "percent_of_explained", "adjusted", "by_chance", "alone", "unique", "common", "lowest",
                  "highest")
rows_kept_one_by_one <- 1000

#' Shares of explained variance, with honest uncertainty
#'
#' Splits the R2 of the linear model of \code{outcome} on all blocks among the
#' blocks, and each block's share among its terms.
#'
#' @details
#' v(S) is the R2 of the terms in S together with the adjusting terms, less the
#' R2 of the adjusting terms. A block's share is the Shapley value of v over
#' blocks: its increment of v averaged over all orders in which the blocks can
#' enter (for blocks of one term: LMG). A term's share within its block is the
#' Owen value, so that terms add up to their block, and blocks to the total. All
#' 2^B submodels are visited, up to 2^30. An interaction or a power that stands
#' beside the terms it is made of enters after them, the average going over the
#' orders that allow it (Faigle and Kern 1992), up to 2^18 submodels; a remark names
#' it.
#'
#' Limits: with clusters the jackknife over clusters (t with clusters - 1 degrees
#' of freedom; none below 6 clusters); up to 1,000 rows without clusters the
#' jackknife over rows; beyond, the influence function over rows; from moments
#' without rows or clusters normal theory, which a remark says. Limits of shares,
#' of alone, unique and total are symmetric on the cube root. The
#' range lowest to highest is over orderings; it is not an interval.
#'
#' Shares say what goes together in these data; they are not effects.
#'
#' @param data a data frame (also a tibble or data.table), or \code{\link{moments}}, or a
#'   fit, whose outcome, rows, weights and clusters are then used and whose terms are the
#'   blocks by default; terms in neither blocks nor adjust are left out. Of
#'   \code{\link{fit_linear}}: shares of R2. Of \code{\link{fit_binary}},
#'   \code{\link{fit_count}}, \code{\link{fit_ordinal}}, \code{\link{fit_mixed}}: shares of
#'   \code{measure}.
#' @param outcome the name of a column (or label of a term), or several.
#' @param blocks a named list of one-sided formulas, formula texts or character
#'   vectors of names, such as \code{list(money = ~ spend, staff = ~ ratio +
#'   salary)}, or a named character vector. Without names (a character vector of
#'   names, or one formula) each term is a block.
#' @param adjust terms that are forced in first, as a formula or names; shares are
#'   then points of outcome variance beyond them. The factor of the clusters,
#'   \code{~ factor(council)} with \code{cluster = "council"} (of moments: \code{~
#'   factor(cluster)}), forces in the means of all clusters (fixed effects) without a
#'   column for each.
#' @param order groups of blocks, the first enters first: \code{list("need",
#'   c("funding", "process"))}. A share is then the average over the orders that
#'   respect the groups. Every block must be in one.
#' @param population shares of groups in the population that the rows are re-weighted to, such as
#'   \code{list(payment_type = c(direct_payment = 0.24))}; levels that are not named share the
#'   rest as they do in the sample. The print shows both answers; see \code{\link{population_change}}.
#' @param by a column, by its name, a one-sided formula or a vector, in whose levels the
#'   question is asked one by one; the answer is then of class
#'   \code{steelyard_shares_by}, with tests of the levels' differences
#'   (\code{\link{compare_levels}}).
#' @param measure \code{"r2"} of data, moments and linear fits. Of a fit by maximum likelihood
#'   \code{"mcfadden"}, 1 - loglik / loglik of the null model (default), \code{"nagelkerke"}, or,
#'   binary and ordinal, \code{"latent"}: the variance of the linear predictor over itself and the
#'   link's. Of a mixed fit \code{"marginal"}: the variance of the fixed part over that of fixed
#'   part, effects and residual of the full model, the other parts of the same whole in
#'   \code{\link{share_parts}}; not linear ones also \code{"mcfadden"}.
#' @param method \code{"exact"}: all submodels, up to 2^30; \code{"sampled"}: averages
#'   over random orders of entry in opposite pairs, with \code{mc_error} in
#'   \code{blocks} and \code{terms} (total, alone and unique stay exact);
#'   \code{"auto"}: exact where that is possible. Of a fit that is not linear \code{"exact"}: each
#'   submodel fitted by itself; \code{"one-step"}: all by one step from the full fit's
#'   information; \code{"auto"}: exact where that is expected to take under 10 seconds.
#' @param bounds whether lowest and highest are wanted: \code{"auto"} up to 2^18
#'   submodels, \code{TRUE} up to 2^30 (20 one-column blocks in 5 ms, 30 in about
#'   5 s), \code{FALSE}.
#' @param interval \code{"auto"} (see Details), \code{"none"} or \code{NULL},
#'   \code{"jackknife"}, \code{"influence"} (of clusters, of rows, within strata),
#'   \code{"normal"}, or by resampling clusters or rows: \code{"percentile"},
#'   \code{"expanded"} (widened for few units), \code{"basic"} and
#'   \code{"studentised"} (replicates in units of their own standard error), both on
#'   the cube root of a share, \code{"bca"} (percentiles corrected for bias and
#'   skewness), \code{"bayes"} (percentiles under Dirichlet weights, with the
#'   probability of a difference in \code{\link{compare_shares}}). A kind asked for by
#'   name prints what it covered in simulation. Fits that are not linear: \code{"auto"} and
#'   \code{"jackknife"}, over one-step shares without each cluster, or each of 100 groups of
#'   rows dealt out by \code{seed}.
#' @param level of the limits, two-sided.
#' @param replicates,seed of the bootstrap; the same seed gives the same bits for
#'   any number of threads and in every language.
#' @param missing \code{"complete"}: rows complete over all terms and all
#'   outcomes; \code{"per-outcome"}: rows complete for each outcome by itself;
#'   \code{"error"}.
#' @param tolerance sampled: orders are drawn until the largest \code{mc_error}, the
#'   standard error of a share over orders, is down to this many points of variance.
#' @param permutations sampled: the most orders, 100 or more; \code{NULL}: 100,000, or
#'   as many as are expected to take a minute on one core.
#' @param x a result of \code{shares}.
#' @param ... ignored.
#' @param row.names,optional ignored.
#' @inheritParams moments
#' @return An object of class \code{steelyard_shares}, a list. With one outcome
#'   \code{total} (v of all blocks), \code{total_adjusted} and \code{n} are numbers,
#'   with several they are vectors named by outcome. \code{blocks} is a data frame,
#'   one row a block: \code{block}, \code{share}, \code{percent_of_explained},
#'   \code{adjusted} (the same value of adjusted R2; may be negative),
#'   \code{by_chance} (what noise would get on average), \code{crossvalidated} (see
#'   \code{\link{crossvalidated}}; \code{total_crossvalidated} is its total), \code{alone} (v of the
#'   block), \code{unique} (what the total loses without it), \code{common} (alone
#'   less unique), \code{lowest} and \code{highest} (least and greatest increment),
#'   \code{std.error}, \code{conf.low}, \code{conf.high} of the share. \code{terms}
#'   has one row a term, with its block. Percentages apart, all are points of the
#'   whole outcome variance (0 to 1). \code{remarks} is a data frame of what the
#'   core has to say of the result (\code{code}, \code{term}, \code{value},
#'   \code{text}); \code{provenance} a list of version, hash of the moments, options,
#'   rows and degrees of freedom. \code{as.data.frame} and \code{tidy} give the long
#'   form with every metric's estimate, standard error and limits; \code{glance} one
#'   row an outcome; \code{confint} a matrix of limits. Of a fit that is not linear the class is also
#'   \code{steelyard_fitted_shares}: points of its measure, \code{blocks} and \code{terms} with
#'   \code{one_step} (the share by one step, where the submodels were fitted by themselves),
#'   \code{within} and \code{between} (clusters; latent and marginal R2), and \code{gap}, the largest
#'   difference between the two routes; what goes back to moments is refused.
#' @section Errors:
#' \code{steelyard_error_invalid}: unknown column (the nearest is suggested), text
#' column, a term in two blocks, an empty block, a removed intercept, weights without their kind,
#' an \code{order} with an unknown block, without one, or with an empty group, a measure that
#' the model has not.
#' \code{steelyard_error_data}: constant outcome, fewer rows than columns, all rows
#' missing, impossible weights, one cluster. \code{steelyard_error_limit}: more
#' than 2^30 submodels; more than 2^18 where not all orders count; fits that are not linear:
#' more than 18 blocks.
#' @references
#' Faigle, U. and Kern, W. (1992). The Shapley value for cooperative games under
#' precedence constraints. \emph{International Journal of Game Theory} 21, 249-266.
#' \doi{10.1007/BF01258278}
#'
#' Frye, C., Rowat, C. and Feige, I. (2020). Asymmetric Shapley values:
#' incorporating causal knowledge into model-agnostic explainability.
#' \emph{Advances in Neural Information Processing Systems} 33. arXiv:1910.06358
#'
#' Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980). \emph{Introduction to
#' Bivariate and Multivariate Analysis}. Scott, Foresman.
#'
#' Groemping, U. (2007). Estimators of relative importance in linear regression
#' based on variance decomposition. \emph{The American Statistician} 61, 139-147.
#' \doi{10.1198/000313007X188252}
#'
#' Huettner, F. and Sunder, M. (2012). Axiomatic arguments for decomposing
#' goodness of fit according to Shapley and Owen values. \emph{Electronic Journal
#' of Statistics} 6, 1239-1250. \doi{10.1214/12-EJS710}
#'
#' Rao, J. N. K. and Wu, C. F. J. (1988). Resampling inference with complex survey
#' data. \emph{Journal of the American Statistical Association} 83, 231-241.
#' \doi{10.1080/01621459.1988.10478591}
#'
#' Efron, B. (1987). Better bootstrap confidence intervals. \emph{Journal of the
#' American Statistical Association} 82, 171-185. \doi{10.1080/01621459.1987.10478410}
#'
#' Rubin, D. B. (1981). The Bayesian bootstrap. \emph{Annals of Statistics} 9,
#' 130-134. \doi{10.1214/aos/1176345338}
#' Castro, J., Gomez, D. and Tejada, J. (2009). Polynomial calculation of the
#' Shapley value based on sampling. \emph{Computers & Operations Research} 36,
#' 1726-1730. \doi{10.1016/j.cor.2008.04.004}
#'
#' Mitchell, R., Cooper, J., Frank, E. and Holmes, G. (2022). Sampling permutations
#' for Shapley value estimation. \emph{Journal of Machine Learning Research} 23(43),
#' 1-46.
#'
#' McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In
#' \emph{Frontiers in Econometrics}, 105-142. Academic Press.
#'
#' Nagelkerke, N. J. D. (1991). A note on a general definition of the coefficient of
#' determination. \emph{Biometrika} 78, 691-692. \doi{10.1093/biomet/78.3.691}
#'
#' McKelvey, R. D. and Zavoina, W. (1975). A statistical model for the analysis of ordinal
#' level dependent variables. \emph{Journal of Mathematical Sociology} 4, 103-120.
#' \doi{10.1080/0022250X.1975.9989847}
#'
#' Nakagawa, S. and Schielzeth, H. (2013). A general and simple method for obtaining R2 from
#' generalized linear mixed-effects models. \emph{Methods in Ecology and Evolution} 4, 133-142.
#' \doi{10.1111/j.2041-210x.2012.00261.x}
#'
#' Rights, J. D. and Sterba, S. K. (2019). Quantifying explained variance in multilevel models.
#' \emph{Psychological Methods} 24, 309-338. \doi{10.1037/met0000184}
#'
#' Lawless, J. F. and Singhal, K. (1978). Efficient screening of nonnormal regression models.
#' \emph{Biometrics} 34, 318-327. \doi{10.2307/2530022}
#' @seealso \code{\link{compare_shares}}, \code{\link{at_most}},
#'   \code{\link{plot.steelyard_shares}}
#' @examples
#' s <- shares(swiss, "Fertility",
#'             list(work = ~ Agriculture + Education, faith = ~ Catholic, health = ~ Infant.Mortality))
#' s
#' s$terms
#' confint(s)
#' head(as.data.frame(s))
#' @order 1
#' @export
shares <- function(data, outcome, blocks, adjust = NULL, order = NULL, weights = NULL, weight_kind = NULL,
                   cluster = NULL, strata = NULL, by = NULL, population = NULL, measure = NULL, method = "auto",
                   bounds = "auto", interval = "auto", level = 0.95, replicates = 2000, seed = 1,
                   missing = "complete", precision = "auto", threads = NULL, tolerance = 0.001, permutations = NULL) {
  env <- parent.frame()
  if (inherits(data, "steelyard_fit") && missing(blocks) && !missing(outcome) && !is.character(outcome)) {
    call <- match.call() # shares(fit, blocks)
    names(call)[names(call) == "outcome"] <- "blocks"
    return(eval(call, env))
  }
  if (inherits(data, "steelyard_fit") && !inherits(data, "steelyard_linear")) {
    typed <- c(outcome = !missing(outcome), weights = !is.null(weights), weight_kind = !is.null(weight_kind),
               cluster = !is.null(cluster), strata = !is.null(strata), missing = !identical(missing, "complete"),
               precision = !identical(precision, "auto"), by = !is.null(by), population = !is.null(population),
               bounds = !identical(bounds, "auto"), replicates = !identical(as.double(replicates), 2000),
               tolerance = !identical(tolerance, 0.001), permutations = !is.null(permutations))
    return(shares_of_fitted(data, if (!missing(blocks)) blocks, adjust, order, typed,
                            list(measure = measure, method = method, interval = interval, level = level, seed = seed,
                                 threads = threads), env))
  }
  measure_of_moments(measure)
  options <- c(read_options(bounds, interval, level, replicates, seed), read_method(method, tolerance, permutations))
  threads <- check_threads(threads)
  missing <- choice("missing", missing, c("complete", "per-outcome", "error"))
  if (!is.null(by) && inherits(data, c("steelyard_linear", "steelyard_moments")))
    invalid("by: %s cannot be split by rows; give the data frame",
            if (inherits(data, "steelyard_moments")) "moments" else "a fit")
  if (!is.null(population) && inherits(data, c("steelyard_linear", "steelyard_moments")))
    invalid("population: re-weighting needs the rows of a data frame")
  if (inherits(data, "steelyard_linear")) {
    given <- c(outcome = !missing(outcome), weights = !is.null(weights), weight_kind = !is.null(weight_kind),
               cluster = !is.null(cluster), strata = !is.null(strata), missing = missing != "complete",
               precision = !identical(precision, "auto"))
    result <- shares_of_fit(data, if (!missing(blocks)) blocks, adjust, order, given, options, threads, env)
    warn_of(result$remarks)
    return(result)
  }
  from_moments <- inherits(data, "steelyard_moments")
  options$population <- population
  if (from_moments) refuse_data_arguments(weights, weight_kind, cluster, strata, missing, precision)
  else check_frame(data)
  known <- if (from_moments) data$labels else names(data)
  clusters <- if (!from_moments) clusters_named(cluster, known)
              else if (data$unit == "cluster" && !"factor(cluster)" %in% known) "cluster"
  question <- absorb_clusters(read_question(outcome, blocks, adjust, order, known, env), clusters,
                              if (!from_moments) data)
  if (!is.null(by))
    return(split_by(data, by, question, env, function(part, cut)
      new_shares(ask_frame(part, question, options, cut(weights, "weights"), weight_kind, cut(cluster, "cluster"),
                           cut(strata, "strata"), missing, precision, threads, env), question, options, missing)))
  parts <- if (from_moments) lapply_told("shares", question$outcomes, function(one)
    ask(one, question, data, NULL, options, threads))
           else ask_frame(data, question, options, weights, weight_kind, cluster, strata, missing, precision, threads,
                           env)
  result <- new_shares(parts, question, options, missing)
  warn_of(result$remarks)
  result
}

read_method <- function(method, tolerance, permutations) {
  list(method = choice("method", method, c("auto", "exact", "sampled")), tolerance = number("tolerance", tolerance),
       permutations = if (is.null(permutations)) 0L else whole("permutations", permutations, 100L, 1e9))
}

read_options <- function(bounds, interval, level, replicates, seed) {
  if (is.null(interval)) interval <- "none"
  interval <- choice("interval", interval, interval_names)
  if (is.logical(bounds) && length(bounds) == 1L && !is.na(bounds)) bounds <- if (bounds) "yes" else "no"
  else if (!identical(bounds, "auto")) invalid("bounds: %s is not one of \"auto\", TRUE, FALSE", shown(bounds))
  list(bounds = bounds, interval = interval, level = number("level", level),
       replicates = whole("replicates", replicates, 1L, 1e6), seed = whole("seed", seed, 0L, 2^53))
}

refuse_data_arguments <- function(weights, weight_kind, cluster, strata, missing, precision) {
  given <- c(weights = !is.null(weights), weight_kind = !is.null(weight_kind), cluster = !is.null(cluster),
             strata = !is.null(strata), missing = missing != "complete", precision = !identical(precision, "auto"))
  held <- c(weights = "weights", weight_kind = "weights", cluster = "clusters", strata = "strata",
            missing = "missing rule", precision = "precision")
  argument <- names(given)[given]
  if (any(given)) invalid("%s: moments already hold their %s; leave it out", argument[1L], held[[argument[1L]]])
}

read_question <- function(outcome, blocks, adjust, order, known, env) {
  outcomes <- read_terms(outcome, "outcome", known, env)
  if (!length(outcomes)) invalid("outcome: name at least one outcome")
  blocks <- read_blocks(blocks, known, env)
  adjust <- if (is.null(adjust)) list() else read_terms(adjust, "adjust", known, env)
  list(outcomes = outcomes, blocks = blocks, adjust = adjust, order = read_order(order, names(blocks)))
}

# Moments of the frame, one for all outcomes or one an outcome, then the core.
ask_frame <- function(data, question, options, weights, weight_kind, cluster, strata, missing, precision, threads,
                      env) {
  predictors <- c(tag(unlist(unname(question$blocks), recursive = FALSE), "blocks"), tag(question$adjust, "adjust"))
  by_name <- options$interval %in% c("jackknife", replicated) || !is.null(strata)
  few <- rows_of(data) <= rows_kept_one_by_one && options$interval != "influence"
  unit <- if (!is.null(cluster)) "cluster" else if (by_name || few) "row" else "none"
  groups <- if (missing == "per-outcome") lapply(question$outcomes, list) else list(question$outcomes)
  unlist(lapply_told("shares", groups, function(outcomes) {
    whole <- progress_teller("shares", if (is.null(options$population)) 2 else 3)
    on.exit(whole$finish())
    design <- make_design(data, c(tag(outcomes, "outcome"), predictors), weights, weight_kind, cluster, missing, env,
                          strata)
    m <- compute_moments(design, unit, precision, threads)
    parts <- lapply_told("shares", outcomes, function(one)
      ask(one, question, m, if (unit == "none") design, options, threads))
    if (!is.null(options$population))
      parts <- reweight_parts(parts, design, unit, precision, question, outcomes, options, data, threads, env)
    if (isTRUE(options$keep)) parts <- lapply(parts, c, list(design = design))
    parts
  }), recursive = FALSE)
}

# One outcome: the core's tables as they come, with the moments they rest on.
ask <- function(outcome, question, m, design, options, threads) {
  find <- function(argument, terms)
    if (length(terms)) settle(.Call(C_find_term, m$blob, argument, labels_of(terms))) else integer()
  sizes <- lengths(question$blocks)
  at <- find("blocks", unlist(unname(question$blocks), recursive = FALSE))
  ends <- cumsum(sizes)
  terms <- lapply(seq_along(sizes), function(b) at[seq.int(ends[[b]] - sizes[[b]] + 1L, length.out = sizes[[b]])])
  adjust <- find("adjust", question$adjust)
  asked <- list(find("outcome", list(outcome)), names(question$blocks), terms, adjust,
                group_numbers(question$order, names(question$blocks)), !is.null(question$absorbed))
  wanted <- list(match(options$bounds, c("auto", "no", "yes")) - 1L, 0L, match(options$interval, interval_names) - 1L,
                 options$level, options$replicates, options$seed, 60,
                 match(options$method, c("auto", "exact", "sampled")) - 1L, options$tolerance, options$permutations)
  whole <- progress_teller("shares", 2)
  on.exit(whole$finish())
  raw <- with_progress(paste("shares of", m$labels[asked[[1L]]]), function(tell)
    settle(.Call(C_shares, m$blob, design, asked, wanted, threads, tell)))
  c(raw, list(measure = "r2", outcome = m$labels[asked[[1L]]], block = names(question$blocks), term = m$labels[at],
              of = rep(names(question$blocks), sizes), terms = lapply(terms, function(i) m$labels[i]),
              adjust = c(question$absorbed, m$labels[adjust]), order = question$order, asked = asked, blob = m$blob, m = facts(m),
              crossvalidated = if (!isTRUE(options$keep))
                crossvalidated_unasked(m, design, asked, options$seed, threads)))
}

facts <- function(m) {
  m[c("hash", "n", "rows_read", "rows_used", "rows_dropped", "missing", "unit", "weight_kind", "sum_w", "precision",
      "from_correlation", "remarks")]
}

# Results -------------------------------------------------------------------

new_shares <- function(parts, question, options, missing) {
  outcomes <- vapply(parts, `[[`, "", "outcome")
  if (anyDuplicated(outcomes)) invalid("outcome: \"%s\" is there twice", outcomes[anyDuplicated(outcomes)])
  names(parts) <- outcomes
  # outcomes of one call mostly rest on the same moments: their bytes are kept once
  blobs <- lapply(parts, `[[`, "blob")
  names(blobs) <- vapply(parts, function(p) p$m$hash, "")
  parts <- lapply(parts, function(p) p[names(p) != "blob"])
  several <- length(parts) > 1L
  gather <- function(one) if (several) vapply(parts, one, 0) else one(parts[[1L]])
  structure(class = c("steelyard_shares", "steelyard_result"), list(
    outcomes = outcomes, total = gather(function(p) p$summary$total),
    total_adjusted = gather(function(p) p$summary$total_adjusted),
    total_crossvalidated = gather(crossvalidated_total), n = gather(function(p) p$summary$n),
    measure = "r2", blocks = stack_frames(lapply(parts, part_frame, FALSE), several),
    terms = stack_frames(lapply(parts, part_frame, TRUE), several),
    remarks = stack_frames(lapply(parts, part_remarks), several),
    provenance = provenance(parts, options, missing), options = options, parts = parts,
    moments = blobs[!duplicated(names(blobs))]))
}

blank <- function(x) {
  x[is.nan(x)] <- NA
  x
}

# The core's tables run metric by metric within rows: blocks, then terms.
part_frame <- function(part, terms) {
  each <- length(metric_names)
  n <- length(part$block)
  start <- if (terms) (n + seq_along(part$term) - 1L) * each else (seq_len(n) - 1L) * each
  columns <- lapply(seq_len(each), function(metric) blank(part$estimate[start + metric]))
  names(columns) <- metric_names
  share <- start + 1L
  if (!terms) {
    found <- part$crossvalidated
    columns <- append(columns, list(crossvalidated = if (is.null(found)) rep(NA_real_, n) else found$share), 4L)
  }
  frame(c(if (terms) list(block = part$of, term = part$term) else list(block = part$block), columns,
          list(std.error = blank(part$std_error[share]), conf.low = blank(part$low[share]),
               conf.high = blank(part$high[share])),
          if (part$summary$orders > 0) list(mc_error = part$mc_error[(start %/% each) + 1L]),
          if (part$measure != "r2") lapply(part[c("one_step", "within", "between")],
                                           function(column) blank(column[(start %/% each) + 1L]))))
}

part_remarks <- function(part) {
  own <- remarks_frame(part$remarks)
  before <- part$m$remarks
  if (!nrow(before)) return(own)
  both <- frame(Map(c, before, own))
  both[!duplicated(both), ]
}

stack_frames <- function(frames, several) {
  if (!several) return(frames[[1L]])
  counts <- vapply(frames, nrow, 1L)
  columns <- do.call(Map, c(list(c), unname(lapply(frames, unclass))))
  frame(c(list(outcome = rep(names(frames), counts)), lapply(columns, unname)))
}

provenance <- function(parts, options, missing) {
  first <- parts[[1L]]
  collect <- function(one) if (length(parts) == 1L) one(first) else sapply(parts, one)
  from <- function(name) collect(function(p) if (is.nan(p$summary[[name]])) NA_real_ else p$summary[[name]])
  fact <- function(name) collect(function(p) p$m[[name]])
  list(version = .Call(C_version), hash = fact("hash"), outcome = unname(vapply(parts, `[[`, "", "outcome")),
       blocks = structure(first$terms, names = first$block), adjust = first$adjust,
       order = first$order,
       weight_kind = first$m$weight_kind, missing = missing, bounds = options$bounds,
       method = if (first$summary$orders > 0) "sampled" else "exact", orders = from("orders"),
       mc_error = from("mc_error"),
       interval = collect(interval_of), level = options$level, replicates = from("replicates"), seed = options$seed,
       threads = first$summary$threads, n = from("n"), n_effective = from("n_effective"), rows_read = fact("rows_read"),
       rows_used = fact("rows_used"), rows_dropped = fact("rows_dropped"), unit = first$m$unit, units = from("units"),
       df = from("df"), df_resid = from("df_resid"), digits = from("digits"), vif_max = from("vif_max"),
       guarded = from("guarded") == 1, submodels = from("submodels"), precision = first$m$precision)
}

interval_of <- function(part) interval_names[part$summary$interval + 1L]
is_resampled <- function(part) interval_of(part) %in% replicated

#' @rdname shares
#' @export
as.data.frame.steelyard_shares <- function(x, row.names = NULL, optional = FALSE, ...) {
  do.call(rbind, c(lapply(unname(x$parts), long_frame), list(make.row.names = FALSE)))
}

long_frame <- function(part) {
  rows <- length(part$block) + length(part$term)
  each <- length(metric_names)
  column <- function(table, total) blank(c(part$summary[[total]], part[[table]]))
  frame(list(outcome = rep(part$outcome, 1L + rows * each),
             block = c("", rep(c(part$block, part$of), each = each)),
             term = c("", rep(c(rep("", length(part$block)), part$term), each = each)),
             metric = c("total", rep(metric_names, rows)), estimate = column("estimate", "total"),
             std.error = column("std_error", "std_error"), conf.low = column("low", "low"),
             conf.high = column("high", "high")))
}

glance.steelyard_shares <- function(x, ...) {
  of <- function(one, type) unname(vapply(x$parts, one, type))
  frame(list(outcome = x$outcomes, total = unname(x$total), total_adjusted = unname(x$total_adjusted),
             std.error = of(function(p) blank(p$summary$std_error), 0),
             conf.low = of(function(p) blank(p$summary$low), 0), conf.high = of(function(p) blank(p$summary$high), 0),
             n = unname(x$n), blocks = of(function(p) length(p$block), 1L),
             df.residual = of(function(p) p$summary$df_resid, 0), interval = of(interval_of, ""),
             units = of(function(p) p$summary$units, 0)))
}
