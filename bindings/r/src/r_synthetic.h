/* Entries for synthetic data.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_SYNTHETIC_H
#define R_SYNTHETIC_H
#include "r_glue.h"

SEXP C_poet_tables(void);
SEXP C_poet(SEXP options, SEXP year, SEXP strengths, SEXP threads, SEXP progress);
#endif
