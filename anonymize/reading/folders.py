"""Walk a folder in a fixed order without following links; what is no regular file is told, not passed over."""

import os
from collections.abc import Iterator
from pathlib import Path

from anonymize.reading.encodings import decode


def files_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every entry below the folder that is no folder, and "" or why it is not read."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if entry.is_symlink():
            yield path, "a link; links are not followed"
        elif entry.is_dir(follow_symlinks=False):
            try:
                yield from files_in(path)
            except PermissionError:
                yield path, "a folder that may not be opened"
        else:
            yield path, "" if entry.is_file(follow_symlinks=False) else "no regular file"


def shown_name(path: Path, folder: Path) -> str:
    """Return a file's name as text: what an old archive wrote in another encoding is decoded or shown as �."""
    encoded = os.fsencode(path.relative_to(folder).as_posix())
    try:
        return decode(encoded)
    except UnicodeError:
        return encoded.decode("utf-8", "replace")
