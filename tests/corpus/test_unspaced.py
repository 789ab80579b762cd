"""Text without spaces between words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import skipgram
from skipgram import CorpusConfig
from skipgram.corpus.unspaced import SCRIPTS, advise_on_unspaced, remedy_for_unspaced
from skipgram.errors import CorpusError, NothingToTrainError
from skipgram.training.events import Event, ScanFinished
from skipgram.vocabulary import Vocabulary

CHINESE = ["我喜欢吃苹果", "他去河边散步", "今天的天气非常好，我们去公园吧。"]
JAPANESE = ["私はりんごが好きです", "彼は川へ散歩に行きます"]
THAI = ["ผมชอบกินแอปเปิ้ลมาก", "เขาไปเดินเล่นริมแม่น้ำ"]
LAO = ["ຂ້ອຍມັກກິນຫມາກໂປມຫຼາຍ"]
KHMER = ["ខ្ញុំចូលចិត្តញ៉ាំផ្លែប៉ោម"]
BURMESE = ["ကျွန်တော်ပန်းသီးကြိုက်တယ်"]
SPLIT = {
    "Chinese": "我 喜欢 吃 苹果 他 去 河边 散步 北京大学",
    "Japanese": "私 は りんご が 好き です コンピューター",
    "Thai": "ผม ชอบ กิน แอปเปิ้ล มาก",
    "Korean, which has spaces": "대한민국헌법재판소에서는 사과를 좋아합니다",
    "Russian": "превысокомногорассмотрительствующий мир",
    "English": "one two three",
    "little Chinese": "one two three " * 30 + "我喜欢吃苹果",
}


def vocabulary(words: list[str]) -> Vocabulary:
    counted = Counter(words)
    return Vocabulary(list(counted), np.array(list(counted.values())))


@pytest.mark.parametrize(
    ("words", "tokenizer"),
    [
        (CHINESE, "jieba:lcut"),
        (["東京都の" + CHINESE[0], *CHINESE], "jieba:lcut"),
        (JAPANESE, "tinysegmenter:tokenize"),
        (THAI, "pythainlp:word_tokenize"),
        (LAO, "laonlp:word_tokenize"),
        (KHMER, "khmernltk:word_tokenize"),
        (BURMESE, "pyidaungsu:tokenize"),
    ],
)
def test_sentences_without_spaces_name_a_tokenizer(words: list[str], tokenizer: str) -> None:
    remedy = remedy_for_unspaced(vocabulary(words), CorpusConfig())
    assert remedy.startswith(f"set tokenizer={tokenizer}, or another function")
    assert advise_on_unspaced(vocabulary(words), CorpusConfig()).endswith(remedy)
    assert advise_on_unspaced(vocabulary(words * 2), CorpusConfig()) == ""
    for reading in (
        CorpusConfig(tokenizer="jieba:lcut"),
        CorpusConfig(token_pattern="."),
        CorpusConfig(column="item", group_by="user"),
    ):
        assert remedy_for_unspaced(vocabulary(words), reading) == ""


@pytest.mark.parametrize("text", SPLIT.values(), ids=SPLIT)
def test_words_are_no_sentences(text: str) -> None:
    assert remedy_for_unspaced(vocabulary(text.split()), CorpusConfig()) == ""


def test_tokenizers_are_written_as_the_option_takes_them() -> None:
    for script in SCRIPTS:
        assert CorpusConfig(tokenizer=script.tokenizer[0])


def test_training_on_sentences_without_spaces(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(CHINESE[:2] * 50))
    with pytest.raises(NothingToTrainError, match="sentence; set tokenizer=jieba:lcut, or another"):
        skipgram.train(path, min_count=1)
    path.write_text("\n".join(CHINESE))
    with pytest.raises(CorpusError, match="occurs 1 time; set tokenizer=jieba:lcut, or another"):
        skipgram.train(path)


def test_advice_where_training_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    # Two words make up a tenth of the text and are all that is kept.
    path.write_text("".join(f"{CHINESE[0]}{n} one two\n" for n in range(9)))
    events: list[Event] = []
    skipgram.train(path, sample=0, epochs=1, callbacks=[events.append])
    [event] = [event for event in events if isinstance(event, ScanFinished)]
    assert event.advice == (
        "note: many words are sentences without spaces, such as '我喜欢吃苹果0'; set "
        "tokenizer=jieba:lcut, or another function that splits Chinese into words (pip install "
        "jieba)"
    )
