# SPDX-License-Identifier: GPL-3.0-only
"""describe(): against pandas, and NIST's autocorrelation."""
import numpy as np
import pandas as pd
import pytest

import steelyard as sy


def test_numbers_agree_with_pandas(people):
    d = sy.describe(people, ["y", "count", "a"], lags=2)
    assert d["term"].tolist() == ["y", "count", "a"] and d["level"].tolist() == ["", "", ""]
    for _, row in d.iterrows():
        x = people[row["term"]]
        expected = [x.count(), x.mean(), x.std(), x.min(), x.median(), x.max()]
        assert row[["n", "mean", "sd", "lowest", "median", "highest"]].tolist() == pytest.approx(expected, rel=1e-13)
        centred = x - x.mean()
        for lag in (1, 2):
            wanted = (centred[lag:].to_numpy() * centred[:-lag].to_numpy()).sum() / (centred**2).sum()
            assert row[f"autocorrelation_{lag}"] == pytest.approx(wanted, abs=1e-13)


def test_missing_rows_of_one_column_do_not_touch_another(people):
    d = sy.describe(people.assign(a=people["a"].mask(people.index < 40)), ["a", "b"]).set_index("term")
    assert d.loc["a", "missing"] == 40 and d.loc["a", "n"] == 860 and d.loc["b", "n"] == 900


def test_a_factor_gives_a_row_a_level(people):
    d = sy.describe(people, ["C(kind)"], lags=0)
    assert d["level"].tolist() == ["direct", "managed", "own"]
    assert d["mean"].to_numpy() == pytest.approx(people["kind"].value_counts(normalize=True).sort_index().to_numpy())
    assert not any(c.startswith("autocorrelation") for c in d.columns)
    products = sy.describe(people, ["C(kind):a"], lags=0)
    assert products["level"].tolist() == ["direct", "managed", "own"]


def test_nist_numacc4_by_hand():
    # NIST StRD NumAcc4, certified: mean 10000000.2, sd 0.1, autocorrelation -0.999 (1001 values)
    x = np.array([10000000.2] + [10000000.1, 10000000.3] * 500)
    row = sy.describe({"x": x}, "x").iloc[0]
    assert row["mean"] == 10000000.2 and row["sd"] == 0.1 and row["autocorrelation_1"] == -0.999


@pytest.mark.parametrize("kwargs, words", [
    (dict(terms="kind"), "holds text"), (dict(terms="aa"), "^terms: .*aa"), (dict(terms="a", lags=-1), "^lags: -1"),
    (dict(terms=None), "^terms: "), (dict(terms="a", lags=901), "^lags: 901")])
def test_bad_arguments_are_named(people, kwargs, words):
    with pytest.raises(sy.SteelyardError, match=words):
        sy.describe(people, **kwargs)


def test_frames_come_back_fresh(people):
    first = sy.describe(people, ["a"])
    first.loc[0, "mean"] = 7
    assert isinstance(first, pd.DataFrame) and sy.describe(people, ["a"]).loc[0, "mean"] != 7


def test_cells_of_a_product_bear_their_own_names():
    frame = pd.DataFrame({"a": pd.Categorical(list("xyxyxx")), "b": pd.Categorical(list("uuvvvw"))})
    table = sy.describe(frame, ["a:b"], lags=0).set_index("level")
    for a in "xy":
        for b in "uvw":
            assert table.loc[f"{a}:{b}", "mean"] == ((frame.a == a) & (frame.b == b)).mean()
