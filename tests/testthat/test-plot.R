# SPDX-License-Identifier: GPL-3.0-only

long <- trimws(substr(paste(rep(c("how easily people found information about support", "money for each adult supported in a year",
                           "advice"), 10), "number", 1:30, "of thirty names of sixty letters"), 1, 60))

# A result with so many blocks of long names; the numbers are those of the first blocks again.
widened <- function(s, n) {
  s$blocks <- s$blocks[rep(seq_len(nrow(s$blocks)), length.out = n), ]
  s$blocks$block <- long[seq_len(n)]
  row.names(s$blocks) <- NULL
  s
}

drawn <- function(s, width = 7, height = 7) {
  grDevices::pdf(NULL, width, height)
  on.exit(grDevices::dev.off())
  draw_scene(s)
}

test_that("a scene is the same in both engines: names, numbers, order", {
  s <- shares(mtcars, "mpg", c("wt", "hp", "qsec"))
  for (kind in c("shares", "bounds")) {
    made <- shares_drawn(s, kind)
    rows <- drawn(made)
    expect_equal(rows$name, c("wt", "hp", "qsec"))
    expect_equal(rows$value, s$blocks$share)
    expect_equal(made$names$label[order(-made$names$y)], c("wt", "hp", "qsec"))
  }
  skip_if_not_installed("ggplot2")
  built <- ggplot2::layer_data(ggplot2::autoplot(s), 3L)
  expect_equal(built$x, s$blocks$share)
  expect_equal(built$y, 3:1)
  limits <- ggplot2::layer_data(ggplot2::autoplot(s), 2L)
  expect_equal(c(limits$x, limits$xend), c(s$blocks$conf.low, s$blocks$conf.high))
})

test_that("no text touches another, is cut or small, with three and with thirty blocks of sixty letters", {
  s <- shares(mtcars, "mpg", c("wt", "hp", "qsec"))
  for (n in c(3, 30)) for (kind in c("shares", "bounds"))
    expect_equal(faults_of(shares_drawn(widened(s, n), kind)), character(), info = paste(kind, n))
  several <- shares(mtcars, c("mpg", "disp", "drat"), c("wt", "hp"), interval = "none")
  for (kind in c("shares", "bounds", "dominance", "common", "forest"))
    expect_equal(faults_of(shares_drawn(several, kind)), character(), info = kind)
  said <- text_boxes(function() plot(widened(s, 30)), 7, 8)
  for (name in long) expect_true(all(strsplit(name, " ")[[1]] %in% unlist(strsplit(said$text, " "))))
  expect_equal(picture_faults(function() plot(widened(s, 30)), 7, 5), character())
})

test_that("many blocks of long names: lines named at their ends, common parts below their bars", {
  cars <- stats::setNames(mtcars, substr(paste(names(mtcars), "of thirty-two cars, a list that an American magazine printed"), 1, 60))
  s <- shares(cars, names(cars)[1], stats::setNames(as.list(names(cars)[-1]), names(cars)[-1]), interval = "none")
  for (kind in c("dominance", "common")) {
    made <- shares_drawn(s, kind)
    expect_equal(faults_of(made), character(), info = kind)
  }
  expect_setequal(shares_drawn(s, "dominance")$right$label, names(cars)[-1])
})

test_that("thirty outcomes of sixty letters, in panels and in rows", {
  outcomes <- as.data.frame(outer(mtcars$mpg, seq_along(long)) + outer(mtcars$qsec, rev(seq_along(long))^2))
  names(outcomes) <- long
  s <- shares(cbind(outcomes, mtcars[c("wt", "hp")]), long, c("wt", "hp"), interval = "none")
  for (kind in c("shares", "forest")) expect_equal(faults_of(shares_drawn(s, kind)), character(), info = kind)
})

test_that("a picture that is too small is said to be", {
  s <- shares(mtcars, "mpg", c("wt", "hp", "qsec"))
  expect_message(drawn(shares_drawn(widened(s, 30), "shares"), 7, 2.5), "inches high")
  expect_error(drawn(shares_drawn(s, "shares"), 1, 1), class = "steelyard_error_invalid",
               "too small, 1.0 by 1.0 inches; this picture asks for 7.0 by")
})

test_that("several outcomes have a panel each on one scale, or a row each", {
  several <- shares(mtcars, c("mpg", "disp", "drat"), c("wt", "hp"), interval = "none")
  made <- shares_drawn(several, "shares")
  expect_equal(made$panels, c("mpg", "disp", "drat"))
  expect_equal(scene_limits(made, "mpg"), scene_limits(made, "drat"))
  forest <- shares_drawn(several, "forest")
  expect_equal(forest$names$label, c("mpg", "disp", "drat"))
  expect_equal(forest$legend, c("wt", "hp"))
  for (kind in c("shares", "bounds", "dominance", "common", "forest")) expect_s3_class(drawn(shares_drawn(several, kind)), "data.frame")
})

test_that("common parts: largest first, at most twenty, the sum and what is left out said", {
  s <- shares(mtcars, "mpg", c("wt", "hp", "qsec", "drat", "disp"), interval = "none")
  parts <- commonality(s)
  made <- shares_drawn(s, "common")
  expect_equal(nrow(made$rows), 20L)
  expect_equal(abs(made$rows$coefficient), sort(abs(parts$coefficient), decreasing = TRUE)[1:20])
  expect_match(made$caption, "11 smaller parts are left out, none beyond")
  expect_match(made$caption, sprintf("add up to %.3g", s$total), fixed = TRUE)
  full <- made$layers[[6]]$rows # a dark dot for each block of each part
  expect_equal(nrow(full), sum(made$rows$order))
})

test_that("series differ without their colours", {
  style <- series_of(c("funding", "process", paste("block", 1:20)))
  expect_equal(style$colour[1:2], c("#c8702a", "#2a5d84"))
  expect_equal(style$shape[1:2], c(23L, 21L))
  expect_equal(anyDuplicated(style[c("shape", "line")]), 0L)
  grey <- as.vector(c(0.299, 0.587, 0.114) %*% grDevices::col2rgb(c(house$blue, house$mild)))
  expect_gt(diff(grey), 60)
})

test_that("par is as it was, and a picture takes one place of mfrow", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  graphics::par(mfrow = c(1, 2), mar = c(1, 2, 3, 4))
  before <- graphics::par(c("mar", "xpd", "lheight", "cex", "mfrow", "lend", "xaxs"))
  s <- shares(mtcars, "mpg", c("wt", "hp", "qsec"), interval = "none")
  plot(s)
  expect_equal(graphics::par("mfg")[2], 1L)
  plot(s, "bounds")
  expect_equal(graphics::par("mfg")[2], 2L)
  expect_equal(graphics::par(c("mar", "xpd", "lheight", "cex", "mfrow", "lend", "xaxs")), before)
})

test_that("words are wrapped between words, and only longer ones broken", {
  expect_equal(wrapped("advice and information about support"), "advice and information about\nsupport")
  expect_equal(wrapped(strrep("a", 60)), paste(strrep("a", 28), strrep("a", 28), "aaaa", sep = "\n"))
  expect_equal(spread_out(c(1, 1.1, 5), 1), c(0.55, 1.55, 5))
  expect_equal(spread_out(c(9.9, 10, 10), 1, 0, 10), c(8, 9, 10))
})

test_that("what cannot be drawn is refused by name", {
  s <- shares(mtcars, "mpg", c("wt", "hp"))
  expect_error(plot(s, "pie"), class = "steelyard_error_invalid", "\"shares\", \"bounds\", \"dominance\"")
  expect_error(plot(shares(mtcars, "mpg", "wt", bounds = FALSE), "bounds"), class = "steelyard_error_invalid", "bounds")
  expect_error(theme_house("diagonal"), class = "steelyard_error_invalid", "grid")
})

test_that("levels stand beneath each other inside their block", {
  cars <- transform(mtcars, gears = ifelse(gear > 3, "many", "three"))
  sb <- shares(cars, "mpg", c("wt", "hp"), by = "gears", interval = "none")
  made <- by_drawn(sb, "shares")
  expect_equal(made$legend, c("gears = many", "gears = three"))
  expect_equal(made$rows$value, sb$blocks$share)
  expect_equal(faults_of(made), character())
  expect_equal(faults_of(by_drawn(sb, "bounds")), character())
  expect_error(plot(sb, "common"), class = "steelyard_error_invalid", "\"shares\", \"bounds\"")
})

test_that("the finder of faults finds them", {
  crowded <- function() {
    graphics::plot.new()
    graphics::text(c(0.5, 0.51), 0.5, c("first name", "second name"))
    graphics::text(0.2, 0.2, "small", cex = 0.5)
  }
  expect_match(picture_faults(crowded), "touches|points")
  expect_length(picture_faults(crowded), 2L)
})

test_that("a league counts outcomes beside what chance finds, ranks have their ranges", {
  s <- shares(swiss, c("Fertility", "Examination", "Infant.Mortality"), c("Education", "Catholic", "Agriculture"))
  found <- league(s, by = "coefficient")
  made <- block_league_drawn(found)
  expect_equal(made$names$label, found$block)
  expect_equal(made$layers[[4]]$rows$x, found$found)
  expect_equal(made$layers[[2]]$rows$x, found$expected_by_chance)
  expect_equal(made$x_ticks$at, 0:3)
  expect_equal(faults_of(made), character())
  ranks <- share_ranks(s, replicates = 200)
  made <- block_ranks_drawn(ranks)
  expect_equal(made$panels, s$outcomes)
  expect_equal(made$rows$value, ranks$rank)
  expect_true(all(made$rows$low <= made$rows$value & made$rows$value <= made$rows$high))
  expect_equal(made$x_ticks$at, 1:3)
  expect_equal(faults_of(made), character())
})

test_that("a device that is opened is as large as the picture asks", {
  old <- options(device = function(width, height, ...) grDevices::pdf(NULL, width, height))
  on.exit(options(old))
  while (grDevices::dev.cur() > 1L) grDevices::dev.off()
  rows <- plot(widened(shares(mtcars, "mpg", c("wt", "hp", "qsec"), interval = "none"), 30))
  expect_equal(grDevices::dev.size(), attr(rows, "inches"))
  grDevices::dev.off()
  expect_gt(attr(rows, "inches")[2], 30 * 0.22)
})
