/* The surroundings of a call: threads, R's interrupts and progress, failures
 * as values, release of core memory whatever happens.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_glue.h"
#include <R_ext/Utils.h>
#include <string.h>

SEXP r_list(int n, const char *const *names)
{
    SEXP list = PROTECT(Rf_allocVector(VECSXP, n));
    SEXP text = PROTECT(Rf_allocVector(STRSXP, n));
    for (int i = 0; i < n; i++) SET_STRING_ELT(text, i, Rf_mkChar(names[i]));
    Rf_setAttrib(list, R_NamesSymbol, text);
    UNPROTECT(2);
    return list;
}

const char *r_text(SEXP strings, R_xlen_t i)
{
    return Rf_translateCharUTF8(STRING_ELT(strings, i));
}

SEXP r_string(const char *utf8)
{
    return Rf_ScalarString(utf8 ? Rf_mkCharCE(utf8, CE_UTF8) : NA_STRING);
}

SEXP r_remarks(const sy_context *ctx)
{
    static const char *const names[] = {"code", "term", "value", "text"};
    int n = ctx->n_remarks;
    SEXP list = PROTECT(r_list(4, names));
    SEXP code = SET_VECTOR_ELT(list, 0, Rf_allocVector(INTSXP, n));
    SEXP term = SET_VECTOR_ELT(list, 1, Rf_allocVector(STRSXP, n));
    SEXP value = SET_VECTOR_ELT(list, 2, Rf_allocVector(REALSXP, n));
    SEXP text = SET_VECTOR_ELT(list, 3, Rf_allocVector(STRSXP, n));
    for (int i = 0; i < n; i++) {
        const sy_remark *remark = &ctx->remarks[i];
        INTEGER(code)[i] = (int)remark->code;
        SET_STRING_ELT(term, i, Rf_mkCharCE(remark->term, CE_UTF8));
        REAL(value)[i] = remark->value;
        SET_STRING_ELT(text, i, Rf_mkCharCE(remark->text, CE_UTF8));
    }
    UNPROTECT(1);
    return list;
}

/* R_CheckUserInterrupt() and R code jump. R_UnwindProtect turns the jump into
 * a return to the poll; the core then frees what it owns, and r_leave() goes
 * on with the very same unwind, so tryCatch(interrupt = ) and on.exit() see an
 * ordinary interrupt. */
static SEXP check_interrupt(void *none)
{
    (void)none;
    R_CheckUserInterrupt();
    return R_NilValue;
}

typedef struct {
    SEXP function;
    double fraction;
} step;

static SEXP tell(void *arg)
{
    const step *at = arg;
    SEXP fraction = PROTECT(Rf_ScalarReal(at->fraction));
    SEXP call = PROTECT(Rf_lang2(at->function, fraction));
    Rf_eval(call, R_GlobalEnv);
    UNPROTECT(2);
    return R_NilValue;
}

static void caught(void *arg, Rboolean jump)
{
    r_host *host = arg;
    if (!jump) return;
    host->jumping = 1;
    longjmp(host->back, 1);
}

static int poll_r(void *arg)
{
    r_host *host = arg;
    if (host->jumping || setjmp(host->back)) return 1;
    R_UnwindProtect(check_interrupt, NULL, caught, host, host->token);
    return 0;
}

/* A jump out of the progress function is told to the core by the next poll. */
static void progress_r(void *arg, double fraction)
{
    r_host *host = arg;
    if (host->jumping || setjmp(host->back)) return;
    step at = {host->progress, fraction};
    R_UnwindProtect(tell, &at, caught, host, host->token);
}

void r_enter(r_host *host, SEXP threads, SEXP progress)
{
    memset(host, 0, sizeof *host);
    host->token = PROTECT(R_MakeUnwindCont());
    host->progress = progress;
    sy_context_init(&host->ctx);
    if (threads != R_NilValue) host->ctx.threads = Rf_asInteger(threads);
    host->ctx.poll = poll_r;
    host->ctx.poll_arg = host;
    if (progress != R_NilValue) {
        host->ctx.progress = progress_r;
        host->ctx.progress_arg = host;
    }
}

static void release(void *arg, Rboolean jump)
{
    r_host *host = arg;
    (void)jump;
    for (int i = 0; i < 3; i++) sy_moments_free(&host->moments[i]);
    if (host->drop) host->drop(host->dropped);
    sy_context_free(&host->ctx);
}

static SEXP failure(void *arg)
{
    static const char *const names[] = {"status", "message"};
    const r_host *host = arg;
    SEXP list = PROTECT(r_list(2, names));
    SET_VECTOR_ELT(list, 0, Rf_ScalarInteger((int)host->status));
    SET_VECTOR_ELT(list, 1, r_string(host->ctx.message[0] ? host->ctx.message : sy_status_name(host->status)));
    SEXP name = PROTECT(Rf_mkString("steelyard_failure"));
    Rf_setAttrib(list, R_ClassSymbol, name);
    UNPROTECT(2);
    return list;
}

SEXP r_leave(r_host *host, sy_status status, SEXP (*result)(void *), void *arg)
{
    SEXP value = R_NilValue;
    host->status = status;
    if (host->jumping) {
        release(host, TRUE);
        R_ContinueUnwind(host->token);
    }
    if (status < 0) value = R_UnwindProtect(failure, host, release, host, host->token);
    else value = R_UnwindProtect(result, arg, release, host, host->token);
    UNPROTECT(1);
    return value;
}

sy_status r_view(r_host *host, SEXP blob, int verify, sy_moments *m)
{
    return sy_moments_view(&host->ctx, RAW_RO(blob), (size_t)XLENGTH(blob), verify, m);
}
