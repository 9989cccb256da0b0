"""Who can act for an organization, and which changes would leave nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from orgplane_server.domain.administration import (
    ENDURING,
    Administrators,
    able_until,
    acting,
    check_somebody_can_act,
    without,
)
from orgplane_server.domain.errors import PermissionDenied, Reason
from orgplane_server.domain.identifier import UserId

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA, BOB = UserId(UUID(int=1)), UserId(UUID(int=2))


def of(ada: float | None, bob: float | None = None) -> Administrators:
    """Two administrators, who can act for so many hours."""
    hours = {ADA: ada, BOB: bob}
    return {id: None if h is None else NOW + timedelta(hours=h) for id, h in hours.items()}


def refused(before: Administrators, after: Administrators) -> bool:
    try:
        check_somebody_can_act(before, after, NOW)
    except PermissionDenied:
        return True
    return False


def test_a_refusal_names_the_way_out() -> None:
    with pytest.raises(PermissionDenied, match="create a personal access token first") as caught:
        check_somebody_can_act(of(100), of(None), NOW)
    assert caught.value.reason is Reason.LAST_ADMINISTRATOR
    with pytest.raises(PermissionDenied, match="must first make another active member one"):
        check_somebody_can_act(of(100), {}, NOW)


def test_who_can_act_holds_a_credential_that_has_not_ended() -> None:
    assert acting(of(1, None), NOW) == {ADA}
    assert acting(of(0, -1), NOW) == set()
    assert acting(of(24, 23.9), NOW, lasting=timedelta(hours=24)) == {ADA}


def test_whoever_signed_in_can_do_it_again_for_a_month() -> None:
    month = NOW + timedelta(days=30)
    assert able_until(None, None) is None
    assert able_until(NOW, None) == NOW
    assert able_until(None, NOW) == month
    assert able_until(month + ENDURING, NOW) == month + ENDURING
    assert able_until(NOW + ENDURING, NOW) == month


@pytest.mark.parametrize("bob", [None, -1.0, 0.0, 23.9])
def test_an_administrator_stays_whose_heir_cannot_act_for_a_day(bob: float | None) -> None:
    before = of(1, bob)
    assert refused(before, without(before, ADA))


def test_an_administrator_may_go_once_another_can_act_for_a_day() -> None:
    before = of(1, 24)
    assert not refused(before, without(before, ADA))


@pytest.mark.parametrize(("before", "after"), [(100, None), (100, 23), (5, 4), (5, -1)])
def test_what_the_last_one_acts_with_is_not_shortened(before: float, after: float | None) -> None:
    assert refused(of(before), of(after))


@pytest.mark.parametrize("until", [None, -1, 1, 30, 100])
def test_what_takes_nothing_away_is_allowed(until: float | None) -> None:
    assert not refused(of(until), of(until))
    assert not refused(of(until, None), without(of(until, None), BOB))
    assert not refused(of(until, -5), of(until, None))


def test_the_last_active_administrator_stays_also_without_a_token() -> None:
    alone = without(of(None), BOB)
    assert refused(alone, {})
    assert not refused({}, {})
