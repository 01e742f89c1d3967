# The whole question from R: published counts, words against tables, refusals, specification curves.
# SPDX-License-Identifier: GPL-3.0-only

outcomes <- c("quality_of_life", "adjusted_quality_of_life", "satisfaction", "control", "feel_safe", "social_contact",
              "services_keep_safe")
blocks <- list(funding = ~ spend_per_adult_gbp, process = ~ easy_information,
               delivery = ~ self_directed_support_pct + direct_payment_pct, need = ~ deprivation_rank)
sources <- list(users = ~ easy_information, `carers information` = ~ carer_easy_information,
                `carers included` = ~ carer_included, records = "delivery")
councils <- load_dataset("councils_2018_19")
evidence <- weigh(councils, outcomes, blocks, process_sources = sources, label = "council", areas = TRUE,
                  one_source = "users")

test_that("councils meet the published counts", {
  expect_identical(evidence$sources$positive, c(7, 6, 7, 2))
  expect_identical(evidence$sources$above_zero, c(6, 0, 4, 0))
  left <- evidence$leave_one_out[1L, ]
  expect_identical(left$left_out, "City of London")
  expect_identical(round(c(left$value, left$without), 4), c(0.0835, 0.0418))
})

test_that("differences and claims are those of shares", {
  s <- shares(councils, outcomes, blocks, missing = "per-outcome")
  compared <- compare_shares(s, "process", "funding")
  mine <- evidence$differences[evidence$differences$source == "users", ]
  expect_equal(mine$difference, compared$estimate, tolerance = 1e-12)
  expect_equal(mine$conf_low, compared$conf.low, tolerance = 1e-10)
  claim <- at_most(s, "funding", 0.07, metric = "alone")
  expect_identical(evidence$claims$answer[3L], claim$answer)
  expect_equal(evidence$claims$upper[3L], claim$upper, tolerance = 1e-12)
})

test_that("every number of the verdict is in the numbers", {
  written <- unlist(lapply(c("%.0f", "%.1f", "%.2f", "%.3f", "%.4g", "%.4f"), sprintf, abs(evidence$numbers$value)))
  for (sentence in evidence$verdict) {
    found <- regmatches(sentence, gregexpr("[0-9]+([.][0-9]+)?", sentence))[[1L]]
    expect_true(all(found %in% written))
    expect_false(grepl("effect", sentence))
    expect_true(any(grepl(sentence, format(evidence), fixed = TRUE)))
  }
})

test_that("slopes are those of fit_linear with HC3", {
  fit <- fit_linear(control ~ spend_per_adult_gbp + easy_information + self_directed_support_pct + direct_payment_pct +
                      deprivation_rank, councils, covariance = "HC3")
  line <- as.data.frame(fit)
  line <- line[line$term == "spend_per_adult_gbp", ]
  m <- evidence$money
  row <- m[m$outcome == "control" & m$form == "level" & m$model == "full", ]
  expect_equal(c(row$estimate, row$std_error, row$conf_low), 1000 * c(line$estimate, line$std.error, line$conf.low),
               tolerance = 1e-10)
})

test_that("row names name the rows, by and population stand beside the answer", {
  named <- as.data.frame(councils)
  row.names(named) <- named$council
  named$kind <- ifelse(named$population > 200000, "large", "small")
  e <- weigh(named, "social_contact", blocks, by = "kind", population = list(kind = c(small = 0.2)), left_out = 0)
  expect_identical(e$leave_one_out$left_out[1L], "City of London")
  part <- weigh(named[named$kind == "small", ], "social_contact", blocks, left_out = 0)
  expect_equal(e$by$difference[e$by$level == "small"], part$table$difference, tolerance = 1e-11)
  s <- shares(named, "social_contact", blocks, population = list(kind = c(small = 0.2)))
  expect_equal(e$population$difference, compare_shares(s, "process", "funding")$estimate, tolerance = 1e-11)
})

test_that("the gap of two groups is divided by block", {
  large <- councils$population > 200000
  e <- weigh(councils, "control", blocks, group = ifelse(large, "large", "small"), left_out = 0)
  g <- e$gaps
  expect_identical(c(g$first, g$second), c("large", "small"))
  expect_equal(g$gap, mean(councils$control[large]) - mean(councils$control[!large]), tolerance = 1e-10)
  expect_equal(g$funding + g$process + g$other_blocks + g$unexplained, g$gap, tolerance = 1e-10)
})

test_that("ordered answers go by a model or by scores", {
  cut <- cut(councils$control, stats::quantile(councils$control, 0:3 / 3), c("low", "middle", "high"),
             include.lowest = TRUE, ordered_result = TRUE)
  data <- cbind(councils, answer = cut)
  e <- weigh(data, "answer", blocks, left_out = 0)
  expect_identical(e$table$measure, "McFadden's R2")
  expect_true(is.na(e$table$points))
  scored <- weigh(data, "answer", blocks, outcome_type = "number", left_out = 0)
  data$answer <- as.integer(data$answer)
  expect_identical(scored$table$difference, weigh(data, "answer", blocks, left_out = 0)$table$difference)
})

test_that("the page needs nothing else, the result is an ordinary object", {
  path <- tempfile(fileext = ".html")
  expect_identical(report(evidence, path), path)
  page <- paste(readLines(path, encoding = "UTF-8"), collapse = "\n")
  expect_true(grepl("<svg", page, fixed = TRUE) && !grepl("src=", page, fixed = TRUE))
  expect_true(all(vapply(evidence$verdict, grepl, NA, page, fixed = TRUE)))
  again <- unserialize(serialize(evidence, NULL))
  expect_identical(again, evidence)
  expect_output(print(evidence), "What the data cannot say")
  expect_identical(names(as.data.frame(evidence))[1:4], c("source", "outcome", "estimate", "std.error"))
})

code_in <- function(page, language) {
  code <- regmatches(page, regexpr(sprintf("(?s)(?<=language-%s\">).*?(?=</code>)", language), page, perl = TRUE))
  for (one in list(c("&lt;", "<"), c("&gt;", ">"), c("&quot;", "\""), c("&#x27;", "'"), c("&amp;", "&")))
    code <- gsub(one[1L], one[2L], code, fixed = TRUE)
  code
}

# What the page's own code prints, run in a folder.
rerun <- function(page, folder) {
  before <- setwd(folder)
  on.exit(setwd(before))
  paste(utils::capture.output(eval(parse(text = code_in(page, "r")), new.env())), collapse = "\n")
}

test_that("the code on the page gives the same answer", {
  folder <- tempfile("report")
  dir.create(folder)
  report(evidence, file.path(folder, "first.html"))
  expect_identical(rerun(evidence$page, folder), evidence$text)
  expect_identical(readLines(file.path(folder, "evidence.html")), readLines(file.path(folder, "first.html")))
})

test_that("the code reads the file it is told of", {
  folder <- tempfile("report")
  dir.create(folder)
  cut <- cut(councils$control, stats::quantile(councils$control, 0:3 / 3), c("low", "middle", "high"),
             include.lowest = TRUE, ordered_result = TRUE)
  data <- cbind(councils[c("satisfaction", "spend_per_adult_gbp", "easy_information", "deprivation_rank", "population")],
                answer = cut, kind = factor(ifelse(councils$population > 200000, "large", "small"), c("small", "large")),
                `in region` = seq_len(nrow(councils)) %% 12)
  utils::write.csv(data, file.path(folder, "people \"2\".csv"), row.names = FALSE)
  blocks <- list(money = ~ I(spend_per_adult_gbp^2) + log(spend_per_adult_gbp), process = "easy_information", `if` = "deprivation_rank")
  e <- weigh(data, c("satisfaction", "answer"), blocks, funding = "money", by = "kind", cluster = "in region", left_out = 0,
             level = 0.9, seed = 5, interval = "jackknife", weights = "population", weight_kind = "analytic", one_source = TRUE)
  path <- report(e, file.path(folder, "page.html"), data = "people \"2\".csv")
  page <- paste(readLines(path, encoding = "UTF-8"), collapse = "\n")
  expect_identical(rerun(page, folder), e$text)
  expect_error(report(e, path, data = 3), "data: the name of a CSV file is needed, found 3", fixed = TRUE)
})

test_that("rows of a data set are recognised", {
  loaded <- function(data, ...) grepl("load_dataset(", weigh(data, "control", blocks, left_out = 0, interval = "none", ...)$page,
                                      fixed = TRUE)
  expect_true(loaded(councils))
  expect_true(loaded(cbind(councils, other = 1)))
  expect_false(loaded(councils[-1L, ]))
  expect_false(loaded(transform(councils, control = control + 1)))
  expect_false(loaded(councils, weights = rep(1, nrow(councils)), weight_kind = "analytic"))
})

test_that("the picture is one drawing with the names of the outcomes", {
  path <- picture(evidence, tempfile(fileext = ".svg"))
  drawn <- paste(readLines(path, encoding = "UTF-8"), collapse = "\n")
  expect_true(startsWith(drawn, "<svg ") && endsWith(drawn, "</svg>"))
  expect_true(all(vapply(gsub("_", " ", evidence$table$outcome), grepl, NA, drawn, fixed = TRUE)))
})

test_that("refusals name the argument", {
  refuse <- function(text, ...) expect_error(weigh(councils, "control", blocks, ...), text, fixed = TRUE,
                                             class = "steelyard_error_invalid")
  refuse("funding: there is no fundng; the nearest name is funding", funding = "fundng")
  refuse("process: there is no proces; the nearest name is process", process = "proces")
  refuse("need: there is no ned; the nearest name is need", need = "ned")
  refuse("need: block funding stands for funding", need = "funding")
  refuse("process: block funding stands for funding already", process = "funding")
  refuse("deprivation_rank of a stands in block need", process_sources = list(a = ~ deprivation_rank + easy_information))
  refuse("a is block funding, which stands for funding", process_sources = list(a = "funding"))
  refuse("one_source: there is no usrs", one_source = "usrs", process_sources = sources)
  refuse("interval: \"bca\" is not one of", interval = "bca")
  refuse("weight_kind: weights need their kind", weights = "population")
  refuse("at_most: 2; a part of the variance", at_most = 2)
  refuse("outcome_type: \"count\" is not one of", outcome_type = "count")
  expect_error(weigh(transform(councils, spend_per_adult_gbp = 400), "control", blocks), "same value in every row",
               class = "steelyard_error_data")
  expect_error(report(1, tempfile()), "x: a result of weigh() is needed", fixed = TRUE)
})

choices <- list(funding = c("level", "log", "rank"), source = sources,
                weights = list(none = NULL, people = c("population", "analytic")),
                rows = list(all = NULL, `without City of London` = councils$council != "City of London"))
curve <- specification_curve(councils, outcomes[1:3], blocks, choices = choices)

test_that("a curve holds every combination", {
  expect_identical(nrow(curve$table), 3L * 3L * 4L * 2L * 2L)
  expect_false(is.unsorted(curve$table$difference))
  t <- curve$table
  plain <- merge(t[t$funding == "level" & t$weights == "none" & t$rows == "all", c("source", "outcome", "difference")],
                 evidence$differences[c("source", "outcome", "difference")], by = c("source", "outcome"))
  expect_identical(nrow(plain), 12L)
  expect_equal(plain$difference.x, plain$difference.y, tolerance = 1e-12)
  expect_equal(sum(curve$choices$share), 1, tolerance = 1e-10)
})

test_that("a curve takes years, other blocks, functions", {
  halves <- transform(councils, year = ifelse(seq_len(nrow(councils)) %% 2 == 1, "odd", "even"))
  k <- specification_curve(halves, "control", blocks, choices = list(
    year = "year", missing = c("complete", "per-outcome"), areas = list(large = function(d) d$population > 10000),
    blocks = list(`pay in need` = c(blocks[-4], list(need = ~ deprivation_rank + median_pay_gbp)))))
  row <- k$table[k$table$year == "odd" & k$table$blocks == "as asked" & k$table$missing == "per-outcome", ]
  part <- halves[halves$year == "odd" & halves$population > 10000, ]
  expect_equal(row$difference, weigh(part, "control", blocks, left_out = 0)$table$difference, tolerance = 1e-12)
})

test_that("bad choices are refused", {
  refuse <- function(choices, text)
    expect_error(specification_curve(councils, "control", blocks, choices = choices), text, fixed = TRUE)
  refuse(list(funding = "levl"), "choices: \"levl\" is not one of")
  refuse(list(weights = list(people = "population")), "weight_kind: weights need their kind")
  refuse(list(year = "yer"), "choices: there is no yer")
  refuse(list(rows = list(some = TRUE)), "choices: rows, some: a truth value for each of 147 rows")
  refuse(list(), "choices: a named list is needed")
})

# The same evidence over so many outcomes of long names.
widened <- function(e, n) {
  names <- trimws(substr(paste("an outcome that someone typed in full as it stood on form", seq_len(n), "of thirty"), 1, 60))
  rows <- rep(seq_len(nrow(e$table)), length.out = n)
  e$table <- transform(e$table[rows, ], outcome = names)
  e$differences <- do.call(rbind, lapply(split(e$differences, factor(e$differences$source, unique(e$differences$source))),
                                         function(d) transform(d[rows, ], outcome = names)))
  e
}

test_that("pictures of evidence: outcomes, roles, order, and no text on another", {
  made <- evidence_drawn(evidence, "forest")
  expect_equal(made$names$label, outcomes)
  expect_equal(made$panels, c("process less funding", "each by itself"))
  expect_equal(made$legend, c("process", "funding"))
  own <- function(what) made$rows$value[made$rows$series == what]
  expect_equal(own("difference"), evidence$table$difference)
  expect_equal(own("process") - own("funding"), evidence$table$difference, tolerance = 1e-12)
  league <- evidence_drawn(evidence, "league")
  first <- evidence$differences[evidence$differences$source == "users", ]
  expect_equal(league$names$label, first$outcome[order(-first$difference)])
  expect_equal(league$legend, names(sources))
  for (kind in c("forest", "league")) for (n in c(3, 30))
    expect_equal(faults_of(evidence_drawn(widened(evidence, n), kind)), character(), info = paste(kind, n))
  expect_error(plot(evidence, "funnel"), class = "steelyard_error_invalid", "\"forest\", \"league\"")
})

test_that("pictures of a curve: a tick an option taken, dots in order", {
  made <- curve_drawn(curve)
  n <- nrow(curve$table)
  expect_equal(made$rows$difference, sort(curve$table$difference))
  varied <- Filter(function(name) length(unique(curve$table[[name]])) > 1L, names(curve$table)[seq_len(match("answer", names(curve$table)) - 1L)])
  ticks <- made$layers[[length(made$layers)]]$rows
  expect_equal(nrow(ticks), n * length(varied))
  expect_equal(faults_of(made), character())
  skip_if_not_installed("ggplot2")
  expect_equal(ggplot2::autoplot(curve)$data$difference, made$rows$difference)
})

test_that("a yes-or-no question has no curve and no remark on one", {
  people <- load_dataset("made_up_survey")
  found <- suppressWarnings(weigh(people, "q3_control",
    list(funding = ~ weekly_budget_gbp, process = ~ q12a_money + p1_help_to_plan), cluster = "council",
    weights = "weight", weight_kind = "sampling"))
  expect_false(any(grepl("^", found$remarks$term, fixed = TRUE)))
  expect_false(anyNA(found$table$difference_curve))
})
