/* The model in columns that are orthonormal in the weights.
 *
 * With (X'WX)^-1 = L L' the columns Z = X L have Z'WZ = I, so cluster g has
 * leverages Z_g Z_g', and every covariance is L (p x p algebra of Z_g'WZ_g and
 * Z_g'W e_g) L'. L comes from the fit's inverse; with an intercept the columns
 * are moved near their means first, where the intercept stands apart, so that a
 * column like 1e9 + noise keeps its digits. L is then only nearly right, and so
 * are the residuals: the sums found with them, T = Z'WZ and s = Z'We, say by how
 * much. With T = U U' for an upper triangle U, Z <- Z U^-T and e <- e - Z U^-1 s
 * are right to rounding (a second orthogonalisation, and one step of
 * refinement). Where the columns' condition is below 100 the columns themselves can
 * stand for Z, and U does the turning; for single rows the fit's own inverse and
 * coefficients leave nothing to correct.
 * Condition: the columns in use are not collinear beyond 1e13 in the scale of
 * unit length. Cost: p^3; the columns cost n p^2 / 2 a pass.
 * Golub & Van Loan 2013, Matrix Computations, section 5.3; Yamamoto, Nakatsukasa,
 * Yanagisawa & Fukaya 2015 (CholeskyQR2), https://etna.ricam.oeaw.ac.at/vol.44.2015/.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include <math.h>
#include <string.h>

static const double WELL_CONDITIONED = 100; /* Cholesky of the inverse loses condition^2: 1e-12 */
enum { GUESS_ROWS = 1024 };

static sy_status no_room(sy_context *ctx, int p)
{
    return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", p);
}

static sy_status fit(sy_context *ctx, const sy_linear_options *options, syi_basis *b)
{
    const size_t p = (size_t)b->p, n = b->design->n > 0 ? (size_t)b->design->n : 1;
    const int small = syi_model_light(b->design, b->p); /* sy_linear's residuals are double-double's */
    int *aliased = syi_alloc(p, sizeof *aliased);
    double *effects = syi_alloc(p, sizeof *effects);
    sy_status s = SY_OK;
    b->column = syi_alloc(p, sizeof *b->column);
    b->coefficient = syi_alloc(p, sizeof *b->coefficient);
    b->inverse = syi_alloc(p * p, sizeof *b->inverse);
    if (small) b->residual = syi_alloc(n, sizeof *b->residual);
    if (!aliased || !effects || !b->column || !b->coefficient || !b->inverse || (small && !b->residual))
        s = no_room(ctx, b->p);
    const sy_linear_fit out = {.coefficient = b->coefficient,
                               .aliased = aliased,
                               .inverse = b->inverse,
                               .effects = effects,
                               .residual = b->residual};
    if (s >= 0) s = sy_linear(ctx, b->design, b->model, options, &b->fit, &out);
    for (int c = 0; s >= 0 && c < b->p; c++)
        if (!aliased[c]) b->column[b->rank++] = c;
    SYI_FREE(aliased);
    SYI_FREE(effects);
    return s < 0 ? s : SY_OK;
}

/* Means over up to GUESS_ROWS rows spread evenly, for all columns but the
 * intercept; any value near the mean does. */
static sy_status guess_shift(sy_context *ctx, syi_basis *b)
{
    const ptrdiff_t n = b->design->n, step = n / GUESS_ROWS + 1;
    double *x = syi_alloc(((size_t)b->p + 2) * SYI_TILE, sizeof *x), rows = 0;
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE], next = 0;
    if (!x) return no_room(ctx, b->p);
    double *y = x + (size_t)b->p * SYI_TILE, *w = y + SYI_TILE;
    while (next < n) {
        int len = 0;
        for (; len < SYI_TILE && next < n; next += step) row[len++] = next;
        syi_model_tile(&b->m, row, len, x, y, w, used);
        for (int i = 0; i < len; i++) {
            if (!used[i]) continue;
            rows += 1;
            for (int k = 1; k < b->rank; k++) {
                const double v = x[(ptrdiff_t)b->column[k] * SYI_TILE + i];
                b->shift[k] += (v - b->shift[k]) / rows;
            }
        }
    }
    SYI_FREE(x);
    return SY_OK;
}

/* Lower Cholesky factor of the inverse's part from `first` on into l. A pivot
 * lost to rounding leaves a short column, which the correction mends. */
static sy_status factor(sy_context *ctx, syi_basis *b, int first)
{
    const int r = b->rank, k = r - first;
    if (k == 0) return SY_OK;
    syi_dd *a = syi_alloc((size_t)k * (size_t)k, sizeof *a);
    double *floor_ = syi_alloc((size_t)k, sizeof *floor_);
    int *lost = syi_alloc((size_t)k, sizeof *lost);
    const int room = a && floor_ && lost;
    for (int i = 0; room && i < k; i++) {
        floor_[i] = 0x1p-60;
        for (int j = 0; j < k; j++) {
            const ptrdiff_t from = b->column[first + i], to = b->column[first + j];
            a[i * k + j] = syi_dd_of(b->inverse[from * b->p + to]);
        }
    }
    if (room) syi_cholesky(k, a, floor_, lost);
    for (int i = 0; room && i < k; i++) {
        const ptrdiff_t at = b->column[first + i];
        for (int j = 0; j <= i; j++) b->l[(first + i) * r + first + j] = syi_dd_round(a[i * k + j]);
        if (lost[i]) b->l[(first + i) * r + first + i] = 1e-8 * sqrt(b->inverse[at * b->p + at]);
    }
    SYI_FREE(a);
    SYI_FREE(floor_);
    SYI_FREE(lost);
    return room ? SY_OK : no_room(ctx, b->p);
}

/* l and b as the kernel reads them: row i is column i of the model, the last row
 * the outcome; column 0 the residual. */
static void fill_kernel(syi_basis *b)
{
    const int r = b->rank, wide = syi_basis_wide(r);
    for (int i = 0; i < r; i++) {
        double *row = b->kernel + (ptrdiff_t)i * wide;
        row[0] = -b->b[i];
        for (int j = 0; j <= i; j++) row[1 + j] = b->l[i * r + j];
    }
    b->kernel[(ptrdiff_t)r * wide] = 1;
}

static sy_status make_basis(sy_context *ctx, syi_basis *b)
{
    const size_t r = (size_t)b->rank;
    b->trusted = b->fit.method == SY_BY_MOMENTS && b->fit.condition <= WELL_CONDITIONED;
    const int centred = b->m.count[0] == 1 && b->rank > 0 && b->column[0] == 0 && !b->trusted;
    b->shift = syi_alloc(r, sizeof *b->shift);
    b->l = syi_alloc(r * r, sizeof *b->l);
    b->b = syi_alloc(r, sizeof *b->b);
    b->kernel = syi_alloc((r + 1) * (size_t)syi_basis_wide(b->rank), sizeof *b->kernel);
    if (!b->shift || !b->l || !b->b || !b->kernel) return no_room(ctx, b->p);
    sy_status s = centred ? guess_shift(ctx, b) : SY_OK;
    if (s >= 0 && centred) b->l[0] = 1 / sqrt(b->fit.sum_w);
    if (s >= 0) s = factor(ctx, b, centred);
    if (s < 0) return s;
    syi_dd level = syi_dd_of(0);
    for (int k = 0; k < b->rank && !b->residual; k++) {
        b->b[k] = b->coefficient[b->column[k]];
        level = syi_dd_add(level, k == 0 && centred ? syi_dd_of(b->b[0]) : syi_two_product(b->b[k], b->shift[k]));
    }
    if (centred && !b->residual) b->b[0] = syi_dd_round(level);
    fill_kernel(b);
    return SY_OK;
}

sy_status syi_basis_init(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                         const sy_linear_options *options, syi_basis *b)
{
    *b = (syi_basis){.design = design, .model = model};
    b->frequency = !design->weights || design->weight_kind == SY_WEIGHT_FREQUENCY;
    sy_status s = syi_model_open(ctx, design, model, SY_PRECISION_DOUBLE, &b->m);
    b->p = b->m.p;
    if (s >= 0) s = fit(ctx, options, b);
    if (s >= 0 && b->rank == 0) s = syi_fail(ctx, SY_ERANK, "covariance: every column of the model is zero or aliased");
    if (s >= 0) s = make_basis(ctx, b);
    if (s >= 0) s = syi_basis_plan(ctx, b);
    if (s < 0) syi_basis_free(b);
    return s < 0 ? s : SY_OK;
}

void syi_basis_free(syi_basis *b)
{
    syi_model_free(&b->m);
    SYI_FREE(b->column);
    SYI_FREE(b->coefficient);
    SYI_FREE(b->inverse);
    SYI_FREE(b->shift);
    SYI_FREE(b->l);
    SYI_FREE(b->b);
    SYI_FREE(b->residual);
    SYI_FREE(b->kernel);
    SYI_FREE(b->direct);
}

/* turn = inverse of the upper triangle U, gram = U U': Cholesky of the matrix
 * read from its last row, whose factor and inverse are triangles the other way. */
static void invert_flipped(int r, const syi_dd *l, double *turn)
{
    for (int c = 0; c < r; c++)
        for (int i = 0; i < r; i++) {
            syi_dd sum = syi_dd_of(i == c);
            for (int m = c; m < i; m++)
                sum = syi_dd_sub(sum, syi_dd_mul_d(l[i * r + m], turn[(ptrdiff_t)(r - 1 - m) * r + (r - 1 - c)]));
            const double v = i < c ? 0 : syi_dd_round(syi_dd_div(sum, l[i * r + i]));
            turn[(ptrdiff_t)(r - 1 - i) * r + (r - 1 - c)] = v;
        }
}

sy_status syi_basis_turn(sy_context *ctx, int r, const syi_dd *gram, const double *score, double *turn, double *delta)
{
    syi_dd *a = syi_alloc((size_t)r * (size_t)r, sizeof *a);
    double *floor_ = syi_alloc((size_t)r, sizeof *floor_);
    int *lost = syi_alloc((size_t)r, sizeof *lost), rank = 0;
    const int room = a && floor_ && lost;
    for (int i = 0; room && i < r; i++) {
        floor_[i] = 0x1p-50;
        for (int j = 0; j < r; j++) a[i * r + j] = gram[(r - 1 - i) * r + (r - 1 - j)];
    }
    if (room) rank = syi_cholesky(r, a, floor_, lost);
    if (room && rank == r) {
        invert_flipped(r, a, turn);
        for (int i = 0; i < r; i++) {
            delta[i] = 0;
            for (int j = i; j < r; j++) delta[i] += turn[i * r + j] * score[j];
        }
    }
    SYI_FREE(a);
    SYI_FREE(floor_);
    SYI_FREE(lost);
    if (!room) return no_room(ctx, r);
    return rank == r ? SY_OK
                     : syi_fail(ctx, SY_ERANK,
                                "covariance: the columns are collinear to within rounding in double; centre or scale "
                                "them, or leave one out");
}

void syi_basis_correct(syi_basis *b, const double *turn, const double *delta)
{
    const int r = b->rank;
    for (int i = 0; i < r; i++) {
        double *row = b->l + (ptrdiff_t)i * r;
        for (int j = 0; j <= i; j++) { /* (l turn')_ij, in place: j reads only what lies at j and behind */
            double sum = 0;
            for (int m = j; m <= i; m++) sum += row[m] * turn[j * r + m];
            row[j] = sum;
        }
        double sum = 0;
        for (int j = 0; j <= i; j++) sum += row[j] * delta[j];
        b->b[i] += sum;
    }
    fill_kernel(b);
}

void syi_basis_map(const syi_basis *b, double *map)
{
    const int r = b->rank;
    memcpy(map, b->l, (size_t)r * (size_t)r * sizeof *map);
    for (int k = 1; k < r; k++)
        for (int j = 0; j < r; j++) map[j] -= b->shift[k] * b->l[k * r + j];
}

void syi_basis_spread(const syi_basis *b, const double *inner, double *full)
{
    const ptrdiff_t p = b->p;
    for (ptrdiff_t i = 0; i < p * p; i++) full[i] = NAN;
    for (int i = 0; i < b->rank; i++)
        for (int j = 0; j < b->rank; j++) full[b->column[i] * p + b->column[j]] = inner[(ptrdiff_t)i * b->rank + j];
}
