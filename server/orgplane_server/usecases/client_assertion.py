"""What an organization's provider knows this server by, where it is not a client secret (RFC 7523, section 3)."""

from __future__ import annotations

from datetime import timedelta

from ..domain.instant import Clock
from ..domain.sso_configuration import ClientAuthentication, SsoConfiguration
from ..oidc.client_authentication import Sign
from .minting import new_id
from .signing_key import SigningKeys

#: Below the server's own URL: what the provider checks it with.
JWKS = "/oauth2/jwks"
_LIFETIME = timedelta(minutes=1)


def signing(keys: SigningKeys, clock: Clock, configuration: SsoConfiguration) -> Sign | None:
    """None for a configuration whose provider is shown the secret. The keys are those of ID tokens, whose issuer is another."""
    if configuration.client_authentication is not ClientAuthentication.PRIVATE_KEY_JWT:
        return None
    client_id = configuration.client_id

    async def sign(audience: str) -> str:
        now = clock()
        return await keys.sign(
            {
                "iss": client_id,
                "sub": client_id,
                "aud": audience,
                "jti": str(new_id()),
                "iat": int(now.timestamp()),
                "exp": int((now + _LIFETIME).timestamp()),
            }
        )

    return sign
