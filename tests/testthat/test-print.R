# SPDX-License-Identifier: GPL-3.0-only

councils <- load_dataset("councils_2018_19")
blocks <- list(funding = ~ spend_per_adult_gbp, process = ~ easy_information,
               delivery = ~ self_directed_support_pct + direct_payment_pct, need = ~ deprivation_rank)

test_that("a result prints what, on how many rows, with which measure, before the numbers", {
  lines <- format(shares(councils, "control", blocks))
  expect_equal(lines[1], "Shares of R2 for control: 4 blocks, 147 rows")
  expect_match(lines[2], "^Total 0\\.269 \\(95 % limits 0\\.\\d{3} to 0\\.\\d{3}\\), adjusted 0\\.243, cross-validated 0\\.191 \\(10 folds\\)$")
  expect_match(lines[4], "^block +share  percent +low +high +alone +unique +lowest +highest +adjusted  by chance  cross-validated$")
  expect_match(lines[5], "^funding   0\\.020      7\\.3  ")
  expect_equal(lines[10], "Limits (95 %): jackknife over 147 rows, t with 146 degrees of freedom.")
  expect_equal(lines[length(lines)], "Shares are points of all outcome variance; association, not effect.")
})

test_that("all rows of the table are equally wide", {
  lines <- format(shares(councils, "control", blocks))[4:8]
  expect_equal(length(unique(nchar(lines))), 1L)
})

test_that("columns that do not exist are not printed", {
  m <- moments(councils, c("control", "spend_per_adult_gbp", "easy_information"))
  lines <- format(shares(m, "control", c("spend_per_adult_gbp", "easy_information"), interval = "none", bounds = FALSE))
  expect_match(lines[2], "^Total 0\\.\\d{4}, adjusted 0\\.\\d{4}$")
  expect_match(lines[4], "^block +share  percent +alone +unique +adjusted  by chance$")
  expect_true("Limits: none." %in% lines)
})

test_that("adjusting terms, weights and several outcomes are said", {
  s <- shares(mtcars, c("mpg", "qsec"), c("wt", "hp"), adjust = ~ factor(cyl), weights = "gear",
              weight_kind = "frequency", interval = "none")
  lines <- format(s)
  expect_equal(lines[1], "Shares of R2 for mpg beyond factor(cyl): 2 blocks, n = 118 from 32 rows")
  expect_match(lines[3], "^Adjusting terms: R2 0\\.\\d{4}; the total is 0\\.\\d{4} of what they leave$")
  expect_true("Weights: frequency, sum 118." %in% lines)
  expect_equal(sum(grepl("^Shares of R2 for", lines)), 2L)
  expect_equal(sum(grepl("^Shares are points", lines)), 1L)
  expect_equal(lines[which(grepl("for qsec", lines)) - 1L], "")
})

test_that("moments print their terms, sets, precision and hash", {
  m <- moments(mtcars, ~ mpg + factor(cyl), cluster = "gear")
  expect_equal(format(m), c("Moments of 2 terms, 32 rows", "Terms: mpg, factor(cyl) (3 levels)",
                            "Sets: one a cluster (3)", paste0("Precision: double-double; read as decimals: ",
                                                              paste(m$decimal, collapse = ", ")),
                            paste0("Hash: ", m$hash)))
  expect_output(print(moments(mtcars, ~ mpg)), "Moments of 1 term, 32 rows")
})

test_that("printing gives the object back, invisibly, and summary adds the terms", {
  s <- shares(mtcars, "mpg", list(a = ~ wt + hp, b = ~ qsec), interval = "none")
  expect_output(expect_invisible(print(s)), "Shares of R2 for mpg: 2 blocks, 32 rows")
  expect_output(print(summary(s)), "a +hp +0\\.")
})

test_that("the long form holds every metric of every row", {
  s <- shares(mtcars, "mpg", list(a = ~ wt + hp, b = ~ qsec))
  long <- as.data.frame(s)
  expect_equal(names(long), c("outcome", "block", "term", "metric", "estimate", "std.error", "conf.low", "conf.high"))
  expect_equal(nrow(long), 1 + 9 * (2 + 3))
  expect_equal(long$metric[1:3], c("total", "share", "percent_of_explained"))
  expect_equal(long$estimate[1], s$total)
  pick <- function(block, term, metric) long$estimate[long$block == block & long$term == term & long$metric == metric]
  expect_equal(pick("a", "", "alone"), s$blocks$alone[1])
  expect_equal(pick("a", "hp", "share"), s$terms$share[2])
  expect_true(all(is.na(long$std.error[long$metric == "lowest"])))
  expect_equal(s$blocks$std.error, long$std.error[long$metric == "share" & long$term == ""])
})

test_that("tidy and glance answer to the generics package", {
  skip_if_not_installed("generics")
  s <- shares(mtcars, c("mpg", "disp"), c("wt", "hp"))
  expect_identical(generics::tidy(s), as.data.frame(s))
  g <- generics::glance(s)
  expect_equal(g$outcome, c("mpg", "disp"))
  expect_equal(g$total, unname(s$total))
  expect_equal(g$interval, c("jackknife", "jackknife"))
})

test_that("provenance has its fields in the order of both languages", {
  s <- shares(mtcars, "mpg", c("wt", "hp"), seed = 5)
  expect_equal(names(s$provenance), c("version", "hash", "outcome", "blocks", "adjust", "order", "weight_kind", "missing",
    "bounds", "method", "orders", "mc_error", "interval", "level", "replicates", "seed", "threads", "n", "n_effective",
    "rows_read", "rows_used",
    "rows_dropped", "unit", "units", "df", "df_resid", "digits", "vif_max", "guarded", "submodels", "precision"))
  expect_equal(s$provenance$blocks, list(wt = "wt", hp = "hp"))
  expect_equal(s$provenance$version, as.character(utils::packageVersion("steelyard")))
  expect_equal(s$provenance$submodels, 4)
})
