# SPDX-License-Identifier: GPL-3.0-only
# Relative weights against rwa.
source("tests/peers/peers.R")
needs("rwa")
theirs <- timed({
  r <- suppressMessages(rwa::rwa(d, "y", terms))$result
  r$Raw.RelWeight[match(terms, r$Variables)]
})
ours <- timed(setNames(other_metrics(asked())$relative_weight, terms))
compare("relative weights", "rwa", theirs, ours, 1e-10)
