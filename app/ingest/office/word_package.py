"""Open the package of a Word document, with or without macros; knows nothing of its text."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.package import Unmarshaller
from docx.opc.part import Part, PartFactory
from docx.opc.pkgreader import PackageReader
from docx.package import Package
from docx.parts.document import DocumentPart
from docx.parts.image import ImagePart

CHUNK = RELATIONSHIP_TYPE.A_F_CHUNK
"""How a document refers to another one that Word inserts when it opens the first."""

_KINDS: dict[str, type[Part]] = {
    CHUNK: Part,  # as bytes, whatever type it has
    RELATIONSHIP_TYPE.IMAGE: ImagePart,
    # python-docx knows a document by its type, which is another one where it has macros
    RELATIONSHIP_TYPE.OFFICE_DOCUMENT: DocumentPart,
}


class _Parts(PartFactory):
    """Makes the parts of a package, of each kind by how others refer to it."""

    part_class_selector = staticmethod(lambda content_type, relation: _KINDS.get(relation))


def opened(data: bytes) -> Any:
    """Return the document in a package."""
    package = Package()
    reader = PackageReader.from_file(BytesIO(data))  # type: ignore[no-untyped-call]  # not typed
    Unmarshaller.unmarshal(reader, package, _Parts)  # type: ignore[no-untyped-call]  # as above
    return package.main_document_part.document
