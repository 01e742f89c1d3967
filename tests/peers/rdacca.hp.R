# SPDX-License-Identifier: GPL-3.0-only
# Shares against rdacca.hp, which rounds to four decimals.
source("tests/peers/peers.R")
needs("rdacca.hp")
suppressMessages(library(rdacca.hp))
theirs <- timed({
  r <- rdacca.hp(d["y"], d[terms], method = "RDA", type = "R2")
  r$Hier.part[terms, "Individual"]
})
ours <- timed(setNames(asked()$blocks$share, terms))
compare("shares", "rdacca.hp", theirs, ours, 5.1e-5)
