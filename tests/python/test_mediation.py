# SPDX-License-Identifier: GPL-3.0-only
"""Mediation: by hand, planted truth, what is printed, refusals."""
import pathlib
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy


@pytest.fixture(scope="module")
def people():
    d = sy.datasets.simulate_poet(seed=4, people=6000, councils=120, hidden=True,
                                  strengths={"direct_outcome": 0.1, "funding_process": 0.2})
    d["direct"] = d.payment_type == "direct_payment"
    return d


def ask(d, outcome="hidden_outcome", **given):
    given = {"confounders": "need", "cluster": "council", **given}
    return sy.mediation(d, outcome, "direct", {"funding": "hidden_funding", "process": "hidden_process"}, **given)


def parts(m):
    return m.effects.set_index("part")


def test_eight_rows_by_hand():
    # y = 1 + 2 t + 3 m + 4 v + t m / 2 + m v / 4 exactly; see tests/core/test_mediation.c
    d = pd.DataFrame({"t": [0, 0, 0, 0, 1, 1, 1, 1], "m": [0, 1, 0, 1, 1, 3, 1, 3], "v": [0, 0, 1, 1, 2, 2, 4, 6]})
    d["y"] = 1 + 2 * d.t + 3 * d.m + 4 * d.v + d.t * d.m / 2 + d.m * d.v / 4
    m = sy.mediation(d, "y", "t", {"m": "m", "v": "v"}, interval=None)
    assert np.allclose(m.effects["estimate"], [2.25, 5.4375, 13.5, 0.125, 21.3125, 21.3125], rtol=1e-12)
    assert list(m.effects["part"]) == ["direct", "through m", "through v", "mutual dependence", "total",
                                       "without mediators"]
    assert m.covariance is None and m.effects["std_error"].isna().all()
    assert np.allclose(m.means["mean"], [4.5625, 25.875], rtol=1e-12)


def test_planted_truth_is_within_the_limits(people):
    truth = people.truth.set_index("name")["value"]
    m, p = ask(people), parts(ask(people))
    planted = {"direct": truth["direct_outcome"], "through funding": truth["direct_by_funding"],
               # process moves by itself and by funding: the two are one path from treatment to process
               "through process": truth["direct_by_process"] + truth["direct_by_both"], "mutual dependence": 0,
               "total": truth["direct_in_all"]}
    for part, value in planted.items():
        # wider than 95 %: five parts in one sample
        assert abs(p.loc[part, "estimate"] - value) < 3 * p.loc[part, "std_error"]
    assert m.provenance["interval"] == "jackknife" and m.provenance["units"] == 120


def test_a_hidden_confounder_biases_and_measuring_it_mends():
    d = sy.datasets.simulate_poet(seed=5, people=6000, councils=120, hidden=True, strengths={
        "powerfulness_payment": 0.5, "powerfulness_funding": 0.3, "powerfulness_outcome": 0.4})
    d["direct"] = d.payment_type == "direct_payment"
    truth = d.truth.set_index("name")["value"]["direct_outcome"]
    hidden, known = parts(ask(d)), parts(ask(d, confounders="need + hidden_powerfulness"))
    assert hidden.loc["direct", "conf_low"] > truth
    assert abs(known.loc["direct", "estimate"] - truth) < 3 * known.loc["direct", "std_error"]


def test_parts_add_and_the_natural_effect_joins_them(people):
    e, joint = parts(ask(people))["estimate"], parts(ask(people, effects="natural_joint"))["estimate"]
    through = ["through funding", "through process", "mutual dependence"]
    assert e["direct"] + e[through].sum() == pytest.approx(e["total"], abs=1e-12)
    assert joint["through all mediators"] == pytest.approx(e[through].sum(), abs=1e-12)
    assert "cross-world" in " ".join(ask(people, effects="natural_joint").assumptions)


def test_without_products_the_total_is_one_regression_s(people):
    m = ask(people, interactions=False)
    fit = sy.fit_linear("hidden_outcome ~ direct + need", people)
    assert parts(m).loc["total", "estimate"] == pytest.approx(fit.params["direct"], rel=1e-10)


def test_ways_of_making_limits_agree(people):
    # dependence left out: here a product of two numbers near zero, which has no normal limit
    jackknife = parts(ask(people)).drop("mutual dependence")["std_error"]
    for interval in ("influence", "percentile"):
        other = parts(ask(people, interval=interval, replicates=400)).drop("mutual dependence")["std_error"]
        assert np.allclose(other / jackknife, 1, atol=0.25)


def test_ordered_answers_have_parts_each(people):
    m = ask(people[:1500], "quality_of_life", draws=10)
    assert m.provenance["kind"] == "ordinal"
    e = m.effects
    assert list(e["answer"].unique()) == ["a lot worse", "worse", "no difference", "better", "a lot better"]
    assert np.allclose(e.groupby("part")["estimate"].sum(), 0, atol=1e-12)
    assert "quality_of_life: a lot better" in repr(m)
    binary = ask(people[:1500].assign(good=people.quality_of_life >= "better"), "good", draws=10)
    both = e[e["answer"].isin(["better", "a lot better"])].groupby("part")["estimate"].sum()
    assert parts(binary).loc["total", "estimate"] == pytest.approx(both["total"], abs=0.05)
    assert binary.provenance["kind"] == "binary" and len(binary.effects) == 5


def test_a_factor_with_a_contrast(people):
    d = people[people.payment_type != "other_managed"]
    up = sy.mediation(d, "hidden_outcome", "payment_type", {"funding": "hidden_funding"}, interval=None,
                      contrast=("council_managed", "direct_payment"))
    down = sy.mediation(d, "hidden_outcome", "payment_type", {"funding": "hidden_funding"}, interval=None)
    assert up.contrast == ("council_managed", "direct_payment")
    assert parts(up).loc["total", "estimate"] == pytest.approx(-parts(down).loc["total", "estimate"], abs=1e-12)


def small():
    i = np.arange(12)
    d = pd.DataFrame({"t": i % 2, "f": i % 2 + i * 7 % 5, "q": i * i % 7 + 0.5 * (i % 2)})
    d["y"] = d.t + 0.5 * d.f + d.q + i * 3 % 4
    return d


def test_print_says_what_is_taken_for_granted():
    m = sy.mediation(small(), "y", "t", {"money": "f", "care": "q"})
    text = repr(m)
    assert text.startswith("Mediation of t (0 to 1) and y, 12 rows\n"
                           "Interventional effects through money (f); care (q).\nConfounders: none.\n"
                           "Outcome's model: linear, with 3 products; R2 ")
    assert "Limits (95 %): jackknife over 12 rows, t with 11 degrees of freedom." in text
    assert "Effects only as far as this holds:\n- Nothing moves both t and y (no confounders are given)." in text
    assert "covariance" in repr(m.summary())
    again = pickle.loads(pickle.dumps(m))
    assert repr(again) == text and again._repr_html_().startswith('<div class="steelyard"')


def test_proportions_only_where_they_mean_something(people):
    p = parts(ask(people, effects="natural_joint"))["proportion"]
    assert p[["direct", "through all mediators"]].sum() == pytest.approx(1)
    d = people.assign(other=people.hidden_outcome - 2 * people.direct)
    m = ask(d, "other")
    assert m.effects["proportion"].isna().all()
    assert any("unlike sign" in text for text in m.remarks["text"])


def test_plot_draws_the_parts(people):
    pytest.importorskip("matplotlib").use("Agg")
    ax = ask(people).plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["direct", "through funding", "through process",
                                                            "mutual dependence", "total"]


@pytest.mark.parametrize("given, text", [
    ({"mediators": "hidden_funding"}, "mediators: a dict is needed"),
    ({"mediators": {"a": "need"}}, "confounders: need is there twice"),
    ({"mediators": {"a": "hidden_fundin"}}, "hidden_funding"),
    ({"treatment": "payment_type"}, "treatment: payment_type has 3 levels with rows (direct_payment: "),
    ({"treatment": "need", "confounders": None}, "treatment: need is a number with more than two values"),
    ({"contrast": (0, 0)}, "contrast: direct is compared with itself at 0; two values are needed"),
    ({"contrast": "direct"}, "contrast: two levels or values are needed, (from, to)"),
    ({"interactions": "all"}, "interactions: 'all' is not one of True, False"),
    ({"effects": "natural"}, 'effects: "natural" is not one of "interventional", "natural_joint"'),
    ({"outcome": "client_group"}, "outcome: client_group has 6 answers; a binary outcome has two"),
    ({"interval": "bca"}, 'interval: mediation has "auto", "none", "jackknife", "influence" and "percentile"'),
    ({"level": 1}, "level: 1 is not between 0 and 1"),
    ({"draws": 0}, "draws: 0 is not a whole number of 1 or more"),
    ({"weights": "need"}, "weight_kind"),
])
def test_bad_arguments_are_named(people, given, text):
    asked = {"outcome": "hidden_outcome", "treatment": "direct", "mediators": {"a": "hidden_funding"},
             "confounders": "need", **given}
    with pytest.raises(sy.SteelyardError) as error:
        sy.mediation(people, **asked)
    assert text in str(error.value)


def test_data_that_cannot_bear_it(people):
    d = people.assign(same=1.0, sum=people.need + people.direct)
    with pytest.raises(sy.DataError, match="outcome: same is the same in all rows"):
        ask(d, "same")
    with pytest.raises(sy.DataError, match="mediators: sum follows from the treatment, the confounders"):
        sy.mediation(d, "hidden_outcome", "direct", {"a": "sum"}, confounders="need")


REFERENCE = pathlib.Path(__file__).parents[1] / "reference"


@pytest.mark.parametrize("case, outcome, treatment, blocks, confounders", [
    ("chicago", "ln_real_wage", "foreign_born", {"schooling": "some_college + college", "age": "age10"}, "female + LTHS"),
    ("mtcars", "mpg", "am", {"weight": "wt", "power": "power"}, "gear")])
def test_lavaan_s_products_of_coefficients(case, outcome, treatment, blocks, confounders):
    # lavaan searches for its maximum: its numbers are good to seven digits
    d = pd.read_csv(REFERENCE / "data" / f"{case}.csv")
    d.columns = [name.replace(".", "_") for name in d.columns]
    d = d.assign(age10=d.age / 10) if case == "chicago" else d.assign(power=d.hp / 100)
    p = parts(sy.mediation(d, outcome, treatment, blocks, confounders=confounders, interactions=False,
                           interval="influence"))
    expected = pd.read_csv(REFERENCE / "mediation.csv").query("case == @case")
    for row in expected.itertuples():
        metric, part = row.quantity.rstrip("]").split("[")
        assert p.loc[part.replace("through_", "through "), metric] == pytest.approx(row.expected, rel=1e-6)
