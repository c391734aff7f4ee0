"""The package of a course: a zip that holds no content, only where it runs and by which licence.

Serves `api`. Writes an AICC package of one AU, as the demo's other packages are written, or a SCORM
manifest for whoever asks for that.
"""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

from demo.opensesame.items import launch_url, licence_id
from demo.opensesame.model import Entry
from demo.packages import DATE, Course, Unit, structure_files

_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier={id} xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="O1"><organization identifier="O1"><title>{title}</title>
    <item identifier="I1" identifierref="R1"><title>{title}</title></item>
  </organization></organizations>
  <resources><resource identifier="R1" type="webcontent" adlcp:scormtype="sco" href="proxy.html">
    <file href="proxy.html"/></resource></resources>
</manifest>
"""
_PROXY = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<p><a href={url}>Open the course</a></p></html>
"""


def aicc_package(entry: Entry, ciid: str, *, base_url: str) -> bytes:
    """Return the zip of an AICC course whose one AU is the launch address."""
    key = entry.course.id.lower()
    course = Course(
        name=key,
        course_id=key,
        title=entry.course.title,
        description=entry.course.description,
        units=(
            Unit(
                entry.course.title,
                entry.course.description,
                launch_url(entry, ciid, base_url=base_url),
            ),
        ),
    )
    members = {f"{key}.{ending}": text for ending, text in structure_files(course).items()}
    return _zip({**members, "licence.txt": f"{licence_id(entry, ciid)}\r\n"})


def scorm_package(entry: Entry, ciid: str, *, base_url: str) -> bytes:
    """Return the zip of a SCORM 1.2 course of one page that leads to the launch address."""
    title = escape(entry.course.title)
    url = quoteattr(launch_url(entry, ciid, base_url=base_url))
    return _zip(
        {
            "imsmanifest.xml": _MANIFEST.format(id=quoteattr(f"C-{entry.course.id}"), title=title),
            "proxy.html": _PROXY.format(title=title, url=url),
        }
    )


def _zip(members: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        for name, text in members.items():
            package.writestr(zipfile.ZipInfo(name, DATE), text.encode(), zipfile.ZIP_DEFLATED)
    return held.getvalue()
