"""Checks over what a deployment sends to AWS, beyond those that run in every synthesis."""
