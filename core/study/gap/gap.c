/* The gap between two groups: one call from rows to parts with their limits.
 *
 * Least squares (gap_linear.c, gap_parts.c) or cells (gap_cells.c) make the
 * parts; gap_interval.c asks either for the influence of a row, or for the parts
 * of a weighted set of units, and makes every kind of uncertainty of them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/gap/gap_internal.h"
#include <math.h>

void sy_gap_defaults(sy_gap_question *ask)
{
    *ask = (sy_gap_question){.first = -1,
                             .method = SY_GAP_OAXACA,
                             .reference = SY_REFERENCE_POOLED,
                             .weight = 0.5,
                             .interval = SY_INTERVAL_AUTO,
                             .level = 0.95,
                             .replicates = 2000,
                             .seed = 1};
}

static sy_status check(sy_context *ctx, const sy_gap_question *ask)
{
    const sy_interval_kind kind = ask->interval;
    const int drawn = kind == SY_INTERVAL_PERCENTILE || kind == SY_INTERVAL_EXPANDED || kind == SY_INTERVAL_BASIC;
    if (ask->group->type != SY_CODES)
        return syi_fail(ctx, SY_EINVAL, "group: %s is not a factor of two levels", ask->group->name);
    if (ask->reference == SY_REFERENCE_NUMBER && !(ask->weight >= 0 && ask->weight <= 1))
        return syi_fail(ctx, SY_EINVAL, "reference: %g is not between 0 and 1", ask->weight);
    if (!(ask->level > 0 && ask->level < 1))
        return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", ask->level);
    if (!drawn && kind != SY_INTERVAL_AUTO && kind != SY_INTERVAL_NONE && kind != SY_INTERVAL_JACKKNIFE &&
        kind != SY_INTERVAL_INFLUENCE)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: a gap has the kinds \"auto\", \"none\", \"jackknife\", \"influence\", "
                        "\"percentile\", \"expanded\" and \"basic\"");
    if (drawn && ask->replicates < 100)
        return syi_fail(ctx, SY_EINVAL, "replicates: %d, at least 100 are needed", ask->replicates);
    return SY_OK;
}

static void describe(const syi_gap_rows *rows, sy_gap_result *r)
{
    for (int g = 0; g < 2; g++) {
        r->level[g] = rows->level[g];
        r->group_rows[g] = (double)rows->group_n[g];
        r->group_n[g] = rows->people[g];
        r->r2[g] = NAN;
    }
    r->rows_read = rows->rows_read;
    r->rows_dropped = rows->rows_dropped;
    r->coverage_least = r->coverage_most = r->coverage_units = NAN;
}

void syi_gap_engine_free(syi_gap_engine *e)
{
    if (e->own) e->close(e);
}

sy_status sy_gap(sy_context *ctx, const sy_design *design, const sy_gap_question *ask, sy_gap_result *result)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_gap_rows rows = {0};
    syi_gap_model model = {0};
    syi_gap_engine engine = {0};
    *result = (sy_gap_result){0};
    sy_status status = check(ctx, ask);
    if (!status) status = syi_gap_rows_init(ctx, design, ask, &rows);
    if (!status) status = syi_gap_model_init(ctx, design, ask, &rows, &model);
    if (!status) status = syi_gap_lines(ctx, &model, result);
    if (status) goto out;
    describe(&rows, result);
    status = ask->method == SY_GAP_KITAGAWA ? syi_gap_cells_init(ctx, &rows, &model, result, &engine)
                                            : syi_gap_linear_init(ctx, &rows, &model, result, &engine);
    if (!status) status = syi_gap_interval(ctx, design, &engine, result);
out:
    syi_gap_engine_free(&engine);
    syi_gap_model_free(&model);
    syi_gap_rows_free(&rows);
    if (status < 0) sy_gap_free(result);
    return status ? status : syi_status_of_remarks(ctx, first);
}

void sy_gap_free(sy_gap_result *r)
{
    SYI_FREE(r->rows);
    SYI_FREE(r->estimate);
    SYI_FREE(r->std_error);
    SYI_FREE(r->statistic);
    SYI_FREE(r->p_value);
    SYI_FREE(r->low);
    SYI_FREE(r->high);
    SYI_FREE(r->covariance);
    SYI_FREE(r->replicates);
}
