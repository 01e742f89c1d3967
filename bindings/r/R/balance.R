# Groups that people came to by choice made alike in what is known of them.
# SPDX-License-Identifier: GPL-3.0-only

balance_estimands <- c("ATE", "ATT", "overlap")
balance_methods <- c("propensity", "entropy")
balance_links <- c("logit", "probit", "cloglog")
balance_clusters <- c("none", "fixed", "random")
balance_regressions <- c("auto", "linear", "binary")
balance_intervals <- c("auto", "influence", "jackknife", "none")
balance_answers <- c("unadjusted", "weighting", "aipw")

#' Two groups weighted to be alike, and the difference that remains
#'
#' Weights from a propensity score or by entropy balancing make two groups alike in their covariates; the
#' difference in outcomes is then estimated by weighting and by AIPW.
#'
#' @details
#' Standardised differences are over the standard deviation before weighting: pooled, or of the treated for
#' ATT; of 0 and 1 it is sqrt(p (1 - p)). \code{"aipw"} adds to the weighted difference what regressions in
#' each group expect, with normalised weights; for ATT the regressions are averaged over the treated. It is
#' right when either the score or the regressions are.
#'
#' @param data a data frame.
#' @param treatment name of a column with two levels in use.
#' @param covariates terms: a one-sided formula, a character vector, or a list of these.
#' @param outcome terms, each one column of numbers (0 and 1 too); \code{NULL}: weights and balance alone.
#' @param estimand whom the difference is of: \code{"ATE"} everybody, \code{"ATT"} the treated,
#'   \code{"overlap"} those who could be in either group (weights score (1 - score)).
#' @param method \code{"propensity"}: weights from a propensity score; \code{"entropy"}: the weights nearest to
#'   equal ones that meet the covariates' means exactly (ATE and ATT).
#' @param link of the score: \code{"logit"}, \code{"probit"} or \code{"cloglog"}.
#' @param treated the level of \code{treatment} that is the treated one; \code{NULL}: the second in order (1,
#'   \code{TRUE}).
#' @param clusters what the score knows of \code{cluster}: \code{"none"}, \code{"fixed"} (a column each, in the
#'   outcome regressions too) or \code{"random"} (a random intercept; shrunk, so that some of the clusters'
#'   confounding is left).
#' @param trim leave out rows with a score outside \code{trim} to \code{1 - trim} (ATT: above \code{1 - trim}) and
#'   fit again; \code{NULL}: all are kept.
#' @param outcome_type the outcome's regression in each group: \code{"auto"} (a logit for 0 and 1, else linear),
#'   \code{"linear"} or \code{"binary"}.
#' @param weights,weight_kind as for \code{\link{moments}}; analytic weights are refused, sampling weights
#'   multiply into those found here.
#' @param cluster,strata columns: standard errors are of whole clusters, in strata.
#' @param interval \code{"influence"}: stacked estimating equations, so that score and regressions count as
#'   estimated; \code{"jackknife"}: everything again without each cluster (or row); \code{"auto"}: the jackknife
#'   below 50 of them or with cluster effects, none below 6 clusters; \code{"none"} or \code{NULL}. Always t, with units less strata
#'   degrees of freedom.
#' @param level of limits, between 0 and 1.
#' @param missing \code{"complete"} or \code{"error"}.
#' @param threads number of threads; see \code{\link{moments}}.
#' @param x,object the result.
#' @param what \code{"estimates"} (the default where there are outcomes), \code{"table"} or \code{"overlap"}.
#' @param kind \code{"love"}: standardised differences before and after; \code{"overlap"}: the groups' scores.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_balance}: \code{table} (one row a column of the covariates, the score
#'   first: means, standard deviations, standardised difference, variance ratio and Kolmogorov-Smirnov distance,
#'   before and, with names beginning \code{weighted_}, after), \code{weights} and \code{propensity} (by row of the
#'   data, \code{NA} where not used; entropy balancing has no score), \code{estimates} (outcome, method
#'   \code{"unadjusted"}, \code{"weighting"} or \code{"aipw"}, means, estimate, limits), \code{overlap} (by group),
#'   \code{bins}, \code{remarks}, \code{assumptions}, \code{provenance}. \code{weights} go into \code{\link{shares}}
#'   with \code{weight_kind = "sampling"} (rows without one left out, or given 0): in each group they add to
#'   what its weights added to before.
#' @section Errors:
#' \code{steelyard_error_invalid} for unknown columns and words, a treatment among the covariates, analytic
#' weights; \code{steelyard_error_data} for a treatment without two levels in use, a covariate or a level that
#' tells the groups apart without error (named), and means that no weights can meet (the covariate that stands
#' out is named).
#' @references
#' Crump, R. K., Hotz, V. J., Imbens, G. W. and Mitnik, O. A. (2009). Dealing with limited overlap.
#' \emph{Biometrika} 96, 187-199. \doi{10.1093/biomet/asn055}
#'
#' Hainmueller, J. (2012). Entropy balancing for causal effects. \emph{Political Analysis} 20, 25-46.
#' \doi{10.1093/pan/mpr025}
#'
#' Li, F., Morgan, K. L. and Zaslavsky, A. M. (2018). Balancing covariates via propensity score weighting.
#' \emph{Journal of the American Statistical Association} 113, 390-400. \doi{10.1080/01621459.2016.1260466}
#'
#' Li, F., Zaslavsky, A. M. and Landrum, M. B. (2013). Propensity score weighting with multilevel data.
#' \emph{Statistics in Medicine} 32, 3373-3387. \doi{10.1002/sim.5786}
#'
#' Lunceford, J. K. and Davidian, M. (2004). Stratification and weighting via the propensity score.
#' \emph{Statistics in Medicine} 23, 2937-2960. \doi{10.1002/sim.1903}
#'
#' Mao, H., Li, L. and Greene, T. (2019). Propensity score weighting analysis and treatment effect discovery.
#' \emph{Statistical Methods in Medical Research} 28, 2439-2454. \doi{10.1177/0962280218781171}
#'
#' Robins, J. M., Rotnitzky, A. and Zhao, L. P. (1994). Estimation of regression coefficients when some
#' regressors are not always observed. \emph{Journal of the American Statistical Association} 89, 846-866.
#' \doi{10.1080/01621459.1994.10476818}
#' @examples
#' wages <- load_dataset("chicago_wages")
#' b <- balance(wages, "foreign_born", ~ age + female, outcome = "log_wage", estimand = "overlap")
#' b
#' wages$w <- ifelse(is.na(b$weights), 0, b$weights)
#' shares(wages, "log_wage", c("age", "female"), weights = "w", weight_kind = "sampling")
#' @export
balance <- function(data, treatment, covariates, outcome = NULL, estimand = "ATE", method = "propensity",
                    link = "logit", treated = NULL, clusters = "none", trim = NULL, outcome_type = "auto",
                    weights = NULL, weight_kind = NULL, cluster = NULL, strata = NULL, interval = "auto",
                    level = 0.95, missing = "complete", threads = NULL) {
  env <- parent.frame()
  words <- balance_words(estimand, method, link, clusters, outcome_type, interval)
  check_frame(data)
  level <- check_level(level)
  check_weights(weights, weight_kind)
  missing <- choice("missing", missing, c("complete", "error"))
  group <- balance_treatment(treatment, treated, data)
  read <- Map(function(given, argument) {
    if (is.null(given)) list() else tag(read_terms(given, argument, names(data), env), argument)
  }, list(covariates, outcome), c("covariates", "outcome"))
  terms <- c(list(group$term), read[[1L]], read[[2L]])
  at <- unique(labels_of(terms))
  places <- lapply(read, function(some) match(unique(labels_of(some)), at) - 1L)
  design <- make_design(data, terms, weights, weight_kind, cluster, missing, env, strata)
  question <- list(0L, group$treated, places[[1L]], places[[2L]], words,
                   c(if (is.null(trim)) NaN else number("trim", trim), level))
  labels <- settle(.Call(C_balance_rows, design, question))
  progress <- progress_teller("balance")
  on.exit(progress$finish())
  made <- settle(.Call(C_balance, design, question, treatment, length(labels), check_threads(threads), progress$tell))
  rules <- list(treatment = treatment, estimand = estimand, method = method, link = link, clusters = clusters,
                trim = trim, level = level, weight_kind = weight_kind, cluster = design[[6L]][[1L]],
                strata = design[[8L]][[1L]])
  new_balance(made, rules, labels, at[places[[2L]] + 1L], group$levels)
}

# The core's numbers of the words.
balance_words <- function(estimand, method, link, clusters, outcome_type, interval) {
  if (is.null(interval)) interval <- "none"
  given <- list(estimand = estimand, method = method, link = link, clusters = clusters, outcome_type = outcome_type,
                interval = interval)
  allowed <- list(balance_estimands, balance_methods, balance_links, balance_clusters, balance_regressions,
                  balance_intervals)
  unlist(Map(function(argument, value, words) match(choice(argument, value, words), words) - 1L, names(given), given,
             allowed), use.names = FALSE)
}

# The treatment as a factor of its own, its levels, and which is the treated one (from 0; -1: the second in use).
balance_treatment <- function(name, treated, data) {
  if (!is.character(name) || length(name) != 1L || is.na(name)) invalid("treatment: the name of a column is needed")
  place_column("treatment", name, data)
  column <- factor_codes(.subset2(data, name))
  term <- list(label = name, argument = "treatment", variables = list(
    list(label = name, column = name, kind = "column", power = 1L, given = c(list(name), column))))
  list(term = term, levels = column[[2L]],
       treated = if (is.null(treated)) -1L else place("treated", one_text("treated", treated), column[[2L]]) - 1L)
}

balance_side <- c("mean_control", "mean_treated", "sd_control", "sd_treated", "difference", "variance_ratio", "ks")

new_balance <- function(made, rules, labels, outcomes, levels) {
  blank <- function(x) replace(x, is.nan(x), NA_real_)
  s <- made$summary
  pair <- function(i) s[c(i, i + 1L)]
  groups <- levels[pair(23L)]
  sides <- function(from, prefix)
    structure(lapply(0:6, function(i) blank(made$table[from + i, ])), names = paste0(prefix, balance_side))
  e <- made$estimates
  estimates <- list(outcome = rep(outcomes, each = 3L), method = rep(balance_answers, length(outcomes)))
  columns <- c("mean_control", "mean_treated", "estimate", "std.error", "statistic", "df", "p.value", "conf.low",
               "conf.high")
  estimates[columns] <- lapply(1:9, function(i) blank(e[i, ]))
  bins <- c(list(score_from = (seq_len(nrow(made$bins)) - 1) / nrow(made$bins)),
            structure(lapply(1:4, function(i) blank(made$bins[, i])),
                      names = c("control", "treated", "weighted_control", "weighted_treated")))
  remarks <- remarks_frame(frame(made$remarks))
  warn_of(remarks)
  structure(class = c("steelyard_balance", "steelyard_result"), list(
    table = frame(c(list(covariate = labels, binary = made$table[2L, ] == 1), sides(3L, ""), sides(10L, "weighted_"))),
    weights = blank(made$weights), propensity = blank(made$score), estimates = frame(estimates),
    overlap = frame(list(group = c("control", "treated"), level = groups, people = pair(5L), effective_before = pair(7L),
                         effective_after = pair(9L), largest_weight = pair(11L), score_low = blank(pair(13L)),
                         score_high = blank(pair(15L)), outside = blank(pair(17L)))),
    bins = frame(bins), remarks = remarks, assumptions = made$assumptions,
    provenance = c(list(version = .Call(C_version), control = groups[1L], treated = groups[2L]), rules,
                   list(interval = balance_intervals[s[26L] + 1], units = blank(s[21L]), df = blank(s[22L]),
                        rows_read = s[1L], rows_used = s[2L], rows_dropped = s[3L], rows_trimmed = s[4L],
                        worst_before = s[19L], worst_after = s[20L]))))
}

#' @rdname balance
#' @export
as.data.frame.steelyard_balance <- function(x, row.names = NULL, optional = FALSE, what = NULL, ...) {
  if (is.null(what)) return(if (nrow(x$estimates)) x$estimates else x$table)
  x[[choice("what", what, c("estimates", "table", "overlap"))]]
}

glance.steelyard_balance <- function(x, ...) {
  p <- x$provenance
  frame(list(estimand = p$estimand, method = p$method, n = p$rows_used, n_control = x$overlap$people[1L],
             n_treated = x$overlap$people[2L], effective_control = x$overlap$effective_after[1L],
             effective_treated = x$overlap$effective_after[2L], worst_before = p$worst_before,
             worst_after = p$worst_after, units = p$units, df = p$df))
}
