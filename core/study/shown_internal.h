/* Numbers in the core's own texts.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SHOWN_INTERNAL_H
#define SYI_SHOWN_INTERNAL_H
#include "steelyard/shown.h"
#include <stddef.h>

/* With as many decimals as the error says, else with `decimals` (-1: four digits); "-" where there is no number; a
 * value that rounds to nothing has no sign. */
void syi_shown_number(char *text, size_t room, double value, double std_error, int decimals);
#endif
