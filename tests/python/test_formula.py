# SPDX-License-Identifier: GPL-3.0-only
"""Two-sided formulas: the same normal text in every language."""
import numpy as np
import pytest

import steelyard as sy
from steelyard import _formula

COLUMNS = {"y", "a", "b", "g", "h", "a b", "Infant.Mortality"}


@pytest.mark.parametrize("text, normal", [
    ("y ~ a", "y ~ a"), ("y~a+b", "y ~ a + b"), ("y ~ a + a", "y ~ a"), ("y ~ 1", "y ~ 1"),
    ("y ~ a - 1", "y ~ a - 1"), ("y ~ 0 + a", "y ~ a - 1"), ("y ~ a*b", "y ~ a + b + a:b"),
    ("y ~ b:a + a", "y ~ a + a:b"), ("y ~ C(g)", "y ~ factor(g)"), ("y ~ C(g)*a", "y ~ factor(g) + a + a:factor(g)"),
    ("y ~ I(a**2) + a", "y ~ a^2 + a"), ("np.log(y) ~ np.sqrt(a)", "np.log(y) ~ np.sqrt(a)"),
    ("y ~ (a + b + h)**2 - a:h", "y ~ a + b + h + a:b + b:h"), ("I(y**2) ~ a", "y^2 ~ a"),
    ("y ~ Q('a b') + Infant.Mortality", "y ~ a b + Infant.Mortality"), ("y ~ I(a*b)", "y ~ I(a*b)")])
def test_a_formula_has_one_normal_text(text, normal):
    assert _formula.parse(text, COLUMNS).text == normal


@pytest.mark.parametrize("text, words", [
    ("a + b", 'formula: "a + b" has no outcome; write outcome ~ terms'), ("~ a", "has no outcome"),
    ("y ~ ", "has no terms; write y ~ 1 for a mean"), ("y ~ a ~ b", "has more than one ~"),
    ("y + a ~ b", "formula: the outcome must be one numeric column"), ("y:a ~ b", "the outcome must be one numeric"),
    ("C(y) ~ a", "the outcome must be one numeric"), ("y ~ y + a", "formula: y is both the outcome and a term"),
    ("y ~ a +* b", "cannot be read as terms"), ("y ~ .", 'formula: "." cannot be read as a term'),
    ("y ~ a + offset(b)", "formula: offset() is not supported"),
    ("y ~ C(g, Sum)", 'formula: "C(g, Sum)": a factor is made of one column and nothing else; use coding = "sum"'),
    (3, "is not a text"), (None, "is not a text")])
def test_what_is_no_formula_is_refused_by_name(text, words):
    with pytest.raises(sy.SteelyardError) as error:
        _formula.parse(text, COLUMNS)
    assert str(error.value).startswith("formula: ") and words in str(error.value)


def test_computed_terms_are_the_columns_made_by_hand(people):
    by_call = sy.fit_linear("np.exp(y) ~ I(a*b) + np.log(weight)", people)
    by_hand = sy.fit_linear("e ~ ab + lw", people.assign(e=np.exp(people["y"]), ab=people["a"] * people["b"],
                                                         lw=np.log(people["weight"])))
    assert list(by_call.params.index) == ["(Intercept)", "I(a*b)", "np.log(weight)"]
    np.testing.assert_array_equal(by_call.params.to_numpy(), by_hand.params.to_numpy())


def test_labels_of_coefficients_name_column_and_level(people):
    fit = sy.fit_linear("y ~ C(kind)*a + I(b**2)", people)
    assert list(fit.params.index) == ["(Intercept)", "kind[managed]", "kind[own]", "a", "b^2", "a:kind[managed]",
                                      "a:kind[own]"]
    assert list(sy.fit_linear("y ~ C(kind) - 1", people).params.index) == ["kind[direct]", "kind[managed]", "kind[own]"]
    assert list(sy.fit_linear("y ~ C(kind)", people, coding="sum").params.index) == [
        "(Intercept)", "kind[direct]", "kind[managed]"]
