# SPDX-License-Identifier: GPL-3.0-only
"""What a drawn figure shows, measured: texts that touch, that are cut off, that are too small to read."""
import numpy as np


def texts_of(figure):
    """Every text that is seen, with its box in pixels; of an annotation without its line."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    found = [text for axis in figure.axes if axis.get_visible() for text in _of_axes(axis)]
    return [(text, Text.get_window_extent(text)) for text in found if text.get_visible() and text.get_text().strip()]


def _of_axes(axis):
    for side, (low, high) in ((axis.xaxis, sorted(axis.get_xlim())), (axis.yaxis, sorted(axis.get_ylim()))):
        place = 0 if side is axis.xaxis else 1
        yield from (label for label in side.get_ticklabels() if low - 1e-9 <= label.get_position()[place] <= high + 1e-9)
        yield side.label
    yield from (axis.title, axis._left_title, *axis.texts)
    legend = axis.get_legend()
    yield from legend.get_texts() if legend else ()


def faults(axes):
    """In words what is wrong with the figure of these axes."""
    figure = np.ravel(axes)[0].figure
    boxes = texts_of(figure)
    width, height = figure.get_size_inches() * figure.dpi
    wrong = [f"cut: {text.get_text()}" for text, box in boxes
             if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > width + 0.5 or box.y1 > height + 0.5]
    seen = figure.get_tightbbox(figure.canvas.get_renderer())  # inches: what a notebook keeps of the figure
    x0, y0, x1, y1 = (side * figure.dpi for side in (seen.x0 - 0.1, seen.y0 - 0.1, seen.x1 + 0.1, seen.y1 + 0.1))
    wrong += [f"cut in a notebook: {text.get_text()}" for text, box in boxes
              if box.x0 < x0 or box.y0 < y0 or box.x1 > x1 or box.y1 > y1]
    wrong += [f"small: {text.get_text()}" for text, _ in boxes if text.get_fontsize() < 6.99]
    half = 0.5  # of a pixel, which no eye sees
    wrong += [f"touch: {one.get_text()} / {two.get_text()}" for i, (one, a) in enumerate(boxes) for two, b in boxes[:i]
              if a.x0 < b.x1 - half and b.x0 < a.x1 - half and a.y0 < b.y1 - half and b.y0 < a.y1 - half]
    return wrong


def names_of(axis):
    """Names at the left, as they were before they were wrapped."""
    return [label.get_text().replace("\n", " ") for label in axis.get_yticklabels()]
