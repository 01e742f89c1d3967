# SPDX-License-Identifier: GPL-3.0-only
"""lme4's bar notation, as Python reads it. R reads the same to the same text (test-bars.R)."""
import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _bars
from steelyard._columns import Frame

KNOWN = Frame(pd.DataFrame({name: [1.0] for name in ("y", "x", "z", "g", "h", "council", "a b")}))


@pytest.mark.parametrize("typed, read", [
    ("y ~ x + (1 | council)", "y ~ x + (1 | council)"),
    ("y~(x||g)", "y ~ 1 + (1 + x || g)"),
    ("y ~ 0 + x + (0 + x | g)", "y ~ x - 1 + (0 + x | g)"),
    ("y ~ x*z + (1 + x*z | g/h) - 1", "y ~ x + z + x:z - 1 + (1 + x + z + x:z | g) + (1 + x + z + x:z | g:h)"),
    ("np.log(y) ~ x + (1 | C(g):h)", "np.log(y) ~ x + (1 | g:h)"),
    ("y ~ (1 | g/h/council)", "y ~ 1 + (1 | g) + (1 | g:h) + (1 | g:h:council)"),
    ("y ~ x + (1 | g) + I(x**2) + (x - 1 | g)", "y ~ x + x^2 + (1 | g) + (0 + x | g)"),
    ("y ~ C(x) + (C(x) | g)", "y ~ factor(x) + (1 + factor(x) | g)"),
    ("y ~ Q('a b') + (1 | Q('a b'))", "y ~ a b + (1 | a b)")])
def test_bar_terms_are_read_as_lme4_reads_them(typed, read):
    assert _bars.parse(typed, KNOWN).text == read


@pytest.mark.parametrize("typed, message", [
    ("y ~ 1 | g", 'formula: "1 | g": a bar term stands in brackets, as (1 | council)'),
    ("y ~ x * (1 | g)", 'formula: "x * (1 | g)": a bar term stands by itself, added with +'),
    ("y ~ x - (1 | g)", 'formula: "(1 | g)": a bar term stands by itself, added with +'),
    ("y ~ (x + (1 | g))", 'formula: "(x + (1 | g))": a bar term stands by itself, added with +'),
    ("(1 | g) ~ x", 'formula: "(1 | g)": a bar term stands on the right of ~'),
    ("y ~ x", 'formula: "y ~ x" has no bar term; write one such as (1 | council), or fit without groups'),
    ("y ~ (1 | g) + x + (1 | g)", "formula: the bar term (1 | g) is there twice"),
    ("y ~ (1 | g * h)", 'formula: "(1 | g * h)": a group is a column, a:b or a/b'),
    ("y ~ (0 | g)", 'formula: "(0 | g)" has no effects; write (1 | council) for an intercept a council'),
    ("y ~ (1 | g | h)", 'formula: "(1 | g | h)" cannot be read as (effects | group)'),
    ("y ~ (| g)", 'formula: "(| g)" cannot be read as (effects | group)'),
    ("y ~ (1 | g", 'formula: "(1 | g" has a bracket or quote that is not closed'),
    ("x + (1 | g)", 'formula: "x + (1 | g)" has no outcome; write outcome ~ terms')])
def test_a_bar_term_in_the_wrong_place_is_refused_in_words(typed, message):
    with pytest.raises(sy.SteelyardError) as caught:
        _bars.parse(typed, KNOWN)
    assert str(caught.value) == message


def test_bar_terms_belong_to_fit_mixed(councils):
    message = "holds a bar term; those belong in the formula of fit_mixed()"
    with pytest.raises(sy.SteelyardError, match="formula: .*") as caught:
        sy.fit_linear("control ~ (1 | region)", councils)
    assert message in str(caught.value)
    with pytest.raises(sy.SteelyardError, match="blocks: .*") as caught:
        sy.shares(councils, "control", {"funding": "spend_per_adult_gbp + (1 | region)"})
    assert message in str(caught.value)


def test_nested_groups_are_cells_in_the_order_of_their_parts():
    frame = Frame(pd.DataFrame({"a": ["x", "y", None, "x", "y"], "b": [2, 1, 1, 2, 10]}))
    name, codes, levels, first = _bars.group_column(("a", "b"), frame, "formula")
    assert (name, levels, first) == ("a:b", ("x:2", "y:1", "y:10"), 0)
    assert codes.tolist() == [0, 1, -1, 0, 2] and codes.dtype == np.int32
