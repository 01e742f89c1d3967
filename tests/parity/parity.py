# SPDX-License-Identifier: GPL-3.0-only
"""Every number of every case as hexadecimal; parity.c and parity.R print the same."""
import math
import re
import warnings

import numpy as np
import pandas as pd
import steelyard as sy

warnings.simplefilter("ignore", sy.SteelyardWarning)


def hexadecimal(v):
    # Python writes 0x1.8000000000000p+0 where C writes 0x1.8p+0
    return "NA" if math.isnan(v) else re.sub(r"\.?0*p", "p", float(v).hex())


def show(case, *values):
    print(case, *(hexadecimal(v) for v in values))


def show_shares(case, s):
    for row in s.to_frame().itertuples():
        show(f"{case} {row.metric}", row.estimate, row.std_error, row.conf_low, row.conf_high)


def show_plain(case, s):
    show_shares(case, s)
    for row in s.other_metrics().itertuples(index=False):
        show(f"{case} {row.term}", *row[2:])
    if len(s.blocks) < 20:
        show_submodels(case, s)


def show_submodels(case, s):
    for row in s.submodels().itertuples(index=False):
        show(f"{case} submodel", *row[-4:])
    for row in s.commonality().itertuples():
        show(f"{case} common", row.coefficient, row.percent_of_explained)
    for row in s.dominance().contributions.itertuples():
        show(f"{case} contribution", row.contribution, row.general)
    units = s.provenance["unit"] != "none"
    for kind in ("complete", "conditional", "general"):
        for row in s.dominance(kind, replicates=50 if units else None, seed=5).itertuples():
            show(f"{case} {kind}", row.first_above, row.second_above, row.tied, row.value)
            if units:
                show(f"{case} reproduced", row.mean, row.std_error, row.p_first, row.p_second, row.p_neither,
                     row.reproducibility)
    show_flips(case, s)


def show_flips(case, s):
    names = list(s.blocks["block"])
    for first, second in (names[:2], names[1::-1]):
        flip = s.share_flip(first, second, rays=[(-1, 0.5, 1)], benchmarks=[s.terms["term"][2]])
        for row in flip.needed.itertuples(index=False):
            show(f"{case} flip", *row[2:])
        nearest = flip.nearest.iloc[0]
        show(f"{case} flip low", nearest["distance_low"])
        if nearest["reversed"]:
            continue
        show(f"{case} flip ray", *flip.rays.iloc[0, 4:8])
        show(f"{case} flip like", *flip.benchmarks.iloc[0, 3:])
        show(f"{case} flip grid", *flip.contours("a", "c", third=0.25, points=3, reach=0.9)["difference"])
        for turn in (s.reliability_to_flip(first, second), s.shared_source_to_flip(first, second)):
            show(f"{case} flip turn", *turn.iloc[0, 6:10])


def sample(n):
    i = np.arange(n)
    d = pd.DataFrame({f"x{j}": np.sqrt((i * (7 + 4 * j) + j) % 101 + 1.0) - 5.0 for j in range(20)})
    d["half"] = i % 17 * 0.5 + (i * 3) % 5 * 0.1
    d["y"] = (d.x0 + 0.5 * d.x1) + (0.25 * d.x2 + np.sqrt((i * 37) % 211 + 2.0))
    d["z"] = d.y * 0.5 + d.x3
    d.loc[[5, 50], "x1"] = np.nan
    d["w"] = 1.0 + i % 4
    d["area"] = pd.Categorical([["north", "south", "west"][k] for k in i % 3], categories=["north", "south", "west"])
    d["council"] = pd.Categorical([f"c{k:02d}" for k in (i * i) % 23], categories=[f"c{k:02d}" for k in range(23)])
    return d


small, large = sample(600), sample(2500)
blocks = {"money": "x0", "process": "x1 + half", "place": "area", "bend": "I(x2**2) + x0:x3"}
for name, d, options in [
    ("rows", small, {}), ("clusters", small, {"cluster": "council"}), ("double", small, {"precision": "double"}),
    ("adjust", small, {"adjust": "x4 + x5", "cluster": "council"}), ("influence", large, {}),
    ("frequency", small, {"weights": "w", "weight_kind": "frequency", "cluster": "council"}),
    ("analytic", large, {"weights": "w", "weight_kind": "analytic"}),
    ("sampling", small, {"weights": "w", "weight_kind": "sampling", "cluster": "council"}),
    ("percentile", small, {"interval": "percentile", "replicates": 200, "seed": 11, "cluster": "council"}),
    ("expanded", small, {"interval": "expanded", "replicates": 200, "seed": 12, "cluster": "council"}),
]:
    s = sy.shares(d, "y", blocks, **options)
    show_shares(name, s)
    print(name, s.provenance["hash"])
    c = s.compare("money", "process").iloc[0]
    show(f"{name} difference", c.estimate, c.std_error, c.conf_low, c.conf_high)
    show(f"{name} crossvalidated", s.total_crossvalidated, *s.blocks["crossvalidated"])
split = {"money": "x0 + x1", "process": "half + area"}
bent, order = {**split, "last": "I(x2**2)"}, [["last"], ["money", "process"]]
show_shares("ordered", sy.shares(small, "y", bent, order=order, cluster="council"))
show_shares("marginal", sy.shares(small, "y", {**split, "last": "x0:x3"}))
show_shares("absorbed", sy.shares(small, "y", bent, adjust="C(council) + x4", order=order, cluster="council"))
small["part"] = pd.Categorical.from_codes(small.council.cat.codes % 2, ["even", "odd"])
for kind in ("jackknife", "influence", "percentile", "expanded", "basic", "bca", "studentised", "bayes"):
    s = sy.shares(small, "y", blocks, cluster="council", strata="part", interval=kind, replicates=200, seed=21)
    show_shares(f"strata {kind}", s)
    if kind == "bayes":
        show("strata bayes above", s.compare("process", "money").probability[0])
show_shares("strata rows", sy.shares(small, "y", blocks, strata="part", interval="influence"))
a = sy.shares(small, ["y", "z"], blocks, cluster="council").at_most("money", 0.07, metric="share")
show(f"at_most {a.answer}", a.upper, a.lower)
compared = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]
s = sy.shares(small, ["y", "z"], blocks, cluster="council")
for method in ("romano-wolf", "westfall-young"):
    show(f"joint {method}", *s.compare_all(adjust=method, replicates=500, seed=3)["p_adjusted"])
leagues = {by: s.league(by).tests for by in ("coefficient", "alone", "share>=0.02")}
ranks, above = s.ranks(replicates=500, seed=3), s.in_all("money", "process").outcomes
for i, outcome in enumerate(["y", "z"]):
    show("joint ranks", *ranks[ranks["outcome"] == outcome][["rank", "lowest", "highest"]].to_numpy().ravel())
    show("joint ratio", *s.ratio("money", "process")[compared].iloc[i])
    show("joint above", *above[["statistic", "p_value"]].iloc[i])
    show("joint planning", s.units_needed("money", "process", difference=0.05)["units"][i],
         s.power("money", "process", units=100, difference=0.05)["power"][i])
    for by, tests in leagues.items():
        for row in tests[tests["outcome"] == outcome].itertuples():
            show(f"joint {by}", *((row.statistic, row.p_value) if ">" in by else row[3:7]))
a = s.at_most("money", 0.07, metric="highest")
show("joint highest", a.upper, a.lower)
sb = sy.shares(small, "y", {"money": "x0", "process": "x1 + half"}, by="area", cluster="council")
for row in sb.compare()[compared].itertuples(index=False):
    show("joint levels", *row)
for row in sb.test().itertuples(index=False):
    show("joint all equal", *row[1:])

items = ["y", "z", "x0", "x1"]
for case, frame, rules in (("reliability", small, {"cluster": "council"}),
                           ("reliability rows", large, {"weights": "w", "weight_kind": "frequency"})):
    r = sy.reliability(frame, items, **rules)
    for row in r.table.itertuples(index=False):
        show(f"{case} kind", *row[2:])
    for row in r.items.itertuples(index=False):
        show(f"{case} item", *row[3:])
s = sy.shares(small, "y", {"money": "x0", "process": "x1 + half"}, cluster="council")
known = {"x1": 0.8, "half": 0.9}
show_shares("corrected", s.corrected(known))
show("corrected lowest", *s.corrected(known).errors["lowest"])
x = s.simex(known, replicates=20, seed=4)
for row in x.to_frame().itertuples(index=False):
    show("simex row", *row[2:])
for row in x.added.itertuples(index=False):
    show("simex added", row.share, row.mc_error)
i = np.arange(600)
two = small.assign(treated=((i * 11) % 7 + small.x0 > 3).astype(int), high=(small.y > 9).astype(int))
for name, how in (("ate", {}), ("entropy", {"estimand": "ATT", "method": "entropy", "interval": "influence",
                                            "weights": "w", "weight_kind": "sampling"}),
                  ("overlap", {"estimand": "overlap", "link": "probit", "interval": "influence", "weights": "w",
                               "weight_kind": "frequency"}),
                  ("random", {"estimand": "ATT", "clusters": "random", "interval": "jackknife"})):
    b = sy.balance(two, "treated", ["x0", "area"], ["y", "high"], cluster="council", **how)
    show(f"balance weights {name}", *b.weights[:40])
    for row in b.table.itertuples(index=False):
        show(f"balance {name}", *row[2:9])
        show(f"balance {name}", *row[9:])
    for row in b.estimates.itertuples(index=False):
        show(f"balance {name}", *row[2:])

d = sy.datasets.simulate_poet(seed=7, people=1100, strengths={"powerfulness_payment": 0.3}, hidden=True)
for name in d.columns:
    values = d[name].cat.codes.replace(-1, np.nan) if isinstance(d[name].dtype, pd.CategoricalDtype) else d[name]
    show(f"poet {name}", *values.iloc[-40:].astype(float))
for row in d.marginals.itertuples():
    show(f"poet {row.kind}", row.planted, row.found)
for row in d.truth.itertuples():
    show(f"poet {row.name}", row.value)
d = sy.datasets.simulate_poet(people=900, councils=30, hidden=True)
d["direct"] = d.payment_type == "direct_payment"
for interval, outcome, more in (("jackknife", "hidden_outcome", {}), ("influence", "hidden_outcome", {}),
                                ("percentile", "hidden_outcome", {"replicates": 100, "seed": 5}),
                                ("ordinal", "quality_of_life", {"draws": 10, "seed": 5})):
    m = sy.mediation(d, outcome, "direct", {"funding": "hidden_funding", "process": "hidden_process"},
                     confounders="need + client_group", cluster="council",
                     interval=None if interval == "ordinal" else interval, **more)
    for row in m.effects.drop(columns=["df", "part", "answer"], errors="ignore").itertuples(index=False):
        show(f"mediation {interval}", *row)
    show(f"mediation means {interval}", *m.means["mean"])
    if m.covariance is not None:
        show(f"mediation covariance {interval}", *m.covariance.to_numpy().ravel())
for metric in ("unique", "alone", "share"):
    t = sy.permutation_test(small, "y", blocks, block="bend", metric=metric, cluster="council", permutations=99, seed=3)
    show(f"permutation {metric}", t["estimate"][0], t["p_value"][0], t["units"][0])
s = sy.shares(small, "y", blocks, population={"area": {"north": 0.5}}, interval=None)
for row in s.population_change().itertuples():
    show(f"population {row.block.strip('()')}", row.population)
printed = np.array([[1, .5, .4, .3], [.5, 1, .3, .2], [.4, .3, 1, .6], [.3, .2, .6, 1]])
s = sy.shares(sy.moments_from_correlation(printed, 100, ["y", "a", "b", "c"], decimals=1), "y", ["a", "b", "c"])
for row in s.rounding().itertuples():
    show(f"rounding {row.block}", row.low_rounding, row.high_rounding)
names = [f"x{j}" for j in range(20)]
show_plain("wide", sy.shares(large, "y", names, interval=None))
show_plain("sampled", sy.shares(large, "y", names, interval=None, method="sampled"))
m = sy.moments(small, ["y", "x0", "x1", "half"], cluster="council") + sy.moments(
    large, ["y", "x0", "x1", "half"], cluster="council")
print("merged", m.hash)
show_plain("moments", sy.shares(m, "y", ["x0", "x1", "half"]))
r = np.array([[1, .6, .3, .4, .5], [.6, 1, .8, .1, .3], [.3, .8, 1, .1, .1], [.4, .1, .1, 1, .5], [.5, .3, .1, .5, 1]])
show_plain("normal", sy.shares(sy.moments_from_correlation(r, 100, ["y", "a", "b", "c", "d"]), "y", ["a", "b", "c", "d"]))
for kind in ("classical", "HC3", "CR2"):
    f = sy.fit_linear("y ~ x0 + half + area + area:half", small, covariance=kind,
                      cluster="council" if kind == "CR2" else None)
    show(f"fit {kind}", f.r2, f.sigma, f.loglik, f.condition)
    for label in f.params.index:
        show(f"fit {kind} {label}", f.params[label], f.std_error[label], f.df[label])
responses = [
    ("logit", "binary", {}, 9, 50, 2, "classical"), ("probit", "binary", {"link": "probit"}, 9, 50, 2, "HC1"),
    ("cloglog", "binary", {"link": "cloglog"}, 9, 50, 2, "CR2"), ("poisson", "count", {}, 3, 3, 9, "CR1"),
    ("ordinal", "ordinal", {}, 4, 4, 5, "CR2"),
    ("nominal", "ordinal", {"link": "probit", "nominal": "half"}, 4, 4, 5, "classical"),
    ("even", "ordinal", {"link": "cloglog", "thresholds": "equidistant"}, 4, 4, 5, "classical")]
for name, kind, options, start, by, most, covariance in responses:
    spot = small.assign(spot=np.clip(np.floor((small.y - start) / by) + 1, 0, most - 1))
    f = getattr(sy, f"fit_{kind}")(f"spot ~ x0 + {'' if 'nominal' in options else 'half + '}area", spot,
                                   covariance=covariance, cluster="council" if covariance[:2] == "CR" else None, **options)
    show(f"{name} whole", f.loglik, f.loglik_null, f.deviance, f.pearson, f.lr, f.aic, f.condition)
    for label in f.params.index:
        show(f"{name} {label}", f.params[label], f.std_error[label], f.df[label])
    for row in f.effects(["x0", "area"]).itertuples():
        show(f"{name} effect", row.estimate, row.std_error, row.conf_low, row.conf_high)
    show(f"{name} explained", *f.explained()["value"])
mixed_models = [
    ("mixed", "spot ~ x0 + half + (x0 | council)", {}, None),
    ("crossed", "spot ~ x0 + half + (1 | council) + (1 | area)", {"reml": False}, None),
    ("mixed binary", "spot ~ x0 + half + (1 | council)", {"family": "binary", "link": "probit"}, (13, 50, 2)),
    ("mixed ordinal", "spot ~ x0 + half + (1 | council)", {"family": "ordinal", "nodes": 7}, (7, 4, 5))]
for name, formula, options, cut in mixed_models:
    code = small.council.cat.codes.to_numpy()
    spot = small.assign(spot=small.y + (2 * np.sqrt(code % 5 + 1.0) + 0.5 * (code % 3) * small.x0))
    if cut:
        spot["spot"] = np.clip(np.floor((spot.spot - cut[0]) / cut[1]) + 1, 0, cut[2] - 1)
    f = sy.fit_mixed(formula, spot, **options)
    show(f"{name} whole", f.loglik, f.criterion, f.aic, f.bic, f.sigma)
    for label in f.params.index:
        show(f"{name} {label}", f.params[label], f.std_error[label])
    show(f"{name} theta", *f.theta)
    effects = f.ranef(ranks=True, draws=500)
    first = effects[effects["group"] == "council"].sort_values(["level", "effect"]) if name == "mixed" else effects
    show(f"{name} first", *first["estimate"][:12])
    show(f"{name} rows", *(f.predict(kind="linear")[:5]))
    if cut is None:
        show(f"{name} df", *f.df)
        if f.provenance["reml"]:
            k = sy.fit_mixed(formula, spot, df="kenward-roger", **options)
            for label in k.params.index:
                show(f"{name} kenward-roger", k.std_error[label], k.df[label])
        for row in f.anova().itertuples():
            show(f"{name} anova", row.sumsq, row.df, row.df_resid, row.statistic, row.p_value)
    r = f.r2()
    show(f"{name} explained", *r[["marginal", "conditional", "icc_adjusted", "icc_unadjusted", "variance fixed",
                                  "variance council", "variance residual"]])
    k = f.icc(method="delta").iloc[0]
    show(f"{name} icc", k["estimate"], k["std_error"], k["conf_low"], k["conf_high"])
    for row in effects[(effects["group"] == "council") & (effects["effect"] == "(Intercept)")].itertuples():
        show(f"{name} rank", row.expected_rank, row.rank_low, row.rank_high, row.p_top, row.p_bottom, row.reliability)
fitted_shares = [
    ("fitted binary", "binary", (9, 50, 2), {}, {"measure": "nagelkerke"}),
    ("fitted ordinal", "ordinal", (4, 4, 5), {"cluster": "council"}, {"measure": "latent"}),
    ("fitted step", "ordinal", (4, 4, 5), {"cluster": "council"}, {"method": "one-step"}), ("fitted mixed", None, None, {}, {})]
for name, kind, cut, options, asked in fitted_shares:
    if kind:
        spot = small.assign(spot=np.clip(np.floor((small.y - cut[0]) / cut[1]) + 1, 0, cut[2] - 1))
        f = getattr(sy, f"fit_{kind}")("spot ~ x0 + half + area", spot, **options)
        s = sy.shares(f, blocks={"first": "x0 + half", "area": "area"}, **asked)
    else:
        code = small.council.cat.codes.to_numpy()
        spot = small.assign(spot=small.y + (2 * np.sqrt(code % 5 + 1.0) + 0.5 * (code % 3) * small.x0))
        s = sy.shares(sy.fit_mixed("spot ~ x0 + half + (1 | council)", spot))
    show_shares(name, s)
    for frame in (s.blocks, s.terms):
        for row in frame.itertuples():
            show(f"{name} parts", row.one_step, row.within, row.between)
    parts = dict(s.parts.itertuples(index=False))
    show(f"{name} made", s.gap, s.provenance["submodels"], s.provenance["df"],
         parts.get("effects of council", math.nan), parts.get("residual", math.nan))
spot = small.assign(spot=np.clip(np.floor((small.y - 4) / 4) + 1, 0, 4))
for row in sy.polychoric(spot, ["spot", "x0", "half"], ordered="spot", cluster="council").to_frame().itertuples():
    show("polychoric", row.estimate, row.std_error, row.conf_low, row.conf_high)
u = sy.unit_values({"direct": 992849000, "managed": 5.2e9}, {"in the year": {"direct": 135245, "managed": 1337000},
                                                            "on one day": {"direct": 114090, "managed": 980000}}, 1.6e9)
show("printed units", *u.values["value"])
show("printed ratios", *u.ratios["ratio"])
show("printed claimed", u.claimed_users)
g = sy.gap_allowed(0.07, 0.8, 1.3, 0.9, 0.3, 2)
show("printed allowed", g["slope"][0], g["gap"][0], g["predictor_gap"][0], g["slope"][1], g["gap"][1],
     *sy.slope_allowed(0.4, 3, 0.0025)["slope"])
show("printed risks", *sy.risk_ratio_from_odds(3, 0.7, 0.6).to_frame().iloc[0])
show("printed r2", *sy.r2_interval(0.07, 1114, 2, rounding=0.005).to_frame().iloc[0, 3:])
counts = sy.counts_by_chance([6, 9, 11], [9, 14, 15], chance=0.5, correlation=0.3, trend=True)
show("printed difference", *sy.detectable_difference(170, 169).to_frame().iloc[0, 2:], counts.trend["p_value"])
for row in counts.itertuples(index=False):
    show("printed count", *row[2:])
held = sy.fit_linear("y ~ x0 + half + area", small)
c = sy.confounding(held, "half", benchmarks=["x0", "area"], kd=2)
show("confounding values", *c.robustness[["estimate", "std_error", "partial_r2", "robustness_value",
                                          "robustness_value_alpha", "extreme"]].iloc[0])
for row in c.bounds.itertuples(index=False):
    show("confounding bound", *row[3:11])
o, e = sy.oster(held, "half", kept="x0", r_max=0.9), sy.e_value(3, 2.1, 4.4, "or_common", true=1.2)
show("confounding oster", *o[["estimate_short", "delta_star", "beta_star"]].iloc[0],
     *e[["ratio", "e_value", "e_value_limit"]].iloc[0])
sides = small.assign(side=np.where(small.council.cat.codes % 2, "odd", "even"), two=np.clip(np.floor((small.y - 9) / 50) + 1, 0, 1),
                     five=np.clip(np.floor((small.y - 4) / 4) + 1, 0, 4))
both = {"first": "x0 + half", "area": "area"}
for name, method, options in [("gap oaxaca", "oaxaca", {}), ("gap drawn", "oaxaca", {"interval": "percentile", "replicates": 100}),
                              ("gap kitagawa", "kitagawa", {"interval": "influence"}), ("gap gelbach", "gelbach", {})]:
    g = sy.gap(sides, "y", "side", {"area": "area"} if method == "kitagawa" else both, method, cluster="council", **options)
    for row in g.to_frame().itertuples():
        show(name, row.estimate, row.std_error, row.p_value, row.conf_low, row.conf_high)
for name, outcome, options in [("gap binary", "two", {"cluster": "council"}),
                               ("gap ordinal", "five", {"outcome_type": "ordinal", "link": "probit"})]:
    for row in sy.gap(sides, outcome, "side", both, **options).to_frame().itertuples():
        if row.part != "fit":
            show(name, row.estimate, row.std_error, row.conf_low, row.conf_high)
for row in sy.describe(small, ["y", "x1", "half", "area"], lags=2).itertuples():
    show(f"describe {row.term}", row.n, row.missing, row.mean, row.sd, row.lowest, row.median, row.highest,
         row.autocorrelation_1, row.autocorrelation_2)
asked, areas = ["x0", "x1", "x2", "x3"], ["north", "south", "west"]
for name, options in [("overview", {}), ("overview clusters", {"cluster": "council"}),
                      ("overview sampling", {"weights": "w", "weight_kind": "sampling"}),
                      ("overview both", {"weights": "w", "weight_kind": "sampling", "cluster": "council"})]:
    o = sy.overview(small, asked, better=1, worse=-1, by="area", threshold=0.4, **options)
    for row in o.to_frame().itertuples():
        show(name, row.estimate, row.std_error, row.conf_low, row.conf_high)
    for row in o.claim.itertuples():
        show(f"{name} claim", row.low, row.high, row.p_above, row.p_below)
    ranks, funnel = o.ranks("x1").set_index("group"), o.funnel("x1").set_index("group")
    for area in areas:
        show(f"{name} rank", *ranks.loc[area, ["rank", "lowest", "highest"]])
        show(f"{name} funnel", *funnel.loc[area, ["low_95", "high_95", "low_998", "high_998", "z"]])
    show(f"{name} dispersion", funnel.attrs["dispersion"])
    for row in o.steps(asked, difficult=1).itertuples():
        show(f"{name} steps", row.exactly, row.exactly_low, row.exactly_high, row.or_more, row.or_more_low,
             row.or_more_high)

weighed = {"outcomes": ["y", "z"], "blocks": {"funding": "x0", "process": "x1", "need": "x2"}, "cluster": "council"}
sources = {"users": "process", "others": "x4"}
e = sy.weigh(small, **weighed, process_sources=sources, by="area", group="part", replicates=200,
             left_out=1)
for name in ("table", "differences", "sources", "claims", "money", "league", "leave_one_out", "by", "population", "missing",
             "numbers", "gaps"):
    title = {"table": "outcomes", "leave_one_out": "left_out", "by": "levels"}.get(name, name)
    for row in getattr(e, name).select_dtypes("number").to_numpy():
        show(f"weigh {title}", *row)
k = sy.specification_curve(small, **weighed, choices={"funding": ["level", "rank"], "source": sources,
                                                      "missing": ["complete", "per-outcome"]})
for title, frame in (("specifications", k.table), ("summary", k.summary_table), ("choices", k.choices)):
    for row in frame.select_dtypes("number").to_numpy():
        show(f"curve {title}", *row)
