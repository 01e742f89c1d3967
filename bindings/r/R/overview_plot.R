# Pictures of an overview.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot an overview
#'
#' \code{plot} draws with base graphics, \code{autoplot} (of ggplot2) makes the same picture as a ggplot.
#'
#' @param x,object a result of \code{\link{overview}}.
#' @param kind \code{"shares"}: bars of better, the same and worse with limits of
#'   better and the threshold; \code{"ranks"}: ranges of ranks; \code{"funnel"}: groups by their number of people.
#' @param outcome the indicator of ranks and funnel.
#' @param named groups whose names are written where there are more than 40 (\code{"ranks"}) or always
#'   (\code{"funnel"}); \code{NULL}: the three outermost at each end, and those outside the funnel.
#' @param ... ignored.
#' @return \code{plot}: the data frame that was drawn, invisibly. \code{autoplot}: the ggplot.
#' @section Errors:
#' \code{steelyard_error_invalid}: another kind; an indicator or a group that is not there (the nearest is said);
#' several indicators and no \code{outcome}; \code{autoplot} without ggplot2.
#' @examples
#' areas <- data.frame(area = c("a", "b", "c"), share = c(0.5, 0.9, 0.48), n = 100)
#' x <- overview(areas, "share", by = "area", n = "n")
#' plot(x)
#' plot(x, "funnel")
#' @export
plot.steelyard_overview <- function(x, kind = "shares", outcome = NULL, named = NULL, ...)
  draw_scene(overview_drawn(x, kind, outcome, named))

#' @rdname plot.steelyard_overview
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_overview <- function(object, kind = "shares", outcome = NULL, named = NULL, ...)
  gg_scene(overview_drawn(object, kind, outcome, named))

overview_drawn <- function(x, kind, outcome = NULL, named = NULL) {
  kind <- choice("kind", kind, c("shares", "ranks", "funnel"))
  if (kind == "shares") return(overview_bars(x))
  rows <- if (kind == "ranks") rank_intervals(x, outcome) else funnel_limits(x, outcome)
  if (!is.null(named)) for (name in texts("named", named)) if (!name %in% rows$group) place("named", name, rows$group)
  indicator <- if (is.null(outcome)) x$record$names[1L] else outcome
  if (kind == "ranks") overview_rank_rows(rows, indicator, x$provenance$level, named)
  else overview_funnel_rows(rows, indicator, named)
}

answer_style <- data.frame(level = c("better", "same", "worse"), colour = "#ffffff", shape = 22L, line = "solid",
                           fill = c("#9fbdd6", "#e3e6e8", "#c8702a"))

overview_bars <- function(x) {
  table <- x$table
  n <- nrow(table)
  answers <- intersect(answer_style$level, names(table))
  widths <- vapply(answers, function(answer) replace(table[[answer]], is.na(table[[answer]]), 0), double(n))
  ends <- 100 * t(apply(matrix(widths, n), 1L, cumsum))
  if (length(answers) == 1L) ends <- t(ends)
  place <- n - seq_len(n) + 1
  boxes <- do.call(rbind, lapply(seq_along(answers), function(k) frame(list(
    xmin = if (k == 1L) rep(0, n) else ends[, k - 1L], xmax = ends[, k], ymin = place - 0.31, ymax = place + 0.31,
    series = rep(answers[k], n)))))
  boxes <- boxes[boxes$xmax > boxes$xmin, ]
  limits <- frame(list(x = 100 * table$better_low, xend = 100 * table$better_high, y = place, yend = place))
  limits <- limits[!is.na(limits$x), ]
  known <- !is.na(table$better)
  threshold <- if (!is.null(x$provenance$threshold)) 100 * x$provenance$threshold
  upright <- if (!is.null(threshold))
    segment_layer(frame(list(x = threshold, y = 0.45, xend = threshold, yend = n + 0.55)), 1.2, house$text, "dashed")
  scene(table, list(box_layer(boxes), upright, segment_layer(limits, 1.6, house$blue),
                    dot_layer(frame(list(x = 100 * table$better[known], y = place[known])), 6, house$blue)),
        axis = "percent of those who answered",
        caption = paste0(sprintf("Dot and line: %s.", with_limits("better", x$provenance$level)),
                         if (!is.null(threshold)) sprintf(" Dashed: threshold, %s %%.", signed_number(threshold))),
        names = frame(list(y = place, label = table$indicator)), series = answer_style[match(answers, answer_style$level), ],
        legend = if (length(answers) > 1L) answers else character(), keys = "box",
        xlim = c(0, 100))
}

overview_rank_rows <- function(table, indicator, level, named) {
  rows <- frame(list(level = table$group, estimate = table$rank, conf.low = table$lowest, conf.high = table$highest))
  axis <- sprintf("rank by percent better, with ranges that hold together (%s %%)", percent_of(level))
  drawn <- league_drawn(rows, indicator, axis, named, "groups", NULL)
  drawn$rows <- table
  at <- unique(round(pretty(c(1, nrow(rows)))))
  at <- unique(c(1, at[at > 0.08 * nrow(rows) + 1 & at <= nrow(rows)]))
  drawn$x_ticks <- frame(list(at = at, label = sprintf("%.0f", at)))
  drawn
}

overview_funnel_rows <- function(table, indicator, named) {
  overall <- attr(table, "overall")
  rows <- plain_frame(table)
  points <- frame(list(x = rows$n, y = 100 * rows$better, label = rows$group))
  sorted <- rows[order(rows$n), ]
  xlim <- range(rows$n)
  if (diff(xlim) == 0) { # groups of one size: limits are level lines
    xlim <- xlim * c(0.9, 1.1)
    sorted <- sorted[c(1L, 1L), ]
    sorted$n <- xlim
  }
  lines <- lapply(c("low_95", "high_95", "low_998", "high_998"), function(limit) path_layer(
    frame(list(x = sorted$n, y = 100 * sorted[[limit]], group = rep(limit, nrow(sorted)))), 1, house$zero,
    if (endsWith(limit, "95")) "dashed" else "solid"))
  outside <- rows$outside %in% outside_names[c(1L, 5L)]
  worst <- order(-abs(rows$z))
  marked <- if (is.null(named)) worst[seq_len(min(funnel_named, sum(outside)))] else match(named, rows$group)
  ylim <- range(points$y, 100 * rows$low_998, 100 * rows$high_998)
  funnel_scene(rows, points, outside, lines, marked, xlim, ylim, 100 * overall, list(
    title = indicator, axis = "people in the group", up = "percent better",
    caption = sprintf("Line: all together, %s percent; limits: dashed 95 %%, solid 99.8 %%. Dispersion %.2f.",
                      signed_number(100 * overall), attr(table, "dispersion"))))
}
