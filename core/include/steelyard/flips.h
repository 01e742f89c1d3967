/* Flips: how strong a hidden common cause, how poor a measure or how large a
 * shared source must be for the order of two blocks' shares to turn.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_FLIPS_H
#define STEELYARD_FLIPS_H
#include "steelyard/shares.h"
#ifdef __cplusplus
extern "C" {
#endif

/* A hidden common cause U, by signed correlations that can be chosen freely
 * between -1 and 1 (c: up to its limit). All are partial: given the adjusting
 * terms and absorbed clusters. f is one standardised combination of the second
 * block's columns, g one of the first block's; U has to do with all other
 * columns only through f, g and the outcome. */
typedef struct {
    double a; /* of U and f */
    double b; /* of U and g, given f */
    double c; /* of U and the outcome, given f and g */
} sy_confounder;

typedef struct {
    int first, second; /* blocks: the one whose share is said to be above the other's */
    double most;       /* strengths are searched up to here (c: up to this part of its limit); default 0.999 */
    double level;      /* of distance_low; default 0.95; 0: none */
    int starts;        /* of each search in blocks of several columns; default 6 */
} sy_flip_options;

SY_API void sy_flip_defaults(sy_flip_options *options);

/* Which of a, b, c may differ from zero; sums of them are sets. */
enum { SY_FLIP_A = 1, SY_FLIP_B = 2, SY_FLIP_C = 4, SY_FLIP_ALL = 7, SY_FLIP_SETS = 8 };

typedef struct {
    sy_confounder at; /* c >= 0 (c = 0: b >= 0): U and -U are one and the same */
    double distance;  /* largest of |a|, |b|, |c|; NaN: no flip in the range searched, and `at` is NaN */
    double limit_c;   /* for the f and g of this point: |c| must stay below */
    double first_outcome, second_outcome; /* partial correlations of g and of f with the outcome given U: a share
                                             has no sign, and a flip may rest on f going with a lower outcome */
} sy_flip_point;

typedef struct {
    sy_confounder along;   /* given: t times this, t from 0; not zero throughout */
    double limit;          /* t up to which U is searched: `most` of what is possible */
    double crossing;       /* least t where the difference is 0; NaN: none */
    double back;           /* next t where it is above 0 again; NaN: none */
    double at_limit;       /* difference at the limit */
    double second_outcome; /* at the crossing: as in sy_flip_point */
} sy_flip_ray;

typedef struct {
    double first, second, total;         /* shares as the data stand, in points of all outcome variance */
    double difference;                   /* first - second */
    int reversed;                        /* 1: difference <= 0 without any U; distances are 0 */
    sy_flip_point nearest[SY_FLIP_SETS]; /* by set; [0] is the data as they stand, without a flip */
    sy_flip_ray rising[2]; /* along (1, 0, 1) and (1, 1, 1): U goes with more of the second block and of the
                              outcome, and of the first block too */
    double distance_low;   /* the least distance along the nearest point's ray at which the difference's
                              jackknife limits (level) reach 0; 0 where they do already; NaN: no units (a remark), or
                              no flip */
    double df;             /* of that limit */
    int several_columns;   /* 1: f or g was searched for */
    double evaluations;
} sy_share_flip_result;

/* The nearest U (the least largest of |a|, |b|, |c|) that makes share(first) <=
 * share(second) when it is forced in before everything, for each set of
 * strengths that may differ from zero. In a block of several columns f and g
 * are those that bring the flip nearest. direction [columns of second +
 * columns of first], may be NULL: weights of f and g on standardised columns at
 * nearest[SY_FLIP_ALL] (or, where there is no flip, where the difference is
 * least), those of f and those of g each adding to 0 or more: f rises where all
 * its columns do.
 * Errors: SY_EINVAL (first or second no block, or the same; most or level
 * outside 0 to 1), and what sy_shares refuses.
 * Cost: some 2,000 evaluations of all submodels with one column a block, some
 * 20,000 with several. */
SY_API SY_MUST_CHECK sy_status sy_share_flip(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                             const sy_flip_options *options, sy_share_flip_result *result,
                                             double *direction);

/* How many numbers `direction` takes; the first *n_second are those of the
 * second block. column [moments' columns], may be NULL: the moments' column that
 * each stands for. SY_EINVAL as above. */
SY_API SY_MUST_CHECK sy_status sy_share_flip_directions(sy_context *ctx, const sy_moments *m,
                                                        const sy_question *question, const sy_flip_options *options,
                                                        int *n_second, int *n_first, int *column);

/* Rays from no U outwards, each by a dense scan with bracketed roots. direction:
 * of f and g; NULL: with several columns those of the ray's own nearest flip. */
SY_API SY_MUST_CHECK sy_status sy_share_flip_rays(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                                  const sy_flip_options *options, const double *direction, int n,
                                                  sy_flip_ray *rays);

/* Shares of all blocks once U is forced in, in points of all outcome variance:
 * shares [n * n_blocks]; NaN where U is impossible (strengths of 1 or more, c at
 * its limit or beyond). direction NULL: blocks of one column only. */
SY_API SY_MUST_CHECK sy_status sy_share_flip_at(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                                const sy_flip_options *options, const double *direction, int n,
                                                const sy_confounder *u, double *shares);

typedef struct {
    int set;      /* the two strengths that vary, SY_FLIP_A + SY_FLIP_C say, in the order a, b, c */
    double third; /* value of the other one */
    int n_x, n_y;
    const double *x, *y; /* [n_x] of the first of the two, [n_y] of the second */
} sy_flip_grid;

/* n places from -reach to reach for a grid's side; one: 0. */
SY_API void sy_flip_places(double reach, int n, double *x);

/* The difference over a grid: difference [n_y * n_x], NaN where impossible[] is
 * 1. Limit: 50 ms for 50 x 50 points and 6 blocks of one column on one core. */
SY_API SY_MUST_CHECK sy_status sy_share_flip_contours(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                                      const sy_flip_options *options, const double *direction,
                                                      const sy_flip_grid *grid, double *difference,
                                                      unsigned char *impossible);

typedef struct {
    int joint;         /* 1: several columns, and the strengths are roots of partial R2, of unknown sign */
    sy_confounder at;  /* what the term itself has, given the adjusting terms other than it */
    double difference; /* with a U like it: joint, the least over signs */
    double crossing;   /* a U so many times as strong turns the order: joint, the least over signs; NaN: none */
    double limit;      /* no U is more than so many times as strong */
} sy_flip_benchmark;

/* What observed terms have for a, b and c. Terms of the moments outside the two
 * blocks and not the outcome; they need not be in the question. */
SY_API SY_MUST_CHECK sy_status sy_share_flip_benchmarks(sy_context *ctx, const sy_moments *m,
                                                        const sy_question *question, const sy_flip_options *options,
                                                        const double *direction, int n, const int *terms,
                                                        sy_flip_benchmark *out);

/* Along one number that changes the correlations. */
typedef struct {
    double first, second, total, difference; /* as the data stand */
    int reversed;
    double flip;     /* where the order turns first; NaN: nowhere before the limit */
    double back;     /* where it turns back; NaN: nowhere */
    double limit;    /* past it no such matrix exists */
    double at_limit; /* difference there */
} sy_flip_turn;

/* The reliability of the second block's columns (one for all of them, its
 * errors independent of everything) from 1 downwards at which share(first) <=
 * share(second) first. Taken from the correlations: (1 - reliability) on the
 * diagonal. limit: the least reliability that the correlations allow.
 * difference [n], may be NULL with n = 0: at stated reliabilities; NaN at or
 * past the limit. Errors: SY_EINVAL (a reliability outside 0 to 1). */
SY_API SY_MUST_CHECK sy_status sy_reliability_to_flip(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                                      const sy_flip_options *options, sy_flip_turn *turn, int n,
                                                      const double *reliability, double *difference);

/* The part m of the variance of each of the source's columns that must be
 * common to them (response style, shared sampling noise) for the order to turn:
 * m from 0 upwards. terms [n_terms] name the source, the outcome among them or
 * not; none: the first block's and the outcome. loading [n_terms]: 1, or -1 for
 * a column that the source moves the other way; NULL: all 1. difference [n] at
 * stated parts, as above. Between two of the source's columns a correlation
 * becomes (r - m) / (1 - m) [Lindell & Whitney 2001], between one and another
 * column r / sqrt(1 - m). */
SY_API SY_MUST_CHECK sy_status sy_shared_source_to_flip(sy_context *ctx, const sy_moments *m,
                                                        const sy_question *question, const sy_flip_options *options,
                                                        int n_terms, const int *terms, const double *loading,
                                                        sy_flip_turn *turn, int n, const double *part,
                                                        double *difference);

/* What to say of a result, in a few sentences; text [length]. Names are
 * the blocks'. outcome: its label. */
enum { SY_FLIP_TEXT = 768 };
SY_API void sy_share_flip_sentence(const sy_question *question, const sy_flip_options *options, const char *outcome,
                                   const sy_share_flip_result *result, char text[SY_FLIP_TEXT]);
SY_API void sy_reliability_to_flip_sentence(const sy_question *question, const sy_flip_options *options,
                                            const char *outcome, const sy_flip_turn *turn, char text[SY_FLIP_TEXT]);
SY_API void sy_shared_source_to_flip_sentence(const sy_question *question, const sy_flip_options *options,
                                              const char *outcome, const sy_flip_turn *turn, char text[SY_FLIP_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
