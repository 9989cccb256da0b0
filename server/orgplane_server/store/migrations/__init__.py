"""The schema's history, applied by `store.engine.migrate`."""
