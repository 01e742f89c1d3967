/* The first guess of the means, the rounding floors and the names of a set of
 * moments.
 *
 * Floor of a column: the share of its centred sum of squares that rounding
 * alone can make up. A double is off by at most u |x|, u = 2^-53 (half an ulp),
 * a product of k factors by k u |x|, so the noise is at most (k u)^2 sum w x^2;
 * a column read as decimals carries none. Against it stand the roundings of
 * the sums: 64 u in double, 4 (q + 1) 2^-104 in double-double (the length of
 * the elimination times the error of a few operations). Both are doubled. A
 * column is aliased only when less than that is left of it, never by a fixed
 * 1e-7. [Higham 2002, Accuracy and Stability of Numerical Algorithms, chapters
 * 3 and 10]
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_build_internal.h"
#include <math.h>
#include <string.h>

enum { SAMPLE = 1024, SHIFT_BITS = 12 };

/* Running mean and sum of squares [Welford 1962, doi:10.2307/1266577]. */
static void follow(const double *x, int len, double *count, double *mean, double *square)
{
    for (int i = 0; i < len; i++) {
        if (!isfinite(x[i])) continue;
        const double d = x[i] - *mean;
        *count += 1;
        *mean += d / *count;
        *square += d * (x[i] - *mean);
    }
}

static double short_mean(double count, double mean, double square)
{
    const double sd = sqrt(square / count);
    if (!isfinite(mean)) return 0;
    if (!(sd > 0) || !isfinite(sd)) return mean;
    const double grid = ldexp(1, ilogb(sd) - SHIFT_BITS), guess = rint(mean / grid) * grid;
    return isfinite(guess) ? guess : mean;
}

void syi_first_guess(const sy_design *design, const syi_layout *layout, double *tile, double *work, double *shift)
{
    const ptrdiff_t sample = design->n < SAMPLE ? design->n : SAMPLE;
    const int q = layout->n_columns;
    ptrdiff_t row[SYI_TILE];
    memset(work, 0, 3 * (size_t)q * sizeof(double));
    for (ptrdiff_t done = 0; done < sample; done += SYI_TILE) {
        const int len = sample - done < SYI_TILE ? (int)(sample - done) : SYI_TILE;
        for (int i = 0; i < len; i++)
            row[i] = (done + i) * (design->n / sample) + (done + i) * (design->n % sample) / sample;
        syi_design_tile(design, layout, row, len, tile);
        for (int c = 0; c < q; c++)
            follow(tile + (ptrdiff_t)c * SYI_TILE, len, &work[3 * c], &work[3 * c + 1], &work[3 * c + 2]);
    }
    for (int c = 0; c < q; c++) shift[c] = short_mean(work[3 * c], work[3 * c + 1], work[3 * c + 2]);
}

double syi_term_rounding(const sy_design *design, const sy_term *term, const int *places)
{
    double error = 0, powers = 0;
    for (int k = 0; k < term->n_factors; k++) {
        const sy_column *c = &design->columns[term->factors[k].column];
        if (c->type == SY_CODES) continue;
        powers += term->factors[k].power;
        if (places && places[term->factors[k].column] >= 0) continue;
        if (c->type == SY_F32) error += term->factors[k].power * 0x1p-24;
        else if (c->type == SY_F64 || (c->type == SY_I64 && !places)) error += term->factors[k].power * 0x1p-53;
    }
    if (!places && powers > 1) error += (powers - 1) * 0x1p-53;
    return error;
}

static double sums_floor(int twofold, int n_columns)
{
    return twofold ? 4 * (n_columns + 1) * 0x1p-104 : 64 * 0x1p-53;
}

double syi_rounding_floor(int twofold, int n_columns, syi_dd spread, double noise)
{
    if (!(spread.hi > 0)) return 1;
    const double data = noise / spread.hi, sums = sums_floor(twofold, n_columns);
    const double floor_ = 2 * (data > sums ? data : sums);
    return floor_ < 1 ? floor_ : 1;
}

syi_dd syi_column_spread(int twofold, int q, int column, const double *hi, const double *lo)
{
    const size_t sum_at = syi_packed_at(q, 0, column + 1), raw_at = syi_packed_at(q, column + 1, column + 1);
    const syi_dd sum = {hi[sum_at], lo[sum_at]}, raw = {hi[raw_at], lo[raw_at]};
    const syi_dd mean = syi_dd_div(sum, (syi_dd){hi[0], lo[0]});
    const syi_dd spread = syi_dd_sub(raw, syi_dd_mul(mean, sum));
    return spread.hi > raw.hi * (twofold ? 0x1p-96 : 0x1p-46) ? spread : syi_dd_of(0);
}

double syi_column_power(int q, int column, double shift, const double *hi)
{
    const double sum = hi[syi_packed_at(q, 0, column + 1)];
    return hi[syi_packed_at(q, column + 1, column + 1)] + 2 * shift * sum + shift * shift * hi[0];
}

/* Writes the name of a combination of levels ("north:urban"), when out is not
 * NULL, and returns its length with the end. */
static size_t cell_name(const sy_design *design, const sy_term *term, int cell, char *out)
{
    size_t used = 0;
    for (int k = 0; k < term->n_factors; k++) {
        const sy_column *c = &design->columns[term->factors[k].column];
        if (c->type != SY_CODES) continue;
        const char *level = c->levels[cell % c->n_levels];
        const size_t length = strlen(level);
        cell /= c->n_levels;
        if (out && used) out[used - 1] = ':';
        if (out) memcpy(out + used, level, length + 1);
        used += length + 1;
    }
    return used;
}

size_t syi_design_text_room(const sy_design *design, const syi_layout *layout)
{
    size_t room = 0;
    for (int t = 0; t < layout->n_terms; t++) {
        room += syi_text_room(design->terms[t].label);
        for (int k = 0; k < layout->count[t]; k++) room += cell_name(design, &design->terms[t], k, NULL);
    }
    return room;
}

void syi_design_text(const sy_design *design, const syi_layout *layout, syi_blob *blob)
{
    for (int t = 0; t < layout->n_terms; t++) {
        const sy_term *term = &design->terms[t];
        syi_blob_text(blob, t, term->label);
        for (int k = 0; k < layout->count[t]; k++) {
            const size_t length = cell_name(design, term, k, blob->text + blob->text_used);
            if (length == 0) continue;
            blob->text_at[layout->n_terms + layout->first[t] + k] = (int64_t)blob->text_used;
            blob->text_used += length;
        }
    }
}
