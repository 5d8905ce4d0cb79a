"""The console: what happens in the local home, in a browser, and as JSON for scripts."""
