"""Open an office file's package safely; knows nothing of what its parts say."""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from app.ingest.extracted import UnreadableFile

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old and of encrypted Office files
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MANAGED = ["DRMEncrypted".encode("utf-16-le"), "\tDRMContent".encode("utf-16-le")]
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_DATED = rb"http://schemas.openxmlformats.org/\1/2006/"


def checked_package(data: bytes, limit: int, program: str, suffix: str) -> bytes:
    """Refuse what must not reach the parsers: locked files, old formats, zip bombs.

    A document in the Strict form is given in the usual one, which alone the libraries know.
    """
    if data.startswith(_OLE):
        if any(name in data for name in _MANAGED):
            raise UnreadableFile("is under rights management: save a copy that anyone may open")
        if _ENCRYPTED in data:
            raise UnreadableFile("is encrypted: save it without a password")
        raise UnreadableFile(f"is in an old {program} format: save it as {suffix}")
    try:
        with ZipFile(BytesIO(data)) as package:
            check_unpacked(package, limit)
            return _without_strictness(package) if _is_strict(package) else data
    except (BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"is not a readable {suffix} file") from error


def check_unpacked(package: ZipFile, limit: int) -> None:
    """Raise UnreadableFile for a package that says of itself that it unpacks to too much."""
    if sum(entry.file_size for entry in package.infolist()) > limit:
        raise UnreadableFile(f"unpacks to more than {limit // 1_000_000} MB: split it")


def _is_strict(package: ZipFile) -> bool:
    names = [name for name in package.namelist() if name.endswith("_rels/.rels")]
    return any(_STRICT.search(package.read(name)) for name in names)


def _without_strictness(package: ZipFile) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as usual:
        for entry in package.infolist():
            content = package.read(entry)
            if entry.filename.endswith((".xml", ".rels")):
                content = _STRICT.sub(_DATED, content)
            usual.writestr(entry.filename, content)
    return file.getvalue()
