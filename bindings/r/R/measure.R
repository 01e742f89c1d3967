# What "explained" means in a result: the names of the measures, and what rests on moments alone.
# SPDX-License-Identifier: GPL-3.0-only

measure_texts <- c(r2 = "R2", mcfadden = "McFadden's R2", nagelkerke = "Nagelkerke's R2", latent = "latent R2",
                   marginal = "marginal R2")
measure_owners <- c(r2 = "data, moments and linear models", mcfadden = "binary, count and ordinal models",
                    nagelkerke = "binary, count and ordinal models without groups",
                    latent = "binary and ordinal models without groups, nominal or scale terms", marginal = "mixed models")

# What shares are points of.
whole_of <- function(measure) if (measure == "r2") "all outcome variance" else measure_texts[[measure]]

caution_of <- function(measure) sprintf("Shares are points of %s; association, not effect.", whole_of(measure))

# What a bound is a number of.
points_of <- function(measure, explained) {
  if (measure == "r2") return(if (explained) "of the explained variance" else "of all variance")
  sprintf(if (explained) "of all %s together" else "points of %s", measure_texts[[measure]])
}

# Refuses shares over models that have no moments.
need_moments <- function(part, what) {
  if (part$measure != "r2")
    invalid("%s: this needs the moments of a linear model; these are shares of %s", what, measure_texts[[part$measure]])
}

# The moments that a part of a result rests on.
blob_of <- function(s, part, what) {
  need_moments(part, what)
  s$moments[[part$m$hash]]
}

# Refuses all measures but R2, for data, moments and linear fits.
measure_of_moments <- function(measure) {
  if (is.null(measure) || identical(measure, "r2")) return(invisible())
  choice("measure", measure, names(measure_texts))
  invalid(paste0("measure: \"%s\" is of %s; data, moments and linear models have \"r2\". Give shares() a fit of such a ",
                 "model"), measure, measure_owners[[measure]])
}

# The measure asked for, when a fitted model has it; by default its first.
measure_of_fit <- function(measure, allowed, called) {
  if (is.null(measure)) return(allowed[1L])
  choice("measure", measure, names(measure_texts))
  if (measure %in% allowed) return(measure)
  words <- paste0("\"", allowed, "\"")
  last <- length(words)
  words <- if (last == 1L) words else paste(paste(words[-last], collapse = ", "), "or", words[last])
  invalid("measure: \"%s\" is of %s; this %s has %s", measure, measure_owners[[measure]], called, words)
}
