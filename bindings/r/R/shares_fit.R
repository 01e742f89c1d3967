# Shares of a fit: its rows, weights and clusters, its terms as blocks.
# SPDX-License-Identifier: GPL-3.0-only

held_by_fit <- c(outcome = "outcome", weights = "weights", weight_kind = "weights", cluster = "clusters",
                 strata = "rows", missing = "missing rule", precision = "precision")

# `given` says of each argument of shares() that a fit holds whether it was
# typed as well.
shares_of_fit <- function(fit, blocks, adjust, order, given, options, threads, env) {
  typed <- names(given)[given]
  if (length(typed)) invalid("%s: the fit already holds its %s; leave it out", typed[1L], held_by_fit[[typed[1L]]])
  if (!fit$intercept) invalid("data: the fit has no intercept; shares of R2 need it")
  if (!is.null(fit$model[[5L]])) invalid("data: the fit has absorbed levels; shares of R2 need them as a term")
  known <- c(fit$outcome, fit$terms)
  blocks <- read_blocks(if (is.null(blocks)) fit$terms else blocks, known, env)
  question <- list(outcomes = list(list(label = fit$outcome)), blocks = blocks,
                   adjust = if (is.null(adjust)) list() else read_terms(adjust, "adjust", known, env),
                   order = read_order(order, names(blocks)))
  question <- absorb_clusters(question, fit$design[[6L]][[1L]])
  few <- fit$design[[1L]] <= rows_kept_one_by_one && options$interval != "influence"
  by_name <- options$interval %in% c("jackknife", replicated)
  unit <- if (!is.null(fit$design[[6L]])) "cluster" else if (by_name || few) "row" else "none"
  whole <- progress_teller("shares", 2)
  on.exit(whole$finish())
  m <- compute_moments(fit$design, unit, precisions[fit$precision + 1L], threads)
  part <- ask(question$outcomes[[1L]], question, m, if (unit == "none") fit$design, options, threads)
  new_shares(list(part), question, options, fit$provenance$missing)
}
