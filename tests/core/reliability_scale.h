/* Scales of several items: read or made up, and asked about.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_RELIABILITY_SCALE_H
#define SYI_TEST_RELIABILITY_SCALE_H
#include "frame.h"
#include "steelyard/reliability.h"

enum { MOST = 12 };

typedef struct {
    sy_reliability_summary s;
    double estimate[SY_N_RELIABILITIES], std_error[SY_N_RELIABILITIES], low[SY_N_RELIABILITIES],
        high[SY_N_RELIABILITIES];
    double mean[MOST], std_dev[MOST], item_rest[MOST], alpha_without[MOST], loading[MOST], uniqueness[MOST];
} answer;

static frame f;

static inline void relative(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("%.17g, expected %.17g within %g of it", found, expected, tolerance);
}

/* The first `items` columns as numbers (or codes, when they are factors); other columns only where named. */
static inline void design_of(int items, const char *weights, sy_weight_kind kind, const char *cluster)
{
    frame_columns(&f);
    for (int t = 0; t < items; t++) frame_term(&f, t, f.name[t]);
    f.design = (sy_design){.n = f.n, .n_columns = f.p, .columns = f.columns, .n_terms = items, .terms = f.terms};
    if (weights) {
        f.design.weights = &f.columns[frame_column(&f, weights)];
        f.design.weight_kind = kind;
    }
    if (cluster) f.design.cluster = &f.columns[frame_column(&f, cluster)];
}

static inline void moments_of(sy_unit unit, sy_moments *m)
{
    sy_context ctx;
    sy_context_init(&ctx);
    sy_moments_options o;
    sy_moments_defaults(&o);
    o.unit = unit;
    if (sy_moments_init(&ctx, &f.design, &o, m) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static inline sy_status ask_of(const sy_moments *m, const sy_design *rows, int items, const int *item,
                               const sy_reliability_options *o, answer *a, char *text)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_reliability_table t = {a->estimate, a->std_error, a->low,           a->high,    a->mean,
                                    a->std_dev,  a->item_rest, a->alpha_without, a->loading, a->uniqueness};
    const sy_status status = sy_reliability(&ctx, m, rows, items, item, o, &a->s, &t);
    if (text) {
        text[0] = 0;
        if (status < 0) snprintf(text, 600, "%.599s", ctx.message);
        for (int i = 0; status >= 0 && i < ctx.n_remarks; i++) {
            const size_t used = strlen(text);
            snprintf(text + used, 600 - used, "%s\n", ctx.remarks[i].text);
        }
    }
    sy_context_free(&ctx);
    return status;
}

static inline sy_status ask(sy_unit unit, sy_reliability_interval interval, answer *a, char *text)
{
    static const int item[MOST] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    sy_moments m = {0};
    sy_reliability_options o;
    sy_reliability_defaults(&o);
    o.interval = interval;
    moments_of(unit, &m);
    const sy_status status = ask_of(&m, unit == SY_UNIT_NONE ? &f.design : NULL, f.design.n_terms, item, &o, a, text);
    sy_moments_free(&m);
    return status;
}

/* Items of one factor with loadings `load` (and noise that makes up a variance of 1), skewed for `skew`, in clusters of
 * like people. */
static inline void fill(int items, ptrdiff_t n, const double *load, int skew, int clusters)
{
    uint64_t s = 88172645463325252u;
    f.p = 0;
    f.n = n;
    for (int i = 0; i < items; i++) {
        char name[20];
        snprintf(name, sizeof name, "x%d", i + 1);
        frame_add(&f, name, 0, 0);
    }
    frame_add(&f, "council", 1, clusters);
    double shared = 0;
    for (ptrdiff_t row = 0; row < n; row++) {
        double z[MOST + 2];
        for (int k = 0; k < items + 2; k++) {
            z[k] = 0;
            for (int c = 0; c < 6; c++) {
                s ^= s << 13;
                s ^= s >> 7;
                s ^= s << 17;
                z[k] += (double)(s >> 11) * 0x1p-53 - 0.5;
            }
            z[k] *= sqrt(2);
        }
        const int32_t g = (int32_t)(row * clusters / n);
        if (row == 0 || g != f.code[items][row - 1]) shared = z[items + 1];
        f.code[items][row] = g;
        const double common = clusters > 1 ? 0.6 * shared + 0.8 * z[items] : z[items];
        for (int i = 0; i < items; i++) {
            const double x = load[i] * common + sqrt(1 - load[i] * load[i]) * z[i];
            f.value[i][row] = (i + 1) * (skew ? exp(0.5 * x) : x) + 10 * i;
        }
    }
}

static const double loads[6] = {0.8, 0.7, 0.6, 0.5, 0.75, 0.4};
#endif
