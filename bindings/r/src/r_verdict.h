/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_VERDICT_H
#define R_VERDICT_H
#include "r_glue.h"

/* A table as list(name, texts, numbers): named lists of columns; unprotected. */
SEXP r_tidy(const sy_tidy *table);
/* Sources from list(names, list of terms counted from 1, blocks counted from 1 or 0, one_source); scratch of R's. */
sy_process_source *r_sources(SEXP list, int *n);
/* Blocks from list(names, list of terms counted from 1). */
sy_block *r_blocks(SEXP list, int *n);
/* A column of the design by its place counted from 1; 0 is NULL. */
const sy_column *r_column_at(const sy_design *design, int place);

SEXP C_weigh(SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress);
SEXP C_specifications(SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress);
#endif
