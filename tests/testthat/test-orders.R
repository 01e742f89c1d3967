# Orders of entry: groups of blocks, marginality, clusters' fixed effects.
# SPDX-License-Identifier: GPL-3.0-only

blocks <- list(funding = ~ spend_per_adult_gbp, process = ~ easy_information,
               delivery = ~ self_directed_support_pct + direct_payment_pct, need = ~ deprivation_rank)
groups <- list("need", c("funding", "process"), "delivery")

# Rows complete over all blocks, so that submodels rest on the same rows.
complete <- function() {
  councils <- load_dataset("councils_2018_19")
  columns <- c("control", "spend_per_adult_gbp", "easy_information", "self_directed_support_pct",
               "direct_payment_pct", "deprivation_rank")
  stats::na.omit(as.data.frame(councils)[columns])
}

total_of <- function(data, names) {
  if (length(names)) shares(data, "control", blocks[names], interval = NULL)$total else 0
}

people <- function() {
  set.seed(5)
  n <- 600
  region <- sample.int(25, n, TRUE)
  d <- data.frame(a = rnorm(n), b = rnorm(n), c = rnorm(n), kind = sample(c("own", "managed", "direct"), n, TRUE),
                  region = paste0("r", region), count = sample.int(3, n, TRUE), weight = runif(n, 0.5, 2))
  d$y <- d$a - 0.4 * d$b + 0.3 * d$a * d$b + 0.5 * rnorm(25)[region] + rnorm(n)
  d
}

test_that("one group gives the free answer", {
  councils <- load_dataset("councils_2018_19")
  free <- shares(councils, "control", blocks, interval = NULL)
  one <- shares(councils, "control", blocks, order = list(names(blocks)), interval = NULL)
  expect_identical(one$blocks, free$blocks)
  expect_identical(one$terms, free$terms)
})

test_that("one block a group gives sequential increments", {
  data <- complete()
  order <- c("need", "process", "delivery", "funding")
  s <- shares(data, "control", blocks, order = order, interval = NULL)
  for (i in seq_along(order)) {
    gain <- total_of(data, order[seq_len(i)]) - total_of(data, order[seq_len(i - 1L)])
    expect_lt(abs(s$blocks$share[s$blocks$block == order[i]] - gain), 1e-13)
  }
})

test_that("a share is the average over the orders of the groups", {
  data <- complete()
  s <- shares(data, "control", blocks, order = groups, interval = NULL)
  orders <- list(c("need", "funding", "process", "delivery"), c("need", "process", "funding", "delivery"))
  for (name in names(blocks)) {
    gain <- vapply(orders, function(order) {
      at <- match(name, order)
      total_of(data, order[seq_len(at)]) - total_of(data, order[seq_len(at - 1L)])
    }, 0)
    expect_lt(abs(s$blocks$share[s$blocks$block == name] - mean(gain)), 1e-13)
  }
  expect_identical(s$provenance$order, groups)
  expect_true("Order: need, then funding and process, then delivery" %in% format(s))
})

test_that("who comes first gets what it explains alone", {
  s <- shares(complete(), "control", blocks, interval = NULL)
  first <- if_first(s)
  expect_identical(names(first), c("first", "block", "share", "as_asked"))
  own <- first$share[first$first == first$block]
  expect_equal(own, s$blocks$alone, tolerance = 1e-14)
  moved <- shares(complete(), "control", blocks, order = list("process", c("funding", "delivery", "need")),
                  interval = NULL)
  expect_identical(first$share[first$first == "process"], moved$blocks$share)
  expect_output(print(first), "if process first", fixed = TRUE)
  expect_output(print(summary(s)), "if funding first", fixed = TRUE)
  grouped <- if_first(shares(complete(), "control", blocks, order = groups, interval = NULL))
  expect_output(print(grouped), "The group of that block comes first; the other groups follow as asked.", fixed = TRUE)
})

test_that("bad orders are refused", {
  councils <- load_dataset("councils_2018_19")
  refused <- function(order, message)
    expect_error(shares(councils, "control", blocks, order = order), message, fixed = TRUE,
                 class = "steelyard_error_invalid")
  refused(list("need", "fundin", c("process", "delivery")), "order: there is no fundin; the nearest name is funding")
  refused(list("need", "funding", "process"), "order: block \"delivery\" is in no group; every block must be in one")
  refused(list("need", NULL, c("funding", "process", "delivery")), "order: group 2 is empty")
  refused(list("need", c("need", "funding", "process", "delivery")), "order: block \"need\" is there twice")
  refused(3, "order: a list of groups of blocks is needed, not 3")
})

test_that("wide orders name the way out", {
  set.seed(1)
  data <- as.data.frame(matrix(rnorm(60 * 20), 60))
  names <- paste0("V", 1:19)
  expect_error(shares(data, "V20", names, order = list(names[1], names[-1]), interval = NULL, method = "exact"),
               "method = \"sampled\"", fixed = TRUE, class = "steelyard_error_limit")
})

test_that("an interaction enters after its parents", {
  s <- shares(people(), "y", c("a", "b", "a:b"), interval = NULL)
  expect_equal(s$blocks$share[3L], s$blocks$unique[3L], tolerance = 1e-14)
  expect_identical(s$remarks$code[1L], "marginality")
  expect_identical(s$remarks$text[1L], "a:b enters after a and b, which it is made of")
  mixed <- shares(people(), "y", list(one = ~ a, two = ~ b + a:b), interval = NULL)
  expect_match(mixed$remarks$text[1L], "make it a block of its own", fixed = TRUE)
})

test_that("absorbed clusters are one indicator each", {
  data <- people()
  for (kind in c("none", "frequency", "analytic", "sampling")) {
    w <- if (kind != "none") if (kind == "frequency") "count" else "weight"
    k <- if (kind != "none") kind
    absorbed <- shares(data, "y", c("a", "b", "factor(kind)"), adjust = ~ factor(region) + c, cluster = "region",
                       weights = w, weight_kind = k, interval = NULL)
    indicated <- shares(data, "y", c("a", "b", "factor(kind)"), adjust = ~ factor(region) + c, weights = w,
                        weight_kind = k, interval = NULL)
    for (metric in c("share", "adjusted", "alone", "unique", "lowest", "highest", "by_chance"))
      expect_lt(max(abs(absorbed$blocks[[metric]] - indicated$blocks[[metric]])), 1e-12)
    expect_identical(absorbed$provenance$df_resid, indicated$provenance$df_resid)
    expect_identical(absorbed$provenance$adjust, c("factor(region)", "c"))
  }
})

test_that("absorbed clusters have names", {
  data <- people()
  by_name <- shares(data, "y", c("a", "b"), adjust = ~ factor(region), cluster = "region")
  others <- list(
    shares(data, "y", c("a", "b"), adjust = ~ factor(cluster), cluster = data$region),
    shares(data, "y", c("a", "b"), adjust = "factor(region)", cluster = ~ region),
    shares(transform(data, region = factor(region)), "y", c("a", "b"), adjust = "region", cluster = "region"),
    shares(moments(data, ~ y + a + b, cluster = "region"), "y", c("a", "b"), adjust = ~ factor(cluster)))
  for (other in others) {
    expect_equal(other$blocks$share, by_name$blocks$share, tolerance = 1e-13)
    expect_equal(other$blocks$std.error, by_name$blocks$std.error, tolerance = 1e-12)
  }
  fit <- fit_linear(y ~ a + b, data, cluster = "region")
  expect_equal(shares(fit, adjust = ~ factor(region))$blocks$share, by_name$blocks$share, tolerance = 1e-13)
})
