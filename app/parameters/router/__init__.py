"""The routes of settings, and how a request changes them."""
