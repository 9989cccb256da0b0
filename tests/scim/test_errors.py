"""Every error has one answer, whose status is a text and whose detail is never empty."""

from __future__ import annotations

import pytest
from orgplane_server.domain import errors as domain
from orgplane_server.domain.errors import OrgplaneError, Reason
from orgplane_server.scim import errors
from orgplane_server.scim.dialects import POLICY
from orgplane_server.scim.models import ProvisionedUser
from pydantic import ValidationError
from scim2_models import Context, NotImplementedException, PatchOp, SCIMException

USER = "urn:ietf:params:scim:schemas:core:2.0:User"


def test_every_concrete_kind_of_error_is_in_the_table() -> None:
    def leaves(kind: type[OrgplaneError]) -> set[type[OrgplaneError]]:
        below = kind.__subclasses__()
        return set().union(*map(leaves, below)) if below else {kind}

    assert leaves(OrgplaneError) == set(errors.STATUSES)


@pytest.mark.parametrize("kind", errors.STATUSES)
def test_a_domain_error_keeps_its_words(kind: type[OrgplaneError]) -> None:
    error = (
        domain.InvalidArgument(domain.Violation("name", "is wrong", "rule"))
        if kind is domain.InvalidArgument
        else kind("is wrong")
    )
    document = errors.refusal(error).document()
    assert document["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert document["status"] == str(errors.STATUSES[kind])
    assert document["detail"] == str(error)


@pytest.mark.parametrize(("reason", "scim_type"), errors.SCIM_TYPES.items())
def test_a_reason_may_have_a_scim_type(reason: Reason, scim_type: str) -> None:
    error = domain.FailedPrecondition("is taken", reason=reason)
    assert errors.refusal(error).document()["scimType"] == scim_type


def test_without_one_there_is_none_in_the_document() -> None:
    assert "scimType" not in errors.refusal(domain.NotFound("no such user")).document()


def test_a_missing_token_is_challenged_and_a_busy_server_says_when() -> None:
    assert errors.refusal(domain.Unauthenticated("no token")).headers == (
        (b"www-authenticate", b"Bearer"),
    )
    assert errors.refusal(domain.Unavailable("busy")).headers == ((b"retry-after", b"1"),)


def test_an_error_of_the_library_keeps_its_status() -> None:
    refusal = errors.refusal(NotImplementedException(detail="not here"))
    assert (refusal.status, refusal.detail, refusal.scim_type) == (501, "not here", "")


@pytest.mark.parametrize(
    ("document", "scim_type", "detail"),
    [
        ({"userName": 5}, "invalidValue", "userName: must be a string"),
        ({"userName": "a", "emails": "x"}, "invalidValue", "emails: must be a list"),
        ({"userName": "a", "emails": [7]}, "invalidValue", "emails[0]: must be an object"),
        ({"userName": "a", "name": "x"}, "invalidValue", "name: must be an object"),
        ({"userName": "a", "active": []}, "invalidValue", "active: must be true or false"),
        ({"userName": "a", "title": 1, "nickName": 2}, "invalidValue", "nickName: must be a string; title: must be a string"),
        ({"userName": "a", "profileUrl": "no url"}, "invalidValue", "profileUrl: Invalid URI: no url"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_schema_is_named_in_the_words_of_json(
    document: dict[str, object], scim_type: str, detail: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        ProvisionedUser.model_validate(
            {"schemas": [USER], **document},
            scim_ctx=Context.RESOURCE_CREATION_REQUEST,
            scim_policy=POLICY,
        )
    refusal = errors.refusal(caught.value)
    assert (refusal.status, refusal.scim_type) == (400, scim_type)
    assert sorted(refusal.detail.split("; ")) == detail.split("; ")


def test_a_value_that_does_not_fit_a_patched_attribute_is_named_likewise() -> None:
    patch = PatchOp[ProvisionedUser].model_validate(
        {"Operations": [{"op": "replace", "path": "title", "value": {"a": "secret"}}]},
        scim_ctx=Context.RESOURCE_PATCH_REQUEST,
        scim_policy=POLICY,
    )
    with pytest.raises(SCIMException) as caught:
        patch.patch(ProvisionedUser(user_name="a"), POLICY)
    refusal = errors.refusal(caught.value)
    assert (refusal.status, refusal.scim_type) == (400, "invalidValue")
    assert refusal.detail == "title: must be a string"


def test_a_bug_is_a_fixed_sentence() -> None:
    assert errors.internal("r-1").document() == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "500",
        "detail": "internal error, request r-1",
    }
