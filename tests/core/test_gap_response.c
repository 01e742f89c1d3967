/* SPDX-License-Identifier: GPL-3.0-only
 * By hand: a single factor with a logit is saturated, so that counterfactual means
 * are rates weighted by shares [Kitagawa 1955, doi:10.1080/01621459.1955.10501299].
 * Small effects: the parts tend to those of least squares, where the order-free
 * parts are the threefold ones with the interaction halved. Sums hold to 1e-13:
 * they are sums of a few hundred roundings of numbers below 5. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "gap_answers.h"

static void sums_hold(const answer *a, int K, double tolerance)
{
    const int by_all[SY_N_GAP_RESPONSE_BY] = {SY_GAP_RESPONSE_BY_FIRST, SY_GAP_RESPONSE_BY_SECOND,
                                              SY_GAP_RESPONSE_BY_POOLED, SY_GAP_RESPONSE_BY_POOLED_WITHOUT};
    for (int m = 0; m < a->s.n_measures; m++) {
        const double gap = value(a, K, m, SY_GAP_RESPONSE_GAP), fit = value(a, K, m, SY_GAP_RESPONSE_FIT);
        double columns = 0, coefficients = 0;
        for (int k = 0; k < K; k++) columns += value(a, K, m, SY_GAP_RESPONSE_PARTS + k);
        for (int k = K; k <= 2 * K; k++)
            if (k == 2 * K || a->s.separate) coefficients += value(a, K, m, SY_GAP_RESPONSE_PARTS + k);
        assert_true(fabs(columns - value(a, K, m, SY_GAP_RESPONSE_EXPLAINED)) < tolerance);
        assert_true(fabs(coefficients - value(a, K, m, SY_GAP_RESPONSE_UNEXPLAINED)) < tolerance);
        assert_true(fabs(columns + coefficients + fit - gap) < tolerance);
        assert_true(fabs(value(a, K, m, 0) - value(a, K, m, 1) - gap) < tolerance);
        for (int by = 0; by < SY_N_GAP_RESPONSE_BY; by++) {
            const int at = sy_gap_response_at(K, (sy_gap_response_by)by_all[by]);
            double sum = 0;
            for (int k = 0; k < K; k++) sum += value(a, K, m, at + 2 + k);
            assert_true(fabs(sum - value(a, K, m, at)) < tolerance);
            assert_true(fabs(sum + value(a, K, m, at + 1) + fit - gap) < tolerance);
        }
    }
}

static void parts_add_to_the_gap(void **state)
{
    (void)state;
    static const sy_link links[3] = {SY_LINK_LOGIT, SY_LINK_PROBIT, SY_LINK_CLOGLOG};
    answer a;
    for (int l = 0; l < 3; l++) {
        fill_people(400, "happy ~ need + heard + plan");
        sy_gap_response_question q = question(SY_RESPONSE_BINARY, links[l], 3);
        assert_true(ask(&q, &a) >= 0);
        assert_int_equal(a.s.n_measures, 1);
        sums_hold(&a, 3, 1e-13);
        if (l == 0) assert_true(fabs(value(&a, 3, 0, SY_GAP_RESPONSE_FIT)) < 1e-12);
        fill_people(400, "much ~ need + heard + plan");
        q = question(SY_RESPONSE_ORDINAL, links[l], 3);
        assert_true(ask(&q, &a) >= 0);
        assert_int_equal(a.s.n_measures, 5);
        sums_hold(&a, 3, 1e-13);
        assert_true(fabs(value(&a, 3, 0, SY_GAP_RESPONSE_FIT)) > 1e-6);
    }
}

static void chances_of_all_answers_cancel_and_give_the_mean(void **state)
{
    (void)state;
    answer a;
    fill_people(400, "much ~ need + heard + plan");
    const sy_gap_response_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 3);
    assert_true(ask(&q, &a) >= 0);
    for (int v = SY_GAP_RESPONSE_GAP; v < sy_gap_response_values(3); v++) {
        double sum = 0, mean = 0;
        for (int m = 0; m < 4; m++) {
            sum += value(&a, 3, m, v);
            mean += (m + 1) * value(&a, 3, m, v);
        }
        assert_true(fabs(sum) < 1e-13);
        assert_true(fabs(mean - value(&a, 3, 4, v)) < 1e-13);
    }
}

/* shares and rates of the levels of plan in a group */
static void shares_and_rates(int group, double *share, double *rate)
{
    const int plan = frame_column(&f, "plan"), gift = frame_column(&f, "gift"), happy = frame_column(&f, "happy");
    double n = 0;
    for (int l = 0; l < 3; l++) share[l] = rate[l] = 0;
    for (ptrdiff_t i = 0; i < f.n; i++) {
        if (f.code[gift][i] != group) continue;
        n += 1;
        share[f.code[plan][i]] += 1;
        rate[f.code[plan][i]] += f.value[happy][i];
    }
    for (int l = 0; l < 3; l++) {
        rate[l] /= share[l];
        share[l] /= n;
    }
}

static void one_factor_is_kitagawas(void **state)
{
    (void)state;
    answer a;
    fill_people(400, "happy ~ plan");
    const sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 1);
    assert_true(ask(&q, &a) >= 0);
    double share[2][3], rate[2][3], by[2] = {0, 0};
    for (int g = 0; g < 2; g++) shares_and_rates(g, share[g], rate[g]);
    for (int l = 0; l < 3; l++)
        for (int g = 0; g < 2; g++) by[g] += (share[0][l] - share[1][l]) * rate[g][l];
    /* 1e-9: the models stop at a relative step of 1e-10 */
    assert_true(fabs(value(&a, 1, 0, sy_gap_response_at(1, SY_GAP_RESPONSE_BY_FIRST)) - by[0]) < 1e-9);
    assert_true(fabs(value(&a, 1, 0, sy_gap_response_at(1, SY_GAP_RESPONSE_BY_SECOND)) - by[1]) < 1e-9);
    /* rows of a level are alike: three cells a group, at most five pairs */
    assert_true(a.s.pairs <= 5);
}

/* Least squares of happy on need and heard in a group: slopes and means. */
static void least_squares(int group, double *b, double *mean)
{
    const double *x[2] = {f.value[frame_column(&f, "need")], f.value[frame_column(&f, "heard")]};
    const double *y = f.value[frame_column(&f, "happy")];
    const int gift = frame_column(&f, "gift");
    double n = 0, s[2][2] = {{0}}, c[2] = {0}, my = 0;
    mean[0] = mean[1] = 0;
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (f.code[gift][i] == group) {
            n += 1;
            my += y[i];
            for (int j = 0; j < 2; j++) mean[j] += x[j][i];
        }
    my /= n;
    for (int j = 0; j < 2; j++) mean[j] /= n;
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (f.code[gift][i] == group)
            for (int j = 0; j < 2; j++) {
                c[j] += (x[j][i] - mean[j]) * (y[i] - my);
                for (int k = 0; k < 2; k++) s[j][k] += (x[j][i] - mean[j]) * (x[k][i] - mean[k]);
            }
    const double det = s[0][0] * s[1][1] - s[0][1] * s[1][0];
    b[0] = (s[1][1] * c[0] - s[0][1] * c[1]) / det;
    b[1] = (s[0][0] * c[1] - s[1][0] * c[0]) / det;
}

static void small_effects_are_least_squares(void **state)
{
    (void)state;
    answer a;
    fill_people(400, "happy ~ need + heard");
    /* as good as chance: the slopes are small, and the curve is a line over them */
    uint32_t draw = 5;
    for (ptrdiff_t i = 0; i < f.n; i++) {
        f.value[frame_column(&f, "happy")][i] = uniform(&draw) < 0.5;
        /* one of four in the second group, and far from the first: the mean of all is not half way */
        f.code[frame_column(&f, "gift")][i] = i % 4 == 3;
        f.value[frame_column(&f, "need")][i] += 3 * (i % 4 == 3);
    }
    const sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2);
    assert_true(ask(&q, &a) >= 0);
    double b[2][2], mean[2][2];
    for (int g = 0; g < 2; g++) least_squares(g, b[g], mean[g]);
    for (int k = 0; k < 2; k++) { /* means of the groups as they differ from that of all rows */
        const double all = (a.s.n_group[0] * mean[0][k] + a.s.n_group[1] * mean[1][k]) / (double)f.n;
        for (int g = 0; g < 2; g++) mean[g][k] -= all;
        const double columns = (mean[0][k] - mean[1][k]) * (b[0][k] + b[1][k]) / 2;
        const double coefficients = (b[0][k] - b[1][k]) * (mean[0][k] + mean[1][k]) / 2;
        /* relative to the curve's bend, 1 - 4 p (1 - p) and third powers of an index of some 0.1 */
        assert_true(fabs(value(&a, 2, 0, SY_GAP_RESPONSE_PARTS + k) - columns) < 0.03 * fabs(columns) + 1e-4);
        assert_true(fabs(value(&a, 2, 0, SY_GAP_RESPONSE_PARTS + 2 + k) - coefficients) <
                    0.03 * fabs(coefficients) + 1e-4);
    }
}

static void same_values(const answer *a, const answer *b, int K, double tolerance)
{
    for (int v = 0; v < a->s.n_measures * sy_gap_response_values(K); v++)
        assert_true(fabs(a->estimate[v] - b->estimate[v]) < tolerance);
}

/* 1e-10: searches from other packed columns end at other roundings of a step of 1e-10. */
static void base_levels_and_order_of_rows_do_not_matter(void **state)
{
    (void)state;
    answer a, turned, mixed;
    fill_people(300, "much ~ need + heard + plan");
    const sy_gap_response_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 3);
    assert_true(ask(&q, &a) >= 0);
    const int plan = frame_column(&f, "plan");
    for (ptrdiff_t i = 0; i < f.n; i++) f.code[plan][i] = (f.code[plan][i] + 1) % 3;
    assert_true(ask(&q, &turned) >= 0);
    same_values(&a, &turned, 3, 1e-10);
    for (ptrdiff_t i = 0; i < f.n / 2; i++)
        for (int c = 0; c < f.p; c++) {
            const ptrdiff_t j = f.n - 1 - i;
            const double v = f.value[c][i];
            const int32_t code = f.code[c][i];
            f.value[c][i] = f.value[c][j];
            f.value[c][j] = v;
            f.code[c][i] = f.code[c][j];
            f.code[c][j] = code;
        }
    assert_true(ask(&q, &mixed) >= 0);
    same_values(&a, &mixed, 3, 1e-10);
}

/* The zero and unit of a number, and whether two levels are a factor or 0 and 1. 1e-9: as above, and a zero
 * a thousand units away costs three digits. */
static void zeros_units_and_coding_do_not_matter(void **state)
{
    (void)state;
    answer a, moved, coded;
    fill_people(300, "much ~ need + heard + plan");
    const int plan = frame_column(&f, "plan"), heard = frame_column(&f, "heard"), need = frame_column(&f, "need");
    const int told = frame_add(&f, "told", 1, 2);
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[heard][i] = f.code[told][i] = f.code[plan][i] > 0;
    frame_model(&f, "much ~ need + told");
    sy_gap_response_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 2);
    assert_true(ask(&q, &a) >= 0);
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[need][i] = 1000 + f.value[need][i] / 64;
    assert_true(ask(&q, &moved) >= 0);
    same_values(&a, &moved, 2, 1e-9);
    frame_model(&f, "much ~ need + heard");
    q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 2);
    assert_true(ask(&q, &coded) >= 0);
    same_values(&a, &coded, 2, 1e-9);
}

static void the_other_group_first_turns_all_signs(void **state)
{
    (void)state;
    answer a, b;
    fill_people(300, "happy ~ need + heard + plan");
    sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 3);
    assert_true(ask(&q, &a) >= 0);
    q.first = 1;
    assert_true(ask(&q, &b) >= 0);
    assert_int_equal(b.s.group_level[0], 1);
    for (int v = SY_GAP_RESPONSE_GAP; v < SY_GAP_RESPONSE_PARTS + 7; v++)
        assert_true(fabs(value(&a, 3, 0, v) + value(&b, 3, 0, v)) < 1e-10);
    static const sy_gap_response_by other[] = {SY_GAP_RESPONSE_BY_SECOND, SY_GAP_RESPONSE_BY_FIRST,
                                               SY_GAP_RESPONSE_BY_POOLED, SY_GAP_RESPONSE_BY_POOLED_WITHOUT};
    for (int by = 0; by < SY_N_GAP_RESPONSE_BY; by++)
        for (int v = 0; v < 5; v++)
            assert_true(fabs(value(&a, 3, 0, sy_gap_response_at(3, (sy_gap_response_by)by) + v) +
                             value(&b, 3, 0, sy_gap_response_at(3, other[by]) + v)) < 1e-10);
}

/* Each row as often as it says. */
static void repeat_rows(void)
{
    static frame once;
    const int times = frame_column(&f, "times");
    ptrdiff_t at = 0;
    once = f;
    for (ptrdiff_t i = 0; i < once.n; i++)
        for (int k = 0; k < (int)once.value[times][i]; k++, at++)
            for (int c = 0; c < f.p; c++) {
                f.value[c][at] = once.value[c][i];
                f.code[c][at] = once.code[c][i];
            }
    f.n = f.design.n = at;
}

static void frequencies_are_rows_repeated(void **state)
{
    (void)state;
    answer a, b;
    fill_people(200, "much ~ need + heard + plan");
    sy_gap_response_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_PROBIT, 3);
    f.design.weights = &f.columns[frame_column(&f, "times")];
    f.design.weight_kind = SY_WEIGHT_FREQUENCY;
    assert_true(ask(&q, &a) >= 0);
    q.interval = SY_INTERVAL_JACKKNIFE;
    assert_true(ask(&q, &b) >= 0);
    assert_int_equal(b.s.units, 100);
    assert_true(b.std_error[SY_GAP_RESPONSE_EXPLAINED] > 0);
    q.interval = SY_INTERVAL_NONE;
    f.design.weights = NULL;
    f.design.weight_kind = SY_WEIGHT_NONE;
    repeat_rows();
    assert_true(ask(&q, &b) >= 0);
    assert_true(a.s.n == b.s.n && a.s.n_group[0] == b.s.rows_group[0]);
    same_values(&a, &b, 3, 1e-10);
}

/* Without each council by calls of their own; strata: the rest of its stratum weighs more. */
static void jackknife_by_hand(int strata)
{
    static answer a, out[12];
    fill_people(360, "happy ~ need + plan");
    const int council = frame_column(&f, "council"), half = frame_column(&f, "half"), times = frame_column(&f, "times");
    sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2);
    q.interval = SY_INTERVAL_JACKKNIFE;
    f.design.cluster = &f.columns[council];
    f.design.strata = strata ? &f.columns[half] : NULL;
    assert_true(ask(&q, &a) >= 0);
    assert_true(a.s.units == 12 && a.s.df == (strata ? 9 : 11));
    q.interval = SY_INTERVAL_NONE;
    f.design.weights = &f.columns[times];
    f.design.weight_kind = SY_WEIGHT_SAMPLING;
    for (int g = 0; g < 12; g++) {
        for (ptrdiff_t i = 0; i < f.n; i++)
            f.value[times][i] = f.code[council][i] == g ? 0 : strata && f.code[half][i] == g / 4 ? 4.0 / 3 : 1;
        assert_true(ask(&q, &out[g]) >= 0);
    }
    for (int v = 0; v < sy_gap_response_values(2); v++) {
        double sum = 0;
        for (int g = 0; g < 12; g++) sum += pow(out[g].estimate[v] - a.estimate[v], 2);
        const double error = sqrt((strata ? 3.0 / 4 : 11.0 / 12) * sum);
        /* both stop at a step of 1e-10, from other starts */
        assert_true(fabs(a.std_error[v] - error) < 1e-8);
        if (v == SY_GAP_RESPONSE_FIT) continue;
        assert_true(fabs(a.statistic[v] - a.estimate[v] / a.std_error[v]) < 1e-12 && a.p_value[v] <= 1);
        assert_true((a.p_value[v] < 0.05) == (a.low[v] > 0 || a.high[v] < 0));
        assert_true(a.low[v] < a.estimate[v] && a.estimate[v] < a.high[v]);
    }
}

static void errors_are_those_of_leaving_councils_out(void **state)
{
    (void)state;
    jackknife_by_hand(0);
}

static void strata_weigh_up_the_rest_of_them(void **state)
{
    (void)state;
    jackknife_by_hand(1);
}

static void threads_and_kernels_give_the_same_bits(void **state)
{
    (void)state;
    static answer a, b;
    fill_people(1000, "much ~ need + heard + plan");
    sy_gap_response_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 3);
    q.interval = SY_INTERVAL_JACKKNIFE;
    f.design.cluster = &f.columns[frame_column(&f, "council")];
    assert_true(ask_by(&q, 1, 0, &a) >= 0);
    for (int simd = 0; simd < 3; simd++) {
        assert_true(ask_by(&q, 3, simd, &b) >= 0);
        assert_memory_equal(a.estimate, b.estimate, 5 * (size_t)sy_gap_response_values(3) * sizeof(double));
        assert_memory_equal(a.std_error, b.std_error, 5 * (size_t)sy_gap_response_values(3) * sizeof(double));
    }
}

static void an_answer_nobody_gave_has_no_chance(void **state)
{
    (void)state;
    answer a;
    fill_people(400, "much ~ need + heard");
    const int much = frame_column(&f, "much"), gift = frame_column(&f, "gift");
    for (int gone = 0; gone < 4; gone++) {
        fill_people(400, "much ~ need + heard");
        for (ptrdiff_t i = 0; i < f.n; i++)
            if (f.code[gift][i] == 1 && f.code[much][i] == gone) f.code[much][i] = gone == 0 ? 1 : gone - 1;
        const sy_gap_response_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 2);
        assert_int_equal(ask(&q, &a), SY_NOTE_EMPTY_LEVEL);
        assert_non_null(strstr(a.remark, "rows with gift = gift2"));
        assert_true(value(&a, 2, gone, SY_GAP_RESPONSE_SECOND) == 0);
        sums_hold(&a, 2, 1e-13);
    }
}

static void many_blocks_take_coefficients_as_one(void **state)
{
    (void)state;
    answer a, b;
    fill_people(400, "happy ~ need + heard + plan");
    sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 3);
    assert_true(ask(&q, &a) >= 0);
    q.time_limit = 1e-9;
    assert_int_equal(ask(&q, &b), SY_NOTE_TERMS_SKIPPED);
    assert_true(a.s.separate && !b.s.separate && a.s.players == 7 && b.s.players == 4);
    sums_hold(&b, 3, 1e-13);
    assert_true(isnan(value(&b, 3, 0, SY_GAP_RESPONSE_PARTS + 3)));
    for (int v = sy_gap_response_at(3, SY_GAP_RESPONSE_BY_FIRST); v < sy_gap_response_values(3); v++)
        assert_true(value(&a, 3, 0, v) == value(&b, 3, 0, v));
}

static void refuses(sy_gap_response_question q, sy_status status, const char *text)
{
    answer a;
    assert_int_equal(ask(&q, &a), status);
    if (!strstr(a.message, text)) fail_msg("found \"%s\", expected \"%s\"", a.message, text);
}

static void bad_questions_are_named(void **state)
{
    (void)state;
    fill_people(200, "happy ~ need + heard + plan");
    const int gift = frame_column(&f, "gift"), plan = frame_column(&f, "plan"), happy = frame_column(&f, "happy");
    sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 3);
    q.level = 1;
    refuses(q, SY_EINVAL, "level: 1 is not between 0 and 1");
    q = question(SY_RESPONSE_POISSON, SY_LINK_LOG, 3);
    refuses(q, SY_EINVAL, "outcome_type: the order-free gap is of a binary or an ordinal outcome");
    q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 3);
    q.interval = SY_INTERVAL_PERCENTILE;
    refuses(q, SY_EINVAL, "jackknife limits");
    q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 3);
    q.first = 2;
    refuses(q, SY_EINVAL, "first: it is not a level of gift with rows (gift1: 100, gift2: 100)");
    q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 3);
    q.group = &f.columns[plan];
    refuses(q, SY_EINVAL, "group: plan also stands in plan");
    q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2);
    refuses(q, SY_EINVAL, "blocks: plan is in 0 of them");
    q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 3);
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (f.code[gift][i] == 1) f.value[happy][i] = 1;
    refuses(q, SY_EDATA, "every row with gift = gift2 has the same answer");
    fill_people(200, "happy ~ need + heard + plan");
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (f.code[gift][i] == 1 && f.code[plan][i] == 2) f.code[plan][i] = 1;
    refuses(q, SY_ERANK, "among rows with gift = gift2, plan[");
    for (ptrdiff_t i = 0; i < f.n; i++) f.code[gift][i] = 0;
    refuses(q, SY_EDATA, "group: gift has 1 level with rows (gift1: 200); a gap is between two");
    fill_people(200, "happy ~ need + heard + plan");
    q.group = &f.columns[frame_column(&f, "half")];
    refuses(q, SY_EDATA, "group: half has 3 levels with rows (");
    fill_people(12, "happy ~ need + heard + plan");
    for (ptrdiff_t i = 0; i < f.n; i++) f.code[gift][i] = i > 3;
    q.group = &f.columns[gift];
    refuses(q, SY_ERANK, "group: gift = gift1 has 4 rows, fewer than the 5 coefficients of its model");
}

static sy_status job(void *arg, void *out)
{
    return ask(arg, out);
}

static void memory_failures_leave_nothing(void **state)
{
    (void)state;
    fill_people(60, "happy ~ need + heard");
    sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2);
    assert_true(syi_survives_failing(job, &q, sizeof(answer)) > 20);
    fill_people(48, "happy ~ need");
    q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 1);
    q.interval = SY_INTERVAL_JACKKNIFE;
    for (ptrdiff_t i = 0; i < f.n; i++) f.code[frame_column(&f, "council")][i] %= 6;
    f.design.cluster = &f.columns[frame_column(&f, "council")];
    assert_true(syi_survives_failing(job, &q, sizeof(answer)) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_add_to_the_gap),
        cmocka_unit_test(chances_of_all_answers_cancel_and_give_the_mean),
        cmocka_unit_test(one_factor_is_kitagawas),
        cmocka_unit_test(small_effects_are_least_squares),
        cmocka_unit_test(base_levels_and_order_of_rows_do_not_matter),
        cmocka_unit_test(zeros_units_and_coding_do_not_matter),
        cmocka_unit_test(the_other_group_first_turns_all_signs),
        cmocka_unit_test(frequencies_are_rows_repeated),
        cmocka_unit_test(errors_are_those_of_leaving_councils_out),
        cmocka_unit_test(strata_weigh_up_the_rest_of_them),
        cmocka_unit_test(threads_and_kernels_give_the_same_bits),
        cmocka_unit_test(an_answer_nobody_gave_has_no_chance),
        cmocka_unit_test(many_blocks_take_coefficients_as_one),
        cmocka_unit_test(bad_questions_are_named),
        cmocka_unit_test(memory_failures_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
