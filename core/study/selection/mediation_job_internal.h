/* What the making of a mediation's columns passes on.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MEDIATION_JOB_INTERNAL_H
#define SYI_MEDIATION_JOB_INTERNAL_H
#include "models/model_internal.h"
#include "study/selection/mediation_internal.h"

typedef struct {
    sy_design design; /* the caller's, an outcome of levels as numbers */
    sy_column *columns;
    double *answer;
    int *terms; /* treatment, mediators, confounders */
    int n_terms, n_mediators;
    syi_model model;
} syi_mediation_job;

/* The treatment becomes 0 at `from` and 1 at `to`. */
sy_status syi_mediation_treatment(sy_context *ctx, const syi_mediation_job *j, syi_mediation_sheet *s);

/* Which columns add nothing to those before them. */
sy_status syi_mediation_aliased(sy_context *ctx, const syi_mediation_job *j, syi_mediation_sheet *s);
#endif
