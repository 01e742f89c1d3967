# POET-like data: marked as made up, with a known truth, the same as Python's.
# SPDX-License-Identifier: GPL-3.0-only

small <- simulate_poet(seed = 1, people = 600, councils = 25)

test_that("it says that it is synthetic", {
  expect_output(print(small), "^Synthetic data, not POET's: 600 rows drawn from a stated structure, seed 1\\.")
  expect_output(print(small), "Marginals: 18 exact, ")
  expect_output(print(small[1:3, ]), "^Synthetic data, not POET's: 3 rows")
  expect_s3_class(small, c("steelyard_synthetic", "data.frame"), exact = TRUE)
  expect_true(all(small$synthetic))
  expect_true(attr(small, "provenance")$synthetic)
  copy <- tempfile()
  saveRDS(small, copy)
  expect_identical(readRDS(copy), small)
})

test_that("columns are typed", {
  expect_identical(dim(small), c(600L, 38L))
  expect_identical(levels(small$easy_planning), c("very difficult", "difficult", "neither", "easy", "very easy"))
  expect_true(is.ordered(small$dignity) && is.factor(small$client_group) && !is.ordered(small$client_group))
  expect_true(is.logical(small$knows_amount) && is.integer(small$council))
  expect_identical(is.na(small$carer_wellbeing), !small$carer)
  expect_identical(is.na(small$weekly_amount), !small$knows_amount)
  expect_false(anyNA(simulate_poet(people = 60, amount_missing = "none")$weekly_amount))
  expect_length(setdiff(names(simulate_poet(people = 60, hidden = TRUE)), names(small)), 6)
})

test_that("every marginal is labelled", {
  m <- attr(small, "marginals")
  expect_setequal(m$kind, c("exact", "bounded", "assumed"))
  expect_true(all(m$kept))
  expect_identical(is.na(m$published), m$comparator == "")
  d <- simulate_poet(people = 300, direct_payment = 0.24)
  expect_identical(attr(d, "remarks")$text, "payment type, direct_payment: 24 planted, published gt 80")
})

test_that("truth holds strengths and what follows", {
  truth <- attr(simulate_poet(people = 60, strengths = c(process_outcome = 0.5, direct_process = 0.2)), "truth")
  value <- stats::setNames(truth$value, truth$name)
  expect_equal(value[["direct_by_process"]], 0.1, tolerance = 1e-15)
  expect_equal(value[["amount_shift"]], log(1.888) / 0.8, tolerance = 1e-14)
})

test_that("it goes into the verbs", {
  s <- shares(small, "need", list(money = "weekly_amount"), cluster = "council")
  expect_equal(s$n, sum(small$knows_amount))
})

test_that("bad arguments are named", {
  expect_error(simulate_poet(people = 10), "people: 10 are fewer than the 22 councils; each has one or more",
               fixed = TRUE, class = "steelyard_error_invalid")
  expect_error(simulate_poet(councils = 1), "councils: 1 is not a whole number of 2 or more", fixed = TRUE)
  expect_error(simulate_poet(year = "2011"), "year: \"2011\" is not one of", fixed = TRUE)
  expect_error(simulate_poet(direct_payment = 1), "direct_payment: 1 is not a share above 0 and below 1", fixed = TRUE)
  expect_error(simulate_poet(strengths = 1), "strengths: named numbers are needed", fixed = TRUE)
  expect_error(simulate_poet(strengths = c(process_outcom = 1)), "process_outcome", fixed = TRUE)
  expect_error(simulate_poet(strengths = c(need_funding = 1)), "gives it a variance of 1.09", fixed = TRUE)
})
