"""What happens around every RPC, unary and streaming alike.

The first two see headers only and run before the body is read, the others see messages. The runtime
finds an interceptor's methods by their names and silently skips a class whose names are off, so each
class here derives from the runtime's protocols, and a test shows each at work on all kinds of RPC.
"""
