/* Codes, messages, remarks, GSL's errors.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/status_internal.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_gamma.h>
#include <stdio.h>
#include <string.h>

static void every_code_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = SY_EBUG; a <= SY_NOTE_OVERLAP; a++) {
        const char *name = sy_status_name((sy_status)a);
        assert_non_null(name);
        assert_string_not_equal(name, "unknown status");
        for (int b = SY_EBUG; b < a; b++) assert_string_not_equal(name, sy_status_name((sy_status)b));
    }
    assert_string_equal(sy_status_name(SY_ENOMEM), "out of memory");
}

static void a_code_from_nowhere_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(sy_status_name((sy_status)77), "unknown status");
    assert_string_equal(sy_status_name((sy_status)-77), "unknown status");
}

static void failing_writes_the_message_and_returns_the_code(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(syi_fail(&ctx, SY_EDATA, "outcome %s: all %d values are equal", "control", 147), SY_EDATA);
    assert_string_equal(ctx.message, "outcome control: all 147 values are equal");
    syi_enter(&ctx);
    assert_string_equal(ctx.message, "");
    sy_context_free(&ctx);
}

static void a_long_message_is_cut_at_its_room(void **state)
{
    (void)state;
    sy_context ctx;
    char text[3 * SY_MESSAGE_LENGTH];
    sy_context_init(&ctx);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    assert_int_equal(syi_fail(&ctx, SY_EINVAL, "%s", text), SY_EINVAL);
    assert_int_equal(strlen(ctx.message), SY_MESSAGE_LENGTH - 1);
    sy_context_free(&ctx);
}

/* Valid UTF-8 all the way; Python and R refuse a text that is not. */
static int whole_characters(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        const int length = *p < 0x80 ? 1 : *p < 0xC0 ? 0 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
        if (!length) return 0;
        for (int i = 1; i < length; i++)
            if ((p[i] & 0xC0) != 0x80) return 0;
        p += length;
    }
    return 1;
}

static void a_cut_never_splits_a_character(void **state)
{
    (void)state;
    static const char *const letters[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t letter = 0; letter < 3; letter++)
        for (size_t lead = 0; lead < 4; lead++) {
            char text[2 * SY_MESSAGE_LENGTH] = "";
            sy_context ctx;
            memset(text, 'a', lead);
            while (strlen(text) < SY_MESSAGE_LENGTH + 8) strcat(text, letters[letter]);
            sy_context_init(&ctx);
            assert_int_equal(syi_fail(&ctx, SY_EINVAL, "%s", text), SY_EINVAL);
            assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, text, 0, "%s", text), SY_OK);
            assert_true(whole_characters(ctx.message));
            assert_true(whole_characters(ctx.remarks[0].term));
            assert_true(whole_characters(ctx.remarks[0].text));
            assert_true(strlen(ctx.message) > SY_MESSAGE_LENGTH - 5);
            assert_true(strlen(ctx.remarks[0].term) > SY_NAME_LENGTH - 5);
            sy_context_free(&ctx);
        }
}

static void a_remark_keeps_code_term_value_and_text(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ROWS_DROPPED, "age", 12, "%d rows miss %s", 12, "age"), SY_OK);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, NULL, 0, "nothing"), SY_OK);
    assert_int_equal(ctx.n_remarks, 2);
    assert_int_equal(ctx.remarks[0].code, SY_NOTE_ROWS_DROPPED);
    assert_string_equal(ctx.remarks[0].term, "age");
    assert_true(ctx.remarks[0].value == 12);
    assert_string_equal(ctx.remarks[0].text, "12 rows miss age");
    assert_string_equal(ctx.remarks[1].term, "");
    sy_context_free(&ctx);
}

static void the_same_remark_twice_is_kept_once(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, "age", 1, "first"), SY_OK);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, "age", 2, "second"), SY_OK);
    assert_int_equal(ctx.n_remarks, 1);
    assert_string_equal(ctx.remarks[0].text, "first");
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, "sex", 2, "other term"), SY_OK);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_EMPTY_LEVEL, "age", 2, "other code"), SY_OK);
    assert_int_equal(ctx.n_remarks, 3);
    sy_context_free(&ctx);
}

static void remarks_grow_and_keep_their_order(void **state)
{
    (void)state;
    sy_context ctx;
    char term[16];
    sy_context_init(&ctx);
    for (int i = 0; i < 200; i++) {
        snprintf(term, sizeof term, "term%d", i);
        assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, term, i, "number %d", i), SY_OK);
    }
    assert_int_equal(ctx.n_remarks, 200);
    for (int i = 0; i < 200; i++) {
        snprintf(term, sizeof term, "term%d", i);
        assert_string_equal(ctx.remarks[i].term, term);
        assert_true(ctx.remarks[i].value == i);
    }
    sy_context_free(&ctx);
}

static void the_status_is_the_most_severe_remark_of_the_call(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(syi_status_of_remarks(&ctx, 0), SY_OK);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, "a", 0, "a"), SY_OK);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_EMPTY_LEVEL, "b", 0, "b"), SY_OK);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ZERO_WEIGHTS, "c", 0, "c"), SY_OK);
    assert_int_equal(syi_status_of_remarks(&ctx, 0), SY_NOTE_ALIASED);
    assert_int_equal(syi_status_of_remarks(&ctx, 1), SY_NOTE_EMPTY_LEVEL);
    assert_int_equal(syi_status_of_remarks(&ctx, 3), SY_OK);
    sy_context_free(&ctx);
}

static sy_status ten_remarks(void *arg, void *answer)
{
    sy_context ctx;
    char term[16];
    sy_status status = SY_OK;
    (void)arg;
    sy_context_init(&ctx);
    for (int i = 0; i < 10 && status == SY_OK; i++) {
        snprintf(term, sizeof term, "%d", i);
        status = syi_remark(&ctx, SY_NOTE_ALIASED, term, i, "x");
    }
    if (status < 0) assert_true(ctx.message[0] != 0);
    memcpy(answer, &ctx.n_remarks, sizeof ctx.n_remarks);
    sy_context_free(&ctx);
    return status;
}

static void remarks_survive_every_failing_allocation(void **state)
{
    (void)state;
    assert_true(syi_survives_failing(ten_remarks, NULL, sizeof(int)) == 3);
}

static void a_gsl_error_becomes_a_message_and_never_aborts(void **state)
{
    (void)state;
    sy_context ctx;
    gsl_sf_result r;
    sy_context_init(&ctx);
    gsl_set_error_handler(NULL); /* GSL's own, which aborts: as another library may leave it */
    syi_gsl_guard();
    const int code = gsl_sf_gamma_e(-1, &r);
    assert_int_equal(code, GSL_EDOM);
    assert_int_equal(syi_from_gsl(&ctx, code, "gamma(-1)"), SY_EDATA);
    assert_non_null(strstr(ctx.message, "gamma(-1): domain error"));
    assert_non_null(strstr(ctx.message, "gamma.c"));
    sy_context_free(&ctx);
}

static void the_guard_forgets_the_reason_of_an_earlier_call(void **state)
{
    (void)state;
    sy_context ctx;
    gsl_sf_result r;
    sy_context_init(&ctx);
    syi_gsl_guard();
    assert_int_equal(gsl_sf_gamma_e(-1, &r), GSL_EDOM);
    syi_gsl_guard();
    assert_int_equal(syi_from_gsl(&ctx, GSL_ENOMEM, "workspace"), SY_ENOMEM);
    assert_string_equal(ctx.message, "workspace: malloc failed");
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_name_of_its_own),
        cmocka_unit_test(a_code_from_nowhere_is_unknown),
        cmocka_unit_test(failing_writes_the_message_and_returns_the_code),
        cmocka_unit_test(a_long_message_is_cut_at_its_room),
        cmocka_unit_test(a_cut_never_splits_a_character),
        cmocka_unit_test(a_remark_keeps_code_term_value_and_text),
        cmocka_unit_test(the_same_remark_twice_is_kept_once),
        cmocka_unit_test(remarks_grow_and_keep_their_order),
        cmocka_unit_test(the_status_is_the_most_severe_remark_of_the_call),
        cmocka_unit_test(remarks_survive_every_failing_allocation),
        cmocka_unit_test(a_gsl_error_becomes_a_message_and_never_aborts),
        cmocka_unit_test(the_guard_forgets_the_reason_of_an_earlier_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
