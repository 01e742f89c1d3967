/* From the triangle R of (X y) to coefficients, rank, sums of squares.
 *
 * R b = c by back substitution, (X'WX)^-1 = R^-1 R^-T, the squares of c are the
 * sums of squares in order, the last diagonal squared the residual sum of
 * squares. Rank: |R_jj|^2 is what is left of column j after those before it;
 * a column is aliased when that is below what rounding of the data and of the
 * sums can produce, relative to its centred sum of squares (the rule of
 * shares.c: adding 1e9 to a column must not change what is found). When one
 * is, R is turned once more without it. Condition: |R||R^-1| in the Frobenius
 * norm, columns of unit length, an upper bound of the 2-norm condition. All in
 * double-double. Cost: p^3.
 * Golub & Van Loan 2013, Matrix Computations, sections 3.1 and 5.3; Higham 2002,
 * doi:10.1137/1.9780898718027, chapters 8 and 20.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/qr_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/linear/linear_internal.h"

static syi_dd shifted(syi_dd a, int e)
{
    return (syi_dd){ldexp(a.hi, e), ldexp(a.lo, e)};
}

/* Square sum of column c of R from row `from` on. */
static syi_dd length2(const syi_triangle *t, int c, int from)
{
    syi_dd sum = syi_dd_of(0);
    for (int i = from; i <= c; i++) {
        const syi_dd v = t->r[(ptrdiff_t)i * t->order + c];
        sum = syi_dd_add(sum, syi_dd_mul(v, v));
    }
    return sum;
}

double syi_triangle_trace(int order, const syi_dd *r, int from, int to, const int *skip, syi_dd *root)
{
    double trace = 0;
    for (int c = from; c < to; c++) {
        for (int i = from; i < to; i++) root[(ptrdiff_t)i * order + c] = syi_dd_of(0);
        if (skip && skip[c]) continue;
        for (int i = c; i >= from; i--) {
            syi_dd v = syi_dd_of(i == c);
            if (skip && skip[i]) continue;
            for (int k = i + 1; k <= c; k++)
                if (!skip || !skip[k])
                    v = syi_dd_sub(v, syi_dd_mul(r[(ptrdiff_t)i * order + k], root[(ptrdiff_t)k * order + c]));
            root[(ptrdiff_t)i * order + c] = syi_dd_div(v, r[(ptrdiff_t)i * order + i]);
        }
    }
    for (int j = from; j < to; j++) {
        double length = 0, inverse = 0;
        if (skip && skip[j]) continue;
        for (int i = from; i <= j; i++) {
            const double v = r[(ptrdiff_t)i * order + j].hi;
            length += skip && skip[i] ? 0 : v * v;
        }
        for (int c = j; c < to; c++) inverse += root[(ptrdiff_t)j * order + c].hi * root[(ptrdiff_t)j * order + c].hi;
        trace += length * inverse;
    }
    return isfinite(trace) ? trace : INFINITY;
}

int syi_linear_floors(const syi_model *m, const syi_triangle *t, double *floor_)
{
    const int p = m->p, base = m->count[0];
    double worst = 0;
    int all = 1;
    for (int j = 0; j < p; j++) {
        const double spread = length2(t, j, j < base ? 0 : base).hi, whole = length2(t, j, 0).hi;
        const double raw = m->power ? ldexp(m->power[j], -2 * t->exponent[j]) : whole;
        const double turned = base && j > 0 ? spread + t->about[j] * t->about[j] : raw;
        const double noise = 2 * fmax(m->noise[j] * m->noise[j] * raw, t->unit * t->unit * turned);
        floor_[j] = spread > noise ? spread : 0;
        if (spread > noise && noise / spread > worst) worst = noise / spread;
    }
    for (int j = 0; j < p; j++) {
        const double left = t->r[(ptrdiff_t)j * t->order + j].hi;
        const double whole = length2(t, j, 0).hi, least = worst * (p + 1) * floor_[j];
        /* a column without spread is aliased whatever the others are */
        const int constant = floor_[j] == 0;
        if (constant || !(left * left >= least)) all = 0;
        floor_[j] = constant ? 2 : whole > 0 ? least / whole : 2;
    }
    return all;
}

/* Turns R once more, passing over aliased columns; writes R and c back. */
static sy_status pass_over(sy_context *ctx, syi_triangle *t, const double *floor_, int *aliased)
{
    const int order = t->order, p = order - 1;
    const size_t n = (size_t)order, columns = (size_t)p;
    sy_status status = SY_OK;
    syi_dd *a = syi_alloc(n * columns, sizeof *a), *b = syi_alloc(n, sizeof *b), *x = syi_alloc(n, sizeof *x);
    syi_dd *r = syi_alloc(columns * columns, sizeof *r), *work = syi_alloc(2 * n, sizeof *work), rss;
    if (!a || !b || !x || !r || !work) {
        status = syi_fail(ctx, SY_ENOMEM, "linear: out of memory for %d columns", p);
        goto out;
    }
    double largest = 0;
    int e = 0, k = 0;
    for (int i = 0; i < order; i++) {
        b[i] = t->r[(ptrdiff_t)i * order + p];
        if (fabs(b[i].hi) > largest) largest = fabs(b[i].hi);
        for (int c = 0; c < p; c++) a[(ptrdiff_t)c * order + i] = t->r[(ptrdiff_t)i * order + c];
    }
    if (largest > 0) frexp(largest, &e);
    syi_qr_twofold(order, p, a, b, floor_, aliased, x, &rss, r, work);
    for (int j = 0; j < p; j++) {
        for (int c = 0; c < p; c++) t->r[(ptrdiff_t)j * order + c] = r[(ptrdiff_t)j * p + c];
        t->r[(ptrdiff_t)j * order + p] = aliased[j] ? syi_dd_of(0) : shifted(b[k++], e);
    }
    t->r[(ptrdiff_t)p * order + p] = syi_dd_sqrt(rss);
out:
    SYI_FREE(a);
    SYI_FREE(b);
    SYI_FREE(x);
    SYI_FREE(r);
    SYI_FREE(work);
    return status;
}

static void back_substitute(const syi_triangle *t, syi_solution *s)
{
    const int p = t->order - 1;
    for (int j = p - 1; j >= 0; j--) {
        const syi_dd *row = t->r + (ptrdiff_t)j * t->order;
        s->b[j] = syi_dd_of(0);
        if (s->aliased[j]) continue;
        syi_dd v = row[p];
        for (int k = j + 1; k < p; k++) v = syi_dd_sub(v, syi_dd_mul(row[k], s->b[k]));
        s->b[j] = syi_dd_div(v, row[j]);
    }
}

/* Sums of squares, in the data's units. In double-double a residual that the
 * roundings of the method can make up is none: an exact fit. */
static void add_squares(const syi_model *m, const syi_triangle *t, syi_solution *s)
{
    const int p = m->p, e = t->exponent[p];
    const syi_dd last = t->r[(ptrdiff_t)p * t->order + p];
    s->rss = syi_dd_mul(last, last);
    s->explained = syi_dd_of(0);
    for (int j = 0; j < p; j++) {
        const syi_dd c = t->r[(ptrdiff_t)j * t->order + p], square = syi_dd_mul(c, c);
        s->effect[j] = shifted(square, 2 * e);
        if (j >= m->count[0]) s->explained = syi_dd_add(s->explained, square);
    }
    s->tss = syi_dd_add(s->explained, s->rss);
    double power = m->power ? ldexp(m->power[p], -2 * e) : s->tss.hi;
    if (m->count[0]) power += t->about[p] * t->about[p];
    if (t->twofold && s->rss.hi <= t->unit * t->unit * power) s->rss = syi_dd_of(0);
    if (s->tss.hi <= t->unit * t->unit * power) s->tss = syi_dd_of(0);
    s->tss = shifted(s->tss, 2 * e);
    s->explained = shifted(s->explained, 2 * e);
    s->rss = shifted(s->rss, 2 * e);
}

static void to_units(const syi_triangle *t, syi_solution *s)
{
    const int p = t->order - 1, order = t->order;
    for (int j = 0; j < p; j++) {
        s->b[j] = shifted(s->b[j], t->exponent[p] - t->exponent[j]);
        for (int c = 0; c < p; c++) s->root[(ptrdiff_t)j * p + c] = s->root[(ptrdiff_t)j * order + c];
        for (int c = 0; c < p; c++)
            s->root[(ptrdiff_t)j * p + c] = shifted(s->root[(ptrdiff_t)j * p + c], -t->exponent[j]);
    }
}

sy_status syi_linear_solve(sy_context *ctx, const syi_model *m, syi_triangle *t, syi_solution *s)
{
    const size_t p = (size_t)m->p, order = (size_t)t->order;
    sy_status status = SY_OK;
    double *floor_ = syi_alloc(p, sizeof *floor_);
    *s = (syi_solution){.base = m->count[0] + m->n_groups};
    s->aliased = syi_alloc(p, sizeof *s->aliased);
    s->b = syi_alloc(p, sizeof *s->b);
    s->effect = syi_alloc(p, sizeof *s->effect);
    s->root = syi_alloc(order * order, sizeof *s->root);
    if (!floor_ || !s->aliased || !s->b || !s->effect || !s->root) {
        status = syi_fail(ctx, SY_ENOMEM, "linear: out of memory for %d columns", m->p);
        goto out;
    }
    if (!syi_linear_floors(m, t, floor_) && (status = pass_over(ctx, t, floor_, s->aliased)) < 0) goto out;
    for (int j = 0; j < m->p; j++) s->used += !s->aliased[j];
    s->rank = s->used + m->n_groups;
    add_squares(m, t, s);
    back_substitute(t, s);
    s->condition = sqrt(s->used * syi_triangle_trace(t->order, t->r, 0, m->p, s->aliased, s->root));
    to_units(t, s);
out:
    SYI_FREE(floor_);
    if (status < 0) syi_solution_free(s);
    return status;
}

void syi_solution_free(syi_solution *s)
{
    SYI_FREE(s->aliased);
    SYI_FREE(s->b);
    SYI_FREE(s->effect);
    SYI_FREE(s->root);
}
