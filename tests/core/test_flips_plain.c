/* Share-flip by hand: two columns without correlation, and what is said of them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "steelyard.h"
#include <math.h>

static const int terms[] = {0, 1};

static void near_to(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

/* Columns without correlation, .5 and .3 with the outcome; s^2 = .66. */
typedef struct {
    sy_block block[2];
    sy_question question;
    sy_moments m;
    sy_context ctx;
    sy_flip_options o;
} plain;

static void open_plain(plain *p)
{
    static const double r[] = {1, 0, 0.5, 0, 1, 0.3, 0.5, 0.3, 1};
    static const char *const labels[] = {"process", "funding", "y"};
    memset(p, 0, sizeof *p);
    p->block[0] = (sy_block){"process", 1, terms};
    p->block[1] = (sy_block){"funding", 1, terms + 1};
    p->question = (sy_question){.outcome = 2, .n_blocks = 2, .blocks = p->block};
    sy_context_init(&p->ctx);
    sy_flip_defaults(&p->o);
    if (sy_moments_from_correlation(&p->ctx, 3, r, 100, labels, &p->m) < 0) fail_msg("%s", p->ctx.message);
}

static void close_plain(plain *p)
{
    sy_moments_free(&p->m);
    sy_context_free(&p->ctx);
}

/* U on process alone leaves (.5)^2 (1 - b^2): equal to .09 at b = .8. U on
 * funding and the outcome leaves (.3 sqrt(1 - t^2) + t^2 s)^2 where a = -t, c = t:
 * equal to .25 at the root of .66 u^2 + (.09 + 2 .5 s - ...) below. */
static void flips_of_two_plain_columns_are_those_by_hand(void **state)
{
    (void)state;
    plain p;
    sy_share_flip_result r;
    const double s = sqrt(0.66);
    open_plain(&p);
    assert_int_equal(sy_share_flip(&p.ctx, &p.m, &p.question, &p.o, &r, NULL), SY_NOTE_INTERVAL_SKIPPED);
    assert_non_null(strstr(p.ctx.remarks[0].text, "neither clusters nor rows to leave out"));
    assert_true(isnan(r.distance_low));
    near_to(r.first, 0.25, 1e-15);
    near_to(r.second, 0.09, 1e-15);
    near_to(r.nearest[SY_FLIP_B].distance, 0.8, 1e-12);
    near_to(r.nearest[SY_FLIP_B].at.b, 0.8, 1e-12);
    assert_true(isnan(r.nearest[SY_FLIP_A].distance));
    assert_true(isnan(r.nearest[SY_FLIP_C].distance));
    /* .3 sqrt(1 - u) = .5 - s u, u = t^2 */
    const double b = 0.09 - 2 * 0.5 * s, u = (-b - sqrt(b * b - 4 * 0.66 * 0.16)) / (2 * 0.66);
    const sy_flip_point *alone = &r.nearest[SY_FLIP_A + SY_FLIP_C];
    near_to(alone->distance, sqrt(u), 1e-10);
    near_to(alone->at.a, -sqrt(u), 1e-10);
    near_to(alone->at.c, sqrt(u), 1e-10);
    /* the outcome and U: w_y = -.3 t + t sqrt(1 - u) s; corr(f, y | U) = (.3 + t w_y) / ... */
    const double w = -0.3 * sqrt(u) + sqrt(u * (1 - u)) * s;
    near_to(alone->second_outcome, (0.3 + sqrt(u) * w) / sqrt((1 - u) * (1 - w * w)), 1e-9);
    near_to(alone->first_outcome, 0.5 / sqrt(1 - w * w), 1e-9);
    near_to(alone->limit_c, 1, 1e-15);
    close_plain(&p);
}

/* Along (0, t, t) the process has (.5 sqrt(1 - u) - u s)^2, u = t^2, which is .09
 * when the bracket is .3 and again when it is -.3. */
static void a_ray_that_returns_is_followed_by_hand(void **state)
{
    (void)state;
    plain p;
    sy_flip_ray ray = {.along = {0, 2, 2}};
    const double s = sqrt(0.66);
    open_plain(&p);
    assert_true(sy_share_flip_rays(&p.ctx, &p.m, &p.question, &p.o, NULL, 1, &ray) >= 0);
    const double b = 0.25 + 0.6 * s, u = (-b + sqrt(b * b + 4 * 0.66 * 0.16)) / (2 * 0.66);
    const double d = 0.25 - 0.6 * s, v = (-d + sqrt(d * d + 4 * 0.66 * 0.16)) / (2 * 0.66);
    near_to(ray.crossing, sqrt(u) / 2, 1e-12);
    near_to(ray.back, sqrt(v) / 2, 1e-12);
    near_to(ray.limit, 0.999 / 2, 1e-15);
    near_to(ray.second_outcome, 0.3 / sqrt(1 - u * pow(0.5 + sqrt(1 - u) * s, 2)), 1e-10);
    close_plain(&p);
}

/* U on funding alone takes from funding only; the other way round the order is
 * turned already. */
static void a_reversed_order_is_said_to_be_so(void **state)
{
    (void)state;
    plain p;
    sy_share_flip_result r;
    char text[SY_FLIP_TEXT];
    open_plain(&p);
    p.o.first = 1;
    p.o.second = 0;
    assert_true(sy_share_flip(&p.ctx, &p.m, &p.question, &p.o, &r, NULL) >= 0);
    assert_int_equal(r.reversed, 1);
    assert_true(r.nearest[SY_FLIP_ALL].distance == 0 && r.distance_low == 0);
    sy_share_flip_sentence(&p.question, &p.o, "y", &r, text);
    assert_string_equal(text,
                        "funding does not explain more than process as the data stand (.0900 against .2500): there "
                        "is no order to turn.");
    close_plain(&p);
}

static void sentences_say_what_is_needed(void **state)
{
    (void)state;
    plain p;
    sy_share_flip_result r;
    char text[SY_FLIP_TEXT];
    open_plain(&p);
    assert_true(sy_share_flip(&p.ctx, &p.m, &p.question, &p.o, &r, NULL) >= 0);
    sy_share_flip_sentence(&p.question, &p.o, "y", &r, text);
    assert_string_equal(
        text, "A confounder tied to funding and the outcome alone can turn the order: from .56 with each "
              "(funding -, y +); one that is also tied to process: from .34 with each (funding -, process +, y "
              "+). One that raises both blocks and the outcome: from .60 with each, without process from .89, "
              "where more of funding goes with a lower outcome.");
    r.nearest[SY_FLIP_A + SY_FLIP_C].distance = NAN;
    r.rising[0].crossing = NAN;
    r.distance_low = 0.1234;
    sy_share_flip_sentence(&p.question, &p.o, "y", &r, text);
    assert_non_null(
        strstr(text, "alone cannot turn the order; one that is also tied to process can: from .34 with each"));
    assert_non_null(strstr(text, "without process not at all"));
    assert_non_null(strstr(text, " It is certain at level .95 up to strengths of .12."));
    r.nearest[SY_FLIP_ALL].distance = NAN;
    sy_share_flip_sentence(&p.question, &p.o, "y", &r, text);
    assert_non_null(strstr(text, "No confounder of strengths up to 1.00 turns the order of process and funding."));
    close_plain(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flips_of_two_plain_columns_are_those_by_hand),
        cmocka_unit_test(a_ray_that_returns_is_followed_by_hand),
        cmocka_unit_test(a_reversed_order_is_said_to_be_so),
        cmocka_unit_test(sentences_say_what_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
