/* Marginal R2 can fall as a term comes in, so that a share may lie below zero.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "frame.h"
#include "steelyard/fitted_shares.h"
#include <math.h>

static frame f;

/* Twelve councils of ten people; a varies between people, b and c have one value a council and no effect. */
static void fill(uint64_t seed)
{
    uint64_t s = 88172645463325252u + seed * 7919;
    double level[3] = {0};
    f.p = 0;
    f.n = 120;
    frame_add(&f, "y", 0, 0);
    for (int c = 0; c < 3; c++) frame_add(&f, (const char *const[]){"a", "b", "c"}[c], 0, 0);
    frame_add(&f, "council", 1, 12);
    for (ptrdiff_t i = 0; i < f.n; i++) {
        double u[5];
        for (int k = 0; k < 5; k++) {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            u[k] = (double)(s >> 11) * 0x1p-53 - 0.5;
        }
        if (i % 10 == 0)
            for (int k = 0; k < 3; k++) level[k] = u[2 + k];
        f.value[1][i] = u[0] + 0.5 * level[1];
        f.value[2][i] = level[1];
        f.value[3][i] = level[2];
        f.value[0][i] = f.value[1][i] + 1.5 * level[0] + 2 * u[1];
        f.code[4][i] = (int32_t)(i / 10);
    }
    frame_model(&f, "y ~ a + b + c");
}

static void a_share_below_zero_has_limits_and_is_said(void **state)
{
    (void)state;
    static const int terms[3] = {1, 2, 3};
    static const sy_block blocks[3] = {{"a", 1, terms}, {"b", 1, terms + 1}, {"c", 1, terms + 2}};
    double cell[5][6 * SY_N_METRICS], covariance[SY_N_METRICS * 36], part[3][6];
    const sy_fitted_table t = {cell[0], cell[1], cell[2], cell[3], cell[4], covariance, part[0], part[1], part[2]};
    int seen = 0;
    for (uint64_t seed = 0; seed < 30; seed++) {
        sy_context ctx;
        sy_fitted_question q;
        sy_fitted_summary s;
        fill(seed);
        const sy_random bar = {.intercept = 1, .group = &f.columns[4]};
        sy_fitted_defaults(&q);
        q.mixed = q.model.linear = 1;
        q.model.response.columns = f.model;
        q.model.n_random = 1;
        q.model.random = &bar;
        q.measure = SY_MEASURE_MARGINAL;
        q.n_blocks = 3;
        q.blocks = blocks;
        q.interval = SY_INTERVAL_JACKKNIFE;
        sy_context_init(&ctx);
        if (sy_fitted_shares(&ctx, &f.design, &q, &s, &t) < 0) fail_msg("%s", ctx.message);
        for (int b = 0; b < 3; b++) {
            const int at = b * SY_N_METRICS + SY_SHARE;
            int said = 0;
            for (int r = 0; r < ctx.n_remarks; r++)
                said |= !strcmp(ctx.remarks[r].term, blocks[b].name) && strstr(ctx.remarks[r].text, "below zero");
            assert_int_equal(said, cell[0][at] < 0);
            assert_true(cell[3][at] <= cell[0][at] && cell[0][at] <= cell[4][at]);
            seen += cell[0][at] < 0;
        }
        sy_context_free(&ctx);
    }
    assert_true(seen > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_below_zero_has_limits_and_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
