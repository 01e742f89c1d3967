# Printed evidence: the numbers are the core's (tests/core/test_printed.c); here their names, checks and prints.
# Python runs the same (tests/python/test_printed.py).
# SPDX-License-Identifier: GPL-3.0-only

costs <- c(direct = 800, managed = 1600)
users <- list(`in the year` = c(direct = 100, managed = 400), `on one day` = c(managed = 250, direct = 80))

test_that("unit values by denominator", {
  u <- unit_values(costs, users, claimed = 1200)
  expect_equal(u$values$value, c(8, 4, 10, 6.4))
  expect_equal(c(u$ratio, u$gap, u$claimed_users), c(2, 4, 300))
  expect_equal(c(u$range, u$range_any), c(1.5625, 2, 1.25, 2.5))
  expect_equal(u$ratios$ratio[u$ratios$alike], c(2, 1.5625))
  expect_match(u$text, "A user of direct costs 2.000 times one of managed: 8.00 against 4.00, a gap of 4.00.", fixed = TRUE)
  expect_output(print(u), "denominator  group    cost  users  value")
  one <- unit_values(costs, c(direct = 100, managed = 400))
  expect_true(one$ratio == 2 && is.na(one$claimed_users))
  expect_identical(as.data.frame(u), u$values)
})

test_that("totals and groups are checked", {
  expect_error(unit_values(c(direct = 0, managed = 1), users), "costs: direct has a total of 0; a number above 0 is needed",
               class = "steelyard_error_invalid")
  expect_error(unit_values(costs, c(direct = 100, managed = 0)), "users: managed has a total of 0")
  expect_error(unit_values(c(direct = 1), users), "costs: two totals named by their groups")
  expect_error(unit_values(costs, c(direct = 100, manged = 3)), "users: there is no manged; the nearest name is managed")
  expect_error(unit_values(costs, list(day = c(direct = 100, direct = 2))), "users: managed is missing")
})

test_that("what seven percent allow", {
  g <- gap_allowed(0.07, 0.8)
  expect_equal(g$gap, sqrt(0.07 / 0.16))
  expect_output(print(g), "An R2 of 0.07 and a group of 80 % allow the straight line to carry a gap of at most 0.6614", fixed = TRUE)
  both <- gap_allowed(0.07, 0.8, sd = 2, full_r2 = 0.3, vif = 2)
  expect_identical(both$bound, c("unadjusted", "adjusted"))
  expect_equal(both$slope[2L], sqrt(0.07) + sqrt(0.23))
  expect_equal(slope_allowed(0.4, 3, r2 = 0.0025)$slope, c(sqrt(1.2), 0.05 + sqrt(0.795)))
  expect_identical(nrow(slope_allowed(0.4, 3)), 1L)
  expect_error(gap_allowed(0.07, 0.8, full_r2 = 0.05, vif = 2), "full_r2: 0.05 is less than r2 = 0.07")
  expect_error(gap_allowed(0.07, 0.8, full_r2 = 0.5), "full_r2 and vif: both are needed")
  expect_error(gap_allowed(0.07, 1), "share: 1;")
})

test_that("odds and risks turn round", {
  r <- risk_ratio_from_odds(3, overall = 0.75, exposed = 0.6)
  expect_equal(unlist(as.data.frame(r), use.names = FALSE), c(3, 4 / 3, 5 / 6, 0.625, 5 / 24))
  expect_equal(odds_ratio_from_risk(4 / 3, 0.75, 0.6)$odds_ratio, 3)
  expect_error(risk_ratio_from_odds(3, 0.75, 0.6, adjusted = TRUE), "risk_ratios(), which standardises", fixed = TRUE)
  expect_error(odds_ratio_from_risk(3, 0.75, 0.6), "risk_ratio: 3 with 0.75 overall")
})

test_that("limits of a published R2", {
  wide <- r2_interval(0.07, 1114, rounding = 0.005)
  narrow <- r2_interval(0.07, 1114)
  expect_true(wide$conf.low < narrow$conf.low && narrow$conf.low < 0.07 && narrow$upper < narrow$conf.high)
  expect_identical(r2_interval(0.07, 1114, at_most = TRUE)$conf.low, 0)
  expect_lt(r2_interval(0.07, 1114, design = "fixed")$conf.high, narrow$conf.high)
  expect_output(print(narrow), "between 0.04368 and 0.1013 with 95 % confidence", fixed = TRUE)
  expect_error(r2_interval(0.07, 1114, design = "fix"), "design: \"fix\" is not one of")
  expect_error(r2_interval(0.07, 3, predictors = 2), "n: 3 with 2 predictors")
})

test_that("what a null result would have shown", {
  d <- detectable_difference(170, 169)
  expect_equal(c(d$standardised, d$df), c(0.3052, 337), tolerance = 1e-4)
  expect_output(print(d), "a null result says nothing of smaller ones")
  expect_error(detectable_difference(170, 169, power = 0.05), "power: 0.05 is not between 0.05 and 1")
})

test_that("counts beside chance", {
  c3 <- counts_by_chance(c(budget = 1, help = 7, views = 5), of = 14, chance = 0.05)
  expect_identical(c3$label, c("budget", "help", "views"))
  expect_null(attr(c3, "trend"))
  expect_equal(c3$p_worst, c(0.7, 0.1, 0.14))
  expect_output(print(c3), "2 are beyond chance (0.05 each) if the indicators are independent, 0 however", fixed = TRUE)
  t3 <- counts_by_chance(c(6, 9, 11), of = c(9, 14, 15), trend = TRUE)
  expect_equal(attr(t3, "trend")[["p.value"]], 0.82616, tolerance = 1e-5)
  expect_output(print(t3), "cannot be told")
  expect_identical(counts_by_chance(3, 4)$share, 0.75)
  expect_error(counts_by_chance(c(6, 9, 11), of = c(9, 14)), "of: 2 numbers were given for 3 counts")
  expect_error(counts_by_chance(16, 15), "counts: 16 of 15")
})
