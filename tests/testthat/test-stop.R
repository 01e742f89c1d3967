# SPDX-License-Identifier: GPL-3.0-only

# Run in a process of its own: each call is sent SIGINT at a moment drawn by lot,
# and a short one is asked before and afterwards.
stopped_calls <- quote({
  options(steelyard.progress = FALSE)
  set.seed(2024)
  frame <- function(n, councils) {
    x <- matrix(rnorm(n * 31), n) + 0.5 * rnorm(n)
    colnames(x) <- paste0("x", 1:31)
    data.frame(y = drop(x[, 1:4] %*% 4:1) + 3 * rnorm(n), x, council = sprintf("c%03d", sample(councils, n, TRUE)),
               answer = sample(c("worse", "same", "better"), n, TRUE), step = sample(0:4, n, TRUE))
  }
  x <- paste0("x", 1:31)
  few <- frame(1500, 60)
  many <- frame(2e5, 200)
  by_council <- shares(few, "y", x[1:6], cluster = "council", threads = 1)
  wide <- shares(few, "y", x[1:20], cluster = "council", bounds = FALSE, threads = 1)
  fit <- fit_linear(y ~ x1 + x2, few, cluster = "council")
  families <- list(
    exact = function(size) shares(few, "y", x[seq_len(size(30, 4))], interval = "none", bounds = FALSE, threads = 1),
    sampled = function(size) shares(few, "y", x[seq_len(size(31, 4))], interval = "none", method = "sampled",
                                    tolerance = 1e-9, permutations = size(9e6, 200), threads = 1),
    jackknife = function(size) shares(few, "y", x[seq_len(size(25, 4))], cluster = "council", interval = "jackknife",
                                      bounds = FALSE, threads = 1),
    percentile = function(size) shares(few, "y", x[seq_len(size(11, 3))], cluster = "council", threads = 1,
                                       interval = "percentile", replicates = size(1e5, 200)),
    dominance = function(size) dominance(by_council, replicates = size(1e6, 99)),
    permutation = function(size) permutation_test(few, "y", x[1:6], block = "x1", permutations = size(9e5, 99),
                                                  threads = 1),
    ranks = function(size) share_ranks(if (size(TRUE, FALSE)) wide else by_council, replicates = size(1e5, 200)),
    linear = function(size) coef(fit_linear(reformulate(x, "y"), many[seq_len(size(2e5, 500)), ],
                                            precision = "double-double")),
    ordinal = function(size) lapply(seq_len(size(30, 1)), function(i)
      coef(fit_ordinal(reformulate(x[1:20], "step"), many[seq_len(size(2e5, 2000)), ], threads = 1)))[[1L]],
    wild = function(size) wild_test(fit, "x1", replicates = size(9e6, 99)),
    describe = function(size) describe(many[seq_len(size(2e5, 500)), ], x, lags = size(60, 1), threads = 1))
  short <- function(long, short) short
  sent <- tempfile()
  for (name in names(families)) {
    before <- families[[name]](short)
    # the signal's moment in this process's own CPU time, which other work on the machine does not lengthen
    system(sprintf("sh -c 'sleep %.2f; cut -d\" \" -f14,15 /proc/%d/stat > %s; kill -INT %d' >/dev/null 2>&1",
                   runif(1, 0.05, 0.4), Sys.getpid(), sent, Sys.getpid()), wait = FALSE)
    told <- tryCatch({ families[[name]](function(long, short) long); "over too soon" },
                     interrupt = function(i) "interrupted")
    took <- sum(proc.time()[1:2]) - sum(scan(sent, quiet = TRUE)) / 100
    same <- identical(before, families[[name]](short))
    cat(name, told, took, .Call(steelyard:::C_live_bytes), same, "\n")
  }
})

test_that("a signal at any moment stops a long call of any family and the next gives the same answer", {
  skip_on_os(c("windows", "mac", "solaris"))
  skip_on_cran()
  script <- tempfile(fileext = ".R")
  writeLines(c(deparse(bquote(.libPaths(.(.libPaths())))), "library(steelyard)", deparse(stopped_calls)), script)
  out <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", script), stdout = TRUE, stderr = TRUE,
                 timeout = 120)
  told <- utils::read.table(text = grep("(interrupted|over too soon) ", out, value = TRUE),
                            col.names = c("name", "told", "took", "left", "same"))
  expect_equal(told$name, c("exact", "sampled", "jackknife", "percentile", "dominance", "permutation", "ranks",
                            "linear", "ordinal", "wild", "describe"), info = paste(out, collapse = "\n"))
  expect_true(all(told$told == "interrupted"))
  # CPU time. 0.1 s is the promise of the core; R hears a signal in its own copying of frames when that is over
  for (i in seq_len(nrow(told))) expect_lt(told$took[i], 0.4, label = told$name[i])
  expect_true(all(told$left == 0))
  expect_true(all(told$same))
})
