/* Mediation of a binary or ordered outcome, by averages over rows and draws.
 *
 * The outcome's model is fitted by maximum likelihood (models/response), mediators
 * as for a linear outcome. Then
 *   E(x; blocks at a_1 .. a_K) = average over rows i and draws d of
 *       F(eta(x, m_1 + e_1, .., m_K + e_K, c_i)),
 * m_b the mediators' means at treatment a_b and the row's confounders, e_b the
 * residuals of rows drawn from those at a_b: one row for all blocks where they are
 * drawn together, a row for each where they are drawn apart. With J_a blocks
 * together at a, C_k blocks apart, the first k of them at 1:
 *   direct E(1; J_0) - E(0; J_0), through block k E(1; C_k) - E(1; C_(k-1)),
 *   dependence [E(1; J_1) - E(1; C_K)] - [E(1; J_0) - E(1; C_0)].
 * Residuals keep their distribution: none is assumed but that it depends on the
 * treatment alone. (Gauss-Hermite would need normal residuals and a dimension
 * a mediator.) A treatment of more than two values has one distribution for all.
 *
 * Rows are drawn with the sample's weights once, keyed by (seed, row); with other
 * weights (a unit left out, a replicate) the same draws count with the ratio of
 * their rows' new weights to the old ones, so that the noise of drawing is the same
 * in all of them and cancels. The first block has the same row in both ways of
 * drawing. Cost: n draws (K + 4) (q + pairs + levels) and the fit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "study/selection/mediation_response_internal.h"
#include <math.h>
#include <string.h>

enum { CHUNK = 64, SETTINGS = SY_MEDIATION_MOST_BLOCKS + 4, DONORS = SY_MEDIATION_MOST_BLOCKS };

/* ---- what all estimates share: rows to draw from */

/* guide[k]: the first row whose weight up to it is above k of count parts of all. */
static void set_guide(syi_mediation_draws *d, int a)
{
    const double all = d->upto[a][d->count[a] - 1];
    for (ptrdiff_t k = 0, at = 0; k < d->count[a]; k++) {
        while (d->upto[a][at] <= (double)k / (double)d->count[a] * all) at++;
        d->guide[a][k] = at;
    }
}

sy_status syi_mediation_draws_init(sy_context *ctx, const syi_mediation_sheet *s, syi_mediation_draws *d)
{
    const double *t = syi_mediation_column(s, 1);
    int two = 1;
    memset(d, 0, sizeof *d);
    d->seed = s->asked->seed;
    for (ptrdiff_t i = 0; i < s->n; i++) two &= t[i] == 0 || t[i] == 1;
    for (int a = 0; a < 2; a++) {
        d->row[a] = syi_alloc((size_t)s->n, sizeof *d->row[a]);
        d->upto[a] = syi_alloc((size_t)s->n, sizeof *d->upto[a]);
        d->guide[a] = syi_alloc((size_t)s->n, sizeof *d->guide[a]);
        if (!d->row[a] || !d->upto[a] || !d->guide[a])
            return syi_fail(ctx, SY_ENOMEM, "mediation: no room for %td rows", s->n);
        double passed = 0;
        for (ptrdiff_t i = 0; i < s->n; i++) {
            if (two && t[i] != a) continue;
            passed += s->weight[i];
            d->row[a][d->count[a]] = i;
            d->upto[a][d->count[a]++] = passed;
        }
        set_guide(d, a);
    }
    d->code = syi_alloc((size_t)s->n, sizeof *d->code);
    if (!d->code) return syi_fail(ctx, SY_ENOMEM, "mediation: no room for %td rows", s->n);
    for (ptrdiff_t i = 0; i < s->n; i++) d->code[i] = (int32_t)s->level[i];
    for (int l = 0; l < s->n_levels; l++) {
        syi_say(d->text[l], sizeof d->text[l], "%d", l);
        d->names[l] = d->text[l];
    }
    return SY_OK;
}

void syi_mediation_draws_free(syi_mediation_draws *d)
{
    for (int a = 0; a < 2; a++) {
        SYI_FREE(d->row[a]);
        SYI_FREE(d->upto[a]);
        SYI_FREE(d->guide[a]);
    }
    SYI_FREE(d->code);
}

/* ---- the outcome's model */

enum { MOST = SYI_MEDIATION_COLUMNS };
typedef struct {
    sy_column column[MOST], weights;
    sy_factor factor[MOST];
    sy_term term[MOST];
    int terms[MOST];
    double estimate[MOST + 64];
    int aliased[MOST + 64];
    char name[MOST][8];
} model_room;

size_t syi_mediation_response_room(const syi_mediation_sheet *s)
{
    const size_t k = (size_t)s->p + (size_t)s->n_levels;
    const size_t sums = (size_t)SETTINGS * ((size_t)s->n_levels + (size_t)s->q + 2 * CHUNK) + 3 * CHUNK;
    return sizeof(model_room) + 64 + sizeof(double) * (k * k + sums + (size_t)s->stride + 8 * 8);
}

static void describe(const syi_mediation_sheet *s, const syi_mediation_draws *d, const double *weight, model_room *m,
                     sy_design *design)
{
    int n = 0;
    m->column[0] = (sy_column){.name = "outcome", .data = s->level, .stride = sizeof(double), .type = SY_F64};
    if (s->asked->response == SY_MEDIATION_ORDINAL)
        m->column[0] = (sy_column){.name = "outcome",
                                   .data = d->code,
                                   .stride = sizeof *d->code,
                                   .type = SY_CODES,
                                   .n_levels = s->n_levels,
                                   .levels = d->names};
    for (int c = 1; c < s->p; c++) {
        if (!s->in[c]) continue;
        syi_say(m->name[++n], sizeof m->name[n], "c%d", c);
        m->column[n] = (sy_column){
            .name = m->name[n], .data = syi_mediation_column(s, c), .stride = sizeof(double), .type = SY_F64};
        m->terms[n - 1] = n;
    }
    for (int k = 0; k <= n; k++) {
        m->factor[k] = (sy_factor){k, 1};
        m->term[k] = (sy_term){m->column[k].name, 1, &m->factor[k]};
    }
    m->weights = (sy_column){.name = "weights", .data = weight, .stride = sizeof(double), .type = SY_F64};
    *design = (sy_design){.n = s->n,
                          .n_columns = n + 1,
                          .columns = m->column,
                          .n_terms = n + 1,
                          .terms = m->term,
                          .weights = &m->weights,
                          .weight_kind = SY_WEIGHT_SAMPLING};
}

/* Thresholds or the intercept go to `cut`, slopes to theta by column. */
static int fit_outcome(const syi_mediation_sheet *s, const syi_mediation_draws *d, const double *weight, model_room *m,
                       double *covariance, double *cut, double *theta)
{
    const int ordinal = s->asked->response == SY_MEDIATION_ORDINAL, cuts = ordinal ? s->n_levels - 1 : 1;
    sy_design design;
    sy_context ctx;
    sy_response_options options;
    sy_response_summary summary;
    sy_response_shape shape;
    sy_context_init(&ctx);
    ctx.threads = 1;
    describe(s, d, weight, m, &design);
    const sy_response_model model = {
        .columns = {.outcome = 0, .n_terms = design.n_terms - 1, .terms = m->terms, .intercept = 1},
        .kind = ordinal ? SY_RESPONSE_ORDINAL : SY_RESPONSE_BINARY,
        .link = s->asked->link};
    const sy_response_fit fit = {.estimate = m->estimate, .aliased = m->aliased, .covariance = covariance};
    sy_response_defaults(&options);
    sy_status status = sy_response_shape_of(&ctx, &design, &model, &shape);
    if (status >= 0 && shape.k != cuts + design.n_terms - 1) status = SY_EDATA;
    if (status >= 0) status = sy_response(&ctx, &design, &model, &options, &summary, &fit);
    const int fine = status >= 0 && summary.converged && !summary.separated;
    sy_context_free(&ctx);
    if (status == SY_ENOMEM) return SYI_MEDIATION_NO_MEMORY;
    if (!fine) return SYI_MEDIATION_NO_ANSWER;
    for (int k = 0; k < cuts; k++) cut[k] = m->estimate[k];
    for (int c = 0; c < s->p; c++) theta[c] = 0;
    for (int c = 1, k = cuts; c < s->p; c++)
        if (s->in[c]) {
            theta[c] = isnan(m->estimate[k]) ? 0 : m->estimate[k];
            k++;
        }
    return SYI_MEDIATION_FINE;
}

/* ---- averages */

typedef struct {
    const syi_mediation_sheet *s;
    const syi_mediation_fit *f;
    const syi_mediation_draws *d;
    const double *weight, *cut;
    int simd, settings, measures;
    double *eta, *z, *below, *last; /* [settings][CHUNK], [CHUNK] each */
    double *ratio;                  /* [settings][CHUNK] new weights of the rows drawn over the sample's */
    double *slope;                  /* [settings][q] of one row */
    double *renewed;                /* [n] each row's new weight over the sample's */
    double *sum;                    /* [settings][measures] */
    double norm[SETTINGS];
} average;

/* How a setting draws: where each block's mediators are from (arm), and which row
 * drawn there has its residuals (0: the one that all share). */
static int arm_of(int setting, int blocks, int block)
{
    if (setting < 2) return 0;
    if (setting == blocks + 3) return 1;
    return block < setting - 2;
}
static int donor_of(int setting, int blocks, int block)
{
    return setting < 2 || setting == blocks + 3 ? 0 : block;
}

/* By weight; from where the guide says, one step or two. */
static ptrdiff_t draw_row(const syi_mediation_draws *d, int arm, syi_stream *stream)
{
    const ptrdiff_t last = d->count[arm] - 1;
    const double u = syi_stream_uniform(stream), at = u * d->upto[arm][last];
    ptrdiff_t k = d->guide[arm][(ptrdiff_t)(u * (double)d->count[arm])];
    while (k < last && at >= d->upto[arm][k]) k++;
    while (k > 0 && at < d->upto[arm][k - 1]) k--;
    return d->row[arm][k];
}

/* A row's predictor in a setting: base + sum of slope times residual + products of
 * residuals. mean [q][2]: the mediators' at both treatments. */
static void set_slopes(const average *a, const double *fixed, const double *mean, int setting, double *base,
                       double *slope)
{
    const syi_mediation_sheet *s = a->s;
    const double *theta = a->f->theta;
    const int blocks = s->asked->n_blocks, t = setting > 0;
    *base = fixed[t];
    for (int k = 0; k < s->q; k++) {
        slope[k] = theta[s->at_m + k] + (t && s->asked->by_treatment ? theta[s->at_tm + k] : 0);
        *base += slope[k] * mean[2 * k + arm_of(setting, blocks, s->block[k])];
    }
    for (int k = 0; k < s->n_pairs; k++) {
        const int first = s->first[k], second = s->second[k];
        const double one = mean[2 * first + arm_of(setting, blocks, s->block[first])];
        const double other = mean[2 * second + arm_of(setting, blocks, s->block[second])];
        *base += theta[s->at_mm + k] * one * other;
        slope[first] += theta[s->at_mm + k] * other;
        slope[second] += theta[s->at_mm + k] * one;
    }
}

/* from [blocks]: the rows drawn. */
static double predictor(const average *a, double base, const double *slope, const ptrdiff_t *from)
{
    const syi_mediation_sheet *s = a->s;
    const double *e = a->f->residual;
    double eta = base;
    for (int k = 0; k < s->q; k++) eta += slope[k] * e[k * s->stride + from[s->block[k]]];
    for (int k = 0; k < s->n_pairs; k++) {
        const int first = s->first[k], second = s->second[k];
        eta += a->f->theta[s->at_mm + k] * e[first * s->stride + from[s->block[first]]] *
               e[second * s->stride + from[s->block[second]]];
    }
    return eta;
}

static void link_cdf(const average *a, int len, const double *x, double *out)
{
    if (a->s->asked->link == SY_LINK_PROBIT) syi_vec_normal(a->simd, len, x, out, NULL, NULL);
    else if (a->s->asked->link == SY_LINK_CLOGLOG) syi_vec_cloglog(a->simd, len, x, out, NULL, NULL);
    else syi_vec_logistic(a->simd, len, x, out, NULL, NULL);
}

/* Chances of one setting's draws, added up. */
static void add_chances(average *a, int setting, int len, double weight)
{
    const int padded = (len + 7) / 8 * 8, ordinal = a->s->asked->response == SY_MEDIATION_ORDINAL;
    double *eta = a->eta + setting * CHUNK, *ratio = a->ratio + setting * CHUNK, *sum = a->sum + setting * a->measures;
    for (int i = len; i < padded; i++) eta[i] = ratio[i] = 0;
    for (int i = 0; i < len; i++) a->norm[setting] += weight * ratio[i];
    for (int i = 0; i < padded; i++) a->last[i] = 0;
    for (int k = 0; k < a->measures; k++) {
        const int top = ordinal && k == a->measures - 1;
        for (int i = 0; i < padded; i++) a->z[i] = ordinal ? (top ? 0 : a->cut[k]) - eta[i] : a->cut[0] + eta[i];
        if (!top) link_cdf(a, padded, a->z, a->below);
        double own = 0;
        for (int i = 0; i < len; i++) {
            const double upto = top ? 1 : a->below[i];
            own += ratio[i] * (upto - a->last[i]);
            a->last[i] = ordinal ? upto : 0;
        }
        sum[k] += weight * own;
    }
}

static void set_means(const average *a, ptrdiff_t i, double fixed[2], double *mean)
{
    const syi_mediation_sheet *s = a->s;
    const syi_mediation_fit *f = a->f;
    fixed[0] = 0;
    for (int c = 2; c < f->k; c++) fixed[0] += f->theta[c] * syi_mediation_column(s, c)[i];
    fixed[1] = fixed[0] + f->theta[1];
    for (int k = 0; k < s->q; k++) {
        const double *alpha = f->alpha + (ptrdiff_t)k * f->k;
        mean[2 * k] = 0;
        for (int c = 0; c < f->k; c++)
            if (c != 1) mean[2 * k] += alpha[c] * syi_mediation_column(s, c)[i];
        mean[2 * k + 1] = mean[2 * k] + alpha[1];
    }
}

/* Draws of one row, as many as `len`, for all settings. */
static void draw_chunk(average *a, int len, const double *base, syi_stream *stream)
{
    const int blocks = a->s->asked->n_blocks;
    for (int k = 0; k < len; k++) {
        ptrdiff_t donors[2][DONORS];
        for (int b = 0; b < blocks; b++)
            for (int arm = 0; arm < 2; arm++) donors[arm][b] = draw_row(a->d, arm, stream);
        for (int setting = 0; setting < a->settings; setting++) {
            ptrdiff_t from[DONORS];
            double ratio = 1;
            for (int b = 0; b < blocks; b++) {
                const int donor = donor_of(setting, blocks, b);
                from[b] = donors[arm_of(setting, blocks, b)][donor];
                if (b == donor) ratio *= a->renewed[from[b]];
            }
            a->ratio[setting * CHUNK + k] = ratio;
            a->eta[setting * CHUNK + k] = predictor(a, base[setting], a->slope + setting * a->s->q, from);
        }
    }
}

static void add_row(average *a, ptrdiff_t i, double *mean)
{
    double fixed[2], base[SETTINGS];
    syi_stream stream;
    set_means(a, i, fixed, mean);
    for (int setting = 0; setting < a->settings; setting++)
        set_slopes(a, fixed, mean, setting, &base[setting], a->slope + setting * a->s->q);
    syi_stream_init(&stream, a->d->seed, 0, (uint32_t)i);
    for (int done = 0; done < a->s->asked->draws; done += CHUNK) {
        const int len = a->s->asked->draws - done < CHUNK ? a->s->asked->draws - done : CHUNK;
        draw_chunk(a, len, base, &stream);
        for (int setting = 0; setting < a->settings; setting++) add_chances(a, setting, len, a->weight[i]);
    }
}

static void parts_of(const average *a, double *effect, double *mean)
{
    const int blocks = a->s->asked->n_blocks, effects = syi_mediation_effects(a->s), total = effects - 2;
    for (int m = 0; m < a->measures; m++, effect += effects) {
        double e[SETTINGS];
        for (int k = 0; k < a->settings; k++) e[k] = a->sum[k * a->measures + m] / a->norm[k];
        effect[0] = e[1] - e[0];
        for (int b = 0; b < blocks; b++) effect[1 + b] = e[3 + b] - e[2 + b];
        if (blocks > 1) effect[1 + blocks] = (e[blocks + 3] - e[blocks + 2]) - (e[1] - e[2]);
        else effect[1] = e[blocks + 3] - e[1];
        effect[total] = 0;
        for (int k = 0; k < total; k++) effect[total] += effect[k];
        effect[total + 1] = NAN;
        mean[2 * m] = e[0];
        mean[2 * m + 1] = e[blocks + 3];
    }
}

static double *aligned(void **at, size_t count)
{
    double *own = *at;
    *at = own + (count + 7) / 8 * 8;
    return own;
}

int syi_mediation_response(const syi_mediation_estimator *e, const double *weight, syi_mediation_fit *f, void *memory,
                           double *effect, double *mean)
{
    const syi_mediation_sheet *s = e->sheet;
    const size_t k = (size_t)s->p + (size_t)s->n_levels;
    void *at = (char *)memory + (sizeof(model_room) + 63) / 64 * 64;
    average a = {.s = s,
                 .f = f,
                 .d = e->draws,
                 .weight = weight,
                 .simd = e->simd,
                 .measures = e->n_measures,
                 .settings = s->asked->n_blocks + 4};
    double *covariance = aligned(&at, k * k), cut[64], means[2 * MOST];
    a.eta = aligned(&at, (size_t)SETTINGS * CHUNK);
    a.z = aligned(&at, CHUNK);
    a.below = aligned(&at, CHUNK);
    a.last = aligned(&at, CHUNK);
    a.ratio = aligned(&at, (size_t)SETTINGS * CHUNK);
    a.slope = aligned(&at, (size_t)(SETTINGS * s->q));
    a.renewed = aligned(&at, (size_t)s->n);
    a.sum = aligned(&at, (size_t)(SETTINGS * e->n_measures));
    a.cut = cut;
    const int fine = fit_outcome(s, e->draws, weight, memory, covariance, cut, f->theta);
    if (fine != SYI_MEDIATION_FINE) return fine;
    memset(a.sum, 0, (size_t)(SETTINGS * e->n_measures) * sizeof *a.sum);
    for (ptrdiff_t i = 0; i < s->n; i++) a.renewed[i] = weight[i] / s->weight[i];
    for (ptrdiff_t i = 0; i < s->n; i++) {
        if (weight[i] > 0) add_row(&a, i, means);
        if (i % 64 == 63 && syi_parallel_stopped()) return SYI_MEDIATION_NO_ANSWER;
    }
    parts_of(&a, effect, mean);
    return SYI_MEDIATION_FINE;
}
