"""What is announced is complete, and read by the library's clients without complaint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from orgplane_server.domain.errors import NotFound, PermissionDenied
from orgplane_server.scim import discovery
from orgplane_server.scim.limits import Limits
from scim2_models import (
    Context,
    ListResponse,
    ResourceType,
    Schema,
    ScimProvider,
    ServiceProviderConfig,
)
from scim_client import Scim

BASE = "https://id.acme.example/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
SERVICE_PROVIDER_CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

#: RFC 7643 section 7: every attribute says all of this; a complex one need not speak of uniqueness.
CHARACTERISTICS = {"name", "type", "multiValued", "description", "required", "caseExact", "mutability", "returned"}  # fmt: skip


def attributes(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for attribute in document["attributes"]:
        yield attribute["name"], attribute
        for sub in attribute.get("subAttributes", []):
            yield f"{attribute['name']}.{sub['name']}", sub


def named(urn: str) -> dict[str, dict[str, Any]]:
    return dict(attributes(discovery.schema(BASE, urn)))


def test_the_configuration_has_all_that_the_rfcs_name() -> None:
    document = discovery.service_provider_config(BASE, Limits(1048576, 500))
    assert set(document) == {
        "schemas", "patch", "bulk", "filter", "changePassword", "sort", "etag",
        "authenticationSchemes", "pagination", "meta",
    }  # fmt: skip
    assert document["meta"]["location"] == f"{BASE}/ServiceProviderConfig"
    ServiceProviderConfig.model_validate(document, scim_ctx=Context.RESOURCE_QUERY_RESPONSE)


def test_the_types_and_schemas_build_a_service_in_a_client() -> None:
    types = ListResponse[ResourceType].model_validate(
        discovery.resource_types(BASE), scim_ctx=Context.RESOURCE_QUERY_RESPONSE
    )
    schemas = ListResponse[Schema].model_validate(
        discovery.schemas(BASE), scim_ctx=Context.RESOURCE_QUERY_RESPONSE
    )
    assert types.resources
    assert schemas.resources
    provider = ScimProvider.from_discovery(schemas.resources, types.resources)
    assert provider.model_for_endpoint("/Users") is not None
    assert provider.model_for_endpoint("/Groups") is not None


@pytest.mark.parametrize("urn", [USER, GROUP, ENTERPRISE])
def test_every_attribute_says_all_of_itself(urn: str) -> None:
    for name, attribute in named(urn).items():
        assert attribute.keys() >= CHARACTERISTICS, name
        assert attribute["description"].strip(), name
        assert attribute["type"] == "complex" or "uniqueness" in attribute, name


def test_what_discovery_answers_with_is_described_as_well() -> None:
    """RFC 7643, section 8.7.2; clients read them before anything else."""
    documents: list[dict[str, Any]] = [
        discovery.service_provider_config(BASE, Limits(1048576, 500)),
        *discovery.resource_types(BASE)["Resources"],
        *discovery.schemas(BASE)["Resources"],
    ]
    for document in documents:
        (urn,) = document["schemas"]
        assert document["meta"]["resourceType"] == urn.rpartition(":")[2]
        declared = {name for name in named(urn) if "." not in name}
        assert document.keys() - {"schemas", "meta"} <= declared
    for name, attribute in named(SERVICE_PROVIDER_CONFIG).items():
        assert attribute.keys() >= CHARACTERISTICS, name
        assert attribute["mutability"] == "readOnly"


def test_what_is_kept_unique_says_so() -> None:
    unique = {
        f"{urn.rpartition(':')[2]}.{name}"
        for urn in (USER, GROUP, ENTERPRISE)
        for name, attribute in named(urn).items()
        if attribute.get("uniqueness", "none") != "none"
    }
    assert unique == {"User.userName", "Group.displayName"}


def test_what_is_computed_here_is_read_only() -> None:
    read_only = {
        name
        for urn in (USER, GROUP, ENTERPRISE)
        for name, attribute in named(urn).items()
        if attribute["mutability"] == "readOnly"
    }
    assert read_only == {
        "groups", "groups.value", "groups.$ref", "groups.display", "groups.type",
        "manager.displayName", "members.display",
    }  # fmt: skip


@pytest.mark.parametrize(
    "attribute", ["emails", "phoneNumbers", "ims", "photos", "addresses", "groups"]
)
def test_types_have_canonical_values(attribute: str) -> None:
    assert named(USER)[f"{attribute}.type"]["canonicalValues"]


def test_no_password_is_announced() -> None:
    assert "password" not in named(USER)


def test_each_is_found_by_its_id_and_says_where_it_is() -> None:
    for listed, one in (
        (discovery.schemas(BASE), discovery.schema),
        (discovery.resource_types(BASE), discovery.resource_type),
    ):
        assert listed["totalResults"] == listed["itemsPerPage"] == len(listed["Resources"])
        for document in listed["Resources"]:
            assert one(BASE, document["id"]) == document
            assert document["meta"]["location"].endswith(document["id"])
    assert discovery.schema(BASE, ENTERPRISE.lower())["id"] == ENTERPRISE


def test_an_unknown_one_is_not_found() -> None:
    with pytest.raises(NotFound):
        discovery.schema(BASE, "urn:ietf:params:scim:schemas:core:2.0:Pet")
    with pytest.raises(NotFound):
        discovery.resource_type(BASE, "Pet")


def test_a_filter_is_refused() -> None:
    discovery.refuse_filter({"count": "1"})
    with pytest.raises(PermissionDenied):
        discovery.refuse_filter({"filter": 'id eq "x"'})


@pytest.mark.parametrize(
    "path", ["/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", f"/Schemas/{USER}"]
)  # fmt: skip
async def test_the_door_answers_whom_it_lets_in_without_a_filter(scim: Scim, path: str) -> None:
    answer = await scim("GET", path)
    assert answer.status == 200
    located = answer.json.get("meta") or answer.json["Resources"][0]["meta"]
    assert located["location"].startswith(f"http://orgplane.test/scim/v2{path}")
    assert (await scim("GET", path, filter='id eq "x"')).error == (403, None)
    assert (await scim("POST", path, {})).error == (405, None)
    assert (await replace(scim, token="")("GET", path)).error == (401, None)


@pytest.mark.parametrize("path", ["/ResourceTypes/Pet", "/Schemas/urn:x:y", "/Schemas/%00"])
async def test_the_door_does_not_find_what_is_not_there(scim: Scim, path: str) -> None:
    assert (await scim("GET", path)).error == (404, None)


async def test_what_is_announced_of_limits_is_kept(scim: Scim) -> None:
    announced = (await scim("GET", "/ServiceProviderConfig")).json
    assert (await scim("GET", "/Users", count=10**6)).json["itemsPerPage"] == 0
    operations = [{"method": "DELETE", "path": "/Users/x"}] * (
        announced["bulk"]["maxOperations"] + 1
    )
    assert (await scim("POST", "/Bulk", {"Operations": operations})).error == (413, None)
    body = b" " * (announced["bulk"]["maxPayloadSize"] + 1)
    assert (await scim("POST", "/Bulk", body)).error == (413, None)
