"""What a person is known by: addresses, names and student ids, cleaned or refused."""

from __future__ import annotations

import re

import pytest

from launcher.people.identities import (
    MemberRefused,
    check_student_id,
    clean_email,
    clean_name,
    new_student_id,
)


def test_a_new_student_id_is_opaque_and_another_each_time():
    made = {new_student_id() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[a-z0-9]{12}", one) for one in made)
    for one in made:
        check_student_id(one)


@pytest.mark.conforms(
    "Launch",
    "SkillSoft",
    "Content takes letters, digits, `-`, `_` and `:` in a student id: one with anything but "
    "letters, digits, `-` and `_` is not taken in.",
    grade="C",
)
@pytest.mark.parametrize("student_id", ["", "a b", "a@b", "ä", "x" * 65, "a\n"])
def test_a_student_id_that_content_would_not_take_is_refused(student_id):
    with pytest.raises(MemberRefused) as refusal:
        check_student_id(student_id)
    assert refusal.value.field == "student_id"


@pytest.mark.parametrize(
    "email",
    ["", "jane", "@example.org", "jane@", "a b@c", "a@b@c", "a@b\0", "x" * 250 + "@b.org", "a\n@b"],
)
def test_what_is_no_address_is_refused(email):
    with pytest.raises(MemberRefused) as refusal:
        clean_email(email)
    assert refusal.value.field == "email"


def test_an_address_is_stored_in_small_letters_without_what_stands_around_it():
    assert clean_email(" Jane@Example.ORG\n") == "jane@example.org"


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "a\x08b", "\u202eevil", "n" * 256])
def test_a_name_that_would_break_a_reply_is_refused(name):
    with pytest.raises(MemberRefused) as refusal:
        clean_name(name)
    assert refusal.value.field == "name"


def test_line_ends_in_a_name_become_blanks():
    assert clean_name("Doe,\r\nJane") == "Doe, Jane"
