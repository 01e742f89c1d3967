/* The latent structure of the generator, its cuts, and what follows from it.
 *
 * Every latent variable is a sum of independent standard normal shocks of the
 * council and the person, has variance 1 among people of one payment type as far
 * as payment is not chosen (powerfulness_payment = 0), and shifts with a
 * direct payment D:
 *   need     = deprivation_need u_D + rest
 *   D        = 1 where powerfulness_payment W + rest > cut
 *   funding  = need, powerfulness, council + rest;  log amount = mean of client
 *              group and payment + sd_log_amount funding
 *   process  = funding, need, powerfulness, council + rest + direct_process D
 *   outcome  = funding, process, need, powerfulness, council, style, what
 *              outcomes share + rest of its own + direct_outcome D
 *   answers about process = process_loading process + style + rest
 * A cut c of an answer whose latent variable Z has correlation rho with the
 * variable behind D solves
 *   P(Z < c, not D) + P(Z < c - shift, D) = share of levels below it,
 * by the bivariate normal distribution, so that marginals hold in the population
 * whatever the strengths. Means of amounts: among people with D,
 * E exp(s F) = exp(s^2/2) P(N < s r - cut) / P(D), r the correlation of funding
 * with the variable behind D; the log means are set so that means by client group are
 * the published ones with D, and those over the ratio without.
 * Cost: some 80 roots of two bivariate probabilities, 1 ms.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/root_internal.h"
#include "base/status_internal.h"
#include "models/latent/binormal_internal.h"
#include "study/synthetic/poet_internal.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

static void add(poet_mix *to, double weight, const poet_mix *from)
{
    for (int k = 0; k < SHOCKS; k++) to->shock[k] += weight * from->shock[k];
    to->shift += weight * from->shift;
}

static double product(const poet_mix *a, const poet_mix *b)
{
    double sum = 0;
    for (int k = 0; k < SHOCKS; k++) sum += a->shock[k] * b->shock[k];
    return sum;
}

/* What is left of a variance of 1, as a standard deviation. */
static sy_status rest(sy_context *ctx, const poet_mix *mix, const char *what, double *sd)
{
    const double taken = product(mix, mix);
    if (!(taken <= 1))
        return syi_fail(ctx, SY_EINVAL, "strengths: what makes %s gives it a variance of %.4g; at most 1 is possible",
                        what, taken);
    *sd = sqrt(1 - taken);
    return SY_OK;
}

static sy_status set_causes(sy_context *ctx, const double *k, poet_structure *s)
{
    s->need.shock[SHOCK_DEPRIVED] = k[DEPRIVATION_NEED];
    sy_status status = rest(ctx, &s->need, "need", &s->need.shock[SHOCK_NEED]);
    s->payment.shock[SHOCK_POWER] = k[POWER_PAYMENT];
    if (!status) status = rest(ctx, &s->payment, "the payment type", &s->payment.shock[SHOCK_PAYMENT]);
    add(&s->funding, k[NEED_FUNDING], &s->need);
    s->funding.shock[SHOCK_POWER] += k[POWER_FUNDING];
    s->funding.shock[SHOCK_FUND_COUNCIL] = k[COUNCIL_FUNDING];
    if (!status) status = rest(ctx, &s->funding, "funding", &s->funding.shock[SHOCK_FUND]);
    return status;
}

/* The shift of funding must be set. */
static sy_status set_process(sy_context *ctx, const double *k, poet_structure *s)
{
    poet_mix *q = &s->process;
    add(q, k[FUNDING_PROCESS], &s->funding);
    add(q, k[NEED_PROCESS], &s->need);
    q->shift += k[DIRECT_PROCESS];
    q->shock[SHOCK_POWER] += k[POWER_PROCESS];
    q->shock[SHOCK_PROCESS_COUNCIL] = k[COUNCIL_PROCESS];
    return rest(ctx, q, "process quality", &q->shock[SHOCK_PROCESS]);
}

static sy_status set_answers(sy_context *ctx, const double *k, poet_structure *s)
{
    static const char *const names[LATENTS] = {
        "knowing the amount", "help to plan", "views included",      "answers about process",
        "outcomes",           "nothing",      "the carer's process", "the carer's outcomes"};
    poet_mix *l = s->latent, shared = {{0}, 0, 0};
    for (int i = LATENT_KNOWS; i <= LATENT_VIEWS; i++) add(&l[i], k[KNOWS_LOADING + i], &s->process);
    add(&l[LATENT_PROCESS], k[PROCESS_LOADING], &s->process);
    l[LATENT_CARER_PROCESS] = l[LATENT_PROCESS];
    l[LATENT_PROCESS].shock[SHOCK_STYLE] = k[STYLE_PROCESS];
    l[LATENT_CARER_PROCESS].shock[SHOCK_CARER] = k[STYLE_PROCESS];
    add(&shared, k[FUNDING_OUTCOME], &s->funding);
    add(&shared, k[PROCESS_OUTCOME], &s->process);
    l[LATENT_CARER_OUTCOME] = shared;
    l[LATENT_CARER_OUTCOME].shock[SHOCK_CARER] = k[STYLE_OUTCOME];
    add(&shared, k[NEED_OUTCOME], &s->need);
    shared.shift += k[DIRECT_OUTCOME];
    shared.shock[SHOCK_POWER] += k[POWER_OUTCOME];
    shared.shock[SHOCK_OUTCOME_COUNCIL] = k[COUNCIL_OUTCOME];
    shared.shock[SHOCK_STYLE] = k[STYLE_OUTCOME];
    shared.shock[SHOCK_OUTCOME] = k[COMMON_OUTCOME];
    s->outcome = l[LATENT_OUTCOME] = shared;
    sy_status status = SY_OK;
    for (int i = 0; i < LATENTS && !status; i++) status = rest(ctx, &l[i], names[i], &l[i].own);
    return status;
}

static void set_amounts(const sy_poet_options *o, poet_structure *s)
{
    const double *mean = syi_poet_amounts(o->year), sd = o->sd_log_amount;
    const double direct = o->direct_payment, tilt = sd * product(&s->funding, &s->payment);
    const double with = log(gsl_cdf_ugaussian_P(tilt - s->payment_cut) / direct);
    const double without = log(gsl_cdf_ugaussian_P(s->payment_cut - tilt) / (1 - direct));
    for (int g = 0; g < POET_CLIENTS; g++) {
        const double base = log(mean[g]) - sd * sd / 2;
        s->log_mean[g][1] = base - with;
        s->log_mean[g][0] = base - without - log(o->funding_ratio);
    }
    s->amount_shift = (log(o->funding_ratio) - with + without) / sd;
    s->funding.shift = s->amount_shift;
}

int syi_poet_below(const sy_poet_options *o, int item, double below[POET_CUTS])
{
    const poet_item *it = &syi_poet_items[item];
    const double good = item == 0 ? o->knows_amount : it->good;
    if (syi_poet_levels(it) == 2) {
        below[0] = 1 - good;
        return 1;
    }
    /* of the worse answers three in ten are the worst, of the better ones two in five the best */
    below[0] = 0.3 * it->bad;
    below[1] = it->bad;
    below[2] = 1 - good;
    below[3] = 1 - 0.4 * good;
    return 4;
}

typedef struct {
    double share, shift, rho, payment_cut;
} cut_problem;

static double miss(double c, const void *arg)
{
    const cut_problem *p = arg;
    const double shifted = c - p->shift;
    const double with = syi_normal_below(shifted) - syi_binormal_below(shifted, p->payment_cut, p->rho);
    return syi_binormal_below(c, p->payment_cut, p->rho) + with - p->share;
}

static sy_status set_cuts(sy_context *ctx, const sy_poet_options *o, poet_structure *s)
{
    for (int item = 0; item < POET_ITEMS; item++) {
        const poet_mix *l = &s->latent[syi_poet_items[item].latent];
        double below[POET_CUTS];
        const int cuts = syi_poet_below(o, item, below);
        for (int k = 0; k < cuts; k++) {
            const cut_problem p = {below[k], l->shift, product(l, &s->payment), s->payment_cut};
            const double low = -9 + fmin(0, p.shift), high = 9 + fmax(0, p.shift);
            s->cut[item][k] = syi_root(miss, &p, low, miss(low, &p), high, miss(high, &p), 1e-14);
            if (isnan(s->cut[item][k]))
                return syi_fail(ctx, SY_EBUG, "poet: no cut for a share of %.4g of %s", below[k],
                                syi_poet_items[item].item);
        }
    }
    return SY_OK;
}

sy_status syi_poet_structure(sy_context *ctx, const sy_poet_options *o, poet_structure *s)
{
    memset(s, 0, sizeof *s);
    s->payment_cut = gsl_cdf_ugaussian_Qinv(o->direct_payment);
    sy_status status = set_causes(ctx, o->strength, s);
    if (status) return status;
    set_amounts(o, s);
    status = set_process(ctx, o->strength, s);
    if (!status) status = set_answers(ctx, o->strength, s);
    if (!status) status = set_cuts(ctx, o, s);
    return status;
}

void syi_poet_truth(const sy_poet_options *o, const poet_structure *s, sy_poet_truth *truth)
{
    const double *k = o->strength, loading = k[PROCESS_LOADING], style = k[STYLE_PROCESS];
    const double own = s->latent[LATENT_PROCESS].own, n = POET_PROCESS;
    const double by_funding = k[FUNDING_OUTCOME] * s->amount_shift, by_process = k[PROCESS_OUTCOME] * k[DIRECT_PROCESS];
    const double by_both = k[PROCESS_OUTCOME] * k[FUNDING_PROCESS] * s->amount_shift;
    const double outcome_funding = product(&s->outcome, &s->funding),
                 outcome_process = product(&s->outcome, &s->process);
    const sy_poet_truth implied[] = {
        {"amount_shift", "a direct payment's shift of the log amount, in its sd within client group", s->amount_shift},
        {"direct_by_funding", "shift of outcomes with a direct payment through funding alone", by_funding},
        {"direct_by_process", "shift of outcomes with a direct payment through process quality alone", by_process},
        {"direct_by_both", "shift of outcomes with a direct payment through funding and then process quality", by_both},
        {"direct_in_all", "shift of outcomes with a direct payment in all", s->outcome.shift},
        {"funding_in_all", "of funding on outcomes, also through process quality",
         k[FUNDING_OUTCOME] + k[PROCESS_OUTCOME] * k[FUNDING_PROCESS]},
        {"r_funding_outcome", "correlation of funding and an outcome, latent, within payment type", outcome_funding},
        {"r_process_outcome", "correlation of process quality and an outcome, latent, within payment type",
         outcome_process},
        {"r_funding_process", "correlation of funding and process quality, within payment type",
         product(&s->funding, &s->process)},
        {"r2_funding", "share of an outcome's latent variance that funding explains alone",
         outcome_funding * outcome_funding},
        {"r2_process", "share of an outcome's latent variance that process quality explains alone",
         outcome_process * outcome_process},
        {"reliability_item", "of one latent answer about process, as a measure of process quality", loading * loading},
        {"reliability_scale", "of the sum of the nine latent answers, as a measure of process quality",
         n * n * loading * loading / (n * n * (loading * loading + style * style) + n * own * own)},
        {"shared_style", "correlation of an answer about process and one about an outcome that is response style",
         style * k[STYLE_OUTCOME]}};
    _Static_assert(sizeof implied / sizeof *implied + SY_POET_STRENGTHS == SY_POET_TRUTHS, "the count is public");
    for (int i = 0; i < SY_POET_STRENGTHS; i++)
        truth[i] = (sy_poet_truth){sy_poet_strengths()[i].name, sy_poet_strengths()[i].meaning, k[i]};
    memcpy(truth + SY_POET_STRENGTHS, implied, sizeof implied);
}
