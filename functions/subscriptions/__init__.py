"""Customers subscribe to the statements by mail, and leave again."""
