"""The child process: answers each line of JSON, an expression and perhaps claims, with one, until its input ends.

It is run by its path, alone: `child.py FOLDER BYTES`, FOLDER being where cel_expr_python is and BYTES all
the memory that it may have.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

_STANDARD_LIBRARY = "stdlib:\n  exclude_macros: [map, filter]\n"  # they double what they are given


def main(folder: str, memory: int) -> None:
    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        sys.path.append(folder)
        from cel_expr_python import cel

        environment = cel.NewEnv(
            config=cel.NewEnvConfigFromYaml(_STANDARD_LIBRARY),
            variables={"claims": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)},
        )
    except Exception as error:
        answer({"failed": repr(error)})
        return

    def compiled(expression: str) -> dict[str, str]:
        try:
            return {"type": environment.compile(expression).return_type().name()}
        except MemoryError:
            return {"error": "too much memory is needed to compile it"}
        except Exception as error:  # the library's own is RuntimeError
            return {"error": str(error)[:1000]}

    def judged(expression: str, claims: Any) -> dict[str, str]:
        try:
            value = environment.compile(expression).eval(data={"claims": claims})
            # An error is a value too, and a true one.
            holds = value.type() == cel.Type.BOOL and value.value() is True
            return {"holds": "yes" if holds else "no"}
        except MemoryError:
            return {"error": "too much memory is needed to judge by it"}
        except Exception as error:
            return {"error": type(error).__name__}

    answer({"ready": "yes"})
    for line in sys.stdin:
        try:
            expression, *claims = json.loads(line)
            answer(judged(expression, *claims) if claims else compiled(expression))
        except Exception as error:  # claims that are too deep, or more than the memory holds
            answer({"error": type(error).__name__})


def answer(values: dict[str, str]) -> None:
    print(json.dumps(values), flush=True)  # noqa: T201  (how it answers)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
