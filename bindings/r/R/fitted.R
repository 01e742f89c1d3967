# Shares over binary, count, ordinal and mixed models: the fit's rows and terms, asked about shares.
# SPDX-License-Identifier: GPL-3.0-only

fitted_routes <- c("auto", "exact", "one-step")
fitted_measures <- c("mcfadden", "nagelkerke", "latent", "marginal")
rows_dealt_to <- 100 # of rows that are left out; with fewer rows each is one

# `typed` says of each argument of shares() that a fit holds, or that is not used, whether it was typed.
shares_of_fitted <- function(fit, blocks, adjust, order, typed, asked, env) {
  given <- names(typed)[typed]
  if (length(given)) {
    held <- if (given[1L] %in% names(held_by_fit)) paste("the fit already holds its", held_by_fit[[given[1L]]])
            else "shares over a fitted model do not use it"
    invalid("%s: %s; leave it out", given[1L], held)
  }
  options <- list(method = choice("method", asked$method, fitted_routes),
                  interval = choice("interval", if (is.null(asked$interval)) "none" else asked$interval,
                                    c("auto", "jackknife", "none")),
                  level = number("level", asked$level), seed = whole("seed", asked$seed, 0L, 2^53),
                  measure = measure_of_fit(asked$measure, measures_of(fit), fit$called))
  threads <- check_threads(asked$threads)
  part <- ask_fitted(fit, fitted_question(fit, blocks, adjust, order, env), options, threads)
  result <- new_fitted(fit, part, options)
  warn_of(result$remarks)
  result
}

# The measures that a model has, the default first.
measures_of <- function(fit) {
  if (inherits(fit, "steelyard_mixed")) return(c("marginal", if (fit$family != "linear") "mcfadden"))
  latent <- fit$kind == "binary" || (fit$kind == "ordinal" && !length(c(fit$model[[7L]], fit$model[[8L]])))
  c("mcfadden", "nagelkerke", if (latent) "latent")
}

# Blocks and adjusting terms as places in the design.
fitted_question <- function(fit, blocks, adjust, order, env) {
  if (!length(fit$terms)) invalid("blocks: the fit has no terms")
  labels <- vapply(fit$design[[3L]], `[[`, "", 1L)
  at <- function(argument, terms)
    vapply(terms, function(term) match(fit$terms[place(argument, term$label, fit$terms)], labels), 1L)
  named <- read_blocks(if (is.null(blocks)) fit$terms else blocks, fit$terms, env)
  adjusting <- if (is.null(adjust)) list() else read_terms(adjust, "adjust", fit$terms, env)
  groups <- read_order(order, names(named))
  terms <- lapply(unname(named), function(block) unique(at("blocks", block)))
  adjusting <- unique(at("adjust", adjusting))
  both <- intersect(adjusting, unlist(terms))
  if (length(both)) invalid("adjust: %s is in a block too; leave it out of one of them", labels[both[1L]])
  list(names = names(named), terms = terms, adjust = as.integer(adjusting), order = groups, labels = labels)
}

# The full model of blocks and adjusting terms alone, as the core reads it.
fitted_model <- function(fit, question) {
  mixed <- inherits(fit, "steelyard_mixed")
  model <- if (mixed) fit$model else list(0L, fit$model, list())
  linear <- model[[2L]][[1L]]
  linear[[2L]] <- linear[[2L]][linear[[2L]] %in% c(unlist(question$terms), question$adjust)]
  model[[2L]][[1L]] <- linear
  model
}

ask_fitted <- function(fit, question, options, threads) {
  mixed <- inherits(fit, "steelyard_mixed")
  blocks <- list(1L, question$names, question$terms, integer(), group_numbers(question$order, question$names), FALSE)
  wanted <- list(match(options$measure, fitted_measures) - 1L, match(options$method, fitted_routes) - 1L,
                 match(options$interval, interval_names) - 1L, options$level, options$seed, 60)
  progress <- progress_teller("shares")
  on.exit(progress$finish())
  raw <- settle(.Call(C_fitted_shares, fit$design, fitted_model(fit, question), if (mixed) fit$rules, blocks, wanted,
                      threads, progress$tell))
  s <- raw$summary
  raw$summary <- c(s, list(total_adjusted = NaN, orders = 0, mc_error = NaN, replicates = 0, df_resid = NA_real_))
  if (is.nan(s$gap)) raw$one_step[] <- NaN
  sizes <- lengths(question$terms)
  at <- unlist(question$terms)
  names <- c(question$names, question$labels[at])
  c(raw, list(measure = options$measure, outcome = fit$outcome, block = question$names, term = question$labels[at],
              of = rep(question$names, sizes), terms = lapply(question$terms, function(i) question$labels[i]),
              adjust = c(question$labels[question$adjust], always_there(fit, question$labels)), order = question$order, gap_row = names[s$gap_row],
              groups_of = if (mixed) unique(vapply(fit$bars, `[[`, "", "group")), m = fitted_facts(fit, s)))
}

# Labels of nominal and scale terms, which no block has.
always_there <- function(fit, labels) {
  if (inherits(fit, "steelyard_mixed")) return(NULL)
  c(sprintf("nominal: %s", labels[fit$model[[7L]]]), sprintf("scale: %s", labels[fit$model[[8L]]]))
}

# What the print of shares reads of the rows.
fitted_facts <- function(fit, s) {
  unit <- if (s$units == 0) "none" else if (s$grouped == 0) "cluster" else if (s$units < rows_dealt_to) "row" else "group"
  p <- fit$provenance
  list(n = s$n, rows_read = p$rows_read, rows_used = p$rows_used, rows_dropped = p$rows_dropped,
       missing = numeric(), unit = unit, weight_kind = p$weight_kind, sum_w = p$sum_w, from_correlation = FALSE,
       remarks = remarks_frame(no_remarks))
}

new_fitted <- function(fit, part, options) {
  s <- part$summary
  structure(class = c("steelyard_fitted_shares", "steelyard_shares", "steelyard_result"), list(
    outcomes = part$outcome, total = s$total, total_adjusted = NA_real_, total_crossvalidated = NA_real_, n = s$n,
    measure = part$measure, blocks = part_frame(part, FALSE), terms = part_frame(part, TRUE),
    remarks = part_remarks(part), gap = blank(s$gap), provenance = fitted_provenance(fit, part, options),
    parts = structure(list(part), names = part$outcome)))
}

fitted_provenance <- function(fit, part, options) {
  s <- part$summary
  list(version = .Call(C_version), model = unname(fit$called), measure = part$measure, outcome = part$outcome,
       blocks = structure(part$terms, names = part$block), adjust = part$adjust, order = part$order,
       weight_kind = part$m$weight_kind, method = fitted_routes[s$route + 1L], submodels = s$submodels,
       failed = s$failed, gap = blank(s$gap), gap_row = part$gap_row, loglik = s$loglik, loglik_null = s$loglik_null,
       interval = interval_of(part), level = options$level, seed = options$seed, threads = s$threads, n = s$n,
       rows_read = part$m$rows_read, rows_used = part$m$rows_used, rows_dropped = part$m$rows_dropped,
       unit = part$m$unit, units = s$units, df = blank(s$df))
}

#' Parts of the whole of marginal R2
#'
#' What the blocks, the adjusting terms, the effects of the groups and the residual are of the variance that
#' marginal R2 is a part of; they add up to 1.
#'
#' @param s a result of \code{\link{shares}} over a \code{\link{fit_mixed}}.
#' @return A data frame of \code{part} and \code{share}; without rows for other measures.
#' @references
#' Nakagawa, S. and Schielzeth, H. (2013). A general and simple method for obtaining R2 from generalized linear
#' mixed-effects models. \emph{Methods in Ecology and Evolution} 4, 133-142. \doi{10.1111/j.2041-210x.2012.00261.x}
#' @section Errors:
#' \code{steelyard_error_invalid}: shares of moments or of a linear fit, which have no
#' such parts.
#' @examples
#' plots <- transform(warpbreaks, loom = factor(rep(1:9, 6)))
#' fit <- fit_mixed(breaks ~ wool + tension + (1 | loom), plots)
#' share_parts(shares(fit, interval = NULL))
#' @export
share_parts <- function(s) {
  check_shares(s)
  parts_frame(s$parts[[1L]])
}

parts_frame <- function(part) {
  s <- part$summary
  if (part$measure != "marginal") return(frame(list(part = character(), share = double())))
  adjusted <- length(part$adjust) > 0L
  frame(list(part = c("blocks", if (adjusted) "adjusting terms",
                      paste("effects of", paste(part$groups_of, collapse = ", ")), "residual"),
             share = c(s$total, if (adjusted) s$r2_adjust, s$groups, s$residual)))
}

# Lines of the print -----------------------------------------------------------

parts_lines <- function(part) {
  if (part$measure != "marginal") return(NULL)
  parts <- parts_frame(part)
  c(tabled(list(part = parts$part, share = digits4(parts$share)),
           caption = paste("Parts of the variance of", part$outcome)), "")
}

route_line <- function(part) {
  s <- part$summary
  text <- measure_texts[[part$measure]]
  if (fitted_routes[s$route + 1L] == "one-step")
    return(sprintf("Submodels: %.0f values of %s, by one step from the full fit.", s$submodels, text))
  sprintf(paste0("Submodels: %.0f values of %s, each by a fit of its own; by one step from the full fit shares differ by ",
                 "at most %.4f (%s)."), s$submodels, text, s$gap, part$gap_row)
}

fitted_limits_line <- function(part, level, seed) {
  s <- part$summary
  if (interval_of(part) == "none") return("Limits: none.")
  sprintf("Limits (%s %%): jackknife of one-step shares over %.0f %s%s, t with %.6g degrees of freedom.",
          percent_of(level), s$units, unit_words(part), if (part$m$unit == "group") sprintf(" (seed %.0f)", seed) else "",
          s$df)
}

fitted_foot <- function(part, level, seed) {
  c(route_line(part), fitted_limits_line(part, level, seed),
    if (!is.nan(part$between[1L])) "The part between clusters holds the sampling noise of the clusters' means.")
}
