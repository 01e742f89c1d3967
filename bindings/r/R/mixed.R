# Fitting mixed models: from a formula with bar terms to the core's model, and
# from its numbers to a fit.
# SPDX-License-Identifier: GPL-3.0-only

mixed_families <- c(linear = "linear", binary = "binary", count = "poisson", negative_binomial = "negative_binomial",
                    ordinal = "ordinal")
mixed_called <- c(linear = "linear mixed model", binary = "binary mixed model", count = "Poisson mixed model",
                  negative_binomial = "negative binomial mixed model", ordinal = "ordinal mixed model")
mixed_freedoms <- c("satterthwaite", "kenward-roger", "normal")

#' Models with effects that vary by group (councils)
#'
#' Linear models by restricted or maximum likelihood; binary, count and ordinal
#' outcomes by Laplace's approximation or adaptive Gauss-Hermite quadrature; in
#' lme4's notation.
#'
#' @details
#' \code{(1 + x | g)}: effects that are correlated; \code{(x || g)}: uncorrelated;
#' \code{(0 + x | g)}: without an intercept; \code{(1 | a/b)} stands for
#' \code{(1 | a) + (1 | a:b)}. Columns of groups are read as factors, numbers and
#' texts too. lme4 is not needed.
#'
#' A variance that comes out at the boundary is exactly 0, and a remark says so.
#' Linear models with one group are fitted from the groups' moments, at a cost that
#' no longer depends on the rows.
#'
#' @param formula \code{outcome ~ terms + (effects | group)}, or that as a text; what
#'   stands outside the bar terms is the fixed part, as in \code{\link{fit_linear}}.
#' @param data a data frame (also a tibble or data.table).
#' @param family \code{"linear"}; \code{"binary"}: two answers; \code{"count"}: Poisson;
#'   \code{"negative_binomial"}; \code{"ordinal"}: ordered answers.
#' @param link of binary and ordinal outcomes: \code{"logit"} (the default),
#'   \code{"probit"} or \code{"cloglog"}.
#' @param reml linear models: restricted maximum likelihood, else maximum likelihood.
#' @param nodes other models: 1 is Laplace's approximation, more are the points of
#'   adaptive quadrature, for one group with at most two effects.
#' @param trials binary outcomes: the answers that a row's successes are out of: a
#'   column's name, a one-sided formula or a vector.
#' @param offset added to the linear predictor.
#' @param weights,weight_kind,threads as in \code{\link{moments}}; sampling weights are
#'   refused, as a mixed model needs those of each stage of selection.
#' @param df degrees of freedom of tests in linear models: \code{"satterthwaite"} (the
#'   default), \code{"kenward-roger"} (needs \code{reml}; standard errors are adjusted
#'   too) or \code{"normal"}. Other models: normal.
#' @param level of the limits, two-sided.
#' @param missing \code{"complete"}: rows complete over everything the model uses;
#'   \code{"error"}.
#' @return An object of class \code{steelyard_mixed}, which answers what
#'   \link[=steelyard_fit]{every fit} answers (\code{coef} and \code{vcov} are those of
#'   the fixed part), and \code{\link[=confint.steelyard_mixed]{confint}},
#'   \code{\link{random_effects}}, \code{\link{icc}}, \code{\link{r2}},
#'   \code{\link[=anova.steelyard_mixed]{anova}},
#'   \code{\link[=predict.steelyard_mixed]{predict}}, \code{fitted}, \code{residuals},
#'   \code{sigma}, \code{deviance}, \code{\link{linear_contrasts}},
#'   \code{\link[=plot.steelyard_mixed]{plot}}, nlme's and lme4's \code{fixef},
#'   \code{ranef} and \code{VarCorr}, broom's \code{tidy} (\code{effects = "fixed"},
#'   \code{"ran_pars"}, \code{"ran_vals"}), \code{glance} and \code{augment}. It is a
#'   list with, among others, \code{variance} (a data frame: \code{group},
#'   \code{effect}, \code{effect_2}, \code{variance} (a covariance where
#'   \code{effect_2} is another), \code{sd}, \code{correlation}), \code{sigma},
#'   \code{theta} (as lme4's), \code{criterion} (-2 log likelihood, restricted where
#'   \code{reml}), \code{loglik}, \code{groups} (levels of each), \code{converged},
#'   \code{last_step}, \code{boundary}, \code{remarks} and \code{provenance}.
#' @section Errors:
#' \code{steelyard_error_invalid}: a bar term in the wrong place, an unknown column, a
#' group with one level, sampling weights, an outcome that does not go with the family.
#' \code{steelyard_error_data}: as many levels as rows in a linear model, fewer rows
#' than effects.
#' @references
#' Bates, D., Maechler, M., Bolker, B. and Walker, S. (2015). Fitting linear
#' mixed-effects models using lme4. \emph{Journal of Statistical Software} 67(1).
#' \doi{10.18637/jss.v067.i01}
#'
#' Kenward, M. G. and Roger, J. H. (1997). Small sample inference for fixed effects from
#' restricted maximum likelihood. \emph{Biometrics} 53, 983-997. \doi{10.2307/2533558}
#' @examples
#' fit <- fit_mixed(weight ~ Time + (Time | Chick), ChickWeight)
#' fit
#' icc(fit_mixed(weight ~ Time + (1 | Chick), ChickWeight))
#' @export
fit_mixed <- function(formula, data, family = "linear", link = NULL, reml = TRUE, nodes = 1, trials = NULL,
                      offset = NULL, weights = NULL, weight_kind = NULL, df = NULL, level = 0.95,
                      missing = "complete", threads = NULL) {
  env <- parent.frame()
  if (inherits(data, "steelyard_moments")) invalid("data: fit_mixed() needs rows; moments hold only sums")
  check_frame(data)
  family <- choice("family", family, names(mixed_families))
  linear <- family == "linear"
  read <- read_mixed(formula, data, env, factor_outcome = !linear)
  if (family == "ordinal" && !read$intercept)
    invalid("formula: \"- 1\" has no meaning here; the thresholds are the intercepts")
  asked <- list(read = read, family = family, link = mixed_link(link, family), reml = truth("reml", reml),
                nodes = as.integer(whole("nodes", nodes, 1L, 100)), level = check_level(level),
                threads = check_threads(threads), names = row_labels(data))
  asked$df <- mixed_freedom(df, linear, asked$reml)
  if (linear && asked$nodes > 1L) invalid("nodes: %d were given; a linear model needs no quadrature", asked$nodes)
  if (!is.null(trials) && family != "binary") invalid("trials: only outcomes of family = \"binary\" have them")
  missing <- choice("missing", missing, c("complete", "error"))
  asked <- mixed_design(asked, data, list(trials, offset), list(weights, weight_kind, missing), env)
  asked$missing <- missing
  fit <- new_mixed(asked)
  warn_of(fit$remarks)
  fit
}

mixed_link <- function(link, family) {
  if (family == "linear") {
    if (!is.null(link)) invalid("link: \"%s\" was given; a linear model has none", shown(link))
    return("logit")
  }
  allowed <- if (family %in% c("binary", "ordinal")) links[1:3] else "log"
  if (is.null(link)) allowed[1L] else choice("link", link, allowed)
}

mixed_freedom <- function(df, linear, reml) {
  df <- if (is.null(df)) (if (linear) "satterthwaite" else "normal") else choice("df", df, mixed_freedoms)
  if (!linear && df != "normal") invalid("df: \"%s\" is for linear models; the tests of others are normal", df)
  check_roger(df, reml)
}

check_roger <- function(df, reml) {
  if (df == "kenward-roger" && !reml)
    invalid("df: \"kenward-roger\" rests on restricted maximum likelihood; ask for reml = TRUE")
  df
}

# The design and the model, with the columns of groups, trials and offset in it.
mixed_design <- function(asked, data, sides, rest, env) {
  read <- asked$read
  kind <- mixed_families[[asked$family]]
  if (kind != "linear") read$outcome <- with_outcome(read$outcome, kind, data, !is.null(sides[[1L]]))
  effects <- unlist(lapply(read$bars, `[[`, "terms"), recursive = FALSE)
  asked$terms <- tag(c(list(read$outcome), read$terms, effects), "formula")
  design <- make_design(data, asked$terms, rest[[1L]], rest[[2L]], NULL, rest[[3L]], env)
  if (kind == "linear" && !is.null(design[[2L]][[1L]][[3L]])) refuse_outcome(read$outcome$label)
  labels <- vapply(design[[3L]], `[[`, "", 1L)
  at <- function(terms) match(labels_of(terms), labels)
  names <- vapply(read$bars, group_name, "")
  groups <- lapply(read$bars[!duplicated(names)], bar_column, data)
  groups <- groups[match(names, unique(names))]
  columns <- Map(side_column, c("trials", "offset"), sides, list(data), rows_of(data), list(env), TRUE)
  response <- list(list(1L, at(read$terms), as.integer(read$intercept), 0L, NULL),
                   if (kind == "linear") 0L else match(kind, outcome_kinds) - 1L, match(asked$link, links) - 1L, 0L,
                   columns[[1L]], columns[[2L]], integer(), integer())
  bars <- Map(function(bar, group) list(as.integer(bar$intercept), at(bar$terms), group, as.integer(bar$diagonal)),
              read$bars, groups)
  c(asked, list(design = design, model = list(as.integer(kind == "linear"), response, bars)))
}

# The fit -------------------------------------------------------------------

new_mixed <- function(asked) {
  design <- asked$design
  model <- asked$model
  shape <- settle(.Call(C_mixed_shape, design, model))
  labels <- settle(.Call(C_mixed_labels, design, model, shape$k, shape$n_effects))
  bars <- place_bars(asked$read$bars, model[[3L]], labels[-seq_len(shape$k)],
                     settle(.Call(C_mixed_groups, design, model, shape$n_modes)))
  labels <- labels[seq_len(shape$k)]
  last <- bars[[length(bars)]]
  ordinal <- asked$family == "ordinal"
  sizes <- c(shape$k, shape$n_theta, shape$entries, if (ordinal) shape$n_levels else 0, shape$n_modes,
             max(last$variances), !crossed_linear(asked$family, bars))
  rules <- c(as.integer(asked$reml), asked$nodes)
  progress <- progress_teller(mixed_called[[asked$family]])
  on.exit(progress$finish())
  raw <- settle(.Call(C_mixed, design, model, rules, sizes, NULL, asked$threads, progress$tell))
  s <- raw$summary
  spread <- mixed_spread(asked, rules, raw, progress$tell)
  fit <- c(list(
    coefficients = structure(blank(raw$estimate), names = labels), freedom = asked$df,
    covariance = if (asked$df == "kenward-roger") "Kenward-Roger" else "model-based",
    called = mixed_called[[asked$family]], parameters = s$parameters,
    vcov = structure(blank(spread$covariance), dim = c(shape$k, shape$k), dimnames = list(labels, labels)),
    df = structure(blank(spread$df), names = labels), rank = as.integer(s$rank), theta = raw$theta,
    sigma = blank(s$sigma), theta_count = blank(s$theta_count), iterations = as.integer(s$iterations),
    converged = s$converged == 1, boundary = as.integer(s$boundary), kind = mixed_families[[asked$family]],
    formula = light_formula(asked$read$formula), outcome = asked$read$outcome$label, terms = labels_of(asked$read$terms),
    intercept = asked$read$intercept, aliased = labels[raw$aliased != 0L], bars = bars, linear = blank(raw$linear),
    fitted = if (ordinal) t(blank(raw$fitted)) else as.double(blank(raw$fitted)),
    variables = design_variables(asked$terms), shape = shape, sizes = sizes, rules = rules, raw = raw[c(1L, 4:8)],
    summary = s,
    remarks = remarks_frame(join_remarks(raw$remarks, spread$remarks))),
    s[c("n", "rows_used", "df_resid", "loglik", "criterion", "aic", "bic", "last_step")],
    asked[c("family", "link", "reml", "nodes", "level", "design", "model", "names", "threads")])
  finish_mixed(structure(fit, class = c("steelyard_mixed", "steelyard_fit", "steelyard_result")), asked)
}

# The covariance of theta is then a search of its own: for those who ask.
crossed_linear <- function(family, bars) family == "linear" && length(unique(vapply(bars, `[[`, "", "group"))) > 1L

# What follows from the numbers.
finish_mixed <- function(fit, asked) {
  labels <- names(fit$coefficients)
  fit$answers <- mixed_answers(fit)
  if (fit$family == "ordinal") colnames(fit$fitted) <- fit$answers
  fit$variance <- variance_frame(fit)
  fit$groups <- vapply(fit$bars, function(bar) length(bar$levels), 1L)
  names(fit$groups) <- vapply(fit$bars, `[[`, "", "group")
  fit$groups <- fit$groups[!duplicated(names(fit$groups))]
  fit$explained <- settle(.Call(C_mixed_explained, fit$design, fit$model, mixed_fitted(fit)))
  table <- combined(fit, diag(length(labels)), labels, fit$level)
  fit$std_error <- structure(table$std.error, names = labels)
  fit$pvalues <- structure(table$p.value, names = labels)
  fit$table <- table
  s <- fit$summary
  fit$provenance <- list(
    version = .Call(C_version),
    formula = paste(c(formula_text(fit$outcome, fit$terms, fit$intercept), bar_texts(fit)), collapse = " + "),
    family = fit$family, link = if (fit$family != "linear") asked$link, reml = asked$reml && fit$family == "linear", nodes = asked$nodes,
    df = asked$df, level = asked$level, weight_kind = c("none", weight_kinds)[fit$design[[5L]] + 1L],
    sum_w = weights_in_use(fit), missing = asked$missing, threads = s$threads,
    iterations = s$iterations, last_step = s$last_step, converged = fit$converged, boundary = fit$boundary, n = s$n,
    rows_read = s$rows_read, rows_used = s$rows_used, rows_dropped = s$rows_dropped)
  fit
}

weights_in_use <- function(fit) {
  if (is.null(fit$design[[4L]])) fit$rows_used else sum(fit$design[[4L]][[2L]][rows_in_use(fit)])
}

mixed_spread <- function(asked, rules, raw, tell) {
  estimate <- raw$estimate
  if (asked$df == "normal")
    return(list(covariance = raw$covariance, df = ifelse(is.nan(estimate), NaN, Inf), remarks = no_remarks))
  made <- settle(.Call(C_mixed_df, asked$design, asked$model, rules,
                       list(match(asked$df, mixed_freedoms) - 1L, length(estimate)), raw$theta, asked$threads, tell))
  if (asked$df == "satterthwaite") made$covariance <- raw$covariance
  made
}

# Where each bar term's numbers are among all: list(group, effects, levels, entries, modes, variances), places from 1.
place_bars <- function(bars, model, effects, groups) {
  first <- list(effects = 0, used = 0, entries = 0, modes = 0, variances = 0)
  lapply(seq_along(bars), function(i) {
    q <- groups$effects[i]
    count <- groups$levels[i]
    sizes <- list(effects = q, used = count, entries = q * q, modes = q * count, variances = q * q * count)
    at <- Map(function(before, size) before + seq_len(size), first, sizes)
    first <<- Map(`+`, first, sizes)
    list(group = group_name(bars[[i]]), effects = effects[at$effects],
         levels = model[[i]][[3L]][[3L]][groups$used[at$used]], diagonal = bars[[i]]$diagonal,
         text = bar_text(bars[[i]]), columns = bars[[i]]$group, entries = at$entries, modes = at$modes,
         variances = at$variances)
  })
}

bar_texts <- function(fit) vapply(fit$bars, `[[`, "", "text")

# What the core's inference reads of the fit.
mixed_fitted <- function(fit) {
  list(fit$raw$estimate, fit$raw$theta, fit$raw$theta_covariance, fit$raw$modes, fit$raw$mode_variance,
       fit$summary$sigma, fit$summary$theta_count)
}

mixed_answers <- function(fit) {
  if (!fit$family %in% c("binary", "ordinal")) return(character())
  if (!is.null(fit$model[[2L]][[5L]])) return(c("failure", "success"))
  levels <- used_levels(fit)[[1L]]
  if (is.null(levels)) c("0", "1") else levels
}

bar_block <- function(fit, bar) {
  matrix(fit$raw$variance[bar$entries], length(bar$effects), dimnames = list(bar$effects, bar$effects))
}

variance_frame <- function(fit) {
  rows <- lapply(fit$bars, function(bar) {
    block <- bar_block(fit, bar)
    sd <- sqrt(diag(block))
    below <- which(lower.tri(block) & !bar$diagonal, arr.ind = TRUE)
    correlation <- block[below] / (sd[below[, 1L]] * sd[below[, 2L]])
    none <- rep(NA_real_, nrow(block))
    frame(list(group = rep(bar$group, nrow(block) + nrow(below)),
               effect = c(bar$effects, bar$effects[below[, 2L]]),
               effect_2 = c(rep("", nrow(block)), bar$effects[below[, 1L]]),
               variance = c(unname(diag(block)), block[below]), sd = c(unname(sd), rep(NA_real_, nrow(below))),
               correlation = c(none, blank(correlation))))
  })
  if (fit$family == "linear")
    rows <- c(rows, list(frame(list(group = "Residual", effect = "", effect_2 = "", variance = fit$sigma^2,
                                    sd = fit$sigma, correlation = NA_real_))))
  do.call(rbind, rows)
}

check_mixed <- function(fit) {
  if (!inherits(fit, "steelyard_mixed")) invalid("fit: a result of fit_mixed() is needed, not %s", class(fit)[1L])
}
