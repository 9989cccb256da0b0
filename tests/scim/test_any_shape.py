"""Bodies of any shape are understood or refused by name; nothing else happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orgplane_server.domain.errors import InvalidArgument
from orgplane_server.scim import dialects, filter_reading
from orgplane_server.scim.attributes import GROUP, USER
from orgplane_server.scim.operations import Operations
from orgplane_server.scim.reading import Reading
from scim_bodies import PATCHES, RESOURCES

BOUNDED = settings(max_examples=300, derandomize=True, database=None)


def understood_or_refused(translation: Callable[[Any], Any], sent: Any) -> Any:
    try:
        return translation(sent)
    except InvalidArgument:
        return None


@pytest.mark.parametrize("translation", [Reading(USER).body, Reading(GROUP).body])
@BOUNDED
@given(body=RESOURCES)
def test_a_body(translation: Callable[[Any], Any], body: Any) -> None:
    understood = understood_or_refused(translation, body)
    assert understood is None or translation(understood) == understood


@pytest.mark.parametrize("translation", [Operations(USER).patch, Operations(GROUP).patch])
@BOUNDED
@given(body=PATCHES)
def test_a_patch(translation: Callable[[Any], Any], body: Any) -> None:
    understood = understood_or_refused(translation, body)
    assert understood is None or translation(understood) == understood


@BOUNDED
@given(text=st.text(max_size=60))
def test_a_filter(text: str) -> None:
    understood_or_refused(filter_reading.filter_text, text)


@BOUNDED
@given(text=st.text(max_size=30))
def test_headers_and_paths(text: str) -> None:
    assert dialects.path(text).startswith("/")
    assert dialects.media_type(text) in ("application/json", "application/scim+json")
    assert dialects.is_json(text) in (True, False)
