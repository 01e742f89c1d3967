# SPDX-License-Identifier: GPL-3.0-only
"""Printed evidence: the numbers are the core's (tests/core/test_printed.c); here their names, checks and prints."""
import math
import pickle

import pytest

import steelyard as sy

COSTS = {"direct": 800, "managed": 1600}
USERS = {"in the year": {"direct": 100, "managed": 400}, "on one day": {"managed": 250, "direct": 80}}


def test_unit_values_by_denominator():
    u = sy.unit_values(COSTS, USERS, claimed=1200)
    assert list(u.values["value"]) == [8, 4, 10, 6.4]
    assert u.ratio == 2 and u.gap == 4 and u.claimed_users == 300
    assert u.range == (1.5625, 2) and u.range_any == (1.25, 2.5)
    assert list(u.ratios["ratio"][u.ratios["alike"]]) == [2, 1.5625]
    assert u.text.startswith("A user of direct costs 2.000 times one of managed: 8.00 against 4.00, a gap of 4.00.")
    assert repr(u).splitlines()[0] == "denominator  group    cost  users  value"
    one = sy.unit_values(COSTS, {"direct": 100, "managed": 400})
    assert one.ratio == 2 and math.isnan(one.claimed_users) and list(one.values["denominator"]) == ["users"] * 2
    assert pickle.loads(pickle.dumps(u)).text == u.text


@pytest.mark.parametrize("costs, users, said", [
    ({"direct": 0, "managed": 1}, USERS, "costs: direct has a total of 0; a number above 0 is needed"),
    (COSTS, {"direct": 100, "managed": 0}, "users: managed has a total of 0"),
    ({"direct": 1}, USERS, "costs: a dict of two groups"),
    (COSTS, {"direct": 100, "manged": 3}, "users: there is no manged; the nearest name is managed"),
    (COSTS, {"day": {"direct": 100}}, "users: managed is missing"),
    (COSTS, {"day": 3, "night": {"direct": 1}}, "users: a dict of group to total"),
])
def test_totals_and_groups_are_checked(costs, users, said):
    with pytest.raises(sy.SteelyardError) as error:
        sy.unit_values(costs, users)
    assert said in str(error.value)


def test_what_seven_percent_allow():
    g = sy.gap_allowed(0.07, 0.8)
    assert g["gap"].tolist() == pytest.approx([math.sqrt(0.07 / 0.16)], rel=1e-14)
    assert str(g).startswith("An R2 of 0.07 and a group of 80 % allow the straight line to carry a gap of at most 0.6614")
    both = sy.gap_allowed(0.07, 0.8, sd=2, full_r2=0.3, vif=2)
    assert list(both["bound"]) == ["unadjusted", "adjusted"]
    assert both["slope"][1] == pytest.approx(math.sqrt(0.07) + math.sqrt(0.23), rel=1e-14)
    s = sy.slope_allowed(0.4, 3, r2=0.0025)
    assert s["slope"].tolist() == pytest.approx([math.sqrt(1.2), 0.05 + math.sqrt(0.795)], rel=1e-14)
    assert len(sy.slope_allowed(0.4, 3)) == 1
    with pytest.raises(sy.SteelyardError, match="full_r2: 0.05 is less than r2 = 0.07"):
        sy.gap_allowed(0.07, 0.8, full_r2=0.05, vif=2)
    with pytest.raises(sy.SteelyardError, match="full_r2 and vif: both are needed"):
        sy.gap_allowed(0.07, 0.8, full_r2=0.5)
    with pytest.raises(sy.SteelyardError, match="share: 1;"):
        sy.gap_allowed(0.07, 1)


def test_odds_and_risks_turn_round():
    r = sy.risk_ratio_from_odds(3, overall=0.75, exposed=0.6)
    assert r.to_frame().iloc[0].tolist() == pytest.approx([3, 4 / 3, 5 / 6, 0.625, 5 / 24], rel=1e-14)
    back = sy.odds_ratio_from_risk(4 / 3, 0.75, 0.6)
    assert back["odds_ratio"][0] == pytest.approx(3, rel=1e-14)
    with pytest.raises(sy.SteelyardError, match=r"adjusted: .* risk_ratios\(\), which standardises"):
        sy.risk_ratio_from_odds(3, 0.75, 0.6, adjusted=True)
    with pytest.raises(sy.SteelyardError, match="risk_ratio: 3 with 0.75 overall"):
        sy.odds_ratio_from_risk(3, 0.75, 0.6)


def test_limits_of_a_published_r2():
    wide, narrow = sy.r2_interval(0.07, 1114, rounding=0.005), sy.r2_interval(0.07, 1114)
    assert wide["conf_low"][0] < narrow["conf_low"][0] < 0.07 < narrow["upper"][0] < narrow["conf_high"][0]
    assert sy.r2_interval(0.07, 1114, at_most=True)["conf_low"][0] == 0
    fixed = sy.r2_interval(0.07, 1114, design="fixed")
    assert fixed["conf_high"][0] < narrow["conf_high"][0]
    assert "between 0.04368 and 0.1013 with 95 % confidence" in str(narrow)
    with pytest.raises(sy.SteelyardError, match='design: "fix" is not one of'):
        sy.r2_interval(0.07, 1114, design="fix")
    with pytest.raises(sy.SteelyardError, match="n: 3 with 2 predictors"):
        sy.r2_interval(0.07, 3, predictors=2)


def test_what_a_null_result_would_have_shown():
    d = sy.detectable_difference(170, 169)
    assert d["standardised"][0] == pytest.approx(0.3052, abs=5e-5) and d["df"][0] == 337
    assert "a null result says nothing of smaller ones" in str(d)
    with pytest.raises(sy.SteelyardError, match="power: 0.05 is not between 0.05 and 1"):
        sy.detectable_difference(170, 169, power=0.05)


def test_counts_beside_chance():
    c = sy.counts_by_chance({"budget": 1, "help": 7, "views": 5}, of=14, chance=0.05)
    assert list(c["label"]) == ["budget", "help", "views"] and c.trend is None
    assert c["p_worst"].tolist() == pytest.approx([0.7, 0.1, 0.14], rel=1e-14)
    assert "2 are beyond chance (0.05 each) if the indicators are independent, 0 however" in str(c)
    t = sy.counts_by_chance([6, 9, 11], of=[9, 14, 15], trend=True)
    assert t.trend["p_value"] == pytest.approx(0.82616, abs=1e-5) and "cannot be told" in str(t)
    assert "expected" not in str(t).splitlines()[0]
    assert sy.counts_by_chance(3, 4)["share"][0] == 0.75
    with pytest.raises(sy.SteelyardError, match="of: 2 numbers were given for 3 counts"):
        sy.counts_by_chance([6, 9, 11], of=[9, 14])
    with pytest.raises(sy.SteelyardError, match="counts: 16 of 15"):
        sy.counts_by_chance(16, 15)
