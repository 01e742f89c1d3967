/* Flips of the first two blocks' order, both ways, for parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */

static void flips_of(const char *name, const sy_moments *m, const sy_question *q)
{
    sy_context ctx;
    sy_flip_options o;
    sy_share_flip_result r;
    sy_flip_ray ray = {.along = {-1, 0.5, 1}};
    sy_flip_benchmark like;
    sy_flip_turn turn[2];
    double direction[2], place[3], difference[9];
    const int third = q->blocks[2].terms[0];
    sy_context_init(&ctx);
    sy_flip_defaults(&o);
    for (o.first = 0; o.first < 2; o.first++) {
        o.second = 1 - o.first;
        if (sy_share_flip(&ctx, m, q, &o, &r, direction) < 0) die(&ctx);
        for (int set = 1; set < SY_FLIP_SETS; set++) {
            const sy_flip_point *p = &r.nearest[set];
            const double row[] = {p->at.a,    p->at.b,          p->at.c,          p->distance,
                                  p->limit_c, p->first_outcome, p->second_outcome};
            show(name, "flip", 7, row);
        }
        show(name, "flip low", 1, &r.distance_low);
        if (r.reversed) continue;
        sy_flip_places(0.9, 3, place);
        const sy_flip_grid grid = {
            .set = SY_FLIP_A + SY_FLIP_C, .third = 0.25, .n_x = 3, .n_y = 3, .x = place, .y = place};
        if (sy_share_flip_rays(&ctx, m, q, &o, NULL, 1, &ray) < 0 ||
            sy_share_flip_benchmarks(&ctx, m, q, &o, direction, 1, &third, &like) < 0 ||
            sy_share_flip_contours(&ctx, m, q, &o, direction, &grid, difference, NULL) < 0 ||
            sy_reliability_to_flip(&ctx, m, q, &o, &turn[0], 0, NULL, NULL) < 0 ||
            sy_shared_source_to_flip(&ctx, m, q, &o, 0, NULL, NULL, &turn[1], 0, NULL, NULL) < 0)
            die(&ctx);
        show(name, "flip ray", 4, (double[]){ray.crossing, ray.back, ray.limit, ray.at_limit});
        show(name, "flip like", 6,
             (double[]){like.at.a, like.at.b, like.at.c, like.difference, like.crossing, like.limit});
        show(name, "flip grid", 9, difference);
        for (int i = 0; i < 2; i++)
            show(name, "flip turn", 4, (double[]){turn[i].flip, turn[i].back, turn[i].limit, turn[i].at_limit});
    }
    sy_context_free(&ctx);
}
