# SPDX-License-Identifier: GPL-3.0-only
"""Tables that the core made, as data frames."""
import numpy as np
import pandas as pd


def frame_of(table):
    """(name, DataFrame) of a table as the glue gives it: texts first, then numbers."""
    name, text_names, number_names, rows, numbers = table
    values = np.frombuffer(numbers, dtype=np.float64).reshape(len(rows), len(number_names))
    columns = {text: [row[i] for row in rows] for i, text in enumerate(text_names)}
    columns.update({number: values[:, i].copy() for i, number in enumerate(number_names)})
    return name, pd.DataFrame(columns, columns=[*text_names, *number_names])
