"""A byte-level BPE tokenizer: training, encoding, and the `tokenizer.json` of Hugging Face's format.

Every digit and every punctuation mark is its own piece, so that numbers and operators are read the same everywhere.
"""
import collections
import json
import re
import unicodedata

SPECIAL = ["<pad>", "<bos>", "<step>", "<sol>"]
PIECES = re.compile(r"'(?:[sdmtSDMT]|ll|ve|re)| ?[^\W\d_]+|\d| ?[^\s\w]|_+|\s*[\r\n]+|\s+(?!\S)|\s+")
PIECES_FOR_JSON = r"'(?:[sdmtSDMT]|ll|ve|re)| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}_]|_+|\s*[\r\n]+|\s+(?!\S)|\s+"


def byte_alphabet():
    """The printable character that stands for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {**{byte: chr(byte) for byte in plain}, **{byte: chr(256 + i) for i, byte in enumerate(rest)}}


ALPHABET = byte_alphabet()
BYTE_OF = {character: byte for byte, character in ALPHABET.items()}


def stand_in(character):
    """A character of the same class, as JavaScript's regular expressions see classes (Python's differ a little)."""
    if character in "\x1c\x1d\x1e\x1f\x85":
        return "!"
    if character < "\x80":
        return character
    if character == "\ufeff" or character.isspace():
        return "\u3000"
    return {"L": "é", "N": "0"}.get(unicodedata.category(character)[0], "!")


def pieces(text):
    """The text cut into pieces, in the byte alphabet."""
    shape = text if text.isascii() else "".join(map(stand_in, text))
    return ["".join(ALPHABET[byte] for byte in text[found.start():found.end()].encode())
            for found in PIECES.finditer(shape)]


def base_vocabulary():
    """Special tokens, then the digits, then all other bytes."""
    digits = [ALPHABET[ord(digit)] for digit in "0123456789"]
    others = [character for _, character in sorted(ALPHABET.items()) if character not in digits]
    return {token: index for index, token in enumerate([*SPECIAL, *digits, *others])}


def merge_piece(parts, pair):
    """`parts` with every occurrence of `pair` joined."""
    joined, index = [], 0
    while index < len(parts):
        if tuple(parts[index:index + 2]) == pair:
            joined.append(pair[0] + pair[1])
            index += 2
        else:
            joined.append(parts[index])
            index += 1
    return joined


def train(texts, size, old=None):
    """Learns the merges of a vocabulary of `size` tokens; with an `old` tokenizer further ones behind its own."""
    vocabulary, merges = base_vocabulary(), []
    counts = collections.Counter(piece for text in texts for piece in pieces(text))
    words = [[list(piece), count] for piece, count in counts.items() if len(piece) > 1]
    if old is not None:
        vocabulary, merges = dict(old.vocabulary), sorted(old.ranks, key=old.ranks.get)
        tokens = {index: token for token, index in vocabulary.items()}
        words = [[[tokens[index] for index in old.piece("".join(parts))[0]], count] for parts, count in words]
    pair_counts, places = collections.Counter(), collections.defaultdict(set)
    for index, (parts, count) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pair_counts[pair] += count
            places[pair].add(index)
    while len(vocabulary) < size and pair_counts:
        pair, _ = max(pair_counts.items(), key=lambda item: (item[1], item[0]))
        merges.append(pair)
        vocabulary[pair[0] + pair[1]] = len(vocabulary)
        for index in list(places[pair]):
            parts, count = words[index]
            merged = merge_piece(parts, pair)
            for old in zip(parts, parts[1:]):
                pair_counts[old] -= count
            for new in zip(merged, merged[1:]):
                pair_counts[new] += count
                places[new].add(index)
            words[index][0] = merged
        del pair_counts[pair]
    return vocabulary, merges


class Tokenizer:
    """Encodes text as the exported file does."""

    def __init__(self, vocabulary, merges):
        self.vocabulary = vocabulary
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.known = {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            model = json.load(file)["model"]
        return cls(model["vocab"], [tuple(merge.split(" ")) for merge in model["merges"]])

    def texts(self):
        """The text of each token, for the tables of the model."""
        tokens = sorted(self.vocabulary, key=self.vocabulary.get)
        return [token if token in SPECIAL else bytes(BYTE_OF[c] for c in token).decode("utf-8", "replace")
                for token in tokens]

    def piece(self, piece):
        """Ids and byte lengths of one piece."""
        if piece not in self.known:
            parts = list(piece)
            while len(parts) > 1:
                pair = min(zip(parts, parts[1:]), key=lambda two: self.ranks.get(two, 1 << 30))
                if pair not in self.ranks:
                    break
                parts = merge_piece(parts, pair)
            if len(self.known) > 200_000:
                self.known.clear()
            self.known[piece] = [self.vocabulary[part] for part in parts], [len(part) for part in parts]
        return self.known[piece]

    def encode(self, text):
        """Ids of a text, and for each the byte offset of its end."""
        ids, ends, offset = [], [], 0
        for piece in pieces(text):
            found, lengths = self.piece(piece)
            ids += found
            for length in lengths:
                offset += length
                ends.append(offset)
        return ids, ends


def save(vocabulary, merges, path):
    """Writes `tokenizer.json`. No post-processor: the pieces of the template are encoded one by one."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": PIECES_FOR_JSON}, "behavior": "Isolated", "invert": False}
    added = [{"id": index, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for index, token in enumerate(SPECIAL)]
    content = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
               "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]}, "post_processor": None,
               "decoder": byte_level,
               "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                         "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "vocab": vocabulary,
                         "merges": [f"{left} {right}" for left, right in merges]}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
