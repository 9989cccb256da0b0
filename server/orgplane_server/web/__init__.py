"""Plain HTTP: the pages to sign in on, what applications ask by OAuth 2.0, back-channel logout, probes, and what every unknown path is told."""
