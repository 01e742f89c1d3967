/* Shares of people worse, the same and better, by indicator and group.
 *
 * p = sum w y / sum w over those of the group who answered. Without clusters
 * and sampling weights the limits are Wilson's (or exact). Else the variance is
 * that of the linearised ratio: u_c = sum over cluster c of w (y - p) / sum w,
 * var p = G / (G - 1) sum u_c^2 over the G clusters in which someone of the
 * group answered (rows, when there are sampling weights only), t with G - 1
 * degrees of freedom. Counting the group's own clusters is the cautious choice
 * where a group is a set of whole clusters; G of the whole sample would take
 * too little for them. A group inside a single cluster is a council's own
 * share: its people, not councils, are the sample, so its rows are the units.
 * Conditions: clusters independent. Coverage of nominal 95 % limits, measured
 * with a correlation of 0.05 inside clusters and shares of 3 to 50 %
 * (tests/reference/coverage/people.csv): 93.7 to 98 % from 10 clusters on, 93.5
 * to 99.1 % below; where one cluster holds several times its even part it falls
 * with the part held, to 77 % at two thirds of all answers. Few clusters and one
 * that dominates are remarked on.
 * Why linearisation: no replicates, exact for a ratio of totals to first order,
 * the field's default. Two passes over rows sorted by group and cluster, so
 * that nothing cancels; n an indicator, twice when grouped; 36 bytes a row.
 * Binder 1983, doi:10.2307/1402588; Korn & Graubard 1999,
 * doi:10.1002/9781118032619; Kish 1965, Survey Sampling.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/proportion_internal.h"

#define SECONDS_A_ROW 4e-8

enum { BREATH = 16384, FEW_CLUSTERS = 10 };

/* times its even part: from here on one cluster dominates */
static const double HEAVY = 3;

/* Least and most that nominal 95 % limits covered, in percent: with few clusters,
 * and by the part of all answers, at most, that a dominant cluster holds. */
static const struct {
    double part, least, most;
} few_covered = {1, 93.5, 99.1}, heavy_covered[] = {{0.25, 92.0, 95.3}, {0.5, 85.7, 92.5}, {1, 77.4, 82.9}};

typedef struct job job;

/* The three memberships of a row in 0..1 and the people it stands for; 0 when
 * it has no answer. */
typedef int (*reader)(const job *j, int indicator, ptrdiff_t row, double y[SY_N_ANSWERS], double *people);

struct job {
    const sy_design *design;
    const sy_overview_options *options;
    reader read;
    int n_values, n_groups;
    ptrdiff_t *whole, *grouped;   /* usable rows by cluster; by group, then cluster */
    ptrdiff_t *first;             /* [groups + 1] into grouped */
    double *weight;               /* [n], NULL without weights */
    int *cluster, *group, *count; /* [n]; count: difficult steps, -1 unknown */
    double *shares, *whom;
};

typedef struct {
    double people, missing, weight, weight2, units, largest;
    double y[SY_N_ANSWERS], clusters[SY_N_ANSWERS], rows[SY_N_ANSWERS]; /* sums; squares by cluster and by row */
} tally;

static const sy_column *column_of(const sy_design *design, int term)
{
    return &design->columns[design->terms[term].factors[0].column];
}

static int read_answer(const job *j, int indicator, ptrdiff_t row, double y[SY_N_ANSWERS], double *people)
{
    const double code = syi_column_value(column_of(j->design, indicator), row);
    *people = j->weight ? j->weight[row] : 1;
    for (int a = 0; a < SY_N_ANSWERS; a++) y[a] = code == a;
    return !isnan(code);
}

static int read_share(const job *j, int indicator, ptrdiff_t row, double y[SY_N_ANSWERS], double *people)
{
    y[SY_BETTER] = syi_column_value(column_of(j->design, indicator), row);
    y[SY_WORSE] = 0;
    y[SY_SAME] = 1 - y[SY_BETTER];
    *people = syi_column_value(column_of(j->design, indicator + j->options->n_indicators), row);
    if (isnan(y[SY_BETTER])) *people = 0;
    return !isnan(y[SY_BETTER]);
}

static int read_steps(const job *j, int indicator, ptrdiff_t row, double y[SY_N_ANSWERS], double *people)
{
    const int count = j->count[row];
    *people = j->weight ? j->weight[row] : 1;
    y[SY_WORSE] = count < indicator;
    y[SY_SAME] = count == indicator;
    y[SY_BETTER] = count >= indicator;
    return count >= 0;
}

static void add_up(const job *j, int indicator, const ptrdiff_t *rows, ptrdiff_t n, tally *t)
{
    const int sampling = j->design->weight_kind == SY_WEIGHT_SAMPLING;
    double y[SY_N_ANSWERS], w = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        if (i % BREATH == 0 && syi_parallel_stopped()) return;
        const int there = j->read(j, indicator, rows[i], y, &w);
        if (!there) {
            t->missing += sampling || j->options->proportions ? 1 : w;
            continue;
        }
        t->people += sampling ? 1 : w;
        t->weight += w;
        t->weight2 += w * w;
        for (int a = 0; a < SY_N_ANSWERS; a++) t->y[a] += w * y[a];
    }
    for (int a = 0; a < SY_N_ANSWERS; a++) t->y[a] /= t->weight;
}

static void spread(const job *j, int indicator, const ptrdiff_t *rows, ptrdiff_t n, tally *t)
{
    double y[SY_N_ANSWERS], sum[SY_N_ANSWERS] = {0}, w = 0, held = 0;
    int current = -1;
    for (ptrdiff_t i = 0; i < n; i++) {
        if (i % BREATH == 0 && syi_parallel_stopped()) return;
        if (!j->read(j, indicator, rows[i], y, &w)) continue;
        const int cluster = j->cluster ? j->cluster[rows[i]] : -1;
        const int new_one = current < 0 || cluster != current;
        if (new_one) t->units += 1;
        current = cluster;
        held = new_one ? w : held + w;
        t->largest = fmax(t->largest, held / t->weight);
        for (int a = 0; a < SY_N_ANSWERS; a++) {
            const double u = w * (y[a] - t->y[a]) / t->weight;
            if (new_one) {
                t->clusters[a] += sum[a] * sum[a];
                sum[a] = 0;
            }
            sum[a] += u;
            t->rows[a] += u * u;
        }
    }
    for (int a = 0; a < SY_N_ANSWERS; a++) t->clusters[a] += sum[a] * sum[a];
}

/* All but the limits of one share. */
static void one_share(const job *j, const tally *t, int answer, int is_group, double *v)
{
    const sy_design *d = j->design;
    const int sampling = d->weight_kind == SY_WEIGHT_SAMPLING, alone = d->cluster && !(t->units > 1);
    const int by_cluster = d->cluster && !alone, designed = by_cluster || sampling;
    const double p = fmin(fmax(t->y[answer], 0), 1), pq = p * (1 - p), kish = t->weight * t->weight / t->weight2;
    const double simple = sampling ? kish : t->people, units = by_cluster ? t->units : t->people;
    v[SY_SHARE_ESTIMATE] = p;
    v[SY_SHARE_PEOPLE] = t->people;
    v[SY_SHARE_DF] = HUGE_VAL;
    v[SY_SHARE_EFFECTIVE] = simple;
    v[SY_SHARE_STD_ERROR] = sqrt(pq / t->people);
    v[SY_SHARE_METHOD] = j->options->method == SY_PROPORTION_EXACT ? SY_PROPORTION_EXACT : SY_PROPORTION_WILSON;
    if (alone && !is_group) {
        v[SY_SHARE_STD_ERROR] = v[SY_SHARE_EFFECTIVE] = v[SY_SHARE_DF] = NAN;
        v[SY_SHARE_METHOD] = SY_PROPORTION_NONE;
        return;
    }
    if (!designed) return;
    const double variance = (by_cluster ? t->clusters : t->rows)[answer] * units / (units - 1);
    v[SY_SHARE_DF] = units - 1;
    v[SY_SHARE_STD_ERROR] = sqrt(variance);
    if (variance > 0) v[SY_SHARE_EFFECTIVE] = pq / variance;
    const double rarer = fmin(t->people, v[SY_SHARE_EFFECTIVE]) * fmin(p, 1 - p);
    const int few = !(variance > 0) || rarer < SYI_FEW_ON_A_SIDE;
    v[SY_SHARE_METHOD] = !(units > 1) ? SY_PROPORTION_NONE : few ? SY_PROPORTION_BETA : SY_PROPORTION_LOGIT;
}

static void fill(const job *j, int set, int indicator, const ptrdiff_t *rows, ptrdiff_t n)
{
    const ptrdiff_t place = (ptrdiff_t)set * j->n_values + indicator;
    double *v = j->shares + place * SY_N_ANSWERS * SY_N_SHARE, *whom = j->whom + place * SY_N_WHOM;
    tally t = {0};
    add_up(j, indicator, rows, n, &t);
    if (t.people > 0) spread(j, indicator, rows, n, &t);
    const int hidden = set > 0 && t.people < j->options->hide_below;
    for (int k = 0; k < SY_N_ANSWERS * SY_N_SHARE; k++) v[k] = NAN;
    for (int a = 0; a < SY_N_ANSWERS && t.people > 0 && !hidden; a++) one_share(j, &t, a, set > 0, v + a * SY_N_SHARE);
    whom[SY_WHOM_PEOPLE] = hidden ? NAN : t.people;
    whom[SY_WHOM_MISSING] = hidden ? NAN : t.missing;
    whom[SY_WHOM_CLUSTERS] = hidden ? NAN : j->cluster ? t.units : 0;
    whom[SY_WHOM_LARGEST] = hidden ? NAN : j->cluster ? t.largest : 0;
    whom[SY_WHOM_HIDDEN] = hidden;
}

static void indicator_work(void *arg, int worker, size_t index)
{
    const job *j = arg;
    const int indicator = (int)index;
    (void)worker;
    fill(j, 0, indicator, j->whole, j->first[j->n_groups + 1]);
    for (int g = 0; g < j->n_groups; g++)
        fill(j, 1 + g, indicator, j->grouped + j->first[g], j->first[g + 1] - j->first[g]);
}

/* Counting sort, stable: rows of `from` by key, keys below 0 left out. */
static void sort_by(const int *key, int n_keys, const ptrdiff_t *from, ptrdiff_t n, ptrdiff_t *first, ptrdiff_t *to)
{
    for (int k = 0; k <= n_keys; k++) first[k] = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (key[from[i]] >= 0) first[key[from[i]] + 1]++;
    for (int k = 0; k < n_keys; k++) first[k + 1] += first[k];
    for (ptrdiff_t i = 0; i < n; i++)
        if (key[from[i]] >= 0) to[first[key[from[i]]]++] = from[i];
    for (int k = n_keys; k > 0; k--) first[k] = first[k - 1];
    first[0] = 0;
}

static sy_status check_shares(sy_context *ctx, const sy_design *d, int k)
{
    for (int t = 0; t < k; t++)
        for (ptrdiff_t i = 0; i < d->n; i++) {
            const double share = syi_column_value(column_of(d, t), i), n = syi_column_value(column_of(d, t + k), i);
            if (isnan(share)) continue;
            if (!(share >= 0 && share <= 1))
                return syi_fail(ctx, SY_EDATA, "%s: row %td is %.15g; a share lies between 0 and 1", d->terms[t].label,
                                i + 1, share);
            if (isnan(n))
                return syi_fail(ctx, SY_EDATA, "n: row %td is missing; each share needs its number of people", i + 1);
            if (!(n > 0) || isinf(n))
                return syi_fail(ctx, SY_EDATA, "n: row %td is %.15g; a number of people greater than 0 is needed",
                                i + 1, n);
        }
    return SY_OK;
}

static sy_status check(sy_context *ctx, const sy_design *d, const sy_overview_options *o)
{
    sy_status s = syi_design_check(ctx, d);
    if (s == SY_OK) s = syi_level_check(ctx, o->level);
    if (s != SY_OK) return s;
    const int wanted = o->n_indicators * (o->proportions ? 2 : 1) + (o->by ? 1 : 0);
    if (o->n_indicators < 1 || d->n_terms != wanted)
        return syi_fail(ctx, SY_EDIM, "terms: %d given, %d needed for %d indicators", d->n_terms, wanted,
                        o->n_indicators);
    if (d->weights && d->weight_kind == SY_WEIGHT_ANALYTIC)
        return syi_fail(
            ctx, SY_EINVAL,
            "weight_kind: \"analytic\" has no meaning for shares of people; use \"frequency\" or \"sampling\"");
    if (d->weights && o->proportions)
        return syi_fail(ctx, SY_EINVAL, "weights: shares with their n are weighed by n; leave weights out");
    if (!(o->hide_below >= 0)) return syi_fail(ctx, SY_EINVAL, "hide_below = %g: must be 0 or more", o->hide_below);
    if (o->method != SY_PROPORTION_AUTO && (d->cluster || d->weight_kind == SY_WEIGHT_SAMPLING))
        return syi_fail(ctx, SY_EINVAL,
                        "interval: \"%s\" takes no account of clusters or sampling weights; use \"auto\"",
                        o->method == SY_PROPORTION_EXACT ? "exact" : "wilson");
    for (int t = 0; t < d->n_terms; t++) {
        const int coded = t < o->n_indicators ? !o->proportions : t == wanted - 1 && o->by;
        const sy_column *c = column_of(d, t);
        if (coded != (c->type == SY_CODES) || (coded && t < o->n_indicators && c->n_levels != SY_N_ANSWERS))
            return syi_fail(ctx, SY_EINVAL, "%s: %s needed", d->terms[t].label, coded ? "a factor is" : "numbers are");
    }
    return o->proportions ? check_shares(ctx, d, o->n_indicators) : SY_OK;
}

static sy_status dropped(sy_context *ctx, ptrdiff_t rows, const char *term, const char *what)
{
    if (rows == 0) return SY_OK;
    return syi_remark(ctx, SY_NOTE_ROWS_DROPPED, term, (double)rows, "%td rows have no %s and are left out", rows,
                      what);
}

/* Usable rows, their weights and clusters, in order of clusters. */
static sy_status take_rows(sy_context *ctx, job *j, ptrdiff_t *list, ptrdiff_t *place)
{
    const sy_design *d = j->design;
    ptrdiff_t n = 0, no_weight = 0, no_cluster = 0, zero = 0;
    for (ptrdiff_t i = 0; i < d->n; i++) {
        const double w = d->weights ? syi_column_value(d->weights, i) : 1;
        const double c = d->cluster ? syi_column_value(d->cluster, i) : 0;
        if (w < 0 || isinf(w))
            return syi_fail(ctx, SY_EDATA, "weights: row %td is %.15g; weights must be zero or more, and finite", i + 1,
                            w);
        if (d->weight_kind == SY_WEIGHT_FREQUENCY && w != floor(w))
            return syi_fail(ctx, SY_EDATA, "weights: row %td is %.15g; frequency weights must be whole numbers", i + 1,
                            w);
        if (j->weight) j->weight[i] = w;
        if (j->cluster) j->cluster[i] = isnan(c) ? -1 : (int)c;
        no_weight += isnan(w);
        no_cluster += isnan(c);
        zero += w == 0;
        if (w > 0 && !isnan(c)) list[n++] = i;
    }
    if (j->cluster) sort_by(j->cluster, d->cluster->n_levels, list, n, place, j->whole);
    for (ptrdiff_t i = 0; i < n && !j->cluster; i++) j->whole[i] = list[i];
    j->first[j->n_groups + 1] = n;
    sy_status s = dropped(ctx, no_weight, "weights", "weight");
    if (s == SY_OK) s = dropped(ctx, no_cluster, "cluster", "cluster");
    if (s != SY_OK || zero == 0) return s;
    return syi_remark(ctx, SY_NOTE_ZERO_WEIGHTS, "", (double)zero, "%td of %td rows have weight zero and do not count",
                      zero, d->n);
}

static sy_status take_groups(sy_context *ctx, job *j)
{
    const ptrdiff_t n = j->first[j->n_groups + 1];
    const int term = j->design->n_terms - 1;
    for (ptrdiff_t i = 0; i < j->design->n; i++) {
        const double g = syi_column_value(column_of(j->design, term), i);
        j->group[i] = isnan(g) ? -1 : (int)g;
    }
    sort_by(j->group, j->n_groups, j->whole, n, j->first, j->grouped);
    const ptrdiff_t none = n - j->first[j->n_groups];
    if (none == 0) return SY_OK;
    return syi_remark(ctx, SY_NOTE_ROWS_DROPPED, j->design->terms[term].label, (double)none,
                      "%td rows have no group; they count in the whole only", none);
}

static sy_status count_steps(sy_context *ctx, job *j)
{
    for (ptrdiff_t i = 0; i < j->design->n; i++) {
        if (i % BREATH == 0 && ctx->poll && ctx->poll(ctx->poll_arg)) return syi_fail(ctx, SY_EINTR, "stopped");
        for (int t = 0; t < j->options->n_indicators && j->count[i] >= 0; t++) {
            const double code = syi_column_value(column_of(j->design, t), i);
            j->count[i] = isnan(code) ? -1 : j->count[i] + (code == SY_BETTER);
        }
    }
    return SY_OK;
}

static sy_status limits(sy_context *ctx, const job *j)
{
    const ptrdiff_t count = (ptrdiff_t)(1 + j->n_groups) * j->n_values * SY_N_ANSWERS;
    sy_status s = SY_OK;
    syi_gsl_guard();
    for (ptrdiff_t i = 0; i < count && s == SY_OK; i++) {
        double *share = j->shares + i * SY_N_SHARE;
        if (i % 256 == 0 && ctx->poll && ctx->poll(ctx->poll_arg)) return syi_fail(ctx, SY_EINTR, "stopped");
        if (isnan(share[SY_SHARE_METHOD])) continue;
        for (int upper = 0; upper < 2 && s == SY_OK; upper++)
            s = syi_proportion_limit(ctx, share, (1 - j->options->level) / 2, upper,
                                     &share[upper ? SY_SHARE_HIGH : SY_SHARE_LOW]);
    }
    return s;
}

/* How far limits can be trusted that rest on few clusters or on one. */
static sy_status remark_clusters(sy_context *ctx, double units, double part, const char *label)
{
    int held = 0;
    if (units < 2)
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, label, units, "all answers are in one cluster: no limits");
    if (part * units > HEAVY) {
        while (held < 2 && part > heavy_covered[held].part) held++;
        return syi_remark(ctx, units < FEW_CLUSTERS ? SY_NOTE_FEW_CLUSTERS : SY_NOTE_ONE_UNIT, label, part,
                          "one cluster of %.0f holds %.0f %% of all answers: nominal 95 %% limits covered %.1f to %.1f "
                          "%% in such simulations",
                          units, 100 * part, heavy_covered[held].least, heavy_covered[held].most);
    }
    if (units >= FEW_CLUSTERS) return SY_OK;
    return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, "", units,
                      "%.0f clusters: nominal 95 %% limits of a share covered %.1f to %.1f %% in simulation", units,
                      few_covered.least, few_covered.most);
}

/* What the reader must know of one indicator. */
static sy_status remarks_of(sy_context *ctx, const job *j, int indicator, const char *label)
{
    const double *whom = j->whom + (ptrdiff_t)indicator * SY_N_WHOM;
    const double units = whom[SY_WHOM_CLUSTERS];
    ptrdiff_t hidden = 0;
    if (!(whom[SY_WHOM_PEOPLE] > 0)) return syi_fail(ctx, SY_EDATA, "%s: every value is missing", label);
    for (int g = 1; g <= j->n_groups; g++) hidden += whom[(ptrdiff_t)g * j->n_values * SY_N_WHOM + SY_WHOM_HIDDEN] > 0;
    sy_status s = SY_OK;
    if (j->cluster) s = remark_clusters(ctx, units, whom[SY_WHOM_LARGEST], label);
    if (s == SY_OK && hidden == 1)
        s = syi_remark(ctx, SY_NOTE_HIDDEN, label, 1,
                       "one group alone is hidden: its numbers follow from the whole and the other groups");
    return s;
}

static sy_status run(sy_context *ctx, job *j, const char *of)
{
    const double seconds = (double)j->n_values * (double)j->design->n * SECONDS_A_ROW * (j->n_groups ? 4 : 2);
    sy_status s = syi_parallel(ctx, (size_t)j->n_values, seconds, indicator_work, j);
    if (s == SY_OK) s = limits(ctx, j);
    const int each = of ? 1 : j->n_values;
    for (int i = 0; i < each && s == SY_OK; i++) s = remarks_of(ctx, j, i, of ? of : j->design->terms[i].label);
    return s;
}

static sy_status work(sy_context *ctx, job *j, const char *of)
{
    const sy_design *d = j->design;
    const size_t n = (size_t)d->n + 1;
    const size_t places = d->cluster ? (size_t)d->cluster->n_levels + 1 : 1;
    ptrdiff_t *list = syi_alloc(n, sizeof *list), *place = syi_alloc(places, sizeof *place);
    int first_remark = ctx->n_remarks;
    sy_status s = SY_OK;
    j->whole = syi_alloc(n, sizeof *j->whole);
    j->first = syi_alloc((size_t)j->n_groups + 2, sizeof *j->first);
    if (d->weights) j->weight = syi_alloc(n, sizeof *j->weight);
    if (d->cluster) j->cluster = syi_alloc(n, sizeof *j->cluster);
    if (j->n_groups) j->group = syi_alloc(n, sizeof *j->group);
    if (j->n_groups) j->grouped = syi_alloc(n, sizeof *j->grouped);
    if (of) j->count = syi_alloc(n, sizeof *j->count);
    if (!list || !place || !j->whole || !j->first || (d->weights && !j->weight) || (d->cluster && !j->cluster) ||
        (j->n_groups && (!j->group || !j->grouped)) || (of && !j->count)) {
        s = syi_fail(ctx, SY_ENOMEM, "overview: out of memory for %td rows", d->n);
        goto out;
    }
    s = take_rows(ctx, j, list, place);
    if (s == SY_OK && j->n_groups) s = take_groups(ctx, j);
    if (s == SY_OK && of) s = count_steps(ctx, j);
    if (s == SY_OK) s = run(ctx, j, of);
    if (s == SY_OK) s = syi_status_of_remarks(ctx, first_remark);
out:
    SYI_FREE(list);
    SYI_FREE(place);
    SYI_FREE(j->whole);
    SYI_FREE(j->grouped);
    SYI_FREE(j->first);
    SYI_FREE(j->weight);
    SYI_FREE(j->cluster);
    SYI_FREE(j->group);
    SYI_FREE(j->count);
    return s;
}

sy_status sy_overview(sy_context *ctx, const sy_design *design, const sy_overview_options *options, double *shares,
                      double *whom)
{
    syi_enter(ctx);
    const sy_status s = check(ctx, design, options);
    if (s != SY_OK) return s;
    job j = {.design = design, .options = options, .read = options->proportions ? read_share : read_answer};
    j.n_values = options->n_indicators;
    j.n_groups = options->by ? column_of(design, design->n_terms - 1)->n_levels : 0;
    j.shares = shares;
    j.whom = whom;
    return work(ctx, &j, NULL);
}

sy_status sy_overview_steps(sy_context *ctx, const sy_design *design, const sy_overview_options *options,
                            double *shares, double *whom)
{
    syi_enter(ctx);
    const sy_status s = check(ctx, design, options);
    if (s != SY_OK) return s;
    if (options->proportions || options->by)
        return syi_fail(ctx, SY_EINVAL, "steps: rows of people are needed, not shares or groups");
    const int values = options->n_indicators + 1;
    double *each = syi_alloc((size_t)values, SY_N_WHOM * sizeof *each);
    if (!each) return syi_fail(ctx, SY_ENOMEM, "overview: out of memory for %d steps", values - 1);
    job j = {.design = design, .options = options, .read = read_steps, .n_values = values};
    j.shares = shares;
    j.whom = each;
    const sy_status done = work(ctx, &j, "steps");
    for (int k = 0; k < SY_N_WHOM; k++) whom[k] = each[k];
    SYI_FREE(each);
    return done;
}
