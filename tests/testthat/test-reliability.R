# reliability(), corrected_shares(), simex_shares(): psych's numbers, planted noise, prints,
# refusals. Python runs the same (tests/python/test_reliability.py).
# SPDX-License-Identifier: GPL-3.0-only

data_of <- function(name) {
  file <- test_path("..", "reference", "data", paste0(name, ".csv"))
  skip_if_not(file.exists(file), "tests/reference is not here")
  read.csv(file)
}
estimates <- function(r) setNames(r$table$estimate, r$table$kind)
answers <- paste0("Q", 1:5)
council_shares <- function() {
  shares(load_dataset("councils_2018_19"), "control",
         c(funding = "spend_per_adult_gbp", process = "easy_information"))
}

test_that("numbers are those of psych", {
  # psych 2.2.9 alpha, polychoric; alpha of the answers to 1e-12, of polychoric correlations to its search's 1e-5
  r <- reliability(attitude, names(attitude))
  expect_lt(max(abs(estimates(r)[1:2] - c(0.84314276956475986, 0.83908380302951058))), 1e-12)
  expect_lt(abs(r$items$alpha_without[6] - 0.86387231144643684), 1e-12)
  f <- reliability(attitude, names(attitude), "alpha", interval = "feldt")$table
  expect_lt(max(abs(c(f$conf.low[1], f$conf.high[1]) - c(0.73937568564310729, 0.9157730721599816))), 1e-10)
  o <- reliability(data_of("lsat6"), ~ Q1 + Q2 + Q3 + Q4 + Q5, "ordinal", weights = "Freq", weight_kind = "frequency")
  expect_lt(abs(estimates(o)[["ordinal alpha"]] - 0.47595835561790478), 2e-5)
})

test_that("frequencies and rows agree", {
  lsat <- data_of("lsat6")
  rows <- lsat[rep(seq_len(nrow(lsat)), lsat$Freq), ]
  kinds <- c("alpha", "omega", "ordinal")
  whole <- reliability(lsat, answers, kinds, weights = "Freq", weight_kind = "frequency")$table
  each <- reliability(rows, answers, kinds)$table
  expect_equal(whole, each, tolerance = 1e-9)
  own <- reliability(rows, answers, kinds, cluster = seq_len(nrow(rows)))$table
  expect_lt(max(abs(own$std.error / each$std.error - 1)), 0.01)
})

test_that("scales, kinds and shapes", {
  lsat <- data_of("lsat6")
  r <- reliability(lsat, list(five = answers, three = answers[1:3]), c("alpha", "omega", "ordinal"), weights = "Freq",
                   weight_kind = "frequency")
  expect_identical(r$table$kind[1:5], c("alpha", "standardised alpha", "omega", "ordinal alpha", "ordinal omega"))
  expect_named(r$table, c("scale", "kind", "estimate", "std.error", "conf.low", "conf.high"))
  expect_identical(c(dim(r$table), dim(r$items)), c(10L, 6L, 16L, 9L))
  expect_identical(as.data.frame(r), r$table)
  expect_identical(dim(steelyard:::glance.steelyard_reliability(r)), c(4L, 11L))
  expect_true("Reliability of three: 3 items, n = 1000 from 30 rows" %in% format(r))
  file <- tempfile()
  saveRDS(r, file)
  expect_identical(format(readRDS(file)), format(r))
})

test_that("ordered answers count from one", {
  cut4 <- as.data.frame(lapply(attitude, cut, 4, ordered_result = TRUE))
  numbers <- as.data.frame(lapply(cut4, function(x) 10 * as.integer(x)))
  expect_equal(estimates(reliability(cut4, names(cut4))), estimates(reliability(numbers, names(cut4))), tolerance = 1e-12)
})

test_that("moments answer too", {
  m <- moments(attitude, names(attitude))
  with_rows <- reliability(attitude, names(attitude), interval = "normal")
  told <- reliability(m, names(attitude))
  expect_equal(told$table, with_rows$table, tolerance = 1e-12)
  expect_identical(told$remarks$code, "assumes_normal")
})

test_that("the print is the one of Python", {
  expect_identical(format(reliability(attitude, list(attitude = names(attitude)))), c(
  "Reliability of attitude: 7 items, 30 rows",
  "",
  "kind                estimate  std error    low   high",
  "alpha                  0.843      0.043  0.726  0.910",
  "standardised alpha     0.839      0.043  0.722  0.907",
  "omega                  0.856      0.047  0.720  0.926",
  "",
  "item           mean       sd  item-rest  alpha without  loading",
  "rating      64.6333  12.1726     0.6713         0.8098   0.8525",
  "complaints  66.6000  13.3148     0.7421         0.7969   0.9022",
  "privileges  53.1333  12.2354     0.5607         0.8278   0.5927",
  "learning    56.3667  11.7370     0.7144         0.8030   0.7307",
  "raises      64.6333  10.3972     0.7863         0.7954   0.7650",
  "critical    74.7667   9.8949     0.2650         0.8639   0.2461",
  "advance     42.9333  10.2887     0.4608         0.8405   0.3778",
  "",
  "Limits (95 %): distribution-free, influence of 30 rows, t with 29 degrees of freedom; symmetric on log(1 - reliability).",
  "One factor against any correlations: chi-squared 29.43 on 14, p 0.0091 (normal items)."))
})

test_that("reversed items, missing rows and two items are said", {
  turned <- transform(attitude, raises = -raises)
  turned$rating[4] <- NA
  expect_warning(r <- reliability(turned, names(turned)), "raises goes against the other items")
  expect_true("Rows: 30 read, 1 dropped for missing values." %in% format(r))
  two <- reliability(attitude, c("rating", "raises"))
  expect_true(is.na(estimates(two)[["omega"]]))
  expect_match(two$remarks$text, "omega needs three items", all = FALSE)
})

test_that("what cannot be is refused", {
  d <- transform(attitude, town = rep(letters[1:6], 5), place = factor(rep(c("x", "y", "z"), 10)), same = 3)
  refused <- function(words, items = c("rating", "raises", "learning"), ...)
    expect_error(reliability(d, items, ...), words, class = "steelyard_error")
  refused("items: 1 given; a scale has two or more", "rating")
  refused("items: rating is named twice", c("rating", "rating"))
  refused("raises", c("rating", "raise"))
  refused("items: no scale is named", list())
  refused("items: town holds no numbers; an item has numbers or ordered answers", c("rating", "town"))
  refused("items: place is an unordered factor", c("rating", "place"))
  refused("kind: \"beta\" is not one of", kind = "beta")
  refused("interval: \"exact\" is not one of", interval = "exact")
  refused("interval: feldt limits take rows for independent", interval = "feldt", cluster = "town")
  refused("strata: ordinal alpha and omega rest on rows or clusters", kind = "ordinal", strata = "town")
  refused("interval: normal limits are for numbers", kind = "ordinal", interval = "normal")
  refused("level: 1 is not between 0 and 1", level = 1)
  refused("weight_kind: weights need their kind", weights = "rating")
  refused("weights: reliability takes frequency or sampling", weights = "rating", weight_kind = "analytic")
  refused("items: same has one value in all 30 rows", c("rating", "same"))
})

test_that("corrected shares take planted noise off", {
  # the same columns with noise of known reliability, on fixed numbers: both ways of giving it agree
  i <- seq_len(3000)
  process <- sin(i * 1.7) + 0.4 * cos(i * 0.31)
  noise <- sqrt(stats::var(process) * (1 / 0.7 - 1) * 2) * sin(i * 12.9898 + 3) # as good as uncorrelated with the rest
  money <- cos(i * 2.3) + 0.3 * process
  y <- 0.3 * money + 0.8 * process + sin(i * 5.1)
  d <- data.frame(y, money, process = process + noise, council = i %% 50)
  clean <- shares(data.frame(y, money, process), "y", c("money", "process"), interval = NULL)$blocks$share
  seen <- shares(d, "y", c("money", "process"), cluster = "council")
  made <- corrected_shares(seen, c(process = 0.7))
  expect_gt(abs(seen$blocks$share[2] - clean[2]), 0.08)
  expect_lt(max(abs(made$blocks$share - clean)), 0.02)
  own <- matrix(0.3 * stats::var(d$process), 1, 1, dimnames = list("process", "process"))
  expect_equal(corrected_shares(seen, error_covariance = own)$blocks$share, made$blocks$share, tolerance = 1e-9)
})

test_that("corrected shares print and carry on", {
  s <- council_shares()
  k <- corrected_shares(s, c(easy_information = 0.8))
  lines <- c(
  "Corrected for errors of measurement:",
  "",
  "block    as measured  corrected  change",
  "(total)        0.240      0.298   0.058",
  "funding        0.016      0.016  -0.001",
  "process        0.224      0.283   0.059")
  expect_true(grepl(paste(lines, collapse = "\n"), paste(format(k), collapse = "\n"), fixed = TRUE))
  expect_match(format(k), "reliability of easy_information 0.800 (at least 0.278)", fixed = TRUE, all = FALSE)
  expect_named(correction(k), c("block", "uncorrected", "corrected", "change"))
  expect_lt(abs(measurement_errors(k)$lowest - 0.2778), 1e-4)
  expect_equal(compare_shares(k, "process", "funding")$estimate, diff(k$blocks$share))
  several <- shares(load_dataset("councils_2018_19"), c("control", "quality_of_life"),
                    c(funding = "spend_per_adult_gbp", process = "easy_information"))
  own <- corrected_shares(several, c(easy_information = 0.8, control = 0.9)) # of one outcome: the other keeps to itself
  alone <- corrected_shares(several, c(easy_information = 0.8))
  expect_identical(own$total[["quality_of_life"]], alone$total[["quality_of_life"]])
  expect_equal(own$total[["control"]], alone$total[["control"]] / 0.9, tolerance = 1e-12)
  expect_error(crossvalidated(alone), "corrected shares predict no observed values")
  expect_identical(correction(corrected_shares(several, c(easy_information = 0.8)))$outcome,
                   rep(c("control", "quality_of_life"), each = 3))
})

test_that("simulation extrapolation checks the correction", {
  s <- council_shares()
  x <- simex_shares(s, c(easy_information = 0.8))
  expect_identical(capture.output(print(x)), c(
  "Shares of R2 for control extrapolated to no error of measurement",
  "",
  "block    measured  quadratic  rational  exact",
  "funding     0.016      0.015     0.015  0.016",
  "process     0.224      0.273     0.283  0.283",
  "(total)     0.240      0.289     0.298  0.298",
  "",
  "Errors added: expected moments of normal errors, no draws.",
  "exact: the moments less the errors, as corrected() takes them."))
  expect_equal(x$corrected[1:2], corrected_shares(s, c(easy_information = 0.8))$blocks$share, tolerance = 1e-12)
  drawn <- attr(simex_shares(s, c(easy_information = 0.8), replicates = 300, seed = 3), "added")
  apart <- abs(drawn$share - attr(x, "added")$share)
  expect_true(all(apart < 4 * drawn$mc_error + 0.01)) # and the 1 / n of squared noise, n = 147
})

test_that("what cannot be corrected is refused, and the limit named", {
  s <- council_shares()
  for (ask in list(corrected_shares, simex_shares)) {
    refused <- function(words, ...) expect_error(ask(s, ...), words, class = "steelyard_error")
    refused("easy_information is 0; a reliability lies above 0", c(easy_information = 0))
    refused("easy_information is 1.2", c(easy_information = 1.2))
    refused("the nearest is easy_information", c(easy_informatio = 0.8))
    refused("reliability: named numbers are needed", 0.8)
    refused("give either reliability or error_covariance")
    refused("error_covariance: a square matrix with names", error_covariance = matrix(1))
  }
  expect_error(corrected_shares(s, c(easy_information = 0.2)),
               "errors up to 0.903 of those stated are possible, .* easy_information 0.278", class = "steelyard_error_data")
  expect_error(correction(s), "these shares were not corrected")
  expect_error(corrected_shares(corrected_shares(s, c(easy_information = 0.8)), c(easy_information = 0.8)),
               "corrected already")
  expect_error(simex_shares(s, c(easy_information = 0.8), lambdas = 1:2), "lambda")
})

test_that("averages are as reliable as printed", {
  # Shrout and Fleiss 1979, table 4: ICC(1,1) .17, ICC(1,4) .44
  judged <- data.frame(score = c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7),
                       target = rep(1:6, each = 4))
  r <- reliability_of_means(judged, "score", "target")
  expect_identical(capture.output(print(r)), c(
    "Reliability of averages of 6 clusters, 24 rows",
    "",
    "column  size     icc  reliability      low    high  lowest  highest",
    "score    4.0  0.1657       0.4428  -0.8844  0.9124  0.4428   0.4428",
    "",
    "Limits (95 %): by F, exact for normal values and clusters of one size; lowest and highest: of the smallest and largest cluster.",
    "Remarks:",
    "- score: averages of clusters differ no more than people of one cluster would by chance (limits of the reliability reach 0)"))
  m <- moments(judged, "score", cluster = "target")
  expect_identical(unclass(reliability_of_means(m, ~score))[2:8], unclass(r)[2:8])
  expect_error(reliability_of_means(judged, "score"), "cluster: none given")
  expect_error(reliability_of_means(judged, "scor", "target"), "score")
  expect_error(reliability_of_means(judged, "score", "target", "score", "sampling"), "takes frequency weights or none")
})
