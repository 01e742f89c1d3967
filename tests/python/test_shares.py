# SPDX-License-Identifier: GPL-3.0-only
"""shares(): published and reference numbers, identities, limits, claims."""
import itertools
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

ITEMS = ["quality_of_life", "adjusted_quality_of_life", "satisfaction", "control", "feel_safe", "social_contact",
         "services_keep_safe"]


def r2(frame, outcome, terms):
    x = np.column_stack([np.ones(len(frame))] + [frame[t] for t in terms])
    y = frame[outcome].to_numpy()
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return 1 - residual @ residual / ((y - y.mean()) @ (y - y.mean()))


def by_block(s, column):
    return s.blocks.set_index("block")[column]


def test_councils_control_gives_the_published_shares(councils, blocks):
    s = sy.shares(councils, "control", blocks)
    assert s.n == 147 and s.measure == "r2"
    assert round(s.total, 4) == 0.2689
    shares = by_block(s, "share").round(4)
    assert shares.to_dict() == {"funding": 0.0195, "process": 0.2061, "delivery": 0.0074, "need": 0.0359}
    funding = s.blocks.set_index("block").loc["funding"].astype(float).round(4)
    assert funding[["alone", "unique", "lowest", "highest"]].tolist() == [0.0312, 0.0048, 0.0016, 0.0450]
    assert round(by_block(s, "adjusted")["delivery"], 4) == -0.0046


def test_councils_quality_of_life_gives_the_published_shares(councils, blocks):
    s = sy.shares(councils, "quality_of_life", blocks, interval=None)
    assert round(s.total, 4) == 0.3036
    assert s.blocks["share"].round(4).tolist() == [0.0226, 0.2473, 0.0096, 0.0241]


def test_azen_and_budescu_by_hand():
    # Azen & Budescu 2003, doi:10.1037/1082-989X.8.2.129: correlations and general dominance as printed
    r = np.array([[1, .6, .3, .4, .5], [.6, 1, .8, .1, .3], [.3, .8, 1, .1, .1], [.4, .1, .1, 1, .5],
                  [.5, .3, .1, .5, 1]])
    m = sy.moments_from_correlation(r, n=300, names=["y", "x1", "x2", "x3", "x4"])
    s = sy.shares(m, "y", ["x1", "x2", "x3", "x4"], interval=None)
    assert s.blocks["share"].round(5).tolist() == [0.29218, 0.07586, 0.09491, 0.12140]
    assert round(s.total, 5) == 0.58435
    assert s.blocks["alone"].to_numpy() == pytest.approx([0.36, 0.09, 0.16, 0.25], abs=1e-14)


def test_shares_average_over_all_orders(people):
    terms = ["a", "b", "c", "count"]
    orders = list(itertools.permutations(terms))
    mean = dict.fromkeys(terms, 0.0)
    gains = {t: [] for t in terms}
    for order in orders:
        for i, t in enumerate(order):
            gain = r2(people, "y", order[:i + 1]) - r2(people, "y", order[:i])
            mean[t] += gain / len(orders)
            gains[t].append(gain)
    s = sy.shares(people, "y", terms, interval=None)
    assert by_block(s, "share").to_dict() == pytest.approx(mean, abs=1e-12)  # lstsq in double: 1e-14 a submodel
    assert by_block(s, "lowest").to_dict() == pytest.approx({t: min(g) for t, g in gains.items()}, abs=1e-12)
    assert by_block(s, "highest").to_dict() == pytest.approx({t: max(g) for t, g in gains.items()}, abs=1e-12)


def test_parts_add_to_the_whole(people):
    s = sy.shares(people, "y", {"one": "a + C(kind)", "two": "b*c"}, interval=None)
    assert s.blocks["share"].sum() == pytest.approx(s.total, abs=1e-14)
    assert s.blocks["percent_of_explained"].sum() == pytest.approx(100, abs=1e-11)
    inside = s.terms.groupby("block", sort=False)["share"].sum()
    assert inside.to_numpy() == pytest.approx(s.blocks["share"].to_numpy(), abs=1e-14)
    assert (s.blocks["common"] - (s.blocks["alone"] - s.blocks["unique"])).abs().max() < 1e-15


def test_adjust_takes_its_variance_first(people):
    s = sy.shares(people, "y", ["a", "b"], adjust="c", interval=None)
    assert s.total == pytest.approx(r2(people, "y", ["a", "b", "c"]) - r2(people, "y", ["c"]), abs=1e-13)
    assert s.provenance["adjust"] == ["c"]


def test_moments_and_rows_give_the_same_bits(people):
    m = sy.moments(people, ["y", "a", "b", "C(kind)"], cluster="region")
    from_rows = sy.shares(people, "y", ["a", "b", "C(kind)"], cluster="region")
    from_moments = sy.shares(m, "y", ["a", "b", "C(kind)"])
    pd.testing.assert_frame_equal(from_rows.to_frame(), from_moments.to_frame(), check_exact=True)
    assert from_rows.provenance["hash"] == from_moments.provenance["hash"] == m.hash


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_do_not_change_a_bit(people, threads):
    kwargs = dict(outcome="y", blocks=["a", "b", "c", "C(kind)"], cluster="region", interval="percentile",
                  replicates=300)
    one, many = sy.shares(people, **kwargs, threads=1), sy.shares(people, **kwargs, threads=threads)
    pd.testing.assert_frame_equal(one.to_frame(), many.to_frame(), check_exact=True)


def test_units_of_a_column_do_not_matter(people):
    moved = people.assign(a=people["a"] * 1000 + 1e9)
    s, t = sy.shares(people, "y", ["a", "b"], interval=None), sy.shares(moved, "y", ["a", "b"], interval=None)
    # the shift itself rounds the column to 1e9 * 1.1e-16 = 1e-7 of a spread of 1000
    assert t.blocks["share"].to_numpy() == pytest.approx(s.blocks["share"].to_numpy(), abs=1e-8)
    assert t.total > 0.2


def test_several_outcomes_share_complete_rows(councils, blocks):
    s = sy.shares(councils, ITEMS, blocks, interval=None)
    assert list(s.total.index) == ITEMS and s.n.nunique() == 1
    assert list(s.blocks.columns[:2]) == ["outcome", "block"] and len(s.blocks) == 7 * 4


def test_per_outcome_gives_each_outcome_its_own_rows(councils, blocks):
    s = sy.shares(councils, ITEMS, blocks, interval=None, missing="per-outcome")
    for item in ITEMS:
        alone = sy.shares(councils, item, blocks, interval=None)
        assert s.n[item] == alone.n and s.total[item] == alone.total


def test_funding_alone_over_seven_outcomes(councils):
    s = sy.shares(councils, ITEMS, ["spend_per_adult_gbp"], interval=None, missing="per-outcome")
    assert s.blocks["alone"].round(4).tolist() == [0.0377, 0.0127, 0.0271, 0.0312, 0.0092, 0.0835, 0.0182]
    without = sy.shares(councils[councils["council"] != "City of London"], ITEMS, ["spend_per_adult_gbp"],
                        interval=None, missing="per-outcome")
    assert without.blocks["alone"].round(4).tolist() == [0.0387, 0.0015, 0.0327, 0.0296, 0.0137, 0.0418, 0.0187]


def test_interval_kinds_answer_and_name_themselves(people):
    kinds = {"jackknife": "jackknife", "percentile": "percentile", "expanded": "expanded", "auto": "jackknife"}
    for asked, used in kinds.items():
        s = sy.shares(people, "y", ["a", "b"], cluster="region", interval=asked, replicates=200)
        assert s.provenance["interval"] == used and s.provenance["units"] == 30
        assert (s.blocks["conf_low"] < s.blocks["share"]).all() and (s.blocks["share"] < s.blocks["conf_high"]).all()
    for empty in (None, "none"):
        assert sy.shares(people, "y", ["a"], interval=empty).blocks["conf_low"].isna().all()


def test_kinds_of_interval_agree_on_the_spread(people):
    def spread(kind, **kwargs):
        s = sy.shares(people, "y", ["a", "b"], interval=kind, replicates=1000, **kwargs)
        widths = s.blocks["conf_high"] - s.blocks["conf_low"]
        return np.concatenate([s.blocks["std_error"], widths / 4])

    # 1000 replicates: a standard error is known to 2.2 %; 30 clusters: the two methods differ by order 1 / 30
    assert spread("percentile", cluster="region") == pytest.approx(spread("jackknife", cluster="region"), rel=0.15)
    assert spread("percentile") == pytest.approx(spread("jackknife"), rel=0.10)
    from_moments = sy.shares(sy.moments(people, ["y", "a", "b"]), "y", ["a", "b"]).blocks["std_error"]
    assert from_moments.to_numpy() == pytest.approx(spread("jackknife")[:2], rel=0.10)  # normal data


def test_auto_follows_the_data(people, councils):
    wide = pd.concat([people, people.assign(y=people["y"] + 0.1)], ignore_index=True)
    assert sy.shares(people, "y", ["a"]).provenance["interval"] == "jackknife"
    assert sy.shares(people, "y", ["a"]).provenance["units"] == 900
    assert sy.shares(wide, "y", ["a"]).provenance["interval"] == "influence"
    assert sy.shares(sy.moments(people, ["y", "a"]), "y", ["a"]).provenance["interval"] == "normal"


def test_influence_and_jackknife_agree_when_rows_are_many(people):
    one = sy.shares(people, "y", ["a", "b"], interval="jackknife").blocks["std_error"]
    two = sy.shares(people, "y", ["a", "b"], interval="influence").blocks["std_error"]
    # the two differ by terms of order 1 / n
    assert two.to_numpy() == pytest.approx(one.to_numpy(), rel=0.01)


def test_few_clusters_warn_once(people):
    few = people[people["region"].isin([f"r{i}" for i in range(10)])]
    with pytest.warns(sy.SteelyardWarning) as caught:
        s = sy.shares(few, "y", ["a", "b"], cluster="region")
    assert len(caught) == 1 and "few_clusters" in set(s.remarks["code"])
    assert caught[0].filename == __file__


def test_under_six_clusters_there_is_no_interval(people):
    few = people[people["region"].isin(["r1", "r2", "r3", "r4"])]
    with pytest.warns(sy.SteelyardWarning):
        s = sy.shares(few, "y", ["a"], cluster="region")
    assert s.provenance["interval"] == "none" and "interval_skipped" in set(s.remarks["code"])


def test_suppression_is_named_without_a_warning(recwarn):
    r = [[1, .5, 0], [.5, 1, .5], [0, .5, 1]]  # need does not go with y, but with funding, which does
    s = sy.shares(sy.moments_from_correlation(r, n=100, names=["need", "funding", "y"]), "y", ["need", "funding"],
                  interval=None)
    found = s.remarks[s.remarks["code"] == "suppression"]
    assert found["text"].tolist() == [
        "need explains more beside the others (unique .0833) than alone (.0000): suppression",
        "funding explains more beside the others (unique .3333) than alone (.2500): suppression"]
    assert "- need explains more beside the others" in repr(s) and not recwarn


def test_an_aliased_term_is_named(people):
    with pytest.warns(sy.SteelyardWarning, match="twice"):
        s = sy.shares(people.assign(twice=2 * people["a"]), "y", {"one": "a", "two": "twice + b"}, interval=None)
    assert "aliased" in set(s.remarks["code"])


def test_compare_is_the_difference(people):
    s = sy.shares(people, "y", ["a", "b"], cluster="region")
    row = s.compare("a", "b").iloc[0]
    share, error = by_block(s, "share"), by_block(s, "std_error")
    assert row["estimate"] == share["a"] - share["b"]
    assert row["conf_low"] < row["estimate"] < row["conf_high"] and 0 < row["p_value"] < 1
    assert abs(error["a"] - error["b"]) <= row["std_error"] <= error["a"] + error["b"]
    assert row["df"] == 29
    back = s.compare("b", "a").iloc[0]
    assert back["estimate"] == -row["estimate"] and back["std_error"] == row["std_error"]
    wide = s.compare("a", "b", level=0.99).iloc[0]
    assert wide["conf_low"] < row["conf_low"]


def test_compare_with_a_bootstrap_uses_its_replicates(people):
    s = sy.shares(people, "y", ["a", "b"], cluster="region", interval="percentile", replicates=400)
    row = s.compare("a", "b").iloc[0]
    assert np.isnan(row["p_value"]) and row["conf_low"] < row["estimate"] < row["conf_high"]
    assert row["std_error"] > 0


def test_at_most_has_three_answers(people):
    s = sy.shares(people, "y", ["a", "b"], cluster="region")
    share = by_block(s, "share")["a"]
    assert s.at_most("a", 0.9, metric="share").answer == "supported"
    assert s.at_most("a", 0.01, metric="share").answer == "contradicted"
    assert s.at_most("a", share, metric="share").answer == "undecided"
    both = s.at_most("a", 0.5, metric="share", of="explained variance")
    assert both.outcomes["estimate"][0] == pytest.approx(by_block(s, "percent_of_explained")["a"] / 100)


def test_at_most_over_outcomes_is_about_the_largest(councils, blocks):
    s = sy.shares(councils, ITEMS, blocks, missing="per-outcome")
    claim = s.at_most("funding", 0.07, metric="alone")
    assert claim.upper == claim.outcomes["upper"].max()
    assert claim.lower <= claim.outcomes["lower"].max()
    assert claim.answer == "undecided"


def test_results_pickle(people):
    s = sy.shares(people, ["y", "c"], ["a", "b"], cluster="region", interval="percentile", replicates=100)
    again = pickle.loads(pickle.dumps(s))
    pd.testing.assert_frame_equal(s.to_frame(), again.to_frame(), check_exact=True)
    assert repr(s) == repr(again)
    pd.testing.assert_frame_equal(s.compare("a", "b"), again.compare("a", "b"))


def test_results_are_read_only(people):
    s = sy.shares(people, "y", ["a", "b"], interval=None)
    frame = s.blocks
    frame.loc[0, "share"] = 99.0
    assert s.blocks.loc[0, "share"] < 1
    with pytest.raises(AttributeError):
        s.total = 1
    with pytest.raises(AttributeError):
        s.anything = 1


def test_long_frame_holds_every_metric(people):
    s = sy.shares(people, ["y", "c"], {"one": "a", "two": "b + C(kind)"}, interval=None)
    long = s.to_frame()
    assert len(long) == 2 * (1 + 9 * (2 + 3))
    assert list(long.columns) == ["outcome", "block", "term", "metric", "estimate", "std_error", "conf_low",
                                  "conf_high"]
    first = long.iloc[0]
    assert first["metric"] == "total" and first["estimate"] == s.total["y"]
    picked = long.query("outcome == 'y' and block == 'two' and term == '' and metric == 'unique'")["estimate"].item()
    assert picked == s.blocks.query("outcome == 'y' and block == 'two'")["unique"].item()


def test_provenance_names_what_was_done(councils, blocks):
    p = sy.shares(councils, "control", blocks, seed=5, level=0.9).provenance
    assert p["version"] == sy.__version__ and len(p["hash"]) == 16 and p["seed"] == 5 and p["level"] == 0.9
    assert p["rows_read"] == p["rows_used"] == p["n"] == 147 and p["rows_dropped"] == 0 and p["df"] == 146


def test_bounds_are_left_out_when_not_wanted(people):
    s = sy.shares(people, "y", ["a", "b"], bounds=False, interval=None)
    assert s.blocks["lowest"].isna().all() and "lowest" not in repr(s)
