# SPDX-License-Identifier: GPL-3.0-only
"""axe.py FOLDER: axe-core looks at reports as Chromium shows them, wide and narrow;
any violation of WCAG 2 (A, AA) or of its best practices is one line here."""
import html
import json
import pathlib
import re
import subprocess
import sys

import axe_core_python
import numpy as np
import pandas as pd

import steelyard as sy

AXE = pathlib.Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
ASK = """axe.run().then(found => { const line = document.createElement("pre"); line.id = "axe-found";
line.textContent = JSON.stringify({passes: found.passes.length, violations: found.violations.map(v =>
({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 120))}))}); document.body.append(line); });"""


def councils():
    data = sy.datasets.load("councils_2018_19")
    return sy.weigh(data, ["control", "quality_of_life", "satisfaction"],
                    {"funding": "spend_per_adult_gbp", "process": "easy_information", "need": "deprivation_rank"},
                    label="council")


def many(outcomes=30):
    random = np.random.default_rng(3)
    data = pd.DataFrame(random.normal(size=(200, 3)), columns=["pay", "ease", "need"])
    names = [f"an_outcome_with_a_name_of_some_sixty_characters_number_{i:02d}_of_it" for i in range(outcomes)]
    for i, name in enumerate(names):
        data[name] = data["ease"] + 0.02 * i * data["pay"] + random.normal(size=200)
    return sy.weigh(data, names, {"funding": "pay", "process": "ease", "need": "need"})


def violations(page, width):
    text = page.read_text(encoding="utf-8")
    copy = page.with_name(f"{page.stem}-axe-{width}.html")
    copy.write_text(text.replace("</body>", f"<script>{AXE}</script><script>{ASK}</script></body>"), encoding="utf-8")
    shown = subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000",
         f"--user-data-dir={page.parent / 'chromium'}", f"--window-size={width},2000", "--dump-dom", copy.as_uri()],
        check=True, capture_output=True, text=True, timeout=240).stdout
    found = re.search(r'<pre id="axe-found">(.*?)</pre>', shown, re.S)
    if not found:
        raise SystemExit(f"axe-core gave no answer for {page.name} at {width}")
    found = json.loads(html.unescape(found.group(1)))
    print(f"{page.name} at {width}: {found['passes']} rules passed, {len(found['violations'])} broken")
    return found["violations"]


def main(folder):
    folder, broken = pathlib.Path(folder).resolve(), []
    for name, evidence in (("councils", councils()), ("thirty", many())):
        page = folder / f"{name}.html"
        evidence.report(str(page))
        for width in (360, 1280):
            broken += violations(page, width)
    for v in broken:
        print(f"  {v['id']}: {v['help']}", *v["nodes"][:3], sep="\n    ")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
