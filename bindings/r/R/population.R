# Rows re-weighted so that groups have the shares they have in a population.
# SPDX-License-Identifier: GPL-3.0-only

# population: list(grouping = c(level = share, ...), ...). The design's weights
# replaced; list(design, margins, summary, remarks).
weigh_population <- function(design, population, data, env) {
  if (!is.list(population) || is.null(names(population)) || any(names(population) == ""))
    invalid("population: a list is needed, such as list(payment_type = c(direct_payment = 0.24))")
  groups <- Map(function(given, name) side_column("population", name, data, design[[1L]], env), population,
                names(population))
  stated <- Map(stated_shares, population, groups, names(population))
  raw <- settle(.Call(C_population, design, unname(groups), stated))
  levels <- lapply(groups, `[[`, 3L)
  margins <- frame(list(grouping = rep(names(population), lengths(levels)), level = unlist(levels, use.names = FALSE),
                        sample = raw$sample, population = raw$target))
  design[4:5] <- list(list("population", raw$weights, NULL), 3L)
  list(design = design, margins = margins, summary = raw$summary, remarks = raw$remarks)
}

# One share a level, NaN where none is stated.
stated_shares <- function(given, group, name) {
  given <- unlist(given)
  if (!is.numeric(given) || is.null(names(given))) invalid("population: %s: named shares are needed", name)
  if (anyDuplicated(names(given)))
    invalid("population: %s: %s is there twice", name, names(given)[anyDuplicated(names(given))])
  for (level in names(given)) place("population", level, group[[3L]])
  shares <- unname(as.double(given[match(group[[3L]], names(given))]))
  ifelse(is.na(shares), NaN, shares)
}

# The sample's parts, asked again of the re-weighted rows.
reweight_parts <- function(parts, design, unit, precision, question, outcomes, options, data, threads, env) {
  new <- weigh_population(design, options$population, data, env)
  m <- compute_moments(new$design, unit, precision, threads)
  Map(function(before, outcome) {
    part <- ask(outcome, question, m, if (unit == "none") new$design, options, threads)
    part$remarks <- Map(c, new$remarks, part$remarks)
    c(part, list(population = list(margins = new$margins, effective = new$summary[3:4], rows = new$summary[1L],
                                   total = before$summary$total,
                                   share = before$estimate[(seq_along(before$block) - 1L) * length(metric_names) + 1L])))
  }, parts, outcomes)
}

#' What re-weighting to a population changes
#'
#' @param s a result of \code{\link{shares}} with \code{population}.
#' @return A data frame: \code{outcome} when there are several, \code{block} (the total is
#'   called \code{(total)}), \code{sample} and \code{population} (the share in the sample as it
#'   is and re-weighted) and \code{change}.
#' @references
#' Deming, W. E. and Stephan, F. F. (1940). On a least squares adjustment of a sampled
#' frequency table when the expected marginal totals are known. \emph{Annals of
#' Mathematical Statistics} 11, 427-444. \doi{10.1214/aoms/1177731829}
#' @section Errors:
#' \code{steelyard_error_invalid}: shares that were asked for without
#' \code{population}.
#' @examples
#' cars <- transform(mtcars, kind = ifelse(am == 1, "manual", "automatic"))
#' s <- shares(cars, "mpg", c("wt", "hp"), population = list(kind = c(manual = 0.2)))
#' population_change(s)
#' @export
population_change <- function(s) {
  check_shares(s)
  need_moments(s$parts[[1L]], "population_change")
  if (is.null(s$parts[[1L]]$population)) invalid("s: these shares were not re-weighted; give shares() a population")
  stack_frames(lapply(s$parts, change_frame), length(s$parts) > 1L)
}

change_frame <- function(part) {
  after <- c(part$summary$total, part$estimate[(seq_along(part$block) - 1L) * length(metric_names) + 1L])
  before <- c(part$population$total, part$population$share)
  frame(list(block = c("(total)", part$block), sample = before, population = after, change = after - before))
}

population_lines <- function(part, more = 0L) {
  p <- part$population
  if (is.null(p)) return(NULL)
  groups <- sprintf("%s %s %.1f %% (sample %.1f %%)", p$margins$grouping, p$margins$level, 100 * p$margins$population,
                    100 * p$margins$sample)
  change <- change_frame(part)
  c(sprintf("Re-weighted to a population: %s.", paste(groups, collapse = ", ")),
    sprintf("Effective n %.1f, of %.1f before.", p$effective[2L], p$effective[1L]), "",
    tabled(c(list(block = change$block), lapply(list(sample = change$sample, population = change$population,
                                                     change = change$change), point, errors_of(part), more)),
           caption = sprintf("Shares for %s in the sample and in the population", part$outcome)), "")
}
