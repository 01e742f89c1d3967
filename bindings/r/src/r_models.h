/* What the glue of linear models shares: reading a model, and its entries.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_MODELS_H
#define R_MODELS_H
#include "r_glue.h"
#include "steelyard/anova.h"
#include "steelyard/diagnostics.h"
#include "steelyard/multiplicity.h"
#include "steelyard/vcov.h"

/* list(outcome, terms, intercept, coding, absorb or NULL) of a design of n
 * rows; terms are counted from 1. */
void r_model(SEXP list, ptrdiff_t n, sy_linear_model *model);
/* Indices counted from 1 as the core counts them; memory of R's, until .Call ends. */
const int *r_indices(SEXP places, int *n);
/* One of the core's precisions as options. */
void r_precision(SEXP precision, sy_linear_options *options);
/* Named list of doubles, one a name. */
SEXP r_numbers(int n, const char *const *names, const double *values);

/* A list whose element `last` takes the call's remarks: r_leave() with
 * r_with_remarks and this. */
typedef struct {
    r_host host;
    SEXP list;
    int last;
} r_made;
SEXP r_with_remarks(void *made);
/* Linear combinations of coefficients: a list of the numbers, the joint test and
 * remarks; r_leave() with r_combined_result and this. */
typedef struct {
    r_made made;
    sy_contrasts out;
} r_combined;
/* A list for q combinations; the result is unprotected. */
SEXP r_combined_new(R_xlen_t q, r_combined *c);
SEXP r_combined_result(void *combined);
/* A new vector as an element of a list; its values. */
double *r_doubles(SEXP list, int place, R_xlen_t n);
double *r_matrix(SEXP list, int place, int rows, int columns);
/* n labels of R_LABEL bytes each, which the core writes: r_leave() with
 * r_labels_result gives them as a character vector. */
enum { R_LABEL = 1024 };
typedef struct {
    int n;
    char *text;
} r_labels;
r_labels r_labels_of(int n);
SEXP r_labels_result(void *labels);
/* For r_leave(): the value handed over. */
SEXP r_given(void *value);

SEXP C_linear_columns(SEXP design, SEXP model);
SEXP C_linear_labels(SEXP design, SEXP model, SEXP p);
SEXP C_linear(SEXP design, SEXP model, SEXP precision, SEXP p, SEXP threads, SEXP progress);
SEXP C_linear_predict(SEXP design, SEXP model, SEXP coefficient, SEXP covariance, SEXP threads);
SEXP C_vcov(SEXP design, SEXP model, SEXP precision, SEXP how, SEXP p, SEXP threads, SEXP progress);
SEXP C_vcov_contrasts(SEXP coefficient, SEXP covariance, SEXP df, SEXP combinations, SEXP level);
SEXP C_vcov_test(SEXP design, SEXP model, SEXP precision, SEXP how, SEXP combinations, SEXP threads, SEXP progress);
SEXP C_vcov_wild(SEXP design, SEXP model, SEXP how, SEXP threads, SEXP progress);
SEXP C_anova(SEXP design, SEXP model, SEXP how, SEXP threads, SEXP progress);
SEXP C_anova_wald(SEXP design, SEXP model, SEXP type, SEXP coefficient, SEXP covariance, SEXP df);
SEXP C_oneway(SEXP design, SEXP outcome, SEXP group, SEXP level);
SEXP C_nested(SEXP design, SEXP outcome, SEXP factors);
SEXP C_means_count(SEXP design, SEXP model, SEXP factors);
SEXP C_means(SEXP design, SEXP model, SEXP factors, SEXP how);
SEXP C_pairwise(SEXP estimate, SEXP covariance, SEXP df, SEXP method, SEXP level);
SEXP C_diagnostics(SEXP design, SEXP model, SEXP precision, SEXP p, SEXP dfbetas, SEXP threads);
SEXP C_diagnostics_clusters(SEXP design, SEXP model, SEXP precision, SEXP p, SEXP threads);
SEXP C_collinearity(SEXP design, SEXP model, SEXP precision, SEXP p);
#endif
