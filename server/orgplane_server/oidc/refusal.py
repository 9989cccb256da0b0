from __future__ import annotations


class Refused(Exception):
    """A token is not taken: `claim` says what of it, the text why, for people. Neither shows a value of the token."""

    def __init__(self, claim: str, text: str) -> None:
        self.text = text
        super().__init__(f"the provider's token is refused: {text} ({claim})")
        self.claim = claim
