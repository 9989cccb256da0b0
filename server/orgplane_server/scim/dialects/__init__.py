"""What identity providers send instead of what RFC 7643 and 7644 say, and what they mean by it.

All of it is understood at once on one endpoint; nobody has to say which provider they use. Each
deviation is one function that takes what came and gives it back in the RFC's form, or as it was; its
docstring says who forces it and what the RFC says. What is understood neither way is refused with a
scimType and the name of the field. `normal_form` puts them together.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic_core import Url, ValidationError
from scim2_models import Attribute, Required, ScimPolicy
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
)

from ...domain.scim_attribute import CORE_GROUP, CORE_USER, ENTERPRISE_USER
from ...domain.text import folded
from ..attributes import GROUP, USER, Attributes, Place
from ..errors import invalid
from ..objects import Document, by_name, unique

_Function = TypeVar("_Function", bound=Callable[..., Any])

#: Every deviation, for documentation and tests.
DEVIATIONS: list[Callable[..., Any]] = []


def deviation(function: _Function) -> _Function:
    DEVIATIONS.append(function)
    return function


# How a request is addressed.


@deviation
def path(raw: str) -> str:
    """A path below the base without the slashes that say nothing: `/Users/` is `/Users`.

    Who: Microsoft's reference collection asks for `/Users/?filter=`; administrators paste base URLs that end in a slash.
    RFC: RFC 7644 section 3.2 names the endpoints without one.
    """
    return "/" + "/".join(part for part in raw.split("/") if part)


@deviation
def media_type(accept: str) -> str:
    """The media type of the answer: `application/json` for those alone who accept no `application/scim+json`.

    Who: Entra's validator stops at `application/json`; OneLogin wants nothing else.
    RFC: RFC 7644 section 3.8 has `application/scim+json` whenever the client does not ask for another.
    """
    accepted = set()
    for media_range in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in media_range.split(";"))
        if not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", parameter) for parameter in parameters):
            accepted.add(kind)
    scim = accepted & {"application/scim+json", "application/*", "*/*"}
    return "application/json" if "application/json" in accepted and not scim else _SCIM_JSON


@deviation
def is_json(content_type: str) -> bool:
    """Whether a body of this media type is read: `application/json`, `*/*` and none named, besides SCIM's own.

    Who: Okta's suite and OneLogin send `application/json`; small scripts `*/*`, or none.
    RFC: RFC 7644 section 3.1 has `application/scim+json`.
    """
    return content_type.partition(";")[0].strip().lower() in _READ


_SCIM_JSON = "application/scim+json"
_READ = ("", _SCIM_JSON, "application/json", "*/*")


# How filters are written.


@deviation
def percent_encoded_value(node: FilterNode) -> FilterNode:
    """A compared value that is still percent-encoded within its quotes is also looked for decoded.

    Who: Entra's validator encodes the value, then the whole query.
    RFC: RFC 7644 section 3.4.2.2 has a JSON string within the quotes.
    """
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq:
        return node
    if not isinstance(node.value, str) or not _PERCENT.search(node.value):
        return node
    decoded = unquote(node.value, errors="replace")
    if not decoded.isprintable() or "\ufffd" in decoded:
        return node
    return LogicalExpr(LogicalOperator.or_, (node, replace(node, value=decoded)))


@deviation
def extension_attribute_without_urn(path: str) -> str:
    """The name of an extension's attribute, given its URN if it came without.

    Who: Entra has `manager` as a path in PATCH, and in the filter that checks a manager.
    RFC: RFC 7644 section 3.10 prefixes an extension's attribute with the extension's URN.
    """
    name = _NAME.match(path)
    if name is None or USER.member(name[0]) or not (place := USER.extended(name[0])):
        return path
    return place.path + path[name.end() :]


@deviation
def dot_after_a_urn(text: str) -> str:
    """A dot between a schema's URN and an attribute is the colon that belongs there: in paths, names and filters.

    Who: Apache Directory SCIMple's own client; ConnId's connector, told to use no colon.
    RFC: RFC 7644 section 3.10 has a colon there: `urn:ietf:params:scim:schemas:core:2.0:User.active` is none of our schemas.
    """
    return _URN_DOT.sub(lambda match: f"{match[1]}:" if match[1] else match[0], text)


@deviation
def manager_compared_by_id(node: FilterNode) -> FilterNode:
    """A manager who is compared to a value is the one with that id.

    Who: Entra checks `id eq "..." and manager eq "..."`.
    RFC: RFC 7644 section 3.4.2.2 compares sub-attributes: `manager.value`.
    """
    if not isinstance(node, Comparison) or node.attr_path.attr.lower() != "manager":
        return node
    attr_path = replace(node.attr_path, sub_attr=node.attr_path.sub_attr or "value")
    return replace(node, attr_path=attr_path)


@deviation
def unquoted_resource_type(text: str) -> str:
    """The name of a resource type that `meta.resourceType` is compared with may be without its quotes.

    Who: WSO2's clients, after the RFC's own example of a filter on several types.
    RFC: RFC 7644 section 3.4.2.2 has a JSON string, and in that example `meta.resourceType eq User`.
    """
    return _RESOURCE_TYPE.sub(
        lambda found: f'{found[1]}"{found[2]}"' if found[2] else found[0], text
    )


#: A text in quotes, which is left alone, or a comparison.
_RESOURCE_TYPE = re.compile(
    r'"(?:[^"\\]|\\.)*"|(meta\.resourceType\s+(?:eq|ne)\s+)([A-Za-z]+)(?![^\s)])', re.IGNORECASE
)
#: A quoted text, of which nothing is a URN; or a URN of ours and the dot behind it.
_URN_DOT = re.compile(
    r'"(?:[^"\\]|\\.)*"|(?<![\w.:-])('
    + "|".join(re.escape(urn) for urn in (CORE_USER, CORE_GROUP, ENTERPRISE_USER))
    + r")\.",
    re.IGNORECASE,
)
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")
_NAME = re.compile(r"[A-Za-z][\w-]*(?![\w:-])", re.ASCII)


# What values look like, in bodies and in operations.


@deviation
def empty_text(place: Place, value: Any) -> Any:
    """An empty text unassigns its attribute. A user's userName and a group's displayName refuse it.

    Who: Entra and Ory Polis clear attributes with `""`.
    RFC: RFC 7643 section 2.5 knows null and the empty list as unassigned; an empty text is a value.
    """
    if value != "":
        return value
    assert place.attribute is not None
    if place.attribute.required is Required.true:
        raise invalid("invalidValue", place.path, "must not be empty")
    return None


@deviation
def text_boolean(place: Place, value: Any) -> Any:
    """`"True"` is true and `"False"` is false, in any case, where a boolean belongs.

    Who: Entra without aadOptscim062020 (`active`, also `roles[].primary`); Keycloak's extension; OneLogin's templates.
    RFC: RFC 7643 section 2.3.2 has JSON's true and false.
    """
    assert place.attribute is not None
    if place.attribute.type is not Attribute.Type.boolean or not isinstance(value, str):
        return value
    if value.lower() not in ("true", "false"):
        raise invalid("invalidValue", place.path, "must be true or false")
    return value.lower() == "true"


@deviation
def one_object_for_a_list(place: Place, value: Any) -> Any:
    """A single object, where an attribute has a list of them, is that list's only entry.

    Who: scripts and attribute templates that map one address, or one member.
    RFC: RFC 7643 section 2.4 has a JSON array.
    """
    assert place.attribute is not None
    if place.single or place.attribute.type is not Attribute.Type.complex:
        return value
    return [value] if isinstance(value, dict) else value


@deviation
def list_of_one_object(place: Place, value: Any) -> Any:
    """A list of one object is that object, where one is meant: `name`, `manager`, an extension, a value without a path.

    Who: Entra's documentation has a list with the manager; SCIM-SDK's clients put every value of an operation in a list.
    RFC: RFC 7643 section 2.3.8 has an object.
    """
    complex = place.attribute is None or place.attribute.type is Attribute.Type.complex
    if not complex or not place.single or not isinstance(value, list) or len(value) != 1:
        return value
    return value[0]


@deviation
def manager_as_text(place: Place, value: Any) -> Any:
    """A manager given as an id is `{"value": id}`.

    Who: Entra sends the id alone.
    RFC: RFC 7643 section 4.3 has an object.
    """
    if _is_manager(place) and isinstance(value, str) and value:
        return {"value": value}
    return value


@deviation
def manager_of_nobody(place: Place, value: Any) -> Any:
    """A manager whose id is empty is no manager.

    Who: Entra replaces the manager by `{"value": ""}` to remove it.
    RFC: RFC 7644 section 3.5.2.2 removes by a remove operation.
    """
    if _is_manager(place) and isinstance(value, dict) and value.get("value", "") is None:
        return None
    return value


@deviation
def values_in_an_object(place: Place, value: Any) -> Any:
    """The values of a list wrapped once more, as in `{"members": [...]}`, are those values.

    Who: Salesforce removes members so; scripts that build one value for operations with and without a path.
    RFC: RFC 7644 section 3.5.2.3 has the new values themselves if the operation has a path.
    """
    if place.single or not isinstance(value, dict) or len(value) != 1:
        return value
    ((name, values),) = value.items()
    return values if name.lower() == place.name.lower() else value


@deviation
def member_as_text(place: Place, value: Any) -> Any:
    """A member given as an id is `{"value": id}`.

    Who: Microsoft's reference collection adds `"value": "id"`.
    RFC: RFC 7643 section 4.2 has objects.
    """
    if not place.is_members:
        return value
    entries = value if isinstance(value, list) else [value]
    if not any(isinstance(entry, str) for entry in entries):
        return value
    return [{"value": entry} if isinstance(entry, str) else entry for entry in entries]


@deviation
def member_by_value_alone(place: Place, value: Any) -> Any:
    """A member is who its `value` says; its `type` and `$ref`, null or not, select and change nothing.

    Who: Entra sends `"$ref": null`, Keycloak's extension a relative `$ref`.
    RFC: RFC 7644 section 3.5.2.1 tells members apart by all of what is given.
    """
    if not place.is_members or not isinstance(value, list):
        return value
    return [{"value": entry.get("value")} if isinstance(entry, dict) else entry for entry in value]


@deviation
def emptied_entry(place: Place, value: Any) -> Any:
    """An entry of a list of which nothing is left but its label is left out.

    Who: Entra sends every mapped address and number, with `""` or null for those that a user does not have.
    RFC: RFC 7643 section 2.5 leaves an entry of a type alone.
    """
    if place.single or not isinstance(value, list):
        return value
    return [entry for entry in value if not emptied(entry)]


def emptied(entry: object) -> bool:
    if not isinstance(entry, dict) or None not in entry.values():
        return False
    return all(said is None or name in ("type", "primary") for name, said in entry.items())


@deviation
def first_primary_alone(place: Place, value: Any) -> Any:
    """Of several primary entries in one list the first is the primary one.

    Who: PingOne and PingFederate send both of two addresses as primary.
    RFC: RFC 7643 section 2.4 has primary true in one entry at most.
    """
    if place.single or not isinstance(value, list):
        return value
    found, entries = False, []
    for entry in value:
        primary = isinstance(entry, dict) and entry.get("primary") is True
        entries.append({**entry, "primary": False} if primary and found else entry)
        found = found or primary
    return entries


@deviation
def address_of_nothing(place: Place, value: Any) -> Any:
    """What is no URL, or far too long for one, leaves a `profileUrl` or a photo unassigned, as nobody's account hangs on it.

    Who: Saviynt's template sends one blank as `profileUrl`; directories have file names, and photos themselves.
    RFC: RFC 7644 section 3.12 answers invalidValue.
    """
    if not place.is_address or value is None:
        return value
    return value if len(value) <= _MAX_URL and _is_url(value) else None


@deviation
def certificate_in_pem(place: Place, value: Any) -> Any:
    """A certificate in PEM is the Base64 between its two lines.

    Who: administrators map what their tools print; directories export it.
    RFC: RFC 7643 section 4.1.2 has the Base64 of DER, as RFC 4648 section 4 has it.
    """
    assert place.attribute is not None
    if place.attribute.type is not Attribute.Type.binary or not isinstance(value, str):
        return value
    pem = _PEM.fullmatch(value)
    text = value if pem is None else "".join(pem[1].split())
    try:
        canonical = base64.b64encode(base64.b64decode(text, validate=True)).decode()
    except ValueError:
        canonical = ""
    if text and text != canonical:
        raise invalid("invalidValue", place.path, "must be Base64 (RFC 4648 section 4), or PEM")
    return text


#: What servers and proxies take at least; longer ones are pictures, not where they are.
_MAX_URL = 8000
_PEM = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----\s*"
)


def _is_url(text: str) -> bool:
    """Whether it is an absolute URL, or the path of one, as the SCIM library will have it."""
    try:
        return text.startswith("/") or bool(Url(text))
    except ValidationError:
        return False


def _is_manager(place: Place) -> bool:
    return place.attribute is not None and place.attribute.name == "manager"


@deviation
def full_names(attributes: Attributes, body: Document) -> Document:
    """An attribute in a body may have its schema's URN before it, or be below the core schema's URN as an extension's is.

    Who: administrators who map attributes by the full names that `/Schemas` and PATCH have.
    RFC: RFC 7643 section 3.3 has an extension's attributes in an object under its URN, all others without one.
    """
    said: list[tuple[str, Any]] = []
    for key, value in body.items():
        urn, _, name = dot_after_a_urn(key).rpartition(":")
        owner = attributes.declared(urn)
        if attributes.declared(key) == attributes.urn:
            said += unique(key, value or {}).items()
        elif owner == attributes.urn:
            said.append((name, value))
        elif owner is not None:
            said.append((owner, {name: value}))
        else:
            said.append((key, value))
    if [key for key, _ in said] == list(body):
        return body
    return _merged(said)


def _merged(said: list[tuple[str, Any]]) -> Document:
    """An object of what was said, where objects under one name are one. Raises InvalidArgument for what is said twice."""
    names: dict[str, str] = {}
    result: Document = {}
    for key, value in said:
        name = names.setdefault(key.lower(), key)
        if name not in result:
            result[name] = value
        elif ":" in name and isinstance(value, dict) and isinstance(result[name], dict):
            result[name] = _merged([*result[name].items(), *value.items()])
        else:
            raise invalid("invalidSyntax", key, "is said twice")
    return result


# How changes are asked for.


@deviation
def members_of_scim_1(attributes: Attributes, body: Document) -> Document:
    """A PATCH of a group as SCIM 1.1 has it: `members` without operations, added unless their own `operation` is `delete`.

    What is beside them replaces what was.

    Who: OneLogin's older sample.
    RFC: RFC 7644 section 3.5.2 has operations.
    """
    given = by_name("", body, ("Operations", "members", "meta"))
    if attributes is not GROUP or "members" not in given or "Operations" in given:
        return body
    meta = given.get("meta")
    if isinstance(meta, dict) and by_name("meta", meta, ("attributes",)).get("attributes"):
        raise invalid("invalidValue", "meta.attributes", "is SCIM 1.1; use a remove operation")
    rest = {key: said for key, said in body.items() if key.lower() not in ("members", "schemas")}
    operations: list[Document] = [{"op": "replace", "value": rest}] if rest else []
    for index, entry in enumerate(_members_of_scim_1(given["members"])):
        where = f"members[{index}]"
        member = by_name(where, entry, ("value", "operation"))
        operation = member.pop("operation", None)
        if operation not in (None, "delete"):
            raise invalid("invalidValue", f"{where}.operation", "must be delete or absent")
        op = "remove" if operation else "add"
        operations.append({"op": op, "path": "members", "value": [member]})
    return {"Operations": operations}


def _members_of_scim_1(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    listed = value if isinstance(value, list) else [value]
    return [{"value": entry} if isinstance(entry, str) else entry for entry in listed]


@deviation
def no_operations(body: Document) -> Any:
    """A PATCH without an operation asks for nothing, and nothing is done; if it says anything else, it is refused.

    Gives back the operations, or None.

    Who: Entra's validator sends an empty list, ConnId's connector none before each change of groups.
    RFC: RFC 7644 section 3.5.2 has one or more.
    """
    given = by_name("", body, ("Operations", "schemas"))
    if given.get("Operations") not in (None, []):
        return given["Operations"]
    if not given or len(given) < len(body):
        raise invalid("invalidSyntax", "Operations", "is required")
    return None


@deviation
def capitalised_op(op: Any) -> Any:
    """`Add`, `Replace` and `Remove` are the operations of those names.

    Who: Entra without aadOptscim062020.
    RFC: RFC 7644 section 3.5.2 names them in lower case.
    """
    return op.lower() if isinstance(op, str) else op


@deviation
def what_the_server_assigns(attributes: Attributes, value: Document) -> Document:
    """What the server assigns (`id`, `meta`, `groups`, a manager's `displayName`) is no change within a value that says more.

    By a path of its own it is refused.

    Who: Okta sends a group's `id` with its new name; authentik the whole group; SCIM-SDK's clients the whole user.
    RFC: RFC 7644 section 3.5.2 refuses to change what is readOnly; RFC 7643 section 3.1 ignores `meta`.
    """
    return {
        key: said
        for key, said in value.items()
        if key.lower() != "schemas"
        and not ((place := attributes.member(key)) is not None and place.read_only)
    }


@deviation
def paths_as_keys(attributes: Attributes, value: Document) -> list[tuple[str, Any]]:
    """The members of a value without a path whose names are paths, each with its path; the others have none.

    Who: Entra with aadOptscim062020 (`name.givenName`, `emails[type eq "work"].value`, an extension's URN and name).
    RFC: RFC 7644 section 3.5.2.3 has attributes as members of the value.
    """
    return [
        (key, said) if attributes.member(key) is None and _PATH.search(key) else ("", {key: said})
        for key, said in value.items()
    ]


@deviation
def addition_of_nothing(value: Any) -> Any:
    """An add of null, of an empty text or of what holds nothing adds nothing.

    Gives back None then.

    Who: Databricks' Terraform provider adds null to groups that nothing is to be added to.
    RFC: RFC 7644 section 3.5.2.1 has a value.
    """
    if isinstance(value, dict):
        value = {name: said for name, said in value.items() if said is not None}
    return value if value not in ([], {}) else None


@deviation
def activity_without_a_value(operations: list[Document]) -> list[Document]:
    """`active` that is removed, null or empty stays as it is: nobody comes back by what is not said. A PUT means the same.

    Who: serialisers that write null for what was not set.
    RFC: RFC 7644 section 3.5.2.2 unassigns it; section 3.5.1 leaves to the server what a PUT does not say.
    """
    return [each for each in operations if (each["op"], each["path"]) != ("remove", "active")]


@deviation
def members_without_a_value(place: Place, value: Any) -> bool:
    """Members that are null or an empty text stay who they are: nobody leaves by what is not said. A PUT without them means the same.

    `[]` says that there are none.

    Who: serialisers that write null for what was not set.
    RFC: RFC 7643 section 2.5 has null mean the same as an empty list.
    """
    return place.is_members and value is None


@deviation
def removal_by_value(attributes: Attributes, place: Place, value: Any) -> list[str]:
    """A remove with a value removes of many values those that it lists, none if it lists none; of a single one, that.

    Gives back paths.

    Who: Entra without aadOptscim062020, JumpCloud and older authentik list the members to remove; Entra states a removed attribute's value.
    RFC: RFC 7644 section 3.5.2.2 has a remove say all by its path.
    """
    if place.single:
        if (part := attributes.part_of_entries(place.path)) is None:
            return [place.path]
        return [f"{part[0]}[{_selecting(place, {part[1]: value})}].{part[1]}"]
    return [f"{place.path}[{_selecting(place, entry)}]" for entry in value]


def _selecting(place: Place, entry: Any) -> FilterNode:
    """The filter that finds the entries of which all is true that `entry` says."""
    said = {k: v for k, v in entry.items() if v is not None} if isinstance(entry, dict) else {}
    if not said or any(isinstance(value, dict | list) for value in said.values()):
        raise invalid("invalidValue", place.path, "must say which entries to remove")
    terms = tuple(Comparison(AttrPath(k), CompareOperator.eq, v) for k, v in said.items())
    return terms[0] if len(terms) == 1 else LogicalExpr(LogicalOperator.and_, terms)


@deviation
def unmatched_filter_creates(policy: ScimPolicy) -> ScimPolicy:
    """An entry that a filter of `eq` and `and` describes is made if there is none.

    Who: Entra sets `emails[type eq "work"].value` and `roles[primary eq "True"].display` of users without any.
    RFC: RFC 7644 section 3.5.2.3 answers noTarget, as is still done for other filters.
    """
    create = ScimPolicy.UnmatchedPathFilter.create
    return policy.model_copy(update={"unmatched_path_filter": create})


@deviation
def unknown_attributes(policy: ScimPolicy) -> ScimPolicy:
    """Attributes and schema URNs that no schema of ours declares are ignored, and told. `password` is one.

    To remove what is no attribute of a group, such as `member`, is refused: it might mean people.

    Who: Entra and Okta send what administrators map; Okta a placeholder password; Entra a schema URN of its own for groups.
    RFC: RFC 7644 section 3.12 answers invalidValue or invalidPath.
    """
    return policy.model_copy(update={"unknown": ScimPolicy.Unknown.ignore})


def compared(binding: Any, text: str) -> str:
    """What the SCIM library compares text by: what filters do."""
    return text if binding.case_exact else folded(text)


#: What the SCIM library is to tolerate when it checks bodies and applies operations.
POLICY = unmatched_filter_creates(unknown_attributes(ScimPolicy(comparison_key=compared)))

_PATH = re.compile(r"[.:\[]")
