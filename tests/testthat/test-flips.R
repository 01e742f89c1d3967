# SPDX-License-Identifier: GPL-3.0-only

people <- local({ # 400 made-up rows in 20 councils
  set.seed(3)
  n <- 400
  u <- rnorm(n)
  money <- 0.4 * u + rnorm(n)
  listen <- 0.3 * u + 0.2 * money + rnorm(n)
  need <- rnorm(n) + 0.3 * money
  data.frame(u, money, listen, plan = 0.5 * listen + rnorm(n), need,
             control = 0.8 * listen + 0.3 * money + 0.5 * u + 0.4 * need + rnorm(n),
             council = rep(1:20, n / 20),
             region = rep(c("north", "south", "west", "east"), n / 4))
})
blocks <- list(funding = ~ money, process = ~ listen, need = ~ need)

residual <- function(x, ...) lm.fit(cbind(rep(1, length(x)), ...), x)$residuals
unit <- function(x) x / sqrt(sum(x^2))
partial <- function(x, y, ...) sum(unit(residual(x, ...)) * unit(residual(y, ...)))

test_that("a planted confounder gives the shares with it forced in", {
  x <- people
  a <- -0.5
  b <- 0.4
  c <- 0.3
  f <- unit(residual(x$money))
  h <- unit(residual(x$listen, x$money))
  e <- unit(residual(x$control, x$money, x$listen))
  left <- unit(residual(x$control, x$money, x$listen, x$need))
  own <- unit(residual(x$u, x$money, x$listen, x$need, x$control))
  load <- c * sqrt((1 - a^2) * (1 - b^2)) / sum(left * e)
  x$planted <- a * f + b * sqrt(1 - a^2) * h + load * left + sqrt(1 - a^2 - b^2 * (1 - a^2) - load^2) * own
  found <- flip_at(share_flip(shares(x, "control", blocks, interval = "none")), a, b, c)
  forced <- shares(x, "control", blocks, adjust = ~ planted, interval = "none")$blocks
  expect_equal(found$share, forced$share, tolerance = 1e-10)
})

test_that("the nearest flip is where both share alike, and benchmarks are partial correlations", {
  flip <- share_flip(shares(people, "control", blocks))
  n <- flip$nearest
  expect_equal(n$distance, max(abs(unlist(n[c("a", "b", "c")]))))
  at <- flip_at(flip, n$a, n$b, n$c)
  expect_lt(abs(at$share[2L] - at$share[1L]), 1e-12)
  expect_true(n$distance_low > 0 && n$distance_low < n$distance)
  need <- flip$benchmarks
  expect_equal(unlist(need[c("a", "b", "c")], use.names = FALSE),
               c(partial(people$need, people$money), partial(people$need, people$listen, people$money),
                 partial(people$need, people$control, people$money, people$listen)), tolerance = 1e-12)
  expect_identical(flip$needed$tied_to[7L], "funding + process + outcome")
  expect_identical(dim(flip$rays), c(13L, 9L))
  expect_identical(flip$directions$column, c("money", "listen"))
})

test_that("several columns, adjusting factors and clusters", {
  s <- shares(people, "control", list(funding = ~ money, process = ~ listen + plan), adjust = ~ factor(region),
              cluster = "council")
  flip <- share_flip(s, rays = list(c(-1, 1, 1)))
  expect_identical(nrow(flip$rays), 1L)
  expect_identical(flip$directions$column, c("money", "listen", "plan"))
  expect_true(flip$benchmarks$joint)
  expect_identical(flip$nearest$df, 19)
  at <- flip_at(flip, flip$nearest$a, flip$nearest$b, flip$nearest$c)
  expect_lt(abs(at$share[2L] - at$share[1L]), 1e-12)
})

test_that("contours are differences and say what is impossible", {
  flip <- share_flip(shares(people, "control", blocks, interval = "none"))
  grid <- flip_contours(flip, "b", "c", third = 0.2, points = 5, reach = 0.999)
  expect_identical(names(grid), c("outcome", "a", "b", "c", "difference", "impossible"))
  expect_true(any(grid$impossible) && !all(grid$impossible))
  row <- grid[!grid$impossible, ][4L, ]
  at <- flip_at(flip, row$a, row$b, row$c)
  expect_identical(row$difference, at$share[2L] - at$share[1L])
  expect_error(flip_contours(flip, "b", "c", third = 1), "a = 1: a strength lies between -1 and 1",
               class = "steelyard_error_invalid")
  expect_error(flip_contours(flip, "b", "b"), "along: \"b\" is across already")
})

test_that("noise and a shared style are taken off again", {
  truth <- shares(people, "control", blocks, interval = "none")$blocks$share
  own <- unit(residual(people$u, people$money, people$listen, people$need, people$control))
  noisy <- people
  noisy$money <- sqrt(0.7) * unit(residual(people$money)) + sqrt(0.3) * own
  turn <- reliability_to_flip(shares(noisy, "control", blocks, interval = "none"), at = 0.7)
  expect_equal(attr(turn, "curve")$difference, truth[2L] - truth[1L], tolerance = 1e-10)
  styled <- people
  styled$listen <- sqrt(0.8) * unit(residual(people$listen)) + sqrt(0.2) * own
  styled$control <- sqrt(0.8) * unit(residual(people$control)) + sqrt(0.2) * own
  s <- shares(styled, "control", blocks, interval = "none")
  for (source in list(NULL, c("listen", "outcome"), c(listen = 1, control = 1))) {
    turn <- shared_source_to_flip(s, source = source, at = 0.2)
    expect_equal(attr(turn, "curve")$difference, truth[2L] - truth[1L], tolerance = 1e-10)
  }
})

test_that("councils have the numbers of the other language", {
  councils <- load_dataset("councils_2018_19")
  s <- shares(councils, c("control", "adjusted_quality_of_life"), list(
    funding = ~ spend_per_adult_gbp, process = ~ easy_information,
    delivery = ~ self_directed_support_pct + direct_payment_pct, need = ~ deprivation_rank), interval = "jackknife")
  flip <- share_flip(s)
  expect_equal(flip$nearest$distance[1L], 0.422791, tolerance = 3e-6)
  expect_equal(flip$nearest$distance_low[1L], 0.181074, tolerance = 1e-5)
  expect_match(flip$sentences[["adjusted_quality_of_life"]], "not certain at level .95 even without one.", fixed = TRUE)
  expect_output(print(flip), "Share-flip for control: process 0.2061, funding 0.0195, difference 0.1866", fixed = TRUE)
  expect_output(print(summary(flip)), "ray a", fixed = TRUE)
  turn <- reliability_to_flip(s)
  expect_equal(turn$reliability[1L], 0.18, tolerance = 1e-3)
  expect_output(print(turn), "Reliability of funding at which the order of process and funding turns", fixed = TRUE)
  expect_identical(class(turn[1L, ]), "data.frame")
  expect_identical(nrow(as.data.frame(flip)), 14L)
})

test_that("reversed orders and refusals are said", {
  s <- shares(people, "control", blocks, interval = "none")
  flip <- share_flip(s, "funding", "process")
  expect_true(flip$nearest$reversed && flip$nearest$distance == 0)
  expect_match(flip$sentences, "there is no order to turn", fixed = TRUE)
  refused <- function(call, words) expect_error(call, words, fixed = TRUE, class = "steelyard_error_invalid")
  refused(share_flip(s, "proces"), "first: there is no proces; the nearest name is process")
  refused(share_flip(s, second = "process"), "second: process is the first block too")
  refused(share_flip(s, most = 1), "most = 1: strengths lie between -1 and 1")
  refused(share_flip(s, level = 1.5), "level = 1.5")
  refused(share_flip(s, rays = list(c(1, 2))), "rays: directions of three numbers")
  refused(share_flip(s, rays = c(0, 0, 0)), "rays: (0, 0, 0) points nowhere")
  refused(share_flip(s, benchmarks = "money"), "benchmarks: money is in funding itself")
  refused(reliability_to_flip(s, at = 1.2), "a reliability lies above 0 and is at most 1")
  refused(shared_source_to_flip(s, source = c(listen = 0.5, outcome = 1)), "source: 0.5 for listen")
  refused(shared_source_to_flip(s, source = "listen"), "source: listen alone shares nothing")
  refused(flip_at(flip, 0, 1, 0), "b = 1: a strength")
  refused(share_flip(1), "s: a result of shares() is needed")
})

test_that("pictures are drawn", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  flip <- share_flip(shares(people, "control", blocks, interval = "none"))
  drawn <- plot(flip)
  alike <- drawn[drawn$part == "alike", ]
  at <- lapply(seq(1, nrow(alike), length.out = 5), function(i)
    flip_at(flip, alike$x[i], flip$nearest$b, alike$y[i])$share)
  # the line is drawn through the cells of a grid of 60 by 60
  expect_lt(max(vapply(at, function(share) abs(share[2L] - share[1L]), 0)), 2e-3)
  expect_equal(unlist(drawn[drawn$part == "nearest", c("x", "y")], use.names = FALSE), c(flip$nearest$a, flip$nearest$c))
  expect_equal(drawn$name[drawn$part == "benchmark"], "need")
})

test_that("no limit without rows or clusters is said", {
  m <- moments(people, ~ control + money + listen + need)
  flip <- share_flip(shares(m, "control", blocks, interval = "none"))
  expect_true(is.na(flip$nearest$distance_low))
  expect_identical(flip$remarks$code, "interval_skipped")
  expect_output(print(flip), "neither clusters nor rows to leave out", fixed = TRUE)
})
