"""Words, names and sentences are found in any script, each at its place."""

import pytest
from graph_parts import passage
from word_verifier import WordVerifier

from app.ingest.chunking import split_document
from app.ingest.extracted import ExtractedDocument
from graphs.layout import claims
from graphs.protocols import Claim
from graphs.stopwords import STOPWORDS
from graphs.text import (
    content,
    doubtful_names,
    is_number,
    names,
    search_stem,
    sentences,
    stem,
    sure_names,
    uncapitalised,
    words,
)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One? Two! Three. four.", ["One?", "Two!", "Three. four."]),
        ("It costs 3.50 euros. Fine.", ["It costs 3.50 euros.", "Fine."]),
        ("See e.g. this one. Next.", ["See e.g. this one.", "Next."]),
        ("He said “Go.” She went.", ["He said “Go.”", "She went."]),
        ('(It is free.) "No." 12 pay.', ["(It is free.)", '"No."', "12 pay."]),
        ("Ärger. Übermut. Ørsted.", ["Ärger.", "Übermut.", "Ørsted."]),
        ("今天好。明天不好！后天？", ["今天好。", "明天不好！", "后天？"]),
        ("A boat\nleaves at\n18:30. It waits.", ["A boat\nleaves at\n18:30.", "It waits."]),
        ("Title\n\nText.", ["Title", "Text."]),
        ("Pets:\n- dogs\n* cats\n• bees", ["Pets:", "- dogs", "* cats", "• bees"]),
        ("To do:\n1. wash\n2) dry", ["To do:", "1. wash", "2) dry"]),
        ("| a | b |\n| c | d |\nText.", ["| a | b |", "| c | d |", "Text."]),
        ("a: Ann; b: 12\n\na: Bob; b: 14", ["a: Ann; b: 12", "a: Bob; b: 14"]),
        ("# Head\nText. More.", ["# Head", "Text.", "More."]),
        ("  padded.  ", ["padded."]),
        ("no stop", ["no stop"]),
        ("", []),
        (" \n\n\t", []),
    ],
)
def test_text_is_cut_into_sentences_items_and_rows(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Smith came.",
        "See No. 5 first.",
        "It weighs approx. 5 kg.",
        "J. Doe wrote it.",
        "By Sect. 3 and Art. 5 it ends on 3 Jan. 2031.",
        "Load max. 12 tons, tel. 4711, see p. 7.",
        "Ask Prof. Holm; VAT is incl. VAT on tips.",
        "Er endet am 31. Dez. 2031, z. B. am 1. Januar.",
        "Tee, Milch o. Ä. ist im Preis inkl. Frühstück enthalten, ggf. öffnet er.",
        "Hier wohnten É. Zola, der Sr. López, die Sra. Ruiz und **Dr.** Holm.",
        "Er starb 40 n. Chr. Geburt.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert split(text) == [text]
    size = len(text) - 1
    chunks = split_document(ExtractedDocument(text), document="d", chunk_size=size, chunk_overlap=0)
    assert chunks[0].page_content == text.rpartition(" ")[0]


@pytest.mark.parametrize(
    "text", ["Load to the max. Then go.", "It is 12. Marta left.", "No, no. He left."]
)
def test_a_word_that_is_also_an_abbreviation_may_end_one(text: str) -> None:
    assert len(split(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Das Haus wurde im 19. Jahrhundert gebaut.",
        "Im 2. Weltkrieg war es leer.",
        "Er wohnt im **3.** Stock.",
        "Es entstand im 17./18. Jahrhundert neu.",
        "Das Buch über die Boote der Fischer von Holm kam in 2. Auflage heraus.",
    ],
)
def test_an_ordinal_ends_no_sentence_where_nouns_have_capitals(text: str) -> None:
    assert split(text) == [text]
    assert [claim.text for claim in claims(f"{text} [1]")] == [text]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Adults pay 9. Children pay 5.", 2),
        ("The Grey Phalarope leaves Ulm at 9. Bo pays.", 2),
        ("Sie steht auf Etage 2. Der Saal ist oben.", 2),
        ("Das Boot fährt am 9. Das Haus ist zu.", 2),
        ("Los niños pagan 5. Ulva no paga.", 2),
        ("Um 9:30. Kinder zahlen um 10.30. Gäste auch.", 3),
        ("Boats ran 5 km. Cars ran 6.", 2),
        ("We asked Acme Ltd. Boats are old.", 2),
        ("It is in my sky. Use SQL. Go.", 3),
    ],
)
def test_a_number_or_a_word_that_can_be_last_ends_a_sentence(text: str, count: int) -> None:
    assert len(split(text)) == count


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The pool opens at 9.", "**Children** pay."),
        ("The pool opens at 9.", "<b>Children</b> pay."),
        ("**The pool opens at 9.**", "Children pay."),
        ("<i>The pool opens at 9.</i>", "_Children_ pay."),
        ("Set the port.", "`retention_days` is 30."),
        ("Es ist offen.", "„Kinder“ zahlen."),
        ("Er sagte: „Komm.“", "Dann ging er."),
        ("Er sagte: »Komm.«", "Dann ging er."),
        ("Elle dit « Viens. »", "« Oui », dit-il."),
        ("Il dit «Viens.»", "Puis il partit."),
        ("Cierra tarde.", "¿Se admiten perros?"),
        ("Cierra tarde.", "¡Se admiten perros!"),
        ("He said “Go.” [1]", "She went."),
        ("Es ist offen.", "Öl ist da."),
    ],
)
def test_marks_may_stand_around_a_sentences_end(first: str, second: str) -> None:
    assert split(f"{first} {second}") == [first, second]


@pytest.mark.parametrize(
    "text",
    [
        "Es gibt Tee. öffnen",
        "It is open. **children** pay",
        "**Late fees.** They are due.",
        "- **Yes.** It is.",
    ],
)
def test_a_small_letter_begins_no_sentence_and_a_label_in_emphasis_is_none(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    "parts",
    [
        ["他说：“我明天来。” [1]", "我不来。"],
        ["“今天好。”", "他说。"],
        ["今天好。", "“明天”不好。"],
        ["今天好。[1]", "明天不好。"],
        ["彼は「無料です。」と言った。", "次に帰った。"],
        ["『無料です。』って。", "無料です。", "とても安い。"],
        ["「はい。」、「いいえ。」を選ぶ。", "終わり。"],
        ["彼は「何？」。", "とても驚いた。"],
        ["本当？！", "はい！！", "え。。。"],
        ["（休館です。）", "【無料。】", "《完。》", "明日は開きます。"],
        ["「『来る。』と言った。」", "終わり。"],
        ["**今天好。** [1]", "**明天**不好。", "*后天*好。"],
        ['他说："我来。" [1]', '"今天"好。'],
        ["<b>今天好。</b>", "<b>明天</b>不好。"],
    ],
)
def test_marks_close_behind_a_sentence_of_chinese_and_japanese(parts: list[str]) -> None:
    text = "".join(parts)
    assert split(text) == parts
    claimed = "".join(claim.text for claim in claims(text))
    assert claimed == text.replace("[1]", "").replace(" ", "")


@pytest.mark.parametrize(
    "parts",
    [
        ["नाव नौ बजे चलती है।", "किराया 5 पाउंड है॥", "कुत्ते मना हैं।", "“बंद है।”", "ठीक है।"],
        ["নৌকা নয়টায় ছাড়ে।", "ভাড়া পাঁচ পাউন্ড।"],
        ["کشتی نو بجے چلتی ہے۔", "کیا کتے آ سکتے ہیں؟", "نہیں۔"],
        ["متى يغادر القارب؟", "في التاسعة."],
        ["Նավը մեկնում է ժամը 9-ին։", "Վճարը 5 է։"],
        ["ጀልባው ይሄዳል።", "ዋጋው 5 ነው።"],
        ["လှေထွက်သည်။", "၅ ပေါင်။"],
        ["ទូកចេញ។", "តម្លៃ៥។"],
    ],
)
def test_stops_of_other_scripts_end_sentences(parts: list[str]) -> None:
    text = " ".join(parts)
    assert split(text) == parts
    cited = claims(" ".join(f"{part} [1]" for part in parts))
    assert [(claim.text, claim.cited) for claim in cited] == [(part, (0,)) for part in parts]


@pytest.mark.parametrize("leader", [" ..... ", "....", " . . . . "])
def test_dots_that_lead_to_a_price_end_no_sentence(leader: str) -> None:
    assert split(f"Valve V3{leader}45.00. Sold out.") == [f"Valve V3{leader}45.00.", "Sold out."]
    assert split("Wait... Then go.") == ["Wait...", "Then go."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Boats leave at 12:30.", ["boats", "leave", "at", "12:30"]),
        ("It's £1,500.00, or €3.", ["it's", "£1,500.00", "or", "€3"]),
        ("cross-channel snake_case B2B", ["cross", "channel", "snake", "case", "b2b"]),
        ("Straße NAÏVE café", ["strasse", "naïve", "café"]),
        ("Full-width １２ ＡＢＣ", ["full", "width", "12", "abc"]),
        ("450¹ euro, 10⁶ and 5 m²", ["450", "1", "euro", "10", "6", "and", "5", "m2"]),
        ("東京3番", ["東", "京", "3", "番"]),
        ("हिन्दी में पढ़ो", ["हिन्दी", "में", "पढ़ो"]),
        ("ปิดเวลา ๑๒", ["ปิ", "ด", "เ", "ว", "ล", "า", "๑๒"]),
        ("1️⃣ m̄5", ["1", "m̄5"]),
        ("name: Anna; room: 12", ["name", "anna", "room", "12"]),
        ("1. 2) 3.", ["1", "2", "3"]),
        ("🙂 … — !", []),
        ("", []),
    ],
)
def test_words_are_folded_and_numbers_stay_whole(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When does the last boat leave?", ["last", "boat", "leav"]),
        ("What is it that they do?", []),
        ("Dogs and a dog", ["dog", "dog"]),
        ("The £1,500.00 fare of 2024", ["1500.00", "fare", "2024"]),
        ("儿童免费", ["儿", "童", "免", "费"]),
        ("Who leads IT? It is a US firm.", ["lead", "it", "us", "firm"]),
        ("WHO LEADS IT?", ["lead"]),
        ("IT", ["it"]),
        ("A dog and I", ["dog"]),
    ],
)
def test_content_is_what_is_left_without_stopwords(text: str, expected: list[str]) -> None:
    assert content(text) == expected


@pytest.mark.parametrize(
    "pair",
    [
        ("crossing", "crossed"),
        ("fares", "fare"),
        ("leaves", "leave"),
        ("ferries", "ferrie"),
        ("anna's", "anna"),
        ("anna’s", "anna"),
        ("passengers", "passenger"),
        ("1,500", "1500"),
        ("£14.20", "14.20"),
        ("d'orléans", "orléans"),
        ("l’école", "école"),
        ("qu'il", "il"),
        ("dell'azienda", "azienda"),
        ("nell'est", "est"),
        ("l'hôtel", "hôtels"),
        ("l'8", "8"),
        ("ahmet'in", "ahmet"),
        ("skjørnvik", "skjornvik"),
        ("łukasz", "lukasz"),
        ("đorđe", "dorde"),
        (words("Straße")[0], "strasse"),
        ("d'œuvre", "oeuvre"),
        ("diyarbakır", "diyarbakir"),
        ("l'île", "ile"),
    ],
)
def test_inflections_share_a_stem(pair: tuple[str, str]) -> None:
    assert stem(pair[0]) == stem(pair[1])


def test_a_name_is_the_same_when_it_is_typed_without_marks() -> None:
    typed, written = "Is Skjornvik by Lodz open?", "Is Skjørnvik by Łódź open?"
    assert names(typed) == names(written) == {"skjornvik", "lodz"}
    boat = passage("boat.md", "The boat of Skjørnvik leaves at 18.")
    (support,) = WordVerifier().verify("When does it leave Skjornvik?", [Claim("18")], [boat])
    assert support.probability >= WordVerifier.threshold


@pytest.mark.parametrize(
    ("word", "held"),
    [("skjørnvik", "skjørnvik"), ("cafés", "cafe"), ("l'eau", "l'eau"), ("1,500", "1500")],
)
def test_an_index_holds_the_stems_that_it_always_held(word: str, held: str) -> None:
    assert search_stem(word) == held


@pytest.mark.parametrize(
    "pair",
    [
        ("fare", "farm"),
        ("bus", "bush"),
        ("glass", "glas"),
        ("12:30", "12:31"),
        ("14.20", "14.2"),
        ("£1", "1"),
        ("b2b10", "b2b11"),
        ("2023", "2024"),
        ("don't", "don"),
        ("o'clock", "clock"),
        ("o'brien", "brien"),
        ("we'll", "we"),
        ("þór", "por"),
        ("ahmet'in", "mehmet'in"),
    ],
)
def test_different_words_and_numbers_have_different_stems(pair: tuple[str, str]) -> None:
    assert stem(pair[0]) != stem(pair[1])


def test_stopwords_are_folded_words() -> None:
    assert len(STOPWORDS) > 100
    assert all(words(word) == [word] for word in STOPWORDS)


@pytest.mark.parametrize(
    ("word", "expected"), [("12", True), ("b2b", True), ("twelve", True), ("dog", False)]
)
def test_a_number_is_known_by_a_digit_or_a_number_word(word: str, expected: bool) -> None:
    assert is_number(word) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When does the boat to Marram Bay leave?", {"marram", "bay"}),
        ("Kestering is where?", set()),
        ("Is the PS5 covered?", {"ps5"}),
        ("ps5 or b2b?", {"ps5", "b2b"}),
        ("What was the fare in 1998, and in 2024?", {"1998", "2024"}),
        ("May I pay when I'm on board?", set()),
        ("Which Is The One?", set()),
        ("Is Anna's boat here? Is it?", {"anna"}),
        ("成人票价多少？", set()),
        ("Où est l'atelier d'Orléans ?", {"orlean"}),
        ("Who leads the IT of the WHO?", {"it", "who"}),
        ("Who leads it, A or I?", set()),
        ("WHO LEADS IT?", set()),
        ("4. CARGO", set()),
        ("Ist das L'unità 5 oder l'A380?", {"a380"}),
        ("", set()),
    ],
)
def test_names_are_capitals_inside_a_sentence_codes_and_years(
    question: str, expected: set[str]
) -> None:
    assert names(question) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Twelve of twenty-five", ["12", "25"]),
        ("two hundred, three thousand, forty one", ["200", "3000", "40"]),
        ("zero dozen thirty nineteen", ["0", "12", "30", "19"]),
        ("the first, 2nd, Third and tenth", ["1st", "2nd", "3rd", "10th"]),
        ("half", ["½"]),
        ("one of ten tents attend", ["10", "tent", "attend"]),
    ],
)
def test_numbers_in_words_are_the_same_as_in_digits(text: str, expected: list[str]) -> None:
    assert content(text) == expected


@pytest.mark.parametrize(
    ("question", "doubtful"),
    [
        ("Can I return a Season Ticket bought by Card?", {"season", "ticket", "card"}),
        ("How Do I Get a Refund for a Lost Ticket in 2024?", {"refund", "lost", "ticket"}),
        ("Where is Marram Bay?", set()),
        ("How many kennels are there on the Grey Phalarope?", set()),
        ("WHERE IS MARRAM BAY IN WINTER?", set()),
    ],
)
def test_capitals_are_doubtful_names_where_most_words_have_one(
    question: str, doubtful: set[str]
) -> None:
    assert doubtful_names(question) == doubtful
    assert doubtful <= names(question)
    assert uncapitalised("Ticket cards in 2024 and ÉCU") == {"card", "in", "and"}


def test_a_titles_capitals_are_names_unless_a_text_beside_it_writes_them_small() -> None:
    asked = "Can I return a Season Ticket bought by Card?"
    assert sure_names(asked, ["A Ticket is returned.", "Pay by card."]) == {"season", "ticket"}
    assert sure_names("Where is Marram Bay?", ["a marram grass"]) == {"marram", "bay"}
