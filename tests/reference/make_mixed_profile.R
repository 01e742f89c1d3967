# Profile likelihood limits of lme4, as test_mixed_inference.c holds them; run in the root of the repository.
# SPDX-License-Identifier: GPL-3.0-only
library(lme4)
options(digits = 12)
data_of <- function(name) read.csv(file.path("tests/reference/data", paste0(name, ".csv")))
limits <- function(model) {
    points <- suppressWarnings(profile(model, signames = FALSE, delta = 0.05))
    print(confint(points, level = 0.95))
}
limits(lmer(Reaction ~ Days + (Days | Subject), data_of("sleepstudy"), REML = FALSE))
limits(lmer(diameter ~ 1 + (1 | plate) + (1 | sample), data_of("penicillin"), REML = FALSE))
limits(lmer(Yield ~ 1 + (1 | Batch), data_of("dyestuff"), REML = FALSE))
