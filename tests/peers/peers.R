# SPDX-License-Identifier: GPL-3.0-only
# What the scripts of one rival each share: the same made data, values and times
# side by side, a message when the rival is not installed.
# Usage of a script: scripts/with-steelyard Rscript tests/peers/<rival>.R [predictors]

args <- commandArgs(trailingOnly = TRUE)
predictors <- if (length(args)) as.integer(args[1L]) else 6L

# 2,700 rows of predictors with neighbouring correlation 0.5, every third cut to five values.
peer_data <- function(p = predictors, n = 2700L) {
  set.seed(20240601)
  x <- matrix(rnorm(n * p), n)
  for (j in seq_len(p)[-1L]) x[, j] <- 0.5 * x[, j - 1L] + sqrt(0.75) * x[, j]
  for (j in seq_len(p)[seq_len(p) %% 3L == 0L]) x[, j] <- findInterval(x[, j], c(-1.5, -0.5, 0.5, 1.5))
  d <- as.data.frame(x)
  names(d) <- paste0("x", seq_len(p))
  d$y <- drop(x %*% (0.3 / seq_len(p))) + rnorm(n)
  d
}

needs <- function(package) {
  if (requireNamespace(package, quietly = TRUE)) return(invisible())
  cat(sprintf("%s is not installed: skipped\n", package))
  quit(status = 0L)
}

# Value and seconds; the quicker of them three times, for its median.
timed <- function(expr) {
  code <- substitute(expr)
  env <- parent.frame()
  once <- function() {
    start <- Sys.time()
    value <- eval(code, env)
    list(value = value, seconds = as.numeric(difftime(Sys.time(), start, units = "secs")))
  }
  runs <- list(once())
  if (runs[[1L]]$seconds < 5) runs <- c(runs, list(once()), list(once()))
  list(value = runs[[1L]]$value, seconds = stats::median(vapply(runs, `[[`, 0, "seconds")))
}

# One table: what each side says, then how far apart and how long.
compare <- function(what, rival, theirs, ours, tolerance) {
  a <- unname(theirs$value)
  b <- unname(ours$value)
  version <- as.character(utils::packageVersion(rival))
  cat(sprintf("%s, %d predictors, %d numbers\n", what, predictors, length(b)))
  shown <- utils::head(seq_along(b), 10L)
  print(data.frame(rival = a[shown], steelyard = b[shown], row.names = names(ours$value)[shown]), digits = 10)
  apart <- max(abs(a - b))
  cat(sprintf("largest difference %.3g (allowed %.3g); %s %s %.4f s, steelyard %.6f s, %.3g times\n\n", apart, tolerance,
              rival, version, theirs$seconds, ours$seconds, theirs$seconds / ours$seconds))
  if (!(apart <= tolerance)) quit(status = 1L)
}

library(steelyard)
d <- peer_data()
terms <- setdiff(names(d), "y")
# from rows each time, as the rivals do
asked <- function() shares(d, "y", terms, interval = "none", bounds = FALSE)
