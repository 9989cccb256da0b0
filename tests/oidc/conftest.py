from __future__ import annotations

from openid_provider import openid_provider

__all__ = ["openid_provider"]
