/* Tests of the fixed part of a mixed model, and predictions.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_mixed.h"
#include "steelyard/mixed_df.h"
#include "steelyard/mixed_predict.h"

/* how: list(kind, fixed parameters) */
SEXP C_mixed_df(SEXP design, SEXP model, SEXP rules, SEXP how, SEXP theta, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"covariance", "df", "remarks"};
    r_mixed x;
    const int kind = Rf_asInteger(VECTOR_ELT(how, 0)), k = Rf_asInteger(VECTOR_ELT(how, 1));
    r_mixed_read(design, model, rules, &x);
    x.made.list = PROTECT(r_list(3, names));
    x.made.last = 2;
    double *covariance = r_matrix(x.made.list, 0, k, k), *df = r_doubles(x.made.list, 1, k);
    r_enter(&x.made.host, threads, progress);
    sy_status status = sy_mixed_df(&x.made.host.ctx, &x.rows, &x.model, &x.options, REAL_RO(theta), (sy_df_kind)kind, k,
                                   covariance, df);
    SEXP out = r_leave(&x.made.host, status, r_with_remarks, &x.made);
    UNPROTECT(1);
    return out;
}

/* how: list(kind, level); combinations: matrix [k, q], a column a combination. */
SEXP C_mixed_contrasts(SEXP design, SEXP model, SEXP rules, SEXP how, SEXP theta, SEXP combinations, SEXP threads,
                       SEXP progress)
{
    r_combined c;
    r_mixed x;
    const int kind = Rf_asInteger(VECTOR_ELT(how, 0)), q = Rf_ncols(combinations);
    const double level = Rf_asReal(VECTOR_ELT(how, 1));
    r_mixed_read(design, model, rules, &x);
    PROTECT(r_combined_new(q, &c));
    r_enter(&c.made.host, threads, progress);
    sy_status status = sy_mixed_contrasts(&c.made.host.ctx, &x.rows, &x.model, &x.options, REAL_RO(theta),
                                          (sy_df_kind)kind, q, REAL_RO(combinations), level, &c.out);
    SEXP out = r_leave(&c.made.host, status, r_combined_result, &c);
    UNPROTECT(1);
    return out;
}

typedef struct {
    r_mixed x;
    const sy_mixed_row *row;
} table;

/* list(matrix [6, terms], remarks) */
static SEXP anova_result(void *arg)
{
    table *t = arg;
    const int n = t->x.model.response.columns.n_terms;
    double *at = r_matrix(t->x.made.list, 0, 6, n);
    for (int i = 0; i < n; i++, at += 6) {
        const sy_mixed_row *r = &t->row[i];
        const double values[] = {r->sum_sq, r->mean_sq, r->df1, r->df2, r->f, r->p_value};
        for (int j = 0; j < 6; j++) at[j] = values[j];
    }
    return r_with_remarks(&t->x.made);
}

/* how: list(kind, type) */
SEXP C_mixed_anova(SEXP design, SEXP model, SEXP rules, SEXP how, SEXP theta, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"table", "remarks"};
    table t;
    const int kind = Rf_asInteger(VECTOR_ELT(how, 0)), type = Rf_asInteger(VECTOR_ELT(how, 1));
    r_mixed_read(design, model, rules, &t.x);
    const size_t n = (size_t)t.x.model.response.columns.n_terms + 1;
    sy_mixed_row *row = (sy_mixed_row *)(void *)R_alloc(n, sizeof *row);
    t.row = row;
    t.x.made.list = PROTECT(r_list(2, names));
    t.x.made.last = 1;
    r_enter(&t.x.made.host, threads, progress);
    sy_status status = sy_mixed_anova(&t.x.made.host.ctx, &t.x.rows, &t.x.model, &t.x.options, REAL_RO(theta),
                                      (sy_df_kind)kind, type, row);
    SEXP out = r_leave(&t.x.made.host, status, anova_result, &t);
    UNPROTECT(1);
    return out;
}

/* shape: as C_mixed_shape's, as numbers; how: c(kind, width); modes: NULL for the fixed part alone. */
SEXP C_mixed_predict(SEXP design, SEXP model, SEXP shape, SEXP how, SEXP estimate, SEXP modes, SEXP threads,
                     SEXP progress)
{
    static const char *const names[] = {"value", "remarks"};
    r_mixed x;
    const double *s = REAL_RO(shape);
    const sy_mixed_shape of = {.k = (int)s[0],
                               .n_thresholds = (int)s[1],
                               .n_levels = (int)s[2],
                               .n_theta = (int)s[3],
                               .n_effects = (int)s[4],
                               .n_modes = (ptrdiff_t)s[5],
                               .entries = (int)s[6]};
    const int kind = INTEGER_RO(how)[0], width = INTEGER_RO(how)[1];
    r_mixed_read(design, model, R_NilValue, &x);
    x.made.list = PROTECT(r_list(2, names));
    x.made.last = 1;
    double *value = r_matrix(x.made.list, 0, width, (int)x.rows.n);
    const double *effects = modes == R_NilValue ? NULL : REAL_RO(modes);
    r_enter(&x.made.host, threads, progress);
    sy_status status = sy_mixed_predict(&x.made.host.ctx, &x.rows, &x.model, &of, REAL_RO(estimate), effects,
                                        (sy_predict_kind)kind, value);
    SEXP out = r_leave(&x.made.host, status, r_with_remarks, &x.made);
    UNPROTECT(1);
    return out;
}
