/* Columns of a mediation that add nothing to those before them.
 *
 * A Cholesky factor of the weighted crossproducts, in double-double: intercept,
 * confounders, treatment, mediators, products. Such a column is left out of the
 * model with a remark; the treatment and a mediator must not be one: nobody could be
 * compared, nothing could go through it. Cost: n p^2 / 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/selection/mediation_job_internal.h"

static const double alias_floor = 1e-10; /* of a column's square, what is left beside those before it */

static void name_column(const syi_mediation_job *j, const syi_mediation_sheet *s, int c, char *text, size_t size)
{
    char a[SY_NAME_LENGTH], b[SY_NAME_LENGTH];
    const syi_model *m = &j->model;
    if (c == 1 || (c >= 2 && c < s->at_tm)) {
        const int at = c == 1 ? 1 : c >= s->at_m ? m->first[2] + c - s->at_m : m->first[2] + s->q + c - 2;
        syi_model_label(m, at, text, size);
        return;
    }
    const int first = c >= s->at_mm ? s->at_m + s->first[c - s->at_mm] : 1;
    const int second = c >= s->at_mm ? s->at_m + s->second[c - s->at_mm] : s->at_m + c - s->at_tm;
    name_column(j, s, first, a, sizeof a);
    name_column(j, s, second, b, sizeof b);
    syi_say(text, size, "%s:%s", a, b);
}

static sy_status tell_aliased(sy_context *ctx, const syi_mediation_job *j, const syi_mediation_sheet *s, int c)
{
    char name[2 * SY_NAME_LENGTH + 2];
    name_column(j, s, c, name, sizeof name);
    if (c == 1)
        return syi_fail(ctx, SY_EDATA, "treatment: %s follows from the confounders; nobody could be compared", name);
    if (c >= s->at_m && c < s->at_tm)
        return syi_fail(ctx, SY_EDATA,
                        "mediators: %s follows from the treatment, the confounders and the mediators before it", name);
    return syi_remark(ctx, SY_NOTE_ALIASED, name, 1, "%s adds nothing beside the columns before it and is left out",
                      name);
}

/* Order in which columns are tried: place k of it. */
static int tried(const syi_mediation_sheet *s, int k)
{
    if (k == 0 || k >= s->at_m) return k;
    return k <= s->n_c ? k + 1 : 1;
}

static double cross(const syi_mediation_sheet *s, int a, int b)
{
    const double *x = syi_mediation_column(s, a), *y = syi_mediation_column(s, b);
    double sum = 0;
    for (ptrdiff_t i = 0; i < s->n; i++) sum += s->weight[i] * x[i] * y[i];
    return sum;
}

sy_status syi_mediation_aliased(sy_context *ctx, const syi_mediation_job *j, syi_mediation_sheet *s)
{
    const size_t p = (size_t)s->p;
    syi_dd *a = syi_alloc(p * p, sizeof *a);
    double *floor_ = syi_alloc(p, sizeof *floor_);
    int *aliased = syi_alloc(p, sizeof *aliased);
    sy_status status =
        a && floor_ && aliased ? SY_OK : syi_fail(ctx, SY_ENOMEM, "mediation: no room for %d columns", s->p);
    for (int r = 0; r < s->p && !status; r++) {
        floor_[r] = alias_floor;
        for (int c = 0; c <= r; c++)
            a[(size_t)r * p + (size_t)c] = a[(size_t)c * p + (size_t)r] = syi_dd_of(cross(s, tried(s, r), tried(s, c)));
        status = syi_serial_stopped(ctx);
    }
    if (!status) {
        syi_cholesky(s->p, a, floor_, aliased);
        for (int k = 0; k < s->p && status >= 0; k++) {
            s->in[tried(s, k)] = !aliased[k];
            if (aliased[k]) status = tell_aliased(ctx, j, s, tried(s, k));
        }
    }
    SYI_FREE(a);
    SYI_FREE(floor_);
    SYI_FREE(aliased);
    return status;
}
