# SPDX-License-Identifier: GPL-3.0-only
# Shares (LMG), first, last, Pratt, Genizi and CAR against relaimpo's calc.relimp.
source("tests/peers/peers.R")
needs("relaimpo")
suppressMessages(library(relaimpo))
theirs <- timed(calc.relimp(y ~ ., data = d, type = "lmg")@lmg)
compare("shares", "relaimpo", theirs, timed(setNames(asked()$blocks$share, terms)), 1e-12)
kinds <- c("first", "last", "pratt", "genizi", "car")
theirs <- timed({
  r <- calc.relimp(y ~ ., data = d, type = kinds)
  unlist(lapply(kinds, function(kind) slot(r, kind)))
})
ours <- timed({
  o <- as.data.frame(other_metrics(asked()))
  unlist(lapply(kinds, function(kind) setNames(o[[kind]], paste(kind, terms))))
})
compare("other metrics", "relaimpo", theirs, ours, 1e-12)
