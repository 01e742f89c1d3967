# SPDX-License-Identifier: GPL-3.0-only
"""The report: a page that everyone can read, its part for notebooks, its picture, the data set it was made from."""
import re
import xml.etree.ElementTree as xml
from html import unescape

import numpy as np
import pandas as pd
import pytest

import page_rules
import steelyard as sy

BLOCKS = {"funding": "spend_per_adult_gbp", "process": "easy_information", "need": "deprivation_rank"}


def long_names(outcomes):
    """Outcomes, funding and process with names of 60 characters."""
    draw = np.random.default_rng(7)
    money, eased = draw.normal(500, 100, 150), draw.normal(size=150)
    names = [f"an_outcome_whose_name_has_sixty_characters_in_all_number_{i:03d}" for i in range(outcomes)]
    data = {name: 0.002 * i * money + 0.1 * i * eased + draw.normal(size=150) for i, name in enumerate(names)}
    funding, process = "what_the_council_pays_for_a_person_in_a_week_in_pounds_of_19", "how_easily_people_found_information_about_their_own_support_"
    assert {*map(len, [*names, funding, process])} == {60}
    return pd.DataFrame({**data, funding: money, process: eased}), names, {"funding": funding, "process": process}


@pytest.fixture(scope="module")
def councils():
    return sy.datasets.load("councils_2018_19")


@pytest.fixture(scope="module")
def evidence(councils):
    return sy.weigh(councils, ["control", "satisfaction", "feel_safe"], BLOCKS, label="council", areas=True, left_out=1)


def page_of(evidence, folder, **more):
    evidence.report(folder / "page.html", **more)
    return (folder / "page.html").read_text(encoding="utf-8")


def code_of(page, language):
    return unescape(re.search(f'<code class="language-{language}">(.*?)</code>', page, re.S).group(1))


@pytest.mark.parametrize("outcomes", [3, 30])
def test_pages_keep_the_rules(outcomes, tmp_path):
    data, names, blocks = long_names(outcomes)
    evidence = sy.weigh(data, names, blocks, left_out=0)
    page = page_of(evidence, tmp_path)
    assert page_rules.violations(page) == []
    assert page_rules.violations(evidence._repr_html_(), whole=False) == []
    assert len(page.encode()) < 2_000_000


def test_rules_find_what_is_broken(evidence, tmp_path):
    """A check that cannot fail is none."""
    page = page_of(evidence, tmp_path)
    for old, new in (('lang="en"', ""), ("<caption>", "<caption><b>"), ("</main>", ""), ('scope="row"', ""), ("<h2>", "<h4>"),
                     ('role="img"', ""), ('tabindex="0"', ""), ("<main", "<p>out</p><main"), ("</head>", "<script></script></head>"),
                     ('-title"', '-other"')):
        assert old in page
        assert page_rules.violations(page.replace(old, new, 1)), old


def test_the_picture_is_svg_with_the_same_bytes_each_time(evidence, councils, tmp_path):
    evidence.picture(tmp_path / "one.svg")
    sy.weigh(councils, ["control", "satisfaction", "feel_safe"], BLOCKS, label="council", areas=True,
             left_out=1).picture(tmp_path / "two.svg")
    first = (tmp_path / "one.svg").read_bytes()
    assert first == (tmp_path / "two.svg").read_bytes()
    texts = [one.text for one in xml.fromstring(first).iter("{http://www.w3.org/2000/svg}text")]
    assert {"control", "satisfaction", "feel safe", "funding", "process"} <= set(texts)


def test_the_code_on_the_page_gives_the_same_answer(evidence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = page_of(evidence, tmp_path)
    exec(code_of(page, "python"), {})
    assert capsys.readouterr().out == f"{evidence}\n"
    assert (tmp_path / "evidence.html").read_text(encoding="utf-8") == page


@pytest.mark.parametrize("more", [
    {"weights": "population", "weight_kind": "analytic", "adjust": "deprivation_rank", "missing": "complete"},
    {"population": {"kind": {"small": 0.25}}, "adjust": ["C(region)", "deprivation_rank"]},
    {"group": "kind", "one_source": True, "areas": True, "at_most": 1 / 3}])
def test_the_code_reads_the_file_it_is_told_of(more, councils, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    kind = np.where(councils["population"] > 200000, "large", "small")
    cut = pd.qcut(councils["control"], 3, labels=["low", "middle", "high"])
    data = councils[["satisfaction", "spend_per_adult_gbp", "easy_information", "deprivation_rank", "population"]].assign(
        control=pd.Categorical(cut, ["low", "middle", "high"], ordered=True), kind=pd.Categorical(kind, ["small", "large"]),
        part=pd.Categorical(np.where(councils["median_pay_gbp"] > 29000, "dear", "cheap"), ["dear", "cheap"]),
        region=np.arange(len(councils)) % 12)
    data.to_csv("people \"2\".csv", index=False)
    outcomes = ["satisfaction"] if "population" in more else ["satisfaction", "control"]
    evidence = sy.weigh(data, outcomes,
                        {"funding": "I(spend_per_adult_gbp**2) + np.log(spend_per_adult_gbp)", "process": "easy_information",
                         "more": "part"}, by="kind", cluster="region", need=["more"], left_out=0, level=0.9,
                        seed=5, unit_pounds=100, interval="jackknife", **more)
    page = page_of(evidence, tmp_path, data='people "2".csv')
    exec(code_of(page, "python"), {})
    assert capsys.readouterr().out == f"{evidence}\n"


def test_rows_of_a_data_set_are_recognised(councils):
    def loaded(data, **more):
        return "sy.datasets.load" in unescape(sy.weigh(data, "control", BLOCKS, left_out=0, interval="none", **more)._page)

    assert loaded(councils)
    assert loaded(councils.assign(other=1.0))
    assert not loaded(councils.iloc[1:])
    assert not loaded(councils.assign(control=councils["control"] + 1))
    assert not loaded(councils, weights=np.ones(len(councils)), weight_kind="analytic")
    assert not loaded(councils.set_index("council"))


def test_the_file_of_rows_is_a_text(evidence, tmp_path):
    with pytest.raises(sy.SteelyardError, match="data: the name of a CSV file is needed, found 3"):
        evidence.report(tmp_path / "page.html", data=3)
