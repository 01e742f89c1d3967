# How strong a confounder that was not measured would have to be.
# SPDX-License-Identifier: GPL-3.0-only

adjusted_names <- c("r2_treatment", "r2_outcome", "remaining", "estimate", "std.error", "statistic", "conf.low",
                    "conf.high", "robust.std.error", "robust.statistic")

#' How strong a hidden confounder would have to be
#'
#' Robustness values, bounds by measured columns, and adjusted estimates, from a fit or from a printed t.
#'
#' @details
#' A confounder explains \code{r2_treatment} of what the model leaves of the term and \code{r2_outcome} of
#' what it leaves of the outcome. The robustness value is the strength with both that takes q of the
#' estimate away; \code{_alpha}, that leaves it not significant; \code{extreme}, the strength with the term
#' alone when all that is left of the outcome is explained. Partial R2 is a ratio of sums of squares: the t
#' is always the classical one. Where the fit has another covariance, \code{robustness_value_robust} takes
#' that error for significance, as if the confounder changed it in the proportion of the classical one.
#' Limits are by t with one degree of freedom less.
#'
#' @param fit a result of \code{\link{fit_linear}}; \code{NULL}: t and df from print.
#' @param term label of a coefficient, or of a term with one column.
#' @param benchmarks terms (or coefficients) that a confounder is likened to; a named list: the terms of
#'   one name count together.
#' @param q the part of the estimate that the confounder would take away.
#' @param alpha significance is two-sided at alpha, limits at 1 - alpha.
#' @param kd,ky how many times as strong as the benchmark, with the treatment and with the outcome;
#'   \code{ky} is \code{kd} by default.
#' @param t,df the classical t and its residual degrees of freedom, from print.
#' @param estimate,std_error from print; two of t, estimate and std_error give the third.
#' @param c,x a result of \code{confounding}.
#' @param r2_treatment,r2_outcome parts of what the model leaves of the term and of the outcome.
#' @param reduce whether the confounder takes from the estimate; else it hides a larger one.
#' @param level of the limits; by default 1 - alpha.
#' @param grid points along either strength.
#' @param limit the largest strength, under 1; by default so that robustness value and bounds lie within.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_confounding}: \code{robustness} (one row: \code{term},
#'   \code{estimate}, \code{std.error}, \code{statistic}, \code{df}, \code{q}, \code{alpha}, \code{partial_r2},
#'   \code{f2}, \code{robustness_value}, \code{robustness_value_alpha}, \code{robustness_value_robust},
#'   \code{extreme}, \code{extreme_alpha}), \code{benchmarks} (\code{benchmark}, \code{columns},
#'   \code{r2_treatment}, \code{r2_outcome}), \code{bounds} (\code{benchmark}, \code{kd}, \code{ky}, then as
#'   \code{confounding_adjusted}), \code{text}, \code{remarks}, \code{provenance}. \code{confounding_adjusted}:
#'   \code{r2_treatment}, \code{r2_outcome}, \code{remaining} (part of the estimate left), \code{estimate},
#'   \code{std.error}, \code{statistic}, \code{conf.low}, \code{conf.high}, \code{robust.std.error},
#'   \code{robust.statistic}. \code{confounding_extreme}: \code{r2_outcome}, \code{needed},
#'   \code{needed_alpha}. \code{confounding_contours}: \code{r2_treatment}, \code{r2_outcome},
#'   \code{estimate} (a part of the one found where only t was printed), \code{statistic}.
#' @section Errors:
#' \code{steelyard_error_invalid}: a term that is not there (the nearest is named), one of several columns, a
#' benchmark that holds the term, a strength of 1. \code{steelyard_error_data}: an aliased term or benchmark.
#' @references
#' Cinelli, C. and Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias.
#' \emph{Journal of the Royal Statistical Society B} 82, 39-67. \doi{10.1111/rssb.12348}
#' @examples
#' fit <- fit_linear(Fertility ~ Education + Catholic + Agriculture, swiss)
#' c <- confounding(fit, "Education", benchmarks = c("Catholic", "Agriculture"))
#' c
#' confounding_adjusted(c, 0.2, 0.3)
#' confounding(t = 4.184, df = 783)
#' @export
confounding <- function(fit = NULL, term = NULL, benchmarks = NULL, q = 1, alpha = 0.05, kd = 1:3, ky = NULL, t = NULL,
                        df = NULL, estimate = NULL, std_error = NULL) {
  q <- number("q", q)
  alpha <- number("alpha", alpha)
  kd <- strengths_of("kd", kd)
  ky <- if (is.null(ky)) kd else strengths_of("ky", ky)
  if (length(ky) == 1L) ky <- rep(ky, length(kd))
  if (length(ky) != length(kd)) invalid("ky: %d numbers were given for %d of kd", length(ky), length(kd))
  asked <- list(q = q, alpha = alpha, kd = kd, ky = ky)
  if (is.null(fit)) {
    if (is.null(df)) invalid("df: give a fit and a term, or t and df from print")
    if (!is.null(benchmarks)) invalid("benchmarks: they need a fit; print has only t")
    given <- c(optional_number("estimate", estimate), optional_number("std_error", std_error), optional_number("t", t),
               number("df", df))
    name <- if (is.null(term)) "the term" else one_text("term", term)
    tested <- list(name, c(settle(.Call(C_printed_test, given)), NaN, NaN), NULL)
    return(new_confounding(NULL, tested, list(), list(r2_treatment = double(), r2_outcome = double()), asked))
  }
  if (!is.null(t) || !is.null(df) || !is.null(estimate) || !is.null(std_error))
    invalid("t: a fit has its own t and df; leave them out")
  held <- fit_left(fit)
  place <- one_place(held, term)
  groups <- benchmark_groups(held, benchmarks)
  strength <- if (length(groups)) settle(.Call(C_benchmarks, held$left, place, names(groups), unname(groups)))
              else list(r2_treatment = double(), r2_outcome = double())
  new_confounding(fit$outcome, tested_of(held, place), groups, strength, asked)
}

strengths_of <- function(argument, values) {
  if (!is.numeric(values) || !length(values)) invalid("%s: numbers are needed", argument)
  as.double(values)
}

# A fit as confounding reads it: what is left of it, and which of its coefficients terms are.
fit_left <- function(fit) {
  if (!inherits(fit, "steelyard_linear")) invalid("fit: a result of fit_linear() is needed")
  labels <- names(fit$coefficients)
  ends <- cumsum(fit$columns)
  spans <- Map(function(count, end) end - count + seq_len(count), fit$columns[-1L], ends[-1L])
  list(fit = fit, labels = labels, spans = structure(spans, names = fit$terms),
       left = list(unname(fit$coefficients), fit$inverse, labels, c(fit$rss, fit$tss, fit$df_resid)))
}

# Coefficients that terms, or a coefficient's label, stand for.
places_of <- function(held, name, argument) {
  if (inherits(name, "formula")) name <- list(name)
  else if (!is.character(name) || length(name) != 1L || is.na(name))
    invalid("%s: %s is not the name of a term", argument, shown(name))
  known <- c(held$spans, structure(as.list(seq_along(held$labels)), names = held$labels))
  if (is.character(name) && name %in% held$labels) return(match(name, held$labels))
  labels <- labels_of(read_terms(name, argument, names(known), parent.frame()))
  for (label in labels) if (!label %in% names(known)) place(argument, label, names(known))
  unlist(known[labels], use.names = FALSE)
}

one_place <- function(held, term) {
  if (is.null(term)) invalid("term: name the term in question")
  places <- places_of(held, term, "term")
  if (length(places) == 1L) return(places)
  shown <- held$labels[places[seq_len(min(4L, length(places)))]]
  invalid("term: %s has %d columns; name one of them (%s%s)", term, length(places), paste(shown, collapse = ", "),
          if (length(places) > 4L) ", ..." else "")
}

# list(term, numbers, robust kind or NULL), with the fit's own error beside the classical one.
tested_of <- function(held, place) {
  fit <- held$fit
  found <- settle(.Call(C_tested, held$left, place))
  error <- fit$std_error[[place]]
  df <- fit$df[[place]]
  robust <- fit$covariance != "classical" && isTRUE(error > 0) && isTRUE(df > 0)
  list(held$labels[place], c(found, if (robust) c(error, df) else c(NaN, NaN)), if (robust) fit$covariance)
}

# Name to coefficients.
benchmark_groups <- function(held, benchmarks) {
  if (is.null(benchmarks)) return(list())
  if (inherits(benchmarks, "formula")) benchmarks <- labels_of(read_terms(benchmarks, "benchmarks", names(held$spans), parent.frame()))
  if (is.null(names(benchmarks))) benchmarks <- structure(as.list(benchmarks), names = unlist(benchmarks))
  Map(function(terms, name) {
    if (!length(terms)) invalid("benchmarks: \"%s\" holds no term", name)
    if (inherits(terms, "formula")) terms <- list(terms)
    unique(unlist(lapply(terms, function(term) places_of(held, term, "benchmarks"))))
  }, as.list(benchmarks), names(benchmarks))
}

new_confounding <- function(outcome, tested, groups, strength, asked) {
  made <- settle(.Call(C_robustness, tested, c(asked$q, asked$alpha)))
  x <- tested[[2L]]
  values <- structure(as.list(blank(made$values)), names = c("partial_r2", "f2", "robustness_value", "robustness_value_alpha",
                                                            "robustness_value_robust", "extreme", "extreme_alpha"))
  out <- list(outcome = outcome, tested = tested, asked = asked, text = made$text,
              robustness = frame(c(list(term = tested[[1L]], estimate = blank(x[1L]), std.error = blank(x[2L]), statistic = x[3L],
                                        df = x[4L], q = asked$q, alpha = asked$alpha), values)),
              benchmarks = frame(list(benchmark = as.character(names(groups)), columns = unname(lengths(groups)),
                                      r2_treatment = strength$r2_treatment, r2_outcome = strength$r2_outcome)))
  out <- c(out, bounds_of(out))
  out$provenance <- list(version = .Call(C_version), term = tested[[1L]], outcome = outcome, q = asked$q, alpha = asked$alpha,
                         kd = asked$kd, ky = asked$ky, printed = is.null(outcome),
                         covariance = if (is.null(tested[[3L]])) "classical" else tested[[3L]])
  structure(out, class = c("steelyard_confounding", "steelyard_result"))
}

# list(bounds, remarks)
bounds_of <- function(c) {
  each <- length(c$asked$kd)
  count <- nrow(c$benchmarks)
  of <- rep(seq_len(count), each = each)
  kd <- rep(c$asked$kd, count)
  ky <- rep(c$asked$ky, count)
  made <- Map(function(g, kd, ky) settle(.Call(C_bound, c$benchmarks$benchmark[g], c(
    c$benchmarks$r2_treatment[g], c$benchmarks$r2_outcome[g], kd, ky))), of, kd, ky)
  rows <- vapply(made, function(one) if (is.nan(one$strengths[1L])) rep(NaN, 10L)
                 else settle(.Call(C_adjusted, c$tested, c(one$strengths, 1, 1 - c$asked$alpha))), double(10L))
  columns <- structure(lapply(seq_len(10L), function(j) blank(rows[j, ])), names = adjusted_names)
  if (!count) columns <- structure(rep(list(double()), 10L), names = adjusted_names)
  remarks <- Reduce(join_remarks, lapply(made, `[[`, "remarks"),
                    list(code = integer(), term = character(), value = double(), text = character()))
  list(bounds = frame(c(list(benchmark = c$benchmarks$benchmark[of], kd = kd, ky = ky), columns)),
       remarks = remarks_frame(frame(as.list(remarks))))
}

check_confounding <- function(c) {
  if (!inherits(c, "steelyard_confounding")) invalid("c: a result of confounding() is needed")
}

#' @rdname confounding
#' @export
confounding_adjusted <- function(c, r2_treatment, r2_outcome, reduce = TRUE, level = NULL) {
  check_confounding(c)
  treatment <- strengths_of("r2_treatment", r2_treatment)
  outcome <- strengths_of("r2_outcome", r2_outcome)
  if (length(treatment) == 1L) treatment <- rep(treatment, length(outcome))
  if (length(outcome) == 1L) outcome <- rep(outcome, length(treatment))
  if (length(treatment) != length(outcome))
    invalid("r2_outcome: %d numbers were given for %d of r2_treatment", length(outcome), length(treatment))
  level <- if (is.null(level)) 1 - c$asked$alpha else number("level", level)
  rows <- mapply(function(d, y) settle(.Call(C_adjusted, c$tested, c(d, y, truth("reduce", reduce), level))), treatment, outcome)
  frame(structure(lapply(seq_len(10L), function(j) blank(rows[j, ])), names = adjusted_names))
}

#' @rdname confounding
#' @export
confounding_extreme <- function(c, r2_outcome = c(1, 0.75, 0.5)) {
  check_confounding(c)
  outcome <- strengths_of("r2_outcome", r2_outcome)
  made <- settle(.Call(C_needed, c$tested, c(c$asked$q, c$asked$alpha), outcome))
  frame(list(r2_outcome = outcome, needed = made$needed, needed_alpha = made$needed_alpha))
}

#' @rdname confounding
#' @export
confounding_contours <- function(c, grid = 50, limit = NULL, reduce = TRUE) {
  check_confounding(c)
  grid <- whole("grid", grid, 2L, 2000L)
  limit <- if (is.null(limit)) max(confounding_reach(c)) else number("limit", limit)
  if (!(limit > 0 && limit < 1)) invalid("limit: %.15g is not between 0 and 1", limit)
  contour_grid(c, grid, c(limit, limit), truth("reduce", reduce))
}

contour_grid <- function(c, grid, limits, reduce = TRUE) {
  x <- seq(0, limits[1L], length.out = grid)
  y <- seq(0, limits[2L], length.out = grid)
  made <- settle(.Call(C_contours, c$tested, reduce, x, y))
  frame(list(r2_treatment = rep(x, each = grid), r2_outcome = rep(y, grid), estimate = made$estimate, statistic = made$t))
}

# Limits, with the term and with the outcome, that hold the robustness value and the bounds that exist.
confounding_reach <- function(c) {
  vapply(c$bounds[c("r2_treatment", "r2_outcome")], function(bound)
    min(0.95, max(0.1, 1.25 * max(c$robustness$robustness_value, bound, na.rm = TRUE))), 0)
}

#' @rdname confounding
#' @export
as.data.frame.steelyard_confounding <- function(x, row.names = NULL, optional = FALSE, ...) x$robustness

tidy.steelyard_confounding <- function(x, ...) x$robustness

document_of.steelyard_confounding <- function(x, whole = FALSE) {
  more <- more_of(whole)
  r <- x$robustness
  robust <- if (is.na(r$robustness_value_robust)) "" else sprintf(" (%s error %.4f)", x$tested[[3L]], r$robustness_value_robust)
  head <- c(sprintf("Confounding of %s%s: %st %s with %s degrees of freedom", r$term,
                    if (is.null(x$outcome)) "" else paste0(" on ", x$outcome),
                    if (is.na(r$estimate)) "" else sprintf("estimate %s, ", by_error(r$estimate, r$std.error, more)),
                    statistic_text(r$statistic), df_text(r$df)),
            sprintf("Partial R2 %.4f; robustness value %.4f at q %.4g, %.4f at alpha %s %%%s; extreme %.4f", r$partial_r2,
                    r$robustness_value, r$q, r$robustness_value_alpha, percent_of(r$alpha), robust, r$extreme), "", x$text, "")
  b <- x$bounds
  table <- if (nrow(b)) c(tabled(list(
    benchmark = b$benchmark, kd = sprintf("%.4g", b$kd), ky = sprintf("%.4g", b$ky), `R2 term` = r2_text(b$r2_treatment),
    `R2 outcome` = r2_text(b$r2_outcome), estimate = by_error(b$estimate, b$std.error, more),
    `std error` = by_error(b$std.error, b$std.error, more), t = statistic_text(b$statistic),
    low = by_error(b$conf.low, b$std.error, more), high = by_error(b$conf.high, b$std.error, more)),
    caption = limited("The estimate beside confounders like the benchmarks", 1 - r$alpha)), "",
    sprintf("Bounds: a confounder kd times as strong with %s and ky times with the outcome as the benchmark; limits %s %%.",
            r$term, percent_of(1 - r$alpha)))
  c(head, table, if (is.null(x$outcome)) "The t is the one printed; it must be the classical one."
                 else "Partial R2 and t are the classical ones, whatever the fit's covariance.",
    shown_remarks(x$remarks),
    caution("Bounds are for a linear model and for what a confounder shares with nothing already in it."),
    if (whole) told_provenance(x$provenance))
}
