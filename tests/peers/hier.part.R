# SPDX-License-Identifier: GPL-3.0-only
# Hierarchical partitioning against hier.part, whose numbers are wrong past 9 predictors.
source("tests/peers/peers.R")
needs("hier.part")
grDevices::pdf(NULL)
theirs <- timed({
  found <- utils::capture.output(r <- hier.part::hier.part(d$y, d[terms], gof = "Rsqu", barplot = FALSE))
  as.vector(r$IJ$I)
})
ours <- timed(setNames(asked()$blocks$share, terms))
compare("independent parts (shares)", "hier.part", theirs, ours, if (predictors > 9L) Inf else 1e-10)
