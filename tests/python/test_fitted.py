# SPDX-License-Identifier: GPL-3.0-only
"""Shares over binary, count, ordinal and mixed fits: the published decomposition of the Copenhagen housing data (T10), totals
that are the fits' own, prints, refusals. R runs the same (test-fitted.R)."""
import pathlib
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

DATA = pathlib.Path(__file__).parents[1] / "reference" / "data"
PRINTED = """\
Shares of McFadden's R2 for Sat: 3 blocks, n = 1681 from 72 rows
Total McFadden's R2 0.0465 (95 % limits 0.0341 to 0.0617)

block   share  one step  percent     low    high   alone  unique  lowest  highest  adjusted  by chance
Infl   0.0292    0.0292     62.8  0.0198  0.0412  0.0289  0.0297  0.0278   0.0303    0.0281     0.0005
Type   0.0150    0.0149     32.2  0.0085  0.0242  0.0148  0.0153  0.0137   0.0160    0.0133     0.0008
Cont   0.0023    0.0024      5.0  0.0004  0.0070  0.0009  0.0039  0.0009   0.0039    0.0018     0.0003

Submodels: 8 values of McFadden's R2, each by a fit of its own; by one step from the full fit shares differ by at most \
0.0001 (Type).
Limits (95 %): jackknife of one-step shares over 100 groups of rows (seed 1), t with 99 degrees of freedom.
Weights: frequency, sum 1681.
Shares are points of McFadden's R2; association, not effect."""


@pytest.fixture(scope="module")
def housing():
    frame = pd.read_csv(DATA / "housing.csv")
    frame["Sat"] = pd.Categorical(frame["Sat"], ["Low", "Medium", "High"], ordered=True)
    for name in ("Infl", "Type", "Cont"):
        frame[name] = frame[name].astype("category")
    return frame


@pytest.fixture(scope="module")
def satisfied(housing):
    return sy.fit_ordinal("Sat ~ Infl + Type + Cont", housing, weights="Freq", weight_kind="frequency")


@pytest.fixture(scope="module")
def asked():
    """720 made-up answers in 24 councils: a and b vary within, d does not."""
    i = np.arange(720)
    council = i % 24
    frame = pd.DataFrame({"a": np.sqrt((i * 7) % 101 + 1.0) - 6, "b": (i * 13) % 37 / 12 - 1.5, "d": council % 5 - 2.0,
                          "council": council})
    level = 0.4 * frame["a"] + 0.3 * frame["b"] + 0.2 * frame["d"] + (council * 7 % 24) / 12 + (i * 37) % 211 / 60
    return frame.assign(level=level, event=(level > 3.2).astype(int), visits=np.floor(level.clip(lower=0)),
                        step=np.floor(level.clip(0, 5.99) / 1.5), spread=np.floor(level.clip(lower=0)) * (i % 3))


def quietly(call, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sy.SteelyardWarning)  # few groups
        return call(*args, **options)


def test_housing_divides_as_published(satisfied):
    s = sy.shares(satisfied, method="exact")
    assert s.total == pytest.approx(0.04652, abs=6e-6)
    assert list(s.blocks["share"]) == pytest.approx([0.02920, 0.01499, 0.00233], abs=6e-6)
    assert s.measure == "mcfadden" and s.n == 1681


def test_the_print_is_that_of_r(satisfied):
    s = sy.shares(satisfied)
    assert repr(s) == PRINTED
    assert repr(pickle.loads(pickle.dumps(s))) == PRINTED
    assert "points of McFadden&#x27;s R2" in s._repr_html_() and isinstance(s, sy.Shares)
    text = repr(sy.shares(satisfied, measure="latent", method="one-step", interval=None))
    assert text.startswith("Shares of latent R2 for Sat: 3 blocks, n = 1681 from 72 rows\nTotal latent R2 0.1028\n")
    assert "\nSubmodels: 8 values of latent R2, by one step from the full fit.\nLimits: none.\n" in text
    assert "one step  percent" not in text and "adjusted" not in text and "by chance" not in text


def test_totals_are_those_of_the_fit(satisfied, asked):
    own = satisfied.explained().set_index("measure")["value"]
    for measure, name in {"mcfadden": "mcfadden", "nagelkerke": "nagelkerke", "latent": "mckelvey_zavoina"}.items():
        s = sy.shares(satisfied, measure=measure, interval=None)
        assert s.total == pytest.approx(own[name], abs=1e-9)
        assert s.blocks["share"].sum() == pytest.approx(s.total, abs=1e-12)
    for formula, family in (("level ~ a + b + d + (a | council)", "linear"), ("event ~ a + b + (1 | council)", "binary")):
        fit = quietly(sy.fit_mixed, formula, asked, family=family)
        s = quietly(sy.shares, fit, interval=None)
        assert s.total == pytest.approx(fit.r2()["marginal"], abs=1e-7)
        assert s.parts["share"].sum() == pytest.approx(1, abs=1e-12)
        assert list(s.parts["part"]) == ["blocks", "effects of council", "residual"]


def test_parts_of_a_mixed_model_are_printed(asked):
    fit = quietly(sy.fit_mixed, "level ~ a + b + d + (1 | council)", asked)
    s = quietly(sy.shares, fit, blocks={"people": "a + b"}, adjust="d")
    assert list(s.parts["part"]) == ["blocks", "adjusting terms", "effects of council", "residual"]
    assert s.parts["share"].sum() == pytest.approx(1, abs=1e-12) and list(s.terms["term"]) == ["a", "b"]
    text = repr(s)
    assert text.startswith("Shares of marginal R2 for level beyond d: 1 block, 720 rows\nTotal marginal R2 0.")
    assert "\nAdjusting terms: marginal R2 0." in text and "\neffects of council  0." in text
    assert "\nLimits (95 %): jackknife of one-step shares over 24 clusters, t with 23 degrees of freedom.\n" in text
    assert "\nThe part between clusters holds the sampling noise of the clusters' means.\n" in text
    assert text.endswith("Shares are points of marginal R2; association, not effect.")
    assert "effects of council" in s._repr_html_() and "McFadden" not in text


def test_shares_split_within_and_between_clusters(asked):
    fit = sy.fit_ordinal("step ~ a + b + d", asked, cluster="council")
    s = quietly(sy.shares, fit, measure="latent")
    assert list(s.blocks["within"] + s.blocks["between"]) == pytest.approx(list(s.blocks["share"]), abs=1e-12)
    assert s.blocks["between"][2] > s.blocks["within"][2]  # d is the council's alone
    assert sy.shares(fit, interval=None).blocks["within"].isna().all()  # McFadden's R2 is no variance
    assert s.provenance["unit"] == "cluster" and s.provenance["units"] == 24 and s.provenance["df"] == 23


def test_what_rests_on_the_table_works_as_ever(satisfied, housing):
    s = sy.shares(satisfied)
    c = s.compare("Infl", "Type").iloc[0]
    assert c["estimate"] == pytest.approx(s.blocks["share"][0] - s.blocks["share"][1], abs=1e-15)
    assert 0 < c["p_value"] < 0.1 and c["conf_low"] < c["estimate"] < c["conf_high"] and c["df"] == 99
    assert len(s.compare_all()) == 3 and s.ratio("Infl", "Cont")["estimate"][0] > 5
    claim = s.at_most("Cont", 0.01, metric="share")
    assert claim.answer == "supported"
    assert repr(claim).startswith("Claim: the share of Cont is at most 0.01 points of McFadden's R2, in Sat: supported.")
    assert "of all McFadden's R2 together" in repr(s.at_most("Cont", 0.5, metric="share", of="explained variance"))
    assert "groups of rows" in repr(s.power("Infl", "Type"))
    assert "its share is above 0.01 points of McFadden's R2" in repr(s.league(by="share>=0.01"))
    assert s.in_all("Infl", "Cont").answer == "supported"
    assert list(s.to_frame()["metric"][:2]) == ["total", "share"]
    assert "block  term" in repr(s.summary())
    assert s.provenance["method"] == "exact" and s.provenance["submodels"] == 8 and 0 < s.gap < 5e-4
    both = {"people": s, "latent": sy.shares(satisfied, measure="latent")}
    with pytest.raises(sy.SteelyardError, match="shares of McFadden's R2 and of latent R2; a claim is about one measure"):
        sy.at_most(both, "Cont", 0.01, metric="share")


def test_drawings_name_the_measure(satisfied):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    s = sy.shares(satisfied)
    assert s.plot().get_xlabel() == "share of McFadden's R2, points, with 95 % limits"
    assert s.plot("bounds").get_xlabel().startswith("share of McFadden's R2")
    assert s.plot("common").get_xlabel() == "points of McFadden's R2"
    pyplot.close("all")


def test_blocks_adjust_and_order(satisfied):
    s = sy.shares(satisfied, blocks={"home": "Type + Cont", "say": "Infl"}, interval=None)
    assert list(s.blocks["block"]) == ["home", "say"] and list(s.terms["term"]) == ["Type", "Cont", "Infl"]
    assert s.terms["share"][:2].sum() == pytest.approx(s.blocks["share"][0], abs=1e-12)
    first = sy.shares(satisfied, blocks={"home": "Type + Cont", "say": "Infl"}, order=[["say"], ["home"]], interval=None)
    assert first.blocks["share"][1] == pytest.approx(s.blocks["alone"][1], abs=1e-12)
    assert "\nOrder: say, then home\n" in repr(first)
    beyond = sy.shares(satisfied, blocks=["Infl"], adjust="Type + Cont", interval=None)
    assert beyond.total == pytest.approx(s.blocks["unique"][1], abs=1e-9)
    alone = sy.shares(satisfied, blocks=["Infl"], interval=None)  # the other terms are left out
    assert alone.total == pytest.approx(s.blocks["alone"][1], abs=1e-9)


def test_each_kind_of_fit_has_shares(asked):
    for fit in (sy.fit_binary("event ~ a + b", asked), sy.fit_binary("event ~ a + b", asked, link="probit"),
                sy.fit_count("visits ~ a + b", asked), sy.fit_count("visits ~ a + b", asked, family="negative_binomial"),
                sy.fit_count("spread ~ a + b", asked, family="negative_binomial")):
        s = quietly(sy.shares, fit)
        assert s.total == pytest.approx(1 - fit.loglik / fit.loglik_null, abs=1e-9)
        own = fit.explained().set_index("measure")["value"]
        assert sy.shares(fit, measure="nagelkerke", interval=None).total == pytest.approx(own["nagelkerke"], abs=1e-9)
        assert (s.blocks["conf_low"] < s.blocks["share"]).all() and (s.blocks["share"] < s.blocks["conf_high"]).all()
    few = sy.shares(sy.fit_binary("event ~ a + b", asked.iloc[:60]))
    assert "jackknife of one-step shares over 60 rows, t with 59" in repr(few)


def test_rows_with_missing_values_are_told(asked):
    holes = asked.assign(a=asked["a"].mask(asked.index < 3))
    text = repr(sy.shares(sy.fit_binary("event ~ a + b", holes), blocks=["b"], interval=None))
    assert "1 block, 717 rows" in text and "\nRows: 720 read, 717 used, 3 dropped for missing values.\n" in text


def test_the_bits_do_not_depend_on_threads(satisfied):
    one, three = (sy.shares(satisfied, threads=threads) for threads in (1, 3))
    pd.testing.assert_frame_equal(one.to_frame(), three.to_frame(), check_exact=True)


@pytest.mark.parametrize("options, message", [
    ({"measure": "r2"}, 'measure: "r2" is of data, moments and linear models; this ordinal model has "mcfadden", '
                        '"nagelkerke" or "latent"'),
    ({"measure": "marginal"}, 'measure: "marginal" is of mixed models; this ordinal model has "mcfadden"'),
    ({"measure": "cox"}, 'measure: "cox" is not one of "r2", "mcfadden", "nagelkerke", "latent", "marginal"'),
    ({"blocks": {"home": "Type + (1 | Infl)"}}, "holds a bar term; those belong in the formula of fit_mixed()"),
    ({"blocks": ["Typ"]}, "blocks: there is no Typ; the nearest name is Type"),
    ({"blocks": ["Sat"]}, "blocks: there is no Sat"),
    ({"blocks": ["Infl"], "adjust": "Infl"}, "adjust: Infl is in a block too; leave it out of one of them"),
    ({"blocks": {"a": "Infl", "b": "Infl"}}, "the term Infl is already used in a"),
    ({"method": "sampled"}, 'method: "sampled" is not one of "auto", "exact", "one-step"'),
    ({"interval": "bca"}, 'interval: "bca" is not one of "auto", "jackknife", "none"'),
    ({"level": 2}, "level: 2 is not between 0 and 1"),
    ({"outcome": "Sat"}, "outcome: the fit already holds its outcome; leave it out"),
    ({"weights": "Freq"}, "weights: the fit already holds its weights; leave it out"),
    ({"by": "Type"}, "by: shares over a fitted model do not use it; leave it out"),
    ({"bounds": True}, "bounds: shares over a fitted model do not use it; leave it out"),
    ({"permutations": 200}, "permutations: shares over a fitted model do not use it; leave it out")])
def test_bad_questions_are_refused_in_words(satisfied, options, message):
    with pytest.raises(sy.SteelyardError) as raised:
        sy.shares(satisfied, **options)
    assert message in str(raised.value)


def test_measures_belong_to_their_models(asked):
    message = 'measure: "latent" is of binary and ordinal models without groups, nominal or scale terms; data, moments and linear'
    for data in (asked, sy.moments(asked, ["level", "a"]), sy.fit_linear("level ~ a", asked)):
        with pytest.raises(sy.SteelyardError, match=message):
            sy.shares(data, **({} if isinstance(data, sy.LinearFit) else {"outcome": "level", "blocks": ["a"]}),
                      measure="latent")
    assert sy.shares(asked, "level", ["a"], measure="r2").measure == "r2"
    with pytest.raises(sy.SteelyardError, match='this linear mixed model has "marginal"'):
        sy.shares(quietly(sy.fit_mixed, "level ~ a + (1 | council)", asked), measure="mcfadden")
    with pytest.raises(sy.SteelyardError, match='this ordinal model has "mcfadden" or "nagelkerke"'):
        sy.shares(sy.fit_ordinal("step ~ a", asked, scale="~ b"), measure="latent")
    beyond = sy.shares(sy.fit_ordinal("step ~ a", asked, nominal="~ b"), interval=None)
    assert repr(beyond).startswith("Shares of McFadden's R2 for step beyond nominal: b: 1 block, 720 rows\n")
    with pytest.raises(sy.SteelyardError, match="blocks: the fit has no terms"):
        sy.shares(sy.fit_binary("event ~ 1", asked))


def test_what_needs_moments_says_so(satisfied):
    s = sy.shares(satisfied)
    calls = {"crossvalidated": s.crossvalidated, "submodels": s.submodels, "commonality": s.commonality,
             "dominance": s.dominance, "if_first": s.if_first, "other_metrics": s.other_metrics, "ranks": s.ranks,
             "rounding": s.rounding, "population_change": s.population_change,
             "by": lambda: s.league(by="coefficient"), "metric": lambda: s.at_most("Infl", 0.1, metric="highest"),
             "adjust": lambda: s.compare_all(adjust="romano-wolf"),
             "permutation_test": lambda: sy.permutation_test(s, "Infl")}
    for what, call in calls.items():
        with pytest.raises(sy.SteelyardError) as raised:
            call()
        assert str(raised.value) == (f"{what}: this needs the moments of a linear model; these are shares of "
                                     "McFadden's R2")


def test_a_fit_and_its_blocks_may_stand_alone(housing):
    fit = sy.fit_ordinal("Sat ~ Infl + Type + Cont", housing, weights="Freq", weight_kind="frequency")
    blocks = {"influence": "Infl", "dwelling": ["Type", "Cont"]}
    named, bare = (sy.shares(fit, interval=None, **given) for given in ({"blocks": blocks}, {"outcome": blocks}))
    assert bare.blocks.equals(named.blocks)
    assert sy.shares(fit, blocks, interval=None).blocks.equals(named.blocks)
    cars = pd.DataFrame({"y": [1.0, 2, 4, 3, 6, 5], "a": [1.0, 2, 3, 4, 5, 7], "b": [2.0, 1, 5, 3, 4, 6]})
    linear = sy.fit_linear("y ~ a + b", cars)
    assert sy.shares(linear, ["a", "b"], interval=None).total == sy.shares(linear, interval=None).total
    with pytest.raises(sy.SteelyardError, match="outcome: the fit already holds its outcome"):
        sy.shares(fit, "Sat")
