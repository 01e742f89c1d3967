# SPDX-License-Identifier: GPL-3.0-only
"""submodels(), commonality() and dominance() of a result."""
import csv
import itertools
import os
import pickle

import numpy as np
import pandas as pd
import pytest
import steelyard as sy

REFERENCE = os.path.join(os.path.dirname(__file__), "..", "reference")
SWISS = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]


def read(name):
    with open(os.path.join(REFERENCE, name), newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def solve(name, outcome, terms):
    return sy.shares(pd.read_csv(os.path.join(REFERENCE, "data", f"{name}.csv")), outcome, terms, interval=None)


def inside(quantity):
    return quantity.split("[")[1].rstrip("]")


def found(s, quantity):
    what, names = quantity.split("[")[0], inside(quantity)
    if what == "common":
        c = s.commonality().set_index("players")["coefficient"]
        return c[" + ".join(names.split("+"))]
    if what == "r2":
        wanted = names.split("+")
        t = s.submodels()
        players = [p for p in t.columns if t[p].dtype == bool]
        return t[(t[players] == [p in wanted for p in players]).all(axis=1)]["r2"].iloc[0]
    if what == "complete":
        first, second = names.split(",")
        d = s.dominance("complete")
        values = {(row.first, row.second): row.value for row in d.itertuples()}
        return values[first, second] if (first, second) in values else 1 - values[second, first]
    c = s.dominance("conditional").contributions
    if what == "general":
        return c[c["player"] == names]["general"].iloc[0]
    size, player = names.split(",")
    return c[(c["player"] == player) & (c["others"] == int(size))]["contribution"].iloc[0]


@pytest.mark.parametrize("family, name, outcome, terms, count", [
    ("commonality", "mtcars", "mpg", ["wt", "hp", "qsec"], 7), ("dominance", "swiss", "Fertility", SWISS, 50),
    ("all_subsets", "swiss", "Fertility", SWISS, 31)])
def test_other_programs_numbers(family, name, outcome, terms, count):
    s = solve(name, outcome, terms)
    cases = [case for case in read("cases.csv") if case["family"] == family]
    assert len(cases) == count
    for case in cases:
        expected = float(case["expected"])
        assert abs(found(s, case["quantity"]) - expected) <= float(case["tol_rel"]) * (abs(expected) or 1), case


def test_printed_tables_to_their_digits():
    r = np.array([[1, .6, .3, .4, .5], [.6, 1, .8, .1, .3], [.3, .8, 1, .1, .1], [.4, .1, .1, 1, .5], [.5, .3, .1, .5, 1]])
    azen = sy.shares(sy.moments_from_correlation(r, 100, ["y", "x1", "x2", "x3", "x4"]), "y", ["x1", "x2", "x3", "x4"],
                     interval=None)
    tables = {"T19_azen_budescu_2003": azen, "T20_domir_mtcars": solve("mtcars", "mpg", ["am", "cyl", "carb"])}
    rows = [row for row in read("printed.csv") if row["table"] in tables]
    assert len(rows) == 48
    for row in rows:
        half = 0.5 * 10.0**-len(row["printed"].split(".")[1])
        assert abs(found(tables[row["table"]], row["quantity"]) - float(row["printed"])) <= half * (1 + 1e-9), row
    assert list(azen.dominance()["dominates"]) == ["x1", "x1", "x1", "", "", ""]


def test_submodels_are_regressions(councils, blocks):
    s = sy.shares(councils, "control", {key: blocks[key] for key in ("funding", "process", "delivery")},
                  adjust="deprivation_rank")
    t = s.submodels("terms")
    labels = [label for terms in s.provenance["blocks"].values() for label in terms]
    assert len(t) == 2**len(labels) and list(t.columns[:len(labels)]) == labels
    used = councils.dropna(subset=["control", *labels, *s.provenance["adjust"]])
    y = used["control"].to_numpy()
    for row in t.itertuples(index=False):
        columns = [label for label, there in zip(labels, row) if there] + list(s.provenance["adjust"])
        x = np.column_stack([np.ones(len(used)), (used[columns] - used[columns].mean()) / used[columns].std()])
        left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        r2 = 1 - left @ left / ((y - y.mean()) @ (y - y.mean()))
        assert row.r2 == pytest.approx(r2, abs=1e-12) and row.n_columns == len(columns)
        n = len(used)
        assert row.adjusted_r2 == pytest.approx(1 - (1 - r2) * (n - 1) / (n - 1 - len(columns)), abs=1e-12)


def test_commonality_is_inclusion_and_exclusion(swiss):
    s = sy.shares(swiss, "Fertility", {"work": "Agriculture + Education", "faith": "Catholic",
                                       "army": "Examination"}, interval=None)
    t, c = s.submodels(), s.commonality()
    names = ["work", "faith", "army"]
    v = {frozenset(p for p in names if row[p]): row["r2"] for row in t.to_dict("records")}
    everyone = frozenset(names)
    for size in (1, 2, 3):
        for chosen in itertools.combinations(names, size):
            expected = sum((-1)**(size - k) * (v[everyone] - v[everyone - frozenset(part)])
                           for k in range(1, size + 1) for part in itertools.combinations(chosen, k))
            row = c[c["players"] == " + ".join(chosen)].iloc[0]
            assert row["coefficient"] == pytest.approx(expected, abs=1e-14) and row["order"] == size
    assert c["coefficient"].sum() == pytest.approx(s.total, abs=1e-14)
    assert c["percent_of_explained"].sum() == pytest.approx(100, abs=1e-10)
    assert np.allclose(s.commonality(order=1)["coefficient"], s.blocks["unique"], atol=1e-14, rtol=0)
    assert len(s.commonality(order=2)) == 6 and len(s.commonality(order=99)) == 7


def test_general_contributions_are_shares(swiss):
    s = sy.shares(swiss, ["Fertility", "Education"], ["Agriculture", "Catholic", "Examination"], interval=None)
    d = s.dominance("general")
    assert list(d["outcome"].unique()) == ["Fertility", "Education"]
    general = d.contributions.groupby(["outcome", "player"], sort=False)["general"].first().to_numpy()
    assert np.allclose(general, s.blocks["share"], atol=1e-14, rtol=0)


def test_replicates_are_keyed_by_the_seed(swiss):
    s = sy.shares(swiss, "Fertility", ["Agriculture", "Catholic", "Examination"])
    one, again, other = (s.dominance(replicates=200, seed=k) for k in (1, 1, 2))
    assert one.to_frame().equals(again.to_frame()) and not one.to_frame().equals(other.to_frame())
    assert one.to_frame().equals(s.dominance(replicates=200).to_frame())
    assert (one["replicates"] == 200).all()
    assert np.allclose(one["p_first"] + one["p_second"] + one["p_neither"], 1)


def test_print(swiss):
    s = sy.shares(swiss, "Fertility", ["Education", "Catholic"], interval=None)
    assert str(s.commonality()) == """\
Commonality for Fertility: 2 blocks, 47 rows

players               coefficient  percent
Education                  0.3595     62.6
Catholic                   0.1339     23.3
Education + Catholic       0.0811     14.1

Of one block: what it explains uniquely; of several: what they explain in common, negative under suppression.
The coefficients of all sets add up to the total, 0.5745."""
    assert str(s.dominance("complete")).split("\n")[2:4] == [
        "first      second    dominates  first above  second above   tied",
        "Education  Catholic  Education        1.000         0.000  0.000"]


def test_they_pickle_and_stand_apart(swiss):
    s = sy.shares(swiss, "Fertility", ["Education", "Catholic"], interval=None)
    kept = pickle.loads(pickle.dumps(s))
    assert kept.commonality().to_frame().equals(s.commonality().to_frame())
    assert type(s.submodels()[["r2"]]) is pd.DataFrame


@pytest.mark.parametrize("call, text", [
    (lambda s: s.commonality(order=0), "order: 0 is not a whole number of 1 or more"),
    (lambda s: s.submodels("columns"), 'players: "columns" is not one of "blocks", "terms"'),
    (lambda s: s.dominance("total"), 'kind: "total" is not one of "complete", "conditional", "general"'),
    (lambda s: s.dominance(tolerance=-1), "tolerance: -1 is not between 0 and 1"),
    (lambda s: s.dominance(replicates=1), "replicates: 1 is not a whole number of 2 or more")])
def test_refusals(swiss, call, text):
    s = sy.shares(swiss, "Fertility", ["Education", "Catholic"], interval=None)
    with pytest.raises(sy.SteelyardError) as error:
        call(s)
    assert str(error.value) == text


def test_past_the_limit():
    names = [f"v{i}" for i in range(20)]
    s = sy.shares(sy.moments_from_correlation(np.eye(20), 100, names), "v0", names[1:], interval=None, bounds=False)
    with pytest.raises(sy.LimitError, match=r"19 blocks have 2\^19 submodels, a table of 4.19 MB; the limit is 2\^18"):
        s.submodels()
    with pytest.raises(sy.LimitError):
        s.commonality(order=1)
    with pytest.raises(sy.LimitError):
        s.dominance()


def test_a_line_a_block_is_drawn(swiss):
    pytest.importorskip("matplotlib").use("Agg")
    s = sy.shares(swiss, "Fertility", ["Education", "Catholic", "Examination"], interval=None)
    axis = s.plot("dominance")
    c = s.dominance("general").contributions
    lines = [line for line in axis.get_lines() if len(line.get_xdata()) == 3]
    assert [line.get_label() for line in lines] == ["Education", "Catholic", "Examination"]
    assert np.array_equal(np.concatenate([line.get_ydata() for line in lines]), c["contribution"])
