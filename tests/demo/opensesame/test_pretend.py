"""The object that steers: what a test or a person does is what the API then says."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from demo.opensesame.catalogue import COURSES
from demo.opensesame.model import Client, Opening
from demo.opensesame.pretend import CIID, CLIENT_ID, CannotSend, NoSuchCustomer, Pretend

HIPAA, PASSWORDS, LOCKOUT, FOOD, FEEDBACK, MEETINGS, FORKLIFT = (c.id for c in COURSES[:7])


def test_it_begins_with_one_customer_and_a_client_with_a_secret_of_its_own(pretend) -> None:
    assert (pretend.ciid, pretend.client.id) == (CIID, CLIENT_ID)
    assert len(pretend.client.secret) == 32
    assert Pretend().client.secret != pretend.client.secret
    assert [entry.course for entry in pretend.entries()] == list(COURSES)
    assert {entry.sent_as for entry in pretend.entries()} == {None}


@pytest.mark.parametrize(("name", "secret"), [("", ""), (CLIENT_ID, ""), (CLIENT_ID, "ünsafe")])
def test_a_client_is_known_by_id_and_secret_only(pretend, name, secret) -> None:
    assert pretend.find_client(name, secret) is None
    assert pretend.find_client(pretend.client.id, pretend.client.secret) == pretend.client


def test_sending_without_ids_sends_all_that_may_be_sent(reader) -> None:
    reader.pretend.send()

    listed = {item["id"] for item in reader.items()}

    assert listed == {course.id for course in COURSES} - {FORKLIFT}
    assert reader.pretend.entry(FEEDBACK).sent_as == "Seats"


def test_what_happens_over_there_is_what_the_listing_says(reader) -> None:
    pretend = reader.pretend
    pretend.send(HIPAA, PASSWORDS, LOCKOUT)

    pretend.retire(HIPAA)
    pretend.remove(PASSWORDS)
    pretend.change(LOCKOUT, title="Lockout", categories=("|Safety",))

    hipaa, lockout = reader.items()
    assert (hipaa["id"], hipaa["active"]) == (HIPAA, False)
    assert (lockout["title"], lockout["categories"]) == ("Lockout", ["|Safety"])
    pretend.reactivate(HIPAA)
    assert reader.items()[0]["active"] is True


def test_customers_have_lists_of_their_own(pretend) -> None:
    pretend.add_customer("theirs", courses=COURSES[:1])
    pretend.send(HIPAA, ciid="theirs")
    pretend.retire(HIPAA, ciid="theirs")
    pretend.grow(7, ciid="theirs")

    assert pretend.ciids() == (CIID, "theirs")
    assert pretend.entry(HIPAA).sent_as is None
    assert not pretend.entry(HIPAA).retired
    assert pretend.listed(0, 10, ciid=CIID) == ((), 0)
    assert pretend.listed(0, 10, ciid="theirs")[1] == 8
    with pytest.raises(NoSuchCustomer):
        pretend.entries(ciid="nobody")


def test_a_course_of_a_tests_own_is_added_and_anything_at_all_is_listed(reader) -> None:
    reader.pretend.add(COURSES[0], ciid=CIID)
    reader.pretend.list_raw({"id": "x"}, None)
    reader.pretend.list_raw(3)

    assert reader.items() == [{"id": "x"}, None, 3]
    reader.pretend.list_raw()
    assert reader.items() == []


def test_a_delivery_sends_and_pushes_and_a_repeat_is_the_same_delivery(serve, pretend) -> None:
    came = []

    def receiver(environ, start_response):
        came.append(environ["wsgi.input"].read())
        start_response(["202 Accepted", "200 OK"][len(came) - 1], [])
        return [b"thanks"]

    pretend.connect(f"{serve(receiver)}/deliveries", "secret")

    delivery = pretend.deliver(HIPAA, FEEDBACK, licences={FEEDBACK: "Seats"})
    again = pretend.push(delivery.id)

    assert delivery.courses == ((HIPAA, "Unlimited"), (FEEDBACK, "Seats"))
    assert [answer.status for answer in again.answers] == [202, 200]
    assert came[0] == came[1]
    assert pretend.deliveries() == (again,)
    assert pretend.entry(HIPAA).sent_as == "Unlimited"


def test_while_it_pushes_the_listing_can_be_read(serve, reader) -> None:
    pretend, read = reader.pretend, []

    def receiver(_environ, start_response):
        read.extend(reader.items())
        start_response("202 Accepted", [])
        return [b""]

    pretend.connect(f"{serve(receiver)}/", "secret")
    pretend.deliver(HIPAA)

    assert [item["id"] for item in read] == [HIPAA]


def test_a_delivery_that_cannot_be_made_leaves_no_trace(pretend) -> None:
    with pytest.raises(CannotSend):
        pretend.deliver(HIPAA, FORKLIFT)

    assert pretend.deliveries() == ()
    assert pretend.entry(HIPAA).sent_as is None


def test_the_newest_delivery_stands_first(pretend) -> None:
    deliveries = [pretend.deliver(course) for course in (HIPAA, PASSWORDS)]

    assert pretend.deliveries() == tuple(reversed(deliveries))
    assert deliveries[0].answers[0].status is None


def test_launches_are_counted_with_who_and_what_they_met(pretend) -> None:
    first = pretend.note_launch(HIPAA, Opening.OPEN, ciid=CIID)
    pretend.note_launch(HIPAA, Opening.NO_SEAT, ciid=CIID)
    pretend.note_learner(first.id, "k3v9q2")
    pretend.note_learner(first.id, "somebody-else", completed=True)
    pretend.note_learner(first.id)

    counted, refused = pretend.launches()

    assert (counted.student_id, counted.completed) == ("k3v9q2", True)
    assert (refused.opening, refused.student_id) == (Opening.NO_SEAT, None)
    with pytest.raises(KeyError):
        pretend.note_learner("no such launch")


def test_today_is_a_day_of_utc() -> None:
    late = datetime(2025, 6, 2, 23, 59, tzinfo=UTC)

    assert Pretend(clock=lambda: late).today == late.date()
    assert Pretend(clock=lambda: late + timedelta(minutes=1)).today > late.date()


def test_a_white_label_client_is_added(pretend) -> None:
    own = Client("own", "secret", frozenset({CIID}))
    pretend.add_client(own)

    assert pretend.find_client("own", "secret") == own
    assert pretend.client.id == CLIENT_ID


def test_many_threads_lose_nothing(pretend) -> None:
    def work() -> None:
        for _ in range(50):
            pretend.turn()
            pretend.note_launch(HIPAA, Opening.OPEN, ciid=CIID)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(pretend.launches()) == 400
    assert pretend._customer(None).turned == 400
