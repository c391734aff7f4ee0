"""Recognises a package that is really SCORM, by its imsmanifest.xml, and names its version.

Serves `package`, so that a refusal can say what came. Imports nothing of SCORM. The manifest is
read without entities, document type and network.
"""

from __future__ import annotations

from lxml import etree

MANIFEST = "imsmanifest.xml"

# By namespace, where the manifest does not say its schemaversion.
_NAMESPACES = (
    ("adlcp_rootv1p2", "SCORM 1.2"),
    ("adlcp_v1p3", "SCORM 2004"),
    ("imscc", "IMS Common Cartridge"),
)


def name_manifest(manifest: bytes) -> str:
    """Return what a manifest belongs to, such as `SCORM 1.2` or `SCORM 2004 3rd Edition`.

    A manifest that cannot be read, or has a document type, is just `SCORM`: its name gave it away.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(manifest, parser)
    except (etree.XMLSyntaxError, ValueError):
        return "SCORM"
    if root.getroottree().docinfo.internalDTD is not None:
        return "SCORM"
    return _by_schemaversion(root) or _by_namespace(root) or "SCORM"


def _by_schemaversion(root: etree._Element) -> str | None:
    said = root.find("./{*}metadata/{*}schemaversion")
    version = "" if said is None or said.text is None else " ".join(said.text.split())
    if version in ("1.1", "1.2"):
        return f"SCORM {version}"
    if version == "CAM 1.3":
        return "SCORM 2004 2nd Edition"
    if version.startswith("2004") and version.isprintable() and len(version) < 30:
        return f"SCORM {version}"
    return None


def _by_namespace(root: etree._Element) -> str | None:
    spaces = {*root.nsmap.values(), etree.QName(root).namespace}
    for part, name in _NAMESPACES:
        if any(part in space for space in spaces if space):
            return name
    return None
