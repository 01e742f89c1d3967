# SPDX-License-Identifier: GPL-3.0-only
"""Several answers together: families of comparisons, ranks, leagues, claims, power."""
import numpy as np
import pytest

import steelyard as sy

R5 = np.array([[1, .6, .3, .4, .5], [.6, 1, .8, .1, .3], [.3, .8, 1, .1, .1], [.4, .1, .1, 1, .5], [.5, .3, .1, .5, 1]])


@pytest.fixture
def printed():
    """A printed correlation matrix of 100 rows: limits by normal theory."""
    return sy.shares(sy.moments_from_correlation(R5, 100, ["y", "a", "b", "c", "d"]), "y", ["a", "b", "c", "d"])


@pytest.mark.parametrize("metric", ["share", "alone", "unique", "adjusted"])
def test_one_sided_limits_are_those_of_the_two_sided_interval(swiss, printed, metric):
    jackknife = sy.shares(swiss, "Fertility", ["Education", "Catholic"])
    for s, block, kind in [(printed, "b", "normal"), (jackknife, "Catholic", "jackknife")]:
        assert s.provenance["interval"] == kind
        f = s.to_frame()
        row = f[(f["block"] == block) & (f["term"] == "") & (f["metric"] == metric)].iloc[0]
        claim = s.at_most(block, 0.5, metric=metric, level=0.975)
        assert claim.upper == pytest.approx(row["conf_high"], abs=1e-15)
        assert claim.lower == pytest.approx(row["conf_low"], abs=1e-15)
