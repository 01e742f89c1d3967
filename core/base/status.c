#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include <gsl/gsl_errno.h>
#include <stdarg.h>
#include <stdio.h>

const char *sy_status_name(sy_status status)
{
    switch (status) {
    case SY_OK: return "ok";
    case SY_EINVAL: return "invalid argument";
    case SY_EDATA: return "unusable data";
    case SY_ENOMEM: return "out of memory";
    case SY_EINTR: return "interrupted";
    }
    return "unknown";
}

sy_status syi_fail(sy_context *ctx, sy_status code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ctx->message, sizeof ctx->message, format, args);
    va_end(args);
    return code;
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
