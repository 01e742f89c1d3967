# SPDX-License-Identifier: GPL-3.0-only
"""Terms from strings: what the user types, and its host-neutral label.

A bare name is a column, `C(x)` a factor made of a column, `I(x**2)` a whole
power, `a:b` a product, any other call is computed by Python. Labels are the
same in R: `x`, `factor(x)`, `x^2`, `a:b` with the names sorted.
"""
import ast
import re
from typing import NamedTuple

from ._errors import SteelyardError

_HIGHEST_POWER = 15
_QUOTED_NAME = re.compile(r"""^Q\((['"])(.*)\1\)$""")


class Factor(NamedTuple):
    """One column of a product: `kind` says how `source` is read."""

    kind: str  # "column", "factor" (made a factor) or "call" (computed)
    source: str
    power: int = 1


class Term(NamedTuple):
    label: str
    factors: tuple


def column_term(name):
    """The term that is a column, or a label of moments, by its own name."""
    return Term(name, (Factor("column", name),))


def _column_of(node, known):
    """The column a syntax node names, by itself or within Q(), else None."""
    code = ast.unparse(node)
    if isinstance(node, ast.Name) or code in known:
        return code
    quoted = _QUOTED_NAME.match(code)
    return quoted.group(2) if quoted else None


def _called(node, *names):
    """The only argument of a call to one of the names, else None."""
    one = (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
           and len(node.args) == 1 and not node.keywords)
    return node.args[0] if one else None


def _power_of(node, known):
    """(column, power) of `x**2`, else None."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)):
        return None
    column, power = _column_of(node.left, known), node.right.value
    whole = isinstance(power, int) and not isinstance(power, bool) and 1 <= power <= _HIGHEST_POWER
    return (column, power) if column and whole else None


def syntax(code, argument):
    """The syntax tree of one piece of a formula."""
    try:
        return ast.parse(code, mode="eval").body
    except SyntaxError:
        raise SteelyardError(f'{argument}: "{code}" cannot be read as a term') from None


def _factor(code, argument, known):
    """(label, Factor) of one piece of a formula."""
    node = syntax(code, argument)
    column, inside = _column_of(node, known), _called(node, "C", "factor")
    if column is not None:
        return column, Factor("column", column)
    if inside is not None:
        made_of = _column_of(inside, known) or ast.unparse(inside).replace(" ", "")
        return f"factor({made_of})", Factor("factor", made_of)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("C", "factor"):
        raise SteelyardError(f'{argument}: "{code}": a factor is made of one column and nothing else; shares do not '
                             "depend on its contrasts")
    inside = _called(node, "I")
    power = _power_of(inside, known) if inside is not None else None
    if power:
        return (power[0] if power[1] == 1 else f"{power[0]}^{power[1]}"), Factor("column", *power)
    return code.replace(" ", ""), Factor("call", code)


def product(codes, argument, known):
    """The term that multiplies pieces of a formula."""
    pieces = sorted((_factor(code, argument, known) for code in codes), key=lambda piece: piece[0])
    return Term(":".join(label for label, _ in pieces), tuple(factor for _, factor in pieces))


def refuse_bars(text, argument):
    """An error where bar terms cannot stand: in blocks, in a model without groups."""
    if "|" in text:
        raise SteelyardError(f'{argument}: "{text.strip()}" holds a bar term; those belong in the formula of fit_mixed()')


def _by_patsy(text, argument, known):
    from patsy import ModelDesc, PatsyError

    refuse_bars(text, argument)
    terms = text.removeprefix("~")
    if "~" in terms:
        raise SteelyardError(f'{argument}: "{text}" has an outcome in it; write terms only')
    try:
        desc = ModelDesc.from_formula(f"~ {terms}")
    except PatsyError as error:
        reason = str(error).split("\n")[0]
        raise SteelyardError(f'{argument}: "{text}" cannot be read as terms: {reason}') from None
    products = [[factor.code for factor in term.factors] for term in desc.rhs_termlist]
    if [] not in products:
        raise SteelyardError(f"{argument}: the intercept cannot be removed; shares of R2 need it")
    # main effects before products, as R's terms() has them
    return [product(codes, argument, known) for codes in sorted(filter(None, products), key=len)]


def parse(text, argument, known):
    """The terms in a string, in order, each once.

    `known` holds names taken as they are: the columns of the data, or the
    labels of moments. Plain names and sums of names never reach patsy.
    """
    if not isinstance(text, str):
        raise SteelyardError(f"{argument}: names of columns or terms are needed, not {text!r}")
    text = text.strip()
    if text in known:
        return [column_term(text)]
    if not text:
        raise SteelyardError(f"{argument}: an empty text holds no term")
    parts = [part.strip() for part in text.split("+")]
    if all(part in known or part.isidentifier() for part in parts):
        return [column_term(part) for part in dict.fromkeys(parts)]
    terms = {term.label: term for term in _by_patsy(text, argument, known)}
    return list(terms.values())


def parse_list(texts, argument, known):
    """The terms of a string or of several, each label once."""
    if isinstance(texts, str):
        texts = [texts]
    if texts is None or isinstance(texts, (dict, bytes)) or not hasattr(texts, "__iter__"):
        raise SteelyardError(f"{argument}: {texts!r} is neither a text nor a list of texts")
    terms = {}
    for text in texts:
        for term in parse(text, argument, known):
            terms.setdefault(term.label, term)
    return list(terms.values())


def parse_blocks(blocks, known):
    """Pairs (name, terms). A string or a plain list: one block a term."""
    if not isinstance(blocks, dict):
        pairs = [(term.label, [term]) for term in parse_list(blocks, "blocks", known)]
    else:
        for place, name in enumerate(blocks, start=1):
            if name is None or name == "":
                raise SteelyardError(f"blocks: block {place} has no name; name all blocks or none")
        pairs = [(str(name), parse_list(texts, "blocks", known) if _filled(texts) else [])
                 for name, texts in blocks.items()]
    if not pairs:
        raise SteelyardError("blocks: at least one block is needed")
    for name, terms in pairs:
        if not terms:
            raise SteelyardError(f'blocks: block "{name}" holds no term')
    return pairs


def _filled(texts):
    empty = isinstance(texts, (str, list, tuple)) and not (texts.strip() if isinstance(texts, str) else texts)
    return not empty
