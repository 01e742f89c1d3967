# Flips as text; Python prints the same lines.
# SPDX-License-Identifier: GPL-3.0-only

flip_note <- paste("a: correlation of the confounder with %s; b: with %s, given %s; c: with the outcome, given",
                   "both.")
flip_caution <- "A confounder of a stated strength is a thought, not a finding; benchmarks say what observed terms have."

needed_lines <- function(f) {
  points <- f$points[, -1L]
  cells <- list(`tied to` = vapply(seq_len(flip_sets - 1L), function(i) tied_to(f, i), ""), distance = digits4(points[4L, ]),
                a = digits4(points[1L, ]), b = digits4(points[2L, ]), c = digits4(points[3L, ]),
                then = ifelse(is.na(points[4L, ]), "-", digits4(points[7L, ])))
  names(cells)[6L] <- paste(f$names[2L], "then")
  tabled(cells, caption = paste("The weakest confounders that turn the order for", f$outcome))
}

benchmark_lines <- function(f) {
  if (!length(f$terms)) return(NULL)
  b <- f$benchmarks
  times <- ifelse(is.na(b[6L, ]), "-", sprintf("%.2f", b[6L, ]))
  c("", tabled(list(benchmark = paste0(f$terms, ifelse(b[1L, ] %in% 1, " (joint)", "")), a = digits4(b[2L, ]),
                         b = digits4(b[3L, ]), c = digits4(b[4L, ]), difference = digits4(b[5L, ]), times = times),
               caption = paste("Observed terms as confounders for", f$outcome)))
}

ray_lines <- function(f) {
  plain <- function(i) sprintf("%g", f$along[i, ])
  c("", tabled(list(`ray a` = plain(1L), b = plain(2L), c = plain(3L), crossing = digits4(f$rays[1L, ]),
                         back = digits4(f$rays[2L, ]), limit = digits4(f$rays[3L, ])), 0L, "Where the order turns along rays of strengths"))
}

flip_section <- function(f, with_rays) {
  s <- f$standing
  head <- c(headed(sprintf("Share-flip for %s: %s %s, %s %s, difference %s", f$outcome, f$names[1L],
                           digits4(s$first_share), f$names[2L], digits4(s$second_share), digits4(s$difference))), "", f$text)
  if (s$reversed == 1) return(head)
  c(head, "", needed_lines(f), benchmark_lines(f), if (with_rays) ray_lines(f))
}

document_of.steelyard_share_flip <- function(x, whole = FALSE) {
  names <- x$parts[[1L]]$names
  remarks <- sort(unique(x$remarks$text), method = "radix")
  c(together(lapply(unname(x$parts), function(f) c(flip_section(f, whole), ""))),
    sprintf(flip_note, names[2L], names[1L], names[2L]),
    sprintf("%s then: its partial correlation with the outcome once the confounder is in.", names[2L]),
    listed(NULL, remarks), caution(flip_caution), if (whole) flip_provenance(x))
}

turn_lines <- function(lines, curve, texts, what) {
  first <- lines$first[1L]
  second <- lines$second[1L]
  head <- if (what == "reliability") sprintf("Reliability of %s at which the order of %s and %s turns", second, first, second)
          else sprintf("Part of the variance common to a source at which the order of %s and %s turns", first, second)
  cells <- list(outcome = lines$outcome, digits4(lines$first_share), digits4(lines$second_share),
                difference = digits4(lines$difference), digits4(lines[[what]]), back = digits4(lines$back),
                limit = digits4(lines$limit))
  names(cells)[c(2L, 3L, 5L)] <- c(first, second, what)
  out <- c(head, "", tabled(cells, caption = head))
  stated <- unique(curve[[what]])
  if (length(stated)) {
    each <- lapply(stated, function(value) digits4(curve$difference[curve[[what]] == value]))
    out <- c(out, "", tabled(structure(c(list(lines$outcome), each), names = c("difference at", sprintf("%g", stated))),
                           caption = paste("Difference by", what)))
  }
  if (length(texts) == 1L) c(out, "", texts) else c(out, "", paste0(lines$outcome, ": ", texts))
}
