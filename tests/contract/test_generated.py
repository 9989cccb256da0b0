"""What is committed in gen/ is what the protos say, and both families of it speak of the same bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from orgplane_api.gitpod.v1 import scim_configuration_pb, sso_configuration_pb
from orgplane_grpc.gitpod.v1 import scim_configuration_pb2, sso_configuration_pb2
from protobuf.wkt import Duration

ROOT = Path(__file__).resolve().parents[2]
ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"


@pytest.mark.long  # `make check` asks the same
@pytest.mark.parametrize("task", ["--check", "--lint", "--breaking"])
def test_the_generator_finds_nothing_to_say(task: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "gen/generate.py", task], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("ours", "classic"),
    [
        (
            scim_configuration_pb.UpdateSCIMConfigurationRequest(
                scim_configuration_id=ID, enabled=False, sso_configuration_id=""
            ),
            scim_configuration_pb2.UpdateSCIMConfigurationRequest(
                scim_configuration_id=ID, enabled=False, sso_configuration_id=""
            ),
        ),
        (
            scim_configuration_pb.CreateSCIMConfigurationRequest(
                organization_id=ID, token_expires_in=Duration(seconds=86400), name="Ünïcode"
            ),
            scim_configuration_pb2.CreateSCIMConfigurationRequest(
                organization_id=ID, token_expires_in={"seconds": 86400}, name="Ünïcode"
            ),
        ),
        (
            sso_configuration_pb.SSOConfiguration(
                id=ID, claims={"a": "b"}, state=sso_configuration_pb.SSOConfigurationState.ACTIVE
            ),
            sso_configuration_pb2.SSOConfiguration(
                id=ID, claims={"a": "b"}, state="SSO_CONFIGURATION_STATE_ACTIVE"
            ),
        ),
    ],
)
def test_both_families_read_what_the_other_wrote(ours: Any, classic: Any) -> None:
    assert type(ours).from_binary(classic.SerializeToString()) == ours
    assert type(classic).FromString(ours.to_binary()) == classic
