# SPDX-License-Identifier: GPL-3.0-only
"""The question of weigh() and specification_curve(): names found, terms read, one design of everything."""
import numpy as np
import pandas as pd

from . import _columns, _core, _population, _terms
from ._columns import is_factor
from ._design import Design
from ._errors import SteelyardError
from ._options import choice, several
from ._orders import ABSORBED, clusters_named, take_clusters
from ._outcomes import BINARY, ORDINAL, put_outcome

NUMBER, TWO_ANSWERS, ORDERED = range(3)
TYPES = {"number": NUMBER, "binary": TWO_ANSWERS, "ordinal": ORDERED}
NEED = "need"


def place_of(argument, name, names):
    """Where a block of that name stands; the error names the nearest."""
    return names.index(name) if isinstance(name, str) and name in names else _core.find(argument, str(name), tuple(names))


def need_of(need, names, taken):
    """Places of the need blocks: those named, else the block called need where there is one."""
    if need is None:
        return (names.index(NEED),) if NEED in names and names.index(NEED) not in taken else ()
    return tuple(place_of("need", name, names) for name in several("need", need))


class Request:
    """One design that holds every term, and where each stands.

    Parameters
    ----------
    frame : Frame
    """

    def __init__(self, frame):
        self.frame, self.design = frame, Design(frame)
        self._sides = []

    def outcomes(self, given, types):
        """(places, types) of the outcomes."""
        terms = _terms.parse_list(given, "outcomes", self.frame)
        if not terms:
            raise SteelyardError("outcomes: name at least one outcome")
        kinds = [self._type_of(term, types) for term in terms]
        return tuple(self._outcome(term, kind) for term, kind in zip(terms, kinds)), tuple(kinds)

    def _type_of(self, term, types):
        asked = types.get(term.label, "auto") if isinstance(types, dict) else types
        choice("outcome_type", asked, ["auto", *TYPES])
        if asked != "auto":
            return TYPES[asked]
        values = self.design.values(term.factors[0], "outcomes")
        if not is_factor(values):
            return NUMBER if getattr(values, "dtype", None) != bool else TWO_ANSWERS
        levels = len(values.cat.remove_unused_categories().cat.categories)
        return TWO_ANSWERS if levels == 2 else ORDERED

    def _outcome(self, term, kind):
        if kind != NUMBER:
            return put_outcome(self.design, term, BINARY if kind == TWO_ANSWERS else ORDINAL)
        values = self.design.values(term.factors[0], "outcomes")
        if not (isinstance(getattr(values, "dtype", None), pd.CategoricalDtype) and values.cat.ordered):
            return self.design.add(term, "outcomes")
        codes, _ = _columns.categories(values, keep_unused=False)
        scores = np.where(codes < 0, np.nan, codes + 1.0)  # answers as numbers: 1 for the lowest
        return self.design.put(term, (term.label, scores, None, 0))

    def blocks(self, given, argument="blocks"):
        """((name, (place, ...)), ...)"""
        return tuple((name, tuple(self.design.add(term, argument) for term in terms))
                     for name, terms in _terms.parse_blocks(given, self.frame))

    def adjust(self, given, cluster):
        """Places of adjusting terms; the factor of the clusters is their means."""
        terms = [] if given is None else _terms.parse_list(given, "adjust", self.frame)
        absorbed, terms = take_clusters(terms, clusters_named(cluster, self.frame),
                                        lambda name: is_factor(self.frame.values(name, "adjust")))
        places = tuple(self.design.add(term, "adjust") for term in terms)
        return (ABSORBED, *places) if absorbed else places

    def sources(self, given, blocks, one_source):
        """(sources as blocks, ((block or -1, from the outcomes' questionnaire), ...))."""
        if given is None:
            return (), ()
        if not isinstance(given, dict) or not given:
            raise SteelyardError('process_sources: a dict is needed, such as {"users": "easy_information"}')
        names = [name for name, _ in blocks]
        if not isinstance(one_source, (bool, np.bool_)):
            wanted = several("one_source", one_source)
            for name in wanted:
                place_of("one_source", name, [str(source) for source in given])
        sources, rules = [], []
        for name, text in given.items():
            block = names.index(text) if isinstance(text, str) and text in names and text not in self.frame else -1
            terms = () if block >= 0 else tuple(
                self.design.add(term, "process_sources")
                for term in _terms.parse_list(text, "process_sources", self.frame))
            same = [i for i, (_, own) in enumerate(blocks) if set(own) == set(terms)]
            block = same[0] if block < 0 and same else block
            told = bool(one_source) if isinstance(one_source, (bool, np.bool_)) else name in wanted
            sources.append((str(name), () if block >= 0 else terms))
            rules.append((block, int(told)))
        return tuple(sources), tuple(rules)

    def side(self, column):
        """A column beside the terms: how many there were before it."""
        self._sides.append(column)
        return len(self._sides) - 1

    def factor(self, given, argument):
        """The place of a factor beside the terms; None for nothing."""
        if given is None:
            return None
        name, values = self.design.side(given, argument)
        return self.side((name, *_columns.factor(values), 0))

    def label(self, given):
        """Names of rows: a column, a vector, or the index of a data frame that has names."""
        if given is not None:
            return self.factor(given, "label")
        data = self.frame._data
        if not isinstance(data, pd.DataFrame) or pd.api.types.is_numeric_dtype(data.index.dtype):
            return None
        return self.side(("rows", *_columns.factor(pd.Series(data.index)), 0))

    def margins(self, population):
        """[(place, shares by level)] of a population."""
        if population is None:
            return []
        if not isinstance(population, dict) or not population:
            raise SteelyardError('population: a dict is needed, such as {"payment_type": {"direct_payment": 0.24}}')
        margins = []
        for name, given in population.items():
            codes, levels = _columns.factor(self.frame.values(name, "population"))
            margins.append((self.side((str(name), codes, levels, 0)), _population._stated(name, given, levels)))
        return margins

    def finish(self, weights, kind, cluster, strata):
        """(design, at): the design with its sides at the end; at(place) is a side's column, -1 for None."""
        whole = self.design.finish(weights, kind, cluster, 0, strata)
        first = len(whole[0])
        return (whole[0] + tuple(self._sides), *whole[1:]), lambda place: -1 if place is None else first + place
