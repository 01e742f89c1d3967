# SPDX-License-Identifier: GPL-3.0-only
"""Long work shows one line a call that never goes back, where somebody looks, and nothing in a log."""
import io
import sys
import types

import pytest

import steelyard as sy
from steelyard import _progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Standard error as a terminal; every piece of work is long, and tells that it begins and that it is done."""
    seen_by = types.SimpleNamespace(stderr=Terminal(), modules=sys.modules)
    monkeypatch.setattr(_progress, "sys", seen_by)
    monkeypatch.setattr(_progress, "_QUIET_SECONDS", -1.0)
    begin, end = _progress.Progress.__enter__, _progress.Progress.__exit__

    def told(self):
        begin(self)
        self(0.0)
        return self

    def done(self, *error):
        if self._last == 0:
            self(1.0)
        end(self, *error)

    monkeypatch.setattr(_progress.Progress, "__enter__", told)
    monkeypatch.setattr(_progress.Progress, "__exit__", done)
    for name in ("CI", "STEELYARD_PROGRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(_progress, "_shell", lambda: None)
    return seen_by


@pytest.fixture
def no_tqdm(monkeypatch):
    for name in ("tqdm", "tqdm.auto"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def bars(monkeypatch):
    """tqdm.auto, with all bars that were opened and all they showed."""
    opened = []

    class Bar:
        def __init__(self, total, desc, bar_format):
            self.n, self.total, self.said, self.shown, self.closed = 0, total, [desc], [], 0
            opened.append(self)

        def update(self, by):
            self.n += by
            self.shown.append(self.n)

        def set_description(self, text, refresh=True):
            self.said.append(text)

        set_description_str = set_description

        def close(self):
            self.closed += 1

    module = types.ModuleType("tqdm.auto")
    module.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    return opened


def reported(monkeypatch):
    """All fractions that reach the line itself."""
    seen = []
    show = _progress.Progress._show

    def note(self, fraction, passed):
        seen.append((fraction, self._pass))
        show(self, fraction, passed)

    monkeypatch.setattr(_progress.Progress, "_show", note)
    return seen


def many_parts(councils, blocks):
    outcomes = ["control", "satisfaction", "feel_safe"]
    return {"shares": lambda: sy.shares(councils, outcomes, blocks),
            "per-outcome": lambda: sy.shares(councils, outcomes, blocks, missing="per-outcome"),
            "by": lambda: sy.shares(councils.assign(half=councils.index % 2), outcomes, blocks, by="half"),
            "population": lambda: sy.shares(councils.assign(half=(councils.index % 2).astype(str)), "control", blocks,
                                            population={"half": {"0": 0.3, "1": 0.7}}),
            "permutation": lambda: sy.permutation_test(councils, outcomes, blocks, block="need", permutations=99),
            "reproduce": sy.reproduce}


@pytest.mark.parametrize("verb", many_parts(None, None))
def test_a_call_of_many_parts_is_one_line_that_never_goes_back(verb, terminal, bars, monkeypatch, councils, blocks):
    seen = reported(monkeypatch)
    many_parts(councils, blocks)[verb]()
    assert len(bars) == 1 and bars[0].closed == 1
    assert len(seen) > 1 and {number for _, number in seen} == {1}
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions) and 0 < fractions[-1] <= 1
    assert bars[0].shown == sorted(bars[0].shown) and terminal.stderr.getvalue().count("\n") <= 1


def test_a_call_whose_passes_only_the_core_knows_is_one_line(terminal, bars, councils, blocks):
    sy.weigh(councils, ["control", "satisfaction"], {name: blocks[name] for name in ("funding", "process")})
    assert len(bars) == 1 and bars[0].closed == 1 and bars[0].shown == sorted(bars[0].shown)


def test_the_line_names_what_is_being_done(terminal, bars, councils, blocks):
    sy.shares(councils, ["control", "satisfaction"], blocks)
    said = list(dict.fromkeys(bars[0].said))
    assert "steelyard moments" in said and "steelyard shares of satisfaction" in said


def test_passes_of_unknown_number_are_counted(terminal, no_tqdm):
    with _progress.Progress("fit") as progress:
        for fraction in (0.5, 1.0, 0.2, 1.0, 0.4):
            progress(fraction)
    assert terminal.stderr.getvalue() == ("\rsteelyard fit: 0 %\rsteelyard fit: 50 %\rsteelyard fit: 100 %\rsteelyard fit: pass 2, 20 %"
                                   "\rsteelyard fit: pass 2, 100 %\rsteelyard fit: pass 3, 40 % \n")


def test_passes_leave_the_bar_and_are_told_in_words(terminal, bars):
    with _progress.Progress("fit") as progress:
        for fraction in (0.5, 1.0, 0.2):
            progress(fraction)
    assert bars[0].shown == [0, 50, 100] and bars[0].said[-1] == "steelyard fit: pass 2, 20 %" and bars[0].closed == 1


def test_without_tqdm_a_plain_line(terminal, no_tqdm, councils, blocks):
    sy.shares(councils, "control", blocks)
    shown = terminal.stderr.getvalue()
    assert shown.startswith("\rsteelyard ") and shown.endswith(" %\n") and shown.count("\n") == 1


def test_an_error_closes_the_line(terminal, no_tqdm, bars):
    with pytest.raises(ValueError):
        with _progress.Progress("fit") as progress:
            progress(0.5)
            raise ValueError
    assert _progress._inner.stack == []


@pytest.mark.parametrize("where", ["pipe", "CI", "asked", "nbconvert", "no stderr"])
def test_nothing_is_shown_where_nobody_looks(where, terminal, bars, monkeypatch, councils, blocks):
    if where == "pipe":
        terminal.stderr = io.StringIO()
    elif where == "CI":
        monkeypatch.setenv("CI", "true")
    elif where == "asked":
        monkeypatch.setenv("STEELYARD_PROGRESS", "0")
    elif where == "no stderr":
        terminal.stderr = None
    else:
        kernel = types.SimpleNamespace(_allow_stdin=False)
        monkeypatch.setattr(_progress, "_shell", lambda: types.SimpleNamespace(kernel=kernel))
    sy.shares(councils, "control", blocks)
    assert not bars and (terminal.stderr is None or terminal.stderr.getvalue() == "")


@pytest.mark.parametrize("where", ["notebook", "asked"])
def test_a_notebook_with_a_person_and_who_asks_see_it(where, terminal, bars, monkeypatch, councils, blocks):
    terminal.stderr = io.StringIO()
    if where == "asked":
        monkeypatch.setenv("STEELYARD_PROGRESS", "1")
    else:
        kernel = types.SimpleNamespace(_allow_stdin=True)
        monkeypatch.setattr(_progress, "_shell", lambda: types.SimpleNamespace(kernel=kernel))
    sy.shares(councils, "control", blocks)
    assert len(bars) == 1
