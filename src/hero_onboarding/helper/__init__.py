"""What runs on a user's machine to sign in; it needs nothing but Python 3.9 and its library."""
