"""`python -m orgplane` is the command `orgplane`."""

from .cli.program import main

if __name__ == "__main__":
    main()
