# Rows, columns and clusters that a fit rests on.
# SPDX-License-Identifier: GPL-3.0-only

most_terms_shared <- 15L

#' Diagnostics of a linear model
#'
#' Which rows and clusters move the fit, and which terms say the same thing.
#'
#' @details
#' A term whose unique share is above what it explains alone, by more than noise would make it, is named: it is a
#' suppressor, whose coefficient lives off what it takes out of the others.
#'
#' @param fit a result of \code{\link{fit_linear}}.
#' @return A list of class \code{steelyard_diagnostics}: \code{rows} (\code{row},
#'   \code{fitted}, \code{residual}, \code{leverage}, \code{standardised},
#'   \code{studentised}, \code{sigma} without the row, \code{cook}, \code{dffits};
#'   missing for rows not used), \code{dfbetas} (a matrix, rows by coefficients, in
#'   standard errors), \code{terms} (as \code{vif}, with \code{alone} and
#'   \code{unique}, the shares of R2 of each term), \code{columns} (the variance
#'   inflation of each coefficient), \code{condition} (condition indices with the
#'   variance proportions of the coefficients), \code{clusters} (\code{NULL} without
#'   clusters; the change of each coefficient when the cluster is left out, and
#'   Cook's distance), \code{suppression} (labels of terms, as the remarks of
#'   \code{\link{shares}} name them) and \code{remarks}.
#' @references
#' Belsley, D. A., Kuh, E. and Welsch, R. E. (1980). \emph{Regression
#' Diagnostics}. Wiley. \doi{10.1002/0471725153}
#'
#' Fox, J. and Monette, G. (1992). Generalized collinearity diagnostics.
#' \emph{Journal of the American Statistical Association} 87, 178-183.
#' \doi{10.1080/01621459.1992.10475190}
#' @section Errors:
#' \code{steelyard_error_invalid}: something else than a fit of
#' \code{\link{fit_linear}}.
#' @examples
#' fit <- fit_linear(Fertility ~ Agriculture + Examination + Education, swiss)
#' diagnostics(fit)
#' vif(fit)
#' @export
diagnostics <- function(fit) {
  check_linear(fit)
  labels <- names(fit$coefficients)
  raw <- settle(.Call(C_diagnostics, fit$design, fit$model, fit$precision, length(labels), TRUE, fit$threads))
  lines <- collinearity(fit)
  shares <- shares_of_terms(fit)
  terms <- cbind_frame(vif_frame(fit, lines), shares[c("alone", "unique")])
  clusters <- cluster_influence(fit)
  remarks <- join_remarks(join_remarks(raw$remarks, lines$remarks),
                          if (is.null(clusters)) no_remarks else clusters$remarks)
  structure(class = c("steelyard_diagnostics", "steelyard_result"), list(
    outcome = fit$outcome, rows_text = count_text(fit), rows = rows_frame(fit, raw),
    dfbetas = structure(blank(t(raw$dfbetas)), dimnames = list(fit$names, labels)), terms = terms,
    columns = frame(list(term = labels, vif = blank(lines$vif))), condition = condition_frame(fit, lines),
    clusters = clusters$frame, moves_most = clusters$moves,
    suppression = shares$suppression, remarks = remarks_frame(remarks)))
}

#' @rdname diagnostics
#' @return \code{vif}: a data frame, one row a term: \code{term}, \code{df},
#'   \code{gvif} (the generalised variance inflation factor), \code{gvif_root}
#'   (gvif to the power 1 / (2 df)) and \code{tolerance}.
#' @export
vif <- function(fit) {
  check_linear(fit)
  vif_frame(fit, collinearity(fit))
}

collinearity <- function(fit) {
  settle(.Call(C_collinearity, fit$design, fit$model, fit$precision, length(fit$coefficients)))
}

vif_frame <- function(fit, lines) {
  frame(list(term = fit$terms, df = lines$df, gvif = blank(lines$gvif), gvif_root = blank(lines$gvif_root),
             tolerance = blank(lines$tolerance)))
}

cbind_frame <- function(a, b) frame(c(unclass(a), b))

# Rows only, for augment() and residuals().
row_diagnostics <- function(fit) {
  raw <- settle(.Call(C_diagnostics, fit$design, fit$model, fit$precision, length(fit$coefficients), FALSE,
                      fit$threads))
  lapply(raw[1:6], blank)
}

rows_frame <- function(fit, raw) {
  names <- if (is.null(fit$names)) as.character(seq_along(fit$fitted)) else fit$names
  frame(c(list(row = names, fitted = fit$fitted, residual = fit$residual), lapply(raw[1:6], blank)))
}

# What each term explains by itself and beside the others, in points of R2, and
# the labels of those that explain more there.
shares_of_terms <- function(fit) {
  count <- length(fit$terms)
  none <- list(alone = rep(NA_real_, count), unique = rep(NA_real_, count), suppression = character())
  if (!fit$intercept || !is.null(fit$model[[5L]]) || count < 1L || count > most_terms_shared) return(none)
  m <- .Call(C_moments, fit$design, 0L, fit$precision, fit$threads, NULL)
  if (inherits(m, "steelyard_failure")) return(none)
  asked <- list(1L, fit$terms, as.list(seq_len(count) + 1L), integer())
  wanted <- list(1L, 0L, match("none", interval_names) - 1L, 0.95, 1, 1, 60)
  raw <- .Call(C_shares, m$blob, NULL, asked, wanted, fit$threads, NULL)
  if (inherits(raw, "steelyard_failure")) return(none)
  start <- (seq_len(count) - 1L) * length(metric_names)
  list(alone = blank(raw$estimate[start + match("alone", metric_names)]),
       unique = blank(raw$estimate[start + match("unique", metric_names)]),
       suppression = raw$remarks$term[raw$remarks$code == match("suppression", remark_names)])
}

condition_frame <- function(fit, lines) {
  p <- length(fit$coefficients)
  proportion <- matrix(blank(lines$proportion), p, p)
  frame(c(list(index = blank(lines$index)),
          structure(lapply(seq_len(p), function(c) proportion[c, ]), names = names(fit$coefficients))))
}

cluster_influence <- function(fit) {
  if (is.null(fit$design[[6L]])) return(NULL)
  labels <- names(fit$coefficients)
  raw <- settle(.Call(C_diagnostics_clusters, fit$design, fit$model, fit$precision, length(labels), fit$threads))
  levels <- fit$design[[6L]][[3L]]
  there <- raw$rows > 0
  scaled <- abs(raw$scaled)
  scaled[is.nan(scaled)] <- -1
  moves <- if (length(labels)) labels[apply(scaled, 2L, which.max)] else rep("", length(levels))
  change <- structure(lapply(seq_along(labels), function(c) blank(raw$change[c, there])), names = labels)
  list(frame = frame(c(list(cluster = levels[there], rows = raw$rows[there], cook = blank(raw$cook[there])), change)),
       moves = moves[there], remarks = raw$remarks)
}

largest_first <- function(x, most = 5L) utils::head(order(-x, na.last = NA), most)

decimals2 <- function(x) or_dash(x, no_minus_zero(sprintf("%.2f", x)))

document_of.steelyard_diagnostics <- function(x, whole = FALSE) {
  terms <- x$terms
  cells <- list(term = terms$term, columns = df_text(terms$df), VIF = decimals2(terms$gvif),
                root = decimals2(terms$gvif_root))
  if (!all(is.na(terms$alone) & is.na(terms$unique)))
    cells <- c(cells, list(alone = r2_text(terms$alone), unique = r2_text(terms$unique)))
  rows <- x$rows[largest_first(x$rows$cook), ]
  index <- x$condition$index
  remarks <- shown_remarks(x$remarks)
  c(sprintf("Diagnostics of the linear model of %s, %s", x$outcome, x$rows_text), "",
    if (nrow(terms)) c(tabled(cells, caption = "Collinearity of the terms"), ""),
    sprintf("Condition index: %.3g.", max(index, na.rm = TRUE)),
    if (length(x$suppression)) sprintf("Suppression (unique above alone): %s.", paste(x$suppression, collapse = ", ")),
    if (nrow(rows)) c("", tabled(list(
      row = rows$row, Cook = r2_text(rows$cook), leverage = r2_text(rows$leverage),
      studentised = decimals2(rows$studentised), DFFITS = decimals2(rows$dffits)),
      caption = "The rows that move the fit most")),
    cluster_lines(x), if (length(remarks)) c("", remarks))
}

cluster_lines <- function(x) {
  if (is.null(x$clusters)) return(NULL)
  at <- largest_first(x$clusters$cook)
  if (!length(at)) return(NULL)
  c("", tabled(list(cluster = x$clusters$cluster[at], rows = sprintf("%.0f", x$clusters$rows[at]),
                         Cook = r2_text(x$clusters$cook[at]), `moves most` = x$moves_most[at]),
               caption = "The clusters that move the fit most"))
}

#' @importFrom stats hatvalues
#' @export
hatvalues.steelyard_linear <- function(model, ...) with_row_names(model, row_diagnostics(model)$leverage)

#' @importFrom stats cooks.distance
#' @export
cooks.distance.steelyard_linear <- function(model, ...) with_row_names(model, row_diagnostics(model)$cook)

#' @importFrom stats rstandard
#' @export
rstandard.steelyard_linear <- function(model, ...) residuals.steelyard_linear(model, "standardised")

#' @importFrom stats rstudent
#' @export
rstudent.steelyard_linear <- function(model, ...) residuals.steelyard_linear(model, "studentised")
