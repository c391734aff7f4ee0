"""The admin's page of a course with prerequisites and completion rules."""

from __future__ import annotations

import re
from html import unescape

import pytest

SET = {
    "a.crs": "[Course]\r\nCourse_ID=C-1\r\nCourse_Title=Ladders\r\n[Course_Behavior]\r\n"
    "Max_Normal=3\r\n",
    "a.au": '"system_id","file_name"\r\n"A1","https://content.example.org/1"\r\n'
    '"A2","https://content.example.org/2"\r\n"A3","https://content.example.org/3"\r\n',
    "a.des": '"system_id","title"\r\n"A1","Climb <up>"\r\n"A2","Rest"\r\n"A3","Climb down"\r\n'
    '"B1","Both ways"\r\n"J1","Feel safe"\r\n',
    "a.cst": '"block","member"\r\n"ROOT","A1","B1"\r\n"B1","A2","A3"\r\n',
    "a.pre": '"structure_element","prerequisite"\r\n"A3","a1 & (A2 | J1=passed)"\r\n"B1","~A9"\r\n',
    "a.cmp": '"structure_element","requirement","result"\r\n"root","2*{A1,A2,A3}","passed"\r\n'
    '"J1","A1","completed"\r\n"B1","",""\r\n',
}


@pytest.fixture
def words(admin, zipped) -> str:
    """What the page of the imported course says."""
    uploaded = admin.send("courses/upload", files=zipped("a.zip", SET)).text
    assert "Accepted" in uploaded
    page = admin.open("courses/1").text
    assert "Climb <up>" not in page
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize(
    "sentence",
    [
        "Opens when “Climb <up>” is completed and (“Rest” is completed or “Feel safe” is passed). "
        "a1 & (A2 | J1=passed)",
        "Both ways B1 Opens when “A9” is not completed. ~A9",
        "The whole course Gets the status “Passed” when at least 2 of “Climb <up>”, “Rest”, and "
        "“Climb down” are completed. 2*{A1,A2,A3}",
        "Objective Feel safe J1 Gets the status “Completed” when “Climb <up>” is completed. A1",
        "Max_Normal (not enforced) 3",
    ],
)
def test_rules_are_told_in_words_and_as_written(words: str, sentence: str) -> None:
    assert sentence in words


def test_a_package_whose_script_does_not_parse_is_refused_with_its_place(admin, zipped) -> None:
    broken = {**SET, "a.pre": '"structure_element","prerequisite"\r\n"A3","A1 & & A2"\r\n'}
    answer = admin.send("courses/upload", files=zipped("a.zip", broken))

    assert answer.status_code == 422
    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
    assert "a.pre" in page
    assert "cannot be read at character 6 of" in page


def test_elements_that_wait_for_each_other_are_warned_of_and_taken(admin, zipped) -> None:
    ring = {**SET, "a.pre": '"structure_element","prerequisite"\r\n"A2","A3"\r\n"A3","A2"\r\n'}
    answer = admin.send("courses/upload", files=zipped("a.zip", ring))

    assert answer.status_code == 200
    assert "it waits for itself, A2 &gt; A3 &gt; A2." in answer.text
