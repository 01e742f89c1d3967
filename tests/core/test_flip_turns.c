/* Reliability-to-flip and shared-source-to-flip: planted noise and planted
 * response styles are found again, limits by hand, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "flips_world.h"

/* Noise that has to do with no column. */
static void own_noise(const world *w, double *noise)
{
    double all[5][ROWS];
    for (int c = MONEY; c <= Y; c++) {
        memcpy(all[c], w->x[c], sizeof all[0]);
        orthonormal(c, (const double(*)[ROWS])all, all[c]);
    }
    memcpy(noise, w->x[U], sizeof all[0]);
    orthonormal(5, (const double(*)[ROWS])all, noise);
}

/* Column c becomes its own sqrt(part) plus sign * sqrt(1 - part) of noise, both of
 * variance 1. */
static void add_noise(world *w, int c, double part, double sign, const double *noise)
{
    orthonormal(0, (const double(*)[ROWS])w->x, w->x[c]);
    for (int i = 0; i < ROWS; i++) w->x[c][i] = sqrt(part) * w->x[c][i] + sign * sqrt(1 - part) * noise[i];
}

static double difference_now(world *w)
{
    const sy_confounder none = {0, 0, 0};
    double shares[3];
    read_rows(w, SY_UNIT_NONE);
    check(w, sy_share_flip_at(&w->ctx, &w->m, &w->question, &w->o, NULL, 1, &none, shares));
    return shares[0] - shares[1];
}

/* A world in which `part` of the outcome is money: the truth before noise. */
static void open_truth(world *w, uint64_t seed, double part)
{
    open_world(w, seed);
    for (int i = 0; i < ROWS; i++) w->x[Y][i] += part * w->x[MONEY][i];
}

/* The part of money in the outcome at which both blocks share alike. */
static double even_part(uint64_t seed)
{
    double low = 0, high = 20;
    for (int i = 0; i < 60; i++) {
        world w;
        const double middle = (low + high) / 2;
        open_truth(&w, seed, middle);
        const int above = difference_now(&w) > 0;
        close_world(&w);
        if (above) low = middle;
        else high = middle;
    }
    return low;
}

/* Money measured with reliability .7: at .7 the difference is that of the true
 * column, in points of all outcome variance; where the truth is even the flip is
 * at .7. */
static void planted_noise_is_taken_off_again(void **state)
{
    (void)state;
    const double stated = 0.7;
    for (uint64_t seed = 1; seed <= 4; seed++)
        for (int even = 0; even < 2; even++) {
            world w;
            double noise[ROWS], found;
            sy_flip_turn turn;
            open_truth(&w, seed, even ? even_part(seed) : 0.2);
            const double truth = difference_now(&w);
            own_noise(&w, noise);
            add_noise(&w, MONEY, stated, 1, noise);
            const double measured = difference_now(&w);
            check(&w, sy_reliability_to_flip(&w.ctx, &w.m, &w.question, &w.o, &turn, 1, &stated, &found));
            assert_near(turn.difference, measured, 1e-12);
            assert_near(found, truth, 1e-10);
            assert_true(turn.limit < stated);
            if (even) assert_near(turn.flip, stated, 1e-8);
            close_world(&w);
        }
}

/* A style of a fifth of the variance of listening and of the outcome, which moves
 * listening the other way in every second world. */
static void planted_styles_are_taken_off_again(void **state)
{
    (void)state;
    static const int source[2] = {LISTEN, Y};
    const double part = 0.2;
    for (uint64_t seed = 1; seed <= 4; seed++)
        for (int even = 0; even < 2; even++) {
            world w;
            double style[ROWS], found;
            sy_flip_turn turn;
            const double loading[2] = {seed % 2 ? 1 : -1, 1};
            open_truth(&w, seed, even ? even_part(seed) : 0.2);
            const double truth = difference_now(&w);
            own_noise(&w, style);
            add_noise(&w, LISTEN, 1 - part, loading[0], style);
            add_noise(&w, Y, 1 - part, 1, style);
            difference_now(&w);
            check(&w, sy_shared_source_to_flip(&w.ctx, &w.m, &w.question, &w.o, 2, source, loading, &turn, 1, &part,
                                               &found));
            assert_near(found, truth, 1e-10);
            assert_true(turn.limit > part);
            if (even && loading[0] > 0 && turn.difference > 0) assert_near(turn.flip, part, 1e-8);
            if (loading[0] > 0) { /* the first block and the outcome are the source unless it is named */
                sy_flip_turn unnamed;
                check(&w, sy_shared_source_to_flip(&w.ctx, &w.m, &w.question, &w.o, 0, NULL, NULL, &unnamed, 0, NULL,
                                                   NULL));
                assert_memory_equal(&unnamed, &turn, sizeof turn);
            }
            close_world(&w);
        }
}

typedef struct {
    sy_block block[2];
    sy_question question;
    sy_moments m;
    sy_context ctx;
    sy_flip_options o;
} plain;

static void open_plain(plain *p, double xz, double xy, double zy)
{
    const double r[] = {1, xz, xy, xz, 1, zy, xy, zy, 1};
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

/* Without correlation between the two: funding's true share is .09 / rho, equal to
 * .25 at rho = .36; the least reliability is its R2 on the others, .09 / (1 - .25).
 * A source shared by process and outcome takes (.5 - m)^2 / (1 - m)^2 from the one
 * and divides the other's .09 by 1 - m: equal where (.5 - m)^2 = .09 (1 - m). */
static void turns_of_two_plain_columns_are_those_by_hand(void **state)
{
    (void)state;
    plain p;
    sy_flip_turn turn;
    char text[SY_FLIP_TEXT];
    open_plain(&p, 0, 0.5, 0.3);
    assert_true(sy_reliability_to_flip(&p.ctx, &p.m, &p.question, &p.o, &turn, 0, NULL, NULL) >= 0);
    assert_near(turn.flip, 0.36, 1e-12);
    assert_near(turn.limit, 0.12, 1e-11);
    assert_true(isnan(turn.back));
    sy_reliability_to_flip_sentence(&p.question, &p.o, "y", &turn, text);
    assert_string_equal(text,
                        "The order turns if the reliability of funding is .36 or less (the correlations allow .12 at "
                        "least).");
    assert_true(sy_shared_source_to_flip(&p.ctx, &p.m, &p.question, &p.o, 0, NULL, NULL, &turn, 0, NULL, NULL) >= 0);
    const double m = (0.91 - sqrt(0.91 * 0.91 - 4 * 0.16)) / 2;
    assert_near(turn.flip, m, 1e-12);
    sy_shared_source_to_flip_sentence(&p.question, &p.o, "y", &turn, text);
    assert_non_null(strstr(text, "The order of process and funding turns if .24 or more of the variance of each"));
    close_plain(&p);
}

/* Funding without any correlation never explains anything: no flip; the limit of
 * what x and y share is (1 + r) / 2, where (1 - m)^2 = (r - m)^2. */
static void no_flip_is_an_answer_with_its_limit(void **state)
{
    (void)state;
    plain p;
    sy_flip_turn turn;
    char text[SY_FLIP_TEXT];
    open_plain(&p, 0, 0.5, 0);
    assert_true(sy_shared_source_to_flip(&p.ctx, &p.m, &p.question, &p.o, 0, NULL, NULL, &turn, 0, NULL, NULL) >= 0);
    assert_near(turn.limit, 0.75, 1e-11);
    assert_true(isnan(turn.flip)); /* at m = r both explain nothing: a touch, after which process leads again */
    assert_true(turn.at_limit > 0);
    assert_true(sy_reliability_to_flip(&p.ctx, &p.m, &p.question, &p.o, &turn, 0, NULL, NULL) >= 0);
    assert_true(isnan(turn.flip) && turn.limit < 1e-9);
    sy_reliability_to_flip_sentence(&p.question, &p.o, "y", &turn, text);
    assert_non_null(strstr(text, "No reliability of funding turns the order, down to .000"));
    p.o.first = 1;
    p.o.second = 0;
    assert_true(sy_reliability_to_flip(&p.ctx, &p.m, &p.question, &p.o, &turn, 0, NULL, NULL) >= 0);
    assert_true(turn.reversed && turn.flip == 1);
    sy_reliability_to_flip_sentence(&p.question, &p.o, "y", &turn, text);
    assert_non_null(strstr(text, "funding does not explain more than process as measured"));
    close_plain(&p);
}

/* Past the limit there is no difference. */
static void beyond_the_limit_there_is_nothing(void **state)
{
    (void)state;
    plain p;
    sy_flip_turn turn;
    const double stated[3] = {1, 0.13, 0.11};
    double d[3];
    open_plain(&p, 0, 0.5, 0.3);
    assert_true(sy_reliability_to_flip(&p.ctx, &p.m, &p.question, &p.o, &turn, 3, stated, d) >= 0);
    assert_near(d[0], 0.16, 1e-15);
    assert_near(d[1], 0.25 - 0.09 / 0.13, 1e-13);
    assert_true(isnan(d[2]));
    close_plain(&p);
}

static void refused(world *w, sy_status status, sy_status expected, const char *words)
{
    assert_int_equal(status, expected);
    if (!strstr(w->ctx.message, words)) fail_msg("%s", w->ctx.message);
}

static void what_is_not_allowed_is_named(void **state)
{
    (void)state;
    world w;
    sy_flip_turn turn;
    double d;
    const double zero = 0, above = 1.1, one = 1, halves[2] = {0.5, 1};
    const int far = 99, two[2] = {Y, LISTEN};
    open_world(&w, 1);
    read_rows(&w, SY_UNIT_NONE);
    refused(&w, sy_reliability_to_flip(&w.ctx, &w.m, &w.question, &w.o, &turn, 1, &zero, &d), SY_EINVAL,
            "reliability = 0: a reliability lies above 0 and is at most 1");
    refused(&w, sy_reliability_to_flip(&w.ctx, &w.m, &w.question, &w.o, &turn, 1, &above, &d), SY_EINVAL,
            "reliability = 1.1");
    refused(&w, sy_shared_source_to_flip(&w.ctx, &w.m, &w.question, &w.o, 0, NULL, NULL, &turn, 1, &one, &d), SY_EINVAL,
            "part = 1");
    refused(&w, sy_shared_source_to_flip(&w.ctx, &w.m, &w.question, &w.o, 1, terms + U, NULL, &turn, 0, NULL, NULL),
            SY_EINVAL, "source: u is neither the outcome nor in a block nor among the adjusting terms");
    refused(&w, sy_shared_source_to_flip(&w.ctx, &w.m, &w.question, &w.o, 1, &far, NULL, &turn, 0, NULL, NULL),
            SY_EINVAL, "source: there is no term number 100");
    refused(&w, sy_shared_source_to_flip(&w.ctx, &w.m, &w.question, &w.o, 2, two, halves, &turn, 0, NULL, NULL),
            SY_EINVAL, "source: 0.5 for y; 1, or -1");
    refused(&w, sy_shared_source_to_flip(&w.ctx, &w.m, &w.question, &w.o, 1, two, NULL, &turn, 0, NULL, NULL),
            SY_EINVAL, "source: y alone shares nothing");
    w.o.first = -1;
    refused(&w, sy_reliability_to_flip(&w.ctx, &w.m, &w.question, &w.o, &turn, 0, NULL, NULL), SY_EINVAL,
            "first: there is no block number 0; there are 3");
    close_world(&w);
}

static sy_status whole_job(void *arg, void *answer)
{
    world *w = arg;
    sy_context ctx;
    sy_flip_turn turn[2];
    sy_context_init(&ctx);
    sy_status status = sy_reliability_to_flip(&ctx, &w->m, &w->question, &w->o, &turn[0], 0, NULL, NULL);
    if (status >= 0)
        status = sy_shared_source_to_flip(&ctx, &w->m, &w->question, &w->o, 0, NULL, NULL, &turn[1], 0, NULL, NULL);
    if (status >= 0) memcpy(answer, &turn[1].flip, sizeof turn[1].flip);
    sy_context_free(&ctx);
    return status;
}

static void no_allocation_failure_does_harm(void **state)
{
    (void)state;
    world w;
    open_world(&w, 1);
    read_rows(&w, SY_UNIT_NONE);
    assert_true(syi_survives_failing(whole_job, &w, sizeof(double)) > 10);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_noise_is_taken_off_again),
        cmocka_unit_test(planted_styles_are_taken_off_again),
        cmocka_unit_test(turns_of_two_plain_columns_are_those_by_hand),
        cmocka_unit_test(no_flip_is_an_answer_with_its_limit),
        cmocka_unit_test(beyond_the_limit_there_is_nothing),
        cmocka_unit_test(what_is_not_allowed_is_named),
        cmocka_unit_test(no_allocation_failure_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
