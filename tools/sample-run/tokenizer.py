"""A tokenizer whose pieces concatenate to the text: words with the space before them, single digits, marks."""
import re

PIECE = re.compile(r" ?[A-Za-z]+| ?[^\sA-Za-z0-9]|[0-9]|\s")
PAD, END = 0, 1


class Tokenizer:
    """Numbers pieces in the order of first sight; 0 is padding, 1 the end of the text."""

    def __init__(self, texts):
        pieces = dict.fromkeys(piece for text in texts for piece in PIECE.findall(text))
        self.pieces = ["", ""] + list(pieces)
        self.ids = {piece: index for index, piece in enumerate(self.pieces) if piece}

    def __len__(self):
        return len(self.pieces)

    def encode(self, text):
        """The ids of a text; a piece never seen is an error, as nothing may be lost."""
        return [self.ids[piece] for piece in PIECE.findall(text)]

    def decode(self, ids):
        return "".join(self.pieces[i] for i in ids)


def prompt_text(problem):
    """The prompt as the policy sees it: role names in plain words."""
    return f"user\n{problem.text}\nassistant\n"
