# SPDX-License-Identifier: GPL-3.0-only
"""People like those of the POET surveys, drawn from a stated structure."""
import numpy as np
import pandas as pd

from . import _core
from ._errors import SteelyardError
from ._options import choice, flag, real, thread_count, whole
from ._print import _count
from ._progress import Progress

_WHOLE, _LOGICAL, _GROUPS, _ORDERED = 1, 2, 3, 4
_MARGINALS = ["column", "item", "category", "comparator", "published", "kind", "planted", "found", "unit", "kept",
              "source"]
_YEARS = ("2008-09", "2010-11", "2012-13", "2013-14")


class SyntheticData(pd.DataFrame):
    """A data frame of drawn people that says so whenever it is printed.

    Attributes
    ----------
    marginals : DataFrame
        column, item, category, comparator, published, kind ("exact", "bounded",
        "assumed"), planted, found, unit, kept, source: what the data are held to.
    truth : DataFrame
        name, value, meaning: the strengths, then what follows from them.
    columns_meaning : DataFrame
        column, role, meaning.
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
    """

    _metadata = ["marginals", "truth", "columns_meaning", "remarks", "provenance"]
    marginals = truth = columns_meaning = remarks = provenance = None

    @property
    def _constructor(self):
        return SyntheticData

    def __repr__(self):
        return "\n".join([*_head(self), super().__repr__(), *_foot(self)])

    def _repr_html_(self):
        return "".join(f"<p>{line}</p>" for line in _head(self) if line) + (super()._repr_html_() or "")


def _head(data):
    seed = f", seed {data.provenance['seed']}" if data.provenance else ""
    return [f"Synthetic data, not POET's: {_count(len(data), 'row')} drawn from a stated structure{seed}.", ""]


def _foot(data):
    if data.marginals is None:
        return []
    kinds = data.marginals["kind"]
    counts = ", ".join(f"{(kinds == kind).sum()} {kind}" for kind in ("exact", "bounded", "assumed"))
    return ["", f"Marginals: {counts}. They say nothing of how answers go together: that is planted, in truth."]


def simulate_poet(seed=1, people=2679, councils=22, year="2013-14", direct_payment=0.85, funding_ratio=1.888,
                  sd_log_amount=0.8, knows_amount=0.5, size_spread=0.6, strengths=None, amount_missing="process",
                  hidden=False, threads=None):
    """POET-like people in councils, drawn from a structure that is known.

    No data of single people of the POET surveys are public. These are made up:
    for tests, where the truth must be known, and for tutorials. They are
    evidence of nothing.

    Parameters
    ----------
    seed : int
    people, councils : int
        Councils are of unequal size, each with one person or more.
    year : {"2008-09", "2010-11", "2012-13", "2013-14"}
        Of the mean weekly amounts by client group (PSS-EX1).
    direct_payment : float
        Share of people with a direct payment; above .8 in the survey.
    funding_ratio : float
        Mean amount with a direct payment over that without.
    sd_log_amount : float
        Standard deviation of the log amount within client group and payment type.
    knows_amount : float
        Share that knows the amount.
    size_spread : float
        Standard deviation of the log of the councils' expected sizes.
    strengths : dict of str to float, optional
        Numbers of the structure; those left out keep their defaults, which
        ``truth`` lists. ``powerfulness_payment``, ``powerfulness_funding``,
        ``powerfulness_process`` and ``powerfulness_outcome`` are 0 by default: set them
        for a hidden confounder.
    amount_missing : {"process", "none"}
        "process": the weekly amount is missing where it is not known, and
        knowing it depends on process quality.
    hidden : bool
        Add what no survey sees: powerfulness, funding, process quality, response
        style, all amounts, what outcomes share.
    threads : int, optional

    Returns
    -------
    SyntheticData
        A DataFrame with ``marginals``, ``truth``, ``columns_meaning``, ``remarks`` and
        ``provenance``; the column ``synthetic`` is true in every row.

    Raises
    ------
    SteelyardError
        A share outside 0 to 1, fewer people than councils, an unknown year or
        strength, strengths that give a variable more than all of its variance.

    Notes
    -----
    Latent variables are sums of independent normal shocks of the council and the
    person and have variance 1; funding is given for need, process quality
    depends on the council, both move outcomes, and one response style moves all of
    a person's answers (a carer has one of their own). Answers are cut from latent
    variables so that marginals hold in the population whatever the strengths. The same
    seed gives the same data in Python and R, with any number of threads.

    References
    ----------
    National personal budget surveys (POET) 2011, 2013 and 2014; ``datasets.load("poet_marginals")`` has each number with
    its source.

    Examples
    --------
    >>> d = sy.datasets.simulate_poet(seed=1, people=600, councils=25)
    >>> len(d), round(float(d.truth.set_index("name").loc["direct_in_all", "value"]), 4)
    (600, 0.2392)
    >>> list(d.marginals.columns[:4])
    ['column', 'item', 'category', 'comparator']
    """
    people = whole("people", people, 1, 10_000_000)
    columns, known = _core.poet_tables()
    missing = choice("amount_missing", amount_missing, ("process", "none"))
    given = {"seed": whole("seed", seed, 0, 2**64 - 1), "people": people,
             "councils": whole("councils", councils, 2, 2**31 - 1), "year": choice("year", year, _YEARS),
             "direct_payment": real("direct_payment", direct_payment),
             "funding_ratio": real("funding_ratio", funding_ratio),
             "sd_log_amount": real("sd_log_amount", sd_log_amount), "knows_amount": real("knows_amount", knows_amount),
             "size_spread": real("size_spread", size_spread)}
    whole_truth = flag("hidden", hidden)
    values, strength = np.empty((len(columns), people)), _strengths(strengths, known)
    with Progress("synthetic people") as progress:
        marginals, truth, remarks = _core.poet((*given.values(), int(missing == "process"), strength),
                                               values.ravel(), thread_count(threads), progress)
    shown = [i for i, column in enumerate(columns) if whole_truth or column[1] != "hidden"]
    data = SyntheticData({columns[i][0]: _column(values[i], *columns[i][3:]) for i in shown})
    data.marginals = pd.DataFrame(marginals, columns=_MARGINALS)
    data.truth = pd.DataFrame(truth, columns=["name", "value", "meaning"])
    data.columns_meaning = pd.DataFrame([columns[i][:3] for i in shown], columns=["column", "role", "meaning"])
    data.remarks = pd.DataFrame(remarks, columns=["code", "term", "value", "text"])
    data.provenance = {"version": _core.version(), "synthetic": True, **given, "amount_missing": missing}
    return data


def _strengths(given, known):
    """All strengths in the core's order."""
    if given is not None and not isinstance(given, dict):
        raise SteelyardError('strengths: a dict is needed, such as {"process_outcome": 0.4}')
    names, values = tuple(row[0] for row in known), np.array([row[2] for row in known])
    for name, value in (given or {}).items():
        if not isinstance(name, str):
            raise SteelyardError(f"strengths: one name is needed, not {name!r}")
        values[_core.find("strengths", name, names)] = real(f"strengths: {name}", value)
    return values


def _column(values, kind, levels):
    if kind == _WHOLE:
        return values.astype(np.int64)
    if kind == _LOGICAL:
        return values != 0
    if kind in (_GROUPS, _ORDERED):
        codes = np.where(np.isnan(values), -1, values).astype(np.int64)
        return pd.Categorical.from_codes(codes, levels, ordered=kind == _ORDERED)
    return values
