"""The layout of the house, kept by reading source only: who may import whom, and what stands where.

Serves whoever adds a module. Each rule is also fed something that breaks it, so that a rule which
can no longer fail is noticed. Runs nothing of the product.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("hacp", "catalog", "launcher", "demo", "migrations", "benchmarks")
WINGS = ("hacp", "catalog")
PRODUCT = ("hacp", "catalog", "launcher", "migrations", "wsgi")

# Who may not import whom, by the first part of a module's name.
FORBIDDEN = {
    "hacp": {"catalog", "launcher", "demo", "wsgi"},
    "catalog": {"hacp", "launcher", "demo", "wsgi"},
    "launcher": {"demo"},
    "migrations": {"demo"},
    "wsgi": {"demo"},
    "demo": {"hacp", "catalog", "launcher", "migrations", "wsgi"},
}
# Inside a wing the rules decide and the store keeps; only the door brings them together.
STORE = {"store", "schema", "statements", "rows", "talks", "prepared"}
RULES = {"rules"}
DOORS = {"hacp.endpoint", "catalog.webhook"}

# Where statements are built: the wings' stores, the hall's own tables and its read models.
SQL = {
    "hacp.forgetting",
    "hacp.gates",
    "hacp.months",
    "hacp.rewriting",
    "hacp.prepared",
    "hacp.schema",
    "hacp.statements",
    "hacp.store",
    "hacp.trace",
    "catalog.archive",
    "catalog.bulk",
    "catalog.categories",
    "catalog.indexing",
    "catalog.marks",
    "catalog.replaced",
    "catalog.schema",
    "catalog.search",
    "catalog.store",
    "catalog.supply.connections",
    "catalog.supply.decisions",
    "catalog.supply.deliveries",
    "catalog.supply.entries",
    "catalog.supply.item_pictures",
    "catalog.supply.items",
    "catalog.supply.runs",
    "catalog.supply.schema",
    "catalog.sync.provided_courses",
    "catalog.tags",
    "catalog.versions",
    "launcher.db",
    "launcher.explaining.cases",
    "launcher.explaining.explanations",
    "launcher.explaining.strangers",
    "launcher.once",
    "launcher.people.academies",
    "launcher.people.accounts",
    "launcher.people.enrolments",
    "launcher.people.finding",
    "launcher.people.roster",
    "launcher.previews",
    "launcher.records.by_hand",
    "launcher.records.course_rules",
    "launcher.records.listing",
    "launcher.people.access",
    "launcher.records.log_months",
    "launcher.records.mastery",
    "launcher.records.overview",
    "launcher.records.progress",
    "launcher.records.recounts",
    "launcher.records.transcripts",
    "launcher.records.versions",
    "launcher.schema",
    # /health asks the database for nothing.
    "launcher.entrance",
}
# What others may have of SQLAlchemy: the words for a signature, an address and an error.
SQL_WORDS = {"Connection", "Engine", "Row", "make_url"}
FLASK = {"flask", "flask_babel", "flask_bootstrap", "flask_limiter", "flask_login", "flask_migrate"}
FLASK |= {"flask_security", "flask_sqlalchemy", "flask_wtf", "wtforms"}
OUTBOUND = {
    "aiohttp",
    "ftplib",
    "httpcore",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "urllib3",
    "websockets",
}
OUTBOUND |= {"http.client", "urllib.request", "xmlrpc.client"}
# What calls somebody else's server: the probe's client; the way out of the catalog, and what speaks
# to a provider on it.
CLIENTS = {
    "launcher.caller",
    "catalog.provider.outbound",
    "catalog.provider.calls",
    "catalog.provider.opensesame",
}
ENVIRONMENT = {"launcher.config"}
MEANINGLESS = {"common", "helper", "helpers", "misc", "util", "utils"}
NOT_MIRRORED = ("migrations", "benchmarks")


@dataclass(frozen=True)
class Module:
    """One source file, parsed: its dotted name and its tree."""

    name: str
    tree: ast.Module
    path: Path = Path()

    @property
    def top(self) -> str:
        return self.name.split(".")[0]

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"


def parse(name: str, source: str, path: Path = Path()) -> Module:
    return Module(name, ast.parse(source), path)


def imports(module: Module) -> Iterator[tuple[int, str, str]]:
    """Yield `(line, module, name)` for every import; name is "" for a plain `import module`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.name.split(".")
                kept = parts[: len(parts) - node.level + module.is_package]
                base = ".".join([*kept, *filter(None, [base])])
            for alias in node.names:
                yield node.lineno, base, alias.name


def top_of(imported: str) -> str:
    return imported.split(".")[0]


def keeps_the_directions(module: Module) -> Iterator[str]:
    """The wings never import each other nor the hall; nobody imports the demo."""
    for line, imported, _ in imports(module):
        if top_of(imported) in FORBIDDEN.get(module.top, set()):
            yield f"line {line}: {module.name} imports {imported}"


def keeps_store_and_rules_apart(module: Module) -> Iterator[str]:
    """In a wing, what decides knows no table, and what keeps decides nothing."""
    if module.top not in WINGS:
        return
    enemies = RULES if module.last in STORE else STORE if module.last in RULES else set()
    for line, imported, name in imports(module):
        if top_of(imported) == module.top and {imported.rpartition(".")[2], name} & enemies:
            yield f"line {line}: {module.name} imports {imported} {name}"


def keeps_flask_at_the_door(module: Module) -> Iterator[str]:
    """Only the door of a wing knows Flask."""
    if module.top in WINGS and module.name not in DOORS:
        for line, imported, _ in imports(module):
            if top_of(imported) in FLASK:
                yield f"line {line}: {imported}"


def keeps_sql_in_stores(module: Module) -> Iterator[str]:
    """Statements are built in the stores and in the hall's read models, listed above."""
    if module.top not in PRODUCT or module.top == "migrations" or module.name in SQL:
        return
    for line, imported, name in imports(module):
        if top_of(imported) != "sqlalchemy" or imported == "sqlalchemy.exc":
            continue
        if imported != "sqlalchemy" or name not in SQL_WORDS:
            yield f"line {line}: {imported} {name}"


def keeps_clocks_outside(module: Module) -> Iterator[str]:
    """A wing is told what time it is."""
    if module.top not in WINGS:
        return
    for line, imported, _ in imports(module):
        if top_of(imported) == "time":
            yield f"line {line}: imports time"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
            asked = node.value
            word = asked.attr if isinstance(asked, ast.Attribute) else getattr(asked, "id", "")
            if word in ("datetime", "date"):
                yield f"line {node.lineno}: {word}.{node.attr}"


def calls_nobody_outside(module: Module) -> Iterator[str]:
    """Nothing in the product opens a connection to elsewhere, but the clients named above."""
    if module.top not in PRODUCT or module.name in CLIENTS:
        return
    for line, imported, name in imports(module):
        if {imported, top_of(imported), f"{imported}.{name}"} & OUTBOUND:
            yield f"line {line}: {imported} {name}"


def reads_the_environment_in_one_place(module: Module) -> Iterator[str]:
    """Settings come from `launcher.config`, and only from there."""
    if module.top not in PRODUCT or module.name in ENVIRONMENT:
        return
    words = {"environ", "environb", "getenv", "getenvb"}
    for line, imported, name in imports(module):
        if imported == "os" and name in words:
            yield f"line {line}: from os import {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in words and _names(node.value, "os"):
            yield f"line {node.lineno}: os.{node.attr}"


def _names(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def has_a_name_that_means_something(module: Module) -> Iterator[str]:
    """A module that could hold anything will."""
    for part in module.name.split("."):
        if part.strip("_") in MEANINGLESS:
            yield f"{part} says nothing about what is inside"


def imports_at_the_top(module: Module) -> Iterator[str]:
    """An import inside a function hides a cycle."""
    for function in ast.walk(module.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield f"line {node.lineno}: an import inside {function.name}()"


def says_what_it_is(module: Module) -> Iterator[str]:
    """Every module begins with a docstring."""
    if not ast.get_docstring(module.tree):
        yield "there is no docstring"


def has_its_mirrored_test(module: Module) -> Iterator[str]:
    """`hacp/fields.py` is tested by `tests/hacp/test_fields.py`, or by `test_fields_*.py`."""
    if module.top in NOT_MIRRORED or module.last in ("__init__", "__main__") or module.is_package:
        return
    folder = ROOT.joinpath("tests", *module.name.split(".")[:-1])
    if not [*folder.glob(f"test_{module.last}.py"), *folder.glob(f"test_{module.last}_*.py")]:
        yield f"there is no {folder.relative_to(ROOT)}/test_{module.last}.py"


Rule = Callable[[Module], Iterator[str]]

# Each rule beside modules that break it.
RULES_AND_BREACHES: list[tuple[Rule, list[tuple[str, str]]]] = [
    (
        keeps_the_directions,
        [
            ("hacp.rules", "from catalog.model import Course"),
            ("hacp.store", "import launcher.db"),
            ("catalog.intake", "import hacp.model"),
            ("catalog.store", "from launcher import db"),
            ("launcher.app", "from demo import content"),
            ("demo.content", "from catalog.files.crs import parse"),
            ("hacp.rules", "from .. import catalog\nfrom catalog import model"),
        ],
    ),
    (
        keeps_store_and_rules_apart,
        [
            ("hacp.store", "from hacp.rules import converse"),
            ("hacp.store", "from hacp import rules"),
            ("hacp.rules", "from . import store"),
            ("hacp.rules", "from hacp.schema import Base"),
        ],
    ),
    (
        keeps_flask_at_the_door,
        [
            ("hacp.messages", "from flask import request"),
            ("catalog.files.crs", "import flask_babel"),
        ],
    ),
    (
        keeps_sql_in_stores,
        [
            ("hacp.rules", "from sqlalchemy import select"),
            ("catalog.intake", "from sqlalchemy.orm import Session"),
            ("launcher.learner", "import sqlalchemy"),
            ("launcher.admin.learners", "from sqlalchemy import Connection, text"),
        ],
    ),
    (
        keeps_clocks_outside,
        [
            ("hacp.rules", "from datetime import datetime\nnow = datetime.now()"),
            ("catalog.shelf", "import datetime\nnow = datetime.datetime.utcnow()"),
            ("hacp.endpoint", "from time import time"),
        ],
    ),
    (
        calls_nobody_outside,
        [
            ("catalog.files.package", "import httpx"),
            ("catalog.sync.listing", "import httpcore"),
            ("launcher.content", "from urllib.request import urlopen"),
            ("launcher.server", "from urllib import request"),
            ("hacp.endpoint", "import http.client"),
        ],
    ),
    (
        reads_the_environment_in_one_place,
        [
            ("launcher.app", "import os\nos.environ['HACP_PORT']"),
            ("catalog.files.package", "from os import getenv"),
            ("wsgi", "import os\nos.getenv('X')"),
        ],
    ),
    (
        has_a_name_that_means_something,
        [("hacp.utils", ""), ("launcher.helpers.text", ""), ("demo._common", "")],
    ),
    (
        imports_at_the_top,
        [("launcher.app", "def create_app():\n    from launcher import auth")],
    ),
    (says_what_it_is, [("hacp.rules", "x = 1"), ("demo.content", "# no docstring")]),
    (has_its_mirrored_test, [("hacp.nobody_tested_this", '"""Doc."""')]),
]
RULE_LIST = [rule for rule, _ in RULES_AND_BREACHES]
BREACHES = [(rule, *breach) for rule, breaches in RULES_AND_BREACHES for breach in breaches]


def read_modules() -> list[Module]:
    paths = [ROOT / "wsgi.py"]
    for package in PACKAGES:
        paths += sorted((ROOT / package).rglob("*.py"))
    modules = []
    for path in paths:
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules.append(parse(name, path.read_text(encoding="utf-8"), path))
    return modules


MODULES = read_modules()


@pytest.mark.conforms(
    "Security",
    "UGS (relays)",
    "The server fetches no address that a course or a request names.",
    grade="B",
    case="calls_nobody_outside",
)
@pytest.mark.parametrize("rule", RULE_LIST, ids=lambda rule: rule.__name__)
def test_every_module(rule: Rule) -> None:
    faults = [
        f"{module.path.relative_to(ROOT)}: {fault}" for module in MODULES for fault in rule(module)
    ]

    assert not faults, f"{rule.__doc__}\n" + "\n".join(faults)


def _shown(value: Rule | str) -> str:
    """Name a rule as it is called: every process of a parallel run must see the same ids."""
    return value if isinstance(value, str) else value.__name__


@pytest.mark.parametrize(("rule", "name", "source"), BREACHES, ids=_shown)
def test_the_rule_notices_a_breach(rule: Rule, name: str, source: str) -> None:
    assert list(rule(parse(name, source)))


@pytest.mark.parametrize("rule", RULE_LIST, ids=lambda rule: rule.__name__)
def test_the_rule_lets_an_innocent_module_pass(rule: Rule) -> None:
    source = '"""Doc."""\n\nfrom datetime import datetime\n\nfrom demo.content import COURSES\n'

    assert not list(rule(parse("demo.wire", source)))


@pytest.mark.parametrize("name", sorted(SQL | ENVIRONMENT | DOORS | CLIENTS))
def test_every_exception_named_here_still_exists(name: str) -> None:
    assert name in {module.name for module in MODULES}


def test_tests_are_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))
