# SPDX-License-Identifier: GPL-3.0-only
"""share_flip(), reliability_to_flip() and shared_source_to_flip() of a result."""
import math
import pickle

import numpy as np
import pandas as pd
import pytest
import steelyard as sy


@pytest.fixture(scope="module")
def people():
    """500 rows in 20 councils with a planted confounder, noise and style, as columns."""
    rng = np.random.default_rng(3)
    n = 500
    u, style = rng.normal(size=n), rng.normal(size=n)
    money = 0.4 * u + rng.normal(size=n)
    listen = 0.3 * u + 0.2 * money + rng.normal(size=n)
    plan = 0.5 * listen + rng.normal(size=n)
    need = rng.normal(size=n) + 0.3 * money
    control = 0.8 * listen + 0.3 * money + 0.5 * u + 0.2 * need + rng.normal(size=n)
    return pd.DataFrame({"u": u, "style": style, "money": money, "listen": listen, "plan": plan, "need": need,
                         "control": control, "region": np.array(["north", "south", "west"])[rng.integers(0, 3, n)],
                         "council": np.arange(n) % 20})


BLOCKS = {"funding": "money", "process": "listen", "need": "need"}


def residual(x, *given):
    z = np.column_stack([np.ones(len(x)), *given])
    return x - z @ np.linalg.lstsq(z, x, rcond=None)[0]


def partial(x, y, *given):
    a, b = residual(x, *given), residual(y, *given)
    return a @ b / math.sqrt((a @ a) * (b @ b))


def defined(data, a, b, c, given=()):
    """A column that is a confounder of these strengths to its definition, on money and listen."""
    rng = np.random.default_rng(5)
    unit = lambda x: x / np.linalg.norm(x)
    x = {name: data[name].to_numpy() for name in ("money", "listen", "need", "control")}
    f = unit(residual(x["money"], *given))
    h = unit(residual(x["listen"], x["money"], *given))
    e = unit(residual(x["control"], x["money"], x["listen"], *given))
    left = unit(residual(x["control"], x["money"], x["listen"], x["need"], *given))
    own = unit(residual(rng.normal(size=len(f)), x["money"], x["listen"], x["need"], x["control"], *given))
    beyond_f, beyond_g = math.sqrt(1 - a * a), math.sqrt(1 - b * b)
    load = c * beyond_f * beyond_g / (left @ e)
    rest = 1 - a * a - (b * beyond_f)**2 - load**2
    return a * f + b * beyond_f * h + load * left + math.sqrt(rest) * own


@pytest.mark.parametrize("strengths", [(-0.5, 0.4, 0.3), (0.2, 0.1, -0.6), (0.0, 0.7, 0.0)])
def test_a_planted_confounder_gives_the_shares_with_it_forced_in(people, strengths):
    data = people.assign(planted=defined(people, *strengths))
    found = sy.shares(data, "control", BLOCKS, interval=None).share_flip().at(*strengths).set_index("block")["share"]
    forced = sy.shares(data, "control", BLOCKS, adjust="planted", interval=None).blocks.set_index("block")["share"]
    assert np.abs(found - forced).max() < 1e-10


def test_the_nearest_turns_the_order_when_its_column_is_forced_in(people):
    flip = sy.shares(people, "control", BLOCKS, interval=None).share_flip()
    point = flip.nearest.iloc[0]
    assert point["distance"] == max(abs(point[["a", "b", "c"]]))
    data = people.assign(planted=defined(people, point["a"], point["b"], point["c"]))
    blocks = sy.shares(data, "control", BLOCKS, adjust="planted", interval=None).blocks.set_index("block")["share"]
    assert abs(blocks["process"] - blocks["funding"]) < 1e-10
    for number, tied in enumerate(flip.needed["tied_to"], 1):
        assert tied == " + ".join(w for i, w in enumerate(("funding", "process", "outcome")) if number >> i & 1)


def test_benchmarks_are_partial_correlations_of_the_rows(people):
    s = sy.shares(people, "control", BLOCKS, adjust="C(region)", interval=None)
    frame = s.share_flip().benchmarks.set_index("term")
    z = pd.get_dummies(people["region"], drop_first=True).to_numpy(dtype=float)
    money, listen, need, y = (people[c].to_numpy() for c in ("money", "listen", "need", "control"))
    expected = (partial(need, money, z), partial(need, listen, money, z), partial(need, y, money, listen, z))
    assert np.allclose(frame.loc["need", ["a", "b", "c"]].astype(float), expected, atol=1e-12)
    assert not frame.loc["need", "joint"] and frame.loc["factor(region)", "joint"]
    before, after = residual(money), residual(money, z)
    assert abs(frame.loc["factor(region)", "a"] - math.sqrt(1 - after @ after / (before @ before))) < 1e-12
    before, after = residual(y, money, listen), residual(y, money, listen, z)
    assert abs(frame.loc["factor(region)", "c"] - math.sqrt(1 - after @ after / (before @ before))) < 1e-12


def test_a_benchmark_may_be_any_term_of_the_moments(people):
    m = sy.moments(people, ["control", "money", "listen", "need", "plan"])
    s = sy.shares(m, "control", BLOCKS, interval=None)
    frame = s.share_flip(benchmarks="plan").benchmarks
    assert list(frame["term"]) == ["plan"]
    assert abs(frame["a"].iloc[0] - partial(people["plan"].to_numpy(), people["money"].to_numpy())) < 1e-12


def test_absorbed_councils_leave_what_is_within_them(people):
    councils = pd.get_dummies(people["council"], drop_first=True).to_numpy(dtype=float)
    data = people.assign(planted=defined(people, -0.4, 0.3, 0.35, (councils,)))
    ask = lambda adjust: sy.shares(data, "control", BLOCKS, adjust=adjust, cluster="council", interval=None)
    found = ask("C(council)").share_flip().at(-0.4, 0.3, 0.35).set_index("block")["share"]
    forced = ask("C(council) + planted").blocks.set_index("block")["share"]
    assert np.abs(found - forced).max() < 1e-10
    need = ask("C(council)").share_flip().benchmarks.iloc[0]
    x = {name: people[name].to_numpy() for name in ("need", "money", "listen", "control")}
    assert abs(need["c"] - partial(x["need"], x["control"], x["money"], x["listen"], councils)) < 1e-11
    with pytest.raises(sy.SteelyardError, match="source: with absorbed clusters"):
        ask("C(council)").shared_source_to_flip()


def test_weights_and_strata_count(people):
    data = people.assign(count=1 + np.arange(len(people)) % 3, half=np.arange(len(people)) % 2)
    repeated = data.loc[data.index.repeat(data["count"])].reset_index(drop=True)
    weighted = sy.shares(data, "control", BLOCKS, weights="count", weight_kind="frequency").share_flip().nearest
    plain = sy.shares(repeated, "control", BLOCKS, interval="jackknife").share_flip().nearest
    columns = ["a", "b", "c", "distance", "limit_c"]
    assert np.allclose(weighted[columns].astype(float), plain[columns].astype(float), atol=1e-9)
    strata = sy.shares(data, "control", BLOCKS, strata="half").share_flip().nearest.iloc[0]
    none = sy.shares(data, "control", BLOCKS).share_flip().nearest.iloc[0]
    assert strata["df"] == none["df"] - 1 and abs(strata["distance_low"] - none["distance_low"]) < 0.05


def test_no_limit_without_units_is_said(people):
    m = sy.moments(people, ["control", "money", "listen", "need"])
    flip = sy.shares(m, "control", BLOCKS, interval=None).share_flip()
    assert math.isnan(flip.nearest["distance_low"].iloc[0])
    assert "neither clusters nor rows to leave out" in repr(flip) and list(flip.remarks["code"]) == ["interval_skipped"]


def test_rays_cross_where_the_difference_is_zero(people):
    flip = sy.shares(people, "control", BLOCKS, interval=None).share_flip(rays=[(-1, 1, 1), (1, 0, 0)])
    rays = flip.rays
    assert len(rays) == 2 and math.isnan(rays["crossing"].iloc[1])
    t = rays["crossing"].iloc[0]
    blocks = flip.at(-t, t, t).set_index("block")["share"]
    assert abs(blocks["process"] - blocks["funding"]) < 1e-12
    assert len(sy.shares(people, "control", BLOCKS, interval=None).share_flip().rays) == 13


def test_contours_are_differences_and_say_what_is_impossible(people):
    flip = sy.shares(people, "control", BLOCKS, interval=None).share_flip()
    grid = flip.contours("b", "c", third=0.2, points=5, reach=0.999)
    assert list(grid.columns) == ["outcome", "a", "b", "c", "difference", "impossible"] and len(grid) == 25
    assert (grid["a"] == 0.2).all() and grid["impossible"].any() and not grid["impossible"].all()
    row = grid[~grid["impossible"]].iloc[3]
    blocks = flip.at(row["a"], row["b"], row["c"]).set_index("block")["share"]
    assert row["difference"] == blocks["process"] - blocks["funding"]
    assert (flip.contours("c", "b", third=0.2, points=5, reach=0.999)["difference"].count() == grid["difference"].count())
    with pytest.raises(sy.SteelyardError, match="a = 1: a strength lies between -1 and 1"):
        flip.contours("b", "c", third=1)
    with pytest.raises(sy.SteelyardError, match='y: "b" is x already'):
        flip.contours("b", "b")


def test_several_columns_are_searched_and_named(people):
    blocks = {"funding": "money", "process": "listen + plan", "need": "need"}
    flip = sy.shares(people, "control", blocks, interval=None).share_flip()
    d = flip.directions
    assert list(d["block"]) == ["funding", "process", "process"] and list(d["column"]) == ["money", "listen", "plan"]
    assert d["weight"].iloc[0] == 1 and d["weight"].iloc[1:].sum() >= 0
    point = flip.nearest.iloc[0]
    shares = flip.at(point["a"], point["b"], point["c"]).set_index("block")["share"]
    assert abs(shares["process"] - shares["funding"]) < 1e-12


def test_the_limit_of_the_distance_uses_clusters(people):
    rows = sy.shares(people, "control", BLOCKS).share_flip().nearest.iloc[0]
    clusters = sy.shares(people, "control", BLOCKS, cluster="council").share_flip().nearest.iloc[0]
    assert rows["df"] == 499 and clusters["df"] == 19
    assert 0 < rows["distance_low"] < rows["distance"] and rows["distance"] == pytest.approx(clusters["distance"], abs=1e-12)
    none = sy.shares(people, "control", BLOCKS, cluster="council").share_flip(level=0).nearest.iloc[0]
    assert math.isnan(none["distance_low"])


def test_noise_and_style_are_taken_off_again(people):
    rng = np.random.default_rng(9)
    names = ["money", "listen", "need", "control"]
    x = {name: residual(people[name].to_numpy()) for name in names}
    own = residual(rng.normal(size=len(people)), *x.values())
    standard = lambda v: v / np.linalg.norm(v)
    true = sy.shares(people, "control", BLOCKS, interval=None).blocks.set_index("block")["share"]
    noisy = people.assign(money=math.sqrt(0.7) * standard(x["money"]) + math.sqrt(0.3) * standard(own))
    turn = sy.shares(noisy, "control", BLOCKS, interval=None).reliability_to_flip(at=[0.7])
    assert abs(turn.curve["difference"].iloc[0] - (true["process"] - true["funding"])) < 1e-10
    styled = people.assign(listen=math.sqrt(0.8) * standard(x["listen"]) + math.sqrt(0.2) * standard(own),
                           control=math.sqrt(0.8) * standard(x["control"]) + math.sqrt(0.2) * standard(own))
    s = sy.shares(styled, "control", BLOCKS, interval=None)
    for source in (None, ["listen", "outcome"], {"listen": 1, "control": 1}):
        turn = s.shared_source_to_flip(source=source, at=0.2)
        assert abs(turn.curve["difference"].iloc[0] - (true["process"] - true["funding"])) < 1e-10


def test_councils(councils, blocks):
    s = sy.shares(councils, ["control", "adjusted_quality_of_life"], blocks, interval="jackknife")
    flip = s.share_flip()
    assert list(flip.nearest["outcome"]) == ["control", "adjusted_quality_of_life"]
    control = flip.nearest.iloc[0]
    assert control["distance"] == pytest.approx(0.422791, abs=1e-6)
    assert control["distance_low"] == pytest.approx(0.181074, abs=1e-5)
    need = flip.benchmarks[flip.benchmarks["term"] == "deprivation_rank"].iloc[0]
    assert need["times"] == pytest.approx(2.303388, abs=1e-5)
    assert flip.sentences["adjusted_quality_of_life"].endswith("not certain at level .95 even without one.")
    rising = flip.rays[(flip.rays[["a", "b", "c"]] == 1).all(axis=1)].iloc[0]
    assert rising["crossing"] == pytest.approx(0.512320, abs=1e-5) and rising["second_outcome"] < 0


def test_prints_and_pickles(people):
    flip = sy.shares(people, "control", BLOCKS, interval=None).share_flip()
    text = repr(flip)
    assert text.startswith("Share-flip for control: process 0.") and "benchmark" in text and "tied to" in text
    assert "ray a" in repr(flip.summary()) and "ray a" not in text
    again = pickle.loads(pickle.dumps(flip))
    assert repr(again) == text and again.rays.equals(flip.rays)
    with pytest.raises(AttributeError):
        flip.nearest = 1
    turn = sy.shares(people, "control", BLOCKS, interval=None).reliability_to_flip()
    assert str(turn).startswith("Reliability of funding at which the order of process and funding turns")
    assert type(turn[turn["outcome"] == "control"]) is pd.DataFrame


def test_reversed_orders_are_said(people):
    flip = sy.shares(people, "control", BLOCKS, interval=None).share_flip(first="funding", second="process")
    assert flip.nearest["reversed"].iloc[0] and flip.nearest["distance"].iloc[0] == 0
    assert "there is no order to turn" in flip.sentences.iloc[0]
    assert sy.shares(people, "control", BLOCKS, interval=None).reliability_to_flip("funding", "process")["reliability"].iloc[0] == 1


@pytest.mark.parametrize("arguments, words", [
    ({"first": "proces"}, "first: there is no proces; the nearest name is process"),
    ({"second": "process"}, "second: process is the first block too"),
    ({"most": 1}, "most = 1: strengths lie between -1 and 1"),
    ({"level": 1.5}, "level = 1.5"),
    ({"rays": [(1, 2)]}, "rays: directions of three numbers"),
    ({"rays": [(0, 0, 0)]}, "rays: \\(0, 0, 0\\) points nowhere"),
    ({"benchmarks": ["money"]}, "benchmarks: money is in funding itself"),
    ({"benchmarks": ["age"]}, "benchmarks: there is no age")])
def test_refusals(people, arguments, words):
    with pytest.raises(sy.SteelyardError, match=words):
        sy.shares(people, "control", BLOCKS, interval=None).share_flip(**arguments)


def test_refusals_of_turns(people):
    s = sy.shares(people, "control", BLOCKS, interval=None)
    for value in (0, 1.2):
        with pytest.raises(sy.SteelyardError, match="a reliability lies above 0 and is at most 1"):
            s.reliability_to_flip(at=[value])
    with pytest.raises(sy.SteelyardError, match="source: 0.5 for listen"):
        s.shared_source_to_flip(source={"listen": 0.5, "outcome": 1})
    with pytest.raises(sy.SteelyardError, match="source: listen alone shares nothing"):
        s.shared_source_to_flip(source="listen")
    with pytest.raises(sy.SteelyardError, match="at: 'x' are not numbers"):
        s.reliability_to_flip(at="x")
    with pytest.raises(sy.SteelyardError, match="b = 1: a strength"):
        s.share_flip().at(0, 1, 0)


def test_threads_do_not_change_a_bit(people):
    blocks = {"funding": "money", "process": "listen + plan", "need": "need"}
    frames = [sy.shares(people, "control", blocks).share_flip(threads=threads).to_frame() for threads in (1, 4)]
    assert frames[0].equals(frames[1])


def test_draws(people):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    flip = sy.shares(people, "control", BLOCKS, interval=None).share_flip()
    axis = flip.plot(points=12)
    assert axis.get_xlabel().startswith("a: correlation with funding")
    assert flip.plot("b", "c", third=0.1, points=12, ax=axis) is axis
