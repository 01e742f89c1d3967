# SPDX-License-Identifier: GPL-3.0-only

r5 <- matrix(c(1, .6, .3, .4, .5, .6, 1, .8, .1, .3, .3, .8, 1, .1, .1, .4, .1, .1, 1, .5, .5, .3, .1, .5, 1), 5,
             dimnames = rep(list(c("y", "a", "b", "c", "d")), 2))
printed <- function() suppressWarnings(shares(moments_from_correlation(r5, 100), "y", c("a", "b", "c", "d")))

test_that("limits at any level are those of the result's own kind", {
  jackknife <- shares(swiss, "Fertility", c("Education", "Catholic"))
  cases <- list(list(printed(), "b", "normal"), list(jackknife, "Catholic", "jackknife"))
  for (case in cases) for (metric in c("share", "alone", "unique", "adjusted")) {
    s <- case[[1]]
    expect_equal(s$provenance$interval, case[[3]])
    d <- as.data.frame(s)
    row <- d[d$block == case[[2]] & d$term == "" & d$metric == metric, ]
    claim <- at_most(s, case[[2]], 0.5, metric = metric, level = 0.975)
    expect_equal(c(claim$lower, claim$upper), c(row$conf.low, row$conf.high), tolerance = 1e-14)
    expect_equal(as.vector(confint(s, case[[2]], 0.95, metric)), c(row$conf.low, row$conf.high), tolerance = 1e-14)
  }
})
