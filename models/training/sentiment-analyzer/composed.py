"""Sentences composed for what the corpora lack: negation, contrast, services, apps, support, questions, irony, short words."""

import random
from collections.abc import Callable

from example import Example
from phrasebook import BLAMED, DOMAINS, FEELINGS, MISHAPS, NEUTRAL, PRAISED, QUESTIONS, SHORT, THINGS, TROUBLES, VERDICTS

DOMAIN = "composed sentences"
GOOD, BAD = 0.97, 0.03
# Where a clause of each kind stands, the last one or the main one usually gives the verdict.
LEANS_GOOD, LEANS_BAD = 0.75, 0.25

Phrase = tuple[str, float]


def compose(count: int, seed: int) -> list[Example]:
    """`count` different sentences; the same seed gives the same ones."""
    dice = random.Random(seed)
    texts: dict[str, float] = {}
    fixed = [*SHORT, *QUESTIONS, *VERDICTS, *((text, 0.5) for text in NEUTRAL)]
    for text, positive in fixed:
        texts.setdefault(text, positive)
    while len(texts) < count:
        frame = dice.choices([f for f, _ in FRAMES], [weight for _, weight in FRAMES])[0]
        text, positive = frame(dice)
        texts.setdefault(finish(text, positive, dice), positive)
    return [Example(text, positive, DOMAIN) for text, positive in texts.items()]


def statement(dice: random.Random, good: bool) -> str:
    """A plain clause on one aspect: "the soup was cold and bland"."""
    aspects, praises, complaints = DOMAINS[dice.choice(list(DOMAINS))]
    return f"{dice.choice(['the', 'the', 'the', 'their', 'my'])} {dice.choice(aspects)} {dice.choice(praises if good else complaints)}"


def verdict(dice: random.Random, good: bool) -> str:
    return dice.choice([text for text, positive in VERDICTS if (positive > 0.9 if good else positive < 0.1)])


def plain(dice: random.Random) -> Phrase:
    good = dice.random() < 0.5
    return statement(dice, good), GOOD if good else BAD


def concluded(dice: random.Random) -> Phrase:
    good = dice.random() < 0.5
    return f"{statement(dice, good)}{dice.choice(['. ', ', ', ' - ', '! '])}{verdict(dice, good)}", 0.98 if good else 0.02


def two_statements(dice: random.Random) -> Phrase:
    good = dice.random() < 0.5
    return f"{statement(dice, good)} and {statement(dice, good)}", 0.98 if good else 0.02


def negated(dice: random.Random) -> Phrase:
    praised = dice.random() < 0.5
    quality = dice.choice(PRAISED if praised else BLAMED)
    form = dice.choice(["is not {}", "isn't {}", "was not {}", "wasn't {} at all", "is not {} at all", "is anything but {}", "was far from {}", "was never {}", "is by no means {}", "wasn't {} in the least", "isn't the least bit {}"])
    return f"{dice.choice(THINGS)} {form.format(quality)}", 0.04 if praised else 0.88


def feeling(dice: random.Random) -> Phrase:
    """"I am not happy with the app": negation of what the writer feels."""
    word, good = dice.choice(FEELINGS)
    by_good = [("I am {} with {}", GOOD), ("I'm very {} with {}", GOOD), ("I am not {} with {}", 0.03), ("I'm not {} with {} at all", 0.03), ("I was never {} with {}", 0.04), ("I can't say I'm {} with {}", 0.05), ("I can honestly say I am {} with {}", 0.98), ("I would be {} with {} if it worked", 0.06)]
    by_bad = [("I am {} by {}", BAD), ("I'm so {} by {}", BAD), ("I was not {} by {}", 0.92), ("I was never {} by {}", 0.92), ("nobody will be {} by {}", 0.9), ("I have never been so {} by {}", 0.02), ("you won't be {} by {}", 0.95)]
    form, positive = dice.choice(by_good if good else by_bad)
    return form.format(word, dice.choice(THINGS)), positive


def denied_trouble(dice: random.Random) -> Phrase:
    """Troubles that are absent are praise; troubles that are present are not."""
    trouble, thing = dice.choice(TROUBLES), dice.choice(THINGS)
    absent = [f"no {trouble} with {thing} so far", f"I have never had any {trouble} with {thing}", f"we have used {thing} for a year without {trouble}", f"zero {trouble}", f"I don't have any {trouble} with {thing}", f"never had {trouble} with {thing}"]
    present = [f"nothing but {trouble} with {thing}", f"I have had endless {trouble} with {thing}", f"so many {trouble} with {thing}", f"there is no end to the {trouble}", f"{thing} gave me {trouble} from day one", f"I am tired of the {trouble}"]
    good = dice.random() < 0.5
    return dice.choice(absent if good else present), 0.95 if good else 0.04


def contrast(dice: random.Random) -> Phrase:
    """The clause after "but", or the main clause beside "although", carries the judgement."""
    good = dice.random() < 0.5
    minor, major = statement(dice, not good), statement(dice, good)
    form = dice.choice(["{minor}, but {major}", "{minor} but {major}", "although {minor}, {major}", "even though {minor}, {major}", "{major}, even though {minor}", "{minor}. however, {major}", "{minor}, yet {major}"])
    return form.format(minor=minor, major=major), LEANS_GOOD if good else LEANS_BAD


def contrast_with_verdict(dice: random.Random) -> Phrase:
    good = dice.random() < 0.5
    minor, judgement = statement(dice, not good), verdict(dice, good)
    form = dice.choice(["{minor}, but {judgement}", "{minor}, but overall {judgement}", "{minor}. still, {judgement}", "although {minor}, {judgement}", "{minor}. despite that, {judgement}"])
    return form.format(minor=minor, judgement=judgement), 0.92 if good else 0.06


def expectation(dice: random.Random) -> Phrase:
    thing, praise, blame = dice.choice(THINGS), dice.choice(PRAISED), dice.choice(BLAMED)
    return dice.choice([
        (f"I expected {thing} to be {blame}, but I was wrong", 0.93),
        (f"I was told {thing} would be {praise}, but it wasn't", 0.04),
        (f"I expected {thing} to be {praise} and got the opposite", 0.04),
        (f"I thought {thing} would be {praise}. it is not", 0.04),
        (f"I thought {thing} would be {blame}. it is not", 0.9),
        (f"I wanted to love {thing}, but I don't", 0.05),
        (f"I wanted to hate {thing}, but I love it", 0.94),
        (f"{thing} used to be {praise}, not anymore", 0.04),
        (f"{thing} used to be {blame}, but now it is {praise}", 0.92),
        (f"if only {thing} were {praise}", 0.08),
        (f"{thing} could have been {praise}", 0.12),
        (f"{thing} would be {praise} if it worked", 0.05),
        (f"I don't think {thing} is {praise}", 0.06),
        (f"I don't think {thing} is {blame}", 0.85),
        (f"nobody can say {thing} is {blame}", 0.88),
        (f"don't believe those who say {thing} is {praise}", 0.07),
        (f"too {dice.choice(['slow', 'expensive', 'small', 'loud', 'complicated', 'salty'])} for me", 0.06),
    ])


def irony(dice: random.Random) -> Phrase:
    opening = dice.choice(["great, {}", "oh wonderful, {}", "just what I needed: {}", "thanks for {}", "thanks a lot for {}", "well done on {}", "I just love {}", "congratulations on {}", "bravo, {}"])
    return opening.format(dice.choice(MISHAPS)), 0.06


def rating(dice: random.Random) -> Phrase:
    stars = dice.choice([0, 1, 2, 4, 5])
    reason = statement(dice, stars > 3)
    return dice.choice([f"{stars} stars. {reason}", f"{stars}/5, {reason}", f"{stars} out of 5: {reason}", f"{reason}. {stars} stars"]), 0.95 if stars > 3 else 0.03


FRAMES: list[tuple[Callable[[random.Random], Phrase], float]] = [
    (plain, 3), (concluded, 3), (two_statements, 1), (negated, 4), (feeling, 2), (denied_trouble, 2), (contrast, 2),
    (contrast_with_verdict, 3), (expectation, 4), (irony, 1), (rating, 1),
]  # fmt: skip


def finish(text: str, positive: float, dice: random.Random) -> str:
    """A capital, an end mark and now and then a face that agrees with the text."""
    if dice.random() < 0.7:
        text = text[0].upper() + text[1:]
    if not text.endswith(("?", "!", ".")):
        text += dice.choice(["", ".", ".", "!", "!!", "..."])
    if dice.random() < 0.05 and not LEANS_BAD <= positive <= LEANS_GOOD:
        text += dice.choice([" :)", " :-)", " 👍"] if positive > 0.5 else [" :(", " :-(", " 👎"])
    return text
