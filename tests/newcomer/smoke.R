# SPDX-License-Identifier: GPL-3.0-only
# What smoke.py asks, asked of the R package; the same numbers in the same form.
library(steelyard)

say <- function(name, table) {
  numbers <- as.matrix(as.data.frame(table)[vapply(as.data.frame(table), is.numeric, NA)])
  for (value in t(numbers)) cat(name, sprintf("%a", value), "\n")
}

councils <- load_dataset("councils_2018_19")
s <- shares(councils, "control", list(funding = ~ spend_per_adult_gbp, process = ~ easy_information))
say("shares", s)
print(at_most(s, "funding", 0.07, metric = "alone"))
say("linear", coef(fit_linear(control ~ spend_per_adult_gbp + easy_information, councils, covariance = "HC3")))
say("printed", r2_interval(0.07, 1114))
row <- 0:1799
crossed <- data.frame(y = (row * 7919) %% 1009 / 100 + row %% 90 / 9, x = (row * 31) %% 17,
                      first = as.character(row %% 90), second = as.character((row * 13) %% 101 %% 80))
say("crossed", coef(summary(fit_mixed(y ~ x + (1 | first) + (1 | second), crossed))))
