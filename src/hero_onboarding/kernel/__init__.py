"""What every part needs and nothing else: money, errors, clocks, ids, paging."""
