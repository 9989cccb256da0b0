# Generated from _async/__init__.py by client/generate_sync.py. Do not edit.
"""One half of the client. `_sync` is generated from `_async`."""
