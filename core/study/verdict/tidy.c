/* Tidy tables: memory, cells, names.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "study/verdict/tidy_internal.h"
#include <math.h>
#include <string.h>

sy_status syi_tidy_new(sy_context *ctx, const syi_tidy_form *form, int n_rows, sy_tidy *out)
{
    const size_t rows = (size_t)(n_rows > 0 ? n_rows : 0), numbers = rows * (size_t)form->n_numbers;
    *out = (sy_tidy){.name = form->name,
                     .n_rows = (int)rows,
                     .n_texts = form->n_texts,
                     .n_numbers = form->n_numbers,
                     .text_names = form->text_names,
                     .number_names = form->number_names};
    out->texts = syi_alloc(rows * (size_t)form->n_texts * SY_TIDY_TEXT + 1, 1);
    out->numbers = syi_alloc(numbers + 1, sizeof *out->numbers);
    if (!out->texts || !out->numbers) {
        sy_tidy_free(out);
        return syi_fail(ctx, SY_ENOMEM, "%s: no room for %d rows", form->name, n_rows);
    }
    for (size_t i = 0; i < numbers; i++) out->numbers[i] = NAN;
    return SY_OK;
}

void sy_tidy_free(sy_tidy *table)
{
    SYI_FREE(table->texts);
    SYI_FREE(table->numbers);
    table->n_rows = 0;
}

static char *cell(const sy_tidy *table, int row, int column)
{
    return table->texts + ((size_t)row * (size_t)table->n_texts + (size_t)column) * SY_TIDY_TEXT;
}

void syi_tidy_put(sy_tidy *table, int row, int column, const char *text)
{
    syi_say(cell(table, row, column), SY_TIDY_TEXT, "%s", text);
}

void syi_tidy_set(sy_tidy *table, int row, int column, double value)
{
    table->numbers[(size_t)row * (size_t)table->n_numbers + (size_t)column] = value;
}

const char *sy_tidy_text(const sy_tidy *table, int row, int column)
{
    return cell(table, row, column);
}

double sy_tidy_number(const sy_tidy *table, int row, int column)
{
    return table->numbers[(size_t)row * (size_t)table->n_numbers + (size_t)column];
}

int sy_tidy_column(const sy_tidy *table, const char *name)
{
    for (int c = 0; c < table->n_numbers; c++)
        if (strcmp(table->number_names[c], name) == 0) return c;
    return -1;
}
