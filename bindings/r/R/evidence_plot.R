# Drawings of evidence and specification curves.
# SPDX-License-Identifier: GPL-3.0-only

#' Plot evidence
#'
#' \code{plot} draws in base graphics, \code{autoplot} the same picture with ggplot2.
#'
#' @param x,object a result of \code{\link{weigh}}, or of \code{\link{specification_curve}} (the sorted
#'   differences and, beneath, the options of each).
#' @param kind of evidence. \code{"forest"}: process less funding by outcome and, beside it, process and
#'   funding each by itself; \code{"league"}: process less funding, outcomes in the order of it, a dot a
#'   source of the process measure.
#' @param ... ignored.
#' @return As that of \code{\link{plot.steelyard_shares}}.
#' @section Errors:
#' \code{steelyard_error_invalid}: another kind, a device that is too small, and for \code{autoplot} no
#' package ggplot2.
#' @references
#' Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020). Specification curve analysis. \emph{Nature Human Behaviour}
#' 4, 1208-1214. \doi{10.1038/s41562-020-0912-z}
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' plot(weigh(councils, c("control", "satisfaction"),
#'            list(funding = ~ spend_per_adult_gbp, process = ~ easy_information), left_out = 0))
#' @export
plot.steelyard_evidence <- function(x, kind = "forest", ...) draw_scene(evidence_drawn(x, kind))

#' @rdname plot.steelyard_evidence
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_evidence <- function(object, kind = "forest", ...) gg_scene(evidence_drawn(object, kind))

#' @rdname plot.steelyard_evidence
#' @export
plot.steelyard_curve <- function(x, ...) draw_scene(curve_drawn(x))

#' @rdname plot.steelyard_evidence
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_curve <- function(object, ...) gg_scene(curve_drawn(object))

evidence_drawn <- function(x, kind) {
  kind <- choice("kind", kind, c("forest", "league"))
  if (kind == "forest") evidence_forest(x) else evidence_league(x)
}

less_of <- function(x) sprintf("%s less %s", x$provenance$process, x$provenance$funding)

with_limits_of <- function(x, low) if (any(!is.na(low))) sprintf(", with %s %% limits", percent_of(x$provenance$level)) else ""

evidence_forest <- function(x) {
  roles <- c(process = x$provenance$process, funding = x$provenance$funding)
  panels <- c(less_of(x), "each by itself")
  table <- x$table
  of <- function(name, panel, series, shift) frame(list(
    name = table$outcome, panel = rep(panels[panel], nrow(table)), series = rep(series, nrow(table)), value = table[[name]],
    low = table[[paste0(name, "_low")]], high = table[[paste0(name, "_high")]], shift = rep(shift, nrow(table))))
  rows <- rbind(of("difference", 1L, "difference", 0), of("process", 2L, roles[["process"]], 0.17),
                of("funding", 2L, roles[["funding"]], -0.17))
  style <- series_of(c("difference", roles), roles[["process"]], roles[["funding"]])
  style$colour[1L] <- style$fill[1L] <- house$text
  style$shape[1L] <- 22L
  dot_chart(rows, NULL, paste0("points of the outcome's variance", with_limits_of(x, table$difference_low)), shares_caution,
            style = style, free = TRUE, legend = unname(roles))
}

evidence_league <- function(x) {
  found <- x$differences
  sources <- unique(found$source)
  first <- found[found$source == sources[1L], ]
  outcomes <- first$outcome[order(-first$difference)]
  found <- found[order(match(found$outcome, outcomes), match(found$source, sources)), ]
  rows <- frame(list(name = found$outcome, value = found$difference, low = found$conf_low, high = found$conf_high,
                     series = found$source))
  style <- series_of(sources)
  if (length(sources) == 1L) style[c("colour", "fill")] <- house$text
  dot_chart(rows, sprintf("%s, by outcome", less_of(x)), paste0("difference of shares, points", with_limits_of(x, rows$low)),
            paste0(if (length(sources) > 1L) "Dots: sources of the process measure, in order of the first. "
                   else "In order of the difference. ", shares_caution), style = style,
            legend = if (length(sources) > 1L) sources else character())
}

curve_sides <- c("limits above zero", "limits below zero", "both sides of zero, or none")

# The differences in order above, a row an option beneath: one system of coordinates for both.
curve_drawn <- function(x) {
  table <- x$table
  n <- nrow(table)
  side <- ifelse(!is.na(table$conf_low) & table$conf_low > 0, 1L, ifelse(!is.na(table$conf_high) & table$conf_high < 0, 2L, 3L))
  rows <- frame(list(place = seq_len(n), difference = table$difference, low = table$conf_low, high = table$conf_high,
                     series = curve_sides[side]))
  top <- range(0, rows[c("difference", "low", "high")], na.rm = TRUE)
  options <- curve_options(table, top)
  ticks <- pretty(top, 5)
  ticks <- ticks[ticks >= top[1L] - 1e-9 * diff(top) & ticks <= top[2L] + 1e-9 * diff(top)]
  style <- series_of(curve_sides, curve_sides[1L], curve_sides[2L])
  style[3L, c("colour", "fill")] <- house$zero
  floor <- min(top[1L], options$y) - 0.06 * diff(top)
  across <- function(y) frame(list(x = rep(0.4, length(y)), xend = rep(n + 0.6, length(y)), y = y, yend = y))
  scene(rows, c(list(segment_layer(across(ticks), 0.6, house$grid), segment_layer(across(options$y), 0.6, house$grid),
                     segment_layer(across(0), 0.8, house$zero)), curve_layers(rows, style, n), list(options$layer)),
        "Does the answer hold whatever is chosen?", sprintf("%s specifications, by difference", format(n, big.mark = ",")),
        "process less funding, points", shares_caution, names = frame(list(
          y = c(ticks, options$y), label = c(tick_labels(ticks), options$label))), series = style,
        legend = curve_sides[sort(unique(side))], keys = "point", grid = "none", vline = NULL, xlim = c(0.4, n + 0.6),
        ylim = c(floor, top[2L] + 0.04 * diff(top)), x_ticks = frame(list(at = numeric(), label = character())),
        tall = 2.6 * (top[2L] - floor) / diff(top), up_at = 1 - diff(top) / 2 / (top[2L] - floor))
}

# Limits in paler colours beneath the dots; the more specifications, the thinner.
curve_layers <- function(rows, style, n) {
  pale <- grDevices::rgb(t(grDevices::col2rgb(style$colour)) * 0.5 + 127.5, maxColorValue = 255)
  limits <- rows[!is.na(rows$low), ]
  lines <- lapply(seq_along(curve_sides), function(k) {
    own <- limits[limits$series == curve_sides[k], ]
    segment_layer(frame(list(x = own$place, xend = own$place, y = own$low, yend = own$high)), max(0.3, min(1.6, 300 / n)), pale[k])
  })
  rows$x <- rows$place
  rows$y <- rows$difference
  c(lines, list(dot_layer(rows, min(5, 30 / sqrt(n) + 1))))
}

# A line an option of each choice that varied, with a tick where a specification took it.
curve_options <- function(table, top) {
  texts <- names(table)[seq_len(match("answer", names(table)) - 1L)]
  varied <- texts[vapply(table[texts], function(column) length(unique(column)) > 1L, NA)]
  taken <- lapply(varied, function(name) unique(table[[name]]))
  choice <- rep(varied, lengths(taken))
  option <- as.character(unlist(taken))
  step <- diff(top) * 0.2 / 2.6
  y <- top[1L] - step * (seq_along(option) + 0.5 * match(choice, varied) + 0.3)
  ticks <- do.call(rbind, lapply(seq_along(option), function(k) {
    at <- which(table[[choice[k]]] == option[k])
    data.frame(x = at, xend = at, y = rep(y[k] - 0.32 * step, length(at)), yend = rep(y[k] + 0.32 * step, length(at)))
  }))
  list(y = y, label = if (length(option)) paste0(choice, ": ", option) else character(),
       layer = if (length(option)) segment_layer(ticks, max(0.4, min(3, 300 / nrow(table))), house$quiet))
}

shortened <- function(text, most = 34L) ifelse(nchar(text) <= most, text, paste0(substr(text, 1L, most - 1L), "..."))
