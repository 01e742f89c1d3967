# SPDX-License-Identifier: GPL-3.0-only
"""The parts of a mediation with their limits."""
from ._plot import _pyplot
from ._print import level_text

_COLOURS = {"total": "#222222", "direct": "#b5651d"}


def draw(m, ax=None):
    """Dots and whiskers; several answers side by side in one panel, by shade."""
    pyplot = _pyplot()
    frame = m.effects[m.effects["part"] != "without mediators"]
    answers, parts = m._answers, [part for part in m.parts if part != "without mediators"]
    height = max(1, len(answers))
    if ax is None:
        _, ax = pyplot.subplots(figsize=(7, 1.2 + 0.45 * len(parts) * (0.6 + 0.4 * height)), layout="constrained")
    for k, answer in enumerate(answers):
        own = frame if answer is None else frame[frame["answer"] == answer]
        shift = 0 if height == 1 else 0.7 * (k / (height - 1) - 0.5)
        colour = [_COLOURS.get(part, "#33608c") for part in own["part"]] if answer is None else [f"C{k}"] * len(own)
        for place, row in enumerate(own.itertuples()):
            ax.plot([row.conf_low, row.conf_high], [place + shift] * 2, color=colour[place], lw=2,
                    solid_capstyle="butt")
            ax.plot(row.estimate, place + shift, "o", color=colour[place], ms=6,
                    label=str(answer) if answer is not None and place == 0 else None)
    ax.axvline(0, color="0.7", lw=0.8, zorder=0)
    ax.set_yticks(range(len(parts)), parts)
    ax.set_ylim(len(parts) - 0.4, -0.6)
    start, end = m.contrast
    ax.set_title(f"{m._asked['treatment']}: {start} to {end}", loc="left", fontsize=11)
    limits = "" if m._asked["interval"] == "none" else f", with {level_text(m._asked['level'])} limits"
    what = m._asked["outcome"] if m._asked["kind"] == "linear" else f"share, {m._asked['outcome']}"
    ax.set_xlabel(f"difference in {what}{limits}")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    if height > 1:
        ax.legend(title=m._asked["outcome"], frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return ax
