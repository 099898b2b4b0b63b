"""`import` and `publish` as a person or a script runs them, and their documentation."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from typer.testing import CliRunner

from sync_server import commands
from sync_server.commands.app import app
from sync_server.services.importing import IMPORT_KINDS
from sync_server.services.importing.problems import ROW_CODES

DOCS = Path(__file__).parents[3] / "docs" / "importing.md"


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    for module in iter_modules(commands.__path__):
        import_module(f"{commands.__name__}.{module.name}")
    folder = tmp_path_factory.mktemp("cli")
    done = CliRunner().invoke(app, ["init", "--data", str(folder / "hq"), "--chain-name", "测试", "--json"])
    assert done.exit_code == 0, done.output
    return folder


def call(chain, *arguments):
    return CliRunner().invoke(app, [*arguments, "--data", str(chain / "hq"), "--json"])


def test_import_tells_what_it_did_and_exits_with_two_on_rejects(chain):
    path = chain / "taxes.csv"
    path.write_text("税类编码,名称,税率\nV13,标准,13%\nV9,农产品,9\n", encoding="gb18030")
    done = call(chain, "import", "tax-classes", str(path), "--rejects", str(chain / "rejects.csv"))
    report = json.loads(done.stdout)
    assert done.exit_code == 2
    assert (report["seen"], report["created"], report["rejected"]) == (2, 1, 1)
    assert report["problems"][0] | {"reason": ""} == {
        "file": "taxes.csv", "line": 3, "column": "税率", "code": "bad_rate", "reason": "",
    }  # fmt: skip
    assert (chain / "rejects.csv").exists()


def test_a_file_that_is_not_there_and_a_kind_that_is_none_are_refused(chain):
    done = call(chain, "import", "items", str(chain / "nothing.csv"))
    assert done.exit_code == 1
    assert json.loads(done.stdout)["error"]["code"] == "bad_file"
    assert call(chain, "import", "planets", str(chain / "x.csv")).exit_code == 2


def test_publish_without_drafts_and_with_a_wrong_time(chain):
    done = call(chain, "publish")
    assert json.loads(done.stdout)["error"]["code"] == "nothing_to_publish"
    assert call(chain, "publish", "--effective-from", "soon").exit_code == 2


def test_every_kind_code_and_column_is_documented():
    text = DOCS.read_text(encoding="utf-8")
    assert [code for code in ROW_CODES if f"`{code}`" not in text] == []
    assert [name for name in IMPORT_KINDS if f"`{name}`" not in text] == []
    undocumented = [
        f"{name}.{field.name}"
        for name, kind in IMPORT_KINDS.items()
        for field in kind.fields
        if not any(word in text for word in (field.name, *field.headings))
    ]
    assert undocumented == []
