/* Synthetic data: a matrix of columns, tables as lists of vectors.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_synthetic.h"
#include <string.h>

static SEXP texts(SEXP list, int at, int n)
{
    return SET_VECTOR_ELT(list, at, Rf_allocVector(STRSXP, n));
}

static SEXP numbers(SEXP list, int at, int n)
{
    return SET_VECTOR_ELT(list, at, Rf_allocVector(REALSXP, n));
}

static void set_text(SEXP vector, int i, const char *utf8)
{
    SET_STRING_ELT(vector, i, Rf_mkCharCE(utf8, CE_UTF8));
}

static SEXP columns_table(void)
{
    static const char *const names[] = {"column", "role", "meaning", "type", "levels"};
    SEXP list = PROTECT(r_list(5, names));
    SEXP name = texts(list, 0, SY_POET_COLUMNS), role = texts(list, 1, SY_POET_COLUMNS);
    SEXP meaning = texts(list, 2, SY_POET_COLUMNS), type = numbers(list, 3, SY_POET_COLUMNS);
    SEXP levels = SET_VECTOR_ELT(list, 4, Rf_allocVector(VECSXP, SY_POET_COLUMNS));
    for (int c = 0; c < SY_POET_COLUMNS; c++) {
        const sy_poet_column *column = &sy_poet_columns()[c];
        set_text(name, c, column->name);
        set_text(role, c, column->role);
        set_text(meaning, c, column->meaning);
        REAL(type)[c] = column->type;
        SEXP own = texts(levels, c, column->n_levels);
        for (int l = 0; l < column->n_levels; l++) set_text(own, l, column->levels[l]);
    }
    UNPROTECT(1);
    return list;
}

SEXP C_poet_tables(void)
{
    static const char *const names[] = {"columns", "strengths"}, *const of_strength[] = {"name", "meaning", "value"};
    SEXP list = PROTECT(r_list(2, names));
    SET_VECTOR_ELT(list, 0, columns_table());
    SEXP strengths = SET_VECTOR_ELT(list, 1, r_list(3, of_strength));
    SEXP name = texts(strengths, 0, SY_POET_STRENGTHS), meaning = texts(strengths, 1, SY_POET_STRENGTHS);
    SEXP value = numbers(strengths, 2, SY_POET_STRENGTHS);
    for (int k = 0; k < SY_POET_STRENGTHS; k++) {
        set_text(name, k, sy_poet_strengths()[k].name);
        set_text(meaning, k, sy_poet_strengths()[k].meaning);
        REAL(value)[k] = sy_poet_strengths()[k].standard;
    }
    UNPROTECT(1);
    return list;
}

typedef struct {
    r_host host;
    SEXP list;
    sy_poet_marginal marginals[SY_POET_MARGINALS];
    sy_poet_truth truth[SY_POET_TRUTHS];
} drawn;

static void put_marginals(SEXP list, const sy_poet_marginal *m)
{
    static const char *const names[] = {"column",  "item",  "category", "comparator", "published", "kind",
                                        "planted", "found", "unit",     "kept",       "source"};
    enum { TEXT = 7 };
    static const int text_at[TEXT] = {0, 1, 2, 3, 5, 8, 10};
    SEXP table = SET_VECTOR_ELT(list, 1, r_list(11, names)), text[TEXT];
    for (int k = 0; k < TEXT; k++) text[k] = texts(table, text_at[k], SY_POET_MARGINALS);
    double *published = REAL(numbers(table, 4, SY_POET_MARGINALS));
    double *planted = REAL(numbers(table, 6, SY_POET_MARGINALS)), *found = REAL(numbers(table, 7, SY_POET_MARGINALS));
    int *kept = LOGICAL(SET_VECTOR_ELT(table, 9, Rf_allocVector(LGLSXP, SY_POET_MARGINALS)));
    for (int i = 0; i < SY_POET_MARGINALS; i++) {
        const char *const own[TEXT] = {m[i].column, m[i].item, m[i].category, m[i].comparator,
                                       m[i].kind,   m[i].unit, m[i].source};
        for (int k = 0; k < TEXT; k++) set_text(text[k], i, own[k]);
        published[i] = m[i].published;
        planted[i] = m[i].planted;
        found[i] = m[i].found;
        kept[i] = m[i].kept;
    }
}

static SEXP drawn_result(void *arg)
{
    static const char *const names[] = {"name", "value", "meaning"};
    const drawn *d = arg;
    put_marginals(d->list, d->marginals);
    SEXP table = SET_VECTOR_ELT(d->list, 2, r_list(3, names));
    SEXP name = texts(table, 0, SY_POET_TRUTHS), meaning = texts(table, 2, SY_POET_TRUTHS);
    double *value = REAL(numbers(table, 1, SY_POET_TRUTHS));
    for (int i = 0; i < SY_POET_TRUTHS; i++) {
        set_text(name, i, d->truth[i].name);
        set_text(meaning, i, d->truth[i].meaning);
        value[i] = d->truth[i].value;
    }
    SET_VECTOR_ELT(d->list, 3, r_remarks(&d->host.ctx));
    return d->list;
}

/* options: c(seed, people, councils, direct_payment, funding_ratio, sd_log_amount,
 * knows_amount, size_spread, amount_missing). */
SEXP C_poet(SEXP options, SEXP year, SEXP strengths, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"values", "marginals", "truth", "remarks"};
    const double *given = REAL_RO(options);
    drawn d;
    sy_poet_options o;
    sy_poet_defaults(&o);
    o.seed = (uint64_t)given[0];
    o.people = (int)given[1];
    o.councils = (int)given[2];
    o.year = r_text(year, 0);
    o.direct_payment = given[3];
    o.funding_ratio = given[4];
    o.sd_log_amount = given[5];
    o.knows_amount = given[6];
    o.size_spread = given[7];
    o.amount_missing = given[8] > 0;
    memcpy(o.strength, REAL_RO(strengths), sizeof o.strength);
    d.list = PROTECT(r_list(4, names));
    double *values = REAL(SET_VECTOR_ELT(d.list, 0, Rf_allocMatrix(REALSXP, o.people, SY_POET_COLUMNS)));
    r_enter(&d.host, threads, progress);
    sy_status status = sy_poet_simulate(&d.host.ctx, &o, values, d.marginals, d.truth);
    SEXP result = r_leave(&d.host, status, drawn_result, &d);
    UNPROTECT(1);
    return result;
}
