"""Messages and Connect stubs, generated from the protos."""
