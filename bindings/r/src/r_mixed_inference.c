/* What a mixed model says of its variances and groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_mixed.h"
#include "steelyard/mixed_inference.h"

/* list(estimate, theta, covariance of theta or NULL, modes, their variance, sigma, theta of the negative binomial) */
static sy_mixed_fitted read_fitted(SEXP list)
{
    SEXP spread = VECTOR_ELT(list, 2);
    return (sy_mixed_fitted){.estimate = REAL_RO(VECTOR_ELT(list, 0)),
                             .theta = REAL_RO(VECTOR_ELT(list, 1)),
                             .theta_covariance = spread == R_NilValue ? NULL : REAL_RO(spread),
                             .modes = REAL_RO(VECTOR_ELT(list, 3)),
                             .mode_variance = REAL_RO(VECTOR_ELT(list, 4)),
                             .sigma = Rf_asReal(VECTOR_ELT(list, 5)),
                             .theta_count = Rf_asReal(VECTOR_ELT(list, 6))};
}

static SEXP count_result(void *n)
{
    return Rf_ScalarInteger(*(const int *)n);
}

SEXP C_mixed_parameter_count(SEXP design, SEXP model)
{
    r_mixed x;
    int n = 0;
    r_mixed_read(design, model, R_NilValue, &x);
    r_enter(&x.made.host, R_NilValue, R_NilValue);
    sy_status status = sy_mixed_parameters(&x.made.host.ctx, &x.rows, &x.model, &n, NULL, 0);
    return r_leave(&x.made.host, status, count_result, &n);
}

SEXP C_mixed_parameters(SEXP design, SEXP model, SEXP n)
{
    r_mixed x;
    r_labels l = r_labels_of(Rf_asInteger(n));
    r_mixed_read(design, model, R_NilValue, &x);
    r_enter(&x.made.host, R_NilValue, R_NilValue);
    sy_status status = sy_mixed_parameters(&x.made.host.ctx, &x.rows, &x.model, &l.n, l.text, R_LABEL);
    return r_leave(&x.made.host, status, r_labels_result, &l);
}

/* how: list(level, places of parameters counted from 1) */
SEXP C_mixed_profile(SEXP design, SEXP model, SEXP rules, SEXP n, SEXP how, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"estimate", "conf.low", "conf.high", "remarks"};
    r_mixed x;
    const R_xlen_t count = Rf_asInteger(n);
    const double level = Rf_asReal(VECTOR_ELT(how, 0));
    int picked = 0;
    const int *which = r_indices(VECTOR_ELT(how, 1), &picked);
    r_mixed_read(design, model, rules, &x);
    x.made.list = PROTECT(r_list(4, names));
    x.made.last = 3;
    const sy_mixed_limits limits = {.estimate = r_doubles(x.made.list, 0, count),
                                    .lower = r_doubles(x.made.list, 1, count),
                                    .upper = r_doubles(x.made.list, 2, count)};
    r_enter(&x.made.host, threads, progress);
    sy_status status = sy_mixed_profile(&x.made.host.ctx, &x.rows, &x.model, &x.options, level, picked, which, &limits);
    SEXP out = r_leave(&x.made.host, status, r_with_remarks, &x.made);
    UNPROTECT(1);
    return out;
}

typedef struct {
    r_mixed x;
    int boundary;
} boot_made;

static SEXP boot_result(void *arg)
{
    boot_made *b = arg;
    SET_VECTOR_ELT(b->x.made.list, 5, Rf_ScalarInteger(b->boundary));
    return r_with_remarks(&b->x.made);
}

/* how: list(replicates, seed, level) */
SEXP C_mixed_bootstrap(SEXP design, SEXP model, SEXP rules, SEXP n, SEXP how, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"estimate",   "conf.low", "conf.high", "std.error",
                                        "replicates", "boundary", "remarks"};
    boot_made b = {.boundary = 0};
    const int count = Rf_asInteger(n);
    sy_mixed_boot boot;
    sy_mixed_boot_defaults(&boot);
    boot.replicates = Rf_asInteger(VECTOR_ELT(how, 0));
    boot.seed = (uint64_t)Rf_asReal(VECTOR_ELT(how, 1));
    boot.level = Rf_asReal(VECTOR_ELT(how, 2));
    r_mixed_read(design, model, rules, &b.x);
    SEXP list = b.x.made.list = PROTECT(r_list(7, names));
    b.x.made.last = 6;
    const sy_mixed_limits limits = {
        .estimate = r_doubles(list, 0, count), .lower = r_doubles(list, 1, count), .upper = r_doubles(list, 2, count)};
    double *error = r_doubles(list, 3, count), *all = r_matrix(list, 4, count, boot.replicates);
    r_enter(&b.x.made.host, threads, progress);
    sy_status status = sy_mixed_bootstrap(&b.x.made.host.ctx, &b.x.rows, &b.x.model, &b.x.options, &boot, &limits,
                                          error, all, &b.boundary);
    SEXP out = r_leave(&b.x.made.host, status, boot_result, &b);
    UNPROTECT(1);
    return out;
}

typedef struct {
    r_mixed x;
    sy_mixed_explained_summary summary;
} explained;

static SEXP explained_result(void *arg)
{
    static const char *const names[] = {"fixed",       "residual",     "total",         "marginal",
                                        "conditional", "icc_adjusted", "icc_unadjusted"};
    explained *e = arg;
    const sy_mixed_explained_summary *s = &e->summary;
    const double values[] = {s->fixed,       s->residual,     s->total,         s->marginal,
                             s->conditional, s->icc_adjusted, s->icc_unadjusted};
    SET_VECTOR_ELT(e->x.made.list, 0, r_numbers(7, names, values));
    return r_with_remarks(&e->x.made);
}

SEXP C_mixed_explained(SEXP design, SEXP model, SEXP fitted)
{
    static const char *const names[] = {"whole", "variance", "icc", "remarks"};
    explained e;
    const sy_mixed_fitted f = read_fitted(fitted);
    r_mixed_read(design, model, R_NilValue, &e.x);
    e.x.made.list = PROTECT(r_list(4, names));
    e.x.made.last = 3;
    double *variance = r_doubles(e.x.made.list, 1, e.x.model.n_random);
    double *icc = r_doubles(e.x.made.list, 2, e.x.model.n_random);
    r_enter(&e.x.made.host, R_NilValue, R_NilValue);
    sy_status status = sy_mixed_explained(&e.x.made.host.ctx, &e.x.rows, &e.x.model, &f, &e.summary, variance, icc);
    SEXP out = r_leave(&e.x.made.host, status, explained_result, &e);
    UNPROTECT(1);
    return out;
}

typedef struct {
    r_mixed x;
    sy_icc icc;
} intraclass;

static SEXP icc_result(void *arg)
{
    static const char *const names[] = {"estimate", "std.error", "conf.low", "conf.high"};
    intraclass *i = arg;
    const double values[] = {i->icc.estimate, i->icc.std_error, i->icc.lower, i->icc.upper};
    SET_VECTOR_ELT(i->x.made.list, 0, r_numbers(4, names, values));
    return r_with_remarks(&i->x.made);
}

/* how: list(bar term counted from 1 or 0 for all, method, level) */
SEXP C_mixed_icc(SEXP design, SEXP model, SEXP rules, SEXP fitted, SEXP how, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"values", "remarks"};
    intraclass i;
    const sy_mixed_fitted f = read_fitted(fitted);
    const int bar = Rf_asInteger(VECTOR_ELT(how, 0)) - 1, method = Rf_asInteger(VECTOR_ELT(how, 1));
    const double level = Rf_asReal(VECTOR_ELT(how, 2));
    r_mixed_read(design, model, rules, &i.x);
    i.x.made.list = PROTECT(r_list(2, names));
    i.x.made.last = 1;
    r_enter(&i.x.made.host, threads, progress);
    sy_status status = sy_mixed_icc(&i.x.made.host.ctx, &i.x.rows, &i.x.model, &i.x.options, &f, bar,
                                    (sy_icc_method)method, level, &i.icc);
    SEXP out = r_leave(&i.x.made.host, status, icc_result, &i);
    UNPROTECT(1);
    return out;
}

/* how: list(bar term and effect counted from 1, draws, seed, level, top, levels) */
SEXP C_mixed_ranks(SEXP design, SEXP model, SEXP rules, SEXP fitted, SEXP how, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"estimate", "std.error", "expected_rank", "rank.low", "rank.high",
                                        "p_top",    "p_bottom",  "reliability",   "remarks"};
    r_mixed x;
    sy_mixed_rank_options rank;
    sy_mixed_rank_table table;
    const sy_mixed_fitted f = read_fitted(fitted);
    sy_mixed_rank_defaults(&rank);
    rank.bar = Rf_asInteger(VECTOR_ELT(how, 0)) - 1;
    rank.effect = Rf_asInteger(VECTOR_ELT(how, 1)) - 1;
    rank.draws = Rf_asInteger(VECTOR_ELT(how, 2));
    rank.seed = (uint64_t)Rf_asReal(VECTOR_ELT(how, 3));
    rank.level = Rf_asReal(VECTOR_ELT(how, 4));
    rank.top = Rf_asReal(VECTOR_ELT(how, 5));
    const R_xlen_t levels = (R_xlen_t)Rf_asReal(VECTOR_ELT(how, 6));
    r_mixed_read(design, model, rules, &x);
    x.made.list = PROTECT(r_list(9, names));
    x.made.last = 8;
    double **place[] = {&table.estimate, &table.std_error, &table.expected, &table.lower,
                        &table.upper,    &table.p_top,     &table.p_bottom, &table.reliability};
    for (int i = 0; i < 8; i++) *place[i] = r_doubles(x.made.list, i, levels);
    r_enter(&x.made.host, threads, progress);
    sy_status status = sy_mixed_ranks(&x.made.host.ctx, &x.rows, &x.model, &x.options, &f, &rank, &table);
    SEXP out = r_leave(&x.made.host, status, r_with_remarks, &x.made);
    UNPROTECT(1);
    return out;
}
