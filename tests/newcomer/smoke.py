# SPDX-License-Identifier: GPL-3.0-only
"""The installed package at work, most numbers in hexadecimal, one a line: what it takes from
GSL (distributions, root finding), from OpenBLAS (crossed groups of more than 64 levels) and from
neither. The same lines must come out wherever the package is installed."""
import numpy as np
import pandas as pd

import steelyard as sy


def say(name, table):
    numbers = pd.DataFrame(table).select_dtypes("number").to_numpy(dtype=float)
    for value in numbers.ravel():
        print(name, float(value).hex())


councils = sy.datasets.load("councils_2018_19")
s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
say("shares", s.to_frame())
print(s.at_most("funding", 0.07, metric="alone"))
say("linear", sy.fit_linear("control ~ spend_per_adult_gbp + easy_information", councils, covariance="HC3").to_frame())
say("printed", sy.r2_interval(0.07, 1114))

# two crossed groups of 90 and 80 levels: the dense part has more columns than the core's own code takes
row = np.arange(1800)
crossed = pd.DataFrame({"y": (row * 7919 % 1009) / 100.0 + row % 90 / 9.0, "x": row * 31 % 17,
                        "first": row % 90, "second": row * 13 % 101 % 80}).astype({"first": str, "second": str})
say("crossed", sy.fit_mixed("y ~ x + (1 | first) + (1 | second)", crossed).to_frame())
