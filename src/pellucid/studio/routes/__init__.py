"""The addresses of the studio, one file a group."""
