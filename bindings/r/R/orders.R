# Orders of entry: groups of blocks one after another, clusters' means before all.
# SPDX-License-Identifier: GPL-3.0-only

# The blocks' groups, checked: a list of character vectors; NULL for any order.
read_order <- function(order, names) {
  if (is.null(order)) return(NULL)
  groups <- if (is.list(order)) order else as.list(order)
  if (!all(vapply(groups, function(group) is.null(group) || is.character(group), NA)))
    invalid("order: a list of groups of blocks is needed, not %s", shown(order))
  empty <- which(lengths(groups) == 0L)
  if (length(empty)) invalid("order: group %d is empty", empty[1L])
  placed <- unlist(groups, use.names = FALSE)
  for (name in placed) if (!name %in% names) place("order", name, names)
  if (anyDuplicated(placed)) invalid("order: block \"%s\" is there twice", placed[anyDuplicated(placed)])
  left <- setdiff(names, placed)
  if (length(left)) invalid("order: block \"%s\" is in no group; every block must be in one", left[1L])
  unname(lapply(groups, as.character))
}

# The number of each block's group, for the core.
group_numbers <- function(groups, names) {
  if (is.null(groups)) return(NULL)
  rep(seq_along(groups), lengths(groups))[match(names, unlist(groups))]
}

# What the clusters are called among adjusting terms; NULL without clusters.
clusters_named <- function(cluster, known) {
  if (is.null(cluster)) return(NULL)
  if (inherits(cluster, "formula")) return(read_formula(cluster, "cluster")[[1L]]$variables[[1L]]$column)
  if (is.character(cluster) && length(cluster) == 1L) cluster else if (!"cluster" %in% known) "cluster"
}

# Where an adjusting term is the factor of the clusters, their means are forced in instead.
absorb_clusters <- function(question, name, data = NULL) {
  stands_for_clusters <- function(term) {
    if (is.null(name) || length(term$variables) != 1L) return(FALSE)
    variable <- term$variables[[1L]]
    identical(variable$column, name) && variable$power == 1L &&
      (variable$kind == "factor" || (variable$kind == "column" && is.factor(.subset2(data, name))))
  }
  found <- vapply(question$adjust, stands_for_clusters, NA)
  if (any(found)) question$absorbed <- question$adjust[[which(found)[1L]]]$label
  question$adjust <- question$adjust[!found]
  question
}

order_line <- function(groups) {
  if (is.null(groups)) return(NULL)
  joined <- vapply(groups, function(group) {
    last <- length(group)
    if (last == 1L) group else paste(paste(group[-last], collapse = ", "), "and", group[last])
  }, "")
  paste("Order:", paste(joined, collapse = ", then "))
}

# The groups with that of `first` before all others.
moved_first <- function(part, first) {
  if (is.null(part$order)) {
    others <- setdiff(part$block, first)
    return(c(list(first), if (length(others)) list(others)))
  }
  front <- vapply(part$order, function(group) first %in% group, NA)
  c(part$order[front], part$order[!front])
}

# One outcome's shares of blocks when they enter by groups.
shares_under <- function(s, part, groups) {
  asked <- part$asked
  asked[5L] <- list(group_numbers(groups, part$block))
  wanted <- list(1L, 0L, 1L, 0.95, 1L, 1, 60)
  raw <- settle(.Call(C_shares, blob_of(s, part, "if_first"), NULL, asked, wanted, NULL, NULL))
  raw$estimate[(seq_along(part$block) - 1L) * length(metric_names) + 1L]
}

#' Shares when each block in turn comes first
#'
#' What each block gets when it, or its group, enters before all others.
#'
#' @details
#' The block that comes first gets all that it explains alone; the others follow in
#' any order and share what is left. Where the result has an \code{order}, the
#' block's whole group comes first and the other groups follow as they were.
#' \code{summary} of a result shows the same table.
#'
#' @param s a result of \code{\link{shares}}.
#' @return A data frame of class \code{steelyard_if_first}: \code{outcome} when there
#'   are several, \code{first} (the block whose group enters before all others),
#'   \code{block}, \code{share} (of that block then) and \code{as_asked} (its share
#'   in \code{s}).
#' @section Errors:
#' \code{steelyard_error_limit}: more than 18 blocks.
#' @references
#' Frye, C., Rowat, C. and Feige, I. (2020). Asymmetric Shapley values:
#' incorporating causal knowledge into model-agnostic explainability.
#' \emph{Advances in Neural Information Processing Systems} 33. arXiv:1910.06358
#' @seealso \code{\link{shares}} and its argument \code{order}
#' @examples
#' s <- shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"))
#' if_first(s)
#' shares(swiss, "Fertility", c("Education", "Catholic", "Agriculture"),
#'        order = list("Agriculture", c("Education", "Catholic")))
#' @export
if_first <- function(s) {
  check_shares(s)
  results <- lapply(s$parts, function(part)
    lapply(part$block, function(first) shares_under(s, part, moved_first(part, first))))
  asked <- lapply(s$parts, function(part) part$estimate[(seq_along(part$block) - 1L) * length(metric_names) + 1L])
  frames <- Map(function(part, under, own) {
    n <- length(part$block)
    frame(list(first = rep(part$block, each = n), block = rep(part$block, n), share = unlist(under),
               as_asked = rep(own, n)))
  }, s$parts, results, asked)
  told_table(stack_frames(frames, length(frames) > 1L), if_first_lines(s$parts, results, asked), class = "if_first")
}

if_first_lines <- function(parts, results, asked) {
  section <- function(part, under, own) {
    errors <- errors_of(part)[-1L]
    cells <- c(list(part$block, point(own, errors)), lapply(under, point, errors))
    what <- sprintf("Shares of R2 for %s if one block comes first", part$outcome)
    names(cells) <- c("block", "share", sprintf("if %s first", part$block))
    c(headed(paste0(what, ":")), "", tabled(cells, caption = what), "")
  }
  c(together(Map(section, unname(parts), unname(results), unname(asked))),
    if (is.null(parts[[1L]]$order))
      "The block that comes first gets all it explains alone; the others share what is left."
    else "The group of that block comes first; the other groups follow as asked.")
}
