"""The kinds of columns that every table is made of, the same on both databases."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text
from sqlalchemy.types import TypeEngine

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Ordered by bytes on both databases, whatever the locale of the cluster."""


def integer(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    """A whole number of up to 64 bits."""
    kind: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
    return Column(name, kind, primary_key=key, nullable=null, autoincrement=False)


def text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    """Text, compared and ordered by bytes."""
    return Column(name, _TEXT, primary_key=key, nullable=null)


def binary(name: str, *, null: bool = False) -> Column[bytes]:
    """Bytes."""
    return Column(name, LargeBinary, nullable=null)
