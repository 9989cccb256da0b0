"""Where the organization's data is kept. The only place that speaks SQL.

Each feature's module holds its table, its queries and how a row becomes a domain record. A query is a
plain function of a connection; `engine.database` decides when and in which transaction it runs.
"""
