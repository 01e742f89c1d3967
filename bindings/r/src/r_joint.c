/* Several questions resampled together: their moves, and the families of tests
 * made of them. Matrices of moves have one column a unit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_joint.h"
#include <string.h>

/* past MOST_BLOCKS the core refuses an envelope before it writes */
enum { MOST_BLOCKS = 12, N_COMPARISON = 7, N_F = 4, N_RANK = 3 };

static SEXP as_it_is(void *value)
{
    return (SEXP)value;
}

/* Every question with its moments; they lie in R's scratch and look into raws. */
typedef struct {
    int n;
    sy_ask *asks;
    sy_moments *m;
    sy_question *question;
} asks_of;

static asks_of open_questions(SEXP questions)
{
    asks_of a = {.n = (int)XLENGTH(questions)};
    const size_t room = (size_t)a.n + 1;
    a.asks = (sy_ask *)(void *)R_alloc(room, sizeof *a.asks);
    a.m = (sy_moments *)(void *)R_alloc(room, sizeof *a.m);
    a.question = (sy_question *)(void *)R_alloc(room, sizeof *a.question);
    for (int i = 0; i < a.n; i++) {
        r_question(VECTOR_ELT(questions, i), &a.question[i]);
        a.asks[i] = (sy_ask){&a.m[i], &a.question[i], NULL};
    }
    return a;
}

static sy_status look(r_host *host, SEXP blobs, asks_of *a)
{
    sy_status status = SY_OK;
    for (int i = 0; i < a->n && status >= 0; i++) status = r_view(host, VECTOR_ELT(blobs, i), 0, &a->m[i]);
    return status;
}

typedef struct {
    r_host *host;
    SEXP list;
} remarked;

static SEXP with_remarks(void *arg)
{
    const remarked *r = arg;
    SET_VECTOR_ELT(r->list, XLENGTH(r->list) - 1, r_remarks(&r->host->ctx));
    return r->list;
}

typedef struct {
    double units, values;
} extent;

static SEXP extent_result(void *arg)
{
    const extent *e = arg;
    SEXP out = Rf_allocVector(REALSXP, 2);
    REAL(out)[0] = e->units;
    REAL(out)[1] = e->values;
    return out;
}

/* c(units, values), or a failure. */
static SEXP extent_of(SEXP blobs, asks_of *a)
{
    r_host host;
    extent e = {0, 0};
    ptrdiff_t units = 0;
    int values = 0;
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = look(&host, blobs, a);
    if (status >= 0) status = sy_joint_size(&host.ctx, a->n, a->asks, &units, &values);
    e.units = (double)units;
    e.values = values;
    return r_leave(&host, status, extent_result, &e);
}

/* list(estimate, moved [values, units], df, remarks) */
SEXP C_joint(SEXP blobs, SEXP questions, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"estimate", "moved", "df", "remarks"};
    r_host host;
    sy_shares_options options;
    asks_of a = open_questions(questions);
    SEXP size = PROTECT(extent_of(blobs, &a));
    if (TYPEOF(size) != REALSXP) {
        UNPROTECT(1);
        return size;
    }
    const int units = (int)REAL(size)[0], values = (int)REAL(size)[1];
    remarked r = {&host, PROTECT(r_list(4, names))};
    double *estimate = REAL(SET_VECTOR_ELT(r.list, 0, Rf_allocVector(REALSXP, values)));
    double *moved = REAL(SET_VECTOR_ELT(r.list, 1, Rf_allocMatrix(REALSXP, values, units)));
    double *df = REAL(SET_VECTOR_ELT(r.list, 2, Rf_allocVector(REALSXP, a.n)));
    sy_shares_defaults(&options);
    r_enter(&host, threads, progress);
    sy_status status = look(&host, blobs, &a);
    if (status >= 0) status = sy_joint(&host.ctx, a.n, a.asks, &options, estimate, moved, df);
    SEXP out = r_leave(&host, status, with_remarks, &r);
    UNPROTECT(2);
    return out;
}

static const int *from_one(SEXP places)
{
    const R_xlen_t n = XLENGTH(places);
    int *out = (int *)(void *)R_alloc((size_t)n + 1, sizeof *out);
    for (R_xlen_t i = 0; i < n; i++) out[i] = INTEGER_RO(places)[i] - 1;
    return out;
}

/* plus, minus: places counted from 1, 0 for none. list(table [7, contrasts],
 * moves [contrasts, units], covariance or NULL) */
SEXP C_joint_contrasts(SEXP estimate, SEXP moved, SEXP df, SEXP plus, SEXP minus, SEXP level, SEXP whole)
{
    static const char *const names[] = {"table", "moves", "covariance"};
    r_host host;
    const int k = (int)XLENGTH(plus), values = (int)XLENGTH(estimate);
    const int units = values > 0 ? (int)(XLENGTH(moved) / values) : 0;
    if (XLENGTH(df) != values || XLENGTH(minus) != k || XLENGTH(moved) != (R_xlen_t)units * values)
        Rf_error("contrasts need equal lengths");
    sy_comparison *c = (sy_comparison *)(void *)R_alloc((size_t)k + 1, sizeof *c);
    const int *first = from_one(plus), *second = from_one(minus);
    const double *value = REAL_RO(estimate), *by_unit = REAL_RO(moved), *freedom = REAL_RO(df);
    const double wanted = Rf_asReal(level);
    SEXP list = PROTECT(r_list(3, names));
    double *table = REAL(SET_VECTOR_ELT(list, 0, Rf_allocMatrix(REALSXP, N_COMPARISON, k)));
    double *moves = REAL(SET_VECTOR_ELT(list, 1, Rf_allocMatrix(REALSXP, k, units)));
    double *covariance = Rf_asLogical(whole) == 1 ? REAL(SET_VECTOR_ELT(list, 2, Rf_allocMatrix(REALSXP, k, k))) : NULL;
    memset(c, 0, ((size_t)k + 1) * sizeof *c);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_joint_contrasts(&host.ctx, units, values, value, by_unit, freedom, k, first, second, wanted,
                                          c, moves, covariance);
    for (int i = 0; i < k; i++) {
        const double line[N_COMPARISON] = {c[i].estimate, c[i].std_error, c[i].statistic, c[i].df,
                                           c[i].p_value,  c[i].low,       c[i].high};
        memcpy(table + (size_t)i * N_COMPARISON, line, sizeof line);
    }
    SEXP out = r_leave(&host, status, as_it_is, list);
    UNPROTECT(1);
    return out;
}

static void put_f(const sy_joint_f *f, double *to)
{
    to[0] = f->f;
    to[1] = f->df1;
    to[2] = f->df2;
    to[3] = f->p_value;
}

/* c(F, df1, df2, p) */
SEXP C_joint_all_zero(SEXP estimate, SEXP covariance, SEXP df)
{
    r_host host;
    sy_joint_f f = {0, 0, 0, 0};
    const int k = (int)XLENGTH(estimate);
    const double *value = REAL_RO(estimate), *matrix = REAL_RO(covariance), freedom = Rf_asReal(df);
    if (XLENGTH(covariance) != (R_xlen_t)k * k) Rf_error("a covariance of %d estimates is needed", k);
    SEXP out = PROTECT(Rf_allocVector(REALSXP, N_F));
    double *to = REAL(out);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_joint_all_zero(&host.ctx, k, value, matrix, freedom, &f);
    put_f(&f, to);
    SEXP result = r_leave(&host, status, as_it_is, out);
    UNPROTECT(1);
    return result;
}

/* how: c(sides, method, replicates, seed). Adjusted p values. */
SEXP C_joint_step_down(SEXP moves, SEXP observed, SEXP how, SEXP threads, SEXP progress)
{
    r_host host;
    const int k = (int)XLENGTH(observed);
    const ptrdiff_t units = k > 0 ? (ptrdiff_t)(XLENGTH(moves) / k) : 0;
    const double *by_unit = REAL_RO(moves), *t = REAL_RO(observed), *numbers = REAL_RO(how);
    SEXP p = PROTECT(Rf_allocVector(REALSXP, k));
    double *to = REAL(p);
    r_enter(&host, threads, progress);
    sy_status status = sy_joint_step_down(&host.ctx, units, k, by_unit, t, (int)numbers[0], (sy_step_method)numbers[1],
                                          (int)numbers[2], (uint64_t)numbers[3], to);
    SEXP result = r_leave(&host, status, as_it_is, p);
    UNPROTECT(1);
    return result;
}

/* how: c(level, replicates, seed). Matrix [3, k] of rank, lowest, highest. */
SEXP C_joint_ranks(SEXP estimate, SEXP moved, SEXP how, SEXP threads, SEXP progress)
{
    r_host host;
    const int k = (int)XLENGTH(estimate);
    const ptrdiff_t units = k > 0 ? (ptrdiff_t)(XLENGTH(moved) / k) : 0;
    const double *value = REAL_RO(estimate), *by_unit = REAL_RO(moved), *numbers = REAL_RO(how);
    SEXP ranks = PROTECT(Rf_allocMatrix(REALSXP, N_RANK, k));
    double *to = REAL(ranks);
    r_enter(&host, threads, progress);
    sy_status status =
        sy_joint_ranks(&host.ctx, units, k, value, by_unit, numbers[0], (int)numbers[1], (uint64_t)numbers[2], to);
    SEXP result = r_leave(&host, status, as_it_is, ranks);
    UNPROTECT(1);
    return result;
}

/* block counted from 1. Matrix [sets, 3] of estimate, its standard error on the
 * scale of shares, df. */
SEXP C_envelope(SEXP blob, SEXP question, SEXP block, SEXP threads, SEXP progress)
{
    r_host host;
    sy_question asked;
    r_question(question, &asked);
    const int sets = asked.n_blocks > 0 && asked.n_blocks <= MOST_BLOCKS ? 1 << (asked.n_blocks - 1) : 1;
    const int at = Rf_asInteger(block) - 1;
    SEXP table = PROTECT(Rf_allocMatrix(REALSXP, sets, 3));
    double *to = REAL(table);
    r_enter(&host, threads, progress);
    sy_status status = r_view(&host, blob, 0, &host.moments[0]);
    if (status >= 0)
        status = sy_envelope(&host.ctx, &host.moments[0], &asked, at, to, to + sets, to + (ptrdiff_t)2 * sets);
    SEXP result = r_leave(&host, status, as_it_is, table);
    UNPROTECT(1);
    return result;
}

/* list(table [4, blocks] of F, df1, df2, p; remarks) */
SEXP C_block_tests(SEXP blob, SEXP question, SEXP alone, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"table", "remarks"};
    r_host host;
    sy_question asked;
    r_question(question, &asked);
    const int blocks = asked.n_blocks, by_itself = Rf_asLogical(alone);
    sy_joint_f *f = (sy_joint_f *)(void *)R_alloc((size_t)blocks + 1, sizeof *f);
    remarked r = {&host, PROTECT(r_list(2, names))};
    double *to = REAL(SET_VECTOR_ELT(r.list, 0, Rf_allocMatrix(REALSXP, N_F, blocks)));
    memset(f, 0, ((size_t)blocks + 1) * sizeof *f);
    r_enter(&host, threads, progress);
    sy_status status = r_view(&host, blob, 0, &host.moments[0]);
    if (status >= 0) status = sy_block_tests(&host.ctx, &host.moments[0], &asked, by_itself, f);
    for (int b = 0; b < blocks; b++) put_f(&f[b], to + (size_t)b * N_F);
    SEXP result = r_leave(&host, status, with_remarks, &r);
    UNPROTECT(1);
    return result;
}

static SEXP number_result(void *arg)
{
    return Rf_ScalarReal(*(const double *)arg);
}

/* c(difference, standard error, units now, units, level) */
SEXP C_power(SEXP numbers)
{
    r_host host;
    const double *v = REAL_RO(numbers);
    double power = 0;
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_power(&host.ctx, v[0], v[1], v[2], v[3], v[4], &power);
    return r_leave(&host, status, number_result, &power);
}

/* c(difference, standard error, units now, power, level) */
SEXP C_units_needed(SEXP numbers)
{
    r_host host;
    const double *v = REAL_RO(numbers);
    double units = 0;
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_units_needed(&host.ctx, v[0], v[1], v[2], v[3], v[4], &units);
    return r_leave(&host, status, number_result, &units);
}

SEXP C_adjust_p(SEXP method, SEXP p)
{
    r_host host;
    const int n = (int)XLENGTH(p), how = Rf_asInteger(method);
    const double *from = REAL_RO(p);
    SEXP adjusted = PROTECT(Rf_allocVector(REALSXP, n));
    double *to = REAL(adjusted);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_adjust_p(&host.ctx, (sy_adjustment)how, n, from, to);
    SEXP result = r_leave(&host, status, as_it_is, adjusted);
    UNPROTECT(1);
    return result;
}
