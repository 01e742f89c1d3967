# SPDX-License-Identifier: GPL-3.0-only
"""What share_flip() answers."""
import math

import numpy as np
import pandas as pd

from . import _core, _flips_print, _provenance
from ._document import Shown
from ._errors import SteelyardError
from ._options import choice, real
from ._tables import Summary

LETTERS = ("a", "b", "c")
POINT = ("a", "b", "c", "distance", "limit_c", "first_outcome", "second_outcome")
RAY = ("crossing", "back", "limit", "at_limit", "second_outcome")
BENCHMARK = ("joint", "a", "b", "c", "difference", "times", "limit")
_ALL = 7


def tied_to(found, number):
    """What a set of strengths is tied to, in words."""
    first, second = found["names"]
    words = (second, first, "outcome")
    return " + ".join(word for i, word in enumerate(words) if number >> i & 1)


class ShareFlip(Shown):
    """The nearest hidden confounders that turn an order.

    Read-only; frames are copies. It pickles. Rays are followed when asked for.

    Attributes
    ----------
    nearest : DataFrame
        One row an outcome: outcome, first, second, first_share, second_share,
        difference, a, b, c and distance (the largest of them; missing when no
        strength searched turns the order, 0 when it is turned already),
        distance_low (where the jackknife limits of the difference reach 0 along
        the ray to it; missing without rows or clusters to leave out), df,
        limit_c, first_outcome, second_outcome, reversed.
    needed : DataFrame
        The nearest flip for each set of strengths that may differ from zero:
        outcome, tied_to, a, b, c, distance, limit_c (|c| must stay below),
        first_outcome and second_outcome: partial correlations of g and of f
        with the outcome once U is in.
    rays : DataFrame
        outcome, a, b, c (the direction), crossing (the multiple of it at which
        the order turns first), back (at which it returns), limit (up to which
        there are such confounders), at_limit (the difference there),
        second_outcome (at the crossing).
    benchmarks : DataFrame
        outcome, term, joint (several columns: strengths without sign), a, b, c,
        difference (with a confounder like the term), times (as strong a one
        turns the order), limit.
    directions : DataFrame
        outcome, block, column, weight: the combinations f and g of the nearest
        flip, on standardised columns.
    outcomes : list of str
    sentences : Series
        What is found, by outcome.
    remarks : DataFrame
        outcome, code, term, value, text.
    """

    def __init__(self, found, threads, along):
        self.__dict__.update(_found=found, _threads=threads, _along=along, _followed=None)

    def __setattr__(self, name, value):
        raise AttributeError("share flips are read-only")

    def __getstate__(self):
        return dict(self.__dict__)

    def __setstate__(self, state):
        self.__dict__.update(state)

    outcomes = property(lambda self: [f["outcome"] for f in self._found])

    @property
    def nearest(self):
        lines = []
        for f in self._found:
            standing, point = f["standing"], dict(zip(POINT, f["points"][_ALL].tolist()))
            lines.append({"outcome": f["outcome"], "first": f["names"][0], "second": f["names"][1],
                          "first_share": standing["first_share"], "second_share": standing["second_share"],
                          "difference": standing["difference"], "a": point["a"], "b": point["b"], "c": point["c"],
                          "distance": point["distance"], "distance_low": standing["distance_low"],
                          "df": standing["df"], "limit_c": point["limit_c"], "first_outcome": point["first_outcome"],
                          "second_outcome": point["second_outcome"], "reversed": bool(standing["reversed"])})
        return pd.DataFrame(lines)

    @property
    def needed(self):
        frames = []
        for f in self._found:
            frame = pd.DataFrame(f["points"][1:], columns=POINT)
            frame.insert(0, "outcome", f["outcome"])
            frame.insert(1, "tied_to", [tied_to(f, number) for number in range(1, _ALL + 1)])
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @property
    def rays(self):
        frames = []
        for f, table in zip(self._found, self.followed()._followed):
            frame = pd.DataFrame(self._along, columns=LETTERS)
            for name, values in zip(RAY, table.T):
                frame[name] = values
            frame.insert(0, "outcome", f["outcome"])
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def followed(self):
        """Itself, once the rays are followed.

        Returns
        -------
        ShareFlip
            The same object.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> flip = s.share_flip()
        >>> flip.followed() is flip
        True
        """
        from ._flips import follow

        if self._followed is None:
            self.__dict__["_followed"] = [follow(f, self._along, self._threads) for f in self._found]
        return self

    @property
    def benchmarks(self):
        frames = []
        for f in self._found:
            labels, table = f["benchmarks"]
            frame = pd.DataFrame(table, columns=BENCHMARK)
            frame["joint"] = frame["joint"] == 1
            frame.insert(0, "outcome", f["outcome"])
            frame.insert(1, "term", labels)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @property
    def directions(self):
        return pd.DataFrame([(f["outcome"], block, column, weight) for f in self._found
                             for (block, column), weight in zip(f["columns"], f["direction"].tolist())],
                            columns=["outcome", "block", "column", "weight"])

    @property
    def sentences(self):
        return pd.Series([f["text"] for f in self._found], index=pd.Index(self.outcomes, name="outcome"))

    @property
    def remarks(self):
        return pd.DataFrame([(f["outcome"], *remark) for f in self._found for remark in f["remarks"]],
                            columns=["outcome", "code", "term", "value", "text"])

    def at(self, a, b, c):
        """Shares of all blocks with such a confounder forced in.

        Parameters
        ----------
        a, b, c : float
            Between -1 and 1, both excluded.

        Returns
        -------
        DataFrame
            outcome, block, share, in points of all outcome variance; missing
            where there is no such confounder.

        Raises
        ------
        SteelyardError
            A strength of 1 or more.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> s.share_flip().at(0, 0.3, 0.3).round(4).values.tolist()
        [['control', 'funding', 0.0177], ['control', 'process', 0.1415]]
        """
        from ._flips import shares_at

        point = np.array([[real("a", a), real("b", b), real("c", c)]])
        return pd.DataFrame([(f["outcome"], block[0], share) for f in self._found
                             for block, share in zip(f["asked"][2], shares_at(f, point)[0].tolist())],
                            columns=["outcome", "block", "share"])

    def contours(self, x="a", y="c", third=None, points=50, reach=0.98):
        """The difference of the two shares over a grid of two strengths.

        Parameters
        ----------
        x, y : {"a", "b", "c"}
            The strengths that vary.
        third : float, optional
            The other one; by default that of the nearest flip, 0 where there
            is none.
        points : int
            A side.
        reach : float
            From -reach to reach.

        Returns
        -------
        DataFrame
            outcome, a, b, c, difference, impossible (there is no such
            confounder; the difference is missing).

        Raises
        ------
        SteelyardError
            A third of 1 or more.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> s.share_flip().contours(points=9).shape
        (81, 6)
        """
        return pd.concat([self._grid_frame(f, x, y, third, points, reach) for f in self._found], ignore_index=True)

    def _third(self, f, x, y, third):
        choice("x", x, LETTERS)
        choice("y", y, LETTERS)
        if x == y:
            raise SteelyardError(f'y: "{y}" is x already; two different strengths vary')
        other = next(letter for letter in LETTERS if letter not in (x, y))
        value = f["points"][_ALL][LETTERS.index(other)] if third is None else real("third", third)
        return other, 0.0 if math.isnan(value) else float(value)

    def _grid(self, f, x, y, third, points, reach):
        """(places, difference [y, x], the third's letter and value) of one outcome."""
        from ._flips import contours_of, whole_points

        other, value = self._third(f, x, y, third)
        pair = sorted((x, y))
        places, difference = contours_of(f, pair, value, real("reach", reach), whole_points(points), self._threads)
        return places, difference if pair[0] == x else difference.T, (other, value)

    def _grid_frame(self, f, x, y, third, points, reach):
        places, difference, (other, value) = self._grid(f, x, y, third, points, reach)
        frame = pd.DataFrame({"outcome": f["outcome"], x: np.tile(places, len(places)),
                              y: np.repeat(places, len(places)), other: value, "difference": difference.ravel()})
        frame["impossible"] = frame["difference"].isna()
        return frame[["outcome", *LETTERS, "difference", "impossible"]]

    def plot(self, x="a", y="c", third=None, points=60, reach=0.98, ax=None):
        """Draw contours of the difference, the line where the order turns, and the benchmarks.

        Needs matplotlib.

        Parameters
        ----------
        x, y, third, points, reach
            As in :meth:`contours`.
        ax : matplotlib Axes, optional
            Where to draw, for one outcome; else one panel an outcome is made.

        Returns
        -------
        matplotlib Axes, or an array of them for several outcomes

        Raises
        ------
        SteelyardError
            As :meth:`contours`; several outcomes with one Axes.
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> ax = s.share_flip().plot(points=20)
        """
        from . import _flips_plot

        grids = [self._grid(f, x, y, third, points, reach) for f in self._found]
        return _flips_plot.draw(self._found, grids, (x, y), ax)

    def to_frame(self):
        """:attr:`needed` with outcome, first and second.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> list(s.share_flip().to_frame().columns[:5])
        ['outcome', 'first', 'second', 'tied_to', 'a']
        """
        frame = self.needed
        frame.insert(1, "first", [f["names"][0] for f in self._found for _ in range(_ALL)])
        frame.insert(2, "second", [f["names"][1] for f in self._found for _ in range(_ALL)])
        return frame

    def summary(self):
        """The print with the rays, and the version.

        Returns
        -------
        Summary

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> flip = s.share_flip()
        >>> len(str(flip.summary())) > len(str(flip))
        True
        """
        told = _provenance.pieces_of({"version": _core.version(), "hash": [_core.info(f["asked"][0])["hash"] for f in self._found],
                                      "outcomes": [f["outcome"] for f in self._found], "first": self._found[0]["names"][0],
                                      "second": self._found[0]["names"][1]})
        return Summary(_flips_print.share_flip_document(self._found, self.rays) + ["", *told])

    def _document(self):
        return _flips_print.share_flip_document(self._found)
