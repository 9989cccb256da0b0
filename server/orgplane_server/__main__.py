"""The command `orgplane-server`."""

from .command import program


def main() -> None:
    program(prog_name="orgplane-server")


if __name__ == "__main__":
    main()
