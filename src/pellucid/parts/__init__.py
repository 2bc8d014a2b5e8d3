"""Exchangeable pieces of methods."""
