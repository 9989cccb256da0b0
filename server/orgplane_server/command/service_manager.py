"""Telling systemd how far the server is (sd_notify(3), `Type=notify`)."""

from __future__ import annotations

import os
import socket
import sys

_VARIABLE = "NOTIFY_SOCKET"


class ServiceManager:
    """Whoever started us and wants to be told; nobody, where the environment names no socket.

    Takes its socket out of the environment: what we start says nothing in our place.
    """

    def __init__(self) -> None:
        self._address = os.environ.pop(_VARIABLE, "")

    def ready(self) -> None:
        self._tell("READY=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        abstract = self._address.startswith("@")
        address = "\0" + self._address[1:] if abstract else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.connect(address)
                manager.sendall(state.encode())
        except OSError as error:
            print(
                f"orgplane-server: cannot tell {state} to {_VARIABLE} {self._address}: {error.strerror}",
                file=sys.stderr,
            )
