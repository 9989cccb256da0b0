from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from orgplane_server.settings import SettingError, Settings


def test_settings_survive_the_way_through_an_environment() -> None:
    settings = Settings(
        listen="[::1]:0",
        database_url="sqlite:///x.db",
        tls_cert=Path("c.pem"),
        tls_key=Path("k.pem"),
        demo=True,
        drain_grace=1.5,
        audit_retention="90d",
        max_request_bytes=7,
        public_url="https://id.example.com",
        trusted_proxies="10.0.0.0/8, ::1",
        sso_allowed_hosts="idp.test:8081, [::1]",
        python=Path("/usr/bin/python3"),
        cors_allowed_origins="https://app.example.com, http://localhost:3000",
    )
    assert Settings.from_environment(settings.environment()) == settings
    assert Settings.from_environment({}) == Settings()


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_an_address_is_host_and_port(listen: str, address: tuple[str, int]) -> None:
    assert Settings(listen=listen).address == address


@pytest.mark.parametrize("listen", ["", "8080", ":8080", "h:", "h:x", "h:65536", "h:-1", "h:²"])
def test_any_other_address_is_refused_by_name(listen: str) -> None:
    with pytest.raises(SettingError, match=r"^listen: "):
        Settings(listen=listen)


@pytest.mark.parametrize(
    ("text", "retention"),
    [
        ("90d", timedelta(days=90)),
        ("12h", timedelta(hours=12)),
        ("52w", timedelta(weeks=52)),
        ("30m", timedelta(minutes=30)),
        ("1s", timedelta(seconds=1)),
        (None, None),
    ],
)
def test_a_retention_is_a_number_with_a_unit(text: str | None, retention: timedelta | None) -> None:
    assert Settings(audit_retention=text).retention == retention


@pytest.mark.parametrize("name", ["cpu_affinity", "log_format", "unique_addresses"])
def test_what_is_none_of_the_choices_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}: expected "):
        Settings.from_environment({f"ORGPLANE_{name.upper()}": "two"})


@pytest.mark.parametrize(
    "text", ["", "90", "d", "0d", "-1d", "1.5d", "1y", "999999d", "9999999d", "1d "]
)
def test_any_other_retention_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingError, match=r"^audit_retention: "):
        Settings(audit_retention=text)


@pytest.mark.parametrize("text", ["dns.acme.com", "192.0.2.1:x", "192.0.2.1;192.0.2.2", "::1:53:"])
def test_what_is_no_resolver_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingError, match=r"^dns_resolvers: "):
        Settings(dns_resolvers=f"192.0.2.3, {text}")


def test_the_database_url_does_not_show_when_printed() -> None:
    assert "hunter2" not in repr(Settings(database_url="postgresql://u:hunter2@h/db"))


@pytest.mark.parametrize(
    ("listed", "origins"),
    [
        ("", ()),
        (" , ", ()),
        ("*", ("*",)),
        (
            "https://app.example.com, http://[::1]:3000",
            ("https://app.example.com", "http://[::1]:3000"),
        ),
    ],
)
def test_origins_are_a_list(listed: str, origins: tuple[str, ...]) -> None:
    assert Settings(cors_allowed_origins=listed).origins == origins


@pytest.mark.parametrize(
    "listed",
    [
        "app.example.com",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://*.example.com",
        "HTTPS://app.example.com",
        "null",
        "https://a.example;https://b.example",
        "https://app.example.com\r\nx: y",
    ],
)
def test_what_is_no_origin_is_refused_by_name(listed: str) -> None:
    with pytest.raises(SettingError, match=r"^cors_allowed_origins: .* is no origin"):
        Settings(cors_allowed_origins=listed)


def test_what_is_no_proxy_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match=r"^trusted_proxies: 'proxy' is no address"):
        Settings(trusted_proxies="10.0.0.1, proxy")


@pytest.mark.parametrize("name", ["failed_tokens_per_minute", "tokenless_calls_per_minute"])
def test_a_limit_may_be_none_but_not_less(name: str) -> None:
    assert Settings.from_environment({f"ORGPLANE_{name.upper()}": "0"})
    with pytest.raises(SettingError, match=f"^{name}: "):
        Settings.from_environment({f"ORGPLANE_{name.upper()}": "-1"})


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e300", "1e10"])
@pytest.mark.parametrize("name", ["request_timeout", "drain_grace", "watch_heartbeat"])
def test_seconds_are_a_number_that_can_be_waited_for(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}: must be (positive|at most 86400)$"):
        Settings.from_environment({f"ORGPLANE_{name.upper()}": text})


@pytest.mark.parametrize(
    "name",
    [
        "workers",
        "database_connections",
        "max_request_bytes",
        "scim_log_maximum",
        "scim_page_size",
        "failed_tokens_per_minute",
        "tokenless_calls_per_minute",
    ],
)
def test_no_number_is_larger_than_can_be_worked_with(name: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}: must be at most "):
        Settings.from_environment({f"ORGPLANE_{name.upper()}": "9" * 20})


@pytest.mark.parametrize(
    "url",
    ["id.example.com", "https://id.example.com/", "ftp://h", "https://h/x", "https://h:65536"],
)
def test_a_public_url_is_an_origin(url: str) -> None:
    with pytest.raises(SettingError, match=r"^public_url: "):
        Settings(public_url=url)
