"""What is wired to what, and the one ASGI application that comes out of it."""
