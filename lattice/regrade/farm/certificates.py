"""TLS between a command and its workers: certificates of the run for workers started here, the user's own otherwise.

Dask's scheduler and workers run the code that a peer sends. So only who holds the certificate's key may connect.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.files.storage.host import this_host
from lattice.types import LatticeError

if TYPE_CHECKING:
    from distributed import Security

INSTALL = "pip install '.[farm]'"
EARLY, LATE = timedelta(days=1), timedelta(days=365)  # a certificate's validity, before and after now
ENDS = ("client", "scheduler", "worker")
PREFIX = "run-"  # of a run's folder: run-HOST-PID-random
# Dask's settings of a client's certificates. Source: Dask, "TLS/SSL".
SETTINGS = tuple(f"distributed.comm.tls.{name}" for name in ("ca-file", "client.cert", "client.key"))


def temporary() -> Security:
    """Return certificates made for this run, in memory; without their key nobody connects to it.

    They are valid from EARLY before now, for machines whose clocks are behind.
    Raises LatticeError if the package cryptography, which makes them, is not installed.
    """
    from distributed import Security

    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError:
        raise LatticeError(
            f"cluster: the package cryptography is not installed, which makes the run's certificates: {INSTALL}"
        ) from None
    pem, now = serialization.Encoding.PEM, datetime.now(UTC)
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lattice")])
    signed = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=made.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLY)
        .not_valid_after(now + LATE)
        .sign(made, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key, cert = made.private_bytes(pem, *plain).decode(), signed.public_bytes(pem).decode()
    ends = {f"tls_{end}_{what}": text for end in ENDS for what, text in (("key", key), ("cert", cert))}
    return Security(require_encryption=True, tls_ca_file=cert, **ends)


@contextmanager
def shipped(security: Security, shared: str | None) -> Iterator[Security]:
    """Yield the same certificates, those of workers as files that jobs on other machines read; remove the files at
    the end.

    shared: a folder that this user alone can write and that all machines see; None: lattice's own in the home folder.
    Job scripts hold only the files' paths. A run that was killed leaves its files to the next run of this machine.
    Raises LatticeError if others could write in the folder, or its name needs quoting in a job script.
    """
    folder = _own_folder(shared)
    _remove_dead(folder)
    mine = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{this_host()}-{os.getpid()}-", dir=folder))
    try:
        files = {"cert": security.tls_worker_cert, "key": security.tls_worker_key}
        for name, text in files.items():
            with open(os.open(mine / f"{name}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
        security.tls_ca_file = security.tls_worker_cert = str(mine / "cert.pem")  # signed by itself
        security.tls_worker_key = str(mine / "key.pem")
        yield security
    finally:
        shutil.rmtree(mine, ignore_errors=True)


def _own_folder(shared: str | None) -> Path:
    if shared is None:
        folder = Path.home() / ".local" / "state" / "lattice" / "farm"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    else:
        folder = Path(os.path.expanduser(os.path.expandvars(str(shared))))
    if not folder.is_absolute() or not folder.is_dir() or shlex.quote(str(folder)) != str(folder):
        raise LatticeError(f"shared-temp-directory: expected a folder that is there, of a plain name, got {folder}")
    found = folder.stat()
    open_to_all = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not found.st_mode & stat.S_ISVTX
    if found.st_uid not in (0, os.getuid()) or open_to_all:
        raise LatticeError(
            f"shared-temp-directory: {folder} can be written by others, who could put their own certificates there; "
            "name one that only you can write, in dask-jobqueue's configuration"
        )
    return folder


def _remove_dead(folder: Path) -> None:
    """Remove the files of runs of this machine that were killed."""
    for found in folder.iterdir():
        mine = re.fullmatch(rf"{PREFIX}{re.escape(this_host())}-(\d+)-\w+", found.name)
        try:
            if mine is not None:
                os.kill(int(mine[1]), 0)
        except ProcessLookupError:
            shutil.rmtree(found, ignore_errors=True)
        except (PermissionError, OverflowError):  # alive, of another user; no number of a process
            continue


def own(address: str) -> Security:
    """Return the user's certificates from Dask's configuration, for a scheduler at this tls:// address.

    Raises LatticeError if the configuration names none, or a file of them cannot be read.
    """
    import dask
    from distributed import Security

    found = {name: dask.config.get(name, None) for name in SETTINGS}
    if not all(found.values()):
        missing = next(name for name, value in found.items() if not value)
        raise LatticeError(
            f"{address}: {missing} is not set: name your certificates in Dask's configuration, "
            "~/.config/dask/distributed.yaml (docs/farm.md shows how)"
        )
    security = Security(require_encryption=True)
    try:
        security.get_connection_args("client")
    except (OSError, TypeError, ValueError) as error:  # also of ssl: a file that is no certificate; a setting, no name
        raise LatticeError(f"{address}: the certificates of {SETTINGS[0]} cannot be used: {error}") from None
    return security
