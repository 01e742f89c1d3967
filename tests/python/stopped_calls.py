# SPDX-License-Identifier: GPL-3.0-only
"""Long calls of every family, each sent SIGINT at a moment drawn by lot; run by test_stop.py in a process of its own."""
import json
import os
import signal
import threading
import time

import numpy as np
import pandas as pd

import steelyard as sy
from steelyard import _core

NAMES = [f"x{i}" for i in range(31)]


def frame(n, councils):
    random = np.random.default_rng(5)
    x = random.normal(size=(n, 31)) + 0.5 * random.normal(size=(n, 1))
    data = pd.DataFrame(x, columns=NAMES)
    data["y"] = x[:, :4] @ [4, 3, 2, 1] + 3 * random.normal(size=n)
    data["z"] = data["y"] + random.normal(size=n)
    data["council"] = pd.Categorical.from_codes(random.integers(0, councils, n), [f"c{i}" for i in range(councils)])
    data["answer"] = random.choice(["worse", "same", "better"], n)
    data["step"] = np.clip(np.round(data["y"] / 5) + 2, 0, 4).astype(int)
    return data


few, many = frame(1500, 60), frame(400_000, 200)
none = {"interval": None, "threads": 1}
printed = np.round(np.corrcoef(few[["y", *NAMES[:9]]], rowvar=False), 2)
table = sy.moments_from_correlation(printed, n=400, names=["y", *NAMES[:9]], decimals=2)
by_council = sy.shares(few, "y", NAMES[:6], cluster="council", threads=1)
two = sy.shares(few, ["y", "z"], NAMES[:4], cluster="council", threads=1)
wide = sy.shares(few, "y", NAMES[:12], cluster="council", threads=1)
twenty = sy.shares(few, "y", NAMES[:20], cluster="council", bounds=False, threads=1)
fit = sy.fit_linear("y ~ x1 + x2", few, cluster="council", threads=1)
steps = " + ".join(["step ~ x0", *NAMES[1:20]])
stepped = {n: sy.fit_ordinal(steps, many[:n], threads=1) for n in (400_000, 2000)}


def kind(name, size):
    return sy.shares(few, "y", NAMES[:size(12, 3)], cluster="council", interval=name, replicates=size(50_000, 200),
                     threads=1).blocks


# Each takes size(long, short): the first to be stopped, the second to be answered before and afterwards.
FAMILIES = {
    "exact shares": lambda size: sy.shares(few, "y", NAMES[:size(30, 4)], bounds=False, **none).blocks,
    "sampled shares": lambda size: sy.shares(few, "y", NAMES[:size(31, 4)], method="sampled", tolerance=1e-9,
                                             permutations=size(9_000_000, 200), **none).blocks,
    "jackknife": lambda size: sy.shares(few, "y", NAMES[:size(25, 4)], bounds=False, cluster="council",
                                        interval="jackknife", threads=1).blocks,
    **{name: (lambda name: lambda size: kind(name, size))(name) for name in ("percentile", "bca", "bayes")},
    "dominance": lambda size: by_council.dominance(replicates=size(1_000_000, 99)),
    "crossvalidated": lambda size: sy.shares(few, "y", NAMES[:size(18, 4)], cluster="council", bounds=False, **none)
    .crossvalidated(),
    "permutation": lambda size: sy.permutation_test(few, "y", NAMES[:6], block="x1", permutations=size(900_000, 99),
                                                    threads=1),
    "rounding": lambda size: sy.shares(table, "y", NAMES[:size(9, 2)], **none).rounding(),
    "step-down": lambda size: (twenty if size(1, 0) else two).compare_all(
        adjust="romano-wolf", replicates=size(100_000, 200)),
    "ranks": lambda size: (twenty if size(1, 0) else two).ranks(replicates=size(100_000, 200)),
    "highest": lambda size: (wide if size(1, 0) else two).at_most("x1", 0.5, metric="highest"),
    "moments": lambda size: [sy.moments(many[:size(400_000, 500)], ["y", *NAMES], precision="double-double",
                                        cluster="council", threads=1) for _ in range(size(9, 1))][0],
    "linear": lambda size: sy.fit_linear("y ~ " + " + ".join(NAMES), many[:size(400_000, 500)],
                                         precision="double-double", threads=1),
    "ordinal": lambda size: [sy.fit_ordinal(steps, many[:size(400_000, 2000)], threads=1).params
                             for _ in range(size(30, 1))][0],
    "effects": lambda size: [stepped[size(400_000, 2000)].effects() for _ in range(size(9, 1))][0],
    "wild": lambda size: fit.wild("x1", replicates=size(9_000_000, 99)),
    "overview": lambda size: [sy.overview(many[:size(400_000, 1500)], ["answer"], better="better", worse="worse",
                                          by="council", threads=1) for _ in range(size(40, 1))][0],
    "describe": lambda size: sy.describe(many[:size(400_000, 500)], NAMES, lags=size(30, 1), threads=1),
}


def stop(call, delay):
    """What became of a call, CPU seconds from the signal on, and whether it was sent at all."""
    sent = []

    def send():
        sent.append(time.process_time())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(delay, send)
    timer.start()
    try:
        call(lambda long, short: long)
        told = "over too soon"
    except KeyboardInterrupt:
        told = "interrupted"
    took = time.process_time() - sent[0] if sent else 0
    timer.cancel()
    return told, took


random = np.random.default_rng(2024)
for name, call in FAMILIES.items():
    before = repr(call(lambda long, short: short))
    told, took = stop(call, random.uniform(0.02, 0.4))
    after = repr(call(lambda long, short: short))
    print(json.dumps({"name": name, "told": told, "took": took, "left": _core.live_bytes(), "same": after == before}),
          flush=True)
