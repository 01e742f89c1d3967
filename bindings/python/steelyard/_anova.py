# SPDX-License-Identifier: GPL-3.0-only
"""Tables of variance, marginal means, groups."""
import numpy as np
import pandas as pd

from . import _anova_print, _columns, _core, _terms
from ._columns import Frame
from ._design import Design
from ._document import Shown
from ._errors import SteelyardError, warn_of
from ._fit_model import COVARIANCES
from ._options import MISSING, choice, real, weight_number
from ._progress import Progress
from ._tables import Anova, Components, Means, Pairs

_TYPES = {1: 1, 2: 2, 3: 3, "1": 1, "2": 2, "3": 3, "I": 1, "II": 2, "III": 3}
_ADJUSTMENTS = {"none": 0, "bonferroni": 1, "sidak": 2, "holm": 3, "hochberg": 4, "bh": 5, "by": 6, "tukey": 7}
_ROW = ("df", "sumsq", "meansq", "statistic", "p_value", "eta_squared", "partial_eta_squared", "conf_low",
        "conf_high", "omega_squared", "partial_omega_squared", "epsilon_squared", "partial_epsilon_squared",
        "cohens_f")
_WHOLE = ("n", "rank", "rows_used", "rows_dropped", "tss", "df", "sumsq", "statistic", "p_value", "r2", "rss",
          "df_resid", "sigma")
_WALD = ("df", "df_resid", "statistic", "p_value")
_NESTED = ("df", "sumsq", "meansq", "raw", "variance", "share", "size")
_ONEWAY = ("classical", "welch", "brown_forsythe")
_CODING_SUM = 1


def type_number(kind):
    """1, 2 or 3 of a type as it was written."""
    if isinstance(kind, bool) or not isinstance(kind, (int, str)) or kind not in _TYPES:
        raise SteelyardError(f"type: {kind} is not one of 1, 2, 3")
    return _TYPES[kind]


def anova(model, kind, covariance, level):
    """The table of sums of squares, or of Wald tests."""
    number = type_number(kind)
    covariance = model.rules["covariance"] if covariance is None else choice("covariance", covariance, COVARIANCES)
    if covariance == "classical":
        return _sums_of_squares(model, number, level)
    if number == 1:
        raise SteelyardError(f'type: sums of squares in order do not exist with covariance = "{covariance}"; ask for '
                             'type 2 or 3, or covariance = "classical"')
    if covariance.startswith("CR") and model.cluster_name is None:
        raise SteelyardError(f'covariance: "{covariance}" needs clusters; name them in cluster')
    return _wald(model, number, covariance)


def _sums_of_squares(model, number, level):
    table = np.full((len(model.terms) + 1, len(_ROW)), np.nan)
    with Progress(f"analysis of variance of {model.outcome}") as progress:
        whole, remarks = _core.anova(model.design, model.tuple, number, level, table, model.rules["threads"], progress)
    frame = pd.DataFrame(table, columns=_ROW)
    frame.insert(0, "term", model.terms + ["Residuals"])
    return Anova.of(frame, _anova_print.sums_document(model, frame, number, level, remarks), remarks,
                    dict(zip(_WHOLE, whole)))


def _wald(model, number, covariance):
    coding = _CODING_SUM if number == 3 else model.rules["coding"]
    coded, v, df, remarks = model.with_covariance(covariance, coding)
    table = np.full((len(model.terms), len(_WALD)), np.nan)
    more = _core.anova_wald(coded.design, coded.tuple, number, (coded.coefficient, v, df, table))
    frame = pd.DataFrame(table, columns=_WALD)
    frame.insert(0, "term", model.terms)
    remarks = tuple(dict.fromkeys(remarks + more))
    return Anova.of(frame, _anova_print.wald_document(model, frame, number, covariance, remarks), remarks)


def _factor_places(model, factors):
    """Indices of the design's columns that the named factors are."""
    columns = model.design[0]
    known = {columns[place][0]: place for t in model.tuple[1] for place, _ in model.design[1][t][1]}
    texts = [factors] if isinstance(factors, str) else factors
    if not texts or not hasattr(texts, "__iter__"):
        raise SteelyardError("factors: name at least one factor of the model")
    places = []
    for text in texts:
        for term in [_terms.column_term(text)] if text in known else _terms.parse(text, "factors", known):
            for factor in term.factors:
                _place_of(factor.source, known, columns, places)
    return tuple(places)


def _place_of(source, known, columns, places):
    name = source[7:-1] if source.startswith("factor(") else source
    if name not in known:
        _core.find("factors", name, tuple(name for name, place in known.items() if columns[place][2] is not None))
    if columns[known[name]][2] is None:
        raise SteelyardError(f"factors: {name} is not a factor")
    if known[name] not in places:
        places.append(known[name])


def _marginal(model, places, level):
    """(labels, table [5, m], covariance [m, m], remarks)."""
    labels = _core.means_labels(model.design, model.tuple, places)
    m = len(labels)
    table, covariance, combination = np.full((5, m), np.nan), np.full((m, m), np.nan), np.full((m, model.p), np.nan)
    remarks = _core.means(model.design, model.tuple, places, level,
                          (model.coefficient, model.covariance, model.df, table, covariance, combination))
    return labels, table, covariance, remarks


def _split(model, places, count):
    """The levels of each factor by row, the first varying fastest."""
    columns, every = {}, 1
    for place in places:
        name, _, levels, _ = model.design[0][place]
        used = [levels[code] for code in model.levels_used(place)]
        columns[name] = [used[(i // every) % len(used)] for i in range(count)]
        every *= len(used)
    return columns


def means(model, factors, level):
    """Estimated marginal means as a table."""
    places = _factor_places(model, factors)
    labels, table, _, remarks = _marginal(model, places, level)
    frame = pd.DataFrame({**_split(model, places, len(labels)), **dict(zip(
        ("estimate", "std_error", "df", "conf_low", "conf_high"), table))})
    return Means.of(frame, _anova_print.means_document(model, frame, len(places), level, remarks), remarks)


def pairwise(model, factors, adjust, level):
    """Differences of the means, pair by pair."""
    method = _ADJUSTMENTS[choice("adjust", adjust, _ADJUSTMENTS)]
    labels, means_table, covariance, remarks = _marginal(model, _factor_places(model, factors), level)
    m = len(labels)
    table = np.full((8, m * (m - 1) // 2), np.nan)
    pairs, more = _core.pairwise(means_table[0].copy(), covariance, means_table[2].copy(), method, level, table)
    frame = pd.DataFrame(table.T, columns=("estimate", "std_error", "statistic", "df", "p_value", "adj_p_value",
                                           "conf_low", "conf_high"))
    frame.insert(0, "contrast", [f"{labels[i]} - {labels[j]}" for i, j in pairs])
    remarks = tuple(dict.fromkeys(remarks + more))
    factors = ", ".join(model.design[0][place][0] for place in _factor_places(model, factors))
    return Pairs.of(frame, _anova_print.pairs_document(model, frame, factors, adjust, level, remarks), remarks)


class OneWay(Shown):
    """Means of groups and tests of their equality.

    Attributes
    ----------
    groups : DataFrame
        The group (under its own name), n, mean, sd.
    tests : DataFrame
        test ("classical", "welch", "brown_forsythe"), statistic, df1, df2,
        p_value.
    icc1, icc1_low, icc1_high : float
        Intraclass correlation, with limits.
    n0 : float
        The group size it rests on.
    remarks : tuple
    """

    def __init__(self, outcome, name, groups, values, level, remarks):
        self.outcome, self.group, self.level, self.remarks = outcome, name, level, remarks
        self.groups, self.n = groups, values[0]
        tests = np.array(values[2:14]).reshape(3, 4)
        self.tests = pd.DataFrame(tests, columns=["statistic", "df1", "df2", "p_value"])
        self.tests.insert(0, "test", _ONEWAY)
        self.icc1, self.icc1_low, self.icc1_high, self.n0 = values[14:18]

    def to_frame(self):
        """As ``groups``.

        Returns
        -------
        DataFrame
            As ``groups``: one row a group.

        Examples
        --------
        >>> one = sy.oneway(sy.datasets.load("high_school_beyond_1982"), "mathematics", "sector")
        >>> one.to_frame().shape[0]
        2
        """
        return self.groups.copy()

    def _document(self):
        return _anova_print.oneway_document(self)


def _gathered(frame, outcome, groups, weights, weight_kind, missing):
    """(finished design, index of the outcome's term, indices of the groups' columns)."""
    design = Design(frame)
    terms = _terms.parse_list(outcome, "outcome", frame)
    if len(terms) != 1:
        raise SteelyardError("outcome: one outcome is needed")
    place = design.add(terms[0], "outcome")
    indices = []
    for name in groups:
        term = _terms.Term(f"factor({name})", (_terms.Factor("factor", name),))
        design.add(term, "group")
        indices.append(design._places["factor", name])
    kind = weight_number(weights, weight_kind)
    rule = MISSING[choice("missing", missing, MISSING)]
    return design.finish(weights, kind, None, rule), place, tuple(indices)


def oneway(data, outcome, group, weights=None, weight_kind=None, level=0.95, missing="complete"):
    """Are the means of the groups equal, with or without equal variances?

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    outcome : str
        A numeric term.
    group : str
        A column; it is made a factor.
    weights, weight_kind : optional
        Frequency weights.
    level : float
        Of the limits of the intraclass correlation.
    missing : {"complete", "error"}

    Returns
    -------
    OneWay
        Classical F, Welch [1]_, Brown-Forsythe [2]_, and ICC(1) with limits.

    Raises
    ------
    SteelyardError
        No such column, an outcome or weights that are no numbers, one group only.
    DataError
        No row is complete.

    References
    ----------
    .. [1] Welch 1951, doi:10.1093/biomet/38.3-4.330
    .. [2] Brown & Forsythe 1974, doi:10.1080/00401706.1974.10489158

    Examples
    --------
    >>> one = sy.oneway(sy.datasets.load("high_school_beyond_1982"), "mathematics", "sector")
    >>> one.tests[["test", "statistic"]].round(1).values.tolist()
    [['classical', 311.9], ['welch', 312.8], ['brown_forsythe', 312.8]]
    """
    frame = Frame(data)
    frame.values(group, "group")
    design, place, (column,) = _gathered(frame, outcome, [group], weights, weight_kind, missing)
    levels = design[0][column][2]
    counts = tuple(np.full(len(levels), np.nan) for _ in range(3))
    values, remarks = _core.oneway(design, design[1][place][1][0][0], column, real("level", level), counts)
    warn_of(remarks)
    groups = pd.DataFrame({group: levels, **dict(zip(("n", "mean", "sd"), counts))})
    return OneWay(design[1][place][0], group, groups, values, level, remarks)


def variance_components(data, outcome, groups, missing="complete"):
    """Variance of nested groups by the analysis of variance method.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    outcome : str
        A numeric term.
    groups : str or list of str
        Columns from the outermost in, such as ``["region", "council"]``.
    missing : {"complete", "error"}

    Returns
    -------
    DataFrame
        group, df, sumsq, meansq, variance (a negative one is shown as 0),
        share of their sum, raw (as estimated); the last row Residuals.

    Raises
    ------
    SteelyardError
        No such column, an outcome that is no number, groups that are not nested.
    DataError
        No row is complete.

    References
    ----------
    Searle, Casella & McCulloch 1992, ISBN 978-0-470-00959-8, chapter 5.

    Examples
    --------
    >>> found = sy.variance_components(sy.datasets.load("high_school_beyond_1982"), "mathematics", "school")
    >>> list(found.columns)
    ['group', 'df', 'sumsq', 'meansq', 'variance', 'share', 'raw']
    """
    frame = Frame(data)
    names = [groups] if isinstance(groups, str) else list(groups)
    if not names:
        raise SteelyardError("groups: name at least one column")
    for name in names:
        frame.values(name, "groups")
    design, place, columns = _gathered(frame, outcome, names, None, None, missing)
    table = np.full((len(names) + 1, len(_NESTED)), np.nan)
    remarks = _core.nested(design, design[1][place][1][0][0], columns, table)
    warn_of(remarks)
    values = pd.DataFrame(table, columns=_NESTED)
    values.insert(0, "group", names + ["Residuals"])
    values = values[["group", "df", "sumsq", "meansq", "variance", "share", "raw"]]
    n = values["df"].sum() + 1
    label = design[1][place][0]
    return Components.of(values, _anova_print.components_document(label, names, values, n, remarks), remarks)
