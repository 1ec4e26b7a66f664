"""The billing API: JSON for nodes, scripts and the command line."""
