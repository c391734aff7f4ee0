"""Packages hold no content: one unit that runs over there, and the licence."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

from demo.opensesame.catalogue import COURSES
from demo.opensesame.items import launch_url, licence_id
from demo.opensesame.model import Entry
from demo.opensesame.parcels import aicc_package, scorm_package

BASE = "http://localhost:1"
# A title with everything that XML and CSV mind.
ENTRY = Entry(COURSES[8], "Unlimited")


def members(package: bytes) -> dict[str, str]:
    opened = zipfile.ZipFile(io.BytesIO(package))
    return {name: opened.read(name).decode() for name in opened.namelist()}


def test_an_aicc_package_has_one_unit_at_the_launch_address_and_the_licence() -> None:
    found = members(aicc_package(ENTRY, "ciid", base_url=BASE))
    key = ENTRY.course.id.lower()
    (unit,) = csv.DictReader(io.StringIO(found[f"{key}.au"]))

    assert unit["File_Name"] == launch_url(ENTRY, "ciid", base_url=BASE)
    assert f"Course_ID={key}\r\n" in found[f"{key}.crs"]
    assert f"Course_Title={ENTRY.course.title}\r\n" in found[f"{key}.crs"]
    assert found["licence.txt"].strip() == licence_id(ENTRY, "ciid")


def test_a_scorm_package_has_a_manifest_that_can_be_parsed() -> None:
    found = members(scorm_package(ENTRY, "ciid", base_url=BASE))
    manifest = ElementTree.fromstring(found["imsmanifest.xml"])

    titles = [element.text for element in manifest.iter() if element.tag.endswith("}title")]
    assert titles == [ENTRY.course.title] * 2
    assert "&lt;100 Rows" in found["proxy.html"]


def test_equal_packages_are_equal_bytes() -> None:
    once, again = (aicc_package(ENTRY, "ciid", base_url=BASE) for _ in range(2))

    assert once == again
