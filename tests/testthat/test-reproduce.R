# SPDX-License-Identifier: GPL-3.0-only
# The table of published findings: every row comes out as it is known to.

found <- reproduce()
value <- function(id, column = "recomputed") found[[column]][found$id == id]

test_that("one row a finding with the named columns", {
  expect_s3_class(found, "data.frame")
  expect_named(found, c("id", "claim", "finding", "source", "published", "published_value", "recomputed",
                        "recomputed_text", "tolerance", "status", "note"))
  expect_identical(found$id, load_dataset("published_findings")$id)
})

test_that("a number stands beside everything but what cannot be recomputed", {
  missing <- found$status == "not reproducible"
  expect_setequal(found$status, c("reproduced", "bounded", "differs", "not reproducible"))
  expect_identical(is.na(found$recomputed), missing)
  expect_true(all(nzchar(found$note[missing | found$status == "differs"])))
  rests <- startsWith(found$id, "poet_") | found$id %in% c("older", "phb_ascot", "woolham", "power_hypothesis", "ibsen", "phb_size")
  expect_identical(missing, rests)
})

test_that("only the rows known to differ differ", {
  expect_identical(found$id[found$status == "differs"],
                   c("yearly_2008_09", "yearly_2010_11", "yearly_2009_10", "councils_alone",
                     "california_money_expenditure_thousand_error"))
  expect_identical(found$id[found$status == "bounded"], "councils_alone_without_city")
})

test_that("quotients are those of the printed totals", {
  expect_equal(value("ratio_direct"), 783e6 / 106655, tolerance = 1e-15)
  expect_equal(value("ratio"), (783e6 / 106655) / (5.25e9 / 1.35e6), tolerance = 1e-15)
  expect_equal(value("weekly_2012_13"), 1286180e3 / 115930 / 52, tolerance = 1e-15)
  expect_match(value("older", "note"), "463,427 people", fixed = TRUE)
})

test_that("process is above funding in two to seven outcomes", {
  of <- c("users", "carers", "included", "delivery")
  expect_identical(value("process_range", "recomputed_text"), "2 to 7")
  expect_equal(vapply(paste0("positive_", of), value, 0, USE.NAMES = FALSE), c(7, 6, 7, 2))
  expect_equal(vapply(paste0("above_", of), value, 0, USE.NAMES = FALSE), c(6, 0, 4, 0))
})

test_that("slopes are those of lm", {
  sat <- load_dataset("sat_1995")
  # lm solves by QR of rounded data: thirteen digits are common to both
  expect_equal(value("sat_slope_alone"), unname(coef(lm(sat ~ expend, sat))[2]), tolerance = 1e-12)
  expect_equal(value("sat_slope_adjusted"), unname(coef(lm(sat ~ expend + frac, sat))[2]), tolerance = 1e-12)
})

test_that("the answer names the City of London", {
  answer <- attr(found, "answer")
  expect_identical(answer$council, "City of London")
  expect_equal(round(c(answer$largest$value, answer$leave$value), 4), c(0.0835, 0.0418))
  expect_identical(c(answer$largest$answer, answer$leave$answer), c("undecided", "undecided"))
})

test_that("print is the text held for both languages", {
  text <- capture.output(print(found))
  where <- paste("The report on the councils:", attr(found, "report"))
  expect_identical(utils::tail(text, 2L), c("", where))
  text <- utils::head(text, -2L)
  expect_lte(max(nchar(text)), 100)
  golden <- testthat::test_path("..", "reference", "findings.txt")
  skip_if_not(file.exists(golden), "the reference folder is not part of the package")
  expect_identical(text, readLines(golden, encoding = "UTF-8"))
})

test_that("the report on the councils is written where it is said", {
  page <- paste(readLines(attr(found, "report"), encoding = "UTF-8"), collapse = "\n")
  expect_match(page, "7 outcomes, 4 blocks, 4 sources of the process measure, 147 rows", fixed = TRUE)
  expect_match(page, "load_dataset(&quot;councils_2018_19&quot;)", fixed = TRUE)
  expect_null(attr(found[1:2, ], "report"))
})

test_that("a selection is a plain data frame", {
  part <- found[found$status == "bounded", ]
  expect_identical(class(part), "data.frame")
  expect_output(print(part), "councils_alone_without_city")
})

test_that("status is computed from the relation", {
  recipe <- list(reason = "", relation = "equal", published_value = 0.5, published_upper = NA, tolerance = 0.05)
  status <- function(values, ...) steelyard:::finding_status(utils::modifyList(recipe, list(...)), values)
  expect_identical(status(0.55), "reproduced")
  expect_identical(status(0.56), "differs")
  expect_identical(status(0.5, relation = "at_most"), "bounded")
  expect_identical(status(0.51, relation = "at_most"), "differs")
  expect_identical(status(-0.5, relation = "sign"), "differs")
  expect_identical(status(c(0.5, 2), relation = "range", published_upper = 2, tolerance = NA), "reproduced")
  expect_identical(status(c(0.4, 2), relation = "range", published_upper = 2, tolerance = NA), "differs")
  expect_identical(status(0.5, reason = "no data"), "not reproducible")
})
