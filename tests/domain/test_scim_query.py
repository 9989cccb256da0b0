"""Which lists take long, so that others do not wait for them."""

from __future__ import annotations

import pytest
from orgplane_server.domain.member import LoginProvider, MemberFilter
from orgplane_server.domain.scim_filter import All, Compare, Filter, Not, Operator, Present, Select
from orgplane_server.domain.scim_query import Query, Sort

NAME = Compare("userName", Operator.EQUAL, "ann")
PART = Compare("emails.value", Operator.CONTAINS, "ann")


@pytest.mark.parametrize(
    ("filter", "sort", "long"),
    [
        (None, None, False),
        (NAME, None, False),
        (All((NAME, Present("externalId"))), Sort("userName"), False),
        (PART, None, True),
        (Not(NAME), None, True),
        (All((NAME, Select("emails", PART))), None, True),
        (All((NAME,) * 5), None, True),
        (None, Sort("meta.created", descending=True), False),
        (None, Sort("name.familyName"), True),
    ],
)
def test_a_list_for_which_everybody_has_to_be_looked_at(
    filter: Filter | None, sort: Sort | None, long: bool
) -> None:
    assert Query(filter=filter, sort=sort).long is long


def test_a_search_of_members_takes_long() -> None:
    assert not MemberFilter(email="ann@acme.example").long
    assert MemberFilter(search="ann").long
    assert MemberFilter(login_provider=LoginProvider.SSO).long
