"""What an organization's administrator and members can do.

Each use case takes the caller first, requires a permission in its first statement, does one unit of
work and records one audit event for each change.
"""
