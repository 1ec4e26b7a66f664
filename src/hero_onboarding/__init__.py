"""Onboarding website and billing backend of the Hero network of compute nodes."""

__version__ = "0.1.0"
