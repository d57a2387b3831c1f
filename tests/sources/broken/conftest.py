"""What the broken inputs share: a folder written from text or bytes, and the sentence it ends in."""

from pathlib import Path

import pytest

from apijourney import WorkbookError, open_study


@pytest.fixture
def broken(tmp_path):
    """Write files: `broken({"invoices.csv": "…"}, "currency: USD")` → the folder.

    A file is text, bytes, or a function that is given its path. The workbook file is `company: Test` and
    the text given, or exactly the bytes given.
    """

    def write(files: dict, workbook: str | bytes = "", name: str = "company") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        content = workbook if isinstance(workbook, bytes) else f"company: Test\n{workbook}\n".encode()
        (folder / "workbook.yaml").write_bytes(content)
        for file, text in files.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(text):
                text(path)
            else:
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return write


@pytest.fixture
def sentence():
    """Open a folder that cannot be opened and return what is said about it."""

    def said(folder, **options) -> str:
        with pytest.raises(WorkbookError) as caught:
            open_study(folder, **options)
        text = str(caught.value)
        assert "\n" not in text and "Traceback" not in text and str(folder.parent) not in text
        assert text.endswith((".", "?", " more like this)"))
        return text

    return said
