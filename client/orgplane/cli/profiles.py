"""The file of profiles: where `orgplane login` keeps a server's address and a token of it."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ConfigurationError

DEFAULT = "default"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_KEYS = ("url", "token", "protocol", "ca", "client_cert", "client_key", "session_expires_at")
_IN_USE = "profile"
#: Where there is no home folder.
_NOWHERE = Path(os.devnull, "profiles.ini")
_UNSAFE = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Profile:
    """A server and how to call it. The token never shows when printed.

    Of a session's, `session_expires_at` (in UTC) is when it ends, however much it is used; empty for others.
    """

    name: str
    url: str
    token: str = field(repr=False)
    protocol: str = ""
    ca: str = ""
    client_cert: str = ""
    client_key: str = ""
    session_expires_at: str = ""


class ProfileFile:
    """Sections of an INI file, one for each profile; `profile` in its `DEFAULT` names the one in use.

    The file is its owner's alone (0600, in a folder of 0700) and is replaced as a whole, so that it is never seen
    half written. Who changes it waits for others who do, so that none of the changes is lost. Raises
    ConfigurationError for what cannot be read or written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or _default_path()

    def get(self, name: str) -> Profile | None:
        return self.all().get(name)

    def all(self) -> dict[str, Profile]:
        parser = self._read()
        return {
            name: Profile(name, **{key: section.get(key, "") for key in _KEYS})
            for name, section in parser.items()
            if name != parser.default_section
        }

    def in_use(self) -> str:
        """The name of the profile that is meant where none is named, whether there is one of it or not."""
        return self._read().defaults().get(_IN_USE) or DEFAULT

    def use(self, name: str) -> None:
        """Means this profile from now on where none is named."""
        with self._alone():
            parser = self._read()
            parser[parser.default_section][_IN_USE] = name
            self._write(parser)

    def save(self, profile: Profile) -> None:
        """Adds the profile, or replaces the one of its name."""
        if not _NAME.fullmatch(profile.name) or profile.name == "DEFAULT":
            raise ConfigurationError(
                f"profile: {profile.name!r} is no name; use letters, digits, `.`, `_` and `-`"
            )
        with self._alone():
            parser = self._read()
            parser[profile.name] = {key: value for key in _KEYS if (value := getattr(profile, key))}
            self._write(parser)

    def remove(self, name: str) -> bool:
        """Whether there was one. If it was in use, `default` is from then on."""
        if self.get(name) is None:
            return False
        with self._alone():
            parser = self._read()
            parser.remove_section(name)
            if parser.defaults().get(_IN_USE) == name:
                del parser[parser.default_section][_IN_USE]
            self._write(parser)
        return True

    def open_to_others(self) -> bool:
        """Whether anybody but the owner may read it."""
        try:
            return os.name == "posix" and bool(self.path.stat().st_mode & _UNSAFE)
        except OSError:
            return False

    def _read(self) -> ConfigParser:
        parser = ConfigParser(interpolation=None)
        try:
            parser.read_string(self.path.read_text("utf-8-sig"))
        except (FileNotFoundError, NotADirectoryError):
            pass  # nobody has logged in
        except (OSError, ConfigParserError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"cannot read the profiles in {self.path}: {_why(error)}"
            ) from None
        return parser

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Makes the folder, and keeps others out who would change the file."""
        if self.path == _NOWHERE:
            raise ConfigurationError("there is no home folder to keep profiles in: set HOME")
        folder = self.path.resolve().parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            lock = _locked(folder)
        except OSError as error:
            raise ConfigurationError(f"cannot write {self.path}: {error.strerror}") from error
        try:
            yield
        finally:
            if lock is not None:
                os.close(lock)

    def _write(self, parser: ConfigParser) -> None:
        path = self.path.resolve()  # what a symbolic link points to, not the link
        new: Path | None = None
        try:
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=path.parent, delete=False
            ) as file:  # made with 0600
                new = Path(file.name)
                parser.write(file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except OSError as error:
            raise ConfigurationError(f"cannot write {path}: {error.strerror}") from error
        finally:
            if new is not None:
                new.unlink(missing_ok=True)  # it has tokens


def _why(error: Exception) -> str:
    """Without a line of the file, which may have a token in it."""
    if isinstance(error, OSError):
        return str(error.strerror)
    if isinstance(error, UnicodeDecodeError):
        return "it is not in UTF-8"
    number = getattr(error, "lineno", None) or next(iter(getattr(error, "errors", ())), (None,))[0]
    return f"line {number} is not as `orgplane login` writes it"


def _locked(folder: Path) -> int | None:
    """A file that keeps others out until it is closed; None where there are no such locks."""
    try:
        import fcntl
    except ImportError:
        return None
    lock = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # some network file systems have none
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _default_path() -> Path:
    from platformdirs import user_config_path

    try:
        path = user_config_path("orgplane") / "profiles.ini"
    except RuntimeError:  # as in a container that runs as any user
        return _NOWHERE
    return path if path.is_absolute() else _NOWHERE
