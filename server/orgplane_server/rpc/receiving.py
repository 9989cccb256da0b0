"""The listener's `receive`, made to do what ASGI promises (and connectrpc relies on)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

#: How soon a handler that waits is told that its client is gone, in seconds: at first, and after a while.
DISCONNECT_CHECK = 0.1
LATER_DISCONNECT_CHECK = 0.8


def patient(receive: Receive) -> Receive:
    """`receive` that waits for the disconnect once the body has ended.

    pyvoy answers with one empty `http.request` after another instead, for a request without a body even
    without yielding to the loop: connectrpc, which waits for the disconnect beside every
    handler that awaits something, would spin and block the whole process.
    """
    ended = False
    check = DISCONNECT_CHECK

    async def receive_patiently() -> Message:
        nonlocal ended, check
        while True:
            if ended:  # most calls are over before there is anything to ask
                await asyncio.sleep(check)
                check = min(1.1 * check, LATER_DISCONNECT_CHECK)
            message = await receive()
            if message["type"] != "http.request" or not ended:
                ended = not message.get("more_body", False)
                return message

    return receive_patiently
