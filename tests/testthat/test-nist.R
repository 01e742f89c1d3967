# NIST's 31 statistical reference data sets, every certified quantity to 15
# digits, from plain double columns; powers of x are built by the core.
# SPDX-License-Identifier: GPL-3.0-only

nist <- test_path("..", "reference", "nist")
digits_asked <- 15

# The numbers after the last line that begins with "Data:".
read_nist <- function(kind, set) {
  lines <- readLines(file.path(nist, kind, paste0(set, ".dat")), warn = FALSE)
  lines <- lines[seq_along(lines) > max(grep("^Data:", lines))]
  read.table(text = lines[grepl("[0-9]", lines)])
}

# Correct digits; the 40 certified digits become the nearest double, so that 15
# digits are measured without NIST's own rounding.
correct_digits <- function(found, certified) {
  certified <- as.numeric(certified)
  if (identical(found, certified)) return(Inf)
  if (!is.finite(found)) return(0)
  -log10(abs(found - certified) / if (certified == 0) 1 else abs(certified))
}

linear_formula <- function(set, frame) {
  degree <- c(Norris = 1, Pontius = 2, Filip = 10, Wampler1 = 5, Wampler2 = 5, Wampler3 = 5, Wampler4 = 5, Wampler5 = 5)
  if (set == "Longley") return(reformulate(names(frame)[-1L], "y"))
  if (set %in% c("NoInt1", "NoInt2")) return(y ~ x1 - 1)
  reformulate(c("x1", sprintf("I(x1^%d)", seq_len(degree[[set]])[-1L])), "y")
}

linear_found <- function(set) {
  frame <- read_nist("lls", set)
  names(frame) <- c("y", paste0("x", seq_len(ncol(frame) - 1L)))
  fit <- fit_linear(linear_formula(set, frame), frame)
  whole <- attr(anova(fit, type = 1), "model")
  power <- seq_along(coef(fit)) - fit$intercept
  c(structure(coef(fit), names = paste0("B", power)), structure(fit$std_error, names = paste0("SE", power)),
    rsd = fit$sigma, r2 = fit$r2, ssr = whole[["sumsq"]], msr = whole[["sumsq"]] / whole[["df"]], F = fit$f,
    sse = fit$rss, mse = fit$rss / fit$df_resid)
}

anova_found <- function(set) {
  frame <- read_nist("anova", set)
  names(frame) <- c("group", "y")
  fit <- fit_linear(y ~ factor(group), frame)
  table <- anova(fit, type = 1)
  c(ssb = table$sumsq[1L], msb = table$meansq[1L], ssw = table$sumsq[2L], msw = table$meansq[2L],
    F = table$statistic[1L], r2 = fit$r2, rsd = fit$sigma)
}

univ_found <- function(set) {
  frame <- read_nist("univ", set)
  names(frame) <- "y"
  d <- describe(frame, "y")
  c(mean = d$mean, sd = d$sd, r1 = d$autocorrelation_1)
}

found <- list(lls = linear_found, anova = anova_found, univ = univ_found)

test_that("all 291 certified quantities of the 31 sets have 15 correct digits", {
  skip_if_not(file.exists(file.path(nist, "certified.csv")), "tests/reference is not here")
  skip_if_not(dir.exists(file.path(nist, "anova")), "the anova sets are not here")
  certified <- read.csv(file.path(nist, "certified.csv"), colClasses = "character")
  sets <- unique(certified[c("kind", "set")])
  expect_equal(c(nrow(sets), nrow(certified)), c(31L, 291L))
  for (i in seq_len(nrow(sets))) {
    quantities <- certified[certified$set == sets$set[i], ]
    values <- found[[sets$kind[i]]](sets$set[i])
    for (j in seq_len(nrow(quantities))) {
      digits <- correct_digits(values[[quantities$quantity[j]]], quantities$exact_40_digits[j])
      expect_gte(digits, digits_asked, label = sprintf("digits of %s %s (%.17g)", sets$set[i], quantities$quantity[j],
                                                       values[[quantities$quantity[j]]]))
    }
  }
})
