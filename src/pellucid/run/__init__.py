"""Work on many samples."""
