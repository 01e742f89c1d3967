# SPDX-License-Identifier: GPL-3.0-only

make_answers <- function(n = 600) {
  i <- seq_len(n)
  council <- i %% 20
  levels <- c("a lot worse", "worse", "no difference", "better", "a lot better")
  code <- function(a, b) floor((i * sqrt(a) + council * b * 0.31) %% 5) + 1
  data.frame(control = factor(levels[code(7, 3)], levels), safe = factor(levels[replace(code(11, 2), 5, NA)], levels),
             step1 = as.integer(i %% 3 == 0), step2 = as.integer(i %% 4 == 0), council = sprintf("c%02d", council),
             area = ifelse(i <= 6, "tiny", ifelse(council < 8, "north", "south")), w = 1 + i %% 3)
}
good <- c("better", "a lot better")
bad <- c("worse", "a lot worse")

test_that("limits are those of prop.test and binom.test", {
  d <- make_answers()
  k <- table(d$control %in% good)[["TRUE"]]
  o <- overview(d, "control", good)
  expect_equal(c(o$table$better_low, o$table$better_high), as.vector(prop.test(k, 600, correct = FALSE)$conf.int),
               tolerance = 1e-12)
  e <- overview(d, "control", good, interval = "exact", level = 0.9)
  expect_equal(c(e$table$better_low, e$table$better_high), as.vector(binom.test(k, 600, conf.level = 0.9)$conf.int),
               tolerance = 1e-10)
})

test_that("clusters and sampling weights: a linearised ratio, by hand", {
  d <- make_answers()
  o <- overview(d, "safe", good, bad, cluster = "council", weights = ~w, weight_kind = "sampling")
  there <- d[!is.na(d$safe), ]
  y <- there$safe %in% good
  p <- weighted.mean(y, there$w)
  u <- tapply(there$w * (y - p), there$council, sum) / sum(there$w)
  se <- sqrt(20 / 19 * sum(u^2))
  expect_equal(o$table$better, p, tolerance = 1e-14)
  expect_equal(o$table$std_error, se, tolerance = 1e-12)
  expect_equal(c(o$table$better_low, o$table$better_high),
               plogis(qlogis(p) + c(-1, 1) * qt(0.975, 19) * se / (p * (1 - p))), tolerance = 1e-12)
  expect_equal(o$table$better + o$table$same + o$table$worse, 1)
})

test_that("Holm's verdicts are p.adjust's, Bonferroni's limits cover together", {
  share <- c(0.74, 0.70, 0.69, 0.668, 0.66, 0.63, 0.50)
  d <- data.frame(item = letters[1:7], share = share, n = 1500)
  o <- overview(d, "item", n = "n", threshold = 2 / 3)
  p <- pnorm((share - 2 / 3) / sqrt(2 / 9 / 1500), lower.tail = FALSE)
  expect_equal(o$claim$holm == "surely above", p.adjust(p, "holm") <= 0.025)
  expect_equal(o$claim$holm == "surely below", p.adjust(1 - p, "holm") <= 0.025)
  expect_equal(o$claim$low[1], prop.test(1110, 1500, conf.level = 1 - 0.05 / 7, correct = FALSE)$conf.int[1],
               tolerance = 1e-12)
  expect_equal(o$counts$lowest, o$counts$surely_above)
  expect_equal(o$counts$highest, 7L - o$counts$surely_below)
  expect_match(format(o), "joint confidence on", all = FALSE)
})

test_that("groups under ten people tell nothing", {
  o <- overview(make_answers(), c("control", "safe"), good, bad, by = "area")
  tiny <- o$groups[o$groups$group == "tiny", ]
  expect_equal(tiny$people, c("<10", "<10"))
  expect_true(all(is.na(tiny[c("n", "missing", "better", "worse", "std_error")])))
  expect_true(all(is.na(as.data.frame(o)$estimate[as.data.frame(o)$group == "tiny"])))
  expect_false("tiny" %in% c(rank_intervals(o, "safe")$group, funnel_limits(o, "safe")$group))
  expect_true("hidden" %in% o$remarks$code)
  expect_output(print(o), "<10")
})

test_that("steps, ranks and funnels are counted right", {
  d <- make_answers()
  o <- overview(d, "control", good, by = "council")
  s <- difficult_steps(o, c("step1", "step2"), difficult = 1)
  count <- d$step1 + d$step2
  expect_equal(s$exactly, as.vector(table(factor(count, 0:2))) / 600)
  expect_equal(s$or_more, vapply(0:2, function(k) mean(count >= k), 0))
  expect_equal(difficult_steps(o, c("step1", "step2"), 1, k = 2)$or_more, s$or_more[3])
  r <- rank_intervals(o)
  expect_true(all(r$lowest <= r$rank & r$rank <= r$highest) && nrow(r) == 20)
  f <- funnel_limits(o)
  x <- qbinom(0.975, 30, attr(f, "overall"))
  expect_equal(f$high_95[1], (x - (pbinom(x, 30, attr(f, "overall")) - 0.975) / dbinom(x, 30, attr(f, "overall"))) / 30,
               tolerance = 1e-10)
})

test_that("rows, counts and percentages give the same", {
  d <- make_answers()
  rows <- overview(d, "control", good, by = "area")$groups
  cells <- data.frame(area = rows$group[1:2], control = 100 * rows$better[1:2], n = rows$n[1:2])
  o <- overview(cells, "control", n = "n", by = "area")
  expect_equal(o$groups$better_low, rows$better_low[1:2], tolerance = 1e-13)
  expect_equal(o$remarks$code, "percent")
  d$number <- as.integer(d$control)
  expect_equal(overview(d, "number", better = 4)$table$better_high, overview(d, "control", good)$table$better_high)
})

test_that("bad input is named", {
  d <- make_answers()
  refused <- function(words, ..., kind = "invalid")
    expect_error(overview(...), words, class = paste0("steelyard_error_", kind))
  refused("^outcomes: .*control", d, "controll", good)
  refused("^better: .*better", d, "control", "beter")
  refused("say which levels", d, "control")
  refused("better and worse at once", d, "control", good, "better")
  refused("^threshold = 1.5", d, "control", good, threshold = 1.5)
  refused("numbers other than 0 and 1", d, "w")
  refused("weights need their kind", d, "control", good, weights = "w")
  refused("takes no account of clusters", d, "control", good, cluster = "council", interval = "wilson")
  refused("goes with n", d, "control", good, share = "w")
  shares <- data.frame(area = c("a", "b"), p = c(0.2, 0.4), n = c(10, NA))
  refused("n: row 2 is missing", shares, "p", n = "n", by = "area", kind = "data")
  shares$n <- c(10, -1)
  refused("n: row 2 is -1", shares, "p", n = "n", by = "area", kind = "data")
  d$safe[] <- NA
  refused("safe: every value is missing", d, "safe", good, kind = "data")
  o <- overview(d, "control", good)
  expect_error(rank_intervals(o), "has no groups", class = "steelyard_error_invalid")
  expect_error(difficult_steps(1, "a", 1), "result of overview", class = "steelyard_error_invalid")
})

test_that("tidy and plots", {
  d <- make_answers()
  o <- overview(d, c("control", "safe"), good, bad, by = "area", threshold = 0.5)
  skip_if_not_installed("generics")
  expect_equal(generics::tidy(o), as.data.frame(o))
  expect_equal(names(as.data.frame(o))[4:7], c("estimate", "std.error", "conf.low", "conf.high"))
  pdf(NULL)
  on.exit(dev.off())
  expect_equal(plot(o)$better, o$table$better)
  expect_equal(plot(o, "ranks", "safe")$rank, rank_intervals(o, "safe")$rank)
  expect_equal(plot(o, "funnel", "safe")$z, funnel_limits(o, "safe")$z)
  expect_error(plot(o, "pie"), class = "steelyard_error_invalid", "\"shares\", \"ranks\", \"funnel\"")
})
