"""`pgmanager decrypt`: an encrypted file opened on whichever machine it was downloaded to."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

from app.kit.age import DamagedFile, Identity, WrongKey, decrypt_stream


class Ending(IntEnum):
    """Exit codes."""

    OPENED = 0
    DAMAGED = 1
    USAGE = 2
    WRONG_KEY = 3


def open_age_file(file: str, output: Path | None, keys: Sequence[Identity]) -> Ending:
    """``file`` may be ``-``; without ``output`` the plain bytes go to standard output."""
    try:
        with _source(file) as source, _sink(output) as sink:
            decrypt_stream(source, sink, keys)
    except WrongKey as error:
        return _told(str(error), Ending.WRONG_KEY)
    except DamagedFile as error:
        return _told(f"{error} What was written until here is right, but not all.", Ending.DAMAGED)
    except BrokenPipeError:
        # Nobody reads any more; what the interpreter still holds must not be flushed there at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _told("Whoever reads the output has stopped before its end.", Ending.DAMAGED)
    except OSError as error:
        return _told(f"{error.filename or 'The output'}: {error.strerror}.", Ending.USAGE)
    return Ending.OPENED


@contextmanager
def _source(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as source:
        yield source


@contextmanager
def _sink(output: Path | None) -> Iterator[BinaryIO]:
    """A file appears under its name only when all of it is there, so that half of it is never taken for the whole."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = output.with_name(f"{output.name}.partial")
    try:
        # For its owner alone: what was worth encrypting is plain here.
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        partial.replace(output)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def _told(what: str, ending: Ending) -> Ending:
    sys.stderr.write(f"pgmanager: {what}\n")
    return ending
