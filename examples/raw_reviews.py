"""From raw reviews in a CSV file, with HTML and punctuation, to clean neighbours.

    python raw_reviews.py

The reviews are made up: shoppers write about the sound, the battery, the screen, the delivery or
the fit of what they bought. The script writes them to reviews.csv as a shop would export them, with
tags, entities, capitals, URLs, commas and line breaks. Then it trains on the column of texts twice,
as it is and with `clean=True`, and prints how words are spelled and which are nearest to them. Run
it in an empty folder; it needs the extra `data`.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

import skipgram
from skipgram.training.events import Event, ScanFinished

REVIEWS = 1500

TOPICS = {
    "sound": {
        "parts": ["sound", "bass", "volume", "microphone", "speakers", "treble"],
        "praise": ["crisp", "loud", "balanced", "rich"],
        "blame": ["tinny", "muffled", "distorted", "crackling"],
        "places": ["during calls", "with music", "at full volume", "in a noisy train"],
    },
    "battery": {
        "parts": ["battery", "charger", "charging", "cable", "standby", "adapter"],
        "praise": ["fast", "long-lasting", "reliable", "efficient"],
        "blame": ["drained", "slow", "overheating", "weak"],
        "places": ["after 3 hours", "overnight", "on a long trip", "after 100% charge"],
    },
    "screen": {
        "parts": ["screen", "display", "pixels", "brightness", "colours", "resolution"],
        "praise": ["bright", "sharp", "vivid", "scratch-free"],
        "blame": ["dim", "blurry", "flickering", "scratched"],
        "places": ["in sunlight", "at night", "from the side", "at 60 Hz"],
    },
    "delivery": {
        "parts": ["delivery", "parcel", "box", "courier", "packaging", "shipping"],
        "praise": ["prompt", "careful", "early", "well-packed"],
        "blame": ["late", "damaged", "lost", "delayed"],
        "places": ["within 2 days", "at the door", "by the post office", "before the weekend"],
    },
    "fit": {
        "parts": ["fit", "size", "strap", "sleeve", "waist", "fabric"],
        "praise": ["comfortable", "soft", "stretchy", "true-to-size"],
        "blame": ["tight", "loose", "itchy", "short"],
        "places": ["around the wrist", "after one wash", "on my arms", "for tall people"],
    },
}

SENTENCES = [
    "The {part} is {word} {place}, and the {other} is {also}",
    "I don't regret it: {word} {part}, {also} {other}",
    "My wife's {part} was {word} {place}",
    "Honestly, the {part} isn't {word}; the {other} is {also} {place}",
    "{part} and {other}: {word}, {also} & fine {place}",
    "It's the {part} that I noticed first ({word} {place})",
]

ENDS = [".", "!", "...", "!!!", "?"]


def write_sentence(draw: random.Random, topic: dict[str, list[str]]) -> str:
    """Return a sentence about a topic, with the capitals of people who write in a hurry."""
    part, other = draw.sample(topic["parts"], 2)
    word, also = draw.sample(topic[draw.choice(["praise", "blame"])], 2)
    text = draw.choice(SENTENCES).format(
        part=part, other=other, word=word, also=also, place=draw.choice(topic["places"])
    )
    text = text.upper() if draw.random() < 0.1 else text[0].upper() + text[1:]
    return text + draw.choice(ENDS)


def write_review(draw: random.Random) -> str:
    """Return a review of some sentences on one topic, as HTML."""
    topic = draw.choice(list(TOPICS.values()))
    sentences = [write_sentence(draw, topic) for _ in range(draw.randint(2, 5))]
    text = draw.choice(["<br />", "<br/><br/>", "\n", " "]).join(sentences)
    text = text.replace(" & ", " &amp; ").replace("'", draw.choice(["'", "&#39;", "\u2019"]))
    if draw.random() < 0.2:
        text = f"<p>{text}</p>"
    if draw.random() < 0.2:
        text = text.replace("the ", "<b>the</b> ", 1)
    if draw.random() < 0.1:
        text += f" See https://shop.example.org/item?id={draw.randint(1, 9999)}"
    return text


def write_csv(path: Path) -> None:
    """Write reviews as a shop exports them: cells with commas and line breaks are quoted."""
    draw = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "stars", "review"])
        for number in range(REVIEWS):
            rows.writerow([number, draw.randint(1, 5), write_review(draw)])


def show_advice(event: Event) -> None:
    """Print what skipgram says about the words of the text; terminals show it by themselves."""
    if isinstance(event, ScanFinished) and event.advice:
        print(event.advice, end="\n\n")


def train(path: Path, *, clean: bool) -> skipgram.Embeddings:
    """Train on the column of reviews."""
    return skipgram.train(
        path, column="review", clean=clean, vector_size=50, epochs=20, callbacks=[show_advice]
    )


def nearest(embeddings: skipgram.Embeddings, word: str) -> str:
    """Return the five nearest words."""
    if word not in embeddings:
        return f"none, as {word!r} does not occur by itself"
    return ", ".join(found for found, _ in embeddings.most_similar(word, topn=5))


def spellings(embeddings: skipgram.Embeddings, word: str) -> str:
    """Return the first words that contain a word, such as 'battery' and 'Battery:'."""
    return " ".join([found for found in embeddings.words if word in found.lower()][:6])


def main() -> None:
    """Train on raw and on clean text, and compare the words and their neighbours."""
    path = Path("reviews.csv")
    write_csv(path)
    raw, clean = train(path, clean=False), train(path, clean=True)
    print(f"different words: {len(raw):,} as it is, {len(clean):,} with clean=True")
    for word in ["battery", "comfortable", "weekend"]:
        print(f"\n{word!r}")
        print(f"  spelled, as it is:        {spellings(raw, word)}")
        print(f"  spelled, with clean=True: {spellings(clean, word)}")
        print(f"  nearest, as it is:        {nearest(raw, word)}")
        print(f"  nearest, with clean=True: {nearest(clean, word)}")


if __name__ == "__main__":
    main()
