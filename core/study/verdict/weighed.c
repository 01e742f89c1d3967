/* The question of sy_weigh checked, and what each source of the process measure
 * makes of its blocks.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>
#include <string.h>

void sy_weigh_defaults(sy_weigh_options *options)
{
    *options = (sy_weigh_options){.level = 0.95,
                                  .interval = SY_INTERVAL_AUTO,
                                  .replicates = 2000,
                                  .seed = 1,
                                  .at_most = 0.07,
                                  .unit = 1000,
                                  .left_out = 3,
                                  .flips = 1};
}

static sy_status check_options(sy_context *ctx, const sy_weigh_options *o)
{
    if (!(o->level > 0 && o->level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", o->level);
    if (o->interval != SY_INTERVAL_AUTO && o->interval != SY_INTERVAL_JACKKNIFE &&
        o->interval != SY_INTERVAL_INFLUENCE && o->interval != SY_INTERVAL_NONE)
        return syi_fail(ctx, SY_EINVAL, "interval: weigh() takes \"auto\", \"jackknife\", \"influence\" or \"none\"");
    if (o->replicates < 100) return syi_fail(ctx, SY_EINVAL, "replicates: %d, at least 100 are needed", o->replicates);
    if (!(o->at_most >= 0 && o->at_most <= 1))
        return syi_fail(ctx, SY_EINVAL, "at_most: %g; a part of the variance lies between 0 and 1", o->at_most);
    if (!(o->unit > 0 && o->unit < HUGE_VAL))
        return syi_fail(ctx, SY_EINVAL, "unit_pounds: %g; a sum above 0 is needed", o->unit);
    return SY_OK;
}

static sy_status check_question(sy_context *ctx, const sy_weigh_question *q)
{
    if (q->n_outcomes < 1) return syi_fail(ctx, SY_EINVAL, "outcomes: name at least one outcome");
    if (q->funding == q->process)
        return syi_fail(ctx, SY_EINVAL, "process: block %s stands for funding already; the two must differ",
                        q->blocks[q->process].name);
    for (int n = 0; n < q->n_need; n++)
        if (q->need[n] == q->funding || q->need[n] == q->process)
            return syi_fail(ctx, SY_EINVAL, "need: block %s stands for %s; need is another block",
                            q->blocks[q->need[n]].name, q->need[n] == q->funding ? "funding" : "process");
    return SY_OK;
}

static int holds(const sy_block *block, int term)
{
    for (int t = 0; t < block->n_terms; t++)
        if (block->terms[t] == term) return 1;
    return 0;
}

static sy_status check_source(sy_context *ctx, const sy_weigh_question *q, const sy_design *design,
                              const sy_process_source *s)
{
    if (s->block == q->funding)
        return syi_fail(ctx, SY_EINVAL, "process_sources: %s is block %s, which stands for funding", s->name,
                        q->blocks[s->block].name);
    if (s->block >= 0) return SY_OK;
    if (s->n_terms < 1) return syi_fail(ctx, SY_EINVAL, "process_sources: %s holds no term", s->name);
    for (int t = 0; t < s->n_terms; t++)
        for (int b = 0; b < q->n_blocks; b++)
            if (b != q->process && holds(&q->blocks[b], s->terms[t]))
                return syi_fail(ctx, SY_EINVAL,
                                "process_sources: %s of %s stands in block %s; give the block's name to let it stand "
                                "for process",
                                design->terms[s->terms[t]].label, s->name, q->blocks[b].name);
    return SY_OK;
}

static sy_status set_sources(sy_context *ctx, syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    const size_t blocks = (size_t)q->n_blocks, n = (size_t)w->n_sources;
    w->sources = syi_alloc(n, sizeof *w->sources);
    w->blocks = syi_alloc(n * blocks, sizeof *w->blocks);
    w->process = syi_alloc(n, sizeof *w->process);
    if (!w->sources || !w->blocks || !w->process)
        return syi_fail(ctx, SY_ENOMEM, "process_sources: no room for %zu of them", n);
    const sy_process_source own = {q->blocks[q->process].name, q->process, 0, NULL, q->one_source};
    for (int s = 0; s < w->n_sources; s++) {
        w->sources[s] = q->n_sources ? q->sources[s] : own;
        const sy_status status = check_source(ctx, q, w->design, &w->sources[s]);
        if (status) return status;
        sy_block *to = w->blocks + (size_t)s * blocks;
        memcpy(to, q->blocks, blocks * sizeof *to);
        w->process[s] = w->sources[s].block >= 0 ? w->sources[s].block : q->process;
        if (w->sources[s].block < 0) {
            to[q->process].n_terms = w->sources[s].n_terms;
            to[q->process].terms = w->sources[s].terms;
        }
    }
    return SY_OK;
}

static void add_term(syi_weighed *w, int term)
{
    for (int t = 0; t < w->n_also; t++)
        if (w->also[t] == term) return;
    w->also[w->n_also++] = term;
}

/* Rows complete over everything that any cell asks. */
static sy_status set_also(sy_context *ctx, syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    if (q->per_outcome) return SY_OK;
    w->also = syi_alloc((size_t)w->design->n_terms + 1, sizeof *w->also);
    if (!w->also) return syi_fail(ctx, SY_ENOMEM, "data: no room for %d terms", w->design->n_terms);
    for (int o = 0; o < q->n_outcomes; o++) add_term(w, q->outcomes[o]);
    for (int b = 0; b < w->n_sources * q->n_blocks; b++)
        for (int t = 0; t < w->blocks[b].n_terms; t++) add_term(w, w->blocks[b].terms[t]);
    return SY_OK;
}

sy_status syi_weighed_init(sy_context *ctx, const sy_design *design, const sy_weigh_question *question,
                           const sy_weigh_options *options, sy_weighing *out, syi_weighed *w)
{
    *w = (syi_weighed){.design = design, .question = question, .options = options, .out = out};
    w->n_sources = question->n_sources > 0 ? question->n_sources : 1;
    sy_status status = check_options(ctx, options);
    if (!status) status = check_question(ctx, question);
    if (!status) status = set_sources(ctx, w);
    return status ? status : set_also(ctx, w);
}

void syi_weighed_free(syi_weighed *w)
{
    syi_judged_free(&w->judged);
    SYI_FREE(w->sources);
    SYI_FREE(w->blocks);
    SYI_FREE(w->process);
    SYI_FREE(w->also);
}

sy_outcome_type syi_weighed_type(const syi_weighed *w, int outcome)
{
    return w->question->types ? w->question->types[outcome] : SY_OUTCOME_NUMBER;
}

static int count_numbers(const syi_weighed *w)
{
    int numbers = 0;
    for (int o = 0; o < w->question->n_outcomes; o++) numbers += syi_weighed_type(w, o) == SY_OUTCOME_NUMBER;
    return numbers;
}

int syi_weighed_bounded(const syi_weighed *w, int outcome)
{
    return syi_weighed_type(w, outcome) == SY_OUTCOME_NUMBER || count_numbers(w) == 0;
}

const char *syi_weighed_of_what(const syi_weighed *w)
{
    const int numbers = count_numbers(w);
    if (numbers == 0) return "of McFadden's R2 in every outcome";
    return numbers < w->question->n_outcomes ? "of the variance in every outcome that is a number"
                                             : "of the variance in every outcome";
}

const char *syi_weighed_outcome(const syi_weighed *w, int outcome)
{
    return w->design->terms[w->question->outcomes[outcome]].label;
}

void syi_weighed_asked(const syi_weighed *w, const sy_design *design, int source, int outcome,
                       const unsigned char *keep, syi_cell_asked *asked)
{
    const sy_weigh_question *q = w->question;
    *asked = (syi_cell_asked){.whole = design,
                              .type = syi_weighed_type(w, outcome),
                              .outcome = q->outcomes[outcome],
                              .n_blocks = q->n_blocks,
                              .blocks = w->blocks + (size_t)source * (size_t)q->n_blocks,
                              .funding = q->funding,
                              .process = w->process[source],
                              .n_adjust = q->n_adjust,
                              .adjust = q->adjust,
                              .absorb = q->absorb,
                              .keep = keep,
                              .n_also = w->n_also,
                              .also = w->also};
}

syi_cell_options syi_weighed_options(const syi_weighed *w)
{
    return (syi_cell_options){.level = w->options->level,
                              .interval = w->options->interval,
                              .limits = w->options->interval != SY_INTERVAL_NONE,
                              .seed = w->options->seed};
}

double syi_weighed_alpha(const syi_weighed *w)
{
    return (1 - w->options->level) * (1 + 1e-12);
}

const char *syi_answer_word(sy_answer answer)
{
    return answer == SY_SUPPORTED ? "supported" : answer == SY_CONTRADICTED ? "contradicted" : "undecided";
}

sy_context syi_aside(const sy_context *ctx)
{
    sy_context aside = *ctx;
    aside.remarks = NULL;
    aside.progress = NULL;
    aside.n_remarks = aside.remarks_room = 0;
    return aside;
}

sy_status syi_join(sy_context *ctx, sy_context *aside, sy_status status, const char *of, sy_status least)
{
    char term[SY_NAME_LENGTH];
    memcpy(ctx->message, aside->message, sizeof ctx->message);
    for (int r = 0; r < aside->n_remarks && status >= 0; r++) {
        const sy_remark *remark = &aside->remarks[r];
        if (remark->code < least) continue;
        syi_say(term, sizeof term, "%s%s%s", of, *of && *remark->term ? ", " : "", remark->term);
        status = syi_remark(ctx, remark->code, term, remark->value, "%s", remark->text);
    }
    sy_context_free(aside);
    return status < 0 ? status : SY_OK;
}

sy_status syi_told(sy_context *ctx, int done, int all)
{
    if (syi_serial_stopped(ctx)) return SY_EINTR;
    if (ctx->progress && 100 * (int64_t)done / all != 100 * (int64_t)(done - 1) / all)
        ctx->progress(ctx->progress_arg, (double)done / all);
    return SY_OK;
}
