/* Shares with their uncertainty: one call of the core an outcome.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_glue.h"

/* list(outcome, block names, list of terms, adjust), or these and the groups of
 * the blocks or NULL, whether cluster means are forced in; terms and groups
 * counted from 1. */
static const int *indices(SEXP from_one)
{
    R_xlen_t n = XLENGTH(from_one);
    int *out = (int *)(void *)R_alloc((size_t)n + 1, sizeof *out);
    for (R_xlen_t i = 0; i < n; i++) out[i] = INTEGER_RO(from_one)[i] - 1;
    return out;
}

void r_question(SEXP list, sy_question *question)
{
    SEXP names = VECTOR_ELT(list, 1), terms = VECTOR_ELT(list, 2), adjust = VECTOR_ELT(list, 3);
    int n = (int)XLENGTH(names);
    sy_block *blocks = (sy_block *)(void *)R_alloc((size_t)n + 1, sizeof *blocks);
    for (int i = 0; i < n; i++) {
        blocks[i].name = r_text(names, i);
        blocks[i].n_terms = (int)XLENGTH(VECTOR_ELT(terms, i));
        blocks[i].terms = indices(VECTOR_ELT(terms, i));
    }
    *question = (sy_question){.outcome = Rf_asInteger(VECTOR_ELT(list, 0)) - 1};
    question->n_blocks = n;
    question->blocks = blocks;
    question->n_adjust = (int)XLENGTH(adjust);
    question->adjust = indices(adjust);
    if (XLENGTH(list) < 6) return;
    if (VECTOR_ELT(list, 4) != R_NilValue) question->order = indices(VECTOR_ELT(list, 4));
    question->absorb = Rf_asLogical(VECTOR_ELT(list, 5));
}

/* list(bounds, guarded, interval, level, replicates, seed, time_limit[, method, tolerance, permutations]) */
static void read_options(SEXP list, sy_evidence_options *options)
{
    sy_evidence_defaults(options);
    options->shares.bounds = (sy_bounds)Rf_asInteger(VECTOR_ELT(list, 0));
    options->shares.guarded = Rf_asInteger(VECTOR_ELT(list, 1));
    options->interval = (sy_interval_kind)Rf_asInteger(VECTOR_ELT(list, 2));
    options->level = Rf_asReal(VECTOR_ELT(list, 3));
    options->replicates = Rf_asInteger(VECTOR_ELT(list, 4));
    options->seed = options->shares.seed = (uint64_t)Rf_asReal(VECTOR_ELT(list, 5));
    options->time_limit = Rf_asReal(VECTOR_ELT(list, 6));
    if (XLENGTH(list) < 10) return;
    options->shares.method = (sy_method)Rf_asInteger(VECTOR_ELT(list, 7));
    options->shares.tolerance = Rf_asReal(VECTOR_ELT(list, 8));
    options->shares.permutations = Rf_asInteger(VECTOR_ELT(list, 9));
}

enum { TABLES = 8 }; /* what the core writes; summary and remarks come after */

static SEXP allocate_result(const sy_question *question, const sy_evidence_options *options, sy_evidence_table *table)
{
    static const char *const names[] = {"estimate",   "std_error",  "std_error_scaled", "low",     "high",
                                        "covariance", "replicates", "mc_error",         "summary", "remarks"};
    R_xlen_t rows = question->n_blocks + sy_shares_terms(question), cells = rows * SY_N_METRICS;
    int resampled = options->interval >= SY_INTERVAL_PERCENTILE && options->interval <= SY_INTERVAL_BAYES;
    R_xlen_t drawn = resampled && options->replicates > 0 ? options->replicates * cells : 0;
    const R_xlen_t length[TABLES] = {cells, cells, cells, cells, cells, cells * rows, drawn, rows};
    double *at[TABLES];
    SEXP list = PROTECT(r_list(TABLES + 2, names));
    for (int i = 0; i < TABLES; i++) {
        SET_VECTOR_ELT(list, i, Rf_allocVector(REALSXP, length[i]));
        at[i] = REAL(VECTOR_ELT(list, i));
    }
    table->estimate = at[0];
    table->std_error = at[1];
    table->std_error_scaled = at[2];
    table->low = at[3];
    table->high = at[4];
    table->covariance = at[5];
    table->replicates = drawn ? at[6] : NULL;
    table->mc_error = at[7];
    UNPROTECT(1);
    return list;
}

typedef struct {
    r_host host;
    sy_evidence_summary summary;
    SEXP list;
} answer;

static SEXP summary_values(const sy_evidence_summary *s, const sy_context *ctx)
{
    static const char *const names[] = {"total",       "total_adjusted", "r2_adjust",         "n",
                                        "n_effective", "df_resid",       "vif_max",           "digits",
                                        "guarded",     "n_columns",      "submodels",         "std_error",
                                        "low",         "high",           "interval",          "df",
                                        "units",       "replicates",     "seconds_estimated", "threads",
                                        "n_strata",    "coverage_least", "coverage_most",     "coverage_units",
                                        "orders",      "mc_error"};
    const double values[] = {s->whole.total,       s->whole.total_adjusted, s->whole.r2_adjust,   s->whole.n,
                             s->whole.n_effective, s->whole.df_resid,       s->whole.vif_max,     s->whole.digits,
                             s->whole.guarded,     s->whole.n_columns,      s->whole.submodels,   s->total_std_error,
                             s->total_low,         s->total_high,           (double)s->interval,  s->df,
                             (double)s->units,     s->replicates,           s->seconds_estimated, ctx->threads,
                             s->n_strata,          s->coverage_least,       s->coverage_most,     s->coverage_units,
                             s->whole.orders,      s->whole.mc_error};
    SEXP list = PROTECT(r_list(26, names));
    for (int i = 0; i < 26; i++) SET_VECTOR_ELT(list, i, Rf_ScalarReal(values[i]));
    UNPROTECT(1);
    return list;
}

static SEXP answer_result(void *arg)
{
    answer *a = arg;
    SET_VECTOR_ELT(a->list, TABLES, summary_values(&a->summary, &a->host.ctx));
    SET_VECTOR_ELT(a->list, TABLES + 1, r_remarks(&a->host.ctx));
    return a->list;
}

SEXP C_shares(SEXP blob, SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress)
{
    answer a;
    sy_question asked;
    sy_evidence_options how;
    sy_evidence_table table;
    sy_design rows;
    r_question(question, &asked);
    read_options(options, &how);
    if (design != R_NilValue) r_design(design, &rows);
    a.list = PROTECT(allocate_result(&asked, &how, &table));
    r_enter(&a.host, threads, progress);
    sy_status status = r_view(&a.host, blob, 0, &a.host.moments[0]);
    if (status >= 0)
        status = sy_evidence_shares(&a.host.ctx, &a.host.moments[0], design == R_NilValue ? NULL : &rows, &asked, &how,
                                    &a.summary, &table);
    SEXP out = r_leave(&a.host, status, answer_result, &a);
    UNPROTECT(1);
    return out;
}

static SEXP table_result(void *table)
{
    return (SEXP)table;
}

/* Matrix [metrics, terms]. */
SEXP C_relative_weights(SEXP blob, SEXP question)
{
    r_host host;
    sy_question asked;
    r_question(question, &asked);
    SEXP out = PROTECT(Rf_allocMatrix(REALSXP, SY_N_OTHER, sy_shares_terms(&asked)));
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = r_view(&host, blob, 0, &host.moments[0]);
    if (status >= 0) status = sy_relative_weights(&host.ctx, &host.moments[0], &asked, REAL(out));
    SEXP result = r_leave(&host, status, table_result, out);
    UNPROTECT(1);
    return result;
}
