/* A design before any row is read: names found, arguments checked, columns
 * counted.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include <limits.h>
#include <string.h>

enum { MOST_POWER = 15, LONGEST_NAME = 255 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* ASCII alone: what a letter is must not depend on the host's locale. */
static char small(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static int is_mark(char c)
{
    return c == ' ' || c == '_' || c == '.' || c == '-';
}

/* A capital for a small letter, or one mark between words for another, is what
 * hosts and spreadsheets do to names by themselves: all of them together weigh
 * less than one letter. */
static int change_cost(char a, char b)
{
    if (a == b) return 0;
    return small(a) == small(b) || (is_mark(a) && is_mark(b)) ? 1 : SYI_NAME_EDIT;
}

/* Edit distance [Levenshtein 1966] with one row of the table; letters beyond
 * the 255th are not looked at. */
int syi_name_distance(const char *a, const char *b)
{
    int row[LONGEST_NAME + 1];
    const int na = least((int)strnlen(a, LONGEST_NAME), LONGEST_NAME);
    const int nb = least((int)strnlen(b, LONGEST_NAME), LONGEST_NAME);
    for (int j = 0; j <= nb; j++) row[j] = j * SYI_NAME_EDIT;
    for (int i = 1; i <= na; i++) {
        int diagonal = row[0];
        row[0] = i * SYI_NAME_EDIT;
        for (int j = 1; j <= nb; j++) {
            const int change = diagonal + change_cost(a[i - 1], b[j - 1]);
            diagonal = row[j];
            row[j] = least(change, least(row[j], row[j - 1]) + SYI_NAME_EDIT);
        }
    }
    return row[nb];
}

static int same_but_for_capitals(const char *a, const char *b)
{
    while (*a && small(*a) == small(*b)) a++, b++;
    return *a == *b;
}

/* A blank at the end of a name is not seen, and read from many a spreadsheet. */
static int has_outer_blank(const char *name)
{
    const size_t length = strlen(name);
    return length > 0 && (name[0] == ' ' || name[length - 1] == ' ');
}

static int nearest_of(const char *typed, int n, const char *const *names, int *distance)
{
    int nearest = -1;
    *distance = INT_MAX;
    for (int i = 0; i < n; i++) {
        const int d = syi_name_distance(names[i], typed);
        if (d < *distance) *distance = d, nearest = i;
    }
    return nearest;
}

int sy_design_near(const char *typed, int n, const char *const *names)
{
    int distance = 0;
    const int nearest = nearest_of(typed, n, names, &distance);
    const int letters = least((int)strnlen(typed, LONGEST_NAME), LONGEST_NAME);
    return nearest >= 0 && distance <= SYI_NAME_EDIT * (letters < 6 ? 1 : letters / 3) + letters ? nearest : -1;
}

sy_status sy_design_find(sy_context *ctx, const char *argument, const char *typed, int n, const char *const *names,
                         int *index)
{
    syi_enter(ctx);
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], typed) == 0) {
            *index = i;
            return SY_OK;
        }
    if (n < 1) return syi_fail(ctx, SY_EINVAL, "%s: there is no %s (nothing to choose from)", argument, typed);
    int distance = 0;
    const char *nearest = names[nearest_of(typed, n, names, &distance)];
    if (has_outer_blank(nearest) && !has_outer_blank(typed))
        return syi_fail(ctx, SY_EINVAL, "%s: there is no %s; the nearest name is \"%s\" (the blank belongs to it)",
                        argument, typed, nearest);
    return syi_fail(ctx, SY_EINVAL, "%s: there is no %s; the nearest name is %s%s", argument, typed, nearest,
                    same_but_for_capitals(nearest, typed) ? " (capital letters count)" : "");
}

static sy_status check_levels(sy_context *ctx, const sy_column *c)
{
    if (c->n_levels < 1 || !c->levels)
        return syi_fail(ctx, SY_EINVAL, "%s: a factor needs at least one level", c->name);
    for (int l = 0; l < c->n_levels; l++)
        if (!c->levels[l]) return syi_fail(ctx, SY_EINVAL, "%s: level %d has no name", c->name, l + 1);
    return SY_OK;
}

static sy_status check_column(sy_context *ctx, const sy_column *c, ptrdiff_t n, int position)
{
    if (!c->name || !*c->name) return syi_fail(ctx, SY_EINVAL, "column %d has no name", position + 1);
    if (!c->data && n > 0) return syi_fail(ctx, SY_EINVAL, "%s: has no values", c->name);
    switch (c->type) {
    case SY_F64:
    case SY_F32:
    case SY_I64:
    case SY_I32:
    case SY_U8: return SY_OK;
    case SY_CODES: return check_levels(ctx, c);
    }
    return syi_fail(ctx, SY_EINVAL, "%s: unknown type %d", c->name, (int)c->type);
}

/* Merging matches levels by name, so the names must tell them apart. */
static sy_status check_distinct(sy_context *ctx, const sy_column *c)
{
    for (int l = 1; l < c->n_levels; l++)
        for (int k = 0; k < l; k++)
            if (strcmp(c->levels[l], c->levels[k]) == 0)
                return syi_fail(ctx, SY_EINVAL, "%s: level %s is there twice", c->name, c->levels[l]);
    return SY_OK;
}

static sy_status check_factor(sy_context *ctx, const sy_design *design, const sy_term *term, int k)
{
    const int column = term->factors[k].column, power = term->factors[k].power;
    if (column < 0 || column >= design->n_columns)
        return syi_fail(ctx, SY_EINVAL, "%s: column %d is not among the %d columns", term->label, column,
                        design->n_columns);
    const sy_column *c = &design->columns[column];
    if (power < 1 || power > MOST_POWER)
        return syi_fail(ctx, SY_EINVAL, "%s: power %d; powers must be 1 to %d", term->label, power, MOST_POWER);
    if (c->type != SY_CODES) return SY_OK;
    if (power != 1) return syi_fail(ctx, SY_EINVAL, "%s: %s is a factor and has no powers", term->label, c->name);
    for (int j = 0; j < k; j++)
        if (term->factors[j].column == column)
            return syi_fail(ctx, SY_EINVAL, "%s: factor %s is there twice", term->label, c->name);
    return check_distinct(ctx, c);
}

static sy_status check_term(sy_context *ctx, const sy_design *design, int t)
{
    const sy_term *term = &design->terms[t];
    if (!term->label || !*term->label) return syi_fail(ctx, SY_EINVAL, "term %d has no label", t + 1);
    for (int s = 0; s < t; s++)
        if (strcmp(design->terms[s].label, term->label) == 0)
            return syi_fail(ctx, SY_EINVAL, "%s: this term is there twice", term->label);
    if (term->n_factors < 1 || !term->factors)
        return syi_fail(ctx, SY_EINVAL, "%s: the term is made of no column", term->label);
    for (int k = 0; k < term->n_factors; k++) {
        const sy_status s = check_factor(ctx, design, term, k);
        if (s < 0) return s;
    }
    return SY_OK;
}

static sy_status check_weights(sy_context *ctx, const sy_design *design)
{
    const int kind = (int)design->weight_kind;
    if (kind < SY_WEIGHT_NONE || kind > SY_WEIGHT_SAMPLING)
        return syi_fail(ctx, SY_EINVAL, "weight_kind: %d; it must be frequency, analytic or sampling", kind);
    if (!design->weights)
        return kind == SY_WEIGHT_NONE ? SY_OK : syi_fail(ctx, SY_EINVAL, "weight_kind: given without weights");
    if (kind == SY_WEIGHT_NONE)
        return syi_fail(ctx, SY_EINVAL,
                        "weights: say what they are by weight_kind: frequency (the row stands for that many), analytic "
                        "(the variance of a row is 1 / weight) or sampling (one over the chance of selection)");
    const sy_status s = check_column(ctx, design->weights, design->n, -1);
    if (s < 0) return s;
    if (design->weights->type == SY_CODES)
        return syi_fail(ctx, SY_EINVAL, "weights: %s is a factor; weights must be numbers", design->weights->name);
    return SY_OK;
}

static sy_status check_groups(sy_context *ctx, const char *argument, const sy_column *groups, ptrdiff_t n)
{
    if (!groups) return SY_OK;
    const sy_status s = check_column(ctx, groups, n, -1);
    if (s >= 0 && groups->type != SY_CODES)
        return syi_fail(ctx, SY_EINVAL, "%s: %s must be a factor (codes with names)", argument, groups->name);
    return s;
}

sy_status syi_design_check(sy_context *ctx, const sy_design *design)
{
    sy_status s = SY_OK;
    if (design->n < 0) return syi_fail(ctx, SY_EINVAL, "rows: %td is not a number of rows", design->n);
    if (design->n_columns < 1 || !design->columns || design->n_terms < 1 || !design->terms)
        return syi_fail(ctx, SY_EINVAL, "terms: none given; at least one is needed");
    for (int c = 0; c < design->n_columns && s >= 0; c++) s = check_column(ctx, &design->columns[c], design->n, c);
    for (int t = 0; t < design->n_terms && s >= 0; t++) s = check_term(ctx, design, t);
    if (s >= 0) s = check_weights(ctx, design);
    if (s >= 0) s = check_groups(ctx, "cluster", design->cluster, design->n);
    if (s >= 0) s = check_groups(ctx, "strata", design->strata, design->n);
    return s;
}

/* 0 when the number of combinations does not fit an int */
static int columns_of(const sy_design *design, const sy_term *term)
{
    int count = 1;
    for (int k = 0; k < term->n_factors; k++) {
        const sy_column *c = &design->columns[term->factors[k].column];
        if (c->type != SY_CODES) continue;
        if (count > INT_MAX / c->n_levels) return 0;
        count *= c->n_levels;
    }
    return count;
}

sy_status syi_layout_init(sy_context *ctx, const sy_design *design, syi_layout *layout)
{
    const size_t n = (size_t)design->n_terms;
    *layout = (syi_layout){.n_terms = design->n_terms};
    layout->first = syi_alloc(n, sizeof(int));
    layout->count = syi_alloc(n, sizeof(int));
    layout->is_factor = syi_alloc(n, sizeof(int));
    if (!layout->first || !layout->count || !layout->is_factor) {
        syi_layout_free(layout);
        return syi_fail(ctx, SY_ENOMEM, "out of memory for %d terms", design->n_terms);
    }
    for (int t = 0; t < design->n_terms; t++) {
        const sy_term *term = &design->terms[t];
        const int count = columns_of(design, term);
        if (count == 0 || count > INT_MAX / 2 - layout->n_columns) {
            syi_layout_free(layout);
            return syi_fail(ctx, SY_EINVAL, "%s: too many combinations of levels", term->label);
        }
        layout->first[t] = layout->n_columns;
        layout->count[t] = count;
        layout->is_factor[t] = term->n_factors == 1 && design->columns[term->factors[0].column].type == SY_CODES;
        layout->n_columns += count;
    }
    return SY_OK;
}

void syi_layout_free(syi_layout *layout)
{
    SYI_FREE(layout->first);
    SYI_FREE(layout->count);
    SYI_FREE(layout->is_factor);
    *layout = (syi_layout){0};
}
