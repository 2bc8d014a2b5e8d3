"""The metrics, one file each, under their standard names."""
