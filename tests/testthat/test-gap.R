# SPDX-License-Identifier: GPL-3.0-only

blocks <- list(age = "age", sex = "female", education = c("high_school", "some_college", "college", "advanced_degree"))

wages <- function() {
  data <- load_dataset("chicago_wages")
  data$low <- data$log_wage < 2.4
  data$much <- cut(data$log_wage, c(-9, 2.2, 2.6, 3, 9), c("little", "some", "more", "most"), ordered_result = TRUE)
  data$sex <- c("man", "woman")[data$female + 1L]
  data
}

adds_up <- function(g) {
  last <- g$parts[nrow(g$parts), ]
  fit <- if (is.null(g$gap$fit)) 0 else g$gap$fit[nrow(g$gap)]
  expect_equal(last$explained + last$unexplained + fit, g$gap$gap[nrow(g$gap)], tolerance = 1e-12)
  for (column in c("explained", "unexplained")) {
    parts <- g$parts[[column]][-nrow(g$parts)]
    if (!all(is.na(parts))) expect_equal(sum(parts, na.rm = TRUE), last[[column]], tolerance = 1e-10)
  }
}

test_that("parts add to the gap by every method", {
  data <- wages()
  asked <- function(outcome, b = blocks, ...) gap(data, outcome, "foreign_born", b, interval = NULL, ...)
  adds_up(asked("log_wage"))
  adds_up(asked("log_wage", reference = 0.3))
  adds_up(asked("log_wage", method = "gelbach"))
  adds_up(asked("log_wage", list(sex = ~ factor(female), school = ~ factor(college)), method = "kitagawa"))
  adds_up(asked("log_wage", list(sex = ~ female), adjust = ~ age))
  adds_up(asked("low"))
  adds_up(asked("low", method = "oaxaca"))
  adds_up(asked("much", link = "probit"))
  adds_up(asked("much", list(sex = ~ female), adjust = ~ age))
})

test_that("all references stand beside each other", {
  data <- wages()
  g <- gap(data, "log_wage", "foreign_born", blocks, reference = 0.25, interval = NULL)
  expect_identical(g$references$reference, c("first", "second", "equal", "size", "pooled", "pooled_without", "0.25"))
  expect_equal(g$references$explained[7], 0.25 * g$references$explained[1] + 0.75 * g$references$explained[2],
               tolerance = 1e-12)
  expect_identical(g$references$explained[7], g$explained)
  gelbach <- gap(data, "log_wage", "foreign_born", blocks, method = "gelbach", interval = NULL)
  pooled <- gap(data, "log_wage", "foreign_born", blocks, interval = NULL)
  expect_equal(pooled$parts$explained[1:3], gelbach$parts$explained[1:3], tolerance = 1e-11)
})

test_that("ordered answers have a row each", {
  data <- wages()
  g <- gap(data, "much", "foreign_born", blocks, interval = NULL)
  expect_identical(g$gap$category, c("little", "some", "more", "most", "mean"))
  expect_equal(sum(g$gap$gap[1:4]), 0, tolerance = 1e-14)
  expect_identical(nrow(g$categories), 25L)
  mean <- tapply(as.integer(data$much), data$foreign_born, mean, na.rm = TRUE)
  expect_equal(g$gap$gap[5], unname(mean[1] - mean[2]), tolerance = 1e-12)
})

test_that("types of outcome choose the method", {
  data <- wages()
  method <- function(outcome, ...) gap(data, outcome, "foreign_born", "age", interval = NULL, ...)$method
  expect_identical(method("log_wage"), "oaxaca")
  expect_identical(method("low"), "shapley")
  expect_identical(method("female"), "shapley")
  expect_identical(method("female", outcome_type = "numeric"), "oaxaca")
})

test_that("a gap prints what was asked, and what explained means", {
  data <- wages()
  g <- gap(data, "log_wage", "foreign_born", blocks)
  text <- format(g)
  expect_identical(text[1:2], c("Gap in log_wage by foreign_born: 0 less 1, 666 rows", "Oaxaca-Blinder, reference pooled"))
  expect_match(g$sentences[1], "Of the gap of 0.143 in the mean of log_wage (foreign_born = 0: 2.697, 1: 2.553), 0.050",
               fixed = TRUE)
  expect_true(all(g$sentences %in% text))
  expect_equal(g$parts$percent, 100 * g$parts$explained / g$gap$gap, tolerance = 1e-14)
  expect_output(print(summary(g)), "Limits (95 %): influence function over 666 rows", fixed = TRUE)
  answers <- format(gap(data, "much", "foreign_born", blocks))
  expect_true(any(grepl("^answer ", answers)))
  expect_true(any(grepl("jackknife over 100 groups of rows (seed 1)", answers, fixed = TRUE)))
})

test_that("results are saved, tidied and drawn", {
  data <- wages()
  for (outcome in c("log_wage", "low", "much")) {
    g <- gap(data, outcome, "foreign_born", blocks)
    path <- tempfile(fileext = ".rds")
    saveRDS(g, path)
    expect_identical(format(readRDS(path)), format(g))
    rows <- as.data.frame(g)
    some <- !is.na(rows$std.error) & rows$std.error > 1e-9
    expect_equal(rows$statistic[some], rows$estimate[some] / rows$std.error[some], tolerance = 1e-12)
    expect_identical(nrow(steelyard:::glance.steelyard_gap(g)), 1L)
    steps <- steelyard:::gap_steps(g, NULL)
    expect_equal(steps$end[nrow(steps) - 1L], steps$end[nrow(steps)], tolerance = 1e-12)
  }
  made <- gap_drawn(g, "more")
  expect_equal(made$names$label[c(1L, nrow(made$rows))], c("foreign_born = 1", "foreign_born = 0"))
  bars <- made$rows[made$rows$kind != "mean", ]
  expect_equal(sum(bars$end - bars$start), made$rows$end[nrow(made$rows)] - made$rows$end[1L], tolerance = 1e-12)
  expect_equal(faults_of(made), character())
  expect_error(plot(g, "none"), class = "steelyard_error_invalid", "category")
})

test_that("bad questions are refused in words", {
  data <- wages()
  refused <- function(text, class = "steelyard_error_invalid", ...) {
    asked <- list(data = data, outcome = "log_wage", group = "foreign_born", blocks = blocks)
    asked[...names()] <- list(...)
    expect_error(do.call(gap, asked), text, class = class, fixed = TRUE)
  }
  refused("group: age has 59 levels with rows", "steelyard_error_data", group = "age", blocks = "female")
  refused("group: foreign_born has 1 level with rows", "steelyard_error_data", data = data[data$foreign_born == 0, ])
  refused("first: \"x\" is not a level of foreign_born (0, 1)", first = "x")
  expect_error(gap(data, "log_wage", NULL, "age"), "group: the name of a column or a vector is needed", fixed = TRUE,
               class = "steelyard_error_invalid")
  refused("method: \"shapley\" is of a binary or ordinal outcome", method = "shapley")
  refused("method: \"oaxaca\" is of a numeric outcome; an ordinal one", outcome = "much", method = "oaxaca")
  refused("reference: 2 is not between 0 and 1", reference = 2)
  refused("reference: \"order_free\" is not one of", reference = "order_free")
  refused("method = \"kitagawa\" compares cells", method = "kitagawa")
  refused("reference: \"gelbach\" has none", method = "gelbach", reference = "first")
  refused("adjust: age is in block age too", adjust = "age")
  refused("link: \"oaxaca\" has none", link = "probit")
  refused("jackknife limits", outcome = "low", interval = "percentile")
  refused("weight_kind: weights need their kind", weights = "age")
})
