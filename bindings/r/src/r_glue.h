/* What the files of R's glue share: one `.Call` entry for each core function.
 * An entry reads its arguments, lets R allocate the outputs, calls the core
 * once and leaves by r_leave(); no R error is raised while core memory is
 * held.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_GLUE_H
#define R_GLUE_H
#include "steelyard.h"
#define R_NO_REMAP
#include <Rinternals.h>
#include <setjmp.h>

/* One call's surroundings, on the entry's stack. */
typedef struct {
    sy_context ctx;
    sy_moments moments[3]; /* what the call looks at or makes; freed on leaving */
    void (*drop)(void *);  /* frees `dropped`, a result that the core owns, on leaving; or NULL */
    void *dropped;
    SEXP token;    /* of a caught jump, to go on with */
    SEXP progress; /* R function of the fraction done, or R_NilValue */
    jmp_buf back;
    int jumping;
    sy_status status;
} r_host;

/* Protects one object, which r_leave() unprotects. threads: NULL or a number;
 * progress: NULL or a function. */
void r_enter(r_host *host, SEXP threads, SEXP progress);

/* The one exit: goes on with a caught interrupt, else gives `result(arg)` or,
 * for a negative status, a value of class steelyard_failure that the R layer
 * raises. Core memory is free when it returns or jumps. */
SEXP r_leave(r_host *host, sy_status status, SEXP (*result)(void *), void *arg);

/* The bytes of a moments object as the core sees them. */
sy_status r_view(r_host *host, SEXP blob, int verify, sy_moments *m);

/* Named list of n NULLs; result is unprotected. */
SEXP r_list(int n, const char *const *names);
/* UTF-8 text of a string vector's element; memory of R's, until .Call ends. */
const char *r_text(SEXP strings, R_xlen_t i);
SEXP r_string(const char *utf8);
/* The context's remarks as list(code, term, value, text). */
SEXP r_remarks(const sy_context *ctx);

/* list(n, columns, terms, weights, weight_kind, cluster, missing[, strata]) as a design
 * that looks into R's vectors; n is taken from the first element. */
void r_design(SEXP list, sy_design *design);
/* list(name, values, levels or NULL) of n values, or NULL for R's NULL. */
const sy_column *r_column(SEXP list, ptrdiff_t n);
/* list(outcome, block names, list of terms, adjust), terms counted from 1. */
void r_question(SEXP list, sy_question *question);

SEXP C_version(void);
SEXP C_live_bytes(void);
SEXP C_find(SEXP argument, SEXP typed, SEXP names);
SEXP C_near(SEXP typed, SEXP names);
SEXP C_moments(SEXP design, SEXP unit, SEXP precision, SEXP threads, SEXP progress);
SEXP C_info(SEXP blob);
SEXP C_verify(SEXP blob);
SEXP C_merge(SEXP a, SEXP b);
SEXP C_from_correlation(SEXP r, SEXP n, SEXP labels, SEXP decimals);
SEXP C_latent(SEXP design, SEXP unit, SEXP level, SEXP smooth, SEXP threads, SEXP progress);
SEXP C_find_term(SEXP blob, SEXP argument, SEXP labels);
SEXP C_describe_columns(SEXP design);
SEXP C_describe(SEXP design, SEXP columns, SEXP lags, SEXP threads, SEXP progress);
SEXP C_overview(SEXP design, SEXP question, SEXP threads, SEXP progress);
SEXP C_overview_steps(SEXP design, SEXP question, SEXP threads, SEXP progress);
SEXP C_overview_claim(SEXP shares, SEXP threshold, SEXP level);
SEXP C_overview_ranks(SEXP shares, SEXP level);
SEXP C_overview_funnel(SEXP shares, SEXP overall);
SEXP C_shares(SEXP blob, SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress);
SEXP C_relative_weights(SEXP blob, SEXP question);
SEXP C_limits(SEXP metric, SEXP normal, SEXP estimate, SEXP std_error_scaled, SEXP df, SEXP level);
SEXP C_difference(SEXP estimate, SEXP covariance, SEXP df, SEXP level);
SEXP C_ratio(SEXP estimate, SEXP covariance, SEXP df, SEXP level);
SEXP C_above_bound(SEXP metric, SEXP normal, SEXP estimate, SEXP std_error_scaled, SEXP df, SEXP bound);
SEXP C_percentile(SEXP replicates, SEXP level, SEXP expanded, SEXP units);
SEXP C_above(SEXP first, SEXP second);
SEXP C_resampled(SEXP values, SEXP estimate);
SEXP C_at_most(SEXP metric, SEXP normal, SEXP estimate, SEXP std_error_scaled, SEXP df, SEXP bound, SEXP level);
SEXP C_t_quantile(SEXP p, SEXP df);
#endif
