# SPDX-License-Identifier: GPL-3.0-only
# Complete, conditional and general dominance against dominanceanalysis.
source("tests/peers/peers.R")
needs("dominanceanalysis")
fit <- lm(y ~ ., d)
theirs <- timed(dominanceanalysis::dominanceAnalysis(fit))
ours <- timed(dominance(asked()))
c <- attr(ours$value, "contributions")
compare("general dominance", "dominanceanalysis",
        list(value = theirs$value$contribution.average$r2, seconds = theirs$seconds),
        list(value = setNames(c$general[c$others == 0], terms), seconds = ours$seconds), 1e-12)
matrix <- theirs$value$complete$r2
compare("complete dominance", "dominanceanalysis",
        list(value = matrix[cbind(ours$value$first, ours$value$second)], seconds = theirs$seconds),
        list(value = setNames(ours$value$value, paste(ours$value$first, ours$value$second)), seconds = ours$seconds), 0)
