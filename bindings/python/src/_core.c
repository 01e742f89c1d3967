/* The module steelyard._core: its table of functions and its exceptions.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_checks.h"
#include "py_gap.h"
#include "py_flips.h"
#include "py_joint.h"
#include "py_measurement.h"
#include "py_mediation.h"
#include "py_mixed.h"
#include "py_models.h"
#include "py_module.h"
#include "py_printed.h"
#include "py_response.h"
#include "py_submodels.h"
#include "py_verdict.h"
#include "py_balance.h"
#include "py_synthetic.h"

static PyObject *version(PyObject *module, PyObject *none)
{
    (void)module;
    (void)none;
    return py_text(sy_version());
}

static PyObject *live_bytes(PyObject *module, PyObject *none)
{
    (void)module;
    (void)none;
    return PyLong_FromLongLong(sy_memory_live());
}

static PyObject *find(PyObject *module, PyObject *args)
{
    const char *argument = NULL, *typed = NULL, **names = NULL;
    PyObject *tuple = NULL, *result = NULL;
    py_call call;
    int index = -1;
    if (!PyArg_ParseTuple(args, "ssO!:find", &argument, &typed, &PyTuple_Type, &tuple)) return NULL;
    Py_ssize_t n = PyTuple_Size(tuple);
    py_begin(&call, module, 1, NULL);
    names = py_texts(tuple, "names");
    if (!names) goto out;
    if (py_check(&call, sy_design_find(&call.ctx, argument, typed, (int)n, names, &index)) < 0) goto out;
    result = PyLong_FromLong(index);
out:
    PyMem_Free(names);
    py_end(&call);
    return result;
}

static PyObject *near(PyObject *module, PyObject *args)
{
    const char *typed = NULL, **names = NULL;
    PyObject *tuple = NULL, *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "sO!:near", &typed, &PyTuple_Type, &tuple)) return NULL;
    names = py_texts(tuple, "names");
    if (names) result = PyLong_FromLong(sy_design_near(typed, (int)PyTuple_Size(tuple), names));
    PyMem_Free(names);
    return result;
}

static PyObject *own_effect(PyObject *module, PyObject *args)
{
    double shrunken, std_error, variance, own, own_std_error;
    (void)module;
    if (!PyArg_ParseTuple(args, "ddd", &shrunken, &std_error, &variance)) return NULL;
    sy_mixed_own(shrunken, std_error, variance, &own, &own_std_error);
    return Py_BuildValue("(dd)", own, own_std_error);
}

static PyObject *shown_decimals(PyObject *module, PyObject *error)
{
    (void)module;
    const double std_error = PyFloat_AsDouble(error);
    if (std_error == -1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLong(sy_shown_decimals(std_error));
}

static PyMethodDef methods[] = {
    {"version", version, METH_NOARGS, "version() -> str"},
    {"live_bytes", live_bytes, METH_NOARGS, "live_bytes() -> int: what the core holds"},
    {"own_effect", own_effect, METH_VARARGS,
     "own_effect(shrunken, std_error, variance) -> (own, std_error), NaN where none"},
    {"shown_decimals", shown_decimals, METH_O, "shown_decimals(std_error) -> decimals, -1 where no error is known"},
    {"find", find, METH_VARARGS, "find(argument, typed, names) -> index"},
    {"near", near, METH_VARARGS, "near(typed, names) -> index or -1"},
    {"moments", py_moments, METH_VARARGS, "moments(design, unit, precision, threads, progress) -> (blob, remarks)"},
    {"merge", py_merge, METH_VARARGS, "merge(a, b) -> (blob, remarks)"},
    {"from_correlation", py_from_correlation, METH_VARARGS,
     "from_correlation(r, n, labels, decimals) -> (blob, remarks)"},
    {"latent", py_latent, METH_VARARGS,
     "latent(design, unit, level, (r, std_error, low, high), smooth, threads, progress) -> (blob, remarks)"},
    {"reliability", py_reliability, METH_VARARGS,
     "reliability(blob, design, items, (interval, level, omega, latent), tables, threads, progress) -> (summary, "
     "remarks)"},
    {"corrected", py_corrected, METH_VARARGS,
     "corrected(asked, terms, reliability, covariance, (reliability, lowest)) -> (blob, multiple, remarks)"},
    {"reliability_of_means", py_reliability_of_means, METH_VARARGS,
     "reliability_of_means(blob, terms, level, table) -> remarks"},
    {"simex", py_simex, METH_VARARGS,
     "simex(asked, terms, reliability, covariance, (lambda, replicates, seed), tables, threads, progress) -> remarks"},
    {"verify", py_verify, METH_VARARGS, "verify(blob): raises when the bytes are damaged"},
    {"info", py_info, METH_VARARGS, "info(blob) -> dict"},
    {"find_term", py_find_term, METH_VARARGS, "find_term(blob, argument, label) -> index"},
    {"describe", py_describe, METH_VARARGS, "describe(design, lags, values, autocorrelation, threads, progress)"},
    {"describe_columns", py_describe_columns, METH_VARARGS, "describe_columns(design) -> (per term, total)"},
    {"overview", py_overview, METH_VARARGS, "overview(design, question, shares, whom, threads, progress) -> remarks"},
    {"overview_steps", py_overview_steps, METH_VARARGS,
     "overview_steps(design, question, shares, whom, threads, progress) -> remarks"},
    {"overview_claim", py_overview_claim, METH_VARARGS, "overview_claim(shares, threshold, level, claims, counts)"},
    {"overview_ranks", py_overview_ranks, METH_VARARGS, "overview_ranks(shares, level, ranks)"},
    {"overview_funnel", py_overview_funnel, METH_VARARGS, "overview_funnel(shares, overall, funnel) -> dispersion"},
    {"shares", py_shares, METH_VARARGS,
     "shares(blob, design, outcome, blocks, adjust, options, buffers, threads, progress) -> (summary, remarks)"},
    {"relative_weights", py_relative_weights, METH_VARARGS,
     "relative_weights(blob, outcome, blocks, adjust, table) -> remarks"},
    {"submodels_sets", py_submodels_sets, METH_VARARGS, "submodels_sets(players, most) -> rows"},
    {"submodels", py_submodels, METH_VARARGS, "submodels(asked, players, table, sets) -> remarks"},
    {"commonality", py_commonality, METH_VARARGS, "commonality(asked, players, most, table, sets) -> remarks"},
    {"dominance", py_dominance, METH_VARARGS,
     "dominance(asked, (players, tolerance), by_size, general, pairs) -> remarks"},
    {"dominance_reproduced", py_dominance_reproduced, METH_VARARGS,
     "dominance_reproduced(asked, (players, tolerance, replicates, seed), table, threads, progress) -> kept"},
    {"crossvalidate", py_crossvalidate, METH_VARARGS,
     "crossvalidate(asked, design, (folds, seed, time_limit), share, threads, progress) -> (total, r2_adjust, folds, "
     "seconds)"},
    {"population", py_population, METH_VARARGS,
     "population(design, groups, shares, weights, base, target, sample) -> (tuple, remarks)"},
    {"rounding", py_rounding, METH_VARARGS,
     "rounding(asked, (starts, seed), low, high, threads, progress) -> (total_low, total_high, decimals, cut)"},
    {"flip_directions", py_flip_directions, METH_VARARGS,
     "flip_directions(asked, options) -> (weights of second, weights of first, columns)"},
    {"share_flip", py_share_flip, METH_VARARGS,
     "share_flip(asked, options, outcome, numbers, direction, threads, progress) -> (text, remarks)"},
    {"share_flip_rays", py_share_flip_rays, METH_VARARGS,
     "share_flip_rays(asked, options, direction, n, along, table, threads, progress) -> remarks"},
    {"share_flip_contours", py_share_flip_contours, METH_VARARGS,
     "share_flip_contours(asked, options, direction, (set, third, reach, points), places, difference, threads, "
     "progress) -> remarks"},
    {"share_flip_at", py_share_flip_at, METH_VARARGS,
     "share_flip_at(asked, options, direction, n, points, shares) -> remarks"},
    {"share_flip_benchmarks", py_share_flip_benchmarks, METH_VARARGS,
     "share_flip_benchmarks(asked, options, direction, terms, table) -> remarks"},
    {"flip_turn", py_flip_turn, METH_VARARGS,
     "flip_turn(asked, options, outcome, source, loading, n, stated, difference, numbers) -> (text, remarks)"},
    {"permutation", py_permutation, METH_VARARGS,
     "permutation(asked, design, (block, metric, permutations, seed), threads, progress) -> (tuple, remarks)"},
    {"limits", py_limits, METH_VARARGS, "limits(metric, normal, estimate, std_error_scaled, df, level) -> (low, high)"},
    {"difference", py_difference, METH_VARARGS, "difference(estimate, covariance, df, level) -> tuple"},
    {"ratio", py_ratio, METH_VARARGS, "ratio(estimate, covariance, df, level) -> tuple"},
    {"above_bound", py_above_bound, METH_VARARGS,
     "above_bound(metric, normal, estimate, std_error_scaled, df, bound) -> (statistic, p)"},
    {"joint_size", py_joint_size, METH_VARARGS, "joint_size(asks) -> (units, values)"},
    {"joint", py_joint, METH_VARARGS, "joint(asks, estimate, moved, df, threads, progress) -> remarks"},
    {"joint_contrasts", py_joint_contrasts, METH_VARARGS,
     "joint_contrasts(estimate, moved, df, plus, minus, level, table, moves, covariance) -> remarks"},
    {"joint_all_zero", py_joint_all_zero, METH_VARARGS, "joint_all_zero(estimate, covariance, df) -> (f, df1, df2, p)"},
    {"joint_step_down", py_joint_step_down, METH_VARARGS,
     "joint_step_down(moves, observed, (sides, method, replicates, seed), p, threads, progress) -> remarks"},
    {"joint_ranks", py_joint_ranks, METH_VARARGS,
     "joint_ranks(estimate, moved, (level, replicates, seed), ranks, threads, progress) -> remarks"},
    {"envelope", py_envelope, METH_VARARGS,
     "envelope(asked, block, estimate, std_error_scaled, df, threads, progress) -> remarks"},
    {"block_tests", py_block_tests, METH_VARARGS, "block_tests(asked, alone, table, threads, progress) -> remarks"},
    {"power", py_power, METH_VARARGS, "power(difference, std_error, units_now, units, level) -> float"},
    {"units_needed", py_units_needed, METH_VARARGS,
     "units_needed(difference, std_error, units_now, power, level) -> float"},
    {"above", py_above, METH_VARARGS, "above(first, second) -> probability"},
    {"resampled", py_resampled, METH_VARARGS, "resampled(values, estimate or None) -> (bias, std_error, acceleration)"},
    {"percentile", py_percentile, METH_VARARGS, "percentile(replicates, level, expanded, n_units) -> (low, high)"},
    {"at_most", py_at_most, METH_VARARGS,
     "at_most(estimate, std_error_scaled, df, metric, normal, bound, level) -> (answer, upper, lower)"},
    {"t_quantile", py_t_quantile, METH_VARARGS, "t_quantile(p, df) -> float"},
    {"balance_rows", py_balance_rows, METH_VARARGS, "balance_rows(design, question) -> labels"},
    {"balance", py_balance, METH_VARARGS,
     "balance(design, question, treatment, rows, buffers, threads, progress) -> (summary, remarks, assumptions)"},
    {"poet_tables", py_poet_tables, METH_NOARGS, "poet_tables() -> (columns, strengths)"},
    {"poet", py_poet, METH_VARARGS, "poet(options, values, threads, progress) -> (marginals, truth, remarks)"},
    {"gap", py_gap, METH_VARARGS, "gap(design, group, asked, options, threads, progress) -> (dict, remarks)"},
    {"gap_response", py_gap_response, METH_VARARGS,
     "gap_response(design, group, asked, options, threads, progress) -> (dict, remarks)"},
    {"mediation", py_mediation, METH_VARARGS,
     "mediation(design, model, options, threads, progress) -> (dict, remarks)"},
    {"linear_columns", py_linear_columns, METH_VARARGS, "linear_columns(design, model) -> (per term, labels)"},
    {"linear", py_linear, METH_VARARGS,
     "linear(design, model, precision, buffers, threads, progress) -> (summary, remarks)"},
    {"linear_predict", py_linear_predict, METH_VARARGS, "linear_predict(design, model, buffers) -> remarks"},
    {"vcov", py_vcov, METH_VARARGS,
     "vcov(design, model, precision, kind, second, buffers, threads, progress) -> remarks"},
    {"vcov_contrasts", py_vcov_contrasts, METH_VARARGS,
     "vcov_contrasts(coefficient, covariance, df, c, table, level) -> (joint, remarks)"},
    {"vcov_test", py_vcov_test, METH_VARARGS,
     "vcov_test(design, model, precision, kind, second, c, table, level, threads, progress) -> (joint, remarks)"},
    {"vcov_wild", py_vcov_wild, METH_VARARGS,
     "vcov_wild(design, model, coefficient, null, kind, replicates, seed, level, threads, progress) -> tuple"},
    {"anova", py_anova, METH_VARARGS,
     "anova(design, model, type, level, table, threads, progress) -> (summary, remarks)"},
    {"anova_wald", py_anova_wald, METH_VARARGS, "anova_wald(design, model, type, buffers) -> remarks"},
    {"oneway", py_oneway, METH_VARARGS, "oneway(design, outcome, group, level, buffers) -> (summary, remarks)"},
    {"nested", py_nested, METH_VARARGS, "nested(design, outcome, factors, table) -> remarks"},
    {"means_labels", py_means_labels, METH_VARARGS, "means_labels(design, model, factors) -> labels"},
    {"means", py_means, METH_VARARGS, "means(design, model, factors, level, buffers) -> remarks"},
    {"pairwise", py_pairwise, METH_VARARGS,
     "pairwise(estimate, covariance, df, method, level, table) -> (pairs, remarks)"},
    {"adjust_p", py_adjust_p, METH_VARARGS, "adjust_p(method, p, adjusted) -> remarks"},
    {"diagnostics", py_diagnostics, METH_VARARGS, "diagnostics(design, model, summary, fit, buffers) -> remarks"},
    {"diagnostics_clusters", py_diagnostics_clusters, METH_VARARGS,
     "diagnostics_clusters(design, model, summary, fit, buffers) -> (most, remarks)"},
    {"diagnostics_collinearity", py_diagnostics_collinearity, METH_VARARGS,
     "diagnostics_collinearity(design, model, precision, buffers) -> remarks"},
    {"response_shape", py_response_shape, METH_VARARGS, "response_shape(design, model) -> (shape, labels)"},
    {"response", py_response_fit, METH_VARARGS,
     "response(design, model, (k, levels), buffers, threads, progress) -> (summary, remarks)"},
    {"response_vcov", py_response_vcov, METH_VARARGS,
     "response_vcov(design, model, k, kind, buffers, threads, progress) -> remarks"},
    {"response_tests", py_response_tests, METH_VARARGS,
     "response_tests(design, model, (k, test, type), buffers, threads, progress) -> remarks"},
    {"response_predict", py_response_predict, METH_VARARGS,
     "response_predict(design, model, shape, (what, cut, level, df), buffers, threads) -> remarks"},
    {"effects_count", py_effects_count, METH_VARARGS, "effects_count(design, model, options, changes) -> int"},
    {"effects", py_effects, METH_VARARGS,
     "effects(design, model, options, changes, (k, count), buffers, threads, progress) -> (places, remarks)"},
    {"response_residuals", py_response_residuals, METH_VARARGS,
     "response_residuals(design, model, k, kind, buffers, threads) -> remarks"},
    {"response_ratios", py_response_ratios, METH_VARARGS,
     "response_ratios(design, model, shape, level, buffers) -> remarks"},
    {"proportional", py_proportional, METH_VARARGS,
     "proportional(design, model, test, table, threads, progress) -> remarks"},
    {"response_explained", py_response_explained, METH_VARARGS,
     "response_explained(design, model, summary, k, estimate, threads) -> (measures, remarks)"},
    {"mixed_shape", py_mixed_shape, METH_VARARGS, "mixed_shape(design, model) -> (shape, labels, effects, groups)"},
    {"mixed", py_mixed_fit, METH_VARARGS,
     "mixed(design, model, rules, sizes, buffers, threads, progress) -> (summary, remarks)"},
    {"mixed_df", py_mixed_df, METH_VARARGS,
     "mixed_df(design, model, rules, sizes, kind, buffers, threads, progress) -> remarks"},
    {"mixed_contrasts", py_mixed_contrasts, METH_VARARGS,
     "mixed_contrasts(design, model, rules, sizes, how, buffers, threads, progress) -> (joint, remarks)"},
    {"mixed_anova", py_mixed_anova, METH_VARARGS,
     "mixed_anova(design, model, rules, sizes, how, theta, threads, progress) -> (rows, remarks)"},
    {"mixed_predict", py_mixed_predict, METH_VARARGS,
     "mixed_predict(design, model, shape, how, buffers, threads, progress) -> remarks"},
    {"mixed_parameters", py_mixed_parameters, METH_VARARGS, "mixed_parameters(design, model) -> labels"},
    {"mixed_profile", py_mixed_profile, METH_VARARGS,
     "mixed_profile(design, model, rules, level, which, buffers, threads, progress) -> remarks"},
    {"mixed_bootstrap", py_mixed_bootstrap, METH_VARARGS,
     "mixed_bootstrap(design, model, rules, how, buffers, threads, progress) -> (boundary, remarks)"},
    {"mixed_explained", py_mixed_explained, METH_VARARGS,
     "mixed_explained(design, model, sizes, fitted, buffers) -> (explained, remarks)"},
    {"mixed_icc", py_mixed_icc, METH_VARARGS,
     "mixed_icc(design, model, rules, sizes, fitted, how, threads, progress) -> (icc, remarks)"},
    {"mixed_ranks", py_mixed_ranks, METH_VARARGS,
     "mixed_ranks(design, model, rules, sizes, fitted, how, buffers, threads, progress) -> remarks"},
    {"fitted_shares", py_fitted_shares, METH_VARARGS,
     "fitted_shares(design, model, rules, blocks, options, buffers, threads, progress) -> (summary, remarks)"},
    {"unit_values", py_unit_values, METH_VARARGS,
     "unit_values(groups, costs, denominators, users, claimed, value, ratio, gap) -> (ratio, gap, low, high, low_any, "
     "high_any, claimed_users, text)"},
    {"gap_allowed", py_gap_allowed, METH_VARARGS,
     "gap_allowed(r2, share, sd, group_r2, full_r2, vif) -> (slope, gap, adjusted slope, adjusted gap, predictor gap, "
     "text)"},
    {"slope_allowed", py_slope_allowed, METH_VARARGS, "slope_allowed(full_r2, vif, r2, sd) -> (bound, sharp, text)"},
    {"risk_odds", py_risk_odds, METH_VARARGS,
     "risk_odds(from_odds, ratio, overall, exposed) -> (odds ratio, risk ratio, exposed, unexposed, difference, text)"},
    {"r2_interval", py_r2_interval, METH_VARARGS,
     "r2_interval(r2, n, predictors, level, fixed, rounding, at_most) -> (low, high, upper, adjusted, by_chance, "
     "text)"},
    {"detectable", py_detectable, METH_VARARGS,
     "detectable(n1, n2, sd, level, power, design_effect) -> (difference, standardised, df, text)"},
    {"counts", py_counts, METH_VARARGS,
     "counts(k, counts, of, rows, chance, level, correlation, trend) -> (statistic, p, text)"},
    {"robustness", py_robustness, METH_VARARGS,
     "robustness(tested, q, alpha) -> (partial_r2, f2, value, value_alpha, value_robust, extreme, extreme_alpha, "
     "text)"},
    {"adjusted", py_adjusted, METH_VARARGS,
     "adjusted(tested, r2_treatment, r2_outcome, reduce, level) -> (r2_treatment, r2_outcome, remaining, estimate, "
     "std_error, t, low, high, robust_error, robust_t)"},
    {"contours", py_contours, METH_VARARGS, "contours(tested, reduce, r2_treatment, r2_outcome, estimate, t)"},
    {"needed", py_needed, METH_VARARGS, "needed(tested, q, alpha, n, r2_outcome, needed, needed_alpha)"},
    {"printed_test", py_printed_test, METH_VARARGS, "printed_test(estimate, std_error, t, df) -> the same, completed"},
    {"tested", py_tested, METH_VARARGS, "tested(fit, place) -> (estimate, std_error, t, df)"},
    {"benchmarks", py_benchmarks, METH_VARARGS, "benchmarks(fit, place, groups, r2_treatment, r2_outcome)"},
    {"bound", py_bound, METH_VARARGS,
     "bound(name, r2_treatment, r2_outcome, kd, ky) -> (r2_treatment, r2_outcome, remarks)"},
    {"e_value", py_e_value, METH_VARARGS,
     "e_value(measure, estimate, low, high, std_error, true) -> (ratio, low, high, true ratio, value, value of limit, "
     "text)"},
    {"oster", py_oster, METH_VARARGS, "oster(ten numbers) -> (r_max, delta_star, beta_star, other, other, text)"},
    {"oster_from_fit", py_oster_from_fit, METH_VARARGS, "oster_from_fit(fit, place, kept) -> seven numbers"},
    {"weigh", py_weigh, METH_VARARGS,
     "weigh(design, question, options, threads, progress) -> (tables, verdict, limits, how, units, remarks, text, "
     "page, body, picture, pieces)"},
    {"specifications", py_specifications, METH_VARARGS,
     "specifications(design, question, (level, interval, seed), threads, progress) -> tables, sentence, remarks, text, "
     "pieces"},
    {NULL, NULL, 0, NULL}};

static int add_class(PyObject *module, const char *full, const char *doc, PyObject *base, PyObject **place)
{
    *place = PyErr_NewExceptionWithDoc(full, doc, base, NULL);
    return *place ? PyModule_AddObjectRef(module, full + sizeof "steelyard." - 1, *place) : -1;
}

static int fill(PyObject *module)
{
    py_state *s = PyModule_GetState(module);
    if (add_class(module, "steelyard.SteelyardError",
                  "What was asked is not allowed; the text names the argument, the value found and what is allowed.",
                  PyExc_ValueError, &s->error) < 0)
        return -1;
    if (add_class(module, "steelyard.DataError", "The data cannot bear the question.", s->error, &s->data) < 0)
        return -1;
    if (add_class(module, "steelyard.LimitError", "The question is past a stated limit.", s->error, &s->limit) < 0)
        return -1;
    return add_class(module, "steelyard.BugError", "A check inside steelyard failed: please report it.", s->error,
                     &s->bug);
}

static int visit_state(PyObject *module, visitproc visit, void *arg)
{
    py_state *state = PyModule_GetState(module);
    Py_VISIT(state->error);
    Py_VISIT(state->data);
    Py_VISIT(state->limit);
    Py_VISIT(state->bug);
    return 0;
}

static int clear_state(PyObject *module)
{
    py_state *state = PyModule_GetState(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->data);
    Py_CLEAR(state->limit);
    Py_CLEAR(state->bug);
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                 .m_name = "steelyard._core",
                                 .m_doc = "The C core; steelyard's functions are the face of it.",
                                 .m_size = sizeof(py_state),
                                 .m_methods = methods,
                                 .m_slots = slots,
                                 .m_traverse = visit_state,
                                 .m_clear = clear_state};

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&definition);
}
