"""What identity providers send instead of what RFC 7643 and 7644 say, and what they mean by it.

All of it is understood at once on one endpoint; nobody has to say which provider they use. Each
deviation is one function that takes what came and gives it back in the RFC's form, or as it was; its
docstring says who forces it and what the RFC says. What is understood neither way is refused with a
scimType and the name of the field. `reading`, `operations` and `filter_reading` put them together.
"""

from __future__ import annotations

from .addressing import is_json, media_type, path
from .changes import (
    activity_without_a_value,
    addition_of_nothing,
    capitalised_op,
    members_of_scim_1,
    members_without_a_value,
    no_operations,
    paths_as_keys,
    removal_by_value,
    what_the_server_assigns,
)
from .deviation import DEVIATIONS
from .filters import manager_compared_by_id, percent_encoded_value, unquoted_resource_type
from .names import dot_after_a_urn, extension_attribute_without_urn, full_names
from .people import manager_as_text, manager_of_nobody, member_as_text, member_by_value_alone
from .tolerance import POLICY, unknown_attributes, unmatched_filter_creates
from .values import (
    address_of_nothing,
    certificate_in_pem,
    emptied,
    emptied_entry,
    empty_text,
    first_primary_alone,
    list_of_one_object,
    one_object_for_a_list,
    text_boolean,
    values_in_an_object,
)

__all__ = [
    "DEVIATIONS",
    "POLICY",
    "activity_without_a_value",
    "addition_of_nothing",
    "address_of_nothing",
    "capitalised_op",
    "certificate_in_pem",
    "dot_after_a_urn",
    "emptied",
    "emptied_entry",
    "empty_text",
    "extension_attribute_without_urn",
    "first_primary_alone",
    "full_names",
    "is_json",
    "list_of_one_object",
    "manager_as_text",
    "manager_compared_by_id",
    "manager_of_nobody",
    "media_type",
    "member_as_text",
    "member_by_value_alone",
    "members_of_scim_1",
    "members_without_a_value",
    "no_operations",
    "one_object_for_a_list",
    "path",
    "paths_as_keys",
    "percent_encoded_value",
    "removal_by_value",
    "text_boolean",
    "unknown_attributes",
    "unmatched_filter_creates",
    "unquoted_resource_type",
    "values_in_an_object",
    "what_the_server_assigns",
]
