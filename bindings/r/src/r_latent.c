/* Correlations of latent normal variables: a matrix of each kind, moments as raw
 * bytes.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_glue.h"
#include <string.h>

enum { TABLES = 4 };

typedef struct {
    r_host host;
    SEXP tables;
} latent_call;

static SEXP latent_result(void *arg)
{
    static const char *const names[] = {"blob", "remarks", "tables"};
    const latent_call *call = arg;
    const sy_moments *m = &call->host.moments[0];
    SEXP list = PROTECT(r_list(3, names));
    SEXP blob = SET_VECTOR_ELT(list, 0, Rf_allocVector(RAWSXP, (R_xlen_t)m->size));
    memcpy(RAW(blob), m->blob, m->size);
    SET_VECTOR_ELT(list, 1, r_remarks(&call->host.ctx));
    SET_VECTOR_ELT(list, 2, call->tables);
    UNPROTECT(1);
    return list;
}

SEXP C_latent(SEXP design, SEXP unit, SEXP level, SEXP smooth, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"r", "std.error", "conf.low", "conf.high"};
    latent_call call;
    sy_design rows;
    sy_latent_options options;
    double *table[TABLES];
    r_design(design, &rows);
    call.tables = PROTECT(r_list(TABLES, names));
    for (int i = 0; i < TABLES; i++)
        table[i] = REAL(SET_VECTOR_ELT(call.tables, i, Rf_allocMatrix(REALSXP, rows.n_terms, rows.n_terms)));
    sy_latent_defaults(&options);
    options.unit = (sy_unit)Rf_asInteger(unit);
    options.level = Rf_asReal(level);
    options.smooth = Rf_asLogical(smooth) == TRUE;
    const sy_latent_table out = {table[0], table[1], table[2], table[3]};
    r_enter(&call.host, threads, progress);
    sy_status status = sy_latent(&call.host.ctx, &rows, &options, &out, &call.host.moments[0]);
    SEXP result = r_leave(&call.host, status, latent_result, &call);
    UNPROTECT(1);
    return result;
}
