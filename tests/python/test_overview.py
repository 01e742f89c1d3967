# SPDX-License-Identifier: GPL-3.0-only
"""overview(): answers graded, limits, groups, threshold, steps, ranks, funnel."""
import pickle
import re

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

LEVELS = ["a lot worse", "worse", "no difference", "better", "a lot better"]
GOOD, BAD = ["better", "a lot better"], ["worse", "a lot worse"]


@pytest.fixture(scope="module")
def answers():
    """900 people of 22 councils: four indicators, five steps, weights."""
    random = np.random.default_rng(3)
    n = 900
    council = random.integers(0, 22, n)
    shift = random.normal(0, 0.3, 22)[council]
    d = pd.DataFrame({"council": np.char.add("c", council.astype(str)), "w": random.uniform(0.5, 2, n),
                      "area": np.where(np.arange(n) < 6, "tiny", np.where(council < 10, "north", "south"))})
    for name, mean in (("dignity", 0.9), ("control", 0.7), ("safe", 0.5), ("job", -0.6)):
        codes = np.digitize(random.normal(size=n) + shift + mean, [-2, -1.2, 0, 1])
        codes[random.random(n) < 0.05] = -1
        d[name] = pd.Categorical.from_codes(codes, LEVELS, ordered=True)
    for j in range(5):
        d[f"step{j}"] = (random.random(n) < 0.2 + 0.02 * j).astype(int)
    return d


def test_shares_are_those_of_value_counts(answers):
    t = sy.overview(answers, ["dignity", "job"], GOOD, BAD).table.set_index("indicator")
    for name in ("dignity", "job"):
        wanted = answers[name].value_counts(normalize=True)
        assert t.loc[name, "better"] == pytest.approx(wanted[GOOD].sum(), rel=1e-14)
        assert t.loc[name, "worse"] == pytest.approx(wanted[BAD].sum(), rel=1e-14)
        assert t.loc[name, ["better", "same", "worse"]].sum() == pytest.approx(1, rel=1e-14)
        assert t.loc[name, "n"] == answers[name].notna().sum() and t.loc[name, "missing"] == answers[name].isna().sum()
    assert (t["limits"] == "wilson").all()


def test_poet_2014_at_two_thirds():
    # Wilson limits by hand: p 0.74, n 2679, z 1.959964: (p + z2/2n -+ z sqrt(pq/n + z2/4n2)) / (1 + z2/n)
    items = pd.DataFrame({"item": [f"i{k}" for k in range(15)], "share": [0.74] * 8 + [0.68] * 3 + [0.66] * 2 + [0.3] * 2,
                          "n": 2679})
    o = sy.overview(items, "item", n="n", threshold=2 / 3)
    z, p, n = 1.9599639845400543, 0.74, 2679
    root = z * np.sqrt(p * (1 - p) / n + z * z / 4 / n**2)
    low, high = ((p + z * z / 2 / n + s * root) / (1 + z * z / n) for s in (-1, 1))
    assert o.table.loc[0, ["better_low", "better_high"]].tolist() == pytest.approx([low, high], rel=1e-12)
    holm = o.counts.set_index("method").loc["holm"]
    assert holm[["observed", "surely_above", "unsure", "surely_below"]].tolist() == [11, 8, 5, 2]
    assert holm[["lowest", "highest"]].tolist() == [8, 13]
    assert "on 11 of 15 indicators: surely on 8, surely not on 2, unsure on 5." in repr(o)
    assert "joint confidence on 8 to 13 of 15" in repr(o)


def test_sampling_design_widens_the_limits(answers):
    def width(**options):
        t = sy.overview(answers, "control", GOOD, **options).table.iloc[0]
        return t.better_high - t.better_low, t.limits, t.df
    people, clusters = width(), width(cluster="council")
    weighted = width(weights="w", weight_kind="sampling")
    assert clusters[0] > 1.2 * people[0] and weighted[0] > people[0]
    assert clusters[1:] == ("logit", 21) and weighted[1] == "logit" and people[1] == "wilson"


def test_groups_under_ten_are_hidden_everywhere(answers):
    o = sy.overview(answers, ["control", "job"], GOOD, BAD, by="area")
    tiny = o.groups[o.groups["group"] == "tiny"]
    assert (tiny["people"] == "<10").all() and tiny["hidden"].all()
    assert tiny[["n", "missing", "better", "better_low", "worse", "std_error", "n_effective"]].isna().all().all()
    assert o.to_frame().query("group == 'tiny'")["estimate"].isna().all()
    assert "tiny" not in set(o.ranks("job")["group"]) | set(o.funnel("job")["group"])
    assert (o.remarks["code"] == "hidden").sum() == 2
    open_ = sy.overview(answers, "control", GOOD, by="area", hide_below=0).groups
    assert not open_["hidden"].any() and open_["n"].notna().all()


def test_a_group_alone_is_the_overview_of_its_rows(answers):
    o = sy.overview(answers, "safe", GOOD, BAD, by="area", cluster="council")
    north = sy.overview(answers[answers["area"] == "north"], "safe", GOOD, BAD, cluster="council")
    columns = ["n", "missing", "better", "better_low", "better_high", "worse_high", "std_error", "df"]
    assert o.groups.set_index("group").loc["north", columns].tolist() == north.table.loc[0, columns].tolist()


def test_three_ways_to_say_better_agree(answers):
    number = answers["job"].cat.codes.astype(float).replace(-1, np.nan)
    d = answers.assign(job_number=number, job_yes=(number >= 3).where(number.notna()).astype(float),
                       job_text=answers["job"].astype(object))
    keys = ["n", "missing", "better", "better_low", "better_high"]
    wanted = sy.overview(d, "job", GOOD).table.loc[0, keys].tolist()
    for name, better in (("job_number", 3), ("job_number", [3, 4]), ("job_yes", None), ("job_text", GOOD),
                         ("job_text", {"job_text": GOOD})):
        assert sy.overview(d, name, better).table.loc[0, keys].tolist() == wanted


def test_rows_and_their_proportions_agree(answers):
    rows = sy.overview(answers, ["control", "job"], GOOD, by="area", threshold=0.5)
    cells = rows.groups.query("not hidden")[["group", "indicator", "better", "n"]]
    long = sy.overview(cells, "indicator", n="n", by="group", share="better")
    shown = rows.groups.query("not hidden").reset_index(drop=True)
    assert long.groups[["group", "indicator"]].equals(shown[["group", "indicator"]])
    assert np.allclose(long.groups["better_low"], shown["better_low"], rtol=1e-13)
    wide = cells[cells["indicator"] == "job"].rename(columns={"better": "job"})
    again = sy.overview(wide, "job", n="n", by="group")
    assert np.allclose(again.groups["better_high"], shown.query("indicator == 'job'")["better_high"], rtol=1e-13)


def test_steps_count_people(answers):
    names = [f"step{j}" for j in range(5)]
    o = sy.overview(answers, "job", GOOD)
    table = o.steps(names, 1)
    counts = answers[names].sum(axis=1)
    for k in range(6):
        assert table.loc[k, "exactly"] == pytest.approx((counts == k).mean(), abs=1e-15)
        assert table.loc[k, "or_more"] == pytest.approx((counts >= k).mean(), abs=1e-15)
    one = o.steps(names, 1, k=3)
    assert len(one) == 1 and one.loc[0, "or_more"] == table.loc[3, "or_more"]
    assert one.loc[0, "or_more_low"] < one.loc[0, "or_more"] < one.loc[0, "or_more_high"]


def test_councils_ranks_and_funnel(councils):
    o = sy.overview(councils.assign(people=400), ["control", "feel_safe"], n="people", by="council")
    ranks, funnel = o.ranks("control"), o.funnel("control")
    assert "percent" in set(o.remarks["code"]) and o.table.loc[0, "better"] < 1
    assert (ranks["lowest"] <= ranks["rank"]).all() and (ranks["rank"] <= ranks["highest"]).all()
    assert ranks["rank"].iloc[0] == 1 and len(ranks) == len(councils)
    assert (funnel["low_998"] < funnel["low_95"]).all() and (funnel["high_95"] < funnel["high_998"]).all()
    beyond = (funnel["better"] > funnel["high_998"]) | (funnel["better"] < funnel["low_998"])
    assert (funnel["outside"].str.contains("99.8") == beyond).all()
    assert funnel.attrs["overall"] == o.table.loc[0, "better"] and funnel.attrs["dispersion"] > 1
    sure = sy.overview(councils.assign(people=400_000), "control", n="people", by="council").ranks()
    assert (sure["highest"] - sure["lowest"]).mean() < (ranks["highest"] - ranks["lowest"]).mean() / 5


@pytest.mark.parametrize("outcomes, options, words", [
    ("controll", dict(better=GOOD), "^outcomes: .*control"), ("control", dict(better="beter"), "^better: .*better"),
    ("control", dict(), "^better: say which levels"), ("control", dict(better=3), "holds levels, not numbers"),
    ("control", dict(better=GOOD, worse=["better"]), "better and worse at once"),
    ("control", dict(better=GOOD, threshold=1.2), "^threshold = 1.2"),
    ("control", dict(better=GOOD, threshold=0), "^threshold = 0"),
    ("control", dict(better={"contrl": GOOD}), "^better: .*control"), ("w", dict(), "numbers other than 0 and 1"),
    ("control", dict(better=GOOD, weights="w"), "^weight_kind: weights need their kind"),
    ("control", dict(better=GOOD, weights="w", weight_kind="analytic"), "no meaning for shares"),
    ("control", dict(better=GOOD, cluster="council", interval="exact"), "takes no account of clusters"),
    ("control", dict(better=GOOD, hide_below=-1), "^hide_below = -1"), ([], dict(), "^outcomes: name at least one"),
    (["job", "job"], dict(better=GOOD), "given twice"), ("control", dict(better=GOOD, share="w"), "^share: goes with n"),
    ("control", dict(better=GOOD, by="aera"), "^by: .*area"), ("control", dict(better=GOOD, level=1), "^level = 1")])
def test_bad_arguments_are_named(answers, outcomes, options, words):
    with pytest.raises(sy.SteelyardError, match=words):
        sy.overview(answers, outcomes, **options)


@pytest.mark.parametrize("change, words", [
    (dict(n=[100, np.nan]), "n: row 2 is missing"), (dict(n=[100, -5]), "n: row 2 is -5"),
    (dict(n=[100, 0]), "n: row 2 is 0"), (dict(share=[0.5, -0.1]), "row 2 is -0.1; a share lies between 0 and 1"),
    (dict(share=[np.nan, np.nan]), "every value is missing"), (dict(share=[500, 0.1]), "row 1 is 500")])
def test_bad_shares_are_named(change, words):
    d = pd.DataFrame({"share": [0.5, 0.6], "n": [100, 200], "area": ["a", "b"], **{}}).assign(**change)
    with pytest.raises(sy.DataError, match=words):
        sy.overview(d, "share", n="n", by="area")


def test_impossible_questions_are_named(answers):
    with pytest.raises(sy.DataError, match="job: every value is missing"):
        sy.overview(answers.assign(job=pd.Categorical([None] * 900, LEVELS)), "job", GOOD)
    o = sy.overview(answers, ["job", "safe"], GOOD)
    for call, words in ((o.ranks, "has no groups"), (lambda: o.steps("step0", "1", k=9), "^k: 9"),
                        (lambda: sy.overview(answers, ["job", "safe"], GOOD, by="area").ranks(), "^outcome: say which"),
                        (lambda: sy.overview({"i": ["a", "a"], "share": [.1, .2], "n": [5, 6]}, "i", n="n"),
                         "stands twice; by tells groups apart"),
                        (lambda: sy.overview({"i": ["a"], "share": [.1], "n": [5]}, "i", n="n").steps("i", 1), "^steps")):
        with pytest.raises(sy.SteelyardError, match=words):
            call()


def test_printing_and_copies(answers):
    o = sy.overview(answers, ["dignity", "job"], GOOD, BAD, by="area", threshold=0.5, cluster="council")
    text = repr(o)
    assert text.startswith("Overview of 2 indicators, 900 rows\n\nindicator") and re.search("\ntiny +<10 +<10\n", text)
    assert "Limits (95 %): by clusters, logit scale" in text and "Groups by area: 3, 1 hidden" in text
    assert "<table>" in o._repr_html_() and "&lt;10" in o._repr_html_()
    o.table.loc[0, "better"] = 7
    assert o.table.loc[0, "better"] < 1 and repr(pickle.loads(pickle.dumps(o))) == text
    assert o.provenance["by"] == "area" and o.claim["holm"].isin(["surely above", "unsure", "surely below"]).all()
