"""The journal keeps the calls in order, tells places apart, and can begin anew."""

from __future__ import annotations

import threading

from demo.opensesame.journal import Call, Journal, Place


def call(clock, place: Place, **query: str) -> Call:
    return Call(clock(), place, "GET", "localhost", "/", query, "Bearer", 200)


def test_calls_are_kept_in_order_and_found_by_place(clock) -> None:
    journal = Journal()
    listing, picture = call(clock, Place.CONTENT, page="3"), call(clock, Place.PICTURE)
    for one in (listing, picture, listing):
        journal.note(one)

    assert journal.calls() == (listing, picture, listing)
    assert journal.calls(Place.PICTURE) == (picture,)
    assert (listing.page, picture.page, call(clock, Place.CONTENT, page="x").page) == (3, 0, 0)
    journal.forget()
    assert journal.calls() == ()


def test_many_threads_lose_no_call(clock) -> None:
    journal = Journal()
    one = call(clock, Place.CONTENT)

    def note() -> None:
        for _ in range(200):
            journal.note(one)

    threads = [threading.Thread(target=note) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(journal.calls()) == 1600
