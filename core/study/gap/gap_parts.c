/* From the means and coefficients of two groups to the parts of their gap.
 *
 * With X the means of a column in the first and second group, b its
 * coefficients, b* those of the reference:
 *   explained (X1 - X2) b*, unexplained X1 (b1 - b*) + X2 (b* - b2)
 *   threefold (X1 - X2) b2 + X2 (b1 - b2) + (X1 - X2)(b1 - b2)
 * [Oaxaca 1973, doi:10.2307/2525981; Blinder 1973, doi:10.2307/144855], the
 * second of them from the second group's view [Daymont & Andrisani 1984,
 * doi:10.2307/145880]. b* is w b1 + (1 - w) b2, or pooled: of one regression
 * with the group in it [Jann 2008, doi:10.1177/1536867X0800800401; Fortin 2008],
 * or without [Neumark 1988, doi:10.2307/145830; Oaxaca & Ransom 1994], which
 * takes a part of the gap in the constants over into the coefficients.
 *
 * The detail of a factor would depend on which level is left out; so its
 * coefficients count from their mean over the levels, the mean goes into the
 * constant, and all levels stand there [Gardeazabal & Ugidos 2004,
 * doi:10.1162/0034653041811734; Yun 2005, doi:10.1093/ei/cbi053].
 * Constants are y - sum X b, summed in double-double, so that parts add to the
 * gap.
 *
 * Gelbach: with the group in both models, the base one has the adjusting columns
 * only; its coefficient less the full one is the sum over the other columns of
 * (their difference between the groups beside the adjusting ones) b, b of the
 * full model [Gelbach 2016, doi:10.1086/683668]. Without adjusting columns that
 * is Oaxaca-Blinder with the pooled reference.
 *
 * All parts are linear in the means and in the coefficients, so the same sums
 * serve for their derivatives. Cost: q (5 + 3 references).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/gap/gap_linear_internal.h"

enum { KINDS = 7, PLANES = 5 }; /* references; other rows of q + 1 in a fit */

size_t syi_gap_fit_room(const syi_gap_model *m)
{
    return (KINDS + PLANES) * syi_arena_room((size_t)m->n_columns + 1, sizeof(double));
}

void syi_gap_fit_take(const syi_gap_model *m, syi_arena *arena, syi_gap_fit *fit)
{
    const size_t each = (size_t)m->n_columns + 1;
    double **all[KINDS + PLANES] = {&fit->mean[0], &fit->mean[1], &fit->diff, &fit->net,  &fit->base, &fit->b[0],
                                    &fit->b[1],    &fit->b[2],    &fit->b[3], &fit->b[4], &fit->b[5], &fit->b[6]};
    for (int i = 0; i < KINDS + PLANES; i++) *all[i] = syi_arena_take(arena, each, sizeof(double));
}

void syi_gap_spread(const syi_gap_model *m, int n, const double *fitted, double *full)
{
    for (int j = 0; j < m->n_columns; j++) full[j] = 0;
    for (int i = 0; i < n; i++) full[m->fitted[i]] = fitted[i];
    for (int t = 0; t < m->n_terms; t++) {
        const syi_gap_term *term = &m->term[t];
        double mean = 0;
        if (!term->factor) continue;
        for (int j = term->first; j < term->first + term->count; j++) mean += full[j] / term->count;
        for (int j = term->first; j < term->first + term->count; j++) full[j] -= mean;
    }
}

/* y - sum of share X1 b + (1 - share) X2 b */
static double constant_of(const syi_gap_model *m, const syi_gap_fit *fit, const double *b, double share)
{
    const double part[2] = {share, 1 - share};
    syi_dd sum = syi_dd_of(0);
    for (int g = 0; g < 2; g++) {
        syi_dd own = syi_dd_of(fit->y[g]);
        if (part[g] == 0) continue;
        for (int j = 0; j < m->n_columns; j++) own = syi_dd_sub(own, syi_two_product(fit->mean[g][j], b[j]));
        sum = syi_dd_add(sum, syi_dd_mul_d(own, part[g]));
    }
    return syi_dd_round(sum);
}

static void mixture(int count, double w, const double *first, const double *second, double *out)
{
    for (int j = 0; j < count; j++) out[j] = w * first[j] + (1 - w) * second[j];
}

void syi_gap_mix(const syi_gap_model *m, syi_gap_fit *fit)
{
    const int q = m->n_columns;
    if (m->ask->method != SY_GAP_OAXACA) return;
    fit->b[SY_REFERENCE_FIRST][q] = constant_of(m, fit, fit->b[SY_REFERENCE_FIRST], 1);
    fit->b[SY_REFERENCE_SECOND][q] = constant_of(m, fit, fit->b[SY_REFERENCE_SECOND], 0);
    fit->b[SY_REFERENCE_POOLED][q] = constant_of(m, fit, fit->b[SY_REFERENCE_POOLED], fit->share);
    fit->b[SY_REFERENCE_POOLED_WITHOUT][q] = constant_of(m, fit, fit->b[SY_REFERENCE_POOLED_WITHOUT], fit->share);
    const double *first = fit->b[SY_REFERENCE_FIRST], *second = fit->b[SY_REFERENCE_SECOND];
    mixture(q + 1, 0.5, first, second, fit->b[SY_REFERENCE_EQUAL]);
    mixture(q + 1, fit->share, first, second, fit->b[SY_REFERENCE_SIZE]);
    mixture(q + 1, m->ask->weight, first, second, fit->b[SY_REFERENCE_NUMBER]);
}

/* Lines that a column's part is added to. */
static int lines_of(const syi_gap_model *m, int j, int line[4])
{
    const syi_gap_term *term = &m->term[m->term_of[j]];
    int n = 0;
    line[n++] = 0;
    line[n++] = term->block_line;
    line[n++] = term->line;
    if (m->line[j] != term->line) line[n++] = m->line[j];
    return n;
}

static void gelbach_parts(const syi_gap_model *m, const syi_gap_fit *x, const syi_gap_fit *b, double *values)
{
    const double *full = b->b[SY_REFERENCE_POOLED];
    double *base = values + m->n_lines + SY_GAP_BASE;
    for (int j = 0; j < m->n_columns; j++) {
        int line[4];
        const int n = lines_of(m, j, line), adjusting = j < m->q_adjust;
        const double part = x->net[j] * (adjusting ? b->base[j] : full[j]), all = x->diff[j] * full[j];
        for (int i = 0; i < n; i++) values[line[i]] += part;
        values[m->rest_line] -= all;
        *base += (adjusting ? 0 : part) - all;
    }
}

static void oaxaca_detail(const syi_gap_model *m, const syi_gap_fit *x, const syi_gap_fit *b, double *values)
{
    const double *first = b->b[SY_REFERENCE_FIRST], *second = b->b[SY_REFERENCE_SECOND];
    const double *reference = b->b[m->ask->reference];
    for (int j = 0; j < m->n_columns; j++) {
        int line[4];
        const int n = lines_of(m, j, line);
        const double part[SY_GAP_OAXACA_COLUMNS] = {
            x->diff[j] * reference[j],
            x->mean[0][j] * (first[j] - reference[j]) + x->mean[1][j] * (reference[j] - second[j]),
            x->diff[j] * second[j], x->mean[1][j] * (first[j] - second[j]), x->diff[j] * (first[j] - second[j])};
        for (int i = 0; i < n; i++)
            for (int c = 0; c < SY_GAP_OAXACA_COLUMNS; c++) values[line[i] * SY_GAP_OAXACA_COLUMNS + c] += part[c];
    }
}

static void oaxaca_constant(const syi_gap_model *m, const syi_gap_fit *b, double one, double *values)
{
    const int q = m->n_columns, line[2] = {0, m->constant_line};
    const double part = one * (b->b[SY_REFERENCE_FIRST][q] - b->b[SY_REFERENCE_SECOND][q]);
    for (int i = 0; i < 2; i++) {
        values[line[i] * SY_GAP_OAXACA_COLUMNS + SY_GAP_UNEXPLAINED] += part;
        values[line[i] * SY_GAP_OAXACA_COLUMNS + SY_GAP_COEFFICIENTS] += part;
    }
}

static void references(const syi_gap_model *m, const syi_gap_fit *x, const syi_gap_fit *b, double one, double *values)
{
    const int q = m->n_columns, count = m->ask->reference == SY_REFERENCE_NUMBER ? KINDS : KINDS - 1;
    const double *first = b->b[SY_REFERENCE_FIRST], *second = b->b[SY_REFERENCE_SECOND];
    for (int k = 0; k < count; k++) {
        double *split = values + k * SY_GAP_SPLITS;
        const double *reference = b->b[k];
        double explained = 0, own[2] = {one * (first[q] - reference[q]), one * (reference[q] - second[q])};
        for (int j = 0; j < q; j++) {
            explained += x->diff[j] * reference[j];
            own[0] += x->mean[0][j] * (first[j] - reference[j]);
            own[1] += x->mean[1][j] * (reference[j] - second[j]);
        }
        split[SY_GAP_SPLIT_EXPLAINED] += explained;
        split[SY_GAP_SPLIT_UNEXPLAINED] += own[0] + own[1];
        split[SY_GAP_SPLIT_FIRST] += own[0];
        split[SY_GAP_SPLIT_SECOND] += own[1];
    }
}

void syi_gap_parts(const syi_gap_model *m, const syi_gap_fit *x, const syi_gap_fit *b, double one, double *values)
{
    if (m->ask->method == SY_GAP_GELBACH) {
        gelbach_parts(m, x, b, values);
        return;
    }
    oaxaca_detail(m, x, b, values);
    oaxaca_constant(m, b, one, values);
    references(m, x, b, one, values + m->n_lines * SY_GAP_OAXACA_COLUMNS);
}

void syi_gap_ends(const syi_gap_model *m, const double y[2], double *values)
{
    const int oaxaca = m->ask->method == SY_GAP_OAXACA;
    const int references_ = !oaxaca ? 0 : m->ask->reference == SY_REFERENCE_NUMBER ? KINDS : KINDS - 1;
    double *end = values + m->n_lines * (oaxaca ? SY_GAP_OAXACA_COLUMNS : 1) + references_ * SY_GAP_SPLITS;
    end[SY_GAP_MEAN_FIRST] += y[0];
    end[SY_GAP_MEAN_SECOND] += y[1];
    end[SY_GAP_GAP] += y[0] - y[1];
    end[SY_GAP_BASE] += y[0] - y[1];
    if (m->ask->method == SY_GAP_GELBACH) values[m->rest_line] += y[0] - y[1];
}
