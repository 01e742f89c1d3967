# SPDX-License-Identifier: GPL-3.0-only
"""The data sets that travel with the package: whole, described, as published."""
import pytest

import steelyard as sy

NAMES = ["azen_budescu_2003", "california_schools_1998", "chicago_wages", "coleman_1966", "copenhagen_housing_1968",
         "councils_2018_19", "councils_panel_2015_2023", "direct_payments_england", "high_school_beyond_1982",
         "made_up_survey", "motor_trend_1974", "poet_marginals", "published_claims", "published_findings", "sat_1995", "swiss_1888",
         "wages_1976_1982", "wine_1989"]
ROWS = {"azen_budescu_2003": 5, "california_schools_1998": 420, "chicago_wages": 712, "coleman_1966": 20,
        "copenhagen_housing_1968": 72, "councils_2018_19": 147, "councils_panel_2015_2023": 1214,
        "high_school_beyond_1982": 7185, "made_up_survey": 1703, "motor_trend_1974": 32, "poet_marginals": 167, "published_claims": 200,
        "sat_1995": 50, "swiss_1888": 47, "wages_1976_1982": 4165, "wine_1989": 72}


def test_every_data_set_is_named():
    assert sy.datasets.names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_codebook_describes_every_column_in_order(name):
    book = sy.datasets.codebook(name)
    assert list(book.columns) == ["column", "meaning", "unit", "source_measure", "year"]
    assert list(book["column"]) == list(sy.datasets.load(name).columns)
    assert (book["meaning"].str.len() > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_source_states_origin_licence_making_and_limits(name):
    text = sy.datasets.source(name)
    for word in ("**Origin.**", "**Licence.**", "**How it was made.**", "**Limits.**"):
        assert word in text


@pytest.mark.parametrize("name", sorted(ROWS))
def test_row_counts_are_those_compiled(name):
    assert len(sy.datasets.load(name)) == ROWS[name]


def test_councils_are_complete_but_for_median_pay():
    data = sy.datasets.load("councils_2018_19")
    assert data["median_pay_gbp"].isna().sum() == 2
    assert data.drop(columns="median_pay_gbp").notna().all().all()


def test_spending_adds_up_to_what_was_published_for_england():
    # 17.5 billion pounds in 152 councils, of which 147 are here
    data = sy.datasets.load("councils_2018_19")
    assert 17.0e9 < (data["spend_per_adult_gbp"] * data["population"]).sum() < 17.5e9


def test_city_of_london_is_the_outlier_the_cautions_name():
    data = sy.datasets.load("councils_2018_19").sort_values("population")
    assert data["council"].iloc[0] == "City of London"
    assert data["population"].iloc[0] == 8100
    assert data["spend_per_adult_gbp"].idxmax() == data.index[0]


def test_sat_total_is_verbal_and_math():
    data = sy.datasets.load("sat_1995")
    assert (data["sat"] == data["verbal"] + data["math"]).all()


def test_zeros_of_2019_20_are_the_ones_the_note_lists():
    data = sy.datasets.load("councils_panel_2015_2023")
    zero = data[data["adjusted_quality_of_life"] == 0]
    assert set(zero["year"]) == {"2019-20"}
    assert sorted(zero["council"]) == ["City of London", "Isles of Scilly", "Kent", "Trafford", "Wokingham"]


def test_panel_and_council_file_agree_where_they_overlap():
    panel = sy.datasets.load("councils_panel_2015_2023")
    both = panel[panel["year"] == "2018-19"].merge(sy.datasets.load("councils_2018_19"), on="council_code")
    assert len(both) == 147
    for column in ("adjusted_quality_of_life", "easy_information", "carer_quality_of_life"):
        assert (both[column + "_x"] == both[column + "_y"]).all()


def test_a_word_in_a_text_is_not_taken_for_missing():
    recipes = sy.datasets.load("published_findings")
    assert recipes["relation"].notna().all()
    assert "none" in set(recipes["relation"])


def test_a_loaded_frame_is_the_callers_own():
    sy.datasets.load("sat_1995")["sat"] = 0
    assert sy.datasets.load("sat_1995")["sat"].min() > 0


def test_unknown_data_set_names_the_nearest():
    for verb in (sy.datasets.load, sy.datasets.codebook, sy.datasets.source):
        with pytest.raises(sy.SteelyardError, match="name.*sat_1996.*sat_1995"):
            verb("sat_1996")


def test_a_path_is_not_a_name():
    with pytest.raises(sy.SteelyardError, match="name"):
        sy.datasets.load("../data/sat_1995")
    with pytest.raises(sy.SteelyardError, match="name: one name is needed"):
        sy.datasets.load(None)
