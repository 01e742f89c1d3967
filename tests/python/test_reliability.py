# SPDX-License-Identifier: GPL-3.0-only
"""reliability(), corrected(), simex(): psych's numbers, planted noise, prints, refusals. R runs the same
(test-reliability.R)."""
import pathlib
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

DATA = pathlib.Path(__file__).parents[1] / "reference" / "data"
PRINTED = """\
Reliability of attitude: 7 items, 30 rows

kind                estimate  std error    low   high
alpha                  0.843      0.043  0.726  0.910
standardised alpha     0.839      0.043  0.722  0.907
omega                  0.856      0.047  0.720  0.926

item           mean       sd  item-rest  alpha without  loading
rating      64.6333  12.1726     0.6713         0.8098   0.8525
complaints  66.6000  13.3148     0.7421         0.7969   0.9022
privileges  53.1333  12.2354     0.5607         0.8278   0.5927
learning    56.3667  11.7370     0.7144         0.8030   0.7307
raises      64.6333  10.3972     0.7863         0.7954   0.7650
critical    74.7667   9.8949     0.2650         0.8639   0.2461
advance     42.9333  10.2887     0.4608         0.8405   0.3778

Limits (95 %): distribution-free, influence of 30 rows, t with 29 degrees of freedom; symmetric on log(1 - \
reliability).
One factor against any correlations: chi-squared 29.43 on 14, p 0.0091 (normal items)."""
CORRECTED = """\
Corrected for errors of measurement:

block    as measured  corrected  change
(total)        0.240      0.298   0.058
funding        0.016      0.016  -0.001
process        0.224      0.283   0.059
"""
EXTRAPOLATED = """\
Shares of R2 for control extrapolated to no error of measurement

block    measured  quadratic  rational  exact
funding     0.016      0.015     0.015  0.016
process     0.224      0.273     0.283  0.283
(total)     0.240      0.289     0.298  0.298

Errors added: expected moments of normal errors, no draws.
exact: the moments less the errors, as corrected() takes them."""


@pytest.fixture(scope="module")
def attitude():
    return pd.read_csv(DATA / "attitude.csv")


@pytest.fixture(scope="module")
def lsat():
    return pd.read_csv(DATA / "lsat6.csv")


@pytest.fixture(scope="module")
def councils():
    s = sy.datasets.load("councils_2018_19")
    return sy.shares(s, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})


def estimates(result):
    return dict(zip(result.table["kind"], result.table["estimate"]))


def test_numbers_are_those_of_psych(attitude, lsat):
    """psych 2.2.9 alpha, polychoric; alpha of the answers to 1e-12, of polychoric correlations to its search's 1e-5."""
    r = sy.reliability(attitude, list(attitude.columns))
    assert estimates(r)["alpha"] == pytest.approx(0.84314276956475986, rel=1e-12)
    assert estimates(r)["standardised alpha"] == pytest.approx(0.83908380302951058, rel=1e-12)
    assert r.items["alpha_without"][5] == pytest.approx(0.86387231144643684, rel=1e-12)
    f = sy.reliability(attitude, list(attitude.columns), kind="alpha", interval="feldt").table.iloc[0]
    assert (f.conf_low, f.conf_high) == pytest.approx((0.73937568564310729, 0.9157730721599816), rel=1e-10)
    o = sy.reliability(lsat, "Q1 + Q2 + Q3 + Q4 + Q5", kind="ordinal", weights="Freq", weight_kind="frequency")
    assert estimates(o)["ordinal alpha"] == pytest.approx(0.47595835561790478, rel=3e-5)


def test_frequencies_clusters_and_rows_agree(lsat):
    items = ["Q1", "Q2", "Q3", "Q4", "Q5"]
    rows = lsat.loc[lsat.index.repeat(lsat["Freq"])].reset_index(drop=True)
    kinds = ["alpha", "omega", "ordinal"]
    whole = sy.reliability(lsat, items, kinds, weights="Freq", weight_kind="frequency").table
    each = sy.reliability(rows, items, kinds).table
    np.testing.assert_allclose(whole.iloc[:, 2:].to_numpy(float), each.iloc[:, 2:].to_numpy(float), rtol=1e-9)
    own = sy.reliability(rows, items, kinds, cluster=np.arange(len(rows))).table
    np.testing.assert_allclose(own["std_error"], each["std_error"], rtol=0.01)


def test_scales_kinds_and_shapes(lsat):
    r = sy.reliability(lsat, {"five": ["Q1", "Q2", "Q3", "Q4", "Q5"], "three": ["Q1", "Q2", "Q3"]},
                       kind=["alpha", "omega", "ordinal"], weights="Freq", weight_kind="frequency")
    assert list(r.table["kind"][:5]) == ["alpha", "standardised alpha", "omega", "ordinal alpha", "ordinal omega"]
    assert list(r.table.columns) == ["scale", "kind", "estimate", "std_error", "conf_low", "conf_high"]
    assert r.table.shape == (10, 6) and r.items.shape == (16, 9) and r.glance().shape == (4, 11)
    assert r.to_frame().equals(r.table) and (r.table["conf_low"] < r.table["estimate"]).all()
    assert repr(pickle.loads(pickle.dumps(r))) == repr(r)
    assert "Reliability of three: 3 items, n = 1000 from 30 rows" in repr(r)
    assert r._repr_html_().count("<table>") == 4


def test_ordered_answers_count_from_one(attitude):
    cut = attitude.apply(lambda column: pd.cut(column, 4, labels=["a", "b", "c", "d"]))
    numbers = cut.apply(lambda column: column.cat.codes * 10)
    names = list(cut.columns)
    assert estimates(sy.reliability(cut, names)) == pytest.approx(estimates(sy.reliability(numbers, names)), rel=1e-12)
    assert sy.reliability(cut, names).items["mean"].min() > 1


def test_moments_answer_too(attitude):
    names = list(attitude.columns)
    m = sy.moments(attitude, names)
    with_rows = sy.reliability(attitude, names, interval="normal")
    assert estimates(sy.reliability(m, names)) == pytest.approx(estimates(with_rows), rel=1e-12)
    told = sy.reliability(m, names)
    assert list(told.remarks["code"]) == ["assumes_normal"]
    np.testing.assert_allclose(told.table["std_error"], with_rows.table["std_error"], rtol=1e-12)
    printed = sy.moments_from_correlation(attitude.corr(), 30, names)
    assert estimates(sy.reliability(printed, names))["alpha"] == pytest.approx(
        estimates(with_rows)["standardised alpha"], rel=1e-12)


def test_print(attitude):
    assert repr(sy.reliability(attitude, {"attitude": list(attitude.columns)})) == PRINTED


def test_reversed_items_missing_rows_and_two_items_are_said(attitude):
    turned = attitude.assign(raises=-attitude["raises"])
    turned.loc[3, "rating"] = np.nan
    with pytest.warns(sy.SteelyardWarning, match="raises goes against the other items"):
        r = sy.reliability(turned, list(turned.columns))
    assert "Rows: 30 read, 1 dropped for missing values." in repr(r)
    two = sy.reliability(attitude, ["rating", "raises"])
    assert np.isnan(estimates(two)["omega"]) and "omega needs three items" in repr(two)


@pytest.mark.parametrize("given, words", [
    ({"items": ["rating"]}, "items: 1 given; a scale has two or more"),
    ({"items": ["rating", "rating"]}, "items: rating is named twice"),
    ({"items": ["rating", "raise"]}, "items: .*raises"),
    ({"items": {}}, "items: no scale is named"),
    ({"items": ["rating", "town"]}, "items: town holds no numbers; an item has numbers or ordered answers"),
    ({"items": ["rating", "place"]}, "items: place is an unordered factor"),
    ({"kind": "beta"}, "kind: \"beta\" is not one of"),
    ({"interval": "exact"}, "interval: \"exact\" is not one of"),
    ({"interval": "feldt", "cluster": "town"}, "interval: feldt limits take rows for independent"),
    ({"kind": "ordinal", "strata": "town"}, "strata: ordinal alpha and omega rest on rows or clusters"),
    ({"kind": "ordinal", "interval": "normal"}, "interval: normal limits are for numbers"),
    ({"level": 1}, "level: 1 is not between 0 and 1"),
    ({"weights": "rating"}, "weight_kind: weights need their kind"),
    ({"weights": "rating", "weight_kind": "analytic"}, "weights: reliability takes frequency or sampling"),
    ({"items": ["rating", "same"]}, "items: same has one value in all 30 rows"),
])
def test_refusals(attitude, given, words):
    frame = attitude.assign(town=list("abcdef") * 5, place=pd.Categorical(list("xyz") * 10), same=3)
    with pytest.raises(sy.SteelyardError, match=words):
        sy.reliability(frame, **{"items": ["rating", "raises", "learning"], **given})


def test_corrected_shares_take_planted_noise_off():
    """Truth without noise, and the same columns with noise that makes up .3: corrected shares lie within .03 of it."""
    rng = np.random.default_rng(4)
    n = 6000
    money, process = rng.normal(size=(2, n))
    process += 0.3 * money
    outcome = 0.3 * money + 0.8 * process + rng.normal(size=n)
    noise = rng.normal(size=n) * np.sqrt(process.var() * (1 / 0.7 - 1))
    frame = pd.DataFrame({"money": money, "process": process + noise, "outcome": outcome,
                          "council": np.arange(n) % 60})
    clean = sy.shares(frame.assign(process=process), "outcome", ["money", "process"], cluster="council").blocks["share"]
    seen = sy.shares(frame, "outcome", ["money", "process"], cluster="council")
    made = seen.corrected({"process": 0.7})
    assert abs(seen.blocks["share"][1] - clean[1]) > 0.08
    np.testing.assert_allclose(made.blocks["share"], clean, atol=0.03)
    assert (made.blocks["conf_low"] < clean).all() and (clean < made.blocks["conf_high"]).all()
    same = seen.corrected(error_covariance={("process", "process"): 0.3 * frame["process"].var()})
    np.testing.assert_allclose(same.blocks["share"], made.blocks["share"], rtol=1e-9)
    frame2 = pd.DataFrame([[0.3 * frame["process"].var()]], ["process"], ["process"])
    np.testing.assert_allclose(seen.corrected(error_covariance=frame2).blocks["share"], made.blocks["share"], rtol=1e-9)


def test_corrected_shares_print_and_carry_on(councils):
    k = councils.corrected({"easy_information": 0.8})
    assert CORRECTED in repr(k) and "reliability of easy_information 0.800 (at least 0.278)" in repr(k)
    assert "shared_source_to_flip" in repr(k)
    assert list(k.correction.columns) == ["block", "uncorrected", "corrected", "change"]
    assert k.errors["lowest"][0] == pytest.approx(0.2778, abs=1e-4)
    assert k.compare("process", "funding")["estimate"][0] == pytest.approx(k.blocks["share"][1] - k.blocks["share"][0])
    assert repr(pickle.loads(pickle.dumps(k))) == repr(k)
    several = sy.shares(sy.datasets.load("councils_2018_19"), ["control", "quality_of_life"],
                        {"funding": "spend_per_adult_gbp", "process": "easy_information"})
    own = several.corrected({"easy_information": 0.8, "control": 0.9}) # of one outcome: the other keeps to itself
    alone = several.corrected({"easy_information": 0.8})
    assert own.total["quality_of_life"] == alone.total["quality_of_life"]
    assert own.total["control"] == pytest.approx(alone.total["control"] / 0.9, rel=1e-12)
    with pytest.raises(sy.SteelyardError, match="corrected shares predict no observed values"):
        alone.crossvalidated()
    assert list(several.corrected({"easy_information": 0.8}).correction["outcome"]) == ["control"] * 3 + ["quality_of_life"] * 3


def test_rows_beyond_a_thousand_need_the_jackknife():
    i = np.arange(1200)
    frame = pd.DataFrame({"y": i % 7 + i % 11, "x": i % 7})
    with pytest.warns(sy.SteelyardWarning, match='interval = "jackknife"'):
        k = sy.shares(frame, "y", ["x"]).corrected({"x": 0.9})
    assert k.blocks["conf_low"].isna().all()
    j = sy.shares(frame, "y", ["x"], interval="jackknife").corrected({"x": 0.9})
    assert j.blocks["conf_low"].notna().all() and j.total == pytest.approx(k.total, rel=1e-12)


def test_simex_checks_the_correction(councils):
    x = councils.simex({"easy_information": 0.8})
    assert str(x) == EXTRAPOLATED
    np.testing.assert_allclose(x["corrected"][:2], councils.corrected({"easy_information": 0.8}).blocks["share"],
                               rtol=1e-12)
    drawn = councils.simex({"easy_information": 0.8}, replicates=300, seed=3)
    assert (drawn.added["mc_error"] > 0).all() and (x.added["mc_error"] == 0).all()
    apart = np.abs(drawn.added["share"] - x.added["share"])
    assert (apart < 4 * drawn.added["mc_error"] + 0.01).all()  # and the 1 / n of squared noise, n = 147
    assert "Errors added: 300 draws, seed 3." in str(drawn)


@pytest.mark.parametrize("given, words", [
    ({"reliability": {"easy_information": 0}}, "easy_information is 0; a reliability lies above 0"),
    ({"reliability": {"easy_information": 1.2}}, "easy_information is 1.2"),
    ({"reliability": {"easy_information": "high"}}, "reliability: easy_information: 'high' is not a number"),
    ({"reliability": {"easy_informatio": 0.8}}, "the nearest is easy_information"),
    ({"reliability": 0.8}, "reliability: a dict is needed"),
    ({}, "give either reliability or error_covariance"),
    ({"reliability": {"easy_information": 0.8}, "error_covariance": {}}, "give either"),
    ({"error_covariance": {"easy_information": 1}}, "error_covariance: a square DataFrame or a dict"),
    ({"error_covariance": pd.DataFrame([[1.0]], ["a"], ["b"])}, "rows and columns must have the same names"),
])
def test_what_cannot_be_corrected_is_refused(councils, given, words):
    for ask in (councils.corrected, councils.simex):
        with pytest.raises(sy.SteelyardError, match=words):
            ask(**given)


def test_the_limit_is_named(councils):
    with pytest.raises(sy.DataError, match="errors up to 0.903 of those stated are possible, .* easy_information 0.278"):
        councils.corrected({"easy_information": 0.2})
    with pytest.raises(sy.SteelyardError, match="these shares were not corrected"):
        councils.correction
    with pytest.raises(sy.SteelyardError, match="corrected already"):
        councils.corrected({"easy_information": 0.8}).corrected({"easy_information": 0.8})
    with pytest.raises(sy.SteelyardError, match="lambda"):
        councils.simex({"easy_information": 0.8}, lambdas=[1, 2])


def test_plot_has_a_dot_a_row(lsat):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    r = sy.reliability(lsat, {"a": ["Q1", "Q2", "Q3"], "b": ["Q3", "Q4", "Q5"]}, weights="Freq", weight_kind="frequency")
    ax = r.plot()
    assert [t.get_text() for t in ax.get_yticklabels()][0] == "a: alpha" and len(ax.get_yticks()) == 6


MEANS = """\
Reliability of averages of 6 clusters, 24 rows

column  size     icc  reliability      low    high  lowest  highest
score    4.0  0.1657       0.4428  -0.8844  0.9124  0.4428   0.4428

Limits (95 %): by F, exact for normal values and clusters of one size; lowest and highest: of the smallest and largest cluster.
Remarks:
- score: averages of clusters differ no more than people of one cluster would by chance (limits of the reliability reach 0)"""


@pytest.fixture(scope="module")
def judged():
    score = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7]
    return pd.DataFrame({"score": score, "target": np.repeat(np.arange(6), 4)})


def test_averages_are_as_reliable_as_printed(judged):
    """Shrout & Fleiss 1979, table 4: ICC(1,1) .17, ICC(1,4) .44."""
    r = sy.reliability_of_means(judged, "score", "target")
    assert str(r) == MEANS
    m = sy.moments(judged, ["score"], cluster="target")
    assert sy.reliability_of_means(m, ["score"]).to_frame().equals(r.to_frame())


@pytest.mark.parametrize("given, words", [
    ({}, "cluster: none given"), ({"cluster": "target", "columns": ["scor"]}, "score"),
    ({"cluster": "target", "level": 0}, "level: 0 is not between 0 and 1"),
    ({"cluster": "target", "weights": "score", "weight_kind": "sampling"}, "takes frequency weights or none"),
])
def test_averages_refused(judged, given, words):
    with pytest.raises(sy.SteelyardError, match=words):
        sy.reliability_of_means(judged, **{"columns": ["score"], **given})
