# fit_ordinal against tests/reference/clm.csv (R's ordinal 2022.11.16; clm's order of
# parameters is ours), predictions by hand from its parameters, prints, refusals. Python
# runs the same.
# SPDX-License-Identifier: GPL-3.0-only

reference <- test_path("..", "reference")
need_reference <- function() skip_if_not(file.exists(file.path(reference, "clm.csv")), "tests/reference is not here")
orders <- list(Sat = c("Low", "Medium", "High"), Infl = c("Low", "Medium", "High"),
               Type = c("Tower", "Apartment", "Atrium", "Terrace"), Cont = c("Low", "High"), temp = c("cold", "warm"),
               contact = c("no", "yes"))

read_ordered <- function(name) {
  rows <- read.csv(file.path(reference, "data", paste0(name, ".csv")))
  for (column in intersect(names(orders), names(rows)))
    rows[[column]] <- factor(rows[[column]], orders[[column]], ordered = column == "Sat")
  if (name == "wine") rows$shift <- rows$bottle / 10
  rows
}

kept <- new.env()
# model: "rating ~ temp; nominal contact; scale temp + contact; equidistant; probit; offset bottle / 10"
fitted_case <- function(name, model) {
  key <- paste(name, model)
  if (!is.null(kept[[key]])) return(kept[[key]])
  parts <- strsplit(model, "; ", fixed = TRUE)[[1L]]
  options <- if (name == "housing") list(weights = "Freq", weight_kind = "frequency") else list()
  for (part in parts[-1L]) {
    kind <- sub(" .*", "", part)
    if (kind %in% c("nominal", "scale")) options[[kind]] <- as.formula(paste("~", sub("^[a-z]+ ", "", part)))
    else if (kind == "offset") options$offset <- "shift"
    else options[[if (kind %in% c("probit", "cloglog")) "link" else "thresholds"]] <- kind
  }
  kept[[key]] <- do.call(fit_ordinal, c(list(as.formula(parts[1L]), read_ordered(name)), options))
  kept[[key]]
}
wine_fit <- function() fitted_case("wine", "rating ~ temp + contact")
housing_fit <- function() fitted_case("housing", "Sat ~ Infl + Type + Cont")

outside <- function(quantity) sub("\\[.*", "", quantity)
inside <- function(quantity) sub(".*\\[(.*)\\]", "\\1", quantity)

test_that("fits are clm's", {
  need_reference()
  lines <- read.csv(file.path(reference, "clm.csv"))
  lines <- lines[outside(lines$quantity) %in% c("coef", "se", "loglik"), ]
  expect_gt(nrow(lines), 200L)
  for (i in seq_len(nrow(lines))) {
    line <- lines[i, ]
    fit <- fitted_case(line$data, line$model)
    found <- switch(outside(line$quantity), loglik = fit$loglik, coef = coef(fit)[[as.integer(inside(line$quantity))]],
                    se = fit$std_error[[as.integer(inside(line$quantity))]])
    expect_lte(abs(found - line$expected), line$tol_rel * abs(line$expected), label = paste(line$case, line$quantity))
  }
})

test_that("tests of proportional odds are clm's and Brant's", {
  need_reference()
  lines <- read.csv(file.path(reference, "clm.csv"))
  for (case in c("housing_nominal_test", "housing_scale_test", "housing_brant", "wine_brant")) {
    fit <- housing_fit()
    if (case == "wine_brant") {
      wine <- read_ordered("wine")
      wine$rating <- pmin(pmax(wine$rating, 2), 4)
      fit <- fit_ordinal(rating ~ temp + contact, wine)
    }
    test <- c(nominal_test = "lr", scale_test = "spread", brant = "brant")[[sub("^[a-z]+_", "", case)]]
    table <- proportional(fit, test)
    expect_equal(table$term, c(fit$terms, "all together"))
    for (i in which(lines$case == case)) {
      line <- lines[i, ]
      place <- if (inside(line$quantity) == "all") nrow(table) else as.integer(inside(line$quantity))
      found <- table[[if (outside(line$quantity) == "df") "df" else "statistic"]][place]
      expect_lte(abs(found - line$expected), line$tol_rel * line$expected, label = paste(case, line$quantity))
    }
  }
})

test_that("probabilities are those by hand from the parameters", {
  need_reference()
  fit <- wine_fit()
  new <- data.frame(temp = c("cold", "warm"), contact = c("no", "yes"))
  eta <- c(0, coef(fit)[["temp[warm]"]] + coef(fit)[["contact[yes]"]])
  cumulative <- plogis(outer(-eta, coef(fit)[1:4], "+"))
  expect_equal(predict(fit, new, "cumulative"), matrix(cumulative, 2, dimnames = list(NULL, 1:4)), tolerance = 1e-13)
  probabilities <- predict(fit, new)
  expect_equal(colnames(probabilities), as.character(1:5))
  expect_equal(unname(probabilities), t(apply(cbind(0, cumulative, 1), 1, diff)), tolerance = 1e-12, ignore_attr = TRUE)
  expect_equal(unname(predict(fit, new, "mean")), drop(probabilities %*% 1:5), tolerance = 1e-13)
  expect_equal(unname(predict(fit, new, "linear")), eta, tolerance = 1e-13)
  expect_equal(as.character(predict(fit, new, "category")), c("2", "4"))
  expect_s3_class(predict(fit, new, "category"), "ordered")
  expect_equal(dim(fitted(fit)), c(72L, 5L))
})

test_that("limits of probabilities hold them", {
  need_reference()
  rows <- predict(wine_fit(), data.frame(temp = "cold", contact = "no"), interval = "confidence")
  expect_named(rows, c("row", "category", "fit", "std.error", "lwr", "upr"))
  expect_equal(rows$category, as.character(1:5))
  expect_true(all(0 < rows$lwr & rows$lwr < rows$fit & rows$fit < rows$upr & rows$upr < 1))
})

test_that("effects on probabilities cancel out", {
  need_reference()
  fit <- housing_fit()
  rows <- effects(fit, "Infl")
  expect_equal(unique(rows$contrast), c("Medium - Low", "High - Low"))
  expect_true(all(abs(tapply(rows$estimate, rows$contrast, sum)) < 1e-14))
  high <- effects(fit, "Infl", at_least = "High")
  expect_equal(high$estimate, rows$estimate[rows$category == "High"], tolerance = 1e-12)
  ratios <- risk_ratios(fit, "Infl", at_least = "High")
  expect_equal(ratios$difference, high$estimate, tolerance = 1e-12)
  expect_equal(ratios$ratio, ratios$after / ratios$before, tolerance = 1e-15)
})

test_that("the housing table is Venables and Ripley's", {
  need_reference() # MASS, 4th ed., section 7.3
  fit <- housing_fit()
  table <- anova(fit)
  expect_equal(round(table$statistic[1L], 2), 108.24)
  expect_equal(table$df[1L], 2)
  expect_equal(round(odds_ratios(fit)$ratio, 3), c(1.762, 3.628, 0.564, 0.693, 0.336, 1.434))
  measures <- explained(fit)
  expect_equal(round(measures$value[measures$measure == "mcfadden"], 5), 0.04652)
})

test_that("numbers are ordered by size and levels as they stand", {
  need_reference()
  wine <- read_ordered("wine")
  a <- fit_ordinal(rating ~ temp, wine)
  b <- fit_ordinal(ordered(rating) ~ temp, wine)
  expect_identical(unname(coef(a)), unname(coef(b)))
  expect_equal(a$answers, as.character(1:5))
  back <- transform(wine, rating = factor(rating, 5:1, ordered = TRUE))
  expect_equal(coef(fit_ordinal(rating ~ temp, back))[["temp[warm]"]], -coef(a)[["temp[warm]"]], tolerance = 1e-9)
})

test_that("an empty middle level is said", {
  need_reference()
  wine <- read_ordered("wine")
  wine <- wine[wine$rating != 3, ]
  wine$rating <- factor(wine$rating, 1:5, ordered = TRUE)
  fit <- fit_ordinal(rating ~ temp, wine)
  expect_equal(fit$answers, c("1", "2", "4", "5"))
  expect_true("empty_level" %in% fit$remarks$code)
})

test_that("the print says what was fitted, in the words of Python", {
  need_reference()
  lines <- capture.output(print(fitted_case("wine", "rating ~ temp; nominal contact")))
  expect_equal(lines[1:2], c("Ordinal model of rating: temp; nominal contact, logit link, free thresholds, 72 rows",
                             "Levels: 1 < 2 < 3 < 4 < 5"))
  expect_match(lines[3L], "^Log likelihood -86.209, 9 parameters, AIC 190.42; McFadden R2 0\\.")
  expect_match(lines[4L], "^All terms together: likelihood ratio 35.02 on 5, p <0.0001")
  expect_equal(strsplit(lines[6L], " +")[[1L]], c("term", "estimate", "std", "error", "z", "p", "low", "high"))
  expect_match(lines[9L], "^threshold ")
  expect_true("Covariance: classical; limits (95 %): normal." %in% lines)
  expect_equal(lines[length(lines)], "Coefficients are associations given the other terms, not effects.")
})

test_that("fits are saved and clusters count", {
  need_reference()
  fit <- fit_ordinal(rating ~ temp + contact, read_ordered("wine"), cluster = "judge")
  expect_equal(fit$covariance, "CR2")
  expect_true(all(is.finite(fit$df)))
  expect_true("Covariance: CR2, 9 clusters of judge; limits (95 %): t with Satterthwaite degrees of freedom." %in%
                format(fit))
  path <- tempfile(fileext = ".rds")
  on.exit(unlink(path))
  saveRDS(fit, path)
  again <- readRDS(path)
  expect_equal(format(again), format(fit))
  new <- read_ordered("wine")[1:3, ]
  expect_identical(predict(again, new), predict(fit, new))
  expect_match(capture.output(print(anova(fit)))[1L], "^Wald tests of rating, type II, covariance CR2, 72 rows")
  expect_s3_class(logLik(fit), "logLik")
  expect_equal(AIC(fit), fit$aic)
  expect_equal(nobs(fit), 72)
})


refuses <- function(call, text, kind = "invalid") {
  error <- tryCatch(call, error = identity)
  expect_s3_class(error, paste0("steelyard_error_", kind))
  expect_match(conditionMessage(error), text, fixed = TRUE)
}

test_that("what cannot be ordered is refused", {
  need_reference()
  wine <- read_ordered("wine")
  wine$word <- ifelse(wine$rating > 2, "good", "bad")
  wine$bag <- factor(wine$word)
  wine$half <- wine$rating - 0.5
  wine$one <- 3
  refuses(fit_ordinal(word ~ temp, wine), paste0("formula: the outcome word is text; put its levels in order, lowest first: ",
                                                 "factor(data$word, c(\"bad\", \"good\"), ordered = TRUE)"))
  refuses(fit_ordinal(bag ~ temp, wine), "formula: the outcome bag is an unordered factor; put its levels in order")
  refuses(fit_ordinal(factor(rating) ~ temp, wine), "formula: the outcome factor(rating) is an unordered factor")
  refuses(fit_ordinal(half ~ temp, wine), "formula: the outcome half holds 1.5; ordered answers are whole numbers")
  refuses(fit_ordinal(rating ~ temp - 1, wine), "formula: \"- 1\" has no meaning here; the thresholds are the intercepts")
  refuses(fit_ordinal(rating ~ temp, wine, nominal = ~temp), "nominal: temp is in the formula too; leave it out of one")
  refuses(fit_ordinal(rating ~ temp, wine, link = "log"), "link: \"log\" is not one of \"logit\", \"probit\", \"cloglog\"")
  refuses(fit_ordinal(rating ~ temp, wine, thresholds = "even"), "thresholds: \"even\" is not one of \"free\"")
  refuses(fit_ordinal(rating ~ temp, wine, covariance = "HC3"), "covariance: \"HC3\" is not one of \"classical\", \"HC0\"")
  refuses(fit_ordinal(rating ~ temp, wine, offset = "bag"), "offset: column \"bag\" is a factor; numbers are needed")
  refuses(fit_ordinal(rating ~ temp, wine, offset = "shif"), "offset: there is no shif")
  refuses(fit_ordinal(one ~ temp, wine), "one", "data")
})

test_that("questions that do not fit are refused", {
  need_reference()
  fit <- wine_fit()
  refuses(risk_ratios(fit, "temp"), "at_least: name the level")
  refuses(risk_ratios(fit, "temp", at_least = "6"), "at_least: there is no 6")
  refuses(effects(fit, "tmp"), "variables: there is no tmp")
  refuses(effects(fit, "temp", change = list(temp = 1)), "change: temp is a factor")
  refuses(predict(fit, kind = "odds"), "kind: \"odds\" is not one of \"response\", \"linear\"")
  refuses(predict(fit, kind = "category", interval = "confidence"), "interval: an answer has no limits")
  refuses(predict(fit, data.frame(temp = "hot", contact = "no")), "newdata: temp \"hot\" is not a level of the fit (cold, warm)")
  refuses(predict(fit, data.frame(temp = "cold")), "newdata: there is no contact")
  refuses(anova(fit, type = 1), "type: 1 is not one of 2, 3")
  refuses(anova(fit, test = "lr", covariance = "HC1"), "covariance: test = \"lr\" uses none")
  refuses(anova(fit, test = "wald", covariance = "CR2"), "covariance: \"CR2\" needs clusters")
  refuses(proportional(fit, "wald"), "test: \"wald\" is not one of \"brant\", \"lr\", \"spread\"")
  refuses(linear_contrasts(fit, list(a = c(tmp = 1))), "c: there is no tmp")
  refuses(odds_ratios(fitted_case("wine", "rating ~ temp + contact; probit")),
          "odds_ratios: exp of a coefficient is an odds ratio under the logit link")
  refuses(explained(1), "fit: a result of fit_binary(), fit_count() or fit_ordinal() is needed, not numeric")
})
