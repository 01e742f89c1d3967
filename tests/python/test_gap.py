# SPDX-License-Identifier: GPL-3.0-only
"""gap(): both cores behind one function; sums, references, texts, refusals."""
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

BLOCKS = {"age": "age", "sex": "female", "education": ["high_school", "some_college", "college", "advanced_degree"]}


@pytest.fixture(scope="module")
def chicago():
    data = sy.datasets.load("chicago_wages")
    much = pd.cut(data["log_wage"], [-9, 2.2, 2.6, 3, 9], labels=["little", "some", "more", "most"])
    low = (data["log_wage"] < 2.4).astype("boolean").mask(data["log_wage"].isna())
    return data.assign(low=low, much=much, sex=data["female"].map({0: "man", 1: "woman"}))


def adds_up(g):
    for row in g.parts[g.parts["block"] == "total"].to_dict("records"):
        fit = g.gap["fit"].iloc[-1] if "fit" in g.gap else 0.0
        assert row["explained"] + row["unexplained"] + fit == pytest.approx(g.gap["gap"].iloc[-1], abs=1e-12)
    for key in ("explained", "unexplained"):
        parts = g.parts[key].to_numpy()
        if np.isfinite(parts[:-1]).any():
            assert np.nansum(parts[:-1]) == pytest.approx(parts[-1], abs=1e-12)


@pytest.mark.parametrize("asked", [
    {"outcome": "log_wage"}, {"outcome": "log_wage", "reference": 0.3}, {"outcome": "log_wage", "method": "gelbach"},
    {"outcome": "log_wage", "method": "kitagawa", "blocks": {"sex": "C(female)", "school": "C(college)"}},
    {"outcome": "log_wage", "adjust": "age", "blocks": {"sex": "female"}},
    {"outcome": "low"}, {"outcome": "low", "method": "oaxaca"}, {"outcome": "much"},
    {"outcome": "much", "link": "probit"}, {"outcome": "much", "adjust": "age", "blocks": {"sex": "female"}}])
def test_parts_add_to_the_gap(chicago, asked):
    g = sy.gap(chicago, **{"group": "foreign_born", "blocks": BLOCKS, "interval": None, **asked})
    if asked.get("method") != "gelbach" or not asked.get("adjust"):
        adds_up(g)
    assert g.parts["std_error"].isna().all()


def test_all_references_stand_beside_each_other(chicago):
    g = sy.gap(chicago, "log_wage", "foreign_born", BLOCKS, reference=0.25)
    assert list(g.references["reference"]) == ["first", "second", "equal", "size", "pooled", "pooled_without", "0.25"]
    assert g.references["explained"].iloc[-1] == g.explained
    for name, explained in zip(g.references["reference"][:6], g.references["explained"]):
        alone = sy.gap(chicago, "log_wage", "foreign_born", BLOCKS, reference=name, interval=None)
        assert alone.explained == pytest.approx(explained, abs=1e-14)
    first, second = g.references["explained"][:2]
    assert g.explained == pytest.approx(0.25 * first + 0.75 * second, abs=1e-14)


def test_gelbach_is_oaxaca_with_the_group_in_the_pooled_model(chicago):
    oaxaca = sy.gap(chicago, "log_wage", "foreign_born", BLOCKS, interval=None)
    gelbach = sy.gap(chicago, "log_wage", "foreign_born", BLOCKS, method="gelbach", interval=None)
    one, other = (g.parts.set_index("block")["explained"].drop("(Intercept)", errors="ignore") for g in (oaxaca, gelbach))
    assert np.allclose(one, other, rtol=0, atol=1e-12)


def test_detail_does_not_depend_on_the_base_level(chicago):
    for outcome in ("log_wage", "low"):
        one, other = (sy.gap(chicago.assign(sex=pd.Categorical(chicago["sex"], order)), outcome, "foreign_born",
                             ["age", "sex"], interval=None) for order in (["man", "woman"], ["woman", "man"]))
        assert np.allclose(one.parts.drop(columns="block"), other.parts.drop(columns="block"), rtol=0, atol=1e-9,
                           equal_nan=True)


def test_the_other_group_first_turns_the_sign(chicago):
    one = sy.gap(chicago, "low", "foreign_born", BLOCKS, interval=None)
    other = sy.gap(chicago, "low", "foreign_born", BLOCKS, first=1, interval=None)
    assert one.gap["gap"].iloc[0] == -other.gap["gap"].iloc[0]
    assert one.explained == pytest.approx(-other.explained, abs=1e-9)


def test_ordered_answers_have_a_row_each(chicago):
    g = sy.gap(chicago, "much", "foreign_born", BLOCKS, interval=None)
    assert list(g.gap["category"]) == ["little", "some", "more", "most", "mean"]
    assert g.gap["gap"][:4].sum() == pytest.approx(0, abs=1e-14)
    assert len(g.categories) == 5 * (len(BLOCKS) + 2)
    assert set(g.references["reference"]) == {"order_free", "first", "second", "pooled", "pooled_without"}
    seen = chicago["much"].cat.codes[chicago["much"].notna()] + 1
    mean = seen.groupby(chicago["foreign_born"]).mean()
    assert g.gap["gap"].iloc[-1] == pytest.approx(mean[0] - mean[1], abs=1e-12)


def test_types_of_outcome_choose_the_method(chicago):
    def method(outcome, **more):
        return sy.gap(chicago, outcome, "foreign_born", "age", interval=None, **more).method

    assert method("log_wage") == "oaxaca" and method("low") == "shapley" and method("much") == "shapley"
    assert method("female") == "shapley" and method("female", outcome_type="numeric") == "oaxaca"


def test_clusters_and_seeds(chicago):
    data = chicago.assign(town=np.arange(len(chicago)) % 40)
    g = sy.gap(data, "low", "foreign_born", BLOCKS, cluster="town")
    assert g.provenance["units"] == 40 and g.provenance["df"] == 39
    assert "jackknife over 40 clusters" in str(g)
    one, other = (sy.gap(data, "low", "foreign_born", BLOCKS, seed=seed).parts["std_error"].iloc[-1] for seed in (1, 2))
    assert one != other and 0.5 < one / other < 2


def test_prints_and_says_what_explained_means(chicago):
    g = sy.gap(chicago, "log_wage", "foreign_born", BLOCKS)
    text = str(g)
    assert text.startswith("Gap in log_wage by foreign_born: 0 less 1, 666 rows\nOaxaca-Blinder, reference pooled\n")
    assert g.sentences[0].startswith("Of the gap of 0.143 in the mean of log_wage (foreign_born = 0: 2.697, 1: 2.553), "
                                     "0.050 (35 %) goes with the blocks and 0.093 does not; the largest part is that "
                                     "of education (0.129).")
    assert "coefficients of both groups pooled, with foreign_born in the model" in text
    assert "depend on where their numbers have their zero; their sum does not." in text
    assert all(sentence in text for sentence in g.sentences)
    assert "Rows: 712 read, 666 used, 46 dropped" in text
    assert "mean 2.69673, 287 rows" in str(g.summary()) and "\nterm " in str(g.summary())
    assert '<th scope="col">explained</th>' in g._repr_html_()
    answers = str(sy.gap(chicago, "much", "foreign_born", BLOCKS))
    assert "answer  " in answers and "reference order_free" in answers and "averaged over all orders" in answers


def test_results_pickle_and_tidy(chicago):
    for outcome in ("log_wage", "low", "much"):
        g = sy.gap(chicago, outcome, "foreign_born", BLOCKS)
        again = pickle.loads(pickle.dumps(g))
        assert str(again) == str(g)
        frame = g.to_frame()
        assert {"kind", "block", "part", "estimate", "std_error", "statistic", "p_value", "conf_low",
                "conf_high"} <= set(frame.columns)
        some = frame[frame["std_error"] > 1e-9]
        assert np.allclose(some["statistic"], some["estimate"] / some["std_error"], rtol=1e-12)
        assert len(g.glance()) == 1


def test_parts_of_answers_depend_on_no_zero_unit_or_coding(chicago):
    """1e-8 (percent: 1e-6): searches from other columns stop at a relative step of 1e-10."""
    asked = {"group": "foreign_born", "blocks": BLOCKS, "interval": None}
    moved = chicago.assign(age=1000 + chicago["age"] / 12, female=pd.Categorical(chicago["female"]))
    for outcome in ("low", "much"):
        one, other = sy.gap(chicago, outcome, **asked), sy.gap(moved, outcome, **asked)
        for table in (lambda g: g.parts, lambda g: g.references, lambda g: g.gap):
            numbers = table(one).select_dtypes("float"), table(other).select_dtypes("float")
            assert np.allclose(*numbers, rtol=0, atol=1e-6, equal_nan=True)


def test_a_gap_of_means_says_what_rests_on_zeros(chicago):
    g = sy.gap(chicago, "log_wage", "foreign_born", BLOCKS, interval=None)
    moved = sy.gap(chicago.assign(age=1000 + chicago["age"]), "log_wage", "foreign_born", BLOCKS, interval=None)
    assert np.allclose(g.parts["explained"], moved.parts["explained"], atol=1e-10, equal_nan=True)
    assert abs(g.parts["unexplained"] - moved.parts["unexplained"]).max() > 0.1
    assert "Unexplained parts of single blocks depend on where their numbers have their zero; their sum does not." in str(g)


def test_plots_hang_between_the_means(chicago):
    pytest.importorskip("matplotlib").use("Agg")
    from matplotlib import pyplot
    for outcome, category in (("log_wage", None), ("much", "little")):
        ax = sy.gap(chicago, outcome, "foreign_born", BLOCKS, interval=None).plot(category)
        names = [label.get_text() for label in ax.get_yticklabels()]
        assert names[0] == "foreign_born = 1" and names[-1] == "foreign_born = 0" and "unexplained" in names
        pyplot.close(ax.figure)
    with pytest.raises(sy.SteelyardError, match="category: only ordered answers have categories"):
        sy.gap(chicago, "low", "foreign_born", BLOCKS, interval=None).plot("x")


@pytest.mark.parametrize("change, error, text", [
    ({"group": "age", "blocks": "female"}, sy.DataError, "group: age has 59 levels with rows"),
    ({"data": "one"}, sy.DataError, "group: foreign_born has 1 level with rows"),
    ({"first": "x"}, sy.SteelyardError, 'first: "x" is not a level of foreign_born (0, 1)'),
    ({"method": "shapley"}, sy.SteelyardError, 'method: "shapley" is of a binary or ordinal outcome'),
    ({"outcome": "much", "method": "oaxaca"}, sy.SteelyardError, 'method: "oaxaca" is of a numeric outcome'),
    ({"blocks": {"a": "foreign_born"}}, sy.SteelyardError, "group: foreign_born is also a term of the model"),
    ({"outcome": "low", "blocks": {"a": "foreign_born"}}, sy.SteelyardError, "group: foreign_born also stands in"),
    ({"reference": 2}, sy.SteelyardError, "reference: 2 is not between 0 and 1"),
    ({"reference": "order_free"}, sy.SteelyardError, 'reference: "order_free" is not one of'),
    ({"method": "kitagawa"}, sy.SteelyardError, 'method = "kitagawa" compares cells'),
    ({"method": "gelbach", "reference": "first"}, sy.SteelyardError, 'reference: "gelbach" has none'),
    ({"adjust": "age"}, sy.SteelyardError, "adjust: age is in block age too"),
    ({"blocks": {"a": "log_wage"}}, sy.SteelyardError, "blocks: log_wage is the outcome"),
    ({"link": "probit"}, sy.SteelyardError, 'link: "oaxaca" has none'),
    ({"outcome": "low", "interval": "percentile"}, sy.SteelyardError, "jackknife limits"),
    ({"outcome": "low", "reference": "equal"}, sy.SteelyardError, 'reference: "equal" is not one of'),
    ({"weights": "age"}, sy.SteelyardError, "weight_kind: weights need their kind"),
    ({"outcome": "nosuch"}, sy.SteelyardError, "outcome: "),
])
def test_bad_questions_are_refused_in_words(chicago, change, error, text):
    data = chicago[chicago["foreign_born"] == 0] if change.pop("data", None) else chicago
    asked = {"outcome": "log_wage", "group": "foreign_born", "blocks": BLOCKS, **change}
    with pytest.raises(error) as raised:
        sy.gap(data, **asked)
    assert text in str(raised.value)


def test_a_group_with_fewer_rows_than_columns_is_refused(chicago):
    few = pd.concat([chicago[chicago["foreign_born"] == 0].head(4), chicago[chicago["foreign_born"] == 1]])
    for outcome in ("log_wage", "low"):
        with pytest.raises(sy.DataError, match="foreign_born"):
            sy.gap(few, outcome, "foreign_born", BLOCKS)
