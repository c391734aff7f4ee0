"""The learners' search: any script and case, what may be taken, the best match first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog import archive, categories, search
from catalog.model import ArchiveReason
from catalog.provider.provided import Item, item_hash
from catalog.search import Asked, Found
from catalog.store import Transact
from catalog.supply import items
from catalog.sync import provided_courses

NOW = datetime(2026, 3, 1, tzinfo=UTC)
Bring = Callable[..., int]


def item(number: int, title: str, **more: Any) -> Item:
    key = f"00000000-0000-0000-0000-{number:012}"
    return Item(key, title, launch_url=f"https://content.example.org/{number}", **more)


@pytest.fixture
def bring(transact: Transact) -> Bring:
    """Return `bring(title, academy_id=1, **fields of the item) -> course id`."""
    count = iter(range(1, 1000))

    def brought(title: str, academy_id: int = 1, **more: Any) -> int:
        one = item(next(count), title, **more)
        (course_id,) = transact(
            lambda c: provided_courses.add(c, academy_id, [(one, item_hash(one))], now=NOW)
        )
        return course_id

    return brought


def find(transact: Transact, text: str = "", academy_id: int = 1, **more: Any) -> Found:
    return transact(lambda c: search.search(c, academy_id, Asked(text, **more)))


def titles(transact: Transact, text: str = "", **more: Any) -> list[str]:
    found = find(transact, text, **more)
    assert found.total == len(found.hits)
    return [hit.title for hit in found.hits]


@pytest.mark.parametrize(
    ("title", "text", "is_found"),
    [
        # realistic
        ("Safety at Work", "safety", True),
        ("Safety at Work", "WORK safety", True),
        ("Safety at Work", "work saf", True),
        ("Safety at Work", "saf work", False),
        ("Safety at Work", "safetyy", False),
        ("Größe und Maß", "grösse mass", True),
        ("Größe und Maß", "GROSSE", True),
        ("Élève", "eleve", True),
        ("Eleve", "élè", True),
        ("合同法入门", "同法", True),
        ("合同法入门", "门", True),
        ("合同法入门", "法同", False),
        ("การทำงาน", "งาน", True),
        ("हिन्दी सीखें", "हिन्दी", True),
        # sloppy
        ("Safety at Work", "  safety,  ", True),
        ("Safety at Work", "safety & (work)", True),
        # hostile
        ("Safety at Work", '"', True),
        ("Safety at Work", "safety OR sales", False),
        ("Safety at Work", "NOT safety*", False),
        ("Safety at Work", "'; DROP TABLE catalog_search; --", False),
        ("Safety at Work", "a1", False),
        ("Safety at Work", "@1", False),
        ("Safety at Work", "\0", True),
        ("Safety at Work", "safety " * 5000, True),
        ("Safety at Work", "s" * 100_000, False),
    ],
)
def test_words_are_found_without_case_and_accents(
    transact: Transact, bring: Bring, title: str, text: str, is_found: bool
) -> None:
    bring(title)
    assert titles(transact, text) == ([title] if is_found else [])


def test_what_is_searched_is_title_description_categories_and_publisher(
    transact: Transact, bring: Bring
) -> None:
    bring(
        "One",
        description="How to lift things",
        publisher="Northwind",
        categories=(("Compliance", "HIPAA"),),
    )
    for text in ("one", "lift", "northwind", "compliance hipaa", "one lift northwind"):
        assert titles(transact, text) == ["One"], text
    assert titles(transact, "00000000") == []


def test_a_title_counts_more_than_a_category_and_that_more_than_a_description(
    transact: Transact, bring: Bring
) -> None:
    bring("Ladders and stairs", description="With a word on negotiation, among much else")
    bring("How to talk", categories=(("Sales", "Negotiation"),))
    bring("Negotiation for beginners")
    assert titles(transact, "negotiation") == [
        "Negotiation for beginners",
        "How to talk",
        "Ladders and stairs",
    ]


def test_without_words_all_courses_come_by_title(transact: Transact, bring: Bring) -> None:
    for title in ("cherry", "Äpfel", "Banana"):
        bring(title)
    assert titles(transact) == titles(transact, " ") == ["Äpfel", "Banana", "cherry"]


def test_a_hit_says_what_lists_show(transact: Transact, bring: Bring) -> None:
    number = bring(
        "One",
        description="About it",
        publisher="Northwind",
        languages=("en", "de"),
        duration=timedelta(minutes=90),
    )
    (hit,) = find(transact, "one").hits
    assert hit == search.Hit(
        number,
        "One",
        "About it",
        "Northwind",
        ("en", "de"),
        timedelta(minutes=90),
        "",
        "opensesame",
    )


def test_pages_follow_each_other(transact: Transact, bring: Bring) -> None:
    for number in range(5):
        bring(f"Safety {number}")
    pages = [
        transact(lambda c, at=at: search.search(c, 1, Asked("safety"), limit=2, offset=at))
        for at in (0, 2, 4)
    ]
    assert [page.total for page in pages] == [5, 5, 5]
    found = [hit.id for page in pages for hit in page.hits]
    assert len(found) == len(set(found)) == 5


def test_counting_stops_where_nobody_turns_pages(
    transact: Transact, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 2)
    for number in range(4):
        bring(f"Safety {number}")
    assert find(transact, "safety").total == find(transact).total == 2


def test_only_what_a_learner_may_take_is_found(transact: Transact, bring: Bring) -> None:
    first, _ = bring("Safety one"), bring("Safety two")
    assert titles(transact, "safety", courses=[first, -1, 2**40]) == ["Safety one"]
    assert titles(transact, courses={first}) == ["Safety one"]
    assert titles(transact, "safety", courses=[]) == []
    assert len(titles(transact, courses=range(1, 50_000))) == 2


def test_another_academy_finds_nothing(transact: Transact, bring: Bring) -> None:
    bring("Safety", academy_id=12)
    assert find(transact, "safety").total == find(transact).total == 0
    assert find(transact, "safety", academy_id=12).total == 1


def test_archived_courses_are_not_found(transact: Transact, bring: Bring) -> None:
    number = bring("Safety")
    key = {"course_id": number, "by": None, "now": NOW}
    transact(lambda c: archive.archive(c, 1, reason=ArchiveReason.INACTIVE, **key))
    assert titles(transact, "safety") == titles(transact) == []
    transact(lambda c: archive.reactivate(c, 1, **key))
    assert titles(transact, "safety") == ["Safety"]


def test_a_language_takes_in_its_regions(transact: Transact, bring: Bring) -> None:
    bring("British", languages=("en-GB",))
    bring("English", languages=("de", "en"))
    bring("Enga", languages=("enq",))
    assert titles(transact, language="en") == ["British", "English"]
    assert titles(transact, language="EN-gb") == ["British"]
    assert titles(transact, "english", language="de") == ["English"]
    assert titles(transact, language="e%") == []
    listed = transact(lambda c: search.languages(c, 1))
    assert listed == [("de", 1), ("en", 1), ("en-gb", 1), ("enq", 1)]


def test_a_category_takes_in_what_is_below_it(transact: Transact, bring: Bring) -> None:
    bring("Fire", categories=(("Safety", "Fire"),))
    bring("All", categories=(("Safety",),))
    bring("Sales", categories=(("Sales", "Fire"),))
    tree = transact(lambda c: categories.tree(c, 1))
    ids = {node.path: number for number, node in tree.items()}
    assert titles(transact, category_id=ids["Safety",]) == ["All", "Fire"]
    assert titles(transact, "fire", category_id=ids["Sales", "Fire"]) == ["Sales"]
    assert titles(transact, category_id=999) == []


def test_durations_bound_what_is_found(transact: Transact, bring: Bring) -> None:
    for minutes in (5, 30, 90):
        bring(f"{minutes:02} minutes", duration=timedelta(minutes=minutes))
    bring("Unknown")
    half_an_hour = timedelta(minutes=30)
    assert titles(transact, at_most=half_an_hour) == ["05 minutes", "30 minutes"]
    assert titles(transact, "minutes", at_least=half_an_hour) == ["30 minutes", "90 minutes"]


def test_where_a_course_comes_from_bounds_what_is_found(transact: Transact, bring: Bring) -> None:
    bring("Safety")
    assert titles(transact, provider="opensesame") == ["Safety"]
    assert titles(transact, provider="") == []
    assert transact(lambda c: search.providers(c, 1)) == [("opensesame", 1)]


def test_a_change_is_found_and_what_was_there_before_is_not(
    transact: Transact, bring: Bring
) -> None:
    number = bring("Safety", languages=("en",), categories=(("Old",),))
    before = item(1, "Safety", languages=("en",), categories=(("Old",),))
    after = item(1, "Hygiene", languages=("fr",), categories=(("New",),))
    change = provided_courses.Change(number, after, item_hash(after), before)
    transact(lambda c: provided_courses.change(c, 1, [change], now=NOW))
    assert titles(transact, "safety") == titles(transact, "old") == []
    assert titles(transact, "hygiene new", language="fr") == ["Hygiene"]
    assert titles(transact, language="en") == []


def test_a_description_like_a_book_is_indexed_as_far_as_it_helps(
    transact: Transact, bring: Bring
) -> None:
    bring("Book", description=" ".join(f"word{n}" for n in range(12_000)))
    assert titles(transact, "word4999") == ["Book"]
    assert titles(transact, "word5001") == []


def test_a_course_can_be_taken_out_of_the_index(transact: Transact, bring: Bring) -> None:
    number = bring("Safety")
    transact(lambda c: search.drop(c, 1, [number]))
    assert titles(transact, "safety") == []
    assert transact(lambda c: items.provided(c, 1, course_id=number)) is not None


def test_taking_stock_of_many_new_courses_changes_no_search(
    transact: Transact, bring: Bring
) -> None:
    ids = {bring("Safety first"), bring("Safety last")}
    transact(search.take_stock)
    found = transact(lambda c: search.search(c, 1, Asked("safety")))
    assert {hit.id for hit in found.hits} == ids
