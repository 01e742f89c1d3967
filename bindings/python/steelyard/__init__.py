"""steelyard: a statistical evidence engine (Python face of the C core)."""
import numpy as np

from . import _core, datasets
from ._core import DataError, SteelyardError, gamma_upper
from ._findings import reproduce

__version__ = _core.version
__all__ = ["DataError", "SteelyardError", "datasets", "gamma_upper", "gram",
           "mean_se", "reproduce", "weighted"]


def _vector(x):
    return np.ascontiguousarray(x, dtype=np.float64)


def weighted(x, w=None):
    """Weighted mean and sum of squares about it, as a pair."""
    x = _vector(x)
    return _core.mean(x, np.ones_like(x) if w is None else _vector(w))


def gram(x):
    """Cross-products of the columns of a matrix."""
    x = np.asfortranarray(x, dtype=np.float64)
    out = np.empty((x.shape[1], x.shape[1]), order="F")
    _core.gram(x, out)
    return out


def mean_se(x, replicates, seed=1, threads=None):
    """Bootstrap standard error of the mean; the same for any threads."""
    return _core.mean_se(_vector(x), replicates, seed, threads or 0)
