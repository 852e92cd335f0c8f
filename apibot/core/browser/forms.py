"""Forms with files, sent as they are read from disk."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import ExitStack
from typing import BinaryIO, Protocol, cast

from apibot.core.browser.transfer import FilePart
from apibot.core.errors import BadParameter


class Form(Protocol):
    """A form as it is sent: read piece by piece, its length known."""

    len: int
    content_type: str

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        ...


class Slice:
    """A part of an open file; ``len`` is what is left of it.

    Parameters: ``file``; ``start``, its first byte; ``length`` in bytes; ``what``, the name for errors.
    """

    def __init__(self, file: BinaryIO, start: int, length: int, what: str) -> None:
        file.seek(start)
        self._file = file
        self._what = what
        self.len = length

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; BadParameter if the file has become shorter meanwhile."""
        piece = self._file.read(self.len if size < 0 else min(size, self.len))
        if not piece and self.len:
            msg = f"{self._what}: became shorter while it was sent. Send it again when nobody writes to it."
            raise BadParameter(msg)
        self.len -= len(piece)
        return piece


def opened(part: FilePart, stack: ExitStack) -> Slice:
    """Open what a part is to be read from; it is closed with the stack.

    Raises BadParameter if it can not be read, or does not have that many bytes.
    """
    source = part.source
    what = "the bytes given" if isinstance(source, bytes) else str(source)
    try:
        file: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        stack.enter_context(file)
        size = file.seek(0, io.SEEK_END)
    except OSError as exc:
        msg = f"{what}: can not be read ({exc.strerror})."
        raise BadParameter(msg) from exc
    length = size - part.start if part.length is None else part.length
    if part.start < 0 or length < 0 or part.start + length > size:
        msg = f"{what}: has {size} bytes, not {length} from byte {part.start} on."
        raise BadParameter(msg)
    return Slice(file, part.start, length, what)


def form(data: Mapping[str, str], files: Mapping[str, FilePart], stack: ExitStack) -> Form:
    """Return a form of fields and files (multipart/form-data); its files are closed with the stack."""
    # Imported only where files are sent.
    from requests_toolbelt import MultipartEncoder  # pyright: ignore[reportMissingTypeStubs]  # it has none

    fields: list[tuple[str, object]] = list(data.items())
    fields += [(name, (part.file_name, opened(part, stack), part.kind)) for name, part in files.items()]
    return cast("Form", MultipartEncoder(fields))


__all__ = ["Form", "Slice", "form", "opened"]
