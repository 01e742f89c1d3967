# People like those of the POET surveys, drawn from a stated structure.
# SPDX-License-Identifier: GPL-3.0-only

#' POET-like people in councils, drawn from a structure that is known
#'
#' No data of single people of the POET surveys are public. These are made up: for tests, where the
#' truth must be known, and for tutorials. They are evidence of nothing.
#'
#' @details
#' Latent variables are sums of independent normal shocks of the council and the person and have
#' variance 1; funding is given for need, process quality depends on the council, both move outcomes,
#' and one response style moves all of a person's answers (a carer has one of their own). Answers are
#' cut from latent variables so that marginals hold in the population whatever the strengths. The same
#' seed gives the same data in Python and R, with any number of threads.
#'
#' @param seed a whole number.
#' @param people,councils how many; councils are of unequal size, each with one person or more.
#' @param year of the mean weekly amounts by client group (PSS-EX1): \code{"2008-09"}, \code{"2010-11"},
#'   \code{"2012-13"} or \code{"2013-14"}.
#' @param direct_payment share of people with a direct payment; above .8 in the survey.
#' @param funding_ratio mean amount with a direct payment over that without.
#' @param sd_log_amount standard deviation of the log amount within client group and payment type.
#' @param knows_amount share that knows the amount.
#' @param size_spread standard deviation of the log of the councils' expected sizes.
#' @param strengths named numbers of the structure; those left out keep their defaults, which the
#'   attribute \code{truth} lists. \code{powerfulness_payment}, \code{powerfulness_funding},
#'   \code{powerfulness_process} and \code{powerfulness_outcome} are 0 by default: set them for a hidden
#'   confounder.
#' @param amount_missing \code{"process"}: the weekly amount is missing where it is not known, and
#'   knowing it depends on process quality; or \code{"none"}.
#' @param hidden \code{TRUE} adds what no survey sees: powerfulness, funding, process quality, response
#'   style, all amounts, what outcomes share.
#' @param threads number of threads; see \code{\link{moments}}.
#' @param x the result.
#' @param n rows to print.
#' @param ... not used.
#' @return A data frame of class \code{steelyard_synthetic}, whose column \code{synthetic} is \code{TRUE} in
#'   every row, with the attributes \code{marginals} (column, item, category, comparator, published, kind:
#'   exact, bounded or assumed, planted, found, unit, kept, source), \code{truth} (name, value, meaning:
#'   the strengths, then what follows from them), \code{columns_meaning}, \code{remarks} and
#'   \code{provenance}.
#' @section Errors:
#' \code{steelyard_error_invalid} for a share outside 0 to 1, fewer people than councils, an unknown year
#' or strength, and strengths that give a variable more than all of its variance.
#' @references
#' National personal budget surveys (POET) 2011, 2013 and 2014;
#' \code{load_dataset("poet_marginals")} has each number with its source.
#' @examples
#' d <- simulate_poet(seed = 1, people = 600, councils = 25)
#' subset(attr(d, "truth"), name == "direct_in_all")
#' attr(d, "marginals")[c("column", "item", "kind", "planted", "found")]
#' @export
simulate_poet <- function(seed = 1, people = 2679, councils = 22, year = "2013-14", direct_payment = 0.85,
                          funding_ratio = 1.888, sd_log_amount = 0.8, knows_amount = 0.5, size_spread = 0.6,
                          strengths = NULL, amount_missing = "process", hidden = FALSE, threads = NULL) {
  people <- whole("people", people, 1L, 1e7)
  tables <- .Call(C_poet_tables)
  amount_missing <- choice("amount_missing", amount_missing, c("process", "none"))
  given <- list(seed = whole("seed", seed, 0L, 2^53), people = people, councils = whole("councils", councils, 2L),
                year = choice("year", year, c("2008-09", "2010-11", "2012-13", "2013-14")),
                direct_payment = number("direct_payment", direct_payment),
                funding_ratio = number("funding_ratio", funding_ratio),
                sd_log_amount = number("sd_log_amount", sd_log_amount),
                knows_amount = number("knows_amount", knows_amount), size_spread = number("size_spread", size_spread))
  whole <- truth("hidden", hidden)
  progress <- progress_teller("synthetic people")
  on.exit(progress$finish())
  made <- settle(.Call(C_poet, as.double(c(unlist(given[names(given) != "year"]), amount_missing == "process")), year,
                       poet_strengths(strengths, tables$strengths), check_threads(threads), progress$tell))
  columns <- tables$columns
  shown <- which(whole | columns$role != "hidden")
  data <- frame(stats::setNames(lapply(shown, function(i) poet_column(made$values[, i], columns$type[i],
                                                                      columns$levels[[i]])), columns$column[shown]))
  structure(data, class = c("steelyard_synthetic", "data.frame"), marginals = no_nan(made$marginals),
            truth = frame(made$truth), columns_meaning = frame(lapply(columns[1:3], `[`, shown)),
            remarks = remarks_frame(made$remarks),
            provenance = c(list(version = .Call(C_version), synthetic = TRUE), given, amount_missing = amount_missing))
}

poet_strengths <- function(given, known) {
  if (is.null(given)) return(known$value)
  given <- unlist(given)
  if (!is.numeric(given) || is.null(names(given)))
    invalid("strengths: named numbers are needed, such as c(process_outcome = 0.4)")
  known$value[vapply(names(given), function(name) place("strengths", name, known$name), 1L)] <- as.double(given)
  known$value
}

poet_column <- function(values, type, levels) {
  switch(type + 1, ifelse(is.nan(values), NA_real_, values), as.integer(values), values != 0,
         factor(levels[values + 1], levels), ordered(levels[values + 1], levels))
}

#' @rdname simulate_poet
#' @export
print.steelyard_synthetic <- function(x, n = 10L, ...) {
  seed <- attr(x, "provenance")$seed
  cat(sprintf("Synthetic data, not POET's: %s drawn from a stated structure%s.\n\n", counted(nrow(x), "row"),
              if (is.null(seed)) "" else sprintf(", seed %.0f", seed)))
  plain <- x
  class(plain) <- "data.frame"
  print(utils::head(plain, n), ...)
  if (nrow(x) > n) cat(sprintf("... %s in all\n", counted(nrow(x), "row")))
  kinds <- attr(x, "marginals")$kind
  if (!is.null(kinds)) {
    counts <- vapply(c("exact", "bounded", "assumed"), function(kind) sum(kinds == kind), 1L)
    cat(sprintf("\nMarginals: %s. They say nothing of how answers go together: that is planted, in truth.\n",
                paste(counts, names(counts), collapse = ", ")))
  }
  invisible(x)
}
