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


@pytest.mark.parametrize("listen", ["9090", ":9090", "h:x", "h:65536"])
def test_any_other_address_of_metrics_is_refused_by_name(listen: str) -> None:
    with pytest.raises(SettingError, match=r"^metrics_listen: "):
        Settings(metrics_listen=listen)


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


@pytest.mark.parametrize("name", ["cpu_affinity", "log_format", "log_level", "unique_addresses"])
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


@pytest.mark.parametrize(
    "name", ["failed_tokens_per_minute", "tokenless_calls_per_minute", "requests_per_second"]
)
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
        "requests_per_second",
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


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("mail.example", r"expected smtp\[s\]://"),
        ("http://mail.example", r"expected smtp\[s\]://"),
        ("smtp://mail.example:99999", r"expected smtp\[s\]://"),
        ("smtp://mail.example/inbox", r"expected smtp\[s\]://"),
        ("smtp://mail.example?tls=off", r"expected smtp\[s\]://"),
        ("smtp://a:hush@[mail.example", r"expected smtp\[s\]://"),
        ("smtp://:hush@mail.example", "a user has a password, and a password a user"),
        ("smtp://user@mail.example", "a user has a password, and a password a user"),
        ("smtp://user:hush@mail.example?starttls=off", "never sent without TLS"),
        ("smtps://user:hush@mail.example?starttls=off", "has no STARTTLS"),
        ("smtps://mail.example?starttls=on", "has no STARTTLS"),
    ],
)
def test_a_mail_server_that_cannot_be_one_is_refused_without_its_password(
    url: str, wrong: str
) -> None:
    settings = Settings(smtp_url=url, mail_from="id@acme.example")
    with pytest.raises(SettingError, match=f"^smtp_url: .*{wrong}") as refused:
        settings.relay()
    assert "hush" not in str(refused.value) + repr(settings)


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://mail.example", 587, False, True),
        ("smtps://mail.example", 465, True, False),
        ("smtp://mail.example:25?starttls=off", 25, False, False),
        ("smtp://[::1]:2525", 2525, False, False),
        ("smtp://localhost", 587, False, False),
        ("smtp://localhost?starttls=on", 587, False, True),
    ],
)
def test_mail_goes_over_tls_but_on_this_machine(
    url: str, port: int, tls: bool, starttls: bool
) -> None:
    relay = Settings(smtp_url=url, mail_from="Acme ID <id@acme.example>").relay()
    assert relay is not None
    assert (relay.port, relay.tls, relay.starttls) == (port, tls, starttls)
    assert (relay.sender.name, relay.sender.address) == ("Acme ID", "id@acme.example")


def test_the_password_of_the_mail_server_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    settings = Settings(
        smtp_url="smtp://user@mail.example", smtp_password_file=file, mail_from="id@acme.example"
    )
    with pytest.raises(SettingError, match=r"^smtp_password_file: cannot read"):
        settings.relay()
    file.write_text("hush\n")
    relay = settings.relay()
    assert relay is not None
    assert relay.password == "hush"
    assert "hush" not in repr(relay)


@pytest.mark.parametrize(
    "sender", ["acme", "a@b.example, c@d.example", "A\nB <a@b.example>", "<a@b"]
)
def test_mail_is_from_one_address(sender: str) -> None:
    with pytest.raises(SettingError, match=r"^mail_from: "):
        Settings(smtp_url="smtp://mail.example", mail_from=sender).relay()


def test_a_mail_server_goes_with_whom_mail_is_from() -> None:
    with pytest.raises(SettingError, match=r"^smtp_url and mail_from: "):
        Settings(smtp_url="smtp://mail.example")
