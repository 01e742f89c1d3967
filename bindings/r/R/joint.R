# Several answers resampled together: by how much each value moves when a unit is left out.
# SPDX-License-Identifier: GPL-3.0-only

compared <- c("estimate", "std.error", "statistic", "df", "p.value", "conf.low", "conf.high")
by_rule <- c(bonferroni = 1L, holm = 3L, bh = 5L) # by the p values alone
stepped <- c(`romano-wolf` = 0, `westfall-young` = 1) # by the joint law of the statistics
adjust_methods <- c(names(by_rule), names(stepped))
fewest_units <- 11 # under it the signs of the units have 2^10 patterns or fewer

check_family <- function(replicates, seed) {
  c(whole("replicates", replicates, 100L, 1e5), whole("seed", seed, 0L, 2^53))
}

check_level <- function(level) {
  level <- number("level", level)
  if (!isTRUE(level > 0 && level < 1)) invalid("level: %.6g is not between 0 and 1", level)
  level
}

# Refuses answers that have nothing to leave out, or whose rows cannot be told apart.
need_units <- function(parts, argument) {
  for (part in parts) need_moments(part, argument)
  unit <- vapply(parts, function(part) part$m$unit, "")
  if (any(unit == "none"))
    invalid(paste0("%s: this result has neither clusters nor rows to leave out one at a time; give shares() a ",
                   "cluster, or interval = \"jackknife\" with a data frame"), argument)
  if (unit[1L] == "row" && length(unique(vapply(parts, function(part) part$m$hash, ""))) > 1L)
    invalid(paste0("%s: with missing = \"per-outcome\" the outcomes rest on different rows, which cannot be matched; ",
                   "use missing = \"complete\", or give shares() a cluster"), argument)
}

# blobs: of the parts, in their order. Values with their moves [values, units].
join <- function(blobs, parts, threads) {
  progress <- progress_teller("leaving out units")
  on.exit(progress$finish())
  joint <- settle(.Call(C_joint, unname(blobs), unname(lapply(parts, `[[`, "asked")), threads, progress$tell))
  sizes <- unname(vapply(parts, function(part) length(part$estimate) + 1L, 1L))
  joint$first <- c(0L, cumsum(sizes))
  joint$df_of_ask <- joint$df
  joint$df <- rep(joint$df, sizes)
  joint
}

join_shares <- function(s) {
  join(lapply(s$parts, function(part) blob_of(s, part, "units")), s$parts, threads_of(s))
}

threads_of <- function(s) as.integer(s$provenance$threads)

# Where a value lies: row and metric of the table of one answer.
place_in <- function(joint, ask, row, metric) {
  as.integer(joint$first[ask] + (row - 1L) * length(metric_names) + metric)
}

# with their covariance where `whole`
contrasts_of <- function(joint, plus, minus, level, whole = TRUE) {
  settle(.Call(C_joint_contrasts, joint$estimate, joint$moved, joint$df, as.integer(plus), as.integer(minus), level,
               whole))
}

adjust_by_rule <- function(method, p) {
  settle(.Call(C_adjust_p, by_rule[[method]], ifelse(is.na(p), NaN, as.double(p))))
}

# p values adjusted by the joint law of the statistics, made by flipping signs of
# the units' moves.
step_down <- function(method, contrasts, family, threads) {
  units <- ncol(contrasts$moves)
  if (method == "westfall-young" && units < fewest_units)
    invalid(paste0("adjust: \"westfall-young\" needs at least %d units, there are %d: their signs have only 2^%d ",
                   "patterns, too few for least p values; use \"romano-wolf\" or \"holm\""), fewest_units, units,
            units - 1L)
  progress <- progress_teller("resampling of the family")
  on.exit(progress$finish())
  observed <- contrasts$table[if (method == "westfall-young") 5L else 3L, ]
  settle(.Call(C_joint_step_down, contrasts$moves, observed, as.double(c(2, stepped[[method]], family)), threads,
               progress$tell))
}
