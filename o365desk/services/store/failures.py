"""What the driver of the snapshots' file and the disk say, in the operator's words."""

import errno
from typing import overload

from o365desk.domain.errors import DeskError


class StoreDamaged(DeskError):
    """The file is not what was written, or its key is another one."""


class StoreNewer(DeskError):
    """A newer version of the program has written the file; it stays as it is."""


_SENTENCES = {
    "SQLITE_FULL": (
        "The disk is full: the snapshots were left as they were.",
        "Free some space on the disk, then try again.",
    ),
    "SQLITE_BUSY": (
        "Another copy of the program is writing snapshots, and has not finished.",
        "Try again when it has.",
    ),
    "SQLITE_READONLY": (
        "The snapshots cannot be written: this computer does not let the program write there.",
        "Check the rights of the program's data folder.",
    ),
    "SQLITE_CANTOPEN": (
        "The file with the snapshots cannot be opened.",
        "Check the rights of the program's data folder.",
    ),
    "SQLITE_IOERR": (
        "The disk failed, or is full: the snapshots were left as they were.",
        "Check the disk and its free space, then try again.",
    ),
    "SQLITE_NOMEM": (
        "There is not enough memory for the snapshots.",
        "Close other programs, then try again.",
    ),
}
_SENTENCES["SQLITE_LOCKED"] = _SENTENCES["SQLITE_BUSY"]
_SENTENCES["SQLITE_PERM"] = _SENTENCES["SQLITE_READONLY"]
_DAMAGED = (
    "The file with the snapshots is damaged.",
    "Restart the program: it reads the whole file, and begins a new one if it has to.",
)
_UNEXPECTED = (
    "The snapshots could not be used, because of a mistake in this program.",
    "Report it, with the code.",
)
_DAMAGES = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}


_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def damaged(code: str = "") -> StoreDamaged:
    sentence, next_step = _DAMAGED
    return StoreDamaged(sentence, next_step=next_step, code=code)


def _failure(name: str) -> DeskError:
    """`name` is SQLite's of a result, as SQLITE_IOERR_WRITE (sqlite.org/rescode.html)."""
    primary = "_".join(name.split("_")[:2])
    if primary in _DAMAGES:
        return damaged(name)
    sentence, next_step = _SENTENCES.get(primary, _UNEXPECTED)
    return DeskError(sentence, next_step=next_step, code=name)


def expected() -> tuple[type[Exception], ...]:
    """What driver and disk raise, and what a look at the whole file found."""
    from sqlcipher3 import dbapi2

    return dbapi2.Error, OSError, StoreDamaged


@overload
def plain(error: OSError) -> DeskError: ...
@overload
def plain(error: BaseException) -> BaseException: ...
def plain(error: BaseException) -> BaseException:
    """DeskError for what driver and disk raise, anything else as it is. Their own texts, which may
    hold what was looked for, are left out; the traceback stays."""
    from sqlcipher3 import dbapi2

    if isinstance(error, dbapi2.Error):
        failure = _failure(str(getattr(error, "sqlite_errorname", "")))
    elif isinstance(error, OSError):
        failure = _failure("SQLITE_FULL" if error.errno in _NO_SPACE else "SQLITE_CANTOPEN")
    else:
        return error
    return failure.with_traceback(error.__traceback__)
