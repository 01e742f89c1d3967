/* Profiles, bootstrap and ranks of mixed models, shares over fitted models and
 * latent correlations hear their host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "mixed_fitted.h"
#include "steelyard/fitted_shares.h"
#include "steelyard/latent.h"
#include "steelyard/mixed_inference.h"

static fitted x;

static void fill_schools(void)
{
    sy_context ctx;
    sy_context_init(&ctx);
    fitted_read(&x, "scotssec", "primary second");
    mixed_fixed(&x.m, "attain ~ verb", "");
    mixed_bar(&x.m, "1", "primary", 0);
    mixed_bar(&x.m, "1", "second", 0);
    fitted_fit(&x, &ctx);
    sy_context_free(&ctx);
}

static sy_status to_profile(sy_context *ctx, const void *arg)
{
    static const int which[2] = {0, 1};
    double a[32], b[32], c[32];
    const sy_mixed_limits limits = {a, b, c};
    (void)arg;
    return sy_mixed_profile(ctx, &x.m.f.design, &x.m.model, &x.options, 0.95, 2, which, &limits);
}

static sy_status to_bootstrap(sy_context *ctx, const void *arg)
{
    double a[32], b[32], c[32];
    const sy_mixed_limits limits = {a, b, c};
    sy_mixed_boot boot;
    (void)arg;
    sy_mixed_boot_defaults(&boot);
    boot.replicates = 100;
    return sy_mixed_bootstrap(ctx, &x.m.f.design, &x.m.model, &x.options, &boot, &limits, NULL, NULL, NULL);
}

static sy_status to_ranks(sy_context *ctx, const void *arg)
{
    const sy_mixed_fitted f = {.estimate = x.estimate, .theta = x.theta, .modes = x.modes, .sigma = x.s.sigma};
    const sy_mixed_rank_table none = {0};
    sy_mixed_rank_options o;
    (void)arg;
    sy_mixed_rank_defaults(&o);
    return sy_mixed_ranks(ctx, &x.m.f.design, &x.m.model, &x.options, &f, &o, &none);
}

static void inference_on_variances_hears(void **state)
{
    (void)state;
    fill_schools();
    hears_its_host("profile", to_profile, NULL);
    hears_its_host("bootstrap", to_bootstrap, NULL);
    hears_its_host("ranks", to_ranks, NULL);
}

/* People in councils with four predictors and an answer of four levels. */
static void fill_people(frame *f)
{
    uint64_t s = 88172645463325252u;
    f->p = 0;
    f->n = 18000;
    frame_add(f, "answer", 1, 4);
    frame_add(f, "council", 1, 60);
    for (int c = 0; c < 4; c++) frame_add(f, (const char *const[]){"a", "b", "c", "d"}[c], 0, 0);
    for (ptrdiff_t i = 0; i < f->n; i++) {
        double sum = 0;
        for (int c = 0; c < 5; c++) {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            const double u = (double)(s >> 11) * 0x1p-53;
            sum += c < 4 ? u : 2 * u;
            if (c < 4) f->value[2 + c][i] = u;
        }
        f->code[0][i] = (sum > 2) + (sum > 3) + (sum > 3.6);
        f->code[1][i] = (int32_t)(i % 60);
    }
    frame_model(f, "answer ~ a + b + c + d");
    f->design.cluster = &f->columns[1];
}

static sy_status to_share(sy_context *ctx, const void *arg)
{
    static double cell[5][8 * SY_N_METRICS], covariance[SY_N_METRICS * 64], part[3][8];
    const sy_fitted_table t = {cell[0], cell[1], cell[2], cell[3], cell[4], covariance, part[0], part[1], part[2]};
    sy_fitted_summary s;
    return sy_fitted_shares(ctx, &x.m.f.design, arg, &s, &t);
}

static sy_status to_correlate(sy_context *ctx, const void *arg)
{
    double table[4][25];
    const sy_latent_table t = {table[0], table[1], table[2], table[3]};
    sy_latent_options o;
    (void)arg;
    sy_latent_defaults(&o);
    return sy_latent(ctx, &x.m.f.design, &o, &t, NULL);
}

static void shares_and_correlations_hear(void **state)
{
    (void)state;
    static const int places[4] = {1, 2, 3, 4};
    static const sy_block blocks[4] = {
        {"a", 1, places}, {"b", 1, places + 1}, {"c", 1, places + 2}, {"d", 1, places + 3}};
    sy_fitted_question q;
    fill_people(&x.m.f);
    sy_fitted_defaults(&q);
    q.model.response.columns = x.m.f.model;
    q.model.response.kind = SY_RESPONSE_ORDINAL;
    q.n_blocks = 4;
    q.blocks = blocks;
    q.route = SY_ROUTE_EXACT;
    hears_its_host("exact shares with limits", to_share, &q);
    hears_its_host("latent correlations", to_correlate, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inference_on_variances_hears),
        cmocka_unit_test(shares_and_correlations_hear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
