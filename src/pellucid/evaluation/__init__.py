"""How far an explanation can be trusted: metrics, sanity checks, verification, comparison."""
