# SPDX-License-Identifier: GPL-3.0-only
"""What weigh() answers: tables, sentences, a page."""
import pandas as pd

from . import _core, _evidence_page, _provenance
from ._document import Shown, told
from ._options import choice
from ._tables import Summary
from ._tidy import frame_of

_KEYS = ("tables", "verdict", "limits", "how", "units", "remarks", "text", "page", "body", "picture", "pieces")
_REMARKS = ["code", "term", "value", "text"]


class Evidence(Shown):
    """Funding weighed against process.

    Read-only; frames are copies. It pickles.

    Attributes
    ----------
    verdict : tuple of str
        Three sentences: the association, what money goes with, what would overturn it. Every number in them is a
        row of ``numbers``.
    table : DataFrame
        One row an outcome, by the first source: shares with limits, bounds, adjusted and by chance; process less
        funding (``difference``); shares if money or process comes first; beyond need; by curves; points for the sum and per
        doubling; robustness value, share-flip, reliability and shared source that turn the order; last the standard errors
        (``total_std_error``, ``funding_std_error`` ...).
    differences : DataFrame
        One row a source and outcome: ``p_stepped`` over the outcomes of the source, ``p_family`` over all, ``answer``.
    sources : DataFrame
        One row a source: in how many outcomes process is ahead (``positive``), has limits above or below zero, is
        supported or contradicted; ``answer`` for every outcome together.
    claims : DataFrame
        Each claim over all outcomes (and sources) with its answer.
    money : DataFrame
        One row an outcome, funding term, form (level, doubling) and model (full, alone).
    league : DataFrame
        One row a block: in how many outcomes it matters, beside the number expected by chance.
    leave_one_out : DataFrame
        The units whose absence changes most, and what is answered without them.
    by : DataFrame
        One row a level and outcome; empty without `by`.
    population : DataFrame
        One row an outcome, in the sample and re-weighted; empty without `population`.
    missing : DataFrame
        Means of outcome and process where the amount is known and where it is not.
    gaps : DataFrame
        One row an outcome: the gap between two groups, what of it goes with funding, process, the other blocks; empty
        without `group`.
    numbers : DataFrame
        sentence, what, value.
    limits : tuple of str
        What the data cannot say.
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
    """

    def __init__(self, answer, asked):
        parts = dict(zip(_KEYS, answer))
        kept = {f"_{key}": parts[key] for key in ("page", "body", "picture", "pieces", "remarks", "how", "units")}
        self.__dict__.update(_frames=dict(map(frame_of, parts["tables"])), _asked=asked, verdict=parts["verdict"],
                             limits=parts["limits"], **kept)

    def __setattr__(self, name, value):
        raise AttributeError("evidence is read-only")

    def __getstate__(self):
        return self.__dict__

    def __setstate__(self, state):
        self.__dict__.update(state)

    table = property(lambda self: self._frames["outcomes"].copy())
    differences = property(lambda self: self._frames["differences"].copy())
    sources = property(lambda self: self._frames["sources"].copy())
    claims = property(lambda self: self._frames["claims"].copy())
    money = property(lambda self: self._frames["money"].copy())
    league = property(lambda self: self._frames["league"].copy())
    leave_one_out = property(lambda self: self._frames["left_out"].copy())
    by = property(lambda self: self._frames["levels"].copy())
    population = property(lambda self: self._frames["population"].copy())
    missing = property(lambda self: self._frames["missing"].copy())
    gaps = property(lambda self: self._frames["gaps"].copy())
    numbers = property(lambda self: self._frames["numbers"].copy())
    remarks = property(lambda self: pd.DataFrame(list(self._remarks), columns=_REMARKS))

    @property
    def provenance(self):
        table = self._frames["outcomes"]
        units, clustered = self._units
        return {"version": _core.version(), **self._asked, "outcomes": list(table["outcome"]),
                "n": dict(zip(table["outcome"], table["n"])), "units": units,
                "unit": "cluster" if clustered else "row" if units else "none", "how": self._how}

    def to_frame(self):
        """process less funding: one row a source and outcome, in broom's names.

        Returns
        -------
        DataFrame
            source, outcome, estimate, std_error, df, p_value, p_stepped, conf_low, conf_high, answer.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> e = sy.weigh(councils, ["control", "satisfaction"], blocks)
        >>> e.to_frame()[["outcome", "answer"]].values.tolist()
        [['control', 'supported'], ['satisfaction', 'supported']]
        """
        frame = self._frames["differences"].rename(columns={"difference": "estimate"})
        return frame[["source", "outcome", "estimate", "std_error", "df", "p_value", "p_stepped", "conf_low", "conf_high",
                      "answer"]].copy()

    tidy = to_frame

    def glance(self):
        """One row: counts, the claims' answers, the largest part that funding alone explains.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> len(sy.weigh(councils, ["control", "satisfaction"], blocks).glance())
        1
        """
        sources, claims = self._frames["sources"], self._frames["claims"]
        return pd.DataFrame([{
            "outcomes": int(sources["outcomes"][0]), "sources": len(sources), "positive_least": int(sources["positive"].min()),
            "positive_most": int(sources["positive"].max()), "process_ahead": claims["answer"][0],
            "funding_ahead": claims["answer"][1], "at_most": claims["answer"][2],
            "largest_alone": claims["largest"][2], "units": self._units[0]}])

    def plot(self, kind="forest", ax=None):
        """Draw process less funding by outcome with limits; needs matplotlib.

        Parameters
        ----------
        kind : {"forest", "league"}
            Outcomes as asked, and the two shares beside their difference;
            outcomes in order of the difference, each source of the process
            measure a dot.
        ax : matplotlib Axes, optional
            Of "forest" a pair.

        Returns
        -------
        matplotlib Axes
            Of "forest" an array of two.

        Raises
        ------
        SteelyardError
            Another number of axes than the picture has.
        ImportError
            Without matplotlib.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> axes = sy.weigh(councils, ["control", "satisfaction"], blocks).plot()
        """
        from . import _evidence_plot

        choice("kind", kind, ("forest", "league"))
        if kind == "league":
            return _evidence_plot.league(self._frames["differences"], self._asked, ax)
        return _evidence_plot.draw(self._frames["outcomes"], self._asked, ax)

    def report(self, path, data=None):
        """Write the answer as one HTML page for readers who never open a terminal.

        Question, three sentences, picture, tables, what would overturn it, what the data cannot say, how to run it
        again in Python and in R. The page needs no other file and no network, and prints on A4.

        Parameters
        ----------
        path : str or path
            The file to be written.
        data : str, optional
            The CSV file that the rows came from, for the code on the page. Rows of a data set of the package are
            recognised by themselves.

        Returns
        -------
        None

        Raises
        ------
        SteelyardError
            `data` is not a text.
        OSError
            The file cannot be written.
        SteelyardError
            There is no such folder.

        Examples
        --------
        >>> import os, tempfile
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> path = os.path.join(tempfile.mkdtemp(), "evidence.html")
        >>> written = sy.weigh(councils, ["control", "satisfaction"], blocks).report(path)
        >>> os.path.getsize(path) < 2 * 2**20
        True
        """
        _evidence_page.write(path, _evidence_page.named(self._page, data))

    def picture(self, path):
        """Write the picture of the report by itself: one SVG file, the same bytes each time.

        Parameters
        ----------
        path : str or path
            The file to be written.

        Returns
        -------
        None

        Raises
        ------
        OSError
            The file cannot be written.
        SteelyardError
            There is no such folder.

        Examples
        --------
        >>> import os, tempfile
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> path = os.path.join(tempfile.mkdtemp(), "evidence.svg")
        >>> sy.weigh(councils, ["control", "satisfaction"], blocks, left_out=0).picture(path)
        >>> open(path).read(4)
        '<svg'
        """
        _evidence_page.write(path, self._picture)

    def summary(self):
        """The print, and how the answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> "process" in str(sy.weigh(councils, ["control", "satisfaction"], blocks).summary())
        True
        """
        return Summary(self._document() + ["", *_provenance.pieces_of(self.provenance)])

    def _document(self):
        return told(self._pieces)

    def _repr_html_(self):
        return self._body
