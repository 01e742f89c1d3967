# SPDX-License-Identifier: GPL-3.0-only
"""Shares against Python's dominance-analysis: the same made data, values and times side by side.

scripts/with-steelyard python3 tests/peers/dominance_python.py [predictors]
"""
import contextlib
import io
import statistics
import sys
import time
import types

import numpy as np
import pandas as pd
import steelyard as sy

try:
    # the rival still asks for what current NumPy, SciPy and scikit-learn have dropped
    import scipy.special
    import sklearn.datasets
    vars(np).setdefault("bool8", np.bool_)
    misc = types.ModuleType("scipy.misc")
    misc.factorial = scipy.special.factorial
    sys.modules.setdefault("scipy.misc", misc)
    if "load_boston" not in vars(sklearn.datasets):
        sklearn.datasets.load_boston = None
    from dominance_analysis import Dominance
except (ImportError, AttributeError) as reason:
    print(f"dominance-analysis cannot be imported ({reason}): skipped")
    sys.exit(0)

count = int(sys.argv[1]) if len(sys.argv) > 1 else 6
random = np.random.default_rng(20240601)
x = random.normal(size=(2700, count))
for j in range(1, count):
    x[:, j] = 0.5 * x[:, j - 1] + np.sqrt(0.75) * x[:, j]
names = [f"x{j}" for j in range(count)]
data = pd.DataFrame(x, columns=names)
data["y"] = x @ (0.3 / (1 + np.arange(count))) + random.normal(size=2700)


def timed(call):
    runs = []
    for _ in range(3):
        start = time.perf_counter()
        value = call()
        runs.append(time.perf_counter() - start)
        if runs[0] > 5:
            break
    return value, statistics.median(runs)


def rival():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        d = Dominance(data=data, target="y", objective=1, top_k=count)
        d.incremental_rsquare()
        stats = d.dominance_stats()
    return stats["Total Dominance"].reindex(names).to_numpy()


theirs, their_seconds = timed(rival)
ours, our_seconds = timed(lambda: sy.shares(data, "y", names, interval=None, bounds=False).blocks["share"].to_numpy())
print(pd.DataFrame({"rival": theirs, "steelyard": ours}, index=names))
apart = np.abs(theirs - ours).max()
print(f"largest difference {apart:.3g} (allowed 1e-10); rival {their_seconds:.4f} s, steelyard {our_seconds:.6f} s, "
      f"{their_seconds / our_seconds:.3g} times")
sys.exit(not apart <= 1e-10)
