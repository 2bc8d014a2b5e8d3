"""The black-box methods beside their peers, one part after the other.

    python bench/perturbation.py --part sampling --quick

What follows `--part` goes to that part; bench/README.md says what its columns mean.
"""

import argparse
import importlib

PARTS = ("sampling", "occlusion")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], add_help=False)
    parser.add_argument("--part", choices=PARTS, required=True)
    words, rest = parser.parse_known_args()
    importlib.import_module(words.part).main(rest)


if __name__ == "__main__":
    main()
