/* Diagnostics of a linear model. The fit is made again in the same call, with
 * all that the core asks for.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_models.h"
#include <string.h>

static double *scratch(R_xlen_t n)
{
    return (double *)(void *)R_alloc((size_t)n + 1, sizeof(double));
}

typedef struct {
    sy_design rows;
    sy_linear_model model;
    sy_linear_options options;
    sy_linear_summary summary;
    sy_linear_fit fit;
} refit;

static void prepare(refit *r, SEXP design, SEXP model, SEXP precision, R_xlen_t p)
{
    r_design(design, &r->rows);
    r_model(model, r->rows.n, &r->model);
    r_precision(precision, &r->options);
    r->fit.coefficient = scratch(p);
    r->fit.aliased = (int *)(void *)R_alloc((size_t)p + 1, sizeof(int));
    r->fit.inverse = scratch(p * p);
    r->fit.effects = scratch(p);
    r->fit.fitted = NULL;
    r->fit.residual = scratch((R_xlen_t)r->rows.n);
    r->fit.leverage = scratch((R_xlen_t)r->rows.n);
}

static sy_status fit_again(refit *r, sy_context *ctx)
{
    sy_status status = sy_linear(ctx, &r->rows, &r->model, &r->options, &r->summary, &r->fit);
    ctx->n_remarks = 0;
    return status;
}

/* Everything of rows; dfbetas [p, n] only where asked for. */
SEXP C_diagnostics(SEXP design, SEXP model, SEXP precision, SEXP p, SEXP dfbetas, SEXP threads)
{
    static const char *const names[] = {"leverage", "standardised", "studentised", "sigma",
                                        "cook",     "dffits",       "dfbetas",     "remarks"};
    r_made m;
    refit r;
    sy_diagnostics_rows out;
    int columns = Rf_asInteger(p), wanted = Rf_asLogical(dfbetas);
    prepare(&r, design, model, precision, columns);
    R_xlen_t n = (R_xlen_t)r.rows.n;
    m.list = PROTECT(r_list(8, names));
    m.last = 7;
    out.leverage = r_doubles(m.list, 0, n);
    out.standardised = r_doubles(m.list, 1, n);
    out.studentised = r_doubles(m.list, 2, n);
    out.sigma = r_doubles(m.list, 3, n);
    out.cook = r_doubles(m.list, 4, n);
    out.dffits = r_doubles(m.list, 5, n);
    out.dfbetas = wanted ? r_matrix(m.list, 6, columns, (int)n) : NULL;
    r_enter(&m.host, threads, R_NilValue);
    sy_status status = fit_again(&r, &m.host.ctx);
    if (status >= 0) status = sy_diagnostics(&m.host.ctx, &r.rows, &r.model, &r.summary, &r.fit, &out);
    SEXP result = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return result;
}

SEXP C_diagnostics_clusters(SEXP design, SEXP model, SEXP precision, SEXP p, SEXP threads)
{
    static const char *const names[] = {"change", "scaled", "cook", "rows", "most", "remarks"};
    r_made m;
    refit r;
    sy_cluster_influence out;
    int columns = Rf_asInteger(p);
    prepare(&r, design, model, precision, columns);
    int levels = r.rows.cluster ? r.rows.cluster->n_levels : 0;
    m.list = PROTECT(r_list(6, names));
    m.last = 5;
    out.change = r_matrix(m.list, 0, columns, levels);
    out.scaled = r_matrix(m.list, 1, columns, levels);
    out.cook = r_doubles(m.list, 2, levels);
    out.rows = r_doubles(m.list, 3, levels);
    out.most = INTEGER(SET_VECTOR_ELT(m.list, 4, Rf_allocVector(INTSXP, columns)));
    r_enter(&m.host, threads, R_NilValue);
    sy_status status = fit_again(&r, &m.host.ctx);
    if (status >= 0) status = sy_diagnostics_clusters(&m.host.ctx, &r.rows, &r.model, &r.summary, &r.fit, &out);
    SEXP result = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return result;
}

SEXP C_collinearity(SEXP design, SEXP model, SEXP precision, SEXP p)
{
    static const char *const names[] = {"gvif", "df",    "gvif_root",  "tolerance",
                                        "vif",  "index", "proportion", "remarks"};
    r_made m;
    sy_design rows;
    sy_linear_model asked;
    sy_linear_options options;
    sy_collinearity out;
    int columns = Rf_asInteger(p);
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    r_precision(precision, &options);
    m.list = PROTECT(r_list(8, names));
    m.last = 7;
    out.gvif = r_doubles(m.list, 0, asked.n_terms);
    out.df = r_doubles(m.list, 1, asked.n_terms);
    out.gvif_root = r_doubles(m.list, 2, asked.n_terms);
    out.tolerance = r_doubles(m.list, 3, asked.n_terms);
    out.vif = r_doubles(m.list, 4, columns);
    out.index = r_doubles(m.list, 5, columns);
    out.proportion = r_matrix(m.list, 6, columns, columns);
    r_enter(&m.host, R_NilValue, R_NilValue);
    sy_status status = sy_diagnostics_collinearity(&m.host.ctx, &rows, &asked, &options, &out);
    SEXP result = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return result;
}
