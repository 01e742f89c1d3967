/* Least squares on some columns of a reduced model, and which terms lie within
 * which.
 *
 * The squared entries of Q'y are the sums of squares that the columns add one
 * after the other; what is left below them is the residual sum of squares. No
 * two of them are ever subtracted. Cost: 2 p k^2 for k columns.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/qr_internal.h"
#include "models/linear/anova_internal.h"
#include <string.h>

size_t syi_project_room(const syi_reduced *r)
{
    const size_t side = (size_t)r->side;
    return side * side /* a */ + side /* b */ + side /* x */ + side * side /* r */ + 2 * side /* work */ + side;
}

void syi_project(const syi_reduced *r, int count, const int *column, syi_dd *scratch, syi_projected *out)
{
    const size_t side = (size_t)r->side;
    syi_dd *a = scratch, *b = a + side * side, *x = b + side, *turned = x + side, *work = turned + side * side;
    double *floor_ = (double *)(work + 2 * side);
    syi_dd rss = syi_dd_of(0);
    int largest = 0, at = 0;
    for (int k = 0; k < count; k++) {
        memcpy(a + (size_t)k * side, r->r + (size_t)column[k] * side, side * sizeof *a);
        floor_[k] = r->floor_[column[k]];
    }
    memcpy(b, r->r + (size_t)r->p * side, side * sizeof *b);
    double size = 0;
    for (size_t i = 0; i < side; i++) size = fmax(size, fabs(b[i].hi));
    if (size > 0) frexp(size, &largest); /* the power of two that the factorisation takes out of b */
    out->rank = syi_qr_twofold((ptrdiff_t)side, count, a, b, floor_, out->aliased, x, &rss, turned, work);
    const int e = r->exponent[r->p];
    for (int k = 0; k < count; k++) {
        out->effect[k] = 0;
        if (out->aliased[k]) continue;
        const syi_dd square = syi_dd_mul(b[at], b[at]);
        out->effect[k] = ldexp(syi_dd_round(square), 2 * (e + largest));
        at++;
    }
    out->rss = ldexp(syi_dd_round(rss), 2 * e);
}

static int holds(const sy_term *term, const sy_factor *f)
{
    for (int k = 0; k < term->n_factors; k++)
        if (term->factors[k].column == f->column && term->factors[k].power == f->power) return 1;
    return 0;
}

int syi_terms_within(const sy_term *small, const sy_term *large)
{
    int all = large->n_factors > small->n_factors;
    for (int k = 0; k < small->n_factors && all; k++) all = holds(large, &small->factors[k]);
    return all;
}

int syi_term_within(const syi_model *m, int a, int b)
{
    return syi_terms_within(&m->design->terms[m->model.terms[a]], &m->design->terms[m->model.terms[b]]);
}
