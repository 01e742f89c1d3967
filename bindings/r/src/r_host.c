#include "r_glue.h"

SEXP r_fail(sy_status status, const sy_context *ctx)
{
    SEXP r = PROTECT(Rf_allocVector(STRSXP, 2));
    SET_STRING_ELT(r, 0, Rf_mkChar(status == SY_EDATA ? "steelyard_error_data"
                                   : status == SY_EINVAL ? "steelyard_error_invalid"
                                   : "steelyard_error_other"));
    SET_STRING_ELT(r, 1, Rf_mkChar(ctx->message[0] ? ctx->message : sy_status_name(status)));
    SEXP class = PROTECT(Rf_mkString("sy_fail"));
    Rf_setAttrib(r, R_ClassSymbol, class);
    UNPROTECT(2);
    return r;
}

/* R_CheckUserInterrupt() jumps. R_UnwindProtect turns that jump into a return
 * to the poll; the core then frees what it owns, and r_leave() goes on with
 * the very same unwind, so tryCatch(interrupt=) sees an ordinary interrupt. */
static SEXP check(void *none) { (void)none; R_CheckUserInterrupt(); return R_NilValue; }
static void caught(void *arg, Rboolean jump)
{
    r_host *host = arg;
    if (jump) { host->jumping = 1; longjmp(host->back, 1); }
}
static int poll_r(void *arg)
{
    r_host *host = arg;
    if (setjmp(host->back)) return 1;
    R_UnwindProtect(check, NULL, caught, host, host->token);
    return 0;
}

void r_context(sy_context *ctx, r_host *host, SEXP threads)
{
    host->token = PROTECT(R_MakeUnwindCont());
    host->jumping = 0;
    sy_context_init(ctx);
    if (threads != R_NilValue) ctx->threads = Rf_asInteger(threads);
    ctx->poll = poll_r;
    ctx->poll_arg = host;
}
void r_leave(r_host *host)
{
    if (host->jumping) R_ContinueUnwind(host->token);
    UNPROTECT(1);
}
