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
