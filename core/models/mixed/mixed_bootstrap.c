/* Parametric bootstrap of a linear mixed model, without rows.
 *
 * A refit reads of the outcome only s = [Z X]'Wy and y'Wy. Under the fitted model
 * y = Xb + Zu + e, with A = [Z X]'W[Z X] and w = (u, b):
 *     s = A w + N,  N normal with covariance sigma^2 A,
 *     y'Wy = w'A w + 2 w'N + e'We,  e'We = |L^-1 N|^2 + sigma^2 chi2(n - rank A),
 * the two parts of e'We independent, because the second is what is left of e
 * outside the span of [Z X]. So u is drawn from its distribution, N = sigma L z with A =
 * L L', and one chi-squared: exact, and the cost of a replicate is that of its
 * refit, whatever n. Refits start at the fitted theta. Limits are percentiles.
 * Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13; Bates,
 * Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01; chi-squared draws by
 * Marsaglia & Tsang 2000, doi:10.1145/358407.358414.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_crossed_internal.h"
#include "models/mixed/mixed_parameters_internal.h"
#include <string.h>

typedef struct {
    syi_lmm l;
    syi_crossed *c;
    double df_left, sigma;                               /* n - rank; sigma in the units of the columns as read */
    double *theta, *fitted, *beta, *b, *out_x, *noise_x; /* fitted: theta of the fit; b: coefficients as read */
    double **noise, **result;                            /* [factors] */
    double *noise_room, *result_room;
    double **root, **rows; /* [stages] L of the cross-products */
    double *dense;         /* [order * order] */
    double *room, *replicate, *values;
    ptrdiff_t *order;
    int n;
} boot;

void sy_mixed_boot_defaults(sy_mixed_boot *options)
{
    *options = (sy_mixed_boot){.replicates = 1000, .seed = 1, .level = 0.95};
}

/* Gamma with shape a >= 1, scale 1. */
static double gamma_draw(syi_stream *stream, double a)
{
    const double d = a - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        const double x = syi_stream_normal(stream), v = 1 + c * x, cube = v * v * v;
        const double u = syi_stream_uniform(stream);
        if (v > 0 && log(u) < 0.5 * x * x + d - d * cube + d * log(cube)) return d * cube;
    }
}

static double chi_squared(syi_stream *stream, double df)
{
    if (df <= 0) return 0;
    if (df >= 2) return 2 * gamma_draw(stream, df / 2);
    return 2 * gamma_draw(stream, df / 2 + 1) * exp(log(syi_stream_uniform(stream)) * 2 / df);
}

/* Adds L z of one row of a level to the noise; z of the row is `own`. */
static void spread_row(const boot *t, int stage, ptrdiff_t g, const double *row, double own)
{
    const syi_crossed *c = t->c;
    const syi_stage *s = &c->stage[stage];
    const ptrdiff_t dense = s->first[g + 1] - s->first[g];
    ptrdiff_t h = g, e = 0;
    for (int k = stage + 1; k < c->n_stages; k++) {
        const int q = c->stage[k].q;
        h = c->stage[k - 1].parent[h];
        for (int x = 0; x < q; x++) t->noise[c->stage[k].factor][h * q + x] += *row++ * own;
    }
    for (int d = 0; d < c->n_dense; d++) {
        const ptrdiff_t from = c->dense[d].first, end = from + (ptrdiff_t)c->dense[d].n * c->dense[d].q;
        double *into = t->noise[c->dense[d].factor];
        for (; e < dense && s->column[s->first[g] + e] < end; e++)
            into[s->column[s->first[g] + e] - from] += row[e] * own;
    }
    for (int j = 0; j < c->p; j++) t->noise_x[j] += row[dense + j] * own;
}

/* N over sigma into noise and noise_x; returns |L^-1 N|^2 over sigma^2. */
static double draw_noise(boot *t, syi_stream *stream)
{
    const syi_crossed *c = t->c;
    double sum = 0;
    memset(t->noise_room, 0, (size_t)t->l.n_modes * sizeof *t->noise_room);
    memset(t->noise_x, 0, (size_t)c->p * sizeof *t->noise_x);
    for (int k = 0; k < c->n_stages; k++) {
        const syi_stage *s = &c->stage[k];
        for (ptrdiff_t g = 0; g < s->n; g++)
            for (int i = 0; i < s->q; i++) {
                const double z = syi_stream_normal(stream), *l = t->root[k] + g * s->q * s->q;
                const double *row = t->rows[k] + syi_stage_at(c, s, g) + i * syi_stage_width(c, s, g);
                if (!(l[i * s->q + i] > 0)) continue;
                sum += z * z;
                for (int e = i; e < s->q; e++) t->noise[s->factor][g * s->q + e] += l[e * s->q + i] * z;
                spread_row(t, k, g, row, z);
            }
    }
    double *z = c->u;
    for (ptrdiff_t i = 0; i < c->order; i++) {
        z[i] = syi_stream_normal(stream);
        if (t->dense[i * c->order + i] > 0) sum += z[i] * z[i];
    }
    for (int d = 0; d < c->n_dense; d++)
        for (ptrdiff_t i = 0; i < (ptrdiff_t)c->dense[d].n * c->dense[d].q; i++) {
            const ptrdiff_t row = c->dense[d].first + i;
            t->noise[c->dense[d].factor][i] += syi_crossed_inner(row + 1, t->dense + row * c->order, z);
        }
    for (int j = 0; j < c->p; j++) {
        const ptrdiff_t row = c->random + j;
        t->noise_x[j] += syi_crossed_inner(row + 1, t->dense + row * c->order, z);
    }
    return sum;
}

/* u = sigma T v, v standard normal, into c->effects. */
static void draw_effects(boot *t, syi_stream *stream)
{
    const syi_crossed *c = t->c;
    const syi_bars *bars = &c->rows->bars;
    for (int f = 0; f < c->n_factors; f++) {
        const int q = bars->factor[f].q;
        for (ptrdiff_t g = 0; g < bars->factor[f].n_levels; g++) {
            double *u = c->effects[f] + g * q;
            for (int e = 0; e < q; e++) u[e] = t->sigma * syi_stream_normal(stream);
            for (int i = q - 1; i >= 0; i--) {
                double v = 0;
                for (int k = 0; k <= i; k++) v += c->t[f][i * q + k] * u[k];
                u[i] = v;
            }
        }
    }
}

/* Where the outcome's cross-products with level g of factor f are kept; each is `step` after the one before. */
static double *outcome_of(const syi_crossed *c, int f, ptrdiff_t g, ptrdiff_t *step)
{
    for (int k = 0; k < c->n_stages; k++) {
        const syi_stage *s = &c->stage[k];
        if (s->factor != f) continue;
        *step = syi_stage_width(c, s, g);
        return s->value + syi_stage_at(c, s, g) + *step - 1;
    }
    *step = 1;
    for (int d = 0; d < c->n_dense; d++)
        if (c->dense[d].factor == f) return c->a_y + c->dense[d].first + g * c->dense[d].q;
    return NULL;
}

/* A new outcome's cross-products, from T as it stands in c. */
static void draw_outcome(boot *t, syi_stream *stream)
{
    syi_crossed *c = t->c;
    const syi_bars *bars = &c->rows->bars;
    draw_effects(t, stream);
    const double inside = draw_noise(t, stream), outside = chi_squared(stream, t->df_left);
    double yy = t->sigma * t->sigma * (inside + outside);
    syi_crossed_multiply(c, c->effects, t->b, t->result, t->out_x);
    for (int f = 0; f < c->n_factors; f++) {
        const int q = bars->factor[f].q;
        for (ptrdiff_t g = 0; g < bars->factor[f].n_levels; g++) {
            ptrdiff_t step;
            double *out = outcome_of(c, f, g, &step);
            for (int i = 0; i < q; i++, out += step) {
                const double w = c->effects[f][g * q + i], n = t->sigma * t->noise[f][g * q + i];
                *out = t->result[f][g * q + i] + n;
                yy += w * (t->result[f][g * q + i] + 2 * n);
            }
        }
    }
    for (int j = 0; j < c->p; j++) {
        const double n = t->sigma * t->noise_x[j];
        c->a_y[c->random + j] = t->out_x[j] + n;
        yy += t->b[j] * (t->out_x[j] + 2 * n);
    }
    c->yy = yy;
}

/* Parameters of the model in the order of sy_mixed_parameters, from theta. */
static sy_status put_parameters(sy_context *ctx, const boot *t, const double *theta, double *out)
{
    const syi_lmm *l = &t->l;
    syi_lmm_value v = {.beta = t->beta};
    const sy_status s = l->evaluate(ctx, l, theta, NULL, &v);
    if (s < 0) return s;
    for (int k = 0; k < t->n; k++) out[k] = NAN;
    syi_mixed_spreads(&l->rows->bars, theta, sqrt(v.sigma2), out);
    out[l->n_theta] = sqrt(v.sigma2);
    for (int j = 0; j < l->p; j++) out[l->n_theta + 1 + l->column[j]] = t->beta[j];
    return s;
}

static sy_status boot_room(sy_context *ctx, boot *t, int replicates)
{
    const syi_crossed *c = t->c;
    const size_t theta = (size_t)t->l.n_theta, p = (size_t)c->p + 1, modes = (size_t)t->l.n_modes, m = (size_t)c->order;
    double *at = t->room =
        syi_alloc(2 * theta + 4 * p + (size_t)t->n * (size_t)replicates + (size_t)replicates, sizeof *at);
    t->noise_room = syi_alloc(modes, sizeof(double));
    t->result_room = syi_alloc(modes, sizeof(double));
    t->noise = syi_alloc((size_t)c->n_factors, sizeof *t->noise);
    t->result = syi_alloc((size_t)c->n_factors, sizeof *t->result);
    t->root = syi_alloc((size_t)c->n_stages, sizeof *t->root);
    t->rows = syi_alloc((size_t)c->n_stages, sizeof *t->rows);
    t->dense = syi_alloc(m * m, sizeof *t->dense);
    t->order = syi_alloc((size_t)replicates, sizeof *t->order);
    int failed = !at || !t->noise_room || !t->result_room || !t->noise || !t->result || !t->root || !t->rows ||
                 !t->dense || !t->order;
    for (int k = 0; k < c->n_stages && !failed; k++) {
        const syi_stage *s = &c->stage[k];
        t->root[k] = syi_alloc((size_t)(s->n * s->q * s->q), sizeof(double));
        t->rows[k] = syi_alloc((size_t)syi_stage_at(c, s, s->n), sizeof(double));
        failed = !t->root[k] || !t->rows[k];
    }
    if (failed) return syi_fail(ctx, SY_ENOMEM, "bootstrap: out of memory for %d replicates", replicates);
    t->theta = at;
    t->fitted = at + theta;
    t->beta = at + 2 * theta;
    t->b = t->beta + p;
    t->out_x = t->b + p;
    t->noise_x = t->out_x + p;
    t->values = t->noise_x + p;
    t->replicate = t->values + replicates;
    for (ptrdiff_t f = 0, place = 0; f < c->n_factors; f++) {
        const syi_grouping *g = &c->rows->bars.factor[f];
        t->noise[f] = t->noise_room + place;
        t->result[f] = t->result_room + place;
        place += (ptrdiff_t)g->n_levels * g->q;
    }
    return SY_OK;
}

static void boot_free(boot *t)
{
    for (int k = 0; t->c && k < t->c->n_stages; k++) {
        if (t->root) SYI_FREE(t->root[k]);
        if (t->rows) SYI_FREE(t->rows[k]);
    }
    SYI_FREE(t->room);
    SYI_FREE(t->noise_room);
    SYI_FREE(t->result_room);
    SYI_FREE(t->noise);
    SYI_FREE(t->result);
    SYI_FREE(t->root);
    SYI_FREE(t->rows);
    SYI_FREE(t->dense);
    SYI_FREE(t->order);
    syi_lmm_free(&t->l);
}

/* The fit, and L of the cross-products. */
static sy_status begin(sy_context *ctx, boot *t, const sy_mixed_options *options, double *estimate)
{
    syi_lmm_report report;
    syi_crossed *c = t->c;
    double log_det, log_det_x, rank, df = t->l.n - (t->l.reml ? t->l.p : 0);
    syi_lmm_start(&t->l, t->fitted);
    sy_status s = syi_lmm_minimise(ctx, &t->l, NULL, options, t->fitted, &report);
    if (s >= 0) s = put_parameters(ctx, t, t->fitted, estimate);
    if (s >= 0) s = syi_crossed_factor(ctx, c, t->fitted, NULL, &log_det, &log_det_x);
    if (s < 0) return s;
    t->sigma = sqrt(c->rss / df);
    memcpy(t->b, c->u + c->random, (size_t)c->p * sizeof *t->b);
    s = syi_crossed_noise_factor(ctx, c, &rank);
    if (s < 0) return s;
    t->df_left = t->l.n - rank;
    for (int k = 0; k < c->n_stages; k++) {
        const syi_stage *g = &c->stage[k];
        memcpy(t->root[k], g->root, (size_t)(g->n * g->q * g->q) * sizeof **t->root);
        memcpy(t->rows[k], g->b, (size_t)syi_stage_at(c, g, g->n) * sizeof **t->rows);
    }
    memcpy(t->dense, c->s, (size_t)c->order * (size_t)c->order * sizeof *t->dense);
    return s;
}

static sy_status one_replicate(sy_context *ctx, boot *t, const sy_mixed_options *options, uint64_t seed, int r,
                               int *boundary)
{
    syi_stream stream;
    syi_lmm_report report;
    sy_mixed_options quick = *options;
    syi_stream_init(&stream, seed, (uint32_t)r, 0);
    syi_crossed_set_factors(t->c, t->fitted);
    draw_outcome(t, &stream);
    /* a start at 0 would stay there: the criterion is flat */
    for (int k = 0; k < t->l.n_theta; k++) t->theta[k] = t->l.lower[k] == 0 && t->fitted[k] < 0.1 ? 0.1 : t->fitted[k];
    quick.tolerance = fmax(options->tolerance, 1e-6);
    sy_status s = syi_lmm_minimise(ctx, &t->l, NULL, &quick, t->theta, &report);
    if (s >= 0) s = put_parameters(ctx, t, t->theta, t->replicate + (ptrdiff_t)r * t->n);
    if (s >= 0) *boundary += report.boundary > 0;
    return s;
}

static void summarise(boot *t, const sy_mixed_boot *o, const sy_mixed_limits *limits, double *std_error)
{
    for (int k = 0; k < t->n; k++) {
        ptrdiff_t n = 0;
        double mean = 0, square = 0;
        for (int r = 0; r < o->replicates; r++) {
            const double v = t->replicate[(ptrdiff_t)r * t->n + k];
            if (isnan(v)) continue;
            const double away = v - mean;
            t->values[n++] = v;
            mean += away / (double)n;
            square += away * (v - mean);
        }
        limits->lower[k] = limits->upper[k] = NAN;
        if (std_error) std_error[k] = n > 1 ? sqrt(square / (double)(n - 1)) : (double)NAN;
        if (n < 2) continue;
        syi_order_values(n, t->values, t->order);
        limits->lower[k] = syi_ordered_quantile(n, t->values, t->order, (1 - o->level) / 2);
        limits->upper[k] = syi_ordered_quantile(n, t->values, t->order, (1 + o->level) / 2);
    }
}

typedef struct {
    sy_context *ctx;
    boot *t;
    const sy_mixed_options *options;
    uint64_t seed;
    int *boundary;
    sy_status status;
} replicates_job;

static void run_replicate(void *arg, int worker, size_t r)
{
    replicates_job *j = arg;
    (void)worker;
    if (j->status >= 0) j->status = one_replicate(j->ctx, j->t, j->options, j->seed, (int)r, j->boundary);
}

static sy_status check(sy_context *ctx, const sy_mixed_model *model, const sy_mixed_boot *o)
{
    if (!model->linear)
        return syi_fail(ctx, SY_EINVAL, "bootstrap: the parametric bootstrap is for linear mixed models only");
    if (o->replicates < 2) return syi_fail(ctx, SY_EINVAL, "replicates: %d; at least 2 are needed", o->replicates);
    if (!(o->level > 0 && o->level < 1))
        return syi_fail(ctx, SY_EINVAL, "level: %g; it must lie between 0 and 1", o->level);
    return SY_OK;
}

sy_status sy_mixed_bootstrap(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                             const sy_mixed_options *options, const sy_mixed_boot *boot_options,
                             const sy_mixed_limits *limits, double *std_error, double *replicates, int *boundary)
{
    boot t = {.c = NULL};
    sy_mixed_boot o;
    sy_mixed_options own;
    int at_boundary = 0;
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    sy_mixed_boot_defaults(&o);
    sy_mixed_defaults(&own);
    if (boot_options) o = *boot_options;
    if (options) own = *options;
    own.start = NULL;
    sy_status s = check(ctx, model, &o);
    if (s >= 0) s = sy_mixed_parameters(ctx, design, model, &t.n, NULL, 0);
    if (s >= 0) s = syi_lmm_init(ctx, design, model, own.reml, &t.l);
    if (s < 0) return s;
    if (t.l.rows->bars.n_factors == 1) {
        t.l.free_state(&t.l);
        s = syi_lmm_crossed(ctx, t.l.rows, own.reml, &t.l);
    }
    t.c = s >= 0 ? t.l.state : NULL;
    if (s >= 0) s = boot_room(ctx, &t, o.replicates);
    if (s >= 0) s = begin(ctx, &t, &own, limits->estimate);
    replicates_job job = {ctx, &t, &own, o.seed, &at_boundary, SY_OK};
    if (s >= 0) s = syi_parallel(ctx, (size_t)o.replicates, 0, run_replicate, &job); /* here: they share one problem */
    if (s >= 0) s = job.status;
    if (s >= 0) {
        summarise(&t, &o, limits, std_error);
        if (replicates) memcpy(replicates, t.replicate, (size_t)t.n * (size_t)o.replicates * sizeof *replicates);
        if (boundary) *boundary = at_boundary;
    }
    boot_free(&t);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
