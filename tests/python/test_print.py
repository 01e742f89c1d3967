# SPDX-License-Identifier: GPL-3.0-only
"""What is printed: the same lines as in R."""
import re

import numpy as np
import pytest

import steelyard as sy


def test_a_result_says_what_before_the_numbers(councils, blocks):
    lines = repr(sy.shares(councils, "control", blocks)).split("\n")
    assert lines[0] == "Shares of R2 for control: 4 blocks, 147 rows"
    assert lines[1] == "Total 0.269 (95 % limits 0.151 to 0.436), adjusted 0.243, cross-validated 0.191 (10 folds)"
    assert lines[3].split() == ["block", "share", "percent", "low", "high", "alone", "unique", "lowest", "highest",
                                "adjusted", "by", "chance", "cross-validated"]
    assert lines[4].split()[:3] == ["funding", "0.020", "7.3"]
    assert "Limits (95 %): jackknife over 147 rows, t with 146 degrees of freedom." in lines
    assert lines[-1] == "Shares are points of all outcome variance; association, not effect."
    assert len({len(line) for line in lines[3:8]}) == 1


def test_dropped_rows_are_printed_by_term(people):
    holes = people.assign(a=people["a"].mask(people.index < 3), b=people["b"].mask(people.index < 2))
    text = repr(sy.shares(holes, "y", ["a", "b"]))
    assert "\nRows: 900 read, 897 used, 3 dropped for missing values (a 3, b 2).\n" in text


def test_variants_of_the_print(people):
    text = repr(sy.shares(people, "y", ["a"], adjust="b", interval=None, weights="count", weight_kind="frequency"))
    assert text.startswith(f"Shares of R2 for y beyond b: 1 block, n = {people['count'].sum()} from 900 rows\n")
    assert "\nAdjusting terms: R2 0." in text and "\nLimits: none.\n" in text
    assert f"\nWeights: frequency, sum {people['count'].sum()}.\n" in text and "  low  " not in text
    text = repr(sy.shares(people, "y", ["a"], cluster="region", interval="expanded", replicates=100, seed=7,
                          level=0.9))
    assert "\nLimits (90 %): expanded percentiles of 100 bootstrap samples of 30 clusters, seed 7.\n" in text
    text = repr(sy.shares(sy.moments_from_correlation([[1, .5], [.5, 1]], 50), "x1", ["x2"]))
    assert text.startswith("Shares of R2 for x1: 1 block, n = 50 (correlation matrix)\n")
    assert "Limits (95 %): normal theory from the moments, " in text and "\nRemarks:\n- " in text


def test_several_outcomes_print_one_caution(people):
    text = repr(sy.shares(people, ["y", "c"], ["a", "b"], interval=None))
    assert text.count("Shares of R2 for ") == 2 and text.count("association, not effect") == 1


def test_html_escapes_names(people):
    data = people.rename(columns={"a": "a<b>"})
    page = sy.shares(data, "y", ["a<b>", "b"])._repr_html_()
    assert "a&lt;b&gt;" in page and "a<b>" not in page and "<table>" in page and "association, not effect" in page
    assert "&lt;b&gt;" in sy.moments(data, ["a<b>"])._repr_html_()


def test_moments_say_what_they_hold(people):
    text = repr(sy.moments(people.assign(a=people["a"].mask(people.index < 3)), ["y", "a", "C(kind)"],
                           cluster="region", weights="weight", weight_kind="sampling"))
    lines = text.split("\n")
    assert lines[0] == "Moments of 3 terms, 897 rows"
    assert lines[1] == "Terms: y, a, factor(kind) (3 levels)"
    assert lines[2] == "Rows: 900 read, 897 used, 3 dropped for missing values (a 3)."
    assert lines[3] == "Sets: one a cluster (30)" and lines[4].startswith("Weights: sampling, sum ")
    assert lines[5].startswith("Precision: double-double") and re.match("Hash: [0-9a-f]{16}$", lines[6])


def test_a_claim_is_one_sentence(people):
    s = sy.shares(people, "y", ["a", "b"], cluster="region")
    assert re.match(r"Claim: the share of a is at most 0\.9 of all variance, in y: supported\. Upper limit 0\.\d{4}, "
                    r"lower limit 0\.\d{4} \(one-sided, 95 %\)\.$", repr(s.at_most("a", 0.9, metric="share")))
    many = sy.shares(people, ["y", "c"], ["b", "count"], cluster="region")
    assert "b alone explains at most 0.9 of all variance, in each of 2 outcomes: " in repr(
        many.at_most("b", 0.9, metric="alone"))


def test_drawing_refuses_in_words(people):
    pytest.importorskip("matplotlib")
    s = sy.shares(people, "y", ["a"], bounds=False, interval=None)
    with pytest.raises(sy.SteelyardError, match="bounds = True"):
        s.plot("bounds")
    with pytest.raises(sy.SteelyardError, match='^kind: "pie" is not one of'):
        s.plot("pie")


def test_drawing_without_matplotlib_says_how_to_get_it(people, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(ImportError, match="needs matplotlib"):
        sy.shares(people, "y", ["a"], interval=None).plot()
