#include "r_glue.h"
#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

SEXP C_live_bytes(void) { return Rf_ScalarReal((double)sy_live_bytes()); }
SEXP C_version(void) { return Rf_mkString(sy_version()); }

static const R_CallMethodDef calls[] = {
    {"C_mean", (DL_FUNC)&C_mean, 2},
    {"C_gram", (DL_FUNC)&C_gram, 1},
    {"C_gamma_upper", (DL_FUNC)&C_gamma_upper, 2},
    {"C_mean_se", (DL_FUNC)&C_mean_se, 4},
    {"C_live_bytes", (DL_FUNC)&C_live_bytes, 0},
    {"C_version", (DL_FUNC)&C_version, 0},
    {NULL, NULL, 0}};

attribute_visible void R_init_steelyard(DllInfo *dll)
{
    R_registerRoutines(dll, NULL, calls, NULL, NULL);
    R_useDynamicSymbols(dll, FALSE);
    R_forceSymbols(dll, TRUE);
}
