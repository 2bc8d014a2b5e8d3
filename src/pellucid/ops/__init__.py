"""Pure tensor functions: no model, no class, no file."""
