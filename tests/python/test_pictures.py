# SPDX-License-Identifier: GPL-3.0-only
"""Pictures by their structure: what is drawn, in which order and look, and that no text touches another, is cut off or is
smaller than 7 points, with 3 and with 30 rows and names of 60 characters."""
import pathlib

import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from pictures import faults, names_of

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
pyplot = pytest.importorskip("matplotlib.pyplot")

LONG = [f"a rather long name of an item of a survey of carers, number {i:02d}"[-60:] for i in range(30)]
OUTCOMES = [f"an outcome that someone typed in full as it stood in form {i:02d}" for i in range(30)]
BLOCKS = {"funding": "spend_per_adult_gbp", "process": "easy_information",
          "delivery": "self_directed_support_pct + direct_payment_pct", "need": "deprivation_rank"}
GOOD, BAD = ["much better", "better"], ["worse"]


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def councils():
    return sy.datasets.load("councils_2018_19")


@pytest.fixture(scope="module")
def wide():
    """240 rows, 30 terms x0 ... with labels of 60 characters, 30 outcomes, 152 councils, an answer."""
    rng = np.random.default_rng(4)
    x = 0.8 * rng.normal(size=(240, 30)) + 0.5 * rng.normal(size=(240, 1))
    y = x @ rng.normal(size=30) * 0.2 + rng.normal(size=240)
    data = pd.DataFrame(x, columns=LONG)
    data = data.assign(**{name: y + (i + 1) * rng.normal(size=240) for i, name in enumerate(OUTCOMES)})
    data["y"], data["treated"] = y, x[:, 0] + rng.normal(size=240) > 0
    data["group"] = np.where(rng.random(240) < 0.5, LONG[0].upper(), "all others")
    levels = ["not at all satisfied", "quite satisfied", "extremely satisfied, with care and with support"]
    data["answer"] = pd.Categorical.from_codes(np.digitize(y, [-0.7, 0.7]), levels, ordered=True)
    return data


@pytest.fixture(scope="module")
def thirty(wide):
    """The same with names that a formula can hold, of 60 characters too."""
    return wide.rename(columns={name: f"x{i:02d}_{'of_a_survey_of_carers_in_one_hundred_and_fifty_two_councils'[:56]}"
                                for i, name in enumerate(LONG)})


@pytest.fixture(scope="module")
def terms(thirty):
    return list(thirty.columns[:30])


@pytest.fixture(scope="module")
def members():
    """Members of 152 councils with long names."""
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(152), 9)
    data = pd.DataFrame({"council": [f"The Metropolitan Borough Council of Somewhere Else, {i:03d}" for i in codes],
                         "x": rng.normal(size=len(codes))})
    data["y"] = 0.3 * data["x"] + 0.7 * rng.normal(size=152)[codes] + rng.normal(size=len(codes))
    data = data[rng.random(len(data)) < 0.3 + 0.7 * rng.random(152)[codes]]
    return data.assign(place=data["council"].str[-3:].astype(int))


@pytest.mark.parametrize("kind", ["shares", "bounds", "dominance", "common", "forest"])
def test_shares_are_drawn_without_faults(councils, kind):
    for outcomes in ("control", ["control", "satisfaction"]):
        axes = sy.shares(councils, outcomes, BLOCKS).plot(kind)
        assert faults(axes) == []
        named = {"forest": [outcomes] if isinstance(outcomes, str) else outcomes, "dominance": None}.get(kind, list(BLOCKS))
        if named:
            assert names_of(np.ravel(axes)[1 if kind == "common" else 0]) == named
        titles = [axis.get_title(loc="left") for axis in np.ravel(axes)]
        assert kind == "forest" or [title for title in titles if title] == list(np.ravel(outcomes))


def test_thirty_long_names_touch_nothing(wide):
    s = sy.shares(wide, "y", {name: [name] for name in LONG}, interval=None, bounds=False)
    axis = s.plot()
    assert faults(axis) == [] and names_of(axis) == LONG
    many = sy.shares(wide, OUTCOMES, {"funding": [LONG[0]], "process": [LONG[1]], "need": [LONG[2]]})
    axis = many.plot("forest")
    assert faults(axis) == [] and names_of(axis) == OUTCOMES
    ten = sy.shares(wide, "y", {name: LONG[3 * i:3 * i + 3] for i, name in enumerate(LONG[:10])}, interval=None)
    for kind in ("dominance", "common", "bounds"):
        assert faults(ten.plot(kind)) == []
    assert faults(sy.shares(wide, OUTCOMES[:4], {name: [name] for name in LONG[:8]}, interval=None).plot("dominance")) == []


def test_process_and_funding_have_their_colours_and_shapes(councils):
    axis = sy.shares(councils, "control", BLOCKS).plot()
    drawn = {float(line.get_ydata()[0]): (line.get_color(), line.get_marker()) for line in axis.lines
             if line.get_marker() in "oDs"}
    assert drawn[0.0] == ("#c8702a", "D") and drawn[1.0] == ("#2a5d84", "o") and drawn[2.0] == ("#5b6670", "s")
    lines = {line.get_label(): line for line in sy.shares(councils, "control", BLOCKS).plot("dominance").lines}
    assert lines["process"].get_linestyle() == "-" and lines["funding"].get_linestyle() == "--"
    looks = {(line.get_color(), line.get_marker()) for name, line in lines.items() if name in BLOCKS}
    assert len(looks) == 4


def test_common_parts_stand_largest_first_above_their_blocks(councils):
    s = sy.shares(councils, "control", BLOCKS)
    bars, matrix = s.plot("common")
    found = s.commonality().sort_values("coefficient", key=abs, ascending=False, kind="stable")
    heights = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in bars.patches}
    assert [heights[place] for place in range(15)] == list(found["coefficient"])
    assert {bool(bar.get_hatch()) for bar in bars.patches if bar.get_height() < 0} == {True}
    keys = [key.get_hatch() or "" for key in matrix.get_legend().get_patches()]
    assert keys == ["", ""]
    dots = {line.get_xdata()[0]: len(line.get_xdata()) for line in matrix.lines
            if line.get_marker() == "o" and line.get_color() == "#222222"}
    assert [dots[place] for place in range(15)] == list(found["order"])
    named = {f"{i} + 1": term for i, term in enumerate(list(BLOCKS.values())[:1] + ["easy_information", "deprivation_rank"])}
    assert names_of(sy.shares(councils, "control", named).plot("common")[1]) == list(named)


def test_more_than_twenty_parts_are_counted(wide):
    five = sy.shares(wide, "y", {f"b{i}": [LONG[i]] for i in range(5)}, interval=None)
    bars, matrix = five.plot("common")
    assert len(bars.patches) == 20
    assert any(text.get_text().replace("\n", " ").startswith("11 smaller parts are left out, none beyond ")
               for text in matrix.texts)


def test_leagues_and_ranks_are_counted_in_whole_numbers(councils, wide):
    s = sy.shares(councils, ["control", "satisfaction", "feel_safe"], BLOCKS)
    table = s.league(by="coefficient")
    axis = table.plot()
    assert faults(axis) == [] and names_of(axis) == list(BLOCKS)
    found = next(line for line in axis.lines if line.get_label() == "found with 95 % confidence")
    assert list(found.get_xdata()) == list(table["found"]) and {float(tick) % 1 for tick in axis.get_xticks()} == {0.0}
    ranks = s.ranks(replicates=200)
    axes = ranks.plot()
    assert faults(axes) == [] and [axis.get_title(loc="left") for axis in axes] == s.outcomes
    drawn = np.concatenate([line.get_xdata() for line in axes[1].lines if line.get_marker() in "oDs"])
    assert sorted(drawn) == [1, 2, 3, 4]
    many = sy.shares(wide, OUTCOMES[:2], {name: [name] for name in LONG[:12]}, bounds=False)
    assert faults(many.league(by="alone").plot()) == []


def test_groups_stand_beside_each_other(councils):
    data = councils.assign(need=np.where(councils["deprivation_rank"] > councils["deprivation_rank"].median(), "poor", "rich"))
    blocks = {key: BLOCKS[key] for key in ("funding", "process")}
    by = sy.shares(data, "control", blocks, by="need")
    for kind in ("shares", "bounds"):
        axis = by.plot(kind)
        assert faults(axis) == [] and names_of(axis) == ["funding", "process"]
        assert [text.get_text() for text in axis.get_legend().get_texts()] == ["need = poor", "need = rich"]
    drawn = [line.get_xdata() for line in by.plot().lines if line.get_marker() in "oD"]
    assert np.array_equal(np.concatenate(drawn), by.blocks["share"])
    assert faults(sy.shares(data, ["control", "satisfaction"], blocks, by="need").plot()) == []


def test_evidence_and_curves_are_drawn_without_faults(wide, councils):
    asked = {"funding": [LONG[0]], "process": [LONG[1]]}
    for outcomes, data, blocks in ((["control", "satisfaction", "feel_safe"], councils, BLOCKS), (OUTCOMES, wide, asked)):
        e = sy.weigh(data, outcomes, blocks, left_out=0)
        for kind in ("forest", "league"):
            assert faults(e.plot(kind)) == []
        assert names_of(e.plot()[0]) == outcomes
        order = e.table.sort_values("difference", ascending=False, kind="stable")["outcome"]
        assert names_of(e.plot("league")) == list(order)
        curve = sy.specification_curve(data, outcomes, blocks, interval=None, choices={"funding": ["level", "rank"]})
        above, beneath = curve.plot()
        assert faults(above) == [] and len(names_of(beneath)) == len(outcomes) + 2


def test_a_league_of_many_names_the_outermost_or_those_asked_for(members):
    fit = sy.fit_mixed("y ~ x + (1 | council)", members)
    order = fit.ranef().sort_values("estimate", kind="stable")["level"]
    axis = fit.plot()
    assert faults(axis) == []
    named = {text.get_text().replace("\n", " ") for text in axis.texts if text.get_text().startswith("The ")}
    assert named == {*order[:3], *order[-3:]}
    some = fit.plot(named=[order.iloc[70], order.iloc[71]])
    assert faults(some) == []
    assert {text.get_text().replace("\n", " ") for text in some.texts if text.get_text().startswith("The ")} == {*order[70:72]}
    with pytest.raises(sy.SteelyardError, match="named: "):
        fit.plot(named=["Nowhere"])
    few = sy.fit_mixed("y ~ x + (1 | council)", members[members["place"] < 30])
    order = few.ranef().sort_values("estimate", ascending=False, kind="stable")["level"]
    assert faults(few.plot()) == [] and names_of(few.plot()) == list(order)
    for kind in ("funnel", "coefficients", "qq"):
        assert faults(fit.plot(kind)) == []


def test_a_funnel_undoes_the_shrinkage(members):
    """One random intercept and no slope: the group's own effect is its mean less the fitted one (1e-6: balanced groups)."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"g": np.repeat(np.arange(30), 8)})
    data["y"] = rng.normal(size=30)[data["g"]] + rng.normal(size=240)
    fit = sy.fit_mixed("y ~ 1 + (1 | g)", data)
    points = np.concatenate([line.get_ydata() for line in fit.plot("funnel").lines if line.get_marker() in ("o", "D")])
    own = data.groupby("g")["y"].mean() - fit.params.iloc[0]
    assert np.allclose(np.sort(points), np.sort(own), rtol=1e-6)
    both = sy.fit_mixed("y ~ x + (1 + x | g)", data.assign(x=np.tile(np.arange(8.0), 30)))
    with pytest.raises(sy.SteelyardError, match=r"kind: effects of g are shrunken together \(\(Intercept\), x\); a funnel"):
        both.plot("funnel")
    flat = sy.fit_mixed("y ~ 1 + (1 | g)", data.assign(y=np.tile(np.arange(8.0), 30)))
    with pytest.raises(sy.SteelyardError, match="kind: the variance of g is 0"):
        flat.plot("funnel")


def test_overviews_are_drawn_without_faults(members):
    rng = np.random.default_rng(6)
    answers = [*GOOD, "the same", *BAD]
    questions = {name: rng.choice(answers, len(members), p=[0.4, 0.2, 0.3, 0.1]) for name in LONG}
    data = members.assign(**questions)
    axis = sy.overview(data, LONG, GOOD, BAD, threshold=0.5).plot()
    assert faults(axis) == [] and names_of(axis) == LONG
    by = sy.overview(data[data["place"] % 3 == 0], LONG[:1], GOOD, BAD, by="council", hide_below=0)
    few = sy.overview(data[data["place"] < 30], LONG[:1], GOOD, BAD, by="council", hide_below=0)
    for o in (by, few):
        for kind in ("ranks", "funnel"):
            assert faults(o.plot(kind)) == []


def test_fits_are_drawn_without_faults(thirty, terms):
    linear = sy.fit_linear(f"y ~ {' + '.join(terms)}", thirty)
    axis = linear.plot()
    assert faults(axis) == [] and [name.replace(" ", "") for name in names_of(axis)] == terms
    for kind in ("residuals", "qq"):
        assert faults(linear.plot(kind)) == []
    few = f"{' + '.join(terms[:2])} + C(group)"
    for fit in (sy.fit_binary(f"treated ~ {few}", thirty), sy.fit_ordinal(f"answer ~ {few}", thirty)):
        for kind in ("coefficients", "effects", "probabilities"):
            assert faults(fit.plot(kind)) == []
        assert faults(fit.plot("probabilities", variable="group")) == []


def test_averages_of_answers_are_drawn_as_they_are_computed(thirty, terms):
    fit = sy.fit_ordinal(f"answer ~ {terms[0]} + C(group)", thirty)
    axis = fit.plot("probabilities", variable="group")
    drawn = np.array([line.get_xdata() for line in axis.lines if line.get_marker() in "oDs"])
    levels = names_of(axis)
    every = [fit.predict(thirty.assign(group=level)).mean() for level in sorted(thirty["group"].unique())]
    assert drawn.shape == (3, 2) and len(levels) == 2
    assert np.allclose(drawn.T, np.array(every), rtol=1e-12)
    segments = np.concatenate([[path[:, 0] for path in lines.get_segments()] for lines in axis.collections])
    assert len(segments) == 6 and (segments[:, 0] > 0).all() and (segments[:, 1] < 1).all()
    assert ((segments[:, 0] < drawn.ravel()) & (drawn.ravel() < segments[:, 1])).all()


def test_the_rest_is_drawn_without_faults(wide, thirty, terms):
    b = sy.balance(thirty, "treated", " + ".join(terms))
    g = sy.gap(wide, "y", "group", {name: [name] for name in LONG}, interval=None)
    r = sy.reliability(thirty, {OUTCOMES[0]: terms[:4], OUTCOMES[1]: terms[4:8], "short": terms[8:11]})
    for axis in (b.plot(), b.plot("overlap"), g.plot(), r.plot()):
        assert faults(axis) == []
    assert [name.replace(" ", "") for name in names_of(b.plot())][1:] == terms
    low, high = r.plot().get_xlim()
    assert low <= 0 and high > 1  # the whole scale, and no dot on its edge


def test_contours_name_benchmarks_that_touch_nothing(thirty, terms):
    fit = sy.fit_linear(f"y ~ {' + '.join(terms)}", thirty)
    for benchmarks in (terms[1:4], terms[1:]):
        c = sy.confounding(fit, terms[0], benchmarks=benchmarks)
        for kind in ("estimate", "t"):
            assert faults(c.plot(kind)) == []
    texts = [text.get_text().replace("\n", " ") for text in c.plot().texts]
    assert any("of 29 benchmarks are not named" in text for text in texts)
    s = sy.shares(thirty, ["y", OUTCOMES[0]], {"funding": terms[0], "process": terms[1], "need": " + ".join(terms[2:9])},
                  interval=None)
    assert faults(s.share_flip().plot(points=20)) == []


def test_axes_that_are_given_are_drawn_on_and_nothing_is_left_behind(councils, wide):
    s = sy.shares(councils, ["control", "satisfaction"], BLOCKS)
    figure = matplotlib.figure.Figure(figsize=(9, 3))
    matplotlib.backends.backend_agg.FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2)
    before = dict(matplotlib.rcParams)
    assert list(s.plot(ax=axes)) == list(axes) and pyplot.get_fignums() == []
    assert s.plot("forest", ax=axes[0]) is axes[0] and dict(matplotlib.rcParams) == before
    with pytest.raises(sy.SteelyardError, match="^ax: one axes was given for 2 outcomes; one is needed for each"):
        s.plot(ax=axes[0])
    with pytest.raises(sy.SteelyardError, match="^ax: 4 axes are needed, bars above a matrix for each outcome; 2 given"):
        s.plot("common", ax=axes)
    with pytest.raises(sy.SteelyardError, match="^ax: two axes are needed, one for the differences and one for the shares"):
        sy.weigh(councils, "control", BLOCKS, left_out=0).plot(ax=axes[0])
    tall = matplotlib.figure.Figure(figsize=(8, 6))
    matplotlib.backends.backend_agg.FigureCanvasAgg(tall)
    axis = tall.add_axes([0.55, 0.15, 0.4, 0.8])
    sy.shares(wide, "y", {name: [name] for name in LONG}, interval=None, bounds=False).plot(ax=axis)
    assert names_of(axis) == LONG and [fault for fault in faults(axis) if fault.startswith(("touch", "small"))] == []


def test_names_are_wrapped_between_words():
    from steelyard import _house_style

    assert _house_style.wrapped("a b") == "a b"
    lines = _house_style.wrapped(LONG[0]).split("\n")
    assert " ".join(lines) == LONG[0] and max(map(len, lines)) <= 28
    lines = _house_style.wrapped("a_name_without_any_blank_at_all_of_many_words").split("\n")
    assert "".join(lines) == "a_name_without_any_blank_at_all_of_many_words" and lines[0].endswith("_")


def test_places_are_spread_no_further_than_they_must():
    from steelyard._house_style import spread

    assert list(spread([0.5, 0.1], 0.1, 0, 1)) == [0.5, 0.1]
    assert np.allclose(spread([0.5, 0.5, 0.5], 0.1, 0, 1), [0.4, 0.5, 0.6])
    assert np.allclose(spread([0.0, 0.02], 0.1, 0, 1), [0.0, 0.1])
    assert np.allclose(spread([1.0, 1.0], 0.1, 0, 1), [0.9, 1.0])


def test_every_picture_is_of_the_package():
    """No module but the style reads pyplot: a session without matplotlib imports everything else."""
    here = pathlib.Path(sy.__file__).parent
    users = [path.name for path in here.glob("*.py") if "pyplot" in path.read_text(encoding="utf-8").replace("pyplot()", "")]
    assert users == ["_house_style.py"]


def test_interactive_drawing_that_a_backend_turned_on_stays_on():
    # a notebook's backend does so with its first figure; later figures would not show
    from steelyard._house_style import STYLE, styled
    before = {name: matplotlib.rcParams[name] for name in STYLE}
    try:
        styled(lambda: matplotlib.interactive(True))()
        assert matplotlib.is_interactive()
        assert {name: matplotlib.rcParams[name] for name in STYLE} == before
    finally:
        matplotlib.interactive(False)
