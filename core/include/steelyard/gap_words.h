/* What a gap says in sentences, the same in every language.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_GAP_WORDS_H
#define STEELYARD_GAP_WORDS_H
#include "steelyard/gap.h"
#include "steelyard/gap_response.h"
#ifdef __cplusplus
extern "C" {
#endif

enum { SY_GAP_SENTENCES = 3, SY_SENTENCE_LENGTH = 640 };

/* How much goes with the blocks and with which most; what explained means by this
 * method and reference; what it does not mean. */
typedef struct {
    char sentence[SY_GAP_SENTENCES][SY_SENTENCE_LENGTH];
} sy_gap_words;

SY_API void sy_gap_say(const sy_design *design, const sy_gap_question *question, const sy_gap_result *result,
                       sy_gap_words *words);

/* by: a reference, or SY_N_GAP_RESPONSE_BY for the order-free parts. Of the event, or of the mean answer. */
SY_API void sy_gap_response_say(const sy_design *design, const sy_gap_response_question *question,
                                const sy_gap_response_summary *summary, const sy_gap_response_table *table,
                                sy_gap_response_by by, sy_gap_words *words);

#ifdef __cplusplus
}
#endif
#endif
