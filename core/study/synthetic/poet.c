/* Drawing people of councils from the latent structure (poet_structure.c).
 *
 * Council j: four shocks and the log of its expected size from stream (seed, 0,
 * j); person i: client group, payment type, shocks and each answer's own part
 * from stream (seed, 1, i), always in the same order, so that neither the number
 * of threads nor a strength moves a draw. Numbers pass exp (algebra/vector_math)
 * only in amounts and sizes. Cost: 46 normal draws a person, 3 us.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "study/synthetic/poet_internal.h"
#include <math.h>
#include <string.h>

enum { BLOCK = 1024, MOST_PEOPLE = 10000000, OF_COUNCIL = 0, OF_PERSON = 1 };
static const double seconds_a_person = 3e-6;
static const double council_managed = 0.7; /* of people without a direct payment */

typedef struct {
    const sy_poet_options *o;
    const poet_structure *s;
    double *shock; /* [councils][COUNCIL_SHOCKS] */
    double *value; /* the caller's */
    int simd;
} job;

static sy_status check_share(sy_context *ctx, const char *name, double share)
{
    if (share > 0 && share < 1) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "%s: %g is not a share above 0 and below 1", name, share);
}

static sy_status check(sy_context *ctx, const sy_poet_options *o)
{
    if (o->councils < 2)
        return syi_fail(ctx, SY_EINVAL, "councils: %d is not a whole number of 2 or more", o->councils);
    if (o->people < o->councils)
        return syi_fail(ctx, SY_EINVAL, "people: %d are fewer than the %d councils; each has one or more", o->people,
                        o->councils);
    if (o->people > MOST_PEOPLE) return syi_fail(ctx, SY_EINVAL, "people: %d is more than %d", o->people, MOST_PEOPLE);
    if (!syi_poet_amounts(o->year))
        return syi_fail(ctx, SY_EINVAL, "year: \"%s\" is not one of \"2008-09\", \"2010-11\", \"2012-13\", \"2013-14\"",
                        o->year ? o->year : "");
    if (!(o->funding_ratio >= 0.1 && o->funding_ratio <= 10))
        return syi_fail(ctx, SY_EINVAL, "funding_ratio: %g is not between 0.1 and 10", o->funding_ratio);
    if (!(o->sd_log_amount >= 0.01 && o->sd_log_amount <= 3))
        return syi_fail(ctx, SY_EINVAL, "sd_log_amount: %g is not between 0.01 and 3", o->sd_log_amount);
    if (!(o->size_spread >= 0 && o->size_spread <= 3))
        return syi_fail(ctx, SY_EINVAL, "size_spread: %g is not between 0 and 3", o->size_spread);
    for (int k = 0; k < SY_POET_STRENGTHS; k++)
        if (!(fabs(o->strength[k]) <= 10))
            return syi_fail(ctx, SY_EINVAL, "strengths: %s is %g; a number between -10 and 10 is needed",
                            sy_poet_strengths()[k].name, o->strength[k]);
    const sy_status status = check_share(ctx, "direct_payment", o->direct_payment);
    return status ? status : check_share(ctx, "knows_amount", o->knows_amount);
}

/* Each council has one person; the rest is dealt by exp(spread z). */
static sy_status draw_councils(sy_context *ctx, job *j)
{
    const int councils = j->o->councils, padded = (councils + 7) / 8 * 8;
    double *size = syi_alloc((size_t)padded, sizeof *size), all = 0, passed = 0;
    if (!size) return syi_fail(ctx, SY_ENOMEM, "poet: no room for %d councils", councils);
    for (int c = 0; c < councils; c++) {
        syi_stream stream;
        syi_stream_init(&stream, j->o->seed, OF_COUNCIL, (uint32_t)c);
        for (int k = 0; k < COUNCIL_SHOCKS; k++) j->shock[c * COUNCIL_SHOCKS + k] = syi_stream_normal(&stream);
        size[c] = j->o->size_spread * syi_stream_normal(&stream);
    }
    syi_vec_exp(j->simd, padded, size, size);
    for (int c = 0; c < councils; c++) all += size[c];
    double *out = j->value + (ptrdiff_t)COLUMN_COUNCIL * j->o->people, before = 0;
    const double left = j->o->people - councils;
    for (int c = 0; c < councils; c++) {
        passed += size[c];
        const double upto = c == councils - 1 ? left : floor(passed / all * left + 0.5);
        for (double i = before - 1; i < upto; i++) *out++ = c + 1;
        before = upto;
    }
    SYI_FREE(size);
    return SY_OK;
}

static double mixed(const poet_mix *mix, const double *shock, int direct)
{
    double sum = direct ? mix->shift : 0;
    for (int k = 0; k < SHOCKS; k++) sum += mix->shock[k] * shock[k];
    return sum;
}

static int client_of(double u)
{
    double all = 0, passed = 0;
    for (int g = 0; g < POET_CLIENTS; g++) all += syi_poet_client_count[g];
    for (int g = 0; g < POET_CLIENTS - 1; g++) {
        passed += syi_poet_client_count[g];
        if (u * all < passed) return g;
    }
    return POET_CLIENTS - 1;
}

static void answer(const job *j, ptrdiff_t i, const double *latent, syi_stream *stream)
{
    double *v = j->value + i;
    const ptrdiff_t n = j->o->people;
    for (int item = 0; item < POET_ITEMS; item++) {
        const poet_item *it = &syi_poet_items[item];
        const double z = latent[it->latent] + j->s->latent[it->latent].own * syi_stream_normal(stream);
        const int cuts = syi_poet_levels(it) - 1;
        int level = 0;
        while (level < cuts && z >= j->s->cut[item][level]) level++;
        v[syi_poet_item_column(item) * n] = level;
    }
    if (v[COLUMN_CARER * n] == 0)
        for (int c = COLUMN_CARER + 1; c < COLUMN_HIDDEN; c++) v[c * n] = NAN;
}

/* All of a person but the amount, whose log is returned. */
static double draw_person(const job *j, ptrdiff_t i)
{
    const poet_structure *s = j->s;
    const ptrdiff_t n = j->o->people;
    double *v = j->value + i, shock[SHOCKS], latent[LATENTS];
    const int council = (int)v[COLUMN_COUNCIL * n] - 1;
    syi_stream stream;
    syi_stream_init(&stream, j->o->seed, OF_PERSON, (uint32_t)i);
    const int client = client_of(syi_stream_uniform(&stream));
    const int managed = syi_stream_uniform(&stream) < council_managed;
    memcpy(shock, j->shock + council * COUNCIL_SHOCKS, COUNCIL_SHOCKS * sizeof *shock);
    for (int k = COUNCIL_SHOCKS; k < SHOCKS; k++) shock[k] = syi_stream_normal(&stream);
    const int direct = mixed(&s->payment, shock, 0) > s->payment_cut;
    for (int l = 0; l < LATENTS; l++) latent[l] = mixed(&s->latent[l], shock, direct);
    v[COLUMN_SYNTHETIC * n] = 1;
    v[COLUMN_GROUP * n] = client;
    v[COLUMN_PAYMENT * n] = direct ? 0 : managed ? 1 : 2;
    v[COLUMN_NEED * n] = mixed(&s->need, shock, 0);
    v[COLUMN_DEPRIVATION * n] = shock[SHOCK_DEPRIVED];
    double *hidden = v + COLUMN_HIDDEN * n;
    hidden[0] = shock[SHOCK_POWER];
    hidden[n] = mixed(&s->funding, shock, direct);
    hidden[2 * n] = mixed(&s->process, shock, direct);
    hidden[3 * n] = shock[SHOCK_STYLE];
    hidden[5 * n] = mixed(&s->outcome, shock, direct);
    answer(j, i, latent, &stream);
    return s->log_mean[client][direct] + j->o->sd_log_amount * mixed(&s->funding, shock, 0);
}

static void draw_block(void *arg, int worker, size_t block)
{
    const job *j = arg;
    _Alignas(64) double amount[BLOCK] = {0};
    const ptrdiff_t n = j->o->people, first = (ptrdiff_t)block * BLOCK;
    const int len = (int)(n - first < BLOCK ? n - first : BLOCK), padded = (len + 7) / 8 * 8;
    (void)worker;
    for (int i = 0; i < len; i++) amount[i] = draw_person(j, first + i);
    for (int i = len; i < padded; i++) amount[i] = 0;
    syi_vec_exp(j->simd, padded, amount, amount);
    for (int i = 0; i < len; i++) {
        double *v = j->value + first + i;
        v[(COLUMN_HIDDEN + 4) * n] = amount[i];
        v[COLUMN_AMOUNT * n] = j->o->amount_missing && v[COLUMN_ITEMS * n] == 0 ? NAN : amount[i];
    }
}

static sy_status draw(sy_context *ctx, const sy_poet_options *o, const poet_structure *s, double *values)
{
    job j = {.o = o, .s = s, .value = values, .simd = syi_lanes_width(ctx->simd)};
    j.shock = syi_alloc((size_t)o->councils * COUNCIL_SHOCKS, sizeof *j.shock);
    sy_status status = j.shock ? SY_OK : syi_fail(ctx, SY_ENOMEM, "poet: no room for %d councils", o->councils);
    if (!status) status = draw_councils(ctx, &j);
    if (!status)
        status =
            syi_parallel(ctx, ((size_t)o->people + BLOCK - 1) / BLOCK, seconds_a_person * o->people, draw_block, &j);
    SYI_FREE(j.shock);
    return status;
}

sy_status sy_poet_simulate(sy_context *ctx, const sy_poet_options *options, double *values, sy_poet_marginal *marginals,
                           sy_poet_truth *truth)
{
    syi_enter(ctx);
    syi_gsl_guard();
    const int first = ctx->n_remarks;
    poet_structure s;
    sy_status status = check(ctx, options);
    if (!status) status = syi_poet_structure(ctx, options, &s);
    if (status) return status;
    if (truth) syi_poet_truth(options, &s, truth);
    if (values) status = draw(ctx, options, &s, values);
    if (!status && marginals) status = syi_poet_marginals(ctx, options, values, marginals);
    return status ? status : syi_status_of_remarks(ctx, first);
}
