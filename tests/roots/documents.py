"""The documents as the tests read them: fenced blocks, tables, what prose names, commands."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from repository import REPOSITORY

README = REPOSITORY / "README.md"
COSTS = REPOSITORY / "docs/costs.md"
USAGE = REPOSITORY / "docs/usage.md"
MIGRATION = REPOSITORY / "docs/migration.md"
RECIPES = REPOSITORY / "docs/recipes.md"
DOCUMENTS = [
    path
    for pattern in ("*.md", "docs/*.md", "examples/*/README.md")
    for path in sorted(REPOSITORY.glob(pattern))
]


@dataclass(frozen=True)
class Block:
    """A fenced block, with its language and the comment before it."""

    path: Path
    line: int
    language: str
    text: str
    directive: str

    @property
    def label(self) -> str:
        """A name for it in a root: the document and the line that it begins on."""
        return f"{self.path.stem.lower().replace('-', '_')}_line_{self.line}"


def with_source(text: str, source: str) -> str:
    """HCL with the module's source replaced, by a path."""
    return re.sub(r'(\bsource +)= "git::.*"', rf'\1= "{source}"', text)


@functools.cache
def tokens(path: Path) -> list[Token]:
    """A document, parsed; tables are."""
    return MarkdownIt("commonmark").enable("table").parse(path.read_text())


def blocks(*languages: str) -> list[Block]:
    """The fenced blocks of all documents in these languages."""
    found = []
    for path in DOCUMENTS:
        previous = ""
        for token in tokens(path):
            if token.type == "fence" and token.info in languages:
                assert token.map is not None
                directive = re.search(r"<!-- ([a-z]+(?:: \S+)?) -->\s*$", previous)
                line = token.map[0] + 1
                found.append(
                    Block(path, line, token.info, token.content, directive[1] if directive else "")
                )
            previous = token.content if token.type == "html_block" else ""
    return found


def inline(path: Path, kind: str) -> Iterator[Token]:
    """All tokens of a kind within the paragraphs, cells and headings of a document."""
    for token in tokens(path):
        yield from (child for child in token.children or [] if child.type == kind)


def rows(path: Path, first_heading: str) -> list[list[Token]]:
    """Cells of the table whose first heading this is."""
    tables: list[list[list[Token]]] = []
    stream = tokens(path)
    for token, following in pairwise(stream):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in ("td_open", "th_open"):
            tables[-1][-1].append(following)
    (table,) = (table for table in tables if table[0][0].content == first_heading)
    return table[1:]


def codes(cell: Token) -> list[str]:
    """What stands in backticks in a cell."""
    return [child.content for child in cell.children or [] if child.type == "code_inline"]


def script(language: str, path: Path) -> str:
    """The one block of a document in this language, which is run as a whole."""
    (block,) = (block for block in blocks(language) if block.path == path)
    return block.text


def commands() -> list[tuple[Block, list[str]]]:
    """The command lines in ``sh`` blocks, each with its block."""
    return [
        (block, command)
        for block in blocks("sh")
        for line in block.text.replace("\\\n", " ").splitlines()
        if (command := shlex.split(line, comments=True))
    ]
