"""What runs statements: connections, transactions, threads, and the differences between databases. It knows no feature."""

#: Connections to PostgreSQL that one process holds at most.
DEFAULT_CONNECTIONS = 12
