# SPDX-License-Identifier: GPL-3.0-only
"""Data as a person would give them: the error names the column, the value and
its row, or the file, and the line of code in it mends the data."""
import pathlib
import re

import numpy as np
import pandas
import pytest

import steelyard as sy

BLOCKS = {"funding": "spend", "process": "a"}
# the file's bytes, word for word the same in tests/testthat/test-bad-input.R
SPELT = {
    "plain": (["1", "2.5", " -3 ", "4e2"], "numbers as text (\"1\" in row 1); make them numbers: "),
    "pounds": (["1", "£3,889", "£12", "4"], "holds text: \"£3,889\" in row 2 is no number (2 of 4 values are); take off "
                                            "what is no digit: "),
    "percent": (["12.5%", "3%", "4 %", "0.5%"], "holds text: \"12.5%\" in row 1 is no number (0 of 4 values are); take "
                                                "off what is no digit: "),
    "missing": (["1", "2", "n/a", "4"], "holds text: \"n/a\" in row 3 is no number (3 of 4 values are); where such a "
                                        "value stands for a missing answer: "),
    "both": (["1", "£2", "n/a", "4"], "holds text: \"£2\" in row 2 is no number (2 of 4 values are); take off what is no "
                                      "digit: "),
    "comma": (["1,5", "2,25", "3", "4,0"], "holds text: \"1,5\" in row 1 is no number (1 of 4 values are); the comma is a "
                                           "decimal point: ")}
MENDED = {"plain": [1, 2.5, -3, 400], "pounds": [1, 3889, 12, 4], "percent": [12.5, 3, 4, 0.5], "missing": [1, 2, np.nan, 4],
          "both": [1, 2, np.nan, 4], "comma": [1.5, 2.25, 3, 4]}


@pytest.fixture
def data():
    draw = np.random.default_rng(3)
    frame = pandas.DataFrame(draw.normal(size=(80, 4)), columns=["y", "a", "b", "spend"])
    return frame.assign(t=draw.integers(0, 2, 80), count=draw.integers(0, 5, 80), g=np.repeat(list("abcd"), 20))


def refused(call, message, kind=sy.SteelyardError):
    with pytest.raises(kind) as raised:
        call()
    assert message in str(raised.value)
    return str(raised.value)


def verbs(data, blocks, outcome="y", term="a"):
    """Every function that reads a data frame, with the argument that its error names."""
    return {
        "shares": ("blocks", lambda: sy.shares(data, outcome, blocks)),
        "weigh": ("blocks", lambda: sy.weigh(data, outcome, blocks)),
        "specification_curve": ("blocks", lambda: sy.specification_curve(data, outcome, blocks)),
        "gap": ("blocks", lambda: sy.gap(data, outcome, "t", blocks)),
        "mediation": ("mediators", lambda: sy.mediation(data, outcome, "t", blocks)),
        "moments": ("terms", lambda: sy.moments(data, [outcome, term])),
        "describe": ("terms", lambda: sy.describe(data, [outcome, term])),
        "balance": ("covariates", lambda: sy.balance(data, "t", [term, "b"])),
        "reliability": ("items", lambda: sy.reliability(data, ["y", "b", term])),
        "fit_linear": ("formula", lambda: sy.fit_linear(f"{outcome} ~ {term}", data)),
        "fit_mixed": ("formula", lambda: sy.fit_mixed(f"{outcome} ~ {term} + (1 | g)", data)),
        "fit_binary": ("formula", lambda: sy.fit_binary(f"t ~ {term}", data)),
        "fit_count": ("formula", lambda: sy.fit_count(f"count ~ {term}", data)),
        "fit_ordinal": ("formula", lambda: sy.fit_ordinal(f"count ~ {term}", data)),
        "oneway": ("outcome", lambda: sy.oneway(data, term, "g")),
        "variance_components": ("outcome", lambda: sy.variance_components(data, term, ["g"]))}


@pytest.mark.parametrize("verb", verbs(None, None))
def test_a_misspelt_column_is_answered_with_the_nearest(data, verb):
    argument, call = verbs(data, {"funding": "spend", "process": "Spned"}, term="Spned")[verb]
    refused(call, f"{argument}: there is no Spned; the nearest name is spend")


@pytest.mark.parametrize("verb", verbs(None, None))
def test_numbers_as_text_are_named_with_the_first_bad_value_and_its_row(data, verb):
    column = data["a"].round(3).astype(str)
    column[4] = "n/a"
    argument, call = verbs(data.assign(a=column), BLOCKS)[verb]
    refused(call, f'{argument}: column "a" holds text: "n/a" in row 5 is no number (79 of 80 values are); where such a '
                  'value stands for a missing answer: data["a"] = pandas.to_numeric(data["a"], errors="coerce")')


@pytest.mark.parametrize("verb", verbs(None, None))
def test_a_files_name_is_no_data(data, verb, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data.to_csv("people.csv")
    refused(verbs("people.csv", BLOCKS)[verb][1], 'data: "people.csv" is the name of a file, not a data frame; read it '
                                                  'first: pandas.read_csv("people.csv")')
    refused(verbs(pathlib.Path("peple.csv"), BLOCKS)[verb][1],
            f'data: there is no file peple.csv in the folder "{tmp_path}"; the nearest name is people.csv')
    assert refused(verbs("councils.csv", BLOCKS)[verb][1], "data: ") == (
        f'data: there is no file councils.csv in the folder "{tmp_path}"')


@pytest.mark.parametrize("verb", verbs(None, None))
def test_columns_without_a_name_and_two_of_one_name_are_refused(data, verb):
    data["more"], data["most"] = 1.0, 2.0
    for last, message in ((["a", "u"], 'data: two columns are called "a"'), (["u", " "], "data: column 9 has no name; give "
                          "it one or leave it out"), (["u", None], "data: column 9 has no name")):
        refused(verbs(data.set_axis(list(data.columns[:-2]) + last, axis=1), BLOCKS)[verb][1], message)


@pytest.mark.parametrize("verb", verbs(None, None))
def test_data_without_rows_or_columns_are_refused(data, verb):
    refused(verbs(data[:0], BLOCKS)[verb][1], "data: there are no rows", sy.DataError)
    refused(verbs(pandas.DataFrame(), BLOCKS)[verb][1], "data: there are no columns")


@pytest.mark.parametrize("how", SPELT)
@pytest.mark.parametrize("dtype", [object, "string"])
def test_the_line_in_the_error_mends_the_column(how, dtype):
    values, words = SPELT[how]
    data = pandas.DataFrame({"y": [1.0, 3.0, 2.0, 5.0], "Spend in £": pandas.Series(values, dtype=dtype)})
    message = refused(lambda: sy.shares(data, "y", ["Spend in £"], interval=None), words)
    assert message.startswith('blocks: column "Spend in £" holds ')
    line = re.search(r'data\["Spend in £"\] = pandas\.to_numeric\(.*?\)(?=$|;|, or write)', message).group()
    exec(line, {"data": data, "pandas": pandas})
    np.testing.assert_array_equal(data["Spend in £"].to_numpy(dtype=float, na_value=np.nan), MENDED[how])
    assert message.endswith("; what then is no number becomes missing") == (how == "both")


def test_numbers_among_texts_are_mended_too():
    data = pandas.DataFrame({"y": [1.0, 3.0, 2.0, 5.0, 1.0], "x": [1, 2.5, "£3", None, True]})
    message = refused(lambda: sy.shares(data, "y", ["x"], interval=None), '"£3" in row 3 is no number (3 of 4 values are)')
    data = data.iloc[:4].copy()
    exec(message.split("digit: ")[1], {"data": data, "pandas": pandas})
    np.testing.assert_array_equal(data["x"].to_numpy(dtype=float, na_value=np.nan), [1, 2.5, 3, np.nan])


def test_words_are_told_to_become_a_factor(data):
    message = refused(lambda: sy.shares(data, "y", ["g"]), "blocks: column")
    assert message == 'blocks: column "g" holds text; write C(g) to use it as a factor'
    message = refused(lambda: sy.shares(data.rename(columns={"g": "a town"}), "y", ["a town"]), "write ")
    assert message == 'blocks: column "a town" holds text; write C(Q("a town")) to use it as a factor'
    assert sy.shares(data.rename(columns={"g": "a town"}), "y", ['C(Q("a town"))']).n == 80


def test_a_factor_is_refused_where_a_number_is_needed(data):
    data["y"] = pandas.Categorical(data["count"].astype(str))
    for argument, call in {"weights": lambda: sy.shares(data, "b", ["a"], weights="y", weight_kind="analytic"),
                           "offset": lambda: sy.fit_count("count ~ a", data, offset="y"),
                           "outcomes": lambda: sy.overview(data, ["y"], n="count", better=None)}.items():
        if argument != "outcomes":
            message = refused(call, f'{argument}: column "y" is a factor; numbers are needed; its levels are numbers: ')
            exec(message.split("numbers: ")[1], {"data": data.copy()})
    refused(lambda: sy.shares(data, "y", ["a"]), "outcome: y is a factor with 5 levels; it must be one numeric column")
    for call in (lambda: sy.fit_linear("y ~ a", data), lambda: sy.fit_mixed("y ~ a + (1 | g)", data)):
        refused(call, "formula: the outcome must be one numeric column; y is a factor")
    refused(lambda: sy.shares(data, "b", ["a"], weights="g", weight_kind="analytic"), 'weights: column "g" holds text')


def test_capitals_and_outer_blanks_are_told(data):
    refused(lambda: sy.shares(data, "Y", ["a"]), "outcome: there is no Y; the nearest name is y (capital letters count)")
    refused(lambda: sy.shares(data.rename(columns={"spend": "spend "}), "y", ["spend"]),
            'blocks: there is no spend; the nearest name is "spend " (the blank belongs to it)')


def test_texts_that_are_no_data_say_what_they_are(tmp_path):
    refused(lambda: sy.shares("y ~ a", "y", ["a"]), 'data: "y ~ a" is a formula; a data frame is needed here')
    refused(lambda: sy.shares("people", "y", ["a"]), 'data: a data frame is needed; "people" is a text: give the data frame '
                                                     "itself, without quotes")
    refused(lambda: sy.shares("swiss_1888", "y", ["a"]), 'data: "swiss_1888" is a data set of the package; load it first: '
                                                         'steelyard.datasets.load("swiss_1888")')
    for ending, reader in {"xlsx": "read_excel", "sav": "read_spss", "dta": "read_stata", "csv": "read_csv"}.items():
        file = tmp_path / f"people.{ending}"
        file.write_bytes(b"")
        refused(lambda: sy.shares(file, "y", ["a"]), f'data: the file "{file}" is empty', sy.DataError)
        file.write_bytes(b"y")
        refused(lambda: sy.shares(str(file), "y", ["a"]), f'read it first: pandas.{reader}("{file}")')
    refused(lambda: sy.shares(tmp_path, "y", ["a"]), f'data: "{tmp_path}" is a folder; a file is needed')
    refused(lambda: sy.shares(f"{tmp_path}/no/p.csv", "y", ["a"]), f'data: there is no folder "{tmp_path}/no"')
    refused(lambda: sy.shares("https://example.org/p.csv", "y", ["a"]), 'pandas.read_csv("https://example.org/p.csv")')


def test_moments_that_are_not_there_name_the_nearest_file(tmp_path, data):
    sy.moments(data, ["y", "a"]).save(tmp_path / "people.moments")
    refused(lambda: sy.load_moments(tmp_path / "people.moment"),
            f'path: there is no file people.moment in the folder "{tmp_path}"; the nearest name is people.moments')
    (tmp_path / "none.moments").write_bytes(b"")
    refused(lambda: sy.load_moments(tmp_path / "none.moments"), f'path: the file "{tmp_path / "none.moments"}" is empty',
            sy.DataError)


def test_a_file_is_written_into_a_folder_that_is_there(tmp_path, data):
    m, evidence = sy.moments(data, ["y", "a"]), sy.weigh(data, "y", BLOCKS, left_out=0)
    for write in (m.save, evidence.report, evidence.picture, evidence.to_csv):
        refused(lambda: write(tmp_path / "no" / "there"), f'path: there is no folder "{tmp_path / "no"}"')
        refused(lambda: write(tmp_path), f'path: "{tmp_path}" is a folder; the name of a file is needed')
        write(tmp_path / "there")
        assert (tmp_path / "there").stat().st_size > 0


def test_a_permutation_test_names_the_blocks_it_may_be_of(data):
    refused(lambda: sy.permutation_test(data, "y", BLOCKS), "block: name one of funding, process")
    only = sy.permutation_test(data, "y", {"funding": "spend"}, permutations=99)
    assert only["block"].tolist() == ["funding"]
