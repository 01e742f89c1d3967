# What a summary says of how its answer came about: version, data, question, options.
# SPDX-License-Identifier: GPL-3.0-only

told_keys <- c("version", "hash", "formula", "family", "model", "measure", "method", "link", "reference", "outcome",
               "outcomes", "outcome_type", "treatment", "estimand", "effects", "group", "first", "second", "contrast",
               "blocks", "confounders", "adjust", "order", "by", "weight_kind", "cluster", "strata", "coding", "reml",
               "nodes", "missing", "precision", "covariance", "interval", "level", "replicates", "seed")

# One list, led by the version; what was not asked for is left out.
told_provenance <- function(provenance) {
  keys <- Filter(function(key) !is.null(provenance[[key]]), told_keys)
  texts <- vapply(keys, function(key) told_value(provenance[[key]]), "")
  told <- nzchar(texts) & !(keys == "replicates" & texts == "0") & !(keys == "weight_kind" & texts == "none")
  c("", listed("Provenance:", sprintf("%s: %s", gsub("_", " ", keys[told], fixed = TRUE), texts[told])))
}

# A value in words; empty where there is nothing to say.
told_value <- function(value) {
  if (is.list(value) && !is.null(names(value)))
    return(paste(names(value), "=", vapply(value, paste, "", collapse = " + "), collapse = "; "))
  if (is.list(value)) return(paste(vapply(value, paste, "", collapse = " and "), collapse = ", then "))
  value <- unique(unname(value))
  value <- value[!is.na(value)]
  if (is.logical(value)) value <- ifelse(value, "yes", "no")
  if (is.numeric(value)) value <- sprintf("%.6g", value)
  paste(value, collapse = ", ")
}

fit_provenance <- function(fit) {
  provenance <- fit$provenance
  provenance$cluster <- provenance$cluster[1L]
  if (isTRUE(provenance$kind %in% c("poisson", "negative_binomial"))) {
    provenance$family <- provenance$kind
    provenance$link <- NULL
  }
  told_provenance(provenance)
}

flip_provenance <- function(x) {
  names <- x$parts[[1L]]$names
  told_provenance(list(version = .Call(C_version), hash = vapply(x$parts, `[[`, "", "hash"), outcomes = x$outcomes,
                       first = names[1L], second = names[2L]))
}

mediation_provenance <- function(x) {
  keys <- c("version", "outcome", "treatment", "blocks", "confounders", "effects", "weight_kind", "missing", "interval",
            "level", "seed", "replicates")
  c(x$provenance[intersect(keys, names(x$provenance))], list(contrast = x$contrast))
}

reliability_provenance <- function(x) {
  of <- function(key) vapply(x$parts, `[[`, "", key)
  list(version = .Call(C_version), hash = of("hash"), weight_kind = of("weight_kind"), interval = of("interval"),
       level = x$level)
}
