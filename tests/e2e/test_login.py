"""A person finds their provider and signs in with a real browser, which keeps to the pages' Content-Security-Policy."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import browser
import orgplane
from installation import installation
from processes import run, sqlite_url

#: As narrow as telephones are.
_NARROW = "document.documentElement.style.width = '20rem'"


def test_from_an_address_to_the_provider_and_back_where_the_program_is(tmp_path: Path) -> None:
    with installation(tmp_path) as here:
        vouched = run(
            *("verify-domain", "--organization", here.organization.organization_id),
            *("--domain", "acme.internal", "--private", "--database-url", sqlite_url(tmp_path)),
        )
        assert vouched.returncode == 0, vouched.stderr
        with orgplane.Client(url=here.url, token=here.organization.token) as client:
            client.organizations.sso_configurations.update(
                sso_configuration_id=here.sso_configuration_id, email_domains=["acme.internal"]
            )
        return_to = f"{here.url}/healthz"  # a page that is there
        with browser.Browser(tmp_path) as chromium:
            chromium.open(f"{here.url}/login?{urlencode({'return_to': return_to})}")
            assert chromium.evaluate("document.activeElement.id") == "email"
            assert (
                chromium.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")
                != "none"
            )
            chromium.evaluate(_NARROW)
            assert chromium.evaluate("document.querySelector('form').scrollWidth <= 320")
            typed = "document.querySelector('#email').value = 'bea@acme.internal'"
            submitted = "document.querySelector('form').requestSubmit()"
            at_the_provider = chromium.leave(f"{typed}; {submitted}", here.provider.issuer)
            answer = here.provider.sign_in(at_the_provider, "bea-1")
            back = f"{dict(parse_qsl(urlsplit(at_the_provider).query))['redirect_uri']}?{urlencode(answer)}"
            chromium.open(back)
            there, _, token = chromium.evaluate("location.href").partition("#exchange_token=")
            assert there == return_to
        with orgplane.Client(url=here.url, tokenless=True) as nobody:
            session = nobody.identity.exchange_token(exchange_token=token).access_token
        with orgplane.Client(url=here.url, token=session) as bea:
            assert bea.identity.get_authenticated_identity().subject.id == here.bea
