"""Classic gRPC stubs on Google's protobuf, generated from the protos."""
