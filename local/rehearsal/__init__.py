"""Rehearsals: real events in, people who answer mailed links as browsers do, and files that say what happened."""
