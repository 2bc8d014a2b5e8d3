"""What a terminal would obey is written out."""

import pytest

from pellucid.cli.terminal import answer, harmless, say


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jcat", r"\x1b[2Jcat"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\x9b31mb", r"a\x9b31mb"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("right\rwrong", r"right\rwrong"),
        ("two\nlines and é × 猫", "two\nlines and é × 猫"),
        ("[bold]no markup[/bold]", "[bold]no markup[/bold]"),
    ],
)
def test_commands_are_written_out(text, shown, capsys) -> None:
    assert harmless(text) == shown
    answer(text)
    say(text)
    told = capsys.readouterr()
    assert told.out == f"{shown}\n"
    assert told.err == f"{shown}\n"
