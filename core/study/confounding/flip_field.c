/* Bases of two blocks' columns and the starts of f and g.
 *
 * Directions are searched in coordinates of uncorrelated unit combinations of
 * the block's columns given the adjusting ones (Gram-Schmidt in the order
 * given; a column that adds less than 2^-26 of its variance to those before it
 * has no coordinate). Starts, one after the other as far as they are wanted: the
 * combination of each block that the whole model uses for the outcome, the one
 * the block uses alone, single columns, random unit vectors.
 *
 * Cost: columns^3.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "study/confounding/flip_search_internal.h"
#include <math.h>
#include <string.h>

static const double adds = 0x1p-26;

/* basis [n * rank], its columns v with v'Rv = 1 and v'Ru = 0; returns the rank. */
static int fill_basis(const syi_geometry *g, int at, int n, double *basis, double *v)
{
    int rank = 0;
    for (int j = 0; j < n; j++) {
        double variance = 0;
        for (int i = 0; i < n; i++) v[i] = i == j;
        for (int k = 0; k < rank; k++) {
            double with = 0;
            for (int i = 0; i < n; i++) with += basis[i * n + k] * g->residual[(at + i) * g->k1 + at + j];
            for (int i = 0; i < n; i++) v[i] -= with * basis[i * n + k];
        }
        for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++) variance += v[i] * v[k] * g->residual[(at + i) * g->k1 + at + k];
        if (!(variance > adds)) continue;
        for (int i = 0; i < n; i++) basis[i * n + rank] = v[i] / sqrt(variance);
        rank++;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < rank; k++) basis[i * rank + k] = basis[i * n + k];
    return rank;
}

/* Correlations of the outcome with the basis: the block's combination alone. */
static void alone(const syi_geometry *g, int at, int n, int rank, const double *basis, double *eta)
{
    for (int k = 0; k < rank; k++) {
        eta[k] = 0;
        for (int i = 0; i < n; i++) eta[k] += basis[i * rank + k] * g->residual[(g->k1 - 1) * g->k1 + at + i];
    }
}

/* Coordinates of the combination sum beta_j x_j: its correlations with the
 * basis. beta [n] of the block's columns. */
static void of_combination(const syi_geometry *g, int at, int n, int rank, const double *basis, const double *beta,
                           double *eta)
{
    for (int k = 0; k < rank; k++) {
        eta[k] = 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                eta[k] += basis[i * rank + k] * g->residual[(at + i) * g->k1 + at + j] * beta[j];
    }
}

/* Coefficients of the whole model; 0 where columns follow from each other. */
static int whole(const syi_geometry *g, double *work, double *beta)
{
    const int k = g->k1 - 1;
    for (int i = 0; i < k; i++) {
        beta[i] = g->residual[k * g->k1 + i];
        for (int j = 0; j <= i; j++) work[i * k + j] = g->residual[i * g->k1 + j];
    }
    if (!syi_cholesky_plain(k, work, adds)) return 0;
    syi_cholesky_plain_forward(k, work, beta);
    syi_cholesky_plain_back(k, work, beta);
    return 1;
}

static void to_length_one(int n, double *eta)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += eta[i] * eta[i];
    for (int i = 0; i < n; i++) eta[i] = sum > 1e-20 ? eta[i] / sqrt(sum) : i == 0;
}

/* So that the weights add to 0 or more. */
static void turn(int n, int rank, const double *basis, double *eta)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < rank; k++) sum += basis[i * rank + k] * eta[k];
    for (int k = 0; k < rank && sum < 0; k++) eta[k] = -eta[k];
}

/* Start s of one block. beta: its part of the whole model's, NULL: none. */
static void fill_start(const syi_geometry *g, int at, int n, int rank, const double *basis, const double *beta, int s,
                       double *eta)
{
    memset(eta, 0, (size_t)rank * sizeof *eta);
    if (rank == 1) eta[0] = 1;
    else if (s == 0 && beta) of_combination(g, at, n, rank, basis, beta, eta);
    else if (s <= 1) alone(g, at, n, rank, basis, eta);
    else if (s - 2 < rank) eta[s - 2] = 1;
    else {
        syi_stream stream;
        syi_stream_init(&stream, 1, (uint32_t)s, (uint32_t)at);
        for (int i = 0; i < rank; i++) eta[i] = syi_stream_normal(&stream);
    }
    to_length_one(rank, eta);
    turn(n, rank, basis, eta);
}

sy_status syi_flip_field_init(sy_context *ctx, syi_flip_matrix *f, const syi_geometry *g,
                              const sy_flip_options *options, const double *weights, syi_flip_field *field)
{
    const size_t n_f = (size_t)g->n_f, n_g = (size_t)g->n_g, k = (size_t)g->k1;
    const size_t starts = (size_t)options->starts;
    *field = (syi_flip_field){.f = f, .g = g, .options = *options, .weights = weights, .n_starts = 1};
    double *work = syi_alloc(k * k + k, sizeof *work), *beta = work ? work + k * k : NULL;
    field->basis = syi_alloc(n_f * n_f + n_g * n_g, sizeof *field->basis);
    field->start = syi_alloc(starts * (n_f + n_g), sizeof *field->start);
    if (!work || !field->basis || !field->start) {
        SYI_FREE(work);
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for a search over %d columns", g->k1);
    }
    field->rank_f = fill_basis(g, g->at_f, g->n_f, field->basis, beta);
    double *basis_g = field->basis + (ptrdiff_t)g->n_f * field->rank_f;
    field->rank_g = fill_basis(g, g->at_g, g->n_g, basis_g, beta);
    if (!weights && (field->rank_f > 1 || field->rank_g > 1)) field->n_starts = options->starts;
    const int solved = whole(g, work, beta);
    for (int s = 0; s < field->n_starts && field->rank_f && field->rank_g; s++) {
        double *eta = field->start + (ptrdiff_t)s * (field->rank_f + field->rank_g);
        fill_start(g, g->at_f, g->n_f, field->rank_f, field->basis, solved ? beta + g->at_f : NULL, s, eta);
        fill_start(g, g->at_g, g->n_g, field->rank_g, basis_g, solved ? beta + g->at_g : NULL, s, eta + field->rank_f);
    }
    SYI_FREE(work);
    return SY_OK;
}

void syi_flip_field_free(syi_flip_field *field)
{
    SYI_FREE(field->basis);
    SYI_FREE(field->start);
}
