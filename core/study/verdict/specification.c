/* All combinations of choices, asked one by one.
 *
 * The answers are sorted [Simonsohn, Simmons & Nelson 2020,
 * doi:10.1038/s41562-020-0912-z]; what each choice makes of their variance is the
 * Shapley share of R2 of the differences on the choices as factors. All
 * combinations are there, so factors are orthogonal, a share is also the
 * choice's sum of squares over the total [as in vibration of effects, Patel,
 * Burford & Ioannidis 2015, doi:10.1016/j.jclinepi.2015.05.029], and what is left
 * is the interplay of choices. Combinations are not a sample of anything: no
 * limits are given for the curve as a whole.
 * Cost: a jackknife a combination.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/verdict/specification_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const curve_numbers[] = {"n",         "total",    "funding_share", "process_share", "difference",
                                            "std_error", "conf_low", "conf_high",     "p_value"};
enum { N_NUMBERS = 9, DIFFERENCE = 4, LOW = 6, HIGH = 7 };

static const char *const fixed_names[] = {"outcome", "blocks", "source", "funding", "weights", "missing"};
static const char *const form_names[] = {"level", "log", "rank"};

static sy_status check(sy_context *ctx, const sy_specification_question *q, const sy_weigh_options *o)
{
    static const char *const missing[] = {"outcomes", "blocks", "funding", "weights", "missing"};
    const int counts[] = {q->n_outcomes, q->n_memberships, q->n_forms, q->n_weightings, q->n_missing};
    for (int k = 0; k < 5; k++)
        if (counts[k] < 1) return syi_fail(ctx, SY_EINVAL, "choices: %s has no option; name at least one", missing[k]);
    if (q->n_row_choices > SY_MOST_ROW_CHOICES)
        return syi_fail(ctx, SY_EINVAL, "choices: %d choices of rows; at most %d are taken", q->n_row_choices,
                        SY_MOST_ROW_CHOICES);
    for (int r = 0; r < q->n_row_choices; r++)
        if (q->row_choices[r].n_options < 1)
            return syi_fail(ctx, SY_EINVAL, "choices: %s has no option; name at least one", q->row_choices[r].name);
    if (!(o->level > 0 && o->level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", o->level);
    return SY_OK;
}

static void count_options(syi_curve *c)
{
    const sy_specification_question *q = c->question;
    const int fixed[SYI_FIXED_CHOICES] = {q->n_outcomes, q->n_memberships, q->n_sources > 0 ? q->n_sources : 1,
                                          q->n_forms,    q->n_weightings,  q->n_missing};
    c->n_choices = SYI_FIXED_CHOICES + q->n_row_choices;
    for (int k = 0; k < c->n_choices; k++)
        c->options[k] = k < SYI_FIXED_CHOICES ? fixed[k] : q->row_choices[k - SYI_FIXED_CHOICES].n_options;
}

const char *syi_curve_choice(const syi_curve *c, int choice)
{
    return choice < SYI_FIXED_CHOICES ? fixed_names[choice] : c->question->row_choices[choice - SYI_FIXED_CHOICES].name;
}

const char *syi_curve_option(const syi_curve *c, int choice, int option)
{
    const sy_specification_question *q = c->question;
    switch (choice) {
    case 0: return c->design->terms[q->outcomes[option]].label;
    case 1: return q->memberships[option].name;
    case 2:
        return q->n_sources > 0 ? q->sources[option].name : q->memberships[0].blocks[q->memberships[0].process].name;
    case 3: return form_names[q->forms[option]];
    case 4: return q->weightings[option].name;
    case 5: return q->per_outcome[option] ? "per-outcome" : "complete";
    default: return q->row_choices[choice - SYI_FIXED_CHOICES].options[option];
    }
}

static int add_once(int *list, int count, int n, const int *terms)
{
    for (int t = 0; t < n; t++) {
        int there = 0;
        for (int k = 0; k < count; k++) there = there || list[k] == terms[t];
        if (!there) list[count++] = terms[t];
    }
    return count;
}

/* Every term of every specification. */
static sy_status gather(sy_context *ctx, syi_curve *c)
{
    const sy_specification_question *q = c->question;
    c->also = syi_alloc((size_t)c->design->n_terms + 1, sizeof *c->also);
    if (!c->also) return syi_fail(ctx, SY_ENOMEM, "data: no room for %d terms", c->design->n_terms);
    c->n_also = add_once(c->also, 0, q->n_outcomes, q->outcomes);
    c->n_also = add_once(c->also, c->n_also, q->n_adjust, q->adjust);
    for (int m = 0; m < q->n_memberships; m++)
        for (int b = 0; b < q->memberships[m].n_blocks; b++)
            c->n_also =
                add_once(c->also, c->n_also, q->memberships[m].blocks[b].n_terms, q->memberships[m].blocks[b].terms);
    for (int s = 0; s < q->n_sources; s++)
        c->n_also = add_once(c->also, c->n_also, q->sources[s].n_terms, q->sources[s].terms);
    return SY_OK;
}

/* The blocks of a membership with the source's terms in the place of process;
 * *process where it stands. */
static sy_status place_source(sy_context *ctx, const syi_curve *c, const sy_membership *m, int source, sy_block *blocks,
                              int *process)
{
    memcpy(blocks, m->blocks, (size_t)m->n_blocks * sizeof *blocks);
    *process = m->process;
    if (c->question->n_sources == 0) return SY_OK;
    const sy_process_source *s = &c->question->sources[source];
    if (s->block < 0) {
        blocks[m->process].n_terms = s->n_terms;
        blocks[m->process].terms = s->terms;
        return SY_OK;
    }
    const char *name = c->question->memberships[0].blocks[s->block].name;
    for (int b = 0; b < m->n_blocks; b++)
        if (strcmp(m->blocks[b].name, name) == 0) {
            *process = b;
            return SY_OK;
        }
    return syi_fail(ctx, SY_EINVAL, "choices: blocks %s have no block %s, which source %s stands for", m->name, name,
                    s->name);
}

static void keep_rows(const syi_curve *c, const int *at, unsigned char *keep)
{
    memset(keep, 1, (size_t)c->design->n);
    for (int r = 0; r < c->question->n_row_choices; r++) {
        const unsigned char *of = c->question->row_choices[r].keep[at[SYI_FIXED_CHOICES + r]];
        for (ptrdiff_t i = 0; of && i < c->design->n; i++) keep[i] = keep[i] && of[i];
    }
}

static void put_row(const syi_curve *c, int row, const int *at, const syi_answer *a, const int pair[2])
{
    const sy_comparison *d = &a->difference;
    const double v[N_NUMBERS] = {a->n,
                                 a->total,
                                 syi_answer_value(a, pair[0], SY_SHARE),
                                 syi_answer_value(a, pair[1], SY_SHARE),
                                 d->estimate,
                                 d->std_error,
                                 d->low,
                                 d->high,
                                 d->p_value};
    for (int k = 0; k < c->n_choices; k++) syi_tidy_put(c->table, row, k, syi_curve_option(c, k, at[k]));
    syi_tidy_put(c->table, row, c->n_choices, d->low > 0 ? "supported" : d->high < 0 ? "contradicted" : "undecided");
    for (int k = 0; k < N_NUMBERS; k++) syi_tidy_set(c->table, row, k, v[k]);
}

static sy_status ask(sy_context *ctx, const syi_curve *c, int row, const int *at, unsigned char *keep)
{
    const sy_specification_question *q = c->question;
    const sy_membership *m = &q->memberships[at[1]];
    const sy_weighting *weighting = &q->weightings[at[4]];
    sy_design design = *c->design;
    sy_block *blocks = syi_alloc((size_t)m->n_blocks + 1, sizeof *blocks);
    syi_cell cell = {0};
    if (!blocks) return syi_fail(ctx, SY_ENOMEM, "choices: no room for %d blocks", m->n_blocks);
    design.weights = weighting->column;
    design.weight_kind = weighting->column ? weighting->kind : SY_WEIGHT_NONE;
    syi_cell_asked asked = {.whole = &design,
                            .outcome = q->outcomes[at[0]],
                            .n_blocks = m->n_blocks,
                            .blocks = blocks,
                            .funding = m->funding,
                            .n_adjust = q->n_adjust,
                            .adjust = q->adjust,
                            .form = (syi_form)q->forms[at[3]],
                            .keep = q->n_row_choices ? keep : NULL,
                            .n_also = q->per_outcome[at[5]] ? 0 : c->n_also,
                            .also = c->also};
    const syi_cell_options how = {c->options_of->level, c->options_of->interval, 0,
                                  c->options_of->interval != SY_INTERVAL_NONE, c->options_of->seed};
    if (q->n_row_choices) keep_rows(c, at, keep);
    sy_status status = place_source(ctx, c, m, at[2], blocks, &asked.process);
    if (!status) status = syi_cell_open(ctx, &asked, 0, &cell);
    if (!status) status = syi_cell_ask(ctx, &cell, &how);
    if (!status) put_row(c, row, at, &cell.answer, (int[]){asked.funding, asked.process});
    syi_cell_free(&cell);
    SYI_FREE(blocks);
    return status;
}

/* Which specification it is, before its message. */
static sy_status name_fault(sy_context *ctx, const syi_curve *c, const int *at, sy_status status)
{
    char why[SY_MESSAGE_LENGTH], which[SY_MESSAGE_LENGTH] = "";
    if (status != SY_EDATA && status != SY_ERANK && status != SY_EINVAL) return status;
    syi_say(why, sizeof why, "%s", ctx->message);
    for (int k = 0; k < c->n_choices; k++) {
        const size_t used = strlen(which);
        if (c->options[k] > 1 || k == 0)
            syi_say(which + used, sizeof which - used, "%s%s %s", used ? ", " : "", syi_curve_choice(c, k),
                    syi_curve_option(c, k, at[k]));
    }
    return syi_fail(ctx, status, "choices: with %s: %s", which, why);
}

static sy_status ask_all(sy_context *ctx, syi_curve *c)
{
    unsigned char *keep = syi_alloc((size_t)c->design->n + 1, 1);
    sy_status status = keep ? SY_OK : syi_fail(ctx, SY_ENOMEM, "data: no room for %td rows", c->design->n);
    for (int row = 0; row < c->n && !status; row++) {
        int at[SYI_MOST_CHOICES], rest = row;
        for (int k = c->n_choices - 1; k >= 0; k--) {
            at[k] = rest % c->options[k];
            rest /= c->options[k];
        }
        sy_context aside = syi_aside(ctx);
        status = ask(&aside, c, row, at, keep);
        status = syi_join(ctx, &aside, status, "", SY_NOTE_NOT_CONVERGED);
        if (status < 0) status = name_fault(ctx, c, at, status);
        for (int k = 0; k < c->n_choices && !status; k++) c->code[k][row] = at[k];
        if (!status) status = syi_told(ctx, row + 1, c->n);
    }
    SYI_FREE(keep);
    return status;
}

typedef struct {
    double difference;
    int row;
} placed;

static int by_difference(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    return x->difference != y->difference ? (x->difference > y->difference) - (x->difference < y->difference)
                                          : (x->row > y->row) - (x->row < y->row);
}

static sy_status sort(sy_context *ctx, const syi_curve *c)
{
    sy_tidy *t = c->table;
    const size_t texts = (size_t)t->n_texts * SY_TIDY_TEXT, numbers = (size_t)t->n_numbers, n = (size_t)c->n;
    placed *order = syi_alloc(n, sizeof *order);
    char *text = syi_alloc(n * texts + 1, 1);
    double *number = syi_alloc(n * numbers + 1, sizeof *number);
    if (!order || !text || !number) {
        SYI_FREE(order);
        SYI_FREE(text);
        SYI_FREE(number);
        return syi_fail(ctx, SY_ENOMEM, "choices: no room to sort %d specifications", c->n);
    }
    for (int r = 0; r < c->n; r++) order[r] = (placed){sy_tidy_number(t, r, DIFFERENCE), r};
    qsort(order, n, sizeof *order, by_difference);
    for (size_t r = 0; r < n; r++) {
        memcpy(text + r * texts, t->texts + (size_t)order[r].row * texts, texts);
        memcpy(number + r * numbers, t->numbers + (size_t)order[r].row * numbers, numbers * sizeof *number);
    }
    SYI_FREE(order);
    SYI_FREE(t->texts);
    SYI_FREE(t->numbers);
    t->texts = text;
    t->numbers = number;
    return SY_OK;
}

static sy_status open_curve(sy_context *ctx, syi_curve *c)
{
    double all = 1;
    count_options(c);
    for (int k = 0; k < c->n_choices; k++) all *= c->options[k];
    if (all > SY_MOST_SPECIFICATIONS)
        return syi_fail(ctx, SY_ELIMIT, "choices: %.0f combinations; at most %d are asked", all,
                        SY_MOST_SPECIFICATIONS);
    c->n = (int)all;
    for (int k = 0; k < c->n_choices; k++) {
        c->out->text_names[k] = syi_curve_choice(c, k);
        c->code[k] = syi_alloc((size_t)c->n, sizeof *c->code[k]);
        if (!c->code[k]) return syi_fail(ctx, SY_ENOMEM, "choices: no room for %d specifications", c->n);
    }
    c->out->text_names[c->n_choices] = "answer";
    const syi_tidy_form form = {"specifications", c->n_choices + 1, N_NUMBERS, c->out->text_names, curve_numbers};
    c->table = &c->out->tables[SY_CURVE_SPECIFICATIONS];
    return syi_tidy_new(ctx, &form, c->n, c->table);
}

sy_status sy_specifications(sy_context *ctx, const sy_design *design, const sy_specification_question *question,
                            const sy_weigh_options *options, sy_specification_curve *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_curve c = {.design = design, .question = question, .options_of = options, .out = out};
    *out = (sy_specification_curve){0};
    sy_status status = check(ctx, question, options);
    if (!status) status = open_curve(ctx, &c);
    if (!status) status = gather(ctx, &c);
    if (!status) status = ask_all(ctx, &c);
    if (!status) status = syi_curve_choices(ctx, &c);
    if (!status) status = sort(ctx, &c);
    if (!status) status = syi_curve_summary(ctx, &c);
    if (!status) status = syi_curve_print(ctx, &c);
    for (int k = 0; k < SYI_MOST_CHOICES; k++) SYI_FREE(c.code[k]);
    SYI_FREE(c.also);
    if (status) sy_specification_curve_free(out);
    return status ? status : syi_status_of_remarks(ctx, first);
}

void sy_specification_curve_free(sy_specification_curve *curve)
{
    for (int t = 0; t < SY_CURVE_TABLES; t++) sy_tidy_free(&curve->tables[t]);
    SYI_FREE(curve->text);
    SYI_FREE(curve->pieces);
}
