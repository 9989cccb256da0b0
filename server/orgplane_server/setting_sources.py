"""Where settings come from: a flag, else a variable, else the file of `--config`, else the default."""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from .settings import PREFIX, SettingError, Settings, read

#: What the server sets for its own child processes.
_OURS = {"demo_report", "lifeline", "worker", "python"}
#: Variables of this prefix that are the client's.
_CLIENTS = {"CA", "CLIENT_CERT", "CLIENT_KEY", "PROFILE", "TOKEN", "URL"}
#: May be an array in a file, and have commas elsewhere.
_LISTS = {
    "cors_allowed_origins",
    "dns_resolvers",
    "return_origins",
    "sso_allowed_hosts",
    "trusted_proxies",
    "webhook_allowed_hosts",
}
_KINDS = {setting.name: str(setting.type) for setting in fields(Settings)}
_NAMES = [name for name in _KINDS if name not in _OURS]
_CONFIG = f"{PREFIX}CONFIG"
#: So alike a misspelt name is to what was meant.
_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Gathered:
    """The settings in force, and for each that is not its default which flag, variable or file says so; `doubts` are sentences."""

    settings: Settings
    sources: Mapping[str, str]
    doubts: tuple[str, ...] = ()


def gather(
    flags: Mapping[str, object],
    config: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Gathered:
    """`flags` are those that were given, by the names of the settings; a `config` that was not is what `ORGPLANE_CONFIG` says.

    Raises SettingError for what cannot be read, for a file with a key that is no setting, and for a value that a setting cannot have.
    """
    if config is None and environment.get(_CONFIG):
        config = Path(environment[_CONFIG])
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    if config is not None:
        values |= _of_file(config)
        sources |= dict.fromkeys(values, str(config))
    for name in _NAMES:
        variable = PREFIX + name.upper()
        if text := environment.get(variable):
            values[name] = read(name, _KINDS[name], text)
            sources[name] = variable
    values |= flags
    sources |= {name: flag(name) for name in flags}
    try:
        settings = Settings(**values)  # type: ignore[arg-type]
    except SettingError as error:
        told = str(error).partition(":")[0]
        where = {sources[name] for name in re.split(r"\W+", told) if name in sources}
        if where == {str(config)}:
            raise SettingError(f"{config}: {error}") from None
        raise
    return Gathered(settings, sources, tuple(_misspelt(environment)))


def flag(name: str) -> str:
    """How a setting is written on the command line."""
    return f"--{_key(name)}"


def shown(gathered: Gathered) -> str:
    """A file of all settings in force, each with its source, without what is secret."""
    lines = []
    for name in _NAMES:
        value = getattr(gathered.settings, name)
        source = gathered.sources.get(name, "default")
        said = (
            f"# {_key(name)} is not set"
            if value in (None, "")
            else f"{_key(name)} = {_toml(value)}"
        )
        lines.append(f"{said}  # {source}")
    return "\n".join(lines)


def _of_file(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as opened:
            found = tomllib.load(opened)
    except OSError as error:
        raise SettingError(f"config: cannot read {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"config: {file} is no TOML: {error}") from None
    keys = {_key(name): name for name in _NAMES}
    values = {}
    for key, value in found.items():
        if key not in keys:
            raise SettingError(f"{file}: {key}: there is no such setting{_meant(key, [*keys])}")
        values[keys[key]] = _typed(file, key, keys[key], value)
    return values


def _typed(file: Path, key: str, name: str, value: object) -> object:
    """The value, if it is of the setting's type."""
    many = name in _LISTS
    match _KINDS[name], value:
        case "bool", bool():
            return value
        case (("int" | "float"), bool()):
            pass
        case ("int", int()) | ("float", int() | float()):
            return value
        case "Path | None", str():
            return Path(value)
        case kind, str() if kind not in ("bool", "int", "float"):
            return value
        case _, [*texts] if many and all(isinstance(text, str) for text in texts):
            return ",".join(map(str, texts))
    wanted = {"bool": "true or false", "int": "a whole number", "float": "a number"}
    expected = wanted.get(_KINDS[name], "an array of strings" if many else "a string")
    raise SettingError(f"{file}: {key}: expected {expected}")


def _misspelt(environment: Mapping[str, str]) -> list[str]:
    known = [PREFIX + name.upper() for name in _KINDS] + [_CONFIG]
    passed = {*known, *(PREFIX + name for name in _CLIENTS)}
    doubts = []
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in passed:
            meant = _meant(variable, known)
            if meant:  # others may be somebody else's, such as Kubernetes' ORGPLANE_PORT
                doubts.append(f"{variable}: there is no such setting{meant}")
    return doubts


def _meant(name: str, known: list[str]) -> str:
    text = name.removeprefix(PREFIX)
    choices = {each.removeprefix(PREFIX): each for each in known}
    alike = difflib.get_close_matches(
        text.replace("_", "-") if text.islower() else text, choices, 1, _ALIKE
    )
    return f"; was {choices[alike[0]]} meant?" if alike else ""


def _key(name: str) -> str:
    return name.replace("_", "-")


def _toml(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return json.dumps(_without_secrets(str(value)), ensure_ascii=False)


def _without_secrets(text: str) -> str:
    """The same without the password of a URL, before its host or in its query."""
    text = re.sub(r"(://[^:@/?]*):.*@", r"\1:***@", text)
    return re.sub(r"(?i)([?&][^=&]*pass[^=&]*=)[^&]*", r"\1***", text)
