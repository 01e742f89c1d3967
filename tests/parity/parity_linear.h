/* Linear models, their covariances and tests; part of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
static void fit_with(const sy_design *design, const sy_linear_model *model, sy_vcov_kind kind, const char *name)
{
    enum { WIDEST = 16 };
    double b[WIDEST], inverse[WIDEST * WIDEST], effects[WIDEST], v[WIDEST * WIDEST], df[WIDEST];
    int count[WIDEST], aliased[WIDEST], p;
    sy_context ctx;
    sy_linear_options o;
    sy_linear_summary s;
    const sy_linear_fit fit = {.coefficient = b, .aliased = aliased, .inverse = inverse, .effects = effects};
    sy_context_init(&ctx);
    sy_linear_defaults(&o);
    if (sy_linear_columns(&ctx, design, model, count, &p) < 0 || p > WIDEST) die(&ctx);
    if (sy_linear(&ctx, design, model, &o, &s, &fit) < 0) die(&ctx);
    if (sy_vcov(&ctx, design, model, &o, kind, NULL, v, df) < 0) die(&ctx);
    const double whole[] = {s.r2, s.sigma, s.loglik, s.condition};
    show("fit", name, 4, whole);
    char label[WIDEST][64];
    if (sy_linear_labels(&ctx, design, model, p, label[0], sizeof label[0]) < 0) die(&ctx);
    for (int c = 0; c < p; c++) {
        char what[96];
        const double values[] = {b[c], sqrt(v[c * p + c]), df[c]};
        snprintf(what, sizeof what, "%s %s", name, label[c]);
        show("fit", what, 3, values);
    }
    sy_context_free(&ctx);
}

static void fits(void)
{
    static const sy_factor product[] = {{AREA, 1}, {HALF, 1}};
    static const int predictors[] = {1, 2, 3, 4};
    const sy_term term[] = {all_terms[0], all_terms[1], all_terms[3], all_terms[4], {"area:half", 2, product}};
    const sy_linear_model model = {.outcome = 0, .n_terms = 4, .terms = predictors, .intercept = 1};
    sy_column column[COLUMNS];
    const sy_column council = council_of(&small);
    columns_of(&small, column);
    sy_design design = {.n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 5, .terms = term};
    fit_with(&design, &model, SY_VCOV_CLASSICAL, "classical");
    fit_with(&design, &model, SY_VCOV_HC3, "HC3");
    design.cluster = &council;
    fit_with(&design, &model, SY_VCOV_CR2, "CR2");
}
