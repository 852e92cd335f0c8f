"""Rows on files: their pages, their versions, what was deleted or waits in the stash."""

from __future__ import annotations

from typing import Generic, TypeVar, overload

from apibot.data.rows.base import ActPart, DataRow, HidingPart, PageRow, PropertyRow, column
from apibot.data.rows.columns import BLOCK, BLOCKS, DIGITS, FLAG, NUMBER, REAL, TEXT, TIME

T = TypeVar("T")


class _Image(ActPart, HidingPart):
    """What is told of a file's version, whoever tells it."""

    __slots__ = ()

    anon = column(FLAG)
    """Whether the user is an address."""
    url = column(TEXT)
    """Where it can be fetched."""
    descriptionurl = column(TEXT)
    """Of its page."""
    descriptionshorturl = column(TEXT)
    canonicaltitle = column(TEXT)
    size = column(NUMBER)
    """Bytes."""
    width = column(NUMBER)
    """Pixels."""
    height = column(NUMBER)
    """Pixels."""
    pagecount = column(NUMBER)
    """Of a document; 0 for what has no pages."""
    duration = column(REAL)
    """Seconds, of sound and video."""
    sha1 = column(TEXT)
    """Hexadecimal."""
    mime = column(TEXT)
    mediatype = column(TEXT)
    """``BITMAP``, ``DRAWING``, ``AUDIO``, ``VIDEO``, ``OFFICE`` ..."""
    bitdepth = column(DIGITS)
    metadata = column(BLOCKS)
    """What the file says of itself, each with ``name`` and ``value``."""
    commonmetadata = column(BLOCKS)
    extmetadata = column(BLOCK)
    """What its page says of it, by name."""


class FileVersion(PropertyRow, _Image):
    """A version of a file; ``page`` tells of which (API:Imageinfo)."""

    __slots__ = ()

    archivename = column(TEXT)
    """Name by which an old version is kept; empty for the newest."""
    html = column(TEXT)
    """The warning on files of a like name, as HTML."""
    thumburl = column(TEXT)
    thumbwidth = column(NUMBER)
    thumbheight = column(NUMBER)
    thumbmime = column(TEXT)
    responsive_urls = column(BLOCK, "responsiveUrls")
    """Of bigger thumbnails for finer screens, by how much finer."""
    filehidden = column(FLAG)
    filemissing = column(FLAG)


class ListedFile(PageRow, _Image):
    """The newest version of a file, as a list of files tells it (API:Allimages)."""

    __slots__ = ()

    name = column(TEXT)
    """Title without the namespace, underscores for blanks."""


class newest(Generic[T]):  # noqa: N801  # read as a keyword of the row class
    """A column of a file's newest version; empty if there is none, or it was not asked for."""

    def __init__(self, of: column[T]) -> None:
        self.of = of

    @overload
    def __get__(self, obj: None, owner: type) -> newest[T]: ...
    @overload
    def __get__(self, obj: File, owner: type) -> T: ...
    def __get__(self, obj: File | None, owner: type) -> newest[T] | T:
        if obj is None:
            return self
        versions = obj.versions
        return self.of.__get__(versions[0], type(versions[0])) if versions else self.of.kind.empty


class File(PageRow):
    """A page of a file, with the file's versions (``prop=imageinfo``; API:Imageinfo)."""

    __slots__ = ()

    pageid = column(NUMBER)
    """0 if the file has no page here, as one of a shared repository."""
    missing = column(FLAG)
    """Whether there is no page; the file may be there all the same."""
    imagerepository = column(TEXT)
    """``local``, or the name of a shared repository; empty if there is no file."""
    badfile = column(FLAG)
    """Whether the wiki does not show it on just any page."""
    url = newest(FileVersion.url)
    sha1 = newest(FileVersion.sha1)
    mime = newest(FileVersion.mime)
    width = newest(FileVersion.width)
    height = newest(FileVersion.height)
    size = newest(FileVersion.size)
    timestamp = newest(FileVersion.timestamp)
    user = newest(FileVersion.user)

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self.imagerepository != ""

    @property
    def versions(self) -> tuple[FileVersion, ...]:
        """Its versions, newest first, as many as were asked for."""
        return self._parts("imageinfo", FileVersion)


class DuplicateFile(PropertyRow):
    """A file that holds the same as another; ``page`` tells which (API:Duplicatefiles)."""

    __slots__ = ()

    name = column(TEXT)
    """Title without the namespace, underscores for blanks."""
    user = column(TEXT)
    timestamp = column(TIME)
    shared = column(FLAG)
    """Whether it is in a shared repository."""


class ArchivedFile(PageRow, HidingPart):
    """A deleted version of a file (API:Filearchive)."""

    __slots__ = ()

    id = column(NUMBER)
    name = column(TEXT)
    """Title without the namespace, underscores for blanks."""
    archivename = column(TEXT)
    """Name by which it was kept, if it was an old version when it was deleted."""
    user = column(TEXT)
    userid = column(NUMBER)
    timestamp = column(TIME)
    description = column(TEXT)
    """Wikitext."""
    parseddescription = column(TEXT)
    """HTML."""
    size = column(DIGITS)
    """Bytes."""
    width = column(DIGITS)
    height = column(DIGITS)
    pagecount = column(NUMBER)
    bitdepth = column(DIGITS)
    sha1 = column(TEXT)
    """Hexadecimal."""
    mime = column(TEXT)
    mediatype = column(TEXT)
    metadata = column(BLOCKS)
    filehidden = column(FLAG)


class StashedFile(DataRow):
    """A file that was uploaded and not yet published (API:Mystashedfiles)."""

    __slots__ = ()

    filekey = column(TEXT)
    status = column(TEXT)
    """``finished``, ``chunks`` ..."""
    size = column(NUMBER)
    width = column(NUMBER)
    height = column(NUMBER)
    bits = column(NUMBER)
    mimetype = column(TEXT)
    mediatype = column(TEXT)


__all__ = ["ArchivedFile", "DuplicateFile", "File", "FileVersion", "ListedFile", "StashedFile", "newest"]
