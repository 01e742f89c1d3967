/* Tables that the core makes and owns: one row an observation, columns of text,
 * then columns of numbers, with their names.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_TIDY_H
#define STEELYARD_TIDY_H
#include "steelyard/context.h"
#ifdef __cplusplus
extern "C" {
#endif

enum { SY_TIDY_TEXT = 256 };

typedef struct {
    const char *name; /* such as "sources" */
    int n_rows, n_texts, n_numbers;
    const char *const *text_names;   /* [n_texts] */
    const char *const *number_names; /* [n_numbers] */
    char *texts;                     /* [n_rows][n_texts][SY_TIDY_TEXT] */
    double *numbers;                 /* [n_rows][n_numbers]; NaN where there is none */
} sy_tidy;

/* Text and number in row and column; legal for what is there only. */
SY_API const char *sy_tidy_text(const sy_tidy *table, int row, int column);
SY_API double sy_tidy_number(const sy_tidy *table, int row, int column);

/* The column of numbers of that name; -1: there is none. */
SY_API int sy_tidy_column(const sy_tidy *table, const char *name);

/* Legal twice. */
SY_API void sy_tidy_free(sy_tidy *table);

#ifdef __cplusplus
}
#endif
#endif
