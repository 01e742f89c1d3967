/* Binary, count and ordinal outcomes: sizes and labels, the fit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_response.h"
#include <string.h>

void r_response(SEXP list, ptrdiff_t n, sy_response_model *model)
{
    r_model(VECTOR_ELT(list, 0), n, &model->columns);
    model->kind = (sy_response_kind)Rf_asInteger(VECTOR_ELT(list, 1));
    model->link = (sy_link)Rf_asInteger(VECTOR_ELT(list, 2));
    model->thresholds = (sy_thresholds)Rf_asInteger(VECTOR_ELT(list, 3));
    model->trials = r_column(VECTOR_ELT(list, 4), n);
    model->offset = r_column(VECTOR_ELT(list, 5), n);
    model->nominal = r_indices(VECTOR_ELT(list, 6), &model->n_nominal);
    model->scale = r_indices(VECTOR_ELT(list, 7), &model->n_scale);
}

static SEXP shape_result(void *arg)
{
    const sy_response_shape *s = arg;
    static const char *const names[] = {"k", "n_thresholds", "p", "n_scale", "n_levels"};
    const double values[] = {s->k, s->n_thresholds, s->p, s->n_scale, s->n_levels};
    return r_numbers(5, names, values);
}

SEXP C_response_shape(SEXP design, SEXP model)
{
    r_host host;
    sy_design rows;
    sy_response_model asked;
    sy_response_shape shape;
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_response_shape_of(&host.ctx, &rows, &asked, &shape);
    return r_leave(&host, status, shape_result, &shape);
}

SEXP C_response_labels(SEXP design, SEXP model, SEXP k)
{
    r_host host;
    sy_design rows;
    sy_response_model asked;
    r_labels l = r_labels_of(Rf_asInteger(k));
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_response_labels(&host.ctx, &rows, &asked, l.n, l.text, R_LABEL);
    return r_leave(&host, status, r_labels_result, &l);
}

typedef struct {
    r_host host;
    sy_response_summary summary;
    SEXP list;
} fitted_model;

enum { TABLES = 4 };

enum { DOUBLES = 21, WHOLE = 5 };

/* The places of a summary's numbers: doubles, then whole numbers. */
static void summary_places(sy_response_summary *s, double *number[DOUBLES], int *whole[WHOLE])
{
    double *numbers[DOUBLES] = {&s->n,
                                &s->rows_read,
                                &s->rows_used,
                                &s->rows_dropped,
                                &s->sum_w,
                                &s->df_resid,
                                &s->loglik,
                                &s->loglik_null,
                                &s->loglik_saturated,
                                &s->deviance,
                                &s->deviance_null,
                                &s->aic,
                                &s->bic,
                                &s->pearson,
                                &s->lr,
                                &s->lr_df,
                                &s->lr_p,
                                &s->theta,
                                &s->theta_std_error,
                                &s->condition,
                                &s->last_step};
    int *wholes[WHOLE] = {&s->k, &s->rank, &s->iterations, &s->converged, &s->separated};
    memcpy(number, numbers, sizeof numbers);
    memcpy(whole, wholes, sizeof wholes);
}

static SEXP summary_values(sy_response_summary *s)
{
    static const char *const names[DOUBLES + WHOLE] = {"n",
                                                       "rows_read",
                                                       "rows_used",
                                                       "rows_dropped",
                                                       "sum_w",
                                                       "df_resid",
                                                       "loglik",
                                                       "loglik_null",
                                                       "loglik_saturated",
                                                       "deviance",
                                                       "deviance_null",
                                                       "aic",
                                                       "bic",
                                                       "pearson",
                                                       "lr",
                                                       "lr_df",
                                                       "lr_p",
                                                       "theta",
                                                       "theta_std_error",
                                                       "condition",
                                                       "last_step",
                                                       "k",
                                                       "rank",
                                                       "iterations",
                                                       "converged",
                                                       "separated"};
    double *number[DOUBLES], values[DOUBLES + WHOLE];
    int *whole[WHOLE];
    summary_places(s, number, whole);
    for (int i = 0; i < DOUBLES; i++) values[i] = *number[i];
    for (int i = 0; i < WHOLE; i++) values[DOUBLES + i] = *whole[i];
    return r_numbers(DOUBLES + WHOLE, names, values);
}

void r_response_summary(SEXP list, sy_response_summary *s)
{
    double *number[DOUBLES];
    int *whole[WHOLE];
    summary_places(s, number, whole);
    for (int i = 0; i < DOUBLES; i++) *number[i] = Rf_asReal(VECTOR_ELT(list, i));
    for (int i = 0; i < WHOLE; i++) *whole[i] = (int)Rf_asReal(VECTOR_ELT(list, DOUBLES + i));
}

static SEXP fit_result(void *arg)
{
    fitted_model *f = arg;
    SET_VECTOR_ELT(f->list, TABLES, summary_values(&f->summary));
    SET_VECTOR_ELT(f->list, TABLES + 1, r_remarks(&f->host.ctx));
    return f->list;
}

/* start: k numbers or NULL. */
SEXP C_response(SEXP design, SEXP model, SEXP k, SEXP start, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"estimate", "covariance", "aliased", "linear", "summary", "remarks"};
    fitted_model f;
    sy_design rows;
    sy_response_model asked;
    sy_response_options options;
    int size = Rf_asInteger(k);
    r_design(design, &rows);
    r_response(model, rows.n, &asked);
    sy_response_defaults(&options);
    if (start != R_NilValue && XLENGTH(start) != size) Rf_error("a start of %d numbers was expected", size);
    options.start = start == R_NilValue ? NULL : REAL_RO(start);
    f.list = PROTECT(r_list(TABLES + 2, names));
    sy_response_fit fit = {.estimate = r_doubles(f.list, 0, size),
                           .covariance = r_matrix(f.list, 1, size, size),
                           .aliased = INTEGER(SET_VECTOR_ELT(f.list, 2, Rf_allocVector(INTSXP, size))),
                           .linear = r_doubles(f.list, 3, (R_xlen_t)rows.n)};
    r_enter(&f.host, threads, progress);
    sy_status status = sy_response(&f.host.ctx, &rows, &asked, &options, &f.summary, &fit);
    SEXP out = r_leave(&f.host, status, fit_result, &f);
    UNPROTECT(1);
    return out;
}
