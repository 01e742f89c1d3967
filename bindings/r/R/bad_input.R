# Data as people have them: what is wrong with a file's name, a column's name
# or a column of text, and what mends it. The words are the same in Python.
# SPDX-License-Identifier: GPL-3.0-only

file_readers <- c(xls = "readxl::read_excel", xlsx = "readxl::read_excel", dta = "haven::read_dta",
                  sav = "haven::read_sav", parquet = "arrow::read_parquet", feather = "arrow::read_feather",
                  json = "jsonlite::fromJSON", rds = "readRDS")
number_pattern <- "^[[:space:]]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?[[:space:]]*$"
dress <- "\u00a3$\u20ac%"

# `data` given as a text or a formula: a file's name, a data set's name.
refuse_text <- function(text) {
  if (inherits(text, "formula") || (grepl("~", text, fixed = TRUE) && !startsWith(text, "~")))
    invalid("data: \"%s\" is a formula; a data frame is needed here", shown(text))
  if (text %in% dataset_names())
    invalid("data: \"%s\" is a data set of the package; load it first: load_dataset(\"%s\")", text, text)
  if (!grepl("[./\\\\]", text) && !file.exists(text))
    invalid("data: a data frame is needed; \"%s\" is a text: give the data frame itself, without quotes", text)
  if (!grepl("://", text, fixed = TRUE)) check_file("data", text)
  ending <- tolower(sub("^.*[.]", "", basename(text)))
  reader <- if (ending %in% names(file_readers)) file_readers[[ending]] else "read.csv"
  invalid("data: \"%s\" is the name of a file, not a data frame; read it first: %s(\"%s\")", text, reader, text)
}

# A file that is not there (the nearest is named), is a folder or is empty.
check_file <- function(argument, path) {
  path <- path.expand(path)
  folder <- if (grepl("[/\\\\]", path)) dirname(path) else getwd()
  if (dir.exists(path)) invalid("%s: \"%s\" is a folder; a file is needed", argument, path)
  if (!dir.exists(folder)) invalid("%s: there is no folder \"%s\"", argument, folder)
  if (!file.exists(path)) {
    there <- list.files(folder, all.files = TRUE, no.. = TRUE)
    there <- sort(there[!dir.exists(file.path(folder, there))], method = "radix")
    at <- .Call(C_near, basename(path), there)
    invalid("%s: there is no file %s in the folder \"%s\"%s", argument, basename(path), folder,
            if (at > 0L) paste0("; the nearest name is ", there[at]) else "")
  }
  if (file.size(path) == 0) raise("data", sprintf("%s: the file \"%s\" is empty", argument, path))
}

# The path of a file to be written; its folder must be there.
check_target <- function(argument, path) {
  if (!is.character(path) || length(path) != 1L || is.na(path))
    invalid("%s: %s is not a file's name", argument, shown(path))
  path <- path.expand(path)
  if (grepl("[/\\\\]", path) && !dir.exists(dirname(path)))
    invalid("%s: there is no folder \"%s\"", argument, dirname(path))
  if (!nzchar(path) || dir.exists(path)) invalid("%s: \"%s\" is a folder; the name of a file is needed", argument, path)
  path
}

check_names <- function(names) {
  blank <- which(is.na(names) | !nzchar(trimws(names)))
  if (length(blank)) invalid("data: column %d has no name; give it one or leave it out", blank[1L])
  if (anyDuplicated(names)) invalid("data: two columns are called \"%s\"", names[anyDuplicated(names)])
}

# A factor where a number is needed.
refuse_factor <- function(argument, name, levels) {
  hint <- if (length(levels) && all(grepl(number_pattern, levels)))
    sprintf("; its levels are numbers: data$%1$s <- as.numeric(as.character(data$%1$s))", dollar(name)) else ""
  invalid("%s: column \"%s\" is a factor; numbers are needed%s", argument, name, hint)
}

# Where nothing but numbers will do.
refuse_levels <- function(argument, name, values) {
  if (is.factor(values)) refuse_factor(argument, name, levels(values))
  if (is.character(values))
    refuse_column(argument, name, values, sprintf("column \"%s\" holds text; numbers are needed", name))
}

# A column of text where numbers are needed; `words` is said of words where a factor will not do either.
refuse_column <- function(argument, name, values, words = NULL) {
  factor <- sprintf("write factor(%s) to use it as a factor", dollar(name))
  present <- which(!is.na(values))
  held <- values[present]
  kinds <- text_kinds(held)
  if (!length(kinds) || 2 * sum(kinds != "other") < length(kinds))
    invalid("%s: %s", argument, if (is.null(words)) sprintf("column \"%s\" holds text; %s", name, factor) else words)
  column <- paste0("data$", dollar(name))
  if (all(kinds == "plain"))
    invalid("%s: column \"%s\" holds numbers as text (\"%s\" in row %d); make them numbers: %s <- as.numeric(%s)%s",
            argument, name, held[1L], present[1L], column, column, if (is.null(words)) paste0(", or ", factor) else "")
  first <- which(kinds != "plain")[1L]
  invalid("%s: column \"%s\" holds text: \"%s\" in row %d is no number (%d of %d values are); %s", argument, name,
          held[first], present[first], sum(kinds == "plain"), length(kinds), remedy(column, kinds))
}

# "plain" numbers; "dressed" ones with currency, percent or thousands; "comma" for a point; "other".
text_kinds <- function(values) {
  bare <- gsub(sprintf("[%s[:space:]]", dress), "", enc2utf8(values))
  thousands <- grepl("^[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]*)?$", bare)
  whole <- ifelse(thousands, gsub(",", "", bare, fixed = TRUE), bare)
  ifelse(grepl(number_pattern, values), "plain",
         ifelse(grepl(number_pattern, whole), "dressed", ifelse(grepl("^[+-]?[0-9]+,[0-9]+$", bare), "comma", "other")))
}

# The line of code that makes numbers of such a column.
remedy <- function(column, kinds) {
  read <- column
  what <- "where such a value stands for a missing answer"
  if ("comma" %in% kinds) {
    what <- "the comma is a decimal point"
    read <- sprintf("sub(\",\", \".\", %s)", column)
  } else if ("dressed" %in% kinds) {
    what <- "take off what is no digit"
    read <- sprintf("gsub(\"[%s, ]\", \"\", %s)", dress, column)
  }
  lost <- "other" %in% kinds
  sprintf(if (lost) "%s: %s <- suppressWarnings(as.numeric(%s))%s" else "%s: %s <- as.numeric(%s)%s", what, column,
          read, if (lost && read != column) "; what then is no number becomes missing" else "")
}

# A column's name as it stands after the dollar sign.
dollar <- function(name) if (make.names(name) == name) name else sprintf("`%s`", name)
