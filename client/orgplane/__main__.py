"""The command `orgplane`, which is `python -m orgplane` as well."""

import signal


def main() -> None:
    """As `cli.program.main`; Ctrl-C ends it without a word while all that it needs is still being imported."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .cli.program import main

    main()


if __name__ == "__main__":
    main()
