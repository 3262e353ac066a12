"""Reading a file of texts or of the ledger, and checking it against its schema."""

from pathlib import Path

from isomargin.rulebook.schema import check
from isomargin.rulebook.strict_yaml import Document, load_document

__all__ = ["checked_document"]


def checked_document(path: Path, *, spec: Path, schema: str, sort: str) -> Document:
    """Return a file that its schema has nothing against.

    Args:
        path: the file, under `spec`.
        spec: the rulebook's folder.
        schema: the name of the schema, one for several sorts of file.
        sort: the sort of file, the property of the schema that it is.

    Raises:
        RulebookError: the file cannot be read, or is not as its schema says.
    """
    name = path.relative_to(spec.parent).as_posix()
    document = load_document(path, name=name)
    lines = {(sort, *at): line for at, line in document.lines.items()}
    check(Document(name, {sort: document.data}, lines), spec / "schema", schema)
    return document
