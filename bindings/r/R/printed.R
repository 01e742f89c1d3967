# What printed numbers bear: gaps an R2 allows, odds against risks, limits of R2, differences that would show.
# SPDX-License-Identifier: GPL-3.0-only

optional_number <- function(argument, value) if (is.null(value)) NaN else number(argument, value)

# A frame of one row or more that prints its finding as a sentence.
printed_finding <- function(columns, text) told_table(frame(lapply(columns, function(x) if (is.numeric(x)) blank(x) else x)), text)

#' What a published R2 allows a gap and a slope to be
#'
#' \code{gap_allowed}: the gap between two groups that a predictor with a published R2 can carry;
#' \code{slope_allowed}: how large its adjusted slope may be.
#'
#' @details
#' Let x be the predictor, D the group, a part pi of the people. The part of the gap that goes along
#' the straight line is corr(x, y) times the gap in x in standard deviations, which is corr(x, D) /
#' sqrt(pi (1 - pi)); that correlation is at most 1, so |gap| <= sd sqrt(r2 / (pi (1 - pi))), whatever
#' the spread of x. It is reached by a predictor that is the same for all within each group. An r2 of
#' .07 with 80 \% in the group allows .66 standard deviations: a small R2 does not refute that money
#' makes the gap.
#'
#' What the predictor adds to R2 is b squared over VIF, and no more than the full R2: |b| <=
#' sqrt(full_r2 VIF), reached where the others alone tell nothing. With the predictor's own r2 known,
#' |b| <= sqrt(r2) + sqrt((VIF - 1)(full_r2 - r2)), reached by one further column. An r2 of .0025 alone
#' goes with an adjusted slope of .92 (suppression, as need-led funding makes it).
#'
#' All holds in one population, without error in measuring x. A whole printed correlation table bears
#' more: see \code{\link{moments_from_correlation}} and \code{\link{rounding}}.
#'
#' @param r2 part of the outcome's variance that the predictor explains alone.
#' @param share part of the people that is in one of the groups, between 0 and 1.
#' @param sd standard deviation of the outcome; a slope is for one of the predictor.
#' @param group_r2 part of the predictor's variance that the groups explain; 1, the most there can be,
#'   when it is not known.
#' @param full_r2,vif R2 of the outcome by the predictor and what is adjusted for, and the predictor's
#'   variance inflation factor beside it.
#' @return A data frame of class \code{steelyard_table} that prints a sentence. \code{gap_allowed}: rows
#'   unadjusted and, with \code{full_r2}, adjusted: \code{bound}, \code{slope} (standardised), \code{gap},
#'   \code{predictor_gap} (the most the groups can differ, in standard deviations of the predictor).
#'   \code{slope_allowed}: \code{bound}, \code{slope}.
#' @section Errors:
#' \code{steelyard_error_invalid}: parts outside 0 to 1, \code{full_r2} under \code{r2}, a \code{vif} under 1.
#' @references
#' Cohen, J., Cohen, P., West, S. G. and Aiken, L. S. (2003). \emph{Applied Multiple
#' Regression/Correlation Analysis for the Behavioral Sciences}, section 3.4. Erlbaum.
#'
#' Friedman, L. and Wall, M. (2005). Graphical views of suppression and multicollinearity in multiple
#' linear regression. \emph{The American Statistician} 59, 127-136. \doi{10.1198/000313005X41337}
#' @examples
#' gap_allowed(r2 = 0.07, share = 0.8)
#' slope_allowed(full_r2 = 0.4, vif = 3, r2 = 0.0025)
#' @export
gap_allowed <- function(r2, share, sd = 1, group_r2 = 1, full_r2 = NULL, vif = NULL) {
  made <- settle(.Call(C_gap_allowed, c(number("r2", r2), number("share", share), number("sd", sd),
                                        number("group_r2", group_r2), optional_number("full_r2", full_r2),
                                        optional_number("vif", vif))))
  x <- made$values
  rows <- if (is.null(full_r2)) 1L else 1:2
  printed_finding(list(bound = c("unadjusted", "adjusted")[rows], slope = x[c(1L, 3L)][rows], gap = x[c(2L, 4L)][rows],
                       predictor_gap = x[c(5L, 5L)][rows]), made$text)
}

#' @rdname gap_allowed
#' @export
slope_allowed <- function(full_r2, vif, r2 = NULL, sd = 1) {
  made <- settle(.Call(C_slope_allowed, c(number("full_r2", full_r2), number("vif", vif), optional_number("r2", r2),
                                          number("sd", sd))))
  rows <- if (is.null(r2)) 1L else 1:2
  printed_finding(list(bound = c("R2 and VIF", "and R2 alone")[rows], slope = made$values[rows]), made$text)
}

risks_of <- function(from_odds, argument, ratio, overall, exposed) {
  made <- settle(.Call(C_risk_odds, from_odds, c(number(argument, ratio), number("overall", overall),
                                                 number("exposed", exposed))))
  printed_finding(structure(as.list(made$values), names = c("odds_ratio", "risk_ratio", "risk_exposed", "risk_unexposed",
                                                            "risk_difference")), made$text)
}

#' Odds ratios and risk ratios, from the overall rate
#'
#' \code{risk_ratio_from_odds}: the risk ratio behind an odds ratio; \code{odds_ratio_from_risk}: the other
#' way.
#'
#' @details
#' The risk p0 of those not exposed solves (1 - e) p0 + e OR p0 / (1 - p0 + OR p0) = overall, exactly; then RR =
#' OR / (1 - p0 + OR p0). An adjusted odds ratio is that of no two by two table and is refused: fit the
#' model and standardise over the sample (\code{\link{risk_ratios}}).
#'
#' @param odds_ratio,risk_ratio of the two by two table.
#' @param overall part of all people with the outcome.
#' @param exposed part of the people exposed.
#' @param adjusted whether the odds ratio was adjusted for anything: then it is refused.
#' @return A data frame of class \code{steelyard_table} with one row, which prints a sentence:
#'   \code{odds_ratio}, \code{risk_ratio}, \code{risk_exposed}, \code{risk_unexposed}, \code{risk_difference}.
#' @section Errors:
#' \code{steelyard_error_invalid}: an adjusted odds ratio, parts that are not between 0 and 1, a risk ratio
#' that would put a risk past 1.
#' @references
#' Greenland, S. (2004). Model-based estimation of relative risks and other epidemiologic measures in
#' studies of common outcomes and in case-control studies. \emph{American Journal of Epidemiology} 160,
#' 301-305. \doi{10.1093/aje/kwh221}
#'
#' Zhang, J. and Yu, K. F. (1998). What's the relative risk? \emph{JAMA} 280, 1690-1691.
#' \doi{10.1001/jama.280.19.1690}
#' @examples
#' risk_ratio_from_odds(3, overall = 0.75, exposed = 0.6)
#' odds_ratio_from_risk(4 / 3, overall = 0.75, exposed = 0.6)
#' @export
risk_ratio_from_odds <- function(odds_ratio, overall, exposed, adjusted = FALSE) {
  if (truth("adjusted", adjusted))
    invalid(paste("adjusted: an adjusted odds ratio is that of no two by two table and has no one risk ratio; fit the",
                  "model with fit_binary() or fit_ordinal() and ask it for risk_ratios(), which standardises over the",
                  "sample"))
  risks_of(TRUE, "odds_ratio", odds_ratio, overall, exposed)
}

#' @rdname risk_ratio_from_odds
#' @export
odds_ratio_from_risk <- function(risk_ratio, overall, exposed) risks_of(FALSE, "risk_ratio", risk_ratio, overall, exposed)

#' Limits of the population's R2 behind a published one
#'
#' @details
#' Exact: the limits put r2 at the tails of its law, the negative binomial mixture of beta laws
#' (predictors drawn with the people, all jointly normal) or the non-central F.
#'
#' @param r2 as published, 0 to below 1.
#' @param n people.
#' @param predictors columns that r2 rests on.
#' @param level of the limits.
#' @param design \code{"random"}: predictors drawn with the people; \code{"fixed"}: set by design.
#' @param rounding half a unit of the last digit printed (.005 for "7 \%"): limits are widened by it.
#' @param at_most whether r2 was published as a bound from above: the lower limit is 0 then.
#' @return A data frame of class \code{steelyard_table} with one row, which prints a sentence: \code{r2},
#'   \code{n}, \code{predictors}, \code{conf.low}, \code{conf.high}, \code{upper} (one-sided, at the same
#'   level), \code{adjusted}, \code{by_chance} (what noise shows on average).
#' @section Errors:
#' \code{steelyard_error_invalid}: numbers out of range. \code{steelyard_error_limit}: r2 so near 1 that the
#' sums would not end.
#' @references
#' Fisher, R. A. (1928). The general sampling distribution of the multiple correlation coefficient.
#' \emph{Proceedings of the Royal Society A} 121, 654-673. \doi{10.1098/rspa.1928.0224}
#'
#' Algina, J. and Olejnik, S. (2000). Determining sample size for accurate estimation of the squared
#' multiple correlation coefficient. \emph{Multivariate Behavioral Research} 35, 119-137.
#' \doi{10.1207/S15327906MBR3501_5}
#'
#' Steiger, J. H. (2004). Beyond the F test. \emph{Psychological Methods} 9, 164-182.
#' \doi{10.1037/1082-989X.9.2.164}
#' @examples
#' r2_interval(0.07, n = 1114)
#' @export
r2_interval <- function(r2, n, predictors = 1, level = 0.95, design = "random", rounding = 0, at_most = FALSE) {
  r2 <- number("r2", r2)
  n <- number("n", n)
  predictors <- whole("predictors", predictors, 1L, 1e9)
  fixed <- choice("design", design, c("random", "fixed")) == "fixed"
  made <- settle(.Call(C_r2_interval, as.double(c(r2, n, predictors, number("level", level), fixed,
                                                  number("rounding", rounding), truth("at_most", at_most)))))
  x <- made$values
  printed_finding(list(r2 = r2, n = n, predictors = predictors, conf.low = x[1L], conf.high = x[2L], upper = x[3L],
                       adjusted = x[4L], by_chance = x[5L]), made$text)
}

#' The smallest true difference of two means that a comparison would show
#'
#' @details
#' By the non-central t, both tails. A null result does not speak against smaller differences.
#'
#' @param n1,n2 people in the groups, 2 or more each.
#' @param sd standard deviation within the groups.
#' @param level the two-sided t test is at 1 - level.
#' @param power probability that it shows the difference.
#' @param design_effect variance of the difference over that of simple random samples.
#' @return A data frame of class \code{steelyard_table} with one row, which prints a sentence: \code{n1},
#'   \code{n2}, \code{difference}, \code{standardised}, \code{df}.
#' @section Errors:
#' \code{steelyard_error_invalid}: groups of fewer than 2, a power at or below 1 - level.
#' @references
#' Cohen, J. (1988). \emph{Statistical Power Analysis for the Behavioral Sciences}, chapter 2. Erlbaum.
#' @examples
#' detectable_difference(170, 169)
#' @export
detectable_difference <- function(n1, n2, sd = 1, level = 0.95, power = 0.8, design_effect = 1) {
  n1 <- number("n1", n1)
  n2 <- number("n2", n2)
  made <- settle(.Call(C_detectable, c(n1, n2, number("sd", sd), number("level", level), number("power", power),
                                       number("design_effect", design_effect))))
  x <- made$values
  printed_finding(list(n1 = n1, n2 = n2, difference = x[1L], standardised = x[2L], df = x[3L]), made$text)
}
