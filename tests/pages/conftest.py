# SPDX-License-Identifier: GPL-3.0-only
"""The pages that are looked at: the councils', and made-up ones of 3 and 30 outcomes with long names."""
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

import browser

OUTCOMES = ["quality_of_life", "adjusted_quality_of_life", "satisfaction", "control", "feel_safe", "social_contact",
            "services_keep_safe"]


def made_up(outcomes):
    """Outcomes, funding and process whose names have 60 characters; blocks with names that HTML reserves."""
    import steelyard as sy

    draw = np.random.default_rng(11)
    money, eased = draw.normal(500, 100, 150), draw.normal(size=150)
    names = [f"an_outcome_whose_name_has_sixty_characters_in_all_number_{i:03d}" for i in range(outcomes)]
    data = pd.DataFrame({name: 0.003 * (i % 4) * money + 0.1 * (i % 7) * eased + draw.normal(size=150)
                         for i, name in enumerate(names)})
    data["what_the_council_pays_for_a_person_in_a_week_in_pounds_of_19"] = money
    data["how_easily_people_found_information_about_their_own_support_"] = eased
    blocks = {"money that <councils> & others pay for a person in a week": data.columns[-2],
              "how people were met, heard & informed by whom they asked": data.columns[-1]}
    funding, process = blocks
    group = np.where(eased + draw.normal(size=150) > 0, "direct payment", "managed account")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sy.SteelyardWarning)
        return sy.weigh(data, names, blocks, funding=funding, process=process, by=group, group=group, left_out=1)


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Paths of the pages by name."""
    folder = tmp_path_factory.mktemp("pages")
    subprocess.run([sys.executable, "-m", "steelyard", "reproduce", "--report", str(folder / "councils.html")], check=True,
                   stdout=subprocess.DEVNULL)
    for outcomes in (3, 30):
        made_up(outcomes).report(folder / f"{outcomes}.html")
    return {path.stem: path for path in sorted(folder.iterdir())}


@pytest.fixture(scope="session")
def chromium():
    if browser.program() is None:
        pytest.skip("no Chromium here: pages were not opened (scripts/setup installs it on Debian)")
    with browser.Browser() as opened:
        yield opened
