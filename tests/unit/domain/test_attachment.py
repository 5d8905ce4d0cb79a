"""Files for the record: which are kept, under what name, and how large (P6.5)."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.attachment import MOST_BYTES, TYPES, attachment
from emergency.domain.errors import UnusableFile

STARTS = {".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF-1.7"}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("graph.PNG", "graph.png"),
        ("C:\\Users\\me\\graph.png", "graph.png"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("錯誤 記錄.log", "錯誤-記錄.log"),
        ("a<script>.csv", "a-script.csv"),
        (".png.png", "png.png"),
        ("x" * 200 + ".pdf", "x" * 76 + ".pdf"),
    ],
)
def test_a_name_is_made_safe_and_stays_readable(name: str, kept: str) -> None:
    assert attachment(name, STARTS.get(PurePath(kept).suffix, b"content")).name == kept


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("", b"x", "missing"),
        ("graph.png", b"", "missing"),
        ("program.exe", b"x", "type"),
        ("page.html", b"x", "type"),
        ("picture.svg", b"x", "type"),
        ("noending", b"x", "type"),
        ("a program named.png", b"MZ\x90\x00", "type"),
        ("a program named.log", b"MZ\x90\x00", "type"),
        ("large.png", b"x" * (MOST_BYTES + 1), "too_large"),
    ],
)
def test_what_is_not_kept_is_said(name: str, content: bytes, problem: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        attachment(name, content)
    assert caught.value.problem == problem


@given(st.text(), st.binary(min_size=1, max_size=8))
def test_no_name_escapes_its_incident(name: str, content: bytes) -> None:
    try:
        kept = attachment(name, content)
    except UnusableFile:
        return
    key = kept.key("INC-1")
    assert key.startswith("INC-1/attachments/")
    assert key.count("/") == 2
    assert kept.content_type in TYPES.values()
