"""The graph of operations that a network really ran on an input, and how to walk it backwards."""
