# The councils' report: the question of the published findings, weighed as a whole.
# SPDX-License-Identifier: GPL-3.0-only

report_sources <- c(users = "users", carers = "carers information", included = "carers included")

# Weighs the councils as the recipes ask and writes the page; returns where it is.
write_councils_report <- function(book, path) {
  if (is.null(path)) path <- file.path(tempdir(), "steelyard-councils.html")
  recipe <- book$recipes[["councils_alone"]]
  blocks <- finding_pairs(recipe$blocks)
  sources <- lapply(names(report_sources),
                    function(key) finding_pairs(book$recipes[[paste0("positive_", key)]]$blocks)$process)
  names(sources) <- report_sources
  evidence <- weigh(load_dataset(recipe$data), finding_words(recipe$outcome), blocks,
                    process_sources = c(sources, records = blocks$delivery), label = "council", areas = TRUE,
                    one_source = "users")
  report(evidence, path)
  normalizePath(path)
}
