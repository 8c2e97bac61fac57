"""What is missing is seen, named and asked of the right package manager."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from geoparticipation import local_postgres, machine
from geoparticipation.machine import MachineError, Need


def need(name: str = "something", *, there: bool = False, for_tests: bool = False) -> Need:
    return Need(name, lambda: there, ("package-debian",), ("package-brew",), for_tests)


def test_missing_leaves_out_what_is_there_and_what_only_tests_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "NEEDS", [need("a"), need("b", there=True), need("c", for_tests=True)])

    assert [lack.name for lack in machine.missing(with_tests=False)] == ["a"]
    assert [lack.name for lack in machine.missing(with_tests=True)] == ["a", "c"]


def test_nothing_is_called_when_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "NEEDS", [need("b", there=True)])
    monkeypatch.setattr(machine, "install", lambda needs: pytest.fail("called"))

    assert machine.main(["--test"]) == 0


def test_one_sentence_where_there_is_no_package_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)

    with pytest.raises(MachineError, match=r"^Missing: something\. Install this with your system's package manager"):
        machine.install([need()])


def test_one_sentence_where_nobody_is_root_and_sudo_asks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    refused = subprocess.CompletedProcess(["sudo"], 1)
    monkeypatch.setattr(machine.subprocess, "run", lambda *args, **options: refused)

    with pytest.raises(MachineError, match=r"^Missing: something\. As root, run: apt-get install package-debian$"):
        machine.install([need()])


def test_postgis_is_asked_for_the_server_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_postgres, "binary_folders", lambda: [Path("/usr/lib/postgresql/16/bin")])
    assert machine.postgis_packages() == ("postgresql-16-postgis-3",)

    monkeypatch.setattr(local_postgres, "binary_folders", list)
    assert machine.postgis_packages() == ("postgresql-postgis",)
