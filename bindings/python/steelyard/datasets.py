# SPDX-License-Identifier: GPL-3.0-only
"""The data sets that travel with the package, and synthetic ones."""
import csv
from importlib.resources import files

import pandas as pd

from . import _core
from ._synthetic import SyntheticData, simulate_poet

__all__ = ["SyntheticData", "codebook", "load", "names", "simulate_poet", "source"]

_ROOT = files(__package__).joinpath("data")
# pandas before 3.1 reads a decimal to a neighbour of the nearest number unless asked; later ones warn when asked
_EXACTLY = {} if tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1) else {"float_precision": "round_trip"}


def names():
    """Names that load() knows, sorted.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from steelyard import datasets
    >>> datasets.names()[:3]
    ['azen_budescu_2003', 'california_schools_1998', 'chicago_wages']
    """
    return sorted(d.name for d in _ROOT.iterdir() if d.joinpath("data.csv").is_file())


def load(name):
    """One data set as a DataFrame; an empty cell is missing.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    DataFrame
        One row a case; units and years of each column are in :func:`codebook`.

    Raises
    ------
    SteelyardError
        No such data set; the nearest name is told.

    References
    ----------
    :func:`source` has each data set's own, with its licence.

    Examples
    --------
    >>> from steelyard import datasets
    >>> datasets.load("councils_2018_19").shape
    (147, 20)
    """
    return _table(name, "data.csv")


def codebook(name):
    """What each column of a data set means: column, meaning, unit, source_measure, year.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    DataFrame
        One row a column: column, meaning, unit, source_measure, year.

    Raises
    ------
    SteelyardError
        No such data set; the nearest name is told.

    Examples
    --------
    >>> from steelyard import datasets
    >>> datasets.codebook("councils_2018_19").query("column == 'control'")["unit"].tolist()
    ['percent']
    """
    table = _table(name, "codebook.csv")
    return table.astype(object).where(table.notna(), "")


def source(name):
    r"""Where a data set is from, its licence, how it was made and its limits.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    SteelyardError
        No such data set; the nearest name is told.

    Examples
    --------
    >>> from steelyard import datasets
    >>> datasets.source("councils_2018_19").split("\n")[0]
    '# councils_2018_19: 147 councils in England'
    """
    return _file(name, "SOURCE.md").read_text(encoding="utf-8")


def _header(name):
    """Names of the columns of a data set."""
    with _file(name, "data.csv").open(encoding="utf-8") as f:
        return next(csv.reader(f))


def _file(name, file):
    known = names()
    if not isinstance(name, str):
        raise _core.SteelyardError(f"name: one name is needed, not {name!r}")
    return _ROOT.joinpath(known[_core.find("name", name, tuple(known))], file)


def _table(name, file):
    # only an empty cell is missing: no word in a text is taken for it
    with _file(name, file).open(encoding="utf-8") as f:
        return pd.read_csv(f, keep_default_na=False, na_values=[""], **_EXACTLY)
