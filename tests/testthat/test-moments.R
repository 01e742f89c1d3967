# SPDX-License-Identifier: GPL-3.0-only

test_that("moments say what they hold", {
  data <- transform(mtcars, hp = replace(hp, 1:2, NA))
  m <- moments(data, ~ mpg + hp + factor(cyl), cluster = "gear")
  expect_s3_class(m, "steelyard_moments")
  expect_equal(m$labels, c("mpg", "hp", "factor(cyl)"))
  expect_equal(m$n, 30)
  expect_equal(c(m$rows_read, m$rows_dropped), c(32, 2))
  expect_equal(m$missing, c(mpg = 0, hp = 2, `factor(cyl)` = 0))
  expect_setequal(m$clusters, c("3", "4", "5"))
  expect_equal(m$unit, "cluster")
  expect_equal(m$precision, "double-double")
  expect_true(all(c("mpg", "hp") %in% m$decimal))
  expect_match(m$hash, "^[0-9a-f]{16}$")
  expect_equal(m$remarks$code, "rows_dropped")
})

test_that("two halves add up to the whole", {
  terms <- ~ mpg + wt + factor(cyl)
  whole <- moments(mtcars, terms, cluster = "gear")
  sum <- moments(mtcars[1:16, ], terms, cluster = "gear") + moments(mtcars[17:32, ], terms, cluster = "gear")
  expect_equal(sum$n, 32)
  expect_setequal(sum$clusters, whole$clusters)
  a <- suppressWarnings(shares(sum, "mpg", c("wt", "factor(cyl)")))
  b <- suppressWarnings(shares(whole, "mpg", c("wt", "factor(cyl)")))
  # the halves are shifted by their own first guess, so only the last bits may differ
  expect_equal(a$blocks, b$blocks, tolerance = 1e-13)
})

test_that("moments over different terms or weights do not add up", {
  a <- moments(mtcars, ~ mpg + wt)
  expect_error(a + moments(mtcars, ~ mpg + hp), class = "steelyard_error_invalid")
  expect_error(a + moments(mtcars, ~ mpg + wt, weights = "cyl", weight_kind = "frequency"),
               class = "steelyard_error_invalid")
  expect_error(a + 1, class = "steelyard_error_invalid")
  expect_error(+a, class = "steelyard_error_invalid")
})

test_that("files and saveRDS bring back the same bytes", {
  m <- moments(mtcars, ~ mpg + wt, cluster = "gear")
  file <- tempfile()
  expect_identical(save_moments(m, file), file)
  again <- load_moments(file)
  expect_identical(again$blob, m$blob)
  expect_identical(again[c("labels", "n", "clusters", "hash")], m[c("labels", "n", "clusters", "hash")])
  rds <- tempfile()
  saveRDS(m, rds)
  expect_identical(readRDS(rds), m)
  expect_identical(shares(readRDS(rds), "mpg", "wt", interval = "none")$blocks,
                   shares(m, "mpg", "wt", interval = "none")$blocks)
})

test_that("damaged, cut and foreign files are told apart from moments", {
  m <- moments(mtcars, ~ mpg + wt)
  file <- tempfile()
  bytes <- m$blob
  damaged <- list(bytes[seq_len(length(bytes) - 8L)], bytes[0], as.raw(1:255), charToRaw("no moments at all"),
                  `[<-`(bytes, length(bytes) - 3L, xor(bytes[length(bytes) - 3L], as.raw(1))))
  for (bytes in damaged) {
    writeBin(bytes, file)
    expect_error(load_moments(file), class = "steelyard_error_data")
  }
  expect_error(load_moments(tempfile()), class = "steelyard_error_invalid", "no file")
  nowhere <- file.path(tempfile(), "x")
  expect_error(save_moments(m, nowhere), class = "steelyard_error_invalid", "there is no folder")
  expect_equal(.Call(steelyard:::C_live_bytes), 0)
})

test_that("the hash is of the sums, not of the order of clusters or rows' names", {
  a <- moments(mtcars, ~ mpg + wt, precision = "double-double")
  b <- moments(structure(mtcars, row.names = paste0("x", 1:32)), ~ mpg + wt, precision = "double-double")
  expect_identical(a$hash, b$hash)
  expect_false(a$hash == moments(transform(mtcars, wt = replace(wt, 1, 3)), ~ mpg + wt)$hash)
})

test_that("correlations are kept, and no rows are made up", {
  r <- cor(mtcars[, c("mpg", "wt", "hp")])
  m <- moments_from_correlation(r, 32)
  expect_equal(m$labels, c("mpg", "wt", "hp"))
  expect_equal(moments_from_correlation(unname(r), 32)$labels, c("x1", "x2", "x3"))
  expect_equal(m$n, 32)
  s <- shares(m, "mpg", c("wt", "hp"))
  expect_equal(s$total, summary(lm(mpg ~ wt + hp, mtcars))$r.squared, tolerance = 1e-12)
  expect_equal(s$provenance$interval, "normal")
  expect_true("assumes_normal" %in% s$remarks$code)
  expect_match(format(s)[1], "n = 32 (correlation matrix)", fixed = TRUE)
})

test_that("a frame's columns are not copied", {
  n <- 2e5
  data <- data.frame(y = sin(seq_len(n)), x = cos(seq_len(n)^2))
  # 2e5 doubles are 1.6 MB: a copy of either column would show
  gc(reset = TRUE)
  before <- sum(gc()[, 2])
  invisible(moments(data, ~ y + x))
  expect_lt(gc()["Vcells", 6] - gc()["Vcells", 2], 1.6)
})
