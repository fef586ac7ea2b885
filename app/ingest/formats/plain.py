"""Decode bytes of unknown encoding; read plain text verbatim."""

import codecs
import re
from contextlib import suppress

from charset_normalizer import CharsetMatch, from_bytes

from app.ingest.extracted import TextBuilder, UnreadableFile, clean
from app.ingest.hyphens import without_line_ends

_SIGNATURES = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0")
_BOMS = (  # UTF-32 first: its mark begins with the mark of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LATIN = ["cp1252", "cp1250"]
_EAST_ASIAN = ["cp932", "euc_jp", "gb18030", "big5", "cp949"]
_LEGACY = [*_LATIN, "cp1251", "cp1253", "koi8_r", *_EAST_ASIAN]
_WORD = re.compile(r"[\u0370-\u04ff\u3001-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff01-\uff5e]{2,}")
_ESCAPE = b"\x1b$"  # into double bytes, in no other use
_ESCAPED = ("iso2022_kr", "iso2022_jp_2", "iso2022_jp_ext", "iso2022_jp_2004")
_NO_CHARSETS = {"punycode", "idna", "unicode-escape", "raw-unicode-escape"}  # punycode: quadratic
_WHOLE = {
    "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "shift_jis": "cp932", "euc_jp": "euc_jis_2004", "gb2312": "gb18030", "gbk": "gb18030",
    "euc_kr": "cp949",
}  # fmt: skip
"""What programs write where they name a part of it, as browsers know; by Python's names."""
_SIGNS_OF_WINDOWS = re.compile(r"[\x80-\x9f]")  # none elsewhere, so that text is read otherwise
_MOST_ZEROS = 0.7  # of one half of the bytes; binary files have them in both
_BYTES_A_ZERO = 1_000  # a few zeros are damage in a text; binary files are full of them
_SAMPLE_BYTES = 65_536
_UNTEXTLIKE = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f\ufffd]")  # escape colours log files


def decode(data: bytes, *, declared: str = "") -> str:
    """Turn bytes into text, or raise `UnreadableFile` if they are no text in any encoding."""
    bom = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    bom = bom or _wide(data)
    if data.startswith(_SIGNATURES) or (data.count(0) > 1 + len(data) // _BYTES_A_ZERO and not bom):
        raise UnreadableFile("is binary, not text")
    text = data.decode(bom, "replace") if bom else _decode_unmarked(data, declared)
    if len(_UNTEXTLIKE.findall(text)) > 1 + len(text) // 50:
        raise UnreadableFile("is binary, not text")
    return text


def _wide(data: bytes) -> str:
    """Tell UTF-16 without a mark by the zeros that are half of every Western letter."""
    even, odd = (data[at:_SAMPLE_BYTES:2].count(0) for at in (0, 1))
    half = max(len(data[:_SAMPLE_BYTES]) // 2, 1)
    if max(even, odd) < _MOST_ZEROS * half or min(even, odd) > (1 - _MOST_ZEROS) * half / 10:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def read_text(data: bytes, builder: TextBuilder) -> None:
    """Take the text as it is, but for words that are cut at lines' ends."""
    builder.verbatim(without_line_ends(clean(decode(data))))


def _decode_unmarked(data: bytes, declared: str) -> str:
    text = data.decode("utf-8", "replace")
    if _is_sound(text):
        return _unescaped(data) or text
    with suppress(LookupError, ValueError):  # unknown, or a codec like hex, which gives no text
        as_declared = _as_declared(data, codecs.lookup(declared).name)
        if as_declared is not None:
            return as_declared
    encoding = _guess(data)
    if encoding in _EAST_ASIAN:  # whose bytes may look like UTF-8 in a short line
        return data.decode(encoding, "replace")
    lines = data.splitlines(keepends=True)  # of files that were put together
    return "".join(
        line.decode("utf-8" if _is_utf8(line) else encoding, "replace") for line in lines
    )


def _unescaped(data: bytes) -> str:
    """Read what writes the letters of East Asia in ASCII, between escapes."""
    for encoding in _ESCAPED if _ESCAPE in data and data.isascii() else ():
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return ""


def _is_sound(text: str) -> bool:
    """Take a few broken bytes among many sound ones for damage, not for another encoding."""
    broken = text.count("\ufffd")
    return not broken or broken * 20 < sum(not character.isascii() for character in text)


def _as_declared(data: bytes, encoding: str) -> str | None:
    """Decode bytes as they say; None where they do not hold to it.

    Programs name an encoding that is part of what they write, so the whole is tried as well.
    """
    if encoding in _NO_CHARSETS:
        return None
    texts = [data.decode(each, "replace") for each in (encoding, _WHOLE.get(encoding, encoding))]
    unbroken = [text for text in texts if "\ufffd" not in text]
    clear = (text for text in unbroken if not _SIGNS_OF_WINDOWS.search(text))
    sound = (text for text in reversed(texts) if _is_sound(text))
    return next(clear, None) or next(iter(unbroken), None) or next(sound, None)


def _guess(data: bytes) -> str:
    """Guess from the lines that hold evidence: those with bytes beyond ASCII."""
    sample = b"\n".join(line for line in data.splitlines() if not _is_utf8(line))[:_SAMPLE_BYTES]
    matches = from_bytes(sample, cp_isolation=_LEGACY)
    likely = (m for m in matches if m.encoding in _LATIN or _has_words(str(m)))
    best = next(likely, None)
    western = next((match for match in matches if match.encoding == "cp1252"), None)
    if best is None or (western and _is_as_likely(western, best)):
        return "cp1252"
    return best.encoding


def _is_as_likely(western: CharsetMatch, best: CharsetMatch) -> bool:
    """Take a Western reading for the likelier of two that evidence does not tell apart."""
    alike = (western.chaos, western.coherence) == (best.chaos, best.coherence)
    return alike or not best.coherence


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _has_words(text: str) -> bool:
    """Tell words of another script from its single letters, which Western signs may look like."""
    beyond = sum(not character.isascii() for character in text)
    return 2 * sum(map(len, _WORD.findall(text))) > beyond
