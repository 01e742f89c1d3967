# SPDX-License-Identifier: GPL-3.0-only
# The data sets that travel with the package: whole, described, as published.

test_that("every data set has a codebook of its columns and a source", {
  expect_identical(dataset_names(),
                   c("azen_budescu_2003", "california_schools_1998", "chicago_wages", "coleman_1966",
                     "copenhagen_housing_1968", "councils_2018_19", "councils_panel_2015_2023",
                     "direct_payments_england", "high_school_beyond_1982", "made_up_survey", "motor_trend_1974", "poet_marginals",
                     "published_claims", "published_findings", "sat_1995", "swiss_1888", "wages_1976_1982",
                     "wine_1989"))
  for (name in dataset_names()) {
    book <- codebook(name)
    expect_named(book, c("column", "meaning", "unit", "source_measure", "year"))
    expect_identical(book$column, names(load_dataset(name)))
    expect_true(all(nzchar(book$meaning)))
    text <- dataset_source(name)
    for (word in c("**Origin.**", "**Licence.**", "**How it was made.**", "**Limits.**"))
      expect_true(grepl(word, text, fixed = TRUE), info = paste(name, word))
  }
})

test_that("row counts are those compiled", {
  rows <- c(azen_budescu_2003 = 5, councils_2018_19 = 147, councils_panel_2015_2023 = 1214, poet_marginals = 167,
            published_claims = 200, sat_1995 = 50, swiss_1888 = 47)
  expect_equal(vapply(names(rows), function(n) nrow(load_dataset(n)) + 0, 0), rows)
})

test_that("City of London is the outlier that the cautions name", {
  data <- load_dataset("councils_2018_19")
  expect_identical(data$council[which.min(data$population)], "City of London")
  expect_identical(data$council[which.max(data$spend_per_adult_gbp)], "City of London")
  expect_equal(min(data$population), 8100)
})

test_that("the Swiss provinces are R's own", {
  data <- load_dataset("swiss_1888")
  expect_identical(data$province, rownames(datasets::swiss))
  expect_equal(data[-1], datasets::swiss, ignore_attr = TRUE, tolerance = 1e-15)
})

test_that("numbers of sixteen digits are read as the nearest double", {
  x <- load_dataset("councils_panel_2015_2023")$requests_resulting_in_service
  bits <- tempfile()
  on.exit(unlink(bits))
  writeBin(x[!is.na(x)], bits, endian = "little")
  # the sum of the same column as Python's correctly rounding reader has it
  expect_identical(unname(tools::md5sum(bits)), "6a88a13119e77fd80f916a4253ba21f5")
})

test_that("a word in a text is not taken for missing", {
  expect_false(anyNA(load_dataset("published_findings")$relation))
  expect_true("none" %in% load_dataset("published_findings")$relation)
})

test_that("an unknown data set names the nearest", {
  for (verb in list(load_dataset, codebook, dataset_source)) {
    expect_error(verb("sat_1996"), "name.*sat_1996.*sat_1995", class = "steelyard_error_invalid")
    expect_error(verb("../data/sat_1995"), class = "steelyard_error_invalid")
    expect_error(verb(NULL), "name: one name is needed", class = "steelyard_error_invalid")
  }
})
