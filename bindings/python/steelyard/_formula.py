# SPDX-License-Identifier: GPL-3.0-only
"""Two-sided formulas: an outcome, a tilde, terms; with `- 1` for no intercept."""
import ast
from typing import NamedTuple

from . import _terms
from ._errors import SteelyardError


class Formula(NamedTuple):
    """What a formula says, in host-neutral labels."""

    outcome: _terms.Term
    terms: tuple
    intercept: bool

    @property
    def text(self):
        labels = [term.label for term in self.terms] or (["1"] if self.intercept else [])
        return f"{self.outcome.label} ~ {' + '.join(labels)}{'' if self.intercept else ' - 1'}"


def parse(text, known, factor_outcome=False):
    """The formula in a string; `known` holds the columns of the data.

    Main effects come before products, each term once, as in R. With
    `factor_outcome` the outcome may be C(y).
    """
    if not isinstance(text, str):
        raise SteelyardError(f"formula: {text!r} is not a text such as \"y ~ a + b\"")
    left, tilde, right = text.partition("~")
    if not tilde or not left.strip():
        raise SteelyardError(f'formula: "{text}" has no outcome; write outcome ~ terms')
    if "~" in right:
        raise SteelyardError(f'formula: "{text}" has more than one ~')
    outcome, (terms, intercept) = _outcome(left.strip(), known, factor_outcome), right_side(right.strip(), text, known)
    if outcome.label in (term.label for term in terms):
        raise SteelyardError(f"formula: {outcome.label} is both the outcome and a term")
    return Formula(outcome, terms, intercept)


def _outcome(text, known, factor_outcome):
    one_column = SteelyardError("formula: the outcome must be one numeric column")
    if text in known:
        return _terms.column_term(text)
    products, _ = _products(text, known)
    if len(products) != 1 or len(products[0]) != 1:
        raise one_column
    term = _product(products[0], known)
    if term.factors[0].kind == "factor" and not factor_outcome:
        raise one_column
    return term


def right_side(text, whole, known):
    """(terms, intercept) of what stands right of the tilde; `whole` is the formula."""
    if not text:
        raise SteelyardError(f'formula: "{whole}" has no terms; write {whole.split("~")[0].strip()} ~ 1 for a mean')
    parts = [text] if text in known else [part.strip() for part in text.split("+")]
    if all(part in known or part.isidentifier() for part in parts):
        return tuple(_terms.column_term(part) for part in dict.fromkeys(parts)), True
    products, intercept = _products(text, known)
    terms = [_product(codes, known) for codes in sorted(products, key=len)]
    return tuple({term.label: term for term in terms}.values()), intercept


def _products(text, known):
    """The products of a side as lists of code, and whether 1 is among them."""
    from patsy import ModelDesc, PatsyError

    _terms.refuse_bars(text, "formula")
    try:
        described = ModelDesc.from_formula(f"~ {text}").rhs_termlist
    except PatsyError as error:
        reason = str(error).split("\n")[0]
        raise SteelyardError(f'formula: "{text}" cannot be read as terms: {reason}') from None
    products = [[factor.code for factor in term.factors] for term in described]
    return [product for product in products if product], [] in products


def _product(codes, known):
    for code in codes:
        call = _terms.syntax(code, "formula")
        name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None
        if name == "offset" and name not in known:
            raise SteelyardError("formula: offset() is not supported")
        if name in ("C", "factor") and (len(call.args) != 1 or call.keywords):
            raise SteelyardError(f'formula: "{code}": a factor is made of one column and nothing else; use '
                                 'coding = "sum"')
    return _terms.product(codes, "formula", known)
