# SPDX-License-Identifier: GPL-3.0-only
"""What pictures of contours have in common: round levels, numbers and names that touch nothing."""
import numpy as np

from ._house_style import INK, LEADING, SMALL, SMALLEST, ZERO, spread, wrapped

_TRIES = 40  # places along a line at which its number may stand


def round_levels(surface, count, apart_from=None):
    """Round values over the surface, but for one that is drawn on its own."""
    from matplotlib.ticker import MaxNLocator

    low, high = float(np.ma.min(surface)), float(np.ma.max(surface))
    values = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    step = values[1] - values[0]
    return [v for v in values if low < v < high and (apart_from is None or abs(v - apart_from) > 0.3 * step)] or [
        (low + high) / 2]


def label_contours(axis, drawn, fmt="%.3g"):
    """A number on each line where it touches no other number, no name and no mark; else the line goes without."""
    figure = axis.figure
    figure.draw_without_rendering()
    renderer, around = figure.canvas.get_renderer(), axis.get_window_extent()
    marks = [axis.transData.transform(line.get_xydata()) for line in axis.lines if line.get_marker() not in ("None", None, "")]
    marks = np.concatenate(marks) if marks else np.empty((0, 2))
    taken = []
    for lines, colour in reversed(drawn):
        for level, paths in zip(lines.levels, lines.allsegs):
            for at in _candidates(axis, paths):
                text = axis.text(*axis.transData.inverted().transform(at), fmt % level, fontsize=SMALLEST + 0.5, color=colour,
                                 ha="center", va="center", zorder=3.5,
                                 bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})
                box = text.get_window_extent(renderer).padded(2)
                inside = around.x0 <= box.x0 and box.x1 <= around.x1 and around.y0 <= box.y0 and box.y1 <= around.y1
                covered = ((marks > (box.x0 - 2, box.y0 - 2)) & (marks < (box.x1 + 2, box.y1 + 2))).all(axis=1).any()
                if inside and not covered and not any(box.overlaps(other) for other in taken):
                    taken.append(box)
                    break
                text.remove()


def _candidates(axis, paths):
    """Pixels along the longest piece of a line, the middle first."""
    paths = [axis.transData.transform(path) for path in paths if len(path) > 3]
    if not paths:
        return []
    lengths = [np.hypot(*np.diff(path, axis=0).T).sum() for path in paths]
    path = paths[int(np.argmax(lengths))]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    parts = sorted(np.linspace(0.06, 0.94, _TRIES), key=lambda part: abs(part - 0.55))
    return [tuple(np.interp(part * along[-1], along, path[:, side]) for side in (0, 1)) for part in parts]


def names_beside(axis, ends, inches):
    """Names of points in a column at the right, a thin line to each; how many found room. ends: (name, x, y)."""
    if not ends:
        return 0
    texts = [wrapped(name) for name, _, _ in ends]
    gap = (max(text.count("\n") + 1 for text in texts) * SMALL * LEADING + 2) / (inches * 72)
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    far = sorted(range(len(ends)), key=lambda i: -np.hypot((ends[i][1]) / (right - left), ends[i][2] / (high - low)))
    kept = sorted(far[:int(1.0 / gap) + 1])
    at = spread([(ends[i][2] - low) / (high - low) for i in kept], gap, 0.0, 1.0)
    for i, place in zip(kept, at):
        axis.annotate(texts[i], ends[i][1:], xytext=(1.04, place), textcoords="axes fraction", fontsize=SMALL, color=INK,
                      va="center", ha="left", zorder=4, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": ZERO, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 3,
                                  "relpos": (0, 0.5)})
    return len(kept)
