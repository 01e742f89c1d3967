# SPDX-License-Identifier: GPL-3.0-only
"""polychoric(): lavaan's correlations, shares made of them, prints, refusals. R runs the same (test-polychoric.R)."""
import pathlib
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

DATA = pathlib.Path(__file__).parents[1] / "reference" / "data"
PRINTED = """\
Correlations of 3 columns, 72 rows: pairs of ordered columns polychoric,
of an ordered one and a number polyserial, of numbers Pearson's

first   second    kind        estimate  std. error  conf. low  conf. high
rating  temp      polychoric     0.717       0.065      0.531       0.837
rating  response  polyserial    0.9937      0.0051     0.9604      0.9990
temp    response  polyserial     0.713       0.054      0.566       0.816

Standard errors by influence functions of 9 clusters; limits (95 %) on Fisher's z.
A normal variable behind each ordered column is assumed."""


@pytest.fixture(scope="module")
def wine():
    frame = pd.read_csv(DATA / "wine.csv")
    return frame.assign(temp=pd.Categorical(frame["temp"], ["cold", "warm"]),
                        contact=pd.Categorical(frame["contact"], ["no", "yes"]))


@pytest.fixture(scope="module")
def housing():
    frame = pd.read_csv(DATA / "housing.csv")
    for name, levels in {"Sat": ["Low", "Medium", "High"], "Infl": ["Low", "Medium", "High"],
                         "Cont": ["Low", "High"]}.items():
        frame[name] = pd.Categorical(frame[name], levels, ordered=True)
    return frame


@pytest.fixture(scope="module")
def asked():
    """720 made-up answers in 24 councils."""
    i = np.arange(720)
    a, b = np.sqrt((i * 7) % 101 + 1.0) - 6, (i * 13) % 37 / 12 - 1.5
    level = 0.4 * a + 0.3 * b + (i * 7 % 24) / 12 + (i * 37) % 211 / 60
    return pd.DataFrame({"level": level, "step": np.floor(np.clip(level, 0, 5.99) / 1.5), "a": a, "b": b,
                         "four": np.floor(i * 13 % 37 / 10), "council": i % 24})


def test_correlations_are_those_of_lavaan(wine, housing):
    """lavaan 0.6-14, lavCor, two-step; its search stops at about 1e-7 of its objective, hence 3e-5."""
    r = sy.polychoric(wine, ["rating", "temp", "contact", "response"], ordered="rating").r
    assert r.loc["rating", "temp"] == pytest.approx(0.716890261588, abs=3e-5)
    assert r.loc["rating", "contact"] == pytest.approx(0.408070778055, abs=3e-5)
    assert r.loc["rating", "response"] == pytest.approx(0.993690896624, abs=3e-5)
    assert r.loc["temp", "response"] == pytest.approx(0.712612924202, abs=3e-5)
    assert r.loc["contact", "response"] == pytest.approx(0.420232768856, abs=3e-5)
    assert abs(r.loc["temp", "contact"]) < 1e-14  # a balanced table
    r = sy.polychoric(housing, "Sat + Infl + Cont", weights="Freq", weight_kind="frequency").r
    assert r.loc["Sat", "Cont"] == pytest.approx(0.0638334766185, abs=3e-5)
    assert (r.to_numpy() == r.to_numpy().T).all() and (np.diag(r) == 1).all()


def test_the_print_is_that_of_r(wine):
    c = sy.polychoric(wine, ["rating", "temp", "response"], ordered="rating", cluster="judge")
    assert repr(c) == PRINTED
    assert repr(pickle.loads(pickle.dumps(c))) == PRINTED
    assert 'aria-label="Correlations of 3 columns, 72 rows' in c._repr_html_()


def test_numbers_have_pearsons_correlation(asked):
    c = sy.polychoric(asked, ["a", "b", "level"])
    assert c.r.loc["a", "level"] == pytest.approx(np.corrcoef(asked["a"], asked["level"])[0, 1], abs=1e-12)
    assert set(c.to_frame()["kind"]) == {"Pearson"}
    mixed = sy.polychoric(asked, ["step", "four", "b"], ordered=["step", "four"]).to_frame()
    assert list(mixed["kind"]) == ["polychoric", "polyserial", "polyserial"]
    assert list(mixed["first"]) == ["step", "step", "four"] and list(mixed["second"]) == ["four", "b", "b"]
    assert ((mixed["conf_low"] < mixed["estimate"]) & (mixed["estimate"] < mixed["conf_high"])).all()


def test_frequencies_are_repeated_rows(housing):
    columns = ["Sat", "Infl", "Cont"]
    cells = sy.polychoric(housing, columns, weights="Freq", weight_kind="frequency")
    rows = sy.polychoric(housing.loc[housing.index.repeat(housing["Freq"])], columns)
    assert cells.r.to_numpy() == pytest.approx(rows.r.to_numpy(), abs=1e-12)
    assert cells.std_error.to_numpy() == pytest.approx(rows.std_error.to_numpy(), abs=1e-12, nan_ok=True)


def test_shares_follow_from_the_matrix(asked):
    c = sy.polychoric(asked, ["step", "a", "b"], ordered="step", cluster="council")
    s = sy.shares(c.moments, "step", ["a", "b"])
    ya, yb, ab = c.r.loc["step", "a"], c.r.loc["step", "b"], c.r.loc["a", "b"]
    r2 = (ya * ya + yb * yb - 2 * ya * yb * ab) / (1 - ab * ab)
    assert s.total == pytest.approx(r2, abs=1e-12)
    assert s.blocks["share"][0] == pytest.approx((ya * ya + r2 - yb * yb) / 2, abs=1e-12)
    assert "\nLimits (95 %): jackknife over 24 clusters, t with 23 degrees of freedom.\n" in repr(s)
    assert (s.blocks["conf_low"] < s.blocks["share"]).all() and (s.blocks["share"] < s.blocks["conf_high"]).all()
    assert s.compare("a", "b")["std_error"][0] > 0
    by_row = sy.shares(sy.polychoric(asked, ["step", "a", "b"], ordered="step").moments, "step", ["a", "b"])
    assert "jackknife over 720 rows" in repr(by_row)


def test_missing_rows_are_told(asked):
    holes = asked.assign(a=asked["a"].mask(asked.index < 5))
    c = sy.polychoric(holes, ["step", "a"], ordered="step")
    assert "\n5 rows of 720 dropped: a value is missing.\n" in repr(c) and c.moments.n == 715
    with pytest.raises(sy.DataError, match="missing"):
        sy.polychoric(holes, ["step", "a"], ordered="step", missing="error")


def test_a_matrix_that_is_none_is_refused_or_smoothed():
    """Two columns that agree almost, and two that are opposed."""
    a = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    frame = pd.DataFrame({"a": a, "b": [0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1], "c": [1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0]})
    frame["c"] = [0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    frame["a"] = [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0]
    columns = ["a", "b", "c"]
    with pytest.raises(sy.DataError, match=r"make no correlation matrix \(least eigenvalue -"):
        sy.polychoric(frame, columns, ordered=columns)
    c = sy.polychoric(frame, columns, ordered=columns, smooth=True)
    assert "one near them is used" in repr(c) and "boundary" in list(c.remarks["code"])
    assert np.linalg.eigvalsh(c.r).min() > -1e-12


@pytest.mark.parametrize("columns, options, message", [
    (["step", "aa"], {}, "columns: there is no aa"), (["step"], {}, "columns: 1 given; at least two are needed"),
    (["step", "step"], {}, "columns: step is named twice"), ([], {}, "columns: a list of column names is needed"),
    (["step", "word"], {}, 'columns: word is text; put its levels in order, lowest first: pd.Categorical(data["word"]'),
    (["step", "group"], {}, "columns: group is an unordered factor; put its levels in order"),
    (["step", "a"], {"ordered": "a"}, "columns: a holds"),
    (["step", "a"], {"weights": "b", "weight_kind": "analytic"}, "weights: b are analytic"),
    (["step", "a"], {"weights": "b"}, "weight_kind: weights need their kind"),
    (["step", "a"], {"level": 1}, "level: 1 is not between 0 and 1"),
    (["step", "one"], {}, "one: all 720 values are equal"),
    (["step", "one"], {"ordered": ["one"]}, "one: all 720 answers are at one level")])
def test_bad_input_is_refused_in_words(asked, columns, options, message):
    frame = asked.assign(word="text", one=2, group=pd.Categorical(["x", "y", "z"] * 240))
    with pytest.raises(sy.SteelyardError) as raised:
        sy.polychoric(frame, columns, **options)
    assert message in str(raised.value)


def test_the_bits_do_not_depend_on_threads(asked):
    one, three = (sy.polychoric(asked, ["step", "four", "a"], ordered=["step", "four"], threads=threads).to_frame()
                  for threads in (1, 3))
    pd.testing.assert_frame_equal(one, three, check_exact=True)
