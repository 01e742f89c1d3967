# SPDX-License-Identifier: GPL-3.0-only
"""The same page from both languages, whose code gives the same answer in both."""
import re
import subprocess
import sys
from html import unescape


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def code_in(page, language):
    return unescape(re.search(f'<code class="language-{language}">(.*?)</code>', page, re.S).group(1))


def but_for_who_made_it(page):
    made = re.findall(r"^<p>Made by steelyard .*</p>$", page, re.M)
    assert len(made) == 1
    return page.replace(made[0], ""), made[0]


def test_both_languages_write_the_same_bytes_and_the_code_runs_in_both(pages, tmp_path):
    page = pages["councils"].read_text(encoding="utf-8")
    mine, python = but_for_who_made_it(page)
    said = {}
    for language, program, ending in (("python", sys.executable, "py"), ("r", "Rscript", "R")):
        (tmp_path / f"again.{ending}").write_text(code_in(page, language), encoding="utf-8")
        said[language] = run([program, f"again.{ending}"], tmp_path)
        theirs, made = but_for_who_made_it((tmp_path / "evidence.html").read_text(encoding="utf-8"))
        assert theirs == mine
        assert made.endswith(" from Python.</p>" if language == "python" else " from R.</p>")
    assert said["python"] == said["r"] and python.endswith(" from Python.</p>")
