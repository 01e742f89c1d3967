# SPDX-License-Identifier: GPL-3.0-only
"""The councils' report: the question of the published findings, weighed as a whole."""
import functools
import os
import tempfile

import steelyard as sy

from . import datasets

_SOURCES = {"users": "users", "carers": "carers information", "included": "carers included"}
NAME = "steelyard-councils.html"


@functools.cache
def _folder():
    return tempfile.mkdtemp(prefix="steelyard-")


def write(recipes, blocks_of, path):
    """Weighs the councils as the recipes ask and writes the page; returns where it is."""
    path = os.path.abspath(os.path.join(_folder(), NAME) if path is None else path)
    recipe = recipes["councils_alone"]
    blocks = blocks_of(recipe["blocks"])
    sources = {name: blocks_of(recipes[f"positive_{key}"]["blocks"])["process"] for key, name in _SOURCES.items()}
    evidence = sy.weigh(datasets.load(recipe["data"]), recipe["outcome"].split(" "), blocks,
                        process_sources={**sources, "records": blocks["delivery"]}, label="council", areas=True,
                        one_source=["users"])
    evidence.report(path)
    return path
