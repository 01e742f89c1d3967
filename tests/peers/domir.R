# SPDX-License-Identifier: GPL-3.0-only
# General and conditional dominance against domir, which refits lm for every submodel.
source("tests/peers/peers.R")
needs("domir")
r2 <- function(formula) summary(lm(formula, data = d))$r.squared
theirs <- timed(domir::domir(reformulate(terms, "y"), r2)[c("General_Dominance", "Conditional_Dominance")])
ours <- timed(attr(dominance(asked(), "conditional"), "contributions"))
c <- ours$value
general <- list(value = theirs$value$General_Dominance, seconds = theirs$seconds)
compare("general dominance", "domir", general, list(value = setNames(c$general[c$others == 0], terms),
                                                     seconds = ours$seconds), 1e-12)
conditional <- list(value = as.vector(t(theirs$value$Conditional_Dominance)), seconds = theirs$seconds)
compare("conditional dominance", "domir", conditional,
        list(value = setNames(c$contribution, paste(c$player, c$others)), seconds = ours$seconds), 1e-12)
