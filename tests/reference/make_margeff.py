"""Average marginal effects that statsmodels says, frozen for tests/core/test_effects.c.

python3 tests/reference/make_margeff.py > tests/reference/margeff.csv
SPDX-License-Identifier: GPL-3.0-only
"""
import numpy as np
import pandas as pd
import statsmodels.api as sm

moore = pd.read_csv("tests/reference/data/moore.csv")
high = (moore.conformity > 12).astype(float)
x = sm.add_constant(pd.DataFrame({"partner": (moore.partner == "high").astype(float), "fscore": moore.fscore.astype(float)}))
options = dict(method="newton", maxiter=200, tol=1e-15, disp=0)
fits = {
    "logit": sm.Logit(high, x).fit(**options),
    "probit": sm.Probit(high, x).fit(**options),
    "poisson": sm.Poisson(moore.conformity.astype(float), x).fit(**options),
}
print("case,quantity,expected")
for name, fit in fits.items():
    for at in ("overall",):
        slope = fit.get_margeff(at=at)
        dummy = fit.get_margeff(at=at, dummy=True)
        for j, term in enumerate(("partner", "fscore")):
            print(f"{name},slope_{term},{slope.margeff[j]:.17g}")
            print(f"{name},slope_{term}_se,{slope.margeff_se[j]:.17g}")
        print(f"{name},dummy_partner,{dummy.margeff[0]:.17g}")
        print(f"{name},dummy_partner_se,{dummy.margeff_se[0]:.17g}")
    means = fit.get_margeff(at="mean")
    print(f"{name},mean_fscore,{means.margeff[1]:.17g}")
    print(f"{name},mean_fscore_se,{means.margeff_se[1]:.17g}")
