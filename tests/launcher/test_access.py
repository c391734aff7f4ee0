"""Who may do what: every route, asked by everybody, with own and foreign ids.

A route that is missing from `MATRIX` fails. Every refusal, posts with a valid CSRF token included,
must leave every table as it was.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select, update

import catalog.schema
import hacp.schema
import hacp.store
import launcher.db
import launcher.schema
from catalog.intake import accept
from catalog.picture_shelf import PictureShelf
from catalog.provider.pictures import Picture
from catalog.shelf import Shelf
from catalog.supply.model import Entry, Outcome
from hacp.ids import new_id
from hacp.model import Exchange
from launcher import config, launches
from launcher.app import create_app
from launcher.db import db, read, transact
from launcher.people import academies, accounts, enrolments
from launcher.schema import Role
from tests.launcher.opensesame.supplied import KEYS, Supplied

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
BASES = (launcher.schema.Base, hacp.schema.Base, catalog.schema.Base)
FILES = {
    "crs": "[Course]\r\nCourse_ID={id}\r\nCourse_Title={id}\r\nTotal_AUs=1\r\n",
    "au": 'system_id,file_name\r\n"A1","https://content.example/{id}.html"\r\n',
    "des": 'system_id,title\r\n"A1","Unit"\r\n',
    "cst": 'block,member\r\n"root","A1"\r\n',
}


class For(Enum):
    """Whom a route is for."""

    EVERYBODY = "everybody"
    CONTENT = "content"
    ACCOUNT = "account"
    MEMBER = "member"
    ADMIN = "admin"


@dataclass(frozen=True)
class House:
    """One academy, with the ids that a route may be asked for."""

    slug: str
    academy_id: int
    admin: str
    learner: str
    course_id: int
    closed_course_id: int
    learner_id: int
    attempt_id: int
    exchange_id: int
    delivery_id: int
    run_id: int
    session_id: str
    picture: str
    passwords: Mapping[str, str]


Form = Callable[[House], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """One route and method: whom it is for, what they get, and what a post sends.

    `form` is made of the ids of a house, so that a foreign one can be sent too; `foreign_form` says
    whether it holds any. `refused` are the answers to a foreign id in a form.
    """

    whom: For
    answers: tuple[int, ...] = (200,)
    form: Form = field(default=lambda _house: {})
    foreign_form: bool = False
    refused: tuple[int, ...] = (404, 422)


def _password(_house: House) -> dict[str, Any]:
    return {"password": "", "new_password": "", "new_password_confirm": ""}


def _connection(_house: House) -> dict[str, Any]:
    return {"ciid": "X", "branding": "default", "policy": "ask", "daily_at": "2:15"} | {
        "poll_minutes": "10"
    }


MATRIX: dict[tuple[str, str], Row] = {
    ("static", "GET"): Row(For.EVERYBODY),
    ("bootstrap.static", "GET"): Row(For.EVERYBODY),
    ("entrance.index", "GET"): Row(For.EVERYBODY, (302,)),
    ("entrance.health", "GET"): Row(For.EVERYBODY),
    ("security.login", "GET"): Row(For.EVERYBODY, (200, 302)),
    ("security.login", "POST"): Row(For.EVERYBODY, (200, 302)),
    ("security.logout", "POST"): Row(For.EVERYBODY, (302,)),
    ("security.change_password", "GET"): Row(For.ACCOUNT),
    ("security.change_password", "POST"): Row(For.ACCOUNT, form=_password),
    ("hacp.endpoint", "GET"): Row(For.CONTENT),
    ("hacp.endpoint", "POST"): Row(For.CONTENT),
    # Everybody here lacks the secret of an academy, whoever they are.
    ("webhook.deliver", "POST"): Row(For.CONTENT, (401,)),
    ("learner.home", "GET"): Row(For.MEMBER),
    ("learner.course", "GET"): Row(For.MEMBER),
    ("learner.launch", "POST"): Row(For.MEMBER, form=lambda _house: {"au": "A1"}),
    ("learner.transcript", "GET"): Row(For.MEMBER),
    ("learner.find", "GET"): Row(For.MEMBER),
    ("learner.picture", "GET"): Row(For.MEMBER),
    # Nobody may before the academy allows it.
    ("learner.enrol", "POST"): Row(For.MEMBER, (403,)),
    ("admin.home", "GET"): Row(For.ADMIN),
    ("admin.courses", "GET"): Row(For.ADMIN),
    ("admin.course", "GET"): Row(For.ADMIN),
    ("admin.details", "GET"): Row(For.ADMIN),
    ("admin.details", "POST"): Row(
        For.ADMIN, (302,), form=lambda _house: {"tags": "fire", "note": "ours"}
    ),
    ("admin.course_rules", "GET"): Row(For.ADMIN),
    ("admin.preview", "GET"): Row(For.ADMIN),
    ("admin.preview_launch", "POST"): Row(For.ADMIN, form=lambda _house: {"au": "A1"}),
    ("admin.preview_afresh", "POST"): Row(For.ADMIN, (302,)),
    ("admin.preview_trace", "GET"): Row(For.ADMIN, (302,)),
    ("admin.course_rules", "POST"): Row(
        For.ADMIN, (302,), form=lambda _house: {"retakes": "forbidden", "counts": "last"}
    ),
    ("admin.confirm", "GET"): Row(For.ADMIN),
    ("admin.archive", "POST"): Row(For.ADMIN, (302,)),
    ("admin.reactivate", "POST"): Row(For.ADMIN, (302,)),
    ("admin.enrol_learner", "POST"): Row(
        For.ADMIN, (302,), form=lambda house: {"who": house.learner}, foreign_form=True
    ),
    ("admin.upload", "GET"): Row(For.ADMIN),
    ("admin.upload", "POST"): Row(
        For.ADMIN, (422,), form=lambda _house: {"files": (io.BytesIO(b"no zip"), "course.zip")}
    ),
    ("admin.sync_course", "POST"): Row(For.ADMIN, (404,)),
    ("admin.retry_delivery", "POST"): Row(For.ADMIN, (302,)),
    ("admin.start_sync", "POST"): Row(For.ADMIN, (302,), form=lambda _house: {"what": "now"}),
    ("admin.confirm_run", "POST"): Row(For.ADMIN, (302,)),
    ("admin.discard_run", "POST"): Row(For.ADMIN, (302,)),
    ("admin.deliveries", "GET"): Row(For.ADMIN),
    ("admin.delivery", "GET"): Row(For.ADMIN),
    ("admin.duplicates", "GET"): Row(For.ADMIN),
    ("admin.decide", "POST"): Row(
        For.ADMIN, (302,), form=lambda _house: {"choice": "skip", "question": "1"}
    ),
    ("admin.runs", "GET"): Row(For.ADMIN),
    ("admin.run", "GET"): Row(For.ADMIN),
    ("admin.learners", "GET"): Row(For.ADMIN),
    ("admin.add", "GET"): Row(For.ADMIN),
    ("admin.add", "POST"): Row(
        For.ADMIN,
        form=lambda _house: {"email": "new@example.org", "name": "New", "role": "learner"},
    ),
    ("admin.import_list", "GET"): Row(For.ADMIN),
    ("admin.import_list", "POST"): Row(
        For.ADMIN,
        form=lambda house: {
            "file": (
                io.BytesIO(f"email,name,course\nz@example.org,Z,{house.course_id}\n".encode()),
                "people.csv",
            )
        },
        foreign_form=True,
    ),
    ("admin.learner", "GET"): Row(For.ADMIN),
    ("admin.password", "POST"): Row(For.ADMIN, form=lambda _house: {"password": "chosen words"}),
    ("admin.account", "POST"): Row(For.ADMIN, answers=(302,), form=lambda _house: {"switch": "on"}),
    ("admin.enrol", "POST"): Row(
        For.ADMIN, (302,), form=lambda house: {"course": house.course_id}, foreign_form=True
    ),
    ("admin.withdraw", "POST"): Row(
        For.ADMIN, (302,), form=lambda house: {"course": house.course_id}, foreign_form=True
    ),
    ("admin.by_hand", "GET"): Row(For.ADMIN),
    ("admin.set_by_hand", "POST"): Row(
        For.ADMIN,
        (302,),
        form=lambda _house: {"element": "A1", "status": "passed", "reason": "Seen"},
    ),
    ("admin.withdraw_by_hand", "POST"): Row(
        For.ADMIN, (302, 422), form=lambda _house: {"element": "A1", "reason": "A mistake"}
    ),
    ("admin.transcripts", "GET"): Row(For.ADMIN),
    ("admin.transcripts_csv", "GET"): Row(For.ADMIN),
    ("admin.attempt", "GET"): Row(For.ADMIN),
    ("admin.explanation", "GET"): Row(For.ADMIN),
    ("admin.trace_of", "GET"): Row(For.ADMIN),
    ("admin.suspend_data", "GET"): Row(For.ADMIN),
    ("admin.records", "GET"): Row(For.ADMIN),
    ("admin.exchange", "GET"): Row(For.ADMIN),
    ("admin.exchange_part", "GET"): Row(For.ADMIN),
    ("admin.settings", "GET"): Row(For.ADMIN),
    ("admin.settings", "POST"): Row(
        For.ADMIN,
        (302,),
        form=lambda _house: {"name": "Renamed", "launch_window": "same", "time_zone": "UTC"},
    ),
    ("admin.opensesame", "GET"): Row(For.ADMIN),
    ("admin.opensesame", "POST"): Row(For.ADMIN, (302,), form=_connection),
    ("admin.test_opensesame", "POST"): Row(For.ADMIN),
    ("admin.push_secret", "POST"): Row(For.ADMIN),
}
_INSIDE = sorted(key for key, row in MATRIX.items() if row.whom in (For.MEMBER, For.ADMIN))
_POSTS_WITH_IDS = sorted(key for key, row in MATRIX.items() if row.foreign_form)


class World:
    """An application with two houses that look alike, and everybody signed in."""

    def __init__(self, app: Flask, houses: tuple[House, House]) -> None:
        self.app = app
        self.own, self.other = houses
        self.visitors = {
            "nobody": Visitor(app),
            "learner": Visitor(app, self.own.learner, self.own.passwords),
            "admin": Visitor(app, self.own.admin, self.own.passwords),
            "stranger": Visitor(app, self.other.admin, self.other.passwords),
        }

    def ask(self, who: str, key: tuple[str, str], *, ids: House, slug: str, form: House) -> Any:
        """Let somebody ask for a route with the ids of one house and a form of another's."""
        endpoint, method = key
        path = self.path(endpoint, method, ids=ids, slug=slug)
        visitor = self.visitors[who]
        if method == "GET":
            return visitor.client.get(path)
        sent = {"csrf_token": visitor.token, **MATRIX[key].form(form)}
        return visitor.client.post(path, data=sent)

    def path(self, endpoint: str, method: str, *, ids: House, slug: str) -> str:
        (rule, *_more) = self.app.url_map.iter_rules(endpoint)
        known = {
            "slug": slug,
            "course_id": ids.course_id,
            "learner_id": ids.learner_id,
            "attempt_id": ids.attempt_id,
            "exchange_id": ids.exchange_id,
            "kind": "comment",
            "part": "request",
            "name": ids.picture,
            "delivery_id": ids.delivery_id,
            "run_id": ids.run_id,
            "academy": str(ids.academy_id),
            "filename": "style.css" if endpoint == "static" else "css/bootstrap.min.css",
        }
        values = {name: known[name] for name in rule.arguments}
        return self.app.url_map.bind("localhost").build(endpoint, values, method=method)

    def holds_ids(self, endpoint: str) -> bool:
        """Tell whether the route names anything inside an academy."""
        (rule, *_more) = self.app.url_map.iter_rules(endpoint)
        return bool(rule.arguments - {"slug"})

    def tables(self, *, but: str = "") -> dict[str, list[Any]]:
        """Return every row of every table."""

        def unit(connection: Connection) -> dict[str, list[Any]]:
            return {
                name: sorted(map(repr, connection.execute(select(table)).all()))
                for base in BASES
                for name, table in base.metadata.tables.items()
                if name != but
            }

        with self.app.app_context():
            return read(unit)


class Visitor:
    """A browser with a valid CSRF token, signed in or not."""

    def __init__(
        self, app: Flask, email: str = "", passwords: Mapping[str, str] | None = None
    ) -> None:
        self.client = app.test_client()
        self.token = self._token("/sign-in")
        if passwords:
            form = {"csrf_token": self.token, "email": email, "password": passwords[email]}
            assert self.client.post("/sign-in", data=form).status_code == 302
            self.token = self._token("/password")

    def _token(self, path: str) -> str:
        page = self.client.get(path).text
        return page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]


@contextmanager
def built(folder: Path) -> Iterator[World]:
    settings = config.load(
        {
            "HACP_SECRET_KEY": "for tests only, for tests only, for tests only",
            "HACP_INSTANCE": str(folder / "instance"),
            "HACP_PUBLIC_URL": "http://localhost",
            "HACP_CONTENT_URL": "http://127.0.0.1:8081",
        }
    )
    app = create_app(settings)
    with app.app_context():
        for base in BASES:
            base.metadata.create_all(db.engine)
        houses = tuple(
            transact(lambda c, slug=slug: _house(c, slug, settings=settings, folder=folder))
            for slug in ("own", "other")
        )
    yield World(app, houses)
    with app.app_context():
        db.engine.dispose()


def _house(connection: Connection, slug: str, *, settings: Any, folder: Path) -> House:
    academy_id = academies.add_academy(connection, name=slug, slug=slug, now=NOW).id
    passwords: dict[str, str] = {}
    people = {}
    for role in Role:
        email = f"{role}@{slug}.example"
        person, made = accounts.add_member(
            connection, academy_id=academy_id, email=email, name=email, role=role, now=NOW
        )
        people[role], passwords[email] = person, str(made)
    course_id, closed = (
        _course(connection, academy_id, f"{slug}-{name}", settings=settings, folder=folder)
        for name in ("open", "closed")
    )
    for person in people.values():
        enrolments.enrol(
            connection,
            academy_id=academy_id,
            learner_id=person.id,
            course_id=course_id,
            now=NOW,
        )
    learner = people[Role.LEARNER]
    launched = launches.launch(
        connection, learner, course_id=course_id, au_id="A1", settings=settings, now=NOW
    )
    supplied = Supplied(lambda unit: unit(connection), academy_id, NOW)
    supplied.connect(ciid=slug)
    (attempt,) = hacp.store.attempts_in_course(
        connection, academy_id, learner_id=learner.id, course_id=course_id
    )
    exchange = Exchange(new_id(NOW), NOW, "POST", "", "", b"command=GetParam", b"error=0", 0)
    hacp.store.log(connection, academy_id, exchange, attempt_id=attempt.id)
    return House(
        slug=slug,
        academy_id=academy_id,
        admin=people[Role.ADMIN].email,
        learner=learner.email,
        course_id=course_id,
        closed_course_id=closed,
        learner_id=learner.id,
        attempt_id=attempt.id,
        exchange_id=exchange.id,
        delivery_id=supplied.receive(KEYS[0]),
        run_id=supplied.ran(Entry(Outcome.NEW, KEYS[0], slug)),
        session_id=launched.session_id,
        picture=_picture(connection, course_id, settings=settings),
        passwords=passwords,
    )


def _picture(connection: Connection, course_id: int, *, settings: Any) -> str:
    """Give a course a picture of its own and return its name."""
    content = b"\x89PNG %d" % course_id
    name = PictureShelf(settings.picture_root).keep(Picture("image/png", content))
    courses = catalog.schema.CourseTable
    connection.execute(update(courses).where(courses.id == course_id).values(picture=name))
    return name


def _course(
    connection: Connection, academy_id: int, aicc_id: str, *, settings: Any, folder: Path
) -> int:
    source = folder / aicc_id
    source.mkdir()
    for suffix, text in FILES.items():
        (source / f"course.{suffix}").write_bytes(text.format(id=aicc_id).encode())
    (accepted,) = accept(
        [source],
        academy_id=academy_id,
        transact=lambda unit: unit(connection),
        shelf=Shelf(settings.content_root),
        now=NOW,
    )
    return accepted.course_id


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that stays as it is: only refusals happen in it."""
    with built(tmp_path_factory.mktemp("access")) as world:
        yield world


def test_every_route_stands_in_the_matrix(world):
    routes = {
        (rule.endpoint, method)
        for rule in world.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == set(MATRIX)


@pytest.mark.parametrize("key", _INSIDE, ids=" ".join)
def test_whoever_it_is_not_for_is_refused_and_nothing_changes(world, key):
    before = world.tables()
    own = {"ids": world.own, "slug": world.own.slug, "form": world.own}
    nobody = world.ask("nobody", key, **own)
    assert nobody.status_code == 302
    assert nobody.location.startswith("/sign-in")
    assert world.ask("stranger", key, **own).status_code == 404
    if MATRIX[key].whom is For.ADMIN:
        assert world.ask("learner", key, **own).status_code == 403
    assert world.tables() == before


@pytest.mark.parametrize("key", _INSIDE, ids=" ".join)
def test_a_foreign_academy_is_not_there_whatever_the_ids(world, key):
    before = world.tables()
    for who in ("learner", "admin"):
        for ids in (world.own, world.other):
            answer = world.ask(who, key, ids=ids, slug=world.other.slug, form=ids)
            assert answer.status_code == 404
    missing = world.ask("admin", key, ids=world.own, slug="missing", form=world.own)
    assert missing.status_code == 404
    assert world.tables() == before


@pytest.mark.parametrize("key", _INSIDE, ids=" ".join)
def test_a_foreign_id_in_the_address_is_not_found(world, key):
    before = world.tables()
    who = "admin" if MATRIX[key].whom is For.ADMIN else "learner"
    if world.holds_ids(key[0]):
        answer = world.ask(who, key, ids=world.other, slug=world.own.slug, form=world.own)
        assert answer.status_code == 404
        assert world.other.slug not in answer.text
    assert world.tables() == before


@pytest.mark.parametrize("key", _POSTS_WITH_IDS, ids=" ".join)
def test_a_foreign_id_in_a_form_is_refused(world, key):
    before = world.tables()
    answer = world.ask("admin", key, ids=world.own, slug=world.own.slug, form=world.other)
    assert answer.status_code in MATRIX[key].refused
    assert world.tables() == before


def test_a_course_one_is_not_enrolled_in_is_neither_shown_nor_launched(world):
    before = world.tables()
    learner = world.visitors["learner"]
    path = f"/a/own/courses/{world.own.closed_course_id}"
    assert learner.client.get(path).status_code == 404
    launch = learner.client.post(f"{path}/launch", data={"csrf_token": learner.token, "au": "A1"})
    assert launch.status_code == 403
    assert world.tables() == before


@pytest.mark.parametrize(
    "key", sorted(key for key, row in MATRIX.items() if row.whom is For.ACCOUNT), ids=" ".join
)
def test_nobody_has_no_password_to_change(world, key):
    before = world.tables()
    answer = world.ask("nobody", key, ids=world.own, slug="own", form=world.own)
    assert answer.location.startswith("/sign-in")
    assert world.tables() == before


@pytest.mark.parametrize(
    "key",
    sorted(
        key
        for key in MATRIX
        if key[1] == "POST" and key[0] not in ("hacp.endpoint", "webhook.deliver")
    ),
)
@pytest.mark.parametrize("token", ["", "made up"])
def test_a_post_without_a_valid_token_is_refused(world, key, token):
    before = world.tables()
    path = world.path(*key, ids=world.own, slug="own")
    for visitor in world.visitors.values():
        form = {**MATRIX[key].form(world.own), "csrf_token": token}
        assert visitor.client.post(path, data=form).status_code == 400
    assert world.tables() == before


@pytest.mark.conforms(
    "Security",
    "servers that call (Percipio)",
    "No sign-in and no form token is asked of content.",
    grade="B",
)
def test_content_gets_in_by_its_session_alone_and_only_in_its_academy(world):
    """Refusals are recorded, and nothing else changes; a cookie makes no difference."""
    before = world.tables(but="hacp_exchanges")
    body = "command=PutParam&version=4.0&session_id={}&aicc_data=[core]%0D%0Alesson_status=passed"
    for visitor in world.visitors.values():
        for house, session_id in (
            (world.own, world.other.session_id),
            (world.other, world.own.session_id),
            (world.own, "0" * 40),
        ):
            answer = visitor.client.post(
                f"/hacp/{house.academy_id}",
                data=body.format(session_id),
                content_type="application/x-www-form-urlencoded",
            )
            assert answer.status_code == 200
            assert answer.text.startswith("error=3\r\n")
    assert world.tables(but="hacp_exchanges") == before


@pytest.mark.parametrize(
    ("who", "whom"),
    [
        ("nobody", {For.EVERYBODY}),
        ("learner", {For.EVERYBODY, For.ACCOUNT, For.MEMBER}),
        ("admin", {For.EVERYBODY, For.ACCOUNT, For.MEMBER, For.ADMIN}),
    ],
)
def test_whomever_it_is_for_gets_in(tmp_path, who, whom):
    with built(tmp_path) as world:
        keys = [key for key, row in MATRIX.items() if row.whom in whom]
        # Signing out comes last; what takes away comes after what needs it.
        keys.sort(key=lambda key: (key[0] == "security.logout", key[0] == "admin.withdraw"))
        for key in keys:
            answer = world.ask(who, key, ids=world.own, slug="own", form=world.own)
            assert answer.status_code in MATRIX[key].answers, (key, answer.status_code)
            answer.close()
