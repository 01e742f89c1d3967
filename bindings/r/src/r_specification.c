/* The specification curve: choices in, tables out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_models.h"
#include "r_verdict.h"

/* list of list(name, blocks, funding, process) */
static void read_memberships(SEXP list, sy_specification_question *q)
{
    q->n_memberships = (int)XLENGTH(list);
    sy_membership *m = (sy_membership *)(void *)R_alloc((size_t)q->n_memberships + 1, sizeof *m);
    for (int i = 0; i < q->n_memberships; i++) {
        SEXP one = VECTOR_ELT(list, i);
        m[i].name = r_text(VECTOR_ELT(one, 0), 0);
        m[i].blocks = r_blocks(VECTOR_ELT(one, 1), &m[i].n_blocks);
        m[i].funding = Rf_asInteger(VECTOR_ELT(one, 2)) - 1;
        m[i].process = Rf_asInteger(VECTOR_ELT(one, 3)) - 1;
    }
    q->memberships = m;
}

/* list(names, places of columns or 0, kinds) */
static void read_weightings(SEXP list, const sy_design *design, sy_specification_question *q)
{
    SEXP names = VECTOR_ELT(list, 0);
    q->n_weightings = (int)XLENGTH(names);
    sy_weighting *w = (sy_weighting *)(void *)R_alloc((size_t)q->n_weightings + 1, sizeof *w);
    for (int i = 0; i < q->n_weightings; i++)
        w[i] = (sy_weighting){r_text(names, i), r_column_at(design, INTEGER_RO(VECTOR_ELT(list, 1))[i]),
                              (sy_weight_kind)INTEGER_RO(VECTOR_ELT(list, 2))[i]};
    q->weightings = w;
}

/* list of list(name, options, list of raw masks or NULL) */
static void read_rows(SEXP list, const sy_design *design, sy_specification_question *q)
{
    q->n_row_choices = (int)XLENGTH(list);
    sy_row_choice *c = (sy_row_choice *)(void *)R_alloc((size_t)q->n_row_choices + 1, sizeof *c);
    for (int i = 0; i < q->n_row_choices; i++) {
        SEXP one = VECTOR_ELT(list, i), options = VECTOR_ELT(one, 1), masks = VECTOR_ELT(one, 2);
        const size_t n = (size_t)XLENGTH(options) + 1;
        const char **names = (const char **)(void *)R_alloc(n, sizeof *names);
        const unsigned char **keep = (const unsigned char **)(void *)R_alloc(n, sizeof *keep);
        for (R_xlen_t o = 0; o < XLENGTH(options); o++) {
            SEXP mask = VECTOR_ELT(masks, o);
            names[o] = r_text(options, o);
            keep[o] = mask == R_NilValue ? NULL : RAW_RO(mask);
            if (mask != R_NilValue && XLENGTH(mask) != design->n) Rf_error("a mask needs one byte a row");
        }
        c[i] = (sy_row_choice){r_text(VECTOR_ELT(one, 0), 0), (int)XLENGTH(options), names, keep};
    }
    q->row_choices = c;
}

/* list(outcomes, memberships, sources, forms, weightings, per_outcome, rows, adjust) */
static void read_question(SEXP list, const sy_design *design, sy_specification_question *q)
{
    SEXP forms = VECTOR_ELT(list, 3), missing = VECTOR_ELT(list, 5);
    *q = (sy_specification_question){0};
    q->outcomes = r_indices(VECTOR_ELT(list, 0), &q->n_outcomes);
    read_memberships(VECTOR_ELT(list, 1), q);
    q->sources = r_sources(VECTOR_ELT(list, 2), &q->n_sources);
    q->n_forms = (int)XLENGTH(forms);
    sy_funding_form *form = (sy_funding_form *)(void *)R_alloc((size_t)q->n_forms + 1, sizeof *form);
    for (int i = 0; i < q->n_forms; i++) form[i] = (sy_funding_form)INTEGER_RO(forms)[i];
    q->forms = form;
    read_weightings(VECTOR_ELT(list, 4), design, q);
    q->n_missing = (int)XLENGTH(missing);
    q->per_outcome = INTEGER_RO(missing);
    read_rows(VECTOR_ELT(list, 6), design, q);
    q->adjust = r_indices(VECTOR_ELT(list, 7), &q->n_adjust);
}

typedef struct {
    r_host host;
    sy_specification_curve out;
} curve;

static SEXP answered(void *arg)
{
    static const char *const names[] = {"tables", "verdict", "remarks", "text", "pieces"};
    const curve *c = arg;
    SEXP list = PROTECT(r_list(5, names));
    SEXP tables = SET_VECTOR_ELT(list, 0, Rf_allocVector(VECSXP, SY_CURVE_TABLES));
    for (int t = 0; t < SY_CURVE_TABLES; t++) SET_VECTOR_ELT(tables, t, r_tidy(&c->out.tables[t]));
    SET_VECTOR_ELT(list, 1, r_string(c->out.verdict));
    SET_VECTOR_ELT(list, 2, r_remarks(&c->host.ctx));
    SET_VECTOR_ELT(list, 3, r_string(c->out.text));
    SET_VECTOR_ELT(list, 4, r_string(c->out.pieces));
    UNPROTECT(1);
    return list;
}

static void drop_curve(void *out)
{
    sy_specification_curve_free(out);
}

/* options: c(level, interval, seed) */
SEXP C_specifications(SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress)
{
    sy_design rows;
    sy_specification_question asked;
    sy_weigh_options how;
    curve c = {.host = {.jumping = 0}};
    r_design(design, &rows);
    read_question(question, &rows, &asked);
    sy_weigh_defaults(&how);
    how.level = REAL_RO(options)[0];
    how.interval = (sy_interval_kind)(int)REAL_RO(options)[1];
    how.seed = (uint64_t)REAL_RO(options)[2];
    r_enter(&c.host, threads, progress);
    c.host.drop = drop_curve;
    c.host.dropped = &c.out;
    const sy_status status = sy_specifications(&c.host.ctx, &rows, &asked, &how, &c.out);
    return r_leave(&c.host, status, answered, &c);
}
