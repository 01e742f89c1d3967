/* What each choice makes of the curve, and the curve in one sentence.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/quantile_internal.h"
#include "study/verdict/specification_internal.h"
#include "study/verdict/telling_internal.h"
#include <math.h>
#include <string.h>

static const char *const choice_texts[] = {"choice", "medians"};
static const char *const choice_numbers[] = {"options", "share"};
static const syi_tidy_form choices_form = {"choices", 2, 2, choice_texts, choice_numbers};

static const char *const summary_texts[] = {"what"};
static const char *const summary_numbers[] = {"value"};
static const syi_tidy_form summary_form = {"summary", 1, 1, summary_texts, summary_numbers};

static double difference(const syi_curve *c, int row)
{
    return sy_tidy_number(c->table, row, sy_tidy_column(c->table, "difference"));
}

static sy_status no_room(sy_context *ctx, const syi_curve *c)
{
    return syi_fail(ctx, SY_ENOMEM, "choices: no room for %d specifications", c->n);
}

/* "level 0.1234, log 0.2345" */
static sy_status put_medians(sy_context *ctx, const syi_curve *c, int choice, sy_tidy *t, int row)
{
    char text[SY_TIDY_TEXT] = "";
    double *own = syi_alloc((size_t)c->n, sizeof *own);
    if (!own) return no_room(ctx, c);
    for (int o = 0; o < c->options[choice]; o++) {
        const size_t used = strlen(text);
        int count = 0;
        for (int r = 0; r < c->n; r++)
            if (c->code[choice][r] == o) own[count++] = difference(c, r);
        syi_say(text + used, sizeof text - used, "%s%s %.4f", used ? ", " : "", syi_curve_option(c, choice, o),
                syi_quantile(count, own, 0.5));
    }
    syi_tidy_put(t, row, 1, text);
    SYI_FREE(own);
    return SY_OK;
}

/* The differences on the choices as factors: a design of codes, the outcome first. */
typedef struct {
    sy_column column[SYI_MOST_CHOICES + 1];
    sy_factor factor[SYI_MOST_CHOICES + 1];
    sy_term term[SYI_MOST_CHOICES + 1];
    sy_block block[SYI_MOST_CHOICES];
    int place[SYI_MOST_CHOICES], choice[SYI_MOST_CHOICES], n; /* choices with two options or more */
    const char **levels;
    double *y;
    sy_moments m;
} factors;

static sy_status open_factors(sy_context *ctx, const syi_curve *c, factors *f)
{
    size_t all = 0;
    for (int k = 0; k < c->n_choices; k++) all += (size_t)c->options[k];
    f->levels = syi_alloc(all + 1, sizeof *f->levels);
    f->y = syi_alloc((size_t)c->n, sizeof *f->y);
    if (!f->levels || !f->y) return no_room(ctx, c);
    for (int r = 0; r < c->n; r++) f->y[r] = difference(c, r);
    f->column[0] = (sy_column){.name = "difference", .data = f->y, .stride = sizeof(double), .type = SY_F64};
    const char **next = f->levels;
    for (int k = 0; k < c->n_choices; k++) {
        if (c->options[k] < 2) continue;
        const int at = ++f->n;
        f->column[at] = (sy_column){.name = syi_curve_choice(c, k), .data = c->code[k], .stride = sizeof(int32_t)};
        f->column[at].type = SY_CODES;
        f->column[at].n_levels = c->options[k];
        f->column[at].levels = next;
        for (int o = 0; o < c->options[k]; o++) *next++ = syi_curve_option(c, k, o);
        f->place[at - 1] = at;
        f->choice[at - 1] = k;
        f->block[at - 1] = (sy_block){syi_curve_choice(c, k), 1, &f->place[at - 1]};
    }
    for (int t = 0; t <= f->n; t++) {
        f->factor[t] = (sy_factor){t, 1};
        f->term[t] = (sy_term){f->column[t].name, 1, &f->factor[t]};
    }
    return SY_OK;
}

/* table [2 n * SY_N_METRICS]: one block a choice. NaN where the differences are all equal. */
static sy_status explain(sy_context *ctx, const syi_curve *c, factors *f, double *total, double *table)
{
    const sy_design d = {.n = c->n, .n_columns = f->n + 1, .columns = f->column, .n_terms = f->n + 1, .terms = f->term};
    const sy_question q = {.outcome = 0, .n_blocks = f->n, .blocks = f->block};
    sy_context aside = syi_aside(ctx);
    sy_shares_options how;
    sy_shares_summary s;
    *total = NAN;
    for (int i = 0; i < 2 * f->n * SY_N_METRICS; i++) table[i] = NAN;
    sy_shares_defaults(&how);
    how.bounds = SY_BOUNDS_NO;
    sy_status status = sy_moments_init(&aside, &d, NULL, &f->m);
    if (status >= 0) status = sy_shares(&aside, &f->m, &q, &how, &s, table);
    if (status >= 0) *total = s.total;
    /* constant differences, or as many options as specifications: no parts */
    if (status == SY_EDATA || status == SY_ERANK) status = SY_OK;
    return syi_join(ctx, &aside, status, "", SY_NOTE_NOT_CONVERGED);
}

sy_status syi_curve_choices(sy_context *ctx, syi_curve *c)
{
    sy_tidy *t = &c->out->tables[SY_CURVE_CHOICES];
    factors f = {.n = 0};
    double total = NAN, *table = NULL;
    sy_status status = open_factors(ctx, c, &f);
    if (!status) status = syi_tidy_new(ctx, &choices_form, f.n + 1, t);
    if (status) goto out;
    table = syi_alloc((size_t)(2 * f.n + 1) * SY_N_METRICS, sizeof *table);
    if (!table) {
        status = no_room(ctx, c);
        goto out;
    }
    if (f.n > 0) status = explain(ctx, c, &f, &total, table);
    for (int k = 0; k < f.n && !status; k++) {
        syi_tidy_put(t, k, 0, f.block[k].name);
        syi_tidy_set(t, k, 0, c->options[f.choice[k]]);
        syi_tidy_set(t, k, 1, table[k * SY_N_METRICS + SY_SHARE]);
        status = put_medians(ctx, c, f.choice[k], t, k);
    }
    syi_tidy_put(t, f.n, 0, "together");
    syi_tidy_set(t, f.n, 0, c->n);
    syi_tidy_set(t, f.n, 1, f.n > 0 ? 1 - total : (double)NAN);
out:
    sy_moments_free(&f.m);
    SYI_FREE(f.levels);
    SYI_FREE(f.y);
    SYI_FREE(table);
    return status;
}

static void put(sy_tidy *t, int row, const char *what, double value)
{
    syi_tidy_put(t, row, 0, what);
    syi_tidy_set(t, row, 0, value);
}

sy_status syi_curve_summary(sy_context *ctx, syi_curve *c)
{
    sy_tidy *t = &c->out->tables[SY_CURVE_SUMMARY];
    const int low = sy_tidy_column(c->table, "conf_low"), high = sy_tidy_column(c->table, "conf_high");
    const sy_membership *m = &c->question->memberships[0];
    double positive = 0, above = 0, below = 0, *own = syi_alloc((size_t)c->n, sizeof *own);
    sy_status status = own ? syi_tidy_new(ctx, &summary_form, 7, t) : no_room(ctx, c);
    if (status) goto out;
    for (int r = 0; r < c->n; r++) {
        own[r] = difference(c, r);
        positive += own[r] > 0;
        above += sy_tidy_number(c->table, r, low) > 0;
        below += sy_tidy_number(c->table, r, high) < 0;
    }
    put(t, 0, "specifications", c->n);
    put(t, 1, "median difference", syi_quantile(c->n, own, 0.5));
    put(t, 2, "least difference", syi_quantile(c->n, own, 0));
    put(t, 3, "largest difference", syi_quantile(c->n, own, 1));
    put(t, 4, "part with process ahead", positive / c->n);
    put(t, 5, "part with limits above zero", above / c->n);
    put(t, 6, "part with limits below zero", below / c->n);
    syi_say(
        c->out->verdict, SY_SENTENCE,
        "%s explains more of the variance than %s in %.1f %% of %d specifications, with limits above zero in %.1f %% "
        "and below zero in %.1f %%; the median difference is %.4f (%.4f to %.4f).",
        m->blocks[m->process].name, m->blocks[m->funding].name, 100 * positive / c->n, c->n, 100 * above / c->n,
        100 * below / c->n, sy_tidy_number(t, 1, 0), sy_tidy_number(t, 2, 0), sy_tidy_number(t, 3, 0));
out:
    SYI_FREE(own);
    return status;
}

enum { SHOWN_AT_EACH_END = 5 };

/* The summary, what each choice makes of it, and the specifications at both ends. */
sy_status syi_curve_print(sy_context *ctx, syi_curve *c)
{
    static const syi_shown choices[] = {
        {"choice", -1, 0, 0}, {"options", 0, 0, 0}, {"share of spread", 1, 4, 0}, {"median difference", -2, 0, 0}};
    syi_shown ends[SYI_MOST_CHOICES + 4];
    const int most = 2 * SHOWN_AT_EACH_END, both = c->n > most;
    syi_telling out = {0};
    char line[SY_LIMIT];
    int n = 0;
    for (int k = 0; k < c->n_choices; k++)
        if (c->options[k] > 1) ends[n++] = (syi_shown){syi_curve_choice(c, k), -1 - k, 0, 0};
    const int error = 1 + sy_tidy_column(c->table, "std_error");
    ends[n++] = (syi_shown){"difference", sy_tidy_column(c->table, "difference"), 4, error};
    ends[n++] = (syi_shown){"low", sy_tidy_column(c->table, "conf_low"), 4, error};
    ends[n++] = (syi_shown){"high", sy_tidy_column(c->table, "conf_high"), 4, error};
    ends[n++] = (syi_shown){"answer", -1 - c->n_choices, 0, 0};
    syi_say(line, sizeof line, "Specification curve: %d specifications of %d choices", c->n, c->n_choices);
    syi_tell(&out, 'H', line);
    syi_tell(&out, 'P', "");
    syi_tell(&out, 'T', c->out->verdict);
    syi_tell(&out, 'P', "");
    syi_tell_table(&out, "What each choice makes of the difference", &c->out->tables[SY_CURVE_CHOICES], 4, choices, 0,
                   c->out->tables[SY_CURVE_CHOICES].n_rows);
    syi_tell(&out, 'P', "");
    if (both) {
        syi_tell(&out, 'P', "Least and largest differences:");
        syi_tell(&out, 'P', "");
    }
    syi_tell_table(&out, both ? "Least differences" : "Differences", c->table, n, ends, 0,
                   both ? SHOWN_AT_EACH_END : c->n);
    if (both) {
        syi_tell(&out, 'P', "...");
        syi_tell_table(&out, "Largest differences", c->table, n, ends, c->n - SHOWN_AT_EACH_END, c->n);
    }
    syi_tell(&out, 'P', "");
    syi_tell(&out, 'C',
             "A choice's share is its part of the variance of the differences; \"together\" is what choices do in "
             "concert. Specifications are not a sample: the curve has no limits as a whole.");
    const sy_status status = syi_telling_take(ctx, &out, &c->out->text, &c->out->pieces);
    syi_telling_free(&out);
    return status;
}
