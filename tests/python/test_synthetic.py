# SPDX-License-Identifier: GPL-3.0-only
"""POET-like data: marked as made up, held to what was published, with a known truth."""
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

poet = sy.datasets.simulate_poet


@pytest.fixture(scope="module")
def data():
    return poet(seed=1, people=600, councils=25)


def test_it_says_that_it_is_synthetic(data):
    for shown in (data, data.head(), data[data.council < 9], pickle.loads(pickle.dumps(data)), poet().copy()):
        assert repr(shown).startswith("Synthetic data, not POET's: ")
    assert repr(data).splitlines()[0] == (
        "Synthetic data, not POET's: 600 rows drawn from a stated structure, seed 1.")
    assert repr(data).splitlines()[-1].startswith("Marginals: 18 exact, ")
    assert "Synthetic data, not POET's" in data._repr_html_()
    assert data.synthetic.all() and data.provenance["synthetic"] is True
    assert pd.read_csv(pd.io.common.StringIO(data.to_csv())).synthetic.all()


def test_columns_are_typed(data):
    assert data.shape == (600, 38)
    assert list(data.easy_planning.cat.categories) == ["very difficult", "difficult", "neither", "easy", "very easy"]
    assert data.dignity.cat.ordered and not data.client_group.cat.ordered
    assert data.knows_amount.dtype == bool and data.council.dtype == np.int64
    assert data.carer_wellbeing.isna().equals(~data.carer)
    assert set(poet(people=60, hidden=True).columns) - set(data.columns) == {
        "hidden_powerfulness", "hidden_funding", "hidden_process", "hidden_style", "hidden_amount", "hidden_outcome"}
    assert list(data.columns_meaning["column"]) == list(data.columns)


def test_amounts_are_missing_because_of_process(data):
    assert data.weekly_amount.isna().equals(~data.knows_amount)
    assert poet(people=60, amount_missing="none").weekly_amount.notna().all()


def test_every_marginal_is_labelled(data):
    m = data.marginals
    assert set(m.kind) == {"exact", "bounded", "assumed"} and m.kept.all()
    assert (m.published.isna() == (m.comparator == "")).all()
    assert ((m.source != "") == (m.comparator != "")).all()
    exact = m[m.kind == "exact"]
    assert np.allclose(exact.planted, exact.published, rtol=1e-9)


def test_published_values_are_those_of_the_data_set():
    held = sy.datasets.load("poet_marginals")
    column = next(c for c in held.columns if (held[c].astype(str) == "252.6").any())
    published = set(pd.to_numeric(held[column], errors="coerce").dropna().round(6))
    m = poet(people=60).marginals
    values = m[m.unit.isin(["percent", "GBP per week"]) & m.published.notna() & (m.item != "client group")].published
    assert set(values.round(6)) <= published


def test_a_published_share_that_is_left_is_said():
    d = poet(people=300, direct_payment=0.24)
    assert list(d.remarks["text"]) == ["payment type, direct_payment: 24 planted, published gt 80"]
    row = d.marginals[d.marginals["column"] == "payment_type"].iloc[0]
    assert row.kind == "assumed" and not row.kept


def test_truth_holds_strengths_and_what_follows():
    d = poet(people=60, strengths={"process_outcome": 0.5, "direct_process": 0.2})
    truth = d.truth.set_index("name")["value"]
    assert truth["process_outcome"] == 0.5 and truth["funding_outcome"] == 0.15
    assert truth["direct_by_process"] == pytest.approx(0.1, abs=1e-15)
    assert truth["amount_shift"] == pytest.approx(np.log(1.888) / 0.8, abs=1e-14)


def test_a_hidden_confounder_raises_money_s_coefficient():
    # 20,000 people: standard errors about .008; powerfulness adds .4 .4 / (1 - .25) or so of a deviate
    def slope(**strengths):
        d = poet(people=20000, councils=400, hidden=True, strengths=strengths)
        fit = sy.fit_linear("hidden_outcome ~ hidden_funding + hidden_process + need + payment_type", d)
        return fit.params["hidden_funding"]
    assert slope() == pytest.approx(0.15, abs=0.03)
    assert slope(powerfulness_funding=0.4, powerfulness_outcome=0.4) > 0.25


def test_it_goes_into_the_verbs(data):
    s = sy.shares(data, "need", {"money": "weekly_amount"}, cluster="council")
    assert s.n == data.knows_amount.sum()


def test_same_seed_same_data_for_any_threads():
    a, b = poet(people=5000, threads=1), poet(people=5000, threads=3)
    pd.testing.assert_frame_equal(pd.DataFrame(a), pd.DataFrame(b))
    assert not poet(people=60, seed=2).need.equals(poet(people=60, seed=1).need)


@pytest.mark.parametrize("bad, text", [
    ({"people": 0}, "people: 0 is not a whole number of 1 or more"),
    ({"people": 10}, "people: 10 are fewer than the 22 councils; each has one or more"),
    ({"councils": 1}, "councils: 1 is not a whole number of 2 or more"),
    ({"seed": -1}, "seed: -1 is not a whole number of 0 or more"),
    ({"year": "2011"}, 'year: "2011" is not one of "2008-09", "2010-11", "2012-13", "2013-14"'),
    ({"direct_payment": 1}, "direct_payment: 1 is not a share above 0 and below 1"),
    ({"knows_amount": "x"}, "knows_amount: 'x' is not a number"),
    ({"funding_ratio": 0}, "funding_ratio: 0 is not between 0.1 and 10"),
    ({"amount_missing": "yes"}, 'amount_missing: "yes" is not one of "process", "none"'),
    ({"strengths": [1]}, 'strengths: a dict is needed, such as {"process_outcome": 0.4}'),
    ({"strengths": {"process_outcom": 1}}, "process_outcome"),
    ({"strengths": {"need_funding": 1}},
     "strengths: what makes funding gives it a variance of 1.09; at most 1 is possible"),
])
def test_bad_arguments_are_named(bad, text):
    with pytest.raises(sy.SteelyardError) as error:
        poet(**bad)
    assert text in str(error.value)
