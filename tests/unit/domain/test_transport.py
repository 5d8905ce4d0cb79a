"""The transport problem, against another library's solution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.transport import cheapest

PLACES, CARRIERS = tuple("abcd"), tuple("wxyz")
Ways = Mapping[tuple[str, str], int]

amounts = st.integers(0, 40)
supplies_of = st.fixed_dictionaries({}, optional=dict.fromkeys(PLACES, amounts))
capacities_of = st.fixed_dictionaries({}, optional=dict.fromkeys(CARRIERS, amounts))
costs_of = st.dictionaries(st.tuples(st.sampled_from(PLACES), st.sampled_from(CARRIERS)), st.integers(0, 9))


def oracle(supplies: Mapping[str, int], capacities: Mapping[str, int], costs: Ways) -> tuple[int, int]:
    """How much can be carried at most, and what it costs at least."""
    graph = nx.DiGraph()
    graph.add_nodes_from(("source", "sink"))
    for place, supply in supplies.items():
        graph.add_edge("source", place, capacity=supply, weight=0)
    for carrier, capacity in capacities.items():
        graph.add_edge(carrier, "sink", capacity=capacity, weight=0)
    for (place, carrier), cost in costs.items():
        graph.add_edge(place, carrier, weight=cost)
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    return sum(flow["source"].values()), nx.cost_of_flow(graph, flow)


@given(supplies_of, capacities_of, costs_of)
def test_as_much_as_possible_is_carried_and_for_as_little(
    supplies: Mapping[str, int], capacities: Mapping[str, int], costs: Ways
) -> None:
    flow = cheapest(supplies, capacities, costs)
    most, least = oracle(supplies, capacities, costs)
    assert sum(flow.values()) == most
    assert sum(costs[way] * amount for way, amount in flow.items()) == least


@given(supplies_of, capacities_of, costs_of)
def test_no_more_than_there_is_and_no_more_than_fits(
    supplies: Mapping[str, int], capacities: Mapping[str, int], costs: Ways
) -> None:
    sent, taken = Counter[str](), Counter[str]()
    for (place, carrier), amount in cheapest(supplies, capacities, costs).items():
        assert amount > 0
        sent[place] += amount
        taken[carrier] += amount
    assert all(count <= supplies[place] for place, count in sent.items())
    assert all(count <= capacities[carrier] for carrier, count in taken.items())


def test_a_cheap_carrier_is_left_to_whom_nobody_else_serves() -> None:
    """Least cost comes after as much as possible: the greedy way would strand b's goods."""
    costs = {("a", "x"): 1, ("a", "y"): 9, ("b", "x"): 2}
    assert cheapest({"a": 5, "b": 5}, {"x": 5, "y": 5}, costs) == {("a", "y"): 5, ("b", "x"): 5}


def test_the_same_question_has_the_same_answer() -> None:
    costs = {("a", "x"): 1, ("a", "y"): 1}
    assert cheapest({"a": 5}, {"x": 3, "y": 3}, costs) == {("a", "x"): 3, ("a", "y"): 2}
