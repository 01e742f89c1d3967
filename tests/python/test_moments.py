# SPDX-License-Identifier: GPL-3.0-only
"""Moments: weights, merging, saving, precision."""
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy


def test_frequency_weights_are_repeated_rows(people):
    repeated = people.loc[people.index.repeat(people["count"])].reset_index(drop=True)
    weighted = sy.shares(people, "y", ["a", "C(kind)"], weights="count", weight_kind="frequency", interval=None)
    plain = sy.shares(repeated, "y", ["a", "C(kind)"], interval=None)
    assert weighted.n == plain.n == people["count"].sum()
    # folds are of rows, and a row of several people falls into one fold
    own = "crossvalidated"
    pd.testing.assert_frame_equal(weighted.blocks.drop(columns=own), plain.blocks.drop(columns=own), rtol=1e-12)


def test_analytic_weights_match_weighted_least_squares(people):
    w = people["weight"].to_numpy()
    x = np.column_stack([np.ones(len(people)), people["a"], people["b"]])
    y = people["y"].to_numpy()
    root = np.sqrt(w)
    residual = y - x @ np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
    mean = np.average(y, weights=w)
    expected = 1 - (w * residual**2).sum() / (w * (y - mean)**2).sum()
    s = sy.shares(people, "y", ["a", "b"], weights="weight", weight_kind="analytic", interval=None)
    assert s.total == pytest.approx(expected, abs=1e-13) and s.n == len(people)


def test_sampling_weights_count_rows_and_lose_some(people):
    s = sy.shares(people, "y", ["a"], weights=people["weight"].to_numpy(), weight_kind="sampling", interval=None)
    assert s.n == len(people) and s.provenance["n_effective"] < len(people)
    assert s.provenance["weight_kind"] == "sampling"


def test_rows_of_weight_zero_are_remarked(people):
    w = people["weight"].where(people["a"] > -1, 0.0)
    m = sy.moments(people, ["y", "a"], weights=w, weight_kind="analytic")
    assert m.n == (w > 0).sum() and "zero_weights" in set(m.remarks["code"])


def test_two_halves_merge_to_the_whole(people):
    terms = ["y", "a", "b", "C(kind)"]
    whole = sy.moments(people, terms, cluster="region")
    halves = sy.moments(people[:400], terms, cluster="region") + sy.moments(people[400:], terms, cluster="region")
    assert halves.n == whole.n and set(halves.clusters) == set(whole.clusters) == set(people["region"])
    s, t = (sy.shares(m, "y", ["a", "b", "C(kind)"]) for m in (whole, halves))
    assert t.blocks["share"].to_numpy() == pytest.approx(s.blocks["share"].to_numpy(), abs=1e-14)
    assert t.blocks["std_error"].to_numpy() == pytest.approx(s.blocks["std_error"].to_numpy(), rel=1e-10)


def test_merging_unites_levels(people):
    own, rest = people[people["kind"] == "own"], people[people["kind"] != "own"]
    merged = sy.moments(own, ["y", "C(kind)"]) + sy.moments(rest, ["y", "C(kind)"])
    assert sorted(merged.levels["factor(kind)"]) == ["direct", "managed", "own"]
    total = sy.shares(people, "y", ["C(kind)"], interval=None).total
    assert sy.shares(merged, "y", ["factor(kind)"], interval=None).total == pytest.approx(total, abs=1e-14)


def test_moments_of_other_terms_do_not_merge(people):
    with pytest.raises(sy.SteelyardError):
        sy.moments(people, ["y", "a"]) + sy.moments(people, ["y", "b"])
    with pytest.raises(TypeError):
        sy.moments(people, ["y", "a"]) + 1


def test_saved_moments_come_back(people, tmp_path):
    m = sy.moments(people, ["y", "a", "C(kind)", "I(b**2)", "a:b"], cluster="region", weights="count",
                   weight_kind="frequency")
    path = tmp_path / "people.moments"
    m.save(path)
    again = sy.load_moments(path)
    assert again == m and again.hash == m.hash and repr(again) == repr(m)
    assert [p.name for p in tmp_path.iterdir()] == ["people.moments"]


@pytest.mark.parametrize("place", [0, 9, 60, 400, -1])
def test_a_damaged_file_is_refused(people, tmp_path, place):
    path = tmp_path / "m"
    sy.moments(people, ["y", "a", "b"]).save(path)
    blob = bytearray(path.read_bytes())
    blob[place] ^= 0x55
    path.write_bytes(blob)
    with pytest.raises(sy.DataError, match="path: .*m: moments: "):
        sy.load_moments(path)


def test_a_short_file_is_refused(people, tmp_path):
    path = tmp_path / "m"
    sy.moments(people, ["y", "a", "b"]).save(path)
    blob = path.read_bytes()
    for length in (0, 7, 100, len(blob) - 1):
        path.write_bytes(blob[:length])
        with pytest.raises(sy.DataError, match="^path: "):
            sy.load_moments(path)


def test_moments_pickle_and_compare(people):
    m = sy.moments(people, ["y", "a"], cluster="region")
    again = pickle.loads(pickle.dumps(m))
    assert again == m and hash(again) == hash(m)
    pd.testing.assert_frame_equal(again.remarks, m.remarks)
    assert m != sy.moments(people, ["y", "b"], cluster="region")


def test_moments_are_read_only(people):
    m = sy.moments(people, ["y", "a"])
    with pytest.raises(AttributeError):
        m.n = 3
    m.labels.append("other")
    assert m.labels == ["y", "a"]


def test_missing_rows_are_counted_by_term(people):
    holes = people.copy()
    holes.loc[:9, "a"] = np.nan
    holes.loc[5:19, "kind"] = None
    m = sy.moments(holes, ["y", "a", "C(kind)"])
    assert m.missing.to_dict() == {"y": 0, "a": 10, "factor(kind)": 15}
    assert (m.rows_read, m.rows_used, m.rows_dropped) == (900, 880, 20)
    assert "rows_dropped" in set(m.remarks["code"])
    with pytest.raises(sy.SteelyardError, match="missing"):
        sy.moments(holes, ["y", "a"], missing="error")


def test_decimal_columns_are_read_as_decimals(councils):
    m = sy.moments(councils, ["control", "easy_information", "np.log(spend_per_adult_gbp)"])
    assert m.precision == "double-double" and m.decimal == ["control", "easy_information"]
    assert sy.moments(councils, ["control"], precision="double").precision == "double"


def test_one_hash_for_one_content(people):
    m = sy.moments(people, ["y", "a"], cluster="region")
    assert m.hash == sy.moments(people.copy(), ["y", "a"], cluster="region").hash
    assert m.hash != sy.moments(people.assign(a=people["a"] + 1), ["y", "a"], cluster="region").hash


@pytest.mark.parametrize("r, found", [
    ([[1, .5], [.4, 1]], "symmetric"), ([[1, .5], [.5, 2]], "diagonal"), ([[1, 1.5], [1.5, 1]], "1.5"),
    ([[1, .9, -.9], [.9, 1, .9], [-.9, .9, 1]], "eigenvalue")])
def test_what_is_no_correlation_matrix_is_refused(r, found):
    with pytest.raises(sy.DataError, match=found):
        sy.moments_from_correlation(r, n=50)


def test_names_of_a_correlation_matrix(people):
    r = people[["y", "a", "b"]].corr()
    m = sy.moments_from_correlation(r, n=len(people))
    assert m.labels == ["y", "a", "b"] and m.n == 900
    s = sy.shares(m, "y", ["a", "b"], interval=None)
    assert s.total == pytest.approx(sy.shares(people, "y", ["a", "b"], interval=None).total, abs=1e-13)
    assert sy.moments_from_correlation(r.to_numpy(), n=9).labels == ["x1", "x2", "x3"]
    for bad in (r.to_numpy()[:2], [1, 2], "text", [[1, "a"], ["a", 1]]):
        with pytest.raises(sy.SteelyardError, match="^r: "):
            sy.moments_from_correlation(bad, n=9)
    with pytest.raises(sy.SteelyardError, match="names: 2 names were given for 3 columns"):
        sy.moments_from_correlation(r, n=9, names=["a", "b"])
