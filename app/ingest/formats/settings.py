"""Read files of settings: sections of keys with values (.ini) and Java's properties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from app.ingest.extracted import TextBuilder, clean, clean_line
from app.ingest.formats.plain import decode
from app.ingest.formats.records import note_doubled
from app.ingest.formats.trees import repeated

_COMMENT = re.compile(r"^[ \t]*[#;].*\n?", re.MULTILINE)
_SECTION = re.compile(r"\[{1,2}([^\[\]\n].*?)\]{1,2}[ \t]*+(?:[#;].*)?")
_SETTING = re.compile(r"([^=\n{}<]*?[^=\s{}<])[ \t]*+(?:=|:(?=\s|\Z))[ \t]*+(.*)")
_GOES_ON = re.compile(r"[ \t]\\\n[ \t]*")  # "C:\data\" does not
_GOES_ON_IN_JAVA = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_PROPERTY = re.compile(r"[ \t]*((?:\\.|[^\\=:\s])+)[ \t]*[=:]?[ \t]*(.*)")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_CONTROLS = {"t": "\t", "n": "\n", "r": "\n", "f": "\n"}


class Setting(NamedTuple):
    """A line of a section; without a key where nothing parts it."""

    key: str
    value: str


def read_settings(data: bytes, builder: TextBuilder, *, suffix: str) -> None:
    """Add each section as a record "section.key: value", and each setting outside of them."""
    text = clean(decode(data))
    if suffix == ".properties":
        _add_last(_properties(text), builder)
    elif _has_sections_or_keys(text):
        builder.records = True
        for name, settings in _sections(_GOES_ON.sub(" ", _COMMENT.sub("", text))):
            _add_section(name, settings, builder)
    else:
        builder.verbatim(text)  # a language of its program


def _add_last(settings: Sequence[Setting], builder: TextBuilder) -> None:
    """Add the value that counts of each key: the last."""
    builder.records = True
    note_doubled(repeated(setting.key for setting in settings), builder)
    last: Mapping[str, str] = dict(settings)
    for key, value in last.items():
        if value:
            builder.add(_line("", Setting(key, value)))


def _properties(text: str) -> list[Setting]:
    found = map(_PROPERTY.match, _lines_of_java(text))
    return [Setting(_unescaped(line[1]), _unescaped(line[2])) for line in found if line]


def _lines_of_java(text: str) -> Iterator[str]:
    """Yield the lines, each with those that it goes on in; a remark does not go on."""
    begun: list[str] = []
    for line in text.split("\n"):
        if not begun and line.lstrip()[:1] in ("#", "!"):
            continue
        goes_on = _GOES_ON_IN_JAVA.search(line) is not None
        begun.append((line.lstrip() if begun else line)[: -1 if goes_on else None])
        if not goes_on:
            yield "".join(begun)
            begun = []
    yield "".join(begun)


def _unescaped(text: str) -> str:
    plain = _ESCAPED.sub(_sign, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _sign(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16)) if escaped[1] else _CONTROLS.get(escaped[2], escaped[2])


def _has_sections_or_keys(text: str) -> bool:
    """Tell settings from the language of a program by most lines that are not set in."""
    lines = [line for line in _COMMENT.sub("", text).split("\n") if line[:1].strip()]
    keyed = sum(bool(_SECTION.fullmatch(line) or _SETTING.fullmatch(line)) for line in lines)
    return 2 * keyed > len(lines)


def _sections(text: str) -> Iterator[tuple[str, list[Setting]]]:
    """Yield the sections in their order, also where a name comes again."""
    name, settings, indent = "", list[Setting](), 0
    for line in filter(str.strip, text.split("\n")):
        said = line.strip()
        depth = len(line) - len(line.lstrip())
        if section := _SECTION.fullmatch(said):
            yield name, settings
            name, settings = clean_line(section[1]), []
        elif settings and depth > indent:
            settings[-1] = settings[-1]._replace(value=f"{settings[-1].value}\n{said}".strip())
        else:
            settings.append(_setting(said))
            indent = depth
    yield name, settings


def _setting(line: str) -> Setting:
    keyed = _SETTING.fullmatch(line)
    return Setting(keyed[1], keyed[2]) if keyed else Setting("", line)


def _add_section(name: str, settings: Sequence[Setting], builder: TextBuilder) -> None:
    for at, setting in enumerate(setting for setting in settings if setting.value):
        builder.add(_line(name, setting), tight=bool(name) and at > 0)


def _line(name: str, setting: Setting) -> str:
    path = ".".join(filter(None, [name, clean_line(setting.key)]))
    return f"{path}: {setting.value}" if path else setting.value
