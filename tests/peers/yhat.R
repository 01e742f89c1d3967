# SPDX-License-Identifier: GPL-3.0-only
# All submodels and commonality coefficients against yhat's aps and commonality.
source("tests/peers/peers.R")
needs("yhat")
suppressMessages(library(yhat))
set_of <- function(text) vapply(strsplit(text, "[,+ ]+"), function(x) paste(sort(x[x != ""]), collapse = "+"), "")
theirs <- timed({
  all <- aps(d, "y", as.list(terms))
  list(all = all, common = yhat::commonality(all))
})
ours <- timed(steelyard::commonality(asked()))
mine <- set_of(ours$value$players)
order <- match(mine, set_of(rownames(theirs$value$common)))
compare("commonality", "yhat", list(value = theirs$value$common[order, "Coefficient"], seconds = theirs$seconds),
        list(value = setNames(ours$value$coefficient, mine), seconds = ours$seconds), 1e-10)
