/* Codes, messages, remarks, and GSL's errors turned into them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include <gsl/gsl_errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    sy_status code;
    const char *name;
} names[] = {
    {SY_OK, "ok"},
    {SY_EINVAL, "invalid argument"},
    {SY_EDIM, "sizes do not fit together"},
    {SY_EDATA, "unusable data"},
    {SY_ERANK, "not enough rows or rank"},
    {SY_ELIMIT, "past a limit"},
    {SY_ENOMEM, "out of memory"},
    {SY_EINTR, "interrupted"},
    {SY_EBUG, "a bug in steelyard"},
    {SY_NOTE_SUPPRESSION, "suppression"},
    {SY_NOTE_MARGINALITY, "marginality"},
    {SY_NOTE_ZERO_WEIGHTS, "zero weights"},
    {SY_NOTE_EMPTY_LEVEL, "empty level"},
    {SY_NOTE_HIDDEN, "hidden"},
    {SY_NOTE_ROWS_DROPPED, "rows dropped"},
    {SY_NOTE_PRECISION, "precision"},
    {SY_NOTE_NO_FMA, "no fused multiply-add"},
    {SY_NOTE_ASSUMES_NORMAL, "assumes normal data"},
    {SY_NOTE_SAMPLED, "sampled"},
    {SY_NOTE_BOUNDS_SKIPPED, "bounds skipped"},
    {SY_NOTE_TERMS_SKIPPED, "terms skipped"},
    {SY_NOTE_INTERVAL_SKIPPED, "interval skipped"},
    {SY_NOTE_FEW_CLUSTERS, "few clusters"},
    {SY_NOTE_ALIASED, "aliased"},
    {SY_NOTE_BOUNDARY, "at the boundary"},
    {SY_NOTE_SEPARATED, "separated"},
    {SY_NOTE_NOT_CONVERGED, "not converged"},
    {SY_NOTE_ONE_UNIT, "one unit"},
    {SY_NOTE_OVERLAP, "overlap"},
    {SY_NOTE_REVERSED, "reversed"},
    {SY_NOTE_CORRECTED, "corrected"},
};

const char *sy_status_name(sy_status status)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == status) return names[i].name;
    return "unknown status";
}

/* A text that was cut off may end inside a UTF-8 character, which Python and R
 * refuse to read: takes the incomplete character off. */
static void end_whole(char *text)
{
    size_t end = strlen(text), start = end;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
    if (start == 0) return;
    const unsigned char lead = (unsigned char)text[start - 1];
    const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length > 1 && end - (start - 1) < length) text[start - 1] = 0;
}

static void write_text(char *text, size_t room, const char *format, va_list args)
{
    const int wanted = vsnprintf(text, room, format, args);
    if (wanted < 0) text[0] = 0;
    else if ((size_t)wanted >= room) end_whole(text);
}

void syi_say(char *text, size_t room, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_text(text, room, format, args);
    va_end(args);
}

static void copy_name(char *to, size_t room, const char *from)
{
    if (snprintf(to, room, "%s", from) >= (int)room) end_whole(to);
}

sy_status syi_fail(sy_context *ctx, sy_status code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_text(ctx->message, sizeof ctx->message, format, args);
    va_end(args);
    return code;
}

static sy_status make_room(sy_context *ctx)
{
    if (ctx->n_remarks < ctx->remarks_room) return SY_OK;
    const int room = ctx->remarks_room ? 2 * ctx->remarks_room : 4;
    sy_remark *more = syi_alloc((size_t)room, sizeof *more);
    if (!more) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d remarks", room);
    if (ctx->remarks) memcpy(more, ctx->remarks, (size_t)ctx->n_remarks * sizeof *more);
    SYI_FREE(ctx->remarks);
    ctx->remarks = more;
    ctx->remarks_room = room;
    return SY_OK;
}

sy_status syi_remark(sy_context *ctx, sy_status note, const char *term, double value, const char *format, ...)
{
    char name[SY_NAME_LENGTH];
    copy_name(name, sizeof name, term ? term : "");
    for (int i = 0; i < ctx->n_remarks; i++)
        if (ctx->remarks[i].code == note && !strcmp(ctx->remarks[i].term, name)) return SY_OK;
    const sy_status status = make_room(ctx);
    if (status != SY_OK) return status;
    sy_remark *r = &ctx->remarks[ctx->n_remarks++];
    r->code = note;
    r->value = value;
    memcpy(r->term, name, sizeof name);
    va_list args;
    va_start(args, format);
    write_text(r->text, sizeof r->text, format, args);
    va_end(args);
    return SY_OK;
}

sy_status syi_status_of_remarks(const sy_context *ctx, int first)
{
    sy_status worst = SY_OK;
    for (int i = first; i < ctx->n_remarks; i++)
        if (ctx->remarks[i].code > worst) worst = ctx->remarks[i].code;
    return worst;
}

void syi_enter(sy_context *ctx)
{
    ctx->message[0] = 0;
}

/* GSL's handler is one pointer for the whole process and its default aborts.
 * Ours keeps the reason for this thread and returns, so that the GSL function
 * goes on to return its code. Set at every public entry, because another
 * library may have put the default back; never restored, because a restore
 * would race. */
static _Thread_local char gsl_reason[160];

static void record(const char *reason, const char *file, int line, int code)
{
    (void)code;
    snprintf(gsl_reason, sizeof gsl_reason, "%s (%s:%d)", reason, file, line);
}

void syi_gsl_guard(void)
{
    gsl_set_error_handler(record);
    gsl_reason[0] = 0;
}

sy_status syi_from_gsl(sy_context *ctx, int code, const char *where)
{
    return syi_fail(ctx, code == GSL_ENOMEM ? SY_ENOMEM : SY_EDATA, "%s: %s", where,
                    gsl_reason[0] ? gsl_reason : gsl_strerror(code));
}
