"""Tasks with a known answer, one file each."""
