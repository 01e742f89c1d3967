# SPDX-License-Identifier: GPL-3.0-only
"""How strong a hidden confounder, how poor a measure or how large a shared source must be for an order to turn."""
import numpy as np
import pandas as pd

from . import _core, _flips_print
from ._errors import SteelyardError
from ._flips_result import LETTERS, ShareFlip
from ._measure import asked_of
from ._options import real, several, thread_count, whole
from ._orders import ABSORBED
from ._progress import Progress, mapped
from ._tables import Table

_STANDING = ("first_share", "second_share", "total", "difference", "reversed", "distance_low", "df", "evaluations",
             "several")
_SETS, _POINT, _RAY = 8, 7, 5
_TURN = ("first_share", "second_share", "total", "difference", "reversed", "flip", "back", "limit", "at_limit")
_RELIABILITIES = (0.9, 0.8, 0.7, 0.6, 0.5)
_PARTS = (0.1, 0.2, 0.3, 0.4)


class FlipTurn(Table):
    """Where one number turns an order: one row an outcome; `curve` has the difference at stated numbers."""

    _metadata = Table._metadata + ["curve"]

    @classmethod
    def of(cls, frame, shown, remarks=(), curve=None):
        table = super().of(frame, shown, remarks)
        table.curve = curve
        return table


def block_of(record, argument, name):
    """Place of a block among the blocks."""
    names = [block for block, _ in record["blocks"]]
    return names.index(name) if isinstance(name, str) and name in names else _core.find(argument, str(name), tuple(names))


def term_of(record, argument, label):
    """Place of a term in the record's moments."""
    labels = tuple(record["info"]["labels"])
    return labels.index(label) if isinstance(label, str) and label in labels else _core.find(argument, str(label), labels)


def _options_of(record, first, second, most=0.999, level=0.0):
    starts = 6  # of each search over directions
    return block_of(record, "first", first), block_of(record, "second", second), most, level, starts


def _directions(asked, options, record):
    """(block, column) of each weight, those of the second block first."""
    n_second, _, columns = _core.flip_directions(asked, options)
    info, names = _core.info(asked[0]), [name for name, _ in record["blocks"]]
    labels = []
    for column in columns:
        term = max(t for t, first in enumerate(info["term_first"]) if first <= column)
        level = info["levels"][column]
        labels.append(f"{info['labels'][term]}, {level}" if level else info["labels"][term])
    return [(names[options[1] if i < n_second else options[0]], label) for i, label in enumerate(labels)]


def _others(record, options):
    """Terms outside both blocks: of the other blocks, then those adjusted for."""
    _, _, blocks, adjust = asked_of(record, "share_flip")
    of_blocks = [term for b, block in enumerate(blocks) if b not in options[:2] for term in block[1]]
    return of_blocks + [term for term in adjust if term != ABSORBED]


def _found(record, names, limits, benchmarks, threads):
    """Everything share_flip() keeps of one outcome."""
    asked = asked_of(record, "share_flip")
    options = _options_of(record, *names, *limits)
    terms = (_others(record, options) if benchmarks is None
             else [term_of(record, "benchmarks", label) for label in several("benchmarks", benchmarks)])
    columns = _directions(asked, options, record)
    numbers, direction = np.full(len(_STANDING) + _SETS * _POINT + 2 * _RAY, np.nan), np.full(len(columns), np.nan)
    with Progress(f"share-flip for {record['outcome']}") as progress:
        text, remarks = _core.share_flip(asked, options, record["outcome"], numbers, direction, threads, progress)
    standing = dict(zip(_STANDING, numbers[:len(_STANDING)].tolist()))
    points = numbers[len(_STANDING):len(_STANDING) + _SETS * _POINT].reshape(_SETS, _POINT)
    rising = numbers[len(_STANDING) + _SETS * _POINT:].reshape(2, _RAY)
    table = np.full((len(terms), 7), np.nan)
    if terms and not standing["reversed"]:
        _core.share_flip_benchmarks(asked, options, direction, tuple(terms), table)
    labels = [record["info"]["labels"][term] for term in terms]
    return {"outcome": record["outcome"], "asked": asked, "options": options, "names": names, "columns": columns,
            "standing": standing, "points": points, "rising": rising, "direction": direction, "text": text,
            "remarks": remarks, "benchmarks": (labels, table)}


def _rays_of(found, along, threads):
    """crossing, back, limit, at_limit, second_outcome of each ray."""
    table = np.full((len(along), _RAY), np.nan)
    with Progress(f"rays for {found['outcome']}") as progress:
        _core.share_flip_rays(found["asked"], found["options"], None, len(along), along, table, threads, progress)
    return table


def read_rays(rays):
    """Directions as an array of three columns; by default all signs, U and -U being one."""
    if rays is None:
        signs = [(a, b, c) for c in (1.0, 0.0) for b in (1.0, 0.0, -1.0) for a in (1.0, 0.0, -1.0)]
        return np.array([s for s in signs if next((x for x in reversed(s) if x), 0.0) > 0])
    try:
        along = np.array(rays, dtype=float, ndmin=2)
    except (TypeError, ValueError):
        along = np.empty((0, 0))
    if along.ndim != 2 or along.shape[1] != 3:
        raise SteelyardError("rays: directions of three numbers each are needed: a with the second block, b with the "
                             "first, c with the outcome")
    return np.ascontiguousarray(along)


class Flips:
    """What a result of shares() says of hidden confounders, errors of measurement and shared sources."""

    def share_flip(self, first="process", second="funding", rays=None, benchmarks=None, most=0.999, level=None,
                   threads=None):
        """How strong a hidden confounder must be for the order of two blocks to turn.

        A confounder U is forced in before everything. It has three signed
        correlations: a with f, a combination of the second block's columns; b
        with g, a combination of the first block's, given f; c with the outcome,
        given both. It has to do with the other columns through f and g only.
        All are partial, given the adjusting terms. In a block of one column f
        or g is that column; in a block of several it is the combination that
        brings the flip nearest, found by search.

        Parameters
        ----------
        first, second : str
            Blocks: the one whose share is larger, and the one it is held
            against.
        rays : list of (a, b, c), optional
            Directions to follow from no U outwards; by default the 13
            combinations of signs.
        benchmarks : list of str, optional
            Terms outside the two blocks whose own a, b and c are to be set
            beside; by default all of the other blocks and those adjusted for.
        most : float
            Strengths are searched up to here (c: up to this part of what is
            possible).
        level : float, optional
            Of the limit of the distance; by default that of the result.
        threads : int, optional

        Returns
        -------
        ShareFlip

        Raises
        ------
        SteelyardError
            A block that is not there, strengths of 1 or more, a term of the
            two blocks among the benchmarks, shares over another model than a
            linear one.
        DataError
            A block of which the adjusting terms leave nothing.

        Notes
        -----
        Forcing U in takes w w' from the correlations, w those of U, so that
        shares follow exactly; such a U exists if |a| < 1, |b| < 1 and |c| is
        below a limit that the other columns set [1]_ [2]_. The distance of a
        flip is the largest of |a|, |b|, |c|. The nearest one is found from rays
        and descents over the box of the distance so far; ``distance_low`` is
        the distance at which the jackknife limits of the difference reach 0
        along the ray to it. A share has no sign: see ``second_outcome``.

        References
        ----------
        .. [1] Cinelli & Hazlett 2020, doi:10.1111/rssb.12348
        .. [2] Frank 2000, doi:10.1177/0049124100029002001

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> s.share_flip().nearest[["difference", "distance"]].round(3).values.tolist()
        [[0.207, 0.438]]
        """
        along = None if rays is None else read_rays(rays)
        threads = self._options["threads"] if threads is None else thread_count(threads)
        limits = (real("most", most), self._options["level"] if level is None else real("level", level))
        if isinstance(benchmarks, str):
            benchmarks = [benchmarks]
        found = mapped("share-flip", lambda record: _found(record, (first, second), limits, benchmarks, threads),
                       self._records)
        result = ShareFlip(found, threads, read_rays(None) if along is None else along)
        return result if along is None else result.followed()

    def reliability_to_flip(self, first="process", second="funding", at=_RELIABILITIES):
        """Which reliability of the second block's measures would turn the order.

        Parameters
        ----------
        first, second : str
            Blocks: the one whose share is larger, and the one it is held
            against, whose columns are taken to be measured with error.
        at : list of float
            Reliabilities, above 0 and at most 1, for ``curve``.

        Returns
        -------
        FlipTurn
            A DataFrame, one row an outcome: outcome, first, second,
            first_share, second_share, difference, reliability (one for all of
            the second block's columns: at it and below, down to back, the second
            block's share is no smaller; missing when there is none), back (where
            the order returns), limit (the least reliability that the
            correlations allow), at_limit (the difference there), reversed. Its
            attribute ``curve``: outcome, reliability, difference.

        Raises
        ------
        SteelyardError
            A block that is not there, a reliability outside 0 to 1.

        Notes
        -----
        Errors are independent of everything: 1 - reliability is taken from the
        columns' variances of 1 [1]_. Shares are points of all outcome variance.

        References
        ----------
        .. [1] Fuller 1987, Measurement Error Models, section 1.2

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> found = s.reliability_to_flip()
        >>> list(found.columns)
        ['outcome', 'first', 'second', 'first_share', 'second_share', 'difference', 'reliability', 'back', 'limit', 'at_limit', 'reversed']
        """
        at = _stated("at", at)
        return self._turned((first, second), at, None, "reliability")

    def shared_source_to_flip(self, first="process", second="funding", source=None, at=_PARTS):
        """How much a shared source must have in common for the order to turn.

        Parameters
        ----------
        first, second : str
            Blocks: the one whose share is larger, and the one it is held
            against.
        source : list of str, or dict, optional
            Terms that come from one source ("outcome" is each outcome); a dict
            gives -1 for a term that the source moves the other way, 1 for the
            others. By default the first block and the outcome.
        at : list of float
            Parts of the variance from 0 to 1 for ``curve``.

        Returns
        -------
        FlipTurn
            A DataFrame, one row an outcome: outcome, first, second,
            first_share, second_share, difference, part (of the variance of each
            of the source's columns that must be common to them), back, limit
            (the most the correlations allow), at_limit, reversed. Its attribute
            ``curve``: outcome, part, difference.

        Raises
        ------
        SteelyardError
            A source that is not in the question, a sign other than 1 and -1,
            absorbed clusters, a part outside 0 to 1.

        Notes
        -----
        With a part m in common a correlation between two columns of the source
        becomes (r - m) / (1 - m) [1]_, one between such a column and another
        r / sqrt(1 - m).

        References
        ----------
        .. [1] Lindell & Whitney 2001, doi:10.1037/0021-9010.86.1.114

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"},
        ...                interval=None)
        >>> found = s.shared_source_to_flip(source=["easy_information", "outcome"])
        >>> list(found.columns)
        ['outcome', 'first', 'second', 'first_share', 'second_share', 'difference', 'part', 'back', 'limit', 'at_limit', 'reversed']
        """
        return self._turned((first, second), _stated("at", at), () if source is None else source, "part")

    def _turned(self, names, stated, source, what):
        lines, curves, texts = [], [], []
        for record in self._records:
            terms, loading = (None, None) if source is None else _source_of(record, source)
            numbers, difference = np.full(len(_TURN), np.nan), np.full(len(stated), np.nan)
            text, _ = _core.flip_turn(asked_of(record, f"{'reliability' if terms is None else 'shared_source'}_to_flip"),
                                      _options_of(record, *names), record["outcome"], terms, loading, len(stated),
                                      stated, difference, numbers)
            turn = dict(zip(_TURN, numbers.tolist()))
            lines.append({"outcome": record["outcome"], "first": names[0], "second": names[1],
                          "first_share": turn["first_share"], "second_share": turn["second_share"],
                          "difference": turn["difference"], what: turn["flip"], "back": turn["back"],
                          "limit": turn["limit"], "at_limit": turn["at_limit"], "reversed": bool(turn["reversed"])})
            curves.append(pd.DataFrame({"outcome": record["outcome"], what: stated, "difference": difference}))
            texts.append(text)
        frame, curve = pd.DataFrame(lines), pd.concat(curves, ignore_index=True)
        return FlipTurn.of(frame, _flips_print.turn_document(frame, curve, texts, what), curve=curve)


def _stated(argument, values):
    try:
        stated = np.array(values, dtype=float, ndmin=1).copy()
    except (TypeError, ValueError):
        raise SteelyardError(f"{argument}: {values!r} are not numbers") from None
    if stated.ndim > 1:
        raise SteelyardError(f"{argument}: a list of numbers is needed, not {stated.ndim} dimensions of them")
    return stated


def _source_of(record, source):
    """Terms and their signs; "outcome" stands for each record's own."""
    labels = several("source", source)
    known = record["info"]["labels"]
    terms = tuple(record["asked"][1] if label == "outcome" and label not in known else term_of(record, "source", label)
                  for label in labels)
    signs = np.array([real("source", value) for value in source.values()]) if isinstance(source, dict) else None
    return terms, signs


def contours_of(found, pair, third, reach, points, threads):
    """Places of the grid and the difference at them, rows by the second of the pair."""
    places, difference = np.full(points, np.nan), np.full((points, points), np.nan)
    bits = sum(1 << LETTERS.index(letter) for letter in pair)
    with Progress(f"contours for {found['outcome']}") as progress:
        _core.share_flip_contours(found["asked"], found["options"], found["direction"], (bits, third, reach, points),
                                  places, difference, threads, progress)
    return places, difference


def shares_at(found, points):
    """Shares of all blocks at stated confounders."""
    shares = np.full((len(points), len(found["asked"][2])), np.nan)
    _core.share_flip_at(found["asked"], found["options"], found["direction"], len(points), points, shares)
    return shares


def whole_points(points):
    """How many places a side of a grid has."""
    return whole("points", points, 2, 1000)


follow = _rays_of
