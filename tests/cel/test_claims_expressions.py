"""Claims expressions, judged in a child process with bounds of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from orgplane_server.cel.claims_expressions import ClaimsExpressions, named
from orgplane_server.domain.errors import Unavailable
from processes import children

pytestmark = pytest.mark.skipif(
    find_spec("cel_expr_python") is None, reason="cel-expr-python has no wheel for this platform"
)


@pytest.fixture
async def expressions() -> AsyncIterator[ClaimsExpressions]:
    async with contextlib.aclosing(ClaimsExpressions()) as expressions:
        yield expressions


def compilers() -> set[int]:
    """The processes that this one has started, the dead ones that it has not asked about among them."""
    return set(children(os.getpid(), unreaped=True))


def proc(process: int, name: str) -> bytes:
    return Path(f"/proc/{process}/{name}").read_bytes()


@pytest.mark.parametrize(
    "expression",
    [
        "true",
        "claims.email_verified",
        'claims["groups"].exists(g, g == "admins") && has(claims.email)',
        'claims.email.matches("@acme[.]example$")',
        '"admins" in claims.groups ||\n  claims.sub == "ann"',
        "claims.a ? claims.b : false  // why not",
    ],
)
async def test_what_gives_a_bool_or_may(expressions: ClaimsExpressions, expression: str) -> None:
    assert await expressions.complaint(expression) is None


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("1 +", "line 1, column 4: Syntax error: mismatched input '<EOF>'"),
        ("true &&\n  clams.admin", "line 2, column 8: undeclared reference to 'clams.admin'"),
        ('"ä😀" == x', "line 1, column 9: undeclared reference to 'x'"),
        ("claims.name.lowerAscii()", "line 1, column 23: undeclared reference to 'lowerAscii'"),
        ("1 == 'a'", "line 1, column 3: found no matching overload"),
        ("claims.groups.map(g, g)", "line 1, column 19: undeclared reference to 'g'"),
        ("   ", "line 1, column 4: Syntax error"),
        ("size(claims)", "gives int, not bool"),
        ("'true'", "gives string, not bool"),
        ("null", "gives null, not bool"),
        ("[" * 1000, "Expression recursion limit exceeded. limit: 32"),
        ("1" + "+1" * 2000 + " == 1", "Exceeded max recursion depth of 32 when parsing."),
        ("$" * 4096, "line 1, column 1: Syntax error"),
        ("\ud800", "compile(): incompatible function arguments"),
    ],
)
async def test_what_is_wrong_is_told_in_a_line_with_its_place(
    expressions: ClaimsExpressions, expression: str, complaint: str
) -> None:
    told = await expressions.complaint(expression)
    assert told is not None
    assert told.startswith(complaint)
    assert len(told) < 300
    assert "\n" not in told


async def test_one_child_judges_everything_one_after_the_other(
    expressions: ClaimsExpressions,
) -> None:
    before = compilers()
    asked = [f"{number} == {'x' if number % 2 else number}" for number in range(20)]
    answers = await asyncio.gather(*map(expressions.complaint, asked))
    assert [answer is None for answer in answers] == [number % 2 == 0 for number in range(20)]
    assert len(compilers() - before) == 1


async def test_no_child_before_the_first_question_and_none_after_the_end(
    expressions: ClaimsExpressions,
) -> None:
    before = compilers()
    await expressions.aclose()
    assert compilers() == before
    await expressions.complaint("true")
    assert len(compilers() - before) == 1
    await expressions.aclose()
    await expressions.aclose()
    assert compilers() == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_child_that_does_not_answer_is_killed_and_another_takes_its_place(
    number: signal.Signals,
) -> None:
    before = compilers()
    async with contextlib.aclosing(ClaimsExpressions(compiling_seconds=0.1)) as expressions:
        while await expressions.complaint("true") is not None:  # a busy machine took its time
            pass
        (child,) = compilers() - before
        os.kill(child, number)
        if number == signal.SIGSTOP:
            told = await expressions.complaint("true")
            assert told == "too much time or memory is needed"
            assert child not in compilers()
        while await expressions.complaint("true") is not None:
            pass
        assert compilers() - before - {child}
    assert compilers() == before


async def test_who_stops_waiting_leaves_no_answer_to_the_next(
    expressions: ClaimsExpressions,
) -> None:
    before = compilers()
    assert await expressions.complaint("true") is None
    (child,) = compilers() - before
    os.kill(child, signal.SIGSTOP)
    impatient = asyncio.create_task(expressions.complaint("1 +"))
    waiting = asyncio.create_task(expressions.complaint("true"))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await waiting is None
    assert child not in compilers()


async def test_its_memory_is_bounded(expressions: ClaimsExpressions) -> None:
    before = compilers()
    await expressions.complaint("true")
    (child,) = compilers() - before
    limits = proc(child, "limits").decode()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert line.split()[3] == str(400 << 20)


async def test_it_gets_nothing_of_our_environment(
    monkeypatch: pytest.MonkeyPatch, expressions: ClaimsExpressions
) -> None:
    before = compilers()
    monkeypatch.setenv("ORGPLANE_DATABASE_URL", "postgresql://orgplane:secret@host/db")
    await expressions.complaint("true")
    (child,) = compilers() - before
    assert proc(child, "environ") == b""


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/true"])
async def test_a_python_that_cannot_start_is_unavailable(python: str) -> None:
    before = compilers()
    async with contextlib.aclosing(ClaimsExpressions(python)) as expressions:
        for _ in range(2):
            with pytest.raises(Unavailable):
                await expressions.complaint("true")
    assert compilers() == before


async def test_without_the_library_none_is_taken_and_the_answer_says_why(
    monkeypatch: pytest.MonkeyPatch, expressions: ClaimsExpressions
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    told = await expressions.complaint("true")
    assert told is not None
    assert "orgplane-server[claims-expressions]" in told


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("true", set()),
        ('claims.email == "x" && claims . hd == "y"', {"email", "hd"}),
        (
            """claims["https://acme.example/role"] == 'claims.other' || claims['b'] == 1""",
            {"https://acme.example/role", "other", "b"},
        ),
        ('has(claims.groups) && claims.groups.exists(g, g == "a")', {"groups"}),
        ("claims.groups.exists(g, g in claims.teams)", {"groups", "teams"}),
        ('"groups" in claims', None),
        ("size(claims) == 3 && claims.a", None),
        ('claims.exists(name, name == "a")', None),
        ('claims.exists // all of them\n(name, name == "a")', None),
        ("claims // all of them\n.a", None),
        ("claims[claims.which]", None),
        (r'claims["\x61"]', None),
        ('claims["""a"""]', None),
        ("claims.?a.orValue(false)", None),
        ("[{'a': true}].all(claims, claims.a)", None),
    ],
)
def test_an_expression_sees_the_claims_that_it_names(
    expression: str, names: set[str] | None
) -> None:
    assert named(expression) == names


def deep(levels: int) -> Any:
    found: Any = 1
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    "other",
    [
        1 << 70,
        "\ud800",
        deep(900),
        deep(100_000),
        "x" * (1 << 20),
        float("nan"),
        {"a": {1: object}},
    ],
    ids=["number", "surrogate", "deep", "deepest", "long", "nan", "odd"],
)
async def test_claims_of_any_kind_are_judged_or_are_not_true(
    expressions: ClaimsExpressions, other: Any
) -> None:
    claims = {"admin": True, "other": other}
    assert await expressions.holds("claims.admin", claims)
    for expression in ('claims.other == "x"', 'claims["other"] == [2]', '!("other" in claims)'):
        assert await expressions.holds(expression, claims) is False
    assert await expressions.holds("claims.admin", claims)


async def test_what_cannot_be_judged_is_not_true() -> None:
    for python in ("/nowhere/python", "/bin/true"):
        async with contextlib.aclosing(ClaimsExpressions(python)) as expressions:
            assert await expressions.holds("true", {}) is False


async def test_who_asks_much_is_waited_for_once_by_each_other() -> None:
    before = compilers()
    async with contextlib.aclosing(ClaimsExpressions(judging_seconds=0.2)) as expressions:
        while not await expressions.holds("true", {}, "acme"):  # a busy machine took its time
            pass
        assert await expressions.complaint("true") is None
        # Each is too much for a child, which is stopped here so that it takes as long on every machine.
        over: list[str] = []

        async def ask(whose: str, expression: str) -> None:
            await expressions.holds(expression, {}, whose)
            over.append(whose)

        for child in compilers() - before:
            os.kill(child, signal.SIGSTOP)
        acme = [asyncio.create_task(ask("acme", "true")) for _ in range(5)]
        await asyncio.sleep(0)
        globex = asyncio.create_task(ask("globex", "true"))
        await asyncio.gather(*acme, globex)
        assert over[:2] == ["acme", "globex"]
