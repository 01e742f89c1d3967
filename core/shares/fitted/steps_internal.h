/* The walk over submodels that carries a growing and shrinking Cholesky factor.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_STEPS_INTERNAL_H
#define SYI_STEPS_INTERNAL_H
#include "shares/fitted/fitted_game_internal.h"

typedef struct {
    const syi_fitted *f;
    int players, always;     /* always: parameters that never go */
    int *order, *first;      /* parameters, those of player p from first[p] on */
    int n, n_always, *in;    /* in the factor now; after what is always there */
    double *pull;            /* [k] information times estimates */
    double *root;            /* [k * k] row i of the factor, columns 0..i */
    double *forward;         /* [k] root^-1 pull */
    double *estimate, *work; /* [k] for visitors */
    double q, q_always;      /* square sum of `forward` */
} syi_steps;

sy_status syi_steps_init(sy_context *ctx, const syi_fitted *f, int players, const int *player, syi_steps *s);
void syi_steps_free(syi_steps *s);
void syi_steps_push(syi_steps *s, int parameter);
/* theta [k] of the submodel at hand, zero where a parameter is out. */
void syi_steps_estimate(const syi_steps *s, double *theta);

/* Calls visit for every set of players player, player - 1, .. 0 beside `set`. */
typedef sy_status (*syi_visitor)(sy_context *ctx, syi_steps *s, uint32_t set, void *arg);
sy_status syi_steps_visit(sy_context *ctx, syi_steps *s, int player, uint32_t set, syi_visitor visit, void *arg);

#endif
