/* After a fit by maximum likelihood: covariance, tests, predictions, effects,
 * what is explained.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_response.h"
#include "steelyard/effects.h"
#include "steelyard/explained.h"
#include "steelyard/proportional.h"
#include "steelyard/response_ratios.h"
#include "steelyard/response_residuals.h"
#include "steelyard/response_tests.h"
#include "steelyard/response_vcov.h"

static sy_response_shape read_shape(SEXP list)
{
    int size[5];
    for (int i = 0; i < 5; i++) size[i] = (int)Rf_asReal(VECTOR_ELT(list, i));
    return (sy_response_shape){size[0], size[1], size[2], size[3], size[4]};
}

static int check_square(SEXP covariance, R_xlen_t k)
{
    if (covariance != R_NilValue && XLENGTH(covariance) != k * k)
        Rf_error("the covariance is not that of %lld parameters", (long long)k);
    return (int)k;
}

SEXP C_response_vcov(SEXP design, SEXP model, SEXP estimate, SEXP kind, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"covariance", "df", "remarks"};
    r_made m;
    sy_design rows;
    sy_response_model asked;
    int k = (int)XLENGTH(estimate);
    sy_vcov_kind wanted = (sy_vcov_kind)Rf_asInteger(kind);
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    m.list = PROTECT(r_list(3, names));
    m.last = 2;
    double *covariance = r_matrix(m.list, 0, k, k), *df = r_doubles(m.list, 1, k);
    r_enter(&m.host, threads, progress);
    sy_status status = sy_response_vcov(&m.host.ctx, &rows, &asked, k, REAL_RO(estimate), wanted, covariance, df);
    SEXP out = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return out;
}

typedef struct {
    r_made made; /* a list of columns, then remarks */
    int count;
    sy_term_test *test;
    sy_proportional_row *row;
} tested;

static SEXP tests_result(void *arg)
{
    tested *t = arg;
    double *at[4];
    for (int j = 0; j < 4; j++) at[j] = REAL(VECTOR_ELT(t->made.list, j));
    for (int i = 0; i < t->count; i++) {
        at[0][i] = t->test[i].df;
        at[1][i] = t->test[i].df_resid;
        at[2][i] = t->test[i].statistic;
        at[3][i] = t->test[i].p_value;
    }
    return r_with_remarks(&t->made);
}

/* how: c(test, type); covariance and df NULL but for Wald tests. */
SEXP C_response_tests(SEXP design, SEXP model, SEXP how, SEXP estimate, SEXP covariance, SEXP df, SEXP threads,
                      SEXP progress)
{
    static const char *const names[] = {"df", "df.residual", "statistic", "p.value", "remarks"};
    tested t;
    sy_design rows;
    sy_response_model asked;
    sy_response_options options;
    int k = check_square(covariance, XLENGTH(estimate));
    sy_test_kind kind = (sy_test_kind)INTEGER_RO(how)[0];
    sy_anova_type type = (sy_anova_type)INTEGER_RO(how)[1];
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    t.count = asked.columns.n_terms + asked.n_nominal + asked.n_scale;
    t.test = (sy_term_test *)(void *)R_alloc((size_t)t.count + 1, sizeof *t.test);
    sy_response_defaults(&options);
    t.made.list = PROTECT(r_list(5, names));
    t.made.last = 4;
    for (int j = 0; j < 4; j++) r_doubles(t.made.list, j, t.count);
    const double *v = covariance == R_NilValue ? NULL : REAL_RO(covariance), *d = df == R_NilValue ? NULL : REAL_RO(df);
    r_enter(&t.made.host, threads, progress);
    sy_status status =
        sy_response_tests(&t.made.host.ctx, &rows, &asked, &options, kind, type, k, REAL_RO(estimate), v, d, t.test);
    SEXP out = r_leave(&t.made.host, status, tests_result, &t);
    UNPROTECT(1);
    return out;
}

static SEXP proportional_result(void *arg)
{
    tested *t = arg;
    double *at[3];
    for (int j = 0; j < 3; j++) at[j] = REAL(VECTOR_ELT(t->made.list, j));
    for (int i = 0; i < t->count; i++) {
        at[0][i] = t->row[i].statistic;
        at[1][i] = t->row[i].df;
        at[2][i] = t->row[i].p;
    }
    return r_with_remarks(&t->made);
}

SEXP C_proportional(SEXP design, SEXP model, SEXP test, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"statistic", "df", "p.value", "remarks"};
    tested t;
    sy_design rows;
    sy_response_model asked;
    sy_response_options options;
    sy_proportional_test kind = (sy_proportional_test)Rf_asInteger(test);
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    t.count = asked.columns.n_terms + 1;
    t.row = (sy_proportional_row *)(void *)R_alloc((size_t)t.count, sizeof *t.row);
    sy_response_defaults(&options);
    t.made.list = PROTECT(r_list(4, names));
    t.made.last = 3;
    for (int j = 0; j < 3; j++) r_doubles(t.made.list, j, t.count);
    r_enter(&t.made.host, threads, progress);
    sy_status status = sy_proportional(&t.made.host.ctx, &rows, &asked, kind, &options, t.row);
    SEXP out = r_leave(&t.made.host, status, proportional_result, &t);
    UNPROTECT(1);
    return out;
}

/* shape: list of numbers as C_response_shape makes it; how: c(what, cut, level,
 * df); tables by rows: [width, n]. */
SEXP C_response_predict(SEXP design, SEXP model, SEXP shape, SEXP how, SEXP estimate, SEXP covariance, SEXP threads)
{
    static const char *const names[] = {"value", "std.error", "low", "high", "remarks"};
    r_made m;
    sy_design rows;
    sy_response_model asked;
    const double *given = REAL_RO(how);
    const sy_response_shape sizes = read_shape(shape);
    check_square(covariance, XLENGTH(estimate));
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    if (XLENGTH(estimate) != sizes.k) Rf_error("%d estimates were expected", sizes.k);
    int width = sy_predict_width(&asked, &sizes, (sy_predict_kind)given[0]);
    m.list = PROTECT(r_list(5, names));
    m.last = 4;
    double *at[4] = {NULL, NULL, NULL, NULL};
    for (int j = 0; j < (covariance == R_NilValue ? 1 : 4); j++) at[j] = r_matrix(m.list, j, width, (int)rows.n);
    const sy_predictions predictions = {at[0], at[1], at[2], at[3]};
    const double *v = covariance == R_NilValue ? NULL : REAL_RO(covariance);
    r_enter(&m.host, threads, R_NilValue);
    sy_status status = sy_response_predict(&m.host.ctx, &rows, &asked, &sizes, REAL_RO(estimate), v,
                                           (sy_predict_kind)given[0], (int)given[1], given[2], given[3], &predictions);
    SEXP out = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return out;
}

enum { PLACES = 4, NUMBERS = 17 };

typedef struct {
    r_made made; /* list of places, numbers, remarks */
    int count;
    sy_effect *effect;
} effects;

static SEXP effects_result(void *arg)
{
    effects *x = arg;
    int *place = INTEGER(VECTOR_ELT(x->made.list, 0));
    double *number = REAL(VECTOR_ELT(x->made.list, 1));
    for (int i = 0; i < x->count; i++) {
        const sy_effect *e = &x->effect[i];
        const int places[PLACES] = {e->change, e->level, e->reference, e->category};
        const double numbers[NUMBERS] = {e->before,    e->after,      e->effect,  e->std_error,  e->statistic,
                                         e->p_value,   e->low,        e->high,    e->ratio,      e->log_ratio_error,
                                         e->ratio_low, e->ratio_high, e->ratio_p, e->before_low, e->before_high,
                                         e->after_low, e->after_high};
        for (int j = 0; j < PLACES; j++) place[i + j * x->count] = places[j];
        for (int j = 0; j < NUMBERS; j++) number[i + j * x->count] = numbers[j];
    }
    return r_with_remarks(&x->made);
}

/* how: list(of, cut, at means, columns held counted from 1, their values,
 * level, df). */
static void read_effects(SEXP how, sy_effects_options *options)
{
    const int *column = r_indices(VECTOR_ELT(how, 3), &options->n_held);
    sy_held *held = (sy_held *)(void *)R_alloc((size_t)options->n_held + 1, sizeof *held);
    for (int i = 0; i < options->n_held; i++) held[i] = (sy_held){column[i], REAL_RO(VECTOR_ELT(how, 4))[i]};
    options->of = (sy_predict_kind)Rf_asInteger(VECTOR_ELT(how, 0));
    options->cut = Rf_asInteger(VECTOR_ELT(how, 1));
    options->at_means = Rf_asLogical(VECTOR_ELT(how, 2)) == TRUE;
    options->held = held;
    options->level = Rf_asReal(VECTOR_ELT(how, 5));
    options->df = Rf_asReal(VECTOR_ELT(how, 6));
}

/* list(columns counted from 1, kinds, from, to) */
static const sy_change *read_changes(SEXP changes, int *n)
{
    const int *column = r_indices(VECTOR_ELT(changes, 0), n);
    sy_change *change = (sy_change *)(void *)R_alloc((size_t)*n + 1, sizeof *change);
    for (int i = 0; i < *n; i++)
        change[i] = (sy_change){column[i], (sy_change_kind)INTEGER_RO(VECTOR_ELT(changes, 1))[i],
                                REAL_RO(VECTOR_ELT(changes, 2))[i], REAL_RO(VECTOR_ELT(changes, 3))[i]};
    return change;
}

static SEXP count_result(void *count)
{
    return Rf_ScalarInteger(*(const int *)count);
}

SEXP C_effects_count(SEXP design, SEXP model, SEXP how, SEXP changes)
{
    r_host host;
    sy_design rows;
    sy_response_model asked;
    sy_effects_options options;
    int n = 0, count = 0;
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    read_effects(how, &options);
    const sy_change *change = read_changes(changes, &n);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_effects_count(&host.ctx, &rows, &asked, &options, n, change, &count);
    return r_leave(&host, status, count_result, &count);
}

/* numbers: matrix [count, 17]; places: matrix [count, 4] as the core counts. */
SEXP C_effects(SEXP design, SEXP model, SEXP how, SEXP changes, SEXP count, SEXP estimate, SEXP covariance,
               SEXP threads, SEXP progress)
{
    static const char *const names[] = {"places", "numbers", "remarks"};
    effects x;
    sy_design rows;
    sy_response_model asked;
    sy_effects_options options;
    int n = 0, k = check_square(covariance, XLENGTH(estimate));
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    read_effects(how, &options);
    const sy_change *change = read_changes(changes, &n);
    x.count = Rf_asInteger(count);
    x.effect = (sy_effect *)(void *)R_alloc((size_t)x.count + 1, sizeof *x.effect);
    x.made.list = PROTECT(r_list(3, names));
    x.made.last = 2;
    SET_VECTOR_ELT(x.made.list, 0, Rf_allocMatrix(INTSXP, x.count, PLACES));
    r_matrix(x.made.list, 1, x.count, NUMBERS);
    r_enter(&x.made.host, threads, progress);
    sy_status status = sy_effects(&x.made.host.ctx, &rows, &asked, k, REAL_RO(estimate), REAL_RO(covariance), &options,
                                  n, change, x.count, x.effect, NULL);
    SEXP out = r_leave(&x.made.host, status, effects_result, &x);
    UNPROTECT(1);
    return out;
}

static SEXP explained_result(void *arg)
{
    static const char *const names[] = {
        "n",        "loglik", "loglik_null", "mcfadden",         "mcfadden_adjusted", "cox_snell",      "nagelkerke",
        "estrella", "tjur",   "efron",       "mckelvey_zavoina", "latent_variance",   "error_variance", "deviance"};
    const sy_explained *e = arg;
    const double values[] = {e->n,
                             e->loglik,
                             e->loglik_null,
                             e->mcfadden,
                             e->mcfadden_adjusted,
                             e->cox_snell,
                             e->nagelkerke,
                             e->estrella,
                             e->tjur,
                             e->efron,
                             e->mckelvey_zavoina,
                             e->latent_variance,
                             e->error_variance,
                             e->deviance};
    return r_numbers(14, names, values);
}

SEXP C_response_explained(SEXP design, SEXP model, SEXP summary, SEXP estimate, SEXP threads)
{
    r_host host;
    sy_design rows;
    sy_response_model asked;
    sy_response_summary whole;
    sy_explained e;
    int k = (int)XLENGTH(estimate);
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    r_response_summary(summary, &whole);
    r_enter(&host, threads, R_NilValue);
    sy_status status = sy_response_explained(&host.ctx, &rows, &asked, k, REAL_RO(estimate), &whole, &e);
    return r_leave(&host, status, explained_result, &e);
}

SEXP C_response_residuals(SEXP design, SEXP model, SEXP estimate, SEXP kind, SEXP threads)
{
    r_host host;
    sy_design rows;
    sy_response_model asked;
    int k = (int)XLENGTH(estimate);
    sy_residual_kind wanted = (sy_residual_kind)Rf_asInteger(kind);
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    SEXP out = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)rows.n));
    r_enter(&host, threads, R_NilValue);
    sy_status status = sy_response_residuals(&host.ctx, &rows, &asked, k, REAL_RO(estimate), wanted, REAL(out));
    SEXP result = r_leave(&host, status, r_given, out);
    UNPROTECT(1);
    return result;
}

/* matrix [k, 3]: ratio, low, high. */
SEXP C_response_ratios(SEXP design, SEXP model, SEXP shape, SEXP estimate, SEXP covariance, SEXP df, SEXP level)
{
    r_host host;
    sy_design rows;
    sy_response_model asked;
    const sy_response_shape sizes = read_shape(shape);
    double wanted = Rf_asReal(level);
    if (check_square(covariance, XLENGTH(estimate)) != sizes.k || XLENGTH(df) != sizes.k)
        Rf_error("%d estimates were expected", sizes.k);
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    SEXP out = PROTECT(Rf_allocMatrix(REALSXP, sizes.k, 3));
    double *ratio = REAL(out);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_response_ratios(&host.ctx, &asked, &sizes, REAL_RO(estimate), REAL_RO(covariance),
                                          REAL_RO(df), wanted, ratio, ratio + sizes.k, ratio + 2 * sizes.k);
    SEXP result = r_leave(&host, status, r_given, out);
    UNPROTECT(1);
    return result;
}
