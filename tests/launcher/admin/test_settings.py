"""The admin's settings page."""

from __future__ import annotations


def test_settings_are_kept(admin):
    answer = admin.send(
        "settings", name=" Evening  School ", launch_window="same", time_zone="America/St_Johns"
    )

    page = admin.client.get(answer.location).text
    assert "The settings are saved." in page
    assert 'value="Evening School"' in page
    assert '<option selected value="same">' in page
    assert '<option selected value="America/St_Johns">America/St Johns</option>' in page


REFUSED = [
    {"name": ""},
    {"name": "x" * 300},
    {"name": "a\u200b\u0007b"},
    {"launch_window": "popup"},
    {"time_zone": "Atlantis"},
]


def test_settings_that_cannot_be_are_refused_beside_the_field(admin):
    for form in REFUSED:
        kept = {"name": "Evening School", "launch_window": "new", "time_zone": "UTC"}
        answer = admin.send("settings", **{**kept, **form})

        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert "Night School" in admin.open("settings").text


def test_the_addresses_that_the_operator_set_are_told(admin, people):
    assert f"http://localhost/hacp/{people.academy_id}" in admin.open("settings").text
