/* Cases of synthetic people: every column, what is found, what is planted; part
 * of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "parity_mediation.h"

static void synthetic(void)
{
    enum { PEOPLE = 1100 };
    static double values[SY_POET_COLUMNS * PEOPLE];
    sy_poet_marginal marginals[SY_POET_MARGINALS];
    sy_poet_truth truth[SY_POET_TRUTHS];
    sy_poet_options o;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_poet_defaults(&o);
    o.seed = 7;
    o.people = PEOPLE;
    o.strength[12] = 0.3; /* powerfulness_payment */
    if (sy_poet_simulate(&ctx, &o, values, marginals, truth) < 0) die(&ctx);
    for (int c = 0; c < SY_POET_COLUMNS; c++)
        show("poet", sy_poet_columns()[c].name, 40, values + c * PEOPLE + PEOPLE - 40);
    for (int m = 0; m < SY_POET_MARGINALS; m++) {
        const double v[] = {marginals[m].planted, marginals[m].found};
        show("poet", marginals[m].kind, 2, v);
    }
    for (int k = 0; k < SY_POET_TRUTHS; k++) show("poet", truth[k].name, 1, &truth[k].value);
    sy_context_free(&ctx);
    mediations();
}
