"""What installs and runs said, kept on disk, served and followed."""

import json
import os
import threading

# Of both segments together, in bytes.
LIMIT = 10 << 20
# A longer text is kept as several, so that each line fits into what is read at once: JSON may take 6 bytes a character.
PIECE = 32 * 1024
READ = 256 * 1024


class Journal:
    """Lines `["operation", "text"]` in two segments of half the limit each: the older goes when the newer is full."""

    def __init__(self, folder, limit=LIMIT):
        self._path = os.path.join(folder, "operations.jsonl")
        self._older = self._path + ".1"
        self._limit = limit // 2
        self._news = threading.Condition()
        self._file = None
        # Where the present segment begins in the stream of all that was ever written.
        self._origin = size(self._older)

    def write(self, operation, text):
        """One text; a disk that is full loses it and nothing else."""
        with self._news:
            try:
                for start in range(0, len(text), PIECE):
                    self._append((json.dumps([operation, text[start : start + PIECE]]) + "\n").encode("ascii"))
            except OSError:
                self._file = None
            self._news.notify_all()

    def follow(self, operation, follow, cancel):
        """Yields (operation, text), oldest first; with `follow` until cancelled."""
        off = cancel.on_set(self._wake)
        position = 0
        try:
            while not cancel.is_set():
                position, lines = self._read(position, follow, cancel)
                for line in lines:
                    kind, text = json.loads(line)
                    if operation in (None, kind):
                        yield kind, text
                if not lines:
                    return
        finally:
            off()

    def close(self):
        with self._news:
            if self._file:
                self._file.close()
            self._file = None

    def _append(self, data):
        if self._file is None:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            self._file = private(self._path)
        if self._file.tell() + len(data) > self._limit:
            self._origin += self._file.tell()
            self._file.close()
            os.replace(self._path, self._older)
            self._file = private(self._path)
        self._file.write(data)

    def _read(self, position, wait, cancel):
        """(next position, lines) from a position in the whole stream; without `wait` no lines at its end."""
        with self._news:
            while True:
                chunk, position = self._chunk(position)
                if chunk or not wait or cancel.is_set():
                    break
                self._news.wait()
            end = chunk.rfind(b"\n") + 1
            return position + end, chunk[:end].splitlines()

    def _chunk(self, position):
        older = size(self._older)
        position = max(position, self._origin - older)
        in_older = position < self._origin
        try:
            with open(self._older if in_older else self._path, "rb") as file:
                file.seek(position - self._origin + (older if in_older else 0))
                return file.read(READ), position
        except OSError:
            return b"", position

    def _wake(self):
        with self._news:
            self._news.notify_all()


def private(path):
    return open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab", 0)


def size(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
