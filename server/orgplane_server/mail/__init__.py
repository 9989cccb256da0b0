"""Letters as they go out: their texts, their form, and the server that takes them."""
