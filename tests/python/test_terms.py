# SPDX-License-Identifier: GPL-3.0-only
"""The grammar of terms, and how columns of any kind are read."""
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _terms


def labels(text, known=()):
    return [term.label for term in _terms.parse(text, "blocks", known)]


@pytest.mark.parametrize("text, expected", [
    ("x", ["x"]), ("x + z", ["x", "z"]), ("x+x", ["x"]), ("C(x)", ["factor(x)"]), ("factor(x)", ["factor(x)"]),
    ("I(x**2)", ["x^2"]), ("I(x ** 1)", ["x"]), ("b:a", ["a:b"]), ("b*a", ["b", "a", "a:b"]),
    ("x:I(a**3)", ["a^3:x"]), ("C(k):x", ["factor(k):x"]), ("np.log(x + 1)", ["np.log(x+1)"]),
    ("log( x )", ["log(x)"]), ("a:b + c", ["c", "a:b"]), ("I(x**16)", ["I(x**16)"]), ("I(x*z)", ["I(x*z)"]),
    ("Q('a b') + c", ["a b", "c"]), ("C(Q('a b'))", ["factor(a b)"]), ("~ x + z", ["x", "z"]),
    ("(a + b)**2 - a", ["b", "a:b"])])
def test_labels_are_the_same_in_every_language(text, expected):
    assert labels(text) == expected


def test_names_with_odd_letters_are_taken_as_they_are():
    known = {"Infant.Mortality", "a b", "x-1", "a + b"}
    assert labels("Infant.Mortality + a b", known) == ["Infant.Mortality", "a b"]
    assert labels("a + b", known) == ["a + b"]
    assert labels("Infant.Mortality + I(Infant.Mortality**2)", known) == ["Infant.Mortality", "Infant.Mortality^2"]


def test_plain_names_do_not_import_patsy():
    code = ("import sys, steelyard as sy; m = sy.moments_from_correlation([[1, .5, .4], [.5, 1, .1], [.4, .1, 1]], 50); "
            "sy.shares(m, 'x1', {'one': 'x2 + x3'}); sy.moments({'a': [1.0, 2.0, 4.0]}, 'a'); "
            "assert 'patsy' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("text", ["x - 1", "0 + x", "x + 0", "-1 + x"])
def test_the_intercept_cannot_be_removed(people, text):
    text = text.replace("x", "a")
    with pytest.raises(sy.SteelyardError, match="^blocks: the intercept cannot be removed; shares of R2 need it$"):
        sy.shares(people, "y", {"one": text})
    with pytest.raises(sy.SteelyardError, match="^adjust: the intercept"):
        sy.shares(people, "y", ["b"], adjust=text)


@pytest.mark.parametrize("text, found", [
    ("a +* b", "cannot be read as terms"), ("y ~ a", "has an outcome in it"), ("", "holds no term"),
    ("a + (b", "cannot be read as terms"), ("nlog(a)", "nlog"), ("np.nolog(a)", "cannot be computed"),
    ("np.mean(a)", "does not give one value a row"), ("np.log(kind)", "cannot be computed"),
    ("C(a, Treatment)", "Treatment")])
def test_what_is_no_term_is_refused(people, text, found):
    with pytest.raises(sy.SteelyardError, match="^blocks: ") as error:
        sy.shares(people, "y", [text])
    assert found in str(error.value)


def test_computed_terms_are_computed_by_numpy(people):
    data = people.assign(positive=people["a"].abs() + 1)
    data["logged"] = np.log(data["positive"])
    s = sy.shares(data, "y", ["log(positive)", "b"], interval=None)
    t = sy.shares(data, "y", ["logged", "b"], interval=None)
    assert s.blocks["share"].tolist() == t.blocks["share"].tolist()
    assert s.blocks["block"].tolist() == ["log(positive)", "b"]


def test_powers_and_products_are_those_of_columns(people):
    data = people.assign(square=people["a"]**2, product=people["a"] * people["b"])
    s = sy.shares(data, "y", ["I(a**2)", "a:b"], interval=None).blocks["share"]
    t = sy.shares(data, "y", ["square", "product"], interval=None).blocks["share"]
    assert s.to_numpy() == pytest.approx(t.to_numpy(), abs=1e-13)


def test_a_factor_is_one_term(people):
    s = sy.shares(people, "y", ["C(kind)", "a"], interval=None)
    dummies = pd.get_dummies(people["kind"]).astype(float).iloc[:, 1:]
    t = sy.shares(pd.concat([people, dummies], axis=1), "y", {"kind": list(dummies), "a": "a"}, interval=None)
    assert s.blocks["share"].to_numpy() == pytest.approx(t.blocks["share"].to_numpy(), abs=1e-13)
    assert s.terms["term"].tolist() == ["factor(kind)", "a"]


def test_categories_are_read_by_their_codes(people):
    data = people.assign(kind=people["kind"].astype("category"))
    s = sy.shares(data, "y", ["kind"], interval=None)
    assert s.blocks["block"].tolist() == ["kind"]
    assert s.total == sy.shares(people, "y", ["C(kind)"], interval=None).total


def test_moments_find_a_factor_by_its_bare_name(people):
    m = sy.moments(people, ["y", "C(kind)", "a:b"])
    assert sy.shares(m, "y", ["C(kind)", "b:a"], interval=None).blocks["block"].tolist() == ["factor(kind)", "a:b"]
    assert sy.shares(m, "y", ["kind"], interval=None).terms["term"].tolist() == ["factor(kind)"]


def test_levels_are_sorted_and_written_as_in_r():
    data = {"y": [1.0, 2, 4, 3, 5, 9], "n": [10, 9, 100, 9, 10, 100], "f": [0.5, 2.0, 0.5, 1e6, 2.0, 1e6],
            "b": [True, False, True, False, True, False], "s": ["b", "a", "B", "b", "a", "B"]}
    levels = sy.moments(data, ["y", "C(n)", "C(f)", "C(b)", "C(s)"]).levels
    assert levels == {"factor(n)": ["9", "10", "100"], "factor(f)": ["0.5", "2", "1000000"],
                      "factor(b)": ["FALSE", "TRUE"], "factor(s)": ["B", "a", "b"]}


@pytest.mark.parametrize("kind", ["float32", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
                                  "float16", "Int64", "Int8", "Float64", ">f8", ">i4"])
def test_every_kind_of_number_is_read(people, kind):
    whole = people.assign(count=people["count"].astype(kind))
    assert sy.shares(whole, "y", ["count"], interval=None).total == \
        sy.shares(people.assign(count=people["count"].astype(float)), "y", ["count"], interval=None).total


def test_truth_values_are_zero_and_one(people):
    yes = people["a"] > 0
    wanted = sy.shares(people.assign(a=yes.astype(float)), "y", ["a"], interval=None).total
    for kind in ("bool", "boolean", "object"):
        assert sy.shares(people.assign(a=yes.astype(kind)), "y", ["a"], interval=None).total == wanted


def test_nullable_missing_values_are_missing(people):
    holes = people["count"].astype("Int64").mask(people.index < 50)
    m = sy.moments(people.assign(count=holes), ["y", "count"])
    assert m.missing["count"] == 50
    objects = people["count"].astype(object).mask(people.index < 50)
    assert sy.moments(people.assign(count=objects), ["y", "count"]).missing["count"] == 50


def test_strided_and_reversed_columns_are_read_in_place(people):
    block = np.asfortranarray(people[["y", "a", "b"]].to_numpy())
    wanted = sy.shares(people, "y", ["a", "b"], interval=None).blocks
    row_major = np.ascontiguousarray(block)
    s = sy.shares({"y": row_major[:, 0], "a": row_major[:, 1], "b": row_major[:, 2]}, "y", ["a", "b"], interval=None)
    pd.testing.assert_frame_equal(s.blocks, wanted, check_exact=True)
    back = sy.shares({"y": block[::-1, 0], "a": block[::-1, 1], "b": block[::-1, 2]}, "y", ["a", "b"], interval=None)
    # rows are dealt to folds by their place
    pd.testing.assert_frame_equal(back.blocks.drop(columns="crossvalidated"), wanted.drop(columns="crossvalidated"),
                                  rtol=1e-13)


class Interchanged:
    """What polars or pyarrow show of themselves: the interchange protocol only."""

    def __init__(self, frame):
        self._frame = frame

    def __dataframe__(self, *args, **kwargs):
        return self._frame.__dataframe__(*args, **kwargs)


def test_frames_of_other_libraries_are_read_through_the_protocol(people):
    data = people[["y", "a", "b", "count"]]
    s = sy.shares(Interchanged(data), "y", ["a", "b"], interval=None)
    pd.testing.assert_frame_equal(s.blocks, sy.shares(data, "y", ["a", "b"], interval=None).blocks, check_exact=True)


def test_data_of_no_known_kind_are_refused(people):
    for data in ([1, 2], 3, None, "people", np.zeros((3, 2))):
        with pytest.raises(sy.SteelyardError, match="^data: a data frame"):
            sy.shares(data, "y", ["a"])
    with pytest.raises(sy.SteelyardError, match='data: column "b" has 2 values, "a" has 3'):
        sy.moments({"a": [1.0, 2, 3], "b": [1.0, 2]}, ["a", "b"])
    doubled = pd.concat([people, people[["a"]]], axis=1)
    with pytest.raises(sy.SteelyardError, match='data: two columns are called "a"'):
        sy.shares(doubled, "y", ["a"])


@pytest.mark.parametrize("name", ["", None])
def test_a_block_has_a_name(people, name):
    with pytest.raises(sy.SteelyardError, match="^blocks: block 2 has no name; name all blocks or none$"):
        sy.shares(people, "y", {"one": "a", name: "b"})


def test_values_of_a_column_are_no_names(people):
    with pytest.raises(sy.SteelyardError, match="^outcome: names of columns or terms are needed, not "):
        sy.shares(people, people["y"], ["a"])
