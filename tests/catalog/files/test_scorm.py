"""A manifest gives a SCORM package away, and is itself not trusted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from catalog.files.scorm import name_manifest

HEAD = b'<?xml version="1.0"?>\n'


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        # realistic
        (
            HEAD + b'<manifest xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" '
            b'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><metadata>'
            b"<schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata></manifest>",
            "SCORM 1.2",
        ),
        (
            b'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><metadata>'
            b"<schemaversion> 2004 3rd\n Edition </schemaversion></metadata></manifest>",
            "SCORM 2004 3rd Edition",
        ),
        (
            b"<manifest><metadata><schemaversion>CAM 1.3</schemaversion></metadata></manifest>",
            "SCORM 2004 2nd Edition",
        ),
        # sloppy
        (b'<manifest xmlns:a="http://www.adlnet.org/xsd/adlcp_rootv1p2"/>', "SCORM 1.2"),
        (b'<manifest xmlns:a="http://www.adlnet.org/xsd/adlcp_v1p3"/>', "SCORM 2004"),
        (b'<manifest xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"/>', None),
        (b"<manifest/>", "SCORM"),
        (b"<manifest><metadata><schemaversion/></metadata></manifest>", "SCORM"),
        (b"<manifest><metadata><schemaversion>9</schemaversion></metadata></manifest>", "SCORM"),
        # hostile
        (b"", "SCORM"),
        (b"\0\xff not xml", "SCORM"),
        (b"<manifest><a></manifest>", "SCORM"),
        (b"<!DOCTYPE m [<!ENTITY a 'b'>]><m>&a;</m>", "SCORM"),
    ],
)
def test_a_manifest_is_named(manifest: bytes, name: str | None) -> None:
    assert name_manifest(manifest) == (name or "IMS Common Cartridge")


def test_a_file_is_not_read_through_an_entity(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("2004 4th Edition")
    manifest = (
        f'<!DOCTYPE m [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
        "<m><metadata><schemaversion>&x;</schemaversion></metadata></m>"
    )
    assert name_manifest(manifest.encode()) == "SCORM"


def test_a_billion_laughs_cost_nothing() -> None:
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(30)
    )
    start = time.process_time()
    assert name_manifest(f"<!DOCTYPE m [{levels}]><m>&l29;</m>".encode()) == "SCORM"
    assert time.process_time() - start < 2
