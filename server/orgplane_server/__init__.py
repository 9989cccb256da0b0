"""Orgplane: a self-hosted organization-identity server."""
