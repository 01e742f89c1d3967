# What results show: one document, written as text, HTML, Markdown and LaTeX. Python writes the same.
# SPDX-License-Identifier: GPL-3.0-only

odd <- function() {
  frame <- data.frame(y = c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3), a = c(2, 7, 1, 8, 2, 8, 1, 8, 2, 8))
  frame[["b_1 & <c>"]] <- c(1, 4, 1, 4, 2, 1, 3, 5, 6, 2)
  frame
}

test_that("signs that mean something to a browser, to Markdown or to LaTeX are only signs", {
  fit <- fit_linear(y ~ a + `b_1 & <c>`, odd())
  expect_match(paste(format(fit), collapse = "\n"), "b_1 & <c>", fixed = TRUE)
  expect_match(to_markdown(fit), "b\\_1 & \\<c\\>", fixed = TRUE)
  expect_match(to_latex(fit), "b\\_1 \\& \\textless{}c\\textgreater{}", fixed = TRUE)
  skip_if_not_installed("knitr")
  old <- knitr::opts_knit$get("rmarkdown.pandoc.to")
  on.exit(knitr::opts_knit$set(rmarkdown.pandoc.to = old))
  knitr::opts_knit$set(rmarkdown.pandoc.to = "html")
  shown <- knitr::knit_print(fit)
  expect_s3_class(shown, "knit_asis")
  expect_match(shown, "b_1 &amp; &lt;c&gt;", fixed = TRUE)
  expect_false(grepl("<c>", shown, fixed = TRUE))
})

# HTML as it stands in a knitted document.
bare <- function(knitted) sub("\n```\n$", "", sub("^\n```\\{=html\\}\n", "", as.character(knitted)))

reference <- test_path("..", "reference")

golden <- function(name) {
  councils <- load_dataset("councils_2018_19")
  blocks <- list(funding = ~ spend_per_adult_gbp, process = ~ easy_information,
                 delivery = ~ self_directed_support_pct + direct_payment_pct, need = ~ deprivation_rank)
  councils$costly <- ifelse(councils$spend_per_adult_gbp > 400, "more", "less")
  switch(name, shares = shares(councils, "control", blocks), `shares-summary` = summary(shares(councils, "control", blocks)),
         compare = compare_shares(shares(councils, c("control", "feel_safe"), blocks), "process", "funding", adjust = "holm"),
         linear = fit_linear(control ~ easy_information + spend_per_adult_gbp + deprivation_rank, councils),
         mixed = fit_mixed(Reaction ~ Days + (Days | Subject), utils::read.csv(file.path(reference, "data", "sleepstudy.csv"))),
         gap = gap(councils, "control", "costly", list(process = ~ easy_information, need = ~ deprivation_rank)),
         weigh = weigh(councils, c("control", "feel_safe"), blocks[c("funding", "process", "need")]))
}

test_that("text, HTML, Markdown and LaTeX are Python's, byte for byte", {
  files <- file.path(reference, "documents")
  skip_if_not(file.exists(files), "tests/reference is not here")
  skip_if_not_installed("knitr")
  old <- knitr::opts_knit$get("rmarkdown.pandoc.to")
  on.exit(knitr::opts_knit$set(rmarkdown.pandoc.to = old))
  knitr::opts_knit$set(rmarkdown.pandoc.to = "html")
  for (name in c("shares", "shares-summary", "compare", "linear", "mixed", "gap", "weigh")) {
    x <- golden(name)
    made <- c(txt = paste0(utils::capture.output(print(x)), "\n", collapse = ""), md = to_markdown(x), tex = to_latex(x),
              html = bare(knitr::knit_print(x)))
    for (kind in names(made)) {
      file <- file.path(files, paste(name, kind, sep = "."))
      expect_identical(enc2utf8(made[[kind]]), readChar(file, file.size(file), useBytes = TRUE), info = basename(file))
    }
  }
})

test_that("a knitted document gets HTML, LaTeX or Markdown, as it is made", {
  skip_if_not_installed("knitr")
  s <- shares(swiss, "Fertility", c("Education", "Catholic"))
  old <- knitr::opts_knit$get("rmarkdown.pandoc.to")
  on.exit(knitr::opts_knit$set(rmarkdown.pandoc.to = old))
  made <- vapply(c("html", "latex", "docx"), function(to) {
    knitr::opts_knit$set(rmarkdown.pandoc.to = to)
    as.character(knitr::knit_print(s))
  }, "")
  knitr::opts_knit$set(rmarkdown.pandoc.to = "latex")
  if (requireNamespace("rmarkdown", quietly = TRUE))
    expect_identical(attr(knitr::knit_print(s), "knit_meta")[[1L]]$name, "booktabs")
  expect_match(made[["html"]], "^\n```\\{=html\\}\n<div class=\"steelyard\" role=\"group\" aria-label=\"Shares of R2 for Fertility: 2 blocks, 47 rows\">")
  expect_identical(made[["latex"]], paste0("\n", to_latex(s), "\n"))
  expect_identical(made[["docx"]], paste0("\n", to_markdown(s), "\n"))
})

test_that("the HTML is one that a screen reader follows", {
  skip_if_not_installed("knitr")
  skip_if_not_installed("xml2")
  old <- knitr::opts_knit$get("rmarkdown.pandoc.to")
  on.exit(knitr::opts_knit$set(rmarkdown.pandoc.to = old))
  knitr::opts_knit$set(rmarkdown.pandoc.to = "html")
  find <- function(of, path) getExportedValue("xml2", "xml_find_all")(of, path)
  page <- getExportedValue("xml2", "read_html")(bare(knitr::knit_print(shares(swiss, "Fertility", c("Education", "Catholic")))))
  expect_length(find(page, "//table/caption"), 1L)
  expect_equal(length(find(page, "//thead/tr/th[@scope='col']")), length(find(page, "//tbody/tr[1]/*")))
  expect_equal(getExportedValue("xml2", "xml_text")(find(page, "//tbody//th[@scope='row']")), c("Education", "Catholic"))
  expect_length(find(page, "//script|//img|//link"), 0L)
  expect_length(find(page, "//*[@role='region'][@aria-label][@tabindex='0']"), 1L)
})

test_that("CSV holds all digits, which read back as the same numbers", {
  s <- shares(swiss, "Fertility", c("Education", "Catholic"))
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  expect_identical(to_csv(s, file), file)
  expect_identical(paste0(readLines(file), "\n", collapse = ""), to_csv(s))
  again <- utils::read.csv(file, na.strings = "", colClasses = c(block = "character", term = "character"))
  expect_identical(again$estimate, as.data.frame(s)$estimate)
  expect_identical(again$conf.low, as.data.frame(s)$conf.low)
  fit <- fit_linear(y ~ factor(g), data.frame(y = c(1, 2, 4, 3, 5, 7), g = rep(c("a, \"b\"", "c", "d"), 2)))
  expect_equal(nrow(utils::read.csv(text = to_csv(fit))), 3L)
  expect_identical(utils::read.csv(text = to_csv(marginal_means(fit, "g")))$g, c("a, \"b\"", "c", "d"))
})

test_that("a table that was changed shows its numbers, not what it was", {
  fit <- fit_linear(Fertility ~ Education, swiss)
  table <- anova(fit)
  expect_output(print(table), "Analysis of variance of Fertility")
  table$twice <- 2 * table$df
  expect_output(print(table), "twice")
  expect_match(to_markdown(table), "twice", fixed = TRUE)
  expect_identical(class(table[1, ]), "data.frame")
  turned <- other <- anova(fit)
  turned[] <- lapply(turned, rev)
  other$statistic[1] <- 0
  for (changed in list(turned, other)) expect_false(any(grepl("Analysis of variance", utils::capture.output(print(changed)))))
})

test_that("a table that dplyr has put in another order prints as it is then", {
  skip_if_not_installed("dplyr")
  table <- anova(fit_linear(Fertility ~ Education + Catholic, swiss))
  turned <- getExportedValue("dplyr", "arrange")(table, table$df * -1)
  expect_identical(turned$term, c("Residuals", "Education", "Catholic"))
  expect_false(any(grepl("Analysis of variance", utils::capture.output(print(turned)))))
})

test_that("what is no result is refused", {
  expect_error(to_markdown(1), "x: a result of this package is needed, not numeric", class = "steelyard_error_invalid")
  expect_error(to_latex("a"), "not character", class = "steelyard_error_invalid")
  expect_error(to_csv(NULL), "not NULL", class = "steelyard_error_invalid")
})

test_that("Jupyter gets the HTML of knitted documents", {
  skip_if_not_installed("repr")
  skip_if_not_installed("knitr")
  old <- knitr::opts_knit$get("rmarkdown.pandoc.to")
  on.exit(knitr::opts_knit$set(rmarkdown.pandoc.to = old))
  knitr::opts_knit$set(rmarkdown.pandoc.to = "html")
  for (shown in list(fit_linear(Fertility ~ Education, swiss), anova(fit_linear(Fertility ~ Education, swiss)))) {
    expect_identical(getExportedValue("repr", "repr_html")(shown), bare(knitr::knit_print(shown)))
    expect_identical(getExportedValue("repr", "repr_text")(shown), paste(utils::capture.output(print(shown)), collapse = "\n"))
    expect_identical(getExportedValue("repr", "repr_markdown")(shown), to_markdown(shown))
    expect_identical(getExportedValue("repr", "repr_latex")(shown), to_latex(shown))
  }
})

test_that("the findings are tables on pages, one for each claim and source", {
  found <- reproduce()
  markdown <- strsplit(to_markdown(found), "\n")[[1L]]
  expect_identical(markdown[1L], "**Published findings, recomputed**")
  expect_equal(sum(startsWith(markdown, "Table: ")), nrow(unique(found[c("claim", "source")])) + 2L)
  expect_equal(sum(grepl("\\| (reproduced|bounded|differs|not reproducible) +\\|", markdown)), nrow(found))
})

test_that("columns stand under each other where letters are wide", {
  cells <- list(block = c("\u8d44\u91d1 \u20ac", "plain"), share = c("0.1", "0.25"))
  expect_equal(steelyard:::table_text(cells, c(TRUE, FALSE)),
               c("block   share", "\u8d44\u91d1 \u20ac    0.1", "plain    0.25"))
})

test_that("ratios close to one are told from one", {
  fit <- fit_binary(am ~ pounds, transform(mtcars, pounds = -1e5 * wt))
  shown <- function(table) strsplit(utils::capture.output(print(table))[4L], " +")[[1L]]
  expect_true(all(as.numeric(shown(odds_ratios(fit))[2:4]) > 1))
  expect_true(as.numeric(shown(risk_ratios(fit, "pounds"))[9L]) > 0)
  expect_equal(steelyard:::ratio_form(c(1.1, 0), c(3.7, Inf)), c("%.4f", "%.4f"))
})
