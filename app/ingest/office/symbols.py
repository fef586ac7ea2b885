"""Read the signs of the fonts Symbol and Wingdings, which Office keeps as numbers of glyphs."""

_PRIVATE = 0xF000  # Office puts the 256 glyphs of such a font here
_SYMBOL = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾"
_SYMBOL += "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_SYMBOL_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…│─↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑"
_GLYPHS = {
    "symbol": (
        dict(enumerate(_SYMBOL, 0x20))
        | dict(enumerate(_SYMBOL_HIGH, 0xA0))
        | {0xF1: "⟩", 0xF2: "∫"}
    ),
    "wingdings": (  # boxes and ticks, numbers, arrows and bullets; the rest are pictures
        dict(enumerate("①②③④⑤⑥⑦⑧⑨⑩", 0x81))
        | dict(enumerate("❶❷❸❹❺❻❼❽❾❿", 0x8C))
        | dict(enumerate("←→↑↓↖↗↙↘←→↑↓↖↗↙↘⇦⇨⇧⇩", 0xDF))
        | dict(enumerate("✗✓☒☑", 0xFB))
        | dict(enumerate("■☐☐☐☐", 0x6E))
        | {0x6C: "●", 0x78: "☒", 0x9F: "•", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢"}
    ),
    "wingdings 2": dict(enumerate("✗✓☒☑☒☒", 0x4F)) | dict(enumerate("■☐", 0xA2)),
}


def with_signs(text: str, font: str) -> str:
    """Write the glyphs of a font of signs as characters; those that say nothing are left out."""
    glyphs = _GLYPHS.get(font.lower())
    if glyphs is None:
        return text
    codes = ((c, ord(c) - _PRIVATE) for c in text)
    return "".join(glyphs.get(code, "") if 0 <= code < 0x100 else c for c, code in codes)


def sign(font: str, code: int) -> str:
    """Return the character of one glyph, "" where none is known."""
    text = with_signs(chr(code + _PRIVATE if code < 0x100 else code), font)
    return "" if any(0 <= ord(c) - _PRIVATE < 0x100 for c in text) else text
