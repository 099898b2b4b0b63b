"""The policy `snapshot_urls`: addresses of file servers, or a sentence why not."""

from __future__ import annotations

import pytest

from pos_core.sync.snapshot_urls import BadSnapshotUrls, parse_snapshot_urls


def test_addresses_are_bases() -> None:
    found = parse_snapshot_urls(["https://cdn.example.com/a", "http://192.168.1.5:8080/"])
    assert found == ("https://cdn.example.com/a/", "http://192.168.1.5:8080/")
    assert parse_snapshot_urls(None) == () and parse_snapshot_urls([]) == ()


@pytest.mark.parametrize(
    "value",
    [
        "https://a/",
        {"url": "https://a/"},
        ["https://a/"] * 5,
        ["file:///etc/passwd"],
        ["ftp://a/"],
        ["https:///x"],
        ["https://u:p@a/"],
        ["https://a/?x=1"],
        ["https://a/#x"],
        ["https://a/ b"],
        ["https://[::1/"],
        ["https://a:99999/"],
        [7],
        ["https://a/" + "x" * 500],
    ],
)
def test_what_is_no_list_of_addresses_is_refused(value: object) -> None:
    with pytest.raises(BadSnapshotUrls):
        parse_snapshot_urls(value)
