#ifndef R_GLUE_H
#define R_GLUE_H
#include <Rinternals.h>
#include <setjmp.h>
#include "steelyard.h"

/* The core's status as a classed value; the R wrapper raises it as a
 * condition, so no R error ever jumps over a core frame. */
SEXP r_fail(sy_status status, const sy_context *ctx);

/* A context whose poll lets R see an interrupt. r_context() protects one
 * object; r_leave() goes on with a caught interrupt and unprotects it. */
typedef struct { SEXP token; jmp_buf back; int jumping; } r_host;
void r_context(sy_context *ctx, r_host *host, SEXP threads);
void r_leave(r_host *host);

SEXP C_mean(SEXP x, SEXP w);
SEXP C_gram(SEXP x);
SEXP C_gamma_upper(SEXP a, SEXP x);
SEXP C_mean_se(SEXP x, SEXP replicates, SEXP seed, SEXP threads);
SEXP C_live_bytes(void);
SEXP C_version(void);
#endif
