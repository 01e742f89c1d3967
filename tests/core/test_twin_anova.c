/* SPDX-License-Identifier: GPL-3.0-only
 * The tables of types I, II and III against brute force: each sum of squares
 * as the difference of two residual sums, from normal equations in quadruple
 * precision over columns that this file codes itself, by Helmert contrasts
 * (orthogonal to the mean like sum-to-zero contrasts, but other columns).
 * Tolerance 1e-12 relative, the promise of the module; the twin has 30 digits. */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "frame.h"
#include "steelyard/anova.h"
#include <math.h>
#include <quadmath.h>

enum { PROBLEMS = 120, MOST_P = 80, FACTORS = 3 };

static frame f;
static __float128 number[FRAME_COLUMNS][FRAME_ROWS]; /* the decimals themselves */
static __float128 weight[FRAME_ROWS];
static __float128 gram[MOST_P + 1][MOST_P + 1];
static int first_column[FRAME_TERMS], n_columns; /* of each term of the model; the intercept is 0 */

static double helmert(int level, int column)
{
    return level <= column ? -1 : level == column + 1 ? column + 1 : 0;
}

/* Columns of term t for row i, added at `at`; returns how many. */
static int code_term(int t, ptrdiff_t i, __float128 *at)
{
    int count = 1;
    at[0] = 1;
    for (int k = 0; k < f.terms[t].n_factors; k++) {
        const int c = f.factors[t][k].column;
        if (!f.is_factor[c]) {
            for (int j = 0; j < count; j++)
                for (int e = 0; e < f.factors[t][k].power; e++) at[j] *= number[c][i];
            continue;
        }
        __float128 before[MOST_P];
        const int codes = f.n_levels[c] - 1, had = count;
        memcpy(before, at, (size_t)had * sizeof *at);
        count = 0;
        for (int h = 0; h < codes; h++)
            for (int j = 0; j < had; j++) at[count++] = before[j] * (__float128)helmert(f.code[c][i], h);
    }
    return count;
}

static void sum_rows(void)
{
    __float128 x[MOST_P + 1];
    memset(gram, 0, sizeof gram);
    for (ptrdiff_t i = 0; i < f.n; i++) {
        n_columns = 0;
        x[n_columns++] = 1;
        for (int t = 1; t <= f.model.n_terms; t++) {
            first_column[t] = n_columns;
            n_columns += code_term(t, i, x + n_columns);
        }
        first_column[f.model.n_terms + 1] = n_columns;
        x[n_columns] = number[frame_column(&f, "y")][i];
        for (int a = 0; a <= n_columns; a++)
            for (int b = 0; b <= n_columns; b++) gram[a][b] += weight[i] * x[a] * x[b];
    }
}

/* Residual sum of squares and rank of the terms with use[t]. */
static __float128 residual(const int *use, int *rank)
{
    static __float128 a[MOST_P + 1][MOST_P + 1];
    int column[MOST_P + 1], n = 0;
    column[n++] = 0;
    for (int t = 1; t <= f.model.n_terms; t++)
        for (int c = first_column[t]; use[t] && c < first_column[t + 1]; c++) column[n++] = c;
    column[n] = n_columns;
    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= n; j++) a[i][j] = gram[column[i]][column[j]];
    *rank = 0;
    for (int k = 0; k < n; k++) {
        if (a[k][k] <= 1e-24Q * gram[column[k]][column[k]]) continue;
        ++*rank;
        for (int i = k + 1; i <= n; i++)
            for (int j = n; j >= k; j--) a[i][j] -= a[i][k] / a[k][k] * a[k][j];
    }
    return a[n][n];
}

static int contains(int large, int small)
{
    int all = f.terms[large].n_factors > f.terms[small].n_factors;
    for (int k = 0; k < f.terms[small].n_factors && all; k++) {
        int found = 0;
        for (int j = 0; j < f.terms[large].n_factors; j++)
            found |= !memcmp(&f.factors[large][j], &f.factors[small][k], sizeof(sy_factor));
        all = found;
    }
    return all;
}

static void brute_force(sy_anova_type type, int t, double *df, __float128 *ss)
{
    int use[FRAME_TERMS], with, without;
    for (int s = 1; s <= f.model.n_terms; s++)
        use[s] = s != t && (type == SY_ANOVA_I ? s < t : type == SY_ANOVA_III || !contains(s, t));
    const __float128 before = residual(use, &without);
    use[t] = 1;
    *ss = before - residual(use, &with);
    *df = with - without;
}

static const char *const formulas[] = {
    "y ~ a + b",
    "y ~ a + b + a:b",
    "y ~ x + a + b + a:b + x:a",
    "y ~ b + x + a + c + a:b",
    "y ~ a + b + c + a:b + a:c + b:c",
    "y ~ a + b + c + a:b + a:c + b:c + a:b:c",
    "y ~ a + b + c + x + a:b + b:c + x:b",
    "y ~ x + x^2 + a + x:a",
};
enum { FORMULAS = sizeof formulas / sizeof *formulas };

static void fill(syi_stream *s, int kind)
{
    static const char *const names[FACTORS] = {"a", "b", "c"};
    f.p = 0;
    int cells = 1;
    for (int k = 0; k < FACTORS; k++) {
        frame_add(&f, names[k], 1, 2 + (int)syi_stream_below(s, 3));
        cells *= f.n_levels[k];
    }
    frame_add(&f, "x", 0, 0);
    frame_add(&f, "y", 0, 0);
    frame_add(&f, "w", 0, 0);
    f.n = cells + 20 + (ptrdiff_t)syi_stream_below(s, 40); /* each cell once, then at random */
    const int shift = kind % 3 == 0 ? 1000000 : 0;
    for (ptrdiff_t i = 0; i < f.n; i++) {
        int rest = (int)i;
        double y = 0;
        for (int k = 0; k < FACTORS; k++) {
            f.code[k][i] = i < cells ? rest % f.n_levels[k] : (int)(syi_stream_below(s, 100) % (uint32_t)f.n_levels[k]);
            rest /= f.n_levels[k];
            y += (k + 1) * f.code[k][i] * 13.0;
        }
        const int x = (int)syi_stream_below(s, 1000),
                  whole = (int)(y + x / 10.0) + (int)syi_stream_below(s, 200) + shift;
        f.value[3][i] = x / 100.0;
        f.value[4][i] = whole / 10.0;
        f.value[5][i] = kind % 4 == 1 ? 1 + (int)syi_stream_below(s, 4) : 1 + (int)syi_stream_below(s, 16) / 4.0;
        number[3][i] = (__float128)x / 100;
        number[4][i] = (__float128)whole / 10;
        weight[i] = kind % 4 == 1 || kind % 4 == 2 ? (__float128)f.value[5][i] : 1;
    }
}

static void compare(const char *formula, int kind)
{
    sy_context ctx;
    sy_anova_options options;
    sy_context_init(&ctx);
    sy_anova_defaults(&options);
    frame_model(&f, formula);
    if (kind % 4 == 1 || kind % 4 == 2) {
        f.design.weights = &f.columns[5];
        f.design.weight_kind = kind % 4 == 1 ? SY_WEIGHT_FREQUENCY : SY_WEIGHT_ANALYTIC;
    }
    sum_rows();
    for (int type = SY_ANOVA_I; type <= SY_ANOVA_III; type++) {
        sy_anova_summary summary;
        sy_anova_row row[FRAME_TERMS];
        options.type = (sy_anova_type)type;
        if (sy_anova(&ctx, &f.design, &f.model, &options, &summary, row) != SY_OK)
            fail_msg("%s: %s", formula, ctx.message);
        for (int t = 1; t <= f.model.n_terms; t++) {
            double df;
            __float128 ss;
            brute_force((sy_anova_type)type, t, &df, &ss);
            const double error = (double)fabsq((__float128)row[t - 1].sum_of_squares / ss - 1);
            if (!(error <= 1e-12) || row[t - 1].df != df)
                fail_msg("%s, type %d, %s: %.17g on %g, brute force %.17g on %g", formula, type, f.label[t],
                         row[t - 1].sum_of_squares, row[t - 1].df, (double)ss, df);
        }
    }
    sy_context_free(&ctx);
}

static void sums_of_squares_match_brute_force(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 20, 0, 0);
    for (int k = 0; k < PROBLEMS; k++) {
        fill(&s, k);
        compare(formulas[k % FORMULAS], k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_of_squares_match_brute_force)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
