# SPDX-License-Identifier: GPL-3.0-only
"""The table of published findings: every row comes out as it is known to."""
import math
import pathlib
import subprocess
import sys

import pandas as pd
import pytest

import steelyard as sy
from steelyard import _findings

COLUMNS = ["id", "claim", "finding", "source", "published", "published_value", "recomputed", "recomputed_text",
           "tolerance", "status", "note"]
GOLDEN = pathlib.Path(__file__).parents[1] / "reference" / "findings.txt"


@pytest.fixture(scope="module")
def found():
    return sy.reproduce()


def said(found):
    """The print but for where the report is."""
    return str(found).rsplit("\n\nThe report on the councils: ", 1)[0]


@pytest.fixture(scope="module")
def by_id(found):
    return found.set_index("id")


def test_one_row_a_finding_with_the_named_columns(found):
    assert isinstance(found, pd.DataFrame)
    assert list(found.columns) == COLUMNS
    assert found["id"].is_unique
    assert list(found["id"]) == list(sy.datasets.load("published_findings")["id"])


def test_status_is_one_of_four_and_a_reason_stands_with_what_is_missing(found):
    assert set(found["status"]) == {"reproduced", "bounded", "differs", "not reproducible"}
    missing = found["status"] == "not reproducible"
    assert found.loc[missing, "recomputed"].isna().all()
    assert found.loc[~missing, "recomputed"].notna().all()
    assert (found.loc[missing | (found["status"] == "differs"), "note"].str.len() > 0).all()


def test_only_the_rows_known_to_differ_differ(found):
    assert list(found.loc[found["status"] == "differs", "id"]) == [
        "yearly_2008_09", "yearly_2010_11", "yearly_2009_10", "councils_alone",
        "california_money_expenditure_thousand_error"]
    assert list(found.loc[found["status"] == "bounded", "id"]) == ["councils_alone_without_city"]


def test_nothing_that_rests_on_unpublished_microdata_gets_a_number(found):
    rests = found["id"].str.startswith("poet_") | found["id"].isin(
        ["older", "phb_ascot", "woolham", "power_hypothesis", "ibsen", "phb_size"])
    assert set(found.loc[rests, "status"]) == {"not reproducible"}
    assert set(found.loc[found["status"] == "not reproducible", "id"]) == set(found.loc[rests, "id"])


# the quotients by hand: published_targets' printed totals
@pytest.mark.parametrize("id, value", [
    ("ratio_direct", 783e6 / 106655), ("ratio_other", 5.25e9 / 1.35e6),
    ("ratio", (783e6 / 106655) / (5.25e9 / 1.35e6)), ("yearly_2008_09", 624392e3 / 67685),
    ("yearly_2010_11", 992849e3 / 114090), ("weekly_2012_13", 1286180e3 / 115930 / 52)])
def test_quotients_are_those_of_the_printed_totals(by_id, id, value):
    assert math.isclose(by_id.loc[id, "recomputed"], value, rel_tol=1e-15)


def test_the_extra_cost_of_older_people_names_the_number_it_would_take(by_id):
    assert "463,427 people" in by_id.loc["older", "note"]


def test_councils_stand_apart_from_poet(by_id):
    assert by_id.loc["poet_cost", "status"] == "not reproducible"
    assert by_id.loc["councils_alone", "recomputed_text"] == "0.0835"
    assert by_id.loc["councils_alone_without_city", "recomputed_text"] == "0.0418"
    assert "not POET" in by_id.loc["councils_alone", "finding"]


def test_process_is_above_funding_in_two_to_seven_outcomes(by_id, found):
    assert by_id.loc["process_range", "recomputed_text"] == "2 to 7"
    above = [by_id.loc["positive_" + s, "recomputed"] for s in ("users", "carers", "included", "delivery")]
    clear = [by_id.loc["above_" + s, "recomputed"] for s in ("users", "carers", "included", "delivery")]
    assert above == [7, 6, 7, 2]
    assert clear == [6, 0, 4, 0]
    assert found.answer["range"] == [2, 7]


def test_spending_turns_its_sign_with_participation_held_fixed(by_id):
    assert by_id.loc["sat_slope_alone", "recomputed"] < 0 < by_id.loc["sat_slope_adjusted", "recomputed"]


def test_answer_names_the_city_of_london(found):
    assert found.answer["council"] == "City of London"
    assert round(found.answer["largest"]["value"], 4) == 0.0835
    assert round(found.answer["leave"]["value"], 4) == 0.0418
    assert found.answer["largest"]["answer"] == found.answer["leave"]["answer"] == "undecided"


def test_persistence_of_council_averages_hangs_on_five_wrong_zeros(by_id):
    assert by_id.loc["panel_persistence", "recomputed_text"] == "0.40"
    assert by_id.loc["panel_persistence_clean", "recomputed_text"] == "0.52"
    assert by_id.loc["schools_icc", "recomputed_text"] == "0.1804"


def test_seven_percent_leaves_room_for_two_thirds_of_a_deviation(by_id):
    assert math.isclose(by_id.loc["seven_gap", "recomputed"], math.sqrt(.07 / (.8 * .2)), rel_tol=1e-14)
    assert by_id.loc["seven_high", "recomputed_text"] == "0.1013"
    assert "does not refute" in by_id.loc["seven_gap", "note"]


def test_odds_ratio_of_three_is_a_risk_ratio_of_four_thirds(by_id):
    assert math.isclose(by_id.loc["risk_three", "recomputed"], 4 / 3, rel_tol=1e-12)


def test_hidden_causes_are_as_strong_as_brute_force_says(by_id):
    # .44815, .24606 and .35717: all sign patterns, R's solve(), apart from this package
    assert abs(by_id.loc["power_quality_of_life", "recomputed"] - 0.4481507) < 1e-6
    assert abs(by_id.loc["power_adjusted_quality_of_life", "recomputed"] - 0.2460643) < 1e-6
    assert abs(by_id.loc["power_money_adjusted_quality_of_life", "recomputed"] - 0.3571697) < 1e-6


def test_published_gaps_come_out(by_id):
    assert by_id.loc["chicago_pooled_explained", "recomputed_text"] == "0.9525717"
    assert by_id.loc["psid_total", "recomputed_text"] == "-0.06413"


def test_money_and_staff_in_colemans_schools(by_id):
    # the shares of T7: money .014, quality of staff .065, of .906
    assert by_id.loc["coleman_salaryP_share", "recomputed_text"] == "0.01363"
    assert by_id.loc["coleman_teacherSc_share", "recomputed_text"] == "0.06461"
    assert by_id.loc["coleman_r2", "recomputed_text"] == "0.9063"


def test_rows_are_kept_by_equality_inequality_and_size():
    data = pd.DataFrame({"a": ["x", "y", "y"], "b": [0.0, 1.0, math.nan]})
    assert list(_findings.keep_rows(data, "a = y").index) == [0, 1]
    assert list(_findings.keep_rows(data, "a != y")["a"]) == ["x"]
    assert list(_findings.keep_rows(data, "b > 0")["a"]) == ["y"]


def test_print_is_the_text_held_for_both_languages(found):
    assert said(found) + "\n" == GOLDEN.read_text(encoding="utf-8")
    assert max(map(len, str(found).splitlines())) <= 100


def test_a_selection_is_a_plain_frame(found):
    part = found[found["status"] == "bounded"]
    assert type(part) is pd.DataFrame
    assert "councils_alone_without_city" in str(part)


def test_status_is_computed_from_the_relation():
    recipe = {"reason": "", "relation": "equal", "published_value": 0.5, "published_upper": math.nan,
              "tolerance": 0.05}
    status = _findings.status_of
    assert status(recipe, [0.55]) == "reproduced"
    assert status(recipe, [0.56]) == "differs"
    assert status({**recipe, "relation": "at_most"}, [0.5]) == "bounded"
    assert status({**recipe, "relation": "at_most"}, [0.51]) == "differs"
    assert status({**recipe, "relation": "sign"}, [-0.5]) == "differs"
    span = {**recipe, "relation": "range", "published_upper": 2, "tolerance": math.nan}
    assert status(span, [0.5, 2]) == "reproduced"
    assert status(span, [0.4, 2]) == "differs"
    assert status({**recipe, "reason": "no data"}, [0.5]) == "not reproducible"


def test_conditions_pick_rows():
    data = pd.DataFrame({"a": ["x", "y", "y"], "b": ["1", "1", "2"]})
    assert list(_findings.keep_rows(data, "a = y; b != 1")["b"]) == ["2"]
    assert len(_findings.keep_rows(data, "")) == 3


def test_the_report_on_the_councils_is_written(found):
    page = pathlib.Path(found.report).read_text(encoding="utf-8")
    assert "7 outcomes, 4 blocks, 4 sources of the process measure, 147 rows" in page and "City of London" in page
    assert 'sy.datasets.load(&quot;councils_2018_19&quot;)' in page


def test_command_prints_the_table(found, tmp_path):
    page = tmp_path / "councils.html"
    run = subprocess.run([sys.executable, "-m", "steelyard", "reproduce", "--report", str(page)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout == f"{said(found)}\n\nThe report on the councils: {page}\n"
    assert page.read_bytes() == pathlib.Path(found.report).read_bytes()


def test_command_writes_one_self_contained_page(tmp_path, found):
    page = tmp_path / "findings.html"
    run = subprocess.run([sys.executable, "-m", "steelyard", "reproduce", "--html", str(page)],
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    text = page.read_text(encoding="utf-8")
    assert text.count("<tr><td><span class=\"s ") == len(found)
    assert "http" not in text
    assert "City of London" in text


def test_command_refuses_in_plain_words(tmp_path):
    def run(*arguments):
        return subprocess.run([sys.executable, "-m", "steelyard", *arguments], capture_output=True, text=True)

    assert run("weigh").returncode == 2
    assert "reproduce" in run("weigh").stderr
    nowhere = run("reproduce", "--html", str(tmp_path / "none" / "page.html"))
    assert nowhere.returncode == 1
    lost = run("reproduce", "--report", str(tmp_path / "none" / "page.html"))
    assert lost.returncode == 1 and lost.stderr.startswith("--report: ") and "Traceback" not in lost.stderr
    assert "--html" in nowhere.stderr and "Traceback" not in nowhere.stderr


def test_findings_are_tables_in_other_forms_too(found, tmp_path):
    page = found.to_markdown()
    rows = [line for line in page.split("\n") if line.startswith(("| reproduced ", "| bounded ", "| differs ", "| not repro"))]
    assert len(rows) == len(found) and page.count("Table: ") == found["claim"].nunique() + 2
    assert found.to_latex().count(r"\begin{tabular}") == found["claim"].nunique() + 2
    found.to_csv(tmp_path / "findings.csv")
    assert list(pd.read_csv(tmp_path / "findings.csv")["id"]) == list(found["id"])
