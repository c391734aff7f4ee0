"""What the tests of the catalog share: a plain set of course files, and packages made of it.

Serves tests/catalog. Everything is bytes, as it comes in.
"""

from __future__ import annotations

import socket
import ssl
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine

from catalog.errors import PackageRefused
from catalog.files.address import Contents
from catalog.files.course import CourseFiles
from catalog.model import Fault
from catalog.store import Transact
from catalog.supply import schema as supply_schema
from demo.opensesame.app import create_app
from demo.opensesame.pretend import Pretend
from tests.catalog.world import Clock, World, open_academy, shelf_at

T = TypeVar("T")

PLAIN = {
    "crs": b"[Course]\r\n"
    b"Course_Creator=Example\r\nCourse_ID=SAFETY-101\r\nCourse_System=By hand\r\n"
    b"Course_Title=Safety at work\r\nLevel=1\r\nMax_Fields_CST=3\r\nTotal_AUs=2\r\n"
    b"Total_Blocks=1\r\nVersion=4.0\r\n"
    b"[Course_Behavior]\r\nMax_Normal=99\r\n"
    b"[Course_Description]\r\nHow to stay in one piece.\r\n",
    "au": b'"system_id","type","command_line","file_name","max_score","mastery_score",'
    b'"max_time_allowed","time_limit_action","system_vendor","core_vendor","web_launch",'
    b'"au_password"\r\n'
    b'"A1","lesson","","start.html","100","80","","","","","",""\r\n'
    b'"A2","lesson","","quiz.html?n=1","100","","00:30:00","E,N","","a=1<CR>b=2","q=2",""\r\n',
    "des": b'"system_id","developer_id","title","description"\r\n'
    b'"A1","d1","Start","The first, short unit"\r\n'
    b'"A2","d2","Quiz","Say ""when"""\r\n'
    b'"B1","d3","All of it",""\r\n',
    "cst": b'"block","member","member"\r\n"root","B1"\r\n"B1","A1","A2"\r\n',
}
CONTENT = {"start.html": b"<p>Start", "quiz.html": b"<p>Quiz"}

Serve = Callable[..., str]
MakeFiles = Callable[..., CourseFiles]
MakeZip = Callable[..., Path]
MakeFolder = Callable[..., Path]


@pytest.fixture
def plain() -> dict[str, bytes]:
    """Return the course files of a plain course, by extension."""
    return dict(PLAIN)


@pytest.fixture
def make_files() -> MakeFiles:
    """Return `make_files(au=b"...", cst=None, members=(...))`: the plain set with changes.

    None leaves a file out.
    """

    def make(
        *, folder: str = "", members: tuple[str, ...] = tuple(CONTENT), **changes: bytes | None
    ) -> CourseFiles:
        contents = {**PLAIN, **changes}
        kept = {name: data for name, data in contents.items() if data is not None}
        return CourseFiles(folder, "course", kept, members=Contents(members))

    return make


@pytest.fixture
def plain_members() -> dict[str, bytes]:
    """Return all files of a plain package by path: course files and content."""
    return {**{f"course.{name}": data for name, data in PLAIN.items()}, **CONTENT}


@pytest.fixture
def make_zip(tmp_path: Path) -> MakeZip:
    """Return `make_zip(members, name="package.zip") -> Path`."""

    def make(members: Mapping[str, bytes], name: str = "package.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path

    return make


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """Return `make_folder(members, name="package") -> Path`."""

    def make(members: Mapping[str, bytes], name: str = "package") -> Path:
        for member, data in members.items():
            path = tmp_path / name / member
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return tmp_path / name

    return make


@pytest.fixture
def refusal() -> Callable[[Callable[[], object]], tuple[Fault, ...]]:
    """Return `refusal(act) -> faults`: the act must be refused."""

    def refused(act: Callable[[], object]) -> tuple[Fault, ...]:
        with pytest.raises(PackageRefused) as caught:
            act()
        return caught.value.faults

    return refused


@pytest.fixture
def catalog_engine(engine: Engine) -> Engine:
    """Return the engine of an empty database with the catalog's tables."""
    supply_schema.Base.metadata.create_all(engine)
    return engine


@pytest.fixture
def transact(catalog_engine: Engine) -> Transact:
    """Return what the doors inject: one transaction for one unit of work."""

    def run(unit: Callable[[Connection], T]) -> T:
        with catalog_engine.connect() as connection:
            immediate = connection.execution_options(sqlite_begin="IMMEDIATE")
            with immediate.begin():
                return unit(immediate)

    return run


# The other side of the wire


@dataclass
class Speaker:
    """A server that says whatever bytes a test wants, on a real port; it notes what it was asked.

    `answer(connection, request)` gets each request whole, head and body. It sends what it likes and
    returns whether the connection stays open.
    """

    answer: Callable[[socket.socket, bytes], bool]
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listening = socket.create_server((self.host, 0), family=family)
        self.port = int(self._listening.getsockname()[1])
        self._begin(self._accept)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def _begin(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._open.append(connection)
                self.connections += 1
                self._begin(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        # Whoever hangs up, or shows no certificate that is liked, ends the talk and nothing else.
        with suppress(OSError):
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            while request := self._hear(connection):
                self.requests.append(request)
                if not self.answer(connection, request):
                    break
        connection.close()

    def _hear(self, connection: socket.socket) -> bytes:
        heard = b""
        while b"\r\n\r\n" not in heard:
            if not (more := connection.recv(65536)):
                return b""
            heard += more
        head, _, body = heard.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def stop(self) -> None:
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()


Listen = Callable[..., Speaker]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Return `listen(answer, host="127.0.0.1", tls=None) -> Speaker`: it speaks until the end."""
    speakers: list[Speaker] = []

    def start(answer: Callable[[socket.socket, bytes], bool], **how: object) -> Speaker:
        speakers.append(Speaker(answer, **how))  # type: ignore[arg-type]
        return speakers[-1]

    yield start
    for speaker in speakers:
        speaker.stop()


@pytest.fixture
def pretend() -> Pretend:
    """Return a pretend OpenSesame whose List is long, and of which nothing is sent yet."""
    return Pretend()


@pytest.fixture
def world(pretend: Pretend, serve: Serve, transact: Transact, tmp_path: Path) -> Iterator[World]:
    """Return an academy that is connected with the pretend OpenSesame."""
    open_academy(transact, ciid=pretend.ciid)
    url = serve(create_app(pretend), host="localhost")
    world = World(pretend, url, transact, Clock(), shelf_at(tmp_path))
    with world.closing:
        yield world
