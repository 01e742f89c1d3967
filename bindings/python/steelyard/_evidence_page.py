# SPDX-License-Identifier: GPL-3.0-only
"""Writing what the core has made of an answer: the page, the picture."""
from html import escape

from ._bad_input import check_target
from ._errors import SteelyardError

_FILE = "&quot;your-data.csv&quot;"  # as the core's page calls the file of the rows


def named(page, data):
    """The page with the file of the rows called by its name."""
    if data is None:
        return page
    if not isinstance(data, str) or not data:
        raise SteelyardError(f"data: the name of a CSV file is needed, found {data!r}")
    quoted = data.replace("\\", "\\\\").replace('"', '\\"')
    return page.replace(_FILE, escape(f'"{quoted}"'))


def write(path, text):
    """A file of text with the same bytes on every system."""
    with open(check_target("path", path), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
