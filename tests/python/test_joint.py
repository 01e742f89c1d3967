# SPDX-License-Identifier: GPL-3.0-only
"""Several answers together: families of comparisons, ranks, leagues, claims, power."""
import itertools
import re

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

R5 = np.array([[1, .6, .3, .4, .5], [.6, 1, .8, .1, .3], [.3, .8, 1, .1, .1], [.4, .1, .1, 1, .5], [.5, .3, .1, .5, 1]])


@pytest.fixture
def printed():
    """A printed correlation matrix of 100 rows: limits by normal theory."""
    return sy.shares(sy.moments_from_correlation(R5, 100, ["y", "a", "b", "c", "d"]), "y", ["a", "b", "c", "d"])


@pytest.mark.parametrize("metric", ["share", "alone", "unique", "adjusted"])
def test_one_sided_limits_are_those_of_the_two_sided_interval(swiss, printed, metric):
    jackknife = sy.shares(swiss, "Fertility", ["Education", "Catholic"])
    for s, block, kind in [(printed, "b", "normal"), (jackknife, "Catholic", "jackknife")]:
        assert s.provenance["interval"] == kind
        f = s.to_frame()
        row = f[(f["block"] == block) & (f["term"] == "") & (f["metric"] == metric)].iloc[0]
        claim = s.at_most(block, 0.5, metric=metric, level=0.975)
        assert claim.upper == pytest.approx(row["conf_high"], abs=1e-15)
        assert claim.lower == pytest.approx(row["conf_low"], abs=1e-15)


@pytest.fixture
def several(swiss):
    return sy.shares(swiss, ["Fertility", "Examination", "Infant.Mortality"], ["Education", "Catholic", "Agriculture"])


METHODS = ["bonferroni", "holm", "bh", "romano-wolf", "westfall-young"]


@pytest.mark.parametrize("method", METHODS)
def test_adjusting_leaves_all_else_and_never_lowers_p(several, method):
    plain, found = several.compare("Education", "Agriculture"), several.compare("Education", "Agriculture", adjust=method)
    pd.testing.assert_frame_equal(found.drop(columns="p_adjusted"), plain.to_frame())
    p = found["p_value"].to_numpy()
    # .05: at 2000 draws a p of .5 has a standard error of .011, and signs are not t
    assert (found["p_adjusted"] >= p - (0.05 if "-" in method else 0)).all()
    order = np.argsort(p)
    assert (np.diff(found["p_adjusted"].to_numpy()[order]) >= 0).all()


def test_holm_and_benjamini_hochberg_by_hand(several):
    p = several.compare("Education", "Agriculture")["p_value"].to_numpy()
    low, middle, high = np.sort(p)
    holm = several.compare("Education", "Agriculture", adjust="holm")["p_adjusted"]
    assert np.sort(holm) == pytest.approx(np.minimum(1, np.maximum.accumulate([3 * low, 2 * middle, high])), abs=1e-15)
    bh = several.compare("Education", "Agriculture", adjust="bh")["p_adjusted"]
    assert np.sort(bh) == pytest.approx([min(3 * low, 1.5 * middle, high), min(1.5 * middle, high), high], abs=1e-15)


def test_a_family_of_one_is_its_own_test(swiss):
    s = sy.shares(swiss, "Fertility", ["Education", "Agriculture"])
    row = s.compare("Education", "Agriculture", adjust="romano-wolf", replicates=20000).iloc[0]
    # 20,000 draws: .0006 at p = .007; the rest is what signs differ from t
    assert row["p_adjusted"] == pytest.approx(row["p_value"], abs=0.006)


def test_the_joint_law_gains_on_holm_where_outcomes_hang_together(swiss):
    d = swiss.assign(twin=swiss["Fertility"] + 0.001 * swiss["Examination"])
    s = sy.shares(d, ["Fertility", "twin"], ["Education", "Catholic", "Agriculture"])
    stepped = s.compare("Education", "Agriculture", adjust="romano-wolf")["p_adjusted"]
    assert (stepped < s.compare("Education", "Agriculture", adjust="holm")["p_adjusted"]).all()
    again = s.compare("Education", "Agriculture", adjust="romano-wolf", seed=2)["p_adjusted"]
    assert list(stepped) != list(again) and list(stepped) == pytest.approx(list(again), abs=0.01)


def test_all_pairs_in_all_outcomes_are_one_family(several):
    found = several.compare_all(adjust="bonferroni")
    assert len(found) == 9
    assert list(found["p_adjusted"]) == pytest.approx(list(np.minimum(1, 9 * found["p_value"])), abs=1e-15)
    own = found[(found["first"] == "Education") & (found["second"] == "Agriculture")].drop(columns="p_adjusted")
    pd.testing.assert_frame_equal(own.reset_index(drop=True), several.compare("Education", "Agriculture").to_frame())


def test_threads_do_not_change_a_bit(swiss):
    s, t = (sy.shares(swiss, ["Fertility", "Examination"], ["Education", "Catholic"], threads=k) for k in (1, 3))
    assert list(s.compare_all(adjust="romano-wolf")["p_adjusted"]) == list(t.compare_all(adjust="romano-wolf")["p_adjusted"])


def test_a_ratio_is_taken_on_logarithms(several):
    found = several.ratio("Education", "Agriculture")
    for row, record in zip(found.itertuples(), several._records):
        (a, b), v = record["estimate"][[0, 2], 0], record["covariance"][0][np.ix_([0, 2], [0, 2])]
        se = np.sqrt(v[0, 0] / a**2 + v[1, 1] / b**2 - 2 * v[0, 1] / (a * b))
        assert row.estimate == pytest.approx(a / b, rel=1e-13)
        assert row.std_error == pytest.approx(a / b * se, rel=1e-12)
        assert row.conf_low * row.conf_high == pytest.approx((a / b)**2, rel=1e-12)
        assert row.statistic == pytest.approx(np.log(a / b) / se, rel=1e-12)


def test_there_is_no_ratio_to_what_is_not_above_zero():
    s = sy.shares(several_frame(), ["y", "z"], ["a", "b", "c"])
    with pytest.warns(sy.SteelyardWarning, match="^no ratio for z: common is 0.0053 for c and -0.0125 for b; both must "):
        found = s.ratio("c", "b", metric="common")
    assert found["estimate"].notna()[0]
    row = found.iloc[1]
    assert row[["estimate", "std_error", "p_value", "conf_low"]].isna().all()


def test_above_in_all_is_the_largest_one_sided_p(several):
    p = several.compare("Education", "Agriculture")["p_value"].to_numpy()
    sign = several.compare("Education", "Agriculture")["estimate"].to_numpy() > 0
    found = several.in_all("Education", "Agriculture")
    assert found.p_value == pytest.approx(np.where(sign, p / 2, 1 - p / 2).max(), abs=1e-15)
    assert found.answer == "undecided"
    assert list(found.outcomes["outcome"]) == several.outcomes
    one = sy.shares(several_frame(), "y", ["a", "b"])
    assert one.in_all("a", "b").answer == "supported"
    assert re.fullmatch("Claim: the share of a is above that of b, in y: supported. Largest one-sided p <0.0001 "
                        r"\(95 %\).", repr(one.in_all("a", "b")))


def several_frame():
    random = np.random.default_rng(5)
    d = pd.DataFrame(random.normal(size=(300, 3)), columns=["a", "b", "c"])
    d["y"] = d["a"] + 0.2 * d["b"] + random.normal(size=300)
    d["z"] = d["a"] - 0.2 * d["b"] + random.normal(size=300)
    return d


def test_coefficients_in_the_league_are_those_of_the_fit():
    d = several_frame()
    s = sy.shares(sy.moments(d, ["y", "z", "a", "b", "c"]), ["y", "z"], ["a", "b", "c"])
    tests = s.league("coefficient").tests
    for outcome in ("y", "z"):
        fit = sy.fit_linear(f"{outcome} ~ a + b + c", d, covariance="classical")
        own = tests[tests["outcome"] == outcome].set_index("block")
        for block in "abc":
            assert own.loc[block, "p_value"] == pytest.approx(fit.pvalues[block], rel=1e-9)
        alone = s.league("alone").tests.set_index(["outcome", "block"]).loc[outcome, "a"]
        assert alone["p_value"] == pytest.approx(sy.fit_linear(f"{outcome} ~ a", d, covariance="classical").pvalues["a"],
                                                 rel=1e-9)
        assert alone["df2"] == 298


def test_more_blocks_than_shares_can_split_exactly_are_tested():
    random = np.random.default_rng(6)
    d = pd.DataFrame(random.normal(size=(200, 41)), columns=["y", *(f"x{i}" for i in range(40))])
    blocks = list(d.columns[1:])
    tests = sy.shares(sy.moments(d, list(d.columns)), "y", blocks, method="sampled", permutations=100,
                      interval=None).league("coefficient").tests
    fit = sy.fit_linear("y ~ " + " + ".join(blocks), d, covariance="classical")
    assert list(tests["p_value"]) == pytest.approx([fit.pvalues[block] for block in blocks], rel=1e-9)


def test_the_league_counts_holms_rejections():
    s = sy.shares(several_frame(), ["y", "z"], ["a", "b", "c"])
    table = s.league("coefficient")
    tests = table.tests
    for row in table.itertuples():
        own = tests[tests["block"] == row.block]
        p = np.sort(own["p_value"])
        assert np.sort(own["p_holm"]) == pytest.approx(np.minimum(1, np.maximum.accumulate(p * [2, 1])), abs=1e-15)
        assert (row.outcomes, row.found, row.unadjusted) == (2, (own["p_holm"] <= 0.05).sum(), (p <= 0.05).sum())
        assert row.expected_by_chance == pytest.approx(0.1)
    assert list(table["found"]) == [2, 2, 0]


def test_a_share_matters_above_the_part_its_lower_limit_allows():
    s = sy.shares(several_frame(), "y", ["a", "b", "c"])
    low = s.at_most("b", 0.5, metric="share").lower
    assert s.league(f"share>={low!r}").tests["p_value"][1] == pytest.approx(0.05, abs=1e-9)
    assert list(s.league("share >= 0.3")["found"]) == [1, 0, 0]


LEAGUE = """\
League of 3 blocks over 2 outcomes

block  found  unadjusted  by chance
a          2           2       0.10
b          2           2       0.10
c          0           0       0.10

A block matters to an outcome when its coefficients, beside those of all other blocks, are not all zero (F, leaving out \
one row at a time).
found: in so many outcomes at least, with 95 % confidence for each block (Holm).
unadjusted: p at most 0.05 one by one; by chance: so many of those where the block matters nowhere."""


def test_the_league_says_what_matters_means():
    assert repr(sy.shares(several_frame(), ["y", "z"], ["a", "b", "c"]).league("coefficient")) == LEAGUE


def test_ranks_are_sure_where_shares_lie_apart():
    found = sy.shares(several_frame(), ["y", "z"], ["a", "b", "c"]).ranks()
    first = found[found["block"] == "a"]
    assert (first[["rank", "lowest", "highest"]].to_numpy() == 1).all()
    assert (found["lowest"] <= found["rank"]).all() and (found["rank"] <= found["highest"]).all()
    assert repr(found).endswith("with 95 % probability (2000 draws of signs of 300 rows, seed 1).")
    assert type(found[["rank"]]) is pd.DataFrame


def test_the_highest_is_bounded_by_what_each_set_of_the_others_leaves(swiss):
    blocks = ["Education", "Catholic", "Agriculture"]
    claim = sy.shares(swiss, "Fertility", blocks).at_most("Catholic", 0.5, metric="highest")
    singles = [sy.shares(swiss, "Fertility", ["Catholic"], adjust=[b for b, on in zip(["Education", "Agriculture"], bits)
                                                                   if on] or None)
               for bits in itertools.product([0, 1], repeat=2)]
    uppers = [s.at_most("Catholic", 0.5, metric="share").upper for s in singles]
    assert claim.upper == pytest.approx(max(uppers), abs=1e-12)
    assert claim.lower == pytest.approx(
        max(s.at_most("Catholic", 0.5, metric="share", level=1 - 0.05 / 4).lower for s in singles), abs=1e-12)
    assert claim.outcomes["estimate"][0] == pytest.approx(max(s.total for s in singles), abs=1e-14)
    assert repr(claim).startswith("Claim: Catholic adds at most 0.5 of all variance to any set of the others, in Fertility")


def test_a_claim_over_forms_of_funding_is_about_the_largest(councils):
    forms = {"level": "spend_per_adult_gbp", "log": "np.log(spend_per_adult_gbp)"}
    results = {name: sy.shares(councils, ["control", "services_help_qol_pct"][:1],
                               {"funding": form, "process": "easy_information"}) for name, form in forms.items()}
    claim = sy.at_most(results, "funding", 0.07, metric="share")
    each = [s.at_most("funding", 0.07, metric="share") for s in results.values()]
    assert claim.upper == max(one.upper for one in each)
    assert list(claim.outcomes["result"]) == ["level", "log"]
    assert ", in control, in each of 2 results: " in repr(claim)
    alone = sy.at_most(results["level"], "funding", 0.07, metric="share")
    assert repr(alone) == repr(each[0])


def test_units_needed_are_the_least_with_the_power(printed):
    found = printed.units_needed("a", "b", difference=0.1).iloc[0]
    assert found["units_now"] == 100
    assert printed.power("a", "b", units=found["units"], difference=0.1)["power"][0] >= 0.8
    assert printed.power("a", "b", units=found["units"] - 1, difference=0.1)["power"][0] < 0.8
    se = printed.compare("a", "b")["std_error"][0]
    assert found["std_error"] == se
    # the normal approximation: ((z(.975) + z(.8)) se / delta)^2 n, a few units short of t
    assert 0 <= found["units"] - 100 * ((1.959964 + 0.841621) * se / 0.1)**2 < 4


def test_power_prints_one_sentence_an_outcome(several):
    lines = repr(several.units_needed("Education", "Agriculture")).split("\n")
    assert lines[0] == "Education less Agriculture, share, two-sided test at 5 %:"
    assert lines[1] == "Fertility: about 51 rows would show a difference of 0.32 with 80 % power; this sample has 47."
    assert lines[-1].startswith("The difference is the one found here, which is itself uncertain")
    assert repr(several.power("Education", "Agriculture", difference=0.2)).split("\n")[-1] == (
        "The standard error is the one found here; it falls as the root of the number of rows.")


REFUSED = [
    (lambda s, n: n.compare("a", "b", adjust="romano-wolf"), "^adjust: this result has neither clusters nor rows"),
    (lambda s, n: n.ranks(), "^ranks: this result has neither clusters nor rows"),
    (lambda s, n: n.at_most("a", 0.1, metric="highest"), "^metric: this result has neither clusters nor rows"),
    (lambda s, n: s.compare("a", "b", adjust="tukey"), '^adjust: "tukey" is not one of "bonferroni", "holm", "bh"'),
    (lambda s, n: s.compare("a", "b", adjust="romano-wolf", replicates=1), "^replicates: 1 is not a whole number of 100"),
    (lambda s, n: s.in_all("a", "b", level=1), "^level: 1 is not between 0 and 1"),
    (lambda s, n: s.league(), '^by: say what matters means: "coefficient", "alone" or "share>=0.02"'),
    (lambda s, n: s.league("share>=2"), "^by: 2 is not between 0 and 1"),
    (lambda s, n: s.league("share>=x"), "^by: say what matters means"),
    (lambda s, n: s.at_most("c", 0.1, metric="highest", of="explained variance"), "^of: "),
    (lambda s, n: sy.at_most([], "a", 0.1, metric="share"), r"^s: a result of shares\(\), or several"),
    (lambda s, n: sy.at_most([s, n], "a", 0.1, metric="share"), "^s: the results have limits of different kinds"),
    (lambda s, n: s.units_needed("a", "b", power=0.01), "^power: 0.01 is not between 0.05 and 1"),
    (lambda s, n: s.units_needed("a", "b", difference=0), "^difference: 0; a number other than 0"),
    (lambda s, n: s.power("a", "b", units=1), "^units: 1; at least 2"),
]


@pytest.mark.parametrize("ask, words", REFUSED)
def test_what_cannot_be_asked_is_refused_in_words(printed, ask, words):
    with pytest.raises(sy.SteelyardError, match=words):
        ask(sy.shares(several_frame(), ["y", "z"], ["a", "b", "c"]), printed)


def test_few_clusters_have_too_few_patterns_of_signs():
    d = several_frame().assign(place=np.arange(300) % 10)
    with pytest.warns(sy.SteelyardWarning, match="^10 clusters"):
        s = sy.shares(d, ["y", "z"], ["a", "b"], cluster="place")
    with pytest.raises(sy.SteelyardError, match=r'^adjust: "westfall-young" needs at least 11 units, there are 10: .* 2\^9'):
        s.compare("a", "b", adjust="westfall-young")
    assert (s.compare("a", "b", adjust="romano-wolf")["p_adjusted"] > 0).all()


def test_percentiles_have_no_p_but_a_joint_law():
    s = sy.shares(several_frame(), ["y", "z"], ["a", "b"], interval="percentile", replicates=200)
    with pytest.raises(sy.SteelyardError, match='^adjust: "holm" needs p values'):
        s.compare("a", "b", adjust="holm")
    found = s.compare("a", "b", adjust="romano-wolf")
    assert found["p_value"].isna().all() and found["p_adjusted"].notna().all()


def test_rows_that_differ_by_outcome_cannot_be_matched():
    d = several_frame()
    d.loc[3, "y"], d.loc[7, "z"] = np.nan, np.nan
    s = sy.shares(d, ["y", "z"], ["a", "b"], missing="per-outcome")
    with pytest.raises(sy.SteelyardError, match='^adjust: with missing = "per-outcome" the outcomes rest on different'):
        s.compare("a", "b", adjust="romano-wolf")
    clustered = sy.shares(d.assign(place=np.arange(300) % 30), ["y", "z"], ["a", "b"], missing="per-outcome",
                          cluster="place")
    assert clustered.compare("a", "b", adjust="romano-wolf")["p_adjusted"].notna().all()


@pytest.mark.parametrize("bound", [-0.1, 1.5])
def test_a_bound_is_a_part_of_the_variance(swiss, bound):
    s = sy.shares(swiss, "Fertility", ["Education", "Catholic"])
    with pytest.raises(sy.SteelyardError, match=f"^bound = {bound}: a part of the variance lies between 0 and 1"):
        s.at_most("Catholic", bound, metric="share")
