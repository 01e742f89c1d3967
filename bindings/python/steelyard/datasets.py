"""The data sets that travel with the package."""
from importlib.resources import files

import pandas as pd

_ROOT = files(__package__).joinpath("data")


def names():
    """Names that load() knows."""
    return sorted(d.name for d in _ROOT.iterdir() if d.joinpath("data.csv").is_file())


def _read(name, file):
    if name not in names():
        raise ValueError(f"name: no data set {name!r}; there are {', '.join(names())}")
    with _ROOT.joinpath(name, file).open(encoding="utf-8") as f:
        return pd.read_csv(f, float_precision="round_trip")


def load(name):
    """One data set as a DataFrame."""
    return _read(name, "data.csv")


def codebook(name):
    """What each column of a data set means."""
    return _read(name, "codebook.csv")


def source(name):
    """Where a data set is from, and under what licence."""
    names_ = names()
    if name not in names_:
        raise ValueError(f"name: no data set {name!r}; there are {', '.join(names_)}")
    return _ROOT.joinpath(name, "SOURCE.md").read_text(encoding="utf-8")
