# Submodels, commonality and dominance as text; the Python package prints the same lines.
# SPDX-License-Identifier: GPL-3.0-only

rows_shown <- 40L

submodels_head <- function(what, part, players, more = "") {
  beyond <- if (length(part$adjust)) paste0(" beyond ", paste(part$adjust, collapse = ", ")) else ""
  count <- length(player_names(part, players))
  sprintf("%s %s%s: %s, %s%s", what, part$outcome, beyond, counted(count, sub("s$", "", players)), more,
          rows_text(part$m))
}

more_line <- function(rows, what) if (rows > rows_shown) sprintf("... and %s more", counted(rows - rows_shown, what))

submodels_lines <- function(part, all, players) {
  names <- player_names(part, players)
  shown <- frame(lapply(unclass(all), utils::head, rows_shown))
  there <- as.matrix(shown[names])
  label <- vapply(seq_len(nrow(there)), function(i) paste(names[there[i, ]], collapse = " + "), "")
  cells <- list(submodel = ifelse(label == "", "(none)", label), columns = sprintf("%d", shown$n_columns),
                R2 = digits4(shown$r2), adjusted = digits4(shown$adjusted_r2))
  if (length(part$adjust)) cells$beyond <- digits4(shown$beyond_adjust)
  c(headed(submodels_head("All submodels for", part, players, paste0(counted(nrow(all), "submodel"), ", "))), "",
    tabled(cells, caption = paste("All submodels for", part$outcome)), more_line(nrow(all), "submodel"))
}

commonality_lines <- function(part, all, players) {
  shown <- lapply(unclass(all), utils::head, rows_shown)
  c(headed(submodels_head("Commonality for", part, players)), "",
    tabled(list(players = shown$players, coefficient = digits4(shown$coefficient),
                     percent = digits1(shown$percent_of_explained)),
           caption = sprintf("Commonality for %s, points of all outcome variance", part$outcome)),
    more_line(nrow(all), "set"), "",
    sprintf(paste("Of one %s: what it explains uniquely; of several: what they explain in common, negative under",
                  "suppression."), sub("s$", "", players)),
    sprintf("The coefficients of all sets add up to the total, %.4f.", part$summary$total))
}

dominance_rules <- c(
  complete = paste("One dominates completely that adds at least as much as the other to each of the %.0f submodels",
                   "without both."),
  conditional = paste("One dominates conditionally that adds at least as much as the other on average over the",
                      "submodels of each of %.0f sizes."),
  general = "One dominates generally that adds more than the other on the average of all sizes.")

contribution_lines <- function(found) {
  sizes <- seq_along(found$names)
  columns <- lapply(sizes, function(size) digits4(found$by_size[, size]))
  names(columns) <- ifelse(sizes == 2L, "1 other", sprintf("%d others", sizes - 1L))
  c(tabled(c(list(`average contribution beside` = found$names), columns,
             list(general = digits4(found$general))),
           caption = "Average contribution by the number of others that are there"), "")
}

dominance_lines <- function(part, found, pairs, kind, players, tolerance) {
  thirds <- function(x) sprintf("%.3f", x)
  count <- length(found$names)
  rule <- dominance_rules[[kind]]
  if (kind != "general") rule <- sprintf(rule, if (kind == "complete") 2^(count - 2) else count)
  called <- sprintf("%s%s dominance for", toupper(substr(kind, 1L, 1L)), substr(kind, 2L, 20L))
  c(headed(submodels_head(called, part, players)), "", if (kind != "complete") contribution_lines(found),
    tabled(c(list(first = pairs$first, second = pairs$second,
                       dominates = ifelse(pairs$dominates == "", "neither", pairs$dominates),
                       `first above` = thirds(pairs$first_above), `second above` = thirds(pairs$second_above),
                       tied = thirds(pairs$tied)),
                  if (!is.null(found$again)) list(reproduced = thirds(pairs$reproducibility))), 3L,
           paste(called, part$outcome)),
    "", rule, sprintf("Differences of up to %.6g count as ties.", tolerance), again_line(part, found))
}

again_line <- function(part, found) {
  if (is.null(found$again)) return(NULL)
  sprintf("Reproduced: the part of %d bootstrap samples of %.0f %s, seed %.0f, that says the same.", found$again$kept,
          part$summary$units, if (part$m$unit == "cluster") "clusters" else "rows", found$seed)
}
