"""Reads imports out of source files with `ast`: what the architecture tests hold their rules against."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules(package: str) -> Iterator[tuple[str, Path]]:
    """Every module of a package as (dotted name, path)."""
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports_of(name: str, path: Path, *, with_type_checking: bool = True) -> Iterator[tuple[str, int]]:
    """Every module imported anywhere in a file (functions too) as (dotted name, line)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = set() if with_type_checking else _lines_under_type_checking(tree)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and node.lineno not in hidden:
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.lineno not in hidden:
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            yield base, node.lineno
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno


def _lines_under_type_checking(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            lines |= {
                line for child in node.body for line in range(child.lineno, (child.end_lineno or 0) + 1)
            }
    return lines
