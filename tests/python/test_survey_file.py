# SPDX-License-Identifier: GPL-3.0-only
"""The made-up survey is what its script writes."""
import importlib.util
import pathlib

import steelyard as sy

SCRIPT = pathlib.Path(__file__).parents[1] / "notebooks" / "make_survey.py"


def test_the_file_is_written_again_byte_for_byte(tmp_path):
    spec = importlib.util.spec_from_file_location("make_survey", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.survey().to_csv(tmp_path / "data.csv", index=False)
    assert (tmp_path / "data.csv").read_bytes() == SCRIPT.parents[2].joinpath(
        "datasets", "made_up_survey", "data.csv").read_bytes()


def test_weights_give_the_people_that_were_drawn():
    survey = sy.datasets.load("made_up_survey")
    assert abs(survey["weight"].sum() - 12000) < 0.5  # four decimals a weight
    assert survey.groupby(["council", "stratum"]).size().max() == 22
