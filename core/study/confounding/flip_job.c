/* Checks and set-up that the flips share.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/confounding/flip_job_internal.h"
#include <math.h>

void sy_flip_defaults(sy_flip_options *options)
{
    *options = (sy_flip_options){.first = 0, .second = 1, .most = 0.999, .level = 0.95, .starts = 6};
}

sy_status syi_flip_check(sy_context *ctx, const sy_question *question, const sy_flip_options *options)
{
    sy_status status = syi_flip_check_block(ctx, question, "first", options->first);
    if (!status) status = syi_flip_check_block(ctx, question, "second", options->second);
    if (status) return status;
    if (options->first == options->second)
        return syi_fail(ctx, SY_EINVAL, "second: %s is the first block too; two different blocks are compared",
                        question->blocks[options->second].name);
    if (!(options->most > 0 && options->most < 1))
        return syi_fail(ctx, SY_EINVAL,
                        "most = %g: strengths lie between -1 and 1; they are searched up to a number between 0 and 1, "
                        "both excluded",
                        options->most);
    if (!(options->level >= 0 && options->level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: a number from 0 (no limit) to 1 (excluded) is needed",
                        options->level);
    if (options->starts < 1) return syi_fail(ctx, SY_EINVAL, "starts: %d; at least 1 is needed", options->starts);
    return SY_OK;
}

/* A block that the adjusting terms leave nothing of cannot be tied to anything. */
static sy_status check_blocks(sy_context *ctx, const syi_flip_job *job, const sy_flip_options *options)
{
    const sy_question *q = job->f.question;
    const int empty = job->field.rank_f == 0 ? options->second : job->field.rank_g == 0 ? options->first : -1;
    if (empty < 0) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "%s: %s does not vary%s", empty == options->first ? "first" : "second",
                    q->blocks[empty].name, q->n_adjust || q->absorb ? " once the adjusting terms are in" : "");
}

sy_status syi_flip_job_init(sy_context *ctx, const sy_moments *m, const sy_question *question,
                            const sy_flip_options *options, const double *weights, size_t evaluations,
                            syi_flip_job *job)
{
    *job = (syi_flip_job){0};
    sy_status status = syi_flip_check(ctx, question, options);
    if (status) return status;
    /* no question has more columns than its moments, the outcome's means and the outcome */
    const int rows = question->n_blocks + sy_shares_terms(question);
    const size_t room = syi_flip_search_room(m->n_columns + 2, rows * SY_N_METRICS + 1);
    status = syi_flip_matrix_init(ctx, m, question, evaluations, room, &job->f);
    if (status) return status;
    job->room = syi_alloc(syi_geometry_room(&job->f), sizeof *job->room);
    job->values = syi_alloc((size_t)job->f.n_values, sizeof *job->values);
    if (!job->room || !job->values) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", job->f.order);
    status = syi_flip_whole(ctx, &job->f, job->values);
    if (status) return status;
    syi_geometry_fill(&job->f, options->first, options->second, job->f.correlation, job->room, &job->g);
    status = syi_flip_field_init(ctx, &job->f, &job->g, options, weights, &job->field);
    return status ? status : check_blocks(ctx, job, options);
}

void syi_flip_job_free(syi_flip_job *job)
{
    syi_flip_field_free(&job->field);
    SYI_FREE(job->room);
    SYI_FREE(job->values);
    syi_flip_matrix_free(&job->f);
}

sy_status syi_flip_given(sy_context *ctx, const syi_flip_job *job, const double *weights, double *room,
                         syi_direction *d)
{
    if (syi_direction_set(&job->g, weights, room, d)) return SY_OK;
    return syi_fail(ctx, SY_EDATA,
                    "direction: the combinations of %s and %s that are asked for do not vary, are the same, or explain "
                    "the outcome fully",
                    job->f.question->blocks[job->field.options.second].name,
                    job->f.question->blocks[job->field.options.first].name);
}
