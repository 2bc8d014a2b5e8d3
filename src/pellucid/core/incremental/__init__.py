"""Exact incremental inference: a changed window moves through a network as a small patch."""
