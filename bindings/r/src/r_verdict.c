/* The whole question: lists of places in, tables and sentences out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_verdict.h"
#include "r_models.h"

static SEXP columns_of(int n, const char *const *names)
{
    SEXP list = PROTECT(Rf_allocVector(VECSXP, n));
    SEXP text = PROTECT(Rf_allocVector(STRSXP, n));
    for (int i = 0; i < n; i++) SET_STRING_ELT(text, i, Rf_mkCharCE(names[i], CE_UTF8));
    Rf_setAttrib(list, R_NamesSymbol, text);
    UNPROTECT(2);
    return list;
}

SEXP r_tidy(const sy_tidy *t)
{
    static const char *const parts[] = {"name", "texts", "numbers"};
    SEXP out = PROTECT(r_list(3, parts));
    SET_VECTOR_ELT(out, 0, r_string(t->name));
    SEXP texts = SET_VECTOR_ELT(out, 1, columns_of(t->n_texts, t->text_names));
    SEXP numbers = SET_VECTOR_ELT(out, 2, columns_of(t->n_numbers, t->number_names));
    for (int c = 0; c < t->n_texts; c++) {
        SEXP column = SET_VECTOR_ELT(texts, c, Rf_allocVector(STRSXP, t->n_rows));
        for (int r = 0; r < t->n_rows; r++) SET_STRING_ELT(column, r, Rf_mkCharCE(sy_tidy_text(t, r, c), CE_UTF8));
    }
    for (int c = 0; c < t->n_numbers; c++) {
        SEXP column = SET_VECTOR_ELT(numbers, c, Rf_allocVector(REALSXP, t->n_rows));
        for (int r = 0; r < t->n_rows; r++) REAL(column)[r] = sy_tidy_number(t, r, c);
    }
    UNPROTECT(1);
    return out;
}

static SEXP tables_of(const sy_tidy *tables, int n)
{
    SEXP list = PROTECT(Rf_allocVector(VECSXP, n));
    for (int i = 0; i < n; i++) SET_VECTOR_ELT(list, i, r_tidy(&tables[i]));
    UNPROTECT(1);
    return list;
}

sy_block *r_blocks(SEXP list, int *n)
{
    SEXP names = VECTOR_ELT(list, 0), terms = VECTOR_ELT(list, 1);
    *n = (int)XLENGTH(names);
    sy_block *blocks = (sy_block *)(void *)R_alloc((size_t)*n + 1, sizeof *blocks);
    for (int i = 0; i < *n; i++) {
        blocks[i].name = r_text(names, i);
        blocks[i].terms = r_indices(VECTOR_ELT(terms, i), &blocks[i].n_terms);
    }
    return blocks;
}

sy_process_source *r_sources(SEXP list, int *n)
{
    const sy_block *blocks = r_blocks(list, n);
    sy_process_source *sources = (sy_process_source *)(void *)R_alloc((size_t)*n + 1, sizeof *sources);
    for (int i = 0; i < *n; i++)
        sources[i] = (sy_process_source){blocks[i].name, INTEGER_RO(VECTOR_ELT(list, 2))[i] - 1, blocks[i].n_terms,
                                         blocks[i].terms, INTEGER_RO(VECTOR_ELT(list, 3))[i]};
    return sources;
}

const sy_column *r_column_at(const sy_design *design, int place)
{
    return place < 1 || place > design->n_columns ? NULL : &design->columns[place - 1];
}

/* list(outcomes, types, blocks, adjust, absorb, c(funding, process, one_source, by, group, label, areas, per_outcome,
 * named_rows), need, sources, places of margins, their shares, data set or NULL): places counted from 1, by, group and
 * label 0 for none. */
static void read_question(SEXP list, const sy_design *design, sy_weigh_question *q)
{
    SEXP types = VECTOR_ELT(list, 1), margins = VECTOR_ELT(list, 8), shares = VECTOR_ELT(list, 9);
    const int *role = INTEGER_RO(VECTOR_ELT(list, 5));
    *q = (sy_weigh_question){0};
    q->outcomes = r_indices(VECTOR_ELT(list, 0), &q->n_outcomes);
    sy_outcome_type *kinds = (sy_outcome_type *)(void *)R_alloc((size_t)q->n_outcomes + 1, sizeof *kinds);
    for (int o = 0; o < q->n_outcomes; o++) kinds[o] = (sy_outcome_type)INTEGER_RO(types)[o];
    q->types = kinds;
    q->blocks = r_blocks(VECTOR_ELT(list, 2), &q->n_blocks);
    q->adjust = r_indices(VECTOR_ELT(list, 3), &q->n_adjust);
    q->absorb = Rf_asInteger(VECTOR_ELT(list, 4));
    q->funding = role[0] - 1;
    q->process = role[1] - 1;
    q->one_source = role[2];
    q->by = r_column_at(design, role[3]);
    q->group = r_column_at(design, role[4]);
    q->label = r_column_at(design, role[5]);
    q->areas = role[6];
    q->per_outcome = role[7];
    q->named_rows = role[8];
    q->dataset = Rf_isNull(VECTOR_ELT(list, 10)) ? NULL : CHAR(STRING_ELT(VECTOR_ELT(list, 10), 0));
    q->host = "R";
    q->need = r_indices(VECTOR_ELT(list, 6), &q->n_need);
    q->sources = r_sources(VECTOR_ELT(list, 7), &q->n_sources);
    q->n_margins = (int)XLENGTH(margins);
    sy_margin *margin = (sy_margin *)(void *)R_alloc((size_t)q->n_margins + 1, sizeof *margin);
    for (int m = 0; m < q->n_margins; m++)
        margin[m] = (sy_margin){r_column_at(design, INTEGER_RO(margins)[m]), REAL_RO(VECTOR_ELT(shares, m))};
    q->margins = margin;
}

/* c(level, interval, replicates, seed, at_most, unit, left_out) */
static void read_options(SEXP numbers, sy_weigh_options *o)
{
    const double *v = REAL_RO(numbers);
    sy_weigh_defaults(o);
    o->level = v[0];
    o->interval = (sy_interval_kind)(int)v[1];
    o->replicates = (int)v[2];
    o->seed = (uint64_t)v[3];
    o->at_most = v[4];
    o->unit = v[5];
    o->left_out = (int)v[6];
}

typedef struct {
    r_host host;
    sy_weighing out;
} weighing;

static SEXP weighed(void *arg)
{
    static const char *const names[] = {"tables",  "verdict", "limits", "how",  "units",   "clustered",
                                        "remarks", "text",    "page",   "body", "picture", "pieces"};
    const weighing *w = arg;
    SEXP list = PROTECT(r_list(12, names));
    SET_VECTOR_ELT(list, 0, tables_of(w->out.tables, SY_WEIGH_TABLES));
    SEXP verdict = SET_VECTOR_ELT(list, 1, Rf_allocVector(STRSXP, SY_VERDICT_SENTENCES));
    for (int k = 0; k < SY_VERDICT_SENTENCES; k++) SET_STRING_ELT(verdict, k, Rf_mkCharCE(w->out.verdict[k], CE_UTF8));
    SEXP limits = SET_VECTOR_ELT(list, 2, Rf_allocVector(STRSXP, w->out.n_limits));
    for (int k = 0; k < w->out.n_limits; k++) SET_STRING_ELT(limits, k, Rf_mkCharCE(w->out.limits[k], CE_UTF8));
    SET_VECTOR_ELT(list, 3, r_string(w->out.how));
    SET_VECTOR_ELT(list, 4, Rf_ScalarReal(w->out.units));
    SET_VECTOR_ELT(list, 5, Rf_ScalarLogical(w->out.clustered));
    SET_VECTOR_ELT(list, 6, r_remarks(&w->host.ctx));
    SET_VECTOR_ELT(list, 7, r_string(w->out.text));
    SET_VECTOR_ELT(list, 8, r_string(w->out.page));
    SET_VECTOR_ELT(list, 9, r_string(w->out.body));
    SET_VECTOR_ELT(list, 10, r_string(w->out.picture));
    SET_VECTOR_ELT(list, 11, r_string(w->out.pieces));
    UNPROTECT(1);
    return list;
}

static void drop_weighing(void *out)
{
    sy_weighing_free(out);
}

SEXP C_weigh(SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress)
{
    sy_design rows;
    sy_weigh_question asked;
    sy_weigh_options how;
    r_design(design, &rows);
    read_question(question, &rows, &asked);
    read_options(options, &how);
    weighing *w = (weighing *)(void *)R_alloc(1, sizeof *w);
    w->out = (sy_weighing){0};
    r_enter(&w->host, threads, progress);
    w->host.drop = drop_weighing;
    w->host.dropped = &w->out;
    const sy_status status = sy_weigh(&w->host.ctx, &rows, &asked, &how, &w->out);
    return r_leave(&w->host, status, weighed, w);
}
