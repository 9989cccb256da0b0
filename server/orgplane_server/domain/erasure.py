"""What is forgotten of a person who asks for it, and what stays: that somebody with their id was there, and did what they did.

A member who is erased is deleted, with all that is theirs. In the audit trail and the logs a tag takes the place of what says who they
were. Of events about themself that is every text but ids, statuses and roles; elsewhere it is their names, e-mail addresses, telephone numbers, userNames and
externalIds, those of before included, as words of their own and whatever the case. A name that may well be part of something else (a short one
without a space, a digit or an @) is looked for within longer texts only where the person is concerned: in what they did, and in requests of
identity providers. Bodies of requests go whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from .errors import FailedPrecondition
from .identifier import UserId
from .text import folded

#: What stands for what was erased.
TAG = "[erased]"
#: How the audit trail tells it.
ERASED = "erased"

#: Of events about a person, fields whose texts are no data of theirs.
_PLAIN = frozenset({"role", "status", "active", "scimConfigurationId", "pending_deprovisioning"})
#: How events about sign-ins call whom the provider tells of.
_SUBJECT = "sub"
#: Shorter texts would be found everywhere.
_SHORTEST = 3
_LONG = 8

#: A row of a log, by the names of its columns.
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Erased:
    """In how many events, requests of identity providers, and sign-ins something was erased."""

    events: int
    requests: int
    sign_ins: int


class Person:
    """Whom a log may tell of: a member's id, and what they were `called`."""

    def __init__(self, id: UserId, called: Iterable[str]) -> None:
        self.id = id
        texts = {text for each in called if len(text := each.strip()) >= _SHORTEST} - {TAG}
        self.emails = sorted(text for text in texts if "@" in text)
        self._texts = {folded(text) for text in texts}
        self._words = _words(texts)
        self._telling = _words(text for text in texts if _tells(text))

    def event(self, row: Row) -> dict[str, Any]:
        """What takes the place of what an audit event tells of them: columns, none if it tells nothing."""
        by_them = row["actor_id"] == self.id or self._signs_in(row["changes"])
        if row["subject_id"] == self.id:
            changes = {
                name: said if name in _PLAIN else self._all(said)
                for name, said in row["changes"].items()
            }
        else:
            words = self._words if by_them else self._telling
            changes = {
                name: self._all(said) if by_them and name == _SUBJECT else self._some(said, words)
                for name, said in row["changes"].items()
            }
        return _different(row, changes=changes, peer=_tag(row["peer"]) if by_them else row["peer"])

    def request(self, row: Row) -> dict[str, Any]:
        """The same of a request of an identity provider."""
        address = unquote_plus(row["path"])
        bodies = (row["request_body"], row["response_body"])
        concerned = any(
            str(self.id) in each or self._words.search(each) for each in (address, *bodies)
        )
        path = row["path"]
        if self._words.search(address):
            path, query = path.partition("?")[::2]
            path = TAG if self._words.search(unquote_plus(path)) else path
            path += f"?{TAG}" if query else ""
        return _different(
            row,
            path=path,
            detail=self._words.sub(TAG, row["detail"]),
            remark=self._words.sub(TAG, row["remark"]),
            request_body=_tag(bodies[0]) if concerned else bodies[0],
            response_body=_tag(bodies[1]) if concerned else bodies[1],
        )

    def sign_in(self, row: Row) -> dict[str, Any]:
        """The same of a sign-in, or a refusal of one."""
        known = {folded(row["subject"]), folded(row["email"])} & self._texts
        if row["user_id"] != self.id and not known:
            return {}
        parts = ("subject", "email", "detail", "peer")
        return _different(row, **{name: _tag(row[name]) for name in parts})

    def _signs_in(self, changes: Mapping[str, Sequence[Any]]) -> bool:
        """Whether an event tells that they signed in, or were refused."""
        said = (
            [*changes.get(_SUBJECT, ()), *changes.get("email", ())] if _SUBJECT in changes else []
        )
        return any(folded(each) in self._texts for each in said if isinstance(each, str))

    def _all(self, said: Any) -> Any:
        """Every text in it but ids that are not theirs with a provider."""
        match said:
            case str():
                return said if _is_id(said) and folded(said) not in self._texts else _tag(said)
            case Mapping():
                return {name: self._all(each) for name, each in said.items()}
            case list() | tuple():
                return [self._all(each) for each in said]
        return said

    def _some(self, said: Any, words: re.Pattern[str]) -> Any:
        match said:
            case str():
                return TAG if folded(said) in self._texts else words.sub(TAG, said)
            case Mapping():
                return {name: self._some(each, words) for name, each in said.items()}
            case list() | tuple():
                return [self._some(each, words) for each in said]
        return said


def called(document: Mapping[str, Any]) -> Iterator[str]:
    """What a member, or a SCIM user, is called, out of their fields as the audit trail or SCIM has them."""
    for name in ("email", "userName", "externalId", "displayName", "nickName"):
        if isinstance(text := document.get(name), str):
            yield text
    match document.get("name"):
        case str(text):
            yield text
        case Mapping() as parts:
            given = [parts.get(part) or "" for part in ("givenName", "familyName")]
            yield parts.get("formatted") or ""
            yield " ".join(given)
            yield " ".join(reversed(given))
    for name in ("emails", "phoneNumbers"):
        for entry in document.get(name) or ():
            if isinstance(entry, Mapping) and isinstance(text := entry.get("value"), str):
                yield text


def called_before(changes: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """What a person was called by an event about them."""
    for side in (0, 1):
        yield from called({name: said[side] for name, said in changes.items()})


def oneself() -> FailedPrecondition:
    """As the caller's token ends in the midst of it."""
    return FailedPrecondition("nobody erases themself: have another administrator do it")


def _tells(text: str) -> bool:
    """Whether a text is hardly ever part of another that is not about the same person."""
    return len(text) >= _LONG or re.search(r"[\s\d@]", text) is not None


def _words(texts: Iterable[str]) -> re.Pattern[str]:
    """Finds each as it is, or within JSON, where it is not part of a longer word."""
    spelt = {each for text in texts for each in (text, json.dumps(text, ensure_ascii=False)[1:-1])}
    longest_first = sorted(map(re.escape, spelt), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first) or '(?!)'})(?!\w)", re.IGNORECASE)


def _tag(text: str) -> str:
    return TAG if text else text


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _different(row: Row, **values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != row[name]}
