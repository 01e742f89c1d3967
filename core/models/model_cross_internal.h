/* Cross-products, over some of the rows, of a model's columns turned by the
 * factor that makes them orthonormal over all rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MODEL_CROSS_INTERNAL_H
#define SYI_MODEL_CROSS_INTERNAL_H
#include "base/memory_internal.h"
#include "models/linear/linear_internal.h"

/* What is summed: w z z' over rows, z = L^-1 (x - shift), where L L' = X'WX, in double-
 * double where the model is read so, 0 for aliased columns; behind z, if there
 * is one, the extra column. */
typedef struct {
    const syi_model *m;
    const syi_dd *factor; /* [p * p] L of the columns less their shift */
    const double *shift;  /* [p] a guess of their means, 0 without an intercept */
    const int *aliased;   /* [p] */
    const double *extra;  /* NULL, or [n] by row of the design */
    int simd;             /* syi_lanes_width */
} syi_cross;

/* p, or p + 1 with an extra column; the sums are a packed upper triangle by
 * rows of this order. */
static inline int syi_cross_order(const syi_cross *c)
{
    return c->m->p + (c->extra != NULL);
}

size_t syi_cross_room(const syi_cross *c); /* bytes of scratch */

/* Seconds that a pass over `rows` rows takes. */
double syi_cross_seconds(const syi_cross *c, double rows);

/* Rows row[0..count-1], or start, start + 1, ... when row is NULL; hi + lo are
 * set to the sums. Returns the rows that count (frequencies as so many). The
 * scratch is given back. */
double syi_cross_rows(const syi_cross *c, syi_arena *scratch, const ptrdiff_t *row, ptrdiff_t start, ptrdiff_t count,
                      double *hi, double *lo);

/* R'R = X'WX of the model's own rows by QR, and what follows from R. */
typedef struct {
    syi_triangle t;
    syi_solution s;
} syi_factored;

/* Free after failure too. Cost: 2 n p^2. */
sy_status syi_model_factor(sy_context *ctx, const syi_model *m, syi_factored *f);
void syi_factored_free(syi_factored *f);

/* L = R' in the units of the data, [p * p] lower; or that of the columns less
 * the triangle's shift. */
void syi_factored_lower(const syi_factored *f, int shifted, syi_dd *lower);
#endif
