"""Lists by pages and by columns: which slice a request asks for, and the addresses around it.

Serves the views of lists; the templates `pager` and `sort_head` draw it. Knows no table.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request, url_for

PAGE_SIZE = 50  # what one reads without losing the place; the search is for the rest
# Nobody reads on so far to learn how much there is; counting on would cost more than the page.
COUNTED = 10_000
MOST_PAGES = 10**7  # beyond any list, and a number that every database takes
SEARCH_LENGTH = 200  # longer than any name that is searched for


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: numbers count from 1, `before` and `after` are addresses or None.

    There is more than `total` where `is_open`.
    """

    number: int
    size: int
    total: int
    is_open: bool = False

    @property
    def offset(self) -> int:
        """How many entries stand on the pages before."""
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        """The number of the first entry on the page."""
        return self.offset + 1

    @property
    def last(self) -> int:
        """The number of the last entry on the page."""
        return min(self.offset + self.size, self.total)

    @property
    def before(self) -> str | None:
        """The address of the page before."""
        return here(page=self.number - 1) if self.number > 1 else None

    @property
    def after(self) -> str | None:
        """The address of the page after."""
        return here(page=self.number + 1) if self.is_open or self.last < self.total else None


def most(*, size: int = PAGE_SIZE) -> int:
    """Return how far a list is counted: one entry behind the page that is asked for, or more."""
    return max(COUNTED, min(_asked(), MOST_PAGES) * size) + 1


def page(total: int, *, size: int = PAGE_SIZE, counted: int | None = None) -> Page:
    """Return the page that the request asks for; a number out of range means the nearest page.

    `counted` is how far was counted, None where it was to the end.
    """
    is_open = counted is not None and total >= counted
    total -= is_open
    last = max(1, -(-total // size))
    return Page(min(max(1, _asked()), last), size=size, total=total, is_open=is_open)


def _asked() -> int:
    return request.args.get("page", default=1, type=int)


def here(**changes: object) -> str:
    """Return this page's own address with some of its query changed; None leaves a name out."""
    query = {**request.args.to_dict(), **changes}
    said = {name: value for name, value in query.items() if value not in (None, "")}
    own = request.script_root + request.path
    return f"{own}?{urlencode(said)}" if said else own


def sort_address(name: str, current: str) -> str:
    """Return the address that sorts by this column, or turns the order around where it does."""
    return here(sort=f"-{name}" if current == name else name, page=None)


def search() -> str:
    """Return what the request searches for."""
    return request.args.get("q", "").strip()[:SEARCH_LENGTH]


def query_of(endpoint: str) -> str:
    """Return the address of another view with the filters of this request, without its page."""
    query = {name: value for name, value in request.args.items() if name != "page" and value}
    return f"{url_for(endpoint)}?{urlencode(query)}" if query else url_for(endpoint)
