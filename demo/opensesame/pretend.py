"""The pretend OpenSesame as one object: tests and the admin page steer it, the API reads it.

    pretend = Pretend()
    url = serve(create_app(pretend), host="localhost")
    pretend.send()                                  # everything that may be sent is listed
    pretend.retire(HIPAA)                           # from now on `active` is false
    pretend.faults.switch_on(Fault.SERVER_ERROR, times=2, from_page=2)
    assert [call.page for call in pretend.calls(Place.CONTENT)] == [1, 2]

Serves everybody outside this package. Every method may be called from any thread and returns values
that never change afterwards.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from demo.opensesame import keeping
from demo.opensesame.catalogue import COURSES
from demo.opensesame.customers import CannotSend, Customer, NoSuchCourse, Raw
from demo.opensesame.faults import Faults
from demo.opensesame.growing import Growth
from demo.opensesame.journal import Call, Journal, Place
from demo.opensesame.model import Answered, Client, Course, Delivery, Entry, Launch, Opening
from demo.opensesame.pushing import Pusher
from demo.opensesame.seats import Seats, seats
from demo.opensesame.tokens import Clock, Tokens

CIID = "0b0f1c5e-6a55-4d0e-9a61-5b7c1e0d2a44"
CLIENT_ID = "learning-server"

__all__ = ["CIID", "CLIENT_ID", "CannotSend", "NoSuchCourse", "NoSuchCustomer", "Pretend"]


class NoSuchCustomer(Exception):
    """There is no customer with that Customer Integration ID."""


def _now() -> datetime:
    return datetime.now(UTC)


class Pretend:
    """The whole state. It begins with one customer whose List has `courses`, none of them sent.

    `client` is who may ask for every customer, as an LMS vendor does. With a `file`, the state is
    read from it and written to it after each change; tokens, calls and faults are not in it.
    `hosts` are learning servers that may be called besides this machine's loopback. Wherever a
    method takes `ciid`, None is the first customer.
    """

    def __init__(
        self,
        *,
        courses: Iterable[Course] = COURSES,
        ciid: str = CIID,
        client: Client | None = None,
        clock: Clock = _now,
        file: Path | None = None,
        hosts: frozenset[str] = frozenset(),
    ) -> None:
        self.clock = clock
        self.hosts = hosts
        self.tokens = Tokens(clock)
        self.faults = Faults()
        self.journal = Journal()
        self._pusher = Pusher(clock, hosts=hosts)
        self._lock = threading.RLock()
        self._file = file
        self._state = keeping.State() if file is None else keeping.read(file)
        if not self._state.customers:
            self.add_client(client or Client(CLIENT_ID, secrets.token_urlsafe(24)))
            self.add_customer(ciid, courses=courses)

    # Who may ask, and for whom

    @property
    def ciid(self) -> str:
        """The Customer Integration ID of the first customer."""
        with self._lock:
            return next(iter(self._state.customers))

    @property
    def client(self) -> Client:
        """The first client: the one that may read every customer."""
        with self._lock:
            return next(iter(self._state.clients.values()))

    def ciids(self) -> tuple[str, ...]:
        """Return the customers in the order they came."""
        with self._lock:
            return tuple(self._state.customers)

    def add_client(self, client: Client) -> None:
        """Let a client ask for tokens, such as one of a white-label customer's own."""
        with self._changing():
            self._state.clients[client.id] = client

    def client_of(self, ciid: str) -> Client:
        """Return who reads this customer: its own client where it has one, else the vendor's."""
        with self._lock:
            own = [one for one in self._state.clients.values() if one.ciids and ciid in one.ciids]
        return own[0] if own else self.client

    def find_client(self, client_id: str, secret: str) -> Client | None:
        """Return the client with this id and secret, None where they are wrong."""
        with self._lock:
            found = self._state.clients.get(client_id)
        if found is None or not secrets.compare_digest(found.secret.encode(), secret.encode()):
            return None
        return found

    def add_customer(self, ciid: str, *, courses: Iterable[Course] = COURSES) -> None:
        """Add a customer with a List of its own, nothing of it sent."""
        with self._changing():
            customer = Customer(ciid)
            customer.add(courses)
            self._state.customers[ciid] = customer

    # The List

    def entries(self, *, ciid: str | None = None) -> tuple[Entry, ...]:
        """Return the courses of the List in its order, without the made-up ones."""
        with self._lock:
            return tuple(self._customer(ciid).entries.values())

    def entry(self, course_id: str, *, ciid: str | None = None) -> Entry:
        """Find a course, a made-up one too; raises NoSuchCourse."""
        with self._lock:
            return self._customer(ciid).entry(course_id)

    def add(self, *courses: Course, ciid: str | None = None) -> None:
        """Put courses on the List, not sent yet."""
        with self._changing():
            self._customer(ciid).add(courses)

    def list_raw(self, *items: object, ciid: str | None = None) -> None:
        """Have the API list these as they are, behind everything else; no items: none any more."""
        with self._changing():
            customer = self._customer(ciid)
            customer.raw = [*customer.raw, *map(Raw, items)] if items else []

    def grow(
        self,
        count: int,
        *,
        seed: int = 1,
        retired: float = 0.0,
        revised: float = 0.0,
        ciid: str | None = None,
    ) -> None:
        """List that many made-up courses besides, in place of those made up before.

        `retired` and `revised` are shares: `grow(40_000, revised=0.01)` after `grow(40_000)`
        changes the titles of about 400 of the same courses. Single ones change like any other.
        """
        with self._changing():
            self._customer(ciid).grow(Growth(count, seed, retired, revised))

    def grown(self, *, ciid: str | None = None) -> Growth:
        """Return what is made up: how many, and `id_of(number)`."""
        with self._lock:
            return self._customer(ciid).growth

    def listed(self, start: int, stop: int, *, ciid: str) -> tuple[tuple[Entry | Raw, ...], int]:
        """Return what the API lists from `start` to before `stop`, and the number of all."""
        with self._lock:
            customer = self._customer(ciid)
            return tuple(customer.listed(start, stop)), customer.count()

    def turn(self, *, ciid: str | None = None) -> None:
        """Move the first item of the listing behind the last, as happens while somebody reads."""
        with self._lock:
            self._customer(ciid).turned += 1

    # What a customer, or a publisher, does

    def send(
        self,
        *course_ids: str,
        licences: Mapping[str, str] | None = None,
        ciid: str | None = None,
    ) -> tuple[Entry, ...]:
        """Have the API list these courses, without a push; return them as sent.

        Without ids: all that may be sent, each with the first of its active licences. With ids, a
        course of several licence types needs one named in `licences`; raises CannotSend otherwise.
        """
        with self._changing():
            customer, today = self._customer(ciid), self.today
            ids, named = list(course_ids), dict(licences or {})
            if not ids:
                for id_, entry in customer.entries.items():
                    if entry.is_active(today):
                        ids.append(id_)
                        named.setdefault(id_, entry.licences(today)[0].type)
            return customer.send(ids, licences=named, today=today)

    def deliver(
        self,
        *course_ids: str,
        licences: Mapping[str, str] | None = None,
        ciid: str | None = None,
    ) -> Delivery:
        """Send, and push the news to the customer's integration: *Deliver Courses*."""
        sent = self.send(*course_ids, licences=licences, ciid=ciid)
        courses = tuple((entry.course.id, entry.sent_as or "") for entry in sent)
        delivery = Delivery(secrets.token_hex(16), ciid or self.ciid, self.clock(), courses)
        with self._changing():
            self._state.deliveries[delivery.id] = delivery
        return self.push(delivery.id)

    def push(self, delivery_id: str) -> Delivery:
        """Push a delivery, also one that was pushed before; raises KeyError for an unknown one."""
        with self._lock:
            delivery = self._state.deliveries[delivery_id]
            customer = self._customer(delivery.ciid)
            url, secret = customer.push_url, customer.push_secret
        # Not under the lock: the learning server may ask for the listing before it answers.
        answered = self._pusher.push(url, secret, delivery)
        return self._note_answer(delivery_id, answered)

    def _note_answer(self, delivery_id: str, answered: Answered) -> Delivery:
        with self._changing():
            delivery = self._state.deliveries[delivery_id]
            delivery = replace(delivery, answers=(*delivery.answers, answered))
            self._state.deliveries[delivery_id] = delivery
            return delivery

    def connect(self, url: str, secret: str, *, ciid: str | None = None) -> None:
        """Say where *Send to Integration* pushes to, and the secret that it shows there."""
        with self._changing():
            customer = self._customer(ciid)
            customer.push_url, customer.push_secret = url, secret

    def connection(self, *, ciid: str | None = None) -> tuple[str, str]:
        """Return the address and the secret of the integration, "" where not set."""
        with self._lock:
            customer = self._customer(ciid)
            return customer.push_url, customer.push_secret

    def retire(self, course_id: str, *, ciid: str | None = None) -> None:
        """Have its publisher retire the course: it stays listed, and is no longer active."""
        self._replace(course_id, ciid, retired=True)

    def reactivate(self, course_id: str, *, ciid: str | None = None) -> None:
        """Take the retirement back."""
        self._replace(course_id, ciid, retired=False)

    def remove(self, course_id: str, *, ciid: str | None = None) -> None:
        """Take the course out of what is sent: the API does not list it any more."""
        self._replace(course_id, ciid, sent_as=None)

    def open_launches(
        self, course_id: str, opening: Opening = Opening.OPEN, *, ciid: str | None = None
    ) -> None:
        """Say what the course's launches meet from now on."""
        self._replace(course_id, ciid, opening=opening)

    def seats(self, course_id: str, *, ciid: str | None = None) -> Seats:
        """Return the seats of the licence by which a course is launched, and who has them."""
        with self._lock:
            entry = self._customer(ciid).entry(course_id)
            return seats(entry.licence(self.today), self.launches(ciid=ciid), entry.course.id)

    def set_seats(self, course_id: str, number: int | None, *, ciid: str | None = None) -> None:
        """Let the licence by which a course is launched have so many seats, or any number."""
        with self._changing():
            entry = self.entry(course_id, ciid=ciid)
            used = entry.licence(self.today)
            licences = tuple(
                replace(one, seats=number) if one is used else one for one in entry.course.licences
            )
            self._customer(ciid).change(course_id, licences=licences)

    def change(self, course_id: str, *, ciid: str | None = None, **fields: Any) -> Entry:
        """Change fields of the course (see `Course`), such as `title`, `categories`, `licences`."""
        with self._changing():
            return self._customer(ciid).change(course_id, **fields)

    # What was asked, and what was done

    def calls(self, place: Place | None = None) -> tuple[Call, ...]:
        """Return the calls so far, oldest first: all, or those of one place."""
        return self.journal.calls(place)

    def deliveries(self, *, ciid: str | None = None) -> tuple[Delivery, ...]:
        """Return a customer's deliveries, the newest first."""
        with self._lock:
            wanted = self._customer(ciid).ciid
            found = [one for one in self._state.deliveries.values() if one.ciid == wanted]
        return tuple(reversed(found))

    def launches(self, *, ciid: str | None = None) -> tuple[Launch, ...]:
        """Return a customer's launches, the oldest first: what the activity report is made of."""
        with self._lock:
            wanted = self._customer(ciid).ciid
            return tuple(one for one in self._state.launches.values() if one.ciid == wanted)

    def launch(self, launch_id: str) -> Launch:
        """Return one launch; raises KeyError."""
        with self._lock:
            return self._state.launches[launch_id]

    def note_launch(self, course_id: str, opening: Opening, *, ciid: str) -> Launch:
        """Count a launch."""
        launch = Launch(secrets.token_urlsafe(18), ciid, course_id, self.clock(), opening)
        with self._changing():
            self._state.launches[launch.id] = launch
        return launch

    def note_learner(
        self, launch_id: str, student_id: str | None = None, *, completed: bool = False
    ) -> None:
        """Note who a launch was for, or that it was finished; raises KeyError."""
        with self._changing():
            launch = self._state.launches[launch_id]
            self._state.launches[launch_id] = replace(
                launch,
                student_id=launch.student_id or student_id,
                completed=launch.completed or completed,
            )

    @property
    def today(self) -> date:
        """The day by the clock, in UTC: what licences are judged by."""
        return self.clock().date()

    def _customer(self, ciid: str | None) -> Customer:
        found = self._state.customers.get(self.ciid if ciid is None else ciid)
        if found is None:
            raise NoSuchCustomer(ciid)
        return found

    def _replace(self, course_id: str, ciid: str | None, **fields: Any) -> None:
        with self._changing():
            customer = self._customer(ciid)
            customer.keep(replace(customer.entry(course_id), **fields))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock, and keep what has changed."""
        with self._lock:
            yield
            if self._file is not None:
                keeping.write(self._file, self._state)
