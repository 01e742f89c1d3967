# Effects of variables on the scale people ask about, ratios, what is explained,
# proportional odds.
# SPDX-License-Identifier: GPL-3.0-only

effect_columns <- c("before", "after", "effect", "std.error", "statistic", "p.value", "conf.low", "conf.high", "ratio",
                    "log_ratio_error", "ratio_low", "ratio_high", "ratio_p", "before_low", "before_high", "after_low",
                    "after_high")

# Columns of the design that stand in terms, by name.
variables_of <- function(fit) {
  at <- unique(columns_of_terms(fit))
  structure(at, names = vapply(fit$design[[2L]][at], `[[`, "", 1L))
}

place_of_variable <- function(fit, name, argument) {
  known <- variables_of(fit)
  name <- sub("^(factor|C)\\((.*)\\)$", "\\2", name)
  at <- match(name, names(known))
  unname(known[if (is.na(at)) place(argument, name, names(known)) else at])
}

is_truth <- function(values) is.logical(values)

# list(kind, from, to, words) of one variable; `sign` stands between the two sides.
change_of <- function(fit, at, asked, sign) {
  column <- fit$design[[2L]][[at]]
  if (is.null(asked)) {
    if (!is.null(column[[3L]])) return(list(1L, 0, 0, NULL))
    if (is_truth(column[[2L]])) return(list(3L, 0, 1, sprintf("1 %s 0", sign)))
    return(if (sign == "-") list(0L, 0, 0, "slope") else list(2L, 0, 1, "+1"))
  }
  if (!is.null(column[[3L]])) invalid("change: %s is a factor; its levels are compared with the first", column[[1L]])
  if (!is.numeric(asked) || !length(asked) %in% 1:2) invalid("change: %s is not a step or c(from, to)", shown(asked))
  if (length(asked) == 2L) return(list(3L, asked[1L], asked[2L], sprintf("%.6g %s %.6g", asked[2L], sign, asked[1L])))
  list(2L, 0, as.double(asked), sprintf("%s%.6g", if (asked >= 0) "+" else "", asked))
}

# list(columns, values): held in all rows.
held_of <- function(fit, at) {
  if (is.null(at)) return(list(integer(), double()))
  if (is.null(names(at))) invalid("at: a named list is needed, such as list(age = 40)")
  places <- vapply(names(at), function(name) place_of_variable(fit, name, "at"), 1L, USE.NAMES = FALSE)
  values <- mapply(function(place_at, value) {
    levels <- fit$design[[2L]][[place_at]][[3L]]
    if (is.null(levels)) return(number("at", value))
    found <- match(as.character(value), levels)
    (if (is.na(found)) place("at", as.character(value), levels) else found) - 1
  }, places, at)
  list(places, as.double(values))
}

# list(what, cut, words, several): what is averaged.
scale_of <- function(fit, kind, at_least) {
  if (!is.null(at_least)) {
    if (fit$kind != "ordinal") invalid("at_least: only ordinal outcomes have levels above others")
    label <- if (is.numeric(at_least)) sprintf("%.15g", at_least) else as.character(at_least)
    cut <- match(label, fit$answers)
    if (is.na(cut)) cut <- place("at_least", label, fit$answers)
    return(list("at_least", cut - 1L, sprintf("the probability of %s >= %s", fit$outcome, fit$answers[cut]), FALSE))
  }
  if (fit$kind == "ordinal") {
    kind <- choice("kind", if (is.null(kind)) "probabilities" else kind, c("probabilities", "cumulative", "mean"))
    words <- switch(kind, probabilities = sprintf("the probability of each answer of %s", fit$outcome),
                    cumulative = sprintf("the probability of each answer of %s or a lower one", fit$outcome),
                    mean = sprintf("the mean place of %s", fit$outcome))
    return(list(kind, 0L, words, kind != "mean"))
  }
  choice("kind", if (is.null(kind)) "response" else kind, "response")
  event <- if (fit$kind == "binary" && !is.null(fit$model[[5L]])) "success"
           else sprintf("%s = %s", fit$outcome, fit$answers[length(fit$answers)])
  list("mean", 0L, if (fit$kind == "binary") paste("the probability of", event) else paste("the expected", fit$outcome),
       FALSE)
}

compute_effects <- function(fit, variables, scale, change, at, at_means, level, sign) {
  wanted <- if (is.null(variables)) names(variables_of(fit)) else variables
  if (!is.character(wanted) || anyNA(wanted)) invalid("variables: names of columns are needed, not %s", shown(wanted))
  if (!length(wanted)) invalid("variables: the model has none")
  if (!is.null(change) && is.null(names(change))) invalid("change: a named list is needed, such as list(age = 10)")
  changed <- vapply(names(change), function(name) place_of_variable(fit, name, "change"), 1L, USE.NAMES = FALSE)
  places <- vapply(wanted, function(name) place_of_variable(fit, name, "variables"), 1L, USE.NAMES = FALSE)
  asked <- lapply(places, function(one) {
    k <- match(one, changed)
    change_of(fit, one, if (!is.na(k)) change[[k]], sign)
  })
  held <- held_of(fit, at)
  how <- list(match(scale[[1L]], prediction_numbers) - 1L, scale[[2L]], isTRUE(at_means), held[[1L]], held[[2L]], level,
              least_df(fit))
  changes <- list(places, vapply(asked, `[[`, 1L, 1L), vapply(asked, `[[`, 1, 2L), vapply(asked, `[[`, 1, 3L))
  progress <- progress_teller("effects")
  on.exit(progress$finish())
  count <- settle(.Call(C_effects_count, fit$design, fit$model, how, changes))
  made <- settle(.Call(C_effects, fit$design, fit$model, how, changes, count, unname(fit$coefficients),
                       unname(fit$vcov), fit$threads, progress$tell))
  numbers <- lapply(seq_along(effect_columns), function(j) blank(made$numbers[, j]))
  which <- made$places[, 1L] + 1L
  words <- mapply(function(k, level_at, reference) {
    if (!is.null(asked[[k]][[4L]])) return(asked[[k]][[4L]])
    levels <- fit$design[[2L]][[places[k]]][[3L]]
    sprintf("%s %s %s", levels[level_at + 1L], sign, levels[reference + 1L])
  }, which, made$places[, 2L], made$places[, 3L])
  list(variable = vapply(fit$design[[2L]][places[which]], `[[`, "", 1L), contrast = as.character(words),
       category = if (scale[[4L]]) fit$answers[made$places[, 4L] + 1L], numbers = structure(numbers, names = effect_columns),
       remarks = made$remarks)
}

#' Average marginal effects
#'
#' What a variable does to the probability of the event, to the expected count or
#' to the probability of each ordered answer, averaged over the rows. Every term
#' that holds the variable moves with it.
#'
#' @param object,fit a result of \code{\link{fit_binary}}, \code{\link{fit_count}} or
#'   \code{\link{fit_ordinal}}.
#' @param variables,variable names of columns; \code{NULL}: all of the model.
#' @param kind of ordinal fits: \code{"probabilities"} of each answer (the default),
#'   \code{"cumulative"}, or \code{"mean"} place.
#' @param at_least an answer of an ordinal outcome: the probability of it or a
#'   higher one.
#' @param change a named list: of a variable a step (everybody by as much more) or
#'   \code{c(from, to)}. Otherwise: of numbers the derivative (\code{risk_ratios}: one
#'   more), of factors each level against the first, of truth values true against
#'   false.
#' @param at a named list: a variable's value, at which it is held in all rows
#'   first.
#' @param at_means at one row of means and most frequent levels instead of
#'   averaging.
#' @param level of the limits; \code{NULL}: the fit's.
#' @param ... ignored.
#' @return \code{effects}: a data frame of class \code{steelyard_effects}:
#'   \code{variable}, \code{contrast}, \code{category} where there are several,
#'   \code{estimate}, \code{std.error}, \code{statistic}, \code{df}, \code{p.value},
#'   \code{conf.low}, \code{conf.high}. \code{risk_ratios}: class
#'   \code{steelyard_risks}: \code{variable}, \code{contrast}, \code{before},
#'   \code{after} (average risks with everybody at the one and the other),
#'   \code{ratio}, \code{p.value}, \code{conf.low}, \code{conf.high} (on the log
#'   scale), \code{difference}, \code{difference_low}, \code{difference_high}; of
#'   counts: expected counts. Errors by the delta method, of the estimates alone.
#' @references
#' Hanmer, M. J. and Kalkan, K. O. (2013). Behind the curve: clarifying the best
#' approach to calculating predicted probabilities and marginal effects from limited
#' dependent variable models. \emph{American Journal of Political Science} 57,
#' 263-277. \doi{10.1111/j.1540-5907.2012.00602.x}
#'
#' Muller, C. J. and MacLehose, R. F. (2014). Estimating predicted probabilities from
#' logistic regression: different methods correspond to different target
#' populations. \emph{International Journal of Epidemiology} 43, 962-970.
#' \doi{10.1093/ije/dyu029}
#' @section Errors:
#' \code{steelyard_error_invalid}: a variable that is not in the model, an answer or a
#' level that is not there, ordered answers without \code{at_least} where a risk is
#' asked for.
#' @examples
#' fit <- fit_binary(am ~ wt + factor(vs), mtcars)
#' effects(fit)
#' risk_ratios(fit, "vs")
#' @importFrom stats effects
#' @order 1
#' @export
effects.steelyard_response <- function(object, variables = NULL, kind = NULL, at_least = NULL, change = NULL, at = NULL,
                                       at_means = FALSE, level = NULL, ...) {
  level <- level_of(object, level)
  scale <- scale_of(object, kind, at_least)
  made <- compute_effects(object, variables, scale, change, at, at_means, level, "-")
  n <- made$numbers
  columns <- c(list(variable = made$variable, contrast = made$contrast), if (scale[[4L]]) list(category = made$category),
               list(estimate = n$effect, std.error = n$std.error, statistic = n$statistic,
                    df = rep(least_df(object), length(n$effect)), p.value = n$p.value, conf.low = n$conf.low,
                    conf.high = n$conf.high))
  noted(columns, "effects", sprintf("Average marginal effects on %s, %s", scale[[3L]], count_text(object)),
        sprintf("Limits (%s %%): %s, delta method; the rows are taken as given.", percent_of(level),
                response_limits(object)), made$remarks, limited(paste("Average marginal effects on", scale[[3L]]), level))
}

#' @rdname effects.steelyard_response
#' @order 2
#' @export
risk_ratios <- function(fit, variable, at_least = NULL, change = NULL, at = NULL, level = NULL) {
  check_response(fit)
  level <- level_of(fit, level)
  if (fit$kind == "ordinal" && is.null(at_least))
    invalid("at_least: name the level; a risk is the probability of it or a higher one")
  scale <- scale_of(fit, NULL, at_least)
  made <- compute_effects(fit, variable, scale, change, at, FALSE, level, "/")
  n <- made$numbers
  noted(list(variable = made$variable, contrast = made$contrast, before = n$before, after = n$after, ratio = n$ratio,
             p.value = n$ratio_p, conf.low = n$ratio_low, conf.high = n$ratio_high, difference = n$effect,
             difference_low = n$conf.low, difference_high = n$conf.high), "risks",
        sprintf("Ratios of %s, averaged over %s", scale[[3L]], count_text(fit)),
        sprintf("Limits (%s %%): %s, of ratios on the log scale; the rows are taken as given.", percent_of(level),
                response_limits(fit)), made$remarks, limited(paste("Ratios of", scale[[3L]]), level))
}

#' Odds ratios and rate ratios
#'
#' exp of the coefficients: odds ratios under the logit link, ratios of expected
#' counts of \code{\link{fit_count}}.
#'
#' @param fit a result of \code{\link{fit_binary}} or \code{\link{fit_ordinal}};
#'   for \code{rate_ratios} of \code{\link{fit_count}}.
#' @param level of the limits; \code{NULL}: the fit's.
#' @return A data frame of class \code{steelyard_ratios}: \code{term}, \code{ratio},
#'   \code{conf.low}, \code{conf.high}; without intercept, thresholds and scale.
#' @seealso \code{\link{risk_ratios}}, which are easier to read.
#' @section Errors:
#' \code{steelyard_error_invalid}: a fit that has no such ratios, a level outside 0 to
#' 1.
#' @references
#' Agresti, A. (2013). \emph{Categorical Data Analysis}, 3rd edition, chapter 5. Wiley.
#' @examples
#' odds_ratios(fit_binary(am ~ wt, mtcars))
#' rate_ratios(fit_count(carb ~ wt, mtcars))
#' @export
odds_ratios <- function(fit, level = NULL) {
  check_response(fit)
  if (fit$link == "log") invalid("fit: a count has no odds; ask for rate_ratios()")
  if (fit$link != "logit")
    invalid("odds_ratios: exp of a coefficient is an odds ratio under the logit link; this is %s, ask for risk_ratios()",
            fit$link)
  exponents(fit, "Odds ratios", level)
}

#' @rdname odds_ratios
#' @export
rate_ratios <- function(fit, level = NULL) {
  check_response(fit)
  if (fit$link != "log") invalid("fit: only counts have rates; ask for odds_ratios()")
  exponents(fit, "Rate ratios", level)
}

exponents <- function(fit, called, level) {
  level <- level_of(fit, level)
  made <- settle(.Call(C_response_ratios, fit$design, fit$model, fit$shape, unname(fit$coefficients), unname(fit$vcov),
                       unname(fit$df), level))
  some <- !is.nan(made[, 1L])
  noted(list(term = names(fit$coefficients)[some], ratio = made[some, 1L], conf.low = made[some, 2L],
             conf.high = made[some, 3L]), "ratios", sprintf("%s of %s, %s", called, fit$outcome, count_text(fit)),
        sprintf("Limits (%s %%): %s, on the log scale.", percent_of(level), response_limits(fit)),
        caption = limited(sprintf("%s of %s", called, fit$outcome), level))
}

measures <- c("mcfadden", "mcfadden_adjusted", "cox_snell", "nagelkerke", "estrella", "tjur", "efron",
              "mckelvey_zavoina", "deviance")

#' What a binary, count or ordinal fit explains
#'
#' Measures under their own names; values of different measures are not to be
#' compared with each other.
#'
#' @param fit a result of \code{\link{fit_binary}}, \code{\link{fit_count}} or
#'   \code{\link{fit_ordinal}}.
#' @return A data frame of class \code{steelyard_explained}: \code{measure},
#'   \code{value} (missing where a measure is not defined for the outcome):
#'   \code{mcfadden} 1 - L / L0, \code{mcfadden_adjusted} with the parameters taken
#'   off, \code{cox_snell}, \code{nagelkerke}, \code{estrella}, \code{tjur},
#'   \code{efron}, \code{mckelvey_zavoina} (variance of the linear predictor in the
#'   latent variance), \code{deviance}.
#' @references
#' Nagelkerke, N. J. D. (1991). A note on a general definition of the coefficient of
#' determination. \emph{Biometrika} 78, 691-692. \doi{10.1093/biomet/78.3.691}
#'
#' Estrella, A. (1998). A new measure of fit for equations with dichotomous
#' dependent variables. \emph{Journal of Business and Economic Statistics} 16,
#' 198-205. \doi{10.1080/07350015.1998.10524753}
#'
#' Tjur, T. (2009). Coefficients of determination in logistic regression models.
#' \emph{The American Statistician} 63, 366-372. \doi{10.1198/tast.2009.08210}
#'
#' McKelvey, R. D. and Zavoina, W. (1975). A statistical model for the analysis of
#' ordinal level dependent variables. \emph{Journal of Mathematical Sociology} 4,
#' 103-120. \doi{10.1080/0022250X.1975.9989847}
#' @section Errors:
#' \code{steelyard_error_invalid}: something else than a fit by maximum likelihood.
#' @examples
#' explained(fit_binary(am ~ wt, mtcars))
#' @export
explained <- function(fit) {
  check_response(fit)
  found <- explained_of(fit)
  noted(list(measure = measures, value = blank(vapply(found[measures], identity, 1, USE.NAMES = FALSE))), "explained",
        sprintf("What the %s of %s explains, %s", fit$called, fit$outcome, count_text(fit)),
        "Each by its own definition: values of different measures are not to be compared with each other.",
        caption = paste("Measures of what is explained of", fit$outcome))
}

proportional_tests <- c(brant = "Brant's Wald test", lr = "likelihood ratio against nominal effects",
                        spread = "likelihood ratio against effects on the spread")

#' Are effects the same at each threshold?
#'
#' @param fit a result of \code{\link{fit_ordinal}}.
#' @param test \code{"brant"}: Wald test from separate binary fits; \code{"lr"}: the
#'   likelihood ratio against the term's nominal effects; \code{"spread"}: against
#'   its effect on the spread.
#' @return A data frame of class \code{steelyard_proportional}: \code{term},
#'   \code{statistic}, \code{df}, \code{p.value}; the last row is all terms together.
#' @references
#' Brant, R. (1990). Assessing proportionality in the proportional odds model for
#' ordinal logistic regression. \emph{Biometrics} 46, 1171-1178.
#' \doi{10.2307/2532457}
#' @section Errors:
#' \code{steelyard_error_invalid}: a model without ordered answers, another test.
#' @examples
#' cars <- transform(mtcars, gear = factor(gear, ordered = TRUE))
#' proportional(fit_ordinal(gear ~ mpg, cars), test = "lr")
#' @export
proportional <- function(fit, test = "brant") {
  check_response(fit)
  if (fit$kind != "ordinal") invalid("fit: a result of fit_ordinal() is needed, not a %s", fit$called)
  test <- choice("test", test, names(proportional_tests))
  progress <- progress_teller("proportional")
  on.exit(progress$finish())
  made <- settle(.Call(C_proportional, fit$design, fit$model, match(test, names(proportional_tests)) - 1L, fit$threads,
                       progress$tell))
  noted(c(list(term = c(fit$terms, "all together")), lapply(made[1:3], blank)), "proportional",
        sprintf("Same effects at each threshold of %s: %s, %s", fit$outcome, proportional_tests[[test]], count_text(fit)),
        "A small p speaks against the same effect at each threshold.", made$remarks,
        paste("Same effects at each threshold of", fit$outcome))
}
