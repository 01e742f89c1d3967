# SPDX-License-Identifier: GPL-3.0-only

councils <- load_dataset("councils_2018_19")
blocks <- list(funding = ~ spend_per_adult_gbp, process = ~ easy_information,
               delivery = ~ self_directed_support_pct + direct_payment_pct, need = ~ deprivation_rank)

# Half a unit in the fourth decimal: the numbers were stated to four decimals.
expect_printed <- function(found, printed) expect_equal(round(unname(found), 4), printed, tolerance = 1e-12)

test_that("councils: control is shared out as stated", {
  s <- shares(councils, "control", blocks)
  expect_equal(s$n, 147)
  expect_printed(s$total, 0.2689)
  expect_equal(s$blocks$block, names(blocks))
  expect_printed(s$blocks$share, c(0.0195, 0.2061, 0.0074, 0.0359))
  funding <- s$blocks[1L, ]
  expect_printed(c(funding$alone, funding$unique, funding$lowest, funding$highest), c(0.0312, 0.0048, 0.0016, 0.0450))
  expect_printed(s$blocks$adjusted[3L], -0.0046)
})

test_that("councils: quality of life is shared out as stated", {
  s <- shares(councils, "quality_of_life", blocks, interval = "none")
  expect_printed(s$total, 0.3036)
  expect_printed(s$blocks$share, c(0.0226, 0.2473, 0.0096, 0.0241))
})

seven <- c("quality_of_life", "adjusted_quality_of_life", "satisfaction", "control", "feel_safe", "social_contact",
           "services_keep_safe")

test_that("councils: funding alone over the seven outcomes, with and without the City of London", {
  alone <- function(data)
    shares(data, seven, blocks, interval = "none", missing = "per-outcome")$blocks
  with <- alone(councils)
  expect_printed(with$alone[with$block == "funding"], c(0.0377, 0.0127, 0.0271, 0.0312, 0.0092, 0.0835, 0.0182))
  without <- alone(councils[councils$council != "City of London", ])
  expect_printed(without$alone[without$block == "funding"],
                 c(0.0387, 0.0015, 0.0327, 0.0296, 0.0137, 0.0418, 0.0187))
})

test_that("swiss: LMG, alone and unique are relaimpo's", {
  predictors <- c("Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality")
  s <- shares(datasets::swiss, "Fertility", predictors)
  # relaimpo 2.2.7, calc.relimp(type = c("lmg", "first", "last")); tolerance: how far relaimpo is good
  expect_equal(s$blocks$share, c(0.057091220768091311, 0.1711730289002342, 0.26013467862438483, 0.10557015037349374,
                                 0.11276592292652193), tolerance = 1e-10)
  expect_equal(s$blocks$alone, c(0.12466490990574784, 0.41716447050059069, 0.44061564672392367, 0.21500350161854379,
                                 0.17351892732486232), tolerance = 1e-10)
  expect_equal(s$blocks$unique, c(0.042869607125493973, 0.0073874185151243128, 0.16196269307733616,
                                  0.062372625827423714, 0.056945258732497207), tolerance = 1e-10)
  expect_equal(s$total, 0.70673500159272595, tolerance = 1e-12)
  expect_equal(sum(s$blocks$share), s$total, tolerance = 1e-14)
  expect_equal(s$blocks$share, s$terms$share)
})

test_that("Azen and Budescu's printed correlations give their general dominance", {
  # Azen & Budescu 2003, doi:10.1037/1082-989X.8.2.129
  r <- as.matrix(load_dataset("azen_budescu_2003")[, -1])
  s <- shares(moments_from_correlation(r, 1000, colnames(r)), "y", c("x1", "x2", "x3", "x4"), interval = "none")
  expect_equal(round(s$total, 5), 0.58435)
  expect_equal(round(s$blocks$share, 5), c(0.29218, 0.07586, 0.09491, 0.12140))
  expect_equal(round(s$blocks$unique, 3), c(0.246, 0.071, 0.061, 0.010))
})

# The slow twin: Shapley values by all orders of lm's R2.
r2_of <- function(data, outcome, predictors) {
  if (!length(predictors)) return(0)
  summary(lm(reformulate(predictors, outcome), data))$r.squared
}
orders <- function(x) {
  if (length(x) <= 1L) return(list(x))
  unlist(lapply(seq_along(x), function(i) lapply(orders(x[-i]), function(rest) c(x[i], rest))), recursive = FALSE)
}
shapley_by_orders <- function(data, outcome, groups, adjust = NULL) {
  all <- orders(names(groups))
  gain <- function(order) {
    values <- vapply(seq_along(order), function(i)
      r2_of(data, outcome, c(adjust, unlist(groups[order[seq_len(i)]]))), 0)
    diff(c(r2_of(data, outcome, adjust), values))[match(names(groups), order)]
  }
  rowMeans(vapply(all, gain, numeric(length(groups))))
}

test_that("factors, products, powers and calls agree with lm over all orders", {
  groups <- list(a = "wt", b = "factor(cyl)", c = c("I(hp^2)", "hp:qsec"), d = "log(disp)")
  s <- shares(mtcars, "mpg", lapply(groups, paste, collapse = " + "), interval = "none")
  expect_equal(s$blocks$share, shapley_by_orders(mtcars, "mpg", groups), tolerance = 1e-11)
  expect_equal(s$terms$term, c("wt", "factor(cyl)", "hp^2", "hp:qsec", "log(disp)"))
  expect_equal(sum(s$terms$share), s$total, tolerance = 1e-13)
})

test_that("shares beyond adjusting terms agree with lm over all orders", {
  groups <- list(a = "wt", b = c("hp", "qsec"), c = "disp")
  s <- shares(mtcars, "mpg", lapply(groups, reformulate), adjust = ~ factor(cyl), interval = "none")
  expect_equal(s$blocks$share, shapley_by_orders(mtcars, "mpg", groups, "factor(cyl)"), tolerance = 1e-11)
  expect_equal(s$provenance$adjust, "factor(cyl)")
})

test_that("weights of each kind give lm's R2", {
  data <- transform(mtcars, w = rep_len(1:4, 32))
  fit <- summary(lm(mpg ~ wt + hp, data, weights = w))
  twice <- data[rep(seq_len(32), data$w), ]
  frequency <- shares(data, "mpg", c("wt", "hp"), weights = "w", weight_kind = "frequency", interval = "none")
  expect_equal(frequency$total, fit$r.squared, tolerance = 1e-12)
  expect_equal(frequency$n, sum(data$w))
  expect_equal(frequency$total_adjusted, summary(lm(mpg ~ wt + hp, twice))$adj.r.squared, tolerance = 1e-12)
  for (kind in c("analytic", "sampling")) {
    s <- shares(data, "mpg", c("wt", "hp"), weights = ~ w, weight_kind = kind, interval = "none")
    expect_equal(s$total, fit$r.squared, tolerance = 1e-12)
    expect_equal(s$n, 32)
  }
  vector <- shares(mtcars, "mpg", c("wt", "hp"), weights = data$w, weight_kind = "analytic", interval = "none")
  expect_equal(vector$total_adjusted, fit$adj.r.squared, tolerance = 1e-12)
})

test_that("adding 1e9 to a column changes nothing that its digits can bear", {
  plain <- shares(mtcars, "mpg", c("wt", "hp", "disp"), interval = "none")
  moved <- shares(transform(mtcars, hp = hp + 1e9), "mpg", c("wt", "hp", "disp"), interval = "none")
  expect_equal(moved$blocks$share, plain$blocks$share, tolerance = 1e-12)
})

test_that("tibble-like and data.table-like frames give the same bits", {
  plain <- shares(mtcars, "mpg", c("wt", "hp"))
  for (class in list(c("tbl_df", "tbl", "data.frame"), c("data.table", "data.frame"))) {
    s <- shares(structure(mtcars, class = class), "mpg", c("wt", "hp"))
    expect_identical(s$blocks, plain$blocks)
  }
})

test_that("integers, truth values and doubles of the same values give the same bits", {
  data <- data.frame(y = mtcars$mpg, a = as.integer(mtcars$gear), b = mtcars$am == 1)
  other <- transform(data, a = as.double(a), b = as.double(b))
  expect_identical(shares(data, "y", c("a", "b"))$blocks, shares(other, "y", c("a", "b"))$blocks)
})

test_that("missing values of every type are found, counted and left out", {
  data <- data.frame(y = mtcars$mpg, a = as.integer(mtcars$gear), b = mtcars$am == 1, f = factor(mtcars$cyl))
  data$y[1] <- NaN
  data$a[2:3] <- NA
  data$b[4] <- NA
  data$f[5] <- NA
  s <- shares(data, "y", c("a", "b", "f"), interval = "none")
  expect_equal(s$n, 27)
  expect_equal(s$provenance$rows_dropped, 5)
  expect_match(format(s), "Rows: 32 read, 27 used, 5 dropped for missing values (y 1, a 2, b 1, f 1).", fixed = TRUE,
               all = FALSE)
  expect_equal(s$total, summary(lm(y ~ a + b + f, data))$r.squared, tolerance = 1e-12)
  expect_true("rows_dropped" %in% s$remarks$code)
  expect_error(shares(data, "y", c("a", "b"), missing = "error"), class = "steelyard_error_data")
})

test_that("several outcomes share rows under complete, and keep their own under per-outcome", {
  data <- transform(mtcars, disp = replace(disp, 1:3, NA))
  both <- c("mpg", "disp")
  complete <- shares(data, both, c("wt", "hp"), interval = "none")
  expect_equal(complete$n, c(mpg = 29, disp = 29))
  own <- shares(data, both, c("wt", "hp"), interval = "none", missing = "per-outcome")
  expect_equal(own$n, c(mpg = 32, disp = 29))
  expect_equal(own$total[["mpg"]], summary(lm(mpg ~ wt + hp, data))$r.squared, tolerance = 1e-12)
  expect_equal(own$blocks$outcome, rep(both, each = 2))
  expect_equal(names(own$provenance$n), both)
})

test_that("the answer does not depend on threads", {
  one <- shares(mtcars, "mpg", setdiff(names(mtcars), "mpg"), threads = 1, interval = "jackknife")
  for (threads in c(2, 3, 8)) {
    s <- shares(mtcars, "mpg", setdiff(names(mtcars), "mpg"), threads = threads, interval = "jackknife")
    expect_identical(s$blocks, one$blocks)
    expect_equal(s$provenance$threads, threads)
  }
})

test_that("moments and the frame they came from give the same bits", {
  m <- moments(mtcars, ~ mpg + wt + hp + factor(cyl), cluster = "gear", precision = "double-double")
  a <- suppressWarnings(shares(m, "mpg", c("wt", "hp", "factor(cyl)"), interval = "none"))
  b <- suppressWarnings(shares(mtcars, "mpg", c("wt", "hp", "factor(cyl)"), cluster = "gear", interval = "none"))
  expect_identical(a$blocks, b$blocks)
  expect_identical(a$provenance$hash, b$provenance$hash)
})

test_that("all ways to write blocks mean the same", {
  given <- list(~ wt + hp, c("wt", "hp"), "wt + hp", "hp + wt", list("wt", "hp"), list(wt = ~ wt, hp = ~ hp),
                c(wt = "wt", hp = "hp"), list(wt = "wt", hp = c("hp")))
  wanted <- shares(mtcars, "mpg", c("wt", "hp"), interval = "none")$blocks
  for (blocks in given) {
    found <- shares(mtcars, "mpg", blocks, interval = "none")$blocks
    expect_equal(found[match(wanted$block, found$block), ], wanted, ignore_attr = TRUE)
  }
})

test_that("results survive saveRDS", {
  s <- shares(mtcars, "mpg", c("wt", "hp"))
  file <- tempfile(fileext = ".rds")
  saveRDS(s, file)
  again <- readRDS(file)
  expect_identical(again, s)
  expect_identical(compare_shares(again, "wt", "hp"), compare_shares(s, "wt", "hp"))
})

test_that("reference cases of shapley and all subsets agree", {
  file <- test_path("../reference/cases.csv")
  skip_if_not(file.exists(file), "reference cases are not in the built package")
  cases <- read.csv(file)
  subsets <- cases[cases$case == "S02_swiss_subsets", ]
  totals <- vapply(regmatches(subsets$quantity, regexpr("(?<=\\[).*(?=\\])", subsets$quantity, perl = TRUE)),
                   function(terms) shares(datasets::swiss, "Fertility", strsplit(terms, "+", fixed = TRUE)[[1]],
                                          interval = "none")$total, 0)
  expect_true(all(abs(totals - subsets$expected) <= subsets$tol_rel * abs(subsets$expected)))
  lmg <- cases[cases$case == "S01_swiss_lmg" & grepl("^(lmg|first|last)\\[", cases$quantity), ]
  part <- strsplit(sub("\\]", "", lmg$quantity), "[", fixed = TRUE)
  s <- shares(datasets::swiss, "Fertility", unique(vapply(part, `[`, "", 2L)), interval = "none")$blocks
  column <- c(lmg = "share", first = "alone", last = "unique")[vapply(part, `[`, "", 1L)]
  found <- mapply(function(column, block) s[[column]][s$block == block], column, vapply(part, `[`, "", 2L))
  expect_true(all(abs(found - lmg$expected) <= lmg$tol_rel * abs(lmg$expected)))
})
