/* The two values of a treatment that a mediation compares.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/selection/mediation_job_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static sy_status wrong_levels(sy_context *ctx, const sy_column *c, const double *rows)
{
    char text[SY_MESSAGE_LENGTH] = "";
    int levels = 0;
    for (int l = 0; l < c->n_levels; l++) {
        if (rows[l] == 0) continue;
        const size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s%s: %.0f", levels++ ? ", " : "", c->levels[l], rows[l]);
    }
    return syi_fail(ctx, SY_EINVAL, "treatment: %s has %d level%s with rows (%s); two are compared", c->name, levels,
                    levels == 1 ? "" : "s", text);
}

static int level_asked(double given, int standard)
{
    return isnan(given) ? standard : (int)given;
}

static sy_status set_levels(sy_context *ctx, const syi_model *m, const sy_column *c, int column, syi_mediation_sheet *s)
{
    const int *level = m->level + m->level_at[column];
    if (m->n_used[column] != 2) {
        double *rows = syi_alloc((size_t)c->n_levels + 1, sizeof *rows);
        if (!rows) return syi_fail(ctx, SY_ENOMEM, "mediation: no room for %d levels", c->n_levels);
        for (ptrdiff_t i = 0; i < s->n; i++) rows[(int)syi_column_value(c, s->row[i])]++;
        const sy_status status = wrong_levels(ctx, c, rows);
        SYI_FREE(rows);
        return status;
    }
    const int from = level_asked(s->asked->from, -1), to = level_asked(s->asked->to, -1);
    s->treated_level[0] = from >= 0 ? from : to == level[0] ? level[1] : level[0];
    s->treated_level[1] = to >= 0 ? to : s->treated_level[0] == level[0] ? level[1] : level[0];
    for (int k = 0; k < 2; k++)
        if (s->treated_level[k] != level[0] && s->treated_level[k] != level[1])
            return syi_fail(ctx, SY_EINVAL, "contrast: %s has no rows with %s", c->name,
                            s->treated_level[k] < c->n_levels ? c->levels[s->treated_level[k]] : "that level");
    s->from = s->treated_level[0] == level[1];
    s->to = s->treated_level[1] == level[1];
    return SY_OK;
}

static sy_status set_values(sy_context *ctx, const char *label, syi_mediation_sheet *s)
{
    const double *t = syi_mediation_column(s, 1);
    double low = t[0], high = t[0];
    int other = 0;
    for (ptrdiff_t i = 0; i < s->n; i++) {
        low = fmin(low, t[i]);
        high = fmax(high, t[i]);
    }
    for (ptrdiff_t i = 0; i < s->n; i++) other |= t[i] != low && t[i] != high;
    s->from = s->asked->from;
    s->to = s->asked->to;
    s->treated_level[0] = s->treated_level[1] = -1;
    if (isnan(s->from) != isnan(s->to)) return syi_fail(ctx, SY_EINVAL, "contrast: two values of %s are needed", label);
    if (!isnan(s->from)) return SY_OK;
    if (other)
        return syi_fail(ctx, SY_EINVAL,
                        "treatment: %s is a number with more than two values; name the two to compare "
                        "in contrast",
                        label);
    s->from = low;
    s->to = high;
    return SY_OK;
}

sy_status syi_mediation_treatment(sy_context *ctx, const syi_mediation_job *j, syi_mediation_sheet *s)
{
    const sy_term *term = &j->design.terms[s->asked->treatment];
    const int column = term->factors[0].column;
    const sy_column *c = &j->design.columns[column];
    double *t = syi_mediation_column(s, 1);
    const int coded = term->n_factors == 1 && c->type == SY_CODES;
    if (!coded && j->model.count[1] != 1)
        return syi_fail(ctx, SY_EINVAL, "treatment: %s is not one column", term->label);
    sy_status status = coded ? set_levels(ctx, &j->model, c, column, s) : SY_OK;
    if (!status && !coded) status = set_values(ctx, term->label, s);
    if (status) return status;
    if (s->from == s->to || !isfinite(s->from) || !isfinite(s->to))
        return syi_fail(ctx, SY_EINVAL, "contrast: %s is compared with itself at %g; two values are needed",
                        term->label, s->from);
    for (ptrdiff_t i = 0; i < s->n; i++) {
        s->rows_from += t[i] == s->from;
        s->rows_to += t[i] == s->to;
        t[i] = (t[i] - s->from) / (s->to - s->from);
    }
    return SY_OK;
}
