/* Linked to every file of tests: STEELYARD_TEST='pattern' runs the tests whose
 * names match ('*' and '?'), and no others.
 * SPDX-License-Identifier: GPL-3.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka asks for some of the above to come first */
#include <cmocka.h>

__attribute__((constructor)) static void pick(void)
{
    const char *pattern = getenv("STEELYARD_TEST");
    if (pattern) cmocka_set_test_filter(pattern);
}
