/* The whole question: does funding or process explain more of how people live,
 * what does a sum of money go with, and what would overturn the answer?
 *
 * Decision rules. D is process less funding: Shapley shares of the outcome's
 * variance. `level` is 0.95 unless asked otherwise.
 *  1. In one outcome, by one source of the process measure: "process explains
 *     more" is SUPPORTED when D > 0 and CONTRADICTED when D < 0, where the p value
 *     of D, stepped down over the outcomes of that source [Romano & Wolf 2005,
 *     doi:10.1198/016214504000000539], is at most 1 - level; else UNDECIDED. (Holm
 *     takes the place of stepping down where units cannot be matched.)
 *  2. By one source, in every outcome: SUPPORTED when the limits of D, one outcome
 *     at a time, lie above zero in every outcome (intersection-union, which needs no
 *     correction [Berger 1982, doi:10.1080/00401706.1982.10487790]); CONTRADICTED
 *     when at least one outcome is contradicted by rule 1; else UNDECIDED.
 *  3. In every outcome by every source: SUPPORTED when rule 2 supports every
 *     source; CONTRADICTED when in at least one outcome and source D < 0 with the p value
 *     stepped down over all outcomes and sources together at most 1 - level; else
 *     UNDECIDED.
 *  4. "Funding explains more" is judged by the same three rules with the sign of D
 *     turned.
 *  5. "Funding alone explains at most c in every outcome": SUPPORTED when the
 *     largest one-sided upper limit is below c, CONTRADICTED when the largest
 *     simultaneous lower limit is above it (sy_interval_at_most).
 * Either side can check each: every number of the verdict stands in a table.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_WEIGH_H
#define STEELYARD_WEIGH_H
#include "steelyard/evidence.h"
#include "steelyard/population.h"
#include "steelyard/tidy.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_OUTCOME_NUMBER = 0, /* shares of R2 by least squares */
    SY_OUTCOME_BINARY = 1, /* McFadden's measure of a logit: a term of 0 and 1, or of codes */
    SY_OUTCOME_ORDINAL = 2 /* of a cumulative logit: a term of codes in their order */
} sy_outcome_type;

/* Who was asked about process. */
typedef struct {
    const char *name;
    int block; /* place of a block that stands for process as it is; -1: `terms` replace those of the process block */
    int n_terms;
    const int *terms;
    int one_source; /* 1: from the questionnaire that the outcomes come from */
} sy_process_source;

/* Terms are places in one design, which holds every term of the question. */
typedef struct {
    int n_outcomes;
    const int *outcomes;
    const sy_outcome_type *types; /* [n_outcomes]; NULL: numbers */
    int n_blocks;
    const sy_block *blocks;
    int funding, process; /* places of blocks */
    int n_need;
    const int *need; /* places of blocks that are forced in first, beside the order-free answer */
    int n_adjust;
    const int *adjust;
    int absorb;
    int n_sources;
    const sy_process_source *sources; /* the first is the one that the tables of single outcomes are about; 0: the
                                         process block alone */
    int one_source;                   /* no sources: 1 as above */
    const sy_column *by;              /* SY_CODES or NULL: the question in each level */
    const sy_column *group;           /* SY_CODES with two levels in use, or NULL: their gap by block */
    int n_margins;
    const sy_margin *margins; /* of a population: the question again, re-weighted */
    const sy_column *label;   /* SY_CODES, names of rows; NULL: rows are numbered from 1 */
    int areas;                /* 1: rows are averages over areas, not people */
    int per_outcome;          /* 1: rows complete over each question; 0: over all outcomes and sources together */
    int named_rows;           /* 1: `label` is the host's own names of rows, not a column */
    const char *dataset;      /* the data set of the package that the rows are, for the page; NULL: not known */
    const char *host;         /* the language that asks, for the page; NULL: none is named */
} sy_weigh_question;

typedef struct {
    double level;              /* default 0.95 */
    sy_interval_kind interval; /* AUTO, JACKKNIFE, INFLUENCE or NONE */
    int replicates;            /* of the signs drawn in stepping down; default 2000 */
    uint64_t seed;             /* default 1 */
    double at_most;            /* default 0.07 */
    double unit;               /* the sum of money; default 1000 */
    int left_out;              /* default 3: that many units are left out and everything judged anew */
    int flips;                 /* default 1 */
} sy_weigh_options;
SY_API void sy_weigh_defaults(sy_weigh_options *options);

/* Tables of the answer, by place in sy_weighing.tables. */
enum {
    SY_WEIGH_OUTCOMES,    /* one row an outcome, first source: everything */
    SY_WEIGH_DIFFERENCES, /* one row a source and outcome: shares, D, limits, p stepped down, answer */
    SY_WEIGH_SOURCES,     /* one row a source: counts, smallest and largest D, answer by rule 2 */
    SY_WEIGH_CLAIMS,      /* one row a claim, answered by rules 3 to 5 */
    SY_WEIGH_MONEY,       /* one row an outcome, funding term, form and model */
    SY_WEIGH_LEAGUE,      /* one row a block: in how many outcomes it matters, beside chance */
    SY_WEIGH_LEFT_OUT,    /* one row a quantity: the unit without which it changes most */
    SY_WEIGH_LEVELS,      /* one row a level of `by` and outcome */
    SY_WEIGH_POPULATION,  /* one row an outcome: sample and population */
    SY_WEIGH_MISSING,     /* one row an outcome: where the amount is known and where it is not */
    SY_WEIGH_NUMBERS,     /* one row a number of the verdict, with what it is */
    SY_WEIGH_GAPS,        /* one row an outcome: the gap between two groups, by block */
    SY_WEIGH_TABLES
};
enum { SY_VERDICT_SENTENCES = 3, SY_SENTENCE = 2048, SY_LIMIT = 512, SY_MOST_LIMITS = 16 };

typedef struct {
    sy_tidy tables[SY_WEIGH_TABLES];
    char verdict[SY_VERDICT_SENTENCES][SY_SENTENCE]; /* association, money, what would overturn it */
    int n_limits;
    char limits[SY_MOST_LIMITS][SY_LIMIT]; /* what the data cannot say */
    char how[SY_SENTENCE];                 /* how limits and p values were made */
    char *text;                            /* all of it as lines to be printed */
    char *pieces;                          /* the same as pieces of a document, see below */
    char *page;                            /* and as one HTML page that needs nothing else */
    char *body;                            /* its answer, picture and tables as a part of someone else's page */
    char *picture;                         /* the picture by itself: SVG */
    double units;                          /* left out one at a time; 0: none */
    int clustered;                         /* 1: they are clusters */
} sy_weighing;

/* Pieces are lines, each led by a letter: H a heading, T a line of text, P a line
 * that plain text alone shows (empty: parts lines), L the title of a list (may be
 * empty), I an item, C a caution, G a table: how its columns lie ("l" words, "r"
 * numbers), byte 31, its caption; R a row of it, cells parted by byte 31, the header first. */

/* Errors: SY_EINVAL (funding and process the same block, no outcome, a source
 * whose terms stand in another block, options out of range), SY_EDATA (a
 * constant outcome, a block of which every column is constant, a level without rows), and what
 * sy_shares refuses. Remarks: those of the shares, slopes that do not exist.
 * Free after failure too.
 * Cost: (sources + levels + 2) outcomes jackknives, and those again for each
 * unit left out; 9 outcomes, 4 sources, 147 rows: under half a second. */
SY_API SY_MUST_CHECK sy_status sy_weigh(sy_context *ctx, const sy_design *design, const sy_weigh_question *question,
                                        const sy_weigh_options *options, sy_weighing *out);
SY_API void sy_weighing_free(sy_weighing *w);

#ifdef __cplusplus
}
#endif
#endif
