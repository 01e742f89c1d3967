#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-only
"""NIST's 31 data sets through the peers that are installed and steelyard:
a table of log relative errors, set by peer.

    python3 tests/peers/nist.py [--all]

A figure is the number of correct digits of the worst of a set's certified
quantities, held against their 40 digits and capped at 15; a quantity that a
peer refuses, drops or makes NaN counts 0. Every peer is called with its
defaults, on doubles, the way its manual shows; powers of x are built by the
peer's own formula where it has one. --all prints every quantity. R (Rscript)
runs nist.R, GSL nist_gsl.c, which is compiled on the fly; a peer that is
missing is named and left out."""
import csv
import decimal
import math
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NIST = os.path.join(HERE, "..", "reference", "nist")
CAP = 15
# set: power of the first column (0: an intercept), coefficients; Longley has six x of its own
LINEAR = {"Norris": (0, 2), "Pontius": (0, 3), "NoInt1": (1, 1), "NoInt2": (1, 1), "Filip": (0, 11),
          "Longley": (0, 7), "Wampler1": (0, 6), "Wampler2": (0, 6), "Wampler3": (0, 6), "Wampler4": (0, 6),
          "Wampler5": (0, 6)}
ANOVA = ["SiRstv", "SmLs01", "SmLs02", "SmLs03", "AtmWtAg", "SmLs04", "SmLs05", "SmLs06", "SmLs07", "SmLs08", "SmLs09"]
UNIVARIATE = ["PiDigits", "Lottery", "Lew", "Mavro", "Michelso", "NumAcc1", "NumAcc2", "NumAcc3", "NumAcc4"]
SETS = [(kind, name) for kind, names in (("lls", LINEAR), ("anova", ANOVA), ("univ", UNIVARIATE)) for name in names]


def read_set(kind, name):
    """Rows of numbers, as text, in the file's order of columns."""
    with open(os.path.join(NIST, kind, name + ".dat"), encoding="ascii") as file:
        lines = file.read().splitlines()
    start = 60 if kind != "univ" else lines.index(next(s for s in lines if s.split() == ["Data:", "Y"])) + 1
    rows = [line.split() for line in lines[start:]]
    return [row for row in rows if row and row[0].strip("-")]


def certified():
    with open(os.path.join(NIST, "certified.csv"), encoding="ascii") as file:
        table = {}
        for row in csv.DictReader(file):
            table.setdefault((row["kind"], row["set"]), {})[row["quantity"]] = row["exact_40_digits"]
        return table


def digits(found, exact):
    """LRE; None where there is nothing to compare (an infinite F)."""
    if exact == "Infinity":
        return None
    if found is None or not math.isfinite(found):
        return 0.0
    with decimal.localcontext() as context:
        context.prec = 60
        wanted, error = decimal.Decimal(exact), abs(decimal.Decimal(float(found)) - decimal.Decimal(exact))
        if error == 0:
            return float(CAP)
        relative = error / abs(wanted) if wanted != 0 else error
        return min(max(0.0, -float(relative.log10())), float(CAP))


def polynomial(numpy, x, first, p):
    return numpy.column_stack([x[:, 0] ** k for k in range(first, first + p)])


def design_of(numpy, kind, name, data):
    """y and the model matrix of a linear or an analysis of variance set."""
    if kind == "anova":
        groups = numpy.unique(data[:, 0])
        return data[:, 1], numpy.column_stack([numpy.ones(len(data))] + [data[:, 0] == g for g in groups[1:]])
    first, p = LINEAR[name]
    if name == "Longley":
        return data[:, 0], numpy.column_stack([numpy.ones(len(data)), data[:, 1:]])
    return data[:, 0], polynomial(numpy, data[:, 1:], first, p)


def named(kind, name, b, se, sse, tss, n):
    """Certified names for what a fit gives."""
    p = len(b)
    first = 0 if kind == "anova" else LINEAR[name][0]
    df1, df2, ssr = p - (first == 0), n - p, tss - sse
    f = ssr / df1 / (sse / df2) if sse > 0 else math.inf
    common = {"rsd": math.sqrt(sse / df2), "r2": ssr / tss, "F": f}
    if kind == "anova":
        return {**common, "ssb": ssr, "msb": ssr / df1, "ssw": sse, "msw": sse / df2}
    return {**common, "ssr": ssr, "msr": ssr / df1, "sse": sse, "mse": sse / df2,
            **{f"B{k + first}": v for k, v in enumerate(b)}, **{f"SE{k + first}": v for k, v in enumerate(se)}}


def numpy_peer():
    import numpy

    def run(kind, name, rows):
        data = numpy.array(rows, dtype=float)
        if kind == "univ":
            y = data[:, 0]
            d = y - y.mean()
            return {"mean": y.mean(), "sd": y.std(ddof=1), "r1": (d[1:] * d[:-1]).sum() / (d * d).sum()}
        y, x = design_of(numpy, kind, name, data)
        b = numpy.linalg.lstsq(x, y, rcond=None)[0]
        residual = y - x @ b
        sse = residual @ residual
        about = y if kind == "lls" and LINEAR[name][0] else y - y.mean()
        try:
            se = numpy.sqrt(numpy.diag(numpy.linalg.inv(x.T @ x)) * sse / (len(y) - len(b)))
        except numpy.linalg.LinAlgError:
            se = [math.nan] * len(b)
        return named(kind, name, b, se, sse, about @ about, len(y))

    return "numpy " + numpy.__version__, run


def statsmodels_peer(method):
    import numpy
    import statsmodels.api
    import statsmodels.stats.weightstats
    import statsmodels.tsa.stattools

    def run(kind, name, rows):
        data = numpy.array(rows, dtype=float)
        if kind == "univ":
            d = statsmodels.stats.weightstats.DescrStatsW(data[:, 0])
            return {"mean": d.mean, "sd": d.std_ddof(1), "r1": statsmodels.tsa.stattools.acf(data[:, 0], nlags=1)[1]}
        y, x = design_of(numpy, kind, name, data)
        fit = statsmodels.api.OLS(y, x.astype(float)).fit(method=method)
        intercept = kind == "anova" or LINEAR[name][0] == 0
        return named(kind, name, fit.params, fit.bse, fit.ssr, fit.centered_tss if intercept else fit.uncentered_tss,
                     len(y))

    return f"statsmodels {method}", run


def steelyard_peer():
    import numpy
    import pandas
    import steelyard

    def formula(kind, name, columns):
        if kind == "anova":
            return "y ~ C(x1)"
        if name == "Longley":
            return "y ~ " + " + ".join(columns[1:])
        first, p = LINEAR[name]
        powers = ["x1" if k == 1 else f"I(x1**{k})" for k in range(max(first, 1), first + p)]
        return "y ~ " + " + ".join(powers) + (" - 1" if first else "")

    def run(kind, name, rows):
        data = numpy.array(rows, dtype=float)
        if kind == "univ":
            one = steelyard.describe({"y": data[:, 0]}, ["y"]).iloc[0]
            return {"mean": one["mean"], "sd": one["sd"], "r1": one["autocorrelation_1"]}
        columns = ["y"] + [f"x{k}" for k in range(1, data.shape[1])]
        frame = pandas.DataFrame(data[:, ::-1] if kind == "anova" else data, columns=columns)
        fit = steelyard.fit_linear(formula(kind, name, columns), frame)
        found = named(kind, name, fit.params, fit.std_error, fit.rss, fit.tss, len(data))
        table = fit.anova(type=1).to_frame()
        ssr, df1 = table["sumsq"][:-1].sum(), table["df"][:-1].sum()
        found.update({"ssb": ssr, "msb": ssr / df1} if kind == "anova" else {"ssr": ssr, "msr": ssr / df1})
        return {**found, "r2": fit.r2, "rsd": fit.sigma, "F": fit.f}

    return "steelyard", run


def external(label, command, folder):
    """A peer that reads folder/sets.txt and prints kind,set,quantity,value."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise OSError((done.stderr.strip().splitlines() or ["failed"])[-1])
    found = {}
    for line in done.stdout.splitlines():
        kind, name, quantity, value = line.split(",")
        found.setdefault((kind, name), {})[quantity] = float("nan") if value in ("NA", "NaN") else float(value)
    return label, lambda kind, name, rows: found.get((kind, name), {})


def write_sets(folder):
    """Numbers as NIST prints them, y first; sets.txt: kind set rows columns first p."""
    with open(os.path.join(folder, "sets.txt"), "w", encoding="ascii") as index:
        for kind, name in SETS:
            rows = read_set(kind, name)
            rows = [row[::-1] for row in rows] if kind == "anova" else rows
            first, p = LINEAR.get(name, (0, 0))
            index.write(f"{kind} {name} {len(rows)} {len(rows[0])} {first} {p}\n")
            with open(os.path.join(folder, name + ".txt"), "w", encoding="ascii") as file:
                file.writelines(" ".join(row) + "\n" for row in rows)


def r_peer(folder, tolerance):
    if not shutil.which("Rscript"):
        raise OSError("Rscript is not installed")
    label = "R lm" if tolerance == "default" else "R lm tol=" + tolerance
    return external(label, ["Rscript", "--vanilla", os.path.join(HERE, "nist.R"), tolerance], folder)


def gsl_peer(folder):
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if not compiler:
        raise OSError("no C compiler")
    program = os.path.join(folder, "nist_gsl")
    command = [compiler, "-O2", os.path.join(HERE, "nist_gsl.c"), "-o", program, "-lgsl", "-lgslcblas", "-lm"]
    built = subprocess.run(command, capture_output=True, text=True)
    if built.returncode:
        raise OSError("GSL is not installed: " + (built.stderr.strip().splitlines() or [""])[0])
    return external("GSL multifit", [program], folder)


def peers(folder):
    makers = [("R", lambda: r_peer(folder, "default")), ("R", lambda: r_peer(folder, "1e-20")),
              ("statsmodels", lambda: statsmodels_peer("pinv")), ("statsmodels", lambda: statsmodels_peer("qr")),
              ("numpy", numpy_peer), ("GSL", lambda: gsl_peer(folder)), ("steelyard", steelyard_peer)]
    for name, make in makers:
        try:
            yield make()
        except (ImportError, OSError) as reason:
            print(f"{name}: left out ({reason})")


def score(run, kind, name, exact, every):
    try:
        found = run(kind, name, read_set(kind, name))
    except Exception as reason:  # a refusal counts 0, whatever the peer calls it
        if every:
            print(f"  {kind} {name}: {type(reason).__name__}: {reason}")
        return 0.0
    scores = {q: digits(found.get(q), value) for q, value in exact.items()}
    if every:
        print(f"  {name}: " + ", ".join(f"{q} {d:.1f}" for q, d in scores.items() if d is not None))
    return min(d for d in scores.values() if d is not None)


def main():
    every = "--all" in sys.argv[1:]
    exact = certified()
    with tempfile.TemporaryDirectory() as folder:
        write_sets(folder)
        columns = []
        for label, run in peers(folder):
            if every:
                print(label)
            columns.append((label, [score(run, kind, name, exact[kind, name], every) for kind, name in SETS]))
    widths = [max(len(label), 5) for label, _ in columns]
    print("set       " + "  ".join(f"{label:>{w}}" for (label, _), w in zip(columns, widths)))
    for i, (_, name) in enumerate(SETS):
        print(f"{name:<10}" + "  ".join(f"{scores[i]:>{w}.1f}" for (_, scores), w in zip(columns, widths)))
    for least in (10, 15):
        print(f"sets >= {least}".ljust(10) + "  ".join(f"{sum(s >= least - 0.05 for s in scores):>{w}}"
                                                        for (_, scores), w in zip(columns, widths)))


if __name__ == "__main__":
    main()
