# SPDX-License-Identifier: GPL-3.0-only
"""python3 -m steelyard: what the package can show by itself."""
import argparse
import sys

import steelyard


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python3 -m steelyard",
                                     description="Variance decomposition with honest uncertainty.")
    parser.add_argument("--version", action="version", version=f"steelyard {steelyard.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    table = commands.add_parser("reproduce", help="published findings beside what is recomputed")
    table.add_argument("--html", metavar="FILE", help="write one self-contained page instead of printing")
    table.add_argument("--report", metavar="FILE", help="where the report on the councils goes; default a temporary folder")
    options = parser.parse_args(arguments)
    asked = "--report"
    try:
        found = steelyard.reproduce(options.report)
        asked = "--html"
        if options.html:
            found.to_page(options.html)
    except (OSError, steelyard.SteelyardError) as error:
        print(f"{asked}: {str(error).removeprefix('path: ')}", file=sys.stderr)
        return 1
    print(f"written: {options.html}\nThe report on the councils: {found.report}" if options.html else found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
