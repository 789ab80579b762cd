"""Recommend the next item of a shopping session, from a data frame of events.

    python examples/session_recommendations.py

The events are made up: each user buys items of a few themes, one theme at a time, and the items of
a theme in a loose order. The last item of each session is held out. The script asks which items are
most similar to the three before it, and compares how often the held-out item is among the first ten
with recommending the ten most popular items to everyone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import skipgram

USERS = 4000
THEMES = 40
ITEMS_OF_A_THEME = 25
SESSION_ITEMS = 12
TOP = 10


def make_events(seed: int = 1) -> pd.DataFrame:
    """Return a log of events, one item per row, sorted by time and not by user."""
    rng = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, THEMES + 1) ** 0.5
    themes = rng.choice(THEMES, (USERS, 2), p=popularity / popularity.sum())
    change = rng.integers(3, SESSION_ITEMS - 3, (USERS, 1))
    step = np.arange(SESSION_ITEMS)
    theme = np.where(step < change, themes[:, :1], themes[:, 1:])
    start = rng.integers(0, ITEMS_OF_A_THEME, (USERS, 1))
    place = (start + step + rng.integers(-2, 3, (USERS, SESSION_ITEMS))) % ITEMS_OF_A_THEME
    events = pd.DataFrame(
        {
            "user": np.repeat(np.arange(USERS), SESSION_ITEMS),
            "item": (1000 + theme * ITEMS_OF_A_THEME + place).ravel(),
            "minute": (rng.integers(0, 10_000, (USERS, 1)) + 3 * step).ravel(),
        }
    )
    return events.sort_values("minute", kind="stable", ignore_index=True)


def hit_rate(recommended: list[list[int]], bought: list[int]) -> float:
    """Return the share of held-out items that were recommended."""
    return float(np.mean([item in items for item, items in zip(bought, recommended, strict=True)]))


def main() -> None:
    """Train on all but the last item of each session, and recommend the last."""
    events = make_events()
    last = ~events.duplicated("user", keep="last")
    past, held_out = events[~last], events[last].set_index("user")["item"]
    print(f"{len(events):,} events of {USERS:,} users")

    embeddings = skipgram.train(
        past,
        column="item",
        group_by="user",
        order_by="minute",
        vector_size=64,
        window=3,
        sample=0,  # items that are popular are as good to learn from as others
        epochs=20,
        min_count=1,
    )

    recent = past.groupby("user")["item"].apply(lambda items: items.tolist()[-3:])
    users = held_out.index[:1000]
    recommended = [
        [int(item) for item, _ in embeddings.most_similar([str(i) for i in recent[user]], topn=TOP)]
        for user in users
    ]
    popular = past["item"].value_counts().index[:TOP].tolist()

    bought = held_out[users].tolist()
    print(f"hit rate at {TOP}, most similar to the last three: {hit_rate(recommended, bought):.1%}")
    print(f"hit rate at {TOP}, most popular: {hit_rate([popular] * len(users), bought):.1%}")


if __name__ == "__main__":
    main()
