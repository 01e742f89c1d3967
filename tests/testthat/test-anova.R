# Tables of variance, effect sizes, means and components, against those who
# published or programmed them first.
# SPDX-License-Identifier: GPL-3.0-only

unbalanced <- transform(warpbreaks, x = seq_len(54) %% 7)[-c(1:3, 20:21, 50), ]
fit <- fit_linear(breaks ~ wool * tension + x, unbalanced)

test_that("type I is stats::anova's", {
  theirs <- anova(lm(breaks ~ wool * tension + x, unbalanced))
  ours <- anova(fit, type = "I")
  at <- match(gsub("wool:tension", "tension:wool", row.names(theirs)), ours$term)
  expect_equal(sort(ours$sumsq), sort(theirs$`Sum Sq`), tolerance = 1e-10)
  expect_equal(ours$sumsq[at], theirs$`Sum Sq`, tolerance = 1e-10)
  expect_equal(ours$statistic[at], theirs$`F value`, tolerance = 1e-10)
  expect_equal(ours$p.value[at], theirs$`Pr(>F)`, tolerance = 1e-9)
})

rss <- function(formula) deviance(lm(formula, unbalanced))

test_that("type II compares models with and without the term, less what contains it", {
  ours <- anova(fit, type = 2)
  expect_equal(ours$term, c("wool", "tension", "x", "tension:wool", "Residuals"))
  wanted <- c(rss(breaks ~ tension + x) - rss(breaks ~ wool + tension + x),
              rss(breaks ~ wool + x) - rss(breaks ~ wool + tension + x),
              rss(breaks ~ wool * tension) - rss(breaks ~ wool * tension + x),
              rss(breaks ~ wool + tension + x) - rss(breaks ~ wool * tension + x), rss(breaks ~ wool * tension + x))
  expect_equal(ours$sumsq, wanted, tolerance = 1e-10)
  expect_equal(ours$statistic[1:4], wanted[1:4] / c(1, 2, 1, 2) / (wanted[5L] / 41), tolerance = 1e-10)
})

test_that("type III leaves one term's sum-to-zero columns out at a time", {
  twin <- lm(breaks ~ wool * tension + x, unbalanced, contrasts = list(wool = "contr.sum", tension = "contr.sum"))
  x <- model.matrix(twin)
  of <- attr(x, "assign")
  without <- vapply(1:4, function(k) sum(lm.fit(x[, of != k], unbalanced$breaks)$residuals^2), 0)
  ours <- anova(fit, type = 3)
  expect_equal(ours$sumsq[1:4], without - deviance(twin), tolerance = 1e-10)
  expect_equal(ours$p.value[1:4], pf(ours$statistic[1:4], c(1, 2, 1, 2), 41, lower.tail = FALSE), tolerance = 1e-10)
})

test_that("sums of type I add to the model's, of one factor all types agree", {
  table <- anova(fit, type = 1)
  expect_equal(sum(table$sumsq), fit$tss, tolerance = 1e-13)
  one <- fit_linear(breaks ~ tension, warpbreaks)
  sums <- vapply(1:3, function(type) anova(one, type = type)$sumsq[1L], 0)
  expect_equal(sums, rep(sums[1L], 3), tolerance = 1e-13)
  row <- anova(one)[1L, ]
  expect_equal(row$eta_squared, one$r2, tolerance = 1e-13)
  expect_equal(row$cohens_f, sqrt(one$r2 / (1 - one$r2)), tolerance = 1e-12)
})

test_that("a Wald table with a robust covariance holds b' V^-1 b / df", {
  robust <- fit_linear(breaks ~ wool + tension + x, unbalanced, covariance = "HC3")
  ours <- anova(robust)
  expect_equal(names(ours), c("term", "df", "df.residual", "statistic", "p.value"))
  wald <- function(at) drop(coef(robust)[at] %*% solve(vcov(robust)[at, at], coef(robust)[at])) / length(at)
  expect_equal(ours$statistic, c(wald(2L), wald(3:4), wald(5L)), tolerance = 1e-11)
  expect_equal(ours$p.value, pf(ours$statistic, c(1, 2, 1), 43, lower.tail = FALSE), tolerance = 1e-11)
  expect_identical(anova(fit_linear(breaks ~ wool + tension + x, unbalanced), covariance = "HC3"), ours)
  expect_error(anova(fit, type = 1, covariance = "HC3"), "sums of squares in order do not exist",
               class = "steelyard_error_invalid")
  expect_output(print(ours), "Wald tests of breaks, type II, covariance HC3, 48 rows", fixed = TRUE)
})

test_that("the print and the frame of a table", {
  lines <- capture.output(print(anova(fit, type = 3)))
  expect_equal(lines[1L], "Analysis of variance of breaks, type III, 48 rows")
  expect_match(lines[3L], "^term +df +sum sq +mean sq +F +p +eta2 +partial +low +high +omega2$")
  expect_true("Limits (95 %): of partial eta2, by the noncentral F." %in% lines)
  expect_equal(class(anova(fit)[1:2, ]), "data.frame")
  expect_equal(class(as.data.frame(anova(fit))), "data.frame")
  expect_equal(tail(anova(fit)$term, 1L), "Residuals")
  expect_error(anova(fit, type = 4), "type: 4 is not one of 1, 2, 3", class = "steelyard_error_invalid")
})

test_that("a saturated fit and an empty cell end in words or a remark", {
  tiny <- data.frame(y = c(1, 3, 2, 5), a = factor(c(1, 1, 2, 2)), b = factor(c(1, 2, 1, 2)))
  saturated <- suppressWarnings(fit_linear(y ~ a * b, tiny))
  error <- expect_error(anova(saturated), class = "steelyard_error")
  expect_match(conditionMessage(error), "4")
  hollow <- warpbreaks[!(warpbreaks$wool == "B" & warpbreaks$tension == "H"), ]
  table <- suppressWarnings(anova(suppressWarnings(fit_linear(breaks ~ wool * tension, hollow)), type = 3))
  expect_true(any(c("empty_level", "aliased") %in% attr(table, "remarks")$code))
})

test_that("means of a balanced layout are the cells' averages", {
  balanced <- fit_linear(breaks ~ wool * tension, warpbreaks)
  means <- marginal_means(balanced, "tension")
  expect_equal(means$tension, c("L", "M", "H"))
  expect_equal(means$estimate, as.vector(tapply(warpbreaks$breaks, warpbreaks$tension, mean)), tolerance = 1e-13)
  expect_equal(means$std.error, rep(balanced$sigma / sqrt(18), 3), tolerance = 1e-12)
  cells <- marginal_means(balanced, "wool:tension")
  wanted <- tapply(warpbreaks$breaks, warpbreaks[c("wool", "tension")], mean)
  expect_equal(cells$estimate, as.vector(wanted[cbind(cells$wool, cells$tension)]), tolerance = 1e-13)
  expect_identical(marginal_means(balanced, c("wool", "tension")), cells)
  expect_output(print(means), "Means of breaks by tension, 54 rows", fixed = TRUE)
})

test_that("means of an unbalanced layout weigh the other levels equally", {
  twin <- lm(breaks ~ wool * tension + x, unbalanced)
  grid <- expand.grid(wool = levels(unbalanced$wool), tension = levels(unbalanced$tension), x = mean(unbalanced$x))
  wanted <- tapply(predict(twin, grid), grid$tension, mean)
  expect_equal(marginal_means(fit, "tension")$estimate, as.vector(wanted), tolerance = 1e-11)
})

test_that("differences: Tukey's are stats::TukeyHSD's, the others p.adjust's", {
  plain <- fit_linear(breaks ~ tension, warpbreaks)
  theirs <- TukeyHSD(aov(breaks ~ tension, warpbreaks))$tension
  ours <- pairwise(plain, "tension")
  expect_equal(ours$contrast, c("L - M", "L - H", "M - H"))
  expect_equal(ours$estimate, -unname(theirs[, "diff"]), tolerance = 1e-12)
  # ptukey and qtukey are good to about 1e-6
  expect_equal(ours$adj.p.value, unname(theirs[, "p adj"]), tolerance = 1e-5)
  expect_equal(ours$conf.low, -unname(theirs[, "upr"]), tolerance = 1e-5)
  methods <- c(holm = "holm", hochberg = "hochberg", bonferroni = "bonferroni", bh = "BH", by = "BY", none = "none")
  for (adjust in names(methods)) {
    table <- pairwise(plain, "tension", adjust = adjust)
    expect_equal(table$adj.p.value, p.adjust(table$p.value, methods[[adjust]]), tolerance = 1e-13)
  }
  raw <- pairwise.t.test(warpbreaks$breaks, warpbreaks$tension, p.adjust.method = "none")$p.value
  expect_equal(ours$p.value, c(raw["M", "L"], raw["H", "L"], raw["H", "M"]), tolerance = 1e-10)
  expect_output(print(ours), "p values adjusted by Tukey for 3 differences; limits (95 %) together.", fixed = TRUE)
  expect_output(print(pairwise(plain, "tension", "holm")), "Holm for 3 differences; limits (95 %) one at a time.", fixed = TRUE)
})

test_that("means ask for factors of the model", {
  expect_error(marginal_means(fit, "x"), "factors: x is not a factor", class = "steelyard_error_invalid")
  expect_error(marginal_means(fit, "tensoin"), "tensoin", class = "steelyard_error_invalid")
  expect_error(pairwise(fit, "tension", adjust = "scheffe"), "adjust", class = "steelyard_error_invalid")
})

test_that("one factor: oneway.test's Welch and classical, by hand the intraclass correlation", {
  ours <- oneway(InsectSprays, "count", "spray")
  welch <- oneway.test(count ~ spray, InsectSprays)
  classical <- oneway.test(count ~ spray, InsectSprays, var.equal = TRUE)
  expect_equal(ours$tests$statistic[1:2], unname(c(classical$statistic, welch$statistic)), tolerance = 1e-11)
  expect_equal(ours$tests$df2[1:2], unname(c(classical$parameter[2L], welch$parameter[2L])), tolerance = 1e-11)
  expect_equal(ours$tests$p.value[1:2], c(classical$p.value, welch$p.value), tolerance = 1e-9)
  expect_equal(ours$groups$mean, as.vector(tapply(InsectSprays$count, InsectSprays$spray, mean)), tolerance = 1e-13)
  squares <- anova(lm(count ~ spray, InsectSprays))$`Mean Sq`
  expect_equal(ours$icc1, (squares[1L] - squares[2L]) / (squares[1L] + 11 * squares[2L]), tolerance = 1e-11)
  expect_output(print(ours), "Means of count in 6 groups of spray, 72 rows", fixed = TRUE)
  expect_error(oneway(InsectSprays, "count", "spry"), "spry", class = "steelyard_error_invalid")
})

test_that("components of a balanced nested layout by hand", {
  # Davies 1967, Dyestuff: 6 batches of 5; mean squares 11271.5 and 2451.25
  dyestuff <- data.frame(batch = rep(LETTERS[1:6], each = 5), yield = c(
    1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560, 1445, 1440, 1595, 1465,
    1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445))
  table <- variance_components(dyestuff, "yield", "batch")
  expect_equal(table$group, c("batch", "Residuals"))
  expect_equal(table$meansq, c(11271.5, 2451.25), tolerance = 1e-13)
  expect_equal(table$variance, c((11271.5 - 2451.25) / 5, 2451.25), tolerance = 1e-12)
  expect_equal(sum(table$share), 1)
  expect_output(print(table), "Variance components of yield: batch, 30 rows", fixed = TRUE)
})
