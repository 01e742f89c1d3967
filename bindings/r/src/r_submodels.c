/* All submodels by name.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_submodels.h"

typedef struct {
    r_host host;
    sy_question asked;
    sy_players players;
} work;

static void begin(work *w, SEXP question, SEXP players)
{
    r_question(question, &w->asked);
    w->players = (sy_players)Rf_asInteger(players);
}

/* After everything was allocated: the moments to ask. */
static sy_status look(work *w, SEXP blob, SEXP threads, SEXP progress)
{
    r_enter(&w->host, threads, progress);
    return r_view(&w->host, blob, 0, &w->host.moments[0]);
}

static SEXP as_it_is(void *list)
{
    return (SEXP)list;
}

/* list(set, table): one row a set and as many columns as numbers. */
static SEXP table_of(ptrdiff_t rows, int columns)
{
    static const char *const names[] = {"set", "table"};
    SEXP list = PROTECT(r_list(2, names));
    SET_VECTOR_ELT(list, 0, Rf_allocVector(INTSXP, rows));
    SET_VECTOR_ELT(list, 1, Rf_allocMatrix(REALSXP, (int)rows, columns));
    UNPROTECT(1);
    return list;
}

SEXP C_submodels(SEXP blob, SEXP question, SEXP players)
{
    work w;
    begin(&w, question, players);
    const ptrdiff_t rows = 1 + sy_submodels_sets(sy_submodels_players(&w.asked, w.players), SY_SUBMODEL_PLAYERS);
    SEXP list = PROTECT(table_of(rows, SY_N_SUBMODEL));
    int *set = INTEGER(VECTOR_ELT(list, 0));
    double *table = REAL(VECTOR_ELT(list, 1));
    sy_status status = look(&w, blob, R_NilValue, R_NilValue);
    if (status >= 0) status = sy_submodels(&w.host.ctx, &w.host.moments[0], &w.asked, w.players, table, set);
    SEXP out = r_leave(&w.host, status, as_it_is, list);
    UNPROTECT(1);
    return out;
}

SEXP C_commonality(SEXP blob, SEXP question, SEXP players, SEXP order)
{
    work w;
    begin(&w, question, players);
    const int most = Rf_asInteger(order);
    const ptrdiff_t rows = sy_submodels_sets(sy_submodels_players(&w.asked, w.players), most);
    SEXP list = PROTECT(table_of(rows, SY_N_COMMONALITY));
    int *set = INTEGER(VECTOR_ELT(list, 0));
    double *table = REAL(VECTOR_ELT(list, 1));
    sy_status status = look(&w, blob, R_NilValue, R_NilValue);
    if (status >= 0) status = sy_commonality(&w.host.ctx, &w.host.moments[0], &w.asked, w.players, most, table, set);
    SEXP out = r_leave(&w.host, status, as_it_is, list);
    UNPROTECT(1);
    return out;
}

/* list(by_size [player, size], general, pairs [number, kind, pair]) */
SEXP C_dominance(SEXP blob, SEXP question, SEXP players, SEXP tolerance)
{
    static const char *const names[] = {"by_size", "general", "pairs"};
    work w;
    sy_dominance_options options;
    begin(&w, question, players);
    sy_dominance_defaults(&options);
    options.players = w.players;
    options.tolerance = Rf_asReal(tolerance);
    const int n = sy_submodels_players(&w.asked, w.players);
    SEXP list = PROTECT(r_list(3, names));
    double *by_size = REAL(SET_VECTOR_ELT(list, 0, Rf_allocMatrix(REALSXP, n, n)));
    double *general = REAL(SET_VECTOR_ELT(list, 1, Rf_allocVector(REALSXP, n)));
    double *pairs = REAL(SET_VECTOR_ELT(list, 2, Rf_alloc3DArray(REALSXP, SY_N_PAIR, SY_N_DOMINANCE, n * (n - 1) / 2)));
    sy_status status = look(&w, blob, R_NilValue, R_NilValue);
    if (status >= 0)
        status = sy_dominance(&w.host.ctx, &w.host.moments[0], &w.asked, &options, by_size, general, pairs);
    SEXP out = r_leave(&w.host, status, as_it_is, list);
    UNPROTECT(1);
    return out;
}

typedef struct {
    SEXP list;
    int kept;
} reproduced;

static SEXP with_kept(void *arg)
{
    const reproduced *r = arg;
    SET_VECTOR_ELT(r->list, 1, Rf_ScalarInteger(r->kept));
    return r->list;
}

/* how: c(tolerance, replicates, seed). list(table [number, kind, pair], kept) */
SEXP C_dominance_reproduced(SEXP blob, SEXP question, SEXP players, SEXP how, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"table", "kept"};
    work w;
    sy_dominance_options options;
    begin(&w, question, players);
    sy_dominance_defaults(&options);
    options.players = w.players;
    options.tolerance = REAL_RO(how)[0];
    const int n = sy_submodels_players(&w.asked, w.players), replicates = (int)REAL_RO(how)[1];
    const uint64_t seed = (uint64_t)REAL_RO(how)[2];
    reproduced r = {PROTECT(r_list(2, names)), 0};
    const int pairs = n * (n - 1) / 2;
    double *table = REAL(SET_VECTOR_ELT(r.list, 0, Rf_alloc3DArray(REALSXP, SY_N_REPRODUCED, SY_N_DOMINANCE, pairs)));
    sy_status status = look(&w, blob, threads, progress);
    if (status >= 0)
        status = sy_dominance_reproduced(&w.host.ctx, &w.host.moments[0], &w.asked, &options, replicates, seed, table,
                                         &r.kept);
    SEXP out = r_leave(&w.host, status, with_kept, &r);
    UNPROTECT(1);
    return out;
}
