"""Tables from files, and what is said of files that are none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pellucid.core import extras
from pellucid.errors import FileError, InputError, MissingExtra, ParameterError
from pellucid.io import tables
from pellucid.io.tables import need_rows, read_series, read_table


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({
        "age": [18, 30, 41], "city": ["Rom", "Köln", "東京"], "income": [1.5, np.nan, 3.0],
    })  # fmt: skip


def test_csv_tsv_and_parquet_hold_the_same(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.TSV", index=False, sep="\t")
    for name in ("a.csv", "a.TSV"):
        pd.testing.assert_frame_equal(read_table(tmp_path / name), frame)
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    frame.to_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "a.parquet"), frame)


def test_columns_are_dropped_by_name(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert list(read_table(tmp_path / "a.csv", ["city"]).columns) == ["age", "income"]
    with pytest.raises(ParameterError, match=r"no column 'citi'.*'city'"):
        read_table(tmp_path / "a.csv", ["citi"])
    with pytest.raises(ParameterError, match=r"No column .* is left"):
        read_table(tmp_path / "a.csv", ["age", "city", "income"])


def test_a_series_has_its_columns_as_channels(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    series = read_series(path, ["city", "income"])
    assert series.dtype == np.float32
    assert series.tolist() == [[[18, 30, 41]]]
    assert np.isnan(read_series(path, ["city"])[0, 1, 1])
    with pytest.raises(InputError, match=r"'city' .* holds no numbers.*--drop city"):
        read_series(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"a,b\n", "without rows"),
        (b"a,b\n1,2\n1,2,3,4\n", "Expected 2 fields"),
        (b"a,b\n\xff\xfe\xfa,2\n", "UTF-8"),
    ],
)
def test_what_is_no_table_says_why(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match=words):
        read_table(path)


def test_files_that_are_not_there() -> None:
    with pytest.raises(FileError, match="does not exist"):
        read_table(Path("absent.csv"))


def test_rows_that_are_not_there() -> None:
    need_rows([0, 2], 3, Path("a.csv"))
    with pytest.raises(ParameterError, match=r"no row 3\. It has 3 rows, 0 to 2; the header"):
        need_rows([0, 3], 3, Path("a.csv"))


@pytest.mark.parametrize(
    ("name", "absent", "install"),
    [
        ("a.csv", "pandas", r"pip install 'pellucid\[tables\]'"),
        ("a.parquet", "pyarrow", "Parquet files needs pyarrow.*pip install pyarrow"),
    ],
)
def test_a_missing_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, absent: str, install: str
) -> None:
    (tmp_path / name).touch()
    found = extras.importlib.import_module

    def without(module: str):
        if module == absent:
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
        return found(module)

    monkeypatch.setattr(extras.importlib, "import_module", without)
    with pytest.raises(MissingExtra, match=install):
        read_table(tmp_path / name)


def test_a_damaged_parquet_file(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        read_table(tmp_path / "a.parquet")


def test_a_parquet_file_that_unpacks_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    path = tmp_path / "a.parquet"
    pd.DataFrame({f"c{k}": [0] for k in range(10_001)}).to_parquet(path)
    with pytest.raises(FileError, match="1 rows of 10,001 columns; the limits are"):
        read_table(path)
    pd.DataFrame({"a": np.zeros(300)}).to_parquet(path)  # packed to almost nothing
    monkeypatch.setattr(tables, "_MOST_CELLS", 299)
    with pytest.raises(FileError, match="300 rows of 1 columns"):
        read_table(path)
    monkeypatch.setattr(pyarrow, "__version__", "14.0.0")
    with pytest.raises(FileError, match=r"pyarrow 14\.0\.0 may run code"):
        read_table(path)
