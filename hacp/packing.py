"""Old raw bytes made small: DEFLATE with a dictionary of what HACP messages always say.

Serves the log of exchanges. Pure: which bytes are packed is for `months` to decide, and a row says
in which form its bytes stand.
"""

from __future__ import annotations

import zlib

# The forms in which a row may keep its bytes; a new dictionary is a new form, since what was packed
# with an old one can be read with that alone.
PLAIN = 0
DEFLATED = 1

# The most frequent words stand last: near the end they are the cheapest to refer to.
_WORDS = (
    b"%5BStudent_Preferences%5D%0D%0AAudio%3D%0D%0ALanguage%3D%0D%0ASpeed%3D%0D%0AText%3D%0D%0A"
    b"%5BObjectives_Status%5D%0D%0A%5BComments%5D%0D%0A"
    b"command=ExitAU&version=4.0&session_id=&AU_password=&aicc_data="
    b"error=3\r\nerror_text=Invalid Session ID\r\nversion=4.0\r\n"
    b"\r\nattempt_number=1\r\nmastery_score=80\r\nmax_time_allowed=\r\ntime_limit_action="
    b"\r\n[core_vendor]\r\n[evaluation]\r\ncourse_id=\r\n[student_data]"
    b"error=0\r\nerror_text=Successful\r\nversion=4.0\r\naicc_data=[core]\r\nstudent_id="
    b"\r\nstudent_name=\r\nlesson_location=\r\ncredit=credit\r\n"
    b"lesson_status=not attempted,ab-initio"
    b"incomplete,resume\r\nscore=100,100,0\r\ntime=00:00:00\r\nlesson_mode=normal\r\n"
    b"[core_lesson]\r\n"
    b"command=GetParam&version=4.0&session_id=%7Bsid%7D&aicc_data="
    b"command=PutParam&version=3.5&session_id={sid}&AICC_Data="
    b"%5BCore%5D%0D%0ALesson_Location%3D%0D%0ALesson_Status%3D%0D%0AScore%3D%0D%0ATime%3D0000%3A00%3A"
    b"%5Bcore%5D%0D%0Alesson_location%3D%0D%0Alesson_status%3Di%0D%0Ascore%3D%0D%0Atime%3D00%3A00%3A00"
    b"%0D%0A%5BCore_Lesson%5D%0D%0A%5Bcore_lesson%5D%0D%0A"
)
# What is smaller than this is not worth its own header.
_LEAST = 24
_LEVEL = 9


def pack(raw: bytes) -> bytes:
    """Return the bytes in the form `DEFLATED`; `unpack` is its counterpart."""
    if len(raw) < _LEAST:
        return b"\0" + raw
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=_WORDS)
    return b"\1" + deflate.compress(raw) + deflate.flush()


def unpack(kept: bytes, form: int) -> bytes:
    """Return the bytes as they came; raises ValueError for a form that is not known."""
    if form == PLAIN:
        return kept
    if form != DEFLATED:
        raise ValueError(f"bytes are kept in the form {form}, which this version cannot read")
    if kept[:1] == b"\0":
        return kept[1:]
    inflate = zlib.decompressobj(-zlib.MAX_WBITS, zdict=_WORDS)
    return inflate.decompress(kept[1:]) + inflate.flush()
