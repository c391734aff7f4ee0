"""The forms of the pages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict

from launcher.forms import EnrolForm, LearnerForm, PasswordForm, SettingsForm, UploadForm

PERSON = {"email": "kim@example.org", "name": "Park, Kim", "role": "learner"}


@pytest.fixture(autouse=True)
def app():
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for tests only", WTF_CSRF_ENABLED=False)
    Babel(app)
    with app.test_request_context(method="POST"):
        yield app


def faults(form) -> set[str]:
    form.validate()
    return set(form.errors)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, set()),
        ({"email": "  Kim@Example.org "}, set()),
        ({"student_id": "k-0042_X"}, set()),
        ({"password": "correct horse"}, set()),
        ({"email": ""}, {"email"}),
        ({"email": "kim"}, {"email"}),
        ({"name": "   "}, {"name"}),
        ({"name": "x" * 256}, {"name"}),
        ({"student_id": "kim@example.org"}, {"student_id"}),
        ({"student_id": "x" * 65}, {"student_id"}),
        ({"student_id": "x\n"}, set()),
        ({"password": "short"}, {"password"}),
        ({"role": "operator"}, {"role"}),
        ({"email": "", "name": "", "password": "x"}, {"email", "name", "password"}),
    ],
)
def test_a_person_is_taken_or_every_fault_is_told(changes, wrong):
    assert faults(LearnerForm(MultiDict(PERSON | changes))) == wrong


def test_what_was_typed_is_stripped():
    form = LearnerForm(MultiDict(PERSON | {"name": "  Park, Kim ", "student_id": " k-1 "}))

    assert form.validate()
    assert (form.name.data, form.student_id.data) == ("Park, Kim", "k-1")


def test_a_new_password_may_be_left_to_us():
    assert faults(PasswordForm(MultiDict({"password": ""}))) == set()
    assert faults(PasswordForm(MultiDict({"password": "seven77"}))) == {"password"}


def test_an_academy_has_a_name_a_known_window_and_a_known_zone():
    kept = {"name": "A", "launch_window": "same", "time_zone": "America/St_Johns"}
    refused = {"name": " ", "launch_window": "popup", "time_zone": "Atlantis"}
    assert faults(SettingsForm(MultiDict(kept))) == set()
    assert faults(SettingsForm(MultiDict(refused))) == set(refused)


def test_nothing_chosen_is_a_fault():
    assert faults(UploadForm(MultiDict())) == {"files"}
    assert faults(EnrolForm(MultiDict({"who": " "}))) == {"who"}
