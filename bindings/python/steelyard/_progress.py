# SPDX-License-Identifier: GPL-3.0-only
"""What is shown of work that lasts over a second: one line a call, where somebody looks.

A call of several parts (outcomes, levels, steps) is one Progress around those of
its parts: what stands inside reports to what stands around it.
"""
import os
import sys
import threading
import time
import warnings

_QUIET_SECONDS = 1.0
_LONG_SECONDS = 60.0
_inner = threading.local()


def watched():
    """Whether somebody looks: a terminal, or a notebook in which a person can type.

    Nothing is shown in a log: a file, a pipe, continuous integration, a notebook
    that a program runs. STEELYARD_PROGRESS=0 or 1 in the environment decides first.
    """
    asked = os.environ.get("STEELYARD_PROGRESS")
    if asked in ("0", "1"):
        return asked == "1"
    if os.environ.get("CI"):
        return False
    kernel = getattr(_shell(), "kernel", None)
    if kernel is not None:
        return bool(getattr(kernel, "_allow_stdin", False))  # nbconvert and its like take no input
    return bool(getattr(sys.stderr, "isatty", bool)())


def _shell():
    """The shell of Jupyter, or None."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def mapped(what, function, items):
    """[function(item) for each item], every one an equal part of one line."""
    items = list(items)
    answers = []
    with Progress(what, len(items)):
        for item in items:
            with Progress(what):
                answers.append(function(item))
    return answers


class Progress:
    """Called with the fraction done; silent in the first second, then with an estimate where a minute will not do.

    With `parts` the fraction is of all of them, each counted when its own Progress
    closes. Where their number is not known, a fraction that falls begins another
    pass, and passes are counted: the line never goes back.
    """

    def __init__(self, what, parts=0):
        self._what, self._named, self._parts = what, what, parts
        self._start = time.monotonic()
        self._around = None
        self._done = self._highest = self._last = 0
        self._pass, self._width = 1, 0
        self._watched = self._bar = None
        self._plain = self._estimated = False

    def __enter__(self):
        if not hasattr(_inner, "stack"):
            _inner.stack = []
        self._around = _inner.stack[-1] if _inner.stack else None
        _inner.stack.append(self)
        return self

    def __call__(self, fraction, what=None):
        fraction, self._named = self._of_all(fraction), what or self._what
        if self._around is not None:
            self._around(fraction, self._named)
            return
        passed = time.monotonic() - self._start
        if passed < _QUIET_SECONDS:
            return
        if self._watched is None:
            self._watched = watched()
        if self._watched:
            self._show(fraction, passed)

    def _of_all(self, fraction):
        if self._parts:
            self._highest = max(self._highest, fraction)
            return min((self._done + self._highest) / self._parts, 1.0)
        if fraction < self._last:
            self._pass += 1
        self._last = fraction
        return fraction

    def _show(self, fraction, passed):
        if not self._estimated and fraction > 0 and self._pass == 1:
            self._estimated = True
            if passed / fraction > _LONG_SECONDS:
                sys.stderr.write(f"steelyard {self._named}: about {passed / fraction:.0f} s in all; Ctrl-C stops it\n")
        if self._bar is None and not self._plain:
            self._open()
        which = f"pass {self._pass}, " if self._pass > 1 else ""
        said = f"steelyard {self._named}: {which}{100 * fraction:.0f} %"
        if self._bar is None:
            sys.stderr.write(f"\r{said.ljust(self._width)}")
            sys.stderr.flush()
            self._width = len(said)
        elif which:
            self._bar.bar_format = "{desc}"
            self._bar.set_description_str(said)
        else:
            self._bar.set_description(f"steelyard {self._named}", refresh=False)
            self._bar.update(100 * fraction - self._bar.n)

    def _open(self):
        try:
            from tqdm.auto import tqdm
        except ImportError:
            self._plain = True
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a notebook without widgets has a plain bar
                self._bar = tqdm(total=100, desc=f"steelyard {self._named}", bar_format="{l_bar}{bar}|")

    def __exit__(self, *_):
        _inner.stack.remove(self)
        if self._around is not None:
            self._around._done += 1
            self._around._highest = 0
        if self._bar is not None:
            self._bar.close()
        elif self._plain:
            sys.stderr.write("\n")
