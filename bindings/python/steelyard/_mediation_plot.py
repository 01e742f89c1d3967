# SPDX-License-Identifier: GPL-3.0-only
"""The parts of a mediation with their limits. matplotlib is needed here only."""
from ._dot_plot import WIDE, finish
from ._house_style import FUNDING, OTHER, PROCESS, Rows, Sheet, dress, name_rows, row_dots, series, styled
from ._plot import draw_series
from ._print import level_text

_LOOKS = {"total": OTHER, "direct": FUNDING}
_CAUTION = "Effects only as far as the printed assumptions hold."


@styled
def draw(m, ax=None):
    """A row a part; several answers inside each row."""
    frame = m.effects[m.effects["part"] != "without mediators"]
    parts, answers = [part for part in m.parts if part != "without mediators"], m._answers
    rows = Rows(parts, least=0.1 + 0.13 * len(answers))
    sheet = Sheet.one(ax, WIDE, rows.height)
    axis = sheet.axes[0]
    numbers = ["estimate", "conf_low", "conf_high"]
    if answers == [None]:
        dress(axis)
        row_dots(axis, *frame[numbers].to_numpy().T, [_LOOKS.get(part, PROCESS) for part in frame["part"]])
    else:
        draw_series(axis, [f"{m._asked['outcome']} = {answer}" for answer in answers],
                    [series(place) for place in range(len(answers))],
                    [frame.loc[frame["answer"] == answer, numbers].itertuples(index=False) for answer in answers])
    name_rows(axis, rows, None if sheet.own else sheet.height())
    start, end = m.contrast
    limits = "" if m._asked["interval"] == "none" else f", with {level_text(m._asked['level'])} limits"
    what = m._asked["outcome"] if m._asked["kind"] == "linear" else f"probability, {m._asked['outcome']}"
    finish(sheet, axis, (f"{m._asked['treatment']}: {start} to {end}", f"difference in {what}{limits}", _CAUTION),
           legend=answers != [None])
    return axis
