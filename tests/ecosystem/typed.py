# SPDX-License-Identifier: GPL-3.0-only
"""A user's script under mypy --strict: results have their classes, choices are
checked, and a misspelt choice or method is an error (each such line says so; an
ignore that ignores nothing is an error too)."""
import steelyard as sy

councils = sy.datasets.load("councils_2018_19")
blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
split: sy.Shares = sy.shares(councils, "control", blocks, interval="jackknife", missing="complete")
claim: sy.AtMost = split.at_most("funding", 0.07, metric="alone")
fit: sy.LinearFit = sy.fit_linear("control ~ spend_per_adult_gbp + easy_information", councils, covariance="HC3")
evidence: sy.Evidence = sy.weigh(councils, ["control"], blocks, label="council")
print(claim, fit.r2, evidence)

try:
    sy.shares(councils, "control", blocks, missing="ignore")  # type: ignore[arg-type]
except sy.SteelyardError as error:
    print(error)
try:
    split.atmost("funding", 0.07)  # type: ignore[attr-defined]
except AttributeError as error:
    print(error)
