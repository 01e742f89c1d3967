/* What the data are held to: published, planted, found.
 *
 * exact: a published number is planted; bounded: only a bound or an
 * approximation was published and the planted number keeps it; assumed: nothing was published, or an
 * argument left what was.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/synthetic/poet_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    sy_context *ctx;
    const sy_poet_options *o;
    const double *value; /* or NULL */
    sy_poet_marginal *out;
    int n;
    sy_status status;
} job;

typedef struct {
    const char *comparator, *source;
    double published;
} print;

static const print nothing = {"", "", NAN};

static int keeps(const print *p, double planted)
{
    const double close = 5e-10 * fmax(1, fabs(p->published)), gap = planted - p->published;
    if (strcmp(p->comparator, "eq") == 0) return fabs(gap) <= close;
    if (strcmp(p->comparator, "gt") == 0) return gap > 0;
    if (strcmp(p->comparator, "ge") == 0) return gap >= 0;
    if (strcmp(p->comparator, "lt") == 0) return gap < 0;
    return 1;
}

/* NULL: nothing was drawn, or the call is to stop. */
static const double *column(const job *j, int at)
{
    return j->value && !j->status ? j->value + (ptrdiff_t)at * j->o->people : NULL;
}

/* One row; `at` -1 concerns the whole. */
static void put(job *j, int at, const char *item, const char *category, const char *unit, print p, double planted,
                double found)
{
    const int kept = keeps(&p, planted), said = p.comparator[0] != 0;
    const char *kind = !said || !kept ? "assumed" : strcmp(p.comparator, "eq") == 0 ? "exact" : "bounded";
    j->out[j->n++] = (sy_poet_marginal){at < 0 ? "" : sy_poet_columns()[at].name,
                                        item,
                                        category,
                                        kind,
                                        p.comparator,
                                        unit,
                                        p.source,
                                        p.published,
                                        planted,
                                        found,
                                        kept};
    if (!j->status) j->status = syi_serial_stopped(j->ctx);
    if (kept || j->status) return;
    j->status = syi_remark(j->ctx, SY_NOTE_BOUNDARY, item, planted, "%s, %s: %.4g planted, published %s %.4g", item,
                           category, planted, p.comparator, p.published);
}

/* Share of answers from level `from` to `to`, in percent. */
static double percent(const job *j, int at, int from, int to)
{
    const double *x = column(j, at);
    double in = 0, all = 0;
    for (ptrdiff_t i = 0; x && i < j->o->people; i++) {
        all += !isnan(x[i]);
        in += x[i] >= from && x[i] <= to;
    }
    return 100 * in / all;
}

static void put_item(job *j, int item)
{
    const poet_item *it = &syi_poet_items[item];
    const int at = syi_poet_item_column(item),
              outcome = it->latent == LATENT_OUTCOME || it->latent == LATENT_CARER_OUTCOME;
    const print good = {it->comparator, it->source, it->published};
    const print bad = {it->bad_comparator, it->bad_comparator[0] ? "POET 2, 2013 (Community Care)" : "",
                       it->bad_published};
    double below[POET_CUTS];
    if (syi_poet_below(j->o, item, below) == 1) {
        put(j, at, it->item, "yes", "percent", good, 100 * (1 - below[0]), percent(j, at, 1, 1));
        return;
    }
    put(j, at, it->item, outcome ? "better or a lot better" : "easy or very easy", "percent", good,
        100 * (1 - below[2]), percent(j, at, 3, 4));
    put(j, at, it->item, outcome ? "worse or a lot worse" : "difficult or very difficult", "percent",
        bad.comparator[0] ? bad : nothing, 100 * below[1], percent(j, at, 0, 1));
}

/* No difference: published for the last three outcomes (2013). */
static void put_no_difference(job *j)
{
    const int last = POET_YES_NO + POET_PROCESS + POET_OUTCOMES - 1;
    for (int item = last - 2; item <= last; item++) {
        const print p = {"gt",
                         item == last ? "POET 2, 2013 (Disability News Service)" : "POET 2, 2013 (Community Care)",
                         item == last ? 80 : 50};
        const int at = syi_poet_item_column(item);
        double below[POET_CUTS];
        syi_poet_below(j->o, item, below);
        put(j, at, syi_poet_items[item].item, "no difference", "percent", p, 100 * (below[2] - below[1]),
            percent(j, at, 2, 2));
    }
}

/* How many items of a kind are above a bound. */
static void put_count(job *j, int first, int count, const char *item, const char *category, double bound, print p)
{
    double planted = 0, found = 0, below[POET_CUTS];
    for (int k = first; k < first + count; k++) {
        syi_poet_below(j->o, k, below);
        planted += 1 - below[2] >= bound;
        found += percent(j, syi_poet_item_column(k), 3, 4) >= 100 * bound;
    }
    put(j, -1, item, category, "count", p, planted, j->value ? found : NAN);
}

/* Mean amount by whether the payment is direct, in client groups from..to. */
static double mean_amount(const job *j, int from, int to, int direct)
{
    const double *amount = column(j, COLUMN_HIDDEN + 4), *group = column(j, COLUMN_GROUP);
    const double *payment = column(j, COLUMN_PAYMENT);
    double sum = 0, n = 0;
    for (ptrdiff_t i = 0; amount && i < j->o->people; i++) {
        const int in = group[i] >= from && group[i] <= to && (payment[i] == 0) == direct;
        sum += in ? amount[i] : 0;
        n += in;
    }
    return sum / n;
}

/* Mean over client groups, weighted by their share of all people: the ratio holds in each. */
static double found_ratio(const job *j)
{
    double with = 0, without = 0;
    for (int g = 0; g < POET_CLIENTS; g++) {
        with += syi_poet_client_count[g] * mean_amount(j, g, g, 1);
        without += syi_poet_client_count[g] * mean_amount(j, g, g, 0);
    }
    return with / without;
}

static double found_sd(const job *j)
{
    const double *funding = column(j, COLUMN_HIDDEN + 1), *payment = column(j, COLUMN_PAYMENT);
    double sum[2] = {0}, squares[2] = {0}, n[2] = {0};
    for (ptrdiff_t i = 0; funding && i < j->o->people; i++) {
        const int direct = payment[i] == 0;
        n[direct]++;
        sum[direct] += funding[i];
        squares[direct] += funding[i] * funding[i];
    }
    const double left = squares[0] - sum[0] * sum[0] / n[0] + squares[1] - sum[1] * sum[1] / n[1];
    return j->o->sd_log_amount * sqrt(left / (n[0] + n[1] - 2));
}

static void put_funding(job *j)
{
    static const struct {
        const char *category;
        int from, to;
    } groups[] = {{"physical disability 18-64", 0, 0},
                  {"mental health 18-64", 1, 1},
                  {"learning disability 18-64", 2, 2},
                  {"older people", 3, 5}};
    for (int g = 0; g < 4; g++) {
        const print p = {"eq", "PSS-EX1 final unit costs (HSCIC)", syi_poet_amounts(j->o->year)[groups[g].from]};
        put(j, COLUMN_AMOUNT, "mean amount with a direct payment, known or not", groups[g].category, "GBP per week", p,
            p.published, mean_amount(j, groups[g].from, groups[g].to, 1));
    }
    put(j, COLUMN_AMOUNT, "mean amount with a direct payment over that without", "all", "ratio",
        (print){"eq", "7,341 over 3,889 GBP a year, 2009-10 (Community Care)", 1.888}, j->o->funding_ratio,
        found_ratio(j));
    put(j, COLUMN_AMOUNT, "sd of the log amount within client group and payment type", "all", "log GBP", nothing,
        j->o->sd_log_amount, found_sd(j));
}

/* The sizes are everybody's choice: what was published is not held against it. */
static void put_design(job *j)
{
    const int people = j->o->people, councils = j->o->councils;
    double all = 0, seen = 0;
    put(j, -1, "sample size", "respondents", "people",
        people == 2679 ? (print){"eq", "POET 3, 2014 (Community Care)", 2679} : nothing, people,
        j->value ? (double)people : NAN);
    const double *council = column(j, COLUMN_COUNCIL);
    for (ptrdiff_t i = 0; council && i < people; i++) seen = fmax(seen, council[i]);
    put(j, COLUMN_COUNCIL, "councils", "all", "count",
        councils == 22 ? (print){"eq", "POET 2, 2013 (Community Care)", 22} : nothing, councils, j->value ? seen : NAN);
    for (int g = 0; g < POET_CLIENTS; g++) all += syi_poet_client_count[g];
    for (int g = 0; g < POET_CLIENTS; g++) {
        const double share = 100 * syi_poet_client_count[g] / all;
        put(j, COLUMN_GROUP, "client group", sy_poet_columns()[COLUMN_GROUP].levels[g], "percent",
            (print){"eq", "PSS-EX1, users at 31 March 2010 (NHS IC)", share}, share, percent(j, COLUMN_GROUP, g, g));
    }
    put(j, COLUMN_PAYMENT, "payment type", "direct_payment", "percent",
        (print){"gt", "POET 1, 2011 (Community Care)", 80}, 100 * j->o->direct_payment,
        percent(j, COLUMN_PAYMENT, 0, 0));
}

sy_status syi_poet_marginals(sy_context *ctx, const sy_poet_options *options, const double *values,
                             sy_poet_marginal *marginals)
{
    job j = {ctx, options, values, marginals, 0, SY_OK};
    put_design(&j);
    put_funding(&j);
    for (int item = 0; item < POET_ITEMS; item++) put_item(&j, item);
    put_no_difference(&j);
    put_count(&j, POET_YES_NO, POET_PROCESS, "nine items of process", "items with easy or very easy above half", 0.5,
              (print){"eq", "POET 2, 2013 (Community Care)", 6});
    put_count(&j, POET_YES_NO + POET_PROCESS, POET_OUTCOMES, "fifteen outcomes",
              "items with better or a lot better two thirds or more", 2.0 / 3,
              (print){"eq", "POET 3, 2014 (Community Care)", 11});
    return j.n == SY_POET_MARGINALS ? j.status : syi_fail(ctx, SY_EBUG, "poet: %d marginals", j.n);
}
