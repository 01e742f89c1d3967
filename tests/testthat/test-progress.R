# Long work shows one line a call that never goes back, where somebody looks, and nothing in a log.
# SPDX-License-Identifier: GPL-3.0-only

councils <- load_dataset("councils_2018_19")
blocks <- list(funding = "spend_per_adult_gbp", process = "easy_information")
outcomes <- c("control", "satisfaction", "feel_safe")

# The code, with other functions in the package while it runs.
replacing <- function(functions, code) {
  space <- asNamespace("steelyard")
  put <- function(values) for (name in names(values)) {
    unlockBinding(name, space)
    assign(name, values[[name]], envir = space)
    lockBinding(name, space)
  }
  kept <- mget(names(functions), envir = space)
  on.exit(put(kept))
  put(functions)
  force(code)
}

# All that reaches a line, of work that tells that it begins and that it is done: (line, fraction, what, pass).
reported <- function(code) {
  seen <- list()
  lines <- closed <- 0
  plain <- steelyard:::progress_teller
  functions <- list(
    progress_line = function() {
      lines <<- lines + 1
      number <- lines
      list(show = function(fraction, what, pass) seen <<- c(seen, list(list(number, fraction, what, pass))),
           close = function() closed <<- closed + 1)
    },
    progress_teller = function(what, parts = 0, frame = parent.frame()) {
      one <- plain(what, parts, frame)
      one$tell(0)
      finish <- one$finish
      one$finish <- function() {
        if (one$last == 0) one$tell(1)
        finish()
      }
      one
    })
  old <- options(steelyard.progress = TRUE)
  on.exit(options(old))
  replacing(functions, code)
  list(lines = lines, closed = closed, fraction = vapply(seen, `[[`, 0, 2L), what = vapply(seen, `[[`, "", 3L),
       pass = vapply(seen, `[[`, 0, 4L))
}

one_line <- function(code) {
  said <- reported(code)
  expect_identical(c(said$lines, said$closed), c(1, 1))
  expect_gt(length(said$fraction), 1)
  expect_identical(unique(said$pass), 1)
  expect_false(is.unsorted(said$fraction))
  expect_lte(max(said$fraction), 1)
  expect_length(steelyard:::shown_now$open, 0)
  said
}

test_that("a call of many parts is one line that never goes back", {
  said <- one_line(shares(councils, outcomes, blocks))
  expect_true(all(c("moments", "shares of control", "shares of satisfaction") %in% said$what))
  one_line(shares(councils, outcomes, blocks, missing = "per-outcome"))
  half <- transform(councils, half = rep_len(c("0", "1"), nrow(councils)))
  one_line(shares(half, outcomes, blocks, by = "half"))
  one_line(shares(half, "control", blocks, population = list(half = c("0" = 0.3, "1" = 0.7))))
  one_line(permutation_test(councils, outcomes, blocks, block = "funding", permutations = 99))
  one_line(reproduce())
})

test_that("a call whose passes only the core knows is one line", {
  said <- reported(weigh(councils, outcomes, blocks))
  expect_identical(c(said$lines, said$closed), c(1, 1))
})

test_that("an error closes the line", {
  said <- reported(expect_error(shares(councils, "control", list(a = "easy_information", b = "council"))))
  expect_length(steelyard:::shown_now$open, 0)
  expect_identical(said$lines, said$closed)
})

test_that("a teller that was never finished is forgotten with its call", {
  old <- options(steelyard.progress = FALSE)
  on.exit(options(old))
  (function() steelyard:::progress_teller("left open"))()
  options(old)
  expect_length(steelyard:::shown_now$open, 1)
  one_line(shares(councils, "control", blocks))
})

# What is written to standard error.
written <- function(code) {
  file <- tempfile()
  connection <- file(file, "w")
  sink(connection, type = "message")
  on.exit({
    sink(type = "message")
    close(connection)
  })
  force(code)
  sink(type = "message")
  close(connection)
  on.exit()
  readChar(file, file.size(file), useBytes = TRUE)
}

tell_all <- function(fractions) {
  quiet <- steelyard:::shown_now$quiet
  assign("quiet", -1, envir = steelyard:::shown_now)
  on.exit(assign("quiet", quiet, envir = steelyard:::shown_now))
  progress <- steelyard:::progress_teller("fit")
  for (fraction in fractions) progress$tell(fraction)
  progress$finish()
}

test_that("without cli a plain line is written, and passes of unknown number are counted", {
  old <- options(steelyard.progress = TRUE)
  on.exit(options(old))
  expect_identical(replacing(list(has_cli = function() FALSE), written(tell_all(c(0.5, 1, 0.2, 1, 0.4)))),
                   paste0("\rsteelyard fit: 50 %\rsteelyard fit: 100 %\rsteelyard fit: pass 2, 20 %",
                          "\rsteelyard fit: pass 2, 100 %\rsteelyard fit: pass 3, 40 % \n"))
})

test_that("with cli a bar is opened once and closed once", {
  skip_if_not_installed("cli")
  old <- options(steelyard.progress = TRUE, cli.dynamic = FALSE)
  on.exit(options(old))
  expect_no_error(written(tell_all(c(0.5, 1, 0.2, 1))))
})

test_that("nothing is shown where nobody looks", {
  old <- options(steelyard.progress = NULL, knitr.in.progress = NULL)
  marks <- Sys.getenv(c("CI", "TESTTHAT"))
  Sys.setenv(CI = "", TESTTHAT = "")
  on.exit({
    options(old)
    do.call(Sys.setenv, as.list(marks))
  })
  seen <- function(looked_at) replacing(list(looked_at = function() looked_at), steelyard:::watched())
  expect_true(seen(TRUE))
  expect_false(seen(FALSE)) # Rscript
  expect_identical(replacing(list(looked_at = function() FALSE), written(tell_all(c(0.5, 1)))), "")
  options(knitr.in.progress = TRUE)
  expect_false(seen(TRUE))
  options(knitr.in.progress = NULL)
  for (mark in c("CI", "TESTTHAT")) {
    do.call(Sys.setenv, stats::setNames(list("true"), mark))
    expect_false(seen(TRUE))
    do.call(Sys.setenv, stats::setNames(list(""), mark))
  }
  options(steelyard.progress = FALSE)
  expect_false(seen(TRUE))
  silent <- steelyard:::progress_teller("fit")
  expect_null(silent$tell)
  silent$finish()
})
