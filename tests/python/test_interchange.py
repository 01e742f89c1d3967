# SPDX-License-Identifier: GPL-3.0-only
"""Tables of other libraries give, in every function that takes `data`, the very
bits that the pandas table gives. polars, pyarrow and duckdb are tested where they
are installed (make test-ecosystem); the __dataframe__ protocol always."""
import datetime
import sys

import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _interchange

BLOCKS = {"funding": "pay", "process": "ease + voice"}


def made_up(n=160):
    """People in pandas: numbers, whole numbers, truth values, text, a factor with an order; missing cells."""
    random = np.random.default_rng(5)
    pay, ease = random.gamma(4, 50, n), random.integers(1, 6, n)
    frame = pd.DataFrame({
        "y": pay / 200 + 0.3 * ease + random.normal(size=n), "pay": pay, "ease": ease,
        "voice": ease + random.integers(-1, 2, n), "direct": random.random(n) < 0.5,
        "council": [f"c{i}" for i in random.integers(0, 12, n)], "visits": random.poisson(2, n),
        "answer": pd.Categorical(random.choice(["worse", "same", "better"], n), ["worse", "same", "better"], ordered=True),
        "change": random.choice(["worse", "same", "better"], n)})
    frame["pay"] = frame["pay"].mask(random.random(n) < 0.05)
    frame["voice"] = frame["voice"].astype("float64").mask(random.random(n) < 0.05)
    return frame


class Protocol:
    """Nothing but the interchange protocol."""

    def __init__(self, frame):
        self._frame = frame

    def __dataframe__(self, **asked):
        return self._frame.__dataframe__(**asked)


def polars(frame):
    library = pytest.importorskip("polars")
    columns = {name: library.Series(name, frame[name].astype(object).where(frame[name].notna(), None).tolist())
               for name in frame.columns}
    kept = list(frame["answer"].cat.categories) if "answer" in frame else []
    for name in frame.columns:
        if name == "answer":
            columns[name] = columns[name].cast(library.Enum(kept))
        elif name == "voice":                     # whole numbers with nulls, which pandas makes float64
            columns[name] = columns[name].cast(library.Int32)
    return library.DataFrame(columns)


def pyarrow(frame):
    library = pytest.importorskip("pyarrow")
    table = library.Table.from_pandas(frame, preserve_index=False)
    if "voice" in frame:
        place = frame.columns.get_loc("voice")
        table = table.set_column(place, "voice", table["voice"].cast(library.int16()))
    return library.concat_tables([table.slice(0, 50), table.slice(50)])


def duckdb(frame):
    library = pytest.importorskip("duckdb")
    given = frame
    return library.connect().from_df(given)


def capsule(frame):
    """A table that only hands over an Arrow stream."""
    pytest.importorskip("pyarrow")

    class Stream:
        def __init__(self):
            self._table = pyarrow(frame)

        def __arrow_c_stream__(self, requested_schema=None):
            return self._table.__arrow_c_stream__(requested_schema)
    return Stream()


KINDS = [Protocol, polars, pyarrow, duckdb, capsule]
BASES = {
    "describe": lambda d: sy.describe(d, ["y", "pay", "ease", "direct", "answer", "C(change)"]),
    "moments": lambda d: sy.moments(d, ["y", "pay", "ease", "answer"], cluster="council"),
    "shares": lambda d: sy.shares(d, "y", BLOCKS, cluster="council"),
    "shares by": lambda d: sy.shares(d, "y", BLOCKS, by="answer"),
    "permutation_test": lambda d: sy.permutation_test(d, "y", BLOCKS, block="funding", permutations=99, seed=1),
    "fit_linear": lambda d: sy.fit_linear("y ~ pay + ease*direct + answer + C(change)", d, cluster="council"),
    "fit_binary": lambda d: sy.fit_binary("direct ~ pay + ease", d),
    "fit_count": lambda d: sy.fit_count("visits ~ pay + ease", d),
    "fit_ordinal": lambda d: sy.fit_ordinal("answer ~ pay + ease", d, cluster="council"),
    "fit_mixed": lambda d: sy.fit_mixed("y ~ pay + ease + (1 | council)", d),
    "oneway": lambda d: sy.oneway(d, "y", "answer").tests,
    "variance_components": lambda d: sy.variance_components(d, "y", ["council"]),
    "polychoric": lambda d: sy.polychoric(d, ["ease", "answer"], ordered=["ease", "answer"]),
    "reliability": lambda d: sy.reliability(d, ["ease", "voice", "y"]),
    "reliability_of_means": lambda d: sy.reliability_of_means(d, "y", "council"),
    "gap": lambda d: sy.gap(d, "y", "direct", BLOCKS),
    "balance": lambda d: sy.balance(d, "direct", ["pay", "ease"], "y"),
    "mediation": lambda d: sy.mediation(d, "y", "direct", {"funding": "pay", "process": "ease"}),
    "overview": lambda d: sy.overview(d, "change", "better", "worse", by="council"),
    "weigh": lambda d: sy.weigh(d, "y", BLOCKS, label="council"),
    "specification_curve": lambda d: sy.specification_curve(d, "y", BLOCKS),
}


def numbers_of(result):
    if isinstance(result, sy.Moments):
        return pd.DataFrame({"bytes": list(result._blob)})
    return result.to_frame() if hasattr(result, "to_frame") else pd.DataFrame(result)


@pytest.fixture(scope="module")
def frame():
    return made_up()


@pytest.fixture(scope="module")
def wanted(frame):
    held = {}

    def ask(verb):
        if verb not in held:
            held[verb] = BASES[verb](frame)
        return held[verb]
    return ask


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("verb", BASES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_verb_gives_the_bits_that_pandas_gives(frame, wanted, kind, verb):
    found = BASES[verb](kind(frame))
    pd.testing.assert_frame_equal(numbers_of(found), numbers_of(wanted(verb)), check_exact=True)
    assert str(found) == str(wanted(verb))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_new_rows_of_another_library_are_predicted_alike(frame, kind):
    fit = sy.fit_linear("y ~ pay + ease", frame)
    rows = frame[["pay", "ease"]].dropna().reset_index(drop=True)
    np.testing.assert_array_equal(np.asarray(fit.predict(kind(rows))), np.asarray(fit.predict(rows)))


@pytest.mark.parametrize("kind", [polars, pyarrow, duckdb], ids=lambda kind: kind.__name__)
def test_dates_are_refused_by_their_column(kind):
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "day": pd.date_range("2019-04-01", periods=4)})
    with pytest.raises(sy.SteelyardError, match='column "day"'):
        sy.shares(kind(frame), "y", ["day"])
    if kind is pyarrow:
        library = pytest.importorskip("pyarrow")
        table = library.table({"y": [1.0, 2.0, 4.0, 3.0], "day": [datetime.date(2019, 4, i) for i in (1, 2, 3, 4)]})
        with pytest.raises(sy.SteelyardError, match='column "day" holds datetime64'):
            sy.shares(table, "y", ["day"])


def test_levels_are_those_stated_or_those_present():
    library = pytest.importorskip("polars")
    library.Series(["never seen"], dtype=library.Categorical)     # known to the process, not to the frame
    text, order = ["b", None, "a", "b"], ["b", "x", "a"]
    stated = _interchange.vector(library.Series(text, dtype=library.Enum(order)))
    assert list(stated.cat.categories) == order and list(stated.cat.codes) == [0, -1, 2, 0]
    loose = _interchange.vector(library.Series(text, dtype=library.Categorical))
    assert list(loose.cat.categories) == ["a", "b"] and list(loose.cat.codes) == [1, -1, 0, 1]


def test_decimals_are_numbers():
    library, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    import decimal
    values = [decimal.Decimal("1.25"), None, decimal.Decimal("-3.50")]
    for column in (library.Series(values), arrow.array(values)):
        found = _interchange.vector(column)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, [1.25, np.nan, -3.5])


def test_chunks_with_dictionaries_of_their_own_are_one_factor():
    arrow = pytest.importorskip("pyarrow")
    parts = [arrow.array(part).dictionary_encode() for part in (["a", "b"], ["b", None, "c"])]
    found = _interchange.vector(arrow.chunked_array(parts))
    assert list(found.cat.categories) == ["a", "b", "c"] and list(found.cat.codes) == [0, 1, 1, -1, 2]


def test_a_dict_takes_columns_of_any_library(frame):
    library, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    whole = frame.dropna().reset_index(drop=True)
    mixed = {"y": library.Series(whole["y"].tolist()), "pay": arrow.array(whole["pay"].tolist()),
             "ease": whole["ease"].tolist(), "voice": whole["voice"]}
    pd.testing.assert_frame_equal(sy.shares(mixed, "y", BLOCKS).to_frame(), sy.shares(whole, "y", BLOCKS).to_frame(),
                                  check_exact=True)


@pytest.mark.parametrize("kind", [polars, duckdb], ids=lambda kind: kind.__name__)
def test_polars_and_duckdb_need_no_pyarrow(frame, wanted, kind, monkeypatch):
    table = kind(frame)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    found = BASES["shares"](table)
    pd.testing.assert_frame_equal(numbers_of(found), numbers_of(wanted("shares")), check_exact=True)


def test_a_stream_without_pyarrow_says_what_is_missing(frame, monkeypatch):
    class Stream:
        def __arrow_c_stream__(self, requested_schema=None):
            raise AssertionError("not asked without pyarrow")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(sy.SteelyardError, match="^data: to read Stream the package pyarrow is needed"):
        sy.describe(Stream(), "y")


def test_rows_not_yet_read_are_said_to_be():
    library = pytest.importorskip("polars")
    with pytest.raises(sy.SteelyardError, match=r"data: a polars LazyFrame .*data.collect\(\)"):
        sy.describe(library.LazyFrame({"y": [1.0]}), "y")


@pytest.mark.parametrize("given", [3, None, "text", [1, 2], object()])
def test_what_is_no_table_is_refused(given):
    with pytest.raises(sy.SteelyardError, match="^data: "):
        sy.describe(given, "y")
