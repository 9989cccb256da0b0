"""The commands of `orgplane-server`, a module for what each is about, in the order of its help."""

from . import serve, organization, domain_verification, application  # isort: skip
from . import operator_token, secret_key, signing_key, database, doctor  # isort: skip
from .program import program

__all__ = [
    "application",
    "database",
    "doctor",
    "domain_verification",
    "operator_token",
    "organization",
    "program",
    "secret_key",
    "serve",
    "signing_key",
]
