"""What a network has learnt, shown by us and by peers, one part after the other.

    python bench/inside.py --part visualisation --quick

What follows `--part` goes to that part, the module of that name; bench/README.md says what its
columns mean.
"""

import argparse
import importlib

PARTS = ("visualisation", "extremes", "tsne")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], add_help=False)
    parser.add_argument("--part", choices=PARTS, required=True)
    words, rest = parser.parse_known_args()
    importlib.import_module(words.part).main(rest)


if __name__ == "__main__":
    main()
