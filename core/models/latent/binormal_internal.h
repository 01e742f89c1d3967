/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_BINORMAL_INTERNAL_H
#define SYI_BINORMAL_INTERNAL_H

double syi_normal_density(double x);
double syi_normal_below(double x);

/* Density of the standard bivariate normal at (a, b), |rho| < 1; 0 at infinity. */
double syi_binormal_density(double a, double b, double rho);
/* Its derivatives by rho and by a. */
double syi_binormal_density_rho(double a, double b, double rho);
double syi_binormal_density_a(double a, double b, double rho);

/* P(X <= a, Y <= b); a and b may be infinite, |rho| <= 1. About 2e-16 absolute. */
double syi_binormal_below(double a, double b, double rho);
#endif
