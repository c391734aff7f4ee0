"""The pictures of courses, fetched once, after the courses themselves.

Serves the tasks. A picture that cannot be had is no failure of its course, and no run waits for
pictures. Writes names into the catalog and files onto the shelf of pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from catalog.picture_shelf import PictureShelf
from catalog.provider.errors import ProviderError, Unreachable
from catalog.provider.pictures import Picture
from catalog.store import Transact
from catalog.supply import item_pictures
from catalog.supply.item_pictures import DuePicture

# So many are fetched before their names are stored, with one commit.
_AT_ONCE = 50
# Who cannot be reached so often in a row is left alone until the next time.
_MOST_UNREACHED = 5
# After so many tries a picture is not asked for again, until its address changes.
_MOST_TRIES = 3


class Gallery(Protocol):
    """What is asked of a provider: `catalog.provider.opensesame.Client`."""

    def picture(self, url: str, /) -> Picture:
        """Fetch a picture; raises `ProviderError`."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """How many pictures were kept, could not be had, and are left for the next time."""

    kept: int
    failed: int
    left: int


def fetch_due(
    academy_id: int, *, client: Gallery, transact: Transact, shelf: PictureShelf
) -> Fetched:
    """Fetch the pictures that are due, until all were tried once or nobody answers.

    So is one whose file is gone, as after a restored backup that had no pictures in it.
    """
    _miss(academy_id, transact=transact, shelf=shelf)
    fetching = _Fetching(client, shelf)
    kept = failed = 0
    after = ""
    while not fetching.gave_up:
        ask = partial(item_pictures.due, academy_id=academy_id, after=after, limit=_AT_ONCE)
        due = transact(ask)
        if not due:
            break
        names, again = fetching.fetch(due)
        transact(partial(item_pictures.note, academy_id=academy_id, names=names, again=again))
        kept += sum(map(bool, names.values()))
        failed += sum(not name for name in names.values()) + len(again)
        after = due[-1].key
    left = transact(partial(item_pictures.count_due, academy_id=academy_id))
    return Fetched(kept, failed, left)


def _miss(academy_id: int, *, transact: Transact, shelf: PictureShelf) -> None:
    kept = transact(partial(item_pictures.kept, academy_id=academy_id))
    if gone := [course_id for course_id, name in kept if not shelf.path_of(name).exists()]:
        transact(partial(item_pictures.lose, academy_id=academy_id, course_ids=gone))


@dataclass(slots=True)
class _Fetching:
    """Pictures on their way; `unreached` counts the hosts in a row that did not answer."""

    client: Gallery
    shelf: PictureShelf
    unreached: int = field(default=0)

    @property
    def gave_up(self) -> bool:
        """Whether there is no use in going on now."""
        return self.unreached >= _MOST_UNREACHED

    def fetch(self, due: Sequence[DuePicture]) -> tuple[dict[str, str], list[str]]:
        """Return the names of pictures by key, "" for those that cannot be had, and what to retry.

        What is not reached any more is in neither.
        """
        names: dict[str, str] = {}
        again: list[str] = []
        for one in due:
            if self.gave_up:
                break
            try:
                names[one.key] = self.shelf.keep(self.client.picture(one.url))
            except ProviderError as error:
                self.unreached += isinstance(error, Unreachable)
                if error.again and one.tries + 1 < _MOST_TRIES:
                    again.append(one.key)
                else:
                    names[one.key] = ""
            else:
                self.unreached = 0
        return names, again
