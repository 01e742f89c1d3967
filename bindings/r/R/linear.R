# Fitting: from a formula to the core's model, and from its tables to a fit.
# SPDX-License-Identifier: GPL-3.0-only

vcov_kinds <- c("classical", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5", "CR0", "CR1", "CR1S", "CR2", "CR3")
codings <- c("treatment", "sum")
fit_methods <- c("QR in double-double", "moments", "QR in double")

#' Multi-factor linear models to the last digit
#'
#' Least squares with coefficients, standard errors and tests that can be
#' trusted: computed in double-double by Householder QR while the data are small,
#' with an account of the digits that are left.
#'
#' @details
#' Computed while rows times squared columns are below 4e7 by QR of the rows in
#' double-double (decimal columns are read as the decimals they print as); beyond,
#' from moments where the condition of the scaled columns leaves twelve digits,
#' else by QR in double.
#'
#' A factor stands with its contrast columns where the term without it is in the
#' model, else with all its levels. How levels become columns is decided by
#' \code{coding} alone: \code{options("contrasts")} and contrasts set on a column are
#' not looked at. A truth value counts 0 or 1; \code{factor(x)} makes two levels of it. A column that adds nothing beyond the others is aliased: its
#' coefficient is missing and a warning names it.
#'
#' Covariances: \code{"classical"}; \code{"HC0"} to \code{"HC5"} for unequal
#' variances; with clusters \code{"CR0"}, \code{"CR1"} (G / (G - 1)), \code{"CR1S"}
#' (Stata's), \code{"CR2"} (bias-reduced, with Satterthwaite's degrees of freedom)
#' and \code{"CR3"}. Two clusters give the two-way covariance. Where the clusters (or,
#' with \code{"HC0"} to \code{"HC5"}, the rows) that decide a coefficient leave no
#' residuals, as with the dummies of the clusters themselves, its standard error is 0
#' and there is no test of it; a warning names it.
#'
#' @param formula \code{outcome ~ terms}, or that as a text. Terms are columns,
#'   factors, \code{factor(x)}, whole powers \code{I(x^2)}, products \code{a:b} and
#'   \code{a * b}, and any call that gives one number a row. \code{- 1} leaves the
#'   intercept out: sums of squares and R2 are then about zero.
#' @param data a data frame (also a tibble or data.table).
#' @param weights,weight_kind,threads as in \code{\link{moments}}.
#' @param cluster a column's name, a one-sided formula or a vector; two names, or
#'   a list of two, for two-way clusters.
#' @param covariance the kind of covariance (see Details). \code{NULL}: with
#'   clusters \code{"CR2"}, with sampling weights \code{"HC1"}, else
#'   \code{"classical"}.
#' @param absorb a column whose levels each have an intercept of their own, taken
#'   out by centring (council fixed effects).
#' @param coding \code{"treatment"} (the first level is the base) or \code{"sum"}
#'   (sum to zero).
#' @param level of the limits, two-sided.
#' @param missing \code{"complete"}: rows complete over outcome, terms, weights and
#'   clusters are used; \code{"error"}.
#' @param precision \code{"auto"}, \code{"double-double"} or \code{"double"}.
#' @param object a result of \code{fit_linear}.
#' @param newdata a data frame of new rows; \code{NULL}: the rows of the fit.
#' @param interval \code{"none"}, \code{"confidence"} (of the mean) or
#'   \code{"prediction"} (of a new row of weight 1).
#' @param se.fit whether standard errors are wanted.
#' @param type of residuals: \code{"response"}, \code{"pearson"} (times the root of
#'   the weight), \code{"standardised"} and \code{"studentised"} (without the row).
#' @param ... ignored.
#' @return An object of class \code{steelyard_linear}, which answers what
#'   \link[=steelyard_fit]{every fit} answers, and
#'   \code{\link[=anova.steelyard_linear]{anova}}, \code{predict}, \code{fitted},
#'   \code{residuals}, \code{deviance}, broom's \code{glance} and \code{augment},
#'   \code{\link[=plot.steelyard_linear]{plot}}, \code{\link{linear_contrasts}},
#'   \code{\link{marginal_means}}, \code{\link{diagnostics}}, \code{\link{vif}} and
#'   \code{\link{wild_test}}. It is a list with, among others, \code{coefficients},
#'   \code{std_error}, \code{df}, \code{pvalues}, \code{n}, \code{rank}, \code{r2},
#'   \code{r2_adjusted}, \code{sigma}, \code{f}, \code{condition}, \code{digits} (decimal
#'   digits the condition leaves), \code{method}, \code{aliased}, \code{remarks} and
#'   \code{provenance}. Fitted values and residuals have one value a row of
#'   \code{data}, missing where a row was not used.
#' @section Errors:
#' \code{steelyard_error_invalid}: unknown or text columns, no outcome, an outcome
#' that is a factor or also a term, a factor with one level, a covariance that does
#' not fit the clusters. \code{steelyard_error_data}: constant outcome, no rows
#' left over for an error, impossible weights, one cluster.
#' @references
#' Golub, G. H. and Van Loan, C. F. (2013). \emph{Matrix Computations}, 4th ed.,
#' section 5.3. Johns Hopkins University Press.
#'
#' MacKinnon, J. G. and White, H. (1985). Some heteroskedasticity-consistent
#' covariance matrix estimators with improved finite sample properties.
#' \emph{Journal of Econometrics} 29, 305-325. \doi{10.1016/0304-4076(85)90158-7}
#'
#' Pustejovsky, J. E. and Tipton, E. (2018). Small-sample methods for
#' cluster-robust variance estimation and hypothesis testing in fixed effects
#' models. \emph{Journal of Business and Economic Statistics} 36, 672-683.
#' \doi{10.1080/07350015.2016.1247004}
#'
#' Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with
#' multiway clustering. \emph{Journal of Business and Economic Statistics} 29,
#' 238-249. \doi{10.1198/jbes.2010.07136}
#' @seealso \code{\link{shares}}
#' @examples
#' fit <- fit_linear(Fertility ~ Education + I(Education^2) + Catholic, swiss)
#' fit
#' anova(fit)
#' predict(fit, swiss[1:3, ], interval = "confidence")
#' fit_linear(mpg ~ wt + factor(cyl), mtcars, cluster = "gear", covariance = "CR1")
#' @order 1
#' @export
fit_linear <- function(formula, data, weights = NULL, weight_kind = NULL, cluster = NULL, covariance = NULL,
                       absorb = NULL, coding = "treatment", level = 0.95, missing = "complete", precision = "auto",
                       threads = NULL) {
  env <- parent.frame()
  if (inherits(data, "steelyard_moments")) invalid("data: fit_linear() needs rows; moments hold only sums")
  check_frame(data)
  level <- number("level", level)
  missing <- choice("missing", missing, c("complete", "error"))
  precision <- match(choice("precision", precision, precisions), precisions) - 1L
  coding <- choice("coding", coding, codings)
  threads <- check_threads(threads)
  read <- read_model(formula, data, env)
  clusters <- split_clusters(cluster, rows_of(data))
  covariance <- covariance_of(covariance, weight_kind, length(clusters))
  design <- make_design(data, tag(c(list(read$outcome), read$terms), "formula"), weights, weight_kind,
                        if (length(clusters)) clusters[[1L]], missing, env)
  if (!is.null(design[[2L]][[1L]][[3L]])) refuse_outcome(read$outcome$label)
  second <- second_cluster(clusters, data, env)
  absorbed <- side_column("absorb", absorb, data, rows_of(data), env)
  if (!is.null(absorbed) && !read$intercept)
    invalid("formula: \"- 1\" and absorb do not go together; the absorbed levels are the intercepts")
  model <- list(1L, seq_along(read$terms) + 1L, as.integer(read$intercept), match(coding, codings) - 1L, absorbed)
  asked <- list(read = read, design = design, model = model, second = second, covariance = covariance, coding = coding,
                level = level, missing = missing, precision = precision, threads = threads, names = row_labels(data))
  fit <- new_linear(asked)
  warn_of(fit$remarks)
  fit
}

# One or two clusters as a list; a vector as long as the rows is one.
split_clusters <- function(cluster, n) {
  if (is.null(cluster)) return(list())
  if (inherits(cluster, "formula")) {
    labels <- attr(stats::terms(cluster), "term.labels")
    if (length(cluster) == 2L && length(labels) == 2L) cluster <- as.list(labels)
  } else if (is.character(cluster) && length(cluster) == 2L && n != 2) {
    cluster <- as.list(cluster)
  }
  if (!is.list(cluster)) return(list(cluster))
  if (!length(cluster) %in% 1:2) invalid("cluster: one or two are needed, not %d", length(cluster))
  unname(cluster)
}

second_cluster <- function(clusters, data, env) {
  if (length(clusters) < 2L) return(NULL)
  column <- side_column("cluster", clusters[[2L]], data, rows_of(data), env)
  typed <- inherits(clusters[[2L]], "formula") || length(clusters[[2L]]) == 1L
  if (!typed) column[[1L]] <- "cluster 2"
  column
}

# The fit -------------------------------------------------------------------

new_linear <- function(asked) {
  design <- asked$design
  model <- asked$model
  columns <- settle(.Call(C_linear_columns, design, model))
  p <- sum(columns)
  labels <- settle(.Call(C_linear_labels, design, model, p))
  progress <- progress_teller("fit_linear")
  on.exit(progress$finish())
  raw <- settle(.Call(C_linear, design, model, asked$precision, p, asked$threads, progress$tell))
  spread <- settle(.Call(C_vcov, design, model, asked$precision, list(match(asked$covariance, vcov_kinds) - 1L,
                                                                     asked$second), p, asked$threads, progress$tell))
  s <- raw$summary
  remarks <- join_remarks(raw$remarks, spread$remarks)
  variables <- design_variables(c(list(asked$read$outcome), asked$read$terms))
  named <- function(values) structure(blank(values), names = labels)
  fit <- list(
    coefficients = named(raw$coefficient), covariance = asked$covariance, called = "linear model", parameters = s$rank + 1,
    vcov = structure(blank(spread$covariance), dimnames = list(labels, labels)), df = named(spread$df),
    n = s$n, rows_used = s$rows_used, df_resid = s$df_resid, rank = as.integer(s$rank), r2 = s$r2,
    r2_adjusted = blank(s$r2_adj), sigma = s$sigma, f = blank(s$f), f_df1 = s$f_df1, f_p = blank(s$f_p),
    loglik = s$loglik, aic = s$aic, bic = s$bic, rss = s$rss, tss = s$tss, condition = s$condition,
    digits = s$digits, method = fit_methods[s$method + 1L], formula = light_formula(asked$read$formula),
    outcome = asked$read$outcome$label, terms = labels_of(asked$read$terms), columns = columns,
    intercept = asked$read$intercept, aliased = labels[raw$aliased != 0L], level = asked$level,
    fitted = blank(raw$fitted), residual = blank(raw$residual), inverse = matrix(raw$inverse, p), effects = raw$effects,
    variables = variables, design = design, model = model, second = asked$second, names = asked$names, precision = asked$precision,
    threads = asked$threads, summary = s,
    remarks = remarks_frame(remarks))
  table <- combined(fit, diag(p), labels, asked$level)
  fit$std_error <- structure(table$std.error, names = labels)
  fit$pvalues <- structure(table$p.value, names = labels)
  fit$table <- table
  fit$provenance <- linear_provenance(fit, asked)
  structure(fit, class = c("steelyard_linear", "steelyard_fit", "steelyard_result"))
}

linear_provenance <- function(fit, asked) {
  s <- fit$summary
  list(version = .Call(C_version), formula = formula_text(fit$outcome, fit$terms, fit$intercept),
       covariance = fit$covariance, coding = asked$coding, level = asked$level,
       weight_kind = c("none", weight_kinds)[fit$design[[5L]] + 1L], sum_w = s$sum_w, missing = asked$missing, precision = precisions[asked$precision + 1L],
       cluster = c(fit$design[[6L]][[1L]], fit$second[[1L]]), clusters = cluster_counts(fit),
       absorb = fit$model[[5L]][[1L]], method = fit$method, condition = s$condition, digits = s$digits,
       threads = s$threads, n = s$n, rows_read = s$rows_read, rows_used = s$rows_used, rows_dropped = s$rows_dropped)
}

check_linear <- function(fit) {
  if (!inherits(fit, "steelyard_linear")) invalid("fit: a result of fit_linear() is needed, not %s", class(fit)[1L])
}
