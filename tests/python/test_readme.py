# SPDX-License-Identifier: GPL-3.0-only
"""What the README shows is what a reader gets."""
import contextlib
import io
import pathlib
import re

README = (pathlib.Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_first_weighing_prints_what_the_readme_shows():
    code, shown = re.search(r"```python\n(.*?)```\s*```\n(.*?)```", README, re.S).groups()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(code, {})
    assert said.getvalue() == shown
