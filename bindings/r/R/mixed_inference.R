# Variances and groups of a mixed model, with their uncertainty.
# SPDX-License-Identifier: GPL-3.0-only

#' Shrunken effects of groups: the council league table
#'
#' @details
#' Ranks are over draws from the effects' joint distribution given the data and the
#' variances (of models that are not linear: its normal approximation).
#'
#' @param fit a result of \code{\link{fit_mixed}}.
#' @param level of limits and of rank intervals; \code{NULL}: the fit's.
#' @param ranks whether ranks are wanted.
#' @param top what part of the groups is called the top (and the bottom).
#' @param draws,seed of the effects.
#' @return A data frame of class \code{steelyard_table}: \code{group}, \code{level},
#'   \code{effect}, \code{estimate}, \code{std.error}, \code{conf.low},
#'   \code{conf.high}; with ranks also \code{expected_rank}, \code{rank.low},
#'   \code{rank.high} (1 is the smallest effect), \code{p_top}, \code{p_bottom},
#'   \code{reliability}.
#' @references
#' Goldstein, H. and Spiegelhalter, D. J. (1996). League tables and their limitations.
#' \emph{Journal of the Royal Statistical Society A} 159, 385-443.
#' \doi{10.2307/2983325}
#' @seealso \code{\link{plot.steelyard_mixed}}
#' @section Errors:
#' \code{steelyard_error_invalid}: a part or a level outside 0 to 1.
#' @examples
#' random_effects(fit_mixed(weight ~ Time + (1 | Chick), ChickWeight), ranks = TRUE)
#' @export
random_effects <- function(fit, level = NULL, ranks = FALSE, top = 0.1, draws = 10000, seed = 1) {
  check_mixed(fit)
  how <- list(draws = whole("draws", draws, 100, 1e6), seed = whole("seed", seed, 0, 2^53),
              level = level_of(fit, level), top = number("top", top))
  ranks <- truth("ranks", ranks)
  if (!isTRUE(how$top > 0 && how$top <= 0.5)) invalid("top: %.15g is not above 0 and at most 0.5", how$top)
  parts <- lapply(seq_along(fit$bars), function(i)
    lapply(seq_along(fit$bars[[i]]$effects), function(effect) effects_part(fit, i, effect, how, ranks)))
  columns <- do.call(rbind, unlist(parts, recursive = FALSE))
  told_table(columns, random_effects_text(fit, columns, how, ranks))
}

# The frame of one effect of a bar term.
effects_part <- function(fit, place, effect, how, ranks) {
  bar <- fit$bars[[place]]
  q <- length(bar$effects)
  n <- length(bar$levels)
  estimate <- matrix(fit$raw$modes[bar$modes], q)[effect, ]
  error <- sqrt(array(fit$raw$mode_variance[bar$variances], c(q, q, n))[effect, effect, ])
  half <- settle(.Call(C_t_quantile, (1 + how$level) / 2, Inf)) * error
  columns <- list(group = rep(bar$group, n), level = bar$levels, effect = rep(bar$effects[effect], n),
                  estimate = estimate, std.error = error, conf.low = estimate - half, conf.high = estimate + half)
  if (ranks) {
    progress <- progress_teller("ranks")
    on.exit(progress$finish())
    found <- settle(.Call(C_mixed_ranks, fit$design, fit$model, fit$rules, mixed_fitted(fit),
                          list(place, effect, how$draws, how$seed, how$level, how$top, n), fit$threads, progress$tell))
    columns <- c(columns, lapply(found[3:8], blank))
  }
  frame(columns)
}

#' Intraclass correlation and R2 of a mixed model
#'
#' @details
#' The correlation of a group is the variance of its effects (their mean over the rows)
#' over that of all groups and what is left: \code{sigma^2}, or the variance of the link (pi^2 / 3 for
#' the logit, 1 for the probit). R2 is the variance of the fixed part (marginal), or of
#' that and the effects (conditional), over the whole.
#'
#' @param fit a result of \code{\link{fit_mixed}}.
#' @param level of the limits; \code{NULL}: the fit's.
#' @param method \code{"exact"} (F, for a linear model with one random intercept),
#'   \code{"profile"} (linear, one variance), \code{"delta"} (on the scale of
#'   log(icc / (1 - icc))); \code{"auto"}: exact where it can be, else delta. Exact limits assume normal
#'   effects and rows; an estimate outside them is remarked on.
#' @return \code{icc}: a data frame of class \code{steelyard_table}: \code{group}
#'   (\code{"all"} together last, where there are several), \code{estimate},
#'   \code{std.error}, \code{conf.low}, \code{conf.high}. \code{r2}: a named vector:
#'   \code{marginal}, \code{conditional}, \code{icc_adjusted}, \code{icc_unadjusted},
#'   and the variances that they are made of.
#' @references
#' Nakagawa, S., Johnson, P. C. D. and Schielzeth, H. (2017). The coefficient of
#' determination R2 and intra-class correlation coefficient from generalized linear
#' mixed-effects models revisited and expanded. \emph{Journal of the Royal Society
#' Interface} 14, 20170213. \doi{10.1098/rsif.2017.0213}
#'
#' Johnson, P. C. D. (2014). Extension of Nakagawa and Schielzeth's R2GLMM to random
#' slopes models. \emph{Methods in Ecology and Evolution} 5, 944-946.
#' \doi{10.1111/2041-210X.12225}
#' @section Errors:
#' \code{steelyard_error_invalid}: a method that the model does not have, a level
#' outside 0 to 1.
#' @examples
#' fit <- fit_mixed(weight ~ Time + (1 | Chick), ChickWeight)
#' icc(fit)
#' r2(fit)
#' @export
icc <- function(fit, level = NULL, method = "auto") {
  check_mixed(fit)
  level <- level_of(fit, level)
  method <- choice("method", method, c("auto", "delta", "profile", "exact"))
  if (method == "auto") {
    one <- fit$family == "linear" && length(fit$bars) == 1L && identical(fit$bars[[1L]]$effects, "(Intercept)")
    method <- if (one) "exact" else "delta"
  }
  progress <- progress_teller("icc")
  on.exit(progress$finish())
  if (is.null(fit$raw$theta_covariance)) {
    sizes <- replace(fit$sizes, 7L, 1)
    fit$raw["theta_covariance"] <- settle(.Call(C_mixed, fit$design, fit$model, fit$rules, sizes, fit$raw$theta,
                                                fit$threads, progress$tell))["theta_covariance"]
  }
  bars <- c(seq_along(fit$bars), if (length(fit$bars) > 1L) 0L)
  found <- lapply(bars, function(bar)
    settle(.Call(C_mixed_icc, fit$design, fit$model, fit$rules, mixed_fitted(fit),
                 list(bar, match(method, c("delta", "profile", "exact")) - 1L, level), fit$threads, progress$tell)))
  names <- c(vapply(fit$bars, `[[`, "", "group"), if (length(bars) > length(fit$bars)) "all")
  column <- function(key) blank(vapply(found, function(one) one$values[[key]], 0))
  columns <- frame(list(group = names, estimate = column("estimate"), std.error = column("std.error"),
                        conf.low = column("conf.low"), conf.high = column("conf.high")))
  remarks <- remarks_frame(Reduce(join_remarks, lapply(found, function(one) frame(one$remarks))))
  told_table(columns, icc_text(fit, columns, level, method, remarks))
}

#' @rdname icc
#' @export
r2 <- function(fit) {
  check_mixed(fit)
  found <- fit$explained
  keys <- c("marginal", "conditional", "icc_adjusted", "icc_unadjusted")
  groups <- structure(found$variance, names = paste("variance", vapply(fit$bars, `[[`, "", "group")))
  blank(c(unlist(found$whole[keys]), `variance fixed` = found$whole$fixed, groups,
          `variance residual` = found$whole$residual, `variance total` = found$whole$total))
}

mixed_parameters <- function(fit, what) {
  check_mixed(fit)
  if (fit$family != "linear") invalid("method: %s is for linear models; this is %s", what, with_article(fit$called))
  n <- settle(.Call(C_mixed_parameter_count, fit$design, fit$model))
  settle(.Call(C_mixed_parameters, fit$design, fit$model, n))
}

#' Limits of the parameters of a mixed model
#'
#' Wald limits of the fixed part; profile likelihood and parametric bootstrap of
#' standard deviations, correlations and the fixed part of linear models.
#'
#' @param object,fitted,fit a result of \code{\link{fit_mixed}}; the last two linear.
#' @param parm parameters, by name or place.
#' @param level of the limits; \code{NULL}: the fit's.
#' @param method \code{"wald"}, \code{"profile"} (by maximum likelihood) or
#'   \code{"bootstrap"}.
#' @param parameters names of some; \code{NULL}: all. \code{"sd[g:(Intercept)]"},
#'   \code{"cor[g:(Intercept),x]"}, \code{"sd[Residual]"}, coefficients.
#' @param replicates,seed of the bootstrap.
#' @param ... ignored.
#' @return \code{confint}: a matrix as R's own. The others: a data frame of class
#'   \code{steelyard_table}: \code{parameter}, \code{estimate}, \code{std.error} (of the
#'   bootstrap), \code{conf.low}, \code{conf.high}; attribute \code{"replicates"}: a
#'   matrix with a column a parameter.
#' @references
#' Bates, D., Maechler, M., Bolker, B. and Walker, S. (2015). Fitting linear
#' mixed-effects models using lme4. \emph{Journal of Statistical Software} 67(1).
#' \doi{10.18637/jss.v067.i01}
#' @section Errors:
#' \code{steelyard_error_invalid}: another method, profile or bootstrap of a model that
#' is not linear, a parameter that is not there.
#' @examples
#' fit <- fit_mixed(weight ~ Time + (1 | Chick), ChickWeight)
#' confint(fit)
#' profile(fit, parameters = "sd[Chick:(Intercept)]")
#' parametric_bootstrap(fit, replicates = 100)
#' @name mixed_limits
NULL

#' @rdname mixed_limits
#' @export
confint.steelyard_mixed <- function(object, parm = NULL, level = NULL, method = "wald", replicates = 1000, seed = 1,
                                    ...) {
  method <- choice("method", method, c("wald", "profile", "bootstrap"))
  if (method == "wald") return(NextMethod())
  level <- level_of(object, level)
  if (!is.null(parm) && !is.character(parm))
    parm <- mixed_parameters(object, method)[whole("parm", parm, 1, 1e6)]
  found <- plain_frame(if (method == "profile") profile.steelyard_mixed(object, level, parm)
                       else parametric_bootstrap(object, replicates, seed, level))
  if (!is.null(parm)) found <- found[match(parm, found$parameter), ]
  limits <- paste(format(100 * c((1 - level) / 2, (1 + level) / 2), trim = TRUE, digits = 3), "%")
  matrix(c(found$conf.low, found$conf.high), ncol = 2L, dimnames = list(found$parameter, limits))
}

#' @rdname mixed_limits
#' @importFrom stats profile
#' @export
profile.steelyard_mixed <- function(fitted, level = NULL, parameters = NULL, ...) {
  labels <- mixed_parameters(fitted, "profile likelihood")
  level <- level_of(fitted, level)
  which <- if (is.null(parameters)) seq_along(labels)
           else vapply(parameters, function(name) place("parameters", name, labels), 1L, USE.NAMES = FALSE)
  progress <- progress_teller("profile")
  on.exit(progress$finish())
  made <- settle(.Call(C_mixed_profile, fitted$design, fitted$model, fitted$rules, length(labels), list(level, which),
                       fitted$threads, progress$tell))
  columns <- frame(c(list(parameter = labels[which]), lapply(made[1:3], function(values) blank(values[which]))))
  remarks <- remarks_frame(frame(made$remarks))
  warn_of(remarks)
  told_table(columns, limits_text(fitted, columns, level, "profile likelihood, by maximum likelihood", remarks))
}

#' @rdname mixed_limits
#' @export
parametric_bootstrap <- function(fit, replicates = 1000, seed = 1, level = NULL) {
  labels <- mixed_parameters(fit, "the bootstrap")
  level <- level_of(fit, level)
  how <- list(as.integer(whole("replicates", replicates, 2, 1e6)), whole("seed", seed, 0, 2^53), level)
  progress <- progress_teller("parametric_bootstrap")
  on.exit(progress$finish())
  made <- settle(.Call(C_mixed_bootstrap, fit$design, fit$model, fit$rules, length(labels), how, fit$threads,
                       progress$tell))
  columns <- frame(c(list(parameter = labels), lapply(made[c(1L, 4L, 2L, 3L)], blank)))
  words <- sprintf("percentiles of %d parametric bootstrap fits, seed %.0f%s", how[[1L]], how[[2L]],
                   if (made$boundary) sprintf("; %d with a variance of 0", made$boundary) else "")
  told_table(columns, limits_text(fit, columns, level, words, remarks_frame(frame(made$remarks))),
             replicates = matrix(t(made$replicates), ncol = length(labels), dimnames = list(NULL, labels)))
}
