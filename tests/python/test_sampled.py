# SPDX-License-Identifier: GPL-3.0-only
"""Shares where all submodels are too many: sampled orders; lowest and highest by leaf tables."""
import itertools
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import steelyard as sy


@pytest.fixture(scope="module")
def wide():
    random = np.random.default_rng(11)
    common = random.normal(size=(300, 1))
    data = pd.DataFrame(random.normal(size=(300, 40)) + 0.6 * common, columns=[f"x{i}" for i in range(40)])
    data["place"] = pd.Categorical(random.choice(["north", "south", "west"], 300))
    data["y"] = data[["x0", "x1", "x2"]].sum(axis=1) + random.normal(size=300) * 2 + (data.place == "west")
    return data


def names(count):
    return [f"x{i}" for i in range(count)]


def test_past_the_exact_limit_shares_are_sampled_and_say_so(wide):
    with pytest.warns(sy.SteelyardWarning, match="no intervals: the shares are sampled"):
        s = sy.shares(wide, "y", names(40))
    assert s.provenance["method"] == "sampled"
    assert s.provenance["mc_error"] == s.blocks["mc_error"].max() <= 0.001
    assert abs(s.blocks["share"].sum() - s.total) < 1e-12
    assert s.blocks["std_error"].isna().all() and s.blocks["lowest"].isna().all()
    assert list(s.remarks["code"]) == ["bounds_skipped", "sampled", "interval_skipped"]
    text = repr(s)
    assert f"Sampled: {s.provenance['orders']:.0f} orders of entry, seed 1." in text and "mc error" in text
    assert repr(pickle.loads(pickle.dumps(s))) == text


def test_sampled_shares_agree_with_exact_ones(wide):
    blocks = {"some": "x0 + x1 + place", "more": ["x2", "x3"], "one": "x4"}
    exact = sy.shares(wide, "y", blocks, interval=None)
    s = sy.shares(wide, "y", blocks, interval=None, method="sampled", tolerance=2e-4, seed=4)
    assert s.provenance["orders"] >= 1024 and "mc_error" not in exact.blocks
    for found, expected in ((s.blocks, exact.blocks), (s.terms, exact.terms)):
        assert (abs(found["share"] - expected["share"]) <= 5 * found["mc_error"] + 1e-12).all()
        np.testing.assert_allclose(found[["alone", "unique"]], expected[["alone", "unique"]], atol=1e-12)
    assert abs(s.total - exact.total) < 1e-14


def test_an_interval_by_name_takes_the_same_orders_again(wide):
    few = wide.iloc[:100]
    s = sy.shares(few, "y", names(5), method="sampled", interval="jackknife", permutations=1024)
    exact = sy.shares(few, "y", names(5), interval="jackknife")
    np.testing.assert_allclose(s.blocks["std_error"], exact.blocks["std_error"], rtol=0.05)


def test_bits_do_not_depend_on_threads(wide):
    first, again = (sy.shares(wide, "y", names(35), interval=None, threads=threads, tolerance=3e-4) for threads in (1, 3))
    pd.testing.assert_frame_equal(first.blocks, again.blocks, check_exact=True)


def test_groups_of_blocks_are_respected_past_the_table(wide):
    s = sy.shares(wide, "y", names(22), order=[names(1), names(22)[1:]], interval=None, bounds=False)
    assert s.provenance["method"] == "sampled"
    assert abs(s.blocks["share"][0] - s.blocks["alone"][0]) < 1e-12


@pytest.mark.parametrize("wrong", [{"tolerance": 0}, {"tolerance": -1}, {"tolerance": 1}, {"tolerance": float("nan")},
                                   {"tolerance": "small"}, {"permutations": 99}, {"permutations": 1.5},
                                   {"method": "guess"}])
def test_what_cannot_be_asked_is_refused(wide, wrong):
    with pytest.raises(sy.SteelyardError, match=f"^{next(iter(wrong))}: "):
        sy.shares(wide, "y", names(3), interval=None, **{"method": "sampled", **wrong})


def test_sampled_orders_do_not_show_lowest_and_highest(wide):
    with pytest.raises(sy.LimitError, match="^bounds: "):
        sy.shares(wide, "y", names(3), method="sampled", bounds=True)


def test_bounds_of_twenty_blocks_hold_every_increment_tried(wide):
    r = wide[[*names(20), "y"]].corr().to_numpy()
    plain = sy.shares(wide, "y", names(20), interval=None)
    assert plain.blocks["lowest"].isna().all()
    assert "with bounds asked for they take about" in plain.remarks["text"].iloc[0]
    s = sy.shares(wide, "y", names(20), interval=None, bounds=True)

    def explained(columns):
        inside = r[np.ix_(columns, columns)]
        return r[-1, columns] @ np.linalg.solve(inside, r[columns, -1]) if columns else 0.0

    random = np.random.default_rng(2)
    for j in (0, 7, 19):
        others = [i for i in range(20) if i != j]
        tried = [list(pair) for pair in itertools.combinations(others, 2)]
        tried += [[], others] + [list(random.permutation(others)[:k]) for k in range(1, 19) for _ in range(10)]
        gains = [explained([*columns, j]) - explained(columns) for columns in tried]
        assert s.blocks["lowest"][j] - 1e-12 <= min(gains) and max(gains) <= s.blocks["highest"][j] + 1e-12
    assert (s.blocks["lowest"] <= s.blocks["share"]).all() and (s.blocks["share"] <= s.blocks["highest"]).all()


def test_exact_results_are_as_before(wide):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        s = sy.shares(wide, "y", names(4))
    assert s.provenance["method"] == "exact" and s.provenance["orders"] == 0 and "Sampled" not in repr(s)
