"""The private cluster starts whatever happened before, and for nobody else.

Run as root, the tests also play an ordinary user (`nobody`) and a stranger (`daemon`), by forking and changing user.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from geoparticipation import local_postgres
from geoparticipation.local_postgres import LocalPostgresError, ensure_running, is_running, socket_folder, stop

REPOSITORY = Path(local_postgres.__file__).resolve().parent.parent
only_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can change user")


@pytest.fixture
def make_checkout() -> Iterator[Callable[..., Path]]:
    """Empty folders that every user can enter (pytest's own are their maker's alone), with what ran there stopped."""
    made = []

    def make(owner: str | None = None) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="gp-checkout-", dir="/tmp"))
        folder.chmod(0o755)
        if owner:
            os.chown(folder, pwd.getpwnam(owner).pw_uid, -1)
        made.append(folder)
        return folder

    yield make
    for folder in made:
        sockets = socket_folder(folder)
        stop(folder)
        shutil.rmtree(folder)
        if sockets.is_symlink():
            sockets.unlink()
        shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture
def checkout(make_checkout: Callable[..., Path]) -> Path:
    return make_checkout()


def connect(folder: Path) -> psycopg.Connection:
    settings = local_postgres.django_database(folder)
    return psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], host=settings["HOST"], port=settings["PORT"], autocommit=True
    )


def server_of(folder: Path) -> int:
    process_id = local_postgres._server_process(folder / ".local" / "postgres")
    assert process_id is not None
    return process_id


def play(name: str, act: Callable[[], object]) -> str:
    """What `act()` returns, or the error it raises, in a child that has become this user."""
    account = pwd.getpwnam(name)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            said = repr(act())
        except BaseException:
            said = traceback.format_exc()
        os.write(writing, said.encode()[-4000:])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_start_in_a_fresh_folder_and_again(checkout: Path) -> None:
    assert not is_running(checkout)

    assert ensure_running(checkout) is True
    assert ensure_running(checkout) is False

    with connect(checkout) as connection:
        connection.execute("CREATE EXTENSION postgis")
        assert connection.execute("SELECT ST_AsText(ST_Point(1, 2))").fetchone() == ("POINT(1 2)",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT lower('É')").fetchone() == ("é",)


def test_server_never_runs_as_root_and_its_socket_is_its_own(checkout: Path) -> None:
    ensure_running(checkout)

    sockets = socket_folder(checkout)
    assert Path(f"/proc/{server_of(checkout)}").stat().st_uid != 0
    assert sockets.stat().st_mode & 0o777 == 0o700
    assert (sockets / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700


def test_stop_then_start_keeps_what_was_written(checkout: Path) -> None:
    ensure_running(checkout)
    with connect(checkout) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")

    assert stop(checkout) is True
    assert stop(checkout) is False
    assert not is_running(checkout)
    assert ensure_running(checkout) is True

    with connect(checkout) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


@pytest.mark.parametrize("whom", ["everything", "postmaster only"])
def test_start_after_kill_9(checkout: Path, whom: str) -> None:
    ensure_running(checkout)
    with connect(checkout) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        processes = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity")]

        os.kill(server_of(checkout), signal.SIGKILL)
        for process_id in processes if whom == "everything" else []:
            with contextlib.suppress(ProcessLookupError):  # gone with the postmaster already
                os.kill(process_id, signal.SIGKILL)
    assert local_postgres._wait_until(lambda: local_postgres._server_process(checkout / ".local/postgres") is None, 10)

    assert ensure_running(checkout) is True
    with connect(checkout) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_start_when_the_killed_servers_process_id_is_another_programs(checkout: Path) -> None:
    ensure_running(checkout)
    stop(checkout)
    account = local_postgres._account(checkout)
    as_account = {"user": account.pw_uid, "group": account.pw_gid} if os.getuid() == 0 else {}
    with subprocess.Popen(["sleep", "300"], cwd="/", **as_account) as other:
        pid_file = checkout / ".local" / "postgres" / "postmaster.pid"
        pid_file.write_text(f"{other.pid}\n{pid_file.parent}\n1\n5432\n{socket_folder(checkout)}\n\n  0  0\n")
        (socket_folder(checkout) / ".s.PGSQL.5432.lock").write_text(f"{other.pid}\n")

        assert ensure_running(checkout) is True

        assert other.poll() is None
        other.terminate()


def test_start_again_when_the_socket_folder_was_removed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_postgres, "SILENCE_S", 0.1)
    ensure_running(checkout)
    shutil.rmtree(socket_folder(checkout))

    assert ensure_running(checkout) is True

    connect(checkout).close()


def test_start_in_a_checkout_that_was_deleted_under_its_running_server(checkout: Path) -> None:
    ensure_running(checkout)
    orphan = server_of(checkout)
    shutil.rmtree(checkout / ".local")

    assert not is_running(checkout)
    assert ensure_running(checkout) is True

    assert not Path(f"/proc/{orphan}").exists()
    with connect(checkout) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_start_from_several_commands_at_once(checkout: Path) -> None:
    command = [sys.executable, "-m", "geoparticipation.local_postgres", "start", "--checkout", str(checkout)]

    runs = [subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [run.communicate()[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0, 0, 0]
    assert sum(" started;" in line for line in said) == 1
    assert sum(" was running already;" in line for line in said) == 3


def test_two_checkouts_at_once_have_a_server_each(make_checkout: Callable[..., Path]) -> None:
    one, other = make_checkout(), make_checkout()

    assert ensure_running(one) is True
    assert ensure_running(other) is True
    with connect(one) as connection:
        connection.execute("CREATE TABLE only_in_one ()")
    with connect(other) as connection:
        assert connection.execute("SELECT to_regclass('only_in_one')").fetchone() == (None,)
    stop(one)

    assert not is_running(one)
    assert is_running(other)


def test_start_after_the_first_run_was_killed_while_making_the_cluster(checkout: Path) -> None:
    command = [sys.executable, "-m", "geoparticipation.local_postgres", "start", "--checkout", str(checkout)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, start_new_session=True) as first:
        assert local_postgres._wait_until(lambda: any(checkout.glob(".local/postgres.new.*/PG_VERSION")), 30)
        os.killpg(first.pid, signal.SIGKILL)

    assert not (checkout / ".local" / "postgres").exists()
    assert ensure_running(checkout) is True
    assert list(checkout.glob(".local/postgres.new.*")) == []
    connect(checkout).close()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o701])
def test_refuse_a_socket_folder_that_others_can_enter(checkout: Path, mode: int) -> None:
    sockets = socket_folder(checkout)
    sockets.mkdir()
    sockets.chmod(mode)
    account = local_postgres._account(checkout)
    os.chown(sockets, account.pw_uid, account.pw_gid)

    with pytest.raises(LocalPostgresError, match=r"not a folder of user .* alone"):
        ensure_running(checkout)


def test_refuse_a_socket_folder_that_is_a_link(checkout: Path) -> None:
    elsewhere = checkout / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    socket_folder(checkout).symlink_to(elsewhere)

    with pytest.raises(LocalPostgresError, match=r"not a folder of user .* alone"):
        ensure_running(checkout)


@only_root
def test_refuse_a_socket_folder_of_a_stranger(checkout: Path) -> None:
    ensure_running(checkout)
    os.chown(socket_folder(checkout), pwd.getpwnam("daemon").pw_uid, -1)

    with pytest.raises(LocalPostgresError, match="not a folder of user"):
        is_running(checkout)
    account = local_postgres._account(checkout)
    os.chown(socket_folder(checkout), account.pw_uid, account.pw_gid)


@only_root
def test_ordinary_user_runs_their_own_server_and_root_finds_it(make_checkout: Callable[..., Path]) -> None:
    checkout = make_checkout(owner="nobody")

    assert play("nobody", lambda: ensure_running(checkout)) == "True"
    assert play("nobody", lambda: ensure_running(checkout)) == "False"

    assert (checkout / ".local" / "postgres").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    assert is_running(checkout)
    assert ensure_running(checkout) is False
    with connect(checkout) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert stop(checkout) is True
    assert ensure_running(checkout) is True
    assert play("nobody", lambda: connect(checkout).execute("SELECT 1").fetchone()) == "(1,)"


@only_root
def test_stranger_cannot_connect_nor_start(checkout: Path) -> None:
    ensure_running(checkout)
    settings = local_postgres.django_database(checkout)

    refused = play(
        "daemon", lambda: psycopg.connect(dbname=settings["NAME"], user=settings["USER"], host=settings["HOST"])
    )
    assert "Permission denied" in refused

    assert "cannot be written by this user" in play("daemon", lambda: ensure_running(checkout))


@only_root
def test_root_keeps_the_data_elsewhere_when_the_server_cannot_reach_the_checkout(
    checkout: Path, make_checkout: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = make_checkout() / "outside"
    monkeypatch.setattr(local_postgres, "OUTSIDE", outside)
    checkout.chmod(0o700)

    assert ensure_running(checkout) is True

    link = checkout / ".local" / "postgres"
    assert link.is_symlink()
    assert link.resolve().parent == outside
    connect(checkout).close()
    assert stop(checkout) is True
    assert ensure_running(checkout) is True
    stop(checkout)


def test_say_why_the_server_does_not_start(checkout: Path) -> None:
    ensure_running(checkout)
    stop(checkout)
    with (checkout / ".local" / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")

    with pytest.raises(LocalPostgresError, match="no_such_setting"):
        ensure_running(checkout)


def test_say_which_version_made_the_data(checkout: Path) -> None:
    ensure_running(checkout)
    stop(checkout)
    (checkout / ".local" / "postgres" / "PG_VERSION").write_text("9.6\n")

    with pytest.raises(LocalPostgresError, match=r"made by PostgreSQL 9\.6, which is not installed"):
        ensure_running(checkout)


def test_say_what_to_do_without_postgresql(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_postgres, "binary_folders", lambda: [])

    with pytest.raises(LocalPostgresError, match="run `make setup`"):
        ensure_running(checkout)


def test_port_in_the_environment_changes_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "elsewhere.invalid")

    assert ensure_running(checkout) is True

    assert is_running(checkout)
    connect(checkout).close()


def test_command_line(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(action: str) -> tuple[int, str]:
        code = local_postgres.main([action, "--checkout", str(checkout)])
        return code, capsys.readouterr().out.split("; ")[0].removeprefix(f"The database of {checkout} ")

    assert run("status") == (3, "does not run")
    assert run("start") == (0, "started")
    assert run("start") == (0, "was running already")
    assert run("status") == (0, "runs")
    assert run("stop") == (0, "stopped")
    assert run("stop") == (0, "was not running")
