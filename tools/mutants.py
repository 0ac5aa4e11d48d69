"""`make mutants`: change the module in random places, one at a time, and see if a test notices.

First an operator is drawn, then one of its sites in the .tf files of the root: else texts would
drown the rules. A mutant is formatted, so that no test of the layout notices it; one that does not
parse, or that formatting undoes, is not counted. The plan-only tests run on it in one process until
one fails. A seed gives the same mutants as long as the module is the same.

Exit code 0: enough were noticed; 1: too few; 2: the tests fail on the module as it is.
"""

from __future__ import annotations

import argparse
import difflib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import TypeAlias

from hcl2.api import parses_to_tree
from lark import Token, Tree

from repository import REPOSITORY
from terraform import engine

#: Survivors that change nothing: (place, before, after), as they are printed, to the reason.
KNOWN: dict[tuple[str, str, str], str] = {}

#: The folders whose tests notice most for the least. The others follow.
FIRST = ("plans", "refused", "roots", "contexts")

#: Operators on one token: what may come in its place.
SWAPS = {
    "comparison": {"==": "!=", "!=": "==", "<": "<= >", "<=": "< >=", ">": ">= <", ">=": "> <="},
    "logic": {"&&": "||", "||": "&&", "!": ""},
    "constant": {"true": "false", "false": "true", "null": '""'},
}
#: Functions that take each other's place, calls that become their first argument, and calls that
#: lose one of several.
PAIRS = (("keys", "values"), ("alltrue", "anytrue"), ("trimprefix", "trimsuffix"), ("max", "min"))
SWAPPED = dict(PAIRS) | {other: one for one, other in PAIRS}
UNWRAPPED = ("compact", "distinct", "flatten", "floor", "lower", "sort", "trimsuffix", "upper")
SHORTENED = ("coalesce", "concat", "merge", "try")
#: A text with a range, a special group or an anchor is a pattern: it loses an anchor, a quantifier
#: or an alternative, or counts to another number.
PATTERN = re.compile(r"\[[^\]]*\w-\w|\(\?|^\^|\$$")
PARTS = re.compile(r"^\^|\$$|(?<=[\w\])}.])[+*?]|\|[\w-]+(?=[|)])|(?<=[{,])\d+(?=[,}])")
#: Terraform refuses a rule without these, and documents have tests of the descriptions.
KEPT = ("condition", "description", "error_message")
#: Words for people: error messages, and the parts that rules.tf makes them of.
MESSAGES = ("error_message", "problem", "advice")

Node: TypeAlias = Tree[Token]
#: Operator, start, end, and what comes in between instead.
Site: TypeAlias = tuple[str, int, int, str]


@dataclass(frozen=True)
class Mutant:
    """A file with one change; `place` is its name and block; what was several lines is one."""

    operator: str
    file: str
    line: int
    place: str
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        title = f"{self.place}, line {self.line} ({self.operator})"
        return f"{title}\n    - {self.before}\n    + {self.after}"


# --- The sites of a file ---


def span(part: Node | Token) -> tuple[int, int]:
    """Start and end, without the comments and line breaks that a node may end with."""
    every = [part] if isinstance(part, Token) else part.scan_values(lambda _: True)
    tokens = [token for token in every if token.type != "NL_OR_COMMENT"]
    return tokens[0].start_pos or 0, tokens[-1].end_pos or 0


def sites(text: str, node: Node, within: str = "", message: bool = False) -> Iterator[Site]:
    """The sites at and below a node; `within`: what is above it, a function by its name."""
    parts = [part for part in node.children if getattr(part, "data", "") != "new_line_or_comment"]
    kind, name = str(node.data), text[slice(*span(parts[0]))] if parts else ""
    if kind == "attribute":
        if name not in KEPT:
            yield "attribute", *span(node), ""
        if name == "description":
            return
        message = name in MESSAGES
    elif kind == "object_elem":
        message = message or name in MESSAGES
    elif kind == "block":
        if within:
            yield "block", *span(node), ""
        parts = [part for part in parts if isinstance(part, Tree) and part.data == "body"]
    elif kind == "for_cond":
        yield "filter", *span(node), ""
    elif kind == "conditional":
        for branch in (parts[2], parts[4]):
            yield "branch", *span(node), text[slice(*span(branch))]
    elif kind == "function_call":
        if name in SWAPPED:
            yield "function", *span(parts[0]), SWAPPED[name]
        if name in UNWRAPPED and isinstance(parts[2], Tree):
            yield "function", *span(node), text[slice(*span(parts[2].children[0]))]
    elif kind == "string" and len(parts) == 2 and not message:
        yield "text", *span(node), '"x"'
    elif not message and (kind in ("tuple", "object") or (within in SHORTENED and len(parts) > 1)):
        for part, following in zip(parts, [*parts[1:], None], strict=True):
            if isinstance(part, Tree):
                comma = isinstance(following, Token) and following.type == "COMMA"
                last = following if comma and following else part
                yield "element", span(part)[0], span(last)[1], ""
    for part in parts:
        if isinstance(part, Tree):
            yield from sites(text, part, name if kind == "function_call" else kind, message)
        else:
            yield from token_sites(text, part, message)


def token_sites(text: str, token: Token, message: bool) -> Iterator[Site]:
    """The sites of one token; the words of a message stay as they are."""
    start, end = span(token)
    old = text[start:end]
    if token.type == "INT_LITERAL":
        yield from (("number", start, end, new) for new in neighbours(old))
    elif token.type != "STRING_CHARS":
        for operator, swaps in SWAPS.items():
            for new in swaps[old].split(" ") if old in swaps else ():
                yield operator, start, end, new
    elif message:
        return
    elif PATTERN.search(old):
        for part in PARTS.finditer(old):
            for new in {"+": ["", "*"], "*": ["", "+"]}.get(part[0]) or neighbours(part[0]):
                yield "pattern", start + part.start(), start + part.end(), new
    else:
        yield from (("text", start, end, new) for new in ("", f"{old}x"))


def neighbours(old: str) -> list[str]:
    """The numbers beside a number; nothing in place of anything else."""
    return [str(int(old) - 1), str(int(old) + 1)] if old.isdecimal() else [""]


# --- Mutants, and the tests on them ---


def mutants(module: Path, seed: int) -> Iterator[Mutant]:
    """The mutants of a module, in the order in which they are drawn."""
    found: dict[str, list[tuple[Path, str, Site]]] = defaultdict(list)
    for path in sorted(module.glob("*.tf")):
        text = path.read_text()
        body = parses_to_tree(text).children[0]
        for block in body.children if isinstance(body, Tree) else ():
            if isinstance(block, Tree) and block.data == "block":
                header = text[slice(*span(block))].partition("{")[0].strip()
                for site in sites(text, block):
                    found[site[0]].append((path, f"{path.name}: {header}", site))
    format_command = [*engine.find().command, "fmt", "-"]
    generator = random.Random(seed)
    while found:
        operator = generator.choice(sorted(found))
        drawn = found[operator]
        path, place, (_, start, end, new) = drawn.pop(generator.randrange(len(drawn)))
        if not drawn:
            del found[operator]
        text = path.read_text()
        changed = text[:start] + new + text[end:]
        done = subprocess.run(format_command, input=changed, capture_output=True, text=True)
        if done.returncode == 0 and done.stdout != text:
            first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
            before = " ".join(text[first:last].split())
            after = " ".join((text[first:start] + new + text[end:last]).split())
            line = text.count("\n", 0, start) + 1
            yield Mutant(operator, path.name, line, place, before, after, done.stdout)


def snapshot(target: Path) -> None:
    """Copy what git has or would take: others may edit the files meanwhile."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listing, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    for name in filter(None, done.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)


def suite(folder: Path) -> tuple[str, str, float]:
    """Run the plan-only tests: the first that fails or "", what they said, how long they took.

    Raises:
        RuntimeError: pytest itself fails.

    """
    rooms = {path.parent.name for path in folder.glob("tests/*/test_*.py")}
    order = [*FIRST, *sorted(rooms - set(FIRST))]
    command = [sys.executable, "-m", "pytest", *(f"tests/{room}" for room in order)]
    command += ["--plan-only", "-x", "-q", "-p", "no:cacheprovider", "--numprocesses=0"]
    start = time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", done.stdout, re.MULTILINE)
    if done.returncode and not failed:
        said = (done.stdout + done.stderr)[-3000:]
        raise RuntimeError(f"pytest exited with {done.returncode} and no failed test: {said}")
    return failed[1] if failed else "", done.stdout, time.monotonic() - start


def check(module: Path, mutant: Mutant) -> tuple[str, str, float]:
    """Run the tests on a copy of the repository with the mutant in it."""
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=module.parent) as name:
        copy = shutil.copytree(module, Path(name) / "module")
        (copy / mutant.file).write_text(mutant.text)
        return suite(copy)


def check_one(module: Path, mutant: Mutant) -> int:
    """Show a mutant, and what the tests say to it."""
    old, new = (module / mutant.file).read_text().splitlines(), mutant.text.splitlines()
    print(*difflib.unified_diff(old, new, mutant.file, mutant.file, lineterm=""), sep="\n")
    failed, said, _ = check(module, mutant)
    print(said, f"killed by {failed}" if failed else "SURVIVED", sep="\n")
    return 0 if failed else 1


def check_all(module: Path, drawn: list[Mutant], seed: int, jobs: int) -> float:
    """Say of each mutant whether a test notices it; the share in % of those that should be."""
    explained, survivors = 0, []
    with ThreadPool(jobs) as pool:
        numbered = enumerate(drawn, 1)
        results = pool.imap_unordered(lambda each: (*each, *check(module, each[1])), numbered)
        for number, mutant, failed, _, seconds in results:
            reason = KNOWN.get((mutant.place, mutant.before, mutant.after))
            verdict = f"killed by {failed}"
            if not failed and reason:
                explained += 1
                verdict = f"explained: {reason}"
            elif not failed:
                verdict = "SURVIVED"
                again = f"make mutants MUTANTS='--seed {seed} --only {number}'"
                survivors.append(f"{mutant}\n    {again}")
            print(f"{number}/{len(drawn)} {verdict}, {seconds:.0f} s", flush=True)
    expected = len(drawn) - explained
    share = 100 * (1 - len(survivors) / expected) if expected else 100.0
    for survivor in survivors:
        print(survivor)
    print(f"{expected - len(survivors)} of {expected} killed: {share:.1f} %; {explained} explained")
    return share


def main() -> int:
    """Draw, run the tests, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="mutants (default: 60)")
    parser.add_argument("--seed", type=int, default=1, help="another one draws others (default: 1)")
    parser.add_argument("--at-least", type=float, default=95, help="in %% (default: 95)")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at the same time (default: 2)")
    parser.add_argument("--only", type=int, metavar="N", help="the N-th alone, with all output")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as name:
        module = Path(name) / "module"
        snapshot(module)
        drawn = list(islice(mutants(module, options.seed), options.only or options.count))
        if options.only:
            return check_one(module, drawn[-1])
        failed, said, seconds = suite(module)
        if failed:
            print(said, f"{failed} fails without any mutant.", sep="\n")
            return 2
        print(f"without a mutant: green, {seconds:.0f} s", flush=True)
        share = check_all(module, drawn, options.seed, options.jobs)
        return 0 if share >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
