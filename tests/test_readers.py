"""Each format gives its text; each broken file gives one sentence and never another error."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from reader_samples import SAMPLES, docx, encrypted_pdf, package, pdf, pptx

from app.ingest import readers
from app.ingest.extracted import TextBuilder
from app.ingest.readers import ExtractedDocument, UnreadableFile, read_file

Read = Callable[..., ExtractedDocument]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = OLE + "EncryptedPackage".encode("utf-16-le")
MANAGED = "DRMEncryptedTransform".encode("utf-16-le")
OLD_MANAGED = OLE + "\tDRMContent".encode("utf-16-le")


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(name: str, content: bytes | str, **options: int) -> ExtractedDocument:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_file(path, **options)

    return write_and_read


def reason(read: Read, name: str, content: bytes | str, **options: int) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(name, content, **options)
    return caught.value.reason


def test_every_reader_reads_the_same_twice(read: Read) -> None:
    sampled = {readers.BUILT_IN[Path(name).suffix] for name in SAMPLES}
    assert sampled == set(readers.BUILT_IN.values())
    for name, content in SAMPLES.items():
        assert read(name, content) == read(name.upper(), content)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("naïve € 中文 🙂", "utf-8"),
        ("naïve € 中文 🙂", "utf-8-sig"),
        ("naïve € 中文 🙂", "utf-16"),
        ("naïve", "utf-32"),
        ("El niño comió piñas en el café.", "cp1252"),
        ("Zażółć gęślą jaźń, wszystko będzie dobrze", "cp1250"),
        ("Съешь же ещё этих мягких булок", "cp1251"),
        ("中文文本测试。这是一个测试文件。用于检测编码。", "gb18030"),
        ("日本語のテキストです。これは試験です。", "shift_jis"),
    ],
)
def test_text_is_decoded_whatever_its_encoding(read: Read, text: str, encoding: str) -> None:
    assert read("a.txt", text.encode(encoding)).text == text


def test_one_broken_byte_does_not_change_the_encoding(read: Read) -> None:
    assert read("a.txt", "中文".encode() * 50 + b"\xff").text == "中文" * 50 + "\ufffd"


def test_newlines_are_normalised_and_control_characters_dropped(read: Read) -> None:
    assert read("a.txt", "a\r\nb\rc\x0cd\te\x1b[0m \u200bf\n").text == "a\nb\nc\nd\te[0m f\n"


def test_marks_of_where_a_word_may_be_cut_are_dropped(read: Read) -> None:
    source = "<h1>Miet&shy;vertrag</h1><p>Die Ge&#8203;bühr &#6021;&#8203;&#6021;"
    assert read("a.html", source.encode()).text == "Mietvertrag\n\nDie Gebühr \u1785\u200b\u1785"
    assert read("a.txt", "Kündi\u00adgungs\u00ad\nfrist".encode()).text == "Kündigungsfrist"


def test_markdown_headings_point_into_the_verbatim_source(read: Read) -> None:
    source = (
        "---\ntitle: x\n---\n# One *two* `three`\n```\n# code\n```\nUnder\n===\n> # no\n\n## Last\n"
    )
    extracted = read("a.md", source.replace("\n", "\r\n"))
    assert extracted.text == source
    found = [(heading.level, heading.title) for heading in extracted.headings]
    assert found == [(1, "One two three"), (1, "Under"), (2, "Last")]
    begins = [source[heading.start :][:5] for heading in extracted.headings]
    assert begins == ["# One", "Under", "## La"]


def test_html_keeps_what_a_reader_sees(read: Read) -> None:
    extracted = read(
        "a.html",
        """<!doctype html><title>Tab</title><style>x</style><header>Logo<nav>menu</nav></header>
        <nav>menu</nav><h1>Fares &amp;\n<i>fees</i></h1><p>One<b>two</b>\n three<br>four
        <ul><li>a<ul><li>b</ul><li><p>c</ul><!-- no --><script>no</script><p hidden>no</p>
        <table><tr><th>A<th>B<tr><td>1<td><p>2<p>3</table><pre>x:\n  y</pre><aside><a>no</a></aside>
        <table><tr><td><h2>Layout</h2><p>text</p><td>side</table><footer><nav>no</nav></footer>""",
    )
    assert extracted.text.split("\n\n") == [
        "Fares & fees",
        "Onetwo three\nfour",
        "- a\n- b\n- c",
        "| A | B |\n| 1 | 2 3 |",
        "x:\n  y",
        "Layout",
        "text",
        "side",
    ]
    assert [heading.title for heading in extracted.headings] == ["Fares & fees", "Layout"]


def test_html_without_a_heading_takes_its_title_and_declared_encoding(read: Read) -> None:
    page = '<?xml version="1.0"?><meta charset="windows-1251"><title>Да</title><p>имя'
    extracted = read("a.html", page.encode("cp1251"))
    assert (extracted.text, extracted.headings[0].title) == ("Да\n\nимя", "Да")


CODECS = ["hex", "rot13", "zip", "idna", "undefined", "punycode", "unicode_escape", "nonsense"]


@pytest.mark.parametrize("codec", CODECS)
def test_a_page_that_declares_no_character_set_is_still_read(read: Read, codec: str) -> None:
    page = f'<meta charset="{codec}"><p>caf\xe9-\\d ' + "word " * 40_000
    assert read("a.html", page.encode("cp1252")).text.startswith("café-\\d word")


@pytest.mark.parametrize("error", [LookupError("x"), MemoryError(), AssertionError("x")])
def test_whatever_a_parser_raises_is_one_unreadable_file(
    read: Read, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(data: bytes, builder: TextBuilder) -> None:
        raise error

    monkeypatch.setattr("app.ingest.formats.html.read_html", fail)
    assert reason(read, "a.html", "x") == f"could not be read ({type(error).__name__})"


def test_pdf_pages_are_found_by_offset_even_when_one_is_blank(read: Read) -> None:
    extracted = read("a.pdf", pdf("first", "", "third"))
    assert (extracted.text, extracted.pages) == ("first\n\nthird", (0, 7, 7))


def test_pdf_with_only_an_owner_password_is_read(read: Read) -> None:
    assert read("a.pdf", encrypted_pdf("")).text == "a secret"


def test_docx_keeps_the_order_of_headings_tables_and_lists(read: Read) -> None:
    extracted = read("a.docx", docx())
    assert extracted.text.split("\n\n") == [
        "Handbook",
        "Before the table.\nSame paragraph.",
        "| Port | Open |\n| Kestering | 08:00 18:00 |",
        "Steps",
        "1. Open\n- Close",
        "The end.",
    ]
    assert [heading[1:] for heading in extracted.headings] == [(0, "Handbook"), (1, "Steps")]


def test_pptx_gives_a_page_and_a_section_per_slide(read: Read) -> None:
    extracted = read("a.pptx", pptx())
    slides = ["Induction\n\n- Bring boots\n- Bring tea\n\nNotes: Smile.", "Time: 09:00"]
    assert extracted.text == "\n\n".join(slides)
    assert extracted.pages == (0, len(slides[0]) + 2)
    assert [heading.title for heading in extracted.headings] == ["Induction", "Slide 2"]


@pytest.mark.parametrize(
    ("name", "content", "records"),
    [
        ("a.csv", "n;age\r\nAnn;3\r\n\r\nBob;;x", ["n: Ann; age: 3", "n: Bob; column 3: x"]),
        ("a.csv", 'n,note\n"A, b","x\n\ny"\n', ["n: A, b; note: x y"]),
        ("a.csv", "a\tb\n1,5\t2,5\n", ["a: 1,5; b: 2,5"]),
        ("a.csv", "only a header", ["only a header"]),
        ("a.json", '[{"a": {"b": 1.10}, "t": [1, 2]}, "x"]', ["a.b: 1.10; t: 1, 2", "x"]),
        ("a.json", '{"v": true, "u": [{"n": [{"x": 1}]}]}', ["v: true", "u.n[0].x: 1"]),
        ("a.json", r'{"s": "\ud800\u0000a\n\nb"}', ["s: \ufffda\nb"]),
        ("a.jsonl", '{"a": "x\u2028y\x85"}\n\n[1]\n', ["a: x\u2028y", "1"]),
    ],
)
def test_each_record_is_one_paragraph(
    read: Read, name: str, content: str, records: list[str]
) -> None:
    extracted = read(name, content)
    assert extracted.records
    assert extracted.text.split("\n\n") == records


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"", "is empty"),
        ("a.md", b" \n\t", "is empty"),
        ("a.html", b"<p> </p>", "has no text"),
        ("a.txt", random.Random(1).randbytes(500), "is binary, not text"),
        ("a.md", b"\x89PNG\r\n\x1a\nabc", "is binary, not text"),
        ("a.xyz", b"x", "has a type that is not supported: .xyz"),
        ("a.pdf", b"%PDF-1.7 and no more", "is not a readable PDF"),
        ("a.pdf", pdf(""), "has no text: --ocr reads scans"),
        ("a.pdf", encrypted_pdf("pass"), "is encrypted: save it without a password"),
        ("a.docx", LOCKED, "is encrypted: save it without a password"),
        (
            "a.xlsx",
            LOCKED + MANAGED,
            "is under rights management: save a copy that anyone may open",
        ),
        ("a.docx", OLD_MANAGED, "is under rights management: save a copy that anyone may open"),
        ("a.pptx", OLE, "is in an old PowerPoint format: save it as .pptx"),
        ("a.docx", b"not a package", "is not a readable .docx file"),
        ("a.docx", package(10), "is not a readable Word document"),
        ("a.pptx", docx(), "is not a readable PowerPoint presentation"),
        ("a.json", '{\n "a": 1,\n "b"; 2}', "is not valid JSON: line 3 column 5"),
        ("a.jsonl", '\n{"a": }\n', "is not valid JSON: line 2 column 7"),
        ("a.json", "[" * 100_000, "is nested too deep"),
        ("a.json", '{"a":' * 200 + "1" + "}" * 200, "is nested too deep"),
    ],
)
def test_unreadable_files_say_why(
    read: Read, name: str, content: bytes | str, expected: str
) -> None:
    assert reason(read, name, content) == expected


def test_large_files_and_files_that_unfold_are_refused(read: Read) -> None:
    too_large = "is larger than 1 MB: split it or raise GROUNDTUNE_MAX_FILE_MB"
    assert reason(read, "a.txt", b"x" * 1_000_001, max_bytes=1_000_000) == too_large
    for name in ("a.docx", "a.odt", "a.epub"):
        bomb = reason(read, name, package(5_000_000), max_bytes=1_000_000)
        assert bomb == "unpacks to more than 4 MB: split it"
    wide = json.dumps({"k" * 100_000: [{"a": 1}] * 50})
    unfolded = reason(read, "a.json", wide, max_bytes=1_000_000)
    assert unfolded == "holds more than 4 MB of text: split it"


def test_what_cannot_be_opened_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object) -> None:  # in place of a file's mode, which does not bind root
        raise PermissionError(13, "Permission denied")

    with pytest.raises(UnreadableFile, match="is not a regular file"):
        read_file(tmp_path.rename(tmp_path.with_suffix(".md")))
    with pytest.raises(UnreadableFile, match="cannot be opened: no such file or directory"):
        read_file(tmp_path / "gone.md")
    monkeypatch.setattr(Path, "open", deny)
    with pytest.raises(UnreadableFile, match="cannot be opened: permission denied"):
        read_file(tmp_path / "gone.md")


TRIES = 8


def is_refused(read: Read, name: str, content: bytes) -> bool:
    try:
        return not read(name, content).text.strip()
    except UnreadableFile as error:
        return bool(error.reason)


def test_damaged_files_never_raise_another_error(read: Read) -> None:
    rng, refused = random.Random(7), 0
    for name, content in SAMPLES.items():
        for _ in range(TRIES):
            broken = bytearray(content[: rng.randint(1, len(content))])
            for _ in range(rng.randint(0, 5)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            refused += is_refused(read, name, bytes(broken))
    assert 40 < refused < TRIES * len(SAMPLES)
