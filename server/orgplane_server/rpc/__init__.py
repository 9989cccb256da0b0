"""The RPC door: gRPC, gRPC-Web and Connect. Handlers only translate between wire values and use cases."""
