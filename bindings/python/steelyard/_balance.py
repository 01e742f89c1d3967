# SPDX-License-Identifier: GPL-3.0-only
"""Groups that people came to by choice made alike in what is known of them."""
import numpy as np

from . import _balance_result, _columns, _core, _terms
from ._columns import Frame
from ._design import Design
from ._errors import SteelyardError, warn_of
from ._fit_request import check_level, index_of
from ._options import MISSING, choice, real, thread_count, weight_number
from ._progress import Progress

ESTIMANDS = {"ATE": 0, "ATT": 1, "overlap": 2}
METHODS = {"propensity": 0, "entropy": 1}
LINKS = {"logit": 0, "probit": 1, "cloglog": 2}
CLUSTERS = {"none": 0, "fixed": 1, "random": 2}
REGRESSIONS = {"auto": 0, "linear": 1, "binary": 2}
INTERVALS = {"auto": 0, "influence": 1, "jackknife": 2, "none": 3}
BINS = 20


def balance(data, treatment, covariates, outcome=None, estimand="ATE", method="propensity", link="logit", treated=None,
            clusters="none", trim=None, outcome_type="auto", weights=None, weight_kind=None, cluster=None, strata=None,
            interval="auto", level=0.95, missing="complete", threads=None):
    """Two groups weighted to be alike in the covariates, and the difference that remains.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    treatment : str
        A column with two levels in use.
    covariates : str or list of str
        Terms: ``"age + C(region) + I(age**2)"`` or a list of such.
    outcome : str or list of str, optional
        Numbers (0 and 1 too). Without: weights and balance alone.
    estimand : {"ATE", "ATT", "overlap"}
        Whom the difference is of: everybody, the treated, or those who could
        be in either group (weights score (1 - score)) [1]_.
    method : {"propensity", "entropy"}
        Weights from a propensity score [2]_, or the weights nearest to equal
        ones that meet the covariates' means exactly [3]_ (ATE and ATT).
    link : {"logit", "probit", "cloglog"}
        Of the score.
    treated : optional
        The level of `treatment` that is the treated one; default the second
        in order (1, True).
    clusters : {"none", "fixed", "random"}
        What the score knows of `cluster`: nothing, a column each (in the
        outcome regressions too), or a random intercept [4]_. Random effects
        are shrunk: some of the clusters' confounding is left.
    trim : float, optional
        Leave out rows with a score outside trim to 1 - trim (ATT: above
        1 - trim) and fit again [5]_.
    outcome_type : {"auto", "linear", "binary"}
        The outcome's regression in each group: a logit for 0 and 1, else
        linear.
    weights : str or vector, optional
    weight_kind : {"frequency", "sampling"}
        Needed with weights; sampling weights multiply into those found here.
    cluster, strata : str or vector, optional
        Standard errors are of whole clusters, in strata.
    interval : {"auto", "influence", "jackknife", "none"}
        Influence: stacked estimating equations, so that score and regressions
        count as estimated [6]_. Jackknife: everything again without each
        cluster (or row). Auto: the jackknife below 50 of them or with cluster
        effects, none below 6 clusters. Always t, with units less strata degrees of freedom.
    level : float
    missing : {"complete", "error"}
    threads : int, optional

    Returns
    -------
    Balance
        ``table``, ``weights`` and ``propensity`` (by row of the data, NaN
        where not used), ``estimates``, ``overlap``, ``remarks``,
        ``assumptions``; ``plot("love")``, ``plot("overlap")``. ``weights`` go
        into :func:`shares` with ``weight_kind="sampling"`` (rows without one left
        out, or given 0): in each group they add to what its weights added to
        before.

    Raises
    ------
    SteelyardError
        An unknown column or word, a treatment among the covariates, analytic
        weights.
    DataError
        A treatment without two levels in use; a covariate, or a level, that
        tells the groups apart without error (named); means that no weights
        can meet (the covariate that stands out is named).

    Notes
    -----
    Standardised differences are over the standard deviation before weighting:
    pooled, or of the treated for ATT; of 0 and 1 it is sqrt(p (1 - p)).
    "aipw" adds to the weighted difference what regressions in each group
    expect [7]_, with normalised weights; for overlap as in [8]_; for ATT the
    regressions are averaged over the treated. It is right when either the
    score or the regressions are.

    References
    ----------
    .. [1] Li, Morgan & Zaslavsky 2018, doi:10.1080/01621459.2016.1260466
    .. [2] Rosenbaum & Rubin 1983, doi:10.1093/biomet/70.1.41
    .. [3] Hainmueller 2012, doi:10.1093/pan/mpr025
    .. [4] Li, Zaslavsky & Landrum 2013, doi:10.1002/sim.5786
    .. [5] Crump, Hotz, Imbens & Mitnik 2009, doi:10.1093/biomet/asn055
    .. [6] Lunceford & Davidian 2004, doi:10.1002/sim.1903
    .. [7] Robins, Rotnitzky & Zhao 1994, doi:10.1080/01621459.1994.10476818
    .. [8] Mao, Li & Greene 2019, doi:10.1177/0962280218781171

    Examples
    --------
    >>> wages = sy.datasets.load("chicago_wages")
    >>> b = sy.balance(wages, "foreign_born", "age + female", outcome="log_wage", estimand="overlap")
    >>> b.estimates[["method", "estimate", "conf_low", "conf_high"]].round(3).values.tolist()
    [['unadjusted', -0.143, -0.224, -0.063], ['weighting', -0.23, -0.311, -0.149], ['aipw', -0.225, -0.306, -0.144]]
    >>> weighted = wages.assign(w=b.weights.fillna(0))
    >>> s = sy.shares(weighted, "log_wage", ["age", "female"], weights="w", weight_kind="sampling")
    >>> s.blocks["share"].round(4).tolist()
    [0.0552, 0.0412]
    """
    asked = _words(estimand, method, link, clusters, outcome_type, interval)
    frame, level = Frame(data), check_level(level)
    kind, rule = weight_number(weights, weight_kind), MISSING[choice("missing", missing, MISSING)]
    design = Design(frame)
    levels, of = _treatment(design, treatment, treated)
    lists = [tuple(design.add(term, name) for term in _terms.parse_list(given, name, frame)) if given is not None else ()
             for name, given in (("covariates", covariates), ("outcome", outcome))]
    labels = [design.labels[place] for place in lists[1]]
    question = (0, of, *lists, *asked[:4], np.nan if trim is None else real("trim", trim), *asked[4:], level)
    finished = design.finish(weights, kind, cluster, rule, strata)
    names = _core.balance_rows(finished, question)
    arrays = _arrays(frame.n, len(names), len(labels))
    with Progress("balance") as progress:
        summary, remarks, assumptions = _core.balance(finished, question, str(treatment), len(names), arrays,
                                                      thread_count(threads), progress)
    warn_of(remarks, stacklevel=3)
    rules = {"estimand": estimand, "method": method, "link": link, "clusters": clusters, "trim": trim,
             "level": level, "weight_kind": weight_kind, "weighted": weights is not None,
             "cluster": None if cluster is None else finished[4][0], "strata": None if strata is None else finished[6][0],
             "treatment": str(treatment), "levels": levels, "index": index_of(frame)}
    return _balance_result.Balance(rules, names, labels, arrays, summary, remarks, assumptions)


def _words(estimand, method, link, clusters, outcome_type, interval):
    """The core's numbers of the words."""
    interval = "none" if interval is None else interval
    asked = (("estimand", estimand, ESTIMANDS), ("method", method, METHODS), ("link", link, LINKS),
             ("clusters", clusters, CLUSTERS), ("outcome_type", outcome_type, REGRESSIONS),
             ("interval", interval, INTERVALS))
    return [allowed[choice(name, given, allowed)] for name, given, allowed in asked]


def _treatment(design, name, treated):
    """Puts the treatment as a factor at place 0; its levels, and which is the treated one (-1: the second in use)."""
    if not isinstance(name, str):
        raise SteelyardError("treatment: the name of a column is needed")
    codes, levels = _columns.factor(design.frame.values(name, "treatment"))
    design.put(_terms.column_term(name), (name, codes, levels, 0))
    return levels, -1 if treated is None else _core.find("treated", _columns.level_text(treated), levels)


def _arrays(n, rows, outcomes):
    return (np.full(n, np.nan), np.full(n, np.nan), np.full((rows, 16), np.nan), np.full((3 * outcomes, 9), np.nan),
            np.full((4, BINS), np.nan))
