/* SPDX-License-Identifier: GPL-3.0-only
 * What a gap says of itself: the numbers are those of the result, the reference the one
 * that was asked for. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "gap_answers.h"
#include "steelyard/gap_words.h"

static sy_gap_words said;

static void holds(int sentence, const char *text)
{
    if (!strstr(said.sentence[sentence], text)) fail_msg("\"%s\" does not hold \"%s\"", said.sentence[sentence], text);
}

static void ask_means(sy_gap_method method, sy_gap_reference reference, const char *formula, int n_blocks)
{
    sy_gap_question q;
    sy_gap_result r;
    sy_context ctx;
    fill_people(400, formula);
    sy_gap_defaults(&q);
    q.group = &f.columns[frame_column(&f, "gift")];
    q.n_blocks = n_blocks;
    q.blocks = singles;
    q.method = method;
    q.reference = reference;
    q.weight = 0.3;
    q.interval = SY_INTERVAL_NONE;
    sy_context_init(&ctx);
    assert_true(sy_gap(&ctx, &f.design, &q, &r) >= 0);
    sy_gap_say(&f.design, &q, &r, &said);
    char text[200];
    const double gap = r.estimate[r.n_values - SY_GAP_ENDS + SY_GAP_GAP];
    snprintf(text, sizeof text, "Of the gap of %.4g in the mean of happy (gift = gift1: ", gap);
    holds(0, text);
    snprintf(text, sizeof text, "%.4g", r.estimate[0]);
    holds(0, text);
    sy_gap_free(&r);
    sy_context_free(&ctx);
}

static void means_name_their_reference(void **state)
{
    (void)state;
    static const char *const words[] = {"the coefficients of gift = gift1.",
                                        "the coefficients of gift = gift2.",
                                        "both groups, half and half.",
                                        "both groups, by their size.",
                                        "both groups pooled, with gift in the model.",
                                        "both groups pooled, without gift in the model.",
                                        "gift = gift1 with weight 0.3 and gift2 with the rest."};
    for (int k = 0; k < 7; k++) {
        ask_means(SY_GAP_OAXACA, (sy_gap_reference)k, "happy ~ need + heard + plan", 3);
        holds(1, words[k]);
        holds(0, "the largest part is that of ");
        holds(1, "single blocks depend on where their numbers have their zero; their sum does not.");
        holds(2, "need not be caused by it");
    }
    ask_means(SY_GAP_OAXACA, SY_REFERENCE_POOLED, "happy ~ plan", 1);
    assert_null(strstr(said.sentence[1], "zero"));
    ask_means(SY_GAP_KITAGAWA, SY_REFERENCE_POOLED, "happy ~ plan", 1);
    holds(1, "Explained is composition");
    assert_null(strstr(said.sentence[0], "largest"));
    ask_means(SY_GAP_GELBACH, SY_REFERENCE_POOLED, "happy ~ need + heard", 2);
    holds(1, "what the coefficient of gift loses");
}

static void answers_name_what_is_explained(void **state)
{
    (void)state;
    static answer a;
    char text[200];
    for (int ordinal = 0; ordinal < 2; ordinal++) {
        fill_people(400, ordinal ? "much ~ need + heard" : "happy ~ need + heard");
        const sy_gap_response_question q =
            question(ordinal ? SY_RESPONSE_ORDINAL : SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2);
        const sy_gap_response_table t = {a.estimate, a.std_error, a.statistic, a.p_value, a.low, a.high, a.level};
        assert_true(ask(&q, &a) >= 0);
        const double *last = a.estimate + (a.s.n_measures - 1) * sy_gap_response_values(2);
        sy_gap_response_say(&f.design, &q, &a.s, &t, SY_N_GAP_RESPONSE_BY, &said);
        snprintf(text, sizeof text, "Of the gap of %.4g in %s", last[SY_GAP_RESPONSE_GAP],
                 ordinal ? "the mean answer of much" : "the chance of happy");
        holds(0, text);
        snprintf(text, sizeof text, " goes with the blocks and %.4g does not", last[SY_GAP_RESPONSE_UNEXPLAINED]);
        holds(0, text);
        holds(1, "averaged over all orders in which columns and coefficients");
        sy_gap_response_say(&f.design, &q, &a.s, &t, SY_GAP_RESPONSE_BY_SECOND, &said);
        snprintf(text, sizeof text, "%.4g does not", last[sy_gap_response_at(2, SY_GAP_RESPONSE_BY_SECOND) + 1]);
        holds(0, text);
        holds(1, "at the coefficients of gift = gift2, averaged over all orders of the blocks.");
    }
}

/* A part in percent only where it lies within the gap. */
static void parts_beyond_the_gap_are_said_to_be(void **state)
{
    (void)state;
    static answer a;
    fill_people(400, "happy ~ need + heard");
    const sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2);
    const sy_gap_response_table t = {a.estimate, a.std_error, a.statistic, a.p_value, a.low, a.high, a.level};
    assert_true(ask(&q, &a) >= 0);
    a.estimate[SY_GAP_RESPONSE_GAP] = 0.2;
    a.estimate[SY_GAP_RESPONSE_EXPLAINED] = 0.05;
    sy_gap_response_say(&f.design, &q, &a.s, &t, SY_N_GAP_RESPONSE_BY, &said);
    holds(0, "0.05 (25 %) goes with the blocks");
    a.estimate[SY_GAP_RESPONSE_EXPLAINED] = -0.05;
    sy_gap_response_say(&f.design, &q, &a.s, &t, SY_N_GAP_RESPONSE_BY, &said);
    holds(0, "-0.05, against the gap, goes with the blocks");
    a.estimate[SY_GAP_RESPONSE_EXPLAINED] = 0.3;
    sy_gap_response_say(&f.design, &q, &a.s, &t, SY_N_GAP_RESPONSE_BY, &said);
    holds(0, "0.3, more than the gap, goes with the blocks");
}

/* Two digits of errors of .0123 and .05 are three decimals. */
static void numbers_have_the_decimals_of_their_errors(void **state)
{
    (void)state;
    static answer a;
    fill_people(400, "happy ~ need + heard");
    const sy_gap_response_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2);
    const sy_gap_response_table t = {a.estimate, a.std_error, a.statistic, a.p_value, a.low, a.high, a.level};
    assert_true(ask(&q, &a) >= 0);
    a.estimate[SY_GAP_RESPONSE_GAP] = 0.2;
    a.std_error[SY_GAP_RESPONSE_GAP] = 0.0123;
    a.estimate[SY_GAP_RESPONSE_EXPLAINED] = 0.0512;
    a.std_error[SY_GAP_RESPONSE_EXPLAINED] = 0.05;
    sy_gap_response_say(&f.design, &q, &a.s, &t, SY_N_GAP_RESPONSE_BY, &said);
    holds(0, "Of the gap of 0.200 in ");
    holds(0, "0.051 (26 %) goes with the blocks");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_name_their_reference),
        cmocka_unit_test(answers_name_what_is_explained),
        cmocka_unit_test(parts_beyond_the_gap_are_said_to_be),
        cmocka_unit_test(numbers_have_the_decimals_of_their_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
