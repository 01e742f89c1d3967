/* The four models of a gap in answers: of each group by itself, of all rows with
 * and without a column for the group.
 *
 * Each model's rows are gathered from the packed ones, so that all have the same
 * columns in the same units and a sample without a unit costs no reading of the
 * data. In the pooled model with the group its column is a half in the first and
 * minus a half in the second group: coefficients are those within groups [Jann
 * 2008, doi:10.1177/1536867X0800800401], and the constant lies half way, whichever
 * group is called first. An answer that nobody in a group gave takes no threshold:
 * its chance there is zero, by thresholds that coincide or lie at infinity.
 * Cost: gathering, and 5 to 8 passes, two or three from a near start.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/gap/gap_response_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t most_parameters(const syi_gapr_game *g)
{
    return (size_t)(g->n_curves + g->slopes + 1);
}

sy_status syi_gapr_fits_init(sy_context *ctx, const syi_gapr_game *g, syi_gapr_fits *f)
{
    const size_t k = most_parameters(g);
    *f = (syi_gapr_fits){0};
    f->memory = syi_alloc(2 * k * SY_N_GAP_RESPONSE_BY, sizeof *f->memory);
    f->mean = syi_alloc(k, sizeof *f->mean);
    f->separated = syi_alloc(k, sizeof *f->separated);
    if (!f->memory || !f->mean || !f->separated)
        return syi_fail(ctx, SY_ENOMEM, "gap: no room for %zu coefficients", k);
    for (size_t by = 0; by < SY_N_GAP_RESPONSE_BY; by++) {
        f->coef[by] = f->memory + 2 * by * k;
        f->theta[by] = f->coef[by] + k;
    }
    return SY_OK;
}

void syi_gapr_fits_free(syi_gapr_fits *f)
{
    SYI_FREE(f->memory);
    SYI_FREE(f->mean);
    SYI_FREE(f->separated);
}

static int belongs(const syi_gapr_game *g, int by, ptrdiff_t i)
{
    return by >= SY_GAP_RESPONSE_BY_POOLED || g->second[i] == by;
}

/* Answers in use among the rows of a model: place [n_curves + 1], -1 where none. */
static int find_answers(const syi_gapr_game *g, const double *times, int by, int *place)
{
    int used = 0;
    for (int l = 0; l <= g->n_curves; l++) place[l] = -1;
    for (ptrdiff_t i = 0; i < g->rows.n; i++)
        if (times[i] > 0 && belongs(g, by, i)) place[(int)g->rows.y[i]] = 0;
    for (int l = 0; l <= g->n_curves; l++)
        if (place[l] == 0) place[l] = used++;
    return used;
}

static void free_gathered(syi_packed *v)
{
    SYI_FREE(v->x);
    SYI_FREE(v->y);
    SYI_FREE(v->weight);
}

/* The rows of model `by`. Free after failure too. */
static sy_status gather(sy_context *ctx, const syi_gapr_game *g, const double *times, int by, const int *place,
                        syi_packed *v)
{
    const syi_packed *all = &g->rows;
    const int extra = by == SY_GAP_RESPONSE_BY_POOLED;
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < all->n; i++) n += times[i] > 0 && belongs(g, by, i);
    *v = (syi_packed){.n = n, .ones = all->ones, .p = all->p + extra, .column = all->column};
    v->stride = (n + SYI_TILE - 1) / SYI_TILE * SYI_TILE;
    const size_t stride = (size_t)v->stride;
    v->x = syi_alloc((size_t)v->p * stride + 8, sizeof *v->x);
    v->y = syi_alloc(stride + 8, sizeof *v->y);
    v->weight = syi_alloc(stride + 8, sizeof *v->weight);
    if (!v->x || !v->y || !v->weight) return syi_fail(ctx, SY_ENOMEM, "gap: no room for %td rows", n);
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < all->n; i++) {
        if (!(times[i] > 0) || !belongs(g, by, i)) continue;
        for (int c = 0; c < all->p; c++) v->x[c * v->stride + at] = all->x[c * all->stride + i];
        if (extra) v->x[all->p * v->stride + at] = g->second[i] ? -0.5 : 0.5;
        v->y[at] = place[(int)all->y[i]];
        v->weight[at++] = times[i];
    }
    return SY_OK;
}

/* Constants of all curves at the sample's means, and slopes. */
static void spread_out(const syi_gapr_game *g, const syi_gapr_fits *f, const int *place, int used, const double *theta,
                       double *coef)
{
    const int curves = g->n_curves, constants = g->skip ? 1 : used - 1, sign = g->skip ? 1 : -1;
    double shift = 0;
    for (int c = 0; c < g->slopes; c++) {
        coef[curves + c] = theta[constants + c];
        shift += theta[constants + c] * f->mean[c];
    }
    int below = 0;
    for (int j = 0; j < curves; j++) {
        below += place[j] >= 0;
        if (g->skip) coef[j] = theta[0];
        else coef[j] = below == 0 ? -INFINITY : below == used ? INFINITY : theta[below - 1];
        coef[j] += sign * shift;
    }
}

/* The first of the blocks' columns that runs to infinity. */
static int first_infinite(const syi_gapr_game *g, const int *separated, int constants)
{
    for (int c = 0; c < g->slopes; c++)
        if (separated[constants + c]) return c;
    return -1;
}

static sy_status one_answer(sy_context *ctx, const syi_gapr_game *g, int by)
{
    const char *outcome = g->design.terms[g->model.columns.outcome].label;
    return syi_fail(ctx, SY_EDATA,
                    "%s: every row with %s = %s has the same answer; nothing tells what it goes with there", outcome,
                    g->group->name, g->group->levels[g->level[by < 2 ? by : 0]]);
}

static sy_status fit_one(sy_context *ctx, const syi_gapr_game *g, const double *times, int by, int *place,
                         syi_gapr_fits *f)
{
    syi_packed v = {0};
    syi_likelihood l;
    syi_newton_report report;
    sy_response_options options;
    const int used = find_answers(g, times, by, place);
    sy_response_defaults(&options);
    if (used < 2) return one_answer(ctx, g, by);
    sy_status status = gather(ctx, g, times, by, place, &v);
    v.n_levels = used;
    if (status >= 0) status = syi_serial_stopped(ctx);
    if (status >= 0) status = syi_likelihood_of(ctx, &v, &g->model, &l);
    if (status >= 0) {
        if (f->levels[by] != used) l.start(&l, f->theta[by]);
        memset(f->separated, 0, most_parameters(g) * sizeof *f->separated);
        status = syi_newton(ctx, &l, &options, f->theta[by], NULL, f->separated, &report);
    }
    if (status >= 0) {
        f->levels[by] = used;
        f->failed[by] = report.separated ? 2 : !report.converged;
        f->told[by] = first_infinite(g, f->separated, g->skip ? 1 : used - 1);
        f->loglik[by] = report.loglik;
        f->last_step[by] = report.last_step;
        spread_out(g, f, place, used, f->theta[by], f->coef[by]);
    }
    free_gathered(&v);
    return status;
}

/* Weighted means of the packed columns among the rows of a sample. */
static void find_means(const syi_gapr_game *g, const double *times, double *mean)
{
    const syi_packed *rows = &g->rows;
    double all = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++) all += times[i];
    for (int c = 0; c < g->slopes; c++) {
        const double *x = rows->x + (c + g->skip) * rows->stride;
        double sum = 0;
        for (ptrdiff_t i = 0; i < rows->n; i++) sum += times[i] * x[i];
        mean[c] = sum / all;
    }
}

sy_status syi_gapr_fit(sy_context *ctx, const syi_gapr_game *g, const double *times, syi_gapr_fits *f)
{
    int *place = syi_alloc((size_t)g->n_curves + 1, sizeof *place);
    sy_status status = place ? SY_OK : syi_fail(ctx, SY_ENOMEM, "gap: no room for %d answers", g->n_curves + 1);
    find_means(g, times, f->mean);
    for (int by = 0; by < SY_N_GAP_RESPONSE_BY && status >= 0; by++) status = fit_one(ctx, g, times, by, place, f);
    SYI_FREE(place);
    return status;
}

static void name_column(const syi_gapr_game *g, sy_context *ctx, int c, char *text, size_t size)
{
    if (syi_response_label(ctx, &g->design, &g->model, g->rows.column[c + g->skip], text, size) < 0) text[0] = '\0';
}

/* Cross-products of a constant and the columns among one group's rows. */
static sy_status add_products(sy_context *ctx, const syi_gapr_game *g, int by, int order, syi_dd *a)
{
    const syi_packed *rows = &g->rows;
    for (int i = 0; i < order; i++)
        for (int j = 0; j <= i; j++) {
            const double *x = i ? rows->x + (i - 1 + g->skip) * rows->stride : NULL;
            const double *z = j ? rows->x + (j - 1 + g->skip) * rows->stride : NULL;
            syi_dd sum = syi_dd_of(0);
            for (ptrdiff_t r = 0; r < rows->n; r++)
                if (g->second[r] == by) sum = syi_dd_add(sum, syi_dd_of((x ? x[r] : 1) * (z ? z[r] : 1)));
            a[(ptrdiff_t)i * order + j] = a[(ptrdiff_t)j * order + i] = sum;
            if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
        }
    return SY_OK;
}

sy_status syi_gapr_ranks(sy_context *ctx, const syi_gapr_game *g)
{
    const int order = g->slopes + 1;
    sy_status status = SY_OK;
    syi_dd *a = syi_alloc((size_t)order * (size_t)order, sizeof *a);
    double *floor_ = syi_alloc((size_t)order, sizeof *floor_);
    int *aliased = syi_alloc((size_t)order, sizeof *aliased);
    if (!a || !floor_ || !aliased) status = syi_fail(ctx, SY_ENOMEM, "gap: no room for %d columns", order);
    for (int by = 0; by < 2 && status >= 0; by++) {
        char label[SY_NAME_LENGTH];
        const char *level = g->group->levels[g->level[by]];
        ptrdiff_t n = 0;
        for (ptrdiff_t i = 0; i < g->rows.n; i++) n += g->second[i] == by;
        if (n < g->n_curves + g->slopes) {
            status = syi_fail(ctx, SY_ERANK, "group: %s = %s has %td rows, fewer than the %d coefficients of its model",
                              g->group->name, level, n, g->n_curves + g->slopes);
            break;
        }
        for (int i = 0; i < order; i++) floor_[i] = 128 * (order + 1) * 0x1p-53;
        memset(aliased, 0, (size_t)order * sizeof *aliased);
        status = add_products(ctx, g, by, order, a);
        if (status >= 0) syi_cholesky(order, a, floor_, aliased);
        for (int c = 1; c < order && status >= 0; c++) {
            if (!aliased[c]) continue;
            name_column(g, ctx, c - 1, label, sizeof label);
            status = syi_fail(ctx, SY_ERANK,
                              "blocks: among rows with %s = %s, %s adds nothing beyond the columns before it; leave it "
                              "out or join levels",
                              g->group->name, level, label);
        }
    }
    SYI_FREE(a);
    SYI_FREE(floor_);
    SYI_FREE(aliased);
    return status;
}

/* "direct_payment = yes", or "all rows". */
static const char *whose(const syi_gapr_game *g, int by, char *text, size_t size)
{
    if (by >= SY_GAP_RESPONSE_BY_POOLED) return "all rows";
    snprintf(text, size, "rows with %.60s = %.60s", g->group->name, g->group->levels[g->level[by]]);
    return text;
}

sy_status syi_gapr_fit_remarks(sy_context *ctx, const syi_gapr_game *g, const syi_gapr_fits *f)
{
    const char *outcome = g->design.terms[g->model.columns.outcome].label;
    sy_status status = SY_OK;
    for (int by = 0; by < SY_N_GAP_RESPONSE_BY && status >= 0; by++) {
        char text[SY_NAME_LENGTH * 2];
        const char *who = whose(g, by, text, sizeof text);
        if (f->levels[by] < g->n_curves + 1)
            status = syi_remark(ctx, SY_NOTE_EMPTY_LEVEL, who, g->n_curves + 1 - f->levels[by],
                                "%s: %d of its answers nobody gave among %s; their chance there is taken as zero",
                                outcome, g->n_curves + 1 - f->levels[by], who);
        if (status >= 0 && f->failed[by] == 2) {
            char label[SY_NAME_LENGTH] = "the blocks";
            if (f->told[by] >= 0) name_column(g, ctx, f->told[by], label, sizeof label);
            status =
                syi_remark(ctx, SY_NOTE_SEPARATED, who, 0,
                           "%s: %s tells answers without error among %s; its coefficient is infinite, and parts rest "
                           "on where the search stopped",
                           outcome, label, who);
        }
        if (status >= 0 && f->failed[by] == 1)
            status =
                syi_remark(ctx, SY_NOTE_NOT_CONVERGED, who, f->last_step[by],
                           "the model of %s did not converge: its last relative step was %.2g", who, f->last_step[by]);
    }
    return status;
}
