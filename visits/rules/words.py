"""What several people write into one text, line after line."""


def holds(text: str, words: str) -> bool:
    """Whether these words stand there, by themselves and not inside of others."""
    return not words or f"\n{words}\n" in f"\n{text}\n"


def with_words(text: str, words: str) -> str:
    """The text with the words at its end, or the words alone if they are the text written further."""
    if words.startswith(text):
        return words
    return text if holds(text, words) else f"{text}\n{words}"
