/* Entry for mediation.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_MEDIATION_H
#define R_MEDIATION_H
#include "r_glue.h"

SEXP C_mediation(SEXP design, SEXP question, SEXP model, SEXP options, SEXP threads, SEXP progress);
#endif
