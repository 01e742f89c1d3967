# SPDX-License-Identifier: GPL-3.0-only

#' steelyard: shares of explained variance with honest uncertainty
#'
#' How much of an outcome goes with the money, and how much with the way things
#' are done? \code{\link{shares}} splits the coefficient of determination of a
#' linear model among blocks of terms by the Shapley value over all submodels,
#' and gives for each block what it explains alone, uniquely and in common with
#' the others, its range over all orderings, its expectation by chance, and an
#' interval that respects clusters. Shares say what goes together; they are not
#' effects.
#'
#' Sums and cross-products are read once from the rows (\code{\link{moments}});
#' all else is computed from them. The same library in C answers in R, Python
#' and C, with the same digits.
#'
#' \code{\link{fit_linear}} fits multi-factor linear models with robust, clustered
#' and bootstrapped errors, tables of variance with effect sizes
#' (\code{\link[=anova.steelyard_linear]{anova}}), means and their differences
#' (\code{\link{marginal_means}}) and \code{\link{diagnostics}}; every number that
#' NIST certifies comes out to 15 digits. \code{\link{fit_binary}},
#' \code{\link{fit_count}} and \code{\link{fit_ordinal}} fit answers as people give
#' them, with \code{\link[=effects.steelyard_response]{effects}} on the scale people
#' ask about and what is \code{\link{explained}} by measures under their own names;
#' \code{\link{fit_mixed}} fits effects that vary by council. \code{\link{shares}}
#' takes all of these fits, and \code{\link{polychoric}} makes moments of ordered answers.
#'
#' @section Map:
#' Results print, and have \code{summary()}, \code{plot()}, \code{as.data.frame()} and, for the
#' generics of other packages, \code{tidy()}, \code{glance()} and \code{autoplot()}.
#' \describe{
#' \item{The question as a whole}{\code{\link{weigh}}, \code{\link{report}}, \code{\link{picture}},
#'   \code{\link{specification_curve}}, \code{\link{reproduce}}}
#' \item{How much each block explains}{\code{\link{shares}}, \code{\link{at_most}},
#'   \code{\link{permutation_test}}, \code{\link{share_parts}}, \code{\link{crossvalidated}},
#'   \code{\link{corrected_shares}}, \code{\link{correction}}, \code{\link{measurement_errors}},
#'   \code{\link{simex_shares}}, \code{\link{rounding}}, \code{\link{population_change}}}
#' \item{Blocks, outcomes and levels beside each other}{\code{\link{compare_shares}},
#'   \code{\link{compare_all_shares}}, \code{\link{ratio_shares}}, \code{\link{above_in_all}},
#'   \code{\link{compare_levels}}, \code{\link{test_levels}}, \code{\link{league}},
#'   \code{\link{share_ranks}}, \code{\link{if_first}}, \code{\link{units_needed}},
#'   \code{\link{power_of_difference}}}
#' \item{All submodels}{\code{\link{submodels}}, \code{\link{dominance}}, \code{\link{commonality}},
#'   \code{\link{other_metrics}}}
#' \item{Rows, once: moments}{\code{\link{moments}}, \code{\link{moments_from_correlation}},
#'   \code{\link{save_moments}}, \code{\link{load_moments}}, \code{\link{describe}},
#'   \code{\link{polychoric}}, \code{\link{jackknife_summary}}, \code{\link{influence_summary}}}
#' \item{Models}{\code{\link{fit_linear}}, \code{\link{fit_binary}}, \code{\link{fit_count}},
#'   \code{\link{fit_ordinal}}, \code{\link{fit_mixed}}, \code{\link{oneway}},
#'   \code{\link{variance_components}}}
#' \item{What a model says}{\code{\link{linear_contrasts}}, \code{\link{marginal_means}},
#'   \code{\link{pairwise}}, \code{\link{wild_test}}, \code{\link{diagnostics}}, \code{\link{vif}},
#'   \code{\link{odds_ratios}}, \code{\link{rate_ratios}}, \code{\link{risk_ratios}},
#'   \code{\link{explained}}, \code{\link{proportional}}, \code{\link{icc}}, \code{\link{r2}},
#'   \code{\link{random_effects}}, \code{\link{parametric_bootstrap}}}
#' \item{Groups and causes}{\code{\link{gap}}, \code{\link{mediation}}, \code{\link{balance}}}
#' \item{What was not measured}{\code{\link{confounding}}, \code{\link{confounding_adjusted}},
#'   \code{\link{confounding_extreme}}, \code{\link{confounding_contours}}, \code{\link{oster}},
#'   \code{\link{e_value}}, \code{\link{share_flip}}, \code{\link{flip_at}},
#'   \code{\link{flip_contours}}, \code{\link{reliability_to_flip}},
#'   \code{\link{shared_source_to_flip}}}
#' \item{Measurement}{\code{\link{reliability}}, \code{\link{reliability_of_means}}}
#' \item{People and printed numbers}{\code{\link{overview}}, \code{\link{difficult_steps}},
#'   \code{\link{rank_intervals}}, \code{\link{funnel_limits}}, \code{\link{counts_by_chance}},
#'   \code{\link{unit_values}}, \code{\link{r2_interval}}, \code{\link{gap_allowed}},
#'   \code{\link{slope_allowed}}, \code{\link{risk_ratio_from_odds}},
#'   \code{\link{odds_ratio_from_risk}}, \code{\link{detectable_difference}}}
#' \item{Results elsewhere}{\code{\link{to_markdown}}, \code{\link{to_latex}}, \code{\link{to_csv}},
#'   \code{\link{theme_house}}}
#' \item{Data sets}{\code{\link{load_dataset}}, \code{\link{dataset_names}}, \code{\link{codebook}},
#'   \code{\link{dataset_source}}, \code{\link{simulate_poet}}}
#' }
#'
#' @section Conditions:
#' Every error has the class \code{steelyard_error} and one of
#' \code{steelyard_error_invalid} (an argument is not allowed),
#' \code{steelyard_error_data} (the data cannot bear the question),
#' \code{steelyard_error_limit} (past a stated limit),
#' \code{steelyard_error_memory} and \code{steelyard_error_internal}; the message
#' names the argument, the value found and what is allowed. Warnings have the
#' class \code{steelyard_warning}. Work can be interrupted at any time and leaves
#' nothing behind.
#'
#' @section Options and environment:
#' \code{STEELYARD_NUM_THREADS} gives the number of threads where \code{threads}
#' is \code{NULL} (else 1); the answer does not depend on it.
#' Work over a second shows one line of progress where somebody looks, by \pkg{cli}
#' where it is installed, and nothing in a log (\command{Rscript}, \pkg{knitr}, tests,
#' continuous integration); \code{options(steelyard.progress = FALSE)} silences it,
#' \code{TRUE} shows it always.
#'
#' @references
#' Shapley, L. S. (1953). A value for n-person games. In \emph{Contributions to
#' the Theory of Games II}, 307-317. \doi{10.1515/9781400881970-018}
#'
#' Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980). \emph{Introduction to
#' Bivariate and Multivariate Analysis}. Scott, Foresman.
#'
#' Owen, G. (1977). Values of games with a priori unions. In \emph{Mathematical
#' Economics and Game Theory}, 76-88. \doi{10.1007/978-3-642-45494-3_7}
#'
#' @useDynLib steelyard, .registration = TRUE
#' @importFrom stats confint
#' @keywords internal
"_PACKAGE"
