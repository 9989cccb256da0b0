"""Plain HTTP: probes for orchestrators and what every unknown path is told."""
