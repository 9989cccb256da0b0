"""What runs statements: connections, transactions, threads, and the differences between databases. It knows no feature."""
