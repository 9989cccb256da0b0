"""What the operator sees of a call: one record, one log line."""
