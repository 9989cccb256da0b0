"""A flag, else a variable, else the file, else the default."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from orgplane_server.setting_sources import gather, shown
from orgplane_server.settings import SettingError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "orgplane.toml"


def test_a_flag_wins_over_a_variable_and_that_over_the_file(file: Path) -> None:
    file.write_text("""
        workers = 2
        request-timeout = 5
        drain-grace = 1.5
        scim-log-bodies = true
        tls-cert = "cert.pem"
        tls-key = "key.pem"
        trusted-proxies = ["10.0.0.0/8", "::1"]
        sso-allowed-hosts = "idp.test, [::1]"
    """)
    variables = {"ORGPLANE_DRAIN_GRACE": "2", "ORGPLANE_WORKERS": "3", "ORGPLANE_LISTEN": ""}
    found = gather({"workers": 4}, file, variables)
    settings = found.settings
    assert (settings.workers, settings.drain_grace, settings.request_timeout) == (4, 2.0, 5)
    assert settings.scim_log_bodies
    assert settings.tls_key == Path("key.pem")
    assert settings.trusted_proxies == "10.0.0.0/8,::1"
    assert settings.listen == "127.0.0.1:8080"
    assert found.sources["workers"] == "--workers"
    assert found.sources["drain_grace"] == "ORGPLANE_DRAIN_GRACE"
    assert found.sources["request_timeout"] == str(file)
    assert "listen" not in found.sources
    assert gather({}, None, {"ORGPLANE_CONFIG": str(file)}).settings.workers == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("log_format = 'json'", "log_format: there is no such setting; was log-format meant?"),
        ("lifeline = 'x'", "lifeline: there is no such setting"),
        ("[serve]", "serve: there is no such setting"),
        ("workers = '2'", "workers: expected a whole number"),
        ("workers = true", "workers: expected a whole number"),
        ("workers = 2.0", "workers: expected a whole number"),
        ("drain-grace = '2'", "drain-grace: expected a number"),
        ("demo = 1", "demo: expected true or false"),
        ("listen = 8080", "listen: expected a string"),
        ("tls-cert = 1", "tls-cert: expected a string"),
        ("public-url = ['x']", "public-url: expected a string"),
        ("trusted-proxies = [1]", "trusted-proxies: expected an array of strings"),
        ("listen = '8080'", "listen: expected HOST:PORT, for example 127.0.0.1:8080"),
    ],
)
def test_what_cannot_be_is_refused_by_file_and_name(file: Path, text: str, told: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingError) as error:
        gather({}, file, {})
    assert str(error.value) == f"{file}: {told}"


@pytest.mark.parametrize("text", [b"listen", b"listen = '\xff'", None])
def test_a_file_that_cannot_be_read_is_refused(file: Path, text: bytes | None) -> None:
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(SettingError, match=rf"^config: (cannot read )?{file}"):
        gather({}, file, {})


def test_a_misspelt_variable_is_doubted_and_those_of_others_are_not() -> None:
    others = ("CLIENT_CERT", "TOKEN", "URL", "PORT_8080_TCP", "SERVICE_HOST", "CONFIG")
    variables = {f"ORGPLANE_{name}": "" for name in others} | {"ORGPLANE_PUBLC_URL": "x"}
    assert gather({}, None, variables).doubts == (
        "ORGPLANE_PUBLC_URL: there is no such setting; was ORGPLANE_PUBLIC_URL meant?",
    )


@pytest.mark.parametrize(
    ("name", "url", "told"),
    [
        ("database_url", "postgresql://ada@h/db", "postgresql://ada@h/db"),
        ("database_url", "postgresql://ada:hush@h/db", "postgresql://ada:***@h/db"),
        ("database_url", "postgresql://ada:hush/x@h/db", "postgresql://ada:***@h/db"),
        (
            "database_url",
            "postgresql://h/db?password=hush&sslmode=require",
            "postgresql://h/db?password=***&sslmode=require",
        ),
        ("smtp_url", "smtp://ada:hush%21@h:587", "smtp://ada:***@h:587"),
        ("outbound_proxy", "http://ada:hush@h:3128", "http://ada:***@h:3128"),
    ],
)
def test_what_is_in_force_is_shown_as_a_file_without_secrets(
    file: Path, name: str, url: str, told: str
) -> None:
    file.write_text("workers = 2\n")
    mail = {"mail_from": "id@example.com"} if name == "smtp_url" else {}
    text = shown(gather({name: url, **mail}, file, {"ORGPLANE_DRAIN_GRACE": "2"}))
    assert "hush" not in text
    lines = text.splitlines()
    key = name.replace("_", "-")
    assert f'{key} = "{told}"  # --{key}' in lines
    assert f"workers = 2  # {file}" in lines
    assert "drain-grace = 2.0  # ORGPLANE_DRAIN_GRACE" in lines
    assert "# tls-cert is not set  # default" in lines
    assert tomllib.loads(text)["listen"] == "127.0.0.1:8080"
