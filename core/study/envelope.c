/* What a block adds to each set of the others, with the error of each.
 *
 * The highest increment over all orders of entry is at most c when every
 * increment is (intersection-union [Berger 1982]): each of the 2^(B - 1)
 * differences v(S + b) - v(S) is what block b explains once the blocks in S are
 * forced in first, with its standard error by leaving out one unit at a time;
 * the largest of their upper limits bounds the highest. A maximum itself is
 * never resampled: it is not smooth [Fang & Santos 2019].
 * Conditions: clusters or rows to leave out; MOST_BLOCKS blocks at most. Every
 * set counts, whatever order the question asks for. Cost: 2^(B - 1) (units + 1)
 * factorisations of k columns.
 * Berger 1982, doi:10.1080/00401706.1982.10487790; Fang & Santos 2019,
 * doi:10.1093/restud/rdy049.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "steelyard/joint.h"
#include "steelyard/evidence.h"
#include <math.h>
#include <string.h>

enum { MOST_BLOCKS = 12 };

typedef struct {
    const sy_moments *m;
    const sy_question *question;
    int block;
    int *adjust;   /* terms forced in: the question's own, then those of S */
    double *cells; /* one table of sy_evidence_table */
    sy_evidence_table table;
    sy_question asked;
} envelope;

static sy_status check(sy_context *ctx, const sy_moments *m, const sy_question *q, int block)
{
    if (block < 0 || block >= q->n_blocks)
        return syi_fail(ctx, SY_EINVAL, "block: number %d, there are %d", block, q->n_blocks);
    if (q->n_blocks > MOST_BLOCKS)
        return syi_fail(ctx, SY_ELIMIT,
                        "blocks: the highest over all orders has 2^%d increments to test, the limit is 2^%d",
                        q->n_blocks - 1, MOST_BLOCKS - 1);
    if (m->unit == SY_UNIT_NONE)
        return syi_fail(ctx, SY_EINVAL, "interval: these moments have neither clusters nor rows to leave out");
    return SY_OK;
}

static sy_status make_room(sy_context *ctx, envelope *e)
{
    const size_t rows = (size_t)e->question->blocks[e->block].n_terms + 1, cells = rows * SY_N_METRICS;
    const size_t terms = (size_t)(e->question->n_adjust + sy_shares_terms(e->question));
    e->adjust = syi_alloc(terms + 1, sizeof *e->adjust);
    e->cells = syi_alloc(5 * cells + rows * cells, sizeof *e->cells);
    if (!e->adjust || !e->cells) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu terms", terms);
    e->table = (sy_evidence_table){e->cells,
                                   e->cells + cells,
                                   e->cells + 2 * cells,
                                   e->cells + 3 * cells,
                                   e->cells + 4 * cells,
                                   e->cells + 5 * cells,
                                   NULL,
                                   NULL};
    return SY_OK;
}

/* Block b alone, with the blocks of `set` (bits over the other blocks) forced in. */
static void pose(envelope *e, int set)
{
    const sy_question *q = e->question;
    int n = 0, bit = 0;
    for (int a = 0; a < q->n_adjust; a++) e->adjust[n++] = q->adjust[a];
    for (int b = 0; b < q->n_blocks; b++) {
        if (b == e->block || !(set >> bit++ & 1)) continue;
        for (int t = 0; t < q->blocks[b].n_terms; t++) e->adjust[n++] = q->blocks[b].terms[t];
    }
    e->asked = *q;
    e->asked.order = NULL;
    e->asked.free_orders = 1;
    e->asked.n_blocks = 1;
    e->asked.blocks = &q->blocks[e->block];
    e->asked.n_adjust = n;
    e->asked.adjust = e->adjust;
}

/* Remarks on each part were made for the whole question. */
static sy_status answer(sy_context *ctx, const envelope *e, const sy_evidence_options *options,
                        sy_evidence_summary *summary)
{
    sy_context quiet = *ctx;
    quiet.progress = NULL;
    quiet.remarks = NULL;
    quiet.n_remarks = quiet.remarks_room = 0;
    const sy_status status = sy_evidence_shares(&quiet, e->m, NULL, &e->asked, options, summary, &e->table);
    if (status < 0) memcpy(ctx->message, quiet.message, sizeof ctx->message);
    sy_context_free(&quiet);
    return status < 0 ? status : SY_OK;
}

sy_status sy_envelope(sy_context *ctx, const sy_moments *m, const sy_question *question, int block, double *estimate,
                      double *std_error_scaled, double *df)
{
    syi_enter(ctx);
    envelope e = {.m = m, .question = question, .block = block};
    sy_evidence_options options;
    sy_evidence_summary summary;
    sy_evidence_defaults(&options);
    options.interval = SY_INTERVAL_JACKKNIFE;
    options.shares.bounds = SY_BOUNDS_NO;
    sy_status status = check(ctx, m, question, block);
    if (!status) status = make_room(ctx, &e);
    const int sets = status ? 0 : 1 << (question->n_blocks - 1);
    for (int set = 0; set < sets && !status; set++) {
        pose(&e, set);
        status = answer(ctx, &e, &options, &summary);
        estimate[set] = e.table.estimate[SY_SHARE];
        std_error_scaled[set] = e.table.std_error_scaled[SY_SHARE];
        df[set] = summary.df;
        if (!status && ctx->progress) ctx->progress(ctx->progress_arg, (set + 1.0) / sets);
    }
    SYI_FREE(e.adjust);
    SYI_FREE(e.cells);
    return status;
}
