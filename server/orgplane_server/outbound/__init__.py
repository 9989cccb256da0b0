"""Requests of this server to others, all of them guarded: whoever says where may not be trusted."""
