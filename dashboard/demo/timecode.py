"""Draws a timecode of block digits directly into the planes of a video frame."""

DIGITS = {
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    ":": (0, 4, 4, 0, 4, 4, 0),
    ".": (0, 0, 0, 0, 0, 12, 12),
}
COLUMNS = 6  # five for the digit, one for the space
ROWS = 7
INK, SHADE = 235, 32


def time_code(frame: int, fps: int) -> str:
    """Returns `MM:SS.FF`, where FF is the number of the frame within its second."""
    seconds, rest = divmod(frame, fps)
    return f"{seconds // 60:02d}:{seconds % 60:02d}.{rest:02d}"


def text_rows(text: str, cell: int) -> list[bytes]:
    """Returns the text as strips of luma bytes, one per row of dots, with a border of one dot on all sides."""
    dots = {"1": bytes([INK]) * cell, "0": bytes([SHADE]) * cell}
    rows = ["".join(f"{DIGITS[letter][row]:05b}0" for letter in text) for row in range(ROWS)]
    blank = "0" * (COLUMNS * len(text))
    return [b"".join(dots[dot] for dot in f"0{row}") for row in (blank, *rows, blank)]


def paint(plane: memoryview, stride: int, text: str, *, left: int, top: int, cell: int) -> None:
    """Draws the text into a luma plane of `stride` bytes per line, with its top left corner at (left, top)."""
    for row, strip in enumerate(text_rows(text, cell)):
        for line in range(top + row * cell, top + (row + 1) * cell):
            start = line * stride + left
            plane[start : start + len(strip)] = strip


def bleach(plane: memoryview, stride: int, text: str, *, left: int, top: int, cell: int) -> None:
    """Removes the color under the text from a chroma plane of half the size. Parameters as in `paint`."""
    grey = bytes([128]) * ((1 + COLUMNS * len(text)) * cell // 2)
    for line in range(top // 2, (top + (ROWS + 2) * cell) // 2):
        start = line * stride + left // 2
        plane[start : start + len(grey)] = grey
