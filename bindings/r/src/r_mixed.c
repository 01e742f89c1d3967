/* Mixed models: sizes and labels, the fit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_mixed.h"

void r_mixed_read(SEXP design, SEXP model, SEXP rules, r_mixed *x)
{
    SEXP bars = VECTOR_ELT(model, 2);
    const int n = (int)XLENGTH(bars);
    sy_random *random = (sy_random *)(void *)R_alloc((size_t)n + 1, sizeof *random);
    r_design(design, &x->rows);
    x->model = (sy_mixed_model){.linear = Rf_asInteger(VECTOR_ELT(model, 0)), .n_random = n, .random = random};
    x->model.response = (sy_response_model){.kind = SY_RESPONSE_BINARY};
    r_response(VECTOR_ELT(model, 1), x->rows.n, &x->model.response);
    for (int i = 0; i < n; i++) {
        SEXP bar = VECTOR_ELT(bars, i);
        random[i].intercept = Rf_asInteger(VECTOR_ELT(bar, 0));
        random[i].terms = r_indices(VECTOR_ELT(bar, 1), &random[i].n_terms);
        random[i].group = r_column(VECTOR_ELT(bar, 2), x->rows.n);
        random[i].diagonal = Rf_asInteger(VECTOR_ELT(bar, 3));
    }
    sy_mixed_defaults(&x->options);
    if (rules == R_NilValue) return;
    x->options.reml = INTEGER_RO(rules)[0];
    x->options.nodes = INTEGER_RO(rules)[1];
}

static SEXP shape_result(void *arg)
{
    const sy_mixed_shape *s = arg;
    static const char *const names[] = {"k", "n_thresholds", "n_levels", "n_theta", "n_effects", "n_modes", "entries"};
    const double values[] = {s->k,         s->n_thresholds,    s->n_levels, s->n_theta,
                             s->n_effects, (double)s->n_modes, s->entries};
    return r_numbers(7, names, values);
}

SEXP C_mixed_shape(SEXP design, SEXP model)
{
    r_mixed x;
    sy_mixed_shape shape;
    r_mixed_read(design, model, R_NilValue, &x);
    r_enter(&x.made.host, R_NilValue, R_NilValue);
    sy_status status = sy_mixed_shape_of(&x.made.host.ctx, &x.rows, &x.model, &shape);
    return r_leave(&x.made.host, status, shape_result, &shape);
}

/* Labels of the k fixed parameters, then of the effects. */
SEXP C_mixed_labels(SEXP design, SEXP model, SEXP k, SEXP effects)
{
    r_mixed x;
    const int fixed = Rf_asInteger(k), random = Rf_asInteger(effects);
    r_labels l = r_labels_of(fixed + random);
    r_mixed_read(design, model, R_NilValue, &x);
    r_enter(&x.made.host, R_NilValue, R_NilValue);
    sy_status status = sy_mixed_labels(&x.made.host.ctx, &x.rows, &x.model, fixed, l.text, random,
                                       l.text + (size_t)fixed * R_LABEL, R_LABEL);
    return r_leave(&x.made.host, status, r_labels_result, &l);
}

typedef struct {
    int bars;
    const int *effects, *used;
    const ptrdiff_t *levels;
} groups;

/* list(effects, levels, codes from 1 of the levels in use). */
static SEXP groups_result(void *arg)
{
    static const char *const names[] = {"effects", "levels", "used"};
    const groups *g = arg;
    R_xlen_t total = 0;
    SEXP list = PROTECT(r_list(3, names));
    int *effects = INTEGER(SET_VECTOR_ELT(list, 0, Rf_allocVector(INTSXP, g->bars)));
    double *levels = r_doubles(list, 1, g->bars);
    for (int i = 0; i < g->bars; i++) {
        effects[i] = g->effects[i];
        levels[i] = (double)g->levels[i];
        total += (R_xlen_t)g->levels[i];
    }
    int *used = INTEGER(SET_VECTOR_ELT(list, 2, Rf_allocVector(INTSXP, total)));
    for (R_xlen_t i = 0; i < total; i++) used[i] = g->used[i] + 1;
    UNPROTECT(1);
    return list;
}

SEXP C_mixed_groups(SEXP design, SEXP model, SEXP modes)
{
    r_mixed x;
    r_mixed_read(design, model, R_NilValue, &x);
    const size_t bars = (size_t)x.model.n_random + 1, most = (size_t)Rf_asReal(modes) + 1;
    int *effects = (int *)(void *)R_alloc(bars, sizeof *effects), *used = (int *)(void *)R_alloc(most, sizeof *used);
    ptrdiff_t *levels = (ptrdiff_t *)(void *)R_alloc(bars, sizeof *levels);
    groups g = {x.model.n_random, effects, used, levels};
    r_enter(&x.made.host, R_NilValue, R_NilValue);
    sy_status status = sy_mixed_groups(&x.made.host.ctx, &x.rows, &x.model, effects, levels, used);
    return r_leave(&x.made.host, status, groups_result, &g);
}

typedef struct {
    r_mixed x;
    sy_mixed_summary summary;
} fitted_model;

enum { TABLES = 10 };

static SEXP fit_result(void *arg)
{
    static const char *const names[] = {
        "n",          "rows_read",   "rows_used", "rows_dropped", "k",     "rank",        "parameters", "df_resid",
        "loglik",     "criterion",   "aic",       "bic",          "sigma", "theta_count", "last_step",  "gradient",
        "iterations", "evaluations", "converged", "boundary",     "nodes", "threads"};
    fitted_model *f = arg;
    const sy_mixed_summary *s = &f->summary;
    const double values[] = {s->n,
                             s->rows_read,
                             s->rows_used,
                             s->rows_dropped,
                             s->k,
                             s->rank,
                             s->n_parameters,
                             s->df_resid,
                             s->loglik,
                             s->criterion,
                             s->aic,
                             s->bic,
                             s->sigma,
                             s->theta_count,
                             s->last_step,
                             s->gradient,
                             s->iterations,
                             s->evaluations,
                             s->converged,
                             s->boundary,
                             s->nodes,
                             f->x.made.host.ctx.threads};
    SET_VECTOR_ELT(f->x.made.list, TABLES, r_numbers(22, names, values));
    return r_with_remarks(&f->x.made);
}

/* sizes: c(k, theta, entries, levels of the outcome, modes, mode variances, whether the covariance of theta is wanted);
 * start: theta or NULL. */
SEXP C_mixed(SEXP design, SEXP model, SEXP rules, SEXP sizes, SEXP start, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"estimate",         "covariance", "aliased", "theta",
                                        "theta_covariance", "variance",   "modes",   "mode_variance",
                                        "linear",           "fitted",     "summary", "remarks"};
    fitted_model f;
    const double *size = REAL_RO(sizes);
    const int k = (int)size[0], theta = (int)size[1];
    r_mixed_read(design, model, rules, &f.x);
    const R_xlen_t n = (R_xlen_t)f.x.rows.n, columns = size[3] > 0 ? (R_xlen_t)size[3] : 1;
    SEXP list = f.x.made.list = PROTECT(r_list(TABLES + 2, names));
    f.x.made.last = TABLES + 1;
    sy_mixed_fit fit = {.estimate = r_doubles(list, 0, k),
                        .covariance = r_matrix(list, 1, k, k),
                        .aliased = INTEGER(SET_VECTOR_ELT(list, 2, Rf_allocVector(INTSXP, k))),
                        .theta = r_doubles(list, 3, theta),
                        .theta_covariance = size[6] > 0 ? r_matrix(list, 4, theta, theta) : NULL,
                        .variance = r_doubles(list, 5, (R_xlen_t)size[2]),
                        .modes = r_doubles(list, 6, (R_xlen_t)size[4]),
                        .mode_variance = r_doubles(list, 7, (R_xlen_t)size[5]),
                        .linear = r_doubles(list, 8, n),
                        .fitted = r_matrix(list, 9, (int)columns, (int)n)};
    f.x.options.start = start == R_NilValue ? NULL : REAL_RO(start);
    r_enter(&f.x.made.host, threads, progress);
    sy_status status = sy_mixed(&f.x.made.host.ctx, &f.x.rows, &f.x.model, &f.x.options, &f.summary, &fit);
    SEXP out = r_leave(&f.x.made.host, status, fit_result, &f);
    UNPROTECT(1);
    return out;
}
