"""`orgplane completion`"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .command import Command


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that completes commands and options in a shell.

    \b
    Examples:
      orgplane completion bash > orgplane.bash && . ./orgplane.bash
      orgplane completion zsh > _orgplane
      orgplane completion fish > orgplane.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(
        click.get_current_context().find_root().command, {}, "orgplane", "_ORGPLANE_COMPLETE"
    )
    print(script.source(), end="")
