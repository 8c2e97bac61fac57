"""The storage of files: private, whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_file_is_kept_below_media_root_for_its_owner_alone() -> None:
    name = default_storage.save("uploads/2026/register.csv", ContentFile(b"a;b"))

    path = settings.MEDIA_ROOT / name
    assert (name, path.read_bytes()) == ("uploads/2026/register.csv", b"a;b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.MEDIA_ROOT.stat().st_mode) == 0o700


def test_second_file_of_a_name_gets_another() -> None:
    first = default_storage.save("photos/a.jpg", ContentFile(b"1"))
    second = default_storage.save("photos/a.jpg", ContentFile(b"2"))

    assert first != second
    assert [default_storage.open(name).read() for name in (first, second)] == [b"1", b"2"]


def test_file_has_no_address() -> None:
    name = default_storage.save("photos/a.jpg", ContentFile(b"1"))

    with pytest.raises(ValueError, match="no public address"):
        default_storage.url(name)


def test_file_that_breaks_off_leaves_nothing() -> None:
    class BreaksOff(ContentFile):
        def chunks(self, chunk_size: int | None = None):
            yield b"half"
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        default_storage.save("exports/all.zip", BreaksOff(b""))

    assert files_below(settings.MEDIA_ROOT) == []
