/* What R sees of the glue.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_checks.h"
#include "r_gap.h"
#include "r_flips.h"
#include "r_joint.h"
#include "r_measurement.h"
#include "r_mediation.h"
#include "r_mixed.h"
#include "r_models.h"
#include "r_printed.h"
#include "r_response.h"
#include "r_submodels.h"
#include "r_balance.h"
#include "r_verdict.h"
#include "r_synthetic.h"
#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

SEXP C_version(void)
{
    return Rf_mkString(sy_version());
}
SEXP C_live_bytes(void)
{
    return Rf_ScalarReal((double)sy_memory_live());
}

/* by way of a pointer without prototype, which any function pointer may become */
/* clang-format off */
#define ENTRY(name, n) {#name, (DL_FUNC)(void (*)(void))(name), n}

static const R_CallMethodDef calls[] = {
    ENTRY(C_version, 0),
    ENTRY(C_live_bytes, 0),
    ENTRY(C_find, 3),
    ENTRY(C_near, 2),
    ENTRY(C_moments, 5),
    ENTRY(C_info, 1),
    ENTRY(C_verify, 1),
    ENTRY(C_merge, 2),
    ENTRY(C_from_correlation, 4),
    ENTRY(C_latent, 6),
    ENTRY(C_reliability, 6),
    ENTRY(C_corrected, 5),
    ENTRY(C_reliability_of_means, 3),
    ENTRY(C_simex, 6),
    ENTRY(C_find_term, 3),
    ENTRY(C_describe_columns, 1),
    ENTRY(C_describe, 5),
    ENTRY(C_overview, 4),
    ENTRY(C_overview_steps, 4),
    ENTRY(C_overview_claim, 3),
    ENTRY(C_overview_ranks, 2),
    ENTRY(C_overview_funnel, 2),
    ENTRY(C_shares, 6),
    ENTRY(C_relative_weights, 2),
    ENTRY(C_submodels, 3),
    ENTRY(C_commonality, 4),
    ENTRY(C_dominance, 4),
    ENTRY(C_dominance_reproduced, 6),
    ENTRY(C_crossvalidate, 6),
    ENTRY(C_permutation, 6),
    ENTRY(C_limits, 6),
    ENTRY(C_population, 3),
    ENTRY(C_rounding, 5),
    ENTRY(C_flip_directions, 3),
    ENTRY(C_share_flip, 7),
    ENTRY(C_share_flip_rays, 6),
    ENTRY(C_share_flip_contours, 7),
    ENTRY(C_share_flip_at, 5),
    ENTRY(C_share_flip_benchmarks, 5),
    ENTRY(C_flip_turn, 7),
    ENTRY(C_difference, 4),
    ENTRY(C_ratio, 4),
    ENTRY(C_above_bound, 6),
    ENTRY(C_joint, 4),
    ENTRY(C_joint_contrasts, 7),
    ENTRY(C_joint_all_zero, 3),
    ENTRY(C_joint_step_down, 5),
    ENTRY(C_joint_ranks, 5),
    ENTRY(C_envelope, 5),
    ENTRY(C_block_tests, 5),
    ENTRY(C_power, 1),
    ENTRY(C_units_needed, 1),
    ENTRY(C_adjust_p, 2),
    ENTRY(C_percentile, 4),
    ENTRY(C_above, 2),
    ENTRY(C_resampled, 2),
    ENTRY(C_at_most, 7),
    ENTRY(C_t_quantile, 2),
    ENTRY(C_mediation, 6),
    ENTRY(C_balance_rows, 2),
    ENTRY(C_balance, 6),
    ENTRY(C_poet_tables, 0),
    ENTRY(C_poet, 5),
    ENTRY(C_linear_columns, 2),
    ENTRY(C_linear_labels, 3),
    ENTRY(C_linear, 6),
    ENTRY(C_linear_predict, 5),
    ENTRY(C_vcov, 7),
    ENTRY(C_vcov_contrasts, 5),
    ENTRY(C_vcov_test, 7),
    ENTRY(C_vcov_wild, 5),
    ENTRY(C_anova, 5),
    ENTRY(C_anova_wald, 6),
    ENTRY(C_oneway, 4),
    ENTRY(C_nested, 3),
    ENTRY(C_means_count, 3),
    ENTRY(C_means, 4),
    ENTRY(C_pairwise, 5),
    ENTRY(C_diagnostics, 6),
    ENTRY(C_diagnostics_clusters, 5),
    ENTRY(C_collinearity, 4),
    ENTRY(C_response_shape, 2),
    ENTRY(C_response_labels, 3),
    ENTRY(C_response, 6),
    ENTRY(C_response_vcov, 6),
    ENTRY(C_response_tests, 8),
    ENTRY(C_response_predict, 7),
    ENTRY(C_effects_count, 4),
    ENTRY(C_effects, 9),
    ENTRY(C_response_explained, 5),
    ENTRY(C_response_residuals, 5),
    ENTRY(C_response_ratios, 7),
    ENTRY(C_proportional, 5),
    ENTRY(C_mixed_shape, 2),
    ENTRY(C_mixed_labels, 4),
    ENTRY(C_mixed_groups, 3),
    ENTRY(C_mixed, 7),
    ENTRY(C_mixed_df, 7),
    ENTRY(C_mixed_contrasts, 8),
    ENTRY(C_mixed_anova, 7),
    ENTRY(C_mixed_predict, 8),
    ENTRY(C_mixed_parameter_count, 2),
    ENTRY(C_mixed_parameters, 3),
    ENTRY(C_mixed_profile, 7),
    ENTRY(C_mixed_bootstrap, 7),
    ENTRY(C_mixed_explained, 3),
    ENTRY(C_mixed_icc, 7),
    ENTRY(C_mixed_ranks, 7),
    ENTRY(C_fitted_shares, 7),
    ENTRY(C_gap, 6),
    ENTRY(C_gap_response, 6),
    ENTRY(C_unit_values, 5),
    ENTRY(C_gap_allowed, 1),
    ENTRY(C_slope_allowed, 1),
    ENTRY(C_risk_odds, 2),
    ENTRY(C_r2_interval, 1),
    ENTRY(C_detectable, 1),
    ENTRY(C_counts, 3),
    ENTRY(C_robustness, 2),
    ENTRY(C_adjusted, 2),
    ENTRY(C_contours, 4),
    ENTRY(C_needed, 3),
    ENTRY(C_printed_test, 1),
    ENTRY(C_own_effects, 3),
    ENTRY(C_shown_decimals, 1),
    ENTRY(C_tested, 2),
    ENTRY(C_benchmarks, 4),
    ENTRY(C_bound, 2),
    ENTRY(C_e_value, 2),
    ENTRY(C_oster, 1),
    ENTRY(C_oster_from_fit, 3),
    ENTRY(C_weigh, 5),
    ENTRY(C_specifications, 5),
    {NULL, NULL, 0}};
/* clang-format on */

attribute_visible void R_init_steelyard(DllInfo *dll)
{
    R_registerRoutines(dll, NULL, calls, NULL, NULL);
    R_useDynamicSymbols(dll, FALSE);
    R_forceSymbols(dll, TRUE);
}
