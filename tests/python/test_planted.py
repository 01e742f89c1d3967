# SPDX-License-Identifier: GPL-3.0-only
"""A planted hidden cause: unadjusted, adjusted and bounded answers land where theory says."""
import pytest

import steelyard as sy

STRENGTHS = {"powerfulness_payment": 0.3, "powerfulness_funding": 0.3, "powerfulness_process": 0.2,
             "powerfulness_outcome": 0.3}
SEEN = "hidden_outcome ~ hidden_funding + hidden_process + need + C(payment_type)"


@pytest.fixture(scope="module")
def people():
    return sy.datasets.simulate_poet(3, people=30_000, councils=150, hidden=True, amount_missing="none",
                                     strengths=STRENGTHS)


@pytest.fixture(scope="module")
def seen(people):
    return sy.fit_linear(SEEN, people)


@pytest.fixture(scope="module")
def whole(people):
    return sy.fit_linear(SEEN + " + hidden_powerfulness", people)


def truth(people, name):
    return float(people.truth.set_index("name").loc[name, "value"])


def partial_r2(fit, term):
    t = fit.params[term] / fit.std_error[term]
    return t * t / (t * t + fit.df_resid)


@pytest.mark.parametrize("term, name", [("hidden_funding", "funding_outcome"), ("hidden_process", "process_outcome"),
                                        ("hidden_powerfulness", "powerfulness_outcome")])
def test_adjusted_slopes_are_the_planted_ones(people, whole, term, name):
    # councils move outcomes by other ways too (.1 of a deviate): their spread is in the allowance, 4 errors by council
    error = sy.fit_linear(SEEN + " + hidden_powerfulness", people, cluster="council").std_error[term]
    assert abs(whole.params[term] - truth(people, name)) < 4 * error


def test_unadjusted_slope_of_money_is_too_high(people, seen):
    # what is left out bears on both with the same sign
    assert seen.params["hidden_funding"] > truth(people, "funding_outcome") + 8 * seen.std_error["hidden_funding"]


def test_bounds_at_the_true_strengths_give_the_adjusted_slope(people, seen, whole):
    money = sy.fit_linear("hidden_funding ~ hidden_process + need + C(payment_type) + hidden_powerfulness", people)
    found = sy.confounding(seen, "hidden_funding").adjusted(partial_r2(money, "hidden_powerfulness"),
                                                           partial_r2(whole, "hidden_powerfulness"))
    # algebra, to the rounding of 30,000 rows
    assert float(found["estimate"].iloc[0]) == pytest.approx(whole.params["hidden_funding"], rel=1e-9)
    assert float(found["std_error"].iloc[0]) == pytest.approx(whole.std_error["hidden_funding"], rel=1e-9)


def test_a_cause_as_strong_as_the_planted_one_is_inside_the_robustness_value(people, seen, whole):
    # stronger than the planted one on both sides would be needed to bring the slope to zero: so it is not zero
    row = sy.confounding(seen, "hidden_funding").robustness.iloc[0]
    money = sy.fit_linear("hidden_funding ~ hidden_process + need + C(payment_type) + hidden_powerfulness", people)
    assert max(partial_r2(money, "hidden_powerfulness"),
               partial_r2(whole, "hidden_powerfulness")) < row["robustness_value"]
