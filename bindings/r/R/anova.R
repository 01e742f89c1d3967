# Analysis of variance tables, tests of one factor, nested components.
# SPDX-License-Identifier: GPL-3.0-only

#' Analysis of variance of a linear model
#'
#' @details
#' Type 1: each term given those before it. Type 2: each term given all that do
#' not contain it. Type 3: each term given all others, with sum-to-zero coding
#' made by the core whatever the fit's coding and the session's contrasts are.
#'
#' Effect sizes: eta squared is of the total about the mean; partial eta squared
#' is SS / (SS + SSE), with two-sided limits by the non-central F (Steiger 2004);
#' omega and epsilon squared take off what chance gives and may be negative (prints
#' show 0). With a covariance other than classical sums of squares do not exist:
#' the table holds Wald tests.
#'
#' @param object a result of \code{\link{fit_linear}}.
#' @param type 1, 2, 3 or \code{"I"}, \code{"II"}, \code{"III"}.
#' @param covariance a kind of covariance as in \code{\link{fit_linear}};
#'   \code{NULL}: the fit's own.
#' @param level of the limits of partial eta squared; \code{NULL}: the fit's.
#' @param ... ignored.
#' @return A data frame of class \code{steelyard_anova}, one row a term and a last
#'   row \code{Residuals}: \code{term}, \code{df}, \code{sumsq}, \code{meansq},
#'   \code{statistic}, \code{p.value}, \code{eta_squared},
#'   \code{partial_eta_squared}, \code{conf.low}, \code{conf.high},
#'   \code{omega_squared}, \code{partial_omega_squared}, \code{epsilon_squared},
#'   \code{partial_epsilon_squared}, \code{cohens_f}. Wald tests: \code{term},
#'   \code{df}, \code{df.residual}, \code{statistic}, \code{p.value}. The attribute
#'   \code{remarks} is a data frame of remarks; with sums of squares the attribute
#'   \code{model} is the test of all terms together.
#' @references
#' Searle, S. R. (1987). \emph{Linear Models for Unbalanced Data}. Wiley.
#'
#' Steiger, J. H. (2004). Beyond the F test. \emph{Psychological Methods} 9,
#' 164-182. \doi{10.1037/1082-989X.9.2.164}
#' @section Errors:
#' \code{steelyard_error_invalid}: another type, type 1 with a covariance that is not
#' classical, an unknown covariance.
#' @examples
#' fit <- fit_linear(breaks ~ wool * tension, warpbreaks)
#' anova(fit, type = 3)
#' anova(fit, covariance = "HC3")
#' @importFrom stats anova
#' @export
anova.steelyard_linear <- function(object, type = 2, covariance = NULL, level = NULL, ...) {
  type <- anova_type(type)
  level <- level_of(object, level)
  kind <- if (is.null(covariance)) object$covariance
          else covariance_of(covariance, NULL, if (startsWith(shown(covariance), "CR")) length(cluster_counts(object))
                                               else 0L)
  if (kind == "classical") return(anova_squares(object, type, level))
  if (type == 1L)
    invalid(paste0("type: sums of squares in order do not exist with covariance = \"%s\"; ask for type 2 or 3, or ",
                   "covariance = \"classical\""), kind)
  anova_wald(object, type, kind)
}

anova_type <- function(type) {
  known <- list(1, 2, 3, "I", "II", "III")
  at <- which(vapply(known, function(one) length(type) == 1L && identical(as.character(one), as.character(type)), NA))
  if (!length(at)) invalid("type: %s is not one of 1, 2, 3", shown(type))
  (at - 1L) %% 3L + 1L
}

anova_columns <- c("df", "sumsq", "meansq", "statistic", "p.value", "eta_squared", "partial_eta_squared", "conf.low",
                   "conf.high", "omega_squared", "partial_omega_squared", "epsilon_squared", "partial_epsilon_squared",
                   "cohens_f")

anova_squares <- function(fit, type, level) {
  progress <- progress_teller("anova")
  on.exit(progress$finish())
  made <- settle(.Call(C_anova, fit$design, fit$model, list(type, level, 0L), fit$threads, progress$tell))
  columns <- lapply(seq_along(anova_columns), function(i) blank(made$rows[i, ]))
  names(columns) <- anova_columns
  out <- new_anova(c(list(term = c(fit$terms, "Residuals")), columns), made$remarks,
                   sprintf("Analysis of variance of %s, type %s, %s", fit$outcome, c("I", "II", "III")[type],
                           count_text(fit)),
                   sprintf("Limits (%s %%): of partial eta2, by the noncentral F.", percent_of(level)),
                   limited(paste("Analysis of variance of", fit$outcome), level))
  attr(out, "model") <- structure(blank(made$summary[6:9]), names = c("df", "sumsq", "statistic", "p.value"))
  out
}

anova_wald <- function(fit, type, kind) {
  model <- fit$model
  if (type == 3L) model[[4L]] <- 1L
  p <- length(fit$coefficients)
  raw <- if (identical(model, fit$model)) list(coefficient = unname(fit$coefficients))
         else settle(.Call(C_linear, fit$design, model, fit$precision, p, fit$threads, NULL))
  spread <- if (identical(model, fit$model) && kind == fit$covariance)
    list(covariance = unname(fit$vcov), df = unname(fit$df), remarks = no_remarks)
  else settle(.Call(C_vcov, fit$design, model, fit$precision, list(match(kind, vcov_kinds) - 1L, fit$second), p,
                    fit$threads, NULL))
  made <- settle(.Call(C_anova_wald, fit$design, model, type, raw$coefficient, spread$covariance, spread$df))
  new_anova(list(term = fit$terms, df = made[1L, ], df.residual = blank(made[2L, ]), statistic = blank(made[3L, ]),
                 p.value = blank(made[4L, ])), spread$remarks,
            sprintf("Wald tests of %s, type %s, covariance %s, %s", fit$outcome, c("I", "II", "III")[type], kind,
                    count_text(fit)), NULL,
            sprintf("Wald tests of %s, type %s", fit$outcome, c("I", "II", "III")[type]))
}

new_anova <- function(columns, remarks, heading, limits, caption) {
  remarks <- remarks_frame(frame(remarks))
  told <- shown_remarks(remarks)
  told_table(frame(columns), c(heading, "", tabled(anova_cells(columns), caption = caption), "", limits, told),
             class = "anova", remarks = remarks)
}

anova_cells <- function(x) {
  if (is.null(x$sumsq))
    list(term = x$term, df = df_text(x$df), `df resid` = df_text(x$df.residual), F = statistic_text(x$statistic),
         p = p_text(x$p.value))
  else list(term = x$term, df = df_text(x$df), `sum sq` = sum_text(x$sumsq), `mean sq` = sum_text(x$meansq),
            F = statistic_text(x$statistic), p = p_text(x$p.value), eta2 = r2_text(x$eta_squared),
            partial = r2_text(x$partial_eta_squared), low = r2_text(x$conf.low), high = r2_text(x$conf.high),
            omega2 = r2_text(pmax(x$partial_omega_squared, 0)))
}

#' One factor: means, and tests of their equality
#'
#' The classical test, Welch's and Brown and Forsythe's, which do not assume equal
#' variances, and the intraclass correlation.
#'
#' @param data a data frame.
#' @param outcome the name of a numeric column.
#' @param group the name of a column; any column becomes a factor.
#' @param weights,weight_kind \code{NULL}, or frequency weights as in
#'   \code{\link{moments}}.
#' @param level of the limits of the intraclass correlation.
#' @param missing \code{"complete"} or \code{"error"}.
#' @return A list of class \code{steelyard_oneway}: \code{groups} (a column
#'   named as the group, \code{n}, \code{mean}, \code{sd}), \code{tests} (\code{test}, \code{statistic},
#'   \code{df1}, \code{df2}, \code{p.value}), \code{icc1} with \code{conf.low} and
#'   \code{conf.high}, \code{n0} (the group size it rests on), \code{remarks}.
#' @references
#' Welch, B. L. (1951). On the comparison of several mean values.
#' \emph{Biometrika} 38, 330-336. \doi{10.1093/biomet/38.3-4.330}
#'
#' Brown, M. B. and Forsythe, A. B. (1974). The small sample behavior of some
#' statistics which test the equality of several means. \emph{Technometrics} 16,
#' 129-132. \doi{10.1080/00401706.1974.10489158}
#' @section Errors:
#' \code{steelyard_error_invalid}: no such column, an outcome or weights that are no
#' numbers, one group only. \code{steelyard_error_data}: no row is complete.
#' @examples
#' oneway(InsectSprays, "count", "spray")
#' @export
oneway <- function(data, outcome, group, weights = NULL, weight_kind = NULL, level = 0.95, missing = "complete") {
  env <- parent.frame()
  missing <- choice("missing", missing, c("complete", "error"))
  read <- grouped_terms(data, outcome, c(group = group), "group", env)
  design <- make_design(data, read, weights, weight_kind, NULL, missing, env)
  level <- number("level", level)
  made <- settle(.Call(C_oneway, design, design[[3L]][[1L]][[2L]], 2L, level))
  s <- blank(made$summary)
  tests <- frame(list(test = c("classical", "welch", "brown_forsythe"), statistic = s[c(3L, 7L, 11L)],
                      df1 = s[c(4L, 8L, 12L)], df2 = s[c(5L, 9L, 13L)], p.value = s[c(6L, 10L, 14L)]))
  name <- design[[2L]][[2L]][[1L]]
  groups <- frame(structure(list(design[[2L]][[2L]][[3L]], made$n, blank(made$mean), blank(made$sd)),
                            names = c(name, "n", "mean", "sd")))
  structure(class = c("steelyard_oneway", "steelyard_result"), list(
    outcome = read[[1L]]$label, group = name, n = s[[1L]], groups = groups, tests = tests,
    icc1 = s[[15L]], conf.low = s[[16L]], conf.high = s[[17L]], n0 = s[[18L]], level = level,
    remarks = remarks_frame(frame(made$remarks))))
}

# The outcome as a term, then each group as a factor made of its column.
grouped_terms <- function(data, outcome, groups, argument, env) {
  check_frame(data)
  if (!is.character(groups) || anyNA(groups) || !length(groups))
    invalid("%s: names of columns are needed, not %s", argument, shown(groups))
  for (name in groups) place(argument, name, names(data))
  read <- read_terms(outcome, "outcome", names(data), env)
  if (length(read) != 1L) invalid("outcome: one column is needed, not %s", shown(outcome))
  c(tag(read, "outcome"), lapply(unname(groups), function(name)
    list(label = paste0("factor(", name, ")"), argument = argument,
         variables = list(list(label = paste0("factor(", name, ")"), column = name, kind = "factor", power = 1L)))))
}

document_of.steelyard_oneway <- function(x, whole = FALSE) {
  tests <- x$tests
  names <- c(classical = "equal variances", welch = "Welch", brown_forsythe = "Brown-Forsythe")
  c(sprintf("Means of %s in %s of %s, %.0f rows", x$outcome, counted(sum(x$groups$n > 0), "group"), x$group,
            x$n), "",
    tabled(structure(list(x$groups[[1L]], sprintf("%.0f", x$groups$n), sum_text(x$groups$mean),
                          sum_text(x$groups$sd)), names = c(x$group, "n", "mean", "sd")),
           caption = sprintf("Means of %s by %s", x$outcome, x$group)), "",
    tabled(list(test = names[tests$test], F = statistic_text(tests$statistic), df1 = df_text(tests$df1),
                df2 = df_text(tests$df2), p = p_text(tests$p.value)),
           caption = sprintf("Tests that all means of %s are equal", x$outcome)), "",
    sprintf("Intraclass correlation %s (%s %% limits %s to %s).", r2_text(x$icc1), percent_of(x$level),
            r2_text(x$conf.low), r2_text(x$conf.high)),
    shown_remarks(x$remarks))
}

#' Variance components of a nested layout
#'
#' Councils in regions, people in councils: how much of the variance lies at each
#' floor, by the ANOVA method (mean squares set equal to their expectations),
#' balanced or not.
#'
#' @param data a data frame.
#' @param outcome the name of a numeric column.
#' @param groups names of columns from the outermost in; the codes of an inner
#'   group may repeat within outer ones.
#' @param missing \code{"complete"} or \code{"error"}.
#' @return A data frame of class \code{steelyard_components}: \code{group} (the
#'   last is \code{Residuals}), \code{df}, \code{sumsq}, \code{meansq},
#'   \code{variance} (negative ones as 0, with a remark), \code{share} (of their
#'   sum), \code{raw} (as estimated).
#' @references
#' Searle, S. R., Casella, G. and McCulloch, C. E. (1992). \emph{Variance
#' Components}, chapter 5. Wiley.
#' @section Errors:
#' \code{steelyard_error_invalid}: no such column, an outcome that is no number, groups
#' that are not nested. \code{steelyard_error_data}: no row is complete.
#' @examples
#' variance_components(ChickWeight, "weight", c("Diet", "Chick"))
#' @export
variance_components <- function(data, outcome, groups, missing = "complete") {
  env <- parent.frame()
  missing <- choice("missing", missing, c("complete", "error"))
  read <- grouped_terms(data, outcome, groups, "groups", env)
  design <- make_design(data, read, NULL, NULL, NULL, missing, env)
  at <- vapply(design[[3L]][-1L], function(term) term[[2L]], 1L)
  made <- settle(.Call(C_nested, design, design[[3L]][[1L]][[2L]], at))
  r <- matrix(blank(made$rows), nrow(made$rows))
  out <- frame(list(group = c(groups, "Residuals"), df = r[1L, ], sumsq = r[2L, ], meansq = r[3L, ], variance = r[5L, ],
                    share = r[6L, ], raw = r[4L, ]))
  remarks <- remarks_frame(frame(made$remarks))
  told <- shown_remarks(remarks)
  told_table(out, c(
    sprintf("Variance components of %s: %s, %.0f rows", read[[1L]]$label, paste(groups, collapse = " > "),
            sum(r[1L, ]) + 1), "",
    tabled(list(group = out$group, df = df_text(out$df), `sum sq` = sum_text(out$sumsq), `mean sq` = sum_text(out$meansq),
                variance = sum_text(out$variance), share = r2_text(out$share)),
           caption = paste("Variance components of", read[[1L]]$label)), "", told),
    class = "components", remarks = remarks)
}
