/* The nearest hidden common cause that turns the order of two shares.
 *
 * D(a, b, c; f, g) is a smooth function on a box (flip_confounder.c), times two
 * spheres of directions where blocks have several columns. Wanted is the least
 * s such that D <= 0 somewhere with |a|, |b|, |c| <= s. D(s u) along a ray may
 * cross zero, return and cross again, so that nothing is assumed of its shape:
 *   1. rays through the 26 directions with entries -1, 0, 1 (13, as U and -U
 *      are one), for each start of f and g: a scan up to the best s so far,
 *      then the bracketed root;
 *   2. D is made small over the box of the best s, from the best point and from
 *      every corner; where it falls below 0 the ray to that point crosses
 *      zero nearer, which gives a smaller s; repeated until no search from any
 *      start falls below 0.
 * s falls at every turn, and every s is attained; a nearer flip can be missed
 * only where all searches end in other valleys. D is made small one coordinate
 * at a time with steps that grow where they help and turn where they do not
 * [Rosenbrock 1960, doi:10.1093/comjnl/3.3.175, without his rotation]; the
 * directions are coordinates of uncorrelated combinations, brought back to
 * length 1. Starts of f and g: the coefficients of the whole model, those of
 * each block alone, single columns, and random ones.
 * Along a given ray the box is the ray, the directions are searched as above.
 *
 * Cost: some 1,000 evaluations a set with one column a block, some 500 a start
 * and column more with several.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/root_internal.h"
#include "base/parallel_internal.h"
#include "study/confounding/flip_search_internal.h"
#include <math.h>
#include <string.h>

enum { SCAN = 40, TURNS = 40, MOST_TRIES = 4000, PATTERNS = 13 };
static const double short_step = 1e-7, probing_step = 1e-4;
static const double below = -1e-13; /* D of a point at its own crossing is rounding */

typedef struct {
    const syi_flip_field *field;
    const syi_flip_quest *quest;
    int worker, n_u, n_x; /* coordinates of the strengths, all coordinates */
    double bound;         /* of the strengths, or of the multiple */
    double *x, *best, *step, *trial, *weights, *room, *values;
    sy_confounder at; /* of the last evaluation */
    double reach;     /* its largest strength or its multiple */
    int found;        /* `best` is a flip */
    double count;
} search;

static const signed char pattern[PATTERNS][3] = {{1, 1, 1},  {-1, 1, 1}, {1, -1, 1}, {-1, -1, 1}, {1, 0, 1},
                                                 {-1, 0, 1}, {0, 1, 1},  {0, -1, 1}, {1, 1, 0},   {-1, 1, 0},
                                                 {1, 0, 0},  {0, 1, 0},  {0, 0, 1}};

size_t syi_flip_search_room(int order, int n_values)
{
    const size_t n = (size_t)order + 3;
    return 6 * syi_arena_room(2 * n, sizeof(double)) + syi_arena_room((size_t)n_values, sizeof(double)) +
           syi_confounded_room(order);
}

double syi_flip_farthest(const sy_confounder *along, double most, double limit_c)
{
    return most / fmax(fmax(fabs(along->a), fabs(along->b)), fabs(along->c) / limit_c);
}

void syi_flip_weights(const syi_flip_field *field, const double *eta, double *weights)
{
    const syi_geometry *g = field->g;
    const double *basis_g = field->basis + (ptrdiff_t)g->n_f * field->rank_f;
    if (field->weights) {
        memcpy(weights, field->weights, (size_t)(g->n_f + g->n_g) * sizeof *weights);
        return;
    }
    for (int i = 0; i < g->n_f; i++) {
        weights[i] = 0;
        for (int k = 0; k < field->rank_f; k++) weights[i] += field->basis[i * field->rank_f + k] * eta[k];
    }
    for (int i = 0; i < g->n_g; i++) {
        weights[g->n_f + i] = 0;
        for (int k = 0; k < field->rank_g; k++)
            weights[g->n_f + i] += basis_g[i * field->rank_g + k] * eta[field->rank_f + k];
    }
}

double syi_flip_sign(int n, const double *weights)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += weights[i];
    return sum;
}

/* D at coordinates x; INFINITY where there is no such U. */
static double value_at(search *s, const double *x)
{
    const syi_flip_field *field = s->field;
    const double most = field->options.most;
    syi_direction d;
    syi_flip_weights(field, x + s->n_u, s->weights);
    if (field->f->e.stopped || syi_parallel_stopped()) return INFINITY;
    if (!syi_direction_set(field->g, s->weights, s->room, &d)) return INFINITY;
    if (s->quest->set) {
        const double c = fmin(fmax(x[2], -most * d.limit_c), most * d.limit_c);
        s->at = (sy_confounder){x[0], x[1], c};
        s->reach = fmax(fmax(fabs(x[0]), fabs(x[1])), fabs(c));
    } else {
        const sy_confounder *along = &s->quest->along;
        const int n_f = field->g->n_f; /* the ray has signs, so f and g need them */
        if (syi_flip_sign(n_f, s->weights) < 0 || syi_flip_sign(field->g->n_g, s->weights + n_f) < 0) return INFINITY;
        const double t = s->reach = fmin(x[0], syi_flip_farthest(along, most, d.limit_c));
        s->at = (sy_confounder){t * along->a, t * along->b, t * along->c};
    }
    s->count += 1;
    const double value = syi_confounded(field->f, s->worker, field->g, &d, field->options.first, field->options.second,
                                        &s->at, s->values);
    return isnan(value) ? INFINITY : value;
}

/* The strengths of x times t. */
typedef struct {
    search *s;
    const double *x;
} scaling;

static double along_scaling(double t, const void *arg)
{
    const scaling *sc = arg;
    search *s = sc->s;
    double *x = s->step; /* not in use while a ray is followed */
    memcpy(x, sc->x, (size_t)s->n_x * sizeof *x);
    for (int i = 0; i < s->n_u; i++) x[i] *= t;
    return value_at(s, x);
}

double syi_flip_first(double (*curve)(double t, const void *arg), const void *arg, double from, double limit, int steps,
                      int back)
{
    double t = from, at_t = curve(from, arg);
    for (int i = 1; i <= steps; i++) {
        const double next = i == steps ? limit : from + (limit - from) * i / steps, at_next = curve(next, arg);
        if (isnan(at_next) || isinf(at_next)) return NAN;
        if (back ? at_next > 0 : at_next <= 0) {
            if (back && !(at_t <= 0)) return t;
            return at_t == 0 ? t : syi_root(curve, arg, t, at_t, next, at_next, 1e-15);
        }
        t = next;
        at_t = at_next;
    }
    return NAN;
}

/* Brings the crossing on the ray to x, if it is nearer than the bound, into
 * `best` and the bound. */
static int shorten(search *s, const double *x, int steps)
{
    const scaling sc = {s, x};
    const double t = syi_flip_first(along_scaling, &sc, 0, 1, steps, 0);
    if (isnan(t)) return 0;
    memcpy(s->step, x, (size_t)s->n_x * sizeof *x);
    for (int i = 0; i < s->n_u; i++) s->step[i] *= t;
    if (isinf(value_at(s, s->step))) return 0;
    if (!(s->reach < s->bound)) return 0;
    s->bound = s->reach;
    memcpy(s->best, s->step, (size_t)s->n_x * sizeof *x);
    return s->found = 1;
}

/* Each of two spheres' coordinates to length 1. */
static void to_spheres(const search *s, double *x)
{
    const int rank[2] = {s->field->rank_f, s->field->rank_g};
    double *eta = x + s->n_u;
    for (int k = 0; k < 2 && s->n_x > s->n_u; eta += rank[k++]) {
        double sum = 0;
        for (int i = 0; i < rank[k]; i++) sum += eta[i] * eta[i];
        for (int i = 0; i < rank[k]; i++) eta[i] /= sqrt(sum);
    }
}

static int moves(const search *s, int i)
{
    if (i < s->n_u) return s->quest->set ? s->quest->set >> i & 1 : 1;
    i -= s->n_u;
    return i < s->field->rank_f ? s->field->rank_f > 1 : s->field->rank_g > 1;
}

/* x with coordinate i moved by its step, kept on box and spheres; 0: it cannot
 * move. */
static int stepped(const search *s, const double *x, int i)
{
    double *trial = s->trial;
    memcpy(trial, x, (size_t)s->n_x * sizeof *x);
    trial[i] += s->step[i];
    if (i >= s->n_u) to_spheres(s, trial);
    else trial[i] = fmin(fmax(trial[i], s->quest->set ? -s->bound : 0), s->bound);
    return trial[i] != x[i];
}

/* Makes D small from x over the box; returns it, x is where. Ends at the first
 * value below zero when `any` will do, and sooner when none is near. */
static double descend(search *s, double *x, int any)
{
    double here = value_at(s, x), longest = 1;
    const double start = s->count, shortest = any ? probing_step : short_step;
    for (int i = 0; i < s->n_x; i++) s->step[i] = i < s->n_u ? 0.2 * s->bound : 0.2;
    while (longest > shortest && s->count - start < MOST_TRIES && !syi_parallel_stopped()) {
        longest = 0;
        for (int i = 0; i < s->n_x; i++) {
            if (!moves(s, i)) continue;
            const double value = stepped(s, x, i) ? value_at(s, s->trial) : INFINITY;
            const int better = value < here;
            s->step[i] *= better ? 2 : -0.4;
            longest = fmax(longest, fabs(s->step[i]) / (i < s->n_u ? s->bound : 1));
            if (!better) continue;
            here = value;
            memcpy(x, s->trial, (size_t)s->n_x * sizeof *x);
            if (any && here < below) return here;
        }
    }
    return here;
}

/* Start number i: a pattern of signs, and a start of f and g. 0: not in the set. */
static int begin(const search *s, int number, double *x)
{
    const syi_flip_field *field = s->field;
    const signed char *sign = pattern[number % PATTERNS];
    const int eta = number / PATTERNS, n_eta = s->n_x - s->n_u;
    if (n_eta) memcpy(x + s->n_u, field->start + (ptrdiff_t)eta * n_eta, (size_t)n_eta * sizeof *x);
    if (!s->quest->set) {
        x[0] = s->bound;
        return number % PATTERNS == 0;
    }
    for (int i = 0; i < 3; i++) {
        if (sign[i] && !(s->quest->set >> i & 1)) return 0;
        x[i] = sign[i] * s->bound;
    }
    return 1;
}

/* All strengths of the set are there: a corner of its box. */
static int fills(const search *s)
{
    int set = 0;
    for (int i = 0; s->quest->set && i < 3; i++) set += s->x[i] != 0 ? 1 << i : 0;
    return set == s->quest->set;
}

/* One turn over the corners. While there is no flip the least difference met is
 * kept in `least`, its point in `best`. */
static void turn(search *s, double *least)
{
    const int starts = PATTERNS * s->field->n_starts;
    for (int i = s->found ? -1 : 0; i < starts; i++) {
        if (i < 0) memcpy(s->x, s->best, (size_t)s->n_x * sizeof *s->x);
        else if (!begin(s, i, s->x) || !fills(s)) continue;
        const double value = descend(s, s->x, i >= 0);
        if (value < below) shorten(s, s->x, 8);
        if (s->found || !(value < *least)) continue;
        *least = value;
        memcpy(s->best, s->x, (size_t)s->n_x * sizeof *s->x);
    }
}

/* Weights of each that add to more than 0; the strengths turned with them. */
static void orient(const syi_geometry *g, double *weights, sy_confounder *u)
{
    for (int block = 0; block < 2; block++) {
        double *w = block ? weights + g->n_f : weights, square = 0;
        const int n = block ? g->n_g : g->n_f;
        for (int i = 0; i < n; i++) square += w[i] * w[i];
        const double scale = (syi_flip_sign(n, w) < 0 ? -1 : 1) / sqrt(square);
        for (int i = 0; i < n; i++) w[i] *= scale;
        if (scale < 0 && block) u->b = -u->b;
        if (scale < 0 && !block) u->a = -u->a;
    }
}

static void take_room(const syi_flip_field *field, syi_arena *scratch, search *s)
{
    const size_t n = 2 * ((size_t)field->f->order + 3);
    s->x = syi_arena_take(scratch, n, sizeof *s->x);
    s->best = syi_arena_take(scratch, n, sizeof *s->best);
    s->step = syi_arena_take(scratch, n, sizeof *s->step);
    s->trial = syi_arena_take(scratch, n, sizeof *s->trial);
    s->room = syi_arena_take(scratch, n, sizeof *s->room);
    s->weights = syi_arena_take(scratch, n, sizeof *s->weights);
    s->values = syi_arena_take(scratch, (size_t)field->f->n_values, sizeof *s->values);
    memset(s->x, 0, n * sizeof *s->x);
}

void syi_flip_nearest(const syi_flip_field *field, int worker, const syi_flip_quest *quest, syi_flip_find *find,
                      double *weights)
{
    syi_arena *scratch = &field->f->e.scratch[worker];
    const syi_arena mark = *scratch;
    const double most = field->options.most;
    double least = INFINITY;
    search s = {.field = field, .quest = quest, .worker = worker, .n_u = quest->set ? 3 : 1};
    s.n_x = s.n_u + (field->weights ? 0 : field->rank_f + field->rank_g);
    take_room(field, scratch, &s);
    s.bound = quest->set ? most : syi_flip_farthest(&quest->along, most, 1);
    begin(&s, 0, s.best);
    for (int i = 0; i < PATTERNS * field->n_starts; i++)
        if (begin(&s, i, s.x)) shorten(&s, s.x, SCAN);
    for (int i = 0; i < TURNS; i++) {
        const double before = s.bound;
        turn(&s, &least);
        if (!(s.bound < before * (1 - 1e-9))) break;
    }
    value_at(&s, s.best);
    *find = (syi_flip_find){.at = s.at, .found = s.found, .reach = s.reach, .evaluations = s.count};
    memcpy(weights, s.weights, (size_t)(field->g->n_f + field->g->n_g) * sizeof *weights);
    orient(field->g, weights, &find->at);
    find->at = syi_confounder_turned(find->at);
    *scratch = mark;
}
