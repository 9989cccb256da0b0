"""Processes take turns; whoever waits in vain leaves nothing behind."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from orgplane_server.domain.errors import Unavailable
from orgplane_server.store.engine import file_lock
from orgplane_server.store.engine.file_lock import FileLock


@pytest.mark.parametrize("leaves", [False, True])
def test_whoever_waited_in_vain_keeps_nobody_from_turns(
    leaves: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        closing(FileLock(tmp_path / "lock")) as one,
        closing(FileLock(tmp_path / "lock")) as other,
    ):
        with other.held():
            pass
        with monkeypatch.context() as impatient, one.held():
            impatient.setattr(file_lock, "_TIMEOUT", 0.01)
            for _ in range(2):
                with pytest.raises(Unavailable, match="busy"), other.held():
                    pass
            if leaves:
                other.close()
        for lock in (one, other, one, other):
            with lock.held():
                pass


def test_where_no_thread_could_wait_the_next_turn_is_waited_for_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with (
        closing(FileLock(tmp_path / "lock")) as one,
        closing(FileLock(tmp_path / "lock")) as other,
    ):
        with monkeypatch.context() as full, one.held():
            full.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError), other.held():
                pass
        monkeypatch.setattr(file_lock, "_TIMEOUT", 0.01)
        with other.held():
            pass
