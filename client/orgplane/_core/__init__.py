"""What the sync and the async client share: no input, no output, no waiting."""
