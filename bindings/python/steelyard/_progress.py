# SPDX-License-Identifier: GPL-3.0-only
"""What is shown of work that lasts over a second."""
import sys
import time

_QUIET_SECONDS = 1.0
_LONG_SECONDS = 60.0


class Progress:
    """Called with the fraction done; silent in the first second, then with an estimate where a minute will not do."""

    def __init__(self, what):
        self._what = what
        self._start = time.monotonic()
        self._bar = None
        self._plain = False
        self._estimated = False

    def __enter__(self):
        return self

    def __call__(self, fraction):
        passed = time.monotonic() - self._start
        if passed < _QUIET_SECONDS:
            return
        if not self._estimated and fraction > 0:
            self._estimated = True
            if passed / fraction > _LONG_SECONDS:
                sys.stderr.write(f"steelyard {self._what}: about {passed / fraction:.0f} s in all; Ctrl-C stops it\n")
        if self._bar is None and not self._plain:
            self._open()
        if self._bar is not None:
            self._bar.update(100 * fraction - self._bar.n)
        else:
            sys.stderr.write(f"\rsteelyard {self._what}: {100 * fraction:.0f} %")
            sys.stderr.flush()

    def _open(self):
        try:
            from tqdm.auto import tqdm
        except ImportError:
            self._plain = True
        else:
            self._bar = tqdm(total=100, desc=f"steelyard {self._what}", bar_format="{l_bar}{bar}|")

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()
        elif self._plain:
            sys.stderr.write("\n")
