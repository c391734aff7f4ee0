"""An item says what its course says, in the API's own ways of writing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from demo.opensesame.catalogue import COURSES
from demo.opensesame.items import customer_of, dump_item, launch_url, licence_id
from demo.opensesame.model import ActiveAs, Course, Entry

TODAY = date(2025, 6, 2)
PLAIN = COURSES[0]


def dump(course: Course, *, retired: bool = False) -> dict[str, object]:
    entry = Entry(course, "Unlimited", retired=retired)
    return dump_item(entry, ciid="our-ciid", base_url="http://localhost:1", today=TODAY)


@pytest.mark.parametrize(
    ("written", "active", "retired"),
    [
        (ActiveAs.BOOLEAN, True, False),
        (ActiveAs.NUMBER, 1, 0),
        (ActiveAs.TEXT, "true", "false"),
    ],
)
def test_active_is_written_in_three_ways(
    written: ActiveAs, active: object, retired: object
) -> None:
    course = replace(PLAIN, active_as=written)

    for said, wanted in (
        (dump(course)["active"], active),
        (dump(course, retired=True)["active"], retired),
    ):
        assert said == wanted
        assert type(said) is type(wanted)


def test_what_a_course_does_not_have_is_empty_or_left_out() -> None:
    bare = replace(
        PLAIN, has_picture=False, only_package=True, description_html="", updated_at=None
    )

    item = dump(bare)

    assert item["thumbnailUrl"] == item["imageUrl"] == item["aiccLaunchUrl"] == ""
    assert item["descriptionHtml"] == f"<p>{PLAIN.description}</p>"
    assert "dateUpdated" not in item
    assert item["packageDownloadUrl"] == (
        f"http://localhost:1/v1/content/{PLAIN.id}/package?customerIntegrationId=our-ciid"
    )


def test_a_date_says_its_zone() -> None:
    item = dump(replace(PLAIN, updated_at=datetime(2025, 1, 2, 3, 4, tzinfo=UTC)))

    assert item["dateUpdated"] == "2025-01-02T03:04:00+00:00"


def test_the_licence_in_a_launch_address_names_its_customer_and_nothing_else_is_read_from_it() -> (
    None
):
    entry = Entry(PLAIN, "Seats")
    licence = licence_id(entry, "our.dotted-ciid")

    assert customer_of(licence) == "our.dotted-ciid"
    assert customer_of("no licence") == ""
    assert licence != licence_id(replace(entry, sent_as="Plus"), "our.dotted-ciid")
    assert launch_url(entry, "our.dotted-ciid", base_url="http://localhost:1").endswith(
        f"/launch/{PLAIN.id}?licenseId={licence}"
    )
