# Data as a person would give them: the error names the column, the value and
# its row, or the file, and the line of code in it mends the data.
# SPDX-License-Identifier: GPL-3.0-only

set.seed(3)
people <- data.frame(y = rnorm(80), a = rnorm(80), b = rnorm(80), spend = rnorm(80), t = rep_len(0:1, 80),
                     count = sample(0:4, 80, TRUE), g = rep(letters[1:4], each = 20))
money <- list(funding = "spend", process = "a")

refuses <- function(message, code, class = "invalid") {
  error <- expect_error(code, class = paste0("steelyard_error_", class))
  expect_match(conditionMessage(error), message, fixed = TRUE)
  invisible(conditionMessage(error))
}

# Every function that reads a data frame, with the argument that its error names.
verbs <- function(data, blocks, term = "a") {
  model <- function(y, more = NULL) stats::reformulate(c(term, more), y)
  list(
    shares = list("blocks", function() shares(data, "y", blocks)),
    weigh = list("blocks", function() weigh(data, "y", blocks)),
    specification_curve = list("blocks", function() specification_curve(data, "y", blocks)),
    gap = list("blocks", function() gap(data, "y", "t", blocks)),
    mediation = list("mediators", function() mediation(data, "y", "t", blocks)),
    moments = list("terms", function() moments(data, c("y", term))),
    describe = list("terms", function() describe(data, c("y", term))),
    balance = list("covariates", function() balance(data, "t", c(term, "b"))),
    reliability = list("items", function() reliability(data, c("y", "b", term))),
    fit_linear = list("formula", function() fit_linear(model("y"), data)),
    fit_mixed = list("formula", function() fit_mixed(model("y", "(1 | g)"), data)),
    fit_binary = list("formula", function() fit_binary(model("t"), data)),
    fit_count = list("formula", function() fit_count(model("count"), data)),
    fit_ordinal = list("formula", function() fit_ordinal(model("count"), data)),
    oneway = list("outcome", function() oneway(data, term, "g")),
    variance_components = list("outcome", function() variance_components(data, term, "g")))
}

test_that("a misspelt column is answered with the nearest, by every function", {
  for (verb in verbs(people, list(funding = "spend", process = "Spned"), "Spned"))
    refuses(paste0(verb[[1L]], ": there is no Spned; the nearest name is spend"), verb[[2L]]())
})

test_that("numbers as text are named with the first bad value and its row, by every function", {
  people$a <- as.character(round(people$a, 3))
  people$a[5] <- "n/a"
  for (verb in verbs(people, money))
    refuses(paste0(verb[[1L]], ": column \"a\" holds text: \"n/a\" in row 5 is no number (79 of 80 values are); where such a ",
                   "value stands for a missing answer: data$a <- suppressWarnings(as.numeric(data$a))"), verb[[2L]]())
})

test_that("a file's name is no data, for every function", {
  folder <- normalizePath(tempfile("people"), mustWork = FALSE)
  dir.create(folder)
  back <- setwd(folder)
  on.exit(setwd(back))
  folder <- getwd()
  utils::write.csv(people, "people.csv")
  for (verb in verbs("people.csv", money))
    refuses(paste0("data: \"people.csv\" is the name of a file, not a data frame; read it first: ",
                   "read.csv(\"people.csv\")"), verb[[2L]]())
  for (verb in verbs("peple.csv", money))
    refuses(sprintf("data: there is no file peple.csv in the folder \"%s\"; the nearest name is people.csv", folder),
            verb[[2L]]())
  for (verb in verbs("councils.csv", money))
    expect_identical(refuses("data", verb[[2L]]()),
                     sprintf("data: there is no file councils.csv in the folder \"%s\"", folder))
})

test_that("columns without a name and two of one name are refused, by every function", {
  called <- function(last) {
    wide <- data.frame(people, more = 1, most = 2)
    names(wide)[8:9] <- last
    wide
  }
  for (verb in verbs(called(c("a", "u")), money)) refuses("data: two columns are called \"a\"", verb[[2L]]())
  for (last in c(" ", "", NA)) for (verb in verbs(called(c("u", last)), money))
    refuses("data: column 9 has no name; give it one or leave it out", verb[[2L]]())
})

test_that("data without rows or columns are refused, by every function", {
  for (verb in verbs(people[0, ], money)) refuses("data: there are no rows", verb[[2L]](), "data")
  for (verb in verbs(data.frame(), money)) refuses("data: there are no columns", verb[[2L]]())
})

# the values and the words of tests/python/test_bad_input.py
spelt <- list(
  plain = list(c("1", "2.5", " -3 ", "4e2"), "numbers as text (\"1\" in row 1); make them numbers: ", c(1, 2.5, -3, 400)),
  pounds = list(c("1", "\u00a33,889", "\u00a312", "4"),
                "holds text: \"\u00a33,889\" in row 2 is no number (2 of 4 values are); take off what is no digit: ",
                c(1, 3889, 12, 4)),
  percent = list(c("12.5%", "3%", "4 %", "0.5%"),
                 "holds text: \"12.5%\" in row 1 is no number (0 of 4 values are); take off what is no digit: ",
                 c(12.5, 3, 4, 0.5)),
  missing = list(c("1", "2", "n/a", "4"), paste0("holds text: \"n/a\" in row 3 is no number (3 of 4 values are); where such ",
                                                 "a value stands for a missing answer: "), c(1, 2, NA, 4)),
  both = list(c("1", "\u00a32", "n/a", "4"),
              "holds text: \"\u00a32\" in row 2 is no number (2 of 4 values are); take off what is no digit: ", c(1, 2, NA, 4)),
  comma = list(c("1,5", "2,25", "3", "4,0"),
               "holds text: \"1,5\" in row 1 is no number (1 of 4 values are); the comma is a decimal point: ",
               c(1.5, 2.25, 3, 4)))

test_that("the line in the error mends the column", {
  for (how in names(spelt)) for (name in c("x", "spend in all")) {
    data <- data.frame(y = c(1, 3, 2, 5))
    data[[name]] <- spelt[[how]][[1L]]
    message <- refuses(spelt[[how]][[2L]], shares(data, "y", name, interval = "none"))
    expect_identical(startsWith(message, sprintf("blocks: column \"%s\" holds ", name)), TRUE)
    line <- regmatches(message, regexpr("data[$].* <- .*[)](?=$|;|, or write)", message, perl = TRUE))
    eval(parse(text = sub(", or write.*", "", line), encoding = "UTF-8"))
    expect_identical(data[[name]], spelt[[how]][[3L]])
    expect_identical(endsWith(message, "; what then is no number becomes missing"), how == "both")
  }
})

test_that("words are told to become a factor", {
  expect_identical(refuses("blocks", shares(people, "y", "g")),
                   "blocks: column \"g\" holds text; write factor(g) to use it as a factor")
  names(people)[7L] <- "a town"
  refuses("write factor(`a town`) to use it as a factor", shares(people, "y", "a town"))
  expect_equal(shares(people, "y", "factor(`a town`)")$n, 80)
})

test_that("a factor is refused where a number is needed", {
  people$y <- factor(people$count)
  for (call in list(quote(shares(people, "b", "a", weights = "y", weight_kind = "analytic")),
                    quote(fit_count(count ~ a, people, offset = "y")))) {
    message <- refuses("column \"y\" is a factor; numbers are needed; its levels are numbers: ", eval(call))
    data <- people
    eval(parse(text = sub(".*numbers: ", "", message)))
    expect_identical(data$y, as.double(people$count))
  }
  refuses("outcome: y is a factor with 5 levels; it must be one numeric column", shares(people, "y", "a"))
  for (call in list(quote(fit_linear(y ~ a, people)), quote(fit_mixed(y ~ a + (1 | g), people))))
    refuses("formula: the outcome must be one numeric column; y is a factor", eval(call))
  refuses("weights: column \"g\" holds text", shares(people, "b", "a", weights = "g", weight_kind = "analytic"))
})

test_that("capitals and outer blanks are told", {
  refuses("outcome: there is no Y; the nearest name is y (capital letters count)", shares(people, "Y", "a"))
  names(people)[4L] <- "spend "
  refuses("blocks: there is no spend; the nearest name is \"spend \" (the blank belongs to it)",
          shares(people, "y", "spend"))
})

test_that("texts that are no data say what they are", {
  refuses("data: \"y ~ a\" is a formula; a data frame is needed here", shares(y ~ a, "y", "a"))
  refuses("data: a data frame is needed; \"people\" is a text: give the data frame itself, without quotes",
          shares("people", "y", "a"))
  refuses("data: \"swiss_1888\" is a data set of the package; load it first: load_dataset(\"swiss_1888\")",
          shares("swiss_1888", "y", "a"))
  folder <- tempfile("people")
  dir.create(folder)
  readers <- c(xlsx = "readxl::read_excel", sav = "haven::read_sav", dta = "haven::read_dta", csv = "read.csv")
  for (ending in names(readers)) {
    file <- file.path(folder, paste0("people.", ending))
    file.create(file)
    refuses(sprintf("data: the file \"%s\" is empty", file), shares(file, "y", "a"), "data")
    writeLines("y", file)
    refuses(sprintf("read it first: %s(\"%s\")", readers[[ending]], file), shares(file, "y", "a"))
  }
  refuses(sprintf("data: \"%s\" is a folder; a file is needed", folder), shares(folder, "y", "a"))
  refuses(sprintf("data: there is no folder \"%s/no\"", folder), shares(file.path(folder, "no", "p.csv"), "y", "a"))
  refuses("read.csv(\"https://example.org/p.csv\")", shares("https://example.org/p.csv", "y", "a"))
})

test_that("moments that are not there name the nearest file", {
  folder <- tempfile("people")
  dir.create(folder)
  save_moments(moments(people, c("y", "a")), file.path(folder, "people.moments"))
  refuses(sprintf("path: there is no file people.moment in the folder \"%s\"; the nearest name is people.moments", folder),
          load_moments(file.path(folder, "people.moment")))
  file.create(file.path(folder, "none.moments"))
  refuses(sprintf("path: the file \"%s\" is empty", file.path(folder, "none.moments")),
          load_moments(file.path(folder, "none.moments")), "data")
})

test_that("a file is written into a folder that is there", {
  folder <- tempfile("people")
  dir.create(folder)
  m <- moments(people, c("y", "a"))
  evidence <- suppressWarnings(weigh(people, "y", money, left_out = 0))
  writers <- list(path = function(path) save_moments(m, path), path = function(path) report(evidence, path),
                  path = function(path) picture(evidence, path), file = function(path) to_csv(evidence, path))
  for (i in seq_along(writers)) {
    argument <- names(writers)[i]
    refuses(sprintf("%s: there is no folder \"%s/no\"", argument, folder), writers[[i]](file.path(folder, "no", "there")))
    refuses(sprintf("%s: \"%s\" is a folder; the name of a file is needed", argument, folder), writers[[i]](folder))
    writers[[i]](file.path(folder, "there"))
    expect_gt(file.size(file.path(folder, "there")), 0)
  }
})

test_that("a permutation test names the blocks it may be of", {
  refuses("block: name one of funding, process", permutation_test(people, "y", money))
  expect_identical(permutation_test(people, "y", money["funding"], permutations = 99)$block, "funding")
})
