# How many digits of an estimate are printed: its standard error shows two of its own.
# SPDX-License-Identifier: GPL-3.0-only

more_digits <- 2L # further ones in a summary
error_shown <- 9.5e-8 # below, eight decimals do not hold two digits of an error

no_minus_zero <- function(text) sub("^-(0(\\.0*)?)$", "\\1", text)
or_dash <- function(x, text) ifelse(is.na(x), "-", ifelse(is.infinite(x), ifelse(x < 0, "-inf", "inf"), text))

# sprintf, with "-" for a missing value, "inf", and no minus zero.
number_text <- function(x, form) or_dash(x, no_minus_zero(sprintf(form, x)))

digits4 <- function(x) number_text(x, "%.4f")
digits1 <- function(x) number_text(x, "%.1f")

# The formats of estimates, their errors, their limits and all else in their unit; `other` where no error is known.
form_by <- function(std_error, other, more = 0L) {
  decimals <- .Call(C_shown_decimals, as.double(std_error))
  ifelse(decimals < 0L, other, sprintf("%%.%df", decimals + as.integer(more)))
}

# The same in the unit of the data, where errors may be of any size.
row_form <- function(std_error, more = 0L) {
  ifelse(!is.na(std_error) & std_error > 0 & std_error < error_shown, "%.4e", form_by(std_error, "%.6g", more))
}

# A ratio has four decimals, and more where its limits are that close: a pound more has an odds ratio of 1.00002.
ratio_form <- function(low, high) sprintf("%%.%df", pmax(4L, .Call(C_shown_decimals, as.double(high - low) / 4)))

by_error <- function(x, std_error, more = 0L) {
  form <- row_form(std_error, more)
  number_text(x, ifelse(!is.na(x) & abs(x) >= 1e15 & endsWith(form, "f"), "%.6g", form))
}

# A share, or a number on the scale of 0 to 1.
point <- function(x, std_error, more = 0L) number_text(x, form_by(std_error, "%.4f", more))

more_of <- function(whole) if (whole) more_digits else 0L

# A caption: what the table holds, and the level of its limits where it has some.
limited <- function(what, level, interval = "") {
  if (interval == "none") what else sprintf("%s, limits %s %%", what, percent_of(level))
}
