/* Linear models: columns and labels, the fit, predictions.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_models.h"

const int *r_indices(SEXP places, int *n)
{
    *n = (int)XLENGTH(places);
    int *index = (int *)(void *)R_alloc((size_t)*n + 1, sizeof *index);
    for (int i = 0; i < *n; i++) index[i] = INTEGER_RO(places)[i] - 1;
    return index;
}

void r_model(SEXP list, ptrdiff_t n, sy_linear_model *model)
{
    model->outcome = Rf_asInteger(VECTOR_ELT(list, 0)) - 1;
    model->terms = r_indices(VECTOR_ELT(list, 1), &model->n_terms);
    model->intercept = Rf_asInteger(VECTOR_ELT(list, 2));
    model->coding = (sy_coding)Rf_asInteger(VECTOR_ELT(list, 3));
    model->absorb = r_column(VECTOR_ELT(list, 4), n);
}

void r_precision(SEXP precision, sy_linear_options *options)
{
    sy_linear_defaults(options);
    options->precision = (sy_precision)Rf_asInteger(precision);
}

SEXP r_numbers(int n, const char *const *names, const double *values)
{
    SEXP list = PROTECT(r_list(n, names));
    for (int i = 0; i < n; i++) SET_VECTOR_ELT(list, i, Rf_ScalarReal(values[i]));
    UNPROTECT(1);
    return list;
}

SEXP r_with_remarks(void *made)
{
    r_made *m = made;
    SET_VECTOR_ELT(m->list, m->last, r_remarks(&m->host.ctx));
    return m->list;
}

double *r_doubles(SEXP list, int place, R_xlen_t n)
{
    return REAL(SET_VECTOR_ELT(list, place, Rf_allocVector(REALSXP, n)));
}

double *r_matrix(SEXP list, int place, int rows, int columns)
{
    return REAL(SET_VECTOR_ELT(list, place, Rf_allocMatrix(REALSXP, rows, columns)));
}

SEXP r_given(void *value)
{
    return (SEXP)value;
}

/* Columns of the intercept, then of each term. */
SEXP C_linear_columns(SEXP design, SEXP model)
{
    r_host host;
    sy_design rows;
    sy_linear_model asked;
    int p = 0;
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    SEXP count = PROTECT(Rf_allocVector(INTSXP, asked.n_terms + 1));
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_linear_columns(&host.ctx, &rows, &asked, INTEGER(count), &p);
    SEXP out = r_leave(&host, status, r_given, count);
    UNPROTECT(1);
    return out;
}

r_labels r_labels_of(int n)
{
    return (r_labels){n, R_alloc((size_t)n + 1, R_LABEL)};
}

SEXP r_labels_result(void *arg)
{
    const r_labels *l = arg;
    SEXP out = PROTECT(Rf_allocVector(STRSXP, l->n));
    for (int i = 0; i < l->n; i++) SET_STRING_ELT(out, i, Rf_mkCharCE(l->text + (size_t)i * R_LABEL, CE_UTF8));
    UNPROTECT(1);
    return out;
}

SEXP C_linear_labels(SEXP design, SEXP model, SEXP p)
{
    r_host host;
    sy_design rows;
    sy_linear_model asked;
    r_labels l = r_labels_of(Rf_asInteger(p));
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_linear_labels(&host.ctx, &rows, &asked, l.n, l.text, R_LABEL);
    return r_leave(&host, status, r_labels_result, &l);
}

typedef struct {
    r_host host;
    sy_linear_summary summary;
    SEXP list;
} fitted_model;

static SEXP summary_values(const sy_linear_summary *s, const sy_context *ctx)
{
    static const char *const names[] = {"n",      "rows_read", "rows_used", "rows_dropped", "sum_w",  "sum_w2",
                                        "p",      "rank",      "df_resid",  "rss",          "tss",    "r2",
                                        "r2_adj", "sigma",     "f",         "f_df1",        "f_p",    "loglik",
                                        "aic",    "bic",       "condition", "digits",       "method", "threads"};
    const double values[] = {s->n,           s->rows_read, s->rows_used, s->rows_dropped, s->sum_w,  s->sum_w2,
                             s->p,           s->rank,      s->df_resid,  s->rss,          s->tss,    s->r2,
                             s->r2_adjusted, s->sigma,     s->f,         s->f_df1,        s->f_p,    s->loglik,
                             s->aic,         s->bic,       s->condition, s->digits,       s->method, ctx->threads};
    return r_numbers(24, names, values);
}

enum { TABLES = 6 };

static SEXP fit_result(void *arg)
{
    fitted_model *f = arg;
    SET_VECTOR_ELT(f->list, TABLES, summary_values(&f->summary, &f->host.ctx));
    SET_VECTOR_ELT(f->list, TABLES + 1, r_remarks(&f->host.ctx));
    return f->list;
}

static SEXP allocate_fit(R_xlen_t p, R_xlen_t n, sy_linear_fit *fit)
{
    static const char *const names[] = {"coefficient", "aliased",  "inverse", "effects",
                                        "fitted",      "residual", "summary", "remarks"};
    SEXP list = PROTECT(r_list(TABLES + 2, names));
    fit->coefficient = r_doubles(list, 0, p);
    fit->aliased = INTEGER(SET_VECTOR_ELT(list, 1, Rf_allocVector(INTSXP, p)));
    fit->inverse = r_doubles(list, 2, p * p);
    fit->effects = r_doubles(list, 3, p);
    fit->fitted = r_doubles(list, 4, n);
    fit->residual = r_doubles(list, 5, n);
    fit->leverage = NULL;
    UNPROTECT(1);
    return list;
}

SEXP C_linear(SEXP design, SEXP model, SEXP precision, SEXP p, SEXP threads, SEXP progress)
{
    fitted_model f;
    sy_design rows;
    sy_linear_model asked;
    sy_linear_options options;
    sy_linear_fit fit;
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    r_precision(precision, &options);
    f.list = PROTECT(allocate_fit(Rf_asInteger(p), (R_xlen_t)rows.n, &fit));
    r_enter(&f.host, threads, progress);
    sy_status status = sy_linear(&f.host.ctx, &rows, &asked, &options, &f.summary, &fit);
    SEXP out = r_leave(&f.host, status, fit_result, &f);
    UNPROTECT(1);
    return out;
}

/* list(fitted, variance) of the rows of a design; the coefficients' covariance
 * [p * p], or NULL: no variance. */
SEXP C_linear_predict(SEXP design, SEXP model, SEXP coefficient, SEXP covariance, SEXP threads)
{
    static const char *const names[] = {"fitted", "variance"};
    r_host host;
    sy_design rows;
    sy_linear_model asked;
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    if (covariance != R_NilValue && XLENGTH(covariance) != XLENGTH(coefficient) * XLENGTH(coefficient))
        Rf_error("the covariance is not that of %lld coefficients", (long long)XLENGTH(coefficient));
    SEXP list = PROTECT(r_list(2, names));
    double *fitted = r_doubles(list, 0, (R_xlen_t)rows.n);
    double *variance = covariance == R_NilValue ? NULL : r_doubles(list, 1, (R_xlen_t)rows.n);
    const double *spread = variance ? REAL_RO(covariance) : NULL;
    r_enter(&host, threads, R_NilValue);
    sy_status status = sy_linear_predict(&host.ctx, &rows, &asked, (int)XLENGTH(coefficient), REAL_RO(coefficient),
                                         spread, fitted, variance);
    SEXP out = r_leave(&host, status, r_given, list);
    UNPROTECT(1);
    return out;
}
