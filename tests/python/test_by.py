# SPDX-License-Identifier: GPL-3.0-only
"""shares(by=): the question inside each level, tests of the levels' differences."""
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

BLOCKS = {"one": "a + c", "two": "b"}


def test_each_level_is_the_question_to_its_rows(people):
    sb = sy.shares(people, ["y", "c"], ["a", "b"], by="kind", cluster="region", weights=people["weight"],
                   weight_kind="sampling")
    assert sb.levels == ["direct", "managed", "own"] and list(sb) == sb.levels
    for level in sb:
        part = people[people["kind"] == level]
        alone = sy.shares(part, ["y", "c"], ["a", "b"], cluster="region", weights="weight", weight_kind="sampling")
        pd.testing.assert_frame_equal(sb[level].to_frame(), alone.to_frame(), check_exact=True)
    blocks = sb.blocks
    assert list(blocks.columns[:3]) == ["level", "outcome", "block"] and len(blocks) == 12
    assert list(sb.total.columns) == ["y", "c"] and sb.total.loc["own", "c"] == sb["own"].total["c"]


def test_levels_that_share_clusters_are_resampled_together(people):
    sb = sy.shares(people, "y", BLOCKS, by="kind", cluster="region")
    regions, levels = sorted(people["region"].unique()), sb.levels

    def shares_without(region):
        part = people[people["region"] != region]
        return np.array([sy.shares(part[part["kind"] == level], "y", BLOCKS, cluster="region",
                                   interval=None).blocks["share"] for level in levels])

    whole = np.array([sb[level].blocks["share"] for level in levels])
    moves = np.array([shares_without(region) for region in regions]) - whole
    moves *= np.sqrt((len(regions) - 1) / len(regions))
    differences = moves[:, 1:] - moves[:, :1]
    found = sb.compare().set_index(["block", "first"])
    for b, block in enumerate(["one", "two"]):
        for k, level in enumerate(levels[1:]):
            row = found.loc[(block, level)]
            assert row["estimate"] == pytest.approx(whole[k + 1, b] - whole[0, b], abs=1e-15)
            assert row["std_error"] == pytest.approx(np.sqrt((differences[:, k, b]**2).sum()), rel=1e-10)
            assert row["df"] == 29
        d, v = whole[1:, b] - whole[0, b], differences[:, :, b].T @ differences[:, :, b]
        test = sb.test().set_index("block").loc[block]
        assert test["statistic"] == pytest.approx(d @ np.linalg.solve(v, d) / 2 * 28 / 29, rel=1e-9)
        assert (test["df1"], test["df2"]) == (2, 28)


def test_rows_of_different_levels_are_independent(people):
    sb = sy.shares(people, "y", BLOCKS, by="kind")
    assert sb["own"].provenance["interval"] == "jackknife"
    errors = {level: sb[level].blocks["std_error"] for level in sb}
    found = sb.compare(metric="share")
    for row in found.itertuples():
        b = ["one", "two"].index(row.block)
        assert row.second == "direct"
        assert row.std_error == pytest.approx(np.hypot(errors[row.first][b], errors["direct"][b]), rel=1e-14)
    adjusted = sb.compare(metric="adjusted", level=0.5)
    assert (adjusted["conf_high"] - adjusted["conf_low"] < found["conf_high"] - found["conf_low"]).all()


def test_two_levels_give_t_squared(people):
    sb = sy.shares(people, "y", BLOCKS, by=people["a"] > 0, cluster="region")
    assert sb.by == "by" and sb.levels == ["FALSE", "TRUE"]
    assert list(sb.test()["statistic"]) == pytest.approx(list(sb.compare()["statistic"]**2), rel=1e-12)
    assert list(sb.test()["p_value"]) == pytest.approx(list(sb.compare()["p_value"]), rel=1e-9)




def test_it_prints_levels_then_tests(people):
    d = people.copy()
    d.loc[4, "kind"] = None
    sb = sy.shares(d, "y", BLOCKS, by="kind", cluster="region")
    lines = repr(sb).split("\n")
    assert lines[:5] == ["Shares by kind: 3 levels", "", "kind = direct", "", repr(sb["direct"]).split("\n")[0]]
    assert "Rows without kind: 1, in no level." in lines
    at = lines.index("Differences of shares, each level less direct (95 % limits; the same clusters are left out of all "
                     "levels):")
    assert lines[at + 2].split() == ["block", "kind", "difference", "std", "error", "low", "high", "p"]
    assert lines[at + 8] == "All levels equal:" and lines[at + 10].split() == ["block", "F", "df1", "df2", "p"]
    assert lines[-1] == "Shares are points of all outcome variance; association, not effect."
    assert repr(sb).count("Shares are points") == 1
    assert repr(pickle.loads(pickle.dumps(sb))) == repr(sb)
    rows = sy.shares(d, ["y", "c"], ["a", "b"], by="kind", interval=None)
    assert ("No test of the levels' differences: interval: kind = direct has no standard errors; ask shares() for an "
            "interval") in repr(rows)


def test_what_cannot_be_split_is_refused(people):
    def refused(words, **given):
        with pytest.raises(sy.SteelyardError, match=words):
            sy.shares(**{"data": people, "outcome": "y", "blocks": ["a", "b"], **given})

    refused("^by: there is no kid; the nearest name is kind", by="kid")
    refused('^by: "a" is also among the terms', by="a")
    refused("^by: every row has the same same, 1; at least two", data=people.assign(same=1), by="same")
    refused("^by: every row has no none; at least two", data=people.assign(none=np.nan), by="none")
    refused("^by: a vector of 2 values was given for 900 rows", by=[1, 2])
    refused("^weights: a vector of 2 values was given for 900 rows", by="kind", weights=[1, 2], weight_kind="analytic")
    refused("^by: moments cannot be split by rows", data=sy.moments(people, ["y", "a", "b"]), by="kind")
    refused("^by: a fit cannot be split by rows", data=sy.fit_linear("y ~ a + b", people), outcome=None, blocks=None,
            by="kind")
    few = people.assign(kind=np.where(np.arange(900) < 3, "rare", people["kind"]))
    with pytest.raises(sy.DataError, match="^by: kind = rare: "):
        sy.shares(few, "y", ["a", "b", "c"], by="kind")
    sb = sy.shares(people, "y", ["a", "b"], by="kind", interval=None)
    for ask in (sb.compare, sb.test):
        with pytest.raises(sy.SteelyardError, match="^interval: kind = direct has no standard errors"):
            ask()
    with pytest.raises(sy.SteelyardError, match="^level: there is no owm; the nearest name is own"):
        sb["owm"]


def test_every_rule_of_the_question_holds_inside_the_levels(people):
    d = people.assign(area=people["region"].str[1:].astype(int) % 3)
    given = {"outcome": ["y", "c"], "blocks": {"one": "a", "two": "b", "three": "count"}, "adjust": "C(region) + weight",
             "order": [["two"], ["one", "three"]], "level": 0.9, "missing": "per-outcome"}
    sb = sy.shares(d, by="kind", cluster=d["region"].to_numpy(), strata=d["area"],
                   **{**given, "adjust": "C(cluster) + weight"})
    for level in sb:
        part = d[d["kind"] == level]
        alone = sy.shares(part, cluster="region", strata="area", **given)
        assert list(sb[level].blocks["share"]) == list(alone.blocks["share"])
        assert list(sb[level].blocks["conf_low"]) == list(alone.blocks["conf_low"])
        assert sb[level].provenance["order"] == given["order"]
    found = sb.compare()
    assert list(found.columns[:4]) == ["outcome", "block", "first", "second"] and len(found) == 12
    assert (found["df"] == 27).all() and found["std_error"].notna().all()
    assert (sb.test()["df2"] == 26).all()


def test_a_population_is_that_of_each_level(people):
    d = people.assign(half=np.where(people["c"] > 0, "up", "down"))
    sb = sy.shares(d, "y", ["a", "b"], by="kind", population={"half": {"up": 0.7}})
    for level in sb:
        alone = sy.shares(d[d["kind"] == level], "y", ["a", "b"], population={"half": {"up": 0.7}})
        assert list(sb[level].blocks["share"]) == list(alone.blocks["share"])
    assert sb.compare()["std_error"].notna().all()
