/* Predictions of new rows with their errors.
 *
 * A number is a difference of curves (curves.c); its variance is g'V g with g the
 * exact derivative in the parameters (delta method). Limits: where one curve
 * alone decides the number they are those of its z taken through the curve, so
 * that they stay within 0 and 1; else those of the logit, variance g'Vg / (p (1 -
 * p))^2; those of an ordinal mean are on its own scale. Conditions: estimates near
 * normal. Cost: n (k + k^2 / 2) a number.
 * Oehlert 1992, doi:10.1080/00031305.1992.10475842.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/curves_internal.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <string.h>

typedef struct {
    const sy_response_model *model;
    const sy_response_shape *shape;
    const sy_predictions *out;
    sy_predict_kind kind;
    int cut, width, simd, errors;
    double step; /* quantile of t */
    syi_model part[SYI_PARTS];
    int has[SYI_PARTS];
    syi_curves curves;
    ptrdiff_t n;
    double *variance; /* [k * k], 0 where aliased or infinite */
    size_t room;
    double *scratch; /* [workers][room]: tile, gradient [k], value, variance, moved, and two planes */
} job;

static sy_status open_part(sy_context *ctx, const sy_design *rows, job *j, int part)
{
    sy_linear_model linear = j->model->columns;
    linear.outcome = -1;
    if (part != SYI_LOCATION) {
        linear.n_terms = part == SYI_NOMINAL ? j->model->n_nominal : j->model->n_scale;
        linear.terms = part == SYI_NOMINAL ? j->model->nominal : j->model->scale;
        linear.intercept = 1;
        if (linear.n_terms <= 0) return SY_OK;
    }
    j->has[part] = 1;
    return syi_model_open(ctx, rows, &linear, SY_PRECISION_DOUBLE, &j->part[part]);
}

/* V with zeros for aliased parameters, and a theta without limit; NaN of others stays. */
static sy_status copy_covariance(sy_context *ctx, job *j, const double *estimate, const double *covariance)
{
    const size_t k = (size_t)j->shape->k;
    if (!j->errors) return SY_OK;
    j->variance = syi_alloc(k * k + 1, sizeof *j->variance);
    if (!j->variance) return syi_fail(ctx, SY_ENOMEM, "predict: out of memory for %d parameters", j->shape->k);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            j->variance[a * k + b] = !isfinite(estimate[a]) || !isfinite(estimate[b]) ? 0 : covariance[a * k + b];
    return SY_OK;
}

/* variance = g' V g of each row. */
static void quadratic(const job *j, const double *gradient, double *inner, double *variance)
{
    const int k = j->shape->k;
    memset(variance, 0, SYI_TILE * sizeof *variance);
    for (int a = 0; a < k; a++) {
        const double *ga = gradient + (ptrdiff_t)a * SYI_TILE, *v = j->variance + (ptrdiff_t)a * k;
        for (int i = 0; i < SYI_TILE; i++) inner[i] = 0.5 * v[a] * ga[i];
        for (int b = 0; b < a; b++) {
            const double *gb = gradient + (ptrdiff_t)b * SYI_TILE;
            for (int i = 0; i < SYI_TILE; i++) inner[i] += v[b] * gb[i];
        }
        for (int i = 0; i < SYI_TILE; i++) variance[i] += 2 * ga[i] * inner[i];
    }
}

/* The one curve that decides a number, or -1; *falls: the number falls with it. */
static int only_curve(const job *j, syi_number number, int *falls)
{
    *falls = number.down >= 0;
    if (number.mean) return -1;
    if (number.down < 0) return number.up;
    return number.up == j->curves.n_curves ? number.down : -1;
}

static void fill(double value, double *out)
{
    for (int i = 0; i < SYI_TILE; i++) out[i] = value;
}

/* gradient [k] planes of a number, or with z = 1 of the z of curve m. */
static void gradient_of(const job *j, const syi_curve_tile *t, syi_number number, int m, double *coef, double *gradient)
{
    const syi_curves *c = &j->curves;
    memset(gradient, 0, (size_t)j->shape->k * SYI_TILE * sizeof *gradient);
    if (m >= 0) {
        fill(1, coef);
        syi_curves_gradient(c, t, m, coef, gradient);
        return;
    }
    for (int r = 0; r < c->n_curves; r++) {
        const double sign = number.mean ? -1 : (r == number.up) - (r == number.down);
        if (sign == 0) continue;
        for (int i = 0; i < SYI_TILE; i++) coef[i] = sign * t->density[(ptrdiff_t)r * SYI_TILE + i];
        syi_curves_gradient(c, t, r, coef, gradient);
    }
}

/* G(z), or 1 - G(z) where the number falls with z. */
static void through(const job *j, int falls, double *z, double *out)
{
    const sy_link link = j->model->link;
    double *cdf = falls ? NULL : out, *upper = falls ? out : NULL;
    if (link == SY_LINK_LOG) syi_vec_exp(j->simd, SYI_TILE, z, out);
    if (link == SY_LINK_LOGIT) syi_vec_logistic(j->simd, SYI_TILE, z, cdf, upper, NULL);
    if (link == SY_LINK_CLOGLOG) syi_vec_cloglog(j->simd, SYI_TILE, z, cdf, upper, NULL);
    if (link != SY_LINK_PROBIT) return;
    for (int i = 0; i < SYI_TILE && falls; i++) z[i] = -z[i];
    syi_vec_normal(j->simd, SYI_TILE, z, out, NULL, NULL);
}

typedef struct {
    ptrdiff_t start;
    int len, number;
    const unsigned char *used;
} span;

static void put(const job *j, const span *s, const double *from, double *to)
{
    for (int i = 0; to && i < s->len; i++)
        to[(s->start + i) * j->width + s->number] = s->used[i] ? from[i] : (double)NAN;
}

/* Limits from the z of curve m, or (m = -1) from the number itself. work [3]
 * planes. */
static void put_limits(const job *j, const span *s, const syi_curve_tile *t, int m, int falls, const double *value,
                       const double *variance, double *work)
{
    for (int side = -1; side <= 1; side += 2) {
        double *to = side < 0 ? j->out->low : j->out->high;
        const double step = side * j->step;
        if (m >= 0) {
            for (int i = 0; i < SYI_TILE; i++)
                work[i] = t->z[(ptrdiff_t)m * SYI_TILE + i] + (falls ? -step : step) * sqrt(variance[i]);
            through(j, falls, work, work + SYI_TILE);
        } else if (j->kind == SY_PREDICT_LINEAR || j->kind == SY_PREDICT_MEAN) {
            for (int i = 0; i < SYI_TILE; i++) work[SYI_TILE + i] = value[i] + step * sqrt(variance[i]);
        } else {
            for (int i = 0; i < SYI_TILE; i++) {
                const double odds = value[i] / (1 - value[i]);
                work[i] = step * sqrt(variance[i]) / (value[i] * (1 - value[i]));
                work[SYI_TILE + i] = odds;
            }
            syi_vec_exp(j->simd, SYI_TILE, work, work);
            for (int i = 0; i < SYI_TILE; i++) {
                const double odds = work[SYI_TILE + i] * work[i];
                work[SYI_TILE + i] = odds < HUGE_VAL ? odds / (1 + odds) : 1;
            }
        }
        put(j, s, work + SYI_TILE, to);
    }
}

static void square_root(double *x)
{
    for (int i = 0; i < SYI_TILE; i++) x[i] = sqrt(x[i]);
}

static void predict_number(const job *j, span *s, const syi_curve_tile *t, double *gradient)
{
    const ptrdiff_t k = j->shape->k;
    double *value = gradient + k * SYI_TILE, *variance = value + SYI_TILE, *work = variance + SYI_TILE;
    int falls = 0;
    const syi_number number = syi_predicted(j->model, j->shape, j->kind, j->cut, s->number);
    const int m = only_curve(j, number, &falls);
    syi_curves_value(&j->curves, t, number, value);
    put(j, s, value, j->out->value);
    if (!j->errors) return;
    gradient_of(j, t, number, -1, work, gradient);
    quadratic(j, gradient, work, variance);
    if (j->out->std_error) {
        memcpy(work, variance, SYI_TILE * sizeof *work);
        square_root(work);
        put(j, s, work, j->out->std_error);
    }
    if (!j->out->low && !j->out->high) return;
    if (m >= 0) {
        gradient_of(j, t, number, m, work, gradient);
        quadratic(j, gradient, work, variance);
    }
    put_limits(j, s, t, m, falls, value, variance, work);
}

/* x'b with the offset. */
static void predict_linear(const job *j, span *s, const syi_curve_tile *t, double *gradient)
{
    const syi_curves *c = &j->curves;
    const ptrdiff_t k = j->shape->k;
    double *variance = gradient + (k + 1) * SYI_TILE, *work = variance + SYI_TILE;
    put(j, s, t->eta, j->out->value);
    if (!j->errors) return;
    memset(gradient, 0, (size_t)k * SYI_TILE * sizeof *gradient);
    memcpy(gradient + (ptrdiff_t)c->first[SYI_LOCATION] * SYI_TILE,
           t->x[SYI_LOCATION] + (ptrdiff_t)c->skip[SYI_LOCATION] * SYI_TILE,
           (size_t)c->count[SYI_LOCATION] * SYI_TILE * sizeof *gradient);
    quadratic(j, gradient, work, variance);
    put_limits(j, s, t, -1, 0, t->eta, variance, work);
    square_root(variance);
    put(j, s, variance, j->out->std_error);
}

static void predict_tile(void *arg, int worker, size_t tile)
{
    const job *j = arg;
    const ptrdiff_t start = (ptrdiff_t)tile * SYI_TILE;
    const int len = j->n - start < SYI_TILE ? (int)(j->n - start) : SYI_TILE;
    double *memory = j->scratch + (size_t)worker * j->room;
    const syi_curve_tile t = syi_curves_tile(&j->curves, memory);
    double *gradient = memory + syi_curves_room(&j->curves);
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE] = {0};
    for (int i = 0; i < len; i++) row[i] = start + i;
    syi_curves_read(&j->curves, j->simd, row, len, NULL, &t, used);
    span s = {.start = start, .len = len, .used = used};
    for (; s.number < j->width; s.number++) {
        if (j->kind == SY_PREDICT_LINEAR) predict_linear(j, &s, &t, gradient);
        else predict_number(j, &s, &t, gradient);
    }
}

static sy_status run(sy_context *ctx, job *j)
{
    const size_t tiles = (size_t)(j->n + SYI_TILE - 1) / SYI_TILE;
    const double k = j->shape->k, seconds = (double)j->n * (k + 30 + (j->errors ? j->width * k * (k + 4) : 0)) * 5e-10;
    const size_t workers = (size_t)syi_parallel_workers(ctx, tiles, seconds);
    j->room = syi_curves_room(&j->curves) + ((size_t)j->shape->k + 5) * SYI_TILE;
    j->scratch = syi_alloc(workers * j->room, sizeof *j->scratch);
    if (!j->scratch) return syi_fail(ctx, SY_ENOMEM, "predict: out of memory for %d parameters", j->shape->k);
    return syi_parallel(ctx, tiles, seconds, predict_tile, j);
}

static sy_status check(sy_context *ctx, const job *j, const double *covariance, double level, double df)
{
    const sy_predictions *out = j->out;
    sy_status s = syi_predict_check(ctx, j->model, j->shape, j->kind, j->cut);
    if (s < 0) return s;
    if (j->errors && !covariance) return syi_fail(ctx, SY_EINVAL, "covariance: none given; errors and limits need it");
    if (!out->low && !out->high) return SY_OK;
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
    return df > 0 ? SY_OK : syi_fail(ctx, SY_EINVAL, "df = %g: degrees of freedom must be greater than 0", df);
}

sy_status sy_response_predict(sy_context *ctx, const sy_design *rows, const sy_response_model *model,
                              const sy_response_shape *shape, const double *estimate, const double *covariance,
                              sy_predict_kind kind, int cut, double level, double df, const sy_predictions *out)
{
    const int first = ctx->n_remarks;
    syi_enter(ctx);
    job j = {.model = model, .shape = shape, .out = out, .kind = kind, .cut = cut, .n = rows->n};
    j.errors = out->std_error || out->low || out->high;
    j.simd = syi_lanes_width(ctx->simd);
    j.width = sy_predict_width(model, shape, kind);
    sy_status s = check(ctx, &j, covariance, level, df);
    if (s >= 0 && (out->low || out->high)) s = sy_distribution_t_quantile(ctx, (1 + level) / 2, df, &j.step);
    for (int part = 0; part < SYI_PARTS && s >= 0; part++) s = open_part(ctx, rows, &j, part);
    if (s >= 0) s = syi_curves_init(ctx, model, shape, estimate, j.part, j.has, &j.curves);
    if (s >= 0) s = copy_covariance(ctx, &j, estimate, covariance);
    if (s >= 0) s = run(ctx, &j);
    SYI_FREE(j.scratch);
    SYI_FREE(j.variance);
    syi_curves_free(&j.curves);
    for (int part = 0; part < SYI_PARTS; part++) syi_model_free(&j.part[part]);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
