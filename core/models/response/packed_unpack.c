/* From parameters of packed columns to those of the caller's.
 *
 * A packed column is z = (x - c) / s, so that t z = (t / s) x - t c / s: a
 * coefficient is divided by s, and t c / s leaves the intercept (or joins all
 * thresholds, whose sign is the other one; that of a nominal column leaves its
 * own threshold parameter). The map A is a diagonal and a few full rows;
 * covariances become A C A'. Cost: k^2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/response_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    const syi_packed *rows;
    int each;      /* threshold parameters of the intercept; 0 when not ordinal */
    int location;  /* where the location parameters begin */
    int intercept; /* 1: the first location column is the intercept */
    double *shift; /* [each] */
} turning;

int syi_packed_parameters(const syi_packed *rows, const sy_response_model *model)
{
    const int each = model->kind == SY_RESPONSE_ORDINAL ? syi_thresholds_free(model->thresholds, rows->n_levels) : 0;
    return each * (1 + rows->n_nominal) + rows->p + rows->n_spread + (model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL);
}

void syi_packed_places(const syi_packed *rows, const sy_response_model *model, const sy_response_shape *shape,
                       int *place)
{
    const int each = model->kind == SY_RESPONSE_ORDINAL ? syi_thresholds_free(model->thresholds, rows->n_levels) : 0;
    int at = 0;
    for (int j = 0; j < each; j++) place[at++] = j;
    for (int c = 0; c < rows->n_nominal; c++)
        for (int j = 0; j < each; j++) place[at++] = rows->column[rows->p + c] + j;
    for (int c = 0; c < rows->p; c++) place[at++] = rows->column[c];
    for (int c = 0; c < rows->n_spread; c++) place[at++] = rows->column[rows->p + rows->n_nominal + c];
    if (model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) place[at] = shape->k - 1;
}

/* u becomes A u, entries `step` apart. */
static void turn(const turning *t, double *u, ptrdiff_t step)
{
    const syi_packed *r = t->rows;
    for (int c = 0; c < r->n_nominal; c++)
        for (int j = 0; j < t->each; j++) {
            double *v = u + (ptrdiff_t)(t->each * (1 + c) + j) * step;
            *v /= r->scale[r->p + c];
            u[j * step] -= *v * r->centre[r->p + c];
        }
    for (int c = 0; c < r->p; c++) {
        double *v = u + (ptrdiff_t)(t->location + c) * step;
        *v /= r->scale[c];
        const double moved = *v * r->centre[c];
        for (int j = 0; j < t->each; j++) u[j * step] += t->shift[j] * moved;
        if (t->intercept && c > 0) u[t->location * step] -= moved;
    }
    for (int c = 0; c < r->n_spread; c++)
        u[(ptrdiff_t)(t->location + r->p + c) * step] /= r->scale[r->p + r->n_nominal + c];
}

/* The same backwards: u becomes A^-1 u. */
static void turn_back(const turning *t, double *u)
{
    const syi_packed *r = t->rows;
    for (int c = 0; c < r->n_nominal; c++)
        for (int j = 0; j < t->each; j++) {
            double *v = u + t->each * (1 + c) + j;
            u[j] += *v * r->centre[r->p + c];
            *v *= r->scale[r->p + c];
        }
    for (int c = 0; c < r->p; c++) {
        double *v = u + t->location + c;
        const double moved = *v * r->centre[c];
        for (int j = 0; j < t->each; j++) u[j] -= t->shift[j] * moved;
        if (t->intercept && c > 0) u[t->location] += moved;
        *v *= r->scale[c];
    }
    for (int c = 0; c < r->n_spread; c++) u[t->location + r->p + c] *= r->scale[r->p + r->n_nominal + c];
}

/* Entries of the parameters in use to their places, NaN elsewhere. */
static void place_estimates(int k, int used, const int *place, const double *u, double *estimate)
{
    for (int j = 0; j < k; j++) estimate[j] = NAN;
    for (int j = 0; j < used; j++) estimate[place[j]] = u[j];
}

static void place_matrix(int k, int used, const int *place, const double *a, double *full)
{
    for (ptrdiff_t j = 0; j < (ptrdiff_t)k * k; j++) full[j] = NAN;
    for (int i = 0; i < used; i++)
        for (int j = 0; j < used; j++) full[(ptrdiff_t)place[i] * k + place[j]] = a[(ptrdiff_t)i * used + j];
}

static turning turning_of(const syi_packed *rows, const sy_response_model *model, double *shift)
{
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL;
    turning t = {.rows = rows,
                 .shift = shift,
                 .intercept = !ordinal && rows->p > 0 && rows->column[0] == 0 && model->columns.intercept};
    t.each = ordinal ? syi_thresholds_free(model->thresholds, rows->n_levels) : 0;
    t.location = t.each * (1 + rows->n_nominal);
    if (ordinal) syi_thresholds_shift(model->thresholds, rows->n_levels, shift);
    return t;
}

sy_status syi_packed_unpack(sy_context *ctx, const syi_packed *rows, const sy_response_model *model,
                            const sy_response_shape *shape, const double *theta, const double *covariance,
                            double *estimate, double *full)
{
    const int used = syi_packed_parameters(rows, model);
    const size_t n = (size_t)used + 1;
    sy_status status = SY_OK;
    double *u = syi_alloc(2 * n, sizeof *u), *a = covariance ? syi_alloc(n * n, sizeof *a) : NULL;
    int *place = syi_alloc(n, sizeof *place);
    if (!u || (covariance && !a) || !place) {
        status = syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", used);
        goto out;
    }
    const turning t = turning_of(rows, model, u + n);
    syi_packed_places(rows, model, shape, place);
    if (theta && estimate) {
        memcpy(u, theta, (size_t)used * sizeof *u);
        turn(&t, u, 1);
        place_estimates(shape->k, used, place, u, estimate);
    }
    if (covariance && full) {
        memcpy(a, covariance, (size_t)used * (size_t)used * sizeof *a);
        for (int j = 0; j < used; j++) turn(&t, a + j, used);
        for (int i = 0; i < used; i++) turn(&t, a + (ptrdiff_t)i * used, 1);
        place_matrix(shape->k, used, place, a, full);
    }
out:
    SYI_FREE(u);
    SYI_FREE(a);
    SYI_FREE(place);
    return status;
}

sy_status syi_packed_pack(sy_context *ctx, const syi_packed *rows, const sy_response_model *model,
                          const sy_response_shape *shape, const double *estimate, double *theta)
{
    const int used = syi_packed_parameters(rows, model);
    const size_t n = (size_t)used + 1;
    double *shift = syi_alloc(n, sizeof *shift);
    int *place = syi_alloc(n, sizeof *place);
    sy_status status = SY_OK;
    if (!shift || !place) {
        status = syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", used);
        goto out;
    }
    const turning t = turning_of(rows, model, shift);
    syi_packed_places(rows, model, shape, place);
    for (int j = 0; j < used; j++) theta[j] = estimate[place[j]];
    turn_back(&t, theta);
out:
    SYI_FREE(shift);
    SYI_FREE(place);
    return status;
}
