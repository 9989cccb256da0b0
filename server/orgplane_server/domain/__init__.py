"""Frozen data and the rules about it. Standard library only; time and randomness come in as arguments."""
