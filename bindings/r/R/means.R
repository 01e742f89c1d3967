# Combinations of coefficients: contrasts, means, differences of means, and the
# wild bootstrap of one coefficient.
# SPDX-License-Identifier: GPL-3.0-only

#' Contrasts of coefficients, and their joint test
#'
#' @param fit a result of \code{\link{fit_linear}}, \code{\link{fit_binary}},
#'   \code{\link{fit_count}} or \code{\link{fit_ordinal}}.
#' @param c a matrix with one column a coefficient and one row a contrast; or a
#'   vector, or a named list of vectors, either with one number a coefficient or
#'   named by coefficients (the others count 0).
#' @param level of the limits; \code{NULL}: the fit's.
#' @return A data frame of class \code{steelyard_contrasts}: \code{contrast},
#'   \code{estimate}, \code{std.error}, \code{statistic}, \code{df}, \code{p.value},
#'   \code{conf.low}, \code{conf.high}; the attribute \code{joint} holds F, its two
#'   degrees of freedom and p of all contrasts together. With \code{"CR2"} and
#'   \code{"CR3"} each contrast has Satterthwaite's degrees of freedom of its own,
#'   and the joint test is the approximate Hotelling test.
#' @references
#' Pustejovsky, J. E. and Tipton, E. (2018). Small-sample methods for
#' cluster-robust variance estimation and hypothesis testing in fixed effects
#' models. \emph{Journal of Business and Economic Statistics} 36, 672-683.
#' \doi{10.1080/07350015.2016.1247004}
#' @section Errors:
#' \code{steelyard_error_invalid}: a coefficient that is not there or is aliased,
#' weights of the wrong number.
#' @examples
#' fit <- fit_linear(mpg ~ wt + factor(cyl), mtcars)
#' linear_contrasts(fit, list("8 - 6" = c("cyl[8]" = 1, "cyl[6]" = -1)))
#' @export
linear_contrasts <- function(fit, c, level = NULL) {
  if (!inherits(fit, "steelyard_fit"))
    invalid("fit: a fit such as that of fit_linear() is needed, not %s", class(fit)[1L])
  level <- level_of(fit, level)
  rows <- contrast_rows(fit, c)
  if (!all(is.finite(rows))) invalid("c: a combination holds a value that is not finite")
  progress <- progress_teller("linear_contrasts")
  on.exit(progress$finish())
  made <- test_rows(fit, unname(rows), level, progress$tell)
  table <- frame(base::c(list(contrast = rownames(rows)), lapply(made[1:7], blank)))
  heading <- sprintf("Contrasts of the %s of %s, %s", fit$called, fit$outcome, count_text(fit))
  joint <- unlist(made$joint)
  told_table(table, contrast_lines(table, heading, joint, level, limited(paste("Contrasts of", fit$outcome), level)),
             class = "contrasts", joint = joint, level = level)
}

contrast_lines <- function(x, heading, joint, level, caption) {
  c(heading, "", tabled(estimate_cells(list(contrast = x$contrast), x), caption = caption), "",
    sprintf("Limits (%s %%): %s, one contrast at a time.", percent_of(level), if (all(is.infinite(x$df))) "normal" else "t"),
    if (is.na(joint[[1L]])) "All together: no test."
    else sprintf("All together: F %s on %s and %s, p %s", statistic_text(joint[[1L]]), df_text(joint[[2L]]),
                 df_text(joint[[3L]]), p_text(joint[[4L]])))
}

# Combinations of coefficients, a row each, tested from the rows of the fit.
test_rows <- function(fit, rows, level, tell) UseMethod("test_rows")

test_rows.steelyard_linear <- function(fit, rows, level, tell) {
  how <- list(match(fit$covariance, vcov_kinds) - 1L, fit$second, level)
  settle(.Call(C_vcov_test, fit$design, fit$model, fit$precision, how, t(rows), fit$threads, tell))
}

contrast_rows <- function(fit, c) {
  labels <- names(fit$coefficients)
  p <- length(labels)
  if (is.matrix(c) && is.numeric(c)) {
    if (ncol(c) != p) invalid("c: %d columns were given for %d coefficients", ncol(c), p)
    if (is.null(rownames(c))) rownames(c) <- paste0("c", seq_len(nrow(c)))
    storage.mode(c) <- "double"
    return(c)
  }
  if (is.numeric(c)) c <- list(c1 = c)
  if (!is.list(c) || !length(c)) invalid("c: a matrix or a list of contrasts is needed, not %s", shown(c))
  if (is.null(names(c))) names(c) <- paste0("c", seq_along(c))
  rows <- t(vapply(c, function(one) {
    if (!is.numeric(one)) invalid("c: %s is not a vector of numbers", shown(one))
    if (is.null(names(one))) {
      if (length(one) != p) invalid("c: %d columns were given for %d coefficients", length(one), p)
      return(as.double(one))
    }
    at <- find_coefficients(fit, names(one), "c")
    replace(double(p), at, one)
  }, double(p)))
  matrix(rows, length(c), p, dimnames = list(names(c), labels))
}

#' Estimated marginal means and their differences
#'
#' Fitted values at each crossing of the levels of the factors, with equal
#' weights over the levels of the other factors in the model and numeric
#' variables at their (weighted) means.
#'
#' @param fit a result of \code{\link{fit_linear}}.
#' @param factors labels of factors in the model (\code{"region"},
#'   \code{"factor(region)"}), or products of them (\code{"a:b"}).
#' @param level of the limits; \code{NULL}: the fit's.
#' @param adjust how p values of the differences are adjusted for their number:
#'   \code{"tukey"} (studentised range), \code{"bonferroni"}, \code{"sidak"} (these
#'   three widen the limits too), \code{"holm"}, \code{"hochberg"}, \code{"bh"},
#'   \code{"by"} or \code{"none"}.
#' @return \code{marginal_means}: a data frame of class \code{steelyard_means}, one
#'   column a factor, then \code{estimate}, \code{std.error}, \code{df},
#'   \code{conf.low}, \code{conf.high}. \code{pairwise}: a data frame of class
#'   \code{steelyard_pairs}: \code{contrast}, \code{estimate}, \code{std.error},
#'   \code{statistic}, \code{df}, \code{p.value} (not adjusted), \code{adj.p.value},
#'   \code{conf.low}, \code{conf.high}.
#' @references
#' Searle, S. R., Speed, F. M. and Milliken, G. A. (1980). Population marginal
#' means in the linear model. \emph{The American Statistician} 34, 216-221.
#' \doi{10.1080/00031305.1980.10483031}
#' @section Errors:
#' \code{steelyard_error_invalid}: no such factor in the model, an unknown adjustment,
#' a level outside 0 to 1.
#' @examples
#' fit <- fit_linear(breaks ~ wool * tension, warpbreaks)
#' marginal_means(fit, "tension")
#' pairwise(fit, "tension")
#' @export
marginal_means <- function(fit, factors, level = NULL) {
  made <- compute_means(fit, factors, level_of(fit, level))
  out <- frame(c(made$levels, lapply(made$raw[1:5], blank)))
  factors <- names(made$levels)
  remarks <- remarks_frame(frame(made$raw$remarks))
  told_table(out, c(
    sprintf("Means of %s by %s, %s", fit$outcome, paste(factors, collapse = ", "), count_text(fit)), "",
    tabled(estimate_cells(unclass(out)[factors], out, test = FALSE), length(factors),
           limited(sprintf("Means of %s by %s", fit$outcome, paste(factors, collapse = ", ")), level_of(fit, level))), "",
    sprintf("Limits (%s %%): t, one mean at a time; other factors weigh equally, numeric variables at their means.",
            percent_of(level_of(fit, level))), shown_remarks(remarks)),
    class = "means", factors = factors, level = level_of(fit, level), remarks = remarks)
}

compute_means <- function(fit, factors, level) {
  check_linear(fit)
  at <- find_factors(fit, factors)
  count <- settle(.Call(C_means_count, fit$design, fit$model, at))
  raw <- settle(.Call(C_means, fit$design, fit$model, at, list(unname(fit$coefficients), unname(fit$vcov),
                                                               unname(fit$df), level, count)))
  labels <- mean_levels(fit, at)
  list(raw = raw, levels = labels)
}

# Columns of the design, counted from 1, by label, name or product.
find_factors <- function(fit, factors) {
  if (!is.character(factors) || anyNA(factors) || !length(factors))
    invalid("factors: names of factors are needed, not %s", shown(factors))
  wanted <- gsub("[[:space:]]", "", unlist(strsplit(factors, ":", fixed = TRUE)))
  wanted <- sub("^C\\(", "factor(", wanted)
  columns <- fit$design[[2L]]
  names <- vapply(columns, `[[`, "", 1L)
  labels <- vapply(fit$variables, `[[`, "", "label")
  is_factor <- !vapply(columns, function(column) is.null(column[[3L]]), NA)
  at <- vapply(wanted, function(name) {
    known <- which(labels == name | names == name)
    if (length(known) > 1L && any(is_factor[known])) known <- known[is_factor[known]]
    if (length(known) && !is_factor[known[1L]]) invalid("factors: %s is not a factor", name)
    if (length(known)) known[1L] else which(is_factor)[place("factors", name, names[is_factor])]
  }, 1L, USE.NAMES = FALSE)
  if (anyDuplicated(at)) invalid("factors: %s is there twice", names[at[anyDuplicated(at)]])
  at
}

# The levels in use, the first factor's fastest, as columns of a frame.
mean_levels <- function(fit, at) {
  levels <- used_levels(fit)[at]
  names(levels) <- vapply(fit$design[[2L]][at], `[[`, "", 1L)
  as.list(expand.grid(levels, KEEP.OUT.ATTRS = FALSE, stringsAsFactors = FALSE))
}

adjustments <- c("none", "bonferroni", "sidak", "holm", "hochberg", "bh", "by", "tukey")
adjustment_words <- c(bonferroni = "Bonferroni", sidak = "Sidak", holm = "Holm", hochberg = "Hochberg",
                      bh = "Benjamini-Hochberg", by = "Benjamini-Yekutieli", tukey = "Tukey")

#' @rdname marginal_means
#' @export
pairwise <- function(fit, factors, adjust = "tukey", level = NULL) {
  adjust <- choice("adjust", adjust, adjustments)
  check_linear(fit)
  level <- level_of(fit, level)
  made <- compute_means(fit, factors, level)
  raw <- made$raw
  if (length(raw$estimate) < 2L) invalid("factors: differences need two means or more")
  pairs <- settle(.Call(C_pairwise, raw$estimate, raw$covariance, raw$df, match(adjust, adjustments) - 1L, level))
  names <- do.call(paste, c(unname(made$levels), sep = ":"))
  contrast <- paste(names[pairs$first + 1L], "-", names[pairs$second + 1L])
  values <- lapply(pairs[3:10], blank)
  names(values)[names(values) == "p.adjusted"] <- "adj.p.value"
  out <- frame(c(list(contrast = contrast), values))
  remarks <- remarks_frame(join_remarks(raw$remarks, pairs$remarks))
  told_table(out, c(
    sprintf("Differences of means of %s by %s, %s", fit$outcome, paste(names(made$levels), collapse = ", "),
            count_text(fit)), "",
    tabled(pair_cells(out), caption = limited(sprintf("Differences of means of %s by %s", fit$outcome,
                                                      paste(names(made$levels), collapse = ", ")), level)), "", pairs_limits(adjust, level, length(contrast)),
    shown_remarks(remarks)), class = "pairs", remarks = remarks)
}

pairs_limits <- function(adjust, level, count) {
  limits <- sprintf("limits (%s %%) %s", percent_of(level),
                    if (adjust %in% c("bonferroni", "sidak", "tukey")) "together" else "one at a time")
  if (adjust == "none") return(sprintf("p values not adjusted; %s.", limits))
  sprintf("p values adjusted by %s for %s; %s.", adjustment_words[[adjust]], counted(count, "difference"), limits)
}

pair_cells <- function(x) {
  cells <- estimate_cells(list(contrast = x$contrast), x)
  append(cells, list(adjusted = p_text(x$adj.p.value)), match("p", names(cells)))
}

#' Wild cluster bootstrap of a coefficient
#'
#' With few clusters the t test of a coefficient rejects too often; here signs are
#' drawn for whole clusters, with the null imposed, and the limits are those nulls
#' that are not rejected.
#'
#' @param fit a result of \code{\link{fit_linear}} with clusters.
#' @param coefficient a coefficient's name.
#' @param null the value tested.
#' @param kind \code{"rademacher"} (signs; all patterns where they are no more than
#'   \code{replicates}) or \code{"webb"} (six values; for fewer than ten clusters).
#' @param replicates,seed of the bootstrap.
#' @param level of the limits; \code{NULL}: the fit's.
#' @return A data frame of class \code{steelyard_wild}, one row: \code{term},
#'   \code{estimate}, \code{null}, \code{p.value}, \code{conf.low}, \code{conf.high},
#'   \code{kind}, \code{replicates}.
#' @references
#' Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008). Bootstrap-based
#' improvements for inference with clustered errors. \emph{Review of Economics and
#' Statistics} 90, 414-427. \doi{10.1162/rest.90.3.414}
#'
#' MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023). Cluster-robust
#' inference: a guide to empirical practice. \emph{Journal of Econometrics} 232,
#' 272-299. \doi{10.1016/j.jeconom.2022.04.001}
#' @section Errors:
#' \code{steelyard_error_invalid}: a fit without clusters, a coefficient that is not
#' there, an unknown kind.
#' @examples
#' fit <- fit_linear(weight ~ Time + Diet, ChickWeight, cluster = "Chick")
#' wild_test(fit, "Time", replicates = 199)
#' @export
wild_test <- function(fit, coefficient, null = 0, kind = "rademacher", replicates = 9999, seed = 1, level = NULL) {
  check_linear(fit)
  kind <- choice("kind", kind, c("rademacher", "webb"))
  level <- level_of(fit, level)
  if (is.null(fit$design[[6L]])) invalid("cluster: the wild bootstrap draws signs for clusters; this fit has none")
  if (length(coefficient) != 1L) invalid("coefficient: one name is needed, not %s", shown(coefficient))
  at <- find_coefficients(fit, coefficient, "coefficient")
  how <- list(at, number("null", null), match(kind, c("rademacher", "webb")) - 1L,
              as.integer(whole("replicates", replicates, 1L, 1e7)), whole("seed", seed, 0L, 2^53), level)
  progress <- progress_teller("wild_test")
  on.exit(progress$finish())
  made <- settle(.Call(C_vcov_wild, fit$design, fit$model, how, fit$threads, progress$tell))
  values <- blank(made$values)
  out <- frame(list(term = names(fit$coefficients)[at], estimate = unname(fit$coefficients[at]), null = how[[2L]],
                    p.value = values[1L], conf.low = values[2L], conf.high = values[3L], kind = kind,
                    replicates = how[[4L]]))
  remarks <- remarks_frame(frame(made$remarks))
  told_table(out, c(
    sprintf("Wild cluster bootstrap of %s (null %s): p %s, %s %% limits %s to %s; %s, %.0f replicates, seed %.0f.",
            out$term, sum_text(out$null), p_text(out$p.value), percent_of(level), sum_text(out$conf.low),
            sum_text(out$conf.high), if (kind == "webb") "Webb weights" else "Rademacher signs", out$replicates,
            how[[5L]]), shown_remarks(remarks)), class = "wild", remarks = remarks)
}
