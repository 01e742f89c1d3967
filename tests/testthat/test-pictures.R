# Pictures of fits, overviews, balance, mediation, confounding, flips and reliability, in both engines.
# SPDX-License-Identifier: GPL-3.0-only

sixty <- substr(sprintf("how easy it was to get the support that people need, asked a %02d. time", 1:30), 1, 60)
sixty <- sprintf("%s%02d", substr(sixty, 1, 58), 1:30)

on_device <- function(draw, width = 7, height = 7) {
  grDevices::pdf(NULL, width, height)
  on.exit(grDevices::dev.off())
  draw()
}

# The names that stand inside a picture, each on one line.
names_inside <- function(s) {
  texts <- Filter(function(layer) layer$geom == "text", s$layers)
  gsub("\n", " ", unlist(lapply(texts, function(layer) layer$rows$label)))
}

# Drawn in base and built with ggplot2, nothing on one another; what stands in the layers is what the scene says.
drawn_twice <- function(s) {
  size <- scene_inches(s)
  rows <- on_device(width = size[1], height = size[2], function() draw_scene(s))
  expect_s3_class(rows, "data.frame")
  expect_equal(nrow(rows), nrow(s$rows))
  expect_equal(faults_of(s), character())
  if (!requireNamespace("ggplot2", quietly = TRUE)) return(invisible(s))
  made <- gg_scene(s)
  on_device(function() built <<- ggplot2::ggplot_build(made))
  of <- function(geom) Filter(function(layer) layer$geom == geom, s$layers)
  shown <- lapply(made$layers, function(layer) class(layer$geom)[1])
  expect_equal(sum(shown == "GeomPoint"), length(of("dot")))
  expect_equal(sum(shown == "GeomText"), length(of("text")) + !is.null(s$right))
  expect_equal(made$labels$title, if (length(s$title)) wrapped(s$title, 78L))
  points <- which(shown == "GeomPoint")
  expect_equal(vapply(points, function(i) nrow(ggplot2::layer_data(made, i)), 1L),
               vapply(of("dot"), function(layer) nrow(layer$rows), 1L))
  invisible(s)
}
built <- NULL

people <- local({
  set.seed(1)
  wide <- as.data.frame(matrix(rnorm(240 * 30), 240))
  for (k in 6:30) wide[[k]] <- wide[[k]] + 0.15 * wide[[1]]
  names(wide) <- sixty
  wide$y <- rowSums(wide[1:5]) + 3 * rnorm(240)
  wide$group <- factor(ifelse(wide$y + 3 * rnorm(240) > 0, "women", "men"))
  wide
})
terms_of <- function(n) sprintf("`%s`", sixty[seq_len(n)])
fit_of <- function(n) fit_linear(stats::reformulate(terms_of(n), "y"), people)

test_that("coefficients of three and of thirty terms with names of sixty letters", {
  for (n in c(3, 30)) {
    fit <- fit_of(n)
    s <- drawn_twice(linear_drawn(fit, "coefficients"))
    expect_equal(s$rows$value, unname(coef(fit)[-1]))
    expect_equal(s$names$label, s$rows$name)
    expect_equal(nrow(s$names), n)
    for (kind in c("residuals", "qq")) drawn_twice(linear_drawn(fit, kind))
  }
  one <- linear_drawn(fit_linear(y ~ 1, people), "coefficients")
  expect_equal(one$rows$name, "(Intercept)")
})

test_that("a line through the quartiles is where normal values lie", {
  values <- 3 + 2 * stats::qnorm((1:99 - 0.5) / 99)
  s <- quantiles_drawn(values, "", "", "", quartiles = TRUE)
  line <- s$layers[[1]]$rows
  # quartiles of 99 values lie between two of them
  expect_equal((line$yend - line$y) / (line$xend - line$x), 2, tolerance = 0.02)
  expect_equal(s$rows$normal, stats::qnorm((1:99 - 0.5) / 99), tolerance = 1e-9)
})

councils <- function(n, sizes = 5:30) {
  set.seed(2)
  do.call(rbind, lapply(seq_len(n), function(k) data.frame(
    council = sprintf("Royal Borough with a name that goes on to sixty letters, %03d", k),
    y = 1.5 * rnorm(1) + rnorm(sizes[(k - 1) %% length(sizes) + 1]))))
}

test_that("a league of few groups names all, one of many the outermost or those asked for", {
  for (n in c(3, 30)) {
    s <- drawn_twice(mixed_drawn(fit_mixed(y ~ 1 + (1 | council), councils(n)), "league"))
    expect_equal(nrow(s$names), n)
    expect_false(is.unsorted(-s$rows$estimate))
  }
  many <- fit_mixed(y ~ 1 + (1 | council), councils(150))
  s <- drawn_twice(mixed_drawn(many, "league"))
  expect_equal(nrow(s$names), 0L)
  expect_setequal(names_inside(s), s$rows$level[c(1:3, 148:150)])
  asked <- s$rows$level[c(70, 90)]
  expect_setequal(names_inside(drawn_twice(mixed_drawn(many, "league", named = asked))), asked)
  expect_error(mixed_drawn(many, "league", named = "Royal Borough with a nam"), "named: there is no", class = "steelyard_error_invalid")
})

test_that("a funnel shows each group's own effect: of one intercept it is the group's mean less the fitted one", {
  data <- councils(60)
  fit <- fit_mixed(y ~ 1 + (1 | council), data)
  s <- drawn_twice(mixed_drawn(fit, "funnel"))
  own <- tapply(data$y, data$council, mean) - coef(fit)[[1]]
  # effects carry the uncertainty of the fitted mean too, which the means less it do not
  expect_equal(s$rows$own, as.vector(own[s$rows$level]), tolerance = 0.02)
  n <- table(data$council)[s$rows$level]
  expect_gt(stats::cor(s$rows$precision^2, as.vector(n)), 0.99)
  expect_gt(length(names_inside(s)), 0)
  expect_error(mixed_drawn(fit_mixed(y ~ 1 + (1 | council), transform(data, y = seq_along(y) %% 2)), "funnel"),
               "the variance of council is 0", class = "steelyard_error_invalid")
})

survey <- local({
  set.seed(3)
  rows <- data.frame(council = rep(sprintf("Council %03d", 1:60), times = rep(c(20, 40, 80), 20)))
  for (k in 1:30) rows[[sixty[k]]] <- factor(c("worse", "same", "better")[1 + stats::rbinom(nrow(rows), 2, 0.3 + 0.01 * k)],
                                             c("worse", "same", "better"))
  rows
})

test_that("an overview of three and of thirty questions", {
  for (n in c(3, 30)) {
    o <- overview(survey, sixty[1:n], better = "better", worse = "worse", by = "council", threshold = 0.5)
    s <- drawn_twice(overview_drawn(o, "shares"))
    boxes <- s$layers[[1]]$rows
    expect_equal(nrow(boxes), 3 * n)
    expect_equal(s$legend, c("better", "same", "worse"))
    ends <- tapply(boxes$xmax, boxes$ymin, max)
    expect_equal(as.vector(ends), rep(100, n))
    expect_match(s$caption, "Dashed: threshold, 50 %.", fixed = TRUE)
  }
  grey <- as.vector(c(0.299, 0.587, 0.114) %*% grDevices::col2rgb(answer_style$fill))
  expect_true(all(diff(sort(grey)) > 30))
  ranks <- drawn_twice(overview_drawn(o, "ranks", sixty[3]))
  expect_equal(ranks$rows$rank, sort(ranks$rows$rank))
  expect_length(names_inside(ranks), 6L)
  expect_true(all(ranks$x_ticks$at == round(ranks$x_ticks$at)))
  funnel <- drawn_twice(overview_drawn(o, "funnel", sixty[3], named = "Council 007"))
  expect_equal(names_inside(funnel), "Council 007")
  same <- overview(data.frame(area = c("a", "b", "c"), share = c(0.5, 0.9, 0.48), n = 100), "share", by = "area", n = "n")
  level <- drawn_twice(overview_drawn(same, "funnel"))
  expect_equal(level$layers[[1]]$rows$x, c(90, 110))
  expect_equal(diff(level$layers[[1]]$rows$y), 0)
  expect_error(overview_drawn(o, "funnel", sixty[3], "Council 07"), "named: there is no", class = "steelyard_error_invalid")
})

test_that("balance of three and of thirty covariates, before and weighted on one row", {
  for (n in c(3, 30)) {
    b <- suppressWarnings(balance(people, "group", terms_of(n)))
    s <- drawn_twice(balance_drawn(b, "love"))
    expect_equal(nrow(s$rows), 2 * nrow(b$table))
    expect_equal(s$legend, c("before", "weighted"))
  }
  s <- drawn_twice(balance_drawn(b, "overlap"))
  expect_equal(s$y_ticks$label, sprintf("%g", abs(s$y_ticks$at)))
  expect_true(all(s$layers[[1]]$rows$ymin == 0) && all(s$layers[[2]]$rows$ymax == 0))
})

test_that("parts of a mediation, one answer a series", {
  data <- people
  data$answer <- cut(data$y, c(-Inf, -2, 2, Inf), c("worse", "same", "better"), ordered_result = TRUE)
  ask <- function(outcome) mediation(data, outcome, "group", list(money = terms_of(1), `the way in which help is planned with people` = terms_of(2)[2]),
                                     interval = "none", draws = 5)
  s <- drawn_twice(mediation_drawn(ask("y")))
  expect_equal(s$names$label, unique(s$rows$part))
  expect_length(s$legend, 0)
  s <- drawn_twice(mediation_drawn(ask("answer")))
  expect_equal(s$legend, c("worse", "same", "better"))
})

test_that("a reliability has the whole axis, and its dots are within", {
  data <- as.data.frame(matrix(rnorm(1200), 200) + 3 * rnorm(200))
  for (s in list(reliability_drawn(reliability(data, names(data))),
                 reliability_drawn(reliability(data, list(first = names(data)[1:3], second = names(data)[4:6]))))) {
    drawn_twice(s)
    expect_true(s$xlim[1] < 0 && s$xlim[2] > 1)
  }
  expect_equal(s$rows$scale, rep(c("first", "second"), each = nrow(s$rows) / 2))
})

test_that("benchmarks of contours have names that do not touch; what is left out is said", {
  for (n in c(4, 30)) {
    c1 <- confounding(fit_of(n), sixty[1], benchmarks = sixty[2:n])
    for (kind in c("estimate", "t")) {
      s <- drawn_twice(confounding_drawn(c1, kind))
      names <- grep(" x ", names_inside(s), value = TRUE)
      bounds <- c1$bounds[!is.na(c1$bounds$r2_treatment), ]
      marks <- s$rows[s$rows$part == "benchmark", ]
      expect_equal(sort(marks$x), sort(bounds$r2_treatment))
      left <- length(unique(bounds$benchmark)) - length(names)
      if (left) expect_match(s$caption, sprintf("%d of %d benchmarks are not named", left, n - 1))
      expect_true(all(marks$x <= s$xlim[2]) && all(marks$y <= s$ylim[2]))
    }
  }
  expect_gt(left, 0)
})

test_that("the line of a contour is where the estimate is what it says", {
  c1 <- confounding(fit_of(4), sixty[1], benchmarks = sixty[2:4])
  rows <- confounding_drawn(c1, "estimate")$rows
  for (part in c("contour", "overturned")) {
    line <- rows[rows$part == part & !is.na(rows$x), ]
    some <- line[seq(1, nrow(line), length.out = 9), ]
    at <- confounding_adjusted(c1, some$x, some$y)$estimate
    # between cells of a grid of 80 by 80 heights are taken as linear
    expect_equal(at, some$level, tolerance = 0.01)
  }
})

test_that("flips: shades have smooth edges, names do not touch, panels for several outcomes", {
  set.seed(5)
  data <- people
  data$z <- data$y + 4 * rnorm(nrow(data))
  for (n in c(3, 30)) {
    s <- shares(data, "y", list(process = terms_of(1), funding = terms_of(2)[2]), adjust = terms_of(n)[3:n], interval = "none")
    flip <- share_flip(s)
    drawn <- drawn_twice(share_flip_drawn(flip, "a", "c", NULL, 40, 0.98))
    expect_gt(sum(names_inside(drawn) %in% sixty), min(n, 6) - 3)
    turned <- drawn$rows[drawn$rows$part == "turned", ]
    steps <- abs(diff(turned$x)) + abs(diff(turned$y))
    inside <- turned$name[-1] == turned$name[-nrow(turned)] & abs(turned$x[-1]) < 0.97 & abs(turned$y[-1]) < 0.97
    # a grid of 40 by 40 cells drawn as squares has steps of 0.05 along an axis each
    straight <- abs(diff(turned$x)) < 1e-9 | abs(diff(turned$y)) < 1e-9
    expect_lt(mean(straight[inside & steps > 0.01]), 0.05)
  }
  expect_match(drawn$caption, "benchmarks are not named")
  two <- share_flip(shares(data, c("y", "z"), list(process = terms_of(1), funding = terms_of(2)[2]), interval = "none"))
  panels <- drawn_twice(share_flip_drawn(two, "a", "b", 0.3, 40, 0.9))
  expect_equal(panels$panels, c("y (c = 0.300)", "z (c = 0.300)"))
})

test_that("predicted answers: a line each named at its end, or a row a level", {
  data <- people
  answers <- sprintf("the %s of five answers, told at length", c("1st", "2nd", "3rd", "4th", "5th"))
  data$answer <- cut(data$y, c(-Inf, -4, -1, 1, 4, Inf), answers, ordered_result = TRUE)
  data$region <- factor(sixty[1 + seq_len(nrow(data)) %% 30])
  data$x <- data[[1]]
  fit <- fit_ordinal(answer ~ x + region, data)
  s <- drawn_twice(response_drawn(fit, "probabilities", "x"))
  expect_equal(s$right$label, answers)
  expect_equal(nrow(s$rows), 21L * 5L)
  expect_equal(as.vector(tapply(s$rows$average, s$rows$value, sum)), rep(1, 21), tolerance = 1e-12)
  expect_true(all(s$rows$conf.low < s$rows$average & s$rows$average < s$rows$conf.high))
  expect_match(s$up, "with 95 % limits", fixed = TRUE)
  bands <- Filter(function(layer) layer$geom == "area", s$layers)
  expect_equal(unlist(lapply(bands, function(band) band$rows$y[1:21])),
               unlist(split(s$rows$conf.low, s$rows$answer), use.names = FALSE))
  s <- drawn_twice(response_drawn(fit, "probabilities", "region"))
  expect_equal(nrow(s$layers[[1]]$rows), 30L * 5L)
  expect_equal(nrow(s$names), 30L)
  expect_equal(s$legend, answers)
  s <- drawn_twice(response_drawn(fit, "coefficients"))
  expect_false(any(grepl("|", s$rows$name, fixed = TRUE)))
})

test_that("names stand apart: places are the nearest without touching, and boxes keep off dots", {
  heights <- c(1, 3, 1)
  expect_equal(spread_out(c(0, 0, 0), heights), c(-2, 0, 2))
  expect_equal(spread_out(c(5, 1, 9), 1), c(5, 1, 9))
  expect_equal(spread_out(c(1, 1), 1, low = 1), c(1, 2))
  # the square ones: their sum of squared moves is the least, held against a fine search
  y <- c(0.2, 0.3, 1.1)
  best <- spread_out(y, 0.5)
  tries <- expand.grid(a = seq(-0.5, 0.5, 0.01), b = seq(0, 0.8, 0.01), c = seq(0.6, 1.5, 0.01))
  tries <- tries[tries$b - tries$a >= 0.5 - 1e-9 & tries$c - tries$b >= 0.5 - 1e-9, ]
  expect_lte(sum((best - y)^2), min(rowSums((tries - rep(y, each = nrow(tries)))^2)) + 1e-12)
  points <- data.frame(x = c(1, 1.2, 3), y = c(1, 1, 3), label = c("here", "there", "far"))
  placed <- names_beside(points, points, c(0, 4), c(0, 4), c(5, 4))
  size <- name_sizes(placed$label)
  for (i in seq_len(nrow(placed))) {
    wide <- size$width[i] * 4 / 5
    left <- placed$x[i] - placed$hjust[i] * wide
    across <- points$x > left & points$x < left + wide
    expect_false(any(across & abs(points$y - placed$y[i]) < size$height[i] / 2))
  }
})
