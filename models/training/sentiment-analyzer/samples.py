"""Texts by which a version shows itself: golden examples, known weaknesses, and inputs to compare the server with."""

LONG_PRAISE = (
    "We took this stroller through three countries, two airports and one very muddy festival. "
    "It folds with one hand, the wheels are still quiet and the seat can be washed in the machine. "
) * 12
LONG_COMPLAINT = (
    "The heating was broken when we arrived and the reception told us to wait. We waited. "
    "On the second day they brought a blanket, on the third day somebody looked at the radiator and left again. "
) * 12

# (note, text)
GOLDEN: list[tuple[str, str]] = [
    ("plain praise", "I would buy it again."),
    ("plain complaint", "It broke after two days and nobody answers my emails."),
    ("film praise", "A warm, funny and beautifully acted film."),
    ("film complaint", "Two hours of my life that I will never get back."),
    ("negated complaint", "Not bad at all."),
    ("negated praise", "I would not recommend this to anyone."),
    ("mixed, the verdict at the end", "The room was small and noisy, but the staff made up for everything and we will be back."),
    ("mixed, the complaint at the end", "Beautiful design, but it stopped working after a week."),
    ("longer than maxTokens", LONG_PRAISE + LONG_COMPLAINT),
    ("emoji, accents and curly quotes", "Très déçu… the “crème brûlée” wasn’t even cold 😡"),
    ("capitals", "THIS IS THE BEST PHONE I HAVE EVER OWNED!!!"),
    ("one word", "awful"),
    ("sarcasm", "Great, another update that breaks everything."),
    ("question", "Why does it crash every time I open it?"),
    ("neutral", "The package arrived on Tuesday."),
    ("markup and a link", "<b>Loved</b> it &amp; would go again: https://example.com/menu?id=7#top"),
]

# (weakness, text, the label that a reader would give, None where a reader would give none)
WEAKNESSES: list[tuple[str, str, str | None]] = [
    ("sarcasm", "Oh great, a fourth login screen. Exactly what my morning needed.", "NEGATIVE"),
    ("sarcasm", "What a treat to spend Christmas on hold with your hotline.", "NEGATIVE"),
    ("negation at a distance", "Nobody who has used the old one would call this an improvement.", "NEGATIVE"),
    ("double negation", "I can't say I didn't enjoy it.", "POSITIVE"),
    ("mild words", "The soup was okay, I guess.", None),
    ("neutral", "My order number is 48213 and I live in Oslo.", None),
    ("praise of another thing", "Buy the one from the competitor instead, it is fantastic.", "NEGATIVE"),
    ("knowledge of the world", "The battery lasts forty minutes.", "NEGATIVE"),
    ("technical terms that sound ill", "The thriller kills: dark, brutal and merciless, I could not look away.", "POSITIVE"),
    ("German", "Das Essen war kalt und der Kellner unfreundlich.", "NEGATIVE"),
    ("Spanish", "Me encanta, funciona de maravilla.", "POSITIVE"),
    ("emoji only, unknown to the vocabulary", "🤮🤮🤮", "NEGATIVE"),
]

# What a server might read differently from Python; ten of the golden texts come on top.
SERVER_TEXTS: list[str] = [
    *(text for _, text in GOLDEN),
    *(text for _, text, _ in WEAKNESSES),
    "a",
    "!",
    "🙂",
    "👩‍👩‍👧‍👦 lovely family place",
    "这个产品非常好",
    "この映画は最高でした。",
    "정말 좋아요",
    "Ça m'a plu énormément, naïve façade",
    "cafe\u0301 versus café",
    "tabs\tand\nnew\r\nlines",
    "control \u0000\u0001\u0008 characters \u007f and \u200b zero\u200dwidth",
    "soft\u00adhyphen and non\u00a0breaking\u2003spaces",
    "Straße, ŁÓDŹ, İstanbul, ﬁne ﬂow",
    "½ price, 20 °C, €5.99, 3×4 = 12",
    "user_name@example.com #NoFilter @someone",
    "supercalifragilisticexpialidocious" * 4,
    "x" * 300,
    "[CLS] I love it [SEP] [PAD] [MASK] [UNK]",
    "don't can't won't isn't it's we're I'd you'll",
    "dont cant wont isnt",
    "don’t can’t won’t isn’t",
    "no no no no no",
    "مطعم ممتاز",
    "Отличный сервис, рекомендую",
    "good " * 400,
    "terrible " * 254,
    "\ufeffA byte order mark in front",
    "\ufffd replacement and \ue000 private use",
    "'; DROP TABLE reviews; --",
    "{\"text\": \"I love JSON\"}",
]
