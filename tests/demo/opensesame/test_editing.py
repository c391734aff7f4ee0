"""The page of a course: what is changed there is what the listing says next."""

from __future__ import annotations

import io
import zipfile

import pytest

from demo.opensesame.catalogue import COURSES
from demo.opensesame.growing import Growth
from demo.opensesame.model import Opening

HIPAA = COURSES[0]
PAGE = f"/courses/{HIPAA.id}"


@pytest.fixture
def sent(desk):
    desk.pretend.send(HIPAA.id)
    return desk


def test_a_course_is_retired_and_activated_again(sent, reader) -> None:
    assert sent.post(f"{PAGE}/retire").location == f"{sent.home}{PAGE}"
    assert reader.items()[0]["active"] is False
    page = sent.get(PAGE).text
    assert "Retired: the listing says that it is not active." in page
    assert "Re-activate" in page

    sent.post(f"{PAGE}/reactivate")

    assert reader.items()[0]["active"] is True


def test_a_course_is_removed_from_the_list_and_brought_back_by_a_delivery(sent, reader) -> None:
    sent.post(f"{PAGE}/remove")
    assert reader.items() == []
    assert "Remove from the list" not in sent.get(PAGE).text

    sent.post("/deliver", course=[HIPAA.id])

    assert len(reader.items()) == 1


def test_title_description_and_categories_are_changed(sent, reader) -> None:
    sent.post(
        PAGE,
        title="  HIPAA, revised ",
        description="Shorter.",
        categories="|Compliance|HIPAA & <more>\r\n\r\n  |New\r\n",
    )

    (item,) = reader.items()
    assert item["title"] == "HIPAA, revised"
    assert item["descriptionText"] == "Shorter."
    assert item["categories"] == ["|Compliance|HIPAA & <more>", "|New"]
    assert "HIPAA &amp; &lt;more&gt;" in sent.get(PAGE).text


@pytest.mark.parametrize("title", ["", "   ", "x" * 301])
def test_a_title_that_cannot_be_is_told_and_what_was_typed_is_kept(sent, title) -> None:
    answer = sent.post(PAGE, title=title, description="typed", categories="|typed")

    assert answer.status_code == 400
    assert "The title has 1 to 300 characters" in answer.text
    assert "|typed</textarea>" in answer.text
    assert sent.pretend.entry(HIPAA.id).course == HIPAA


@pytest.mark.parametrize("opening", Opening)
def test_what_launches_meet_is_chosen(sent, opening) -> None:
    sent.post(f"{PAGE}/launches", opening=opening)

    assert sent.pretend.entry(HIPAA.id).opening is opening
    assert f'<option value="{opening}" selected>' in sent.get(PAGE).text


def test_the_number_of_seats_is_chosen_and_how_many_are_taken_is_told(sent) -> None:
    launch = sent.pretend.note_launch(HIPAA.id, Opening.OPEN, ciid=sent.pretend.ciid)
    sent.pretend.note_learner(launch.id, "k3v9q2")
    sent.post(f"{PAGE}/launches", opening="open", seats="1")

    page = sent.get(PAGE).text

    assert 'name="seats" min="1" value="1"' in page
    assert "1 taken, each by one learner for good." in page
    assert "Nobody else gets in." in page
    sent.post(f"{PAGE}/launches", opening="open")
    assert sent.pretend.seats(HIPAA.id).total == 1
    sent.post(f"{PAGE}/launches", opening="open", seats="")
    assert sent.pretend.seats(HIPAA.id).total is None


@pytest.mark.parametrize("number", ["0", "-1", "many", "100001"])
def test_a_number_of_seats_that_cannot_be_is_told(sent, number) -> None:
    answer = sent.post(f"{PAGE}/launches", opening="no-seat", seats=number)

    assert answer.status_code == 400
    assert "A licence has 1 to 100000 seats" in answer.text
    assert sent.pretend.entry(HIPAA.id).opening is Opening.OPEN
    assert sent.pretend.entry(HIPAA.id).course == HIPAA


def test_launches_meet_nothing_else(sent) -> None:
    assert sent.post(f"{PAGE}/launches", opening="maybe").status_code == 400


def test_the_package_is_downloaded_to_be_uploaded_by_hand(desk) -> None:
    answer = desk.get(f"{PAGE}/package")

    assert f"{HIPAA.id}.au" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert answer.headers["Content-Disposition"].endswith(f'filename="{HIPAA.id}.zip"')


@pytest.mark.parametrize("what", ["", "/retire", "/reactivate", "/remove", "/launches"])
def test_an_unknown_course_is_not_found(desk, what) -> None:
    path = f"/courses/{Growth(1).id_of(0)}"

    assert desk.get(path).status_code == 404
    assert desk.get(f"{path}/package").status_code == 404
    assert desk.post(f"{path}{what}").status_code == 404


def test_a_made_up_course_has_a_page_too(desk) -> None:
    desk.pretend.grow(1)

    assert desk.pretend.grown().course(0).title in desk.get(f"/courses/{Growth(1).id_of(0)}").text
