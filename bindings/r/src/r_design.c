/* R's columns as a design: pointers into the vectors, nothing copied.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_glue.h"
#include <stdlib.h>

/* Scratch that R frees when .Call ends. */
#define SCRATCH(count, type) ((type *)(void *)R_alloc((size_t)(count) + 1, sizeof(type)))

static const char *const *texts(SEXP strings)
{
    R_xlen_t n = XLENGTH(strings);
    const char **out = SCRATCH(n, const char *);
    for (R_xlen_t i = 0; i < n; i++) out[i] = r_text(strings, i);
    return out;
}

/* list(name, values, levels or NULL) */
static void read_column(SEXP list, ptrdiff_t n, sy_column *column)
{
    SEXP values = VECTOR_ELT(list, 1), levels = VECTOR_ELT(list, 2);
    column->name = r_text(VECTOR_ELT(list, 0), 0);
    column->has_missing = 0;
    column->missing = NA_INTEGER;
    column->first_code = 1;
    column->n_levels = 0;
    column->levels = NULL;
    if (XLENGTH(values) != n)
        Rf_error("%s has %lld values for %lld rows", column->name, (long long)XLENGTH(values), (long long)n);
    switch (TYPEOF(values)) {
    case REALSXP:
        column->data = REAL_RO(values);
        column->type = SY_F64;
        column->stride = (ptrdiff_t)sizeof(double);
        return;
    case INTSXP: column->data = INTEGER_RO(values); break;
    case LGLSXP: column->data = LOGICAL_RO(values); break;
    default: Rf_error("%s is of type %s", column->name, Rf_type2char((SEXPTYPE)TYPEOF(values)));
    }
    column->type = SY_I32;
    column->stride = (ptrdiff_t)sizeof(int);
    column->has_missing = 1;
    if (levels == R_NilValue) return;
    column->type = SY_CODES;
    column->n_levels = (int)XLENGTH(levels);
    column->levels = texts(levels);
}

const sy_column *r_column(SEXP list, ptrdiff_t n)
{
    if (list == R_NilValue) return NULL;
    sy_column *column = SCRATCH(1, sy_column);
    read_column(list, n, column);
    return column;
}

/* list(label, columns counted from 1, powers) */
static void read_term(SEXP list, int n_columns, sy_term *term)
{
    SEXP columns = VECTOR_ELT(list, 1), powers = VECTOR_ELT(list, 2);
    int n = (int)XLENGTH(columns);
    sy_factor *factors = SCRATCH(n, sy_factor);
    for (int i = 0; i < n; i++) {
        int column = INTEGER_RO(columns)[i];
        if (column < 1 || column > n_columns) Rf_error("term %d looks at column %d of %d", i + 1, column, n_columns);
        factors[i].column = column - 1;
        factors[i].power = INTEGER_RO(powers)[i];
    }
    term->label = r_text(VECTOR_ELT(list, 0), 0);
    term->n_factors = n;
    term->factors = factors;
}

void r_design(SEXP list, sy_design *design)
{
    SEXP columns = VECTOR_ELT(list, 1), terms = VECTOR_ELT(list, 2);
    int n_columns = (int)XLENGTH(columns), n_terms = (int)XLENGTH(terms);
    sy_column *column = SCRATCH(n_columns, sy_column);
    sy_term *term = SCRATCH(n_terms, sy_term);
    *design = (sy_design){.n = (ptrdiff_t)Rf_asReal(VECTOR_ELT(list, 0))};
    for (int i = 0; i < n_columns; i++) read_column(VECTOR_ELT(columns, i), design->n, &column[i]);
    for (int i = 0; i < n_terms; i++) read_term(VECTOR_ELT(terms, i), n_columns, &term[i]);
    design->n_columns = n_columns;
    design->columns = column;
    design->n_terms = n_terms;
    design->terms = term;
    design->weights = r_column(VECTOR_ELT(list, 3), design->n);
    design->weight_kind = (sy_weight_kind)Rf_asInteger(VECTOR_ELT(list, 4));
    design->cluster = r_column(VECTOR_ELT(list, 5), design->n);
    design->missing = (sy_missing)Rf_asInteger(VECTOR_ELT(list, 6));
    if (XLENGTH(list) > 7) design->strata = r_column(VECTOR_ELT(list, 7), design->n);
}

static SEXP index_result(void *arg)
{
    return Rf_ScalarInteger(*(const int *)arg + 1);
}

SEXP C_find(SEXP argument, SEXP typed, SEXP names)
{
    r_host host;
    int index = 0;
    const char *const *known = texts(names);
    const char *what = r_text(argument, 0), *wanted = r_text(typed, 0);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_design_find(&host.ctx, what, wanted, (int)XLENGTH(names), known, &index);
    return r_leave(&host, status, index_result, &index);
}

SEXP C_near(SEXP typed, SEXP names)
{
    return Rf_ScalarInteger(sy_design_near(r_text(typed, 0), (int)XLENGTH(names), texts(names)) + 1);
}
