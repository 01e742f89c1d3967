/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RESAMPLE_INTERNAL_H
#define SYI_RESAMPLE_INTERNAL_H
#include "shares/evaluator_internal.h"

/* How often each unit stands there: the frequencies where a unit is one row of
 * frequency weights (people are resampled, not rows), else NULL for once each.
 * Their sum is the number of units that are resampled. */
const double *syi_resample_times(const sy_moments *m);
double syi_resample_units(const sy_moments *m);
/* Units (people) less strata; without strata less one. */
double syi_resample_df(const sy_moments *m);

/* What is drawn: units (people, where a row of frequency weights stands for
 * several), within their strata where there are strata. */
typedef struct {
    int bayes;          /* 1: Dirichlet(1, ..., 1) weights instead of counts */
    double *upto;       /* people up to and with each unit of `order`; NULL when units are drawn */
    ptrdiff_t *order;   /* units, stratum by stratum; NULL without strata */
    ptrdiff_t *first;   /* [n_strata + 1] places in `order` */
    double *in_stratum; /* [n_strata] what is drawn from: units or people; NULL without strata */
} syi_resampling;

/* SY_EINVAL: no units to draw; SY_EDATA names a stratum with one unit; SY_ELIMIT
 * past 2^32 people. Free after failure too. */
sy_status syi_resampling_init(sy_context *ctx, const sy_moments *m, int bayes, syi_resampling *plan);
void syi_resampling_free(syi_resampling *plan);

/* How often each unit stands in a replicate, times [n_units]: what its moments
 * are multiplied by. Keyed by (seed, replicate, unit or stratum): the same
 * whatever the thread and whatever the other replicates. Cost: 4 ns a unit,
 * 40 ns with `bayes`. */
void syi_plan_times(const sy_moments *m, const syi_resampling *plan, uint64_t seed, size_t replicate, double *times);

/* (N_h - 1) / N_h, h the stratum of unit g (N without strata), times the people
 * of the unit: what its squared move counts in a jackknife variance. */
double syi_plan_jackknife_factor(const sy_moments *m, const syi_resampling *plan, ptrdiff_t g);

/* The same of all units, factor [n_units]. */
sy_status syi_resample_jackknife_factors(sy_context *ctx, const sy_moments *m, double *factor);

/* Seconds for one replicate's draws. */
double syi_plan_seconds(const sy_moments *m, int bayes);

/* The sums of all units but one; `total` is borrowed. Where there are strata the
 * others of the unit's stratum stand N_h / (N_h - 1) times. Free after failure too. */
typedef struct {
    const syi_sums *total;
    syi_resampling draws; /* strata only */
    syi_sums *strata;     /* [n_strata] sums of each; NULL without strata */
    double *planes;
} syi_leaving;
sy_status syi_leaving_init(sy_context *ctx, const sy_moments *m, const syi_sums *total, syi_leaving *leaving);
void syi_leaving_free(syi_leaving *leaving);
void syi_leave_out(const sy_moments *m, const syi_leaving *leaving, ptrdiff_t g, syi_sums *out);

/* One line of values [n_values] a unit left out: out [n_units * n_values]. NaN
 * where a sample has no answer. */
sy_status syi_resample_jackknife(sy_context *ctx, const syi_plan *plan, const syi_sums *total, const syi_wanted *wanted,
                                 double *out);

/* `replicates` samples by the plan of the moments, Bayesian or not: out
 * [replicates * n_values]. Replicate r is the same whatever the threads. */
sy_status syi_resample_bootstrap(sy_context *ctx, const syi_plan *plan, const syi_sums *total, const syi_wanted *wanted,
                                 int bayes, int replicates, uint64_t seed, double *out);

/* The same for studentised limits: also pivots [replicates * n_values], (value* -
 * value) / (its linearised standard error in the replicate), both on the
 * metric's scale; values [n_values] are the whole sample's. */
sy_status syi_resample_studentised(sy_context *ctx, const syi_plan *plan, const syi_wanted *wanted,
                                   const double *values, int replicates, uint64_t seed, double *out, double *pivots);

/* Seconds on one core. */
double syi_resample_jackknife_seconds(const syi_plan *plan, int guarded);
double syi_resample_bootstrap_seconds(const syi_plan *plan, int guarded, int bayes, int replicates);

/* What the sum of squares is multiplied by, N lines being kept. */
typedef enum {
    SYI_SPREAD_SAMPLE,    /* 1 / (N - 1) */
    SYI_SPREAD_JACKKNIFE, /* (N - 1) / N */
    SYI_SPREAD_SUM        /* 1: `times` holds the factors */
} syi_spread;

/* From count lines of values, line g standing there times[g] times (NULL: once):
 * factor * sum times (v - centre)(v - centre)' of the entries place[0..k-1], into
 * covariance [k * k]. Lines with a NaN are left out. own [k] is scratch. Returns N. */
double syi_resample_covariance(const double *lines, size_t count, const double *times, int n_values,
                               const double *centre, int k, const int *place, syi_spread form, double *own,
                               double *covariance);

/* The same sums of squares of each entry by itself, with `transform` applied first
 * (NULL: none), into variance [k]; an entry's NaN leaves out its own line only.
 * k up to SYI_VARIANCES_AT_ONCE. Returns the least N. */
enum { SYI_VARIANCES_AT_ONCE = 32 };
double syi_resample_variances(const double *lines, size_t count, const double *times, int n_values,
                              const double *centre, int k, const int *place, double (*transform)(double),
                              syi_spread form, double *variance);
#endif
