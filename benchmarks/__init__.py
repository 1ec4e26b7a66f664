"""Ratios measured in one run, printed beside the disk's fsync rate; never a test."""
