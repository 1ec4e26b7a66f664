"""Stand-ins for every upstream, over HTTP on loopback, with switches that make them fail."""
