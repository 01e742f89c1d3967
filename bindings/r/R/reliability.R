# How far a scale of several items measures one thing.
# SPDX-License-Identifier: GPL-3.0-only

reliability_intervals <- c("auto", "none", "jackknife", "influence", "normal", "feldt")
reliability_kinds <- list(alpha = c(alpha = 1L, `standardised alpha` = 2L), omega = c(omega = 3L),
                          ordinal = c(`ordinal alpha` = 1L, `ordinal omega` = 3L))
item_tables <- c("mean", "std_dev", "item_rest", "alpha_without", "loading", "uniqueness")

#' Reliability of scales
#'
#' Cronbach's alpha and McDonald's omega of scales, with limits.
#'
#' @details
#' \code{"alpha"}: raw and standardised. \code{"omega"}: of one factor by maximum likelihood; three
#' items or more; the variance of the sum is taken from the model. \code{"ordinal"}: both of the
#' polychoric correlations, for items of whole numbers or ordered factors: the reliability of the
#' normal variables behind the answers, as a rule above that of the answers themselves.
#'
#' Limits: \code{"auto"} is the jackknife over clusters (none under 6), else the influence of the
#' rows: the distribution-free delta method (Maydeu-Olivares, Coffman and Hartmann 2007).
#' \code{"normal"}: for normal items (van Zyl, Neudecker and Nel 2000); \code{"feldt"}: alpha's exact
#' limits for normal items with equal variances and covariances. All but Feldt's are symmetric on
#' log(1 - reliability).
#'
#' An item whose correlation with the sum of the others is negative is named in a remark. A
#' uniqueness that would be negative is held at 0 (remark). Alpha says how far the sum of the
#' items would be reproduced by another such sum, not that they measure one thing.
#'
#' @param data a data frame, or \code{\link{moments}}.
#' @param items names of two items or more (a character vector or a one-sided formula), or a named
#'   list of such, one a scale. Numbers count as they are, logicals 0 and 1, the levels of an ordered
#'   factor 1, 2, ...
#' @param kind \code{"alpha"}, \code{"omega"}, \code{"ordinal"}, or several of them.
#' @param weights,weight_kind,cluster,strata as for \code{\link{moments}}; analytic weights are refused.
#'   Limits rest on clusters; strata not with \code{"ordinal"}.
#' @param interval \code{"auto"}, \code{"jackknife"}, \code{"influence"}, \code{"normal"}, \code{"feldt"},
#'   \code{"none"} or \code{NULL}.
#' @param level of the limits, between 0 and 1.
#' @param missing \code{"complete"}: rows complete over the items of a scale; or \code{"error"}.
#' @param precision,threads see \code{\link{moments}}.
#' @param x,object the result.
#' @param row.names,optional,... not used.
#' @return A list of class \code{steelyard_reliability}: \code{table} (\code{scale}, \code{kind}, \code{estimate},
#'   \code{std.error}, \code{conf.low}, \code{conf.high}), \code{items} (\code{scale}, \code{kind}, \code{item},
#'   \code{mean}, \code{std_dev}, \code{item_rest}, the correlation with the sum of the other items,
#'   \code{alpha_without}, alpha of the others, \code{loading} and \code{uniqueness} of the standardised
#'   item), \code{remarks}, \code{level}. \code{tidy} and \code{as.data.frame} give the table, \code{glance} one row a
#'   scale and matrix with the test of one factor; \code{plot} a dot with its limits a row.
#' @section Errors:
#' \code{steelyard_error_invalid}: fewer than two items, one named twice, text, an unordered
#' factor, analytic weights, normal or Feldt's limits with clusters, strata, sampling weights or ordered
#' answers. \code{steelyard_error_data}: an item with one value (it is named); for omega an item
#' that follows from the others.
#' @references
#' Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests.
#' \emph{Psychometrika} 16, 297-334. \doi{10.1007/BF02310555}
#'
#' McDonald, R. P. (1999). \emph{Test Theory: A Unified Treatment}. Erlbaum.
#'
#' Zumbo, B. D., Gadermann, A. M. and Zeisser, C. (2007). Ordinal versions of coefficients alpha and
#' theta for Likert rating scales. \emph{Journal of Modern Applied Statistical Methods} 6, 21-29.
#' \doi{10.22237/jmasm/1177992180}
#'
#' Maydeu-Olivares, A., Coffman, D. L. and Hartmann, W. M. (2007). Asymptotically distribution-free
#' (ADF) interval estimation of coefficient alpha. \emph{Psychological Methods} 12, 157-176.
#' \doi{10.1037/1082-989X.12.2.157}
#'
#' van Zyl, J. M., Neudecker, H. and Nel, D. G. (2000). On the distribution of the maximum likelihood
#' estimator of Cronbach's alpha. \emph{Psychometrika} 65, 271-280. \doi{10.1007/BF02296146}
#'
#' Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson reliability
#' coefficient twenty. \emph{Psychometrika} 30, 357-370. \doi{10.1007/BF02289499}
#' @examples
#' r <- reliability(attitude, names(attitude))
#' r
#' r$items
#' poet <- simulate_poet(1)
#' process <- grep("^easy_", names(poet), value = TRUE)
#' reliability(poet, list(process = process), cluster = "council")$table
#' @export
reliability <- function(data, items, kind = c("alpha", "omega"), weights = NULL, weight_kind = NULL, cluster = NULL,
                        strata = NULL, interval = "auto", level = 0.95, missing = "complete", precision = "auto",
                        threads = NULL) {
  env <- parent.frame()
  scales <- if (is.list(items) && !inherits(items, "formula")) items else list(items = items)
  if (!length(scales) || is.null(names(scales))) invalid("items: no scale is named")
  kinds <- vapply(kind, choice, "", argument = "kind", allowed = names(reliability_kinds), USE.NAMES = FALSE)
  if (!length(kinds)) invalid("kind: name \"alpha\", \"omega\" or \"ordinal\"")
  interval <- choice("interval", if (is.null(interval)) "none" else interval, reliability_intervals)
  rules <- list(weights = weights, weight_kind = weight_kind, cluster = cluster, strata = strata,
                missing = choice("missing", missing, c("complete", "error")), precision = precision,
                threads = check_threads(threads), interval = interval, level = check_level(level))
  check_weights(weights, weight_kind)
  if (inherits(data, "steelyard_moments")) refuse_with_moments(rules, kinds)
  else if ("ordinal" %in% kinds && !is.null(strata))
    invalid("strata: ordinal alpha and omega rest on rows or clusters, not on strata")
  else check_frame(data)
  parts <- unlist(lapply_told("reliability", seq_along(scales), function(i)
    scale_parts(data, names(scales)[i], scales[[i]], kinds, rules, env)), recursive = FALSE)
  remarks <- do.call(rbind, lapply(parts, function(p) if (nrow(p$remarks)) cbind(scale = p$scale, p$remarks)
                                                      else cbind(scale = character(), p$remarks)))
  warn_of(remarks)
  structure(class = c("steelyard_reliability", "steelyard_result"), list(
    table = do.call(rbind, lapply(parts, kind_frame)), items = do.call(rbind, lapply(parts, item_frame)),
    remarks = remarks, level = level, parts = parts))
}

refuse_with_moments <- function(rules, kinds) {
  for (argument in c("weights", "cluster", "strata"))
    if (!is.null(rules[[argument]])) invalid("%s: moments already hold their %s; leave it out", argument, argument)
  if ("ordinal" %in% kinds) invalid("kind: \"ordinal\" needs the answers; give the data frame")
}

item_names <- function(given, data, env) {
  known <- if (inherits(data, "steelyard_moments")) data$labels else names(data)
  if (inherits(given, "formula")) given <- labels_of(read_terms(given, "items", known, env))
  if (!is.character(given)) invalid("items: a list of column names is needed, or a list of scale to such a list")
  if (anyDuplicated(given)) invalid("items: %s is named twice", given[anyDuplicated(given)])
  if (length(given) < 2L) invalid("items: %d given; a scale has two or more", length(given))
  given
}

# The scale's parts: of the answers as numbers, and of the ordered answers.
scale_parts <- function(data, scale, names, kinds, rules, env) {
  names <- item_names(names, data, env)
  numbers <- setdiff(kinds, "ordinal")
  if (inherits(data, "steelyard_moments"))
    return(list(ask_scale(scale, names, numbers, data, NULL, settle(.Call(C_find_term, data$blob, "items", names)),
                          rules)))
  c(if (length(numbers)) {
    design <- item_design(data, names, function(name) number_item(name, data), rules, env, rules$strata)
    unit <- if (!is.null(rules$cluster)) "cluster" else if (!is.null(rules$strata) || rules$interval == "jackknife") "row"
            else "none"
    m <- compute_moments(design, unit, rules$precision, rules$threads)
    list(ask_scale(scale, names, numbers, m, if (unit == "none") design, seq_along(names), rules))
  }, if ("ordinal" %in% kinds)
    list(ask_scale(scale, names, "ordinal", latent_items(data, names, rules, env), NULL, seq_along(names), rules)))
}

item_design <- function(data, names, read, rules, env, strata = NULL) {
  terms <- lapply(names, function(name) list(label = name, argument = "items", variables = list(
    list(label = name, column = name, kind = "column", power = 1L, given = read(name)))))
  make_design(data, terms, rules$weights, rules$weight_kind, rules$cluster, rules$missing, env, strata)
}

# An item as a number: levels of ordered answers count 1, 2, ...
number_item <- function(name, data) {
  values <- .subset2(data, place_column("items", name, data))
  no_numbers <- sprintf("%s holds no numbers; an item has numbers or ordered answers", name)
  if (is.character(values)) refuse_column("items", name, values, no_numbers)
  if (!is.factor(values)) return(tryCatch(plain_column("items", name, values), steelyard_error = function(e)
    invalid("items: %s", no_numbers)))
  if (!is.ordered(values) && nlevels(values) != 2L)
    invalid("items: %s is an unordered factor; an item has ordered answers", name)
  list(name, as.double(values), NULL)
}

# Moments of the polychoric correlations.
latent_items <- function(data, names, rules, env) {
  design <- item_design(data, names, function(name) {
    place_column("items", name, data)
    tryCatch(latent_column(name, data, names), steelyard_error = function(e) {
      e$message <- sub("columns: ", "items: ", conditionMessage(e), fixed = TRUE)
      stop(e)
    })
  }, rules, env)
  unit <- if (!is.null(rules$cluster)) "cluster" else if (rows_of(data) <= rows_as_units) "row" else "none"
  progress <- progress_teller("polychoric correlations")
  on.exit(progress$finish())
  new_moments(settle(.Call(C_latent, design, match(unit, unit_names) - 1L, 0.95, TRUE, rules$threads, progress$tell)))
}

# One call of the core: estimates by kind, items, summary, remarks.
ask_scale <- function(scale, names, kinds, m, design, at, rules) {
  options <- list(match(rules$interval, reliability_intervals) - 1L, rules$level, any(c("omega", "ordinal") %in% kinds),
                  "ordinal" %in% kinds)
  progress <- progress_teller("reliability")
  on.exit(progress$finish())
  raw <- settle(.Call(C_reliability, m$blob, design, at, options, rules$threads, progress$tell))
  remarks <- frame(Map(c, m$remarks, remarks_frame(raw$remarks)))
  raw$remarks <- NULL
  c(raw, list(scale = scale, item = names, kinds = kinds, unit = m$unit, rows = rows_text(m), rows_read = m$rows_read,
              rows_dropped = m$rows_dropped, interval = reliability_intervals[raw$summary$interval + 1L],
              matrix = if ("ordinal" %in% kinds) "ordinal" else "numbers", hash = m$hash, weight_kind = m$weight_kind,
              remarks = frame(lapply(remarks, `[`, !duplicated(remarks)))))
}

kind_frame <- function(part) {
  at <- unlist(unname(reliability_kinds[part$kinds]))
  frame(c(list(scale = rep(part$scale, length(at)), kind = names(at)),
          lapply(part[c("estimate", "std.error", "conf.low", "conf.high")], function(column) blank(column[at]))))
}

item_frame <- function(part) {
  n <- length(part$item)
  frame(c(list(scale = rep(part$scale, n), kind = rep(part$matrix, n), item = part$item),
          lapply(part[item_tables], blank)))
}

#' @rdname reliability
#' @export
as.data.frame.steelyard_reliability <- function(x, row.names = NULL, optional = FALSE, ...) x$table

glance.steelyard_reliability <- function(x, ...) {
  of <- function(one, type) vapply(x$parts, one, type)
  number <- function(name) of(function(p) blank(p$summary[[name]]), 0)
  frame(list(scale = of(function(p) p$scale, ""), kind = of(function(p) p$matrix, ""),
             items = of(function(p) length(p$item), 1L), n = number("n"),
             rows_dropped = of(function(p) p$rows_dropped, 0), interval = of(function(p) p$interval, ""),
             df = number("df"), units = number("units"), chi2 = number("chi2"), chi2_df = number("chi2_df"),
             chi2_p = number("chi2_p")))
}

reliability_limits_line <- function(part, level, what) {
  over <- sprintf("%.0f %s", part$summary$units, if (part$unit == "cluster") "clusters" else "rows")
  how <- switch(part$interval, jackknife = paste("jackknife over", over),
                influence = paste("distribution-free, influence of", over), normal = "normal items",
                feldt = "Feldt's, normal items of equal variances and covariances")
  if (is.null(how)) return(sprintf("Limits%s: none.", what))
  t <- if (part$interval %in% c("jackknife", "influence")) sprintf(", t with %.6g degrees of freedom", part$summary$df)
       else ""
  sprintf("Limits%s (%s %%): %s%s%s.", what, percent_of(level), how, t,
          if (part$interval == "feldt") "" else "; symmetric on log(1 - reliability)")
}

factor_line <- function(s) {
  if (isTRUE(s$chi2_df > 0))
    sprintf("One factor against any correlations: chi-squared %s on %.0f, p %s (normal items).", sprintf("%.2f", s$chi2),
            s$chi2_df, sprintf("%.4f", s$chi2_p))
}

scale_lines <- function(x, scale, more) {
  own <- Filter(function(p) p$scale == scale, x$parts)
  first <- own[[1L]]
  table <- x$table[x$table$scale == scale, ]
  foot <- lapply(own, function(p) c(
    reliability_limits_line(p, x$level, if (p$matrix == "ordinal" && length(own) > 1L) " of ordinal ones" else ""),
    factor_line(p$summary)))
  remarks <- do.call(rbind, lapply(own, `[[`, "remarks"))
  c(headed(sprintf("Reliability of %s: %s, %s", scale, counted(length(first$item), "item"), first$rows)), "",
    tabled(c(list(kind = table$kind), lapply(list(estimate = table$estimate, `std error` = table$std.error,
                                                  low = table$conf.low, high = table$conf.high), point, table$std.error, more)),
           caption = limited(paste("Reliability of", scale), x$level)), "",
    tabled(list(item = first$item, mean = r2_text(blank(first$mean)), sd = r2_text(blank(first$std_dev)),
                     `item-rest` = r2_text(blank(first$item_rest)),
                     `alpha without` = r2_text(blank(first$alpha_without)), loading = r2_text(blank(first$loading))),
           caption = paste("Items of", scale)), "",
    unlist(foot),
    if (first$rows_dropped > 0)
      sprintf("Rows: %.0f read, %.0f dropped for missing values.", first$rows_read, first$rows_dropped),
    shown_remarks(remarks, c("rows_dropped", "aliased")))
}

document_of.steelyard_reliability <- function(x, whole = FALSE) {
  c(apart(lapply(unique(x$table$scale), function(scale) scale_lines(x, scale, more_of(whole)))),
    if (whole) told_provenance(reliability_provenance(x)))
}
