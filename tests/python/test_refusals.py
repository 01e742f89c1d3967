# SPDX-License-Identifier: GPL-3.0-only
"""Bad input: each an error that names the argument and the value."""
import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _core


def refused(kind, *words):
    """An error of the kind whose text holds all the words."""
    return pytest.raises(kind, match="(?s)" + "".join(f"(?=.*{word})" for word in words))


def test_an_unknown_column_suggests_the_nearest(people):
    with refused(sy.SteelyardError, "^blocks: ", "regoin", "region"):
        sy.shares(people, "y", ["regoin"])
    with refused(sy.SteelyardError, "^outcome: ", "yy", "nearest name is y"):
        sy.shares(people, "yy", ["a"])
    with refused(sy.SteelyardError, "^adjust: ", "kidn", "kind"):
        sy.shares(people, "y", ["a"], adjust="kidn")
    with refused(sy.SteelyardError, "^weights: ", "weigth", "weight"):
        sy.shares(people, "y", ["a"], weights="weigth", weight_kind="sampling")
    with refused(sy.SteelyardError, "^cluster: ", "regiom", "region"):
        sy.shares(people, "y", ["a"], cluster="regiom")
    with refused(sy.SteelyardError, "^blocks: ", "regoin", "region"):
        sy.shares(people, "y", ["np.log(regoin)"])


def test_an_unknown_term_of_moments_lists_those_present(people):
    m = sy.moments(people, ["y", "a", "C(kind)"])
    with refused(sy.SteelyardError, "^blocks: ", "kinds", r"factor\(kind\)", "y, a"):
        sy.shares(m, "y", ["kinds"])


def test_a_text_column_asks_for_a_factor(people):
    with refused(sy.SteelyardError, r'^blocks: column "kind" holds text; write C\(kind\) to use it as a factor$'):
        sy.shares(people, "y", ["kind"])
    with refused(sy.SteelyardError, "^blocks: ", "text"):
        sy.shares(people.assign(kind=people["kind"].astype("string")), "y", ["kind"])
    with refused(sy.SteelyardError, '^blocks: column "when" holds datetime64'):
        sy.shares(people.assign(when=pd.Timestamp(0)), "y", ["when"])


def test_a_constant_outcome_has_nothing_to_share(people):
    with refused(sy.DataError, "^outcome y: all 900 values are equal"):
        sy.shares(people.assign(y=5.0), "y", ["a"])
    with refused(sy.DataError, "^outcome y: all 900 values are equal"):
        sy.shares(people.assign(y=1e9 + 0.1), "y", ["a"], interval=None)


def test_fewer_rows_than_columns_are_refused(people):
    with refused(sy.DataError, "3 rows"):
        sy.shares(people[:3], "y", ["a", "b", "c"], interval=None)
    with refused(sy.DataError, "0 rows|no row|missing"):
        sy.shares(people[:0], "y", ["a"])


def test_all_rows_missing_are_refused(people):
    with refused(sy.DataError, "missing"):
        sy.shares(people.assign(a=np.nan), "y", ["a", "b"])


@pytest.mark.parametrize("kind", ["frequency", "analytic", "sampling"])
@pytest.mark.parametrize("value, word", [(-1.0, "-1"), (np.inf, "inf"), (np.nan, "NaN|nan|missing")])
def test_bad_weights_are_refused(people, kind, value, word):
    w = people["count"].astype(float).copy()
    w.iloc[17] = value
    with refused(sy.DataError, "weights", word):
        sy.shares(people.assign(w=w), "y", ["a"], weights="w", weight_kind=kind)


def test_fractional_frequency_weights_are_refused(people):
    w = people["count"].astype(float).copy()
    w.iloc[3] = 1.5
    with refused(sy.DataError, "weights", "1.5", "whole"):
        sy.shares(people, "y", ["a"], weights=w, weight_kind="frequency")


def test_weights_need_their_kind(people):
    with refused(sy.SteelyardError, "^weight_kind: ", "frequency", "analytic", "sampling", "chance of selection"):
        sy.shares(people, "y", ["a"], weights="weight")
    with refused(sy.SteelyardError, '^weight_kind: "probability" is not one of "frequency", "analytic", "sampling"$'):
        sy.shares(people, "y", ["a"], weights="weight", weight_kind="probability")
    with refused(sy.SteelyardError, '^weights: weight_kind = "sampling" was given without weights$'):
        sy.shares(people, "y", ["a"], weight_kind="sampling")
    with refused(sy.SteelyardError, "^weights: ", "text|factor"):
        sy.shares(people, "y", ["a"], weights="kind", weight_kind="sampling")
    with refused(sy.SteelyardError, "^weights: a vector of 10 values was given for 900 rows$"):
        sy.shares(people, "y", ["a"], weights=np.ones(10), weight_kind="sampling")


def test_one_cluster_is_refused(people):
    with refused(sy.DataError, "cluster"):
        sy.shares(people.assign(region="all"), "y", ["a"], cluster="region")


def test_a_term_in_two_blocks_is_refused(people):
    with refused(sy.SteelyardError, "a is already used", "two"):
        sy.shares(people, "y", {"one": "a", "two": "b + a"})
    with refused(sy.SteelyardError, "y is already used"):
        sy.shares(people, "y", ["a", "y"])


def test_an_empty_block_is_refused(people):
    for empty in ("", [], "  "):
        with refused(sy.SteelyardError, '^blocks: block "money" holds no term$'):
            sy.shares(people, "y", {"process": "a", "money": empty})
    for none in ({}, []):
        with refused(sy.SteelyardError, "^blocks: at least one block is needed$"):
            sy.shares(people, "y", none)
    for wrong in (None, 3, [3], {"one": 3}):
        with refused(sy.SteelyardError, "^blocks: "):
            sy.shares(people, "y", wrong)


def test_forty_blocks_are_past_the_exact_limit():
    random = np.random.default_rng(1)
    data = pd.DataFrame(random.normal(size=(200, 41)), columns=[f"x{i}" for i in range(41)])
    with refused(sy.LimitError, "^blocks: ", "40", "2\\^40", "2\\^30"):
        sy.shares(data, "x0", list(data.columns[1:]), method="exact")


def test_infinite_values_are_refused(people):
    data = people.copy()
    data.loc[12, "a"] = np.inf
    with refused(sy.DataError, "a", "inf"):
        sy.shares(data, "y", ["a"])
    with refused(sy.DataError, r"log\(zero\)", "inf"):
        sy.shares(people.assign(zero=np.arange(900.0)), "y", ["log(zero)"])


@pytest.mark.parametrize("argument, value, words", [
    ("interval", "magic", ['"magic" is not one of "auto"']), ("method", "guess", ['"guess"', '"exact"']),
    ("measure", "mcfadden", ['"mcfadden"', '"r2"']), ("bounds", "yes", ["yes"]), ("missing", "drop", ['"drop"']),
    ("precision", "quad", ['"quad"']), ("level", 1.5, ["1.5"]), ("level", "high", ["high"]),
    ("replicates", 0, ["0 is not a whole number"]), ("replicates", 2.5, ["2.5"]), ("seed", -1, ["-1"]),
    ("threads", 0, ["0"]), ("threads", "all", ["all"])])
def test_options_name_the_value(people, argument, value, words):
    with refused(sy.SteelyardError, f"^{argument}", *words):
        sy.shares(people, "y", ["a"], **{argument: value})


def test_moments_refuse_what_they_hold_already(people):
    m = sy.moments(people, ["y", "a"])
    for argument, value in {"weights": "weight", "cluster": "region", "missing": "error", "precision": "double"}.items():
        with refused(sy.SteelyardError, f"^{argument}: moments already hold their"):
            sy.shares(m, "y", ["a"], **{argument: value})


def test_claims_and_comparisons_name_what_is_wrong(people):
    s = sy.shares(people, "y", ["a", "b"], cluster="region")
    with refused(sy.SteelyardError, "^first: ", "aa", "nearest"):
        s.compare("aa", "b")
    with refused(sy.SteelyardError, "^block: ", "bb"):
        s.at_most("bb", 0.1, metric="share")
    for wrong in (None, "lowest"):
        with refused(sy.SteelyardError, '^metric: say which: "share", "alone", "unique", "adjusted" or "highest"$'):
            s.at_most("a", 0.07, metric=wrong)
    with refused(sy.SteelyardError, '^of: "some variance" is not one of'):
        s.at_most("a", 0.07, metric="share", of="some variance")
    with refused(sy.SteelyardError, '^of: "explained variance" goes with metric = "share" only$'):
        s.at_most("a", 0.07, metric="alone", of="explained variance")
    none = sy.shares(people, "y", ["a", "b"], interval=None)
    for call in (lambda: none.compare("a", "b"), lambda: none.at_most("a", 0.1, metric="share")):
        with refused(sy.SteelyardError, "^interval: this result has no standard errors"):
            call()


def test_errors_are_value_errors():
    assert issubclass(sy.SteelyardError, ValueError)
    for kind in (sy.DataError, sy.LimitError, sy.BugError):
        assert issubclass(kind, sy.SteelyardError) and kind.__module__ == "steelyard"


def test_many_refusals_leave_nothing_behind(people):
    holes = people.assign(a=np.nan)
    for _ in range(200):
        for call in (lambda: sy.shares(holes, "y", ["a"]), lambda: sy.shares(people, "y", ["nothing"]),
                     lambda: sy.shares(people.assign(y=1.0), "y", ["a"], cluster="region"),
                     lambda: sy.moments_from_correlation([[1, 2], [2, 1]], 9)):
            with pytest.raises(sy.SteelyardError):
                call()
    assert _core.live_bytes() == 0


GOOD = ((("y", np.arange(5.0), None, 0),), (("y", ((0, 1),)),), None, 0, None, 0)


@pytest.mark.parametrize("design", [
    None, (), GOOD[:5], ([],) + GOOD[1:], ((("y", np.arange(5.0), None),),) + GOOD[1:],
    ((("y", [1.0], None, 0),),) + GOOD[1:], ((("y", np.zeros((2, 2)), None, 0),),) + GOOD[1:],
    ((("y", np.zeros(3, "c16"), None, 0),),) + GOOD[1:], ((("y", np.zeros(3, ">f8"), None, 0),),) + GOOD[1:],
    (((3, np.zeros(3), None, 0),),) + GOOD[1:], ((("y", np.zeros(3), ("a",), 0),),) + GOOD[1:],
    ((("y", np.zeros(3, "i4"), ("a", 1), 0),),) + GOOD[1:], ((("y\0", np.zeros(3), None, 0),),) + GOOD[1:],
    (GOOD[0] + (("z", np.zeros(4), None, 0),),) + GOOD[1:], (GOOD[0], (("y", ((7, 1),)),)) + GOOD[2:],
    (GOOD[0], (("y", ((0, 2**40),)),)) + GOOD[2:], (GOOD[0], (("y", ()),)) + GOOD[2:], (GOOD[0], ()) + GOOD[2:],
    GOOD[:3] + (9, None, 0), GOOD[:4] + (("g", np.zeros(5), None, 0), 0)])
def test_the_glue_survives_any_design(design):
    with pytest.raises((TypeError, ValueError, OverflowError, BufferError)):
        _core.moments(design, 0, 0, 0, None)


def test_the_glue_survives_any_buffers(people):
    m = sy.moments(people, ["y", "a"])
    options, table = (1, 0, 1, 0.95, 2000, 1, 60.0), np.empty((2, 9))
    right = (table, table, table, table, table, np.empty((9, 2, 2)), None)
    _core.shares(m._blob, None, 0, (("a", (1,)),), (), options, right, 0, None)
    frozen = table.copy()
    frozen.flags.writeable = False
    for wrong in (right[:6], right[:5] + (table, None), (np.empty(3),) + right[1:], (frozen,) + right[1:],
                  (table.astype("f4"),) + right[1:], (table.T,) + right[1:], (None,) + right[1:]):
        with pytest.raises((TypeError, ValueError, BufferError)):
            _core.shares(m._blob, None, 0, (("a", (1,)),), (), options, wrong, 0, None)
    for blocks in ((("a", (9,)),), (("a", (-1,)),), (("a", ()),), ((),), (("a", [1]),), ((1, (1,)),), (("a", ("b",)),)):
        with pytest.raises((TypeError, ValueError)):
            _core.shares(m._blob, None, 0, blocks, (), options, right, 0, None)
    for blob in (b"", b"steelyard", m._blob[:50]):
        with pytest.raises(ValueError):
            _core.info(blob)
