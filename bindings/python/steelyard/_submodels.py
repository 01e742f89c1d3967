# SPDX-License-Identifier: GPL-3.0-only
"""All submodels by name: their R2, what sets of players have in common, who dominates whom."""
import math

import numpy as np
import pandas as pd

from . import _core, _other, _submodels_print
from ._document import sections_document
from ._errors import SteelyardError
from ._measure import asked_of
from ._options import choice, real, whole
from ._progress import Progress
from ._tables import Dominance, Table

PLAYERS = {"blocks": 0, "terms": 1}
KINDS = ("complete", "conditional", "general")
_COLUMNS = ("n_columns", "r2", "adjusted_r2", "beyond_adjust")
_PAIR = ("first_above", "second_above", "tied", "value")
_AGAIN = ("mean", "std_error", "p_first", "p_second", "p_neither", "reproducibility")


class OfSubmodels:
    """What a result of shares() says by going back to all submodels."""

    def submodels(self, players="blocks"):
        """R2 of every submodel, to be looked up, filtered and sorted.

        Parameters
        ----------
        players : {"blocks", "terms"}
            What comes and goes: whole blocks, or each term by itself. Up to 18.

        Returns
        -------
        Table
            A DataFrame, one row a submodel: a column of True and False a
            player, n_columns (predictor columns by rank, adjusting ones
            included), r2 (adjusting terms included), adjusted_r2, and
            beyond_adjust (r2 less that of the adjusting terms alone). By number
            of players, the highest R2 first. outcome leads when there are
            several.

        Raises
        ------
        LimitError
            More than 18 players.

        Notes
        -----
        Whatever order was asked for: every subset of the players is there.

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic", "Agriculture"], interval=None)
        >>> t = s.submodels()
        >>> len(t), len(t[t["Education"] & ~t["Catholic"]])
        (8, 2)
        """
        choice("players", players, PLAYERS)
        return self._told([_submodels_of(record, players) for record in self._records], _submodels_print.submodels_pieces,
                          players)

    def commonality(self, order=None, players="blocks"):
        """What sets of players explain in common, and each uniquely.

        Parameters
        ----------
        order : int, optional
            Sets of up to so many players; default all.
        players : {"blocks", "terms"}
            Up to 18.

        Returns
        -------
        Table
            A DataFrame, one row a set: players (such as "money + process"),
            order (how many), coefficient (points of all outcome variance),
            percent_of_explained. Of one player the coefficient is what it
            explains uniquely; of several what they explain in common and no
            other has; it is negative under suppression. All 2**players - 1 of
            them add up to the total [1]_ [2]_.

        Raises
        ------
        SteelyardError
            An order below 1.
        LimitError
            More than 18 players.

        References
        ----------
        .. [1] Mood 1971, doi:10.2307/1162175
        .. [2] Seibold & McPhee 1979, doi:10.1111/j.1468-2958.1979.tb00649.x

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic"], interval=None)
        >>> bool(abs(s.commonality()["coefficient"].sum() - s.total) < 1e-15)
        True
        """
        choice("players", players, PLAYERS)
        most = math.inf if order is None else whole("order", order, 1, 2**31 - 1)
        return self._told([commonality_of(record, most, players) for record in self._records],
                          _submodels_print.commonality_pieces, players)

    def dominance(self, kind="complete", players="blocks", tolerance=1e-10, replicates=None, seed=None):
        """Which of two players explains more beside the same others.

        Parameters
        ----------
        kind : {"complete", "conditional", "general"}
            Complete: in every submodel that lacks both [1]_. Conditional: on
            average over the submodels of each size. General: on the average of
            those, which is the share of single players [2]_.
        players : {"blocks", "terms"}
            From 2 to 18.
        tolerance : float
            Contributions to R2 that differ by no more are ties.
        replicates, seed : int, optional
            With replicates every pair is judged anew in so many bootstrap
            samples of the rows or clusters (within strata); seed is by default
            that of the result.

        Returns
        -------
        Dominance
            A DataFrame, one row a pair: first, second, dominates (the name of
            the one that does, or ""), value (1 first, 0 second, 0.5 neither),
            first_above, second_above and tied: the parts of the comparisons
            (submodels, sizes, or the one average) that each wins. A player
            dominates that never loses and wins at least once. With replicates
            also mean and std_error of value over them, p_first, p_second and
            p_neither, reproducibility (the part of them that says the same as
            the sample) and replicates, those with an answer. Its attribute
            ``contributions`` is a DataFrame: player, others (how many are in
            the submodel already), contribution (average), and general, the
            average of those.

        Raises
        ------
        SteelyardError
            One player only; a tolerance outside 0 to 1; fewer than 2
            replicates, or moments of all rows together, which cannot be
            resampled.
        LimitError
            More than 18 players.

        Notes
        -----
        Complete dominance holds whatever the order, so lead with it, and with
        the interval of a difference (:meth:`compare`), rather than with ranks.

        References
        ----------
        .. [1] Azen & Budescu 2003, doi:10.1037/1082-989X.8.2.129
        .. [2] Budescu 1993, doi:10.1037/0033-2909.114.3.542

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic", "Agriculture"], interval=None)
        >>> list(s.dominance("complete")["dominates"])
        ['Education', 'Education', 'Catholic']
        """
        choice("kind", kind, KINDS)
        choice("players", players, PLAYERS)
        tolerance = real("tolerance", tolerance)
        found = [dominance_of(record, players, tolerance) for record in self._records]
        if replicates is not None:
            replicates = whole("replicates", replicates, 2, 1_000_000)
            seed = self._options["seed"] if seed is None else whole("seed", seed, 0, 2**64 - 1)
            for record, f in zip(self._records, found):
                f["again"] = _reproduced(record, players, (tolerance, replicates, seed), self._options["threads"])
                f["seed"] = seed
        frame = self._with_outcome([pairs_of(f, kind) for f in found])
        contributions = self._with_outcome([f["contributions"] for f in found])
        sections = [_submodels_print.dominance_pieces(record, f, pairs_of(f, kind), (kind, players, tolerance))
                    for record, f in zip(self._records, found)]
        return Dominance.of(frame, sections_document(sections), contributions=contributions)

    def other_metrics(self):
        """Older metrics of the same predictors, to compare with published tables.

        Every term must be one column: numbers, or a factor of two levels.

        Returns
        -------
        OtherMetrics
            A DataFrame, one row a term: term, block, first (R2 alone), last
            (what R2 loses without the term), beta_squared (squared
            standardised coefficient [1]_), pratt (coefficient times
            correlation [2]_; may be negative), relative_weight [3]_, genizi
            [4]_ (the same number as relative_weight), car (squared
            correlation-adjusted correlation [5]_), independent and joint
            (hierarchical partitioning [7]_: the average increment over all
            orders of the single terms, and R2 alone less that; missing past 30
            terms); outcome first when there are several. All in points of all
            outcome variance; pratt, relative_weight, genizi, car and
            independent sum to the total. With adjusting terms the predictors
            are what those leave of them.

        Raises
        ------
        SteelyardError
            A term of several columns, such as a factor of three levels.
        DataError
            A term that is constant or follows from the others.

        Notes
        -----
        None of these has an interval here. Relative weights are given because
        many tables were published with them; their derivation is flawed and
        they can distort what general dominance, which is the share of a
        single term, says [6]_.

        References
        ----------
        .. [1] Darlington 1968, doi:10.1037/h0025471
        .. [2] Pratt 1987, Proceedings of the Second International Tampere
           Conference in Statistics, 245-260
        .. [3] Johnson 2000, doi:10.1207/S15327906MBR3501_1
        .. [4] Genizi 1993, Statistica Sinica 3, 407-420
        .. [5] Zuber & Strimmer 2011, doi:10.2202/1544-6115.1730
        .. [6] Thomas, Zumbo, Kwan & Schweitzer 2014, doi:10.1080/00273171.2014.905766
        .. [7] Chevan & Sutherland 1991, doi:10.1080/00031305.1991.10475776

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic"], interval=None)
        >>> bool(abs(s.other_metrics()["relative_weight"].sum() - s.total) < 1e-15)
        True
        """
        return _other.OtherMetrics(self._with_outcome([_other.table_of(r) for r in self._records]))

    def _told(self, frames, pieces_of, players):
        """The frames as one, which prints a section an outcome."""
        sections = [pieces_of(record, frame, players) for record, frame in zip(self._records, frames)]
        return Table.of(self._with_outcome(frames), sections_document(sections))


def names_of(record, players):
    """The players' names in the order of their bits."""
    if players == "blocks":
        return [name for name, _ in record["blocks"]]
    return [label for _, labels in record["blocks"] for label in labels]


def _submodels_of(record, players):
    names = names_of(record, players)
    taken = [name for name in names if name in (*_COLUMNS, "outcome")]
    if taken:
        raise SteelyardError(f"players: one is called {taken[0]}, as a column of the table is; give its block "
                             "another name")
    rows = 1 + _core.submodels_sets(len(names), len(names))
    table, sets = np.full((len(_COLUMNS), rows), np.nan), np.zeros(rows, dtype=np.int32)
    _core.submodels(asked_of(record, "submodels"), PLAYERS[players], table, sets)
    frame = pd.DataFrame((sets[:, None] >> np.arange(len(names)) & 1).astype(bool), columns=names)
    frame["n_columns"] = table[0].astype(int)
    for column, values in zip(_COLUMNS[1:], table[1:]):
        frame[column] = values
    return frame


def _labels(names):
    """The label of every set of players, by its number."""
    labels = [""]
    for name in names:
        labels += [f"{label} + {name}" if label else name for label in labels]
    return labels


def commonality_of(record, most, players):
    names = names_of(record, players)
    most = int(min(most, len(names)))
    rows = _core.submodels_sets(len(names), most)
    table, sets = np.full((2, rows), np.nan), np.zeros(rows, dtype=np.int32)
    _core.commonality(asked_of(record, "commonality"), PLAYERS[players], most, table, sets)
    labels = _labels(names)
    sets = sets.tolist()
    return pd.DataFrame({"players": [labels[s] for s in sets], "order": [s.bit_count() for s in sets],
                         "coefficient": table[0], "percent_of_explained": table[1]})


def dominance_of(record, players, tolerance):
    """All that the core says of dominance, and the contributions as a frame."""
    names = names_of(record, players)
    count = len(names)
    by_size, general = np.full((count, count), np.nan), np.full(count, np.nan)
    pairs = np.full((count * (count - 1) // 2, len(KINDS), len(_PAIR)), np.nan)
    _core.dominance(asked_of(record, "dominance"), (PLAYERS[players], tolerance), by_size, general, pairs)
    contributions = pd.DataFrame({"player": [name for name in names for _ in range(count)],
                                  "others": list(range(count)) * count, "contribution": by_size.T.ravel(),
                                  "general": np.repeat(general, count)})
    return {"names": names, "by_size": by_size, "general": general, "pairs": pairs, "contributions": contributions}


def _reproduced(record, players, numbers, threads):
    """(table by pair and kind, samples with an answer)."""
    count = len(names_of(record, players))
    table = np.full((count * (count - 1) // 2, len(KINDS), len(_AGAIN)), np.nan)
    with Progress(f"dominance for {record['outcome']}") as progress:
        kept = _core.dominance_reproduced(asked_of(record, "dominance"), (PLAYERS[players], *numbers), table, threads,
                                          progress)
    return table, kept


def pairs_of(found, kind):
    """One row a pair, of one kind of dominance."""
    names, table = found["names"], found["pairs"][:, KINDS.index(kind)]
    which = [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
    values = table[:, _PAIR.index("value")].tolist()
    frame = pd.DataFrame({"first": [a for a, _ in which], "second": [b for _, b in which],
                          "dominates": [a if v == 1 else b if v == 0 else "" for (a, b), v in zip(which, values)],
                          "value": values})
    for name in _PAIR[:3]:
        frame[name] = table[:, _PAIR.index(name)]
    if "again" in found:
        table, kept = found["again"]
        for place, name in enumerate(_AGAIN):
            frame[name] = table[:, KINDS.index(kind), place]
        frame["replicates"] = kept
    return frame
