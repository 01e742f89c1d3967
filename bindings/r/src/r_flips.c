/* Flips of two blocks' order: points, rays, grids and turns.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_flips.h"
#include <string.h>

enum { STANDING = 9, POINT = 7, RAY = 5, BENCHMARK = 7, TURN = 9 };

typedef struct {
    r_host host;
    sy_question asked;
    sy_flip_options options;
    SEXP list;
    char text[SY_FLIP_TEXT];
} work;

/* options: c(first, second, most, level, starts), blocks from 0. */
static void begin(work *w, SEXP question, SEXP options)
{
    const double *o = REAL_RO(options);
    memset(w, 0, sizeof *w);
    sy_flip_defaults(&w->options);
    r_question(question, &w->asked);
    w->options.first = (int)o[0];
    w->options.second = (int)o[1];
    w->options.most = o[2];
    w->options.level = o[3];
    w->options.starts = (int)o[4];
}

/* After everything was allocated: the moments to ask. */
static sy_status look(work *w, SEXP blob, SEXP threads, SEXP progress)
{
    r_enter(&w->host, threads, progress);
    return r_view(&w->host, blob, 0, &w->host.moments[0]);
}

static double *numbers_of(SEXP x)
{
    return x == R_NilValue ? NULL : REAL(x);
}

static SEXP as_it_is(void *list)
{
    return (SEXP)list;
}

typedef struct {
    int n_second, n_first, *column;
} columns;

static SEXP columns_of(void *arg)
{
    const columns *c = arg;
    const int n = c->n_second + c->n_first;
    SEXP out = PROTECT(Rf_allocVector(INTSXP, n + 1));
    INTEGER(out)[0] = c->n_second;
    for (int i = 0; i < n; i++) INTEGER(out)[i + 1] = c->column[i] + 1;
    UNPROTECT(1);
    return out;
}

/* How many weights f has, and the moments' column of each weight, from 1. */
SEXP C_flip_directions(SEXP blob, SEXP question, SEXP options)
{
    work w;
    columns c = {0};
    begin(&w, question, options);
    sy_status status = look(&w, blob, R_NilValue, R_NilValue);
    if (status >= 0) {
        c.column = (int *)(void *)R_alloc((size_t)w.host.moments[0].n_columns + 1, sizeof(int));
        status = sy_share_flip_directions(&w.host.ctx, &w.host.moments[0], &w.asked, &w.options, &c.n_second,
                                          &c.n_first, c.column);
    }
    return r_leave(&w.host, status, columns_of, &c);
}

/* Standing numbers, the eight points, the two rays. */
static void put_share_flip(const sy_share_flip_result *r, double *out)
{
    const double standing[STANDING] = {r->first,        r->second, r->total,       r->difference,     r->reversed,
                                       r->distance_low, r->df,     r->evaluations, r->several_columns};
    memcpy(out, standing, sizeof standing);
    out += STANDING;
    for (int set = 0; set < SY_FLIP_SETS; set++, out += POINT) {
        const sy_flip_point *p = &r->nearest[set];
        const double point[POINT] = {p->at.a,    p->at.b,          p->at.c,          p->distance,
                                     p->limit_c, p->first_outcome, p->second_outcome};
        memcpy(out, point, sizeof point);
    }
    for (int i = 0; i < 2; i++, out += RAY) {
        const sy_flip_ray *ray = &r->rising[i];
        const double values[RAY] = {ray->crossing, ray->back, ray->limit, ray->at_limit, ray->second_outcome};
        memcpy(out, values, sizeof values);
    }
}

/* Text and remarks at the end of the list, once there is a result. */
static SEXP told(void *arg)
{
    const work *w = arg;
    SET_VECTOR_ELT(w->list, 2, r_string(w->text));
    SET_VECTOR_ELT(w->list, 3, r_remarks(&w->host.ctx));
    return w->list;
}

SEXP C_share_flip(SEXP blob, SEXP question, SEXP options, SEXP outcome, SEXP weights, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"numbers", "direction", "text", "remarks"};
    work w;
    sy_share_flip_result result;
    begin(&w, question, options);
    const char *label = r_text(outcome, 0);
    w.list = PROTECT(r_list(4, names));
    double *numbers =
        REAL(SET_VECTOR_ELT(w.list, 0, Rf_allocVector(REALSXP, STANDING + SY_FLIP_SETS * POINT + 2 * RAY)));
    double *direction = REAL(SET_VECTOR_ELT(w.list, 1, Rf_allocVector(REALSXP, Rf_asInteger(weights))));
    sy_status status = look(&w, blob, threads, progress);
    if (status >= 0) status = sy_share_flip(&w.host.ctx, &w.host.moments[0], &w.asked, &w.options, &result, direction);
    if (status >= 0) {
        put_share_flip(&result, numbers);
        sy_share_flip_sentence(&w.asked, &w.options, label, &result, w.text);
    }
    SEXP out = r_leave(&w.host, status, told, &w);
    UNPROTECT(1);
    return out;
}

/* along [3, n]; a matrix [5, n]. */
SEXP C_share_flip_rays(SEXP blob, SEXP question, SEXP options, SEXP along, SEXP threads, SEXP progress)
{
    work w;
    begin(&w, question, options);
    const int n = Rf_ncols(along);
    const double *u = REAL_RO(along);
    sy_flip_ray *rays = (sy_flip_ray *)(void *)R_alloc((size_t)n + 1, sizeof *rays);
    SEXP table = PROTECT(Rf_allocMatrix(REALSXP, RAY, n));
    for (int i = 0; i < n; i++) rays[i] = (sy_flip_ray){.along = {u[3 * i], u[3 * i + 1], u[3 * i + 2]}};
    sy_status status = look(&w, blob, threads, progress);
    if (status >= 0) status = sy_share_flip_rays(&w.host.ctx, &w.host.moments[0], &w.asked, &w.options, NULL, n, rays);
    double *to = REAL(table);
    for (int i = 0; i < n; i++, to += RAY) {
        const double values[RAY] = {rays[i].crossing, rays[i].back, rays[i].limit, rays[i].at_limit,
                                    rays[i].second_outcome};
        memcpy(to, values, sizeof values);
    }
    SEXP out = r_leave(&w.host, status, as_it_is, table);
    UNPROTECT(1);
    return out;
}

/* grid: c(set, third, reach, points); list(places, difference [x, y]). */
SEXP C_share_flip_contours(SEXP blob, SEXP question, SEXP options, SEXP direction, SEXP grid, SEXP threads,
                           SEXP progress)
{
    static const char *const names[] = {"places", "difference"};
    work w;
    begin(&w, question, options);
    const double *given = REAL_RO(grid);
    const int n = (int)given[3];
    SEXP list = PROTECT(r_list(2, names));
    double *places = REAL(SET_VECTOR_ELT(list, 0, Rf_allocVector(REALSXP, n)));
    double *difference = REAL(SET_VECTOR_ELT(list, 1, Rf_allocMatrix(REALSXP, n, n)));
    sy_flip_places(given[2], n, places);
    const sy_flip_grid how = {.set = (int)given[0], .third = given[1], .n_x = n, .n_y = n, .x = places, .y = places};
    sy_status status = look(&w, blob, threads, progress);
    if (status >= 0)
        status = sy_share_flip_contours(&w.host.ctx, &w.host.moments[0], &w.asked, &w.options, REAL(direction), &how,
                                        difference, NULL);
    SEXP out = r_leave(&w.host, status, as_it_is, list);
    UNPROTECT(1);
    return out;
}

/* points [3, n]; shares [blocks, n]. */
SEXP C_share_flip_at(SEXP blob, SEXP question, SEXP options, SEXP direction, SEXP points)
{
    work w;
    begin(&w, question, options);
    const int n = Rf_ncols(points);
    SEXP shares = PROTECT(Rf_allocMatrix(REALSXP, w.asked.n_blocks, n));
    sy_status status = look(&w, blob, R_NilValue, R_NilValue);
    if (status >= 0)
        status = sy_share_flip_at(&w.host.ctx, &w.host.moments[0], &w.asked, &w.options, REAL(direction), n,
                                  (const sy_confounder *)(const void *)REAL_RO(points), REAL(shares));
    SEXP out = r_leave(&w.host, status, as_it_is, shares);
    UNPROTECT(1);
    return out;
}

/* Terms from 1 to those of the core; memory of R's. */
static int *from_zero(SEXP terms)
{
    const R_xlen_t n = XLENGTH(terms);
    int *out = (int *)(void *)R_alloc((size_t)n + 1, sizeof *out);
    for (R_xlen_t i = 0; i < n; i++) out[i] = INTEGER_RO(terms)[i] - 1;
    return out;
}

/* A matrix [7, terms]. */
SEXP C_share_flip_benchmarks(SEXP blob, SEXP question, SEXP options, SEXP direction, SEXP terms)
{
    work w;
    begin(&w, question, options);
    const int n = (int)XLENGTH(terms), *which = from_zero(terms);
    sy_flip_benchmark *found = (sy_flip_benchmark *)(void *)R_alloc((size_t)n + 1, sizeof *found);
    SEXP table = PROTECT(Rf_allocMatrix(REALSXP, BENCHMARK, n));
    memset(found, 0, ((size_t)n + 1) * sizeof *found);
    sy_status status = look(&w, blob, R_NilValue, R_NilValue);
    if (status >= 0)
        status = sy_share_flip_benchmarks(&w.host.ctx, &w.host.moments[0], &w.asked, &w.options, REAL(direction), n,
                                          which, found);
    double *to = REAL(table);
    for (int i = 0; i < n; i++, to += BENCHMARK) {
        const sy_flip_benchmark *b = &found[i];
        const double values[BENCHMARK] = {b->joint, b->at.a, b->at.b, b->at.c, b->difference, b->crossing, b->limit};
        memcpy(to, values, sizeof values);
    }
    SEXP out = r_leave(&w.host, status, as_it_is, table);
    UNPROTECT(1);
    return out;
}

/* source NULL: the reliability of the second block; else the terms of a source
 * from 1, none for the usual ones, with the signs of `loading`. */
SEXP C_flip_turn(SEXP blob, SEXP question, SEXP options, SEXP outcome, SEXP source, SEXP loading, SEXP stated)
{
    static const char *const names[] = {"numbers", "difference", "text", "remarks"};
    work w;
    sy_flip_turn turn;
    begin(&w, question, options);
    const char *label = r_text(outcome, 0);
    const int n = (int)XLENGTH(stated), reliability = source == R_NilValue;
    const int n_terms = reliability ? 0 : (int)XLENGTH(source), *terms = reliability ? NULL : from_zero(source);
    w.list = PROTECT(r_list(4, names));
    double *numbers = REAL(SET_VECTOR_ELT(w.list, 0, Rf_allocVector(REALSXP, TURN)));
    double *difference = REAL(SET_VECTOR_ELT(w.list, 1, Rf_allocVector(REALSXP, n)));
    sy_status status = look(&w, blob, R_NilValue, R_NilValue);
    const sy_moments *m = &w.host.moments[0];
    if (status >= 0 && reliability)
        status = sy_reliability_to_flip(&w.host.ctx, m, &w.asked, &w.options, &turn, n, REAL_RO(stated), difference);
    else if (status >= 0)
        status = sy_shared_source_to_flip(&w.host.ctx, m, &w.asked, &w.options, n_terms, terms, numbers_of(loading),
                                          &turn, n, REAL_RO(stated), difference);
    if (status >= 0) {
        const double all[TURN] = {turn.first, turn.second, turn.total, turn.difference, turn.reversed,
                                  turn.flip,  turn.back,   turn.limit, turn.at_limit};
        memcpy(numbers, all, sizeof all);
        if (reliability) sy_reliability_to_flip_sentence(&w.asked, &w.options, label, &turn, w.text);
        else sy_shared_source_to_flip_sentence(&w.asked, &w.options, label, &turn, w.text);
    }
    SEXP out = r_leave(&w.host, status, told, &w);
    UNPROTECT(1);
    return out;
}
