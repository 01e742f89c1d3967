# SPDX-License-Identifier: GPL-3.0-only

shares_pictures <- c("shares", "bounds", "dominance", "common", "forest")
most_parts <- 20L # bars of common parts

#' Plot shares
#'
#' \code{plot} draws in base graphics, \code{autoplot} the same picture with ggplot2.
#'
#' @details
#' Names of any length are wrapped and letters shrink, to 7 points, until nothing overlaps; a picture
#' of many rows needs a device some 0.22 inches a row high, as the attribute \code{"inches"} of the
#' result says. Without an open device one of that size is opened. One picture takes one place of
#' \code{par(mfrow)}.
#'
#' @param x,object a result of \code{\link{shares}}.
#' @param kind \code{"shares"}: each block's share with its limits; \code{"bounds"}: the share within
#'   its range over orderings, from lowest to highest; \code{"dominance"}: the average contribution
#'   of each block by how many others are in the submodel already; \code{"common"}: the largest
#'   parts (20 at most) that blocks explain uniquely or in common, below each bar the blocks it
#'   belongs to; negative ones, below zero, are suppression. Of measures other than R2 and of more than
#'   18 blocks a bar a block, what is unique to it and in common with others; \code{"forest"}: several outcomes in one
#'   picture, a row an outcome, a dot with limits a block.
#' @param ... ignored.
#' @return \code{plot}: the data frame that was drawn, invisibly, with the attribute
#'   \code{"inches"}, the size at which nothing is cramped. \code{autoplot}: a ggplot.
#' @section Errors:
#' \code{steelyard_error_invalid}: another kind, bounds that were not asked for, a device that is too small,
#' and for \code{autoplot} no package ggplot2.
#' \code{steelyard_error_limit}: the dominance of more than 18 blocks.
#' @references
#' Lex, A., Gehlenborg, N., Strobelt, H., Vuillemot, R. and Pfister, H. (2014). UpSet: visualization of
#' intersecting sets. \emph{IEEE Transactions on Visualization and Computer Graphics} 20, 1983-1992.
#' \doi{10.1109/TVCG.2014.2346248}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' plot(s)
#' plot(s, "common")
#' if (requireNamespace("ggplot2", quietly = TRUE)) ggplot2::autoplot(s, "dominance")
#' @export
plot.steelyard_shares <- function(x, kind = "shares", ...) draw_scene(shares_drawn(x, kind))

#' @rdname plot.steelyard_shares
#' @exportS3Method ggplot2::autoplot
autoplot.steelyard_shares <- function(object, kind = "shares", ...) gg_scene(shares_drawn(object, kind))

shares_drawn <- function(x, kind) {
  kind <- choice("kind", kind, shares_pictures)
  switch(kind, shares = shares_scene(x), bounds = bounds_scene(x), dominance = dominance_scene(x),
         common = common_scene(x), forest = forest_scene(x))
}

# Blocks of each outcome as rows of a dot chart.
block_rows <- function(x, low = "conf.low", high = "conf.high") {
  rows <- plain_frame(x$blocks)
  outcome <- if (is.null(rows$outcome)) rep(x$outcomes, nrow(rows)) else as.character(rows$outcome)
  out <- frame(list(outcome = outcome, name = as.character(rows$block), value = rows$share, low = rows[[low]],
                    high = rows[[high]], series = as.character(rows$block)))
  if (length(x$outcomes) > 1L) out$panel <- out$outcome
  out
}

shares_title <- function(x) if (length(x$outcomes) == 1L) x$outcomes

shares_axis <- function(x, limits) {
  paste0("share of ", whole_of(x$measure), ", points",
         if (any(!is.na(limits))) sprintf(", with %s %% limits", percent_of(x$provenance$level)))
}

shares_caution <- "Association, not effect."

shares_caption <- function(x) {
  if (length(x$outcomes) > 1L) return(shares_caution)
  sprintf("All blocks together %.3g of %s, n = %s. %s", x$total, whole_of(x$measure),
          format(signif(x$n, 6L), big.mark = ",", trim = TRUE), shares_caution)
}

shares_scene <- function(x) {
  rows <- block_rows(x)
  dot_chart(rows, shares_title(x), shares_axis(x, rows$low), shares_caption(x),
            style = series_of(unique(rows$series), plain = TRUE))
}

bounds_axis <- function(x) sprintf("share of %s, points; band: lowest to highest over orderings", whole_of(x$measure))

bounds_scene <- function(x) {
  rows <- with_bounds(block_rows(x, "lowest", "highest"))
  banded(dot_chart(rows, shares_title(x), bounds_axis(x), shares_caption(x),
                   style = series_of(unique(rows$series), plain = TRUE)))
}

with_bounds <- function(rows) {
  if (all(is.na(rows$low))) invalid("kind: this result has no bounds; ask shares() for bounds = TRUE")
  rows
}

# Ranges instead of limits: a pale band between two ticks.
banded <- function(s) {
  limits <- s$layers[[1L]]$rows
  limits$series <- NULL
  ends <- rbind(limits, replace(limits, c("x", "xend"), limits[c("xend", "x")]))
  ends$xend <- ends$x
  ends[c("y", "yend")] <- list(ends$y - 0.13, ends$y + 0.13)
  many <- nrow(limits) > 24L
  s$layers[[1L]] <- segment_layer(limits, width = if (many) 4 else 6, colour = house$pale, line = "solid")
  s$keys <- "point"
  s$layers <- c(s$layers[1L], list(segment_layer(ends, width = 1, colour = house$quiet, line = "solid")), s$layers[-1L])
  s
}

# A row an outcome, the blocks side by side.
forest_scene <- function(x) {
  rows <- block_rows(x)
  rows$panel <- NULL
  rows$name <- rows$outcome
  dot_chart(rows, "Shares by outcome", shares_axis(x, rows$low), shares_caution, legend = unique(rows$series))
}

dominance_scene <- function(x) {
  found <- plain_frame(attr(dominance(x, "conditional"), "contributions"))
  rows <- frame(list(x = found$others, y = found$contribution, series = as.character(found$player)))
  if (length(x$outcomes) > 1L) rows$panel <- found$panel <- as.character(found$outcome)
  line_chart(rows, shares_title(x), "other blocks in the submodel",
             sprintf("average contribution, points of %s", whole_of(x$measure)), shares_caution, drawn = found,
             x_ticks = frame(list(at = unique(rows$x), label = as.character(unique(rows$x)))))
}

part_kinds <- c("unique to one block", "common to several")

# UpSet: bars of the parts, largest first, above a matrix of the blocks they belong to.
common_scene <- function(x) {
  if (x$measure != "r2" || nrow(x$blocks) > most_players * length(x$outcomes)) return(parts_scene(x))
  all <- plain_frame(commonality(x))
  if (is.null(all$outcome)) all$outcome <- x$outcomes
  blocks <- as.character(unique(x$blocks$block))
  found <- do.call(rbind, lapply(split(all, factor(all$outcome, x$outcomes)), common_rows, blocks))
  row.names(found) <- NULL
  most <- max(found$place)
  top <- range(c(0, found$coefficient))
  step <- diff(top) * max(0.075, min(0.13, 0.75 / length(blocks)))
  line <- top[1L] - step * (seq_along(blocks) + 0.4)
  ticks <- pretty(top, 4)
  ticks <- ticks[ticks >= top[1L] & ticks <= top[2L] + 1e-9 * diff(top)]
  style <- series_of(part_kinds)
  style$fill <- c(house$blue, house$mild)
  panels <- if (length(x$outcomes) > 1L) x$outcomes
  if (length(panels)) found$panel <- found$outcome
  span <- function(y) frame(list(x = rep(0.4, length(y)), xend = rep(most + 0.6, length(y)), y = y, yend = y))
  scene(found, c(list(segment_layer(span(ticks), 0.6, house$grid), segment_layer(span(0), 0.8, house$zero)),
                 common_layers(found, blocks, line)),
        shares_title(x), NULL, sprintf("points of %s", whole_of(x$measure)), parts_text(all, found), panels = panels,
        names = frame(list(y = c(ticks, line), label = c(tick_labels(ticks), blocks))), series = style, legend = part_kinds,
        keys = "box", grid = "none", vline = NULL, xlim = c(0.4, most + 0.6), columns = 2L,
        ylim = c(min(line) - 0.6 * step, top[2L] + 0.04 * diff(top)), x_ticks = frame(list(at = numeric(), label = character())),
        tall = 2.2 + 0.24 * length(blocks), up_at = 1 - diff(top) / 2 / (1.04 * diff(top) + top[1L] - min(line) + 0.6 * step))
}

# Where sets of blocks have no parts, a bar a block: what is unique to it, and in common with others.
parts_scene <- function(x) {
  rows <- block_rows(x)
  blocks <- unique(rows$name)
  rows$unique <- x$blocks$unique
  rows$common <- x$blocks$common
  place <- length(blocks) + 1 - match(rows$name, blocks)
  kinds <- c("unique", "common with others")
  of <- function(kind, from, to) {
    rows[c("xmin", "xmax", "ymin", "ymax")] <- list(pmin(from, to), pmax(from, to), place - 0.28, place + 0.28)
    rows$series <- kinds[kind]
    box_layer(rows, colour = house$zero)
  }
  style <- series_of(kinds)
  style$fill <- c(house$blue, house$mild)
  start <- ifelse(rows$common < 0, 0, rows$unique)
  scene(rows, list(of(1L, 0, rows$unique), of(2L, start, start + rows$common)), shares_title(x),
        sprintf("points of %s", whole_of(x$measure)), caption = paste0(
          if (any(rows$common < 0)) "Left of zero: negative, under suppression. ", shares_caution),
        names = frame(list(y = length(blocks):1L, label = blocks)), series = style, legend = kinds, keys = "box",
        panels = if (length(x$outcomes) > 1L) x$outcomes)
}

# The largest parts of one outcome, each with its place and its set of blocks as bits.
common_rows <- function(rows, blocks) {
  rows <- rows[order(-abs(rows$coefficient)), ]
  rows <- rows[seq_len(min(nrow(rows), most_parts)), ]
  rows$place <- seq_len(nrow(rows))
  rows$set <- match(rows$players, set_labels(blocks)) - 1L
  rows
}

# Bars, and beneath each the dots of all blocks, those of its own dark and joined.
common_layers <- function(found, blocks, line) {
  bars <- found
  bars[c("xmin", "xmax")] <- list(found$place - 0.34, found$place + 0.34)
  bars[c("ymin", "ymax")] <- list(pmin(0, found$coefficient), pmax(0, found$coefficient))
  bars$series <- part_kinds[1L + (found$order > 1L)]
  grid <- expand.grid(block = seq_along(blocks), row = seq_len(nrow(found)))
  inside <- bitwAnd(found$set[grid$row], bitwShiftL(1L, grid$block - 1L)) > 0L
  at <- frame(c(list(x = as.double(found$place[grid$row]), y = line[grid$block]), if (!is.null(found$panel))
    list(panel = found$panel[grid$row])))
  own <- split(at[inside, ], grid$row[inside])
  joined <- do.call(rbind, lapply(own, function(dots) {
    dots <- dots[order(dots$y), ]
    cbind(dots[1L, ], xend = dots$x[1L], yend = dots$y[nrow(dots)])
  }))
  list(box_layer(bars, colour = house$zero), dot_layer(at[!inside, ], 5, "#d5dadd"),
       segment_layer(joined[joined$y < joined$yend, ], 1.6, house$text), dot_layer(at[inside, ], 6, house$text))
}

parts_text <- function(all, found) {
  left <- nrow(all) - nrow(found)
  several <- !is.null(found$panel)
  rest <- all$coefficient[!paste(all$outcome, all$players) %in% paste(found$outcome, found$players)]
  paste0(if (left) sprintf("%s smaller parts are left out, none beyond %.2g. ", format(left, big.mark = ","), max(abs(rest))),
         if (any(found$coefficient < 0)) "Below zero: negative, under suppression. ",
         if (!several) sprintf("All parts add up to %.3g. ", sum(all$coefficient)), shares_caution)
}
