# SPDX-License-Identifier: GPL-3.0-only
"""F tests of the terms of a linear mixed model."""
import pandas as pd

from . import _mixed_print
from ._anova import type_number
from ._errors import SteelyardError
from ._mixed_model import FREEDOMS
from ._options import choice, with_article
from ._tables import Anova

_COLUMNS = ("sumsq", "meansq", "df", "df_resid", "statistic", "p_value")


def anova(model, kind, df):
    """The table of a type, by a kind of degrees of freedom."""
    kind = type_number(kind)
    if not model.linear:
        raise SteelyardError(f"anova: F tests are for linear models; this is {with_article(model.called)}: test its "
                             "coefficients by contrasts()")
    df = model.rules["df"] if df is None else choice("df", df, FREEDOMS)
    if df == "kenward-roger" and not model.rules["reml"]:
        raise SteelyardError('df: "kenward-roger" rests on restricted maximum likelihood; fit with reml = True')
    rows, remarks = model.anova(kind, df)
    frame = pd.DataFrame(list(rows), columns=_COLUMNS)
    frame.insert(0, "term", model.terms)
    return Anova.of(frame, _mixed_print.anova_document(model, frame, kind, df, remarks), remarks)
