# polychoric(): lavaan's correlations, shares made of them, prints, refusals. Python runs
# the same (tests/python/test_polychoric.py).
# SPDX-License-Identifier: GPL-3.0-only

data_of <- function(name) {
  file <- test_path("..", "reference", "data", paste0(name, ".csv"))
  skip_if_not(file.exists(file), "tests/reference is not here")
  read.csv(file)
}
wine <- function() {
  transform(data_of("wine"), temp = factor(temp, c("cold", "warm")), contact = factor(contact, c("no", "yes")))
}
housing <- function() {
  three <- c("Low", "Medium", "High")
  transform(data_of("housing"), Sat = factor(Sat, three, ordered = TRUE), Infl = factor(Infl, three, ordered = TRUE),
            Cont = factor(Cont, c("Low", "High"), ordered = TRUE))
}
asked <- local({ # 720 made-up answers in 24 councils
  i <- 0:719
  a <- sqrt((i * 7) %% 101 + 1) - 6
  b <- (i * 13) %% 37 / 12 - 1.5
  level <- 0.4 * a + 0.3 * b + ((i * 7) %% 24) / 12 + (i * 37) %% 211 / 60
  data.frame(level, step = floor(pmin(pmax(level, 0), 5.99) / 1.5), a, b, four = floor((i * 13) %% 37 / 10),
             council = i %% 24)
})

test_that("correlations are those of lavaan", {
  # lavaan 0.6-14, lavCor, two-step; its search stops at about 1e-7 of its objective, hence 3e-5
  r <- polychoric(wine(), c("rating", "temp", "contact", "response"), ordered = "rating")$r
  known <- c(0.716890261588, 0.408070778055, 0.993690896624, 0.712612924202, 0.420232768856)
  found <- c(r["rating", c("temp", "contact", "response")], r["temp", "response"], r["contact", "response"])
  expect_lt(max(abs(found - known)), 3e-5)
  expect_lt(abs(r["temp", "contact"]), 1e-14) # a balanced table
  r <- polychoric(housing(), ~ Sat + Infl + Cont, weights = "Freq", weight_kind = "frequency")$r
  expect_lt(abs(r["Sat", "Cont"] - 0.0638334766185), 3e-5)
  expect_identical(r, t(r))
  expect_equal(unname(diag(r)), rep(1, 3))
})

printed <- c(
  "Correlations of 3 columns, 72 rows: pairs of ordered columns polychoric,",
  "of an ordered one and a number polyserial, of numbers Pearson's",
  "",
  "first   second    kind        estimate  std. error  conf. low  conf. high",
  "rating  temp      polychoric     0.717       0.065      0.531       0.837",
  "rating  response  polyserial    0.9937      0.0051     0.9604      0.9990",
  "temp    response  polyserial     0.713       0.054      0.566       0.816",
  "",
  "Standard errors by influence functions of 9 clusters; limits (95 %) on Fisher's z.",
  "A normal variable behind each ordered column is assumed.")

test_that("the print is that of Python", {
  p <- polychoric(wine(), c("rating", "temp", "response"), ordered = "rating", cluster = "judge")
  expect_equal(format(p), printed)
  expect_output(print(p), printed[1L], fixed = TRUE)
  expect_equal(format(unserialize(serialize(p, NULL))), printed)
})

test_that("numbers have Pearson's correlation", {
  p <- polychoric(asked, c("a", "b", "level"))
  expect_equal(p$r["a", "level"], stats::cor(asked$a, asked$level), tolerance = 1e-12)
  expect_equal(unique(as.data.frame(p)$kind), "Pearson")
  mixed <- as.data.frame(polychoric(asked, c("step", "four", "b"), ordered = c("step", "four")))
  expect_equal(mixed$kind, c("polychoric", "polyserial", "polyserial"))
  expect_equal(mixed$first, c("step", "step", "four"))
  expect_equal(mixed$second, c("four", "b", "b"))
  expect_true(all(mixed$conf.low < mixed$estimate & mixed$estimate < mixed$conf.high))
})

test_that("frequencies are repeated rows", {
  columns <- c("Sat", "Infl", "Cont")
  cells <- polychoric(housing(), columns, weights = "Freq", weight_kind = "frequency")
  people <- housing()
  rows <- polychoric(people[rep(seq_len(nrow(people)), people$Freq), ], columns)
  expect_equal(cells$r, rows$r, tolerance = 1e-12)
  expect_equal(cells$std.error, rows$std.error, tolerance = 1e-11)
})

test_that("shares follow from the matrix", {
  p <- polychoric(asked, c("step", "a", "b"), ordered = "step", cluster = "council")
  s <- shares(p$moments, "step", c("a", "b"))
  ya <- p$r["step", "a"]
  yb <- p$r["step", "b"]
  ab <- p$r["a", "b"]
  r2 <- (ya^2 + yb^2 - 2 * ya * yb * ab) / (1 - ab^2)
  expect_equal(s$total, r2, tolerance = 1e-12)
  expect_equal(s$blocks$share[1L], (ya^2 + r2 - yb^2) / 2, tolerance = 1e-12)
  expect_true("Limits (95 %): jackknife over 24 clusters, t with 23 degrees of freedom." %in% format(s))
  expect_true(all(s$blocks$conf.low < s$blocks$share & s$blocks$share < s$blocks$conf.high))
  expect_gt(compare_shares(s, "a", "b")$std.error, 0)
  by_row <- shares(polychoric(asked, c("step", "a", "b"), ordered = "step")$moments, "step", c("a", "b"))
  expect_true(any(grepl("jackknife over 720 rows", format(by_row))))
})

test_that("missing rows are told", {
  holes <- asked
  holes$a[1:5] <- NA
  p <- polychoric(holes, c("step", "a"), ordered = "step")
  expect_true("5 rows of 720 dropped: a value is missing." %in% format(p))
  expect_equal(p$moments$n, 715)
  expect_error(polychoric(holes, c("step", "a"), ordered = "step", missing = "error"), "missing",
               class = "steelyard_error_data")
})

test_that("a matrix that is none is refused or smoothed", {
  frame <- data.frame(a = rep(c(0, 1, 0), c(6, 3, 3)), b = c(0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1),
                      c = c(0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1))
  columns <- names(frame)
  expect_error(polychoric(frame, columns, ordered = columns), "make no correlation matrix \\(least eigenvalue -",
               class = "steelyard_error_data")
  p <- polychoric(frame, columns, ordered = columns, smooth = TRUE)
  expect_true(any(grepl("one near them is used", format(p))))
  expect_true("boundary" %in% p$remarks$code)
  expect_gt(min(eigen(p$r, TRUE, TRUE)$values), -1e-12)
})

test_that("bad input is refused in words", {
  frame <- transform(asked, word = "text", one = 2, group = factor(rep(c("x", "y", "z"), 240)))
  refuses <- function(columns, message, ...)
    expect_error(polychoric(frame, columns, ...), message, fixed = TRUE, class = "steelyard_error")
  refuses(c("step", "aa"), "columns: there is no aa")
  refuses("step", "columns: 1 given; at least two are needed")
  refuses(c("step", "step"), "columns: step is named twice")
  refuses(character(), "columns: names of columns are needed")
  refuses(c("step", "word"), "columns: word is text; put its levels in order, lowest first: factor(data$word")
  refuses(c("step", "group"), "columns: group is an unordered factor; put its levels in order")
  refuses(c("step", "a"), "columns: a holds", ordered = "a")
  refuses(c("step", "a"), "weights: b are analytic", weights = "b", weight_kind = "analytic")
  refuses(c("step", "a"), "weight_kind: weights need their kind", weights = "b")
  refuses(c("step", "a"), "level: 1 is not between 0 and 1", level = 1)
  refuses(c("step", "one"), "one: all 720 values are equal")
  refuses(c("step", "one"), "one: all 720 answers are at one level", ordered = "one")
  expect_equal(.Call(steelyard:::C_live_bytes), 0)
})

test_that("the bits do not depend on threads", {
  one <- polychoric(asked, c("step", "four", "a"), ordered = c("step", "four"), threads = 1)
  three <- polychoric(asked, c("step", "four", "a"), ordered = c("step", "four"), threads = 3)
  expect_identical(as.data.frame(one), as.data.frame(three))
})
