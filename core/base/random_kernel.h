/* Philox on K_LANES blocks at a time, one a 64-bit lane; see random.c.
 * SPDX-License-Identifier: GPL-3.0-only */

K_TARGET static void K_NAME(const uint32_t counter[4], const uint32_t key[2], uint32_t *out)
{
    const K_V m0 = K_SET(multiplier[0]), m1 = K_SET(multiplier[1]);
    for (uint32_t first = 0; first < BLOCKS; first += K_LANES) {
        uint64_t lane[4][K_LANES];
        uint32_t k0 = key[0], k1 = key[1];
        for (uint32_t l = 0; l < K_LANES; l++) lane[0][l] = counter[0] + first + l;
        K_V c0 = K_LOAD(lane[0]), c1 = K_SET(counter[1]), c2 = K_SET(counter[2]), c3 = K_SET(counter[3]);
        for (int round = 0; round < 10; round++) {
            const K_V a = K_MUL(m0, c0), b = K_MUL(m1, c2);
            c0 = K_XOR(K_XOR(K_HIGH(b), c1), K_SET(k0));
            c1 = b;
            c2 = K_XOR(K_XOR(K_HIGH(a), c3), K_SET(k1));
            c3 = a;
            k0 += weyl[0];
            k1 += weyl[1];
        }
        K_STORE(lane[0], c0);
        K_STORE(lane[1], c1);
        K_STORE(lane[2], c2);
        K_STORE(lane[3], c3);
        for (uint32_t l = 0; l < K_LANES; l++)
            for (int w = 0; w < 4; w++) *out++ = (uint32_t)lane[w][l];
    }
}
#undef K_TARGET
#undef K_NAME
#undef K_LANES
#undef K_V
#undef K_SET
#undef K_LOAD
#undef K_STORE
#undef K_MUL
#undef K_HIGH
#undef K_XOR
