"""Takes in which mails did not arrive."""
