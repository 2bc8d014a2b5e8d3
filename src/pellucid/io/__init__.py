"""Reading and writing: the only part of Pellucid that knows paths."""
