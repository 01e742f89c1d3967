/* F tests of the terms of a linear mixed model.
 *
 * Type 1 tests the rows of the factor R, R'R = X'X, that belong to a term: what
 * the term adds to those before it. Type 2 orders the columns anew for each term: first those of
 * terms that do not contain it, then its own, then those of terms that contain it. Type 3 tests the
 * term's own coefficients in sum-to-zero coding. The denominator's degrees of freedom depend on which
 * rows span the hypothesis, a little: they are lmerTest's (a term that no other contains: its coefficients;
 * type 3: differences to the first level). X is not weighted by analytic
 * weights, as in lmerTest; frequency weights repeat rows. Cost: n p^2 / 2 and p^3 a term.
 * Kuznetsova, Brockhoff & Christensen 2017, doi:10.18637/jss.v082.i13, section 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/linear/anova_internal.h"
#include "models/mixed/lmm_tests_internal.h"

static void add_tile(const syi_lmm_rows *r, int len, double *x, const double *w, double *cross)
{
    const int p = r->p, frequency = r->m.design->weights && r->m.design->weight_kind == SY_WEIGHT_FREQUENCY;
    for (int a = 0; a < p; a++)
        for (int b = 0; b <= a; b++) {
            const double *xa = x + (ptrdiff_t)a * SYI_TILE, *xb = x + (ptrdiff_t)b * SYI_TILE;
            double sum = 0;
            for (int i = 0; i < len; i++) sum += (frequency ? w[i] : 1) * xa[i] * xb[i];
            cross[a * p + b] += sum;
        }
}

/* Lower triangle of X'X over the columns in use, centred and scaled. */
static sy_status read_cross(sy_context *ctx, const syi_lmm_rows *r, double *cross)
{
    const size_t t = SYI_TILE, room = ((size_t)r->p + 1) * t, own = syi_lmm_rows_room(r);
    double *x = syi_alloc(room + own + t, sizeof *x);
    int32_t *level = syi_alloc((size_t)r->bars.n_factors * t, sizeof *level);
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE];
    sy_status s = SY_OK;
    if (!x || !level) s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for a tile of %d columns", r->p);
    for (ptrdiff_t at = 0, n = r->m.design->n; at < n && s >= 0; at += SYI_TILE) {
        const int len = n - at < SYI_TILE ? (int)(n - at) : SYI_TILE;
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_lmm_rows_tile(r, row, len, x, x + room + own, used, NULL, level, x + room);
        add_tile(r, len, x, x + room + own, cross);
        s = syi_serial_stopped(ctx);
    }
    SYI_FREE(x);
    SYI_FREE(level);
    return s;
}

/* Does term b of the model hold term a with the same numbers and further factors? */
static int contains(const syi_model *m, int b, int a)
{
    const sy_term *large = &m->design->terms[m->model.terms[b]], *small = &m->design->terms[m->model.terms[a]];
    if (!syi_term_within(m, a, b)) return 0;
    for (int k = 0; k < large->n_factors; k++) {
        int shared = 0;
        for (int j = 0; j < small->n_factors; j++)
            shared |= small->factors[j].column == large->factors[k].column &&
                      small->factors[j].power == large->factors[k].power;
        if (!shared && m->design->columns[large->factors[k].column].type != SY_CODES) return 0;
    }
    return 1;
}

/* 0 before, 1 the term's own, 2 behind. */
static int place_of(const syi_lmm_rows *r, int column, int term, int type)
{
    const int t = syi_model_term_of(&r->m, r->column[column]);
    if (t == term) return 1;
    if (type == 1) return t < term ? 0 : 2;
    return t >= 0 && contains(&r->m, t, term) ? 2 : 0;
}

/* Entry (i, j) of what differences to the first level are of the sum-to-zero effects of a factor with q + 1 levels. */
static double difference(int q, int i, int j)
{
    return i + 1 < q ? (j == i + 1) - (j == 0) : -1 - (j == 0);
}

/* Type 3: differences to the first level, each averaged over the other factors, in sum-to-zero coding. */
static double averaged(const syi_lmm_rows *r, int term, int i, int j)
{
    const sy_term *t = &r->m.design->terms[r->m.model.terms[term]];
    double v = 1;
    for (int k = 0; k < t->n_factors; k++) {
        const int q = syi_model_codes(&r->m, term, k), column = t->factors[k].column;
        if (r->m.design->columns[column].type == SY_CODES)
            v *= q < r->m.n_used[column] ? difference(q, i % q, j % q) : i % q == j % q;
        i /= q;
        j /= q;
    }
    return v;
}

/* The term's own coefficients, rows of them; sum-to-zero coefficients as differences unless one is aliased. */
static void own_rows(const syi_lmm_rows *r, int term, int sums, int rows, const int *column, double *c)
{
    const int whole = rows == r->m.count[term + 1];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < rows; j++) c[i * r->p + column[j]] = sums && whole ? averaged(r, term, i, j) : i == j;
}

/* Rows of the hypothesis c [.. * p]; how many. cross is X'X, work [p * p], order [p]. */
static int hypothesis(const syi_lmm_rows *r, int term, int type, const double *cross, double *work, int *order,
                      double *c)
{
    const int p = r->p;
    int count = 0, first = 0, rows = 0;
    for (int place = 0; place < 3; place++)
        for (int j = 0; j < p; j++) {
            if (place_of(r, j, term, type) != place) continue;
            first += place == 0;
            rows += place == 1;
            order[count++] = j;
        }
    for (int i = 0; i < rows * p; i++) c[i] = 0;
    if (type == 3 || (type == 2 && first + rows == p)) {
        own_rows(r, term, type == 3, rows, order + first, c);
        return rows;
    }
    for (int i = 0; i < p; i++)
        for (int j = 0; j <= i; j++) {
            const int a = order[i] > order[j] ? order[i] : order[j], b = order[i] > order[j] ? order[j] : order[i];
            work[i * p + j] = cross[a * p + b];
        }
    if (!syi_cholesky_plain(p, work, 0)) return 0;
    for (int i = 0; i < rows; i++)
        for (int j = first + i; j < p; j++)
            c[i * p + order[j]] = work[j * p + first + i] / work[(first + i) * p + first + i] / r->scale[order[j]] *
                                  r->scale[order[first + i]];
    return rows;
}

static sy_status test_terms(sy_context *ctx, const syi_lmm_tests *t, int type, sy_mixed_row *row)
{
    const syi_lmm_rows *r = t->l.rows;
    const size_t square = (size_t)r->p * (size_t)r->p;
    double *cross = syi_alloc(3 * square, sizeof *cross);
    int *order = syi_alloc((size_t)r->p, sizeof *order);
    sy_status s = SY_OK;
    if (!cross || !order) s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", r->p);
    if (s >= 0 && type != 3) s = read_cross(ctx, r, cross);
    for (int k = 0; k < r->m.model.n_terms && s >= 0; k++) {
        syi_lmm_joint joint;
        const int q = hypothesis(r, k, type, cross, cross + square, order, cross + 2 * square);
        if ((s = syi_lmm_tests_joint(ctx, t, q, cross + 2 * square, &joint)) < 0) break;
        const double mean = joint.f * t->sigma2;
        row[k] = (sy_mixed_row){mean * joint.df1, mean, joint.df1, joint.df2, joint.f * joint.scale, joint.p_value};
    }
    SYI_FREE(cross);
    SYI_FREE(order);
    return s;
}

sy_status sy_mixed_anova(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                         const sy_mixed_options *options, const double *theta, sy_df_kind kind, int type,
                         sy_mixed_row *row)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    sy_mixed_model coded = *model;
    syi_lmm_tests t;
    if (type < 1 || type > 3) return syi_fail(ctx, SY_EINVAL, "type: %d; it must be 1, 2 or 3", type);
    if (model->response.columns.n_terms == 1) type = 1; /* the same test; rows as lmerTest has them */
    if (type == 3) coded.response.columns.coding = SY_CODING_SUM;
    sy_status s = syi_lmm_tests_init(ctx, design, &coded, options, theta, kind, &t);
    if (s < 0) return s;
    s = test_terms(ctx, &t, type, row);
    syi_lmm_tests_free(&t);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
