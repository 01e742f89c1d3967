/* Oster's delta and bias-adjusted slope.
 *
 * b0, R0: slope and R2 of the treatment alone (and of columns always kept); b1, R1:
 * with all controls; Rmax: if everything were controlled; S_y, S_x the variances of
 * outcome and treatment (given what is kept), T of the treatment given all
 * controls; D = b0 - b1. The bias v = b1 - b* under proportional selection delta is a
 * root of [Oster 2019, proposition 2, and its appendix]
 *     (1 - delta) Q v^3 + (2 - delta) P v^2 + (A - delta B) v - delta C = 0,
 *     A = (R1 - R0) S_y T + S_x T D^2,  B = (Rmax - R1) S_y (S_x - T),
 *     C = (Rmax - R1) S_y D S_x,  P = T D S_x,  Q = T S_x - T^2,
 * and for a given v (that is, a target slope) delta = (A v + 2 P v^2 + Q v^3) / (C + B
 * v + P v^2 + Q v^3). Several roots: the bias has the sign of delta D (the
 * unobserved move the slope the way the observed did, her assumption 3), and of such
 * roots the one nearest to b1: at delta = 1 there is exactly one, since the two
 * roots of the square have the product -C / P <= 0. psacalc and robomit take the
 * same for delta = 1; below 0 they keep the sign of D, here it turns with delta, so
 * that the answer goes to b1 as delta goes to 0 from either side.
 * Variances may be sums of squares: all terms are of one degree in them. With
 * weights they are weighted (robomit leaves the outcome's unweighted).
 * Conditions: a linear model; Rmax is a guess, 1.3 R1 in her survey of published
 * trials. Cost: a cubic.
 * Oster 2019, doi:10.1080/07350015.2016.1227711.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/confounding/dropped_internal.h"
#include <gsl/gsl_poly.h>
#include <math.h>

typedef struct {
    double a, b, c, p, q;
} parts;

static parts parts_of(const sy_oster_question *o, double r_max)
{
    const double d = o->beta_short - o->beta, sx = o->treatment, t = o->treatment_left;
    const double more = (r_max - o->r2) * o->outcome;
    return (parts){.a = (o->r2 - o->r2_short) * o->outcome * t + sx * t * (d * d),
                   .b = more * (sx - t),
                   .c = more * d * sx,
                   .p = t * d * sx,
                   .q = t * (sx - t)};
}

static sy_status check(sy_context *ctx, const sy_oster_question *o, double r_max)
{
    if (!isfinite(o->beta) || !isfinite(o->beta_short))
        return syi_fail(ctx, SY_EINVAL, "beta: %g and %g in the short model; numbers are needed", o->beta,
                        o->beta_short);
    if (!(o->r2_short >= 0 && o->r2_short <= o->r2 * (1 + 1e-12) && o->r2 <= 1))
        return syi_fail(ctx, SY_EINVAL, "r2: %g in the short model and %g in the full one; parts that rise are needed",
                        o->r2_short, o->r2);
    if (!(r_max >= o->r2 && r_max <= 1))
        return syi_fail(ctx, SY_EINVAL, "r_max: %g; from %g, the model's own R2, to 1 is needed", r_max, o->r2);
    if (!(o->outcome > 0 && o->treatment > 0 && o->treatment_left > 0))
        return syi_fail(ctx, SY_EINVAL,
                        "variances: %g of the outcome, %g and %g of the treatment; numbers above 0 are needed",
                        o->outcome, o->treatment, o->treatment_left);
    if (!(o->treatment_left <= o->treatment * (1 + 1e-12)))
        return syi_fail(ctx, SY_EINVAL, "variances: controls leave %g of the treatment's %g; they cannot add to it",
                        o->treatment_left, o->treatment);
    if (!isfinite(o->delta) || !isfinite(o->target)) return syi_fail(ctx, SY_EINVAL, "delta, beta: numbers are needed");
    return SY_OK;
}

/* A few Newton steps on the polynomial take GSL's rounding off. */
static double polished(const double k[4], double v)
{
    for (int step = 0; step < 3; step++) {
        const double f = ((k[3] * v + k[2]) * v + k[1]) * v + k[0], slope = (3 * k[3] * v + 2 * k[2]) * v + k[1];
        if (!(fabs(slope) > 0)) break;
        const double next = v - f / slope;
        if (!isfinite(next)) break;
        v = next;
    }
    return v;
}

/* Real roots of k0 + k1 v + k2 v^2 + k3 v^3. */
static int roots_of(const double k[4], double root[3])
{
    int n;
    if (k[3] != 0) n = gsl_poly_solve_cubic(k[2] / k[3], k[1] / k[3], k[0] / k[3], &root[0], &root[1], &root[2]);
    else n = gsl_poly_solve_quadratic(k[2], k[1], k[0], &root[0], &root[1]);
    for (int i = 0; i < n; i++) root[i] = polished(k, root[i]);
    return n;
}

static void solve(const sy_oster_question *o, const parts *s, sy_oster_answer *out)
{
    const double k[4] = {-o->delta * s->c, s->a - o->delta * s->b, (2 - o->delta) * s->p, (1 - o->delta) * s->q};
    const double way = o->delta * (o->beta_short - o->beta);
    double root[3] = {NAN, NAN, NAN};
    int best = -1;
    out->beta_star = o->beta;
    out->n_other = 0;
    if (way == 0 || s->c == 0) return;
    const int n = roots_of(k, root);
    for (int i = 0; i < n; i++)
        if (root[i] * way > 0 && (best < 0 || fabs(root[i]) < fabs(root[best]))) best = i;
    out->beta_star = best < 0 ? NAN : o->beta - root[best];
    for (int i = 0; i < n && out->n_other < 2; i++)
        if (i != best) out->other[out->n_other++] = o->beta - root[i];
}

static void tell(const sy_oster_question *o, sy_oster_answer *out)
{
    char star[220];
    if (isnan(out->beta_star)) syi_say(star, sizeof star, "no slope answers to a delta of %.4g", o->delta);
    else
        syi_say(star, sizeof star, "with a delta of %.4g the slope %.4g becomes %.4g", o->delta, o->beta,
                out->beta_star);
    syi_say(out->text, sizeof out->text,
            "If everything together explained %.4g of the outcome, what was not measured would have to be tied to the "
            "treatment %.4g times as strongly as the controls to bring the slope to %.4g; %s.",
            out->r_max, out->delta_star, o->target, star);
}

sy_status sy_oster(sy_context *ctx, const sy_oster_question *o, sy_oster_answer *out)
{
    syi_enter(ctx);
    syi_gsl_guard();
    const double r_max = isnan(o->r_max) ? fmin(1, 1.3 * o->r2) : o->r_max;
    const sy_status status = check(ctx, o, r_max);
    if (status) return status;
    const parts s = parts_of(o, r_max);
    const double v = o->beta - o->target;
    *out = (sy_oster_answer){.r_max = r_max, .other = {NAN, NAN}};
    out->delta_star = ((s.q * v + 2 * s.p) * v + s.a) * v / (((s.q * v + s.p) * v + s.b) * v + s.c);
    solve(o, &s, out);
    tell(o, out);
    return SY_OK;
}

sy_status sy_oster_from_fit(sy_context *ctx, const sy_fit_left *fit, int coefficient, const int *kept,
                            sy_oster_question *out)
{
    syi_enter(ctx);
    sy_tested tested;
    syi_dropped left = {0};
    sy_status status = sy_confounding_tested(ctx, fit, coefficient, &tested);
    if (status) return status;
    int *drop = syi_alloc((size_t)fit->p, sizeof *drop);
    if (!drop) return syi_fail(ctx, SY_ENOMEM, "no room for %d columns", fit->p);
    for (int c = 0; c < fit->p; c++) drop[c] = c != coefficient && !kept[c];
    status = syi_drop(ctx, fit, coefficient, drop, &left);
    SYI_FREE(drop);
    if (!status && left.left_out == 0)
        status =
            syi_fail(ctx, SY_EINVAL, "kept: all other columns are kept; some control is needed beside the short model");
    if (status) return status;
    const double diagonal = fit->inverse[(size_t)coefficient * (size_t)fit->p + (size_t)coefficient];
    *out = (sy_oster_question){.beta_short = fit->coefficient[coefficient] - left.coefficient_less,
                               .r2_short = fmax(1 - (fit->rss + left.rss_more) / fit->tss, 0),
                               .beta = fit->coefficient[coefficient],
                               .r2 = 1 - fit->rss / fit->tss,
                               .outcome = fit->tss,
                               .treatment = 1 / (diagonal - left.inverse_less),
                               .treatment_left = 1 / diagonal,
                               .r_max = NAN,
                               .delta = 1};
    return SY_OK;
}
