/* How many decimals of an estimate are worth printing.
 *
 * The error written as d.d x 10^e, already rounded to its two digits, has its
 * second digit at decimal 1 - e. The exponent is read off that writing, not off
 * a logarithm: 0.0996 is 0.10 in two digits, and a logarithm at a power of ten
 * may fall on either side. Reference: JCGM 100:2008 (GUM), 7.2.6: two
 * significant digits of an uncertainty at most, and the estimate rounded to
 * them. Cost: one conversion to text.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/shown_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int sy_shown_decimals(double std_error)
{
    char digits[32];
    if (!isfinite(std_error) || !(std_error > 0)) return -1;
    syi_say(digits, sizeof digits, "%.1e", std_error);
    const long decimals = 1 - strtol(strchr(digits, 'e') + 1, NULL, 10);
    return decimals < 0 ? 0 : decimals > SY_MOST_DECIMALS ? SY_MOST_DECIMALS : (int)decimals;
}

void syi_shown_number(char *text, size_t room, double value, double std_error, int decimals)
{
    const int own = sy_shown_decimals(std_error);
    if (isnan(value)) syi_say(text, room, "-");
    else if (own < 0 && decimals < 0) syi_say(text, room, "%.4g", value);
    else syi_say(text, room, "%.*f", own < 0 ? decimals : own, value);
    if (text[0] == '-' && text[1] && strspn(text + 1, "0.") == strlen(text + 1)) memmove(text, text + 1, strlen(text));
}
