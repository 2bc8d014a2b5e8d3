"""One file a command: its options, and the call of what does the work, imported only then."""
