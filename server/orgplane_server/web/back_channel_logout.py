"""Where providers tell that they have logged somebody out (OpenID Connect Back-Channel Logout 1.0, section 2.5)."""

from __future__ import annotations

from ..domain.identifier import SsoConfigurationId
from ..usecases.address_limit import AddressLimit
from ..usecases.back_channel_logout import BackChannelLogouts, NotLoggedOut
from . import asking
from .responses import NOT_KEPT, Application, Receive, Scope, Send, answer, respond

#: Everything below it is served by the one door.
BACK_CHANNEL_LOGOUT = "/sso/back-channel-logout/"


def routes(logouts: BackChannelLogouts, limit: AddressLimit) -> dict[str, Application]:
    """`limit` counts all of it: a provider's token, which is looked at here, is no caller's."""

    async def logout(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, limit, ("POST",)):
            return
        try:
            id, token = _id(scope), await _token(scope, receive)
            await logouts.take(id, token, asking.origin())
        except NotLoggedOut as error:
            told = {"error": "invalid_request", "error_description": str(error)}
            await respond(send, 400, told, NOT_KEPT)
            return
        await answer(send, 200, b"", NOT_KEPT)

    return {BACK_CHANNEL_LOGOUT: logout}


def _id(scope: Scope) -> SsoConfigurationId:
    if (id := asking.id_below(scope, BACK_CHANNEL_LOGOUT)) is None:
        raise NotLoggedOut("Nobody can sign in here.")
    return SsoConfigurationId(id)


async def _token(scope: Scope, receive: Receive) -> str:
    try:
        return (await asking.form(scope, receive)).get("logout_token", "")
    except asking.Malformed:
        raise NotLoggedOut("There is no form with a logout_token.") from None
