# SPDX-License-Identifier: GPL-3.0-only
"""Orders of entry: groups of blocks, marginality, clusters' fixed effects."""
import itertools
import pickle

import numpy as np
import pytest

import steelyard as sy

GROUPS = [["need"], ["funding", "process"], ["delivery"]]


def by_block(s, metric="share"):
    return dict(zip(s.blocks["block"], s.blocks[metric]))


def alone_given(councils, blocks, first, then=()):
    """R2 of blocks `first` and `then` less that of `then`."""
    def total(names):
        return sy.shares(councils, "control", {n: blocks[n] for n in names}, interval=None).total if names else 0.0

    return total([*then, *first]) - total(list(then))


@pytest.fixture
def complete(councils, blocks):
    """Rows complete over all blocks, so that submodels rest on the same rows."""
    columns = ["control", "spend_per_adult_gbp", "easy_information", "self_directed_support_pct", "direct_payment_pct",
               "deprivation_rank"]
    return councils[columns].dropna()


def test_one_group_gives_the_free_answer(councils, blocks):
    free = sy.shares(councils, "control", blocks, interval=None)
    one = sy.shares(councils, "control", blocks, order=[list(blocks)], interval=None)
    assert one.blocks.equals(free.blocks) and one.terms.equals(free.terms)


def test_one_block_a_group_gives_sequential_increments(complete, blocks):
    names = ["need", "process", "delivery", "funding"]
    found = by_block(sy.shares(complete, "control", blocks, order=names, interval=None))
    for i, name in enumerate(names):
        assert abs(found[name] - alone_given(complete, blocks, [name], names[:i])) < 1e-13


def test_a_share_is_the_average_over_the_orders_of_the_groups(complete, blocks):
    s = sy.shares(complete, "control", blocks, order=GROUPS, interval=None)
    sums = dict.fromkeys(blocks, 0.0)
    orders = [(("need",) + middle + ("delivery",)) for middle in itertools.permutations(["funding", "process"])]
    for order in orders:
        for i, name in enumerate(order):
            sums[name] += alone_given(complete, blocks, [name], order[:i]) / len(orders)
    found = by_block(s)
    assert all(abs(found[name] - sums[name]) < 1e-13 for name in blocks)
    assert abs(s.terms["share"].sum() - s.total) < 1e-14
    assert s.provenance["order"] == GROUPS
    assert "\nOrder: need, then funding and process, then delivery\n" in repr(s)


def test_who_comes_first_gets_what_it_explains_alone(councils, blocks):
    s = sy.shares(councils, "control", blocks, interval=None)
    first = s.if_first()
    assert list(first.columns) == ["first", "block", "share", "as_asked"] and len(first) == 16
    own = first[first["block"] == first["first"]]
    assert np.allclose(own["share"], s.blocks["alone"], rtol=0, atol=1e-15)
    assert np.allclose(first.groupby("first")["share"].sum(), s.total, rtol=0, atol=1e-14)
    asked = sy.shares(councils, "control", blocks, order=[["process"], ["funding", "delivery", "need"]], interval=None)
    assert list(first[first["first"] == "process"]["share"]) == list(asked.blocks["share"])
    assert "if process first" in str(first) and str(pickle.loads(pickle.dumps(s)).if_first()) == str(first)


def test_the_summary_offers_who_comes_first(councils, blocks):
    s = sy.shares(councils, "control", blocks, interval=None)
    text = str(s.summary())
    assert text.startswith("\n".join(str(s).split("\n")[:3])) and f"\n\n{s.if_first()}\n\nProvenance:\n" in text
    assert "\nblock     term                        share" in text
    assert "comes first" not in str(sy.shares(councils, "control", {"funding": "spend_per_adult_gbp"}).summary())


def test_groups_stay_together_when_one_comes_first(councils, blocks):
    s = sy.shares(councils, "control", blocks, order=GROUPS, interval=None)
    first = s.if_first()
    moved = sy.shares(councils, "control", blocks, order=[["delivery"], ["need"], ["funding", "process"]],
                      interval=None)
    assert list(first[first["first"] == "delivery"]["share"]) == list(moved.blocks["share"])
    assert str(first).endswith("The group of that block comes first; the other groups follow as asked.")


def test_several_outcomes_come_first_each(councils, blocks):
    first = sy.shares(councils, ["control", "easy_information"], {k: v for k, v in blocks.items() if k != "process"},
                      interval=None).if_first()
    assert len(first) == 18 and list(first.columns)[0] == "outcome"


@pytest.mark.parametrize("order, message", [
    ([["need"], ["fundin"], ["process", "delivery"]], "order: there is no fundin; the nearest name is funding"),
    ([["need"], ["funding"], ["process"]], 'order: block "delivery" is in no group; every block must be in one'),
    ([["need"], [], ["funding", "process", "delivery"]], "order: group 2 is empty"),
    ([["need"], ["need", "funding", "process", "delivery"]], 'order: block "need" is there twice'),
    ("need", "order: a list of groups of blocks is needed, not 'need'"),
])
def test_bad_orders_are_refused(councils, blocks, order, message):
    with pytest.raises(sy.SteelyardError) as caught:
        sy.shares(councils, "control", blocks, order=order)
    assert str(caught.value) == message


def test_wide_orders_name_the_way_out():
    random = np.random.default_rng(3)
    data = {f"x{i}": random.normal(size=60) for i in range(20)}
    names = [f"x{i}" for i in range(1, 20)]
    with pytest.raises(sy.LimitError, match='method = "sampled"'):
        sy.shares(data, "x0", names, order=[names[:1], names[1:]], interval=None, method="exact")


def test_an_interaction_enters_after_its_parents(people):
    s = sy.shares(people, "y", ["a", "b", "a:b"], interval=None)
    last = s.blocks.iloc[2]
    assert abs(last["share"] - last["unique"]) < 1e-15
    assert list(s.remarks["code"]) == ["marginality"]
    assert s.remarks["text"][0] == "a:b enters after a and b, which it is made of"
    inside = sy.shares(people, "y", {"all": "a*b + I(a**2)"}, interval=None)
    assert "a^2 enters after a, which it is made of" in list(inside.remarks["text"])
    terms = inside.terms.set_index("term")["share"]
    kept = people.assign(ab=people["a"] * people["b"])

    def total(*names):
        return sy.shares(kept, "y", list(names), interval=None).total

    value = {frozenset(): 0.0}
    names = {"a": "a", "b": "b", "a:b": "ab", "a^2": "I(a**2)"}
    orders = [o for o in itertools.permutations(names)
              if o.index("a^2") > o.index("a") and o.index("a:b") > max(o.index("a"), o.index("b"))]
    assert len(orders) == 5
    for size in range(1, 5):
        for some in itertools.combinations(names, size):
            value[frozenset(some)] = total(*[names[n] for n in some])
    for name in names:
        share = np.mean([value[frozenset(o[:o.index(name) + 1])] - value[frozenset(o[:o.index(name)])] for o in orders])
        assert abs(terms[name] - share) < 1e-12


def test_an_interaction_among_other_terms_should_be_its_own_block(people):
    s = sy.shares(people, "y", {"one": "a", "two": "b + a:b"}, interval=None)
    assert s.remarks["text"][0] == ("a:b is made of terms of other blocks but may enter before them with the other "
                                    "terms of two; make it a block of its own")


@pytest.mark.filterwarnings("ignore:a.factor.kind. adds nothing")
def test_interactions_of_factors_do_not_depend_on_the_base_level(people):
    first = sy.shares(people, "y", ["a", "C(kind)", "C(kind):a"], interval=None)
    other = people.assign(kind=people["kind"].map({"own": "z", "managed": "b", "direct": "m"}))
    again = sy.shares(other, "y", ["a", "C(kind)", "C(kind):a"], interval=None)
    assert np.allclose(first.blocks["share"], again.blocks["share"], rtol=0, atol=1e-13)
    assert first.remarks["text"][0] == "a:factor(kind) enters after a and factor(kind), which it is made of"


@pytest.mark.parametrize("kind", [None, "frequency", "analytic", "sampling"])
def test_absorbed_clusters_are_one_indicator_each(people, kind):
    weights = None if kind is None else "count" if kind == "frequency" else "weight"
    shared = dict(weights=weights, weight_kind=kind, interval=None)
    absorbed = sy.shares(people, "y", ["a", "b", "C(kind)"], adjust="C(region) + c", cluster="region", **shared)
    indicated = sy.shares(people, "y", ["a", "b", "C(kind)"], adjust="C(region) + c", **shared)
    for metric in ("share", "adjusted", "alone", "unique", "lowest", "highest", "by_chance"):
        assert np.allclose(absorbed.blocks[metric], indicated.blocks[metric], rtol=0, atol=1e-12)
    assert absorbed.provenance["df_resid"] == indicated.provenance["df_resid"]
    assert absorbed.provenance["adjust"] == ["factor(region)", "c"]
    assert absorbed.provenance["submodels"] == 8


def test_absorbed_clusters_have_names(people):
    by_name = sy.shares(people, "y", ["a", "b"], adjust="C(region)", cluster="region")
    by_vector = sy.shares(people, "y", ["a", "b"], adjust="C(cluster)", cluster=people["region"])
    categorical = people.assign(region=people["region"].astype("category"))
    bare = sy.shares(categorical, "y", ["a", "b"], adjust="region", cluster="region")
    m = sy.moments(people, ["y", "a", "b"], cluster="region")
    from_moments = sy.shares(m, "y", ["a", "b"], adjust="C(cluster)")
    for other in (by_vector, bare, from_moments):
        assert np.array_equal(other.blocks["share"], by_name.blocks["share"])
        assert np.array_equal(other.blocks["std_error"], by_name.blocks["std_error"])
    fit = sy.fit_linear("y ~ a + b", people, cluster="region")
    assert np.allclose(sy.shares(fit, adjust="C(region)").blocks["share"], by_name.blocks["share"], rtol=0, atol=1e-13)


def test_clusters_cannot_be_absorbed_where_there_are_none(people):
    m = sy.moments(people, ["y", "a", "b"])
    with pytest.raises(sy.SteelyardError, match="adjust: there is no term factor.cluster."):
        sy.shares(m, "y", ["a", "b"], adjust="C(cluster)")
