"""Stripe's own description of its interface, cut down, and a client that holds calls to it."""
