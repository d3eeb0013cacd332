"""Data folders that have been used before: their first start, which takes twice as long, is behind them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.embedded import DataFolder, EmbeddedPair


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has been started and stopped; copy it."""
    folder = DataFolder.open(tmp_path_factory.mktemp("prepared"))
    pair = EmbeddedPair.start(folder)
    pair.wait()
    pair.stop()
    folder.close()
    return folder.path


@pytest.fixture
def used(prepared: Path, tmp_path: Path) -> Path:
    """Such a folder of this test's own."""
    shutil.copytree(prepared, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def used_folder(used: Path) -> Iterator[DataFolder]:
    """The same, open."""
    opened = DataFolder.open(used)
    yield opened
    opened.close()
