# SPDX-License-Identifier: GPL-3.0-only
"""The whole question from Python: published counts, words against tables, refusals, specification curves."""
import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

OUTCOMES = ["quality_of_life", "adjusted_quality_of_life", "satisfaction", "control", "feel_safe", "social_contact",
            "services_keep_safe"]
BLOCKS = {"funding": "spend_per_adult_gbp", "process": "easy_information",
          "delivery": "self_directed_support_pct + direct_payment_pct", "need": "deprivation_rank"}
SOURCES = {"users": "easy_information", "carers information": "carer_easy_information",
           "carers included": "carer_included", "records": "delivery"}


@pytest.fixture(scope="module")
def councils():
    return sy.datasets.load("councils_2018_19")


@pytest.fixture(scope="module")
def evidence(councils):
    return sy.weigh(councils, OUTCOMES, BLOCKS, process_sources=SOURCES, label="council", areas=True, one_source=["users"])


def test_councils_meet_the_published_counts(evidence):
    sources = evidence.sources.set_index("source")
    assert list(sources["positive"]) == [7, 6, 7, 2]
    assert list(sources["above_zero"]) == [6, 0, 4, 0]
    left = evidence.leave_one_out.iloc[0]
    assert left["left_out"] == "City of London"
    assert round(left["value"], 4) == 0.0835 and round(left["without"], 4) == 0.0418


def test_differences_are_those_of_shares(councils, evidence):
    """1e-12: the same jackknife, added up in another order."""
    s = sy.shares(councils, OUTCOMES, BLOCKS, missing="per-outcome")
    compared = s.compare("process", "funding")
    mine = evidence.differences[evidence.differences["source"] == "users"]
    for theirs, own in (("estimate", "difference"), ("conf_low", "conf_low"), ("p_value", "p_value")):
        np.testing.assert_allclose(mine[own].to_numpy(), compared[theirs].to_numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(evidence.table["funding_alone"],
                               s.blocks.loc[s.blocks["block"] == "funding", "alone"], atol=1e-14)


def test_at_most_is_that_of_shares(councils, evidence):
    claim = sy.shares(councils, OUTCOMES, BLOCKS, missing="per-outcome").at_most("funding", 0.07, metric="alone")
    assert evidence.claims["answer"][2] == claim.answer
    assert evidence.claims["upper"][2] == pytest.approx(claim.upper, abs=1e-12)


def test_every_number_of_the_verdict_is_in_the_numbers(evidence):
    numbers = evidence.numbers
    written = {form % abs(value) for value in numbers["value"] for form in ("%.0f", "%.1f", "%.2f", "%.3f", "%.4g", "%.4f")}
    for sentence in evidence.verdict:
        for token in re.findall(r"\d+(?:\.\d+)?", sentence):
            assert token in written, token
        assert "effect" not in sentence and sentence in str(evidence)


def test_slopes_are_those_of_fit_linear(councils, evidence):
    """HC3, as weigh() says; 1e-10 relative: the same fit in double-double."""
    fit = sy.fit_linear("control ~ spend_per_adult_gbp + easy_information + self_directed_support_pct + "
                        "direct_payment_pct + deprivation_rank", councils, covariance="HC3").to_frame().set_index("term")
    row = evidence.money.query("outcome == 'control' and form == 'level' and model == 'full'").iloc[0]
    line = fit.loc["spend_per_adult_gbp"]
    assert row["estimate"] == pytest.approx(1000 * line["estimate"], rel=1e-10)
    assert row["std_error"] == pytest.approx(1000 * line["std_error"], rel=1e-10)
    assert row["conf_low"] == pytest.approx(1000 * line["conf_low"], rel=1e-10)


def test_clusters_are_the_units(councils):
    data = councils.assign(region=np.arange(len(councils)) % 12)
    e = sy.weigh(data, "control", BLOCKS, cluster="region", left_out=1)
    assert e.provenance["unit"] == "cluster" and e.provenance["units"] == 12
    assert any("12 clusters" in text for text in e.limits)
    fit = sy.fit_linear("control ~ spend_per_adult_gbp", data, cluster="region").to_frame().set_index("term")
    row = e.money.query("form == 'level' and model == 'alone'").iloc[0]
    assert row["std_error"] == pytest.approx(1000 * fit.loc["spend_per_adult_gbp", "std_error"], rel=1e-10)


def test_row_names_come_from_the_index(councils):
    named = councils.set_index("council")
    e = sy.weigh(named, ["social_contact"], BLOCKS, left_out=0)
    assert e.leave_one_out["left_out"][0] == "City of London"
    assert sy.weigh(councils, ["social_contact"], BLOCKS, left_out=0).leave_one_out["left_out"][0].startswith("row ")


def test_by_and_population_stand_beside_the_answer(councils):
    data = councils.assign(kind=np.where(councils["population"] > 200000, "large", "small"))
    e = sy.weigh(data, "control", BLOCKS, by="kind", population={"kind": {"small": 0.2}}, left_out=0)
    part = sy.weigh(data[data["kind"] == "small"], "control", BLOCKS, left_out=0)
    small = e.by.query("level == 'small'").iloc[0]
    assert small["difference"] == pytest.approx(part.table["difference"][0], abs=1e-11)
    again = sy.shares(data, "control", BLOCKS, population={"kind": {"small": 0.2}})
    assert e.population["difference"][0] == pytest.approx(again.compare("process", "funding")["estimate"][0], abs=1e-11)


def test_the_gap_of_two_groups_is_divided_by_block(councils):
    """1e-10: the gap is the difference of means, the parts add to it."""
    large = councils["population"] > 200000
    e = sy.weigh(councils, ["control"], BLOCKS, group=np.where(large, "large", "small"), left_out=0)
    row = e.gaps.iloc[0]
    assert (row["first"], row["second"]) == ("large", "small")
    assert row["gap"] == pytest.approx(councils["control"][large].mean() - councils["control"][~large].mean(), abs=1e-10)
    assert row[["funding", "process", "other_blocks", "unexplained"]].sum() == pytest.approx(row["gap"], abs=1e-10)
    with pytest.raises(sy.DataError, match="group"):
        sy.weigh(councils, ["control"], BLOCKS, group=np.arange(len(councils)) % 3, left_out=0)


def test_ordered_answers_go_by_a_model_or_by_scores(councils):
    cut = pd.qcut(councils["control"], 3, labels=["low", "middle", "high"])
    data = councils.assign(answer=pd.Categorical(cut, ["low", "middle", "high"], ordered=True))
    e = sy.weigh(data, "answer", BLOCKS, left_out=0)
    assert e.table["measure"][0] == "McFadden's R2" and np.isnan(e.table["points"][0])
    scored = sy.weigh(data, "answer", BLOCKS, outcome_type="number", left_out=0)
    plain = sy.weigh(data.assign(answer=data["answer"].cat.codes + 1.0), "answer", BLOCKS, left_out=0)
    assert scored.table["difference"][0] == plain.table["difference"][0]


def test_a_page_needs_nothing_else(evidence, tmp_path):
    evidence.report(tmp_path / "e.html")
    page = (tmp_path / "e.html").read_text(encoding="utf-8")
    assert "<svg" in page and "http-equiv" not in page and "src=" not in page
    assert all(sentence in page for sentence in evidence.verdict)


def test_it_pickles_and_prints(evidence):
    again = pickle.loads(pickle.dumps(evidence))
    assert str(again) == str(evidence) and str(evidence.summary()).startswith(f"{evidence}\n\nProvenance:\n- version: ")
    pd.testing.assert_frame_equal(again.table, evidence.table)
    assert list(evidence.to_frame().columns)[:4] == ["source", "outcome", "estimate", "std_error"]
    assert evidence.glance()["positive_least"][0] == 2
    with pytest.raises(AttributeError):
        evidence.verdict = ()


@pytest.mark.parametrize("more, text", [
    ({"funding": "fundng"}, "funding: there is no fundng; the nearest name is funding"),
    ({"process": "proces"}, "process: there is no proces; the nearest name is process"),
    ({"need": "ned"}, "need: there is no ned; the nearest name is need"),
    ({"need": "funding"}, "need: block funding stands for funding"),
    ({"process": "funding"}, "process: block funding stands for funding already"),
    ({"process_sources": {"a": "deprivation_rank + easy_information"}}, "deprivation_rank of a stands in block need"),
    ({"process_sources": {"a": "funding"}}, "a is block funding, which stands for funding"),
    ({"process_sources": ["a"]}, "process_sources: a dict is needed"),
    ({"one_source": ["usrs"], "process_sources": SOURCES}, "one_source: there is no usrs"),
    ({"interval": "bca"}, 'interval: "bca" is not one of'),
    ({"weights": "population"}, "weight_kind: weights need their kind"),
    ({"at_most": 2}, "at_most: 2; a part of the variance"),
    ({"outcome_type": "count"}, 'outcome_type: "count" is not one of'),
    ({"missing": "error"}, 'missing: "error" is not one of'),
])
def test_refusals_name_the_argument(councils, more, text):
    with pytest.raises(sy.SteelyardError, match=re.escape(text)):
        sy.weigh(councils, "control", BLOCKS, **more)


def test_blocks_without_spread_are_refused(councils):
    with pytest.raises(sy.DataError, match="has the same value in every row"):
        sy.weigh(councils.assign(spend_per_adult_gbp=400), "control", BLOCKS)
    with pytest.raises(sy.DataError, match="control"):
        sy.weigh(councils.assign(control=1.0), "control", BLOCKS)


CHOICES = {"funding": ["level", "log", "rank"], "source": SOURCES,
           "weights": {"none": None, "people": ("population", "analytic")}}


@pytest.fixture(scope="module")
def curve(councils):
    return sy.specification_curve(councils, OUTCOMES[:3], BLOCKS, choices={
        **CHOICES, "rows": {"all": None, "without City of London": councils["council"] != "City of London"}})


def test_a_curve_holds_every_combination(curve, evidence):
    assert len(curve.table) == 3 * 3 * 4 * 2 * 2
    assert curve.table["difference"].is_monotonic_increasing
    plain = curve.table.query("funding == 'level' and weights == 'none' and rows == 'all'")
    both = plain.merge(evidence.differences, on=["source", "outcome"])
    assert len(both) == 12
    np.testing.assert_allclose(both["difference_x"], both["difference_y"], atol=1e-13)
    assert curve.choices["share"].sum() == pytest.approx(1, abs=1e-10)
    assert curve.summary_table["value"][0] == len(curve.table) and curve.glance()["specifications"][0] == len(curve.table)


def test_a_curve_takes_years_and_other_blocks(councils):
    halves = councils.assign(year=np.where(np.arange(len(councils)) % 2, "odd", "even"))
    curve = sy.specification_curve(halves, "control", BLOCKS, choices={
        "year": "year", "blocks": {"pay in need": {**BLOCKS, "need": "deprivation_rank + median_pay_gbp"}},
        "missing": ["complete", "per-outcome"], "areas": {"large": lambda d: d["population"] > 10000}})
    assert set(curve.table["year"]) == {"odd", "even"} and set(curve.table["areas"]) == {"large"}
    row = curve.table.query("year == 'odd' and blocks == 'as asked' and missing == 'per-outcome'").iloc[0]
    part = halves[(halves["year"] == "odd") & (halves["population"] > 10000)]
    assert row["difference"] == pytest.approx(sy.weigh(part, "control", BLOCKS, left_out=0).table["difference"][0], abs=1e-12)
    complete = curve.table[curve.table["missing"] == "complete"]
    assert set(complete["n"]) < set(curve.table["n"]) or len(set(complete["n"])) <= 2
    assert str(pickle.loads(pickle.dumps(curve))) == str(curve)


@pytest.mark.parametrize("choices, text", [
    ({"funding": []}, "choices: funding needs options"),
    ({"funding": ["levl"]}, 'choices: "levl" is not one of'),
    ({"weights": {"people": "population"}}, "weight_kind: weights need their kind"),
    ({"year": "yer"}, "choices: there is no yer"),
    ({"rows": {"some": [True]}}, "choices: rows, some: a truth value for each of 147 rows"),
    ({"blocks": {"other": {"funding": "spend_per_adult_gbp"}}}, "process: there is no process"),
    ({}, "choices: a dict is needed"),
])
def test_bad_choices_are_refused(councils, choices, text):
    with pytest.raises(sy.SteelyardError, match=re.escape(text)):
        sy.specification_curve(councils, "control", BLOCKS, choices=choices)


def test_pictures_have_their_parts(evidence, curve):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    left, right = evidence.plot()
    assert [t.get_text() for t in left.get_yticklabels()] == list(evidence.table["outcome"])
    above, beneath = curve.plot()
    labels = [t.get_text() for t in beneath.get_yticklabels()]
    assert "funding: log" in labels and len(labels) == 3 + 3 + 4 + 2 + 2
    matplotlib.pyplot.close("all")


def test_answers_have_no_points_and_no_part_in_claims_on_variance():
    draw = np.random.default_rng(1)
    data = pd.DataFrame(draw.normal(size=(120, 3)), columns=["money", "p", "y"])
    data["much"] = data["money"] + 0.1 * draw.normal(size=120) > 0
    data["y"] += 0.5 * data["p"]
    asked = {"blocks": {"funding": "money", "process": "p"}, "interval": "none", "left_out": 0}
    alone = sy.weigh(data, "y", **asked)
    both = sy.weigh(data, ["much", "y"], **asked)
    assert both.claims["largest"].tolist() == pytest.approx(alone.claims["largest"].tolist(), nan_ok=True)
    assert both.claims["claim"][2].endswith("of the variance in every outcome that is a number")
    assert set(both.money["outcome"]) == {"y"}
    assert both.table["points"].isna().tolist() == [True, False]
    assert both.table["robustness_value"].isna().tolist() == [True, False]
    assert " of 1; that funding alone" in both.verdict[1]
    answers = sy.weigh(data, "much", **asked)
    assert answers.claims["claim"][2].endswith("of McFadden's R2 in every outcome")
    assert "no slope of funding can be told" in answers.verdict[1]


def test_the_first_sentence_counts_both_sides_of_zero():
    draw = np.random.default_rng(2)
    data = pd.DataFrame(draw.normal(size=(100, 3)), columns=["money", "p", "other"])
    data["y"] = data["money"] + 0.1 * data["p"] + 0.5 * draw.normal(size=100)
    e = sy.weigh(data, "y", {"funding": "money", "process": "p"}, left_out=0)
    assert "limits of the difference above zero in 0 and below zero in 1;" in e.verdict[0]
    e = sy.weigh(data, "y", {"funding": "money", "process": "p"}, process_sources={"a, b": "p", "c": "other"}, left_out=0)
    assert "(a, b: 0, with limits above zero in 0 and below zero in 1; c: 0, with" in e.verdict[0]


def test_a_yes_or_no_question_has_no_curve_and_no_remark_on_one():
    people = sy.datasets.load("made_up_survey")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = sy.weigh(people, "q3_control", {"funding": "weekly_budget_gbp", "process": "q12a_money + p1_help_to_plan"},
                         cluster="council", weights="weight", weight_kind="sampling")
    assert not [remark for remark in found.remarks["term"] if "^" in remark]
    assert not [one for one in said if "^" in str(one.message)]
    assert found.table["difference_curve"].notna().all()
