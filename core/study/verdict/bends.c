/* Curves of funding and process, and funding times need.
 *
 * Every numeric column x of the two blocks gets x^2 and x^3 beside it, all in the
 * block: three degrees of freedom a column, so that a bent relation is not
 * counted against the block whose measure bends more. A column of two values has
 * no curve, one of three its square alone. The powers are built in
 * double-double where the rows are few, and the tree is guarded where the columns
 * are nearly collinear.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/verdict/slopes_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    syi_cell cell;
    sy_moments m;
    sy_block *blocks;
    int *terms, *next; /* behind the curved blocks */
    int *tested, n_tested, *model;
} curved;

static void curved_free(curved *c)
{
    syi_cell_free(&c->cell);
    sy_moments_free(&c->m);
    SYI_FREE(c->blocks);
    SYI_FREE(c->terms);
    SYI_FREE(c->tested);
    SYI_FREE(c->model);
}

static int most_terms(const sy_question *q)
{
    return 3 * sy_shares_terms(q) + q->n_adjust + 1;
}

static sy_status curved_init(sy_context *ctx, const syi_weighed *w, int outcome, curved *c)
{
    const syi_cell *from = &w->judged.cells[outcome];
    const int extra = 2 * sy_shares_terms(&from->question) + 1;
    *c = (curved){0};
    sy_status status = syi_cell_open(ctx, &from->asked, extra, &c->cell);
    if (status) return status;
    const size_t most = (size_t)most_terms(&c->cell.question);
    c->blocks = syi_alloc((size_t)c->cell.question.n_blocks, sizeof *c->blocks);
    c->terms = syi_alloc(most, sizeof *c->terms);
    c->tested = syi_alloc(most, sizeof *c->tested);
    c->model = syi_alloc(2 * most, sizeof *c->model);
    if (!c->blocks || !c->terms || !c->tested || !c->model)
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu terms", most);
    c->next = c->terms;
    memcpy(c->blocks, c->cell.question.blocks, (size_t)c->cell.question.n_blocks * sizeof *c->blocks);
    return SY_OK;
}

/* The block with the powers of each of its numbers that do not follow from lower ones; those of funding are to be
 * tested. */
static sy_status bend(sy_context *ctx, curved *c, int block, int test)
{
    const sy_block *from = &c->cell.question.blocks[block];
    int *first = c->next;
    sy_status status = SY_OK;
    for (int t = 0; t < from->n_terms && !status; t++) {
        const int term = from->terms[t];
        *c->next++ = term;
        if (!syi_portion_is_number(&c->cell.portion.design, term)) continue;
        const int values = syi_portion_values(&c->cell.portion.design, term, 4);
        for (int power = 2; power < values && !status; power++) {
            int added = 0;
            status = syi_portion_power(ctx, &c->cell.portion, term, power, &added);
            *c->next++ = added;
            if (test && !status) c->tested[c->n_tested++] = added;
        }
    }
    c->blocks[block] = (sy_block){from->name, (int)(c->next - first), first};
    return status;
}

/* The tested terms, then everything else of the question. */
static sy_status test(sy_context *ctx, curved *c, double *p)
{
    const sy_question *q = &c->cell.question;
    int n = 0;
    for (int t = 0; t < c->n_tested; t++) c->model[n++] = c->tested[t];
    for (int b = 0; b < q->n_blocks; b++)
        for (int t = 0; t < q->blocks[b].n_terms; t++) c->model[n++] = q->blocks[b].terms[t];
    for (int t = 0; t < q->n_adjust; t++) c->model[n++] = q->adjust[t];
    return syi_slopes_zero(ctx, &c->cell, &c->cell.portion.design, n, c->model, c->n_tested, p);
}

static sy_status bent_shares(sy_context *ctx, curved *c, const syi_cell_options *how, double v[5])
{
    const int pair[2] = {c->cell.asked.funding, c->cell.asked.process};
    sy_moments_options sums = {.unit = c->cell.m.unit};
    syi_answer a = {0};
    sy_question q = c->cell.question;
    q.blocks = c->blocks;
    q.free_orders = 1; /* blocks enter whole: the powers need no order of their own */
    sy_status status = sy_moments_init(ctx, &c->cell.portion.design, &sums, &c->m);
    if (status >= 0) status = syi_answer_of(ctx, &c->m, &c->cell.portion.design, &q, pair, how, &a);
    if (status >= 0) {
        v[0] = syi_answer_value(&a, pair[0], SY_SHARE);
        v[1] = syi_answer_value(&a, pair[1], SY_SHARE);
        v[2] = a.difference.estimate;
        v[3] = a.difference.low;
        v[4] = a.difference.high;
    }
    syi_answer_free(&a);
    return status < 0 ? status : SY_OK;
}

/* The products of funding's and need's numbers, as many as there is room for. */
static sy_status multiply(sy_context *ctx, curved *c, const sy_block *funding, const sy_block *need)
{
    const sy_design *d = &c->cell.portion.design;
    sy_status status = SY_OK;
    for (int f = 0; f < funding->n_terms; f++)
        for (int t = 0; t < need->n_terms && !status; t++) {
            const int x = funding->terms[f], z = need->terms[t];
            if (!syi_portion_is_number(d, x) || !syi_portion_is_number(d, z) ||
                c->cell.portion.n_added == c->cell.portion.extra)
                continue;
            status = syi_portion_product(ctx, &c->cell.portion, x, z, &c->tested[c->n_tested]);
            c->n_tested++;
        }
    return status;
}

static sy_status by_need(sy_context *ctx, const syi_weighed *w, int outcome, double *p)
{
    curved c;
    sy_status status = curved_init(ctx, w, outcome, &c);
    for (int n = 0; n < w->question->n_need && !status; n++)
        status = multiply(ctx, &c, &c.cell.question.blocks[w->question->funding],
                          &c.cell.question.blocks[w->question->need[n]]);
    if (!status) status = test(ctx, &c, p);
    curved_free(&c);
    return status;
}

sy_status syi_curves(sy_context *ctx, const syi_weighed *w, int outcome, const syi_cell_options *how, double v[5],
                     double p[2])
{
    curved c;
    sy_status status = curved_init(ctx, w, outcome, &c);
    if (!status) status = bend(ctx, &c, c.cell.asked.funding, 1);
    if (!status) status = bend(ctx, &c, c.cell.asked.process, 0);
    if (!status) status = bent_shares(ctx, &c, how, v);
    if (!status) status = test(ctx, &c, &p[0]);
    curved_free(&c);
    return status || w->question->n_need == 0 ? status : by_need(ctx, w, outcome, &p[1]);
}
