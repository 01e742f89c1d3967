# SPDX-License-Identifier: GPL-3.0-only
"""The drawing of reliabilities. matplotlib is needed here only."""
from ._dot_plot import dot_chart
from ._house_style import styled
from ._print import level_text


@styled
def draw(table, level, ax):
    """A dot with its limits a scale and kind, on the axis from 0 to 1."""
    several = table["scale"].nunique() > 1
    names = table["scale"] + ": " + table["kind"] if several else table["kind"]
    frame = table.assign(name=names)
    frame = frame[frame["estimate"].notna()]
    words = ("Reliability" if several else f"Reliability of {table['scale'].iloc[0]}",
             f"reliability, with {level_text(level)} limits; 1 is without error", "")
    axis = dot_chart(frame, ax, words, zero=False)
    low = min(0.0, frame[["estimate", "conf_low"]].min().min())
    axis.set_xlim(low - 0.02, 1.02)
    return axis
