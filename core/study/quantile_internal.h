/* Order statistics without sorting.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_QUANTILE_INTERNAL_H
#define SYI_QUANTILE_INTERNAL_H

/* Copies what is not NaN; its number. */
int syi_without_nan(int n, const double *x, double *out);

/* Type 7 quantile, linear between order statistics at place (n - 1) p [Hyndman &
 * Fan 1996, doi:10.1080/00031305.1996.10473566]; x [n] is put into another order.
 * Cost: about 3 n. */
double syi_quantile(int n, double *x, double p);
#endif
