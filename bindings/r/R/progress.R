# Work over a second says how far it has come: by cli where it is installed,
# else in plain lines to stderr; first, where a minute will not do, how long it
# is going to take.
# SPDX-License-Identifier: GPL-3.0-only

progress_teller <- function(what) {
  if (identical(getOption("steelyard.progress"), FALSE)) return(list(tell = NULL, finish = function() NULL))
  began <- NULL
  bar <- NULL
  said <- -1
  estimated <- FALSE
  tell <- function(fraction) {
    now <- proc.time()[[3L]]
    if (is.null(began)) began <<- now
    if (now - began < 1) return(NULL)
    if (!estimated && fraction > 0) {
      estimated <<- TRUE
      seconds <- (now - began) / fraction
      if (seconds > 60)
        cat(sprintf("steelyard: %s, about %.0f s in all; Ctrl-C stops it\n", what, seconds), file = stderr())
    }
    if (requireNamespace("cli", quietly = TRUE)) {
      if (is.null(bar)) bar <<- cli::cli_progress_bar(what, total = 100, auto_terminate = FALSE, .auto_close = FALSE)
      cli::cli_progress_update(set = 100 * fraction, id = bar)
    } else if (floor(10 * fraction) > said) {
      said <<- floor(10 * fraction)
      cat(sprintf("steelyard: %s, %.0f %% done\n", what, 100 * fraction), file = stderr())
    }
    NULL
  }
  finish <- function() if (!is.null(bar)) cli::cli_progress_done(id = bar)
  list(tell = tell, finish = finish)
}
