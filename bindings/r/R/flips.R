# How strong a hidden confounder, how poor a measure or how large a shared source must be for an order to turn.
# SPDX-License-Identifier: GPL-3.0-only

flip_letters <- c("a", "b", "c")
flip_point <- c("a", "b", "c", "distance", "limit_c", "first_outcome", "second_outcome")
flip_ray <- c("crossing", "back", "limit", "at_limit", "second_outcome")
flip_benchmark <- c("joint", "a", "b", "c", "difference", "times", "limit")
flip_standing <- c("first_share", "second_share", "total", "difference", "reversed", "distance_low", "df", "evaluations",
                   "several")
flip_turned <- c("first_share", "second_share", "total", "difference", "reversed", "flip", "back", "limit", "at_limit")
flip_sets <- 8L

#' How strong a hidden confounder must be for the order of two blocks to turn
#'
#' A confounder U is forced in before everything. It has three signed correlations:
#' \code{a} with f, a combination of the second block's columns; \code{b} with g, a
#' combination of the first block's, given f; \code{c} with the outcome, given both. It
#' has to do with the other columns through f and g only. All are partial, given the
#' adjusting terms. In a block of one column f or g is that column; in a block of several
#' it is the combination that brings the flip nearest, found by search.
#'
#' @details
#' Forcing U in takes w w' from the correlations, w those of U, so that shares follow
#' exactly; such a U exists if |a| < 1, |b| < 1 and |c| is below a limit that the other
#' columns set. The distance of a flip is the largest of |a|, |b|, |c|. The nearest one is
#' found from rays and descents over the box of the distance so far; \code{distance_low} is
#' the distance at which the jackknife limits of the difference reach 0 along the ray to
#' it. A share has no sign: see \code{second_outcome}.
#'
#' @param s a result of \code{\link{shares}}.
#' @param first,second blocks: the one whose share is larger, and the one it is held
#'   against.
#' @param rays directions to follow from no U outwards, a list of \code{c(a, b, c)} or a
#'   matrix of three columns; by default the 13 combinations of signs.
#' @param benchmarks terms outside the two blocks whose own a, b and c are to be set beside;
#'   by default all of the other blocks and those adjusted for.
#' @param most strengths are searched up to here (c: up to this part of what is possible).
#' @param level of the limit of the distance; by default that of the result.
#' @param threads number of threads; by default those of the result.
#' @return An object of class \code{steelyard_share_flip}, a list of data frames:
#'   \code{nearest}: one row an outcome: \code{outcome}, \code{first}, \code{second},
#'   \code{first_share}, \code{second_share}, \code{difference}, \code{a}, \code{b}, \code{c}
#'   and \code{distance} (missing when no strength searched turns the order, 0 when it is
#'   turned already), \code{distance_low} (missing without rows or clusters to leave out),
#'   \code{df}, \code{limit_c}, \code{first_outcome}, \code{second_outcome}, \code{reversed}.
#'   \code{needed}: the nearest flip for each set of strengths that may differ from zero:
#'   \code{outcome}, \code{tied_to}, \code{a}, \code{b}, \code{c}, \code{distance},
#'   \code{limit_c} (|c| must stay below), \code{first_outcome} and \code{second_outcome}
#'   (partial correlations of g and of f with the outcome once U is in).
#'   \code{rays}: \code{outcome}, \code{a}, \code{b}, \code{c} (the direction),
#'   \code{crossing} (the multiple of it at which the order turns first), \code{back} (at which
#'   it returns), \code{limit}, \code{at_limit} (the difference there),
#'   \code{second_outcome}. \code{benchmarks}: \code{outcome}, \code{term}, \code{joint}
#'   (several columns: strengths without sign), \code{a}, \code{b}, \code{c},
#'   \code{difference} (with a confounder like the term), \code{times} (as strong a one turns
#'   the order), \code{limit}. \code{directions}: \code{outcome}, \code{block},
#'   \code{column}, \code{weight}: f and g of the nearest flip, on standardised columns.
#'   \code{sentences}: what is found, by outcome. \code{remarks}.
#' @section Errors:
#' \code{steelyard_error_invalid}: a block that is not there, strengths of 1 or more, a term of
#' the two blocks among the benchmarks, shares over another model than a linear one.
#' \code{steelyard_error_data}: a block of which the adjusting terms leave nothing.
#' @references
#' Cinelli, C. and Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable
#' bias. \emph{Journal of the Royal Statistical Society, Series B} 82, 39-67.
#' \doi{10.1111/rssb.12348}
#'
#' Frank, K. A. (2000). Impact of a confounding variable on a regression coefficient.
#' \emph{Sociological Methods & Research} 29, 147-194. \doi{10.1177/0049124100029002001}
#' @seealso \code{\link{flip_contours}}, \code{\link{reliability_to_flip}}
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' s <- shares(councils, "control", list(funding = ~ spend_per_adult_gbp,
#'             process = ~ easy_information, need = ~ deprivation_rank))
#' flip <- share_flip(s)
#' flip
#' flip$benchmarks
#' @export
share_flip <- function(s, first = "process", second = "funding", rays = NULL, benchmarks = NULL, most = 0.999,
                       level = NULL, threads = NULL) {
  check_shares(s)
  along <- read_rays(rays)
  threads <- if (is.null(threads)) as.integer(s$provenance$threads) else check_threads(threads)
  limits <- c(number("most", most), if (is.null(level)) s$provenance$level else number("level", level))
  found <- lapply_told("share-flip", s$parts, function(part)
    flip_found(part, blob_of(s, part, "share_flip"), c(one_text("first", first), one_text("second", second)), limits, benchmarks, along, threads))
  structure(class = c("steelyard_share_flip", "steelyard_result"), list(
    outcomes = names(s$parts), nearest = stack_found(found, nearest_row), needed = stack_found(found, needed_frame),
    rays = stack_found(found, rays_frame), benchmarks = stack_found(found, benchmarks_frame),
    directions = stack_found(found, directions_frame), sentences = vapply(found, `[[`, "", "text"),
    remarks = stack_found(found, function(f) remarks_frame(f$remarks)), threads = threads, parts = found))
}

# Frames of all outcomes, led by the outcome.
stack_found <- function(found, one) stack_frames(lapply(found, one), TRUE)

block_place <- function(part, argument, name) {
  at <- if (is.character(name) && length(name) == 1L) match(name, part$block) else NA
  if (is.na(at)) place(argument, name, part$block) else at
}

# c(first, second, most, level, starts), blocks from 0.
flip_options <- function(part, names, limits = c(0.999, 0)) {
  c(block_place(part, "first", names[[1L]]) - 1, block_place(part, "second", names[[2L]]) - 1, limits, 6)
}

flip_term <- function(labels, argument, label) {
  at <- match(label, labels)
  if (is.na(at)) place(argument, label, labels) else at
}

# Terms outside both blocks: of the other blocks, then those adjusted for (0: the clusters' means).
other_terms <- function(part, options) {
  terms <- part$asked[[3L]]
  as.integer(c(unlist(terms[-(options[1:2] + 1)]), setdiff(part$asked[[4L]], 0L)))
}

flip_found <- function(part, blob, names, limits, benchmarks, along, threads) {
  progress <- progress_teller("share-flip")
  on.exit(progress$finish())
  options <- flip_options(part, names, limits)
  info <- settle(.Call(C_info, blob))
  terms <- if (is.null(benchmarks)) other_terms(part, options)
           else vapply(texts("benchmarks", benchmarks), function(label) as.integer(flip_term(info$labels, "benchmarks", label)), 1L)
  columns <- settle(.Call(C_flip_directions, blob, part$asked, options))
  raw <- settle(.Call(C_share_flip, blob, part$asked, options, part$outcome, length(columns) - 1L, threads, progress$tell))
  standing <- structure(as.list(raw$numbers[seq_along(flip_standing)]), names = flip_standing)
  points <- matrix(raw$numbers[length(flip_standing) + seq_len(flip_sets * length(flip_point))], length(flip_point))
  table <- matrix(NaN, length(flip_benchmark), length(terms))
  if (length(terms) && standing$reversed == 0)
    table <- settle(.Call(C_share_flip_benchmarks, blob, part$asked, options, raw$direction, unname(terms)))
  list(outcome = part$outcome, names = names, blocks = part$block, standing = standing, points = points, text = raw$text,
       remarks = raw$remarks, direction = raw$direction, columns = weight_names(info, columns, part, options),
       along = along, rays = settle(.Call(C_share_flip_rays, blob, part$asked, options, along, threads, progress$tell)),
       benchmarks = table, terms = info$labels[terms], asked = part$asked, options = options, blob = blob, hash = info$hash)
}

# Blocks and labels of the weights.
weight_names <- function(info, columns, part, options) {
  at <- columns[-1L]
  term <- findInterval(at - 1L, info$first)
  level <- info$levels[at]
  n_second <- columns[1L]
  list(block = part$block[rep(options[2:1] + 1, c(n_second, length(at) - n_second))],
       column = ifelse(is.na(level) | level == "", info$labels[term], paste0(info$labels[term], ", ", level)))
}

# Directions as columns of a matrix; by default all signs, U and -U being one.
read_rays <- function(rays) {
  if (is.null(rays)) {
    signs <- t(as.matrix(expand.grid(a = c(1, 0, -1), b = c(1, 0, -1), c = c(1, 0))))
    leads <- apply(signs, 2L, function(u) c(rev(u[u != 0]), 0)[1L])
    return(unname(signs[, leads > 0]))
  }
  if (is.list(rays) && all(lengths(rays) == 3L)) rays <- do.call(rbind, rays)
  if (is.numeric(rays) && is.null(dim(rays)) && length(rays) == 3L) rays <- matrix(rays, 1L)
  if (!is.numeric(rays) || !is.matrix(rays) || ncol(rays) != 3L)
    invalid(paste("rays: directions of three numbers each are needed: a with the second block, b with the first, c with",
                  "the outcome"))
  storage.mode(rays) <- "double"
  unname(t(rays))
}

nearest_row <- function(f) {
  point <- structure(as.list(blank(f$points[, flip_sets])), names = flip_point)
  frame(c(list(first = f$names[1L], second = f$names[2L]), lapply(f$standing[c("first_share", "second_share", "difference")], blank),
          point[flip_point[1:4]], lapply(f$standing[c("distance_low", "df")], blank), point[flip_point[5:7]],
          list(reversed = f$standing$reversed == 1)))
}

# What a set of strengths is tied to, in words.
tied_to <- function(f, number) {
  words <- c(f$names[2:1], "outcome")
  paste(words[bitwAnd(number, c(1L, 2L, 4L)) > 0L], collapse = " + ")
}

needed_frame <- function(f) {
  points <- blank(f$points[, -1L])
  frame(c(list(tied_to = vapply(seq_len(flip_sets - 1L), function(i) tied_to(f, i), "")),
          structure(lapply(seq_along(flip_point), function(i) points[i, ]), names = flip_point)))
}

rays_frame <- function(f) {
  table <- blank(f$rays)
  frame(c(structure(lapply(1:3, function(i) f$along[i, ]), names = flip_letters),
          structure(lapply(seq_along(flip_ray), function(i) table[i, ]), names = flip_ray)))
}

benchmarks_frame <- function(f) {
  table <- blank(f$benchmarks)
  columns <- structure(lapply(seq_along(flip_benchmark), function(i) table[i, ]), names = flip_benchmark)
  columns$joint <- columns$joint %in% 1
  frame(c(list(term = f$terms), columns))
}

directions_frame <- function(f) frame(c(f$columns, list(weight = f$direction)))

check_flip <- function(x) {
  if (!inherits(x, "steelyard_share_flip")) invalid("x: a result of share_flip() is needed, found %s", class(x)[1L])
}

#' Differences and shares at stated confounders
#'
#' \code{flip_contours} gives the difference of the two shares over a grid of two strengths,
#' \code{flip_at} the shares of all blocks with one confounder forced in.
#'
#' @param x a result of \code{\link{share_flip}}.
#' @param across,along the strengths that vary: \code{"a"}, \code{"b"} or \code{"c"}.
#' @param third the other one; by default that of the nearest flip, 0 where there is none.
#' @param points a side.
#' @param reach from \code{-reach} to \code{reach}.
#' @param a,b,c strengths between -1 and 1, both excluded.
#' @return \code{flip_contours}: a data frame of \code{outcome}, \code{a}, \code{b}, \code{c},
#'   \code{difference}, \code{impossible} (there is no such confounder; the difference is
#'   missing). \code{flip_at}: \code{outcome}, \code{block}, \code{share} in points of all
#'   outcome variance.
#' @section Errors:
#' \code{steelyard_error_invalid}: a strength of 1 or more.
#' @seealso \code{\link{share_flip}}
#' @references
#' Cinelli, C. and Hazlett, C. (2020). Making sense of sensitivity: extending omitted
#' variable bias. \emph{Journal of the Royal Statistical Society B} 82, 39-67.
#' \doi{10.1111/rssb.12348}
#' @examples
#' s <- shares(swiss, "Fertility", list(process = ~ Education, funding = ~ Catholic))
#' flip <- share_flip(s)
#' head(flip_contours(flip, points = 20))
#' flip_at(flip, 0.2, 0.2, 0.2)
#' @export
flip_contours <- function(x, across = "a", along = "c", third = NULL, points = 50, reach = 0.98) {
  check_flip(x)
  stack_found(lapply(x$parts, flip_grid, across, along, third, points, reach, x$threads), function(g) g$frame)
}

# list(frame, other, value): the grid of one outcome.
flip_grid <- function(f, across, along, third, points, reach, threads) {
  choice("across", across, flip_letters)
  choice("along", along, flip_letters)
  if (across == along) invalid("along: \"%s\" is across already; two different strengths vary", along)
  other <- setdiff(flip_letters, c(across, along))
  value <- if (is.null(third)) f$points[match(other, flip_letters), flip_sets] else number("third", third)
  if (is.nan(value)) value <- 0
  points <- whole("points", points, 2L, 1000)
  progress <- progress_teller("contours")
  on.exit(progress$finish())
  pair <- sort(c(across, along))
  bits <- sum(2^(match(pair, flip_letters) - 1))
  raw <- settle(.Call(C_share_flip_contours, f$blob, f$asked, f$options, f$direction,
                      c(bits, value, number("reach", reach), points), threads, progress$tell))
  difference <- if (pair[1L] == across) raw$difference else t(raw$difference)
  columns <- structure(list(rep(raw$places, points), rep(raw$places, each = points), rep(value, points^2)),
                       names = c(across, along, other))
  list(other = other, value = value,
       frame = frame(c(columns[flip_letters], list(difference = blank(as.vector(difference)),
                                                   impossible = is.na(as.vector(difference))))))
}

#' @rdname flip_contours
#' @export
flip_at <- function(x, a, b, c) {
  check_flip(x)
  point <- matrix(base::c(number("a", a), number("b", b), number("c", c)), 3L)
  stack_found(x$parts, function(f) frame(list(block = f$blocks, share = blank(as.vector(settle(
    .Call(C_share_flip_at, f$blob, f$asked, f$options, f$direction, point)))))))
}

#' Which reliability, and which shared source, would turn the order of two blocks
#'
#' \code{reliability_to_flip}: of the second block's measures. \code{shared_source_to_flip}:
#' how much of the variance of columns that come from one source (one questionnaire) must be
#' common to them.
#'
#' @details
#' Errors of measurement are independent of everything: 1 - reliability is taken from the
#' columns' variances of 1. With a part m in common a correlation between two columns of the
#' source becomes (r - m) / (1 - m) (Lindell and Whitney 2001), one between such a column
#' and another r / sqrt(1 - m). Shares are points of all outcome variance.
#'
#' @param s a result of \code{\link{shares}}.
#' @param first,second blocks: the one whose share is larger, and the one it is held against.
#' @param source terms that come from one source (\code{"outcome"} is each outcome), or a
#'   named vector with -1 for a term that the source moves the other way, 1 for the others. By
#'   default the first block and the outcome.
#' @param at reliabilities (above 0, at most 1), or parts of the variance (0 to 1), for the
#'   attribute \code{"curve"}.
#' @return A data frame of class \code{steelyard_flip_turn}, one row an outcome:
#'   \code{outcome}, \code{first}, \code{second}, \code{first_share}, \code{second_share},
#'   \code{difference}, \code{reliability} or \code{part} (where the order turns first; missing
#'   when nowhere), \code{back} (where it returns), \code{limit} (the least reliability, or the
#'   largest part, that the correlations allow), \code{at_limit} (the difference there),
#'   \code{reversed}. Its attribute \code{"curve"}: \code{outcome}, \code{reliability} or
#'   \code{part}, \code{difference}.
#' @section Errors:
#' \code{steelyard_error_invalid}: a block that is not there, a reliability outside 0 to 1, a
#' source that is not in the question, a sign other than 1 and -1, absorbed clusters.
#' @references
#' Fuller, W. A. (1987). \emph{Measurement Error Models}, section 1.2. Wiley.
#'
#' Lindell, M. K. and Whitney, D. J. (2001). Accounting for common method variance in
#' cross-sectional research designs. \emph{Journal of Applied Psychology} 86, 114-121.
#' \doi{10.1037/0021-9010.86.1.114}
#' @seealso \code{\link{share_flip}}
#' @examples
#' councils <- load_dataset("councils_2018_19")
#' s <- shares(councils, "control", list(funding = ~ spend_per_adult_gbp,
#'             process = ~ easy_information), interval = "none")
#' reliability_to_flip(s)
#' shared_source_to_flip(s, source = c("easy_information", "outcome"))
#' @export
reliability_to_flip <- function(s, first = "process", second = "funding", at = c(0.9, 0.8, 0.7, 0.6, 0.5)) {
  turned(s, c(one_text("first", first), one_text("second", second)), at, NULL, "reliability")
}

#' @rdname reliability_to_flip
#' @export
shared_source_to_flip <- function(s, first = "process", second = "funding", source = NULL, at = c(0.1, 0.2, 0.3, 0.4)) {
  turned(s, c(one_text("first", first), one_text("second", second)), at, if (is.null(source)) character() else source, "part")
}

turned <- function(s, names, at, source, what) {
  check_shares(s)
  if (!is.numeric(at)) invalid("at: %s are not numbers", shown(at))
  found <- lapply(s$parts, function(part) {
    blob <- blob_of(s, part, if (what == "part") "shared_source_to_flip" else "reliability_to_flip")
    terms <- if (!is.null(source)) source_terms(settle(.Call(C_info, blob))$labels, part, source)
    signs <- if (is.numeric(source)) unname(as.double(source))
    c(settle(.Call(C_flip_turn, blob, part$asked, flip_options(part, names), part$outcome, terms, signs, as.double(at))),
      outcome = part$outcome)
  })
  lines <- stack_found(found, function(f) turn_row(f, names, what))
  curve <- stack_found(found, function(f) frame(structure(list(as.double(at), blank(f$difference)),
                                                          names = c(what, "difference"))))
  told_table(lines, turn_lines(lines, curve, vapply(found, `[[`, "", "text"), what), class = "flip_turn", curve = curve)
}

# Terms of a source; "outcome" stands for each part's own.
source_terms <- function(labels, part, source) {
  typed <- texts("source", if (is.numeric(source)) names(source) else source)
  as.integer(vapply(typed, function(label)
    if (label == "outcome" && !label %in% labels) part$asked[[1L]] else flip_term(labels, "source", label), 1))
}

turn_row <- function(f, names, what) {
  n <- structure(as.list(blank(f$numbers)), names = flip_turned)
  frame(c(list(first = names[1L], second = names[2L]), n[c("first_share", "second_share", "difference")],
          structure(list(n$flip), names = what), n[c("back", "limit", "at_limit")], list(reversed = n$reversed == 1)))
}

#' @export
as.data.frame.steelyard_share_flip <- function(x, ...) {
  each <- flip_sets - 1L
  from <- function(i) rep(vapply(x$parts, function(f) f$names[i], "", USE.NAMES = FALSE), each = each)
  frame(append(unclass(x$needed), list(first = from(1L), second = from(2L)), 1L))
}

glance.steelyard_share_flip <- function(x, ...) x$nearest
