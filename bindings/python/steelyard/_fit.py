# SPDX-License-Identifier: GPL-3.0-only
"""What all fits answer alike."""
import numpy as np
import pandas as pd

from . import _core, _fit_print, _provenance
from ._digits import MORE
from ._document import Shown
from ._errors import SteelyardError
from ._fit_model import TESTS
from ._options import real
from ._tables import Contrasts, Summary


def numbers(name, doc):
    """A property: one number a coefficient."""
    return property(lambda self: pd.Series(getattr(self._model, name).copy(), self._model.labels), doc=doc)


def scalar(name, doc=None):
    """A property: one number of the summary."""
    return property(lambda self: self._model.summary[name], doc=doc)


class Fit(Shown):
    """A fitted model. Read-only; frames and series are copies. It pickles, with the columns of the model.

    Each kind has `_parts(more)`: the lines before its tables, the tables, the lines after, with further digits.
    """

    _scalars = ("df_resid", "rank")  # of the summary, told in provenance too

    def __init__(self, model):
        self.__dict__["_model"] = model

    def __setattr__(self, name, value):
        raise AttributeError("a fit is read-only")

    def __getstate__(self):
        return {"_model": self._model}

    def __setstate__(self, state):
        self.__dict__.update(state)

    params = numbers("coefficient", "Coefficients.")
    df = numbers("df", "Degrees of freedom of each test; infinite where it is normal.")
    n = scalar("n", "Rows by the weight rule.")
    df_resid = scalar("df_resid")
    rank = scalar("rank", "Parameters not aliased.")
    loglik = scalar("loglik")
    aic = scalar("aic")
    bic = scalar("bic")
    condition = scalar("condition")
    rows_used = property(lambda self: int(self._model.summary["rows_used"]))
    formula = property(lambda self: self._model.asked.text)
    outcome = property(lambda self: self._model.outcome)
    covariance = property(lambda self: self._model.rules["covariance"], doc="The kind of covariance.")
    aliased = property(lambda self: self._model.aliased, doc="Labels of columns that add nothing.")

    @property
    def cov(self):
        labels = self._model.labels
        return pd.DataFrame(self._model.covariance.copy(), index=labels, columns=labels)

    @property
    def remarks(self):
        return pd.DataFrame(list(self._model.remarks), columns=["code", "term", "value", "text"])

    @property
    def provenance(self):
        m = self._model
        keys = ("n", "rows_read", "rows_used", "rows_dropped", *self._scalars)
        return {"version": _core.version(), **m.provenance, **{key: m.summary[key] for key in keys}}

    def _of_rows(self, place):
        return pd.Series(self._model.rows()[place].copy(), self._model.index)

    def _level(self, level):
        return self._model.rules["level"] if level is None else real("level", level)

    def _tests(self, level=None):
        return self._model.tests(self._level(level))

    @property
    def std_error(self):
        return pd.Series(np.sqrt(np.diag(self._model.covariance)), self._model.labels)

    @property
    def pvalues(self):
        return pd.Series(self._tests()[TESTS.index("p_value")], self._model.labels)

    def conf_int(self, level=None):
        """Limits of the coefficients: conf_low, conf_high.

        Parameters
        ----------
        level : float, optional
            Between 0 and 1; default the fit's.

        Returns
        -------
        DataFrame
            conf_low, conf_high by coefficient, in its unit; NaN where aliased.

        Raises
        ------
        SteelyardError
            A level outside 0 to 1.

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education", sy.datasets.load("swiss_1888"))
        >>> fit.conf_int().round(3).values.tolist()
        [[75.372, 83.848], [-1.154, -0.571]]
        """
        table = self._tests(level)
        return pd.DataFrame({"conf_low": table[5], "conf_high": table[6]}, index=self._model.labels)

    def to_frame(self, level=None):
        """One row a coefficient.

        Parameters
        ----------
        level : float, optional
            Between 0 and 1; default the fit's.

        Returns
        -------
        DataFrame
            term, estimate, std_error, statistic, df, p_value, conf_low,
            conf_high; NaN where aliased.

        Raises
        ------
        SteelyardError
            A level outside 0 to 1.

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education", sy.datasets.load("swiss_1888"))
        >>> fit.to_frame()[["term", "estimate", "std_error"]].round(3).values.tolist()
        [['(Intercept)', 79.61, 2.104], ['Education', -0.862, 0.145]]
        """
        frame = pd.DataFrame(self._tests(level).T, columns=TESTS)
        frame.insert(0, "term", self._model.labels)
        return frame

    def glance(self):
        """The fit in one row, with broom's names.

        Returns
        -------
        DataFrame
            One row.

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education", sy.datasets.load("swiss_1888"))
        >>> fit.glance()["r_squared"].round(4).tolist()
        [0.4406]
        """
        return pd.DataFrame([{name: self._model.summary[key] for name, key in self._glance.items()}])

    def summary(self):
        """The print at length: further digits, missing values by column, how the answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education", sy.datasets.load("swiss_1888"))
        >>> "Education" in str(fit.summary())
        True
        """
        told = _provenance.pieces_of({**self.provenance, "cluster": self._model.cluster_name})
        return Summary(_fit_print.fit_document(*self._parts(MORE)) + ["", *told])

    def _document(self):
        return _fit_print.fit_document(*self._parts())

    def contrasts(self, c, level=None):
        """Linear combinations of the coefficients and their joint test.

        Parameters
        ----------
        c : array (q, p), or dict of name -> vector of p, or of dicts label -> number
        level : float, optional

        Returns
        -------
        DataFrame
            contrast, estimate, std_error, statistic, df, p_value, conf_low,
            conf_high; attributes f, f_df1, f_df2, f_p are the test of all
            together.

        Raises
        ------
        SteelyardError
            A coefficient that is not there or is aliased.

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education + Catholic", sy.datasets.load("swiss_1888"))
        >>> found = fit.contrasts({"sum": {"Education": 1, "Catholic": 1}})
        >>> found[["contrast", "estimate", "std_error"]].round(4).values.tolist()
        [['sum', -0.6774, 0.1371]]
        """
        names, matrix = _matrix(c, self._model.labels)
        level = self._level(level)
        table, joint, remarks = self._model.combine(matrix, level)
        frame = pd.DataFrame(table.T, columns=TESTS)
        frame.insert(0, "contrast", names)
        return Contrasts.of(frame, _fit_print.contrasts_document(self._model, frame, joint, level), joint, remarks)


def place_of(label, argument, labels):
    if label in labels:
        return labels.index(label)
    return _core.find(argument, str(label), tuple(labels))


def _vector(row, labels):
    """A combination as p numbers."""
    if isinstance(row, (dict, pd.Series)):
        vector = np.zeros(len(labels))
        for label, value in row.items():
            vector[place_of(label, "c", labels)] += real("c", value)
        return vector
    vector = np.asarray(row, dtype=np.float64)
    if vector.ndim != 1 or len(vector) != len(labels):
        raise SteelyardError(f"c: {np.size(vector)} columns were given for {len(labels)} coefficients")
    return vector


def _matrix(c, labels):
    """(names, matrix [q, p]) of contrasts however they were written."""
    if isinstance(c, pd.DataFrame):
        return [str(name) for name in c.index], np.array([_vector(row, labels) for _, row in c.iterrows()])
    if isinstance(c, dict):
        names, rows = [str(name) for name in c], list(c.values())
    else:
        try:
            rows = list(np.atleast_2d(np.asarray(c, dtype=np.float64)))
        except (TypeError, ValueError):
            raise SteelyardError("c: a matrix of numbers or a dict of combinations is needed") from None
        names = [f"c{i + 1}" for i in range(len(rows))]
    if not rows:
        raise SteelyardError("c: at least one combination is needed")
    matrix = np.array([_vector(row, labels) for row in rows])
    if not np.isfinite(matrix).all():
        raise SteelyardError("c: a combination holds a value that is not finite")
    return names, matrix
