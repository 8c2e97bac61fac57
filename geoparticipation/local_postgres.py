"""The checkout's private PostgreSQL cluster under `.local/`: on a Unix socket only, never run as root.

    python -m geoparticipation.local_postgres start|stop|status

Whatever command first needs the database starts the cluster; a lock under `.local/` keeps two from doing it at once.

Who runs it: an ordinary user runs their own. For root the server runs as the account `postgres` (or else `nobody`),
or as whoever owns the data folder already.

Where it is: data in `.local/postgres`. Where root's checkout lies out of that account's reach (below `/root`, say),
`.local/postgres` is a symbolic link to `/var/lib/geoparticipation/<hash of the checkout's path>`. The socket is in a
folder of its own in `/tmp`, since a socket's path may have 107 bytes at the most. That folder is the account's, mode
0700, and is refused when it is not: so only that account and root can connect, which is why the server asks for no
password. `docs/adr/0001-private-cluster.md` has the reasons.

Standard library only, so that it can be used before anything else is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import itertools
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DATABASE_NAME = "geoparticipation"
SUPERUSER = "geoparticipation"
PORT = "5432"  # names the socket; given everywhere, so that a PGPORT in the environment changes nothing
OUTSIDE = Path("/var/lib/geoparticipation")
START_TIMEOUT_S = 120  # crash recovery may take long
SILENCE_S = 5  # a server that is alive and does not answer for so long has lost its socket
SERVER_SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # Compiling a query costs 100 ms and more where PostGIS functions look expensive; ours take milliseconds.
    "jit": "off",
}
_ALIVE_NOWHERE = 2**31 - 1  # greater than any process id of Linux and macOS


class LocalPostgresError(RuntimeError):
    """The private cluster cannot be had; says why and what to do."""


def socket_folder(checkout: Path) -> Path:
    """Folder of the Unix socket."""
    return Path("/tmp") / f"geoparticipation-{_socket_uid(checkout)}-{_digest(checkout)}"


def django_database(checkout: Path) -> dict[str, Any]:
    """Settings of the private cluster's database for Django."""
    return {
        "NAME": DATABASE_NAME,
        "USER": SUPERUSER,
        "HOST": str(socket_folder(checkout)),
        "PORT": PORT,
        "CHECKOUT": checkout,
    }


_ensured: set[Path] = set()


def ensure_running_for(settings_dict: dict[str, Any]) -> None:
    """Start the private cluster if these database settings are its own and it is not running.

    Called for every connection: costs one small file read once this process has found the server running.
    """
    checkout = settings_dict.get("CHECKOUT")
    if checkout is None:
        return
    checkout = Path(checkout)
    if checkout in _ensured and _is_alive(_process_id(_data_folder(checkout))):
        return
    ensure_running(checkout)
    _ensured.add(checkout)


def is_running(checkout: Path) -> bool:
    """Whether the cluster answers on its socket, and its data are still there."""
    folder = socket_folder(checkout)
    return folder.exists() and _answer(folder, checkout) == 0 and _orphan(folder) is None


def ensure_running(checkout: Path) -> bool:
    """Create and start the cluster where needed; returns whether this call started it.

    Raises LocalPostgresError.
    """
    if is_running(checkout):
        return False
    with _alone(checkout):
        if is_running(checkout):
            return False
        account = _account(checkout)
        data = _data_folder(checkout)
        _end_orphan(socket_folder(checkout))
        if not data.exists():
            _create(checkout, account)
        _check_data_folder(data, account)
        sockets = _own_socket_folder(checkout, account)
        if _server_process(data) is not None and _came_up(sockets, checkout, data, account):
            return True
        _forget_reused_process_ids(data, sockets)
        _start(data, sockets, account)
        return True


def stop(checkout: Path) -> bool:
    """Stop the cluster, if it runs; returns whether it did."""
    data = _data_folder(checkout)
    if not data.exists():
        return False
    with _alone(checkout):
        if _server_process(data) is None:
            return False
        _stop_server(data, _account(checkout))
        return True


# --- where it is and whose it is --------------------------------------------------------------------------------------
def _digest(checkout: Path) -> str:
    return hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]


def _data_folder(checkout: Path) -> Path:
    return checkout / ".local" / "postgres"


def _default_account_of_root() -> pwd.struct_passwd:
    for name in ("postgres", "_postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise LocalPostgresError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody here.")


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def _account(checkout: Path) -> pwd.struct_passwd:
    """Whom the server runs as."""
    uid = os.getuid()
    if uid == 0:
        uid = _owner(_data_folder(checkout)) or _default_account_of_root().pw_uid
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise LocalPostgresError(
            f"PostgreSQL cannot run as user {uid}, who has no name on this machine (no line in /etc/passwd)."
        ) from None


def _socket_uid(checkout: Path) -> int:
    """Root finds the socket of an ordinary user's cluster, and uses 0 for its own, whatever account that runs as."""
    uid = os.getuid()
    if uid == 0:
        owner = _owner(_data_folder(checkout))
        if owner and owner != _default_account_of_root().pw_uid:
            return owner
    return uid


def _check_data_folder(data: Path, account: pwd.struct_passwd) -> None:
    if _owner(data) != account.pw_uid:
        raise LocalPostgresError(
            f"The database in {data} belongs to another user, whose run made it. Run this as that user or as root, "
            f"or remove it as root (rm -rf {data.resolve()}) to begin anew."
        )


def _check_socket_folder(folder: Path, account: pwd.struct_passwd) -> None:
    """Refuse a folder in which somebody else could have put a server of theirs."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid or found.st_mode & 0o077:
        raise LocalPostgresError(
            f"{folder} is not a folder of user {account.pw_name} alone (mode 0700), so it is not used for the "
            "database's socket. Find out who made it, and remove it."
        )


def _own_socket_folder(checkout: Path, account: pwd.struct_passwd) -> Path:
    folder = socket_folder(checkout)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, account.pw_uid, account.pw_gid)
    found = folder.lstat()
    if os.getuid() == 0 and stat.S_ISDIR(found.st_mode) and found.st_uid == 0:
        os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)  # stopped between the two lines above
    _check_socket_folder(folder, account)
    return folder


@contextlib.contextmanager
def _alone(checkout: Path) -> Iterator[None]:
    lock_file = checkout / ".local" / "postgres.lock"
    try:
        lock_file.parent.mkdir(exist_ok=True)
        with lock_file.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except PermissionError as error:
        raise LocalPostgresError(
            f"{error.filename or lock_file} cannot be written by this user: run this as the user who made the "
            "checkout's .local folder, or as root."
        ) from error


# --- programs ---------------------------------------------------------------------------------------------------------
def binary_folders() -> list[Path]:
    """Folders with a PostgreSQL server, newest version first: Debian's, Red Hat's, Homebrew's, then PATH."""

    def version(folder: Path) -> int:
        digits = "".join(c for c in folder.parent.name if c.isdigit())
        return int(digits or 0)

    found = [
        server.parent
        for pattern in (
            "usr/lib/postgresql/*/bin/postgres",
            "usr/pgsql-*/bin/postgres",
            "opt/homebrew/opt/postgresql@*/bin/postgres",
            "usr/local/opt/postgresql@*/bin/postgres",
        )
        for server in Path("/").glob(pattern)
    ]
    found.sort(key=version, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return found


def has_postgis(binaries: Path) -> bool:
    """Whether PostGIS is installed for this very server."""
    share = subprocess.run([binaries / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
    return share.returncode == 0 and Path(share.stdout.strip(), "extension", "postgis.control").exists()


def _binaries(data: Path | None = None) -> Path:
    """Programs of the version that made the data, or else of the newest server that has PostGIS."""
    folders = binary_folders()
    made_by = None
    if data is not None:
        with contextlib.suppress(OSError):
            made_by = (data / "PG_VERSION").read_text().strip()
    if made_by is None:
        for folder in folders:
            if has_postgis(folder):
                return folder
        raise LocalPostgresError(
            "PostgreSQL is installed without PostGIS: run `make setup`, or install PostGIS for it."
            if folders
            else "PostgreSQL is not installed: run `make setup`, or install PostgreSQL and PostGIS."
        )
    for folder in folders:
        version = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
        words = version.stdout.split()  # postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
        if len(words) > 2 and words[2].split(".")[0] == made_by.split(".")[0]:
            return folder
    raise LocalPostgresError(
        f"The database in {data} was made by PostgreSQL {made_by}, which is not installed: install it, or remove "
        "that folder to begin anew."
    )


def _environment() -> dict[str, str]:
    """What is around, without PGPORT, PGDATA and their like."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _run(command: list[str | Path], account: pwd.struct_passwd, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run as the account; its output is returned, and nothing of it is inherited by a server that stays behind."""
    if os.getuid() == 0:
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    options.setdefault("stdin", subprocess.DEVNULL)
    if "input" in options:
        del options["stdin"]
    # The account may not be allowed to be where we are.
    return subprocess.run(
        [str(part) for part in command], text=True, check=False, cwd="/", env=_environment(), **options
    )


def _answer(folder: Path, checkout: Path) -> int:
    """pg_isready: 0 accepts connections, 1 is starting or stopping, 2 no answer. Refuses a stranger's folder."""
    _check_socket_folder(folder, _account(checkout))
    programs = binary_folders()
    if not programs:
        return 2
    command = [str(programs[0] / "pg_isready"), "-q", "-h", str(folder), "-p", PORT]
    return subprocess.run(command, check=False, env=_environment()).returncode


# --- making the cluster -----------------------------------------------------------------------------------------------
def _create(checkout: Path, account: pwd.struct_passwd) -> None:
    """Make the data folder: beside its place, and put there whole, so that an interrupted run leaves nothing half."""
    binaries = _binaries()
    data = _data_folder(checkout)
    data.unlink(missing_ok=True)  # a link whose folder has gone
    place = data
    if os.getuid() == 0 and not _can_enter(data.parent, account):
        place = OUTSIDE / _digest(checkout)
        OUTSIDE.mkdir(parents=True, exist_ok=True, mode=0o755)
    if place == data or not place.exists():
        for leftover in place.parent.glob(f"{place.name}.new.*"):
            shutil.rmtree(leftover, ignore_errors=True)
        fresh = place.with_name(f"{place.name}.new.{os.getpid()}")
        fresh.mkdir(mode=0o700)
        os.chown(fresh, account.pw_uid, account.pw_gid)
        _initialise(fresh, binaries, account)
        fresh.rename(place)
    if place != data:
        data.symlink_to(place)


def _can_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    return _run(["/bin/sh", "-c", 'cd "$0"', folder.resolve()], account, stderr=subprocess.DEVNULL).returncode == 0


def _initialise(data: Path, binaries: Path, account: pwd.struct_passwd) -> None:
    locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    made = _run(
        [binaries / "initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", f"--locale={locale}"],
        account,
        capture_output=True,
    )
    if made.returncode:
        raise LocalPostgresError(f"initdb failed:\n{_last_lines(made.stdout + made.stderr)}")
    # Without a server, so that the folder is complete before it takes its name.
    created = _run(
        [binaries / "postgres", "--single", "-D", data, "postgres"],
        account,
        input=f"CREATE DATABASE {DATABASE_NAME};\n",
        capture_output=True,
    )
    if created.returncode or "ERROR:" in created.stderr:
        raise LocalPostgresError(f"The database could not be created:\n{_last_lines(created.stderr)}")


# --- starting and stopping --------------------------------------------------------------------------------------------
def _process_id(data: Path) -> int | None:
    """Process id that the server has left in its data folder."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _is_alive(process_id: int | None) -> bool:
    if process_id is None or process_id <= 0:
        return False
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command_line(process_id: int) -> list[str]:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_text().split("\0")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return []
    shown = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(process_id)], capture_output=True, text=True, check=False
    )
    return shown.stdout.split()


def _server_process(data: Path) -> int | None:
    """Process id of the server on this data folder; None when that process is gone, or is something else by now."""
    process_id = _process_id(data)
    if process_id is None or not _is_alive(process_id):
        return None
    arguments = _command_line(process_id)
    folders = [Path(after) for option, after in itertools.pairwise(arguments) if option == "-D"]
    return process_id if data.resolve() in [folder.resolve() for folder in folders] else None


def _orphan(sockets: Path) -> int | None:
    """Process id of a server that answers here although its data folder was deleted under it (with the checkout, say).

    It would end by itself within a minute of noticing; a new checkout in the same place may be quicker.
    """
    try:
        first, data = (sockets / f".s.PGSQL.{PORT}.lock").read_text().split("\n")[:2]
        process_id = int(first)
    except (OSError, ValueError):
        return None
    try:
        (Path(data) / "postmaster.pid").stat()
    except FileNotFoundError:
        return process_id if _is_alive(process_id) else None
    except OSError:
        return None
    return None


def _end_orphan(sockets: Path) -> None:
    process_id = _orphan(sockets)
    if process_id is None or Path(_command_line(process_id)[0]).name != "postgres":
        return
    for end in (signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, end)
        if _wait_until(lambda: not _is_alive(process_id), SILENCE_S):
            break
    (sockets / f".s.PGSQL.{PORT}").unlink(missing_ok=True)


def _forget_reused_process_ids(data: Path, sockets: Path) -> None:
    """Let a server start although the id of one that was killed is some other process's now.

    The server would take that process for its predecessor. Only the id in its lock file is changed: by the other
    lines of that file it still finds out whether processes of its predecessor have the data open.
    """
    lock_file = data / "postmaster.pid"
    if _is_alive(_process_id(data)):
        lines = lock_file.read_text().split("\n")
        with lock_file.open("r+") as file:
            file.write("\n".join([str(_ALIVE_NOWHERE), *lines[1:]]))
            file.truncate()
    (sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def _wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _came_up(sockets: Path, checkout: Path, data: Path, account: pwd.struct_passwd) -> bool:
    """Wait for a server that somebody else began to start; one that lost its socket is stopped, and False returned."""
    if _wait_until(lambda: _answer(sockets, checkout) != 2, SILENCE_S) and _wait_until(
        lambda: _answer(sockets, checkout) == 0 or _server_process(data) is None, START_TIMEOUT_S
    ):
        return _server_process(data) is not None
    _stop_server(data, account)
    return False


def _start(data: Path, sockets: Path, account: pwd.struct_passwd) -> None:
    binaries = _binaries(data)
    log = data / "server.log"
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > 10_000_000:
            log.rename(data / "server.log.old")
    settings = {**SERVER_SETTINGS, "port": PORT, "unix_socket_directories": f"'{sockets}'"}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    command: list[str | Path] = [
        binaries / "pg_ctl",
        "-D",
        data.resolve(),
        "-w",
        "-t",
        str(START_TIMEOUT_S),
        "-l",
        log.resolve(),
    ]
    command += ["-o", options, "start"]

    said = ""

    def starts() -> bool:
        nonlocal said
        begins_at = log.stat().st_size if log.exists() else 0
        if _run(command, account, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            return True
        with contextlib.suppress(FileNotFoundError), log.open(errors="replace") as lines:
            lines.seek(begins_at)
            said = lines.read()
        if "pre-existing shared memory block" in said:
            return False  # processes of a killed server are about to notice; tried again
        raise LocalPostgresError(f"PostgreSQL does not start. The last lines of {log}:\n{_last_lines(said)}")

    if not _wait_until(starts, 15):
        raise LocalPostgresError(f"PostgreSQL does not start. The last lines of {log}:\n{_last_lines(said)}")


def _stop_server(data: Path, account: pwd.struct_passwd) -> None:
    stopped = _run(
        [_binaries(data) / "pg_ctl", "-D", data.resolve(), "-m", "fast", "-w", "-t", "60", "stop"],
        account,
        capture_output=True,
    )
    if stopped.returncode and _server_process(data) is not None:
        raise LocalPostgresError(f"PostgreSQL does not stop:\n{_last_lines(stopped.stdout + stopped.stderr)}")


def _last_lines(text: str, count: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-count:]) or "(none)"


def main(arguments: list[str] | None = None) -> int:
    """Command line; `status` exits with 3 when the cluster does not run."""
    parser = argparse.ArgumentParser(prog="python -m geoparticipation.local_postgres", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument("--checkout", type=Path, default=Path(__file__).resolve().parent.parent, help="default: this")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.action == "start":
            sentence = "started" if ensure_running(chosen.checkout) else "was running already"
        elif chosen.action == "stop":
            sentence = "stopped" if stop(chosen.checkout) else "was not running"
        else:
            sentence = "runs" if is_running(chosen.checkout) else "does not run"
    except LocalPostgresError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"The database of {chosen.checkout} {sentence}; socket folder {socket_folder(chosen.checkout)}.\n")
    return 3 if sentence == "does not run" else 0


if __name__ == "__main__":
    sys.exit(main())
