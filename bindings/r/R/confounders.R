# E-values, and Oster's delta.
# SPDX-License-Identifier: GPL-3.0-only

e_measures <- c("rr", "or_rare", "or_common", "hr_rare", "hr_common", "difference")
oster_numbers <- c("estimate_short", "r2_short", "estimate", "r2", "var_outcome", "var_treatment", "var_left")

#' E-values
#'
#' How strong, as risk ratios, a confounder must be to explain an association away.
#'
#' @details
#' E = R + sqrt(R (R - 1)), R the risk ratio over true or its inverse: a confounder associated with
#' treatment and outcome by risk ratios of E each, beyond what is adjusted for, could do it, a weaker one
#' could not. Common odds ratios by their root, common hazard ratios and differences (exp(.91 d)) by the
#' approximations of the same paper.
#'
#' @param estimate,low,high the association and its limits (optional).
#' @param measure \code{"rr"}: risk ratio; \code{"or_rare"}, \code{"or_common"}, \code{"hr_rare"},
#'   \code{"hr_common"}: odds ratio or hazard ratio of a rare outcome (under 15 \%) or a common one;
#'   \code{"difference"}: of means, in standard deviations.
#' @param std_error of a difference, in place of its limits.
#' @param true the value to which the confounder would bring it; by default 1, for a difference 0.
#' @return A data frame of class \code{steelyard_table} with one row, which prints a sentence:
#'   \code{measure}, \code{estimate}, \code{ratio}, \code{conf.low}, \code{conf.high}, \code{true} (as risk
#'   ratios), \code{e_value}, \code{e_value_limit} (of the limit nearest to true; 1 when the limits hold it).
#' @section Errors:
#' \code{steelyard_error_invalid}: ratios not above 0, limits on the wrong side.
#' @references
#' VanderWeele, T. J. and Ding, P. (2017). Sensitivity analysis in observational research: introducing the
#' E-value. \emph{Annals of Internal Medicine} 167, 268-274. \doi{10.7326/M16-2607}
#' @examples
#' e_value(3.9, 1.8, 8.7)
#' e_value(3, measure = "or_common")
#' @export
e_value <- function(estimate, low = NULL, high = NULL, measure = "rr", std_error = NULL, true = NULL) {
  measure <- choice("measure", measure, e_measures)
  estimate <- number("estimate", estimate)
  null <- if (measure == "difference") 0 else 1
  made <- settle(.Call(C_e_value, match(measure, e_measures), c(
    estimate, optional_number("low", low), optional_number("high", high), optional_number("std_error", std_error),
    if (is.null(true)) null else number("true", true))))
  x <- made$values
  printed_finding(list(measure = measure, estimate = estimate, ratio = x[1L], conf.low = x[2L], conf.high = x[3L],
                       true = x[4L], e_value = x[5L], e_value_limit = x[6L]), made$text)
}

#' Oster's delta and bias-adjusted slope
#'
#' Selection on the unobserved as on the observed: how strong it must be, and what it leaves.
#'
#' @details
#' Proportional selection. Of several roots the one is taken whose bias goes the way in which the controls
#' moved the slope (against it for a negative delta), and of such the nearest; at delta 1 there is just one.
#' Missing where no root does.
#'
#' @param fit a result of \code{\link{fit_linear}}, the model with all controls; \code{NULL}: numbers from
#'   print.
#' @param term the treatment: label of a coefficient, or of a term with one column.
#' @param kept terms that stay in the short model beside the treatment.
#' @param r_max R2 if everything were controlled; by default 1.3 times the model's R2, at most 1.
#' @param delta for the bias-adjusted slope: selection on the unobserved over that on the controls.
#' @param beta the slope that \code{delta_star} would bring about.
#' @param ... without a fit: \code{estimate_short}, \code{r2_short} (of the short model), \code{estimate},
#'   \code{r2} (with all controls), \code{var_outcome}, \code{var_treatment} (beside what is kept) and
#'   \code{var_left} (of the treatment given all controls).
#' @return A data frame of class \code{steelyard_table} with one row, which prints a sentence: \code{term},
#'   \code{estimate_short}, \code{r2_short}, \code{estimate}, \code{r2}, \code{r_max}, \code{delta},
#'   \code{beta_star} (the slope at \code{delta}), \code{beta}, \code{delta_star}, \code{other_1},
#'   \code{other_2} (roots not taken).
#' @section Errors:
#' \code{steelyard_error_invalid}: a term that is not there, \code{r_max} under the model's R2 or above 1.
#' \code{steelyard_error_data}: an aliased term.
#' @references
#' Oster, E. (2019). Unobservable selection and coefficient stability: theory and evidence. \emph{Journal of
#' Business and Economic Statistics} 37, 187-204. \doi{10.1080/07350015.2016.1227711}
#' @examples
#' fit <- fit_linear(Fertility ~ Education + Catholic + Agriculture, swiss)
#' oster(fit, "Education")
#' @export
oster <- function(fit = NULL, term = NULL, kept = NULL, r_max = NULL, delta = 1, beta = 0, ...) {
  printed <- list(...)
  if (is.null(fit)) {
    name <- if (is.null(term)) "the term" else one_text("term", term)
    numbers <- oster_printed(printed)
  } else {
    if (length(printed)) invalid("%s: a fit has its own numbers; leave it out", names(printed)[1L])
    held <- fit_left(fit)
    place <- one_place(held, term)
    places <- c(unlist(lapply(kept, function(one) places_of(held, one, "kept"))), match("(Intercept)", held$labels))
    if (place %in% places) invalid("kept: %s is the term itself", term)
    name <- held$labels[place]
    numbers <- settle(.Call(C_oster_from_fit, held$left, place, seq_along(held$labels) %in% places))
  }
  delta <- number("delta", delta)
  beta <- number("beta", beta)
  made <- settle(.Call(C_oster, as.double(c(numbers, optional_number("r_max", r_max), delta, beta))))
  x <- made$values
  printed_finding(c(list(term = name), structure(as.list(numbers[1:4]), names = oster_numbers[1:4]), list(
    r_max = x[1L], delta = delta, beta_star = x[3L], beta = beta, delta_star = x[2L], other_1 = x[4L],
    other_2 = x[5L])), made$text)
}

oster_printed <- function(given) {
  for (name in names(given)) if (!name %in% oster_numbers) place("oster", name, oster_numbers)
  vapply(oster_numbers, function(name) {
    if (is.null(given[[name]]))
      invalid("%s: give a fit and a term, or all of %s", name, paste(oster_numbers, collapse = ", "))
    number(name, given[[name]])
  }, 0, USE.NAMES = FALSE)
}
