"""What can go wrong with the API, at will: which fault, where, how often, from which page on.

Serves `api`, which commits them, and whoever steers. Thread-safe. Commits no fault itself.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from demo.opensesame.journal import Place


class Fault(StrEnum):
    """Everything that the pretend OpenSesame can do wrong."""

    UNAUTHORIZED = "unauthorized"
    TOO_MANY_REQUESTS = "too-many-requests"
    SERVER_ERROR = "server-error"
    TRUNCATED = "truncated"
    BROKEN_OFF = "broken-off"
    NOT_JSON = "not-json"
    EMPTY = "empty"
    REPEATED_PAGE = "repeated-page"
    MOVING_ITEMS = "moving-items"
    DUPLICATE_IDS = "duplicate-ids"
    NONSENSE_ITEMS = "nonsense-items"
    SLOW = "slow"
    NEXT_ELSEWHERE = "next-elsewhere"
    REDIRECT = "redirect"
    REDIRECT_ELSEWHERE = "redirect-elsewhere"


MEANING: Mapping[Fault, str] = {
    Fault.UNAUTHORIZED: "401, and the token is taken back",
    Fault.TOO_MANY_REQUESTS: "429 with Retry-After",
    Fault.SERVER_ERROR: "500",
    Fault.TRUNCATED: "JSON that ends in the middle",
    Fault.BROKEN_OFF: "the connection breaks in the middle of the answer",
    Fault.NOT_JSON: "200 with a page of HTML",
    Fault.EMPTY: "a listing without any item",
    Fault.REPEATED_PAGE: "the page before is sent once more, with its link to the next",
    Fault.MOVING_ITEMS: "the first item moves to the end before a page is read",
    Fault.DUPLICATE_IDS: "the first item of a page stands in it twice, with two titles",
    Fault.NONSENSE_ITEMS: "items without an id, with wrong types, or no objects at all",
    Fault.SLOW: "the answer takes a while",
    Fault.NEXT_ELSEWHERE: "the link to the next page leads to another host",
    Fault.REDIRECT: "302 to the same page, at the same host",
    Fault.REDIRECT_ELSEWHERE: "302 to another host",
}
_LISTING_ONLY = frozenset(
    {
        Fault.EMPTY,
        Fault.REPEATED_PAGE,
        Fault.MOVING_ITEMS,
        Fault.DUPLICATE_IDS,
        Fault.NONSENSE_ITEMS,
        Fault.NEXT_ELSEWHERE,
    }
)
_JSON_ONLY = frozenset({Fault.TRUNCATED, Fault.NOT_JSON})
_PICTURES_NEVER = frozenset({Fault.UNAUTHORIZED})


@dataclass(frozen=True, slots=True)
class Switched:
    """A fault that is on: for `times` more requests (None: until it is switched off).

    In the listing it begins with page `from_page`. `seconds` is how long SLOW waits and what
    Retry-After says; `to` is the other host's address, "" for another name of this one.
    """

    fault: Fault
    place: Place = Place.CONTENT
    times: int | None = None
    from_page: int = 1
    seconds: float = 1.0
    to: str = ""


def places_of(fault: Fault) -> tuple[Place, ...]:
    """Return where a fault can be committed."""
    if fault in _LISTING_ONLY:
        return (Place.CONTENT,)
    if fault in _JSON_ONLY:
        return Place.CONTENT, Place.TOKEN
    places = (Place.CONTENT, Place.TOKEN, Place.PACKAGE, Place.PICTURE)
    return places[:-1] if fault in _PICTURES_NEVER else places


class Faults:
    """The faults that are on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: dict[tuple[Place, Fault], Switched] = {}

    def switch_on(
        self,
        fault: Fault,
        *,
        place: Place = Place.CONTENT,
        times: int | None = None,
        from_page: int = 1,
        seconds: float = 1.0,
        to: str = "",
    ) -> None:
        """Commit this fault from now on; see `Switched`. Raises ValueError where it cannot be."""
        if place not in places_of(fault):
            raise ValueError(f"{fault} cannot happen at {place}")
        if (times is not None and times < 1) or from_page < 1:
            raise ValueError("times and from_page are at least 1; times None is for always")
        with self._lock:
            self._on[place, fault] = Switched(fault, place, times, from_page, seconds, to)

    def switch_off(self, fault: Fault | None = None) -> None:
        """End one fault at every place, or all of them."""
        with self._lock:
            self._on = {key: one for key, one in self._on.items() if fault not in (None, key[1])}

    def switched(self) -> tuple[Switched, ...]:
        """Return what is on."""
        with self._lock:
            return tuple(self._on.values())

    def take(self, place: Place, *, page: int = 1) -> Mapping[Fault, Switched]:
        """Return what this request meets, and count it."""
        with self._lock:
            met = {
                fault: one
                for (where, fault), one in self._on.items()
                if where is place and page >= one.from_page
            }
            for fault, one in met.items():
                self._count(place, fault, one)
        return met

    def _count(self, place: Place, fault: Fault, one: Switched) -> None:
        if one.times is None:
            return
        if one.times == 1:
            del self._on[place, fault]
        else:
            self._on[place, fault] = replace(one, times=one.times - 1)
