/* What units that are left out are called: their cluster, their label, or the
 * place of their row in the data.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>
#include <string.h>

/* A number alone says nothing: the column's name goes before it. */
static void put_level(const sy_column *c, int level, char name[SYI_UNIT_NAME])
{
    const char *text = c->levels[level];
    const int bare = strspn(text, "0123456789.-") == strlen(text);
    syi_say(name, SYI_UNIT_NAME, "%s%s%s", bare ? c->name : "", bare ? " " : "", text);
}

void syi_unit_name(const syi_weighed *w, int64_t number, char name[SYI_UNIT_NAME])
{
    const sy_column *c = w->question->label;
    if (w->design->cluster) put_level(w->design->cluster, (int)number, name);
    else if (c && !isnan(syi_column_value(c, number))) put_level(c, (int)syi_column_value(c, number), name);
    else syi_say(name, SYI_UNIT_NAME, "row %lld", (long long)number + 1);
}

void syi_name_units(const syi_weighed *w, const syi_cell *cell, sy_context *aside)
{
    char used[64], name[SYI_UNIT_NAME], whole[SY_REMARK_LENGTH];
    for (int r = 0; r < aside->n_remarks && cell->unit && !w->design->cluster; r++) {
        sy_remark *remark = &aside->remarks[r];
        if (remark->code != SY_NOTE_ONE_UNIT || !(remark->value >= 1 && remark->value <= (double)cell->m.n_units))
            continue;
        syi_say(used, sizeof used, "row %.0f of the rows used", remark->value);
        const char *at = strstr(remark->text, used);
        if (!at) continue;
        syi_unit_name(w, cell->unit[(ptrdiff_t)remark->value - 1], name);
        syi_say(whole, sizeof whole, "%.*s%s%s", (int)(at - remark->text), remark->text, name, at + strlen(used));
        memcpy(remark->text, whole, sizeof whole);
    }
}
