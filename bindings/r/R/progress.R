# Work over a second says how far it has come, in one line a call, where
# somebody looks: by cli where it is installed, else in a plain line to stderr;
# first, where a minute will not do, how long it is going to take. A call of
# several parts opens a teller around those of its parts: what stands inside
# reports to what stands around it.
# SPDX-License-Identifier: GPL-3.0-only

shown_now <- new.env(parent = emptyenv())
shown_now$open <- list()
shown_now$quiet <- 1 # seconds

# Nothing is shown in a log: Rscript, knitr, tests, continuous integration.
# options(steelyard.progress = TRUE or FALSE) decides first.
watched <- function() {
  asked <- getOption("steelyard.progress")
  if (isTRUE(asked) || isFALSE(asked)) return(asked)
  looked_at() && !isTRUE(getOption("knitr.in.progress")) && !nzchar(Sys.getenv("CI")) && !nzchar(Sys.getenv("TESTTHAT"))
}

looked_at <- function() interactive()

# With `parts` the fraction is of all of them, each counted when its own teller
# finishes. Where their number is not known, a fraction that falls begins another
# pass, and passes are counted: the line never goes back.
progress_teller <- function(what, parts = 0, frame = parent.frame()) {
  one <- new.env(parent = emptyenv())
  one$frame <- frame
  around <- innermost()
  one$done <- one$highest <- one$last <- 0
  one$pass <- 1
  one$line <- if (is.null(around)) progress_line()
  if (!isFALSE(getOption("steelyard.progress"))) one$tell <- function(fraction, called = what) {
    if (parts > 0) {
      one$highest <- max(one$highest, fraction)
      fraction <- min((one$done + one$highest) / parts, 1)
    } else {
      if (fraction < one$last) one$pass <- one$pass + 1
      one$last <- fraction
    }
    if (is.null(around)) one$line$show(fraction, called, one$pass)
    else if (!is.null(around$tell)) around$tell(fraction, called)
    NULL
  }
  one$finish <- function() {
    shown_now$open <- Filter(function(other) !identical(other, one), shown_now$open)
    if (is.null(around)) return(one$line$close())
    around$done <- around$done + 1
    around$highest <- 0
  }
  shown_now$open <- c(shown_now$open, list(one))
  one
}

# The open teller around; one whose call is over, and that was never finished, is forgotten.
innermost <- function() {
  while (length(shown_now$open)) {
    last <- shown_now$open[[length(shown_now$open)]]
    if (any(vapply(sys.frames(), identical, NA, last$frame))) return(last)
    shown_now$open <- shown_now$open[-length(shown_now$open)]
  }
}

# lapply(x, f), every call an equal part of one line.
lapply_told <- function(what, x, f) {
  whole <- progress_teller(what, length(x))
  on.exit(whole$finish())
  lapply(x, function(item) {
    part <- progress_teller(what)
    on.exit(part$finish())
    f(item)
  })
}

# f(tell) of one piece of work.
with_progress <- function(what, f) {
  one <- progress_teller(what)
  on.exit(one$finish())
  f(one$tell)
}

# The line itself; silent in the first second.
progress_line <- function() {
  began <- proc.time()[[3L]]
  seen <- bar <- NULL
  estimated <- FALSE
  width <- 0L
  show <- function(fraction, what, pass) {
    passed <- proc.time()[[3L]] - began
    if (passed < shown_now$quiet) return(NULL)
    if (is.null(seen)) seen <<- watched()
    if (!seen) return(NULL)
    if (!estimated && fraction > 0 && pass == 1) {
      estimated <<- TRUE
      if (passed / fraction > 60)
        cat(sprintf("steelyard %s: about %.0f s in all; Ctrl-C stops it\n", what, passed / fraction), file = stderr())
    }
    said <- sprintf("steelyard %s: %s%.0f %%", what, if (pass > 1) sprintf("pass %d, ", pass) else "", 100 * fraction)
    if (has_cli()) show_bar(fraction, said, pass) else {
      cat(sprintf("\r%-*s", width, said), file = stderr())
      width <<- nchar(said)
    }
    NULL
  }
  show_bar <- function(fraction, said, pass) {
    if (is.null(bar))
      bar <<- cli::cli_progress_bar(format = "{cli::pb_status} {cli::pb_bar}", status = said, total = 100,
                                    auto_terminate = FALSE, .auto_close = FALSE)
    cli::cli_progress_update(set = if (pass == 1) 100 * fraction else 100, status = said, id = bar, force = TRUE)
  }
  close <- function() {
    if (!is.null(bar)) cli::cli_progress_done(id = bar)
    else if (width > 0L) cat("\n", file = stderr())
    bar <<- NULL
    width <<- 0L
  }
  list(show = show, close = close)
}

has_cli <- function() requireNamespace("cli", quietly = TRUE)
