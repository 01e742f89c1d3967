# SPDX-License-Identifier: GPL-3.0-only

# Work of minutes: 28 blocks of two columns each.
long_work <- quote({
  set.seed(1)
  data <- as.data.frame(matrix(rnorm(200 * 61), 200))
  names <- names(data)[-1]
  blocks <- lapply(split(names, rep(1:30, 2)), reformulate)
  shares(data, "V1", blocks, interval = "none")
})

test_that("a time limit stops long work within a moment and nothing is left", {
  left <- FALSE
  work <- function() {
    on.exit(left <<- TRUE)
    eval(long_work)
  }
  old <- options(steelyard.progress = FALSE)
  on.exit(options(old))
  began <- proc.time()[[3]]
  expect_error({
    setTimeLimit(elapsed = 0.5, transient = TRUE)
    work()
  }, "time limit")
  setTimeLimit()
  # 0.1 s is the promise; R looks at its limit only now and then, and machines stall
  expect_lt(proc.time()[[3]] - began, 1.5)
  expect_true(left)
  expect_equal(.Call(steelyard:::C_live_bytes), 0)
  expect_equal(shares(mtcars, "mpg", "wt", interval = "none")$n, 32)
})

test_that("SIGINT during long work is an ordinary interrupt", {
  skip_on_os("windows")
  skip_on_cran()
  script <- tempfile(fileext = ".R")
  body <- bquote({
    .libPaths(.(.libPaths()))
    library(steelyard)
    options(steelyard.progress = FALSE)
    left <- FALSE
    work <- function() {
      on.exit(left <<- TRUE)
      eval(.(long_work))
    }
    system(sprintf("sh -c 'sleep 0.7; date +%%s%%N > %s; kill -INT %d' >/dev/null 2>&1", .(paste0(script, ".sent")),
                   Sys.getpid()), wait = FALSE)
    caught <- tryCatch(work(), interrupt = function(i) "interrupt")
    now <- system("date +%s%N", intern = TRUE)
    sent <- readLines(.(paste0(script, ".sent")))
    cat(caught, left, .Call(steelyard:::C_live_bytes), (as.numeric(now) - as.numeric(sent)) / 1e6, sep = "\n")
  })
  writeLines(deparse(body), script)
  out <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", script), stdout = TRUE, stderr = TRUE,
                 timeout = 60)
  expect_equal(out[1:3], c("interrupt", "TRUE", "0"))
  # 100 ms after the signal, and the start of two processes that read the clock
  expect_lt(as.numeric(out[4]), 250)
})

test_that("an error in the progress function stops the work and goes on as that error", {
  design <- steelyard:::make_design(mtcars, steelyard:::tag(steelyard:::read_terms(
    c("mpg", "wt"), "terms", names(mtcars), environment()), "terms"))
  m <- steelyard:::compute_moments(design, "none", "auto", NULL)
  expect_s3_class(m, "steelyard_moments")
  data <- as.data.frame(matrix(sin(seq_len(200 * 61)^2), 200))
  blocks <- lapply(split(names(data)[-1], rep(1:30, 2)), reformulate)
  terms <- unlist(unname(lapply(blocks, steelyard:::read_terms, "blocks", names(data), environment())), FALSE)
  m <- moments(data, names(data))
  at <- .Call(steelyard:::C_find_term, m$blob, "blocks", steelyard:::labels_of(terms))
  question <- list(1L, names(blocks), unname(split(at, rep(1:30, each = 2))), integer())
  options <- list(0L, 0L, 1L, 0.95, 2000, 1, 60)
  expect_error(.Call(steelyard:::C_shares, m$blob, NULL, question, options, 1L, function(f) stop("enough")), "enough")
  expect_equal(.Call(steelyard:::C_live_bytes), 0)
})

test_that("work of over a minute says how long it will take", {
  script <- tempfile(fileext = ".R")
  writeLines(c(deparse(bquote(.libPaths(.(.libPaths())))), "options(steelyard.progress = TRUE)",
               "progress <- steelyard:::progress_teller('shares')",
               "progress$tell(0)", "Sys.sleep(1.05)", "progress$tell(0.01)", "progress$tell(0.02)", "progress$finish()"),
             script)
  out <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", script), stdout = TRUE, stderr = TRUE)
  expect_equal(sum(grepl("steelyard shares: about 1[0-9][0-9] s in all; Ctrl-C stops it", out)), 1)
})

test_that("work in two parts goes on after the first has come to its end", {
  skip_if_not_installed("cli")
  old <- options(steelyard.progress = TRUE)
  on.exit(options(old))
  progress <- steelyard:::progress_teller("two parts")
  progress$tell(0)
  Sys.sleep(1.05)
  for (fraction in c(0.5, 1, 0.1, 1)) expect_null(progress$tell(fraction)) # the bar ended itself at 1
  progress$finish()
})
