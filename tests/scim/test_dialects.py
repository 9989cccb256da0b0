"""What each provider sends is understood as the RFCs would have it said; payloads are filed by provider."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from orgplane_server.domain.errors import InvalidArgument
from orgplane_server.scim import dialects, errors, filter_reading
from orgplane_server.scim.attributes import GROUP, USER
from orgplane_server.scim.models import Group, ProvisionedUser
from orgplane_server.scim.operations import Operations
from orgplane_server.scim.reading import Reading
from scim2_models import Context, NoTargetException, PatchOp, ScimFilter, ScimPolicy
from scim_payloads import PAYLOADS, Payload

#: By what a payload is sent to.
TRANSLATIONS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("POST", "Users"): Reading(USER).body,
    ("PUT", "Users"): Reading(USER).body,
    ("PATCH", "Users"): Operations(USER).patch,
    ("GET", "Users"): filter_reading.filter_text,
    ("POST", "Groups"): Reading(GROUP).body,
    ("PUT", "Groups"): Reading(GROUP).body,
    ("PATCH", "Groups"): Operations(GROUP).patch,
    ("GET", "Groups"): filter_reading.filter_text,
}

#: Those whose work is seen elsewhere: headers, paths, and what the SCIM library is told to tolerate.
ELSEWHERE = {"path", "media_type", "is_json", "unmatched_filter_creates", "unknown_attributes"}


#: Whether a deviation did nothing, where it gives back something else than it takes.
AS_IT_WAS: dict[str, Callable[[Any, Any], bool]] = {
    "paths_as_keys": lambda said, sent: not any(path for path, _ in said),
    "no_operations": lambda said, sent: said is not None,
    "removal_by_value": lambda said, sent: False,
    "members_without_a_value": lambda said, sent: not said,
}


def understood(payload: Payload) -> Any:
    return TRANSLATIONS[payload.method, payload.endpoint](payload.content)


def parametrized(payloads: list[Payload]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("payload", payloads, ids=[p.name for p in payloads])


@parametrized([p for p in PAYLOADS if p.means is not None])
def test_a_payload_means_what_the_rfc_would_say(payload: Payload) -> None:
    assert understood(payload) == payload.means


@parametrized([p for p in PAYLOADS if p.refused])
def test_what_cannot_be_understood_is_refused_by_name(payload: Payload) -> None:
    with pytest.raises(InvalidArgument) as caught:
        understood(payload)
    (violation,) = caught.value.violations
    assert violation.field == payload.refused["field"]
    refusal = errors.refusal(caught.value)
    assert (refusal.status, refusal.scim_type) == (400, payload.refused["scimType"])


@parametrized(
    [p for p in PAYLOADS if not p.refused and "percent_encoded_value" not in p.deviations]
)
def test_the_rfcs_form_is_left_as_it_is(payload: Payload) -> None:
    translation = TRANSLATIONS[payload.method, payload.endpoint]
    assert translation(payload.means) == payload.means


@parametrized(PAYLOADS)
def test_a_payload_names_the_deviations_that_it_needs(
    payload: Payload, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = set()

    def watching(function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            result = function(*arguments)
            as_it_was = AS_IT_WAS.get(function.__name__, lambda said, sent: said == sent)(
                result, arguments[-1]
            )
            if not as_it_was:
                needed.add(function.__name__)
            return result

        return watched

    for function in dialects.DEVIATIONS:
        # For whoever calls it, and within the module that it is in.
        for module in (dialects, sys.modules[function.__module__]):
            monkeypatch.setattr(module, function.__name__, watching(function))
    if payload.refused:
        with pytest.raises(InvalidArgument):
            understood(payload)
    else:
        understood(payload)
    assert needed - ELSEWHERE == set(payload.deviations) - ELSEWHERE


def test_every_deviation_has_a_payload_or_a_test_of_its_own() -> None:
    named = {name for payload in PAYLOADS for name in payload.deviations}
    assert {function.__name__ for function in dialects.DEVIATIONS} == named | {
        "path",
        "media_type",
        "is_json",
    }


@pytest.mark.parametrize("function", dialects.DEVIATIONS, ids=lambda f: f.__name__)
def test_a_deviation_says_who_forces_it_and_what_the_rfc_says(function: Callable[..., Any]) -> None:
    lines = [line.strip() for line in (function.__doc__ or "").splitlines()]
    assert [line for line in lines if line.startswith("Who: ")]
    (rfc,) = [line for line in lines if line.startswith("RFC: ")]
    assert rfc.startswith(("RFC: RFC 7643 section ", "RFC: RFC 7644 section "))


# The SCIM library reads and applies the RFC's form as it is meant.


@parametrized([p for p in PAYLOADS if p.method in ("POST", "PUT") and not p.refused])
def test_the_library_reads_bodies(payload: Payload) -> None:
    model = ProvisionedUser if payload.endpoint == "Users" else Group
    context = {
        "POST": Context.RESOURCE_CREATION_REQUEST,
        "PUT": Context.RESOURCE_REPLACEMENT_REQUEST,
    }[payload.method]
    resource = model.model_validate(
        understood(payload), scim_ctx=context, scim_policy=dialects.POLICY
    )
    read = resource.model_dump()
    expected = json.loads(
        json.dumps(payload.means),
        object_hook=lambda o: {k: v for k, v in o.items() if v or v is False},
    )
    for name, value in expected.items():
        if name != "schemas":
            assert read[name] == value
    assert set(read) - set(payload.means) <= {"schemas"}


@parametrized([p for p in PAYLOADS if p.before and p.endpoint == "Users" and p.means["Operations"]])
def test_the_library_applies_operations(payload: Payload) -> None:
    user = ProvisionedUser.model_validate(payload.before)
    patched(understood(payload), user, dialects.POLICY)
    after = ProvisionedUser.model_validate(payload.after)
    assert user.model_dump() == after.model_dump()


@parametrized([p for p in PAYLOADS if "unmatched_filter_creates" in p.deviations])
def test_a_strict_library_would_not_create_what_a_filter_describes(payload: Payload) -> None:
    user = ProvisionedUser.model_validate(payload.before)
    with pytest.raises(NoTargetException):
        patched(understood(payload), user, ScimPolicy())


@parametrized([p for p in PAYLOADS if p.filter and not p.refused])
def test_the_library_reads_filters(payload: Payload) -> None:
    ScimFilter[ProvisionedUser](understood(payload))._validate_semantics(strict=True)


def patched(document: Any, user: Any, policy: ScimPolicy) -> None:
    patch = PatchOp[ProvisionedUser].model_validate(
        document, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=policy
    )
    patch.patch(user, policy)


# What has no payload.


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("/Users/", "/Users"),
        ("/Users", "/Users"),
        ("//Users//x/", "/Users/x"),
        ("", "/"),
        ("/", "/"),
    ],
)
def test_slashes_that_say_nothing_are_left_out(raw: str, meant: str) -> None:
    assert dialects.path(raw) == meant


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("", "application/scim+json"),
        ("application/scim+json", "application/scim+json"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/json, text/plain, */*", "application/scim+json"),
        ("application/json, application/scim+json", "application/scim+json"),
        ("application/json, application/scim+json;q=0", "application/json"),
        ("application/scim+json;q=0.5, application/json", "application/scim+json"),
        ("application/*", "application/scim+json"),
        ("text/html", "application/scim+json"),
    ],
)
def test_plain_json_is_for_those_who_accept_nothing_else(accept: str, answered: str) -> None:
    assert dialects.media_type(accept) == answered


@pytest.mark.parametrize(
    ("content_type", "read"),
    [
        ("application/scim+json; charset=utf-8", True),
        ("application/json", True),
        ("Application/JSON", True),
        ("", True),
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
    ],
)
def test_bodies_are_json_whatever_they_are_called(content_type: str, read: bool) -> None:
    assert dialects.is_json(content_type) is read


@pytest.mark.parametrize(
    ("translation", "document", "scim_type", "field"),
    [
        (Reading(USER).body, [], "invalidSyntax", "body"),
        (Reading(USER).body, {"userName": "a", "username": "b"}, "invalidSyntax", "body"),
        (Reading(USER).body, {"userName": ""}, "invalidValue", "userName"),
        (Reading(USER).body, {"active": "perhaps"}, "invalidValue", "active"),
        (Reading(USER).body, {"roles": [{"primary": "yes"}]}, "invalidValue", "roles.primary"),
        (Reading(GROUP).body, {"displayName": ""}, "invalidValue", "displayName"),
        (Reading(GROUP).body, {"members": [{"display": "x"}]}, "invalidValue", "members[0].value"),
        (Reading(GROUP).body, {"members": [{"value": None}]}, "invalidValue", "members[0].value"),
        (Reading(GROUP).body, {"members": 7}, "invalidValue", "members"),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused(
    translation: Callable[[Any], Any], document: object, scim_type: str, field: str
) -> None:
    assert refused(translation, document) == (scim_type, field)


@pytest.mark.parametrize(
    ("operation", "scim_type", "field"),
    [
        (7, "invalidSyntax", "Operations[0]"),
        ({"op": "move", "path": "members"}, "invalidSyntax", "Operations[0].op"),
        ({"op": "add", "path": ["members"], "value": "x"}, "invalidPath", "Operations[0].path"),
        ({"op": "add", "path": "members"}, "invalidValue", "Operations[0].value"),
        ({"op": "remove"}, "noTarget", "Operations[0].path"),
        ({"op": "replace", "value": "x"}, "invalidValue", "Operations[0].value"),
        ({"op": "replace", "value": {"": "x"}}, "invalidPath", "path"),
        ({"op": "replace", "path": "a b", "value": "x"}, "invalidPath", "a b"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability", "id"),
        ({"op": "replace", "path": "meta.version", "value": "x"}, "mutability", "meta"),
        ({"op": "remove", "path": "displayName"}, "mutability", "displayName"),
        ({"op": "replace", "path": "displayName", "value": None}, "mutability", "displayName"),
        ({"op": "replace", "path": "displayName", "value": ""}, "invalidValue", "displayName"),
        ({"op": "remove", "path": "members", "value": ""}, "invalidValue", "members"),
        ({"op": "remove", "path": "members", "value": {}}, "invalidValue", "members[0].value"),
        ({"op": "add", "path": "members[size eq 1]", "value": {}}, "invalidFilter", "members[size eq 1]"),
        ({"op": "add", "path": 'displayName[a eq "b"]', "value": "x"}, "invalidPath", 'displayName[a eq "b"]'),
    ],
)  # fmt: skip
def test_an_operation_that_cannot_be_meant_is_refused(
    operation: object, scim_type: str, field: str
) -> None:
    document = {"Operations": [operation]}
    assert refused(Operations(GROUP).patch, document) == (scim_type, field)


def refused(translation: Callable[[Any], Any], document: object) -> tuple[str, str]:
    with pytest.raises(InvalidArgument) as caught:
        translation(document)
    return errors.refusal(caught.value).scim_type, caught.value.violations[0].field
