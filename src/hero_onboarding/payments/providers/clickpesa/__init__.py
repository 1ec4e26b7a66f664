"""ClickPesa: mobile money, links and control numbers, through a client of our own."""
