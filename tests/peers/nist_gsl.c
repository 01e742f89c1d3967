/* Called by nist.py in a folder with sets.txt: GSL's multifit and statistics on
 * NIST's sets; prints kind,set,quantity,value.
 * SPDX-License-Identifier: GPL-3.0-only */
#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 20000, MOST_COLUMNS = 8, MOST_GROUPS = 50 };
static double value[MOST_COLUMNS][MOST_ROWS];

static int read_rows(const char *name, int n, int columns)
{
    char path[100];
    snprintf(path, sizeof path, "%s.txt", name);
    FILE *file = fopen(path, "r");
    if (!file) return -1;
    for (int i = 0; i < n; i++)
        for (int c = 0; c < columns; c++)
            if (fscanf(file, "%lf", &value[c][i]) != 1) return -1;
    return fclose(file);
}

static void say(const char *kind, const char *name, const char *quantity, int number, double v)
{
    printf("%s,%s,%s", kind, name, quantity);
    if (number >= 0) printf("%d", number);
    printf(",%.17g\n", v);
}

/* Column j of the model matrix: a power, an own column, or a group. */
static double cell(const char *kind, const char *name, int first, int j, int i)
{
    if (!strcmp(kind, "anova")) return j == 0 ? 1 : value[1][i] == j + 1;
    if (!strcmp(name, "Longley")) return j == 0 ? 1 : value[j][i];
    return gsl_pow_int(value[1][i], j + first);
}

static void fit(const char *kind, const char *name, int n, int first, int p)
{
    gsl_matrix *x = gsl_matrix_alloc(n, p), *cov = gsl_matrix_alloc(p, p);
    gsl_vector *y = gsl_vector_alloc(n), *b = gsl_vector_alloc(p);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(n, p);
    double sse = NAN;
    const int anova = !strcmp(kind, "anova");
    for (int i = 0; i < n; i++) {
        gsl_vector_set(y, i, value[0][i]);
        for (int j = 0; j < p; j++) gsl_matrix_set(x, i, j, cell(kind, name, first, j, i));
    }
    if (gsl_multifit_linear(x, y, b, cov, &sse, work) == GSL_SUCCESS) {
        const double tss = first ? gsl_blas_dnrm2(y) * gsl_blas_dnrm2(y) : gsl_stats_tss(value[0], 1, n);
        const double df1 = p - (first == 0), df2 = n - p, ssr = tss - sse;
        say(kind, name, anova ? "ssb" : "ssr", -1, ssr);
        say(kind, name, anova ? "msb" : "msr", -1, ssr / df1);
        say(kind, name, anova ? "ssw" : "sse", -1, sse);
        say(kind, name, anova ? "msw" : "mse", -1, sse / df2);
        say(kind, name, "rsd", -1, sqrt(sse / df2));
        say(kind, name, "r2", -1, ssr / tss);
        say(kind, name, "F", -1, ssr / df1 / (sse / df2));
        for (int j = 0; j < p && !anova; j++) {
            say(kind, name, "B", j + first, gsl_vector_get(b, j));
            say(kind, name, "SE", j + first, sqrt(gsl_matrix_get(cov, j, j)));
        }
    }
    gsl_multifit_linear_free(work);
    gsl_vector_free(b);
    gsl_vector_free(y);
    gsl_matrix_free(cov);
    gsl_matrix_free(x);
}

int main(void)
{
    char kind[20], name[40];
    int n, columns, first, p;
    FILE *index = fopen("sets.txt", "r");
    gsl_set_error_handler_off();
    if (!index) return 1;
    while (fscanf(index, "%19s %39s %d %d %d %d", kind, name, &n, &columns, &first, &p) == 6) {
        if (n > MOST_ROWS || columns > MOST_COLUMNS || read_rows(name, n, columns)) return 1;
        if (!strcmp(kind, "univ")) {
            say(kind, name, "mean", -1, gsl_stats_mean(value[0], 1, (size_t)n));
            say(kind, name, "sd", -1, gsl_stats_sd(value[0], 1, (size_t)n));
            say(kind, name, "r1", -1, gsl_stats_lag1_autocorrelation(value[0], 1, (size_t)n));
            continue;
        }
        for (int i = 0; !strcmp(kind, "anova") && i < n; i++)
            if (value[1][i] > p) p = (int)value[1][i];
        fit(kind, name, n, first, p);
    }
    return fclose(index);
}
