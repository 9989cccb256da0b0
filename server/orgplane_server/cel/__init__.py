"""Expressions in CEL, whose compiler knows no bound of memory or time, in a child process that has both."""
