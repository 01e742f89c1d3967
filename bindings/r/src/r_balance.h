/* Entries for the balance of two groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_BALANCE_H
#define R_BALANCE_H
#include "r_glue.h"

SEXP C_balance_rows(SEXP design, SEXP question);
SEXP C_balance(SEXP design, SEXP question, SEXP treatment, SEXP rows, SEXP threads, SEXP progress);
#endif
