# What is printed of a mixed model; the Python package prints the same text.
# SPDX-License-Identifier: GPL-3.0-only

league_rows <- 10L

with_article <- function(noun) paste(if (grepl("^[aeiou]", noun)) "an" else "a", noun)

mixed_method <- function(fit) {
  if (fit$family == "linear") return(if (fit$reml) "Restricted maximum likelihood" else "Maximum likelihood")
  if (fit$nodes == 1L) return(sprintf("Laplace approximation, %s link", fit$link))
  sprintf("Adaptive Gauss-Hermite quadrature, %d points, %s link", fit$nodes, fit$link)
}

mixed_title <- function(fit) {
  nothing <- if (fit$family == "ordinal") "thresholds only" else "intercept only"
  text <- paste(c(if (length(fit$terms)) fit$terms else nothing, bar_texts(fit)), collapse = " + ")
  if (!fit$intercept) text <- paste0(text, ", without intercept")
  offset <- fit$model[[2L]][[6L]]
  if (!is.null(offset)) text <- sprintf("%s, offset %s", text, offset[[1L]])
  sprintf("%s%s of %s: %s, %s", toupper(substr(fit$called, 1L, 1L)), substring(fit$called, 2L), fit$outcome, text,
          count_text(fit))
}

mixed_answer_line <- function(fit) {
  trials <- fit$model[[2L]][[5L]]
  if (!is.null(trials)) return(sprintf("Successes: %s, of %s", fit$outcome, trials[[1L]]))
  switch(fit$family, binary = sprintf("Event: %s = %s", fit$outcome, fit$answers[length(fit$answers)]),
         ordinal = paste("Levels:", paste(fit$answers, collapse = " < ")),
         negative_binomial = sprintf("Theta %s; variance mu + mu^2 / theta", sum_text(fit$theta_count)))
}

mixed_head <- function(fit) {
  text <- function(x, form) or_dash(x, sprintf(form, x))
  whole <- fit$explained$whole
  groups <- vapply(fit$groups, counted, "", "level")
  each <- if (length(fit$bars) > 1L)
    paste0(", ", vapply(fit$bars, `[[`, "", "group"), " ", r2_text(fit$explained$icc), collapse = "") else ""
  c(mixed_title(fit), mixed_answer_line(fit), paste("Groups:", paste(groups, "of", names(fit$groups), collapse = ", ")),
    sprintf("%s: criterion %s, log likelihood %s, %d parameters, AIC %s", mixed_method(fit),
            text(fit$criterion, "%.3f"), text(fit$loglik, "%.3f"), as.integer(fit$parameters), text(fit$aic, "%.2f")),
    sprintf("Intraclass correlation %s%s; R2 marginal %s, conditional %s", r2_text(whole$icc_adjusted), each,
            r2_text(whole$marginal), r2_text(whole$conditional)))
}

# The random part: correlations with the effects before.
variance_cells <- function(fit) {
  most <- max(vapply(fit$bars, function(bar) if (bar$diagonal) 0L else length(bar$effects) - 1L, 1L))
  rows <- do.call(rbind, lapply(fit$bars, function(bar) {
    block <- bar_block(fit, bar)
    sd <- sqrt(diag(block))
    beside <- t(vapply(seq_along(sd), function(i) {
      before <- if (bar$diagonal) integer() else seq_len(i - 1L)
      c(r2_text(blank(block[i, before] / (sd[i] * sd[before]))), rep("-", most - length(before)))
    }, character(most)))
    cbind(paste0(bar$group, ": ", bar$effects), sum_text(diag(block)), sum_text(sd), matrix(beside, length(sd)))
  }))
  if (fit$family == "linear")
    rows <- rbind(rows, c("Residual", sum_text(fit$sigma^2), sum_text(fit$sigma), rep("-", most)))
  cells <- lapply(seq_len(ncol(rows)), function(j) unname(rows[, j]))
  names(cells) <- c("random effect", "variance", "sd",
                    if (most == 1L) "correlation" else if (most) paste("cor", seq_len(most)))
  cells
}

freedom_words <- c(satterthwaite = "t with Satterthwaite degrees of freedom",
                   `kenward-roger` = "t with Kenward-Roger standard errors and degrees of freedom", normal = "normal")

document_of.steelyard_mixed <- function(x, whole = FALSE) {
  fit <- x
  c(mixed_head(fit), "", tabled(variance_cells(fit), caption = paste("Random effects on", fit$outcome)),
    response_tables(fit, more_of(whole)),
    sprintf("Limits (%s %%): %s.", percent_of(fit$level), freedom_words[[fit$freedom]]),
    sprintf("%s after %s, the last of relative size %s.", if (fit$converged) "Converged" else "Not converged",
            counted(fit$iterations, "step"), or_dash(fit$last_step, sprintf("%.1e", fit$last_step))),
    sample_lines(fit, whole), if (whole) fit_provenance(fit))
}

# Estimates by their errors or, without one, by the width of the limits.
limit_cells <- function(columns) {
  error <- columns$std.error
  by <- if (is.null(error)) (columns$conf.high - columns$conf.low) / 4
        else ifelse(is.finite(error), error, (columns$conf.high - columns$conf.low) / 4)
  keys <- intersect(c("estimate", "std.error", "conf.low", "conf.high"), names(columns))
  cells <- lapply(columns[keys], by_error, by)
  names(cells) <- c(estimate = "estimate", std.error = "std error", conf.low = "low", conf.high = "high")[keys]
  cells
}

limits_text <- function(fit, columns, level, how, remarks) {
  c(sprintf("Parameters of the %s of %s, %s", fit$called, fit$outcome, count_text(fit)), "",
    tabled(c(list(parameter = columns$parameter), limit_cells(columns)),
           caption = limited(paste("Parameters of", fit$outcome), level)), "",
    sprintf("Limits (%s %%): %s.", percent_of(level), how), shown_remarks(remarks))
}

icc_text <- function(fit, columns, level, method, remarks) {
  how <- switch(method, delta = "delta method on the scale of log(icc / (1 - icc))", profile = "profile likelihood",
                exact = "exact, by F")
  c(sprintf("Intraclass correlation of %s, %s", fit$outcome, count_text(fit)), "",
    tabled(c(list(group = columns$group), lapply(list(
      icc = columns$estimate, `std error` = columns$std.error, low = columns$conf.low, high = columns$conf.high), point,
      columns$std.error)), caption = limited(paste("Intraclass correlation of", fit$outcome), level)), "",
    sprintf("Limits (%s %%): %s.", percent_of(level), how), shown_remarks(remarks))
}

# The effects of each group, the largest first; the ends where there are many.
effects_section <- function(part, ranks, fit, level) {
  part <- part[order(-part$estimate), ]
  cells <- c(structure(list(part$level), names = paste0(part$group[1L], ": ", part$effect[1L])), limit_cells(part))
  if (ranks) cells <- c(cells, list(
    rank = sprintf("%.1f", part$expected_rank), from = sprintf("%.0f", part$rank.low),
    to = sprintf("%.0f", part$rank.high), `p top` = r2_text(part$p_top), `p bottom` = r2_text(part$p_bottom)))
  n <- nrow(part)
  if (n > 2L * league_rows) {
    ends <- c(seq_len(league_rows), n - league_rows + seq_len(league_rows))
    cells <- Map(function(cell, gap) append(cell[ends], gap, league_rows), cells, c("...", rep("", length(cells) - 1L)))
  }
  c("", tabled(cells, caption = limited(sprintf("Effects of %s on %s: %s", part$group[1L], fit$outcome, part$effect[1L]),
                                        level)))
}

random_effects_text <- function(fit, columns, how, ranks) {
  at <- paste0(columns$group, "\r", columns$effect)
  parts <- split(columns, factor(at, unique(at)))
  c(sprintf("Effects of groups on %s, %s", fit$outcome, count_text(fit)),
    together(lapply(unname(parts), effects_section, ranks, fit, how$level)), "",
    sprintf("Shrunken towards 0; limits (%s %%): normal, given the variances.", percent_of(how$level)),
    if (ranks)
      sprintf(paste0("Ranks from the smallest effect, with %s %% intervals; p top, p bottom: of being among the %s %% ",
                     "largest, smallest (%.0f draws, seed %.0f)."), percent_of(how$level), percent_of(how$top),
              how$draws, how$seed))
}
