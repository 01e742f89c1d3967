# SPDX-License-Identifier: GPL-3.0-only
"""Results as documents: text, HTML, Markdown, LaTeX and CSV. R writes the same (test-documents.R).

The files of tests/reference/documents are written by `STEELYARD_WRITE=1 pytest tests/python/test_documents.py`; each was
read, and looked at in a browser, before it was kept."""
import html.parser
import io
import os
import pathlib
import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _digits
from steelyard._document import Caution, Cells, Document, Heading, Listed

DOCUMENTS = pathlib.Path(__file__).parents[1] / "reference" / "documents"
DATA = DOCUMENTS.parent / "data"
BLOCKS = {"funding": "spend_per_adult_gbp", "process": "easy_information",
          "delivery": "self_directed_support_pct + direct_payment_pct", "need": "deprivation_rank"}
WRITERS = {"txt": str, "html": lambda d: d._repr_html_(), "md": lambda d: d.to_markdown(), "tex": lambda d: d.to_latex()}


def councils():
    return sy.datasets.load("councils_2018_19")


def shown(name):
    if name == "shares":
        return sy.shares(councils(), "control", BLOCKS)
    if name == "shares-summary":
        return sy.shares(councils(), "control", BLOCKS).summary()
    if name == "compare":
        return sy.shares(councils(), ["control", "feel_safe"], BLOCKS).compare("process", "funding", adjust="holm")
    if name == "linear":
        return sy.fit_linear("control ~ easy_information + spend_per_adult_gbp + deprivation_rank", councils())
    if name == "mixed":
        return sy.fit_mixed("Reaction ~ Days + (Days | Subject)", pd.read_csv(DATA / "sleepstudy.csv"))
    if name == "gap":
        data = councils()
        data["costly"] = np.where(data["spend_per_adult_gbp"] > 400, "more", "less")
        return sy.gap(data, "control", "costly", {"process": "easy_information", "need": "deprivation_rank"})
    return sy.weigh(councils(), ["control", "feel_safe"], {key: BLOCKS[key] for key in ("funding", "process", "need")})


NAMES = ("shares", "shares-summary", "compare", "linear", "mixed", "gap", "weigh")


@pytest.fixture(scope="module")
def results():
    return {name: shown(name) for name in NAMES}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", NAMES)
def test_documents_are_those_on_file(results, name, kind):
    path, text = DOCUMENTS / f"{name}.{kind}", WRITERS[kind](results[name])
    if kind == "txt":
        text += "\n"
    if os.environ.get("STEELYARD_WRITE"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


class Reader(html.parser.HTMLParser):
    """Collects tags, and complains of those that do not close."""

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.text = [], [], []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attrs for seen, attrs in self.seen if seen == tag]


@pytest.mark.parametrize("name", NAMES)
def test_tables_have_captions_and_scopes_and_pages_no_scripts(results, name):
    page = Reader(results[name]._repr_html_())
    tables = page.all("table")
    assert len(tables) == len(page.all("caption")) > 0
    assert {"col", "row"} <= {attrs.get("scope") for attrs in page.all("th")} <= {"col", "row", "colgroup"}
    assert not page.all("script") and not page.all("link") and not any("src" in attrs or "href" in attrs
                                                                       for _, attrs in page.seen)
    whole = page.seen[0]
    assert whole[0] == "div" and whole[1]["role"] == "group" and whole[1]["aria-label"]
    assert not re.search(r"[;{]color:", "".join(page.text))  # dark and light pages keep their own


def awkward():
    return Document([
        Heading("R2 of a<b> & c_d"), "- not a list: 5 % of *all*", "", Cells(
            "Shares | points", [["name", "x^2"], ["a_b|c", "-0.5"], ['"q" \\ {z}~#$', "-"]], units={"x^2": "%"}), "",
        Listed("Remarks:", ["1. under_score", "it's <0.05"]), Caution("association, not effect")])


def test_html_escapes_all_it_must():
    page = awkward().html()
    text = "".join(Reader(page).text)
    assert 'aria-label="R2 of a&lt;b&gt; &amp; c_d"' in page and "a_b|c" in text and '"q" \\ {z}~#$' in text
    assert "it&#x27;s &lt;0.05" in page and '<th scope="col">x^2 (%)</th>' in page
    assert "<em>association, not effect</em>" in page


def test_markdown_means_nothing_it_should_not():
    assert awkward().markdown() == r"""**R2 of a\<b\> & c\_d**

\- not a list: 5 % of \*all\*

Table: Shares \| points

| name             | x\^2 (%) |
| :--------------- | -------: |
| a\_b\|c          |     -0.5 |
| "q" \\ {z}\~\#\$ |        - |

Remarks:

- 1\. under\_score
- it's \<0.05

*association, not effect*
"""


def test_latex_escapes_all_it_must():
    page = awkward().latex()
    assert r"\textbf{R2 of a\textless{}b\textgreater{} \& c\_d}" in page
    assert r"a\_b\textbar{}c & $-$0.5 \\" in page
    assert r'"q" \textbackslash{} \{z\}\textasciitilde{}\#\$ & - \\' in page
    assert r"\begin{tabular}{lr}" in page and r"name & x\textasciicircum{}2 (\%) \\" in page
    assert page.count(r"\begin{") == page.count(r"\end{") == 3
    assert r"\toprule" in page and r"\midrule" in page and r"\bottomrule" in page


def test_text_is_columns_under_each_other():
    assert str(awkward()) == ('R2 of a<b> & c_d\n- not a list: 5 % of *all*\n\nname           x^2\na_b|c         -0.5\n'
                              '"q" \\ {z}~#$     -\n\nRemarks:\n- 1. under_score\n- it\'s <0.05\nassociation, not effect')


def test_numbers_are_rounded_by_their_error():
    # GUM 7.2.6: 10.05762 with an uncertainty of 27 thousandths is 10.058
    assert _digits.by_error(0.027, "%.4f") % 10.05762 == "10.058"
    assert _digits.by_error(float("nan"), "%.4f") == _digits.by_error(0.0, "%.4f") == "%.4f"
    assert _digits.by_error(0.027, "%.4f", _digits.MORE) % 10.05762 == "10.05762"
    assert _digits.row_format(1234.5) % 98765.4 == "98765" and _digits.row_format(3e-9) % 1.23456e-8 == "1.2346e-08"
    assert _digits.number(-0.0004, "%.3f") == "0.000"


def test_print_rounds_and_frames_and_csv_do_not(tmp_path):
    s = sy.shares(councils(), "control", BLOCKS)
    error = s.blocks["std_error"][0]
    assert 0.0095 < error < 0.095 and "\nfunding   0.020 " in str(s) and "\nfunding   0.01955 " in str(s.summary())
    again = pd.read_csv(io.StringIO(s.to_csv()), keep_default_na=False, na_values=[""],
                        float_precision="round_trip")
    assert np.array_equal(again["estimate"], s.to_frame()["estimate"])
    assert s.to_csv(tmp_path / "s.csv") is None and (tmp_path / "s.csv").read_text() == s.to_csv()


def test_a_summary_says_how_the_answer_came_about():
    holes = councils()
    holes.loc[[2, 3], "easy_information"] = np.nan
    holes.loc[5, "deprivation_rank"] = np.nan
    fit = sy.fit_linear("control ~ easy_information + deprivation_rank", holes)
    text = str(fit.summary())
    assert "3 dropped for missing values.\n" in str(fit)
    assert "3 dropped for missing values (easy_information 2, deprivation_rank 1).\n" in text
    assert f"Provenance:\n- version: {sy._core.version()}\n- formula: control ~ easy_information + deprivation_rank\n" in text
    s = sy.shares(councils(), "control", BLOCKS, order=[["need"], ["funding", "process"], ["delivery"]], seed=7)
    text = str(s.summary())
    assert f"- hash: {s.provenance['hash']}\n" in text and text.endswith("- seed: 7")
    assert "- order: need, then funding and process, then delivery\n" in text
    assert "- blocks: funding = spend_per_adult_gbp; process = easy_information; delivery = self_directed_support_pct + " in text


def every_result():
    """One result of each class, by name."""
    data = councils()
    data["costly"] = np.where(data["spend_per_adult_gbp"] > 400, "more", "less")
    data["high"] = data["control"] > 77
    s = sy.shares(data, "control", BLOCKS)
    fit = sy.fit_linear("control ~ easy_information + C(costly) + spend_per_adult_gbp", data)
    binary = sy.fit_binary("high ~ easy_information", data)
    mixed = sy.fit_mixed("Reaction ~ Days + (1 | Subject)", pd.read_csv(DATA / "sleepstudy.csv"))
    attitude = pd.read_csv(DATA / "attitude.csv")
    return {
        "shares": s, "by": sy.shares(data, "control", ["easy_information", "deprivation_rank"], by="costly"),
        "compare": s.compare_all(), "ratio": s.ratio("process", "funding"), "crossvalidated": s.crossvalidated(), "if_first": s.if_first(), "submodels": s.submodels(),
        "commonality": s.commonality(), "dominance": s.dominance("general"), "league": s.league("alone"), "ranks": s.ranks(),
        "at_most": s.at_most("funding", 0.07, metric="share"), "above_in_all": s.in_all("process", "funding"),
        "units_needed": s.units_needed("process", "funding"), "simex": s.simex({"easy_information": 0.8}),
        "corrected": s.corrected({"easy_information": 0.8}), "share_flip": s.share_flip(),
        "reliability_to_flip": s.reliability_to_flip(), "fit": fit, "anova": fit.anova(), "wald": fit.anova(covariance="HC1"),
        "means": fit.means("costly"), "pairwise": fit.pairwise("costly"), "diagnostics": fit.diagnostics(),
        "contrasts": fit.contrasts({"slope": {"easy_information": 1}}), "binary": binary, "effects": binary.effects(),
        "odds": binary.odds_ratios(), "risks": binary.risk_ratios("easy_information"), "tests": binary.anova(),
        "explained": binary.explained(), "mixed": mixed, "ranef": mixed.ranef(), "icc": mixed.icc(),
        "profile": mixed.profile(), "fitted": sy.shares(binary), "oneway": sy.oneway(data, "control", "costly"),
        "components": sy.variance_components(data, "control", "costly"),
        "gap": sy.gap(data, "control", "costly", {"process": "easy_information"}),
        "balance": sy.balance(data, "costly", ["deprivation_rank", "median_pay_gbp"], "control"),
        "mediation": sy.mediation(data, "control", "C(costly)", {"process": "easy_information"}),
        "confounding": sy.confounding(fit, "easy_information", benchmarks=["spend_per_adult_gbp"]),
        "reliability": sy.reliability(attitude, list(attitude.columns)),
        "polychoric": sy.polychoric(attitude, ["rating", "raises"]),
        "unit_values": sy.unit_values({"a": 10, "b": 20}, {"a": 2, "b": 3}), "counts": sy.counts_by_chance([3, 4], 14, 0.05),
        "printed": sy.gap_allowed(0.07, 0.3), "weigh": shown("weigh"),
        "curve": sy.specification_curve(data, ["control"], {key: BLOCKS[key] for key in ("funding", "process", "need")}),
        "permutation": sy.permutation_test(s, "process", permutations=99),
        "moments": sy.moments(data, ["control", "easy_information"])}


@pytest.fixture(scope="module")
def every():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few groups and the like: not what is asked here
        return every_result()


def test_every_result_is_a_document(every):
    for name, result in every.items():
        text = str(result)
        assert repr(result) == text and "\n\n\n" not in text and not text.endswith("\n"), name
        page = Reader(result._repr_html_())
        assert page.text and "<pre" not in result._repr_html_(), name
        ruled = len(re.findall(r"^\|(?: :?-+:? \|)+$", result.to_markdown(), re.M))
        assert name == "weigh" or len(page.all("table")) == result.to_latex().count(r"\begin{tabular}") == ruled, name
        if name not in ("moments", "weigh", "curve"):
            assert result.to_csv().count("\n") == len(result.to_frame()) + 1, name


def test_documents_pickle(every):
    for name, result in every.items():
        again = pickle.loads(pickle.dumps(result))
        assert str(again) == str(result) and again.to_latex() == result.to_latex(), name


def test_every_summary_is_longer(every):
    for name, result in every.items():
        if hasattr(result, "summary") and not isinstance(result, pd.DataFrame):
            assert len(str(result.summary())) > len(str(result)), name
            assert name == "by" or "\nProvenance:\n- version: " in str(result.summary()), name  # each level has its own


def test_columns_stand_under_each_other_where_letters_are_wide():
    cells = Cells("c", [["block", "share"], ["资金 €", "0.1"], ["plain", "0.25"], ["e\u0301", "0.3"]])
    assert str(Document([cells])).split("\n") == ["block   share", "资金 €    0.1", "plain    0.25", "e\u0301         0.3"]


def test_ratios_close_to_one_are_told_from_one():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"pounds": 1e5 * rng.normal(size=240)})
    rows["yes"] = rows["pounds"] + 1e5 * rng.normal(size=240) > 0
    fit = sy.fit_binary("yes ~ pounds", rows)
    term, *ratios = str(fit.odds_ratios()).split("\n")[3].split()
    assert all(1 < float(ratio) < 1.0001 for ratio in ratios)
    cells = str(fit.risk_ratios("pounds")).split("\n")[3].split()
    assert float(cells[2]) < float(cells[3]) and float(cells[4]) > 1 and float(cells[8]) > 0
    assert _digits.ratio_format(1.1, 3.7) == _digits.ratio_format(0, np.inf) == "%.4f"
