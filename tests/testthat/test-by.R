# SPDX-License-Identifier: GPL-3.0-only

people <- function() {
  set.seed(3)
  n <- 600
  d <- data.frame(a = rnorm(n), b = rnorm(n), kind = sample(c("own", "managed", "direct"), n, TRUE),
                  region = sample(1:20, n, TRUE), weight = runif(n, 0.5, 2))
  d$y <- 0.6 * d$a - 0.4 * d$b + rnorm(n) + 0.3 * rnorm(20)[d$region]
  d$z <- d$y + d$b
  d
}

test_that("each level is the question to its rows", {
  d <- people()
  sb <- shares(d, c("y", "z"), c("a", "b"), by = "kind", cluster = "region", weights = d$weight,
               weight_kind = "sampling")
  expect_equal(names(sb$levels), c("direct", "managed", "own"))
  for (level in names(sb$levels)) {
    alone <- shares(d[d$kind == level, ], c("y", "z"), c("a", "b"), cluster = "region", weights = "weight",
                    weight_kind = "sampling")
    expect_identical(as.data.frame(sb[[level]]), as.data.frame(alone))
  }
  expect_equal(names(sb$blocks)[1:3], c("level", "outcome", "block"))
  expect_equal(sb$total["own", "z"], sb[["own"]]$total[["z"]])
  expect_equal(unique(as.data.frame(sb)$level), names(sb$levels))
})

test_that("levels that share clusters are resampled together", {
  d <- people()
  sb <- shares(d, "y", c("a", "b"), by = "kind", cluster = "region")
  of <- function(d) vapply(names(sb$levels), function(level)
    shares(d[d$kind == level, ], "y", c("a", "b"), cluster = "region", interval = "none")$blocks$share, c(0, 0))
  whole <- of(d)
  moves <- vapply(1:20, function(g) (of(d[d$region != g, ]) - whole) * sqrt(19 / 20), whole)
  found <- compare_levels(sb)
  for (b in 1:2) {
    difference <- moves[b, 2:3, ] - moves[c(b, b), 1, ]
    rows <- found[found$block == c("a", "b")[b], ]
    expect_equal(rows$estimate, unname(whole[b, 2:3] - whole[b, 1]), tolerance = 1e-14)
    expect_equal(rows$std.error, unname(sqrt(rowSums(difference^2))), tolerance = 1e-9)
    v <- difference %*% t(difference)
    f <- drop(rows$estimate %*% solve(v, rows$estimate)) / 2 * 18 / 19
    expect_equal(test_levels(sb)$statistic[b], f, tolerance = 1e-8)
  }
  expect_equal(test_levels(sb)$df2, c(18, 18))
})

test_that("rows of different levels are independent", {
  sb <- shares(people(), c("y", "z"), c("a", "b"), by = ~ kind)
  found <- compare_levels(sb, metric = "alone")
  long <- as.data.frame(sb)
  long <- long[long$metric == "alone" & long$term == "", ]
  error <- function(level, row) long$std.error[long$level == level & long$outcome == row$outcome & long$block == row$block]
  for (k in seq_len(nrow(found)))
    expect_equal(found$std.error[k], sqrt(error(found$first[k], found[k, ])^2 + error("direct", found[k, ])^2),
                 tolerance = 1e-13)
})

test_that("it prints levels, then tests", {
  d <- people()
  d$kind[4] <- NA
  sb <- shares(d, "y", c("a", "b"), by = "kind", cluster = "region")
  lines <- capture.output(sb)
  expect_equal(lines[1:5], c("Shares by kind: 3 levels", "", "kind = direct", "", format(sb[["direct"]])[1]))
  expect_true("Rows without kind: 1, in no level." %in% lines)
  at <- which(lines == paste("Differences of shares, each level less direct (95 % limits; the same clusters are left out",
                             "of all levels):"))
  expect_match(lines[at + 2], "^block  kind     difference  std error +low +high +p$")
  expect_equal(lines[at + 8], "All levels equal:")
  expect_equal(sum(grepl("^Shares are points", lines)), 1L)
  none <- capture.output(shares(d, "y", c("a", "b"), by = "kind", interval = "none"))
  expect_true(paste("No test of the levels' differences: interval: kind = direct has no standard errors; ask shares()",
                    "for an interval") %in% none)
})

test_that("what cannot be split is refused", {
  d <- people()
  refuses <- function(expr, words, kind = "invalid") expect_error(expr, words, class = paste0("steelyard_error_", kind))
  refuses(shares(d, "y", c("a", "b"), by = "kid"), "^by: there is no kid; the nearest name is kind")
  refuses(shares(d, "y", c("a", "b"), by = "a"), "^by: \"a\" is also among the terms")
  refuses(shares(transform(d, same = 1), "y", "a", by = "same"), "^by: every row has the same same, 1; at least two")
  refuses(shares(transform(d, none = NA), "y", "a", by = "none"), "^by: every row has no none; at least two")
  refuses(shares(d, "y", "a", by = 1:2), "^by: a vector of 2 values was given for 600 rows")
  refuses(shares(d, "y", "a", by = "kind", weights = 1:2, weight_kind = "analytic"),
          "^weights: a vector of 2 values was given for 600 rows")
  refuses(shares(moments(d, c("y", "a")), "y", "a", by = "kind"), "^by: moments cannot be split by rows")
  refuses(shares(fit_linear(y ~ a, d), by = "kind"), "^by: a fit cannot be split by rows")
  d$kind[1:3] <- "rare"
  refuses(shares(d, "y", c("a", "b", "z"), by = "kind"), "^by: kind = rare: ", "data")
  sb <- shares(people(), "y", c("a", "b"), by = "kind", interval = "none")
  refuses(compare_levels(sb), "^interval: kind = direct has no standard errors")
  refuses(test_levels(list()), "^sb: a result of shares\\(\\) with by is needed, found list")
  refuses(sb[["owm"]], "^level: there is no owm; the nearest name is own")
})

test_that("a level without a name is a level", {
  d <- people()
  d$kind[d$kind == "own"] <- ""
  sb <- shares(d, "y", c("a", "b"), by = "kind")
  alone <- shares(d[d$kind == "", ], "y", c("a", "b"))
  expect_identical(as.data.frame(sb[[""]]), as.data.frame(alone))
  expect_match(paste(format(sb), collapse = "\n"), "kind = \n\nShares of R2 for y: 2 blocks, ", fixed = TRUE)
  expect_equal(unique(as.data.frame(sb)$level), names(sb$levels))
})
