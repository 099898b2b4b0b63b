"""No circles: a module can be read, tested and imported without the ones that use it."""

from __future__ import annotations

import pytest

from tests.architecture.imports import imports_of, modules


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected groups of more than one module (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in graph:
        if name not in index:
            visit(name)
    return found


def imports_within(package: str) -> dict[str, set[str]]:
    """Module → modules of the same package that it imports, also inside functions and for types alone."""
    paths = dict(modules(package))
    graph: dict[str, set[str]] = {}
    for name, path in paths.items():
        named = {other for other, _ in imports_of(name, path)}
        graph[name] = {other for other in named if other in paths and other != name}
    return graph


@pytest.mark.parametrize("package", ["pos_core", "pos_client", "sync_server", "benchmarks"])
def test_no_import_circles(package: str) -> None:
    assert circles(imports_within(package)) == []


def test_subjects_of_the_services_stand_on_each_other_one_way() -> None:
    """Folders of `pos_client/services`; what stands beside them is shared by all or puts them together."""
    inside = "pos_client.services."
    modules_of = {name: others for name, others in imports_within("pos_client").items() if inside in name}
    subject = {name: name.removeprefix(inside).split(".")[0] for name in modules_of if name.count(".") > 2}
    graph: dict[str, set[str]] = {each: set() for each in subject.values()}
    for name, each in subject.items():
        graph[each] |= {subject[other] for other in modules_of[name] if other in subject} - {each}
    assert {"basket", "accounts", "payment"} <= graph.keys() and "basket" in graph["payment"]
    assert circles(graph) == []


def test_a_circle_would_be_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert circles(graph) == [["b", "c"]]
