"""OpenID Connect, as the one who relies on a provider (OpenID Connect Core 1.0)."""
