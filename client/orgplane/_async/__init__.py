"""One half of the client. `_sync` is generated from `_async`."""
